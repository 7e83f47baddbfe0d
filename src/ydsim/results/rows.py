"""What tables made on demand share: their rows, runs of recorded tables, the world of results."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from ydsim.errors import ResultsError, YdsimError
from ydsim.store.tables import normalise
from ydsim.typing import Columns, Ints
from ydsim.world.loader import load_world
from ydsim.world.world import World

_TYPES = {"integer": np.int64, "float": np.float64, "boolean": np.bool_, "text": object}


class Rows:
    """Rows that are added one by one.

    Parameters
    ----------
    columns
        Type of each column by its name: ``integer``, ``float``, ``boolean`` or ``text``.
    """

    def __init__(self, **columns: str) -> None:
        self._types = {"point": "integer", "replicate": "integer", "year": "integer", **columns}
        self._rows: list[tuple[object, ...]] = []

    def add(self, run: tuple[int, int], year: int, **values: object) -> None:
        """Add a row of a run and a year, with a value for each of the other columns."""
        named = {"point": run[0], "replicate": run[1], "year": year, **values}
        if named.keys() != self._types.keys():
            raise ValueError(f"columns are {list(self._types)}, not {list(named)}")
        self._rows.append(tuple(named[name] for name in self._types))

    def columns(self) -> Columns:
        """Return the rows as columns of the stored types."""
        values = list(zip(*self._rows, strict=True)) or [()] * len(self._types)
        return normalise(
            {
                name: np.array(column, dtype=_TYPES[kind])
                for (name, kind), column in zip(self._types.items(), values, strict=True)
            }
        )


def runs_of(table: Columns) -> Iterator[tuple[tuple[int, int], Columns]]:
    """Yield each point and replicate of a recorded table with its rows, in their order."""
    for run, rows in groups(table, "point", "replicate"):
        yield (int(run[0]), int(run[1])), {name: column[rows] for name, column in table.items()}


def groups(table: Columns, *names: str) -> Iterator[tuple[tuple[int, ...], Ints]]:
    """Yield each combination of whole-number columns, ascending, with the rows that have it."""
    if not table or not len(table[names[0]]):
        return
    keys = [table[name].astype(np.int64) for name in names]
    order = np.lexsort(keys[::-1])
    ordered = np.stack(keys)[:, order]
    cuts = np.flatnonzero((np.diff(ordered, axis=1) != 0).any(axis=0)) + 1
    for rows in np.split(order, cuts):
        yield tuple(int(key[rows[0]]) for key in keys), rows


def number_of(names: Sequence[str], words: Sequence[str], what: str) -> Ints:
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
        self._table = table

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
                f"table {self._table} needs one world, and these results are of {len(self._worlds)}"
            )
        name, digest = next(iter(self._worlds.items()))
        try:
            world = load_world(name) if self._until is None else load_world(name, until=self._until)
        except (YdsimError, ValueError) as error:
            reason = str(error).splitlines()[0]
            raise ResultsError(
                f"table {self._table} needs the world, which cannot be loaded: {reason}"
            ) from error
        if digest not in (world.digest, world.tables):  # the latter: fitted since
            raise ResultsError(
                f"table {self._table} needs world {name} as it was: its files have changed since"
            )
        return world
