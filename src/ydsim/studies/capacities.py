"""What can hold the chain back: the capacity of each stage, and what eases each friction.

Everything is written as a capacity a, of which more is easier, so that elasticities compare:

    times     a = v          a rate, a share or a speed v of the scenario
    over      a = 1 / v      a time, a cost or a hazard v
    passes    a = 1 - v      a share v that is held back, such as the level of a border

Moving a capacity by a factor moves all of its keys so that each capacity has that factor. A policy
that sets the same thing as a key is moved with it.

All capacities are in ``capacities.csv``, stages in the order of the chain, then frictions, a row
for each key: that of a parameter, of which ``item`` is the position in a list, or
``policy:KIND.KEY`` for all policies of a kind that set it.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import groupby
from typing import Any, TypeAlias

from ydsim.scenario.schema.key_index import shipped_keys

Plain: TypeAlias = Mapping[str, Any]
"""A scenario as plain data, all values written out."""


@dataclass(frozen=True)
class Number:
    """A number of a scenario that is part of a capacity.

    Attributes
    ----------
    key, item
        Dotted key, and position where it is a list.
    how
        How the capacity follows from the number: ``times``, ``over`` or ``passes``.
    whole, value
        What is at the key, and the number itself.
    low, high
        Bounds of the key.
    """

    key: str
    item: int | None
    how: str
    whole: Any
    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Capacity:
    """Something that may hold the chain of a scenario back.

    Attributes
    ----------
    name
        As options and tables name it.
    kind
        ``stage`` of the chain, or ``friction`` between those who work on it.
    title
        In words.
    stage
        The stage whose capacity it is, if one.
    numbers
        What is moved.
    """

    name: str
    kind: str
    title: str
    stage: str
    numbers: tuple[Number, ...]


def capacities_of(scenario: Plain) -> dict[str, Capacity]:
    """Return the capacities of a scenario, which is given as plain data, by name.

    Where the policy ``border_friction`` sets a level, which is one for all channels, the five
    borders are one capacity.
    """
    level = _keys_of("policy:border_friction.level", scenario)
    left_out = "border_" if level else "borders"
    rows = [row for row in _rows() if not row["capacity"].startswith(left_out)]
    found = {}
    for name, group in groupby(rows, key=lambda row: row["capacity"]):
        own = list(group)
        numbers = tuple(number for row in own for number in _numbers(row, scenario))
        found[name] = Capacity(name, own[0]["kind"], own[0]["title"], own[0]["stage"], numbers)
    return found


def keys_moved(capacity: Capacity, factor: float) -> dict[str, Any] | None:
    """Return the values by dotted key at which a capacity is so many times that of the scenario.

    It goes as far as the bounds of its keys let it; None where it cannot be moved this way at all,
    for instance a border that is open.
    """
    for one in capacity.numbers:
        now = _turned(one.how, one.value)
        if not 0.0 < now < math.inf:
            return None
        least, most = sorted((_turned(one.how, one.low), _turned(one.how, one.high)))
        factor = max(min(factor, most / now), least / now)
    if factor == 1.0 or not 0.0 < factor < math.inf:
        return None
    keys: dict[str, Any] = {}
    for one in capacity.numbers:
        moved = float(f"{_turned(one.how, _turned(one.how, one.value) * factor):.12g}")
        moved = min(max(moved, one.low), one.high)
        if one.item is None:
            keys[one.key] = moved
        else:
            keys.setdefault(one.key, list(one.whole))[one.item] = moved
    return keys


def factor_of(capacity: Capacity, changes: Plain) -> float:
    """Return a capacity after changes, nested as in a scenario, over that of the scenario."""
    one = capacity.numbers[0]
    whole = _at(changes, one.key)
    value = float(whole if one.item is None else whole[one.item])
    return _turned(one.how, value) / _turned(one.how, one.value)


@cache
def _rows() -> list[dict[str, str]]:
    text = resources.files("ydsim.studies").joinpath("capacities.csv").read_text("utf-8")
    return list(csv.DictReader(text.splitlines()))


def _numbers(row: dict[str, str], scenario: Plain) -> Iterator[Number]:
    item = int(row["item"]) if row["item"] else None
    for key, bounds in _keys_of(row["key"], scenario).items():
        whole = _at(scenario, key)
        value = float(whole if item is None else whole[item])
        yield Number(key, item, row["how"], whole, value, *bounds)


def _keys_of(key: str, scenario: Plain) -> dict[str, tuple[float, float]]:
    """Return the keys of a scenario that a row means, with their bounds."""
    if not key.startswith("policy:"):
        return {f"parameters.{key}": _bounds(f"parameters.{key}")}
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
    bounds = next(one.bounds for one in shipped_keys() if one.path == path)
    low = -math.inf if bounds.low is None else bounds.low
    return low, math.inf if bounds.high is None else bounds.high


def _turned(how: str, value: float) -> float:
    """Return the capacity that a number is, and likewise the number that a capacity is."""
    if how == "times":
        return value
    return 1.0 - value if how == "passes" else math.inf if value == 0.0 else 1.0 / value
