"""Planted factors are found, with size, order and sign; SALib's figures are passed on."""

import json
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.support import fake_sweep as fake
from tests.support import known_sweeps
from tests.support.made_sweep import BORDER, RATE, make_sweep
from tests.support.sweep_files import stand_in
from ydsim.cli import main
from ydsim.design.factors import place_in_list, share_of_range
from ydsim.errors import NothingToDrawError, ResultsError, UsageError
from ydsim.measures import designs as measures
from ydsim.plots.drawing import draw
from ydsim.results.results import open_results
from ydsim.results.sample import Sample, read_samples
from ydsim.studies import sensitivity
from ydsim.studies.study import COLUMNS

MORRIS = {"kind": "morris", "trajectories": 4, "seed": 3}
SALTELLI = {"kind": "saltelli", "n": 8, "second_order": True, "seed": 3}
TORNADO = {"kind": "one_at_a_time"}
LHS = {"kind": "latin_hypercube", "n": 24, "seed": 3}
OUTCOME = "rd_expenditure"
EXACT = {"x1": 30.0, "x2": -20.0, "x3": 5.0}


def saltelli(n, *, second=False):
    return {**SALTELLI, "n": n, "second_order": second, "seed": 2}


def run(tmp_path, design, model=known_sweeps.PlantedModel, *, replicates=2, name="out", **extra):
    what = known_sweeps.sweep(tmp_path / "files", design, 3, replicates=replicates, **extra)
    return fake.run(tmp_path / name, model, what=what)


def by_name(ranking):
    return ranking.table.set_index("factor")


# -- methods, on functions -------------------------------------------------------------------------


def test_signs_of_sobol_indices(tmp_path):
    sample = known_sweeps.sample(tmp_path, saltelli(64), 3, lambda u: 3 * u[:, 0] - 2 * u[:, 1])
    found = by_name(sensitivity.sobol_indices(sample))
    assert found["direction"].to_dict() == {"x1": "raises", "x2": "lowers", "x3": "either way"}
    assert found["shown"].to_dict() == {"x1": True, "x2": True, "x3": False}
    assert found["n"].tolist() == [64, 64, 64]


def test_sobol_indices_are_what_salib_says(tmp_path):
    from SALib.analyze import sobol as oracle

    sample = known_sweeps.sample(tmp_path, saltelli(16, second=True), 3, known_sweeps.ishigami)
    said = oracle.analyze(sample.settings["problem"], sample.means, seed=1)
    found = sensitivity.sobol_indices(sample)
    table, pairs = by_name(found).loc[["x1", "x2", "x3"]], found.tables["sobol_pairs"]
    for value, low, name in (("estimate", "low", "ST"), ("first", "first_low", "S1")):
        assert table[value].to_numpy() == pytest.approx(said[name])
        half = (table[value] - table[low]).to_numpy()
        assert half == pytest.approx(said[f"{name}_conf"], rel=0.2)
    assert (table["high"] + table["low"]).to_numpy() == pytest.approx(2.0 * table["estimate"])
    assert (table["n"] == 16).all()
    assert table["shown"].tolist() == [False, True, True]  # the interval of x1 holds 0
    assert pairs["factor"].tolist() == ["x1", "x1", "x2"]
    assert pairs["other"].tolist() == ["x2", "x3", "x3"]
    assert pairs["second"].tolist() == pytest.approx(said["S2"][np.triu_indices(3, 1)].tolist())
    with pytest.raises(ResultsError, match="launches"):
        sensitivity.sobol_indices(
            known_sweeps.sample(tmp_path, saltelli(8), 2, lambda u: 0.0 * u[:, 0])
        )


