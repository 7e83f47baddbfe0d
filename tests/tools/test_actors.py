"""Each group of actors does what it is for; pairs, their intervals, and runs that go on."""

from __future__ import annotations

import json

import numpy as np
import pytest
from scipy import stats

from tools import actors
from ydsim import Model
from ydsim.agents.organisations import INSTITUTE
from ydsim.agents.projects import INVENTION
from ydsim.agents.state import BY_CELL, BY_FOUNDER, BY_PARTNER
from ydsim.analysis import paired
from ydsim.analysis.paired import Job, by_setting, run_jobs
from ydsim.measures.effects import difference, ratio, relative

CHANGES = {"scale": 0.01, "end": 2013, "parameters.brokers.per_1000_firms": 5.0}
AGAIN = "baseline again"


@pytest.fixture(scope="module")
def values():
    todo = actors.jobs("baseline", CHANGES, 2)
    todo += [
        Job(AGAIN, job.scenario, job.changes, job.replicate)
        for job in todo
        if job.setting == actors.BASELINE
    ]
    return by_setting(todo, run_jobs(actors.measure, todo))


def change(values, switch, name):
    return actors.per_cent(values[actors.BASELINE], values[switch], name)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("switch", "name"),
    [
        ("universities", "inventions begun by universities"),
        ("institutes", "stages completed by projects of institutes"),
        ("funding", "R&D funded by governments"),
        ("intermediaries", "introductions by brokers"),
        ("intermediaries", "brokered deals"),
        ("media", "stories"),
    ],
)
def test_without_a_group_nothing_of_what_it_does_is_left(values, switch, name):
    assert (values[actors.BASELINE][name] > 0.0).all()
    assert (values[switch][name] == 0.0).all()
    gap = change(values, switch, name)
    assert (gap.estimate, gap.low, gap.high) == (-100.0, -100.0, -100.0)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("switch", "name", "largest"),
    [
        ("media", "awareness", -10.0),
        ("media", "adoptions through cells", -3.0),
        ("cross_province", "value of contracts between provinces", -60.0),
        ("cross_province", "co-inventions between provinces", -60.0),
    ],
)
def test_without_a_group_there_is_less_of_what_it_does(values, switch, name, largest):
    assert (values[switch][name] < values[actors.BASELINE][name]).all()
    assert change(values, switch, name).estimate < largest
    fewest = min(actors.PROXIMATE, key=lambda s: change(values, s, name).estimate)
    assert fewest == switch


@pytest.mark.slow
def test_without_media_awareness_is_one(values):
    assert (values["media"]["awareness"] == 1.0).all()
    assert (values["intermediaries"]["awareness"] > 1.0).all()


@pytest.mark.slow
def test_a_setting_compared_with_itself_changes_nothing_at_all(values):
    for name in values[actors.BASELINE]:
        gap = change(values, AGAIN, name)
        if not np.isnan(gap.estimate):
            assert (gap.estimate, gap.low, gap.high, gap.includes_zero) == (0.0, 0.0, 0.0, True)
    inventions = values[actors.BASELINE]["inventions"]
    assert inventions[0] != inventions[1]


def test_every_switch_of_the_scenario_is_tried():
    from ydsim.scenario.schema.sections.society import ActorParameters

    assert set(actors.PROXIMATE) == set(ActorParameters.model_fields)


@pytest.mark.slow
def test_sums_agree_with_what_is_recorded():
    job = actors.jobs("synthetic", {"scale": 0.02, "end": 2012}, 1)[0]
    kept = {}

    def measure(model, sums):
        kept.update(recorder=model.recorder, sums=sums)
        return actors.measure(model, sums)

    (found,) = run_jobs(measure, [job])
    series, sums = kept["recorder"].series, kept["sums"]
    assert sums.contracts["value"][:-1].sum() == pytest.approx(series("contract_value_true").sum())
    completed = sums.funnel["completed"]
    assert completed[INVENTION].sum() == pytest.approx(series("inventions").sum())
    adopted = sums.adoptions[[BY_FOUNDER, BY_CELL, BY_PARTNER]].sum()
    assert adopted == pytest.approx(series("adoptions").sum())
    assert found["stages completed by projects of institutes"] == completed[:, INSTITUTE, :].sum()
    assert np.isnan(found["adoption half-time"])


@pytest.mark.slow
def test_the_page_marks_what_is_null(values):
    page = actors.as_markdown(values, "baseline", CHANGES, "the command")
    assert "    the command\n" in page
    assert "2 replicates" in page
    assert "scenario " in page
    rows = [line for line in page.splitlines() if line.startswith("| media |")]
    assert len(rows) == len(actors.PROXIMATE["media"]) + 1
    assert "-100.00 [-100.00, -100.00] |" in rows[0]
    holds = sum(
        change(values, s, name).includes_zero for s in actors.PROXIMATE for name in actors.OUTCOMES
    )
    assert f"{holds} of 36 intervals hold zero" in page
    outcomes = page.split("## What becomes")[1]
    assert outcomes.count("**null**") == holds
    itself = {**values, **dict.fromkeys(actors.PROXIMATE, values[actors.BASELINE])}
    page = actors.as_markdown(itself, "baseline", CHANGES, "the command")
    assert f"no outcome differs: {', '.join(actors.PROXIMATE)}." in page.replace("\n", " ")


# -- intervals -------------------------------------------------------------------------------


