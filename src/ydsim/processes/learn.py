"""Learn: knowledge passes along ties and in the city.

    broadcast g_if = min(absorb_i learn.rate sum_t U_t max(0, k_jf - k_if) / n_i,
                         max_t (k_jf - k_if))
    barter    the same over the ties t that exchange field f
    spillover g_if = (1 - sum_d e_cd) g^c_if + sum_d e_cd g^d_if,   e = 0 for science
              g^d_if = absorb_i learn.spillover U(D_id) max(0, mean_df - k_if)
    k'_if     = k_if + min(sum of the g_if, max over organisations of k_f - k_if)
    U(D)      = 4 D (1 - D)

Symbols: g_if gain of learner i in field f, in the unit of k (relative logarithm in the region,
level in the published model); absorb_i absorptive capacity, 1 on average; the parameters shares of
a gap closed, a quarter; t the ties of i with partners j that are ahead and U_t > 0, U_t their
distance factor; n_i groups of i in the sample: 1 of firms, s capacity_i in science
(`ydsim.processes.match`); c the city of i, mean_d over members of city d weighted by
s_j researchers_j, D_id the distance of fields of effort to the weighted mean of the city; e_cd
share of the firms of c that keep their R&D in d, zero without policies.

A partner teaches the group that works with it, and what an organisation of science knows is the
mean of its groups; firms that learn in d do not count among its members (both assumed).

All read the state at the start; rules return gains and change nothing. The largest gap bounds the
sum: with many partners a learner reaches the best of them and does not pass it (the bound is
assumed). Gains do not depend on the order or direction of ties, but for rounding of sums.

Barter (Cowan and Jonard 2004, doi 10.1016/j.jedc.2003.04.002): A the fields in which one side of
a tie leads by more than a tolerance, B those of the other side; min(|A|, |B|) fields of A, the
first by a random order, are given for as many of B. A lead counts as k_a - k_b > tolerance, or
relative to the side behind, k_a - k_b > tolerance k_b, which asks for levels that are not negative.
A difference of logarithms above ln 1.01 is a lead of one per cent in levels.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from ydsim.agents.organisations import FIRM
from ydsim.agents.state import State
from ydsim.measures.groups import by_part, cells, sums
from ydsim.noise import Noise, identity
from ydsim.policies.environment import PolicyEnvironment
from ydsim.scenario.schema.parameters import LearnParameters
from ydsim.typing import Bools, Floats, Ints, Keys

Signs = NDArray[np.int8]

LEAST_LEAD: Final = 0.01
"""Least lead in log knowledge that is bartered, one per cent in levels."""


def cosine(x: Floats, y: Floats, i: Ints | slice, j: Ints) -> Floats:
    """Return the cosine of columns ``i`` of ``x`` (F, n) with columns ``j`` of ``y`` (F, m).

    In [0, 1] for vectors that are not negative; a vector of zeros has cosine zero with all.
    """
    shared = np.zeros(len(j))
    for x_f, y_f in zip(x, y, strict=True):
        shared += x_f[i] * y_f[j]
    one, other = (np.sqrt(np.einsum("fn,fn->n", each, each)) for each in (x, y))
    lengths = one[i] * other[j]
    cos: Floats = shared / np.where(lengths > 0.0, lengths, 1.0)
    return np.minimum(cos, 1.0, out=cos)


def distance_factor(distance: Floats) -> Floats:
    """Return U(D) of distances in [0, 1], largest at 1/2: who knows the same has nothing to tell.

    Nooteboom et al. (2007, doi 10.1016/j.respol.2007.04.003) find the inverted U; its form is
    assumed.
    """
    return 4.0 * distance * (1.0 - distance)


def group_means(
    values: Floats, group: Ints, weight: Floats, n_groups: int, empty: float = 0.0
) -> Floats:
    """Return means of the rows of ``values`` (F, n) by group, weighted by (n,), shape (F, groups).

    A group without any weight has the mean ``empty``.
    """
    total = sums(group, weight, n_groups)
    means = np.stack([sums(group, weight * row, n_groups) for row in values])
    means /= np.where(total > 0.0, total, 1.0)
    means[:, total <= 0.0] = empty
    return means


def gathered(learner: Ints, gap: Floats, speed: Floats, absorb: Floats | float, n: int) -> Floats:
    """Return the gain of ``n`` learners in one field from gaps closed at ``speed``, bounded."""
    teaches = speed > 0.0
    total = sums(learner, speed * gap, n)
    largest = np.zeros(n)
    np.maximum.at(largest, learner[teaches], gap[teaches])
    return np.minimum(absorb * total, largest)


def broadcast(
    knowledge: Floats, a: Ints, b: Ints, factor: Floats, absorb: Floats, rate: float
) -> Floats:
    """Return gains (F, n) where each side of a tie learns what the other knows better.

    Ties join columns ``a`` and ``b`` of ``knowledge`` (F, n); ``factor`` is U of each tie.
    """
    n = knowledge.shape[1]
    speed = rate * factor
    gains = np.empty_like(knowledge)
    for f, k in enumerate(knowledge):
        gap = k[a] - k[b]
        learner = np.where(gap > 0.0, b, a)
        gains[f] = gathered(learner, np.abs(gap), speed, absorb, n)
    return gains


def barter(
    knowledge: Floats,
    a: Ints,
    b: Ints,
    factor: Floats,
    absorb: Floats,
    rate: float,
    bits: Keys,
    tolerance: float,
    *,
    relative: bool = False,
) -> Floats:
    """Return gains (F, n) where as many fields are given as are taken.

    Takes what `broadcast` takes, and random ``bits`` (F, m) that order the fields of each tie.
    """
    n = knowledge.shape[1]
    lead = leads(knowledge, a, b, tolerance, relative)
    swaps = np.minimum((lead > 0).sum(axis=0), (lead < 0).sum(axis=0))
    trades = np.flatnonzero(swaps)
    a, b, lead, speed = a[trades], b[trades], lead[:, trades], rate * factor[trades]
    given = first_in_order(lead, swaps[trades], bits[:, trades])
    gains = np.empty_like(knowledge)
    for f, k in enumerate(knowledge):
        tie = np.flatnonzero(given[f])
        one, other = a[tie], b[tie]
        learner = np.where(lead[f, tie] > 0, other, one)
        gains[f] = gathered(learner, np.abs(k[one] - k[other]), speed[tie], absorb, n)
    return gains


def leads(knowledge: Floats, a: Ints, b: Ints, tolerance: float, relative: bool) -> Signs:
    """Return 1 where ``a`` leads, -1 where ``b`` does, 0 where neither, by field and tie (F, m)."""
    lead = np.zeros((len(knowledge), len(a)), dtype=np.int8)
    for f, k in enumerate(knowledge):
        one, other = k[a], k[b]
        gap = one - other
        lead[f] += gap > (tolerance * other if relative else tolerance)
        lead[f] -= -gap > (tolerance * one if relative else tolerance)
    return lead


def first_in_order(lead: Signs, number: Ints, bits: Keys) -> Bools:
    """Return which fields are among the first ``number`` of their side by ``bits``, (F, m)."""
    before = np.zeros(lead.shape, dtype=np.int8)
    for f in range(len(lead)):
        for g in range(f):
            same = lead[f] == lead[g]
            first = bits[g] <= bits[f]
            before[f] += same & first
            before[g] += same & ~first
    return (lead != 0) & (before < number)


def spillover(
    knowledge: Floats,
    fields: Floats,
    city: Ints,
    n_cities: int,
    standing: Floats,
    absorb: Floats,
    weight: float,
    elsewhere: Floats | None = None,
) -> Floats:
    """Return gains (F, n) towards the mean of the city.

    ``fields`` (F, n) are the shares of effort by field, between which distance is taken;
    ``standing`` (n,) is the weight of each member. Where no member has weight nobody learns.
    ``elsewhere`` (n, C) are the shares e of each learner, none when not given.
    """
    mean = group_means(knowledge, city, standing, n_cities, empty=-np.inf)
    profile = group_means(fields, city, standing, n_cities)

    def towards(rows: Ints | slice, city: Ints) -> Floats:
        distance = 1.0 - cosine(fields, profile, rows, city)
        speed = absorb[rows] * weight * distance_factor(distance)
        gains = np.empty((len(knowledge), len(city)))
        for f, k in enumerate(knowledge):
            gains[f] = speed * np.maximum(mean[f][city] - k[rows], 0.0)
        return gains

    gains = towards(slice(None), city)
    if elsewhere is not None:
        gains *= 1.0 - elsewhere.sum(axis=1)
        for d in np.flatnonzero(elsewhere.any(axis=0)).tolist():
            rows = np.flatnonzero(elsewhere[:, d])
            gains[:, rows] += elsewhere[rows, d] * towards(rows, np.full(len(rows), d))
    return gains


def enclaves(enclave: Floats, city: Ints, kind: NDArray[np.int8]) -> Floats | None:
    """Return the shares e of learners by city of their R&D, (n, C), from those of cities (C, C).

    None without any; shares of a city that several policies add up to more than one are cut.
    """
    if not enclave.any():
        return None
    share = enclave / np.maximum(enclave.sum(axis=1), 1.0)[:, None]
    return share[city] * (kind == FIRM)[:, None]


def learn(
    state: State, environment: PolicyEnvironment, noise: Noise, parameters: LearnParameters
) -> None:
    """Let partners of live projects, sides of a deal, and members of a city learn."""
    table, projects = state.organisations, state.projects
    rows, place = state.active, state.position
    knowledge = by_part(table.knowledge, rows)
    fields, absorb = state.field_share, table.absorptive[rows]
    of_ties = absorb / state.groups[rows]
    project, slot = cells(projects.members >= 0)
    one, other = projects.owner[project], projects.members[project, slot].astype(np.int64)
    state.ties.touch(one, other, state.quarter)
    active = np.flatnonzero(state.ties.active == state.quarter)
    first, second = state.ties.a[active], state.ties.b[active]
    both = table.alive[first] & table.alive[second]
    a, b = place[first[both]], place[second[both]]
    alike = state.effort_cosine(first[both], second[both])
    factor = distance_factor(1.0 - alike)
    if parameters.rule == "barter":
        ends = table.key[rows[a]], table.key[rows[b]]
        pair = identity(np.minimum(*ends), np.maximum(*ends))  # a tie has no direction
        bits = np.stack([noise.bits(pair, f) for f in range(len(knowledge))])
        gains = barter(knowledge, a, b, factor, of_ties, parameters.rate, bits, LEAST_LEAD)
    else:
        gains = broadcast(knowledge, a, b, factor, of_ties, parameters.rate)
    standing = (table.researchers * state.sample_exposure)[rows]
    gains += spillover(
        knowledge,
        fields,
        table.city[rows],
        state.world.n_cities,
        standing,
        absorb,
        parameters.spillover,
        enclaves(environment.enclave, table.city[rows], table.kind[rows]),
    )
    # sources are bounded one by one; together they do not lead past the best of the field
    for part, k, gain in zip(table.knowledge.T, knowledge, gains, strict=True):
        part[rows] = k + np.minimum(gain, k.max() - k)
