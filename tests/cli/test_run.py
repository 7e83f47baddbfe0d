import json
import os
import sys
from pathlib import Path
from types import ModuleType

import pytest

import ydsim.model  # noqa: F401 - with its own indicators, before a test puts others there
from tests.support.fake_run import INDICATORS, FailingModel, FakeModel, SignallingModel, tree
from ydsim.cli import main
from ydsim.errors import ResultsError
from ydsim.results.opening import open_results


@pytest.fixture
def cli(tmp_path, monkeypatch, capsys):
    """Call the command line with a fake model in a folder with a scenario ``small``."""
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
    assert lines[0].startswith("simulated (mean of 3 replicates")
    assert "rd_expenditure (100m_rmb)" in lines
    assert any(line.startswith("yrd ") and line.endswith(" 4,000") for line in lines)
    assert "note: all is fake" in lines
    assert lines[-1] == "results/small"
    assert len([line for line in err.splitlines() if "runs/s" in line]) == 10
    assert "\x1b" not in out + err


def test_quiet_says_nothing_on_stderr(cli):
    assert cli("-q", "--no-figures")[2] == ""


def test_a_policy_that_moves_nothing_is_said(cli):
    idle = ("--set", "policies.border_friction.start=2015", "--no-figures")
    said = "note: policies.border_friction: has no effect, it has no level"
    assert cli(*idle)[2].splitlines()[0] == said
    assert said not in cli("--no-figures", "--force")[2]


def test_done_already(cli):
    first = cli("--no-figures")
    before = tree(Path("results/small"))
    code, out, err = cli("--no-figures")
    assert code == 0
    assert out == first[1]
    assert err == "results/small: done already, nothing to do\n"
    assert tree(Path("results/small")) == before


def test_json_is_one_object(cli):
    code, out, _ = cli("--json", "--no-figures", "-o", "here")
    content = json.loads(out)
    assert code == 0
    assert content["folder"] == "here"
    assert content["replicates"] == 3
    assert content["complete"] is True
    assert content["done_already"] is False
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
    assert err.startswith("error: results/small holds another run; nothing was changed")
    assert cli("-q", "--seed", "8", "--force")[0] == 0
    assert open_results("results/small.bak-1").manifest["seed"] == 9


@pytest.mark.parametrize(("option", "code"), [("--replicates=0", 2), ("--seed=-1", 2)])
def test_impossible_options_create_nothing(cli, option, code):
    assert cli(option)[0] == code
    assert not Path("results").exists()


def test_failed_replicate_gives_exit_code_1(cli):
    code, out, err = cli("--no-figures", model=FailingModel)
    assert code == 1
    assert "mean of 2 replicates" in out
    assert "-0001 failed in quarter 3: ZeroDivisionError: cannot share nothing" in err
    assert err.splitlines()[-1] == (
        "1 of 3 runs failed: see results/small/failures.jsonl; "
        "try them again with: ydsim resume results/small"
    )


@pytest.mark.parametrize(("name", "code"), [("SIGINT", 130), ("SIGTERM", 143)])
def test_interrupted_run_says_how_to_go_on(cli, monkeypatch, name, code):
    monkeypatch.setenv("YDSIM_TEST_SIGNAL", name)
    got, out, err = cli("--no-figures", model=SignallingModel)
    assert got == code
    assert out == ""
    assert "stopping after the current quarter" in err
    assert err.splitlines()[-1] == (
        f"stopped by {name}: 1 of 3 runs are kept in results/small; "
        "go on with: ydsim resume results/small"
    )
    code, _, err = cli("--no-figures")
    assert code == 0
    assert "1 of 3 runs are done already" in err


def test_interrupt_before_anything_is_written(cli, monkeypatch):
    def interrupted(*args, **named):
        raise KeyboardInterrupt

    monkeypatch.setattr("ydsim.run.single.run_scenario", interrupted)
    code, _, err = cli("-q")
    assert code == 130
    assert err.startswith("stopped at once: nothing was finished in results/small")


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


def test_other_folder_is_refused(cli):
    Path("mine").mkdir()
    Path("mine/notes.txt").write_text("x", encoding="utf-8")
    code, out, err = cli("-o", "mine")
    assert (code, out) == (5, "")
    assert len(err.splitlines()) == 1
    assert os.listdir("mine") == ["notes.txt"]
    with pytest.raises(ResultsError):
        open_results("mine")
