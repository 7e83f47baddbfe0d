"""The command line itself: help, usage errors, exit codes, old verbs, and what it loads."""

import errno
import io
import os
import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Sequence
from gettext import NullTranslations
from pathlib import Path

import pytest

import ydsim.cli
from tests.support.strikes import PATIENCE
from ydsim.cli import GROUPS, VERBS
from ydsim.cli import command as command_of
from ydsim.cli.output import PlainText
from ydsim.errors import InputError, ResourceError, ResultsError, ScenarioError, UsageError
from ydsim.translation import speak

SOURCE = str(Path(ydsim.cli.__file__).parents[2])
RUN = "import sys; from ydsim.cli import main; raise SystemExit(main(sys.argv[1:]))"
HEAVY = (
    "mesa", "numpy", "scipy", "pandas", "pydantic", "matplotlib", "pyarrow", "openpyxl", "networkx",
    "ruamel", "rich", "typer", "jinja2",
)  # fmt: skip
PATHS = [f"{verb} {word}".rstrip() for verb in VERBS for word in GROUPS.get(verb, ("",))]


def _process(
    code: str, *args: str, env: dict[str, str] | None = None, cwd: Path | None = None, **kw: object
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code, *args],
        env={**os.environ, "PYTHONPATH": SOURCE, "PYTHONUNBUFFERED": "", **(env or {})},
        cwd=cwd, text=True, encoding="utf-8", timeout=PATIENCE, check=False,
        **({"capture_output": True} | kw),
    )  # fmt: skip


HELP = {"": [(verb, one.meaning) for verb, one in VERBS.items()]}
HELP |= {group: list(words.items()) for group, words in GROUPS.items()}


@pytest.mark.parametrize("group", HELP)
def test_help_names_every_word(command, group):
    out = command.out(group)
    for word, meaning in HELP[group]:
        assert re.search(rf"^  {word} +{re.escape(meaning)}$", out, re.MULTILINE)
    for line in (f"{group} --help", f"{group} -h", f"help {group}"):
        assert command.out(line) == out


def test_version(command):
    assert command.out("--version") == f"ydsim {ydsim.__version__}\n"


@pytest.mark.parametrize("path", PATHS)
def test_every_command_has_help(command, path):
    out = command.out(f"{path} --help")
    assert out.startswith(f"Usage: ydsim {path} ")
    assert "\x1b" not in out


def test_help_loads_nothing_heavy_and_little():
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


SCIENCE = ("mesa", "scipy", "pandas", "matplotlib", "pyarrow", "openpyxl")


@pytest.mark.slow
@pytest.mark.parametrize("line", ["list scenarios", "list policies", "check baseline",
                                  "explain rd_grants", "explain rd_expenditure"])  # fmt: skip
def test_what_only_reads_loads_no_science(line):
    absent = (*SCIENCE, *(["ydsim.policies"] if line == "list scenarios" else []))
    code = (
        f"import sys; from ydsim.cli import main; code = main({line.split()}); "
        f"print(code, sorted({{*{absent}}} & {{*sys.modules}}))"
    )
    assert _process(code).stdout.splitlines()[-1] == "0 []"


@pytest.mark.slow
def test_help_of_a_verb_loads_no_science():
    paths = [path.split() for path in PATHS]
    code = (
        f"import sys; from ydsim.cli import main; [main([*p, '--help']) for p in {paths}]; "
        "print(sorted({m.split('.')[0] for m in sys.modules}))"
    )
    loaded = _process(code).stdout.splitlines()[-1]
    for package in SCIENCE:
        assert f"'{package}'" not in loaded


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
def test_exit_codes(command, monkeypatch, error, code, said):
    _raise(monkeypatch, error)
    assert command("list", code=code)[1].splitlines() == said


def _raise(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    def fail(path: str, args: Sequence[str]) -> int:
        raise error.with_traceback(None)

    monkeypatch.setattr(ydsim.cli, "_invoke", fail)


def test_a_bug_is_saved_and_told_in_one_line(command, tmp_path, monkeypatch):
    monkeypatch.delenv("YDSIM_DEBUG", raising=False)
    _raise(monkeypatch, ZeroDivisionError("so\nbad"))
    line = command.refused("list", code=70)
    (saved,) = tmp_path.iterdir()
    assert f"(saved in {saved.name}): ZeroDivisionError: so ba" in line
    assert "Traceback" in saved.read_text(encoding="utf-8")
    command.refused("list", code=70)
    assert [path.name for path in tmp_path.iterdir()] == [saved.name]
    monkeypatch.setenv("YDSIM_DEBUG", "1")
    assert "Traceback" in command("list", code=70)[1]


def test_a_bug_in_a_folder_that_cannot_be_written(command, tmp_path, monkeypatch):
    for name in ("gone", "spare"):
        (tmp_path / name).mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "spare"))
    _raise(monkeypatch, ZeroDivisionError())
    line = command.refused("list", code=70)
    (saved,) = (tmp_path / "spare").iterdir()
    assert f"saved in {saved}" in line