def test_morris_of_a_linear_function_is_exact(tmp_path):
    design = {**MORRIS, "trajectories": 20}
    sample = known_sweeps.sample(tmp_path, design, 4, lambda u: u @ np.array([8.0, -4.0, 2.0, 0.0]))
    found = sensitivity.elementary_effects(sample)
    table = found.table
    assert table["factor"].tolist() == ["x1", "x2", "x3", "x4"]
    assert table["mu"].to_numpy() == pytest.approx([8.0, -4.0, 2.0, 0.0], abs=1e-6)
    assert table["estimate"].to_numpy() == pytest.approx([8.0, 4.0, 2.0, 0.0], abs=1e-6)
    assert table["sigma"].to_numpy() == pytest.approx(0.0, abs=1e-6)
    assert table["n"].tolist() == [20] * 4
    ranks = [table[name].tolist() for name in ("rank", "best_rank", "worst_rank")]
    assert ranks == [[1, 2, 3, 4]] * 3
    assert table["direction"].tolist()[:3] == ["raises", "lowers", "raises"]
    assert table["shown"].tolist() == [True, True, True, False]
    assert found.leaders == (["x1"], True)


def test_morris_on_lists_and_logarithms(tmp_path):
    factors = {
        known_sweeps.KEYS[0]: {"from": 0.05, "to": 0.2, "log": True, "label": "a"},
        known_sweeps.KEYS[1]: {"values": [0.1, 0.5], "label": "b"},
        "parameters.match.consortium": {"from": 2, "to": 5, "label": "c"},
    }
    loaded = known_sweeps.sweep(tmp_path, {**MORRIS, "trajectories": 20, "factors": factors}, 0)
    columns = {name: loaded.points[name].to_numpy() for name in "abc"}
    cards = {card["label"]: card for card in loaded.spec["factors"]}
    a = share_of_range(cards["a"], columns["a"])
    assert sorted(set(np.round(a, 6))) == pytest.approx([0.0, 1 / 3, 2 / 3, 1.0], abs=1e-6)
    b = place_in_list(cards["b"], columns["b"])
    assert set(b.tolist()) == {0.0, 1.0}
    y = 6.0 * a - 3.0 * b
    sample = Sample("launches", "items", "", "yrd", "", "morris", loaded.spec["settings"],
                    tuple(loaded.spec["factors"]), columns, y[:, None], True)  # fmt: skip
    found = by_name(sensitivity.elementary_effects(sample))["mu"].to_dict()
    # a step of 2/3 of a list of two is the whole way between its values
    assert found == pytest.approx({"a": 6.0, "b": -3.0 / (2 / 3), "c": 0.0}, abs=1e-5)


def test_morris_does_not_take_noise_for_an_effect(tmp_path):
    """mu* of a factor without effect is near the floor, which shrinks with replicates."""
    floors = []
    for replicates in (4, 16):
        sample = known_sweeps.sample(
            tmp_path, {**MORRIS, "trajectories": 60}, 4, lambda u: 40.0 * u[:, 0],
            replicates=replicates, noise=4.0, shared=50.0,
        )  # fmt: skip
        found = by_name(sensitivity.elementary_effects(sample))
        floor = found["noise_floor"].iloc[0]
        assert found.loc[["x2", "x3", "x4"], "estimate"].mean() == pytest.approx(floor, rel=0.12)
        assert found.loc["x1", "shown"]
        half = 2.0009953780882674 * found["sigma"] / math.sqrt(60)  # t of 59 degrees of freedom
        assert (found["mu_high"] - found["mu"]).to_numpy() == pytest.approx(half.to_numpy())
        assert (found["mu"] - found["mu_low"]).to_numpy() == pytest.approx(half.to_numpy())
        floors.append(floor)
    assert floors[1] == pytest.approx(floors[0] / 2.0, rel=0.1)


def test_a_size_is_not_below_zero(tmp_path):
    """Two trajectories that disagree: 1.96 sd of resamples reaches beyond zero."""
    design = {**MORRIS, "trajectories": 2, "seed": 7}
    sample = known_sweeps.sample(tmp_path, design, 3, lambda u: 8 * u[:, 0] * (u[:, 1] > 0.5))
    found = sensitivity.elementary_effects(sample).table
    assert found["estimate"].tolist() == pytest.approx([6.0, 4.0, 0.0])
    assert found["low"].tolist() == [0.0, 0.0, 0.0]
    assert (found["high"][:2] > 9.0).all()


