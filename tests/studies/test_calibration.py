"""Planted parameters are found again, ridges are named, and a folder belongs to one calibration."""

import json
import math

import numpy as np
import pandas as pd
import pytest

import ydsim
from tests.support.fake_run import FakeModel
from tests.support.sweep_files import stand_in
from ydsim.cli import main
from ydsim.errors import InputError, ResultsError, ScenarioError, UsageError
from ydsim.record.indicators import INDICATORS
from ydsim.scenario.load import load_scenario
from ydsim.studies import calibration, calibration_plan
from ydsim.studies.calibration_plan import RANGES
from ydsim.studies.study import COLUMNS
from ydsim.studies.validation import load_targets, simulated

IDEAS, RESERVE, SHARE = (
    f"parameters.{name}" for name in ("explore.ideas", "match.reserve", "chain.project_share")
)
SMALL = {"end": 2015, "parameters.population.burn_in": 4, "start": 2014, "scale": 0.01}
HEAD = "name,family,reading,indicator,first,last,value,tolerance\n"
RANGED = "name,reading,indicator,first,last,low,high\n"
PLANTED = (
    f"spending,R&D,level,rd_expenditure,2014,2015,{40.0 * math.exp(4.0 * 0.12)},0.02\n"
    "order,other,mean,coupling,2014,2015,2.55,0.05\n"
    "later,other,mean,coupling,2016,2016,1,0.05\n"
    "early,early,level,rd_expenditure,2014,2014,VALUE,0.05\n".replace(
        "VALUE", str(40.0 * math.exp(4.0 * 0.12))
    )
)


RECORDED = {name: INDICATORS[name] for name in ("rd_expenditure", "coupling")}


class Planted(FakeModel):
    """R&D tells of ideas alone, coupling of a sum of the two others."""

    def tables(self):
        series, p = self.keys(), self.scenario.parameters
        chance = 1.0 + 0.01 * self.draw(6, len(series["year"])) / 333.0
        series["rd_expenditure"] = 10.0 * math.exp(4.0 * p.explore.ideas) * chance
        series["coupling"] = p.match.reserve + 3.0 * (p.chain.project_share - 0.75) + chance - 1.0
        return {"series": series}


@pytest.fixture
def fakes(monkeypatch, tmp_path):
    stand_in(monkeypatch, Planted, RECORDED)
    (tmp_path / "targets.csv").write_text(HEAD + PLANTED, encoding="utf-8")
    return tmp_path


def calibrated(folder, *, targets="targets.csv", **options):
    options = {"waves": 2, "points": 24, "members": 6, "draws": 20_000, "jobs": 1, **options}
    options = {"out": folder / "out", **options}
    return calibration.run(
        "synthetic", SMALL, vary=[IDEAS, RESERVE, SHARE], targets=folder / targets, **options
    )


@pytest.mark.slow
def test_what_was_planted_is_found_and_a_ridge_is_named(fakes):
    found = calibrated(fakes)
    table = found.table.set_index("outcome")
    assert list(found.table)[: len(COLUMNS)] == list(COLUMNS)
    ideas = table.loc[IDEAS]
    assert ideas["low"] < 0.12 < ideas["high"]
    assert ideas["estimate"] == pytest.approx(0.12, abs=0.004)
    assert ideas["ratio"] < 0.05
    assert table["state"].tolist() == ["known", "on a ridge", "on a ridge"]
    assert found.known.ridges == ((1, 2),)
    assert found.known.ratios[:2].max() < 0.2
    sums = found.values[RESERVE] + 3.0 * (found.values[SHARE] - 0.75)
    assert sums.to_numpy() == pytest.approx(2.55, abs=0.2)
    assert found.members["weight"].tolist() == [pytest.approx(1.0 / 6.0)] * 6
    targets = found.targets.set_index("target")
    assert targets["used"].to_dict() == {
        "spending": True, "order": True, "later": False, "early": True
    }  # fmt: skip
    early = found.fitted.weights(until=2014)[found.chosen] / found.weights[found.chosen]
    assert found.members["weight_2014"].tolist() == pytest.approx(early / early.sum())
    adds = found.families.set_index(["family", "parameter"])
    assert adds.loc[("R&D", IDEAS), "without"] > adds.loc[("R&D", IDEAS), "ratio"]
    assert adds.loc[("other", RESERVE), "without"] == pytest.approx(1.0, abs=0.2)
    assert found.waves["points"].tolist() == [24, 24]
    again = calibrated(fakes)
    pd.testing.assert_frame_equal(again.members, found.members)
    files = {path.name for path in found.write(fakes / "files")}
    tables = ("calibration", "targets", "waves", "directions", "members", "families")
    assert files == {*(f"{name}.csv" for name in tables), "calibration.md", "calibration.png"}
    written = pd.read_csv(fakes / "files" / "members.csv")
    assert written["central"].sum() == 1
    assert {IDEAS, RESERVE, SHARE, "weight"} < set(written)
    assert written[IDEAS].tolist() == pytest.approx(found.values[IDEAS].tolist())


