"""``ydsim study ...`` as a user meets it; numbers of studies are held in tests/studies."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from ydsim.scenario.schema.ensemble import members_in

SHORT = (
    "--set end=2012 --set scale=0.01 --set parameters.population.burn_in=16 --replicates 2 -o out"
)
GROUPS = (
    "--set 'policies.rd_grants={rate: 0.1, start: 2011}' "
    "--set 'policies.border_friction={passes: 0.9, start: 2011}' "
    "--group money=rd_grants --group borders=border_friction"
)
STUDIES = {
    "interactions": (f"study interactions ten_firms {GROUPS} {SHORT}", 8),
    "bottleneck": (f"study bottleneck ten_firms --only pilot_pace --only rd_money {SHORT}", 10),
}


@pytest.mark.slow
@pytest.mark.parametrize("study", STUDIES)
def test_from_the_command_to_the_files_and_again(command, study):
    line, runs = STUDIES[study]
    cost = command.json(f"{line} --dry-run")
    assert cost["runs"] == runs
    assert cost["seconds"] > 0.0
    assert not Path("out").exists()
    out, err = command(line)
    files = [f"out/{study}.{ending}" for ending in ("csv", "md", "png")]
    assert out.splitlines()[-3:] == files
    assert "runs" in err.splitlines()[-1]
    before = [Path(file).read_bytes() for file in files]
    content = command.json(f"{line} -q")
    assert [Path(file).read_bytes() for file in files] == before
    assert (content["files"], content["failed"]) == (files, 0)
    assert content["table"][0]["outcome"] == "launches"
    command("verify out")
    other = next(name for name in STUDIES if name != study)
    command.refused(f"{STUDIES[other][0]} -q", code=5)


@pytest.mark.quick(4)
@pytest.mark.parametrize(
    ("line", "points", "replicates", "end", "said"),
    [
        ("bottleneck ten_firms --only pilot_pace --step 10 --replicates 4", 3, 4, 2013, " 10 per"),
        ("bottleneck baseline --only pilot_pace --ensemble 6", 3, 6, 2030, ""),
        ("border-game --years 2016:2018 --ensemble 4 --replicates 2", 16, 2, 2018, ""),
        ("interactions", 64, 3, 2030, ""),
        ("border-game baseline --years 2016:2018 --replicates 2", 16, 2, 2018, ""),
        ("literature --replicates 1 --set end=2028", 10, 1, 2028, ""),
        ("attribution --years 2012:2020 --replicates 2", 14, 2, 2030, "left out"),
        ("sensitivity screening --replicates 2", 84, 2, 2020, ""),
        ("bottleneck", 55, 3, 2030, "25 per"),
    ],
)
def test_options_reach_the_design(command, monkeypatch, line, points, replicates, end, said):
    seen = []

    def carry_out(how, study, *names, out=None, asked=None, beside=None, **own):
        seen.append((how, how.of(study.design, *names, **own)))

    monkeypatch.setattr("ydsim.cli.study.carry_out", carry_out)
    command(f"study {line} --set scale=0.02 --seed 5 -j 3 -n -q")
    command(f"study {line} --json")
    (how, sweep), (usual, other) = seen
    assert (how.jobs, how.dry_run, how.quiet, how.as_json) == (3, True, True, False)
    assert (usual.jobs, usual.dry_run, usual.quiet, usual.as_json) == (None, False, False, True)
    assert (sweep.base.scale, sweep.base.seed) == (0.02, 5)
    assert other.base.seed != 5
    assert (sweep.size, sweep.replicates, sweep.base.end) == (points, replicates, end)
    assert said in sweep.description
    assert members_in(sweep.base.ensemble) == (how.ensemble or 0)


@pytest.mark.parametrize("failed", [0, 2])
def test_runs_are_made_read_and_shown(command, monkeypatch, failed):
    """Files may go elsewhere than runs; failed runs end with 1."""
    ran = []
    found = SimpleNamespace(text="Found.\n", as_dict=dict, write=lambda folder: [folder / "x.csv"])
    plan = SimpleNamespace(plan=range(4))
    results = SimpleNamespace(failures=[{}] * failed, left=0, contents=plan)

    def run(sweep: object, folder: Path, jobs: int, **more: object) -> SimpleNamespace:
        ran.append((folder, jobs, more["allow_code"]))
        return results

    monkeypatch.setattr("ydsim.studies.study.run_sweep", run)
    monkeypatch.setattr("ydsim.studies.sensitivity.read", lambda results, **asked: found)
    line = "study sensitivity screening -j 3 --results runs -o files"
    out, err = command(line, code=min(failed, 1))
    assert out == "Found.\n\nfiles/x.csv\n"
    assert ("ydsim resume runs" in err) is bool(failed)
    content = command.json(f"{line} --allow-code", code=min(failed, 1))
    assert content == {"failed": failed, "files": ["files/x.csv"]}
    assert ran == [(Path("runs"), 3, False), (Path("runs"), 3, True)]


def test_parts_of_the_scorecard_are_chosen_and_misspelt_ones_refused(command):
    out, _ = command("study scorecard --part signs")
    assert "Not inside" in out
    assert "travel_time" in out
    found = command.json("study scorecard --part flows")
    assert found["counts"]["all"]["rows"] == len(found["table"])
    assert {row["part"] for row in found["table"]} == {"flows"}
    assert "flows" in command.refused("study scorecard --part flow")