def test_the_interval_of_a_difference_is_that_of_the_paired_t_test():
    draw = np.random.default_rng(1)
    x = draw.normal(5.0, 3.0, 12)
    y = x + draw.normal(0.4, 0.5, 12)
    gap = difference(x, y)
    test = stats.ttest_rel(y, x)
    want = test.confidence_interval(0.95)
    assert (gap.estimate, gap.low, gap.high) == pytest.approx((np.mean(y - x), want.low, want.high))
    assert gap.includes_zero == (test.pvalue > 0.05)
    assert not difference(x, x + 1.0).includes_zero
    with pytest.raises(ValueError, match="two replicates"):
        difference(x[:1], y[:1])


def test_the_interval_of_a_relative_change_covers_it_nineteen_times_in_twenty():
    draw = np.random.default_rng(2)
    covered = []
    for _ in range(2000):
        common = draw.normal(10.0, 1.0, 10)
        x, y = common + draw.normal(0.0, 0.3, 10), 1.2 * common + draw.normal(0.0, 0.3, 10)
        gap = relative(x, y)
        assert gap.estimate == pytest.approx(np.mean(y - x) / x.mean())
        covered.append(gap.low <= 0.2 <= gap.high)
    assert abs(np.mean(covered) - 0.95) < 0.015


def test_ratios_do_not_feel_what_scales_both():
    x = np.array([1.0, 2.0, 4.0])
    assert ratio(x, 3.0 * x) == pytest.approx((3.0, 0.0))
    assert ratio(5.0 * x, x + 1.0) == pytest.approx(tuple(v / 5.0 for v in ratio(x, x + 1.0)))
    assert np.isnan(ratio(0.0 * x, x)).all()
    gap, turned = relative(x, 2.0 * x + [0.0, 1.0, 0.0]), relative(-x, -2.0 * x - [0.0, 1.0, 0.0])
    assert (gap.estimate, gap.low, gap.high) == (turned.estimate, turned.low, turned.high)
    assert gap.low < gap.high


# -- runs that go on -------------------------------------------------------------------------


def fake(setting, replicate):
    return Job(setting, "baseline", (("scale", 0.01),), replicate)


@pytest.fixture
def calls(monkeypatch):
    made = []

    def run(runs, engine, *, take, report):
        for at, one in enumerate(runs):
            made.append((one.scenario.scale, one.replicate))
            take(at, {"x": float(len(made))})

    monkeypatch.setattr(paired, "measure_runs", run)
    return made


def test_a_broken_analysis_goes_on_where_it_stopped(calls, tmp_path):
    keep = tmp_path / "kept.jsonl"
    first = [fake("a", 0), fake("a", 1)]
    found = run_jobs(actors.measure, first, keep=keep)
    keep.write_text(keep.read_text() + '\n["half a li')
    found = run_jobs(actors.measure, [fake("b", 0), *first], keep=keep)
    assert calls == [(0.01, 0), (0.01, 1), (0.01, 0)]
    assert [f["x"] for f in found] == [3.0, 1.0, 2.0]
    again = run_jobs(actors.measure, [*first, fake("b", 0)], keep=keep)
    assert [f["x"] for f in again] == [1.0, 2.0, 3.0]
    assert len(calls) == 3
    longer = Job("a", "baseline", (("scale", 0.02),), 0)
    run_jobs(actors.measure, [longer], keep=keep)
    assert len(calls) == 4


def test_results_of_another_version_are_not_taken(calls, tmp_path, monkeypatch):
    keep = tmp_path / "kept.jsonl"
    run_jobs(actors.measure, [fake("a", 0)], keep=keep)
    monkeypatch.setattr(paired, "code_digest", lambda: "other")
    run_jobs(actors.measure, [fake("a", 0)], keep=keep)
    assert len(calls) == 2
    lines = [json.loads(line) for line in keep.read_text().splitlines() if line]
    assert len({line[0] for line in lines}) == 2


@pytest.mark.slow
def test_progress_says_how_many_are_done(capsys):
    todo = actors.jobs("synthetic", {"scale": 0.01, "end": 2011}, 1)[:2]
    run_jobs(actors.measure, todo)
    lines = capsys.readouterr().err.splitlines()
    assert "runs/s, " in lines[4]
    assert lines[-1].startswith("2/2 runs, 100%, ")


@pytest.mark.slow
def test_two_processes_find_the_same_as_one():
    todo = actors.jobs("synthetic", {"scale": 0.01, "end": 2011}, 1)[:3]
    alone = run_jobs(actors.measure, todo)
    together = run_jobs(actors.measure, todo, workers=2)
    for one, other in zip(alone, together, strict=True):
        assert one.keys() == other.keys()
        assert all(other[name] == pytest.approx(one[name], nan_ok=True, rel=0) for name in one)


def test_the_digest_follows_the_code_of_the_model(tmp_path, monkeypatch):
    (tmp_path / "processes").mkdir()
    (tmp_path / "analysis").mkdir()
    rule, page = tmp_path / "processes" / "rule.py", tmp_path / "analysis" / "page.py"
    for path in (tmp_path / "__init__.py", rule, page):
        path.write_text("1")
    monkeypatch.setattr(paired.ydsim, "__file__", str(tmp_path / "__init__.py"))
    before = paired.code_digest()
    page.write_text("2")
    assert paired.code_digest() == before
    rule.write_text("2")
    assert paired.code_digest() != before


@pytest.mark.slow
def test_models_step_as_in_a_plain_run():
    job = Job("a", "synthetic", (("scale", 0.01), ("end", 2012)), 1)
    (found,) = run_jobs(lambda model, _: {"x": float(model.recorder.series("ideas").sum())}, [job])
    from ydsim import load_scenario

    plain = Model(load_scenario("synthetic", {"scale": 0.01, "end": 2012}), replicate=1).run()
    assert found["x"] == plain.recorder.series("ideas").sum()
