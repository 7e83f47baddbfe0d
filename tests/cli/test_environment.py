"""What others left in the environment of a command."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ydsim.cli import main


def said(cwd: Path, *args: str, **variables: str) -> tuple[int, str, str]:
    environment = {**os.environ, **variables}
    done = subprocess.run(args, cwd=cwd, env=environment, capture_output=True, text=True)
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("start", ["-m ydsim", "-P -m ydsim"])
def test_a_current_folder_that_is_gone_is_said_in_one_line(tmp_path: Path, start: str) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    code = f"rmdir {gone} && {sys.executable} {start} status somewhere"
    status, out, err = said(gone, "sh", "-c", code)
    assert (status, out) == (6, "")
    assert err == "error: the current folder has been removed: go to another one\n"


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
    status, out, err = said(tmp_path, sys.executable, "-c", code, **{name: value})
    assert (status, err) == (0, "")
    assert out.splitlines()[1] == then


@pytest.mark.parametrize(
    "args",
    [
        ("game", "baseline", "--scale", "0.005"),
        ("optimise", "synthetic", "--vary", "parameters.learn.rate=0.05:0.2"),
    ],
    ids=lambda args: args[0],
)
def test_a_folder_of_others_is_left_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], args: tuple[str, ...]
) -> None:
    (tmp_path / "trials.csv").write_text("precious")
    assert main([*args, "-o", str(tmp_path)]) == 5
    said = capsys.readouterr().err.splitlines()[-1]
    assert "nothing was changed, use another folder" in said
    assert [path.name for path in tmp_path.iterdir()] == ["trials.csv"]
