"""Sweep files in an empty folder."""

from typing import Any

import pytest

from tests.support.refusals import demand_chinese
from ydsim.design.load import load_sweep
from ydsim.design.sweep import Sweep, check_points
from ydsim.errors import YdsimError
from ydsim.translation import catalogue, speak


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty folder that is the current one."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def sweep(folder):
    """Load the text of a sweep file."""

    def call(text: str, **options: Any) -> Sweep:
        (folder / "s.yaml").write_text(text, encoding="utf-8")
        return load_sweep("s.yaml", **options)

    return call


@pytest.fixture
def refused(sweep):
    """Load the text of a sweep, demand a refusal with an exit code, and return its lines.

    In Chinese it is refused for the same reasons.
    """

    def refusal(text: str, code: int, **options: Any) -> list[str]:
        with pytest.raises(YdsimError) as caught:
            check_points(sweep(text, **options))
        assert caught.value.exit_code == code
        return str(caught.value).split("\n")

    def call(text: str, code: int = 3, **options: Any) -> list[str]:
        lines = refusal(text, code, **options)
        with speak(catalogue("zh")):
            demand_chinese(refusal(text, code, **options), lines)
        return lines

    return call
