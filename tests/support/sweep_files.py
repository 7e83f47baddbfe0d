"""The sweep `files/fake.yaml` of the tests at the command line, with a model of a few lines."""

import json
from importlib import import_module
from pathlib import Path

from tests.support import fake_sweep as fake
from tests.support.fake_run import INDICATORS

BASE = "world: synthetic\nstart: 2014\nend: 2014\nseed: 7\nscale: 0.01\n"
SPANS = (0.1, 0.2)
SWEEP = ("sweep", "files/fake.yaml", "-o", "out", "--chunk", "2")
RESUME = ("resume", "out")


def write_sweep(folder=Path("files"), base=BASE, **changes):
    content = {
        "name": "fake",
        "base": "base.yaml",
        "design": {"kind": "grid", "factors": {fake.KEY: list(SPANS)}},
        "replicates": 3,
        **changes,
    }
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "base.yaml").write_text(base, encoding="utf-8")
    (folder / "fake.yaml").write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")


_LATE = ("model", "store.explained", "studies.optimise")
"""Modules that are imported late and would keep stand-ins for good."""


def stand_in(patch, model, indicators=INDICATORS):
    for name in _LATE:
        import_module(f"ydsim.{name}")
    patch.setattr("ydsim.record.indicators.INDICATORS", indicators)
    patch.setattr("ydsim.run.replicate.default_model", model)
