"""A small labour market of researchers: ten cities in four provinces."""

from types import SimpleNamespace

import numpy as np

from tests.support import scalar_talent as scalar
from tests.support.neutral import across, neutral
from tests.support.numbers import rng
from ydsim.agents.columns import NEVER
from ydsim.agents.organisations import FIRM, INSTITUTE, UNIVERSITY, Organisations
from ydsim.agents.state import State
from ydsim.agents.tally import Tally
from ydsim.noise import NoiseSource, identity
from ydsim.policies.base import Places
from ydsim.processes.talent import city_demand, initial_talent, place_keys
from ydsim.scenario.schema.parameters import TalentParameters

LIVELY = TalentParameters(mobility=0.6, retirement=0.2, scarce_supply=False)
SCARCE = TalentParameters(mobility=0.6, retirement=0.2)
PROVINCES = np.array([0, 0, 0, 1, 1, 2, 2, 2, 2, 3])


def draws(quarter=7):
    return NoiseSource(11, 0).phase("talent", quarter)


def environment(seed, n, provinces, *, passes=0.6, recognition=0.6, mobility=0.6, **more):
    """Travel times and borders at random; fields of others are of no matter here."""
    draw = rng(seed)
    hours = draw.uniform(0.5, 5.0, (n, n))
    ones = np.ones((provinces, provinces))
    cross = ones - np.eye(provinces)
    known = {
        "travel_hours": hours + hours.T,
        "outside_hours": draw.uniform(2.0, 6.0, n),
        "talent": across(passes, provinces),
        "recognition": ones - (1.0 - recognition) * cross,
        "mobility": np.full(n, mobility),
    }
    return neutral(np.arange(n) * provinces // n, **(known | more))


def rows_of(table):
    """Organisations as rows of the scalar rule."""
    return [
        scalar.Firm(
            int(table.city[i]),
            bool(table.kind[i] == FIRM),
            bool(table.alive[i]),
            float(table.rd[i]),
            float(table.grants_spent[i]),
            float(table.researchers[i]),
        )
        for i in range(len(table))
    ]


def surroundings(seed, parameters, policies):
    """The environment of ten cities, and all that policies do to moves."""
    moved = {"mobility": np.full(10, parameters.mobility)}
    if policies:
        draw = rng(700 + seed)
        moved["mobility"] = draw.uniform(0.0, 0.8, 10)
        moved |= {"offer": draw.uniform(0.5, 2.0, 10), "core_pull": np.array(0.7)}
    return environment(seed, 10, 4, **moved)


def arguments_of(state, where, noise):
    """What the scalar rules of a quarter are given, by position and by name."""
    keys = place_keys(state.world)
    given = (
        state.talent.stock.tolist(), state.talent.wage.tolist(), rows_of(state.organisations),
        state.inputs.wage[PROVINCES, 2].tolist(), state.scale, 2.2, keys.tolist(),
        *(noise.uniform(keys, k) for k in range(3)),
    )  # fmt: skip
    named = {
        "province": PROVINCES.tolist(), "hours": where.travel_hours,
        "outside_hours": where.outside_hours, "passes": where.talent,
        "recognition": where.recognition, "mobility": where.mobility.tolist(),
        "offer": where.offer.tolist(), "core_pull": float(where.core_pull),
    }  # fmt: skip
    return given, named


def state_of(seed, *, province=PROVINCES, scale=0.1, organisations=120, gap=0.1):
    """Just what this process reads; stocks lie around demand."""
    draw = rng(seed)
    n, provinces = len(province), int(province.max()) + 1
    city = draw.integers(0, n, organisations)
    kind = draw.choice([FIRM, FIRM, UNIVERSITY, INSTITUTE], organisations)
    table = Organisations(3)
    table.append(
        organisations,
        kind=kind,
        city=city,
        province=province[city],
        died=np.where(draw.random(organisations) < 0.9, NEVER, 0),
        rd=np.where(kind == FIRM, draw.exponential(0.2, organisations), 0.0),
        grants_spent=draw.exponential(0.1, organisations),
        researchers=draw.exponential(50.0, organisations),
        knowledge=draw.normal(size=(organisations, 3)),
    )
    state = object.__new__(State)
    state.organisations, state.scale, state.quarter = table, scale, 2
    state.world = SimpleNamespace(
        city_province=province,
        city_keys=identity("city", draw.permutation(n)),
        n_cities=n,
        n_provinces=provinces,
        fields=("a", "b", "c"),
    )
    wage = draw.uniform(0.002, 0.004, (provinces, 4))
    students = draw.exponential(1.0, n)
    students[draw.integers(n)] = 0.0
    state.inputs = SimpleNamespace(
        years=np.array([2011]),
        wage=wage,
        personnel=draw.uniform(1e5, 2e5, (provinces, 1)) * np.array([1.0, 1.02, 1.05, 1.07]),
        students=np.repeat(students[:, None] / students.sum(), 4, axis=1),
    )
    state.national = SimpleNamespace(outside_mass=np.array([2.0, 2.1, 2.2, 2.3]))
    state.tally = Tally(n, provinces)
    state.talent = initial_talent(city_demand(state), 2.2)
    off = draw.uniform(1.0 - gap, 1.0 + gap, n + 1)
    state.talent.stock = (state.talent.stock * off).astype(np.int64)
    state.talent.wage = draw.uniform(0.5, 2.0, n)
    return state


CITIES = tuple(f"c{c}" for c in range(10))
HERE = Places(
    ("A", "B", "C", "D"),
    CITIES,
    PROVINCES,
    np.zeros((10, 10)),
    ("chips",),
    ("electronics",),
    np.full(10, 100.0),
)
"""Places of the small labour market of the tests of talent."""