def tornado_of(rows, *, paired=True):
    """Two factors with two values each beside the base, whose row is the first."""
    factors = tuple(
        {"label": name, "key": "", "levels": [{"value": v} for v in (1, 2, 3)]}
        for name in ("x1", "x2")
    )
    columns = {"x1": np.zeros(5), "x2": np.zeros(5)}
    return Sample("launches", "items", "", "yrd", "", "one_at_a_time", {}, factors, columns,
                  np.array(rows, dtype=float), paired)  # fmt: skip


def test_tornado_is_paired():
    """What replicates share cancels: intervals are those of the differences."""
    base, shared = np.array([10.0, 20.0, 30.0]), np.array([0.0, 1.0, 2.0])
    rows = [base, base + 5.0, base - 1.0, base + shared - 1.0, base - 8.0 - shared]
    found = sensitivity.tornado(tornado_of(rows))
    steps = found.tables["tornado"]
    assert steps["effect"].tolist() == [5.0, -1.0, 0.0, -9.0]
    assert (steps["low"].iloc[0], steps["high"].iloc[0]) == (5.0, 5.0)
    half = 4.302652729911275 / math.sqrt(3.0)  # t of 2 degrees of freedom, sd 1
    ends = steps[["low", "high"]].iloc[3].tolist()
    assert ends == pytest.approx([-9.0 - half, -9.0 + half])
    table = found.table
    assert table["factor"].tolist() == ["x2", "x1"]
    assert table["direction"].tolist() == ["lowers", "raises and lowers"]
    assert table["step"].tolist() == ["1 -> 3", "1 -> 2"]
    assert table["low"].tolist() == pytest.approx([9.0 - half, 5.0])
    assert table["high"].tolist() == pytest.approx([9.0 + half, 5.0])
    assert table["n"].tolist() == [3, 3]


def test_a_direction_is_that_of_a_higher_value_not_of_the_largest_step():
    base, step = np.array([10.0, 20.0, 30.0]), np.array([-0.1, 0.0, 0.1])
    found = tornado_of([base, base + 5.0, base - 1.0, base - 4.0, base - 8.0 + 100.0 * step])
    for factor in found.factors:  # from 2 down to 1, and up to 3
        factor["levels"][:] = [{"value": v} for v in (2, 1, 3)]
    table = by_name(sensitivity.tornado(found))
    assert table["direction"].to_dict() == {"x1": "lowers", "x2": "raises"}  # one step is not sure
    for factor in found.factors:  # multiples of odds are numbers, and none leaves them
        factor["levels"][:] = [{"value": v} for v in ("none", "x0.5", "x3")]
    again = by_name(sensitivity.tornado(found))
    assert again["direction"].to_dict() == table["direction"].to_dict()
    for factor in found.factors:
        factor["levels"][:] = [{"value": v} for v in ("none", "some", "x3")]
    assert set(by_name(sensitivity.tornado(found))["direction"]) == {"no order"}


def test_first_order_indices_beyond_the_whole_are_called_too_few(tmp_path):
    sample = known_sweeps.sample(tmp_path, saltelli(64), 3, lambda u: 3 * u[:, 0] - 2 * u[:, 1])
    (plain, *_) = sensitivity.sobol_indices(sample).remarks
    assert "too small" not in plain
    small = known_sweeps.sample(tmp_path / "b", saltelli(4), 3, known_sweeps.ishigami)
    found = sensitivity.sobol_indices(small)
    assert found.table["first"].sum() > 1.0
    assert "too small" in found.remarks[0]


def test_tornado_without_pairs_and_without_replicates():
    base = np.array([10.0, 20.0, 30.0])
    rows = [base, base + 5.0, base - 1.0, base, base + 8.0]
    apart = by_name(sensitivity.tornado(tornado_of(rows, paired=False)))
    assert not apart["shown"].any()  # without pairs 5 is lost in 10, 20, 30
    assert apart["low"].tolist() == [0.0, 0.0]
    for paired in (True, False):
        table = sensitivity.tornado(tornado_of(np.array(rows)[:, :2], paired=paired)).table
        assert table["low"].isna().all()
        assert not table["shown"].any()
        assert table[["best_rank", "worst_rank"]].to_numpy().tolist() == [[1, 2], [1, 2]]
    short = np.array(rows)
    short[3:, 2] = np.nan  # x2 has two replicates, and their pairs count
    assert by_name(sensitivity.tornado(tornado_of(short)))["n"].to_dict() == {"x1": 3, "x2": 2}


