"""Small models for tests: a synthetic world, few firms, a short burn-in."""

import copy
import inspect
import re
from collections import OrderedDict
from dataclasses import fields, replace
from functools import cache

import numpy as np

from ydsim.agents.columns import Table
from ydsim.model import Model
from ydsim.processes.enact import Baselines, baseline_environment
from ydsim.record.projects import HolderLog
from ydsim.record.recorder import Recorder
from ydsim.scenario.schema.scenario import ALLOW_CODE, Scenario
from ydsim.world.loader import synthetic_world

PHASES = re.findall(r"self\.(_\w+)\(\)", inspect.getsource(Model.step))
"""Names of the phases of a quarter, in their order; the record is the last."""

SHORT_CHAIN = {"chain.effort": 12.5, "chain.duration": 6.0}
"""Projects that launch within a short burn-in."""

RESTLESS = {
    **SHORT_CHAIN,
    "match.gap_search": 0.3,
    "match.reserve": 1.5,
    "brokers.per_1000_firms": 20.0,
    "brokers.capacity": 1000.0,
    "brokers.largest_deal": 10.0,
    "talent.mobility": 0.3,
    "relocate.hazard": 0.5,
}
"""Much is matched, brokered and moved."""

TINY = {
    "end": 2011,
    "parameters.population.burn_in": 0,
    "record": {"adoption_events": False, "cities": False, "ties": False, "agents": False},
}
"""Changes of a scenario: a year, of which little is kept."""


@cache
def world(provinces=4, cities=3, **options):
    return synthetic_world(provinces, cities, **options)


def scenario(*, years=2, scale=0.01, burn_in=24, seed=1, policies=None, parameters=None, **keys):
    """A scenario; ``parameters`` by dotted path, as in ``{"border.exposure": 0.0}``."""
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
        },
        context={ALLOW_CODE: True},
    )


def model(*, place=None, replicate=0, **options):
    return Model(scenario(**options), world=place or world(), replicate=replicate)


def run(**options):
    return model(**options).run()


_BURNT: OrderedDict[tuple, Model] = OrderedDict()
"""Models at the end of their burn-in, oldest first."""
MOST_BURNT = 48


def after_burn_in(*, place=None, replicate=0, **options):
    """A model as of `model`, equal to the last bit, with a copy of a burn-in that was lived before.

    For tests of what follows: one that puts other rules into the burn-in, or is about it, takes
    `model`.
    """
    return burnt(scenario(**options), place or world(), replicate)


def burnt(settings, where, replicate):
    """A model of a scenario, as of `after_burn_in`.

    Burn-ins are distinguished by world, replicate and all keys of the scenario but policies,
    governance, shocks and what is recorded, which do not enter them.
    """
    content = settings.model_dump_json(
        exclude={"name", "description", "policies", "governance", "record", "replicates", "shocks"}
    )
    key = (id(where), replicate, content, settings.record.projects)
    if key not in _BURNT:
        _BURNT[key] = Model(settings, world=where, replicate=replicate)
        if len(_BURNT) > MOST_BURNT:
            _BURNT.popitem(last=False)
    _BURNT.move_to_end(key)
    m = _BURNT[key].branch(settings)
    logs = m.project_log, m.holder_log
    m.recorder = Recorder(m.state, settings, *logs, m.shocks.assignments)
    return m


def tilted(place):
    """A world of unlike places: relevance, distance, wealth, residents are uneven."""
    n_j, n_f = place.relevance.shape
    relevance = 1.0 + 3.0 * (np.arange(n_f)[None, :] == np.arange(n_j)[:, None])
    city = np.arange(place.n_cities)
    near = 1.0 + 0.5 * ((city[:, None] + city[None, :]) % 3 == 0)
    poverty = (1.0 + 0.5 * place.city_province)[:, None]
    return replace(
        place,
        relevance=relevance / relevance.sum(axis=1, keepdims=True),
        distance_km=place.distance_km * near,
        city_population=place.city_population * poverty,
    )


def fork(m, **options):
    """The state of a model goes on under another scenario; made from ``options`` as above.

    Without agents and records: it is lived phase by phase.
    """
    other = copy.copy(m)
    other.state = copy.deepcopy(m.state, {id(m.world): m.world})
    other._views, other.recorder = {}, None
    other.holder_log = HolderLog(m.parameters)
    other.settings = scenario(**options)
    other.parameters = other.settings.parameters
    plain = baseline_environment(other.world, other.parameters)
    other.baselines = Baselines(plain, other.world, other.parameters, other.settings.start)
    other.environment = other.baseline
    return other


def live(m, until="_renew"):
    """Live the phases of a quarter up to one of them, by default all but its record."""
    m._begin(m.state.quarter)
    for phase in PHASES[: PHASES.index(until) + 1]:
        getattr(m, phase)()
    return m


def copied(m):
    """The model with a state of its own; world and inputs are shared."""
    other = copy.copy(m)
    shared = {id(part): part for part in (m.world, m.state.inputs, m.state.base)}
    other.state = copy.deepcopy(m.state, shared)
    return other


@cache
def _arrived():
    m = after_burn_in(years=2, scale=0.05, burn_in=6)
    m.state.begin(m.state.quarter)
    for phase in (m._enact, m._fund, m._move_talent, m._invest, m._explore):
        phase()
    return m


def arrived():
    """A small model in the middle of a quarter, before partners are sought."""
    m = copied(_arrived())
    m.state.ledger.entries.clear()
    return m


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


NOT_COMPARED = ("world", "inputs", "base", "national", "arena", "waiting", "ledger")
"""Parts of a state that are constants, storage with room to spare, or recorded elsewhere."""


def columns_of(state):
    """Every array and number of a state by name, copied."""
    found = {}
    for field in fields(state):
        if field.name not in NOT_COMPARED:
            collect(field.name, getattr(state, field.name), found)
    found["slots.adopted"] = found["slots.adopted"][: len(state.organisations)]
    return found


def collect(name, value, found):
    """Put every array and number of a value into ``found``, by name."""
    if isinstance(value, np.ndarray):
        found[name] = value.copy()
    elif isinstance(value, Table):
        for column in value.names:
            collect(f"{name}.{column}", getattr(value, column), found)
    elif isinstance(value, dict):
        for key, part in value.items():
            collect(f"{name}.{key}", part, found)
    elif isinstance(value, list | tuple):
        for i, part in enumerate(value):
            collect(f"{name}.{i}", part, found)
    elif isinstance(value, int | float):
        found[name] = np.array(value)
    else:
        for key in _attributes(value):
            collect(f"{name}.{key.strip('_')}", getattr(value, key), found)


def _attributes(value):
    """Names of the attributes of an object, with slots or without."""
    slots = [name for cls in type(value).__mro__ for name in getattr(cls, "__slots__", ())]
    return [*getattr(value, "__dict__", {}), *slots]
