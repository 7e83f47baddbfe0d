"""What a stranger's scenario, sweep or folder of results can run: nothing, unless it is allowed."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from matplotlib.image import imread

import ydsim
from ydsim.cli import GROUPS, VERBS, main
from ydsim.cli import command as command_of
from ydsim.errors import ScenarioError, UsageError
from ydsim.policies import library
from ydsim.policies.library import find_policy
from ydsim.run.api import replay
from ydsim.run.replicate import RunContext
from ydsim.scenario.load import load_scenario
from ydsim.scenario.schema import key_index
from ydsim.world.folders import new_world

PAGE = Path(__file__).parents[2] / "docs" / "trust.md"
SOURCE = str(Path(ydsim.__file__).parents[1])
ROWS = {
    verb: rest.split(" | ")
    for verb, rest in re.findall(r"^\| `([\w -]+)` \| (.+) \|$", PAGE.read_text("utf-8"), re.M)
}
SCENARIO = """\
extends: synthetic
end: 2011
scale: 0.02
parameters: {population: {burn_in: 4}}
policies:
  mine: {policy: stranger.Harm}
"""
SWEEP = """\
base: x.yaml
design: {kind: grid, factors: {parameters.border.exposure: [0.3, 0.6]}}
"""
TARGETS = "name,reading,indicator,first,last,value,tolerance\na,level,sci_papers,2011,2011,9,1\n"
MODULE = """\
from pathlib import Path

from ydsim.policies.base import Policy

with open(Path(__file__).with_name("mark"), "a") as file:
    file.write("imported\\n")


class Harm(Policy):
    '''Does nothing but what its module did.'''
