"""Commands as a user gives them, in a folder of their own."""

import json
import shlex
from typing import Any

import pytest

from ydsim.cli import main


class Command:
    """Calls ``ydsim`` in this process and asks for its exit code."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self.capsys = capsys

    def __call__(self, line: str, *more: object, code: int = 0) -> tuple[str, str]:
        """Return what it printed on stdout and stderr."""
        got = main([*shlex.split(line), *map(str, more)])
        out, err = self.capsys.readouterr()
        assert got == code, err
        return out, err

    def out(self, line: str, *more: object) -> str:
        """Return what it printed, with nothing on stderr."""
        out, err = self(line, *more)
        assert err == ""
        return out

    def json(self, line: str, *more: object, code: int = 0) -> Any:
        return json.loads(self(f"{line} --json", *more, code=code)[0])

    def refused(self, line: str, *more: object, code: int = 2) -> str:
        """Return the one line of a command that is refused."""
        out, err = self(line, *more, code=code)
        assert out == ""
        assert err.count("\n") == 1
        assert err.startswith("error: ")
        return err


@pytest.fixture
def command(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    return Command(capsys)
