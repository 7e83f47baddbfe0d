"""``ydsim run``, ``sweep``, ``status``, ``resume`` and ``verify``, as a user meets them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

import ydsim.model  # noqa: F401 - with its own indicators, before a test puts others there
from tests.support import fake_sweep as fake
from tests.support.fake_run import INDICATORS, FailingModel, FakeModel, SignallingModel, tree
from ydsim.cli import main, options
from ydsim.errors import ResourceError, ResultsError
from ydsim.results.results import open_results
from ydsim.store import compact

Cli = Callable[..., tuple[int, str, str]]


@pytest.fixture
def cli(tmp_path, monkeypatch, capsys) -> Cli:
    """Call ``ydsim run`` with a fake model in a folder with a scenario ``small``."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("ydsim.record.indicators.INDICATORS", INDICATORS)
    Path("small.yaml").write_text(
        "world: synthetic\nstart: 2014\nend: 2016\nreplicates: 3\n", encoding="utf-8"
    )

    def call(*args: str, model: type = FakeModel) -> tuple[int, str, str]:
        monkeypatch.setattr("ydsim.run.replicate.default_model", model)
        code = main(["run", "small.yaml", *args])
        out, err = capsys.readouterr()
        return code, out, err

    return call


def test_run_writes_results_and_shows_figures(cli):
    code, out, err = cli("--no-figures")
    assert code == 0
    assert open_results("small").replicates == (0, 1, 2)
    lines = out.splitlines()
    assert "rd_expenditure (100m_rmb)" in lines
    assert any(line.startswith("yrd ") and line.endswith(" 4,000") for line in lines)
    assert "note: all is fake" in lines
    assert lines[-1] == "results/small"
    assert len([line for line in err.splitlines() if "runs/s" in line]) == 10
    assert "\x1b" not in out + err
    assert cli("-q", "--no-figures", "--force")[2] == ""


def test_a_policy_that_moves_nothing_is_said(cli):
    idle = ("--set", "policies.border_friction.start=2015", "--no-figures")
    assert cli(*idle)[2].splitlines()[0].startswith("note: policies.border_friction: ")
    assert "border_friction" not in cli("--no-figures", "--force")[2]


def test_the_same_command_again_runs_nothing(cli):
    first = cli("--no-figures")
    before = tree(Path("results/small"))
    code, out, err = cli("--no-figures")
    assert (code, out) == (0, first[1])
    assert err.startswith("results/small: ")
    assert err.count("\n") == 1
    assert tree(Path("results/small")) == before


def test_json_is_one_object(cli):
    code, out, _ = cli("--json", "--no-figures", "-o", "here")
    content = json.loads(out)
    assert code == 0
    assert content.keys() == {
        "name", "hash", "folder", "done_already", "complete", "points", "replicates", "runs",
        "left", "failed", "notes", "summary", "money", "figures",
    }  # fmt: skip
    assert (content["folder"], content["replicates"]) == ("here", 3)
    assert (content["complete"], content["done_already"]) == (True, False)
    assert content["summary"][0]["official"] == 4000.0
    assert json.loads(cli("--json", "--no-figures", "-o", "here")[1])["done_already"] is True


@pytest.mark.slow
def test_options_change_the_scenario_before_it_is_hashed(cli):
    assert cli("-q", "--set", "scale=0.5", "--seed", "9", "--replicates", "2")[0] == 0
    manifest = open_results("small").manifest
    assert (manifest["seed"], manifest["replicates"], manifest["scenario"]["scale"]) == (9, 2, 0.5)
    code, _, err = cli("-q", "--seed", "8")
    assert code == 5
    assert "seed: 9 -> 8" in err
    assert cli("-q", "--seed", "8", "--force")[0] == 0
    assert open_results("results/small.bak-1").manifest["seed"] == 9


@pytest.mark.parametrize(("option", "code"), [("--replicates=0", 2), ("--seed=-1", 2)])
def test_impossible_options_create_nothing(cli, option, code):
    assert cli(option)[0] == code
    assert not Path("results").exists()


def test_a_failed_replicate_gives_exit_code_1(cli):
    code, _, err = cli("--no-figures", model=FailingModel)
    assert code == 1
    assert "-0001 failed in quarter 3: ZeroDivisionError: cannot share nothing" in err
    last = err.splitlines()[-1]
    assert "results/small/failures.jsonl" in last
    assert last.endswith("ydsim resume results/small")
    assert main(["verify", "small", "--rerun", "1"]) == 1


