"""The state of one run: every column table, the market and the books; rows that move.

A firm that moves to another city opens a new row. The dead keep theirs while something refers to
them, for some quarters; at the beginning of a year the other rows of the dead are cleared, and
those behind them move up in their order. At the region's real size the dead of a run would soon
outnumber the living. No rule reads the number of a row: which rows are cleared, and when, changes
nothing but time and memory.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ydsim.agents.columns import Entries
from ydsim.agents.generations import Arena, ByIndustry, Generations, Slots, Waiting
from ydsim.agents.ledger import Ledger
from ydsim.agents.organisations import FIRM, MEMORY, Organisations, capacity
from ydsim.agents.projects import (
    NOBODY,
    NOT_YET,
    OUTSIDER,
    PARTNERS,
    STAGES,
    Deals,
    Ended,
    Projects,
)
from ydsim.agents.tables import Brokers, Consortia, Means, Outlets, Patents, Talent
from ydsim.agents.tally import Tally
from ydsim.agents.ties import Ties, pair_key
from ydsim.measures.groups import blocks, over_provinces, rows_of, sums
from ydsim.typing import Bools, Floats, Ints, Keys
from ydsim.world.base_run import BaseRun
from ydsim.world.inputs import QuarterInputs
from ydsim.world.national import National
from ydsim.world.world import World

CHANNELS: Final = ("founder", "cell", "birth", "move")
"""How a firm came to adopt: it launched what founded or joined the generation, its cell's hazard
passed its threshold, the hazard had passed it when the firm was founded, or the hazard of the city
to which it moved had passed it."""

BY_FOUNDER, BY_CELL, BY_BIRTH, BY_MOVE = range(4)

CLEARED: Final = -1
"""Where a row that is cleared moves to."""


@dataclass
class Market:
    """Product markets: J industries, origins and destinations.

    Places O = P + 1 are the provinces and then the rest of the nation; origins are the C cities
    and then the rest of the nation.
    """

    weight: Floats
    """real, (J, O); 1; static. Taste and cost weight w of each place; fitted twice (element 5)."""
    city_weight: Floats
    """real, (J, C); 1; static. Weight h of a city in its province for each unit of its firms;
    fitted twice (element 5)."""
    lagged: Floats
    """real, (J, O, O); 1; dynamic. Lagged shares l of places in each destination."""
    city_pull: Floats
    """real, (J, C); 1; dynamic. Lagged pull b of a city in its province for each unit of its
    part."""
    share: Floats
    """real, (J, C + 1, O); 1; dynamic. Shares of origins in each destination."""
    output: Floats
    """real, (J, C + 1); 100m_rmb/quarter; dynamic. Value added by industry and origin."""
    access: Floats
    """real, (J, C); log; dynamic. Market access over that without policies and shocks, acc, of the
    quarter before."""
    price_at_start: Floats
    """real, by place; log; static. Log price index of what is sold in a place at the end of the
    burn-in."""
    log_price: Floats
    """real, by place; log; dynamic. Lagged change of it since then, p."""
    demand_factor: Floats
    """real, by place; 1; dynamic. Nominal demand over official value added, D / V."""


@dataclass
class Books:
    """Accounts of governments, in sampled 100m_rmb."""

    central: float
    """real; 100m_rmb, sampled; dynamic. Account of the central government."""
    provinces: Floats
    """real, by province; 100m_rmb, sampled; dynamic. Accounts of provinces."""
    cities: Floats
    """real, by city; 100m_rmb, sampled; dynamic. Accounts of cities."""


@dataclass
class Launches(Entries):
    """Projects launched in the present quarter."""

    owner: Ints
    """integer; -; dynamic. Row of the owner."""
    industry: Ints
    """integer; -; dynamic. Industry, that of the owner or drawn for science."""
    field: Ints
    """integer; -; dynamic. Technology field."""
    quality: Floats
    """real; 1; dynamic. Quality q."""
    key: Keys
    """64-bit integer; -; dynamic. Identity for draws."""
    members: NDArray[np.int32]
    """integer, 4; -; dynamic. Rows of the partners, `OUTSIDER` for one from the rest of the nation,
    `NOBODY` for none."""
    public: Floats
    """real; 1; dynamic. Share of the effort that governments paid."""
    stage_city: NDArray[np.int16]
    """integer, 5; -; dynamic. Passport, as of projects."""
    stage_kind: NDArray[np.int8]
    """integer, 5; -; dynamic. Passport, as of projects."""
    stage_end: NDArray[np.int16]
    """integer, 5; quarter; dynamic. Passport, as of projects."""
    generation: Ints
    """integer; -; dynamic. Generation that it founds or joins, -1 for none; set by the phase that
    founds them."""

    @property
    def partners(self) -> Ints:
        """Number of partners of each launch."""
        return (self.members != NOBODY).sum(axis=1)

    def behind(self) -> tuple[Ints, Ints]:
        """Return launch and row of the organisations of the region behind launches, by pair."""
        members = np.hstack([self.owner[:, None], self.members.astype(np.int64)])
        launch, slot = np.nonzero(members >= 0)
        return launch, members[launch, slot]

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
            np.full((n, PARTNERS), NOBODY, dtype=np.int32),
            np.zeros(n),
            np.full((n, len(STAGES)), -1, dtype=np.int16),
            np.full((n, len(STAGES)), -1, dtype=np.int8),
            np.full((n, len(STAGES)), NOT_YET, dtype=np.int16),
            np.full(n, -1, dtype=np.int64),
        )


@dataclass
class Nation:
    """Firms of the rest of the nation."""

    log_productivity: Floats
    """real, by industry; log; dynamic. Log A of firms outside, a."""
    at_start: Floats
    """real, by industry; log; static. The same at the end of the burn-in, a0."""
    rd_capital: float
    """real; 100m_rmb; dynamic. R&D capital of enterprises outside at the prices of the quarter,
    K."""
    frontier: float
    """real; 1; dynamic. The same at constant prices, over that at the end of the burn-in, X."""
    official: Floats
    """real, by quarter; 1; static. The same by official figures alone, X0."""
    intensity: Floats
    """real, by quarter; 1; static. R&D of enterprises over GDP outside, r; one without official
    figures."""

    @property
    def relative(self) -> Floats:
        """Log A outside in markets, shape (J,): what it has grown by since the burn-in."""
        return self.log_productivity - self.at_start


@dataclass
class Adoptions(Entries):
    """Adoption events of the present quarter."""

    generation: Ints
    """integer; -; dynamic. Generation adopted."""
    firm: Ints
    """integer; -; dynamic. Row of the firm."""
    channel: NDArray[np.int8]
    """integer; -; dynamic. One of `CHANNELS`."""

    @staticmethod
    def none() -> Adoptions:
        """Return no adoptions."""
        none = np.empty(0, dtype=np.int64)
        return Adoptions(none, none, none.astype(np.int8))


@dataclass(kw_only=True)
class State:
    """Everything that changes during a run, and the world and inputs it changes in."""

    world: World
    """-; -; static; run. Places, fields, industries and series."""
    inputs: QuarterInputs
    """by quarter; -; static; run. Inputs by province and place (element 6)."""
    base: BaseRun
    """-; -; static; run. Stored base run (element 5)."""
    scale: float
    """real; 1; static; run. Scale s, the probability with which a firm is in the sample."""
    quarter: int
    """integer; quarter; dynamic. Counts from the first recorded quarter."""
    organisations: Organisations
    projects: Projects = field(default_factory=Projects)
    generations: Generations
    slots: Slots
    arena: Arena = field(default_factory=Arena)
    waiting: Waiting = field(default_factory=Waiting)
    market: Market
    books: Books
    ledger: Ledger
    frontier: Floats
    """real, (J, F); log; dynamic; nation. Log of the best quality at founding."""
    firms: Ints
    """integer; -; dynamic; organisation. Rows of living firms."""
    by_industry: ByIndustry
    """integer; -; dynamic; organisation. Rows of living firms by industry and city."""
    launches: Launches = field(default_factory=Launches.none)
    adoptions: Adoptions = field(default_factory=Adoptions.none)
    tally: Tally
    """by name; as indicators; dynamic; of the quarter. Counts and sums that the recorder reads."""
    national: National
    """by quarter; -; static; run. Inputs that the nation sets (element 6)."""
    ties: Ties = field(default_factory=Ties)
    consortia: Consortia = field(default_factory=Consortia)
    brokers: Brokers
    outlets: Outlets
    patents: Patents
    talent: Talent
    attention: Floats
    """real, (C, J); 1; dynamic; city and industry. Attention, share of the industry in the stories
    of the quarter."""
    active: Ints
    """integer; -; dynamic; organisation. Rows that explored this quarter, ascending."""
    position: Ints
    """integer; -; dynamic; organisation. Place of each row among the active ones, -1 for the
    others."""
    field_share: Floats
    """real, by field; 1; dynamic; organisation. Shares phi of effort of those that explored this
    quarter."""
    direction: Floats
    """real, by field; 1; dynamic; organisation. The same, scaled to length one."""
    leaders: Floats
    """real, by field; log; dynamic. Knowledge of the leaders of each field, b_f."""
    deals: Deals = field(default_factory=Deals.none)
    launch_history: Floats
    """real, 4 quarters; items; dynamic. Launches at scale 1."""
    launch_mix: Floats
    """real, (J, F); 1; dynamic. Quality of launches by industry and field, faded."""
    quality_history: Floats
    """real, (3, J, 8 quarters); 1; dynamic. Numbers of launches, sums of their quality and of its
    square by industry, a ring."""
    intensity_gap: Floats
    """real, by province; log; dynamic. Mean of log r - log r* over firms."""
    rd_level: Floats
    """real, by province; log; static. Level of desired R&D over sales, l_p."""
    returns: dict[str, Floats] = field(default_factory=dict)
    """real, two by policy; 100m_rmb, launches; dynamic. Money that policies with a budget have
    paid, and the launches of what they paid for, at scale 1."""
    knowledge_stock: Floats
    """real, (C, F); 100m_rmb; dynamic; city and field. Stock of R&D at the prices of the first
    quarter and scale 1, S."""
    known: Floats
    """real, (C, F); 1; dynamic; city and field. Knowledge within reach over the mean of the
    burn-in."""
    returned: Floats
    """real, (J, P); log; dynamic; industry and province. What launches of firms have brought over
    the same in the burn-in, back."""
    means: Means
    """by name; as named; dynamic; of the quarter. What the quarter was like on average."""
    nation: Nation
    entry_account: Floats
    """real, (C, J); firms; dynamic; city and industry. Entrants that are due to a cell and have not
    entered; less than zero where one came early."""
    entered: Ints
    """integer, (C, J); firms; dynamic; city and industry. Entrants so far: the number of the next
    one."""
    founding_account: Floats
    """real, (J, F); items; dynamic; industry and field. Foundings that are due to a cell."""
    founded: Ints
    """integer, (J, F); items; dynamic; industry and field. Foundings of the region so far: the
    number of the next one."""
    stance: Bools
    """boolean, by province; -; dynamic; province. Whether its government has closed its border by
    its own decision."""
    factors: dict[str, float] = field(default_factory=dict)
    """real, by policy; 1; dynamic. Factor of adaptive governance on the budget of a policy, 1
    without one."""
    returns_seen: dict[str, Floats] = field(default_factory=dict)
    """real, two by policy; 100m_rmb, launches; dynamic. `returns` at the last decision of adaptive
    governance."""
    ended: Ended = field(default_factory=Ended)
    met: dict[str, float] = field(default_factory=dict)
    """real, by policy; 1; dynamic. Share that vouchers with a budget paid of what they were asked
    for when last asked."""

    def effort_cosine(self, one: Ints, other: Ints) -> Floats:
        """Return the cosine of the fields of effort of organisations, pair by pair."""
        cosine = np.empty(len(one))
        for some in blocks(len(one)):
            a, b = (self.direction.take(self.position[ends[some]], axis=0) for ends in (one, other))
            np.einsum("nf,nf->n", a, b, out=cosine[some])
        return np.minimum(cosine, 1.0, out=cosine)

    @property
    def sample_exposure(self) -> Floats:
        """Weight with which each organisation faces the sample: 1 for firms, s for the others."""
        return np.where(self.organisations.kind == FIRM, 1.0, self.scale)

    @property
    def groups(self) -> Floats:
        """Groups among which ties of an organisation lie: 1 in firms, s capacity in science."""
        table = self.organisations
        firm = table.kind == FIRM
        return np.where(firm, 1.0, self.scale * capacity(table.researchers, firm))

    def tie_strength(self, one: Ints, other: Ints) -> Floats:
        """Return the strength of ties pair by pair, projects; zero without one.

        That of a tie between two organisations of science is for one of the groups of the larger.
        """
        table, groups = self.organisations, self.groups
        strength = self.ties.between(one, other, len(table))
        science = np.flatnonzero(table.kind[one] != FIRM)
        science = science[table.kind[other[science]] != FIRM]
        strength[science] /= np.maximum(groups[one[science]], groups[other[science]])
        return strength

    @property
    def input_column(self) -> int:
        """Column of the inputs that holds: the first in the burn-in, the last after the end."""
        return min(max(self.quarter, 0), 4 * len(self.inputs.years) - 1)

    @property
    def spending(self) -> Floats:
        """Nominal demand D of the quarter by destination, (P + 1,), 100m_rmb."""
        official: Floats = self.inputs.secondary[:, self.input_column]
        return official * self.market.demand_factor

    @property
    def wage(self) -> Floats:
        """Wage of a researcher by city, (C,), 100m_rmb/year."""
        wage: Floats = self.inputs.wage[self.world.city_province, self.input_column]
        return wage * self.talent.wage

    @property
    def cost(self) -> Floats:
        """Money for a researcher who works by city, (C,), 100m_rmb/year."""
        wage: Floats = self.inputs.wage[self.world.city_province, self.input_column]
        return wage * self.talent.cost

    def group_of(self, rows: Ints) -> Ints:
        """Return the industry and province of firms ``rows`` as one number below J P."""
        table = self.organisations
        return table.industry[rows] * self.world.n_provinces + table.province[rows]

    def cell_of(self, rows: Ints) -> Ints:
        """Return the industry and city of firms ``rows`` as one number below J C."""
        table = self.organisations
        return table.industry[rows] * self.world.n_cities + table.city[rows]

    def begin(self, quarter: int) -> None:
        """Open a quarter: nothing launched, adopted or counted yet."""
        self.quarter = self.ledger.quarter = quarter
        self.launches = Launches.none()
        self.deals = Deals.none()
        self.ended = Ended()
        self.brokers.begin()
        self.organisations.contract_net[:] = 0.0
        self.adoptions = Adoptions.none()
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

    def number_by_city(self, rows: Ints) -> Floats:
        """Return how many of ``rows`` there are in each city, (C,), at scale 1."""
        return self.by_city(rows, np.full(len(rows), 1.0 / self.scale))

    def place_of(self, rows: Ints) -> Ints:
        """Return the city of organisations, C for `OUTSIDER`."""
        city = self.organisations.city[np.maximum(rows, 0)]
        return np.where(rows == OUTSIDER, self.world.n_cities, city)

    def province_output(self) -> Floats:
        """Return value added by industry and place in the quarter, (J, P + 1), outside last."""
        world, output = self.world, self.market.output
        inside = over_provinces(output[:, :-1], world.city_province, world.n_provinces)
        return np.hstack([inside, output[:, -1:]])

    def by_province(self, rows: Ints, values: Floats) -> Floats:
        """Return sums of ``values`` of organisations ``rows`` by province, shape (P,)."""
        return sums(self.organisations.province[rows], values, self.world.n_provinces)


def follow(state: State, row: Ints) -> None:
    """Let projects, ties, consortia and partners follow to the new ``row`` of each row, (n,)."""
    projects, ties, consortia = state.projects, state.ties, state.consortia
    partner = state.organisations.partner
    partner[:] = np.where(partner >= 0, row[np.maximum(partner, 0)], NOBODY)
    projects.owner[:] = row[projects.owner]
    for members in (projects.members, consortia.members):
        inside = members >= 0
        members[inside] = row[members[inside]]
    key = pair_key(row[ties.a], row[ties.b])
    order = np.argsort(key, kind="stable")
    ties.key, ties.strength = key[order], ties.strength[order]
    ties.born, ties.active = ties.born[order], ties.active[order]
    ties.barred = np.unique(pair_key(row[ties.barred >> 32], row[ties.barred & 0xFFFFFFFF]))


def clear_dead(state: State) -> Ints:
    """Clear the rows of the dead to which nothing refers; return the new row of each, (n,).

    To be called at the beginning of a quarter, when nothing has been launched or adopted in it.
    """
    table, generations, ties = state.organisations, state.generations, state.ties
    kept = table.alive | _referred_to(state)
    row = np.where(kept, np.cumsum(kept) - 1, CLEARED)
    if kept.all():
        return row
    ties.barred = ties.barred[kept[ties.barred >> 32] & kept[ties.barred & 0xFFFFFFFF]]
    follow(state, row)
    state.arena.follow(row, generations, kept)
    state.waiting.follow(row, generations)
    founder = generations.founder
    founder[founder >= 0] = row[founder[founder >= 0]]
    state.active = row[state.active]
    state.position = state.position[kept[: len(state.position)]]
    rows = np.flatnonzero(kept)
    state.slots.move_up(rows)
    table.keep(rows)
    state.regroup()
    return row


def rows_now(state: State) -> Ints:
    """Return the row in which the organisation of each row is at the end of the quarter, (n,).

    It differs for firms that have moved since organisations explored.
    """
    table = state.organisations
    here = np.arange(len(table), dtype=np.int64)
    gone = np.flatnonzero(table.died == state.quarter)
    new = here[len(state.position) :]
    lives = new[table.alive[new]]
    at = rows_of(table.key[gone], table.key[lives])  # they have kept their identity
    here[gone[at >= 0]] = lives[at[at >= 0]]
    return here


def _referred_to(state: State) -> Bools:
    """Return the rows to which something refers that a rule or the record may yet read."""
    refers = np.zeros(len(state.organisations), dtype=np.bool_)
    refers[state.active] = refers[state.projects.owner] = True
    refers[state.ties.a] = refers[state.ties.b] = True
    for members in (state.projects.members, state.consortia.members):
        refers[members[members >= 0]] = True
    return refers
