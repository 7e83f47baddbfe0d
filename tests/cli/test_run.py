"""``ydsim run``, ``sweep``, ``status``, ``resume`` and ``verify``, as a user meets them."""

import errno
import json
import os
import re
import shlex
import shutil
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from unittest.mock import Mock

import pytest

from tests.support import fake_sweep as fake
from tests.support.fake_run import FailingModel, FakeModel, SignallingModel, tree
from tests.support.sweep_files import stand_in, write_sweep
from ydsim.cli import main, options
from ydsim.cli.run import runs_of
from ydsim.results.results import open_results

RUN = "run small.yaml --no-figures"


@pytest.fixture
def small(command, monkeypatch):
    """A scenario and a model of a few lines, which may be replaced."""
    stand_in(monkeypatch, FakeModel)
    text = "world: synthetic\nstart: 2014\nend: 2016\nreplicates: 3\n"
    Path("small.yaml").write_text(text, encoding="utf-8")

    def model(kind: type) -> None:
        monkeypatch.setattr("ydsim.run.replicate.default_model", kind)

    return model


def test_run_shows_figures_and_the_same_command_again_runs_nothing(command, small):
    out, err = command(RUN)
    assert open_results("small").replicates == (0, 1, 2)
    lines = out.splitlines()
    assert any("(rd_expenditure), 100 million RMB" in line for line in lines)
    assert any(line.startswith("whole region ") and line.endswith(" 4,000") for line in lines)
    assert "note: all is fake" in lines
    assert lines[-1] == "results/small"
    assert len([line for line in err.splitlines() if "runs/s" in line]) == 10
    assert "\x1b" not in out + err
    before = tree(Path("results/small"))
    again, err = command(RUN)
    assert again == out
    assert err.startswith("results/small: ")
    assert err.count("\nnext: ydsim ") == 2
    assert tree(Path("results/small")) == before
    assert command.out(f"{RUN} -q") == out


def test_what_is_to_do_next_works_as_printed(command, small):
    err = command(f"{RUN} -o 'my results'")[1]
    report, plot = (line.partition("next: ydsim ")[2] for line in err.splitlines()[-2:])
    assert shlex.split(report) == ["report", "my results"]
    assert command.out(plot)
    out = command.out("world new 'my world'")
    check, run = (line.partition("next: ydsim ")[2] for line in out.splitlines()[-2:])
    command(check)
    assert shlex.split(run) == ["run", "my world/scenario.yaml"]
    command(f"show {run.removeprefix('run ')}")


def test_a_policy_that_moves_nothing_is_said(command, small):
    idle = f"{RUN} --set policies.border_friction.start=2015"
    assert command(idle)[1].startswith("note: policies.border_friction: ")
    assert command(f"{idle} -q")[1] == ""
    assert "border_friction" not in command(f"{RUN} --force")[1]


def test_json_is_one_object(command, small):
    line = f"{RUN} -o here --seed 9 --set scale=0.5 --replicates 2"
    content = command.json(line)
    assert open_results("here").manifest["seed"] == 9
    assert open_results("here").manifest["scenario"]["scale"] == 0.5
    assert content.keys() == {
        "name", "hash", "folder", "done_already", "complete", "points", "replicates", "runs",
        "left", "failed", "notes", "summary", "money", "figures",
    }  # fmt: skip
    assert (content["folder"], content["replicates"]) == ("here", 2)
    assert (content["complete"], content["done_already"]) == (True, False)
    assert content["summary"][0]["official"] == 4000.0
    assert command.json(line)["done_already"] is True


def test_a_failed_replicate_gives_exit_code_1(command, small):
    small(FailingModel)
    err = command(RUN, code=1)[1]
    assert "-0001 failed in quarter 3: ZeroDivisionError: cannot share nothing" in err
    last = err.splitlines()[-1]
    assert "results/small/failures.jsonl" in last
    assert last.endswith("ydsim resume results/small")
    assert "ZeroDivisionError" in command("verify small --rerun 1", code=1)[1]


