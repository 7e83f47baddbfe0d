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
    place = {name: i for i, name in enumerate(names)}
    try:
        return np.array([place[word] for word in words], dtype=np.int64)
    except KeyError as error:
        raise ValueError(f"there is no {what} {error.args[0]!r}") from None


def cities_of(world: World, words: Iterable[str]) -> Ints:
    """Return the place of each city in the world."""
    return number_of(world.city_names, words, "city in the world")


class Place:
    """The region of results.

    Attributes
    ----------
    provinces
        Names, in the order of the world.
    whole
        Name of the region as a whole.

    Parameters
    ----------
    manifest
        Of the results.
    worlds
        Digests of their worlds by name.
    table
        The table that is made, for messages.
    """

    def __init__(self, manifest: Mapping[str, Any], worlds: Mapping[str, str], table: str) -> None:
        *provinces, self.whole = manifest["regions"]
        self.provinces = tuple(provinces)
        self._worlds = worlds
        self._until = manifest.get("until")
        self._table = f"table {table} needs"

    @cached_property
    def world(self) -> World:
        """The world, read when it is asked for.

        Raises
        ------
        ResultsError
            When there are several, or it is not there any more, or its files have changed.
        """
        if len(self._worlds) != 1:
            raise ResultsError(
                f"{self._table} one world, and these results are of {len(self._worlds)}"
            )
        name, digest = next(iter(self._worlds.items()))
        try:
            world = load_world(name) if self._until is None else load_world(name, until=self._until)
        except (YdsimError, ValueError) as error:
            reason = str(error).splitlines()[0]
            raise ResultsError(
                f"{self._table} the world, which cannot be loaded: {reason}"
            ) from error
        if digest not in (world.digest, world.tables):  # the latter: fitted since
            raise ResultsError(
                f"{self._table} world {name} as it was: its files have changed since"
            )
        return world