def test_noise_against_sums_by_hand():
    rng = np.random.default_rng(4)
    values = rng.standard_normal((5, 3))
    y, p, r = values.mean(), values.mean(1), values.mean(0)
    rest = sum((values[i, k] - p[i] - r[k] + y) ** 2 for i in range(5) for k in range(3))
    assert measures.noise_variance(values, paired=True) == pytest.approx(rest / 8.0)
    inner = sum((values[i, k] - p[i]) ** 2 for i in range(5) for k in range(3))
    assert measures.noise_variance(values, paired=False) == pytest.approx(inner / 10.0)
    values[0, 2] = np.nan
    inner = sum(((row - row.mean()) ** 2).sum() for row in (values[0, :2], *values[1:]))
    assert measures.noise_variance(values, paired=True) == pytest.approx(inner / 9.0)
    assert measures.means_of(values)[0] == pytest.approx(values[0, :2].mean())
    whole = measures.noise_variance(values, paired=True) * (1 / 2 + 4 / 3) / 5
    assert measures.noise_of_means(values, paired=True) == pytest.approx(whole)
    share = whole / measures.means_of(values).var(ddof=1)
    assert measures.noise_share(values, paired=True) == pytest.approx(min(share, 1.0))
    assert math.isnan(measures.noise_share(values[:, :1], paired=True))


def test_ranks_and_signs_are_those_that_intervals_allow():
    low = np.array([9.0, 6.0, 5.0, 0.0, 0.0])
    high = np.array([11.0, 8.0, 7.0, 1.0, 20.0])
    best, worst = measures.ranks(low, high)
    assert list(zip(best, worst, strict=True)) == [(1, 2), (2, 4), (2, 4), (4, 5), (1, 5)]
    low = np.array([0.5, -2.0, -0.5, np.nan, np.nan])
    high = np.array([2.0, -0.5, 2.0, np.nan, np.nan])
    assert measures.signs(low, high).tolist() == [1, -1, 0, 0, 0]
    near, far = measures.sizes(low[:3], high[:3])
    assert (near.tolist(), far.tolist()) == ([0.5, 0.5, 0.0], [2.0, 2.0, 2.0])


def test_leaders_of_a_tie():
    """A factor that is not shown and whose interval reaches the first may be first too."""
    rows = {"factor": list("abc"), "low": [4.0, 3.0, 0.0], "high": [6.0, 5.0, 4.5]}
    table = pd.DataFrame({**rows, "shown": [True, True, False]})

    def leaders(table):
        return sensitivity.Ranking(None, "", table, {}, ()).leaders

    assert leaders(table) == (["a", "b"], False)
    assert leaders(table.assign(high=[6.0, 5.0, 3.9])) == (["a", "b"], True)
    assert leaders(table.assign(high=[6.0, 3.5, 3.9])) == (["a"], True)
    assert leaders(table.assign(shown=False)) == ([], False)


# -- from stored runs ------------------------------------------------------------------------------


def test_morris_from_stored_runs(tmp_path):
    results = run(tmp_path, MORRIS)
    found = sensitivity.read(results, [OUTCOME])
    assert list(found.table)[: len(COLUMNS)] == list(COLUMNS)
    assert set(found.table["place"]) == {results.manifest["regions"][-1]}
    assert found.table.set_index("factor")["mu"].to_dict() == pytest.approx(EXACT, abs=1e-4)
    assert found.table["factor"].tolist() == ["x1", "x2", "x3"]
    (ranking,) = found.rankings
    assert ranking.sample.replicates == (2, 2)
    assert ranking.sample.noise_share == pytest.approx(0.0, abs=1e-9)  # it is shared
    assert found.facts.replicates == 2
    assert found.page == sensitivity.read(str(tmp_path / "out"), [OUTCOME]).page


