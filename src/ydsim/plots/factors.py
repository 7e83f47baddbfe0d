"""What tells the points of a sweep apart: factors, their levels, and a slice of the points.

A figure has few axes. Points are shown where every factor that has no axis is held at one level:
that of the base point, at which the sweep leaves its scenario as it is; where the sweep has no such
point, that of its first point.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ydsim.fmt import listed, number
from ydsim.plots.messages import key_in_words, say
from ydsim.plots.options import factors_of
from ydsim.results.results import Results
from ydsim.typing import Ints

_PREFIXES = ("policies.", "parameters.")
_RECORD = "record"


@dataclass(frozen=True)
class Factor:
    """A factor of a sweep.

    Attributes
    ----------
    name
        Its column in the table of points.
    levels
        Its values: numbers from low to high, all else in the order of the points.
    at
        (points,) number of the level of each point.
    numeric
        Whether the levels are numbers.
    """

    name: str
    levels: tuple[Any, ...]
    at: Ints
    numeric: bool

    @property
    def words(self) -> str:
        """Its name without the group of its key, and with spaces."""
        name = self.name
        for prefix in _PREFIXES:
            name = name.removeprefix(prefix)
        return key_in_words(name)

    @property
    def texts(self) -> list[str]:
        """The levels in words, all different."""
        if self.numeric:
            return distinct([float(level) for level in self.levels])
        return [level_in_words(level) for level in self.levels]

    @property
    def logarithmic(self) -> bool:
        """Whether its numbers have about equal ratios and span more than one power of ten."""
        if not self.numeric or len(self.levels) < 3 or float(self.levels[0]) <= 0.0:
            return False
        steps = np.diff(np.log(np.array(self.levels, dtype=np.float64)))
        spread = float(self.levels[-1]) / float(self.levels[0])
        return spread > 10.0 and bool(steps.max() < 3.0 * steps.min())


@dataclass(frozen=True)
class Design:
    """The factors of a sweep, and its base point.

    Attributes
    ----------
    factors
        By name, in their order; only those that vary.
    base
        Number of the base point.
    is_base
        Whether that point leaves the scenario as it is; otherwise it is just the first one.
    """

    factors: dict[str, Factor]
    base: int
    is_base: bool

    def held(self, free: Sequence[str]) -> dict[str, int]:
        """Return the level at which each factor is held that is not ``free``."""
        return {
            name: int(factor.at[self.base])
            for name, factor in self.factors.items()
            if name not in free
        }

    def slice(self, free: Sequence[str]) -> Ints:
        """Return the points at which all other factors are held."""
        mine = np.ones(len(next(iter(self.factors.values())).at), dtype=np.bool_)
        for name, level in self.held(free).items():
            mine &= self.factors[name].at == level
        return np.flatnonzero(mine)

    def cells(self, free: Sequence[str]) -> Ints:
        """Return the point of each combination of levels of ``free``, -1 where there is none.

        Of two points with the same levels the first one counts.
        """
        factors = [self.factors[name] for name in free]
        found = np.full([len(factor.levels) for factor in factors], -1, dtype=np.int64)
        for point in self.slice(free)[::-1]:
            found[tuple(int(factor.at[point]) for factor in factors)] = point
        return found

    def where(self, point: int, free: Sequence[str]) -> str:
        """Say at which levels of ``free`` a point is."""
        parts = [
            say("sweeps.at", factor=f.words, level=f.texts[int(f.at[point])])
            for f in (self.factors[name] for name in free)
        ]
        return listed(parts)


def design_of(results: Results) -> Design:
    """Return the factors of a sweep that have more than one level."""
    points = results.contents.points
    found = {name: _factor(name, points.columns[name]) for name in factors_of(results)}
    factors = {name: factor for name, factor in found.items() if len(factor.levels) > 1}
    unchanged = [at for at in range(len(points)) if _is_base(points.changes(at))]
    return Design(factors, unchanged[0] if unchanged else 0, bool(unchanged))


def level_in_words(level: Any) -> str:
    """Return a level as a figure names it: a switch as on or off, settings without their signs."""
    if isinstance(level, bool | np.bool_):
        return say("sweeps.on" if level else "sweeps.off")
    text = str(level)
    if text[:1] in ("{", "["):
        try:
            return _settings(json.loads(text)) or say("sweeps.on")
        except (ValueError, RecursionError):
            return text
    return text


def distinct(values: Sequence[float]) -> list[str]:
    """Return numbers with so few digits that all are still told apart, four at least."""
    for digits in range(4, 11):
        texts = [number(value, digits) for value in values]
        if len(set(texts)) == len(set(values)):
            break
    return texts


def _settings(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(
            f"{str(key).replace('_', ' ')} {_settings(one)}" for key, one in value.items()
        )
    if isinstance(value, list):
        return " ".join(_settings(one) for one in value)
    return level_in_words(value) if isinstance(value, bool) else str(value)


def _factor(name: str, column: Any) -> Factor:
    values = column.tolist()
    numeric = column.dtype.kind in "iuf"
    levels = tuple(sorted(set(values)) if numeric else dict.fromkeys(values))
    number = {level: position for position, level in enumerate(levels)}
    at = np.array([number[value] for value in values], dtype=np.int64)
    return Factor(name, levels, at, numeric)


def _is_base(changes: Mapping[str, Sequence[Sequence[Any]]]) -> bool:
    """Tell whether a point changes nothing of the scenario but what is recorded."""
    return not changes["drop"] and all(path[0] == _RECORD for path in changes["set"])
