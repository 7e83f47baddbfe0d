"""Organised collaboration: intermediaries, consortia, and shared facilities.

**Brokers**: how many there are, how far they reach, and who pays for them.

    B_c      = floor(n_c delta_c / 1000 + 1/2)                      brokers of city c
    own_kc   = max(0, floor(n_c delta_kc / 1000 + 1/2) - B0_c)      what policy k alone would add
             = K n_c / sum of n, whole by largest remainders        of a policy with an amount
    K        = floor(strength amount / kappa)
    delta_c  = 1000 (B0_c + own_kc) / n_c where an amount adds most of all policies and own_kc > 0
    added_c  = max(0, B_c - B0_c)
    bill_kc  = s kappa_k / 4 added_c own_kc / sum_k own_kc          100m_rmb a quarter

Symbols: n firms of the city at scale 1 at the start of the burn-in (as the brokers of the start, so
that nothing but policies changes their number); delta `broker_density` in force; B0 the number at
the density of the parameters; delta_k the density in force under policy k alone; kappa cost of a
broker a year. Who a broker is follows from its city and number there: those that stay keep
the draws that go with it. Provinces pay for the offices in their cities, which spend
what they get. With an amount a policy adds K of them, in proportion to the firms of its cities (the
sum of n is over these; equal remainders in the order of the identities of cities); what is left of
the amount stays with provinces. Offices of two policies in one city do not add up: there are those
of the one that adds most. Without intermediaries there are none, whatever a policy says.

**Consortia**: groups of firms, universities and institutes that governments set up for some years.

    target      = floor(strength x number x s + u), u drawn once
    lead        : firms with the smallest E / weight, E exponential, weight = researchers at work in
                  the targeted fields; a firm leads one consortium at a time
    field       : of the targeted ones, by the effort of the lead
    members     : a university, an institute, then organisations of any kind
    P(city d)   proportional to mass_df exp(-t_cd / t_0) pass_cd factor_cd, c the city of the lead
    ties        : strength' = max(strength, tie) between all members, each quarter
    support     = grant / 4 to the lead, which pays researchers with it
                = budget / max(target, those that live, 1)     of a policy with an amount
    budget      = strength x s x amount / 4

mass_df is the effort in field f of the organisations that are asked for, universities and
institutes times s, in the provinces that take part; the organisation inside d is drawn by its
effort in f. Pass and factor are those of joint projects (`ydsim.processes.seek`). When no more
places are left than provinces are missing, only further provinces count. A place for which the same
organisation is drawn again and again stays empty; a consortium without university, institute or
enough provinces is not made. Missing ones are set up in the first quarter of a year, and in any in
which the policy has none.

A consortium ends after its years, with its lead, with its policy, and when nobody but the lead is
left; members that exit leave it. Joint projects of a lead with members count as its results.

**Facilities**: projects of firms use instruments of universities and institutes.

    P(use)      = min(1, match.facility_use / price_c), in applied research, in invention, and in
                  pilots that lack a capability
    P(city d)   proportional to science_df exp(-t_cd / match.decay_h)
    science_df  = sum over universities and institutes of d of researchers * phi_f
    granted     with probability facility_open_pq: talent.recognition without policies, 1 inside the
                  province
    bill_p      = strength * saved * uses granted at facilities of p to users of cities served

c is the city of the user and price the ``facility_price`` there, which has the elasticity of use in
it, one without a policy. A project that is granted use has a higher capability in this quarter,
which may lift a pilot over what it needs. Industrialisation takes place in the firm's own works and
is not helped. What a policy saves the users of the cities it serves, 100m_rmb for a quarter of use,
the provinces of the facilities pay: it goes into running them.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ydsim.agents.ledger import Flow, credit, note_budget, of_quarter, takes_part
from ydsim.agents.organisations import FIRM, INSTITUTE, UNIVERSITY
from ydsim.agents.projects import INVENTION, NOBODY, PILOT
from ydsim.agents.search import Gravity, Pool
from ydsim.agents.state import State
from ydsim.agents.tables import Consortia, make_brokers, number_of_brokers
from ydsim.agents.tally import EXPECTED, REALISED, add_pairs
from ydsim.measures.groups import cross_sums, drawn_along, sums
from ydsim.noise import Noise, identity
from ydsim.policies.environment import (
    Alliance,
    BrokerOffices,
    FacilityAccess,
    PolicyEnvironment,
    passing,
)
from ydsim.scenario.schema.parameters import MatchParameters, Parameters
from ydsim.typing import Bools, Floats, Ints, Keys
from ydsim.world.tables import largest_remainder

# -- brokers ---------------------------------------------------------------------------------------


def keep_brokers(
    state: State,
    environment: PolicyEnvironment,
    baseline: PolicyEnvironment,
    parameters: Parameters,
) -> bool:
    """Place and pay the brokers of the quarter; return whether any came, went or changed.

    Called when a quarter has been opened: what brokers have done in it begins with zero.
    """
    brokers, keys, reach = state.brokers, parameters.brokers, environment.broker_reach
    density = environment.broker_density * parameters.actors.intermediaries
    changed = bool(
        (number_of_brokers(brokers.firms, density) != _by_city(state)).any()
        or (brokers.reach_km != reach[brokers.city]).any()
    )
    if changed:
        capacity, names = keys.capacity * state.scale, state.world.city_keys
        state.brokers = make_brokers(brokers.firms, names, density, capacity, reach)
    pay_offices(state, environment, baseline, parameters)
    return changed


def with_offices(
    state: State, environment: PolicyEnvironment, baseline: PolicyEnvironment
) -> PolicyEnvironment:
    """Return the environment with the density of the brokers for which amounts pay.

    It combines with what other policies want as the field does: by the largest shift.
    """
    offices = [one for one in environment.of(BrokerOffices) if one.amount is not None]
    if not offices:
        return environment
    firms, base = state.brokers.firms, baseline.broker_density
    usual, density = number_of_brokers(firms, base), environment.broker_density.copy()
    for office in offices:
        own = _own(state, office, base)
        wanted = 1000.0 * (usual + own) / np.maximum(firms, 1e-300)
        lifts = (own > 0) & (wanted - base >= np.abs(density - base))
        density[lifts] = wanted[lifts]
    return replace(environment, broker_density=density)


def pay_offices(
    state: State,
    environment: PolicyEnvironment,
    baseline: PolicyEnvironment,
    parameters: Parameters,
) -> None:
    """Pay the brokers that policies have added, by the provinces in which they sit."""
    offices = environment.of(BrokerOffices)
    if not offices:
        return
    firms, world, books = state.brokers.firms, state.world, state.books
    exists = parameters.actors.intermediaries
    usual = number_of_brokers(firms, baseline.broker_density * exists)
    added = np.maximum(_by_city(state) - usual, 0)
    each = [exists * _own(state, office, baseline.broker_density) for office in offices]
    total = np.maximum(np.sum(each, axis=0), 1)
    for office, own in zip(offices, each, strict=True):
        bill = state.scale * office.yearly / 4.0 * (added * own / total)
        amount = sums(world.city_province, bill, world.n_provinces)
        if office.amount is not None:
            budget = of_quarter(office.amount, office.strength, state.scale)
            where = takes_part(state, office.where)
            note_budget(state, office.policy, {"provinces": 1.0}, budget, amount, amount, where)
        if not amount.any():
            continue
        books.provinces -= amount
        state.ledger.post("provinces", "intermediaries", office.policy, amount)
        state.ledger.post("intermediaries", "economy", Flow.BROKERS_COSTS, amount)


def _by_city(state: State) -> Ints:
    """Return the brokers of each city, shape (C,)."""
    return np.bincount(state.brokers.city, minlength=state.world.n_cities)


def _own(state: State, office: BrokerOffices, usual: Floats) -> Ints:
    """Return what a policy alone adds to the brokers of cities at the ``usual`` density, (C,)."""
    firms, where = state.brokers.firms, np.asarray(office.where)
    if office.amount is None:
        shift = office.strength * where * (office.density - usual)
        more = number_of_brokers(firms, usual + shift) - number_of_brokers(firms, usual)
        return np.maximum(more, 0)
    own = np.zeros(len(firms), dtype=np.int64)
    claim = firms * where
    if claim.sum() > 0.0:
        # a whole number that rounding has made a little less is meant
        number = int(np.floor(office.strength * office.amount / office.yearly + 1e-9))
        order = state.world.city_order
        own[order] = largest_remainder(claim[order], number)
    return own


# -- consortia -------------------------------------------------------------------------------------

TRIES = 4
"""Draws for one place before it stays empty."""


def convene(
    state: State,
    environment: PolicyEnvironment,
    noise: Noise,
    lasting: Noise,
    parameters: Parameters,
) -> None:
    """End consortia, set up new ones, keep the ties of their members and pay their leads."""
    alliances = environment.of(Alliance)
    if not alliances and len(state.consortia) == 0:
        return
    _end(state, np.array([_name(one) for one in alliances], dtype=np.uint64))
    for alliance in alliances:
        _set_up(state, environment, alliance, noise, lasting, parameters.match.decay_h)
    hold_ties(state)
    if parameters.actors.funding:
        for alliance in alliances:
            _support(state, alliance, lasting)


def hold_ties(state: State) -> None:
    """Raise the ties between members of live consortia to the strength that they keep."""
    if len(state.consortia):
        state.ties.hold(*state.consortia.pairs(), state.quarter)


def _name(alliance: Alliance) -> np.uint64:
    return identity("consortia", alliance.policy)[0]


def _target(state: State, alliance: Alliance, lasting: Noise) -> int:
    """Return how many consortia there are to be."""
    u = float(lasting.uniform(np.array([_name(alliance)]), 0)[0])
    return int(np.floor(alliance.strength * alliance.number * state.scale + u))


def _end(state: State, policies: Keys) -> None:
    """Let members go that have exited, and end consortia whose time is over."""
    consortia, alive = state.consortia, state.organisations.alive
    members = consortia.members
    members[(members >= 0) & ~alive[np.maximum(members, 0)]] = NOBODY
    goes_on = (consortia.ends > state.quarter) & (consortia.lead >= 0)
    goes_on &= np.isin(consortia.policy, policies) & ((members >= 0).sum(axis=1) > 1)
    consortia.keep(goes_on)


def _set_up(
    state: State,
    environment: PolicyEnvironment,
    alliance: Alliance,
    noise: Noise,
    lasting: Noise,
    decay_h: float,
) -> None:
    """Set up the consortia that are missing."""
    name, target = _name(alliance), _target(state, alliance, lasting)
    there = int((state.consortia.policy == name).sum())
    missing = target - there
    if missing <= 0 or (there and state.quarter % 4):
        return
    world, table, rows = state.world, state.organisations, state.active
    fields = np.broadcast_to(alliance.fields, len(world.fields)) > 0.0
    takes = alliance.takes_part(world.n_provinces)[table.province[rows]]
    effort = state.field_share * (table.researchers * state.sample_exposure)[rows] * takes
    lead = _leads(state, effort[fields].sum(axis=0), noise, missing)
    key = identity("consortium", name, state.quarter, np.arange(missing))[: len(lead)]
    mine = np.where(fields[:, None], effort[:, state.position[lead]], 0.0)
    field = drawn_along(mine.T, np.arange(len(world.fields)), noise.uniform(key, 2))
    pull = np.exp(-environment.travel_hours / decay_h) * environment.tie_factor
    pull = pull * passing(environment, "joint_work", world.city_province)
    members = _members(state, alliance, lead, field, key, effort, pull, noise)
    kind = np.where(members >= 0, table.kind[np.maximum(members, 0)], -1)
    whole = (kind == UNIVERSITY).any(axis=1) & (kind == INSTITUTE).any(axis=1)
    whole &= _provinces(state, members).sum(axis=1) >= alliance.least
    made = np.full((int(whole.sum()), state.consortia.members.shape[1]), NOBODY)
    made[:, : alliance.size] = members[whole]
    state.consortia.append(
        len(made),
        key=key[whole],
        policy=name,
        field=field[whole],
        ends=state.quarter + alliance.quarters,
        tie=alliance.tie,
        members=made,
    )


def _leads(state: State, weight: Floats, noise: Noise, number: int) -> Ints:
    """Return the rows of at most ``number`` new leads; ``weight`` is by active organisation."""
    table, rows = state.organisations, state.active
    free = (table.kind[rows] == FIRM) & (weight > 0.0) & ~np.isin(rows, state.consortia.lead)
    rows, weight = rows[free], weight[free]
    turn = noise.exponential(table.key[rows], 1) / weight
    return rows[np.lexsort((table.key[rows], turn))[:number]]


def _members(
    state: State,
    alliance: Alliance,
    lead: Ints,
    field: Ints,
    key: Keys,
    effort: Floats,
    pull: Floats,
    noise: Noise,
) -> Ints:
    """Return the rows of members, (n, size), the lead first; NOBODY for places that stay empty."""
    world, table, rows = state.world, state.organisations, state.active
    province_of = world.city_province

    def pool(these: Bools) -> Pool:
        return Pool(rows[these], table.city[rows[these]], effort[:, these], world.n_cities)

    kind = table.kind[rows]
    pools = [pool(kind == UNIVERSITY), pool(kind == INSTITUTE), pool(np.ones(len(rows), np.bool_))]
    order = world.city_order
    members = np.full((len(lead), alliance.size), NOBODY)
    members[:, 0] = lead
    for slot in range(1, alliance.size):
        source = pools[min(slot, 3) - 1]
        for attempt in range(TRIES):
            empty = np.flatnonzero(members[:, slot] == NOBODY)
            known = _provinces(state, members[empty])
            short = alliance.least - known.sum(axis=1) >= alliance.size - slot
            weight = source.mass[field[empty]] * pull[table.city[lead[empty]]]
            weight = np.where(short[:, None] & known[:, province_of], 0.0, weight)
            draw = identity(key[empty], slot, attempt)
            city = drawn_along(weight, order, noise.uniform(draw, 3))
            some = np.flatnonzero(city >= 0)
            empty, city = empty[some], city[some]
            row = source.draw(city, field[empty], noise.uniform(draw[some], 4))
            new = ~(members[empty] == row[:, None]).any(axis=1)
            members[empty[new], slot] = row[new]
    return members


def _provinces(state: State, members: Ints) -> Bools:
    """Return which provinces the members of each consortium come from, (n, P)."""
    seen = np.zeros((len(members), state.world.n_provinces), dtype=np.bool_)
    which, slot = np.nonzero(members >= 0)
    seen[which, state.organisations.province[members[which, slot]]] = True
    return seen


def _support(state: State, alliance: Alliance, lasting: Noise) -> None:
    """Pay the leads, who spend the money on researchers, and note their joint projects."""
    table, consortia, n_p = state.organisations, state.consortia, state.world.n_provinces
    if alliance.grant == 0.0 and not alliance.amount:
        return
    ours = np.flatnonzero(consortia.policy == _name(alliance))
    lead = consortia.lead[ours]
    target = _target(state, alliance, lasting)
    if alliance.amount is None:
        part, budget = alliance.grant / 4.0, target * alliance.grant / 4.0
    else:
        budget = of_quarter(alliance.amount, alliance.strength, state.scale)
        part = budget / max(target, len(lead), 1)
    each = np.full(len(lead), part)
    amount, central = sums(table.province[lead], each, n_p), alliance.central
    where = alliance.takes_part(n_p)
    note_budget(state, alliance.policy, alliance.payers, budget, amount, amount, where)
    if len(ours) == 0:
        return
    table.researchers[lead] += each / (state.cost[table.city[lead]] / 4.0)
    table.grants[lead] += each
    table.grants_spent[lead] += each
    name = f"{alliance.policy}: support of leads"
    state.books.central -= central * float(amount.sum())
    state.books.provinces -= (1.0 - central) * amount
    state.ledger.post("central", "firms", name, central * amount)
    state.ledger.post("provinces", "firms", name, (1.0 - central) * amount)
    state.ledger.post("firms", "economy", Flow.WAGES, amount)
    received = state.by_city(lead, each) / state.scale
    state.tally.city.rd_grants += received
    state.tally.city.rd_grants_programme += received
    credit(state, alliance.policy, float(each.sum()), _joint(state, consortia, ours))


def _joint(state: State, consortia: Consortia, ours: Ints) -> Ints:
    """Return projects that a lead has with another member of its consortium."""
    projects = state.projects
    consortium_of = np.full(len(state.organisations), -1, dtype=np.int64)
    consortium_of[consortia.lead[ours]] = ours
    project = np.flatnonzero(projects.shared & (consortium_of[projects.owner] >= 0))
    group = consortia.members[consortium_of[projects.owner[project]], 1:]
    partners = np.where(projects.members[project] >= 0, projects.members[project], -9)
    met = (partners[:, :, None] == group[:, None, :]).any(axis=(1, 2))
    return project[met]


# -- shared facilities -----------------------------------------------------------------------------


def share_facilities(
    state: State, environment: PolicyEnvironment, noise: Noise, parameters: MatchParameters
) -> None:
    """Let projects of firms use shared facilities and tally who goes where."""
    table, projects, world = state.organisations, state.projects, state.world
    firm = table.alive & (table.kind == FIRM)
    of_use = (projects.stage <= INVENTION) | ((projects.stage == PILOT) & projects.waits)
    research = firm[projects.owner] & of_use
    use = np.minimum(parameters.facility_use / environment.facility_price, 1.0)
    asking = np.flatnonzero(research)
    asks = noise.uniform(projects.key[asking], 0) < use[table.city[projects.owner[asking]]]
    asking = asking[asks]
    science = np.flatnonzero(table.alive & (table.kind != FIRM))
    effort = state.field_share[:, state.position[science]] * table.researchers[science]
    city = table.city[science]
    mass = np.stack([sums(city, row, world.n_cities) for row in effort])
    # the last place is nobody's: without science nobody is helped
    mass = np.hstack([mass, np.full((len(mass), 1), 1e-300)])
    kernel = np.exp(-environment.travel_hours / parameters.decay_h)
    order = np.append(world.city_order, world.n_cities)
    places = Gravity(mass, np.hstack([kernel, np.ones((world.n_cities, 1))]), order)
    own, key = table.city[projects.owner[asking]], projects.key[asking]
    seat = places.draw(own, projects.field[asking], noise.uniform(key, 1))
    row, column = world.city_province[:, None], world.city_province[None, :]
    # the chance to get into a facility, (C, C + 1), that of nobody last
    opened = np.pad(environment.facility_open[row, column], ((0, 0), (0, 1)))
    granted = noise.uniform(key, 2) < opened[own, seat]
    projects.helped[:] = False
    projects.helped[asking[granted]] = True
    own, seat = own[granted], seat[granted]
    _pay(state, environment, own, seat)
    links = state.tally.links.shared_facility
    add_pairs(links[REALISED], own, seat, 1.0 / state.scale)
    shape = world.n_cities, len(world.fields)
    at = table.city[projects.owner[research]]
    users = cross_sums(at, projects.field[research], 1.0, shape)
    mean = np.einsum("cf,cfd->cd", users, places.share) * opened * use[:, None]
    a, b = np.indices(mean.shape)
    weight = mean.ravel() / state.scale
    add_pairs(links[EXPECTED], a.ravel(), b.ravel(), weight)


def _pay(state: State, environment: PolicyEnvironment, user: Ints, seat: Ints) -> None:
    """Pay what access schemes save users, who are sampled firms; cities of users and facilities."""
    province_of, n_p = state.world.city_province, state.world.n_provinces
    for scheme in environment.of(FacilityAccess):
        served = np.broadcast_to(scheme.where, province_of.shape)[user]
        amount = scheme.strength * scheme.saved * sums(province_of[seat], served, n_p)
        if not amount.any():
            continue
        state.books.provinces -= amount
        state.ledger.post("provinces", "economy", scheme.policy, amount)