@pytest.mark.slow
def test_a_folder_goes_on_and_refuses_another_calibration(fakes):
    def stop(*_, **__):
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(calibration._Work, "fit", stop)
        with pytest.raises(KeyboardInterrupt):
            calibrated(fakes)
    assert [path.name for path in (fakes / "out").iterdir()] == ["wave-1"]
    before = {path: path.read_bytes() for path in (fakes / "out").rglob("*.parquet")}
    first = calibrated(fakes)
    assert all(path.read_bytes() == text for path, text in before.items())
    assert len(first.chosen) == 6
    (fakes / "wide.csv").write_text(HEAD + PLANTED.replace(",0.02\n", ",0.2\n"), encoding="utf-8")
    for other in ({"targets": "wide.csv"}, {"points": 30}, {"members": 9}):
        with pytest.raises(ResultsError, match="another folder"):
            calibrated(fakes, **other)


@pytest.mark.slow
def test_other_figures_need_no_run(fakes):
    """A posterior by the runs of another calibration is that of one of its own."""
    calibrated(fakes)
    before = sorted((fakes / "out").rglob("*"))
    wider = HEAD + PLANTED.replace(",0.02\n", ",0.2\n")
    (fakes / "wide.csv").write_text(wider, encoding="utf-8")
    taken = {"of": fakes / "out", "out": fakes / "again"}
    same, wide = (calibrated(fakes, targets=f"{name}.csv", **taken) for name in ("targets", "wide"))
    first = calibrated(fakes)
    for column in ("low", "estimate", "high", "ratio"):
        assert same.table[column].tolist() == first.table[column].tolist()
    assert wide.table.loc[0, "ratio"] > 5.0 * same.table.loc[0, "ratio"]
    # of a target that it did not have, there is an emulator of the same runs
    more = wider + "before,other,mean,coupling,2014,2014,2.55,0.05\n"
    (fakes / "more.csv").write_text(more, encoding="utf-8")
    added = calibrated(fakes, targets="more.csv", **taken).targets.set_index("target")
    assert added["used"].sum() == wide.targets["used"].sum() + 1
    assert added.loc["before", "members"] == pytest.approx(2.55, abs=0.2)
    assert sorted((fakes / "out").rglob("*")) == before
    (fakes / "out" / calibration.KEPT).write_bytes(b"PK\x03\x04 not a file of arrays")
    for options, error, said in (
        (taken, ResultsError, "cannot be read"),
        (taken | {"out": fakes / "out"}, UsageError, "another folder"),
        (taken | {"of": fakes / "nowhere"}, ResultsError, "not there"),
        (taken | {"truth_runs": 4}, UsageError, "runs of their own"),
    ):
        with pytest.raises(error, match=said):
            calibrated(fakes, **options)


@pytest.mark.slow
def test_scales_of_waves_and_the_command(fakes, capsys):
    """Emulators have one more coordinate and are asked at the scale of the last wave."""
    settings = {key: value for key, value in SMALL.items() if key != "scale"}
    line = ["calibrate", "synthetic", "--waves", "2", "--scales", "0.01,0.02", "--points", "16"]
    line += ["--members", "4", "--targets", str(fakes / "targets.csv"), "-o", str(fakes / "out")]
    line += [word for key, value in settings.items() for word in ("--set", f"{key}={value}")]
    line += ["--vary", IDEAS, "--vary", f"{RESERVE}=2:3", "--json", "-q", "-j", "1"]
    assert main(line) == 0
    found = json.loads(capsys.readouterr().out)
    assert (len(found["table"]), found["failed"]) == (2, 0)
    waves = pd.read_csv(fakes / "out" / "waves.csv")
    assert waves["scale"].tolist() == [0.01, 0.02]
    assert found["table"][0]["estimate"] == pytest.approx(0.12, abs=0.01)
    assert main([*line, "--set", "scale=0.01"]) == 2
    assert "scale" in capsys.readouterr().err


