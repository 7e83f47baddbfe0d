"""What ends before anything is served: a taken port, a missing extra, a scenario that is wrong."""

import importlib.util
import socket
import subprocess
import sys

import pytest

from ydsim.cli import main
from ydsim.cli.results import is_results
from ydsim.errors import ResourceError, UsageError
from ydsim.explorer import serve

LAZY = """
import sys, ydsim, ydsim.cli, ydsim.cli.results, ydsim.explorer.serve
from ydsim.cli import command
command("explore")
names = ("solara", "starlette", "uvicorn", "ipywidgets", "mesa", "matplotlib")
print(*(name for name in names if name in sys.modules))
"""


@pytest.fixture
def taken():
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        sock.listen()
        yield sock.getsockname()[1]


@pytest.fixture
def served(monkeypatch):
    """Pages that would have been served."""
    pages = []
    monkeypatch.setattr(serve, "serve", lambda *args, **options: pages.append((args, options)))
    return pages


def explore(capsys, *words):
    code = main(["explore", *words])
    return code, capsys.readouterr().err


def test_a_taken_port_is_said_in_one_line(taken, capsys):
    code, err = explore(capsys, "ten_firms", "--no-browser", "--port", str(taken))
    assert code == ResourceError.exit_code
    assert err.count("\n") == 1
    assert str(taken) in err
    assert "--port" in err


def test_the_usual_port_gives_way_to_a_free_one(taken, monkeypatch):
    monkeypatch.setattr(serve, "PORT", taken)
    with serve.listen(None) as sock:
        host, port = sock.getsockname()
    assert host == "127.0.0.1"
    assert port != taken


def test_only_this_machine_is_listened_to():
    with serve.listen(0) as sock:
        assert sock.getsockname()[0] == "127.0.0.1"


def test_a_missing_extra_is_said_with_the_command(monkeypatch, capsys, served):
    find = importlib.util.find_spec
    without = lambda name, *a: None if name == "solara" else find(name, *a)  # noqa: E731
    monkeypatch.setattr(importlib.util, "find_spec", without)
    code, err = explore(capsys, "ten_firms", "--no-browser")
    assert code == UsageError.exit_code
    assert err.count("\n") == 1
    assert "pip install 'ydsim[explorer]'" in err
    assert served == []


def test_importing_ydsim_and_asking_for_help_imports_none_of_it():
    done = subprocess.run([sys.executable, "-c", LAZY], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


@pytest.mark.parametrize(
    ("text", "code"), [("extends: baseline\nscael: 0.02\n", 3), ("world: nowhere\n", 4)]
)
def test_a_scenario_that_is_wrong_is_refused_before_anything_is_served(
    text, code, tmp_path, capsys, served
):
    path = tmp_path / "bad.yaml"
    path.write_text(text, encoding="utf-8")
    got, err = explore(capsys, str(path), "--no-browser")
    assert got == code, err
    assert served == []


def test_a_damaged_folder_of_results_is_refused_before_anything_is_served(tmp_path, capsys, served):
    (tmp_path / "manifest.json").write_text("{}", encoding="utf-8")
    assert is_results(str(tmp_path))
    code, _ = explore(capsys, str(tmp_path), "--no-browser")
    assert code == 5
    assert served == []


def test_a_scenario_is_served_as_a_page(capsys, served):
    code, _ = explore(capsys, "ten_firms", "--no-browser", "--port", "0")
    assert code == 0
    assert served == [((), {"scenario": "ten_firms", "port": 0, "browser": False})]


def test_names_of_scenarios_are_scenarios_whatever_lies_in_results(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("baseline", "mine"):
        folder = tmp_path / "results" / name
        folder.mkdir(parents=True)
        (folder / "manifest.json").write_text("{}", encoding="utf-8")
    assert not is_results("baseline")
    assert is_results("results/baseline")
    assert is_results("mine")
    assert not is_results("none.yaml")
