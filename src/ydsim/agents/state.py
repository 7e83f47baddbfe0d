"""The state of one run: every column table, the market and the books."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ydsim.agents.generations import Arena, ByIndustry, Generations, Slots, Waiting
from ydsim.agents.ledger import Ledger
from ydsim.agents.organisations import MEMORY, Organisations
from ydsim.agents.projects import Projects
from ydsim.measures.groups import sums
from ydsim.typing import Floats, Ints
from ydsim.world.base_run import BaseRun
from ydsim.world.quarters import QuarterInputs
from ydsim.world.world import World

CHANNELS: Final = ("founder", "cell", "birth")
"""How a firm came to adopt: it founded the generation, its cell's hazard passed its threshold, or
the hazard had passed it when the firm was founded."""

BY_FOUNDER, BY_CELL, BY_BIRTH = 0, 1, 2


@dataclass
class Market:
    """Product markets: O = P + 1 origins (provinces, then the rest of the nation), J industries.

    Attributes
    ----------
    weight
        (J, O) taste and cost weights w of origins at the start.
    lagged
        (J, O, O) shares l that follow taste, cost and productivity with a lag.
    share
        (J, O, O) share of origin p in the spending of destination q on industry j.
    output
        (J, O) value added of the quarter by origin, 100m_rmb.
    """

    weight: Floats
    lagged: Floats
    share: Floats
    output: Floats


@dataclass
class Books:
    """Accounts of governments, in sampled 100m_rmb."""

    central: float
    provinces: Floats
    cities: Floats


@dataclass
class Launches:
    """Projects launched in the present quarter: owner, industry, field, quality, identity."""

    owner: Ints
    industry: Ints
    field: Ints
    quality: Floats
    key: np.ndarray[tuple[int], np.dtype[np.uint64]]


@dataclass
class Tally:
    """Counts and sums of the quarter that the recorder reads; cleared at its start."""

    city: dict[str, Floats] = field(default_factory=dict)
    region: dict[str, float] = field(default_factory=dict)

    def clear(self) -> None:
        """Forget the last quarter."""
        self.city.clear()
        self.region.clear()


@dataclass
class Adoptions:
    """Adoption events of the present quarter; the channel is one of `CHANNELS`."""

    generation: Ints
    firm: Ints
    channel: NDArray[np.int8]


@dataclass
class State:
    """Everything that changes during a run, and the world and inputs it changes in."""

    world: World
    inputs: QuarterInputs
    base: BaseRun
    scale: float
    quarter: int  # counts from the first recorded one; negative in the burn-in
    organisations: Organisations
    projects: Projects
    generations: Generations
    slots: Slots
    arena: Arena
    waiting: Waiting
    market: Market
    books: Books
    ledger: Ledger
    frontier: Floats  # (J, F) log of the best quality known in the nation
    firms: Ints  # rows of living firms
    by_industry: ByIndustry
    launches: Launches
    adoptions: Adoptions
    tally: Tally
    launch_history: Floats  # launches at scale 1 of the last four quarters
    intensity_gap: Floats  # (P,) mean of log r - log r* of the firms

    @property
    def now(self) -> int:
        """Column of the inputs that holds: the first in the burn-in, the last after the end."""
        return min(max(self.quarter, 0), 4 * len(self.inputs.years) - 1)

    def begin(self, quarter: int) -> None:
        """Open a quarter: nothing launched, adopted or counted yet."""
        none = np.empty(0, dtype=np.int64)
        self.quarter = self.ledger.quarter = quarter
        self.launches = Launches(none, none, none, np.empty(0), np.empty(0, dtype=np.uint64))
        self.adoptions = Adoptions(none, none, none.astype(np.int8))
        self.tally.clear()
        self.organisations.recent_gain[:, quarter % (MEMORY + 1)] = 0.0

    def regroup(self) -> None:
        """Refresh the lists of living firms after births and deaths."""
        table = self.organisations
        self.firms = table.firms()
        self.by_industry = ByIndustry(
            self.firms,
            table.industry[self.firms],
            table.city[self.firms],
            len(self.world.industries),
            self.world.n_cities,
        )
        self.slots.reserve(len(table))

    def by_city(self, rows: Ints, values: Floats) -> Floats:
        """Return sums of ``values`` of organisations ``rows`` by city, shape (C,)."""
        return sums(self.organisations.city[rows], values, self.world.n_cities)

    def by_province(self, rows: Ints, values: Floats) -> Floats:
        """Return sums of ``values`` of organisations ``rows`` by province, shape (P,)."""
        return sums(self.organisations.province[rows], values, self.world.n_provinces)
