"""Columns that grow: the storage behind agents, projects and generations; lists of a quarter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any, ClassVar, Final, Literal, Self, get_args, get_origin, get_type_hints

import numpy as np
from numpy.typing import DTypeLike, NDArray

from ydsim.measures.groups import blocks
from ydsim.typing import Ints

NEVER: Final = 2**31
"""Quarter of what has not happened, as the death of the living."""

KEPT: Final = 2**15
"""Rows that move together in `Table.keep`; a matter of memory and time only."""

ARRAYS: Final = (np.ndarray, NDArray)
"""Origins of the annotations of columns: from NumPy 2.5, `NDArray` is an alias with its own."""


class Table:
    """Named columns of one length.

    Subclasses annotate their columns with the type of array that each is; after construction each
    is an attribute, a view of the first ``len(table)`` rows of its storage. Views are renewed by
    `append` and `keep`: hold on to the table, not to a column, across one, since what it held
    before is overwritten.

    ``width``: numbers in a row of the columns that have several. ``default``: what new rows hold in
    columns that are not zero there.
    """

    layout: ClassVar[Literal["C", "F"]] = "C"
    """How wide columns lie in memory: row after row (C) or part after part (F)."""

    def __init__(self, width: Mapping[str, int], default: Mapping[str, Any]) -> None:
        self._columns: dict[str, tuple[DTypeLike, tuple[int, ...], Any]] = {}
        for name, hint in get_type_hints(type(self)).items():
            if get_origin(hint) in ARRAYS:
                kind = get_args(hint)[-1]  # a type of numbers, or np.dtype[of it]
                (dtype,) = get_args(kind) or (kind,)
                shape = (width[name],) if name in width else ()
                self._columns[name] = dtype, shape, default.get(name, 0)
        self._store: dict[str, NDArray[Any]] = {}
        self._n = 0
        self._reserve(64)

    def __len__(self) -> int:
        return self._n

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all columns."""
        return tuple(self._columns)

    def append(self, n: int, **values: Any) -> Ints:
        """Add ``n`` rows, defaults where ``values`` is silent, and return their row numbers."""
        unknown = set(values) - set(self._columns)
        if unknown:
            raise KeyError(f"no column {sorted(unknown)[0]!r}")
        first, last = self._n, self._n + n
        self._reserve(last)
        self._n = last
        for name, (_, _, default) in self._columns.items():
            self._store[name][first:last] = values.get(name, default)
        self._view()
        return np.arange(first, last, dtype=np.int64)

    def keep(self, rows: NDArray[Any]) -> None:
        """Keep only ``rows`` (a mask, or row numbers that ascend), in place and in their order."""
        kept = np.flatnonzero(rows) if rows.dtype == np.bool_ else rows
        if len(kept) == self._n:
            return
        for column in self._store.values():
            parts = list(column.T) if self.layout == "F" and column.ndim > 1 else [column]
            for part in parts:
                # by way of a cache instead of a second storage; no row is out of range
                for some in blocks(len(kept), KEPT):
                    part[some] = np.take(part, kept[some], axis=0, mode="clip")
        self._n = len(kept)
        self._view()

    def __getstate__(self) -> dict[str, Any]:
        # columns are views of the storage and are made again in a copy
        return {"_columns": self._columns, "_store": self._store, "_n": self._n}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._view()

    def _reserve(self, n: int) -> None:
        capacity = len(next(iter(self._store.values()))) if self._store else 0
        if n <= capacity:
            return
        capacity = max(n, capacity + capacity // 4)
        for name, (dtype, shape, _) in self._columns.items():
            grown = np.zeros((capacity, *shape), dtype=dtype, order=self.layout)
            if self._n:
                grown[: self._n] = self._store[name][: self._n]
            self._store[name] = grown
            self._view(name)  # nothing holds what it was any more

    def _view(self, *names: str) -> None:
        for name in names or self._store:
            setattr(self, name, self._store[name][: self._n])


class Entries:
    """Arrays of one length, each a field of a dataclass."""

    def __len__(self) -> int:
        return len(getattr(self, fields(self)[0].name))  # type: ignore[arg-type]

    def select(self, which: NDArray[Any]) -> Self:
        """Return the entries ``which``, a mask or positions."""
        names = [f.name for f in fields(self)]  # type: ignore[arg-type]
        return type(self)(**{name: getattr(self, name)[which] for name in names})

    @classmethod
    def joined(cls, parts: Sequence[Self]) -> Self:
        """Return all entries of ``parts`` in their order."""
        names = [f.name for f in fields(cls)]  # type: ignore[arg-type]
        return cls(**{name: np.concatenate([getattr(p, name) for p in parts]) for name in names})
