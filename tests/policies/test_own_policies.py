"""Policies of other packages: the page that says how, and everything that can go wrong."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

import ydsim
from ydsim.cli import main
from ydsim.policies import library
from ydsim.policies.library import broken, dump_policies, find_policy, policies
from ydsim.scenario.load import json_schema, load_scenario
from ydsim.scenario.schema import key_index as catalogue

PAGE = Path(__file__).parents[2] / "docs" / "own_policies.md"
SOURCE = str(Path(ydsim.__file__).parents[1])


def block(language: str) -> str:
    """The only piece of the page in one language."""
    (text,) = re.findall(rf"```{language}\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.S)
    return str(text)


def install(place: Path, name: str, points: dict[str, str], version: str = "0.1") -> None:
    """Write what an installer writes beside the code: who it is, and its entry points."""
    info = place / f"{name.replace('-', '_')}-{version}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    lines = [f"{key} = {value}\n" for key, value in points.items()]
    (info / "entry_points.txt").write_text("[ydsim.policies]\n" + "".join(lines))


def forget() -> None:
    for cached in (library.offered, library.installed, catalogue.scenario_keys):
        cached.cache_clear()


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of installed packages, at first empty."""
    folder = tmp_path / "packages"
    folder.mkdir()
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    monkeypatch.chdir(tmp_path)
    before = set(sys.modules)
    forget()
    yield folder
    forget()
    for module in set(sys.modules) - before:
        if module.startswith(("my_policies", "other")):
            del sys.modules[module]


@pytest.fixture
def documented(place: Path) -> Path:
    """The package of the page, installed; its scenario lies in the current folder."""
    project = tomllib.loads(block("toml"))["project"]
    points = project["entry-points"]["ydsim.policies"]
    install(place, project["name"], points, project["version"])
    (place / "my_policies.py").write_text(block("python"), encoding="utf-8")
    Path("cheaper.yaml").write_text(block("yaml"), encoding="utf-8")
    return place


def test_the_page_runs_as_it_stands(documented: Path, capsys: pytest.CaptureFixture[str]) -> None:
    commands = [line.split()[1:] for line in block("bash").splitlines() if "ydsim" in line]
    assert [command[0] for command in commands] == ["list", "explain", "check", "run"]
    for command in commands[:-1]:
        assert main(command) == 0
    out, err = capsys.readouterr()
    assert re.search(r"^cheaper_research +Cheaper research$", out, re.M)
    assert "share of the user cost saved" in out
    assert "cheaper.yaml: ok\n" in out
    assert "error" not in err
    assert "cheaper_research" in json_schema()["properties"]["policies"]["properties"]


@pytest.mark.slow
def test_a_run_is_moved_by_it(documented: Path) -> None:
    tiny = {"end": 2012, "world": "synthetic", "parameters.population.burn_in": 4, "scale": 0.02}
    tiny |= {"policies.cheaper_research.target": {"provinces": ["Province 2"]}}
    off = {"policies.cheaper_research.strength": 0.0}
    with_it = ydsim.simulate("cheaper.yaml", tiny).table("province_year")
    without = ydsim.simulate("cheaper.yaml", tiny | off).table("province_year")
    chosen = (with_it["indicator"] == "rd_expenditure") & (with_it["region"] == "Province 2")
    change = with_it["value"][chosen].to_numpy() / without["value"][chosen].to_numpy()
    assert change[0] == 1.0  # from 2012 on
    assert 1.02 < change[1] < 2.0


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("0.7", "cheaper.yaml:8:10: policies.cheaper_research.cut: must be between 0 and 0.5, f"),
        ("a bit", "cheaper.yaml:8:10: policies.cheaper_research.cut: expected a number, found t"),
        ("0.1\n    cutt: 1", "cheaper.yaml:9:5: policies.cheaper_research.cutt: unknown key of p"),
    ],
)
def test_its_values_are_checked_as_those_of_shipped_ones(
    documented: Path, capsys: pytest.CaptureFixture[str], value: str, said: str
) -> None:
    text = block("yaml").replace("cut: 0.33", f"cut: {value}")
    Path("cheaper.yaml").write_text(text, encoding="utf-8")
    assert main(["check", "cheaper.yaml"]) == 3
    assert capsys.readouterr().err.startswith(f"error: {said}")


def test_what_is_shown_can_be_loaded_again(
    documented: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["show", "cheaper.yaml"]) == 0
    Path("again.yaml").write_text(capsys.readouterr().out, encoding="utf-8")
    assert load_scenario("again.yaml") == load_scenario("cheaper.yaml")
    other = {"policies": {"mine": {"policy": "my_policies.CheaperResearch"}}}
    built = load_scenario("baseline", other).policies
    # one class has one name, however a scenario came by it
    assert dump_policies(built)["mine"]["policy"] == "cheaper_research"
    assert load_scenario("baseline", {"policies": dump_policies(built)}).policies == built


@pytest.mark.slow
def test_other_processes_find_it(documented: Path) -> None:
    """In a fresh process, and in the workers that it starts afresh."""
    code = (
        "import multiprocessing as m\n"
        "from ydsim.scenario.load import load_scenario, scenario_hash\n"
        "if __name__ == '__main__':\n"
        "    own = load_scenario('cheaper.yaml')\n"
        "    with m.get_context('spawn').Pool(1) as pool:\n"
        "        assert pool.apply(scenario_hash, (own,)) == scenario_hash(own)\n"
        "        assert pool.apply(load_scenario, ('cheaper.yaml',)) == own\n"
        "    print(type(own.policies['cheaper_research']).__name__)\n"
    )
    Path("main.py").write_text(code, encoding="utf-8")
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([SOURCE, str(documented)])}
    done = subprocess.run(
        [sys.executable, "main.py"], env=env, capture_output=True, text=True
    )  # fmt: skip
    assert (done.stdout, done.stderr) == ("CheaperResearch\n", "")


