"""Tables too long to be held as columns: kept in blocks on disk until somebody asks for them."""

from __future__ import annotations

import tempfile
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ydsim.errors import ResourceError
from ydsim.typing import Columns

# At scale 1 a run records 24 million adoptions. As eight columns of 64 bits and text they take
# three times the memory of the model. What is recorded of each takes eleven bytes; the columns
# are made block by block while the table is written.


class LongTable(Mapping[str, NDArray[np.generic]]):
    """Named columns of one length, made in blocks of rows.

    A column that is asked for by name is made whole, so that it reads like any other table.

    ``length``: number of rows. ``rows``: returns the columns of the rows from the first number to
    before the second.
    """

    def __init__(self, length: int, rows: Callable[[int, int], Columns]) -> None:
        self.length = length
        self.rows = rows
        self._names = tuple(rows(0, 0))

    def __getitem__(self, name: str) -> NDArray[np.generic]:
        if name not in self._names:
            raise KeyError(name)
        return np.concatenate([self.rows(0, 0)[name], *(b[name] for b in self.blocks(1 << 20))])

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def __reduce__(self) -> tuple[type, tuple[Columns]]:
        """A pickled long table comes back as columns."""
        return dict, (dict(self),)

    def blocks(self, size: int) -> Iterator[Columns]:
        """Yield all rows in blocks of ``size``; the last one may be shorter."""
        for first in range(0, self.length, size):
            yield self.rows(first, min(first + size, self.length))

    def map(self, change: Callable[[Columns], Columns]) -> LongTable:
        """Return the table whose blocks are changed by a function that keeps the rows."""
        return LongTable(self.length, lambda first, last: change(self.rows(first, last)))


def joined(parts: Sequence[LongTable]) -> LongTable:
    """Return the rows of tables of equal columns below each other."""
    ends = np.cumsum([part.length for part in parts])

    def rows(first: int, last: int) -> Columns:
        found = [
            part.rows(max(first - start, 0), min(last - start, part.length))
            for part, start in zip(parts, (ends - [p.length for p in parts]).tolist(), strict=True)
            if first < start + part.length and last > start
        ] or [parts[0].rows(0, 0)]
        return {name: np.concatenate([block[name] for block in found]) for name in found[0]}

    return LongTable(int(ends[-1]), rows)


# -- shelf -----------------------------------------------------------------------------------------

# A run adds blocks of equal columns, by quarter or year, and reads them again once, when it has
# ended. Up to `IN_MEMORY` bytes they stay in memory; after that all are in a file without a name
# in the folder for temporary files (``TMPDIR``), which goes with the shelf, however the process
# ends.

IN_MEMORY: Final = 8 * 2**20
"""Bytes of a shelf that stay in memory."""

Block = dict[str, NDArray[Any]]


class SpillBuffer:
    """Blocks of equal columns, one below the other.

    ``types``: types of the columns by name, of one with several numbers in a row ``(type, width)``.
    """

    def __init__(self, types: Mapping[str, Any]) -> None:
        self._types = dict(types)
        self._row = np.dtype([*self._types.items()])
        self._length = 0
        self._file = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115
        weakref.finalize(self, self._file.close)

    def __len__(self) -> int:
        return self._length

    def append(self, block: Mapping[str, NDArray[Any]]) -> None:
        """Add the rows of a block.

        ResourceError when the folder for temporary files has no room.
        """
        rows = np.empty(len(block[next(iter(self._types))]), dtype=self._row)
        for name in self._types:
            rows[name] = block[name]
        try:
            self._file.seek(self._length * self._row.itemsize)
            self._file.write(rows.tobytes())
            self._file.flush()
        except OSError as error:
            raise ResourceError(
                f"cannot keep records in {tempfile.gettempdir()}: {error.strerror}; "
                "set TMPDIR to a folder with more room"
            ) from error
        self._length += len(rows)

    def rows(self, first: int, last: int) -> Block:
        """Return the rows from number ``first`` to before ``last``."""
        self._file.seek(first * self._row.itemsize)
        data = self._file.read((last - first) * self._row.itemsize)
        found = np.frombuffer(data, self._row) if data else np.empty(0, self._row)
        return {name: found[name].copy() for name in self._types}

    def table(self, make: Callable[[Block], Columns]) -> LongTable:
        """Return the table of all rows, whose columns ``make`` makes of those of a block."""
        return LongTable(len(self), lambda first, last: make(self.rows(first, last)))

    def __getstate__(self) -> dict[str, Any]:
        # a copy has a file of its own
        return {"types": self._types, "rows": self.rows(0, len(self))}

    def __setstate__(self, state: dict[str, Any]) -> None:
        SpillBuffer.__init__(self, state["types"])
        self.append(state["rows"])
