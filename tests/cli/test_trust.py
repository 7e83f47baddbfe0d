"""What a stranger's scenario, sweep or folder of results can run: nothing, unless it is allowed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from matplotlib.image import imread

import ydsim
from ydsim.cli import main
from ydsim.cli.app import GROUPS, VERBS, command
from ydsim.errors import ScenarioError, UsageError
from ydsim.policies import library
from ydsim.policies.plain import find_policy
from ydsim.run.replay import replay
from ydsim.run.replicate import Injected
from ydsim.scenario.load import load_scenario
from ydsim.scenario.schema import key_index
from ydsim.world.template import new_world

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
design: {kind: grid, factors: {parameters.adopt.border: [0.3, 0.6]}}
"""
MODULE = """\
from pathlib import Path

from ydsim.policies.base import Policy

with open(Path(__file__).with_name("mark"), "a") as file:
    file.write("imported\\n")


class Harm(Policy):
    '''Does nothing but what its module did.'''
"""
SAID = "is code from outside; not looked at; --allow-code imports it (allow_code=True in Python)\n"


class Stranger:
    """A folder with a scenario, a sweep and results, and a module that leaves a mark."""

    def __init__(self, place: Path) -> None:
        self.mark = place / "mark"
        self.run = ""

    def forget(self) -> None:
        """Make the module as if it had never been imported."""
        sys.modules.pop("stranger", None)
        self.mark.unlink(missing_ok=True)

    @property
    def harmed(self) -> bool:
        return self.mark.exists()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a stranger hands over: half of a sweep among it."""
    here = tmp_path_factory.mktemp("handed_over")
    (here / "place").mkdir()
    (here / "place" / "stranger.py").write_text(MODULE, encoding="utf-8")
    (here / "x.yaml").write_text(SCENARIO, encoding="utf-8")
    (here / "s.yaml").write_text(SWEEP, encoding="utf-8")
    one = SWEEP.replace("grid", "one_at_a_time")
    (here / "t.yaml").write_text(one, encoding="utf-8")
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
def stranger(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stranger]:
    shutil.copytree(made, tmp_path / "here")
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.syspath_prepend(str(tmp_path / "here" / "place"))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    found = Stranger(tmp_path / "here" / "place")
    found.run = str(ydsim.open_results("out").runs["run"].iloc[0])
    found.forget()
    yield found
    found.forget()


def tree() -> dict[str, bytes]:
    return {str(p): p.read_bytes() for p in sorted(Path().rglob("*")) if p.is_file()}


def words_of(line: str, run: str) -> list[str]:
    return [run if word == "RUN" else word for word in line.split()]


PATHS = [
    path
    for verb in VERBS
    for path in ([f"{verb} {word}" for word in GROUPS[verb]] if verb in GROUPS else [verb])
]
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
    "sweep x.yaml --vary parameters.adopt.border=0.3,0.6 -q -o new --dry-run",
    "resume out -q",
    "verify out --recompute 1",
    "verify out --rerun RUN",
    "compare x.yaml x.yaml --replicates 1 -q -o new",
    "compare x.yaml --by firm --policy mine --replicates 1 -q -o new",
    GAME,
    RESONANCE,
    "compare x.yaml --by channel --policy border_friction "
    "--set policies.border_friction.level=0.2 --replicates 1 -q -o new",
    "study bottleneck x.yaml --only idea_rate --replicates 1 --jobs 1 -q -o new",
    "study literature x.yaml --set end=2015 --replicates 1 --jobs 1 -q -o new",
    "study sensitivity t.yaml --outcome rd_expenditure -q -o new --results runs",
    "study optimise x.yaml --vary parameters.adopt.border=0.3:0.6 --trials 2 --replicates 1 -q "
    "-o new",
    FIT,
    "check x.yaml",
    "check s.yaml",
    "show x.yaml",
    "explain stranger.Harm",
)
"""Verbs that build a scenario, or look at a class."""
STUDIES = ("compare", "study")
READING = (
    "--help",
    "run --help",
    "status out",
    "verify out",
    "plot out --kind certified_firms",
    "report out:0 -o page.html",
    "compare out:0 out:0 -q -o new",
    "export out --table runs",
    "export out -o all.xlsx",
    "study sensitivity out",
    "list",
    "list policies",
    "check --schema",
    "check synthetic",
    "world check here",
    "world new here",
    "explain parameters.match.border",
)


def test_the_commands_here_are_of_all_verbs() -> None:
    lines = (*COMPUTING, *READING)
    assert [path for path in PATHS if not any(f"{line} ".startswith(path) for line in lines)] == []


@pytest.mark.parametrize("line", COMPUTING)
def test_code_from_outside_does_not_run(
    stranger: Stranger, capsys: pytest.CaptureFixture[str], line: str
) -> None:
    before = tree()
    args = words_of(line, stranger.run)
    assert main(args) == (2 if args[0] == "explain" else 3)
    out, err = capsys.readouterr()
    assert out == ""
    assert err.endswith(f"'stranger.Harm' {SAID}")
    assert err.count("\n") == 1
    assert not stranger.harmed
    assert tree() == before


@pytest.mark.parametrize(
    "line",
    [
        pytest.param(line, marks=pytest.mark.slow)
        if line in (TWO_JOBS, GAME, RESONANCE, FIT) or line.startswith((*STUDIES, "sweep s.yaml"))
        else line
        for line in COMPUTING
    ],
)
def test_code_from_outside_runs_when_allowed(
    stranger: Stranger, capsys: pytest.CaptureFixture[str], line: str
) -> None:
    args = words_of(line, stranger.run)
    if line == GAME:
        args = [*args, "--set", "governance.mode=fixed"]
    if "firm" in args:
        args = [*args, "--set", "policies.mine.cost=1"]
    assert main([*args, "--allow-code"]) == 0, capsys.readouterr().err
    assert stranger.harmed


@pytest.mark.parametrize("line", READING)
def test_what_computes_nothing_imports_nothing(stranger: Stranger, line: str) -> None:
    main(line.split())
    assert not stranger.harmed


def test_what_is_refused_says_where(stranger: Stranger, capsys: pytest.CaptureFixture[str]) -> None:
    main(["check", "x.yaml"])
    start = "error: x.yaml:6:18: policies.mine.policy: 'stranger.Harm' "
    assert capsys.readouterr().err == start + SAID
    main(["resume", "out"])
    assert capsys.readouterr().err == f"error: out: policies.mine.policy: 'stranger.Harm' {SAID}"
    main(["check", "x.yaml", "--set", "scale=7"])
    assert capsys.readouterr().err.count("\n") == 2  # the other problem is told as well


def test_check_writes_nothing(stranger: Stranger) -> None:
    Path("good.yaml").write_text("extends: synthetic\n", encoding="utf-8")
    before = tree()
    for name in ("good.yaml", "x.yaml", "s.yaml", "baseline", "missing.yaml"):
        main(["check", name])
    assert tree() == before


def test_permission_ends_with_the_call(
    stranger: Stranger, capsys: pytest.CaptureFixture[str]
) -> None:
    """Also when the module has been imported meanwhile."""
    for _ in range(2):
        for name in ("x.yaml", "s.yaml"):
            assert main(["check", name, "--allow-code"]) == 0
            assert main(["check", name]) == 3
        assert load_scenario("x.yaml", allow_code=True).policies["mine"].strength == 1.0
        with pytest.raises(ScenarioError, match="is code from outside"):
            load_scenario("x.yaml")


@pytest.mark.slow
def test_the_same_from_python(stranger: Stranger) -> None:
    calls = {
        "load_scenario": lambda **k: load_scenario("x.yaml", **k),
        "simulate": lambda **k: ydsim.simulate("x.yaml", **k),
        "Model": lambda **k: ydsim.Model("x.yaml", **k),
        "sweep": lambda **k: ydsim.sweep("s.yaml", out="new", **k),
        "resume": lambda **k: ydsim.resume("out", **k),
        "replay": lambda **k: replay("out", stranger.run, Injected(**k)),
    }
    for name, call in calls.items():
        stranger.forget()
        with pytest.raises(ScenarioError, match="is code from outside"):
            call()
        assert not stranger.harmed, name
        call(allow_code=True)
        assert stranger.harmed, name


@pytest.mark.slow
def test_results_are_read_without_permission(stranger: Stranger) -> None:
    made = ydsim.simulate("x.yaml", out="one", allow_code=True)
    assert made.scenario.policies["mine"].strength == 1.0  # who ran it has its classes
    stranger.forget()
    results = ydsim.open_results("one")
    assert len(results.table("province_year")) > 0
    with pytest.raises(
        ScenarioError, match=r"^one: policies\.mine\.policy: .* is code from outside"
    ):
        results.scenario  # noqa: B018
    assert not stranger.harmed
    assert "mine" in ydsim.open_results("one", allow_code=True).scenario.policies


def test_a_class_that_is_handed_over_counts_as_allowed(stranger: Stranger) -> None:
    harm = find_policy("stranger.Harm", allow_code=True)()
    tiny = {"end": 2011, "scale": 0.02, "parameters.population.burn_in": 4}
    results = ydsim.simulate("synthetic", {**tiny, "policies": {"mine": harm}})
    assert results.scenario.policies["mine"] is harm
    with pytest.raises(UsageError, match=r"policies\.mine: a sweep takes the settings of a policy"):
        ydsim.sweep("s.yaml", {"policies": {"mine": harm}}, out="new")


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["pool", "dask"])
def test_workers_inherit_the_permission(stranger: Stranger, engine: str) -> None:
    """New processes, which have imported nothing."""
    results = ydsim.resume("out", engine=engine, jobs=1, allow_code=True)
    assert len(results.runs) == 2
    assert not results.failures
    assert stranger.mark.read_text().count("imported") == 1  # by the worker, and by nobody else


def test_a_worker_without_permission_refuses(stranger: Stranger) -> None:
    from ydsim.run import sweep as run

    with pytest.MonkeyPatch.context() as patch:  # as if the first look had been fooled
        patch.setattr(run, "refuse_outside_code", lambda *args: None)
        with pytest.raises(
            ScenarioError, match=r"^run .*: policies\.mine\.policy: 'stranger.Harm' "
        ):
            ydsim.resume("out")
    assert not stranger.harmed


def install(place: Path, value: str) -> None:
    """Write what an installer writes beside the code."""
    info = place / "stranger-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: stranger\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[ydsim.policies]\nharm = {value}\n")
    for cached in (library.offered, library.installed, key_index.scenario_keys):
        cached.cache_clear()


@pytest.fixture
def as_installed(stranger: Stranger) -> Iterator[Stranger]:
    install(Path("place"), "stranger:Harm")
    yield stranger
    shutil.rmtree("place")
    for cached in (library.offered, library.installed, key_index.scenario_keys):
        cached.cache_clear()


def test_what_is_installed_needs_no_permission(as_installed: Stranger) -> None:
    """By its name, and by its import path."""
    assert main(["check", "x.yaml", "--set", "policies.mine.policy=harm"]) == 0
    assert main(["check", "x.yaml", "s.yaml"]) == 0
    assert main(["resume", "out", "-q"]) == 0


@pytest.mark.parametrize(
    "line",
    [one for one in READING if one not in ("list policies", "check --schema")],
)
def test_verbs_that_need_no_policy_load_no_entry_point(as_installed: Stranger, line: str) -> None:
    if line.startswith("explain"):
        return  # looks among the keys of all policies
    main(line.split())
    assert not as_installed.harmed


# -- the page ---------------------------------------------------------------------------------


def test_the_page_has_a_row_for_each_command() -> None:
    assert list(ROWS) == PATHS
    assert all(len(cells) == 4 and all(cells) for cells in ROWS.values())


@pytest.mark.parametrize("path", PATHS)
def test_the_page_says_which_commands_take_the_permission(path: str) -> None:
    options = {name for option in command(path).params for name in option.opts}
    assert ("--allow-code" in options) == ("--allow-code" in ROWS[path][2])
    tried = [line for line in COMPUTING if line.startswith(f"{path} ")]
    assert ("--allow-code" in options) == bool(tried)


# -- other ways to run something ------------------------------------------------------------------

TRAPS = ("signal", "socket", "pickle", "threading", "random", "numpy", "json", "typer", "stranger")
SCRIPT = (
    "import sys\nfrom ydsim.cli import main\nif __name__ == '__main__':\n    sys.exit(main())\n"
)


@pytest.mark.slow
def test_no_module_of_the_current_folder_is_imported(tmp_path: Path) -> None:
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
    for figure in ("game/payoffs.png", "a/figures/funnel.png"):
        assert imread(here / figure)[0, 0, :3].tolist() == [1.0, 1.0, 1.0]
