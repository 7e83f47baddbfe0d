"""Firms around the thresholds of a certificate."""

import numpy as np

from tests.support import scalar_society as scalar
from tests.support.numbers import rng
from ydsim.agents.organisations import MEMORY, UNIVERSITY
from ydsim.noise import NoiseSource, identity
from ydsim.scenario.schema.parameters import CertifyParameters
from ydsim.world.loader import synthetic_world

WORLD = synthetic_world(4, 3)
TERMS = CertifyParameters(
    thresholds=(0.05, 0.04, 0.03), sales_basis=1.0, small_sales=0.5, large_sales=2.0,
    relabelling=0.3, hazard=0.03, hazard_before=0.01, lasts=12,
)  # fmt: skip


def terms(**changes):
    return TERMS.model_copy(update=changes)


def noise(seed=0, quarter=0):
    return NoiseSource(seed, 0).phase("certify", quarter)


def state_with(n=200, seed=0, *, world=WORLD, scale=1.0, quarter=0, **columns):
    """A state of firms around the thresholds, then one university and one firm that is gone."""
    draw = rng(seed)
    sales = draw.lognormal(-2.0, 1.2, n)
    sales[draw.random(n) < 0.05] = 0.0
    city = draw.integers(0, world.n_cities, n)
    values = {
        "key": identity("firm", np.arange(n)),
        "city": city,
        "industry": draw.integers(0, 3, n),
        "sales": sales,
        "rd": sales * draw.uniform(0.01, 0.08, n),
        "inventions": draw.poisson(0.15, (n, MEMORY)),
    } | columns
    state = scalar.stub(world, scale=scale, quarter=quarter)
    table = state.organisations
    table.append(n, province=world.city_province[values["city"]], **values)
    table.append(1, key=identity("university"), kind=UNIVERSITY, inventions=5.0, sales=1.0, rd=1.0)
    table.append(1, key=identity("gone"), died=0, inventions=5.0, certified_until=99)
    return state


def alike(n, **columns):
    """Firms that all meet the threshold with three own inventions."""
    ring = np.zeros((n, MEMORY))
    ring[:, 5] = 3.0
    given = {"sales": np.full(n, 0.1), "rd": np.full(n, 0.02), "inventions": ring}
    return state_with(n, **(given | columns))
