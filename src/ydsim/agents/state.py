"""The state of one run: every column table, the market and the books."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ydsim.agents.brokers import Brokers
from ydsim.agents.consortia import Consortia
from ydsim.agents.deals import Deals
from ydsim.agents.generations import Arena, ByIndustry, Generations, Slots, Waiting
from ydsim.agents.ledger import Ledger
from ydsim.agents.organisations import FIRM, MEMORY, Organisations
from ydsim.agents.outlets import Outlets
from ydsim.agents.patents import Patents
from ydsim.agents.projects import NOT_YET, STAGES, Projects
from ydsim.agents.talent import Talent
from ydsim.agents.tally import Tally
from ydsim.agents.ties import Ties
from ydsim.measures.groups import sums
from ydsim.typing import Bools, Floats, Ints, Keys
from ydsim.world.base_run import BaseRun
from ydsim.world.national import National
from ydsim.world.quarters import QuarterInputs
from ydsim.world.world import World

CHANNELS: Final = ("founder", "cell", "birth", "partner", "move")
"""How a firm came to adopt: it founded the generation, its cell's hazard passed its threshold, the
hazard had passed it when the firm was founded, a partner that had adopted passed it on, or the
hazard of the city to which it moved had passed it."""

BY_FOUNDER, BY_CELL, BY_BIRTH, BY_PARTNER, BY_MOVE = range(5)


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
    """Projects launched in the present quarter.

    ``founder`` is set by the phase that founds generations; the passport columns are those of
    `Projects`; ``public`` is the share of effort that governments paid.
    """

    owner: Ints
    industry: Ints
    field: Ints
    quality: Floats
    key: Keys
    partners: Ints
    public: Floats
    stage_city: NDArray[np.int16]
    stage_kind: NDArray[np.int8]
    stage_end: NDArray[np.int16]
    founds: Bools

    def __len__(self) -> int:
        return len(self.owner)

    @staticmethod
    def none() -> Launches:
        """Return no launches."""
        return Launches.plain(*(np.empty(0, dtype=np.int64),) * 3, np.empty(0), np.empty(0, "u8"))

    @staticmethod
    def plain(owner: Ints, industry: Ints, field: Ints, quality: Floats, key: Keys) -> Launches:
        """Return launches without a passport."""
        n = len(owner)
        return Launches(
            owner,
            industry,
            field,
            quality,
            key,
            np.zeros(n, dtype=np.int64),
            np.zeros(n),
            np.full((n, len(STAGES)), -1, dtype=np.int16),
            np.full((n, len(STAGES)), -1, dtype=np.int8),
            np.full((n, len(STAGES)), NOT_YET, dtype=np.int16),
            np.zeros(n, dtype=np.bool_),
        )

    @staticmethod
    def joined(one: Launches, other: Launches) -> Launches:
        """Return the launches of both, one first."""
        return Launches(
            **{
                f.name: np.concatenate([getattr(one, f.name), getattr(other, f.name)])
                for f in fields(Launches)
            }
        )


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
    national: National
    ties: Ties
    consortia: Consortia
    brokers: Brokers
    outlets: Outlets
    patents: Patents
    talent: Talent
    attention: Floats  # (C, J) attention to launches that media left in a city and industry
    active: Ints  # rows of organisations that explored this quarter, ascending
    position: Ints  # of every row among them, -1 for the dead
    field_share: Floats  # (F, n) their shares of effort by field
    direction: Floats  # (n, F) the same, scaled to length one
    leaders: Floats  # (F,) knowledge of the leaders of each field
    deals: Deals  # of the present quarter
    promises: dict[int, list[tuple[Ints, Ints]]]  # adoptions due from partners, by quarter
    launch_history: Floats  # launches at scale 1 of the last four quarters
    launch_mix: Floats  # (J, F) quality of launches by cell, faded
    quality_history: Floats  # (3, J, 8) numbers of launches, sums of quality and of its square
    intensity_gap: Floats  # (P,) mean of log r - log r* of the firms
    returns: dict[
        str, Floats
    ]  # by policy: money paid at scale 1 and what it achieved, running sums
    stance: Bools  # (P,) whether a province has closed its border by its own decision
    factors: dict[str, float]  # by policy with a budget: factor of adaptive governance on it
    returns_seen: dict[str, Floats]  # returns at the last decision of adaptive governance

    def effort_cosine(self, one: Ints, other: Ints) -> Floats:
        """Return the cosine of the fields of effort of organisations, pair by pair."""
        a, b = self.direction[self.position[one]], self.direction[self.position[other]]
        cosine: Floats = np.minimum(np.einsum("nf,nf->n", a, b), 1.0)
        return cosine

    @property
    def sample_exposure(self) -> Floats:
        """Weight with which each organisation faces the sample: 1 for firms, s for the others."""
        return np.where(self.organisations.kind == FIRM, 1.0, self.scale)

    @property
    def input_column(self) -> int:
        """Column of the inputs that holds: the first in the burn-in, the last after the end."""
        return min(max(self.quarter, 0), 4 * len(self.inputs.years) - 1)

    def begin(self, quarter: int) -> None:
        """Open a quarter: nothing launched, adopted or counted yet."""
        none = np.empty(0, dtype=np.int64)
        self.quarter = self.ledger.quarter = quarter
        self.launches = Launches.none()
        self.deals = Deals.none()
        self.brokers.begin()
        self.organisations.contract_net[:] = 0.0
        self.adoptions = Adoptions(none, none, none.astype(np.int8))
        self.tally.clear()
        self.organisations.recent_gain[:, quarter % (MEMORY + 1)] = 0.0
        self.organisations.inventions[:, quarter % MEMORY] = 0.0

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
