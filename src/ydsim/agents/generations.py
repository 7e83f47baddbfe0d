"""Technology generations and the state of their diffusion.

A generation is a field x industry x vintage. Its eligible adopters are the firms of its industry,
whose thresholds lie in `ydsim.agents.arena`.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from ydsim.agents.columns import NEVER, Table
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
