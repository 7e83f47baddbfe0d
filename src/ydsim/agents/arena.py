"""Where adoption thresholds lie: sorted those of firms alive at a founding, unsorted the others.

The segments of a generation, one a city, lie in one long arena; a pointer per segment moves
forward as the cumulative hazard grows (`ydsim.processes.adopt`).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ydsim.agents.columns import Entries
from ydsim.agents.generations import Generations
from ydsim.measures.groups import blocks, ranges
from ydsim.typing import Bools, Floats, Ints

LOT: Final = 2**20
"""Pairs that are moved or sorted anew together; a matter of memory only."""

SEGMENTS: Final = 16
"""Generations whose thresholds move together; a matter of memory only."""


class Arena:
    """Sorted thresholds of all living generations, segment after segment.

    Attributes
    ----------
    threshold : real (32 bits); 1; static
        E / fit of firms that were alive at the founding.
    firm : integer; -; static
        The firm of each threshold.
    """

    def __init__(self) -> None:
        self.threshold = np.empty(0, dtype=np.float32)
        self.firm = np.empty(0, dtype=np.int32)
        self._n = 0

    def __len__(self) -> int:
        return self._n

    def extend(self, threshold: NDArray[np.float32], firm: NDArray[np.int32]) -> int:
        """Add a block, for which `reserve` has made room, and return where it begins."""
        start, end = self._n, self._n + len(threshold)
        self.threshold[start:end] = threshold
        self.firm[start:end] = firm
        self._n = end
        return start

    def reserve(self, n: int, generations: Generations, alive: Bools) -> None:
        """Make room for ``n`` more: by forgetting what is read, or by growing by a quarter."""
        have = len(self.threshold)
        if self._n + n <= have:
            return
        self.compact(generations, alive)
        if self._n + n <= have - have // 8:  # or the next block would compact again
            return
        capacity = max(self._n + n, have + have // 4)
        for name in ("threshold", "firm"):
            old = getattr(self, name)
            grown = np.empty(capacity, dtype=old.dtype)
            grown[: self._n] = old[: self._n]
            setattr(self, name, grown)

    def compact(self, generations: Generations, alive: Bools) -> None:
        """Keep the unread part of the segments of living generations, without the dead.

        ``alive`` says by row of the organisations who lives. Segments of one generation lie behind
        those of all earlier ones, so that all of them move to the front, a few at a time.
        """
        live, end = generations.living(), 0
        for some in np.split(live, range(SEGMENTS, len(live), SEGMENTS)):
            shape = generations.next[some].shape
            lengths = (generations.last[some] - generations.next[some]).ravel()
            position = ranges(generations.next[some].ravel(), lengths)
            kept = np.flatnonzero(alive[self.firm[position]])
            segment = np.repeat(np.arange(len(lengths)), lengths)[kept]
            position = position[kept]
            start, end = end, end + len(kept)
            # into the old storage, which keeps its size and its pages
            self.threshold[start:end] = self.threshold[position]
            self.firm[start:end] = self.firm[position]
            counts = np.bincount(segment, minlength=len(lengths))
            ends = start + np.cumsum(counts)
            generations.next[some] = (ends - counts).reshape(shape)
            generations.last[some] = ends.reshape(shape)
        self._n = end

    def follow(self, row: Ints, generations: Generations, kept: Bools) -> None:
        """Follow firms to the new ``row`` of each; those of rows that are not ``kept`` go."""
        self.compact(generations, kept)
        new = row.astype(np.int32)
        for some in blocks(self._n, LOT):
            self.firm[some] = new[self.firm[some]]


@dataclass
class Pairs(Entries):
    """Cell (generation x C + city), firm and threshold of unsorted pairs, in narrow types."""

    cell: NDArray[np.int32] = field(default_factory=lambda: np.empty(0, dtype=np.int32))
    firm: NDArray[np.int32] = field(default_factory=lambda: np.empty(0, dtype=np.int32))
    threshold: NDArray[np.float32] = field(default_factory=lambda: np.empty(0, dtype=np.float32))


class Waiting:
    """Thresholds of firms founded after a generation.

    Pairs up to their cell's ``mark`` are near and looked at each quarter; the others are far and
    looked at only when a hazard passes its mark or the near ones become many, which is exact and
    costs little.

    Attributes
    ----------
    near : real (32 bits); 1; static
        E / fit of firms founded, or moved to their city, later than the generation; those that
        the hazard may soon pass.
    far : real (32 bits); 1; static
        The same, those that it will not pass soon (speed only).
    """

    def __init__(self) -> None:
        self._near = [Pairs()]
        self.far: list[Pairs] = []
        self.crowded_at = 100_000

    def __len__(self) -> int:
        return len(self.near) + sum(len(part) for part in self.far)

    @property
    def near(self) -> Pairs:
        """The near pairs in the order in which they came."""
        if len(self._near) > 1:
            self._near = [Pairs.joined(self._near)]
        return self._near[0]

    def extend(self, pairs: Pairs, mark: Floats) -> None:
        """Add pairs; ``mark`` is that of each pair's cell."""
        close = pairs.threshold <= mark
        self._near.append(pairs.select(close))
        self.far.append(pairs.select(~close))

    def follow(self, row: Ints, generations: Generations) -> None:
        """Follow firms to the new ``row`` of each, which is negative for those that go.

        Pairs of generations that have retired go as well.
        """
        new, live = row.astype(np.int32), generations.live
        for parts in (self._near, self.far):
            for k, part in enumerate(parts):
                current = live[part.cell // generations.next.shape[1]]
                part = part.select(current & (new[part.firm] >= 0))
                parts[k] = replace(part, firm=new[part.firm])

    def take(self) -> Iterator[Pairs]:
        """Yield all pairs, near first, some `LOT` at a time, and forget them as they are taken."""
        parts = deque([self.near, *self.far])
        self._near, self.far = [Pairs()], []
        while parts:
            lot = [parts.popleft()]
            while parts and sum(map(len, lot)) < LOT:
                lot.append(parts.popleft())
            yield Pairs.joined(lot)
