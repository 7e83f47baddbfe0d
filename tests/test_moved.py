"""Names of modules and errors of version 0.3 answer with the new ones."""

import subprocess
import sys
from importlib import import_module, util
from pathlib import Path

import pytest

import ydsim
from ydsim._moved import GONE, MOVED, MovedFinder


def python(*args):
    return subprocess.run([sys.executable, *args], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("old", MOVED)
def test_an_old_name_is_the_module_of_the_new_one(old, monkeypatch):
    name, new = f"ydsim.{old}", f"ydsim.{MOVED[old]}"
    monkeypatch.delitem(sys.modules, name, raising=False)
    with pytest.warns(DeprecationWarning, match=f"^{name} is now {new}$") as warned:
        module = import_module(name)
    assert module is import_module(new)
    assert module.__name__ == module.__spec__.name == new
    assert len([each for each in warned if each.category is DeprecationWarning]) == 1


@pytest.mark.slow
def test_a_warning_points_at_the_line_that_uses_the_old_name(tmp_path):
    script = tmp_path / "old.py"
    script.write_text(
        "import ydsim\n"
        "from ydsim.analysis import sense\n"
        "from ydsim.experiment.run import replay\n"
        "import ydsim.experiment.sweep.call\n"
        "from ydsim.scenario.schema import Scenario\n"
        "assert ydsim.experiment.sweep.call.sweep is ydsim.sweep\n"
        "assert sense.__name__ == 'ydsim.pages.sense'\n"
        "assert Scenario is ydsim.Scenario\n"
    )
    done = python(str(script))
    assert done.returncode == 0, done.stderr
    warned = [line for line in done.stderr.splitlines() if "DeprecationWarning" in line]
    assert [line.split(":")[1] for line in warned] == ["2", "3", "4", "5"]
    assert all(line.startswith(str(script)) for line in warned)


@pytest.mark.slow
def test_an_old_name_runs_as_a_script():
    done = python("-m", "ydsim.analysis.sense", "--help")
    assert done.returncode == 0, done.stderr
    assert done.stdout == python("-m", "ydsim.pages.sense", "--help").stdout
    assert "ydsim.analysis.sense is now ydsim.pages.sense" in done.stderr


def test_nothing_is_imported_before_it_is_asked_for():
    code = "import sys, ydsim; print(*sorted(m for m in sys.modules if m.startswith('ydsim')))"
    assert python("-c", code).stdout.split() == ["ydsim", "ydsim._moved"]


def test_a_name_that_never_was_is_missing():
    for name in ("ydsim.experiment.nothing", "ydsim.analysis.nothing", "ydsim.nothing"):
        assert util.find_spec(name) is None
    with pytest.raises(ImportError):
        import_module("ydsim.experiment.nothing")
    with pytest.raises(AttributeError, match="nothing"):
        _ = import_module("ydsim.scenario.schema").nothing


@pytest.mark.parametrize("old", [*MOVED, *GONE])
def test_no_module_is_under_an_old_name(old):
    path = Path(ydsim.__file__).parent.joinpath(*old.split("."))
    assert not path.exists()
    assert not path.with_suffix(".py").exists()


def test_the_finder_is_installed_once():
    ydsim._moved.install()
    assert [type(each) for each in sys.meta_path].count(MovedFinder) == 1
