"""What tables made on demand share: runs of recorded tables, the world of results."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from ydsim.errors import ResultsError, YdsimError
from ydsim.typing import Ints
from ydsim.world.loader import load_world
from ydsim.world.world import World

if TYPE_CHECKING:
    import pandas as pd

    from ydsim.results.results import Results

Run: TypeAlias = tuple[int, int]
"""Point and replicate."""

Tables: TypeAlias = "Mapping[str, pd.DataFrame]"
"""Recorded tables by name."""

Rows: TypeAlias = Iterator[tuple[Any, ...]]
"""Rows of a table, values in the order of its columns in ``store/tables.csv``."""


def runs_of(table: pd.DataFrame) -> Iterator[tuple[Run, pd.DataFrame]]:
    """Yield each point and replicate of a recorded table with its rows, in their order."""
    if len(table):
        by_run: Any = table.groupby(["point", "replicate"])
        for (point, replicate), rows in by_run:
            yield (int(point), int(replicate)), rows


def number_of(names: Sequence[str], words: Iterable[str], what: str) -> Ints:
    """Return the place of each word among names.

    Raises
    ------
    ValueError
        When a word is none of them.
    """
    import pandas as pd

    place = {name: i for i, name in enumerate(names)}
    series = words if isinstance(words, pd.Series) else pd.Series([*words], dtype=object)
    codes, known = pd.factorize(series, use_na_sentinel=False)  # of few words, each many times
    try:
        return np.array([place[word] for word in known], dtype=np.int64)[codes]
    except KeyError as error:
        raise ValueError(f"there is no {what} {error.args[0]!r}") from None


def cities_of(world: World, words: Iterable[str]) -> Ints:
    """Return the place of each city in the world."""
    return number_of(world.city_names, words, "city in the world")


class Place:
    """The region of results, for a table that is made: provinces, name of the whole, world."""

    def __init__(self, results: Results, table: str) -> None:
        *provinces, self.whole = results.manifest["regions"]
        self.provinces = tuple(provinces)
        self._of = results, table

    @cached_property
    def world(self) -> World:
        """The world, read when it is asked for."""
        return world_of(*self._of)


def world_of(results: Results, table: str) -> World:
    """Return the world of results, of which a table is made.

    Raises
    ------
    ResultsError
        When there are several, or it is not there any more, or its files have changed.
    """
    worlds, until = results.contents.points.worlds, results.manifest.get("until")
    needs = f"table {table} needs"
    if len(worlds) != 1:
        raise ResultsError(f"{needs} one world, and these results are of {len(worlds)}")
    ((name, digest),) = worlds.items()
    try:
        world = load_world(name) if until is None else load_world(name, until=until)
    except (YdsimError, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise ResultsError(f"{needs} the world, which cannot be loaded: {reason}") from error
    if digest not in (world.digest, world.tables):  # the latter: fitted since
        raise ResultsError(f"{needs} world {name} as it was: its files have changed since")
    return world
