"""Where the table of parameters looks: columns of the state and tallies of a phase.

All read a model that has come from the common burn-in of `begun`, or one that was just made.
"""

from dataclasses import replace
from functools import cache

import numpy as np

from tests.support.small import SHORT_CHAIN, scenario, tilted, world
from ydsim.agents.organisations import FIRM, NO_CERTIFICATE
from ydsim.agents.projects import NOBODY
from ydsim.model import Model
from ydsim.processes.enact import SPEED_KMH, Baselines, baseline_environment
from ydsim.processes.seek import seek
from ydsim.world.firm_counts import growth_by_quarter
from ydsim.world.trends import LONG_RUN

LIVELY = {
    **SHORT_CHAIN,
    "match.gap_search": 0.3,
    "match.reserve": 1.5,
    "border.joint_work": 0.5,
    "border.hand_over": 0.5,
    "brokers.per_1000_firms": 20.0,
    "brokers.capacity": 1000.0,
    "brokers.largest_deal": 1000.0,
    "contracts.science_hires": 0.0,
}
"""A short chain that launches within the burn-in, and many partners and brokers."""


SCALE = 0.05


@cache
def place():
    return tilted(world())


@cache
def begun():
    return Model(scenario(scale=SCALE, burn_in=20, parameters=LIVELY), world=place())


# -- what is looked at -----------------------------------------------------------------------------


def city(name):
    return lambda m: float(getattr(m.state.tally.city, name).sum())


def region(name):
    return lambda m: float(getattr(m.state.tally.region, name))


def funnel(name, stage, kind=slice(None)):
    return lambda m: float(getattr(m.state.tally.funnel, name)[stage, kind].sum())


def contracts(name):
    return lambda m: float(getattr(m.state.tally.contracts, name).sum())


def firms(name, measure=np.mean):
    return lambda m: float(measure(getattr(m.state.organisations, name)[m.state.firms]))


def expected(*channels, where=None):
    """Expected links of channels, between the pairs of places for which ``where`` says so."""

    def seen(m):
        links = sum(getattr(m.state.tally.links, channel)[1] for channel in channels)
        return float((links * (1.0 if where is None else where(m))).sum())

    return seen


def ledger(flow, payer=None, receiver=None):
    def seen(m):
        return sum(
            float(e.amount.sum())
            for e in m.state.ledger.entries
            if e.quarter == m.state.quarter
            and e.flow == flow
            and payer in (None, e.payer)
            and receiver in (None, e.receiver)
        )

    return seen


def across(m):
    """1 for pairs of cities in different provinces of the region."""
    of = m.world.city_province
    pairs = np.zeros((len(of) + 1, len(of) + 1))
    pairs[:-1, :-1] = of[:, None] != of[None, :]
    return pairs


def mean_way(links):
    """Mean distance of what ``links`` counts between cities of the region."""

    def seen(m):
        count = links(m)[:-1, :-1]
        return float((count * m.world.distance_km).sum() / count.sum())

    return seen


def with_slow_rides(m):
    """Give a model recorded rides that take five times as long as those by distance."""
    ride = 5.0 * m.world.distance_km / SPEED_KMH
    place = replace(m.world, rail_years=np.array([2010]), rail_hours=ride[None])
    plain = baseline_environment(place, m.parameters)
    m.baselines = Baselines(plain, place, m.parameters, m.settings.start)
    m.environment = m.baseline


def with_counts(m):
    """Give a model firms that grow by 5 to 20 % a year in each province, counted to 2020."""
    place = replace(m.world, firm_growth=np.tile([0.05, 0.2], (m.world.n_provinces, 1)))
    inputs, keys = m.state.inputs, m.parameters.population
    growth = growth_by_quarter(place, inputs.years, keys.between, keys.growth_damping, LONG_RUN)
    m.state.inputs = replace(inputs, firm_growth=growth)


def contracts_between(m):
    return m.state.tally.links.contract[1]


def of_kind(kind):
    return lambda m: float((m.state.organisations.kind == kind).sum())


def grants_of(kind):
    return lambda m: float(m.state.organisations.grants[m.state.organisations.of_kind(kind)].sum())


def covariance(one, other):
    def seen(m):
        a, b = one(m), other(m)
        return float(((a - a.mean()) * (b - b.mean())).mean())

    return seen


def column(name):
    return lambda m: getattr(m.state.organisations, name)[m.state.firms].astype(float)


def log_share(m):
    return np.log(column("share")(m))


def rise_of_intensity(m):
    rows = np.arange(len(begun().state.organisations))
    before = begun().state.organisations.log_intensity
    change = m.state.organisations.log_intensity[rows] - before
    return change[begun().state.firms]


def newcomers(m):
    table = m.state.organisations
    return np.flatnonzero((table.born == m.state.quarter) & table.alive & (table.kind == FIRM))


def of_newcomers(name):
    return lambda m: float(getattr(m.state.organisations, name)[newcomers(m)].mean())


def begun_now(m):
    return m.state.projects.born == m.state.quarter


def log_quality(measure):
    def seen(m):
        return float(measure(np.log(m.state.projects.quality[begun_now(m)])))

    return seen


def quality_by_knowledge(m):
    projects, new = m.state.projects, begun_now(m)
    known = begun().state.organisations.knowledge[projects.owner[new], projects.field[new]]
    return float(np.cov(np.log(projects.quality[new]), known)[0, 1])


def results_offered(m):
    """Projects of science that wait and are offered."""
    lots, lasting = m.noise.phase("match", m.state.quarter), m.noise.phase("capacity", 0)
    found = seek(m.state, m.environment, lots, m.parameters, m.baseline, lasting).seekers
    return float((found.hand_over & (m.state.organisations.kind[found.row] != FIRM)).sum())


