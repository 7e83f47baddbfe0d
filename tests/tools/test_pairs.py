"""Settings in pairs: the runs of a sweep, what is read from its tables, cells of a page."""

import argparse

import numpy as np
import pytest

from tools import headlines, scales
from tools.pairs import Runs, marked, per_cent, run
from tools.sense import curves_of
from ydsim import Model, load_scenario
from ydsim.agents.state import BY_CELL
from ydsim.errors import ResultsError
from ydsim.measures.diffusion import half_time
from ydsim.measures.effects import Interval
from ydsim.results.results import Results

TABLES = ("contracts", "adoption_curves", "generations")


def options(scenario, out, **more):
    return argparse.Namespace(scenario=scenario, replicates=2, jobs=1, out=out, **more)


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """Two settings of a synthetic region, of which the second has no ties across provinces."""
    asked = options("synthetic", tmp_path_factory.mktemp("runs") / "a", scale=0.05, end=2018)
    of = {"plain, as it is": {}, "apart": {"parameters.actors.cross_province": False}}
    return run("test", asked, of, ties=True, adoption=True, tables=TABLES)


@pytest.fixture(scope="module")
def model():
    """Replicate 1 of the first setting."""
    return Model(load_scenario("synthetic", {"scale": 0.05, "end": 2018}), replicate=1)


@pytest.mark.slow
def test_tables_give_what_the_model_counts(runs, model):
    number, ties, cells = np.zeros((5, 5)), 0.0, 0.0
    while model.running:
        model.step()
        number += model.state.tally.contracts.number
        ties += model.state.tally.links.contract[1].sum()
        cells += (model.state.adoptions.channel == BY_CELL).sum()
    (at,) = runs.plan.query("setting == 'plain, as it is' and replicate == 1").index
    assert sorted(runs.plan["setting"]) == ["apart"] * 2 + ["plain, as it is"] * 2
    sold, across = runs.contracts(["number"])
    assert sold["number"][at] == pytest.approx(number[:4].sum())
    inside = number[:4, :4]
    assert across["number"][at] == pytest.approx(inside.sum() - np.trace(inside))
    expected = runs.sums("ties", ["channel"], ["expected"]).query("channel == 'contract'")
    assert expected["expected"][at] == pytest.approx(ties)
    late = runs.sums("ties", ["channel"], ["expected"], "year >= 2015")
    assert late["expected"].sum() < runs.sums("ties", ["channel"], ["expected"])["expected"].sum()
    assert runs.number("adoption", "channel", "cell")[at] == cells
    ideas = runs.series(["ideas"]).groupby("run")["ideas"].sum()
    assert ideas[at] == pytest.approx(model.recorder.series("ideas").sum())
    curves = list(curves_of(model))
    assert curves
    assert all(len(time) == len(of) >= 24 and of.max() >= 600 for time, of in curves)
    assert runs.half_times(600.0)[at] == pytest.approx(np.median([half_time(*c) for c in curves]))
    assert np.isnan(runs.half_times(1e12)).all()


@pytest.mark.slow
def test_scales_measure_shares_of_what_is_sold(runs):
    values = scales.measure(runs)["plain, as it is"]
    series = runs.series(["coinventions", "inventions"]).groupby("run").sum(numeric_only=True)
    rate = series["coinventions"] / series["inventions"]
    ours = runs.plan["setting"] == "plain, as it is"
    assert sorted(values["co-invention rate"]) == pytest.approx(sorted(rate[ours]))
    assert (values["cross-province share of contracts"] > 0.0).all()
    assert (scales.measure(runs)["apart"]["cross-province share of contracts"] < 0.01).all()


@pytest.mark.slow
def test_values_are_by_setting_and_zero_where_a_run_has_none(runs):
    plan = runs.plan
    number = plan["replicate"] + 10.0 * (plan["setting"] == "apart")
    number[number == 1.0] = np.nan
    found = runs.by_setting({"x": number[number != 10.0]})
    assert found["plain, as it is"]["x"].tolist() == pytest.approx([0.0, np.nan], nan_ok=True)
    assert found["apart"]["x"].tolist() == [0.0, 11.0]


@pytest.mark.slow
def test_runs_that_are_not_finished_are_refused(runs, monkeypatch):
    monkeypatch.setattr(Results, "left", 1)
    with pytest.raises(ResultsError, match=str(runs.results.path)):
        Runs(runs.results, runs.settings)


def test_one_replicate_is_refused(capsys):
    with pytest.raises(SystemExit) as caught:
        headlines.main(["--replicates", "1"])
    assert caught.value.code == 2
    assert "--replicates" in capsys.readouterr().err


def test_cells_mark_intervals_that_hold_zero():
    nothing = float("nan")
    assert marked(Interval(1.0, 0.5, 1.5)) == "+1.00 [+0.50, +1.50]"
    assert "null" in marked(Interval(1.0, -0.5, 2.5))
    assert marked(Interval(nothing, nothing, nothing)) == "-"


def test_logs_change_in_hundredths_and_all_else_in_per_cent_of_its_mean():
    plain = {name: np.array([0.5, 1.5]) for name in ("log productivity", "R&D")}
    more = {name: value + 0.1 for name, value in plain.items()}
    assert per_cent(plain, more, "log productivity").estimate == pytest.approx(10.0)
    assert per_cent(plain, more, "R&D").estimate == pytest.approx(10.0)
    more = {name: value * 1.2 for name, value in plain.items()}
    assert per_cent(plain, more, "R&D").estimate == pytest.approx(20.0)
    assert per_cent({"x": np.zeros(2)}, {"x": np.ones(2)}, "x").estimate != 0.0