def test_tornado_from_stored_runs(tmp_path):
    results = run(tmp_path, TORNADO)
    (ranking,) = sensitivity.read(results, OUTCOME).rankings
    steps = ranking.tables["tornado"]
    assert steps["factor"].tolist() == ["x1", "x1", "x2", "x2", "x3", "x3"]
    step = 0.35 / 0.4  # from .1 to .45 of a range from .1 to .5
    for name, low, high in zip("123", steps["effect"][::2], steps["effect"][1::2], strict=True):
        assert high - low == pytest.approx(step * EXACT[f"x{name}"], abs=1e-6)
    wide = results.runs.pivot(index="point", columns="replicate", values=OUTCOME).to_numpy()
    assert np.array_equal(ranking.sample.values, wide)
    assert ranking.sample.means == pytest.approx(wide.mean(axis=1))


class Gap(fake.SweepModel):
    """R&D of the region is not a number in the first year of replicate 1."""

    def tables(self):
        found = super().tables()
        series = found["series"]
        gone = (series["year"] == 2014) & (series["level"] == "region")
        if self.replicate == 1:
            series[OUTCOME] = np.where(gone, np.nan, series[OUTCOME])
        return found


def test_a_year_without_a_number_is_named(tmp_path):
    results = fake.run(tmp_path / "out", Gap, what=fake.sweep(tmp_path / "f", spans=(0.1,)))
    assert np.isfinite(read_samples(results, [OUTCOME])[OUTCOME].values).all()
    with pytest.raises(ResultsError, match="1 of 3 runs"):
        read_samples(results, [OUTCOME], (2014, 2015))


@pytest.mark.slow
def test_means_over_years(tmp_path):
    results = fake.run(tmp_path / "out")
    sample = read_samples(results, [OUTCOME], (2014, 2015))[OUTCOME]
    table = results.table("province_year")
    table = table[(table["region"] == "yrd") & (table["indicator"] == OUTCOME)]
    wide = table.groupby(["point", "replicate"])["value"].mean().unstack()
    assert sample.values == pytest.approx(wide.to_numpy())
    last = read_samples(results, [OUTCOME], (2015, 2015))[OUTCOME]
    assert last.values == pytest.approx(read_samples(results, [OUTCOME])[OUTCOME].values)
    assert not np.allclose(last.values, sample.values)
    with pytest.raises(UsageError, match="2013:2015"):
        read_samples(results, [OUTCOME], (2013, 2015))
    thin = fake.run(tmp_path / "thin", what=fake.sweep(tmp_path / "f", record={"series": 0}))
    with pytest.raises(UsageError, match="series: 1"):
        read_samples(thin, [OUTCOME], (2014, 2015))
    assert read_samples(thin, [OUTCOME])[OUTCOME].values == pytest.approx(last.values)


def test_runs_that_failed_or_are_not_there_are_named(tmp_path):
    results = run(tmp_path, TORNADO, known_sweeps.Broken)
    lost = [failure["run"] for failure in results.failures]
    assert lost
    with pytest.raises(ResultsError) as error:
        sensitivity.read(results, [OUTCOME])
    for said in (f"{len(lost)} of 14", *lost, f"ydsim resume {results.path}"):
        assert said in str(error.value)

    def stop_at_once(now):
        raise ZeroDivisionError

    half = run(tmp_path, TORNADO, replicates=1, name="half")
    more = known_sweeps.sweep(tmp_path / "files", TORNADO, 3, replicates=2)
    with pytest.raises(ZeroDivisionError):
        fake.run(tmp_path / "half", known_sweeps.PlantedModel, what=more, progress=stop_at_once)
    with pytest.raises(ResultsError, match="7 of 14"):
        sensitivity.read(open_results(half.path), [OUTCOME])


@pytest.mark.slow
def test_what_is_not_a_number_is_named(tmp_path):
    results = run(tmp_path, MORRIS, known_sweeps.Nameless)
    runs = results.runs
    broken = runs[runs[OUTCOME].isna()]["run"].tolist()
    assert broken
    for years in (None, (2014, 2014)):
        with pytest.raises(ResultsError, match=OUTCOME) as error:
            sensitivity.read(results, [OUTCOME], years=years)
        assert f"{len(set(broken))} run" in str(error.value)
        assert broken[0] in str(error.value)