@pytest.mark.slow
def test_where_a_target_is_not_met_the_nearest_points_are_left(fakes):
    far = PLANTED.replace(",2.55,", ",9.9,")
    (fakes / "far.csv").write_text(HEAD + far, encoding="utf-8")
    found = calibrated(fakes, targets="far.csv")
    assert found.values[RESERVE].min() > 2.8  # as near to 9.9 as it can come
    exact = PLANTED.replace(",0.02\n", ",1e-9\n").replace(",0.05\n", ",1e-9\n")
    (fakes / "exact.csv").write_text(HEAD + exact, encoding="utf-8")
    sharp = calibrated(fakes, targets="exact.csv", out=fakes / "exact")
    assert np.isfinite(sharp.table["estimate"].astype(float)).all()
    assert sharp.text
    only = HEAD + "later,other,mean,coupling,2016,2016,1,0.05\n"
    (fakes / "none.csv").write_text(only, encoding="utf-8")
    with pytest.raises(UsageError, match="no target differs"):
        calibrated(fakes, targets="none.csv", until=2016, out=fakes / "none")


@pytest.mark.slow
def test_known_truths_are_held_by_emulators_and_by_runs(fakes):
    found = calibrated(fakes, truths=60, truth_runs=20)
    assert set(found.tried) == {"emulators", "runs"}
    table = found.coverage.set_index(["figures", "parameter"])
    assert table.loc["emulators", "truths"].eq(60).all()
    assert (table["distance"] <= table["limit"]).all()
    assert (table["held"].dropna() >= 0.75).all()
    assert table.loc[("runs", IDEAS), "narrowed"] < 0.3
    assert "known truths" in found.paragraph
    assert "coverage" in found.tables
    again = calibrated(fakes, truths=60, truth_runs=20)
    pd.testing.assert_frame_equal(again.coverage, found.coverage)


# -- what is asked for -----------------------------------------------------------------------------


@pytest.mark.slow
def test_ranges_of_the_package_lie_in_the_schema_and_hold_the_defaults():
    plan = calibration_plan.design("baseline")
    assert plan.keys == tuple(RANGES)
    assert len(plan.ranges) == 27
    assert plan.wave_points == 10 * len(plan.ranges)
    shares = plan.points([plan.default])
    assert ((shares >= 0.0) & (shares <= 1.0)).all()
    assert plan.values(shares)[0] == pytest.approx(plan.default, rel=1e-8)
    assert all(one.train and not one.anchored and one.years[1] <= 2017 for one in plan.counted)
    assert calibration_plan.design("baseline", until=2014).counted != plan.counted


@pytest.mark.parametrize(
    ("options", "error", "said"),
    [
        ({"vary": ["parameters.explore.idea"]}, UsageError, "parameters.explore.ideas"),
        ({"vary": [f"{IDEAS}=0.1,0.2"]}, UsageError, IDEAS),
        ({"vary": [f"{IDEAS}=0.1:"]}, UsageError, IDEAS),
        ({"vary": [f"{IDEAS}=0.1:11"]}, ScenarioError, IDEAS),
        ({"vary": ["parameters.explore.idaes=0.1:0.2"]}, ScenarioError, "ideas"),
        ({"overrides": {IDEAS: 0.1}}, ScenarioError, IDEAS),
        ({"waves": 0}, UsageError, "waves"),
        ({"waves": 1, "scales": (0.01, 0.02)}, UsageError, "scales"),
        ({"scenario": "baseline", "points": 3}, UsageError, "points"),
        ({"scenario": "baseline", "truths": -1}, UsageError, "truths"),
        ({"until": 1990}, UsageError, "1990"),
        ({"targets": "nothing.csv"}, InputError, "nothing.csv"),
    ],
)
def test_bad_input_is_refused_before_anything_runs(options, error, said):
    with pytest.raises(error) as found:
        calibration_plan.design(**{"scenario": "synthetic", **options})
    assert said in str(found.value)