@pytest.mark.parametrize(("name", "code"), [("SIGINT", 130), ("SIGTERM", 143)])
def test_an_interrupted_run_says_how_to_go_on(cli, monkeypatch, name, code):
    monkeypatch.setenv("YDSIM_TEST_SIGNAL", name)
    got, out, err = cli("--no-figures", model=SignallingModel)
    assert (got, out) == (code, "")
    last = err.splitlines()[-1]
    assert name in last
    assert "1 of 3 runs" in last
    assert last.endswith("ydsim resume results/small")
    code, _, err = cli("--no-figures")
    assert code == 0
    assert "1 of 3 runs are done already" in err


def test_an_interrupt_before_anything_is_written(cli, monkeypatch):
    def interrupted(*args, **named):
        raise KeyboardInterrupt

    monkeypatch.setattr("ydsim.run.single.run_scenario", interrupted)
    code, _, err = cli("-q")
    assert code == 130
    assert "results/small" in err
    assert err.count("\n") == 1


def test_figures_are_drawn_once(cli, monkeypatch):
    drawn = []

    def make_figures(results, folder, note=None):
        drawn.append(results.name)
        folder.mkdir(exist_ok=True)
        (folder / "one.png").write_bytes(b"")
        return [folder / "one.png"]

    module = ModuleType("ydsim.plots.figures")
    module.make_figures = make_figures
    monkeypatch.setitem(sys.modules, "ydsim.plots.figures", module)
    assert "results/small/figures/one.png\n" in cli("-q")[1]
    assert "results/small/figures/one.png\n" in cli("-q")[1]
    assert drawn == ["small"]
    assert "one.png" not in cli("-q", "--no-figures")[1]


def test_a_folder_of_others_is_refused(cli):
    Path("mine").mkdir()
    Path("mine/notes.txt").write_text("x", encoding="utf-8")
    code, out, err = cli("-o", "mine")
    assert (code, out) == (5, "")
    assert len(err.splitlines()) == 1
    assert os.listdir("mine") == ["notes.txt"]
    with pytest.raises(ResultsError):
        open_results("mine")


def test_jobs_are_one_a_processor_unless_there_is_less_to_do(monkeypatch):
    monkeypatch.setattr(options, "processors", lambda: 8)
    monkeypatch.setattr("ydsim.scenario.check.check_world._memory", lambda: 10e9)
    assert options.jobs_of(None) == 8
    assert options.jobs_of(None, runs=3) == 3
    assert options.jobs_of(None, runs=0) == 1
    assert options.jobs_of(None, scale=0.05) == 8
    assert options.jobs_of(None, scale=1.0) == 6  # 1.61 GB each
    assert options.jobs_of(None, runs=100, engine=options.Engine.process) == 1
    assert options.jobs_of(5, runs=3, scale=1.0) == 5


# -- sweeps, with the model itself ----------------------------------------------------------------

SHORT = (
    "--set", "end=2011", "--set", "parameters.population.burn_in=0",
    "--set", "parameters.population.burn_in_ties=0",
)  # fmt: skip
VARY = ("--vary", "parameters.invest.intensity=0.01:0.03:3")


def sweep(folder: Path, *options: str, vary: tuple[str, ...] = VARY) -> int:
    command = ["sweep", "ten_firms", *vary, "--replicates", "2", *SHORT, "-o", str(folder)]
    return main([*command, *options])


