"""``ydsim study ...`` as a user meets it; numbers of studies are held in tests/studies."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ydsim.cli import main

SHORT = (
    "--set", "end=2012", "--set", "scale=0.01", "--set", "parameters.population.burn_in=16",
    "--set", "parameters.population.burn_in_ties=4",
)  # fmt: skip
GROUPS = (
    "--set", "policies.rd_grants={rate: 0.1, start: 2011}",
    "--set", "policies.border_friction={level: 0.1, start: 2011}",
    "--group", "money=rd_grants", "--group", "borders=border_friction",
)  # fmt: skip
STUDIES = {
    "interactions": ("ten_firms", *GROUPS),
    "bottleneck": ("ten_firms", "--only", "pilot_pace", "--only", "rd_money"),
}


def run(study: str, folder: Path, *options: str) -> int:
    args = [*STUDIES[study], *SHORT, "--replicates", "2", "-o", str(folder)]
    return main(["study", study, *args, *options])


@pytest.mark.slow
@pytest.mark.parametrize("study", STUDIES)
def test_from_the_command_to_the_files_and_again(study, tmp_path, capsys):
    folder = tmp_path / "out"
    assert run(study, folder) == 0
    out, err = capsys.readouterr()
    names = [f"{study}.{ending}" for ending in ("csv", "md", "png")]
    assert out.splitlines()[-3:] == [str(folder / name) for name in names]
    assert "runs" in err.splitlines()[-1]
    before = {name: (folder / name).read_bytes() for name in names}
    assert run(study, folder, "--json", "-q") == 0
    content = json.loads(capsys.readouterr().out)
    assert {name: (folder / name).read_bytes() for name in names} == before
    assert content["files"] == [str(folder / name) for name in names]
    assert content["table"][0]["outcome"] == "launches"
    assert content["failed"] == 0
    assert main(["verify", str(folder)]) == 0


@pytest.mark.slow
@pytest.mark.parametrize("study", STUDIES)
def test_dry_run_says_what_it_takes_and_writes_nothing(study, tmp_path, capsys):
    assert run(study, tmp_path / "out", "--dry-run", "--json") == 0
    content = json.loads(capsys.readouterr().out)
    assert content["runs"] == {"interactions": 8, "bottleneck": 10}[study]
    assert content["seconds"] > 0.0
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("args", "code", "near"),
    [
        ("interactions baselin", 4, "'baseline'"),
        ("interactions --group money", 2, "--group money"),
        ("interactions --group a=rd_grants --group a=consortia", 2, "--group a=consortia"),
        ("interactions --outcome launchs", 2, "'launches'"),
        ("interactions synthetic", 2, "synthetic"),
        ("interactions --group a=nosuch", 2, "'nosuch'"),
        ("interactions --group a=rd_grants", 2, "group"),
        ("sensitivity screening --outcome launchs", 2, "'launches'"),
        ("sensitivity screening --outcome launches,launchs", 2, "'launches'"),
        ("sensitivity screening --years 2050:2060", 2, "2011-"),
        ("sensitivity screening --top nan", 2, "top"),
        ("bottleneck --only stagess", 2, "'stages'"),
        ("bottleneck --step -1", 2, "step"),
        ("bottleneck --years 2031:2040", 2, "2031-2040"),
        ("bottleneck --outcome nothing_at_all", 2, "'nothing_at_all'"),
        ("bottleneck --set scale=7", 3, "--set scale=7"),
        ("border-game baseline --years 2040:2045", 2, "2040-2045"),
        ("optimise synthetic", 2, "--vary"),
    ],
)
def test_a_bad_input_is_one_line(args, code, near, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["study", *args.split()]) == code
    out, err = capsys.readouterr()
    assert out == ""
    assert near in err
    assert err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_another_study_in_the_folder_is_refused(tmp_path, capsys):
    folder = tmp_path / "out"
    assert run("bottleneck", folder, "-q") == 0
    capsys.readouterr()
    assert run("interactions", folder, "-q") == 5
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize(
    "args",
    [
        ("border-game", "baseline", "--set", "scale=0.005"),
        ("optimise", "synthetic", "--vary", "parameters.learn.rate=0.05:0.2"),
        ("sensitivity", "screening"),
    ],
    ids=lambda args: args[0],
)
def test_a_folder_of_others_is_left_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], args: tuple[str, ...]
) -> None:
    (tmp_path / "trials.csv").write_text("precious")
    option = "--results" if args[0] == "sensitivity" else "-o"
    assert main(["study", *args, option, str(tmp_path)]) == 5
    assert str(tmp_path) in capsys.readouterr().err.splitlines()[-1]
    assert [path.name for path in tmp_path.iterdir()] == ["trials.csv"]