"""
SAID = "is code from outside; not looked at; --allow-code imports it (allow_code=True in Python)\n"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """What a stranger hands over: half of a sweep among it."""
    here = tmp_path_factory.mktemp("handed_over")
    (here / "place").mkdir()
    (here / "place" / "stranger.py").write_text(MODULE, encoding="utf-8")
    (here / "x.yaml").write_text(SCENARIO, encoding="utf-8")
    (here / "s.yaml").write_text(SWEEP, encoding="utf-8")
    one = SWEEP.replace("grid", "one_at_a_time")
    (here / "t.yaml").write_text(one, encoding="utf-8")
    (here / "t.csv").write_text(TARGETS, encoding="utf-8")
    sys.path.insert(0, str(here / "place"))
    new_world(here / "w", cities=1)
    written, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        ydsim.sweep(here / "s.yaml", out=here / "out", chunk=1, shard=(1, 2), allow_code=True)
    finally:
        sys.path.remove(str(here / "place"))
        sys.dont_write_bytecode = written
        sys.modules.pop("stranger", None)
    (here / "place" / "mark").unlink()
    return here


@pytest.fixture
def harmed(made, command, tmp_path, monkeypatch):
    """A folder with a scenario, a sweep and results; tells whether the module was imported."""
    here = tmp_path / "here"
    shutil.copytree(made, here)
    monkeypatch.chdir(here)
    monkeypatch.syspath_prepend(str(here / "place"))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    sys.modules.pop("stranger", None)
    yield (here / "place" / "mark").exists
    sys.modules.pop("stranger", None)


def tree() -> dict[str, bytes]:
    return {str(p): p.read_bytes() for p in sorted(Path().rglob("*")) if p.is_file()}


def with_run(line: str) -> str:
    """Return a command with the name of a run of the results."""
    return line.replace("RUN", str(ydsim.open_results("out").runs["run"].iloc[0]))


PATHS = [f"{verb} {word}".rstrip() for verb in VERBS for word in GROUPS.get(verb, ("",))]
TWO_JOBS = "run x.yaml --no-figures -q -o new --jobs 2 --replicates 2"
GAME = "study border-game x.yaml --years 2011 --replicates 1 --set scale=0.02 --jobs 1 -q -o game"
FIT = "world fit w --scenario x.yaml --replicates 1 --passes 1 -q"
RESONANCE = (
    "study interactions x.yaml --group a=mine --group b=rd_grants "
    "--set policies.rd_grants.rate=0.1 --replicates 1 --jobs 1 -q -o new"
)
COMPUTING = (
    "run x.yaml --no-figures -q -o new",
    TWO_JOBS,
    "sweep s.yaml -q -o new",
    "sweep x.yaml --vary parameters.border.exposure=0.3,0.6 -q -o new --dry-run",
    "resume out -q",
    "verify out --recompute 1",
    "verify out --rerun RUN",
    "compare x.yaml --with policies.border_friction.passes=0.8 --replicates 1 -q -o new",
    GAME,
    RESONANCE,
    "compare x.yaml --by channel --policy border_friction "
    "--set policies.border_friction.passes=0.8 --replicates 1 -q -o new",
    "study bottleneck x.yaml --only idea_rate --replicates 1 --jobs 1 -q -o new",
    "study literature x.yaml --set end=2015 --replicates 1 --jobs 1 -q -o new",
    "study skill x.yaml --origins 2016:2017 --ahead 1 --replicates 1 --jobs 1 -q -o new",
    "study validation x.yaml --set end=2017 --replicates 1 --jobs 1 -q -o new",
    "study transfer x.yaml --set world=jjj --set end=2020 --set scale=0.02 --replicates 1 "
    "--jobs 1 -q -o new",
    "study flows x.yaml --set world=yrd --set end=2017 --replicates 1 --jobs 1 -q -o new",
    "study attribution x.yaml --set end=2013 --set scale=0.1 --years 2011:2013 --replicates 1 "
    "--jobs 1 -q -o new",
    "study sensitivity t.yaml --outcome rd_expenditure -q -o new --results runs",
    "study optimise x.yaml --vary parameters.border.exposure=0.3:0.6 --trials 2 --replicates 1 -q "
    "-o new",
    "calibrate x.yaml --vary parameters.border.exposure=0.3:0.6 --targets t.csv -q -o new "
    "--dry-run",
    FIT,
    "check x.yaml",
    "check s.yaml",
    "show x.yaml",
    "explain stranger.Harm",
)
"""Verbs that build a scenario, or look at a class."""
QUICK = ("check", "show", "explain", "verify")
READING = (
    "--help",
    "run --help",
    "explore --help",
    "status out",
    "verify out",
    "plot out --kind funnel",
    "report out:0 -o page.html",
    "compare out:0 out:0 -q -o new",
    "export out --table runs",
    "export out -o all.xlsx",
    "study sensitivity out",
    "study scorecard out",
    "list",
    "list policies",
    "check --schema",
    "check synthetic",
    "world check here",
    "world new here",
    "explain parameters.border.joint_work",
)


DRAWING = ("plot", "report", "compare", "export out -o")


def test_the_commands_here_are_of_all_verbs():
    lines = (*COMPUTING, *READING)
    assert [path for path in PATHS if not any(f"{line} ".startswith(path) for line in lines)] == []


@pytest.mark.parametrize("line", COMPUTING)
def test_code_from_outside_does_not_run(harmed, command, line):
    before = tree()
    said = command.refused(with_run(line), code=2 if line.startswith("explain") else 3)
    assert said.endswith(f"'stranger.Harm' {SAID}")
    assert not harmed()
    assert tree() == before


@pytest.mark.parametrize(
    "line",
    [
        line if line.startswith(QUICK) else pytest.param(line, marks=pytest.mark.slow)
        for line in COMPUTING
    ],
)
def test_code_from_outside_runs_when_allowed(harmed, command, line, monkeypatch):
    monkeypatch.setattr("ydsim.studies.literature.DRAWS", 9)  # fewer, for speed
    more = "--set governance.mode=fixed" if line == GAME else ""
    command(f"{with_run(line)} {more} --allow-code")
    assert harmed()


@pytest.mark.parametrize(
    "line",
    [
        pytest.param(line, marks=pytest.mark.slow) if line.startswith(DRAWING) else line
        for line in READING
    ],
)
def test_what_computes_nothing_imports_nothing(harmed, line):
    main(line.split())
    assert not harmed()


@pytest.mark.parametrize("line", ["explore x.yaml --no-browser", "explore here --no-browser"])
def test_a_live_page_of_it_is_not_served(harmed, command, line):
    """There is no permission to give: what a page offers is not run from outside."""
    command.refused(line, code=3 if "yaml" in line else 4)
    assert not harmed()


def test_what_is_refused_says_where(harmed, command):
    start = "error: x.yaml:6:18: policies.mine.policy: 'stranger.Harm' "
    assert command.refused("check x.yaml", code=3) == start + SAID
    said = command.refused("resume out", code=3)
    assert said == f"error: out: policies.mine.policy: 'stranger.Harm' {SAID}"
    # the other problem is told as well
    assert command("check x.yaml --set scale=7", code=3)[1].count("\n") == 2


def test_permission_ends_with_the_call(harmed, command):
    """Also when the module has been imported meanwhile."""
    for name in ("x.yaml", "s.yaml") * 2:
        command(f"check {name} --allow-code")
        command.refused(f"check {name}", code=3)
    assert load_scenario("x.yaml", allow_code=True).policies["mine"].strength == 1.0
    with pytest.raises(ScenarioError, match="is code from outside"):
        load_scenario("x.yaml")


CALLS = {
    "load_scenario": lambda **k: load_scenario("x.yaml", **k),
    "simulate": lambda **k: ydsim.simulate("x.yaml", **k),
    "Model": lambda **k: ydsim.Model("x.yaml", **k),
    "sweep": lambda **k: ydsim.sweep("s.yaml", out="new", **k),
    "resume": lambda **k: ydsim.resume("out", **k),
    "replay": lambda **k: replay("out", with_run("RUN"), RunContext(**k)),
}


@pytest.mark.slow
@pytest.mark.parametrize("call", CALLS)
def test_the_same_from_python(harmed, call):
    with pytest.raises(ScenarioError, match="is code from outside"):
        CALLS[call]()
    assert not harmed()
    CALLS[call](allow_code=True)
    assert harmed()


@pytest.mark.slow
def test_results_are_read_without_permission(harmed):
    made = ydsim.simulate("x.yaml", out="one", allow_code=True)
    assert made.scenario.policies["mine"].strength == 1.0  # who ran it has its classes
    sys.modules.pop("stranger")
    Path("place/mark").unlink()
    results = ydsim.open_results("one")
    assert len(results.table("province_year")) > 0
    with pytest.raises(
        ScenarioError, match=r"^one: policies\.mine\.policy: .* is code from outside"
    ):
        results.scenario  # noqa: B018
    assert not harmed()
    assert "mine" in ydsim.open_results("one", allow_code=True).scenario.policies


@pytest.mark.slow
def test_a_class_that_is_handed_over_counts_as_allowed(harmed):
    harm = find_policy("stranger.Harm", allow_code=True)()
    tiny = {"end": 2011, "scale": 0.02, "parameters.population.burn_in": 4}
    results = ydsim.simulate("synthetic", {**tiny, "policies": {"mine": harm}})
    assert results.scenario.policies["mine"] is harm
    with pytest.raises(UsageError, match=r"policies\.mine: a sweep takes the settings of a policy"):
        ydsim.sweep("s.yaml", {"policies": {"mine": harm}}, out="new")


@pytest.mark.slow
def test_workers_inherit_the_permission(harmed):
    """New processes, which have imported nothing."""
    results = ydsim.resume("out", engine="pool", jobs=1, allow_code=True)
    assert len(results.runs) == 10
    assert not results.failures
    mark = Path("place/mark").read_text()
    assert mark.count("imported") == 1  # by the worker, and by nobody else


def test_a_worker_without_permission_refuses(harmed):
    from ydsim.run import sweep as run

    with pytest.MonkeyPatch.context() as patch:  # as if the first look had been fooled
        patch.setattr(run, "refuse_outside_code", lambda *args: None)
        with pytest.raises(
            ScenarioError, match=r"^run .*: policies\.mine\.policy: 'stranger.Harm' "
        ):
            ydsim.resume("out")
    assert not harmed()


@pytest.fixture
def installed_harm(harmed):
    """What an installer writes beside the code."""
    info = Path("place/stranger-1.0.dist-info")
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: stranger\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[ydsim.policies]\nharm = stranger:Harm\n")
    caches = (library.offered, library.installed, key_index.scenario_keys)
    for cached in caches:
        cached.cache_clear()
    yield harmed
    shutil.rmtree("place")
    for cached in caches:
        cached.cache_clear()


@pytest.mark.slow
def test_what_is_installed_needs_no_permission(installed_harm, command):
    """By its name, and by its import path."""
    command("check x.yaml --set policies.mine.policy=harm")
    command("check x.yaml s.yaml")
    command("resume out -q")


LOOKING = ("list policies", "check --schema", "explain")
"""Verbs that look among the keys of all policies."""


@pytest.mark.slow
@pytest.mark.parametrize("line", [one for one in READING if not one.startswith(LOOKING)])
def test_verbs_that_need_no_policy_load_no_entry_point(installed_harm, line):
    main(line.split())
    assert not installed_harm()


# -- the page ---------------------------------------------------------------------------------


def test_the_page_has_a_row_for_each_command():
    assert list(ROWS) == PATHS
    assert all(len(cells) == 4 and all(cells) for cells in ROWS.values())


@pytest.mark.parametrize("path", PATHS)
def test_the_page_says_which_commands_take_the_permission(path):
    options = {name for option in command_of(path).params for name in option.opts}
    assert ("--allow-code" in options) == ("--allow-code" in ROWS[path][2])
    tried = [line for line in COMPUTING if line.startswith(f"{path} ")]
    assert ("--allow-code" in options) == bool(tried)


# -- other ways to run something ------------------------------------------------------------------

TRAPS = ("signal", "socket", "pickle", "threading", "random", "numpy", "json", "typer", "stranger")
SCRIPT = (
    "import sys\nfrom ydsim.cli import main\nif __name__ == '__main__':\n    sys.exit(main())\n"
)


@pytest.mark.slow
def test_no_module_of_the_current_folder_is_imported(tmp_path):
    """Neither by the command, which starts as its script does, nor by processes that it starts."""
    here, elsewhere = tmp_path / "here", tmp_path / "bin"
    here.mkdir()
    elsewhere.mkdir()
    (elsewhere / "ydsim_script").write_text(SCRIPT)
    (here / "good.yaml").write_text(SCENARIO.partition("policies:")[0])
    (here / "matplotlibrc").write_text(
        "text.usetex: True\nbackend: module://stranger\nsavefig.facecolor: red\n"
    )
    for name in TRAPS:
        (here / f"{name}.py").write_text(f"open({str(here / 'mark')!r}, 'a').write('{name}')\n")
    env = {k: v for k, v in os.environ.items() if k not in ("PYTHONSAFEPATH", "PYTHONPATH")}
    env["PYTHONPATH"] = SOURCE
    command = [sys.executable, str(elsewhere / "ydsim_script")]
    module = [sys.executable, "-m", "ydsim"]
    for args in (
        [*command, "run", "good.yaml", "-q", "-o", "a", "--jobs", "2", "--replicates", "2"],
        [*command, *GAME.replace("x.yaml", "good.yaml").replace("--jobs 1", "--jobs 2").split()],
        [*module, "check", "good.yaml"],
        [*module, "run", "good.yaml", "-q", "-o", "b", "--jobs", "2", "--no-figures"],
    ):
        done = subprocess.run(args, cwd=here, env=env, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        assert not (here / "mark").exists(), (args, (here / "mark").read_text())
    for figure in ("game/border_game.png", "a/figures/funnel.png"):
        assert imread(here / figure)[0, 0, :3].tolist() == [1.0, 1.0, 1.0]
