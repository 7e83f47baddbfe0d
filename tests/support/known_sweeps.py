"""Sweeps whose outcome is a known function of their factors, for tests of sensitivity."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from tests.support.fake_run import FakeModel
from ydsim.design.load import load_sweep
from ydsim.design.sweep import Sweep
from ydsim.results.sample import Sample
from ydsim.typing import Columns, Floats

KEYS = (
    "parameters.border.exposure", "parameters.border.talent", "parameters.adopt.outside",
    "parameters.match.search_cost", "parameters.match.lead", "parameters.learn.rate",
    "parameters.compete.catch_up", "parameters.match.institution",
)  # fmt: skip
LOW, HIGH = 0.1, 0.5
BASE = "world: synthetic\nstart: 2014\nend: 2014\nseed: 7\nscale: 0.01\n"

Function = Callable[[Floats], Floats]
"""Values (P,) of shares of ranges (P, d)."""


def sweep(
    folder: Path, design: dict[str, Any], d: int, *, replicates: int = 1, **extra: Any
) -> Sweep:
    """Return a loaded sweep with factors x1 ... xd, each a range or two values of it."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "base.yaml").write_text(BASE, encoding="utf-8")
    listed = design["kind"] in ("one_at_a_time", "grid")
    form: dict[str, Any] = {"values": [LOW, 0.45]} if listed else {"from": LOW, "to": HIGH}
    factors = {key: {**form, "label": f"x{j + 1}"} for j, key in enumerate(KEYS[:d])}
    content = {
        "name": "planted", "base": "base.yaml", "replicates": replicates,
        "design": {"factors": factors, **design}, **extra,
    }  # fmt: skip
    path = folder / "planted.yaml"
    path.write_text(json.dumps(content), encoding="utf-8")
    return load_sweep(path)


def sample(
    folder: Path,
    design: dict[str, Any],
    d: int,
    function: Function,
    *,
    replicates: int = 1,
    noise: float = 0.0,
    shared: float = 0.0,
) -> Sample:
    """Return an outcome without any run: the function, plus noise and what replicates share."""
    loaded = sweep(folder, design, d, replicates=replicates)
    rows = list(loaded.rows())
    columns: Columns = {f"x{j + 1}": np.array([row[j].value for row in rows]) for j in range(d)}
    shares = (np.column_stack(list(columns.values())) - LOW) / (HIGH - LOW)
    rng = np.random.default_rng(5)
    values = np.repeat(function(shares)[:, None], replicates, axis=1)
    values = values + noise * rng.standard_normal(values.shape)
    values = values + shared * rng.standard_normal(replicates)
    return Sample(
        "launches", "items", "projects launched", "yrd", "in 2015", loaded.kind,
        loaded.spec["settings"], tuple(loaded.spec["factors"]), columns, values, True,
    )  # fmt: skip


def ishigami(u: Floats, a: float = 7.0, b: float = 0.1) -> Floats:
    x = np.pi * (2.0 * u[:, :3] - 1.0)
    return np.sin(x[:, 0]) * (1.0 + b * x[:, 2] ** 4) + a * np.sin(x[:, 1]) ** 2


class PlantedModel(FakeModel):
    """R&D is 100 + 30 x1 - 20 x2 + 5 x3, in four quarters, plus what the replicate draws."""

    def draw(self, what: int, size: int) -> Floats:
        own = super().draw(what, 1) / 1000.0
        p = self.scenario.parameters
        x = (np.array([p.border.exposure, p.border.talent, p.adopt.outside]) - LOW) / (HIGH - LOW)
        return np.full(size, (100.0 + 30.0 * x[0] - 20.0 * x[1] + 5.0 * x[2]) / 4.0 + own)


class Nameless(PlantedModel):
    """R&D is not a number in replicate 1 where x1 is high."""

    def draw(self, what: int, size: int) -> Floats:
        found = super().draw(what, size)
        high = self.scenario.parameters.border.exposure > (LOW + HIGH) / 2
        return np.full(size, np.nan) if self.replicate == 1 and high else found


class Broken(PlantedModel):
    """Fails in replicate 1 where x1 is high."""

    def step(self) -> None:
        super().step()
        if self.replicate == 1 and self.scenario.parameters.border.exposure > (LOW + HIGH) / 2:
            raise ZeroDivisionError("cannot share nothing")
