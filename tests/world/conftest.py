import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.worlds import YRD
from ydsim.world.loader import load_world


@pytest.fixture(scope="session")
def yrd():
    return load_world("yrd")


@pytest.fixture
def folder(tmp_path):
    """Return a writable copy of the packaged world."""
    target = tmp_path / "region"
    shutil.copytree(YRD, target)
    return target


@pytest.fixture
def edit(folder):
    """Return a function that rewrites the lines of one file of the copy."""

    def rewrite(name: str, change: Callable[[list[str]], list[str]]) -> Path:
        path = folder / name
        lines = path.read_text(encoding="utf-8").splitlines()
        path.write_text("\n".join(change(lines)) + "\n", encoding="utf-8")
        return folder

    return rewrite