def test_arguments_are_refused(tmp_path):
    results = run(tmp_path, TORNADO, replicates=1)
    for options, said in (
        ({"outcomes": ["rd_expenditur"]}, "rd_expenditure"),
        ({"outcomes": ["knowledge"]}, "knowledge"),
        ({"outcomes": []}, "outcome"),
        ({"where": ["launches > 1"]}, "--where"),
        ({"where": 3}, "where"),
        ({"top": 1.0}, "--top 1"),
        ({"top": "x"}, "top"),
        ({"years": "2:1"}, "years"),
    ):
        with pytest.raises(UsageError, match=said):
            sensitivity.read(results, **options)
    with pytest.raises(NothingToDrawError, match="one_at_a_time"):
        draw("morris", results)


@pytest.mark.parametrize(
    ("call", "package"),
    [
        (lambda sample: sensitivity.elementary_effects(sample), "SALib"),
        (lambda sample: sensitivity.sobol_indices(sample), "SALib"),
        (lambda sample: sensitivity.discover(sample, sample.means > 0.8, ""), "ema-workbench"),
    ],
)
def test_a_missing_package_is_said_in_a_line(tmp_path, monkeypatch, call, package):
    sample = known_sweeps.sample(tmp_path, {**LHS, "n": 60}, 3, lambda u: u[:, 0])
    monkeypatch.setattr("ydsim.studies.study.find_spec", lambda name: None)
    with pytest.raises(UsageError, match=rf"{package}.*pip install {package.lower()}"):
        call(sample)


# -- the command line ------------------------------------------------------------------------------


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    stand_in(monkeypatch, known_sweeps.PlantedModel)
    return tmp_path


def content(folder):
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


@pytest.mark.slow
def test_a_sweep_file_is_run_and_analysed_and_again_the_same(place, capsys):
    known_sweeps.sweep(Path("files"), MORRIS, 3, replicates=2)
    args = ["study", "sensitivity", "files/fake.yaml", "--outcome", OUTCOME, "-q"]
    assert main(args) == 0
    said = capsys.readouterr().out
    rows = [line.split()[:4] for line in said.splitlines() if " x" in line]
    assert rows == [
        ["1", "x1", "raises", "30"], ["2", "x2", "lowers", "20"], ["3", "x3", "raises", "5"],
    ]  # fmt: skip
    made = content(Path("results/planted-sensitivity"))
    assert list(made) == [f"morris_{OUTCOME}.png", "sensitivity.csv", "sensitivity.md"]
    for what, out in (("files/fake.yaml", "a"), ("results/planted", "b"), ("planted", "c")):
        assert main(["study", "sensitivity", what, "--outcome", OUTCOME, "-q", "-o", out]) == 0
        assert content(Path(out)) == made


@pytest.mark.slow
def test_json(place, capsys):
    known_sweeps.sweep(Path("files"), TORNADO, 3)
    args = ["study", "sensitivity", "files/fake.yaml", "-q", "--json"]
    assert main([*args, "--outcome", OUTCOME, "--outcome", "rd_intensity"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["method"], found["replicates"]) == ("tornado", 1)
    assert [each["outcome"] for each in found["outcomes"]] == [OUTCOME, "rd_intensity"]
    assert len(found["outcomes"][0]["tables"]["tornado"]) == 6
    first = found["table"][0]
    assert (first["outcome"], first["factor"], first["low"]) == (OUTCOME, "x1", None)
    assert {row["outcome"] for row in found["table"]} == {OUTCOME, "rd_intensity"}


def test_a_place_may_be_asked_for():
    design = {"kind": "one_at_a_time", "factors": {BORDER: [0.7, 0.9], RATE: [0.2]}}
    results = make_sweep(design, lambda f, r, t: 100.0 + f.get(BORDER, 0.5) + r + t)
    north, whole = (
        sensitivity.read(results, ["launches"], place=each) for each in ("North", "region")
    )
    assert {*north.table["place"]} == {"North"}
    assert {*whole.table["place"]} == {"yrd"}
    cube = results.cube(["launches"], places=["North"], reduce="last")["launches"]
    change = cube.groupby("point").mean() - cube[0].mean()
    assert north.table["estimate"].max() == pytest.approx(change.abs().max())
    with pytest.raises(UsageError, match="'North'"):
        sensitivity.read(results, ["launches"], place="Nroth")
