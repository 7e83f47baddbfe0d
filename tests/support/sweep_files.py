"""The sweep `files/fake.yaml` of the tests at the command line, with a model of a few lines."""

from importlib import import_module
from pathlib import Path

from tests.support import fake_sweep as fake
from tests.support.fake_run import INDICATORS

BASE = "world: synthetic\nstart: 2014\nend: 2014\nseed: 7\nscale: 0.01\n"
SPANS = (0.1, 0.2)
SWEEP = ("sweep", "files/fake.yaml", "-o", "out", "--chunk", "2")
RESUME = ("resume", "out")


def write_sweep(folder=Path("files"), base=BASE, **changes):
    design = {"kind": "grid", "factors": {fake.KEY: list(SPANS)}}
    fake.written(folder, base, {"name": "fake", "design": design, "replicates": 3, **changes})


_LATE = ("model", "explain", "studies.optimise")
"""Modules that are imported late and would keep stand-ins for good."""


def stand_in(patch, model, indicators=INDICATORS):
    for name in _LATE:
        import_module(f"ydsim.{name}")
    patch.setattr("ydsim.record.indicators.INDICATORS", indicators)
    patch.setattr("ydsim.run.replicate.default_model", model)
