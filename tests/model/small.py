"""Small models for tests: a synthetic world, few firms, a short burn-in."""

from __future__ import annotations

from functools import cache

import numpy as np

from ydsim.model import Model
from ydsim.scenario.schema import Scenario
from ydsim.world.synthetic import synthetic_world


@cache
def world(provinces=4, cities=3, **options):
    return synthetic_world(provinces, cities, **options)


def scenario(*, years=2, scale=0.01, burn_in=24, seed=1, policies=None, parameters=None, **keys):
    """A scenario; ``parameters`` by dotted path, as in ``{"adopt.border": 0.0}``."""
    sections = {"population": {"burn_in": burn_in}}
    for path, value in (parameters or {}).items():
        section, name = path.split(".")
        sections.setdefault(section, {})[name] = value
    return Scenario.model_validate(
        {
            "name": "small",
            "world": "synthetic",
            "start": 2011,
            "end": 2010 + years,
            "scale": scale,
            "seed": seed,
            "parameters": sections,
            **({} if policies is None else {"policies": policies}),
            **keys,
        }
    )


def model(*, place=None, replicate=0, **options):
    return Model(scenario(**options), world=place or world(), replicate=replicate)


def run(**options):
    return model(**options).run()


def same(a, b):
    """Whether two columns are equal to the last bit."""
    if a.dtype != b.dtype or a.shape != b.shape:
        return False
    if a.dtype == np.object_:
        return a.tolist() == b.tolist()
    return a.tobytes() == b.tobytes()


def differing(a, b):
    """Names of tables and columns in which two sets of tables differ."""
    if list(a) != list(b):
        return ["tables"]
    return [
        f"{name}.{column}"
        for name in a
        for column in a[name]
        if column not in b[name] or not same(a[name][column], b[name][column])
    ]


def columns_of(state):
    """Every array of a state by name, copied."""
    parts = {
        "organisations": state.organisations,
        "projects": state.projects,
        "generations": state.generations,
    }
    arrays = {
        f"{part}.{name}": getattr(table, name).copy()
        for part, table in parts.items()
        for name in table.names
    }
    arrays["market.output"] = state.market.output.copy()
    arrays["market.share"] = state.market.share.copy()
    arrays["frontier"] = state.frontier.copy()
    arrays["slots"] = state.slots.holder.copy()
    return arrays
