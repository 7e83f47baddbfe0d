"""A table too long to be held as columns: its rows are made in blocks, when somebody asks for them.

At scale 1 a run records 24 million adoptions. As eight columns of 64 bits and text they take three
times the memory of the model. What is recorded of each takes eleven bytes; the columns are made
block by block while the table is written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from ydsim.typing import Columns


class LongTable(Mapping[str, NDArray[np.generic]]):
    """Named columns of one length, made in blocks of rows.

    A column that is asked for by name is made whole, so that it reads like any other table.

    Parameters
    ----------
    length
        Number of rows.
    rows
        Returns the columns of the rows from the first number to before the second.
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


def from_blocks(
    parts: Sequence[Columns], empty: Columns, finish: Callable[[Columns], Columns]
) -> LongTable:
    """Return what a function makes of the columns of recorded blocks, one below the other.

    ``empty`` is a block without rows, which has the types of all columns.
    """
    first_name = next(iter(empty))
    ends = np.cumsum([0, *(len(part[first_name]) for part in parts)])

    def rows(first: int, last: int) -> Columns:
        begin = int(np.searchsorted(ends, first, side="right")) - 1
        end = max(int(np.searchsorted(ends, last, side="left")), begin)
        cuts = [empty]
        for part, start in zip(parts[begin:end], ends[begin:end].tolist(), strict=False):
            cut = slice(max(first - start, 0), max(last - start, 0))
            cuts.append({name: part[name][cut] for name in empty})
        return finish({name: np.concatenate([cut[name] for cut in cuts]) for name in empty})

    return LongTable(int(ends[-1]), rows)


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
