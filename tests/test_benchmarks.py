"""The benchmark scripts start: what they import from the package is there."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[1] / "benchmarks"
HERE = {**os.environ, "PYTHONPATH": str(FOLDER.parent)}  # as the docstring of `policies` says


NAMES = "ablation phases large policies measures sweeps compare_checkouts"


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES.split())
def test_a_benchmark_starts(name):
    command = [sys.executable, str(FOLDER / f"{name}.py"), "--help"]
    done = subprocess.run(command, capture_output=True, text=True, env=HERE)
    assert done.returncode == 0, done.stderr
    assert "usage" in done.stdout
