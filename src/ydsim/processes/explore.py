"""Explore: effort becomes knowledge and ideas.

    phi_if  = softmax over f of (k_if + explore.need * log(F max(R_jf, 1e-6)))   R = 1/F for science
    rate_i  = s_i * teams_i * explore.ideas * researchers_i ^ explore.ideas_exponent * basic_i
    ideas_i ~ Poisson(rate_i)
    room_i  = floor(s_i (1 + researchers_i / chain.span) + u_i) - live projects that i owns
    started = min(ideas_i, max(room_i, 0))
    field   ~ phi_i
    imitates with probability
            explore.imitation * exp(-max(b_f - k_if, 0) / explore.imitation_distance)
    radical with probability explore.radical_share, unless it imitates
    level   = k_if + [imitates] explore.imitation_catch_up max(b_f - k_if, 0)
    b_f     = m_f + 2 sd_f
    q       = exp(explore.quality_knowledge * level + sd * N(0, 1))
    sd      = explore.quality_sd, times explore.radical_sd for a radical idea
    k'_if   = (1 - explore.forgetting) k_if + explore.learning * log(1 + e_if / e_f) - d_f

Symbols: s_i is the scale for universities and institutes, which are kept at full number, and 1 for
firms; teams_i 1 for firms; basic_i ``science_productivity`` of the city of universities and
institutes, one for firms and without a policy; u_i uniform for universities and institutes, 0 for
firms; k knowledge by field relative to the regional mean of its field, which d_f keeps at zero (the
moving frontier); b_f level of the leaders of the field, from mean m_f and standard deviation sd_f
of k; e_if = researchers_i phi_if and e_f its mean. Means and deviations weigh organisations by s_i.
The decay towards the mean and the factor outside the logarithm bound the spread between
organisations; without them it grows without limit. An imitative idea closes part of the distance to
the leaders instead of drawing at its own level. Of the others a share is radical: it has a wider
distribution of quality and fails more often. Ideas beyond the room for projects are dropped.
"""

from __future__ import annotations

import numpy as np

from ydsim.agents.organisations import FIRM
from ydsim.agents.state import State
from ydsim.measures.groups import by_part, ranges
from ydsim.noise import Noise, identity
from ydsim.policies.environment import PolicyEnvironment
from ydsim.scenario.schema.parameters import ChainParameters, ExploreParameters
from ydsim.typing import Bools, Floats, Ints

LEAST_RELEVANCE = 1e-6
"""Stands for the logarithm's sake where a world says that a field is of no use."""


def field_weights(knowledge: Floats, log_need: Floats, need: float) -> Floats:
    """Return phi, the shares of effort by field, shape (F, n)."""
    score = need * log_need
    score += knowledge
    score -= score.max(axis=0)
    np.exp(score, out=score)
    score /= score.sum(axis=0)
    return score


def updated_knowledge(
    knowledge: Floats,
    effort: Floats,
    weights: Floats,
    standing: Floats,
    parameters: ExploreParameters,
) -> Floats:
    """Return k' of all organisations, shape (F, n); each field's mean is kept at zero.

    ``standing`` (n,) sums to one: the weight of each organisation in regional means.
    """
    by_field = np.empty_like(knowledge)
    for new, old, share in zip(by_field, knowledge, weights, strict=True):
        np.multiply(effort, share, out=new)
        mean = np.einsum("n,n->", new, standing)
        new /= mean if mean > 0.0 else 1.0
        new += 1.0
        np.log(new, out=new)
        new *= parameters.learning
        new += (1.0 - parameters.forgetting) * old
        new -= np.einsum("n,n->", new, standing)
    return by_field


def leaders(knowledge: Floats, standing: Floats) -> Floats:
    """Return the knowledge of the leaders of each field, (F,): mean plus two deviations."""
    mean = np.einsum("fn,n->f", knowledge, standing)
    square = np.einsum("fn,fn,n->f", knowledge, knowledge, standing)
    best: Floats = mean + 2.0 * np.sqrt(np.maximum(square - mean**2, 0.0))
    return best


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
    gap = np.maximum(best - own, 0.0)
    level = own + np.where(imitates, parameters.imitation_catch_up * gap, 0.0)
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
    state: State,
    environment: PolicyEnvironment,
    noise: Noise,
    parameters: ExploreParameters,
    chain: ChainParameters,
) -> None:
    """Update knowledge and append the quarter's new projects."""
    table = state.organisations
    rows = np.flatnonzero(table.alive)
    knowledge = by_part(table.knowledge, rows)
    effort = table.researchers[rows]
    need = _log_need(state, table.industry[rows])
    weights = field_weights(knowledge, need, parameters.need)

    firm = table.kind[rows] == FIRM
    sample_exposure = np.where(firm, 1.0, state.scale)
    standing = sample_exposure / sample_exposure.sum()
    teams = np.array([1.0, parameters.university_teams, parameters.institute_teams])
    teams = teams[table.kind[rows]]
    rate = sample_exposure * teams * parameters.ideas * effort**parameters.ideas_exponent
    basic = np.where(firm, 1.0, environment.science_productivity[table.city[rows]])
    counts = noise.poisson(rate * basic, table.key[rows])
    live = np.bincount(state.projects.owner, minlength=len(table))[rows]
    # science is kept at full number and has s times the room; a draw decides on the broken part
    part = np.where(firm, 0.0, noise.uniform(table.key[rows], 6))
    room = np.floor(sample_exposure * (1.0 + effort / chain.span) + part).astype(np.int64) - live
    started = np.minimum(counts, np.maximum(room, 0))
    best = leaders(knowledge, standing)
    state.leaders = best
    state.active, state.field_share = rows, weights
    length = np.sqrt(np.einsum("fn,fn->n", weights, weights))
    state.direction = np.ascontiguousarray((weights / length).T)
    state.position = np.full(len(table), -1, dtype=np.int64)
    state.position[rows] = np.arange(len(rows))
    _start(state, noise, parameters, rows, started, knowledge, weights, best)
    state.tally.city.ideas = state.by_city(rows, counts.astype(np.float64)) / state.scale
    new = updated_knowledge(knowledge, effort, weights, standing, parameters)
    for part, values in zip(table.knowledge.T, new, strict=True):
        part[rows] = values


def _log_need(state: State, industry: Ints) -> Floats:
    """Return log of relevance relative to the mean field; zero for science organisations."""
    relevance = state.world.relevance
    need = np.log(np.maximum(relevance, LEAST_RELEVANCE) * relevance.shape[1])
    need = np.vstack([need, np.zeros(relevance.shape[1])])  # industry -1 is the last row
    return by_part(need, industry)


def _start(
    state: State,
    noise: Noise,
    parameters: ExploreParameters,
    rows: Ints,
    started: Ints,
    knowledge: Floats,
    weights: Floats,
    leading: Floats,
) -> None:
    index = np.repeat(np.arange(len(rows)), started)
    owner = rows[index]
    ordinal = ranges(np.zeros(len(rows), dtype=np.int64), started)
    key = identity("project", state.organisations.key[owner], state.quarter, ordinal)
    if len(owner) == 0:
        key = key[:0]
    field = chosen_field(weights[:, index], noise.uniform(key, 1))
    own = knowledge[field, index]
    best = leading[field]
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
        origin=state.organisations.kind[owner],
        origin_city=state.organisations.city[owner],
    )
