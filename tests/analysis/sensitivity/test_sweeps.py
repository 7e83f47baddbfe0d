"""From stored runs to findings, files and one-line refusals, at the API and the command line."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import ydsim
from tests.support import fake_sweep as fake
from tests.support import known_sweeps
from tests.support.sweep_files import stand_in
from ydsim.analysis.sensitivity.methods import METHODS, analyse, method_of
from ydsim.analysis.sensitivity.sample import read_samples
from ydsim.cli import main
from ydsim.errors import ResultsError, UsageError
from ydsim.results.opening import open_results

MORRIS = {"kind": "morris", "trajectories": 4, "seed": 3}
SALTELLI = {"kind": "saltelli", "n": 8, "second_order": True, "seed": 3}
TORNADO = {"kind": "one_at_a_time"}
LHS = {"kind": "latin_hypercube", "n": 24, "seed": 3}
OUTCOME = "rd_expenditure"
EXACT = {"x1": 30.0, "x2": -20.0, "x3": 5.0}


def run(tmp_path, design, model=known_sweeps.PlantedModel, *, replicates=2, name="out", **extra):
    what = known_sweeps.sweep(tmp_path / "files", design, 3, replicates=replicates, **extra)
    return fake.run(tmp_path / name, model, what=what)


def test_morris_from_stored_runs(tmp_path):
    (finding,) = analyse(run(tmp_path, MORRIS), [OUTCOME])
    found = finding.detail
    assert dict(zip(found.names, found.mu, strict=True)) == pytest.approx(EXACT, abs=1e-4)
    assert [one.factor for one in finding.drivers] == ["x1", "x2", "x3"]
    assert finding.sample.replicates == (2, 2)
    assert finding.sample.noise_share == pytest.approx(0.0, abs=1e-9)  # it is shared


@pytest.mark.slow
def test_one_call_finds_words_table_and_figure(tmp_path):
    results = run(tmp_path, MORRIS)
    found = ydsim.sensitivity(results, OUTCOME)
    assert found.table["factor"].tolist() == ["x1", "x2", "x3"]
    assert found.table["direction"].tolist() == ["raises", "lowers", "raises"]
    assert "x1" in found.paragraph.splitlines()[0]
    assert found.page == ydsim.sensitivity(str(tmp_path / "out"), OUTCOME).page
    assert "replicates" in found.made_by
    assert found.made_by in found._repr_html_()
    assert len(found.plot().axes) == 1
    for wrong, said in (({"years": "2"}, "years"), ({"top": "x"}, "top"), ({"where": 3}, "where")):
        with pytest.raises((UsageError, ResultsError), match=said):
            ydsim.sensitivity(results, OUTCOME, **wrong)


@pytest.mark.slow
def test_sobol_from_stored_runs_is_what_salib_says(tmp_path):
    from SALib.analyze import sobol as oracle

    results = run(tmp_path, SALTELLI)
    (finding,) = analyse(results, [OUTCOME])
    runs = results.runs.groupby("point")[OUTCOME].mean().to_numpy()
    said = oracle.analyze(results.problem, runs, seed=1)
    assert finding.detail.total == pytest.approx(said["ST"])
    assert finding.detail.first == pytest.approx(said["S1"])
    pairs = finding.tables["sobol_pairs"]
    assert pairs["factor"].tolist() == ["x1", "x1", "x2"]
    assert pairs["second"].tolist() == pytest.approx(
        [said["S2"][0, 1], said["S2"][0, 2], said["S2"][1, 2]]
    )


def test_tornado_from_stored_runs(tmp_path):
    (finding,) = analyse(run(tmp_path, TORNADO), [OUTCOME])
    table = finding.tables["tornado"]
    assert table["factor"].tolist() == ["x1", "x1", "x2", "x2", "x3", "x3"]
    step = 0.35 / 0.4  # from .1 to .45 of a range from .1 to .5
    for name, low, high in zip("123", table["effect"][::2], table["effect"][1::2], strict=True):
        assert high - low == pytest.approx(step * EXACT[f"x{name}"], abs=1e-6)


@pytest.mark.slow
def test_discovery_from_stored_runs(tmp_path):
    results = run(tmp_path, LHS, replicates=1)
    (finding,) = analyse(results, [OUTCOME], where=[f"{OUTCOME} > 110"])
    assert finding.detail.explained == pytest.approx(1.0)
    assert [driver.factor for driver in finding.drivers] == ["x1", "x2", "x3"]
    values = results.runs[OUTCOME].to_numpy()
    assert finding.detail.chosen.tolist() == (values > 110).tolist()


@pytest.mark.slow
def test_means_over_years(tmp_path):
    results = fake.run(tmp_path / "out")
    (sample,) = read_samples(results, [OUTCOME], (2014, 2015))
    table = results.table("province_year")
    table = table[(table["region"] == "yrd") & (table["indicator"] == OUTCOME)]
    wide = table.groupby(["point", "replicate"])["value"].mean().unstack()
    assert sample.values == pytest.approx(wide.to_numpy())
    (last,) = read_samples(results, [OUTCOME], (2015, 2015))
    (plain,) = read_samples(results, [OUTCOME])
    assert last.values == pytest.approx(plain.values)
    with pytest.raises(UsageError, match="--years 2013:2015: not every run has all"):
        read_samples(results, [OUTCOME], (2013, 2015))
    thin = fake.run(tmp_path / "thin", what=fake.sweep(tmp_path / "f", record={"series": 0}))
    with pytest.raises(UsageError, match=r"--years: .* keeps no quarterly series"):
        read_samples(thin, [OUTCOME], (2014, 2015))


def test_failed_runs_are_named(tmp_path):
    results = run(tmp_path, TORNADO, known_sweeps.Broken)
    lost = [failure["run"] for failure in results.failures]
    assert lost
    with pytest.raises(ResultsError) as error:
        analyse(results, [OUTCOME])
    assert f"{len(lost)} of 14 runs are missing, {len(lost)} of them failed" in str(error.value)
    assert all(name in str(error.value) for name in lost)
    assert f"ydsim resume {results.path}" in str(error.value)
    assert "\n" not in str(error.value)


def test_runs_that_are_not_there_are_named(tmp_path):
    results = run(tmp_path, TORNADO, replicates=1)
    part = next((tmp_path / "out" / "runs").glob("*.json"))
    manifest = tmp_path / "out" / "manifest.json"
    assert part.exists()
    assert manifest.exists()
    more = known_sweeps.sweep(tmp_path / "files", TORNADO, 3, replicates=2)
    with pytest.raises(ZeroDivisionError):
        fake.run(tmp_path / "out", known_sweeps.PlantedModel, what=more, progress=_stop_at_once)
    with pytest.raises(ResultsError, match="7 of 14 runs are missing, and an incomplete"):
        analyse(open_results(results.path), [OUTCOME])


def _stop_at_once(now):
    raise ZeroDivisionError


def test_what_is_not_a_number_is_named(tmp_path):
    results = run(tmp_path, MORRIS, known_sweeps.Nameless)
    runs = results.runs
    broken = runs[runs[OUTCOME].isna()]["run"].tolist()
    assert broken
    with pytest.raises(ResultsError) as error:
        analyse(results, [OUTCOME])
    assert f"{OUTCOME} is not a number in {len(set(broken))} runs" in str(error.value)
    assert broken[0] in str(error.value)


def test_methods_and_designs():
    kinds = [kind for kinds in METHODS.values() for kind in kinds]
    assert len(kinds) == len(set(kinds))
    for name, of in METHODS.items():
        assert all(method_of(kind) == name for kind in of)
    guide = "morris gives morris; saltelli gives sobol; one_at_a_time gives tornado; latin_hyper"
    with pytest.raises(UsageError, match=f"--method sobol: the design is of kind morris: {guide}"):
        method_of("morris", "sobol")
    with pytest.raises(UsageError, match="of kind list has no sensitivity analysis: morris gives"):
        method_of("list")
    with pytest.raises(UsageError, match="--method lasso: there is none"):
        method_of("morris", "lasso")


def test_arguments_are_refused(tmp_path):
    results = run(tmp_path, TORNADO, replicates=1)
    with pytest.raises(UsageError, match=r"--outcome rd_expenditur: .* did you mean 'rd_expend"):
        analyse(results, ["rd_expenditur"])
    with pytest.raises(UsageError, match="--outcome knowledge: no such indicator of the region"):
        analyse(results, ["knowledge"])
    with pytest.raises(UsageError, match="--where is for scenario discovery"):
        analyse(results, [OUTCOME], where=["launches > 1"])
    with pytest.raises(UsageError, match="--top 1: expected a share between 0 and 1"):
        analyse(results, [OUTCOME], top=1.0)


# -- the command line ------------------------------------------------------------------------------


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    stand_in(monkeypatch, known_sweeps.PlantedModel)
    return tmp_path


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


@pytest.mark.slow
def test_a_sweep_file_is_run_and_analysed_and_again_the_same(place, capsys):
    known_sweeps.sweep(Path("files"), MORRIS, 3, replicates=2)
    args = ["sensitivity", "files/planted.yaml", "--outcome", OUTCOME, "-q"]
    assert main(args) == 0
    said = capsys.readouterr().out
    assert "**x1 moves R&D most.**" in said
    assert "1. `x1` raises R&D: 30 100m_rmb" in said
    assert "2. `x2` lowers R&D: 20 100m_rmb" in said
    made = content(Path("results/planted-sensitivity"))
    assert list(made) == ["drivers.csv", f"morris_{OUTCOME}.csv", f"morris_{OUTCOME}.png",
                          "sensitivity.md"]  # fmt: skip
    assert made["drivers.csv"].decode().splitlines()[1].startswith(f"{OUTCOME},1,1,1,x1,")
    assert main([*args, "-o", "again"]) == 0
    assert content(Path("again")) == made
    assert main(["sensitivity", "results/planted", "--outcome", OUTCOME, "-o", "third"]) == 0
    assert content(Path("third")) == made
    assert main(["sensitivity", "planted", "--outcome", OUTCOME, "-o", "fourth"]) == 0
    assert content(Path("fourth")) == made


def test_json(place, capsys):
    known_sweeps.sweep(Path("files"), TORNADO, 3)
    assert main(["sensitivity", "files/planted.yaml", "--outcome", OUTCOME, "-q", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["outcomes"][0]["method"] == "tornado"
    assert found["outcomes"][0]["drivers"][0]["factor"] == "x1"
    assert found["outcomes"][0]["drivers"][0]["low"] is None  # one replicate
    assert found["replicates"] == 1


@pytest.mark.parametrize(
    ("args", "code", "line"),
    [
        (["--method", "sobol"], 2, "--method sobol: the design is of kind morris: morris gives"),
        (["--method", "lasso"], 2, "--method lasso: there is none; methods are morris, sobol"),
        (["--years", "2015:2014"], 2, "--years 2015:2014: expected FROM:TO, as in 2016:2020"),
        (["--years", "x"], 2, "--years x: expected FROM:TO"),
        (["--set", "scal=1"], 3, "--set scal=1: unknown key"),
    ],
)
def test_refusals_come_before_any_run(place, capsys, args, code, line):
    known_sweeps.sweep(Path("files"), MORRIS, 3)
    assert main(["sensitivity", "files/planted.yaml", "--outcome", OUTCOME, *args]) == code
    said = capsys.readouterr().err
    assert said.startswith(f"error: {line}")
    assert said.count("\n") == 1
    assert not Path("results").exists()


def test_a_folder_is_not_changed(place, capsys):
    known_sweeps.sweep(Path("files"), MORRIS, 3)
    assert main(["sweep", "files/planted.yaml", "-q", "-o", "out"]) == 0
    before = fake.tree(Path("out"))
    capsys.readouterr()
    assert main(["sensitivity", "out", "--replicates", "3"]) == 2
    assert "--replicates: out is a results folder, which stays as it is" in capsys.readouterr().err
    assert main(["sensitivity", "out", "--outcome", OUTCOME]) == 0
    assert fake.tree(Path("out")) == before
    assert main(["sensitivity", "nowhere"]) == 4
    assert capsys.readouterr().err.count("\n") == 1


def test_a_run_of_one_scenario_has_nothing_that_varies(place, capsys):
    Path("x.yaml").write_text("world: synthetic\nstart: 2014\nend: 2014\n", encoding="utf-8")
    assert main(["run", "x.yaml", "-q", "--no-figures", "-o", "one"]) == 0
    capsys.readouterr()
    assert main(["sensitivity", "one"]) == 2
    assert capsys.readouterr().err.startswith("error: a design of kind run has no sensitivity")


def test_a_missing_package_is_said_in_a_line(place, capsys, monkeypatch):
    known_sweeps.sweep(Path("files"), MORRIS, 3)
    assert main(["sweep", "files/planted.yaml", "-q", "-o", "out"]) == 0
    capsys.readouterr()
    monkeypatch.setattr("ydsim.analysis.extras.find_spec", lambda name: None)
    assert main(["sensitivity", "out", "--outcome", OUTCOME]) == 2
    assert capsys.readouterr().err == (
        "error: the analysis of a morris design needs SALib, which is not installed: "
        "pip install 'ydsim[analysis]'\n"
    )


def test_values_are_means_of_points(tmp_path):
    results = run(tmp_path, TORNADO)
    (sample,) = read_samples(results, [OUTCOME])
    wide = results.runs.pivot(index="point", columns="replicate", values=OUTCOME).to_numpy()
    assert np.array_equal(sample.values, wide)
    assert sample.means == pytest.approx(wide.mean(axis=1))
