"""``ydsim resonance`` and ``ydsim bottleneck`` as a user meets them."""

import json
from pathlib import Path

import pytest

from ydsim.cli import main

SHORT = (
    "--set", "end=2012", "--set", "scale=0.01", "--set", "parameters.population.burn_in=16",
    "--set", "parameters.population.burn_in_ties=4", "--jobs", "1",
)  # fmt: skip
GROUPS = (
    "--set", "policies.rd_grants={rate: 0.1, start: 2011}",
    "--set", "policies.border_friction={level: 0.1, start: 2011}",
    "--group", "money=rd_grants", "--group", "borders=border_friction",
)  # fmt: skip
VERBS = {
    "resonance": ("resonance", "ten_firms", *GROUPS),
    "bottleneck": ("bottleneck", "ten_firms", "--only", "pilot_pace", "--only", "rd_money"),
}


def run(verb: str, folder: Path, *options: str) -> int:
    return main([*VERBS[verb], *SHORT, "--replicates", "2", "-o", str(folder), *options])


@pytest.mark.slow
@pytest.mark.parametrize("verb", VERBS)
def test_from_the_command_to_the_files_and_again(verb, tmp_path, capsys):
    folder = tmp_path / "out"
    assert run(verb, folder) == 0
    out, err = capsys.readouterr()
    names = [f"{verb}.csv", f"{verb}.md", f"{verb}.png"]
    assert out.splitlines()[-3:] == [str(folder / name) for name in names]
    assert out.startswith("Scenario ten_firms: ")
    assert "runs" in err.splitlines()[-1]
    before = {name: (folder / name).read_bytes() for name in names}
    assert run(verb, folder, "--json", "-q") == 0
    content = json.loads(capsys.readouterr().out)
    assert {name: (folder / name).read_bytes() for name in names} == before
    assert content["files"] == [str(folder / name) for name in names]
    assert content["table"][0]["outcome"] == "launches"
    assert content["paragraph"] + "\n" == out[: len(content["paragraph"]) + 1]
    assert main(["verify", str(folder)]) == 0
    assert main(["status", str(folder)]) == 0


@pytest.mark.slow
@pytest.mark.parametrize("verb", VERBS)
def test_dry_run_says_what_it_takes_and_writes_nothing(verb, tmp_path, capsys):
    assert run(verb, tmp_path / "out", "--dry-run", "--json") == 0
    content = json.loads(capsys.readouterr().out)
    assert content["runs"] == {"resonance": 8, "bottleneck": 10}[verb]
    assert content["seconds"] > 0.0
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("args", "code", "said"),
    [
        (["resonance", "baselin"], 4, "no scenario is called 'baselin'; did you mean 'baseline'?"),
        (["resonance", "--group", "money"], 2,
         "--group money: expected NAME=POLICY,POLICY, as in money=rd_grants"),
        (["resonance", "--group", "a=rd_grants", "--group", "a=consortia"], 2,
         "--group a=consortia: 'a' is named twice"),
        (["resonance", "--outcome", "launchs"], 2,
         "no indicator of the region is called 'launchs'; did you mean 'launches'?"),
        (["resonance", "--from", "2031"], 2, "--from 2031: the run has the years 2011 to 2030"),
        (["resonance", "synthetic"], 2, "synthetic: has policies of 1 of the six groups"),
        (["resonance", "--group", "a=nosuch"], 2,
         "group a: six_actor_community has no policy 'nosuch'"),
        (["resonance", "--group", "a=rd_grants"], 2, "a single group has nobody to resonate with"),
        (["bottleneck", "--only", "stagess"], 2,
         "no capacity is called 'stagess'; did you mean 'stages'?"),
        (["bottleneck", "--step", "-1"], 2, "step: expected per cent, above 0 and at most 200"),
        (["bottleneck", "--outcome", "nothing_at_all"], 2,
         "no indicator of the region is called 'nothing_at_all'"),
        (["bottleneck", "--set", "scale=7"], 3, "--set scale=7: must be between"),
    ],
)  # fmt: skip
def test_a_bad_input_is_one_line(args, code, said, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(args) == code
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"error: {said}")
    assert err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_another_study_in_the_folder_is_refused(tmp_path, capsys):
    folder = tmp_path / "out"
    assert run("bottleneck", folder, "-q") == 0
    capsys.readouterr()
    assert run("resonance", folder, "-q") == 5
    assert capsys.readouterr().err.count("\n") == 1
