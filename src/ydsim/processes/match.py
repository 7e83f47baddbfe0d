"""Match: owners of projects seek partners, and both sides must gain.

    V_ij   = w_c 4 D (1 - D) + c_ij + w_t ln(1 + tie_ij)
             - w_i ([kinds differ] + [other province] (1 - recognition_pq)) - cost_ij + fund_ij
             - [i pays j]
    V_ji   = the same without cost, fund and payment, and with g_ji instead of c_ij
    fund_ij = sum over joint funds of strength * premium, where the project would be eligible with j
    D      = 1 - cosine of phi_i and phi_j
    tie_ij = strength / n_ij
    c_ij   = 1 in a hand-over, and of a member that a project lacks; in other joint projects 1 if
             C_jS > C_S of the consortium, or k_jf > k_if, or j is a firm and i is not; else 0.
             Less ln q where a firm hands over
    g_ji   = 1               if j is paid (joint project of a firm), or if both are of science,
                             the project is joint, and k_if > k_jf
           = ln q            in a hand-over, and if j is a firm that joins a project of science
           = 0               else;        plus w_a u_i in a joint project

What working with a candidate costs the owner, in units of utility:

    cost_ij = match.search_cost (1 - search_cut_cd)              candidates met by gravity
            = - ln max(f + (1 - f) exp(-t_cd / match.decay_h), 1e-12) - ln max(pass_cd, 1e-12)
              - ln factor_cd                                     former partners, their partners
            = - ln broker_uplift                                 brought by a broker, of its city

Who may join a project or take it over:

    free_ij   = 1 if j lives, has room, is not the owner i and no member, and i has room or the
                project members already; room of i is not asked in a hand-over
    able_jS   = 1 if C_jS >= d chain.capability_part / 2, and j is a firm in a hand-over
    valid_ij  = free_ij able_jS     of a project that lacks a capability
              = free_ij             else

What is agreed, with tastes of both sides:

    proposal : to the valid candidate of largest V_ij + taste, if that exceeds match.reserve; where
               a capability is lacking, of those who may take over and those who may join
    answer   : yes if V_ji + taste exceeds match.reserve
    rivals   : those with larger V_ij + V_ji, both with taste, first, then by identity, while j has
               room; of these, joint projects without partners so far, while the owner has room left
    expected = softmax_j(V_ij) (1 - exp(-sum_k exp(V_ik - u_0))) (1 - exp(-exp(V_ji - u_0)))

How many joint projects an organisation can hold, and how many more it can join:

    room_j   = floor(s_j capacity_j + 1 - s_j + u) - consortia of j, u drawn again every two years
    capacity = 1 + ln(1 + researchers / 5) for firms, 1 + researchers / 5 for science

Symbols: w_c ``cognitive``, w_t ``social``, w_i ``institution``, w_a
``attraction``; C_jS capability of j for the stage S of the project, d its difficulty
(`ydsim.agents.capability`), C_S the capability of its consortium; taste standard Gumbel, one draw
for each side; u_0 ``reserve``; s_j 1 for firms and the scale for the others. A firm that hands a
project over gives up what it is worth, so that it keeps good ones by taking in a member, whom it
pays.

Former partners and their partners are known: their places were not drawn by distance. t travel
time, h; f ``match.far``; pass the part that a border lets through (`policies.environment.passing`),
by joint projects and hand-overs; cut, factor and uplift what policies move. With standard Gumbel
tastes - ln x makes the odds of a proposal those without it times x.

Who pays: the firm that takes a project over; in joint projects a firm that owns them pays its
partner, and pays as much utility as its partner gains; between universities and institutes nothing
is paid, and no firm is paid by one.

Consortia of j are its own projects that have partners or were handed over, and those of others in
which it is a partner. A university faces a sample of the firms, so that its capacity is scaled like
they are, but at least one whole project always fits. Two organisations of science are tied through
some of their many groups: n_ij is s times the larger of their capacities, and 1 of all other pairs
(assumed).

The rest of the nation answers in kind: for each of its candidates, with the probability that it is
proposed to, one of its own organisations proposes to one of the seeker's city and field. An
organisation of the rest of the nation is as able and as free as its stand-in, which may be a member
but not the owner.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from ydsim.agents.capability import (
    CapabilityKeys,
    best_capability,
    capability,
    capability_needed,
    keep_complement,
    note_outsiders,
)
from ydsim.agents.organisations import FIRM, UNIVERSITY, capacity
from ydsim.agents.projects import APPLIED, INVENTION, NOBODY, OUTSIDER, Deals
from ydsim.agents.search import BROKERED, CLOSURE, FORMER, GRAVITY, Search, Seekers, nearness
from ydsim.agents.state import State
from ydsim.agents.tally import EXPECTED, REALISED, add_pairs
from ydsim.measures.groups import cells, quotient, rank_within
from ydsim.noise import Noise, identity
from ydsim.policies.environment import PolicyEnvironment, passing
from ydsim.processes.contract import Vouchers, part_granted
from ydsim.processes.programmes import fund_premium
from ydsim.scenario.schema.parameters import MatchParameters, Parameters
from ydsim.typing import Bools, Floats, Ints, Keys

STAND_IN_TIE = 1.0
"""Strength of the tie to a substitute for a former partner outside the sample: one project."""

CAPACITY_YEARS: Final = 2
"""Years after which the broken part of a capacity is rounded again."""

LEAST_PASSING = 1e-12


@dataclass
class Pairs:
    """Terms of utility of the M pairs of a seeker and a candidate that may come about."""

    seeker: Ints
    slot: Ints
    row: Ints
    place: Ints
    distance: Floats  # cognitive distance D
    adds: Floats  # c_ij, what is paid and given up, and the premium of joint funds
    gains: Floats  # g_ji
    tie: Floats
    unlike: Floats  # [kinds differ] + [other province] (1 - recognition)
    way: Floats


def affinity(distance: Floats, tie: Floats, unlike: Floats, keys: MatchParameters) -> Floats:
    """Return the part of utility that both sides share."""
    return (
        keys.cognitive * 4.0 * distance * (1.0 - distance)
        + keys.social * np.log1p(tie)
        - keys.institution * unlike
    )


def match(
    state: State,
    environment: PolicyEnvironment,
    search: Search,
    noise: Noise,
    lasting: Noise,
    parameters: Parameters,
    vouchers: Vouchers | None = None,
) -> None:
    """Let projects find partners and new owners, and note the deals of the quarter.

    ``search``: seekers and what they see.
    """
    keys, seekers, seen = parameters.match, search.seekers, search.seen
    room = room_left(state, lasting)
    valid = valid_pairs(state, search, room, parameters.chain)
    pairs = _terms(state, environment, search, valid, parameters)
    if vouchers is not None:
        where = pairs.seeker, pairs.row, pairs.place
        vouchers.add_savings(state, seekers, *where, pairs.adds, pairs.gains)
    both = affinity(pairs.distance, pairs.tie, pairs.unlike, keys)
    cell = (pairs.seeker, pairs.slot)
    v, their_gain = np.zeros(valid.shape), np.zeros(valid.shape)
    v[cell] = both + pairs.adds - pairs.way
    gain = both + pairs.gains
    their_gain[cell] = gain
    one = seekers.project
    proposals = proposal_probability(v, valid, keys.reserve, one)[cell]
    _expect(state, seekers, pairs, expected(proposals, gain, keys.reserve), parameters)
    by = seen.broker[(seen.source == BROKERED) & valid & (seen.broker >= 0)]
    state.brokers.introductions += np.bincount(by, minlength=len(state.brokers.city))
    v[cell] += gumbel(noise.uniform(seen.key[cell], 9))
    column = chosen(v, valid, keys.reserve)
    asks = np.flatnonzero(column >= 0)
    room_of_each = np.ones(len(state.projects), dtype=np.int64)
    asks = asks[agreed(v[asks, column[asks]], one[asks], room_of_each, seekers.key[asks])]
    asks = asks[np.argsort(one[asks], kind="stable")]
    column = column[asks]
    answer = their_gain[asks, column] + gumbel(noise.uniform(seen.key[asks, column], 10))
    willing = answer > keys.reserve
    asks, column, answer = asks[willing], column[willing], answer[willing]
    joint = v[asks, column] + answer
    settled = _settled(state, search, asks, column, joint, room)
    bought = _answers(state, search, pairs, proposals, noise, parameters)
    concluded = _conclude(state, search, asks[settled], column[settled], parameters)
    state.deals = Deals.joined([concluded, bought])


def _terms(
    state: State,
    environment: PolicyEnvironment,
    search: Search,
    valid: Bools,
    parameters: Parameters,
) -> Pairs:
    """Return the terms of utility of the pairs in ``valid``."""
    table, keys = state.organisations, parameters.match
    seekers, seen = search.seekers, search.seen
    i, slot = cells(valid)
    mine, row, place = seekers.row[i], seen.row[i, slot], seen.place[i, slot]
    abroad = place == state.world.n_cities
    adds, gains = _offers(state, seekers, i, row, parameters)
    p = state.world.city_province[seekers.city][i]
    q = np.append(state.world.city_province, 0)[place]
    strange = np.where(abroad, 0.0, 1.0 - environment.recognition[p, q]) * (p != q)
    unlike = (table.kind[row] != table.kind[mine]) + strange
    source = seen.source[i, slot]
    tie = np.where(abroad, 0.0, state.tie_strength(mine, row))
    tie[(source == FORMER) & (tie == 0.0)] = STAND_IN_TIE
    return Pairs(
        i,
        slot,
        row,
        place,
        1.0 - state.effort_cosine(mine, row),
        adds + fund_premium(state, environment, seekers, i, row, abroad),
        gains,
        tie,
        unlike,
        ways(state, environment, search, (i, slot), keys),
    )


def _offers(
    state: State, seekers: Seekers, i: Ints, row: Ints, parameters: Parameters
) -> tuple[Floats, Floats]:
    """Return c_ij less what is paid and given up, and g_ji, of seekers ``i`` and candidates."""
    table, projects, keys = state.organisations, state.projects, parameters.match
    mine, offered, field = seekers.row[i], seekers.hand_over[i], seekers.field[i]
    firm = table.kind == FIRM
    theirs, ours = firm[row], firm[mine]
    able = capability(table, row, seekers.stage[i], field, parameters.chain)
    best = best_capability(projects, table, parameters.chain, seekers.project)[i]
    lead = table.knowledge[row, field] - table.knowledge[mine, field]
    pays = theirs & ~ours
    adds = seekers.waits[i] | (able > best) | (lead > 0.0) | pays
    log_q = np.log(projects.quality[seekers.project])[i]
    paid = (~offered & ours) | (~theirs & ~ours & (lead < 0.0))
    gains = np.where(paid, 1.0, np.where(pays | offered, log_q, 0.0))
    gains += np.where(offered, 0.0, keys.attraction * table.skill[mine])
    return adds - np.where(ours, np.where(offered, log_q, 1.0), 0.0), gains


def _expect(
    state: State, seekers: Seekers, pairs: Pairs, likely: Floats, parameters: Parameters
) -> None:
    """Tally expected links between cities by channel."""
    table, i = state.organisations, pairs.seeker
    a, b, weight = seekers.city[i], pairs.place, likely / state.scale
    firm = table.kind == FIRM
    ours, theirs = firm[seekers.row[i]], firm[pairs.row]
    joint, stage = ~seekers.hand_over[i], seekers.stage[i]
    survival = parameters.chain.survival
    to_invention = survival[stage, INVENTION]
    published = joint & (stage == APPLIED) & ~(ours & theirs)
    granted = granted_share(state, seekers, parameters)[i]
    licensed = seekers.hand_over & (state.projects.origin[seekers.project] == UNIVERSITY)
    links = state.tally.links
    for channel, mass in (
        (links.co_invention, weight * (joint & (stage <= INVENTION)) * to_invention),
        (links.co_publication, weight * published * survival[APPLIED, APPLIED]),
        (links.contract, weight * (ours | theirs)),
        (links.patent_transfer, weight * (ours | theirs) * granted),
        (links.university_licence, weight * licensed[i]),
    ):
        some = np.flatnonzero(mass != 0.0)
        add_pairs(channel[EXPECTED], a[some], b[some], mass[some])


def granted_share(state: State, seekers: Seekers, parameters: Parameters) -> Floats:
    """Return the share of patents that have been granted on what each seeker would hand over."""
    share = part_granted(state, _invented(state, seekers), parameters.contracts)
    return np.where(seekers.hand_over & (seekers.stage > INVENTION), share, 0.0)


def _settled(
    state: State, search: Search, asks: Ints, column: Ints, joint: Floats, room: Ints
) -> Bools:
    """Return which accepted proposals have room on both sides."""
    seekers, seen = search.seekers, search.seen
    partner = seen.row[asks, column]
    abroad = seen.place[asks, column] == state.world.n_cities
    fits: Bools = abroad.copy()
    inside = np.flatnonzero(~abroad)
    fits[inside] = agreed(joint[inside], partner[inside], room, seekers.key[asks[inside]])
    # a project without partner takes up room that partnerships have left to its owner
    left = room - np.bincount(partner[fits & ~abroad], minlength=len(room))
    alone = ~state.projects.shared[seekers.project[asks]]
    new = np.flatnonzero(fits & alone & ~seekers.hand_over[asks])
    fits[new] = agreed(joint[new], seekers.row[asks[new]], left, seekers.key[asks[new]])
    return fits


def _answers(
    state: State,
    search: Search,
    pairs: Pairs,
    proposals: Floats,
    noise: Noise,
    parameters: Parameters,
) -> Deals:
    """Return what the rest of the nation buys from the region, see the module docstring."""
    table, seekers, keys = state.organisations, search.seekers, parameters.match
    away = state.world.n_cities
    which = np.flatnonzero(pairs.place == away)
    i = pairs.seeker[which]
    key = search.seen.key[i, pairs.slot[which]]
    comes = proposals[which]
    who = search.pool.draw(seekers.city[i], seekers.field[i], noise.uniform(key, 12))
    some = who >= 0
    i, key, comes, who = i[some], key[some], comes[some], who[some]
    like = seekers.row[i]
    their_gain = (
        affinity(
            1.0 - state.effort_cosine(like, who),
            np.zeros(len(i)),
            (table.kind[who] != table.kind[like]).astype(np.float64),
            keys,
        )
        + 1.0
    )
    mean = comes * -np.expm1(-np.exp(their_gain - keys.reserve)) / state.scale
    granted = mean * granted_share(state, seekers, parameters)[i]
    sold = table.city[who], np.full(len(i), away)
    add_pairs(state.tally.links.contract[EXPECTED], *sold, mean)
    add_pairs(state.tally.links.patent_transfer[EXPECTED], *sold, granted)
    agrees = their_gain + gumbel(noise.uniform(key, 13)) > keys.reserve
    agrees &= noise.uniform(key, 11) < comes
    i, who, key = i[agrees], who[agrees], key[agrees]
    nobody = np.full(len(i), -1, dtype=np.int64)
    return _deals(state, seekers, i, key, who, np.full_like(nobody, OUTSIDER), nobody)


def _deals(
    state: State, seekers: Seekers, i: Ints, project: Keys, seller: Ints, buyer: Ints, broker: Ints
) -> Deals:
    """Return deals on the projects of seekers ``i``."""
    return Deals(
        project=project,
        seller=seller,
        buyer=buyer,
        field=seekers.field[i],
        effort=seekers.effort[i],
        invented=_invented(state, seekers)[i],
        hand_over=seekers.hand_over[i],
        broker=broker,
    )


def _invented(state: State, seekers: Seekers) -> Ints:
    """Return the quarter in which what each seeker works on was invented, `NOT_YET` before."""
    return state.projects.stage_end[seekers.project, INVENTION].astype(np.int64)


def _conclude(
    state: State, search: Search, which: Ints, column: Ints, parameters: Parameters
) -> Deals:
    """Change owners and members of the projects and return the deals that are paid for."""
    table, projects = state.organisations, state.projects
    seekers, seen = search.seekers, search.seen
    project_rows, row = seekers.project[which], seen.row[which, column]
    owner = seekers.row[which]
    abroad = seen.place[which, column] == state.world.n_cities
    handed = seekers.hand_over[which]
    joins = np.flatnonzero(~handed)
    slot = projects.partners(project_rows[joins])
    keep_complement(state, project_rows[joins], slot, row[joins], abroad[joins])
    state.ties.strengthen(owner[~abroad], row[~abroad], state.quarter)
    firm = table.kind == FIRM
    owner_pays = ~handed & firm[owner]
    other = np.where(abroad, OUTSIDER, row)
    seller, buyer = np.where(owner_pays, (other, owner), (owner, other))
    key, broker = projects.key[project_rows], seen.broker[which, column]
    deals = _deals(state, seekers, which, key, seller, buyer, broker)
    strange = joins[abroad[joins]]
    note_outsiders(projects, table, project_rows[strange], row[strange], parameters.chain)
    projects.members[project_rows[joins], slot] = other[joins]
    projects.waits[project_rows[joins]] = False
    taken = np.flatnonzero(handed & ~abroad)
    projects.owner[project_rows[taken]] = row[taken]
    projects.handed_over[project_rows[taken]] = True
    projects.waits[project_rows[taken]] = False
    projects.sold[project_rows[handed & abroad]] = True
    led = handed & (projects.origin[project_rows] == UNIVERSITY)
    state.tally.city.university_licences = state.number_by_city(owner[led])
    ends = table.city[owner[led]], state.place_of(other[led])
    add_pairs(state.tally.links.university_licence[REALISED], *ends, 1.0 / state.scale)
    return deals.select(firm[owner] | firm[row])


def valid_pairs(state: State, search: Search, room: Ints, keys: CapabilityKeys) -> Bools:
    """Return which candidates are there, able, free, and not in the consortium, (N, K).

    ``room`` is the number of consortia that every organisation can still join.
    """
    seekers, seen = search.seekers, search.seen
    table, row = state.organisations, seen.row
    abroad = seen.place == state.world.n_cities
    members = state.projects.members[seekers.project]
    shared = members[:, 0] != NOBODY
    free = (room[seekers.row] > 0) | shared | seekers.hand_over
    valid: Bools = (row >= 0) & (row != seekers.row[:, None]) & (room[row] > 0) & free[:, None]
    joined = np.flatnonzero(shared)
    known = (members[joined][:, None, :] == row[joined][:, :, None]).any(axis=2)
    valid[joined] &= ~known | abroad[joined]
    valid[seekers.hand_over] &= table.kind[row[seekers.hand_over]] == FIRM
    i, slot = cells(valid & seekers.waits[:, None])
    able = capability(table, row[i, slot], seekers.stage[i], seekers.field[i], keys)
    valid[i, slot] = able >= capability_needed(state.projects, keys, seekers.project[i])
    return valid


def room_left(state: State, lasting: Noise) -> Ints:
    """Return how many more joint projects each organisation can take part in, (n,)."""
    table, projects = state.organisations, state.projects
    rows = np.flatnonzero(table.alive)
    period = identity("capacity", table.key[rows], state.quarter // (4 * CAPACITY_YEARS))
    part = state.sample_exposure[rows]
    most = part * capacity(table.researchers[rows], table.kind[rows] == FIRM) + (1.0 - part)
    members = projects.members[projects.members >= 0]
    shared = projects.shared | projects.handed_over
    busy = np.bincount(members, minlength=len(table))
    busy += np.bincount(projects.owner[shared], minlength=len(table))
    room = np.zeros(len(table), dtype=np.int64)
    room[rows] = np.floor(most + lasting.uniform(period, 0)).astype(np.int64) - busy[rows]
    return room


def ways(
    state: State,
    environment: PolicyEnvironment,
    search: Search,
    pair: tuple[Ints, Ints],
    keys: MatchParameters,
) -> Floats:
    """Return the cost of the pairs of a seeker and one of its slots, ``pair``."""
    (i, slot), seekers, seen = pair, search.seekers, search.seen
    city, place, source = seekers.city[i], seen.place[i, slot], seen.source[i, slot]
    way = np.zeros(len(i))
    met = np.flatnonzero(source == GRAVITY)
    cut = np.pad(environment.search_cut, ((0, 0), (0, 1)))  # nothing is saved on the way out
    way[met] = keys.search_cost * (1.0 - cut[city[met], place[met]])
    known = np.flatnonzero((source == FORMER) | (source == CLOSURE))
    here, there = city[known], place[known]
    province_of = state.world.city_province
    passes = np.where(
        seekers.hand_over[i[known]],
        passing(environment, "hand_over", province_of)[here, there],
        passing(environment, "joint_work", province_of)[here, there],
    )
    factor = environment.tie_factor[here, there]
    passes = np.maximum(np.where(factor > 0.0, passes, 0.0), LEAST_PASSING)
    hours = environment.travel_hours[here, there]
    # nothing may be left at great distance
    near = np.maximum(nearness(hours, keys.decay_h, keys.far), LEAST_PASSING)
    way[known] = -np.log(near) - np.log(passes) - np.log(np.where(factor > 0.0, factor, 1.0))
    brought = np.flatnonzero(source == BROKERED)
    home = state.brokers.city[seen.broker[i[brought], slot[brought]]]
    way[brought] -= np.log(environment.broker_uplift[home])
    return way


# -- choice among candidates with Gumbel distributed taste -----------------------------------------

#     U_k   = V_k + G_k,   G_k = -ln(-ln u_k)
#     P(k)  = exp(V_k) / sum exp(V) (1 - exp(-sum exp(V - u_0)))                    k is proposed to
#     P(a)  = 1 - exp(-exp(V' - u_0))                                               and accepts
#
# Symbols: V utility of a candidate before taste, V' that of the proposer for the candidate, u_0
# reserve of both, u uniform. Utility is in units of the scale of taste, the normalisation of a
# logit: one unit is a factor e on odds. The largest of Gumbel variables and which of them is
# largest are independent (McFadden 1974), so that both factors of P(k) hold together.


def expected(proposed: Floats, v_other: Floats, reserve: float) -> Floats:
    """Return the probability that candidates are proposed to and accept, from that of the first."""
    accepted: Floats = -np.expm1(-np.exp(v_other - reserve))
    return proposed * accepted


def proposal_probability(
    v: Floats, valid: Bools, reserve: float, one: Ints | None = None
) -> Floats:
    """Return the probability that each candidate is the best and above the reserve, (N, K).

    Rows of the same number in ``one`` (N,) make one proposal together; each its own without it.
    """
    odds = np.where(valid, np.exp(np.where(valid, v, 0.0) - reserve), 0.0)
    total = odds.sum(axis=1, keepdims=True)
    if one is not None and len(one):
        total = np.bincount(one, weights=total[:, 0])[one][:, None]
    share = quotient(odds, total)
    return share * -np.expm1(-total)


def gumbel(u: Floats) -> Floats:
    """Return standard Gumbel draws from uniforms."""
    return -np.log(-np.log(u))


def chosen(u_seeker: Floats, valid: Bools, reserve: float) -> Ints:
    """Return the column of the best valid candidate above the reserve, -1 for none."""
    if u_seeker.size == 0:
        return np.full(len(u_seeker), -1, dtype=np.int64)
    utility = np.where(valid, u_seeker, -np.inf)
    best = utility.argmax(axis=1)
    above = utility[np.arange(len(best)), best] > reserve
    return np.where(above, best, -1)


def agreed(joint: Floats, one: Ints, room: Ints, key: Keys) -> Bools:
    """Return which proposals to ``one`` fit into its room, those of larger joint utility first."""
    fits: Bools = np.bincount(one, minlength=len(room))[one] <= room[one]
    contested = np.flatnonzero(~fits)
    order = contested[np.lexsort((key[contested], -joint[contested], one[contested]))]
    fits[order] = rank_within(one[order]) < room[one[order]]
    return fits
