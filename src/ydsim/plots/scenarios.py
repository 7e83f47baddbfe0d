"""Several results on one axis: their names, looks and common years, and how they differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ydsim.errors import UsageError
from ydsim.measures.effects import interval
from ydsim.plots.ensemble import NothingToDrawError
from ydsim.plots.messages import say
from ydsim.plots.style import INK, Look, look
from ydsim.results.results import Results
from ydsim.typing import Ints

MOST_BANDS = 3
"""Scenarios with bands on one axis at most; bands of more would hide one another."""

_DASHES = ("-", (0, (5, 1.5)), (0, (2, 1.2)), (0, (6, 1.5, 1.5, 1.5)))


@dataclass(frozen=True)
class Together:
    """Results that are drawn on one axis.

    Attributes
    ----------
    results
        One for each scenario; the first is the one that others are compared with.
    names
        What they are called, each differently.
    provinces, whole
        Names of the places, the same in all of them.
    years
        The years that all of them have.
    """

    results: tuple[Results, ...]
    names: tuple[str, ...]
    provinces: tuple[str, ...]
    whole: str
    years: Ints

    @property
    def several(self) -> bool:
        """Whether there is more than one scenario."""
        return len(self.results) > 1

    @property
    def replicates(self) -> tuple[int, ...]:
        """Numbers of replicates, each once, in order."""
        return tuple(sorted({len(each.replicates) for each in self.results}))

    @property
    def paired(self) -> bool:
        """Whether replicates of one number share their draws, so that pairs can be compared."""
        keys = {
            (each.manifest["seed"], each.manifest["scenario"]["scale"]) for each in self.results
        }
        worlds = {str(each.manifest["scenario"]["world"]) for each in self.results}
        return len(keys) == 1 and len(worlds) == 1


def together(results: Sequence[Results], figure: str, fewest: int = 2) -> Together:
    """Return results as those of one figure.

    Parameters
    ----------
    figure
        What it shows, as the line that is said when there is too little of it names it.
    fewest
        Years that it needs, one or two.

    Raises
    ------
    UsageError
        When there are none, or their provinces differ.
    NothingToDrawError
        When fewer years are common to all of them.
    """
    if not results:
        raise UsageError(say("scenarios.none", figure=figure))
    places = [tuple(str(name) for name in each.manifest["regions"]) for each in results]
    other = next((n for n, found in enumerate(places) if found != places[0]), None)
    if other is not None:
        raise UsageError(say("scenarios.places", a=results[0].name, b=results[other].name))
    *provinces, whole = places[0]
    periods = [each.manifest["scenario"] for each in results]
    first = max(int(each["start"]) for each in periods)
    last = min(int(each["end"]) for each in periods)
    if first == last and fewest > 1:
        raise NothingToDrawError(say("scenarios.one_year", figure=figure, year=first))
    if first > last:
        raise NothingToDrawError(say("scenarios.no_year", figure=figure))
    return Together(
        tuple(results), names_of(results), tuple(provinces), whole, np.arange(first, last + 1)
    )


def require_years(results: Results, figure: str) -> Ints:
    """Return the years of one run.

    Raises
    ------
    NothingToDrawError
        When it is only one.
    """
    return together([results], figure).years


def names_of(results: Sequence[Results]) -> tuple[str, ...]:
    """Return a name for each of the results; those of one name differ by seed, or by a number."""
    names = [each.name for each in results]
    seeds = [each.manifest["seed"] for each in results]
    found: list[str] = []
    for at, name in enumerate(names):
        alike = [seeds[i] for i, other in enumerate(names) if other == name]
        if len(set(alike)) > 1:
            name = say("scenarios.seed", name=name, seed=seeds[at])
        unique, number = name, 2
        while unique in found:
            unique, number = say("scenarios.number", name=name, number=number), number + 1
        found.append(unique)
    return tuple(found)


def scenario_look(number: int) -> Look:
    """Return how the scenario at a position is drawn: the first in black, none like a neighbour."""
    if number == 0:
        return Look(INK, "o", "-")
    plain = look(number - 1)
    return Look(plain.colour, plain.marker, _DASHES[number % len(_DASHES)])


def difference(
    a: Mapping[int, float], b: Mapping[int, float]
) -> tuple[int, float, float | None, float | None]:
    """Return number, mean and 95 % interval of b - a over the replicates that both have.

    Parameters
    ----------
    a, b
        A value of each replicate, by its number; of common draws.
    """
    pairs = [b[r] - a[r] for r in sorted(set(a) & set(b)) if np.isfinite(b[r] - a[r])]
    if not pairs:
        return 0, float("nan"), None, None
    return interval(np.array(pairs))
