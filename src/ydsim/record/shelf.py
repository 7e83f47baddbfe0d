"""Shelf: what a long table is made of, kept outside memory until it is asked for.

A run adds blocks of equal columns, by quarter or year, and reads them again once, when it has
ended. Up to `IN_MEMORY` bytes they stay in memory; after that all are in a file without a name in
the folder for temporary files (``TMPDIR``), which goes with the shelf, however the process ends.
"""

from __future__ import annotations

import tempfile
import weakref
from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ydsim.errors import ResourceError
from ydsim.record.long_table import LongTable
from ydsim.typing import Columns

IN_MEMORY: Final = 8 * 2**20
"""Bytes of a shelf that stay in memory."""

Block = dict[str, NDArray[Any]]


class Shelf:
    """Blocks of equal columns, one below the other.

    Parameters
    ----------
    empty
        The columns without any row: their names, types and widths.
    """

    def __init__(self, empty: Mapping[str, NDArray[Any]]) -> None:
        self._empty = dict(empty)
        self._width = sum(_bytes_of(column) for column in self._empty.values())
        self._ends = [0]
        self._file = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115
        weakref.finalize(self, self._file.close)

    def __len__(self) -> int:
        return self._ends[-1]

    def append(self, block: Mapping[str, NDArray[Any]]) -> None:
        """Add the rows of a block.

        Raises
        ------
        ResourceError
            When the folder for temporary files has no room.
        """
        begin = self._ends[-1]
        number = len(block[next(iter(self._empty))])
        try:
            self._file.seek(begin * self._width)
            for name, column in self._empty.items():
                values = np.asarray(block[name], dtype=column.dtype)
                self._file.write(values.tobytes())
            self._file.flush()
        except OSError as error:
            raise ResourceError(
                f"cannot keep records in {tempfile.gettempdir()}: {error.strerror}; "
                "set TMPDIR to a folder with more room"
            ) from error
        self._ends.append(begin + number)

    def rows(self, first: int, last: int) -> Block:
        """Return the rows from number ``first`` to before ``last``."""
        k = max(int(np.searchsorted(self._ends, first, side="right")) - 1, 0)
        cuts = [self._empty]
        while k + 1 < len(self._ends) and self._ends[k] < last:
            begin, end = self._ends[k], self._ends[k + 1]
            cuts.append(self._cut(begin, end, max(first, begin), min(last, end)))
            k += 1
        return {name: np.concatenate([cut[name] for cut in cuts]) for name in self._empty}

    def table(self, make: Callable[[Block], Columns]) -> LongTable:
        """Return the table of all rows, whose columns ``make`` makes of those of a block."""
        return LongTable(len(self), lambda first, last: make(self.rows(first, last)))

    def _cut(self, begin: int, end: int, first: int, last: int) -> Block:
        """Return rows of the block that holds those from ``begin`` to before ``end``."""
        place, found = begin * self._width, {}
        for name, column in self._empty.items():
            width = _bytes_of(column)
            self._file.seek(place + (first - begin) * width)
            data = self._file.read((last - first) * width)
            found[name] = np.frombuffer(data, column.dtype).reshape(-1, *column.shape[1:])
            place += (end - begin) * width
        return found

    def __getstate__(self) -> dict[str, Any]:
        # a copy has a file of its own
        return {"empty": self._empty, "rows": self.rows(0, len(self))}

    def __setstate__(self, state: dict[str, Any]) -> None:
        Shelf.__init__(self, state["empty"])
        self.append(state["rows"])


def _bytes_of(column: NDArray[Any]) -> int:
    """Return the bytes of one row of a column."""
    return int(column.dtype.itemsize * np.prod(column.shape[1:], dtype=np.int64))
