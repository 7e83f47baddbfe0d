"""Match: owners of projects seek partners, and both sides must gain.

    V_ij       = w_c 4 D (1 - D) + w_k c_ij + w_t ln(1 + tie_ij) - w_i [kinds differ] (1 - rec)
                 + w_r ln(1 + reputation_j) - way_ij
    way_ij     = search cost for candidates met by gravity; t_ij / t_0 - ln(1 - level) [border] for
                 former partners and their partners, whose places were not drawn by distance
    V_ji       = the same without way, c_ji and the reputation of i
    U          = V + Gumbel(0, taste), one draw for each side
    proposal   : to the candidate with the largest U_ij, if above the reserve u_0
    accepted   : if U_ji exceeds u_0 and j (or its stand-in) has room; rivals by larger
                 U_ij + U_ji, then identity
    expected   = softmax_j(V_ij / taste) (1 - exp(-sum_k exp((V_ik - u_0) / taste)))
                 (1 - exp(-exp((V_ji - u_0) / taste)))

What i gains from j, c_ij: 1 if j has the capability that a hand-over asks for; in joint projects 1
if j raises the capability of the consortium by a margin, or leads in the field, or pays. What j
gains, c_ji: 1 if it is paid, else worth x log quality of the project.

Who pays: the firm that takes a project over; in joint projects the owner pays its partner, but a
firm never is paid by a university or institute; between these nothing is paid.

    room       = floor(capacity_j x thinned + u) - joint projects of j, u drawn anew every two years
    capacity   = 1 + ln(1 + researchers / 5) for firms, 1 + researchers / 50 for the others

The rest of the nation answers in kind: for each of its candidates, with the probability that it
is proposed to, one of its own organisations proposes to one of the seeker's city and field.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ydsim.agents.deals import Deals
from ydsim.agents.organisations import FIRM, UNIVERSITY
from ydsim.agents.pools import Pool
from ydsim.agents.projects import (
    APPLIED,
    INVENTION,
    NOBODY,
    OUTSIDER,
    best_capability,
)
from ydsim.agents.search import (
    BROKERED,
    CLOSURE,
    FORMER,
    GRAVITY,
    Candidates,
    Search,
    Seekers,
)
from ydsim.agents.state import State
from ydsim.agents.ties import pair_key
from ydsim.measures.choice import agreed, chosen, expected, gumbel, proposal_probability
from ydsim.measures.knowledge import cosine
from ydsim.noise import Noise, identity
from ydsim.policies.environment import PolicyEnvironment
from ydsim.scenario.parameters import MatchParameters, Parameters
from ydsim.typing import Bools, Floats, Ints
from ydsim.world.national import kernel

CAPACITY_YEARS = 2
LEAST_PASSING = 1e-12


@dataclass
class Pairs:
    """Terms of utility of the seekers' candidates, shape (N, K) each."""

    valid: Bools
    distance: Floats  # cognitive distance D
    adds: Floats  # c_ij
    gains: Floats  # c_ji
    tie: Floats
    unlike: Floats  # [kinds differ] (1 - recognition)
    way: Floats


def value(
    distance: Floats,
    complement: Floats,
    tie: Floats,
    unlike: Floats,
    reputation: Floats,
    way: Floats,
    parameters: MatchParameters,
) -> Floats:
    """Return V, the utility of a partner before taste."""
    v: Floats = (
        parameters.cognitive * 4.0 * distance * (1.0 - distance)
        + parameters.complement * complement
        + parameters.social * np.log1p(tie)
        - parameters.institution * unlike
        + parameters.reputation * np.log1p(reputation)
        - way
    )
    return v


def capacity(researchers: Floats, firm: Bools) -> Floats:
    """Return the number of joint projects that an organisation can hold."""
    most: Floats = np.where(firm, 1.0 + np.log1p(researchers / 5.0), 1.0 + researchers / 50.0)
    return most