@pytest.fixture(scope="module")
def finished(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("sweeps") / "out"
    assert sweep(folder, "-q") == 0
    return folder


@pytest.fixture
def folder(finished, tmp_path) -> Path:
    return Path(shutil.copytree(finished, tmp_path / "out"))


@pytest.mark.slow
def test_a_table_of_points_and_the_folder(tmp_path, capsys):
    assert sweep(tmp_path / "out") == 0
    out, err = capsys.readouterr()
    lines = out.splitlines()
    assert lines[1].split()[:3] == ["point", VARY[1].split("=")[0], "n"]
    assert [line.split()[:3] for line in lines[2:5]] == [
        ["0", "0.01", "2"], ["1", "0.02", "2"], ["2", "0.03", "2"],
    ]  # fmt: skip
    assert lines[-1] == str(tmp_path / "out")
    assert "6/6 runs" in err.splitlines()[-1]


@pytest.mark.slow
def test_a_finished_sweep_is_resumed_as_one_object(folder, capsys):
    assert main(["resume", str(folder), "--json"]) == 0
    content = json.loads(capsys.readouterr().out)
    assert (content["points"], content["runs"], content["failed"], content["left"]) == (3, 6, 0, 0)
    assert content["complete"]
    assert content["done_already"]
    assert content["summary"][1]["outcomes"]["rd_expenditure"]["mean"] > 0.0


def test_dry_run_writes_nothing(tmp_path, capsys):
    assert sweep(tmp_path / "out", "-n", "--json") == 0
    content = json.loads(capsys.readouterr().out)
    assert (content["points"], content["runs"], content["done"]) == (3, 6, 0)
    assert content["seconds"] > 0.0
    assert content["bytes"] > 0
    assert not (tmp_path / "out").exists()


def test_what_is_recorded_and_not_kept_is_said_once_and_first(tmp_path, capsys):
    options = ("--dry-run", "--set", "record.firms=true")
    assert sweep(tmp_path / "out", *options) == 0
    first = capsys.readouterr().err.splitlines()[0]
    assert first.startswith("note: the base records firms")
    assert sweep(tmp_path / "out", *options, "-q") == 0
    assert "note" not in capsys.readouterr().err


@pytest.mark.slow
def test_dry_run_knows_what_is_done(folder, capsys):
    some = ("--vary", "parameters.invest.intensity=0.01,0.02")
    assert sweep(folder, "--dry-run", "--json", vary=some) == 0
    content = json.loads(capsys.readouterr().out)
    assert (content["points"], content["runs"], content["done"]) == (2, 4, 4)


@pytest.mark.slow
def test_verbs_on_the_folder(folder, capsys):
    assert main(["status", str(folder), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["complete"], found["done"], found["runs"]) == (True, 6, 6)
    assert main(["verify", str(folder), "--recompute", "1", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["ok"], len(found["recomputed"])) == (True, 1)
    run = str(open_results(folder).runs["run"].iloc[0])
    assert main(["verify", str(folder), "--rerun", run, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["run"], found["as_stored"], found["differs"]) == (run, True, [])
    assert main(["verify", str(folder), "--rerun", run]) == 0
    assert run in capsys.readouterr().out


@pytest.mark.slow
def test_a_damaged_part_is_found_and_computed_again(folder, capsys):
    part = folder / "series" / "part-000002.parquet"
    sound = part.read_bytes()
    part.write_bytes(sound[:-1] + b"?")
    assert main(["verify", str(folder)]) == 5
    assert "part-000002.parquet" in capsys.readouterr().err
    assert main(["resume", str(folder), "-q"]) == 0
    assert part.read_bytes() == sound


@pytest.mark.parametrize(
    ("arguments", "code", "near"),
    [
        (["ten_firms"], 2, "--vary"),
        (["ten_firmz", *VARY], 4, "'ten_firms'"),
        (["ten_firms", "--vary", "parameters.invest.intensit=1,2"], 3, "'intensity'"),
        (["ten_firms", *VARY, "--jobs", "0"], 2, "jobs"),
        (["ten_firms", *VARY, "-j", "-1"], 2, "jobs"),
        (["ten_firms", *VARY, "--shard", "3/2"], 2, "shard"),
        (["ten_firms", *VARY, "--shard", "x"], 2, "--shard x"),
        (["ten_firms", *VARY, "--timeout-per-run", "0"], 2, "timeout"),
        (["ten_firms", *VARY, "--timeout-per-run", "nan"], 2, "timeout"),
        (["ten_firms", *VARY, "--max-failures", "-1"], 2, "max_failures"),
        (["ten_firms", *VARY, "--engine", "ray"], 2, "'ray'"),
        (["ten_firms", *VARY, "--engine", "pool", "--scheduler", "tcp://x:1"], 2, "pool"),
        (["ten_firms", *VARY, "--engine", "process", "--jobs", "2"], 2, "2 jobs"),
        (["ten_firms", *VARY, "--replicates", "40000"], 3, "--max-runs"),
    ],
    ids=lambda value: " ".join(value)[-40:] if isinstance(value, list) else None,
)
def test_bad_input_is_one_line(tmp_path, capsys, arguments, code, near):
    assert main(["sweep", *arguments, "-o", str(tmp_path / "out")]) == code
    err = capsys.readouterr().err
    assert near in err
    assert len(err.splitlines()) == 1
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("verb", ["status", "resume", "verify"])
def test_verbs_refuse_what_is_no_folder_of_results(tmp_path, capsys, verb):
    for folder in (tmp_path, tmp_path / "nowhere"):
        assert main([verb, str(folder)]) == 5
        assert str(folder) in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_run_knows_a_sweep(capsys):
    assert main(["run", "border_x_fund"]) == 2
    assert "ydsim sweep border_x_fund" in capsys.readouterr().err


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # see run/worker.py
def test_a_failed_run_has_its_line_and_its_exit_code(tmp_path, capsys):
    out = tmp_path / "out"
    assert sweep(out, "--timeout-per-run", "0.001", "--engine", "process") == 1
    err = capsys.readouterr().err
    assert "failed in quarter 0: RunTimeoutError" in err
    assert f"ydsim resume {out}" in err
    entry = json.loads((out / "failures.jsonl").read_text().splitlines()[0])
    assert main(["verify", str(out), "--rerun", entry["run"], "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["as_stored"] is None


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["pool", "dask"])
def test_a_script_needs_no_main_guard(tmp_path, finished, engine):
    script = tmp_path / "script.py"
    short = {text.split("=")[0]: int(text.split("=")[1]) for text in SHORT[1::2]}
    script.write_text(
        "import ydsim\n"
        f"r = ydsim.sweep('ten_firms', {short}, vary=['{VARY[1]}'], replicates=2, jobs=2,\n"
        f"                engine='{engine}', out='out')\n"
        "print(len(r.runs), r.manifest['complete'], __file__[-9:])\n",
        encoding="utf-8",
    )
    done = subprocess.run(
        [sys.executable, str(script)], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout == "6 True script.py\n"
    assert done.stderr == ""
    for table in ("runs", "series"):
        for path in (finished / table).iterdir():
            assert (tmp_path / "out" / table / path.name).read_bytes() == path.read_bytes()


@pytest.mark.slow
def test_a_run_is_resumed_and_computed_again(tmp_path, capsys):
    out = str(tmp_path / "run")
    command = ["run", "ten_firms", *SHORT, "-o", out, "--no-figures", "-q"]
    assert main([*command, "--replicates", "2"]) == 0
    assert main(["resume", out, "--no-figures"]) == 0
    assert main(["verify", out, "--recompute", "2"]) == 0
    assert main([*command, "--replicates", "3"]) == 0
    capsys.readouterr()
    assert main(["verify", out, "--recompute", "3", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)["recomputed"]) == 3
    for named, code, near in (
        (["--rerun", "1"], 0, "replicate 1"),
        (["--rerun", "7"], 2, "0 to 2"),
        (["--rerun", "x"], 2, "'x'"),
        (["--rerun", "1", "--recompute", "1"], 2, "--recompute"),
    ):
        assert main(["verify", out, *named]) == code
        assert near in "".join(capsys.readouterr())


@pytest.mark.slow
def test_a_replicate_of_a_sweep_is_not_one_run(folder, capsys):
    assert main(["verify", str(folder), "--rerun", "1"]) == 2
    assert "several points" in capsys.readouterr().err


@pytest.mark.slow
def test_more_jobs_than_processors_are_told(folder, capsys, monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {0, 1})
    assert main(["resume", str(folder), "--jobs", "1000"]) == 0
    assert "2 at once" in capsys.readouterr().err


# -- parts of a finished sweep ---------------------------------------------------------------------


def test_whoever_finishes_a_sweep_of_many_parts_merges_them(tmp_path, monkeypatch):
    """Interrupted or not, and nothing while other shares may be at work."""
    monkeypatch.setattr(compact, "MANY", 3)
    whole = fake.run(tmp_path / "whole", chunk=2)
    assert len(whole.contents.plan.bounds) == 1
    part = fake.run(tmp_path / "part", model=fake.Failing, chunk=2)
    assert len(part.contents.plan.bounds) == 6
    fake.run(tmp_path / "part", chunk=2)
    assert fake.tree(tmp_path / "part") == fake.tree(tmp_path / "whole")
    for share in (1, 2):
        fake.run(tmp_path / "shares", chunk=2, shard=(share, 2))
    assert len(open_results(tmp_path / "shares").contents.plan.bounds) == 6
    fake.run(tmp_path / "shares", chunk=2)
    assert fake.tree(tmp_path / "shares") == fake.tree(tmp_path / "whole")


def test_a_merge_that_was_broken_off_is_finished_by_the_next_command(tmp_path, monkeypatch):
    """Before the manifest is written and after it."""
    monkeypatch.setattr(compact, "MANY", 3)
    fake.run(tmp_path / "whole", chunk=2)
    for name in ("on_disk.write", "Store.remove_part"):

        def killed(*args):
            raise KeyboardInterrupt

        out = tmp_path / name
        with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
            fake.run(out, chunk=2, progress=lambda now, patch=patch, name=name: patch.setattr(
                f"ydsim.store.compact.{name}", killed))  # fmt: skip
        assert fake.tree(out) != fake.tree(tmp_path / "whole")
        fake.run(out, chunk=2)
        assert fake.tree(out) == fake.tree(tmp_path / "whole")


def test_a_full_disk_leaves_the_parts_as_they_are(tmp_path, monkeypatch):
    def full(*args):
        raise ResourceError("no space left")

    monkeypatch.setattr(compact, "MANY", 3)
    monkeypatch.setattr(compact, "_merge", full)
    said = []
    results = fake.run(tmp_path / "out", chunk=2, progress=lambda now: said.append(now.message))
    assert len(results.contents.plan.bounds) == 6
    assert "no space left" in said[-1]
