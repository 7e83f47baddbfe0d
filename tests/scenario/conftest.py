"""Files in an empty folder, and what the command line says about them."""

import os
import sys

import pytest

from ydsim.cli import main

SUPPORT = """\
from ydsim.policies.base import Policy


class Needy(Policy):
    rate: float


class Kinds(Policy):
    mode: str = "a"
    weights: list[float] = [1.0]
    nested: tuple[float, float] = (0.0, 1.0)
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty folder that is the current one."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def support(tmp_path_factory, monkeypatch):
    """The name of an importable module with policies of its own."""
    place = tmp_path_factory.mktemp("support")
    (place / "ydsim_test_policies.py").write_text(SUPPORT, encoding="utf-8")
    for name, error in (("broken", "SystemExit"), ("odd", "GeneratorExit")):
        text = f"raise {error}('no')\n"
        (place / f"ydsim_test_{name}.py").write_text(text, encoding="utf-8")
    monkeypatch.syspath_prepend(str(place))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    return "ydsim_test_policies"


@pytest.fixture
def refused(folder, capsys):
    """Write a file, check it, demand a clean refusal, and return the lines without ``error:``."""

    def call(content: str | bytes, code: int = 3, name: str = "x.yaml", *args: str) -> list[str]:
        raw = content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content
        (folder / name).write_bytes(raw)
        before = sorted(os.listdir(folder))
        assert main(["check", name, *args]) == code
        out, err = capsys.readouterr()
        assert out == ""
        assert "Traceback" not in err
        assert sorted(os.listdir(folder)) == before
        lines = err.rstrip("\n").split("\n")
        assert all(line.startswith("error: ") for line in lines)
        return [line.removeprefix("error: ") for line in lines]

    return call