@pytest.mark.parametrize(("name", "code"), [("SIGINT", 130), ("SIGTERM", 143)])
def test_an_interrupted_run_says_how_to_go_on(command, small, monkeypatch, name, code):
    monkeypatch.setenv("YDSIM_TEST_SIGNAL", name)
    small(SignallingModel)
    out, err = command(RUN, code=code)
    assert out == ""
    last = err.splitlines()[-1]
    assert name in last
    assert "1 of 3 runs" in last
    assert last.endswith("ydsim resume results/small")
    small(FakeModel)
    assert "1 of 3 runs are done already" in command(RUN)[1]


def test_an_interrupt_before_anything_is_written(command, small, monkeypatch):
    def interrupted(*args, **named):
        raise KeyboardInterrupt

    monkeypatch.setattr("ydsim.run.api.run_scenario", interrupted)
    err = command(f"{RUN} -q", code=130)[1]
    assert "results/small" in err
    assert err.count("\n") == 1


@pytest.mark.slow
def test_figures_are_drawn_once(command, small, monkeypatch):
    drawn = []

    def make_figures(results, folder, note=None):
        drawn.append(results.name)
        folder.mkdir(exist_ok=True)
        (folder / "one.png").write_bytes(b"")
        return [folder / "one.png"]

    module = ModuleType("ydsim.plots.drawing")
    module.make_figures = make_figures
    monkeypatch.setitem(sys.modules, "ydsim.plots.drawing", module)
    for _ in range(2):
        assert "results/small/figures/one.png\n" in command.out("run small.yaml -q")
    assert drawn == ["small"]
    assert "one.png" not in command.out(f"{RUN} -q")
    command("run small.yaml -q --replicates 4")
    assert drawn == ["small", "small"]  # there are new runs


def test_jobs_are_one_a_processor_unless_there_is_less_to_do(monkeypatch):
    monkeypatch.setattr(options, "processors", lambda: 8)
    monkeypatch.setattr("ydsim.memory.machine_memory", lambda unknown: 10e9)
    assert options.jobs_of(None) == 8
    assert options.jobs_of(None, runs=3) == 3
    assert options.jobs_of(None, runs=0) == 1
    assert options.jobs_of(None, scale=0.05) == 8
    assert options.jobs_of(None, scale=1.0) == 6  # 1.61 GB each
    assert options.jobs_of(None, runs=100, engine="process") == 1
    assert options.jobs_of(5, runs=3, scale=1.0) == 5
    rule = SimpleNamespace(least=2, most=5)
    assert [runs_of(SimpleNamespace(size=3, replicates=each)) for each in (4, rule)] == [12, 15]


# -- sweeps, with the model itself ----------------------------------------------------------------

SHORT = "--set end=2011 --set parameters.population.burn_in=0"
VARY = "--vary parameters.invest.intensity=0.01:0.03:3"
SWEEP = f"sweep ten_firms --replicates 2 {SHORT} -o out"


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sweeps") / "out"
    assert main([*f"{SWEEP} {VARY} -q -o".split(), str(folder)]) == 0
    return folder


@pytest.fixture
def done(command, finished, tmp_path):
    """The finished sweep in a folder ``out``."""
    return Path(shutil.copytree(finished, tmp_path / "out"))


def test_dry_run_writes_nothing(command):
    content = command.json(f"{SWEEP} {VARY} -n")
    assert (content["points"], content["runs"], content["done"]) == (3, 6, 0)
    assert content["seconds"] > 0.0
    assert content["bytes"] > 0
    out, err = command(f"{SWEEP} {VARY} -n --set record.firms=true")
    assert re.findall(r"\d+", out.splitlines()[0].partition(":")[2]) == ["3", "6", "6", "0"]
    assert err.startswith("note: the base records firms")
    assert "note" not in command(f"{SWEEP} {VARY} -n -q --set record.firms=true")[1]
    assert not Path("out").exists()


