"""Phase 4b, explore: effort becomes knowledge and ideas.

    phi_if = softmax_f(k_if + need * log(F * relevance_jf))        fields of effort
    k'_if  = (1 - forgetting) k_if + c_e ln(1 + e_if / e_f) - d_f   knowledge
    ideas  ~ Poisson(s_kind c_i effort^.7), field ~ phi_i
    q      = exp(b k_if + sd N(0, 1))                               quality

Symbols: k knowledge by field relative to the regional mean of its field, which d_f keeps at zero
(the moving frontier); e_if effort in a field, e_f its regional mean; s_kind is the scale for
whole organisations and one for firms. The decay towards the mean and c_e outside the logarithm
bound the spread between organisations; without them it grows without limit. A radical idea
(probability .1) has a wider distribution of quality and fails more often. An imitative idea
(probability falls as exp(-distance), distance = best k of the field minus own k) closes part of
the distance instead of drawing at its own level. An organisation starts ideas only while its live
projects are fewer than 1 + effort / span; the rest are dropped.
"""

from __future__ import annotations

import numpy as np

from ydsim.agents.organisations import FIRM
from ydsim.agents.state import State
from ydsim.measures.groups import ranges
from ydsim.noise import Noise, identity
from ydsim.scenario.parameters import ChainParameters, ExploreParameters
from ydsim.typing import Bools, Floats, Ints


def field_weights(knowledge: Floats, log_need: Floats, need: float) -> Floats:
    """Return phi, the shares of effort by field, shape (F, n)."""
    score = knowledge + need * log_need
    score -= score.max(axis=0)
    np.exp(score, out=score)
    score /= score.sum(axis=0)
    return score


def updated_knowledge(
    knowledge: Floats, effort: Floats, weights: Floats, parameters: ExploreParameters
) -> Floats:
    """Return k' of all organisations, shape (F, n); each field's mean is kept at zero."""
    by_field = effort * weights
    mean = by_field.mean(axis=1, keepdims=True)
    by_field /= np.where(mean > 0.0, mean, 1.0)
    np.log1p(by_field, out=by_field)
    by_field *= parameters.learning
    by_field += (1.0 - parameters.forgetting) * knowledge
    by_field -= by_field.mean(axis=1, keepdims=True)
    return by_field


def chosen_field(weights: Floats, u: Floats) -> Ints:
    """Return the field drawn from each column of ``weights``, shape (F, n), by a uniform."""
    cumulative = np.cumsum(weights, axis=0)
    fields: Ints = (u * cumulative[-1] >= cumulative[:-1]).sum(axis=0)
    return fields


def quality(
    own: Floats,
    best: Floats,
    radical: Bools,
    imitates: Bools,
    normal: Floats,
    parameters: ExploreParameters,
) -> Floats:
    """Return q of ideas from own knowledge, the best of the field and a normal draw."""
    level = own + np.where(imitates, parameters.imitation_catch_up * (best - own), 0.0)
    sd = np.where(radical, parameters.radical_sd * parameters.quality_sd, parameters.quality_sd)
    q: Floats = np.exp(parameters.quality_knowledge * level + sd * normal)
    return q


def imitation_probability(own: Floats, best: Floats, parameters: ExploreParameters) -> Floats:
    """Return the probability that an idea imitates, falling with technological distance."""
    p: Floats = parameters.imitation * np.exp(
        -np.maximum(best - own, 0.0) / parameters.imitation_distance
    )
    return p


def explore(
    state: State, noise: Noise, parameters: ExploreParameters, chain: ChainParameters
) -> None:
    """Update knowledge and append the quarter's new projects."""
    table = state.organisations
    rows = np.flatnonzero(table.alive)
    knowledge = np.ascontiguousarray(table.knowledge[rows].T)
    effort = table.researchers[rows]
    need = _log_need(state, table.industry[rows])
    weights = field_weights(knowledge, need, parameters.need)

    firm = table.kind[rows] == FIRM
    thinned = np.where(firm, 1.0, state.scale)
    rate = thinned * parameters.ideas * effort**parameters.ideas_exponent
    counts = noise.poisson(rate, table.key[rows])
    live = np.bincount(state.projects.owner, minlength=len(table))[rows]
    room = np.floor(1.0 + thinned * effort / chain.span).astype(np.int64) - live
    started = np.minimum(counts, np.maximum(room, 0))
    _start(state, noise, parameters, rows, started, knowledge, weights)
    state.tally.city["ideas"] = state.by_city(rows, counts.astype(np.float64)) / state.scale
    table.knowledge[rows] = updated_knowledge(knowledge, effort, weights, parameters).T


def _log_need(state: State, industry: Ints) -> Floats:
    """Return log of relevance relative to the mean field; zero for science organisations."""
    relevance = state.world.relevance
    need = np.log(relevance * relevance.shape[1])
    need = np.vstack([need, np.zeros(relevance.shape[1])])  # industry -1 is the last row
    return np.ascontiguousarray(need.T)[:, industry]


def _start(
    state: State,
    noise: Noise,
    parameters: ExploreParameters,
    rows: Ints,
    started: Ints,
    knowledge: Floats,
    weights: Floats,
) -> None:
    index = np.repeat(np.arange(len(rows)), started)
    owner = rows[index]
    ordinal = ranges(np.zeros(len(rows), dtype=np.int64), started)
    key = identity("project", state.organisations.key[owner], state.quarter, ordinal)
    if len(owner) == 0:
        key = key[:0]
    field = chosen_field(weights[:, index], noise.uniform(key, 1))
    own = knowledge[field, index]
    best = knowledge.max(axis=1)[field]
    radical = noise.uniform(key, 2) < parameters.radical_share
    imitates = noise.uniform(key, 3) < imitation_probability(own, best, parameters)
    radical &= ~imitates
    q = quality(own, best, radical, imitates, noise.normal(key, 4), parameters)
    state.projects.append(
        len(owner),
        key=key,
        owner=owner,
        field=field,
        quality=q,
        radical=radical,
        born=state.quarter,
    )