def half_the_zero(m):
    """Let the model compare with constants that reach half of what it reaches."""
    m.constants = m.state.means.copy()
    m.constants.access *= 0.5


def with_good_returns(m):
    """Let launches have brought more than in the burn-in everywhere."""
    m.state.returned[:] = 0.5


def failed_jointly(stage):
    return lambda m: float(m.state.tally.funnel.failed[stage, :, 1].sum())


def knowledge(m):
    table = m.state.organisations
    return float(table.knowledge[table.alive].sum())


def spread_of_knowledge(m):
    table = m.state.organisations
    return float(table.knowledge[table.alive].std())


def searching(m):
    return seek(m.state, m.environment, m.noise.phase("match", 0), m.parameters)


def seekers(m):
    return float((~searching(m).seekers.hand_over).sum())


def candidates(source):
    def seen(m):
        found = searching(m).seen
        return float(((found.source == source) & (found.row >= 0)).sum())

    return seen


def registered_share(m):
    found = m.state.tally.contracts
    return float(found.number_registered.sum() / found.number.sum())


def moved(m):
    return m.state.talent.moves.astype(float)


def beginners(m):
    """Researchers of cities, whoever they are."""
    return float(m.state.talent.stock[:-1].sum())


def short_of_people(m):
    """A fifth of the researchers is gone, and of those that official figures know."""
    m.state.talent.stock[:-1] = m.state.talent.stock[:-1] * 8 // 10
    m.state.talent.start = m.state.talent.start * 8 // 10


def with_high_pay(m):
    short_of_people(m)
    m.state.talent.wage[:] = 1.5


def one_city_short(m):
    """Half of the researchers of the first city are gone."""
    m.state.talent.stock[0] //= 2


def lacking(m):
    talent = m.state.talent
    return float(np.maximum(talent.demand - talent.stock, 0.0)[:-1].sum())


def science_rd(m):
    table = m.state.organisations
    return float(table.rd[table.alive & (table.kind != FIRM)].sum())


def granted_until(m):
    before = begun().state.organisations.certified_until
    until = m.state.organisations.certified_until[: len(before)]
    return float(until[(until > NO_CERTIFICATE) & (before == NO_CERTIFICATE)].mean())


def generations_retired(m):
    return float((m.state.generations.retired == m.state.quarter).sum())


def new_generations(m):
    return np.flatnonzero(m.state.generations.founded == m.state.quarter)


def steps(m):
    """Rise of new generations above the frontier that they found."""
    new, found = new_generations(m), m.state.generations
    return found.quality0[new] - begun().state.frontier[found.industry[new], found.field[new]]


def lead_of_cells(m):
    new, found = new_generations(m), m.state.generations
    return begun().state.frontier[found.industry[new], found.field[new]]


def rise_of_hazard(m):
    return float(m.state.generations.rise[m.state.generations.living()].sum())


def outside_adopters(m):
    found = m.state.generations
    return float(found.outside_share[found.living()].sum())


def log_appeal(m):
    return float(np.std(np.log(m.state.generations.appeal[new_generations(m)])))


def shares_of_markets(which):
    def seen(m):
        by_city, place = m.state.market.share.mean(axis=0), places(m)
        share = np.stack([by_city[place == p].sum(axis=0) for p in range(place[-1] + 1)])
        home = np.eye(m.world.n_provinces + 1) > 0
        inside = np.zeros(home.shape, dtype=bool)
        inside[:-1, :-1] = True
        masks = {"home": home & inside, "across": ~home & inside, "outside": ~inside & ~home}
        return float(share[masks[which]].mean())

    return seen


def places(m):
    """The place of each origin: the province of a city, the outside last."""
    return np.append(m.world.city_province, m.world.n_provinces)


def move_of_markets(m):
    return float(np.abs(m.state.market.lagged - begun().state.market.lagged).sum())


def concentration(m):
    table, rows = m.state.organisations, m.state.firms
    return float((table.share[rows] ** 2).sum())


def crowd(m):
    """Spread of the number of firms over cities and industries of a province."""
    table, n_j = m.state.organisations, len(m.world.industries)
    cell = table.city[m.state.firms] * n_j + table.industry[m.state.firms]
    return float(np.bincount(cell, minlength=m.world.n_cities * n_j).std())


def inputs(name):
    return lambda m: float(getattr(m.state.inputs, name)[:-1, -1].sum())


def distance_of_moves(m):
    """Mean way of the firms that moved; they keep their identity in a new row."""
    table = m.state.organisations
    old = np.flatnonzero(table.died == m.state.quarter)
    left = dict(zip(table.key[old].tolist(), table.city[old].tolist(), strict=True))
    new = np.flatnonzero(table.alive & np.isin(table.key, table.key[old]))
    ways = [m.world.distance_km[left[int(table.key[i])], table.city[i]] for i in new]
    return float(np.mean(ways))


# -- what is prepared ------------------------------------------------------------------------------


def open_markets(m):
    """Every place reaches more markets."""
    m.state.market.access[:] = 0.3


def half_the_prices(m):
    """Let prices of the base run be twice those of the run."""
    m.prices = np.full((8, m.world.n_provinces + 1), np.log(2.0))


def in_stage(stage, done, *, partners=False):
    """Put every project into a stage, with a part of its effort done, and with no partners."""

    def prepare(m):
        projects = m.state.projects
        projects.stage[:] = stage
        projects.done[:] = done * m.parameters.chain.efforts[stage]
        if not partners:
            projects.members[:] = NOBODY

    return prepare


def twice_the_launches(m):
    m.state.launch_history[:] *= 2.0
