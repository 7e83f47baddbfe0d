"""Sweeps whose outcome is a known function of their factors, for tests of sensitivity."""

from typing import Any

import numpy as np

from tests.support.fake_run import FakeModel
from tests.support.fake_sweep import written
from tests.support.sweep_files import BASE
from ydsim.design.load import load_sweep
from ydsim.results.sample import Sample
from ydsim.typing import Columns

KEYS = (
    "parameters.border.exposure", "parameters.border.talent", "parameters.adopt.outside",
    "parameters.match.search_cost", "parameters.match.social", "parameters.learn.rate",
    "parameters.compete.catch_up", "parameters.match.institution",
)  # fmt: skip
LOW, HIGH = 0.1, 0.5


def sweep(folder, design, d, *, replicates=1, **extra):
    """Return a loaded sweep with factors x1 ... xd, each a range or two values of it."""
    listed = design["kind"] in ("one_at_a_time", "grid")
    form: dict[str, Any] = {"values": [LOW, 0.45]} if listed else {"from": LOW, "to": HIGH}
    factors = {key: {**form, "label": f"x{j + 1}"} for j, key in enumerate(KEYS[:d])}
    content = {"replicates": replicates, "design": {"factors": factors, **design}, **extra}
    return load_sweep(written(folder, BASE, {"name": "planted", **content}))


def sample(folder, design, d, function, *, replicates=1, noise=0.0, shared=0.0):
    """Return an outcome without any run: a function of shares (P, d), noise, what is shared."""
    loaded = sweep(folder, design, d, replicates=replicates)
    columns: Columns = {f"x{j + 1}": loaded.points[f"x{j + 1}"].to_numpy() for j in range(d)}
    shares = (np.column_stack(list(columns.values())) - LOW) / (HIGH - LOW)
    rng = np.random.default_rng(5)
    values = np.repeat(function(shares)[:, None], replicates, axis=1)
    values = values + noise * rng.standard_normal(values.shape)
    values = values + shared * rng.standard_normal(replicates)
    return Sample(
        "launches", "items", "projects launched", "yrd", "in 2015", loaded.kind,
        loaded.spec["settings"], tuple(loaded.spec["factors"]), columns, values, True,
    )  # fmt: skip


def ishigami(u, a=7.0, b=0.1):
    x = np.pi * (2.0 * u[:, :3] - 1.0)
    return np.sin(x[:, 0]) * (1.0 + b * x[:, 2] ** 4) + a * np.sin(x[:, 1]) ** 2


class PlantedModel(FakeModel):
    """R&D is 100 + 30 x1 - 20 x2 + 5 x3, in four quarters, plus what the replicate draws."""

    def draw(self, what, size):
        own = super().draw(what, 1) / 1000.0
        p = self.scenario.parameters
        x = (np.array([p.border.exposure, p.border.talent, p.adopt.outside]) - LOW) / (HIGH - LOW)
        return np.full(size, (100.0 + 30.0 * x[0] - 20.0 * x[1] + 5.0 * x[2]) / 4.0 + own)


class Nameless(PlantedModel):
    """R&D is not a number in replicate 1 where x1 is high."""

    def draw(self, what, size):
        found = super().draw(what, size)
        high = self.scenario.parameters.border.exposure > (LOW + HIGH) / 2
        return np.full(size, np.nan) if self.replicate == 1 and high else found


class Broken(PlantedModel):
    """Fails in replicate 1 where x1 is high."""

    def step(self):
        super().step()
        if self.replicate == 1 and self.scenario.parameters.border.exposure > (LOW + HIGH) / 2:
            raise ZeroDivisionError("cannot share nothing")