def test_a_sweep_has_a_replicate_for_each_member(command, monkeypatch):
    monkeypatch.setattr("ydsim.run.api._pilot", lambda *args: (10.0, 5000.0))
    line = f"sweep baseline {VARY} --ensemble 3 -n"
    assert command.json(line)["runs"] == 9
    assert command.json(f"{line} --replicates 6")["runs"] == 18


def test_a_run_says_what_it_would_take(command, small, monkeypatch):
    monkeypatch.setattr("ydsim.run.api._pilot", lambda *args: (10.0, 5000.0))
    found = command.json(f"{RUN} -q -n -j 1")
    assert (found["runs"], found["done"], found["parts"], found["seconds"]) == (3, 0, 3, 30.0)
    out = command.out(f"{RUN} -q -n -j 1")
    assert {"10", "30"} <= set(re.findall(r"\d+", out))
    assert not Path("results").exists()
    command(f"{RUN} -q")
    assert command.json(f"{RUN} -q -n --replicates 4")["done"] == 3
    other = command.json(f"{RUN} -q -n --seed 5")
    assert (other["done"], other["folder"]) == (0, "results/small-2")


def test_what_is_left_of_a_folder_is_counted(command, small, monkeypatch):
    pilot = Mock(return_value=(10.0, 5000.0))
    monkeypatch.setattr("ydsim.run.api._pilot", pilot)
    monkeypatch.setenv("YDSIM_TEST_SIGNAL", "SIGINT")
    small(SignallingModel)
    command(f"{RUN} -q", code=130)
    before = tree(Path("results/small"))
    found = command.json("resume small -n -j 1")
    numbers = [found[name] for name in ("runs", "done", "seconds", "bytes")]
    assert numbers == [3, 1, 20.0, 10_000]
    (task,) = pilot.call_args.args
    assert list(task.rows.values()) == [{}]
    assert (task.base["end"], task.record.plain()) == (2016, {"everything": True})
    assert "results/small" in command.out("resume small -n -j 1")
    assert tree(Path("results/small")) == before


def test_dry_run_knows_what_is_done(command, monkeypatch):
    stand_in(monkeypatch, fake.SweepModel)
    monkeypatch.setattr("ydsim.run.api._pilot", lambda *args: (10.0, 5000.0))
    write_sweep()
    line = "sweep files/fake.yaml -o out -q"
    command(line)
    found = command.json(f"{line} -n")
    assert (found["runs"], found["done"], found["seconds"], found["bytes"]) == (6, 6, 0.0, 0)
    more = command.json(f"{line} -n --replicates 6")
    assert (more["runs"], more["done"], more["seconds_a_run"]) == (12, 6, 10.0)
    assert (more["seconds"], more["bytes"]) == (60.0, 30_000)


@pytest.mark.slow
def test_verbs_on_the_folder_of_a_sweep(command, done):
    some = command.json(f"{SWEEP} -n --vary parameters.invest.intensity=0.01,0.02")
    assert (some["points"], some["runs"], some["done"], some["seconds"]) == (2, 4, 4, 0.0)
    found = command.json("resume out")
    assert (found["points"], found["runs"], found["failed"], found["left"]) == (3, 6, 0, 0)
    assert found["complete"]
    assert found["done_already"]
    assert found["summary"][1]["outcomes"]["rd_expenditure"]["mean"] > 0.0
    found = command.json("status out")
    assert (found["complete"], found["done"], found["runs"]) == (True, 6, 6)
    found = command.json("verify out --recompute 1")
    assert (found["ok"], len(found["recomputed"])) == (True, 1)
    run = str(open_results("out").runs["run"].iloc[0])
    found = command.json(f"verify out --rerun {run}")
    assert (found["run"], found["as_stored"], found["differs"]) == (run, True, [])
    assert run in command.out(f"verify out --rerun {run}")


