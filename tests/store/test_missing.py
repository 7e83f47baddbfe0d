"""A folder that says complete and lacks a receipt says so; one that is unfinished is sound."""

import json
from pathlib import Path

import pytest

import ydsim
from tests.support.sealed import reseal
from ydsim.cli import main
from ydsim.errors import ResultsError

READERS = (
    ("status",),
    ("status", "--json"),
    ("verify",),
    ("export",),
    ("export", "--table", "runs"),
)


def parts(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("part-*")}


@pytest.mark.parametrize("verb", READERS, ids=" ".join)
@pytest.mark.parametrize("gone", ["part-000001", "part-000002"])
@pytest.mark.parametrize("folder", ["run", "sweep"], indirect=True)
def test_a_receipt_that_is_gone_is_said(folder, gone, verb, capsys):
    (folder / "runs" / f"{gone}.json").unlink()
    assert main([verb[0], str(folder), *verb[1:]]) == 5
    said = capsys.readouterr()
    assert f"runs/{gone}.json" in said.err
    assert "missing" in said.err
    assert len(said.err.splitlines()) == 1
    with pytest.raises(ResultsError, match="says complete, but"):
        ydsim.open_results(folder)


@pytest.mark.parametrize("folder", ["run", "sweep"], indirect=True)
def test_what_is_unfinished_is_sound(folder, capsys):
    (folder / "runs" / "part-000001.json").unlink()
    reseal(folder / "manifest.json", complete=False)
    done = {"run": "2 of 3", "sweep": "4 of 6"}[folder.name]
    again = f"ydsim resume {folder}"
    words = f"unfinished: {done} runs; to go on: {again}"
    assert main(["verify", str(folder)]) == 0
    assert capsys.readouterr().out == f"{folder}: ok, {words}\n"
    assert main(["verify", str(folder), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["unfinished"] == words
    assert main(["status", str(folder)]) == 0
    assert f"to go on: {again}" in capsys.readouterr().out


@pytest.mark.parametrize("change", ["gone", "damaged"])
@pytest.mark.parametrize("folder", ["run", "sweep"], indirect=True)
def test_a_file_that_a_receipt_names_is_missed_in_unfinished_folders_too(folder, change, capsys):
    (folder / "runs" / "part-000001.json").unlink()
    reseal(folder / "manifest.json", complete=False)
    part = folder / "series" / "part-000000.parquet"
    part.unlink() if change == "gone" else part.write_bytes(b"x")
    assert main(["verify", str(folder)]) == 5
    (line,) = capsys.readouterr().err.splitlines()
    assert "series/part-000000.parquet" in line
