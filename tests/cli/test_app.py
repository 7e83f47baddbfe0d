"""The command line itself: help, usage errors, exit codes, old verbs, and what it loads."""

from __future__ import annotations

import errno
import io
import os
import shlex
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

import ydsim.cli.app
from tests.support.strikes import PATIENCE
from ydsim.cli import main
from ydsim.cli.app import GROUPS, VERBS, command
from ydsim.cli.output import PlainText
from ydsim.errors import InputError, ResourceError, ResultsError, ScenarioError, UsageError

SOURCE = str(Path(ydsim.cli.__file__).parents[2])
RUN = "import sys; from ydsim.cli import main; raise SystemExit(main(sys.argv[1:]))"
HEAVY = (
    "mesa", "numpy", "scipy", "pandas", "pydantic", "matplotlib", "pyarrow", "openpyxl", "networkx",
    "ruamel", "rich", "typer", "jinja2",
)  # fmt: skip
PATHS = [
    path
    for verb in VERBS
    for path in ([f"{verb} {word}" for word in GROUPS[verb]] if verb in GROUPS else [verb])
]


def _process(
    code: str, *args: str, env: dict[str, str] | None = None, cwd: Path | None = None, **kw: object
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code, *args],
        env={**os.environ, "PYTHONPATH": SOURCE, "PYTHONUNBUFFERED": "", **(env or {})},
        cwd=cwd, text=True, encoding="utf-8", timeout=PATIENCE, check=False,
        **({"capture_output": True} | kw),  # type: ignore[arg-type]
    )  # fmt: skip


def _err(capsys: pytest.CaptureFixture[str]) -> str:
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    return err.rstrip("\n")