def test_without_scikit_learn_one_line_says_so(monkeypatch):
    monkeypatch.setattr("ydsim.studies.study.find_spec", lambda name: None)
    with pytest.raises(UsageError) as found:
        calibration_plan.design("baseline")
    assert "scikit-learn" in str(found.value)
    assert "\n" not in str(found.value)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("a,f,levl,sci_papers,2013,2014,9,0.1", "2: reading: .*level"),
        ("a,f,level,sci_paper,2013,2014,9,0.1", "2: indicator: .*sci_papers"),
        ("a,f,level,sci_papers,2013,2014,x,0.1", "2: value"),
        ("a,f,level,sci_papers,2013,2014,-9,0.1", "2: value"),
        ("a,f,level,sci_papers,2013,2014,9,", "2: tolerance"),
        ("a,f,level,sci_papers,2013,2014,9,0", "2: tolerance"),
        ("a,f,level,sci_papers,2014,2013,9,0.1", "2: last"),
        ("a,f,level,sci_papers,2030,2031,,0.1", "2: value"),
        ("a,f,level,sci_papers,2013,2014,9,1\na,f,level,sci_papers,2013,2014,9,1", "3: name"),
        (f"{RANGED}a,level,sci_papers,2013,2014,200,100", "2: low"),
        (f"{RANGED}a,level,sci_papers,2013,2014,100,100", "2: low"),
    ],
)
def test_a_file_of_targets_says_what_is_wrong_with_it(tmp_path, row, said):
    text = row if row.startswith(RANGED) else HEAD + row
    (tmp_path / "own.csv").write_text(text + "\n", encoding="utf-8")
    with pytest.raises(InputError, match=rf"own\.csv:{said}"):
        load_targets(file=tmp_path / "own.csv")


@pytest.mark.slow
def test_targets_of_ones_own_are_read_like_those_of_the_package(tmp_path):
    rows = "a,,growth,sci_papers,2012,2017,,0.03\nb,,level,sci_papers,2015,2016,100,0.1\n"
    (tmp_path / "own.csv").write_text(HEAD + rows, encoding="utf-8")
    growth, level = load_targets(file=tmp_path / "own.csv")
    packaged = next(one for one in load_targets() if one.name == "sci_papers.growth")
    assert growth.value == pytest.approx(packaged.value)
    assert (level.value, level.family) == (pytest.approx(math.log(100.0)), "b")
    assert (level.low, level.high) == pytest.approx((level.value - 0.2, level.value + 0.2))
    assert growth.train
    assert not growth.anchored


# -- the model itself ------------------------------------------------------------------------------

TRUTH = {
    "parameters.invest.intensity": 0.031,
    "parameters.explore.ideas": 0.2,
    "parameters.contracts.market": 0.6,
}
ASKED = ["parameters.invest.intensity=0.02:0.038", *list(TRUTH)[1:]]
READ = (
    "rd_expenditure", "invention_patent_applications", "tech_market_contract_value_output",
    "tech_market_contracts_output",
)  # fmt: skip


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_parameters_of_the_model_are_recovered(tmp_path):
    """Targets are a run with known values; 24 runs and six members say which those were."""
    small = {"end": 2014, "scale": 0.01}
    planted = ydsim.simulate("baseline", {**small, **TRUTH, "seed": 77, "replicates": 2})
    rows = "".join(f"{name},,level,{name},2013,2014,1,0.02\n" for name in READ)
    path = tmp_path / "own.csv"
    path.write_text(HEAD + rows, encoding="utf-8")
    values = np.exp(simulated(planted, load_targets(file=path)).mean())
    rows = "".join(f"{name},,level,{name},2013,2014,{values[name]},0.02\n" for name in READ)
    path.write_text(HEAD + rows, encoding="utf-8")
    found = calibration.run(
        "baseline", small, vary=ASKED, targets=path, waves=1, points=24, members=6,
        out=tmp_path / "out", draws=50_000, jobs=2,
    )  # fmt: skip
    table = found.table.set_index("outcome")
    spans = table["to"] - table["from"]
    for key, value in TRUTH.items():
        row = table.loc[key]
        assert row["low"] <= value <= row["high"], key
        assert abs(row["estimate"] - value) < 0.15 * spans[key], key
        assert row["state"] == "known", key
    away = found.targets.set_index("target")
    assert (away["members_away"] < away["default_away"]).all()
    assert load_scenario("baseline").parameters.explore.ideas != TRUTH[IDEAS]
