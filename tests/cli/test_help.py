"""The command line itself: help, usage errors, exit codes, and what it loads."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

import ydsim.cli.app
from tests.support.strikes import PATIENCE
from ydsim.cli import main
from ydsim.cli.verbs import VERBS
from ydsim.errors import InputError, ResourceError, ResultsError, ScenarioError, UsageError

SOURCE = str(Path(ydsim.cli.__file__).parents[2])
RUN = "import sys; from ydsim.cli import main; raise SystemExit(main(sys.argv[1:]))"
HEAVY = (
    "mesa", "numpy", "scipy", "pandas", "pydantic", "matplotlib", "pyarrow", "openpyxl", "networkx",
    "ruamel", "rich", "typer",
)  # fmt: skip


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
    for verb, meaning in VERBS.items():
        assert f"  {verb} " in out
        assert meaning in out


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys; from ydsim.cli import main; main(['--help']); main(['--version']); "
        "main(['nonsense']); print(sorted({m.split('.')[0] for m in sys.modules}))"
    )
    done = _process(code)
    assert done.returncode == 0
    loaded = done.stdout.splitlines()[-1]
    for package in HEAVY:
        assert f"'{package}'" not in loaded


@pytest.mark.slow
def test_help_of_a_verb_loads_no_science() -> None:
    code = (
        f"import sys; from ydsim.cli import main; [main([v, '--help']) for v in {list(VERBS)}]; "
        "print(sorted({m.split('.')[0] for m in sys.modules}))"
    )
    loaded = _process(code).stdout.splitlines()[-1]
    for package in ("mesa", "scipy", "pandas", "matplotlib", "pyarrow", "openpyxl"):
        assert f"'{package}'" not in loaded


def test_help_loads_little() -> None:
    """It is quick because of that; the time itself depends on the machine."""
    code = "import sys; from ydsim.cli import main; main(['--help']); print(len(sys.modules))"
    assert int(_process(code).stdout.splitlines()[-1]) < 120


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_help(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([verb, "--help"]) == 0
    out = capsys.readouterr().out
    assert out.startswith(f"Usage: ydsim {verb} ")
    assert "\x1b" not in out
    assert main(["help", verb]) == 0
    assert capsys.readouterr().out == out


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("ydsim ")
    assert out.split()[1][0].isdigit()


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["chek"], "error: no such verb: 'chek'; did you mean 'check'?"),
        (["xyzzy"], "error: no such verb: 'xyzzy'; verbs are: run, "),
        (["a\x1b[31mb\n"], "error: no such verb: 'a\\x1b[31mb\\n'"),
        (["--verson"], "error: no such option: '--verson'; did you mean '--version'?"),
        (["-q", "run"], "error: no such option: '-q'; options of a verb follow it"),
        (["show"], "error: missing argument 'NAME_OR_PATH'; see `ydsim show --help`"),
        (["show", "a", "b"], "error: got unexpected extra argument"),
        (["show", "a", "--orign"], "error: no such option: '--orign'; did you mean '--origin'?"),
        (["check"], "error: missing argument"),
        (["list", "polices"], "error: invalid value for"),
        (["show", "baseline", "--set"], "error: option '--set' requires an argument"),
        (["show", "baseline", "--set", "scale"], "error: --set scale: expected KEY=VALUE"),
    ],
)
def test_usage_errors_are_one_line(
    args: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(args) == 2
    assert _err(capsys).startswith(said)


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
    assert main(["schema"]) == code
    assert capsys.readouterr().err.splitlines() == said


def _raise(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    def fail(verb: str, args: Sequence[str]) -> int:
        raise error.with_traceback(None)

    monkeypatch.setattr(ydsim.cli.app, "_invoke", fail)


def test_a_bug_is_saved_and_told_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("YDSIM_DEBUG", raising=False)
    _raise(monkeypatch, ZeroDivisionError("so\nbad"))
    assert main(["schema"]) == 70
    line = _err(capsys)
    (saved,) = tmp_path.iterdir()
    assert line.startswith(f"error: internal bug (saved in {saved.name}): ZeroDivisionError: so ba")
    assert "Traceback" in saved.read_text(encoding="utf-8")
    assert main(["schema"]) == 70
    assert [path.name for path in tmp_path.iterdir()] == [saved.name]
    capsys.readouterr()
    monkeypatch.setenv("YDSIM_DEBUG", "1")
    assert main(["schema"]) == 70
    assert "Traceback" in capsys.readouterr().err


def test_a_bug_in_a_folder_that_cannot_be_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    spare = tmp_path / "spare"
    spare.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(spare))
    _raise(monkeypatch, ZeroDivisionError())
    assert main(["schema"]) == 70
    (saved,) = spare.iterdir()
    assert f"saved in {saved}" in _err(capsys)


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
    assert done.stderr.startswith("error: x.yaml:2:1: \\u540d: unknown key")
    (tmp_path / "y.yaml").write_text("description: 长三角\n", encoding="utf-8")
    done = _process(RUN, "show", "y.yaml", env=env, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert 'description: "\\u957f\\u4e09\\u89d2"' in done.stdout
    done = _process(RUN, "check", "x.yaml", env={"LC_ALL": "C.UTF-8"}, cwd=tmp_path)
    assert done.stderr.startswith("error: x.yaml:2:1: 名: unknown key")
