"""Folders of ydsim 0.3.0 (schema 1): read, exported, verified, and never written."""

import shutil
from pathlib import Path

import pytest

from ydsim.cli.app import main
from ydsim.results.opening import open_results, verify

OLD = Path(__file__).parents[1] / "old_results"
KINDS = ["run", "sweep"]


@pytest.fixture(params=KINDS)
def folder(request, tmp_path):
    return shutil.copytree(OLD / request.param, tmp_path / request.param)


def content(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_it_opens_with_all_its_tables(folder):
    results = open_results(folder)
    assert results.manifest["schema"] == 1
    assert (results.done, results.left, results.failures) == (2, 0, ())
    for name in results.tables:
        assert list(results.table(name)), name
    year = results.table("province_year")
    assert list(year)[:5] == ["scenario", "point", "replicate", "region", "year"]
    assert set(year["scenario"]) == {"ten_firms"}
    assert len(results.runs) == 2
    assert len(results.sql("select * from series")) == len(results.raw("series")["year"])
    assert results.scenario.end == 2011
    assert results.manifest["hash"]


@pytest.mark.slow
def test_a_run_today_has_its_tables_columns_and_official_figures(tmp_path):
    """Its numbers are those of other rules: version 0.6 changes them on purpose."""
    assert main([
        "run", "ten_firms", "--replicates=2", "--set=end=2011", "--set=record.cities=false",
        "--set=record.ties=false", "--no-figures", "-q", "-o", str(tmp_path / "new"),
    ]) == 0  # fmt: skip
    old, new = open_results(OLD / "run"), open_results(tmp_path / "new")
    for name in old.manifest["tables"]:
        before, now = old.table(name), new.table(name)
        if name == "policy_costs":  # which says today what was asked for and left over
            assert list(now) == [*before, "asked", "left_over"]
            now = now[list(before)]
        assert list(before) == list(now), name
        assert before.dtypes.equals(now.dtypes), name
        if name == "series":  # which has more indicators today
            named = [set(zip(t["indicator"], t["unit"], strict=True)) for t in (before, now)]
            assert named[0] <= named[1]
    assert old.table("official").equals(new.table("official"))


@pytest.mark.parametrize(
    "command",
    [
        ["verify"],
        ["status"],
        ["export", "--table", "runs"],
        ["export", "--table", "design"],
        ["export", "--table", "official", "--format", "json"],
    ],
    ids=" ".join,
)
def test_verbs_that_read_take_it(folder, command, capsys):
    before = content(folder)
    assert main([command[0], str(folder), *command[1:]]) == 0
    assert capsys.readouterr().out
    assert content(folder) == before


@pytest.mark.slow
def test_figures_of_an_old_run_are_drawn(tmp_path):
    from ydsim.plots.figures import make_figures

    drawn = make_figures(open_results(OLD / "run"), tmp_path)
    assert "funnel.png" in {path.name for path in drawn}


@pytest.mark.parametrize(
    "command",
    [
        ["resume"],
        ["compact"],
        ["replay", "--replicate", "0"],
        ["verify", "--recompute", "1"],
    ],
    ids=" ".join,
)
def test_verbs_that_write_or_compute_refuse_it(folder, command, capsys):
    before = content(folder)
    assert main([command[0], str(folder), *command[1:]]) == 5
    err = capsys.readouterr().err
    assert "written by ydsim 0.3.0; read only: " in err
    assert err.count("\n") == 1
    assert content(folder) == before


@pytest.mark.slow
def test_a_run_refuses_to_write_into_it_and_force_sets_it_aside(tmp_path, capsys):
    folder = shutil.copytree(OLD / "run", tmp_path / "run")
    before = content(folder)
    command = ["run", "ten_firms", "--set", "end=2011", "--no-figures", "-q", "-o", str(folder)]
    assert main(command) == 5
    assert "written by ydsim 0.3.0; read only: " in capsys.readouterr().err
    assert content(folder) == before
    assert main([*command, "--force"]) == 0
    assert verify(folder) == verify(tmp_path / "run.bak-1") == []


def test_a_sweep_refuses_to_write_into_it(tmp_path, capsys):
    folder = shutil.copytree(OLD / "sweep", tmp_path / "sweep")
    command = ["sweep", "ten_firms", "--vary", "parameters.chain.span=.1,.2", "--set", "end=2011"]
    assert main([*command, "-q", "-o", str(folder)]) == 5
    assert "written by ydsim 0.3.0; read only: " in capsys.readouterr().err


def test_damage_is_found_in_it(folder):
    (folder / "series" / "part-000001.parquet").write_bytes(b"torn")
    (line,) = verify(folder)
    assert "series/part-000001.parquet" in line


def test_an_unfinished_one_says_what_there_is(tmp_path, capsys):
    folder = shutil.copytree(OLD / "run", tmp_path / "run")
    from ydsim.store.manifest import seal, unseal

    path = folder / "manifest.json"
    path.write_bytes(seal({**unseal(path.read_bytes(), path), "complete": False}))
    (folder / "runs" / "part-000001.json").unlink()
    (folder / "failures.jsonl").write_text(
        '{"replicate": 1, "seed": 1, "quarter": 3, "exception": "E", "message": "m", '
        '"traceback": [], "point": 0, "repro": "r"}\n'
    )
    results = open_results(folder)
    assert results.replicates == (0,)
    assert results.table("failures")["replicate"].tolist() == [1]
    assert verify(folder) == []
    assert main(["status", str(folder)]) == 0
    out = capsys.readouterr().out
    assert "1 of 2 runs done, 1 failed" in out
    assert "written by ydsim 0.3.0; read only" in out
    assert "resume" not in out
