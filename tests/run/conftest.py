"""A sweep that was never disturbed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support import fake_sweep as fake
from tests.support.sweep_files import SWEEP, stand_in, write_sweep
from ydsim.cli import main


@pytest.fixture(scope="session")
def finished(tmp_path_factory) -> Path:
    """A sweep of three parts with two runs each, never disturbed."""
    place = tmp_path_factory.mktemp("finished")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(place)
        write_sweep()
        stand_in(patch, fake.SweepModel)
        assert main([*SWEEP, "-q"]) == 0
    return place / "out"