@pytest.mark.parametrize("args", [[], ["--help"], ["-h"], ["help"]])
def test_help_names_every_verb(args: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(args) == 0
    out = capsys.readouterr().out
    for verb, (_, meaning) in VERBS.items():
        assert f"  {verb} " in out
        assert meaning in out


@pytest.mark.parametrize("group", GROUPS)
def test_help_of_a_group_names_its_words(group: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([group]) == 0
    out = capsys.readouterr().out
    for word, meaning in GROUPS[group].items():
        assert f"  {word} " in out
        assert meaning in out
    for args in ([group, "--help"], ["help", group]):
        assert main(args) == 0
        assert capsys.readouterr().out == out


@pytest.mark.parametrize("path", PATHS)
def test_every_command_has_help(path: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*path.split(), "--help"]) == 0
    out = capsys.readouterr().out
    assert out.startswith(f"Usage: ydsim {path} ")
    assert "\x1b" not in out


def test_help_loads_nothing_heavy_and_little() -> None:
    """It is quick because of that; the time itself depends on the machine."""
    code = (
        "import sys; from ydsim.cli import main; main(['--help']); few = len(sys.modules); "
        "main(['--version']); main(['study']); main(['nonsense']); "
        "print(few, sorted({m.split('.')[0] for m in sys.modules}))"
    )
    done = _process(code)
    assert done.returncode == 0
    few, _, loaded = done.stdout.splitlines()[-1].partition(" ")
    assert int(few) < 120
    assert not [package for package in HEAVY if f"'{package}'" in loaded]


@pytest.mark.slow
def test_help_of_a_verb_loads_no_science() -> None:
    paths = [path.split() for path in PATHS]
    code = (
        f"import sys; from ydsim.cli import main; [main([*p, '--help']) for p in {paths}]; "
        "print(sorted({m.split('.')[0] for m in sys.modules}))"
    )
    loaded = _process(code).stdout.splitlines()[-1]
    for package in ("mesa", "scipy", "pandas", "matplotlib", "pyarrow", "openpyxl"):
        assert f"'{package}'" not in loaded


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"ydsim {ydsim.__version__}\n"


@pytest.mark.parametrize(
    ("args", "near"),
    [
        (["chek"], "'check'"),
        (["xyzzy"], "run, sweep"),
        (["a\x1b[31mb\n"], "'a\\x1b[31mb\\n'"),
        (["--verson"], "'--version'"),
        (["-q", "run"], "'-q'"),
        (["study", "bottlenek"], "'bottleneck'"),
        (["study", "--outcome", "launches"], "'--outcome'"),
        (["world", "net", "x"], "'new'"),
        (["show"], "'SCENARIO'"),
        (["show", "a", "b"], "extra argument"),
        (["show", "a", "--orign"], "'--origin'"),
        (["check"], "'FILE...'"),
        (["check", "--schema", "sweeps"], "sweep"),
        (["list", "polices"], "policies"),
        (["show", "baseline", "--set"], "'--set'"),
        (["show", "baseline", "--set", "scale"], "KEY=VALUE"),
    ],
    ids=" ".join,
)
def test_usage_errors_are_one_line(
    args: list[str], near: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(args) == 2
    line = _err(capsys)
    assert line.startswith("error: ")
    assert near in line


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("game baseline --from 2016", "study border-game baseline --years 2016:2025"),
        (
            "game --from=2016 --horizon 3 --scale .1",
            "study border-game --years 2016:2018 --set scale=.1",
        ),
        (
            "bottleneck x.yaml --from 2019 --only stages",
            "study bottleneck x.yaml --only stages --years 2019:LAST",
        ),
        (
            "sensitivity screening --outcome launches",
            "study sensitivity screening --outcome launches",
        ),
        ("resonance --half", "study interactions --half"),
        ("effects --page", "study literature --page"),
        ("optimise a --out 'b c'", "study optimise a --output 'b c'"),
        ("decompose a --policy p", "compare a --policy p --by channel"),
        ("counterfactual a --policy p", "compare a --policy p --by firm"),
        ("schema", "check --schema"),
        ("schema --sweep", "check --schema sweep"),
        ("replay out --run abc-0001", "verify out --rerun abc-0001"),
        ("replay out --replicate=3 --json", "verify out --json --rerun 3"),
        ("replay", "verify --rerun RUN"),
        ("compact borders", "resume borders"),
        ("version", "--version"),
    ],
)
def test_an_old_verb_names_the_new_command(
    old: str, new: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(shlex.split(old)) == 2
    assert _err(capsys).endswith(f" is now: ydsim {new}")


def test_old_options_are_still_taken(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", str(tmp_path / "none"), "--out", "x.csv"]) == 5
    assert main(["export", str(tmp_path / "none"), "--out=x.csv"]) == 5
    assert main(["show", "baseline", "--out=x.csv"]) == 2
    assert "'--out" in capsys.readouterr().err.splitlines()[-1]


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (UsageError("u"), 2, ["error: u"]),
        (ScenarioError("a", "b\n\x1bc"), 3, ["error: a", "error: b\\n\\x1bc"]),
        (InputError("i"), 4, ["error: i"]),
        (ResultsError("s"), 5, ["error: s"]),
        (ResourceError("r"), 6, ["error: r"]),
        (OSError(errno.ENOSPC, "No space left", "f"), 6, ["error: f: No space left"]),
        (MemoryError(), 6, ["error: not enough memory; lower `scale` or the number of jobs"]),
        (KeyboardInterrupt(), 130, ["error: interrupted"]),
        (BrokenPipeError(), 141, []),
    ],
)
def test_exit_codes(
    error: BaseException, code: int, said: list[str],
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    _raise(monkeypatch, error)
    assert main(["list"]) == code
    assert capsys.readouterr().err.splitlines() == said


def _raise(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    def fail(path: str, args: Sequence[str]) -> int:
        raise error.with_traceback(None)

    monkeypatch.setattr(ydsim.cli.app, "_invoke", fail)


def test_a_bug_is_saved_and_told_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("YDSIM_DEBUG", raising=False)
    _raise(monkeypatch, ZeroDivisionError("so\nbad"))
    assert main(["list"]) == 70
    line = _err(capsys)
    (saved,) = tmp_path.iterdir()
    assert f"(saved in {saved.name}): ZeroDivisionError: so ba" in line
    assert "Traceback" in saved.read_text(encoding="utf-8")
    assert main(["list"]) == 70
    assert [path.name for path in tmp_path.iterdir()] == [saved.name]
    capsys.readouterr()
    monkeypatch.setenv("YDSIM_DEBUG", "1")
    assert main(["list"]) == 70
    assert "Traceback" in capsys.readouterr().err


def test_a_bug_in_a_folder_that_cannot_be_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (gone := tmp_path / "gone").mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    (spare := tmp_path / "spare").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(spare))
    _raise(monkeypatch, ZeroDivisionError())
    assert main(["list"]) == 70
    (saved,) = spare.iterdir()
    assert f"saved in {saved}" in _err(capsys)


# -- streams and surroundings ---------------------------------------------------------------------


@pytest.mark.slow
def test_a_reader_that_stops_early_is_no_error() -> None:
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "w") as pipe:
        done = _process(RUN, "show", "baseline", stdout=pipe, stderr=subprocess.PIPE,
                        capture_output=False)  # fmt: skip
    assert (done.returncode, done.stderr) == (141, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full")
def test_a_full_disk_behind_stdout_is_a_system_error() -> None:
    with open("/dev/full", "w", encoding="utf-8") as full:
        done = _process(RUN, "list", "worlds", stdout=full, stderr=subprocess.PIPE,
                        capture_output=False)  # fmt: skip
    assert done.returncode == 6
    assert done.stderr == "error: No space left on device\n"


@pytest.mark.slow
def test_any_locale_and_no_terminal(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text("description: 长三角\n名: 1\n", encoding="utf-8")
    env = {"LC_ALL": "C", "PYTHONIOENCODING": "ascii", "NO_COLOR": "1"}
    done = _process(RUN, "check", "x.yaml", env=env, cwd=tmp_path)
    assert done.returncode == 3
    assert done.stderr.startswith("error: x.yaml:2:1: \\u540d: ")
    (tmp_path / "y.yaml").write_text("description: 长三角\n", encoding="utf-8")
    done = _process(RUN, "show", "y.yaml", env=env, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert 'description: "\\u957f\\u4e09\\u89d2"' in done.stdout
    done = _process(RUN, "check", "x.yaml", env={"LC_ALL": "C.UTF-8"}, cwd=tmp_path)
    assert done.stderr.startswith("error: x.yaml:2:1: 名: ")


@pytest.mark.parametrize("start", ["-m ydsim", "-P -m ydsim"])
def test_a_current_folder_that_is_gone_is_said_in_one_line(tmp_path: Path, start: str) -> None:
    (gone := tmp_path / "gone").mkdir()
    code = f"rmdir {gone} && {sys.executable} {start} status somewhere"
    done = subprocess.run(["sh", "-c", code], cwd=gone, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (6, "")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("name", "value", "then"),
    [
        ("MPLBACKEND", "nope", "agg"),
        ("SOURCE_DATE_EPOCH", "abc", "None"),
        ("SOURCE_DATE_EPOCH", "1700000000", "1700000000"),
    ],
)
def test_variables_of_others_do_not_stop_figures(
    tmp_path: Path, name: str, value: str, then: str
) -> None:
    code = (
        "import os, sys\n"
        "sys.argv[1:] = ['--version']\n"
        "from ydsim.cli import main\n"
        f"main(); print(os.environ.get({name!r})); import matplotlib.pyplot"
    )
    done = _process(code, env={name: value}, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[1] == then


def test_hidden_characters_are_written_out(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from ydsim.cli import scenario

    names = {"a\x1b[31m": "b\u202e\x9b\ttab", "上海": "c"}
    monkeypatch.setattr(scenario, "listed", lambda what: names)
    for args in (["list"], ["list", "--json"]):
        assert main(args) == 0
        out, _ = capsys.readouterr()
        assert "a\\u001b[31m" in out
        assert "b\\u202e\\u009b" in out
        assert "上海" in out
    sink = io.StringIO()
    PlainText(sink).write("plain\ntext\t\U000e0001\r")
    assert sink.getvalue() == "plain\ntext\t\\udb40\\udc01\\r"


# -- the vocabulary of options --------------------------------------------------------------------

VOCABULARY = {
    "--set": ("--set", "KEY=VALUE", None),
    "--vary": ("--vary", "KEY=VALUES", None),
    "--seed": ("--seed", "N", None),
    "--replicates": ("--replicates", "N", None),
    "--years": ("--years", "FROM:TO", None),
    "--place": ("--place", "NAME", None),
    "--outcome": ("--outcome", "NAME", None),
    "--output": ("-o --output", "PATH", None),
    "--jobs": ("-j --jobs", "N", None),
    "--engine": ("--engine", None, None),
    "--world": ("--world", "FOLDER", None),
    "--dry-run": ("-n --dry-run", None, False),
    "--json": ("--json", None, False),
    "--force": ("--force", None, False),
    "--quiet": ("-q --quiet", None, False),
    "--allow-code": ("--allow-code", None, False),
}
SHORT = {"-h", "-n", "-o", "-j", "-q"}
RUNNING = [path for path in PATHS if path in ("run", "sweep", "resume", "compare", "world fit")
           or path.startswith("study ")]  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
def test_an_option_is_the_same_of_every_verb(path: str) -> None:
    for option in command(path).params:
        for name in set(option.opts) & VOCABULARY.keys():
            names, metavar, default = VOCABULARY[name]
            found = (" ".join(option.opts), option.metavar, option.default)
            assert found == (names, metavar, default), (path, name)
        short = {name for name in option.opts if not name.startswith("--") and name[0] == "-"}
        assert short <= SHORT, path


@pytest.mark.parametrize("path", RUNNING)
def test_what_runs_takes_what_all_that_run_take(path: str) -> None:
    names = {name for option in command(path).params for name in option.opts}
    assert {"--jobs", "--allow-code", "--json", "--quiet"} <= names
