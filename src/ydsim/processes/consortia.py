"""Consortia: groups of firms, universities and institutes that governments set up for some years.

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
"""

from __future__ import annotations

import numpy as np

from ydsim.agents.ledger import Flow, credit, note_budget, of_quarter
from ydsim.agents.organisations import FIRM, INSTITUTE, UNIVERSITY
from ydsim.agents.projects import NOBODY
from ydsim.agents.search import Pool
from ydsim.agents.state import State
from ydsim.agents.tables import Consortia
from ydsim.measures.choice import drawn_along
from ydsim.measures.groups import sums
from ydsim.noise import Noise, identity
from ydsim.policies.environment import PolicyEnvironment, passing
from ydsim.policies.schemes import Alliance
from ydsim.scenario.schema.parameters import Parameters
from ydsim.typing import Bools, Floats, Ints, Keys

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