def match(
    state: State,
    environment: PolicyEnvironment,
    search: Search,
    noise: Noise,
    lasting: Noise,
    parameters: Parameters,
) -> None:
    """Let projects find partners and new owners, and note the deals of the quarter.

    Parameters
    ----------
    state, environment, parameters
        As everywhere.
    search
        Seekers and what they see.
    noise, lasting
        Draws of the quarter, and draws that do not depend on it.
    """
    keys, seekers, seen = parameters.match, search.seekers, search.seen
    room = _room(state, lasting)
    pairs = _terms(state, environment, seekers, seen, room, parameters)
    reputation = state.organisations.reputation
    v = value(
        pairs.distance, pairs.adds, pairs.tie, pairs.unlike, reputation[seen.row], pairs.way, keys
    )
    back = value(
        pairs.distance,
        pairs.gains,
        pairs.tie,
        pairs.unlike,
        reputation[seekers.row][:, None],
        np.zeros_like(v),
        keys,
    )
    likely = expected(v, back, pairs.valid, keys.reserve, keys.taste_sd)
    _expect(state, seekers, seen, likely, parameters)
    _introduce(state, seen, pairs.valid)
    own = v + gumbel(noise.uniform(seen.key, 9), keys.taste_sd)
    column = chosen(own, pairs.valid, keys.reserve)
    asks = np.flatnonzero(column >= 0)
    column = column[asks]
    answer = back[asks, column] + gumbel(noise.uniform(seen.key[asks, column], 10), keys.taste_sd)
    willing = answer > keys.reserve
    asks, column, answer = asks[willing], column[willing], answer[willing]
    joint = own[asks, column] + answer
    settled = _settled(state, seekers, seen, asks, column, joint, room)
    bought = _answers(state, seekers, seen, pairs, v, search.pool, noise, keys)
    made = _conclude(state, seekers, seen, asks[settled], column[settled])
    state.deals = Deals.joined(made, bought)


