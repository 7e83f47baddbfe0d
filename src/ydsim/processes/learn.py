"""Learn: knowledge passes along ties.

    g_if   = min(absorb_i learn.rate sum_t U_t max(0, k_jf - k_if) / n_i,
                 max_t (k_jf - k_if))
    k'_if  = k_if + g_if
    U(D)   = 4 D (1 - D)

Symbols: g_if gain of learner i in field f, log; absorb_i absorptive capacity, 1 on average;
``learn.rate`` the share of a gap closed, a quarter; t the ties of i with partners j that are ahead
and U_t > 0, U_t their distance factor; n_i groups of i in the sample: 1 of firms, s capacity_i in
science (`ydsim.processes.match`).

A partner teaches the group that works with it, and what an organisation of science knows is the
mean of its groups (assumed).

All read the state at the start; `broadcast` returns gains and changes nothing. The largest gap
bounds the sum: with many partners a learner reaches the best of them and does not pass it (the
bound is assumed). Gains do not depend on the order or direction of ties, but for rounding of sums.
What is known in the city is within reach of all (`ydsim.processes.explore`) and is not learnt a
second time.
"""

from __future__ import annotations

import numpy as np

from ydsim.agents.state import State
from ydsim.measures.groups import by_part, cells, sums
from ydsim.scenario.schema.parameters import LearnParameters
from ydsim.typing import Floats, Ints


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


def learn(state: State, parameters: LearnParameters) -> None:
    """Let partners of live projects and sides of a deal learn from each other."""
    table, projects = state.organisations, state.projects
    rows, place = state.active, state.position
    knowledge = by_part(table.knowledge, rows)
    absorb = table.absorptive[rows] / state.groups[rows]
    project, slot = cells(projects.members >= 0)
    one, other = projects.owner[project], projects.members[project, slot].astype(np.int64)
    state.ties.touch(one, other, state.quarter)
    active = np.flatnonzero(state.ties.active == state.quarter)
    first, second = state.ties.a[active], state.ties.b[active]
    both = table.alive[first] & table.alive[second]
    a, b = place[first[both]], place[second[both]]
    alike = state.effort_cosine(first[both], second[both])
    factor = distance_factor(1.0 - alike)
    gains = broadcast(knowledge, a, b, factor, absorb, parameters.rate)
    for part, k, gain in zip(table.knowledge.T, knowledge, gains, strict=True):
        part[rows] = k + gain