@pytest.mark.slow
def test_changed_code_does_not_pass_for_the_old(
    documented: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copy("cheaper.yaml", "x.yaml")
    run = ["run", "x.yaml", "--no-figures", "-q", "-o", "out", "--set", "world=synthetic"]
    run += ["--set", "policies.cheaper_research.target.provinces=[]", "--set", "end=2011"]
    run += ["--set", "parameters.population.burn_in=0"]
    assert main(run) == 0
    assert main(run) == 0
    capsys.readouterr()
    with open(documented / "my_policies.py", "a", encoding="utf-8") as file:
        file.write("# changed\n")
    assert main(run) == 5
    assert "code.my_policies: " in capsys.readouterr().err


GOOD = "from ydsim.policies.base import Policy\nclass Mine(Policy):\n    '''Does nothing.'''\n"
FAULTS: dict[str, tuple[str, dict[str, str], str]] = {
    "clash": (GOOD, {"rd_grants": "other:Mine"},
              "two policies are called 'rd_grants', one of ydsim and one of 'other 0.1'; rename"),
    "absent": (GOOD, {"mine": "other_gone:Mine"},
               "policy 'mine' of 'other 0.1' cannot be imported from 'other_gone:Mine': Module"),
    "no class": (GOOD, {"mine": "other:Yours"},
                 "policy 'mine' of 'other 0.1' cannot be imported from 'other:Yours': AttributeE"),
    "raises": ("raise SystemExit('no\\nway')\n", {"mine": "other:Mine"},
               "policy 'mine' of 'other 0.1' cannot be imported from 'other:Mine': SystemExit: no "
               "way"),
    "ends": ("raise GeneratorExit\n", {"mine": "other:Mine"},
             "policy 'mine' of 'other 0.1' cannot be imported from 'other:Mine': GeneratorExit: "),
    "no policy": ("Mine = 3\n", {"mine": "other:Mine"},
                  "policy 'mine' of 'other 0.1': 'other:Mine' is not a class derived from ydsim.P"),
    "no field": (f"{GOOD}    writes = ('usercost',)\n", {"mine": "other:Mine"},
                 "policy 'mine' of 'other 0.1': 'other:Mine' writes 'usercost', which is no field"),
    "no value": (f"from collections.abc import Callable\n{GOOD}    call: Callable = print\n",
                 {"mine": "other:Mine"},
                 "policy 'mine' of 'other 0.1': 'other:Mine' has a parameter that no scenario can"),
    "name": (GOOD, {"my.own": "other:Mine"}, "'other 0.1' offers a policy 'my.own'; names of pol"),
}  # fmt: skip


@pytest.mark.quick(4)
@pytest.mark.parametrize("fault", FAULTS)
def test_a_faulty_package_is_told_where_it_is_named_and_disturbs_nothing_else(
    place: Path, capsys: pytest.CaptureFixture[str], fault: str
) -> None:
    code, points, said = FAULTS[fault]
    (place / "other.py").write_text(code, encoding="utf-8")
    install(place, "other", points)
    (name,) = points
    assert broken()[name].startswith(said)
    assert main(["list", "policies"]) == 0
    assert f"broken: {said}" in capsys.readouterr().out
    assert main(["explain", name]) == 2
    assert capsys.readouterr().err.startswith(f"error: {said}")
    Path("x.yaml").write_text(f"extends: synthetic\npolicies:\n  mine:\n    policy: {name}\n")
    assert main(["check", "x.yaml"]) == 3
    err = capsys.readouterr().err
    assert err.startswith(f"error: x.yaml:4:13: policies.mine.policy: {said}")
    assert err.count("\n") == 1
    assert main(["check", "baseline", "synthetic"]) == 0
    assert set(policies()) >= {"border_friction", "rd_grants"}
    json_schema()


def test_one_name_of_two_packages_is_refused(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (place / "other.py").write_text(GOOD + "class Yours(Mine):\n    pass\n", encoding="utf-8")
    install(place, "other", {"mine": "other:Mine"})
    install(place, "another", {"mine": "other:Yours"}, "2.0")
    Path("x.yaml").write_text("extends: synthetic\npolicies:\n  mine: {}\n", encoding="utf-8")
    assert main(["check", "x.yaml"]) == 3
    assert capsys.readouterr().err == (
        "error: x.yaml:3:3: policies.mine: several policies are called 'mine', of 'another 2.0' "
        "and 'other 0.1'; keep one of them\n"
    )


def test_nothing_is_imported_before_it_is_named(place: Path) -> None:
    (place / "other.py").write_text(GOOD, encoding="utf-8")
    install(place, "other", {"mine": "other:Mine"})
    load_scenario("baseline")
    assert "other" not in sys.modules
    with pytest.raises(ValueError, match="did you mean 'mine'"):
        find_policy("mime")
    assert "other" not in sys.modules
    assert find_policy("mine").__module__ == "other"
    # without a title the first line of its text stands for it
    assert main(["list", "policies"]) == 0