@pytest.mark.slow
def test_a_reader_that_stops_early_is_no_error():
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "w") as pipe:
        done = _process(RUN, "show", "baseline", stdout=pipe, stderr=subprocess.PIPE,
                        capture_output=False)  # fmt: skip
    assert (done.returncode, done.stderr) == (141, "")


def test_code_that_closes_stdout_is_no_traceback(monkeypatch, tmp_path, capfd):
    """`main` lets no error out, not when a policy closed the stream that it would flush."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "stdout", open(tmp_path / "out", "w", encoding="utf-8"))  # noqa: SIM115
    monkeypatch.setattr("ydsim.cli._dispatch", lambda args: sys.stdout.close() or 0)
    assert ydsim.cli.main(["list"]) == 70
    assert len(capfd.readouterr().err.splitlines()) == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full")
def test_a_full_disk_behind_stdout_is_a_system_error():
    with open("/dev/full", "w", encoding="utf-8") as full:
        done = _process(RUN, "list", "worlds", stdout=full, stderr=subprocess.PIPE,
                        capture_output=False)  # fmt: skip
    assert done.returncode == 6
    assert done.stderr == "error: No space left on device\n"


@pytest.mark.slow
def test_any_locale_and_no_terminal(tmp_path):
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
def test_a_current_folder_that_is_gone_is_said_in_one_line(tmp_path, start):
    (gone := tmp_path / "gone").mkdir()
    code = f"rmdir {gone} && {sys.executable} {start} status somewhere"
    done = subprocess.run(["sh", "-c", code], cwd=gone, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (6, "")
    assert done.stderr.count("\n") == 1


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "value", "then"),
    [
        ("MPLBACKEND", "nope", "agg"),
        ("SOURCE_DATE_EPOCH", "abc", "None"),
        ("SOURCE_DATE_EPOCH", "253402300800", "None"),
        ("SOURCE_DATE_EPOCH", "9" * 5000, "None"),
        ("SOURCE_DATE_EPOCH", "1700000000", "1700000000"),
    ],
)
def test_variables_of_others_do_not_stop_figures(tmp_path, name, value, then):
    code = (
        "import os, sys\n"
        "sys.argv[1:] = ['--version']\n"
        "from ydsim.cli import main\n"
        f"main(); print(os.environ.get({name!r})); import matplotlib.pyplot"
    )
    done = _process(code, env={name: value}, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[1] == then


def test_hidden_characters_are_written_out(command, monkeypatch):
    from ydsim.cli import scenario

    names = {"a\x1b[31m": "b\u202e\x9b\ttab", "上海": "c"}
    monkeypatch.setattr(scenario, "listed", lambda what: names)
    for line in ("list", "list --json"):
        out = command.out(line)
        assert all(text in out for text in ("a\\u001b[31m", "b\\u202e\\u009b", "上海"))
    sink = io.StringIO()
    PlainText(sink).write("plain\ntext\t\U000e0001\r")
    assert sink.getvalue() == "plain\ntext\t\\udb40\\udc01\\r"


class Marked(NullTranslations):
    """A language whose sentences begin with a mark."""

    def gettext(self, message: str) -> str:
        return f"~{message}"


@pytest.mark.parametrize(
    "line",
    ["plot", "check", "list tables nosuchword", "run border_x_fund", "export x -o .",
     "compare a.yaml --by channel", "study interactions --group money", "sweep ten_firms --shard x",
     "world new x --from yrd --cities 2", "study bottleneck --outcome ''"],
)  # fmt: skip
def test_refusals_are_in_the_language_in_use(command, line):
    with speak(Marked()):
        assert command.refused(line).startswith("error: ~")


SHORT = {"-n", "-o", "-j", "-q"}
RUNNING = [path for path in PATHS if path in ("run", "sweep", "resume", "compare", "world fit")
           or (path.startswith("study ") and path != "study scorecard")]  # fmt: skip


def test_an_option_is_the_same_of_every_verb():
    ways = defaultdict(set)
    for path in PATHS:
        for option in command_of(path).params:
            if option.opts[-1].startswith("-"):
                ways[option.opts[-1]].add((*option.opts[:-1], option.metavar, option.default))
    assert [name for name, found in ways.items() if len(found) > 1] == []
    short = [way[0] for (way,) in ways.values() if len(way) > 2]
    assert set(short) == SHORT
    assert len(short) == len(SHORT)


@pytest.mark.parametrize("path", RUNNING)
def test_what_runs_takes_what_all_that_run_take(path):
    names = {name for option in command_of(path).params for name in option.opts}
    assert {"--jobs", "--allow-code", "--json", "--quiet"} <= names
    assert ("--dry-run" in names) == (path != "world fit")
