"""Links between cities, from the table of ties: expected counts, which do not depend on scale.

A link has no direction here: what goes from a to b and from b to a is added up,

    W_ab = w_ab + w_ba  for a != b,   W_aa = w_aa
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ydsim.errors import UsageError
from ydsim.fmt import fixed, listed
from ydsim.measures.effects import interval
from ydsim.measures.network import e_i_index
from ydsim.outside import one_line
from ydsim.plots.cities import world_of
from ydsim.plots.counts import NATION, cube, read_rows, select, span, years_of
from ydsim.plots.ensemble import NothingToDrawError
from ydsim.plots.messages import say
from ydsim.plots.style import shown
from ydsim.results.results import Results
from ydsim.typing import Bools, Columns, Floats, Ints
from ydsim.wording import suggestion
from ydsim.world.world import World

COLUMNS = ("year", "channel", "from_city", "to_city", "realised", "expected")
USUAL = ("contract", "co-invention")
"""Channels of links that are shown unless another is asked for."""

SUPPLY = "supply"
"""The channel that is measured in money."""


@dataclass(frozen=True)
class Linkage:
    """Expected links a year between the cities of a world.

    Attributes
    ----------
    world
        The world.
    channels
        What is added up.
    years
        Of which years links are the mean.
    runs
        Shape (R, C, C), symmetric, by replicate; the diagonal holds links inside a city.
    outside
        Shape (C,): links with the rest of the nation, mean over replicates.
    """

    world: World
    channels: tuple[str, ...]
    years: Ints
    runs: Floats
    outside: Floats

    @cached_property
    def links(self) -> Floats:
        """Mean over replicates, (C, C)."""
        mean: Floats = self.runs.mean(axis=0)
        return mean

    @property
    def crossing(self) -> Bools:
        """Which pairs lie in two provinces, (C, C)."""
        of = self.world.city_province
        pairs: Bools = of[:, None] != of[None, :]
        return pairs

    @property
    def between(self) -> Floats:
        """Links with other cities of the region, (C,)."""
        total: Floats = self.links.sum(axis=1) - np.diag(self.links)
        return total

    @property
    def what(self) -> str:
        """What is linked, in words: "contracts and co-inventions"."""
        return listed(shown(in_words(channel), 22) for channel in self.channels)

    @property
    def unit(self) -> str:
        """Unit of a link in words; channels that are added up have one unit."""
        return say("linkage.money") if SUPPLY in self.channels else say("linkage.number")


def in_words(channel: str) -> str:
    """Return what a channel is called in a figure; an unknown one keeps its name."""
    try:
        return say(f"linkage.channel.{channel}")
    except KeyError:
        return channel


def year_of(results: Results, year: int | None) -> Ints:
    """Return a year that was run, by default the last, as an array of one.

    Raises
    ------
    UsageError
        When it was not run.
    """
    years = years_of(results)
    found = years[-1:] if year is None else years[years == year]
    if len(found) == 0:
        raise UsageError(f"year {year} was not run; the years are {span(years)}")
    return found


def read_ties(results: Results, channels: Sequence[str], years: Ints) -> Columns:
    """Return the rows of some channels and years in the table of ties.

    Raises
    ------
    NothingToDrawError
        When ties were not recorded.
    UsageError
        When no such channel was recorded.
    """
    rows = read_rows(results, "ties", COLUMNS)
    known = sorted(set(rows["channel"].tolist()))
    for channel in channels:
        # of the usual ones there may have been no link at all
        if channel not in known and channel not in USUAL:
            near = suggestion(channel, known, "recorded")
            raise UsageError(f"channel {one_line(channel, 40)} was not recorded{near}")
    return select(select(rows, "year", years.tolist()), "channel", channels)


def read_linkage(results: Results, channels: Sequence[str], years: Ints) -> Linkage:
    """Return expected links of some channels together, yearly mean over ``years``.

    Raises
    ------
    NothingToDrawError
        When ties were not recorded, no link of these channels is expected, or the world of the
        run cannot be loaded or lacks one of the cities.
    UsageError
        When no such channel was recorded.
    """
    rows = read_ties(results, channels, years)
    if not rows["expected"].astype(bool).any():
        raise NothingToDrawError(f"no {' or '.join(channels)} between cities is expected")
    world = world_of(results)
    places = (*world.city_names, NATION)
    for column in ("from_city", "to_city"):
        strange = [name for name in dict.fromkeys(rows[column].tolist()) if name not in places]
        if strange:
            raise NothingToDrawError(f"world {world.name} has no city {strange[0]}")
    flow = cube(rows, "expected", results, {"from_city": places, "to_city": places}) / len(years)
    both = flow + flow.transpose(0, 2, 1)
    inside = np.arange(len(places))
    both[:, inside, inside] = flow[:, inside, inside]
    outside: Floats = both[:, :-1, -1].mean(axis=0)
    return Linkage(world, tuple(channels), years, both[:, :-1, :-1], outside)


def strongest(linkage: Linkage, number: int) -> tuple[Ints, Ints, Floats]:
    """Return the ends a < b and the strength of the strongest pairs of cities, weakest first."""
    a, b = np.triu_indices(linkage.world.n_cities, 1)
    strength = linkage.links[a, b]
    order = np.lexsort((b, a, -strength))[:number][::-1]
    order = order[strength[order] > 0.0]
    return a[order], b[order], strength[order]


def crossing_share(linkage: Linkage) -> float:
    """Return the share of links between cities that cross a provincial border, NaN without any."""
    return (1.0 + _e_i(linkage, linkage.links)) / 2.0


def say_crossing(linkage: Linkage) -> str:
    """Say the E-I index with its interval; nothing where there is no link between two cities."""
    values = np.array([_e_i(linkage, run) for run in linkage.runs])
    known = values[np.isfinite(values)]
    if len(known) == 0:
        return ""
    _, value, low, high = interval(known)
    if low is None or high is None:
        return say("linkage.e_i", value=fixed(value, 2, sign=True))
    texts = {"value": value, "low": low, "high": high}
    return say(
        "linkage.e_i_interval",
        **{name: fixed(each, 2, sign=True) for name, each in texts.items()},
    )


def _e_i(linkage: Linkage, links: Floats) -> float:
    return e_i_index(links, linkage.world.city_province, linkage.world.n_provinces)
