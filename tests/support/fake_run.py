"""A model of a few lines that keeps the contract of `ydsim.Model`, for tests of the store."""

import json
import os
import signal
from types import SimpleNamespace

import numpy as np

from ydsim.record.indicators import Indicator
from ydsim.run.api import run_scenario
from ydsim.run.replicate import RunContext
from ydsim.run.scheduler import RunOptions
from ydsim.scenario.schema.scenario import Scenario
from ydsim.world.loader import load_world

INDICATORS = {
    "rd_expenditure": Indicator(
        "rd_expenditure", "100m_rmb", "flow", ("region", "province", "city"), "R&D", True, True
    ),
    "rd_intensity": Indicator(
        "rd_intensity", "pct_of_gdp", "stock", ("region", "province"), "R&D over GDP", True
    ),
    "knowledge": Indicator("knowledge", "1", "stock", ("province", "city"), "knowledge"),
}


def world():
    return load_world("synthetic")


def scenario(**changes):
    values = {"name": "fake", "start": 2014, "end": 2016, "replicates": 3, "seed": 7}
    return Scenario(**{**values, "world": "synthetic", **changes})


class FakeModel:
    """Numbers from (seed, replicate, quarter); subclasses misbehave."""

    def __init__(self, scenario, *, replicate, world):
        self.scenario, self.replicate, self.world = scenario, replicate, world
        self.quarter = 0
        self.notes = [f"replicate {replicate} is a fake", "all is fake"]
        self.recorder = SimpleNamespace(tables=self.tables)

    def step(self):
        self.quarter += 1

    def draw(self, what, size):
        root = (self.scenario.seed, self.replicate, what)
        return np.random.default_rng(root).random(size) * 1000.0 / 3.0

    def keys(self):
        """Level, region, year and quarter of series: places in each quarter, the region last."""
        places, t = (*self.world.provinces, "yrd"), np.arange(self.quarter)
        n, p = self.quarter, len(places)
        return {
            "level": np.tile(np.array(["province"] * (p - 1) + ["region"], dtype=object), n),
            "region": np.tile(np.array(places, dtype=object), n),
            "year": np.repeat(self.scenario.start + t // 4, p),
            "quarter": np.repeat(1 + t % 4, p),
        }

    def tables(self):
        assert self.quarter == self.scenario.quarters
        t, keys = np.arange(self.quarter), self.keys()
        n, rows = len(t), len(keys["year"])
        knowledge = self.draw(1, rows)
        knowledge[keys["level"] == "region"] = np.nan
        cities = np.array(self.world.city_names, dtype=object)
        home = np.array(self.world.provinces, dtype=object)[self.world.city_province]
        c = len(cities)
        return {
            "series": {
                **keys,
                "rd_expenditure": self.draw(2, rows),
                "rd_intensity": self.draw(3, rows),
                "knowledge": knowledge,
            },
            "city_series": {
                "city": np.tile(cities, n),
                "province": np.tile(home, n),
                "year": np.repeat(self.scenario.start + t // 4, c),
                "quarter": np.repeat(1 + t % 4, c),
                "rd_expenditure": self.draw(4, n * c),
                "knowledge": self.draw(5, n * c),
            },
            "generations": {
                "generation": np.arange(4),
                "origin": np.array(["yrd", "outside", "=1+1", "yrd"]),
                "founded_year": np.full(4, 2014, dtype=np.int32),
                "key": np.array([0, 1, 2**63, 2**64 - 1], dtype=np.uint64),
                "radical": np.array([True, False, True, True]),
            },
            "adoption": {"firm": np.zeros(0, dtype=np.uint64), "city": np.array([], dtype=object)},
        }


class FailingModel(FakeModel):
    """Replicate 1 fails in its third quarter."""

    def step(self):
        super().step()
        if self.replicate == 1 and self.quarter == 3:
            raise ZeroDivisionError("cannot share nothing")


class SignallingModel(FakeModel):
    """Replicate 1 is interrupted in its second quarter by the signal named in the environment."""

    def step(self):
        super().step()
        if self.replicate == 1 and self.quarter == 2:
            os.kill(os.getpid(), getattr(signal, os.environ.get("YDSIM_TEST_SIGNAL", "SIGINT")))


def run(out, model=FakeModel, **options):
    changes = options.pop("changes", {})
    run_options = RunOptions(progress=options.pop("progress", None))
    context = RunContext(make_model=model, indicators=INDICATORS, allow_code=True)
    return run_scenario(scenario(**changes), out, run_options, context, **options)


def tree(folder):
    """Return all files by path; the manifest without its block ``made`` and its check."""
    files = {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    manifest = json.loads(files["manifest.json"])
    del manifest["made"], manifest["check"]
    files["manifest.json"] = json.dumps(manifest).encode()
    return files
