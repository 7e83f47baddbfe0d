"""Technology generations, the state of their diffusion, and where adoption thresholds lie.

A generation is a field x industry x vintage. Its eligible adopters are the firms of its industry.
Thresholds of firms that were alive at its founding are sorted, the others not: its segments, one a
city, lie in one long arena, and a pointer per segment moves forward as the cumulative hazard grows
(`ydsim.processes.adopt`).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ydsim.agents.columns import NEVER, Entries, Table
from ydsim.agents.projects import NO_PASSPORT, PASSPORT_WIDTH
from ydsim.measures.groups import blocks, ranges, rank_within
from ydsim.typing import Bools, Floats, Ints, Keys

REGION: Final = 0
OUTSIDE: Final = 1


class Generations(Table):
    """One row per generation ever founded."""

    key: Keys
    """64-bit integer; -; static. Identity for draws."""
    industry: Ints
    """integer; -; static. Industry that can use it."""
    field: Ints
    """integer; -; static. Technology field."""
    origin: NDArray[np.int8]
    """integer; -; static. Region 0, outside 1."""
    founded: Ints
    """integer; quarter; static. Quarter of founding."""
    retired: Ints
    """integer; quarter; dynamic. Quarter of retirement, 2^31 before."""
    slot: Ints
    """integer; -; static. Its column in the adoption matrix of its industry."""
    founder: Ints
    """integer; -; dynamic. Row of the founding organisation, -1 outside and once that row is
    cleared."""
    city: Ints
    """integer; -; static. City of the founder, -1 outside."""
    stage_city: NDArray[np.int16]
    """integer, 5; -; static. Passport of the founding project: city of the owner where each stage
    was completed."""
    stage_kind: NDArray[np.int8]
    """integer, 5; -; static. Passport of the founding project: kind of the owner with which it was
    completed."""
    stage_end: NDArray[np.int16]
    """integer, 5; quarter; static. Passport of the founding project: quarter in which it was
    completed."""
    partners: Ints
    """integer; partners; static. Partners of the founding project at its launch."""
    public: Floats
    """real; 1; static. Share of its effort that governments paid."""
    quality0: Floats
    """real; log; static. Log Q at founding."""
    log_quality: Floats
    """real; log; dynamic. Log Q."""
    launches: Floats
    """real; items; dynamic. Launches that joined, n, at scale 1."""
    appeal: Floats
    """real; 1; static. Lasting appeal m, 1 on average."""
    gain: Floats
    """real; 1; dynamic. Gain of the last quarter."""
    eligible0: Ints
    """integer; firms; static. Firms of its industry at founding, in the sample."""
    outside_share: Floats
    """real; 1; dynamic. Share of adopters in the rest of the nation, F_out."""
    hazard: Floats
    """real; 1; dynamic; generation and city. Cumulative hazard H."""
    rise: Floats
    """real; 1/quarter; dynamic; generation and city. Rise of H in the last quarter."""
    mark: Floats
    """real; 1; dynamic; generation and city. Hazard up to which late thresholds are looked at
    (speed only)."""
    adopters: Floats
    """real; firms; dynamic; generation and city. Living adopters in the sample."""
    next: Ints
    """integer; -; dynamic; generation and city. First threshold not passed."""
    last: Ints
    """integer; -; dynamic; generation and city. End of its sorted thresholds (speed only)."""

    def __init__(self, n_cities: int) -> None:
        by_city = ("hazard", "rise", "mark", "adopters", "next", "last")
        super().__init__(
            width=dict.fromkeys(by_city, n_cities) | PASSPORT_WIDTH,
            default={"retired": NEVER, "founder": -1, "city": -1, "appeal": 1.0, "mark": np.inf}
            | NO_PASSPORT,
        )

    @property
    def live(self) -> Bools:
        """Whether each generation is not retired."""
        return self.retired == NEVER

    def living(self) -> Ints:
        """Return the rows of the living generations, ascending."""
        return np.flatnonzero(self.live)


class ByIndustry:
    """The living firms grouped by industry, then city, then row.

    ``rows``: rows of the firms, group after group; ascending when given so. ``begin``: shape (J +
    1,): where each industry begins in ``rows``.
    """

    def __init__(
        self, rows: Ints, industry: Ints, city: Ints, n_industries: int, n_cities: int
    ) -> None:
        cell = industry * n_cities + city
        # sixteen bits are sorted by radix, ten times as fast
        narrow = np.int16 if n_industries * n_cities < 2**15 else np.int64
        self.rows = rows[np.argsort(cell.astype(narrow), kind="stable")]
        counts = np.bincount(industry, minlength=n_industries)
        self.begin = np.concatenate([[0], np.cumsum(counts)])

    def pairs(self, industry: Ints) -> tuple[Ints, Ints]:
        """Return every (firm row, position in ``industry``) pair of equal industry."""
        lengths = self.begin[industry + 1] - self.begin[industry]
        rows = self.rows[ranges(self.begin[industry], lengths)]
        return rows, np.repeat(np.arange(len(industry), dtype=np.int64), lengths)


class Slots:
    """Columns of the firms' adoption matrix: which generation of an industry holds which column.

    ``adopted[row, slot]`` says whether a firm has adopted the generation that holds ``slot`` in
    the firm's industry.

    Attributes
    ----------
    adopted : boolean; -; dynamic
        The firm has adopted the generation that holds the slot.
    holder : integer; -; dynamic; industry and slot
        Living generation that holds the slot, -1 for none.
    """

    def __init__(self, n_industries: int, capacity: int = 32) -> None:
        self.holder = np.full((n_industries, capacity), -1, dtype=np.int64)
        self.adopted = np.zeros((64, capacity), dtype=np.bool_)

    def take(self, industry: Ints, generation: Ints) -> Ints:
        """Give each new generation the lowest free column of its industry."""
        rank = rank_within(industry)
        needed = np.bincount(industry, minlength=len(self.holder))
        while ((self.holder < 0).sum(axis=1) < needed).any():
            self._widen()
        free_first = np.argsort(self.holder >= 0, axis=1, kind="stable")
        slots: Ints = free_first[industry, rank]
        self.holder[industry, slots] = generation
        return slots

    def release(self, industry: Ints, slot: Ints, firms: ByIndustry) -> None:
        """Free the columns of retired generations and clear them for the living firms."""
        self.holder[industry, slot] = -1
        rows, pair = firms.pairs(industry)
        self.adopted[rows, slot[pair]] = False

    def reserve(self, n_rows: int) -> None:
        """Make room for ``n_rows`` organisations."""
        have, width = self.adopted.shape
        if n_rows <= have:
            return
        room = max(n_rows, have + have // 4), width
        try:
            self.adopted.resize(room)  # by new pages, where a copy would take as many again
        except ValueError:  # somebody looks at it
            grown = np.zeros(room, dtype=np.bool_)
            grown[:have] = self.adopted
            self.adopted = grown

    def move_up(self, rows: Ints) -> None:
        """Keep only the rows of organisations ``rows``, ascending."""
        for some in blocks(len(rows)):
            self.adopted[some] = self.adopted[rows[some]]
        self.adopted[len(rows) :] = False

    def _widen(self) -> None:
        extra = max(self.holder.shape[1] // 8, 1)
        self.holder = np.pad(self.holder, ((0, 0), (0, extra)), constant_values=-1)
        self.adopted = np.pad(self.adopted, ((0, 0), (0, extra)))


# -- thresholds of adoption ------------------------------------------------------------------------

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
