"""What can hold the chain back: the capacity of each stage, and what eases each friction.

Everything is written as a capacity a, of which more is easier, so that elasticities compare:

    times     a = v          a rate, a share or a speed v of the scenario
    over      a = 1 / v      a time, a cost or a hazard v
    passes    a = 1 - v      a share v that is held back, such as the level of a border

Moving a capacity by a factor moves all of its keys so that each capacity has that factor. A policy
that sets the same thing as a key is moved with it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from ydsim.agents.projects import STAGES
from ydsim.scenario.schema.key_index import scenario_keys

How = Literal["times", "over", "passes"]
Kind = Literal["stage", "friction"]
Plain: TypeAlias = Mapping[str, Any]
"""A scenario as plain data, all values written out."""


@dataclass(frozen=True)
class Move:
    """A number of a scenario, or of a policy, that is part of a capacity.

    Attributes
    ----------
    key
        Dotted key; of a policy ``policy:KIND.KEY``, for all policies of the kind that are there.
    how
        How the capacity follows from the number.
    item
        Position in a list.
    """

    key: str
    how: How
    item: int | None = None


@dataclass(frozen=True)
class Capacity:
    """Something that may hold the chain back.

    Attributes
    ----------
    name
        As options and tables name it.
    kind
        ``stage`` of the chain, or ``friction`` between those who work on it.
    title
        In words.
    moves
        What is moved.
    stage
        The stage whose capacity it is, if one.
    """

    name: str
    kind: Kind
    title: str
    moves: tuple[Move, ...]
    stage: str = ""


@dataclass(frozen=True)
class Level:
    """A capacity at a point.

    Attributes
    ----------
    factor
        Capacity over that of the scenario.
    keys
        Values by dotted key.
    """

    factor: float
    keys: dict[str, Any]


def _short(stage: str) -> str:
    return stage.replace(" ", "_")


def _stages() -> Iterator[Capacity]:
    yield Capacity(
        "idea_rate", "stage", "ideas a researcher has", (Move("explore.ideas", "times"),)
    )
    for at, stage in enumerate(STAGES):
        moves = (Move("chain.effort", "over", at), Move("chain.duration", "over", at))
        yield Capacity(f"{_short(stage)}_pace", "stage", f"pace of {stage}", moves, stage)
    for at, stage in enumerate(STAGES):
        risk = (Move("chain.failure", "over", at),)
        name = f"{_short(stage)}_survival"
        yield Capacity(name, "stage", f"fewer failures in {stage}", risk, stage)
    yield Capacity(
        "take_up", "stage", "inventions that are taken up", (Move("chain.selection", "times"),)
    )
    yield Capacity(
        "adoption",
        "stage",
        "adoption by firms",
        (Move("adopt.external", "times"), Move("adopt.internal", "times")),
    )


_BORDERS = {
    "border_projects": ("joint projects across borders", "match.border"),
    "border_contracts": ("hand-overs across borders", "match.border_contract"),
    "border_goods": ("goods across borders", "compete.border"),
    "border_talent": ("researchers across borders", "talent.border"),
    "border_exposure": ("seeing adopters across borders", "adopt.border"),
}
ALL_BORDERS = "borders"


def _frictions() -> Iterator[Capacity]:
    for name, (title, key) in _BORDERS.items():
        yield Capacity(name, "friction", title, (Move(key, "passes"),))
    for name, title, *moves in (
        ("search", "cheaper search for partners", Move("match.search_cost", "over")),
        ("seeking", "projects that seek a partner", Move("match.gap_search", "times")),
        ("institutions", "less strangeness of partners", Move("match.institution", "over")),
        (
            "brokers",
            "intermediaries",
            Move("brokers.per_1000_firms", "times"),
            Move("policy:intermediaries.per_1000_firms", "times"),
        ),
        (
            "travel",
            "speed of travel",
            Move("travel.speed_kmh", "times"),
            Move("travel.ride", "over"),
        ),
        (
            "talent",
            "researchers who move",
            Move("talent.mobility", "times"),
            Move("policy:talent_mobility.mobility", "times"),
        ),
        (
            "recognition",
            "titles recognised",
            Move("talent.recognition", "times"),
            Move("policy:mutual_recognition.share", "times"),
        ),
        ("facilities", "use of shared facilities", Move("match.facility_use", "times")),
        ("learning", "learning from partners", Move("learn.rate", "times")),
        ("small_firms", "capability of small firms", Move("chain.capability_size", "over")),
        ("waiting", "patience of stranded projects", Move("chain.waiting_death", "over")),
        ("rd_money", "R&D money of firms", Move("invest.intensity", "times")),
        ("profits_kept", "profits that firms keep", Move("fund.payout", "passes")),
        ("grants_used", "grants spent as meant", Move("fund.leakage", "passes")),
    ):
        yield Capacity(name, "friction", title, moves)  # type: ignore[arg-type]


CAPACITIES = (*_stages(), *_frictions())
"""All capacities: stages in the order of the chain, then frictions."""


def capacities_of(scenario: Plain) -> tuple[Capacity, ...]:
    """Return the capacities of a scenario, which is given as plain data.

    Where the policy ``border_friction`` sets a level, which is one for all channels, the five
    borders are one capacity.
    """
    if not _policy_keys("policy:border_friction.level", scenario):
        return CAPACITIES
    moves = (
        *(Move(key, "passes") for _, key in _BORDERS.values()),
        Move("policy:border_friction.level", "passes"),
    )
    one = Capacity(ALL_BORDERS, "friction", "exchange across all borders", moves)
    found = [one if c.name == next(iter(_BORDERS)) else c for c in CAPACITIES]
    return tuple(c for c in found if c.name not in _BORDERS)


def level_of(capacity: Capacity, scenario: Plain, factor: float) -> Level | None:
    """Return a capacity moved by a factor, or as far as the bounds of its keys let it.

    None where it cannot be moved this way at all, for instance a border that is open.
    """
    numbers = list(_numbers(capacity, scenario))
    for how, value, low, high in ((n.how, n.value, n.low, n.high) for n in numbers):
        ends = sorted((_capacity(how, low), _capacity(how, high)))
        now = _capacity(how, value)
        if not 0.0 < now < math.inf:
            return None
        factor = max(min(factor, ends[1] / now), ends[0] / now)
    if factor == 1.0 or not 0.0 < factor < math.inf:
        return None
    keys: dict[str, Any] = {}
    for n in numbers:
        moved = float(f"{_number(n.how, _capacity(n.how, n.value) * factor):.12g}")
        moved = min(max(moved, n.low), n.high)
        if n.item is None:
            keys[n.key] = moved
        else:
            values = list(keys.get(n.key, n.whole))
            values[n.item] = moved
            keys[n.key] = values
    return Level(factor, keys)


@dataclass(frozen=True)
class _Number:
    key: str
    how: How
    item: int | None
    whole: Any
    value: float
    low: float
    high: float


def factor_of(capacity: Capacity, scenario: Plain, changes: Plain) -> float:
    """Return a capacity after changes, nested as in a scenario, over that of the scenario."""
    one = next(_numbers(capacity, scenario))
    whole = _at(changes, one.key)
    value = float(whole if one.item is None else whole[one.item])
    return _capacity(one.how, value) / _capacity(one.how, one.value)


def _numbers(capacity: Capacity, scenario: Plain) -> Iterator[_Number]:
    for move in capacity.moves:
        if move.key.startswith("policy:"):
            named = _policy_keys(move.key, scenario)
        else:
            named = {f"parameters.{move.key}": _bounds(f"parameters.{move.key}")}
        for key, (low, high) in named.items():
            whole = _at(scenario, key)
            value = whole if move.item is None else whole[move.item]
            yield _Number(key, move.how, move.item, whole, float(value), low, high)


def _policy_keys(key: str, scenario: Plain) -> dict[str, tuple[float, float]]:
    """Return the keys of all policies of a kind at which a value is set, with their bounds."""
    kind, _, name = key.removeprefix("policy:").partition(".")
    return {
        f"policies.{own}.{name}": _bounds(f"policies.{kind}.{name}")
        for own, settings in scenario["policies"].items()
        if ((settings or {}).get("policy") or own) == kind
        and (settings or {}).get(name) is not None
    }


def _at(plain: Plain, key: str) -> Any:
    here: Any = plain
    for part in key.split("."):
        here = here[part] if isinstance(here, Mapping) and part in here else None
    return here


def _bounds(key: str) -> tuple[float, float]:
    """Return the lowest and highest value of a key."""
    path = tuple(key.split("."))
    bounds = next(one.bounds for one in scenario_keys() if one.path == path)
    low = -math.inf if bounds.low is None else bounds.low
    return low, math.inf if bounds.high is None else bounds.high


def _capacity(how: How, value: float) -> float:
    if how == "passes":
        return 1.0 - value
    return value if how == "times" else math.inf if value == 0.0 else 1.0 / value


def _number(how: How, capacity: float) -> float:
    if how == "passes":
        return 1.0 - capacity
    return capacity if how == "times" else 1.0 / capacity