@pytest.mark.quick(1)
@pytest.mark.parametrize("files", [(), ("yrd/base_run.json",)])
def test_a_number_that_computing_again_does_not_give(command, monkeypatch, files):
    fake.run(Path("out"))
    again = [SimpleNamespace(run="a", differs=("series",), refitted=files),
             SimpleNamespace(run="b", differs=(), refitted=())]  # fmt: skip
    monkeypatch.setattr("ydsim.run.api.recompute", lambda *args: again)
    line = command.refused("verify out --recompute 2", code=5)
    assert "run a" in line
    assert "series" in line
    assert ("yrd/base_run.json" in line) is bool(files)
    found = command.json("verify out --recompute 2", code=5)
    assert [each["differs"] for each in found["recomputed"]] == [["series"], []]
    assert (found["ok"], len(found["problems"]), found["unfinished"]) == (False, 1, "")
    del again[0]
    assert "1 run computed again" in command.out("verify out --recompute 2")


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # see run/limit.py
def test_a_failed_run_has_its_line_and_its_exit_code(command):
    err = command(f"{SWEEP} {VARY} --timeout-per-run 0.001 --engine process", code=1)[1]
    assert "failed in quarter 0: RunTimeoutError" in err
    assert "ydsim resume out" in err
    entry = json.loads(Path("out/failures.jsonl").read_text().splitlines()[0])
    assert command.json(f"verify out --rerun {entry['run']}")["as_stored"] is None


@pytest.mark.slow
def test_a_run_is_resumed_and_computed_again(command):
    line = f"run ten_firms {SHORT} -o run --no-figures -q"
    command(f"{line} --replicates 2")
    command("resume run --no-figures")
    command("verify run --recompute 2")
    command(f"{line} --replicates 3")
    assert len(command.json("verify run --recompute 3")["recomputed"]) == 3
    assert "replicate 1" in command.out("verify run --rerun 1")


def test_more_jobs_than_processors_are_told(command, monkeypatch):
    fake.run(Path("out"))
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {0, 1})
    assert "2 run at once" in command("resume out --jobs 1000")[1]
    assert "at once" not in command("resume out --jobs 1000 -q")[1]


@pytest.mark.slow
def test_another_run_gets_a_folder_of_its_own(command, small):
    command(f"{RUN} -q")
    assert command.out(f"{RUN} -q --seed 5").splitlines()[-1] == "results/small-2"
    assert command.out(f"{RUN} -q --seed 6").splitlines()[-1] == "results/small-3"
    assert command.out(f"{RUN} -q --seed 5").splitlines()[-1] == "results/small-2"
    assert "another run" in command.refused(f"{RUN} -q --seed 5 -o results/small", code=5)
    Path("results/small-2").rename("gone")
    assert "already complete" in command(f"{RUN} --seed 6")[1]  # in small-3, though 2 is free
    command(f"{RUN} -q --seed 6 --force")
    there = ["small", "small-3", "small-3.bak-1"]  # no folder of another run was renamed
    assert sorted(path.name for path in Path("results").iterdir()) == there
    again = command.out(f"{RUN} -q --force --replicates 2")  # fewer of the same run
    assert again.splitlines()[-1] == "results/small"
    assert command.out(f"{RUN} -q --seed 5").splitlines()[-1] == "results/small-2"


@pytest.mark.parametrize("blocked", ["file", "dangling", "foreign", "above", "forbidden"])
def test_a_default_folder_that_is_blocked_has_its_remedy(command, small, monkeypatch, blocked):
    folder = Path("results/small")
    if blocked == "above":
        Path("results").write_text("precious")
    else:
        Path("results").mkdir()
    if blocked == "file":
        folder.write_text("precious")
    elif blocked == "dangling":
        folder.symlink_to("nowhere")
    elif blocked == "foreign":
        folder.mkdir()
        (folder / "notes.txt").write_text("precious")
    elif blocked == "forbidden":
        denied = PermissionError(errno.EACCES, "Permission denied")
        monkeypatch.setattr(Path, "mkdir", Mock(side_effect=denied))
    before = sorted((path, path.lstat().st_mtime_ns) for path in Path().rglob("*"))
    said = command.refused(f"{RUN} -q", code=6 if blocked in ("above", "forbidden") else 5)
    assert "results/small" in said
    assert "--output" in said
    assert sorted((path, path.lstat().st_mtime_ns) for path in Path().rglob("*")) == before