def _room(state: State, lasting: Noise) -> Ints:
    """Return how many more joint projects each organisation can take part in."""
    table, projects = state.organisations, state.projects
    period = identity("capacity", table.key, state.quarter // (4 * CAPACITY_YEARS))
    most = capacity(table.researchers, table.kind == FIRM) * state.thinned
    held = np.floor(most + lasting.uniform(period, 0)).astype(np.int64)
    members = projects.members[projects.members >= 0]
    shared = projects.shared | projects.handed_over
    busy = np.bincount(members, minlength=len(table))
    busy += np.bincount(projects.owner[shared], minlength=len(table))
    return np.where(table.alive, held - busy, 0)


def _terms(
    state: State,
    environment: PolicyEnvironment,
    seekers: Seekers,
    seen: Candidates,
    room: Ints,
    parameters: Parameters,
) -> Pairs:
    """Return the terms of utility of all candidates."""
    table, projects, keys = state.organisations, state.projects, parameters.match
    mine, row = seekers.row[:, None], seen.row
    abroad = seen.place == state.world.n_cities
    firm = table.kind == FIRM
    capability = parameters.chain.by_kind[table.kind[row], seekers.stage[:, None]]
    offered = seekers.hand_over[:, None]
    members = projects.members[seekers.project]
    shared = members[:, 0] != NOBODY
    free = (room[seekers.row] > 0) | shared | seekers.hand_over
    valid = (row >= 0) & (row != mine) & table.alive[row] & (room[row] > 0)
    valid &= free[:, None]
    joined = np.flatnonzero(shared)
    known = (members[joined][:, None, :] == row[joined][:, :, None]).any(axis=2)
    valid[joined] &= ~known | abroad[joined]
    valid &= ~offered | (firm[row] & (capability >= parameters.chain.capability_needed))

    field = seekers.field[:, None]
    lead = table.knowledge[row, field] - table.knowledge[mine, field]
    best = best_capability(projects, table.kind, parameters.chain.by_kind)[seekers.project]
    pays = firm[row] & ~firm[mine]
    adds = offered | (capability >= best[:, None] + keys.margin) | (lead >= keys.lead) | pays
    log_quality = np.log(projects.quality[seekers.project])[:, None]
    paid = ~offered & firm[mine]
    science = ~firm[row] & ~firm[mine]
    gains = np.where(pays | offered, keys.worth * log_quality, 0.0)
    gains = np.where(paid | (science & (-lead >= keys.lead)), keys.complement, gains)

    p = state.world.city_province[seekers.city][:, None]
    q = np.append(state.world.city_province, 0)[seen.place]
    strange = np.where(abroad, 0.0, 1.0 - environment.recognition[p, q]) * (p != q)
    unlike = (table.kind[row] != table.kind[mine]) + strange
    level = np.where(offered, environment.border_contract[p, q], environment.border_match[p, q])
    some = np.nonzero(valid)
    distance = np.zeros(row.shape)
    distance[some] = 1.0 - cosine(
        state.field_share, state.field_share, seekers.row[some[0]], row[some]
    )
    inside = np.where(abroad, 0, seen.place)
    far = environment.travel_hours[seekers.city[:, None], inside] / keys.decay_h
    far = far - np.log(np.maximum(1.0 - level, LEAST_PASSING))
    way = np.where(seen.source == GRAVITY, keys.search_cost, 0.0)
    way = np.where((seen.source == FORMER) | (seen.source == CLOSURE), far, way)
    return Pairs(
        valid,
        distance,
        keys.complement * adds,
        gains,
        _tie(state, mine, row, abroad),
        unlike,
        way,
    )


def _tie(state: State, mine: Ints, row: Ints, abroad: Bools) -> Floats:
    """Return the strength of ties, zero for pairs without one."""
    strength = np.zeros(row.shape)
    has = np.zeros(len(state.organisations), dtype=np.bool_)
    has[state.ties.a] = has[state.ties.b] = True
    asked = np.nonzero(has[row] & has[mine] & ~abroad)
    at = state.ties.find(pair_key(np.broadcast_to(mine, row.shape)[asked], row[asked]))
    strength[asked] = np.where(at >= 0, np.append(state.ties.strength, 0.0)[at], 0.0)
    return strength


def _expect(
    state: State, seekers: Seekers, seen: Candidates, likely: Floats, parameters: Parameters
) -> None:
    """Tally expected links between cities by channel."""
    table = state.organisations
    some = np.nonzero(likely > 0.0)
    i = some[0]
    a, b, weight = seekers.city[i], seen.place[some], likely[some] / state.scale
    firm = table.kind == FIRM
    firms = firm[seekers.row[i]] | firm[seen.row[some]]
    joint = ~seekers.hand_over[i]
    early = joint & (seekers.stage[i] <= INVENTION)
    survival = parameters.chain.survival
    to_invention = survival[seekers.stage[i], INVENTION]
    published = (
        joint & (seekers.stage[i] == APPLIED) & ~(firm[seekers.row[i]] & firm[seen.row[some]])
    )
    invented = state.projects.stage_end[seekers.project, INVENTION][i]
    granted = granted_share(state, state.quarter - invented, parameters)
    granted = np.where(seekers.stage[i] > INVENTION, granted, 0.0)
    places = state.world.n_cities + 1
    for channel, mass in (
        ("co-invention", weight * early * to_invention),
        ("co-publication", weight * published * survival[APPLIED, APPLIED]),
        ("contract", weight * firms),
        ("patent transfer", weight * firms * granted),
    ):
        state.tally.add_links(channel, 1, a, b, mass, places)


def granted_share(state: State, age: Ints, parameters: Parameters) -> Floats:
    """Return the share of applications of an age in quarters that have been granted."""
    weights = kernel(parameters.contracts.examination)
    known = np.concatenate([[0.0], np.cumsum(weights)])
    passed = known[np.clip(age + 1, 0, len(weights))]
    share: Floats = np.minimum(passed * state.national.examination[state.now], 1.0)
    return share


def _introduce(state: State, seen: Candidates, valid: Bools) -> None:
    """Count what brokers have brought together."""
    by = seen.broker[(seen.source == BROKERED) & valid & (seen.broker >= 0)]
    state.brokers.introductions += np.bincount(by, minlength=len(state.brokers.city))


def _settled(
    state: State,
    seekers: Seekers,
    seen: Candidates,
    asks: Ints,
    column: Ints,
    joint: Floats,
    room: Ints,
) -> Bools:
    """Return which accepted proposals have room on both sides."""
    partner = seen.row[asks, column]
    abroad = seen.place[asks, column] == state.world.n_cities
    fits: Bools = abroad.copy()
    inside = np.flatnonzero(~abroad)
    fits[inside] = agreed(joint[inside], partner[inside], room, seekers.key[asks[inside]])
    # a project without partner takes up room of its owner as well
    alone = ~state.projects.shared[seekers.project[asks]]
    new = np.flatnonzero(fits & alone & ~seekers.hand_over[asks])
    fits[new] = agreed(joint[new], seekers.row[asks[new]], room, seekers.key[asks[new]])
    return fits


def _answers(
    state: State,
    seekers: Seekers,
    seen: Candidates,
    pairs: Pairs,
    v: Floats,
    pool: Pool,
    noise: Noise,
    keys: MatchParameters,
) -> Deals:
    """Return what the rest of the nation buys from the region, see the module docstring."""
    table = state.organisations
    likely = proposal_probability(v, pairs.valid, keys.reserve, keys.taste_sd)
    i, slot = np.nonzero((seen.place == state.world.n_cities) & pairs.valid)
    who = pool.draw(seekers.city[i], seekers.field[i], noise.uniform(seen.key[i, slot], 12))
    some = who >= 0
    i, slot, who = i[some], slot[some], who[some]
    like = seekers.row[i]
    v_back = value(
        1.0 - cosine(state.field_share, state.field_share, like, who),
        np.full(len(i), keys.complement),
        np.zeros(len(i)),
        (table.kind[who] != table.kind[like]).astype(np.float64),
        table.reputation[like],
        np.zeros(len(i)),
        keys,
    )
    key = seen.key[i, slot]
    comes = keys.outside_balance * likely[i, slot]
    mean = comes * -np.expm1(-np.exp((v_back - keys.reserve) / keys.taste_sd))
    away = np.full(len(i), state.world.n_cities)
    state.tally.add_links(
        "contract", 1, table.city[who], away, mean / state.scale, state.world.n_cities + 1
    )
    agrees = v_back + gumbel(noise.uniform(key, 13), keys.taste_sd) > keys.reserve
    agrees &= noise.uniform(key, 11) < comes
    i, who, key = i[agrees], who[agrees], key[agrees]
    n = len(i)
    return Deals(
        project=key,
        seller=who,
        buyer=np.full(n, OUTSIDER, dtype=np.int64),
        seller_place=table.city[who],
        buyer_place=np.full(n, state.world.n_cities, dtype=np.int64),
        field=seekers.field[i],
        effort=seekers.effort[i],
        invented=state.projects.stage_end[seekers.project[i], INVENTION].astype(np.int64),
        hand_over=seekers.hand_over[i],
        broker=np.full(n, -1, dtype=np.int64),
    )


def _licensed(state: State, seller: Ints, at: Ints) -> None:
    """Count hand-overs of what universities invented."""
    led = seller[state.projects.origin[at] == UNIVERSITY]
    licences = state.by_city(led, np.full(len(led), 1.0 / state.scale))
    state.tally.city["university_licences"] = licences


def _conclude(state: State, seekers: Seekers, seen: Candidates, which: Ints, column: Ints) -> Deals:
    """Change owners and members of the projects and return the deals that are paid for."""
    table, projects = state.organisations, state.projects
    at, row = seekers.project[which], seen.row[which, column]
    place = seen.place[which, column]
    owner = seekers.row[which]
    abroad = place == state.world.n_cities
    handed = seekers.hand_over[which]
    state.ties.strengthen(owner[~abroad], row[~abroad], state.quarter)
    firm = table.kind == FIRM
    owner_pays = ~handed & firm[owner]
    other = np.where(abroad, OUTSIDER, row)
    deals = Deals(
        project=projects.key[at],
        seller=np.where(owner_pays, other, owner),
        buyer=np.where(owner_pays, owner, other),
        seller_place=np.where(owner_pays, place, seekers.city[which]),
        buyer_place=np.where(owner_pays, seekers.city[which], place),
        field=seekers.field[which],
        effort=seekers.effort[which],
        invented=projects.stage_end[at, INVENTION].astype(np.int64),
        hand_over=handed,
        broker=seen.broker[which, column],
    )
    joins = np.flatnonzero(~handed)
    slot = projects.partners(at[joins])
    projects.members[at[joins], slot] = other[joins]
    projects.outside_kind[at[joins[abroad[joins]]]] = table.kind[row[joins[abroad[joins]]]]
    taken = np.flatnonzero(handed & ~abroad)
    projects.owner[at[taken]] = row[taken]
    projects.handed_over[at[taken]] = True
    projects.waits[at[taken]] = False
    projects.sold[at[handed & abroad]] = True
    _licensed(state, owner[handed], at[handed])
    return deals.select(firm[owner] | firm[row])
