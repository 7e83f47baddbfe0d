"""Cover: media print stories about launches, and stories leave attention behind.

    log w_ml = log q_l + [l founds] log nu - t_mc / h        t_mc = 0 for the regional outlet
    score_ml = E_ml / w_ml,   E ~ Exp(1)
    n_m      = floor(n0_m * mean of `stories` over the cities of its audience + 1/2)
    printed  : the n_m launches of smallest score_ml; all where there are fewer
    x_cj     = stories about industry j seen in city c / stories seen in c      0 without stories
    a'_cj    = media.memory a_cj + x_cj
    awareness_cj    = 1 + media.awareness a'_cj              multiplies p of this quarter in adopt

Symbols: w_ml weight of launch l at outlet m (1); q quality (1); nu ``novelty`` (1); t_mc travel
time from the seat of the outlet to the city of the launch's owner, h; h ``decay_h``, decay of
interest, h; n_m stories of the outlet, 1/quarter, and n0_m their number without policies; a
attention (1), at most 1 / (1 - memory). A story is one launch
in one outlet; a city sees the stories of all outlets whose audience holds it, each with the same
weight. The smallest scores are a sample without replacement, each next one with probability
proportional to w among the rest (Efraimidis and Spirakis 2006, doi 10.1016/j.ipl.2005.11.003). The
rule, and that readers and advertisers pay what stories cost, are assumed.

Outlets are kept at full number: they print the same number of stories at every scale s, out of s
times as many launches, and their money enters the books at s times its amount. The number of
foundings does not depend on s, so that they are a larger part of the stories at small s.
"""

from __future__ import annotations

import numpy as np

from ydsim.agents.ledger import Flow
from ydsim.agents.outlets import MUNICIPAL, PROVINCIAL, REGIONAL, Outlets
from ydsim.agents.state import State
from ydsim.measures.groups import sums
from ydsim.noise import Noise, identity
from ydsim.policies.environment import PolicyEnvironment
from ydsim.scenario.schema.parameters import MediaParameters
from ydsim.typing import Bools, Floats, Ints, Keys
from ydsim.world.world import World


def make_outlets(world: World, stories: tuple[int, int, int], large_city_10k: float) -> Outlets:
    """Return one regional outlet, one for each province, one for each large city.

    Parameters
    ----------
    world
        Provinces, cities and their residents.
    stories
        Stories a quarter of the regional outlet, of a province's and of a city's.
    large_city_10k
        Residents that a city must have passed in some year, 10k persons.
    """
    province_of, names = world.city_province, world.city_keys
    residents = np.nan_to_num(world.city_population).max(axis=1)
    by_key = np.argsort(names, kind="stable")
    first = by_key[np.unique(province_of[by_key], return_index=True)[1]]
    by_size = np.lexsort((names, -residents))
    seat = by_size[np.unique(province_of[by_size], return_index=True)[1]]
    large = np.flatnonzero(residents > large_city_10k)
    level = np.repeat([REGIONAL, PROVINCIAL, MUNICIPAL], [1, len(seat), len(large)])
    city = np.concatenate([[-1], seat, large])
    province = np.where(city >= 0, province_of[city], -1)
    cities = np.arange(world.n_cities)
    audience = np.where(
        (level == MUNICIPAL)[:, None],
        city[:, None] == cities,
        (level == REGIONAL)[:, None] | (province[:, None] == province_of),
    )
    key = np.concatenate(
        [
            identity("outlet", "region"),
            identity("outlet", "province", names[first]),
            identity("outlet", "city", names[large])[: len(large)],
        ]
    )
    covered = np.zeros(len(city), dtype=np.int64)
    return Outlets(key, level, province, city, np.array(stories)[level], audience, covered)


def log_weights(quality: Floats, founds: Bools, hours: Floats, novelty: float, h: float) -> Floats:
    """Return the log weight of launches (L,) at ``hours`` (..., L) from outlets; -inf: never."""
    log_quality = np.full(len(quality), -np.inf)
    np.log(quality, out=log_quality, where=quality > 0.0)
    weight: Floats = log_quality + np.log(novelty) * founds - hours / h
    return weight


def drawn_stories(exponential: Floats, log_weight: Floats, key: Keys, number: int) -> Ints:
    """Return positions of up to ``number`` launches of the smallest exponential over weight.

    In logs, in which far launches keep a weight above zero.
    """
    score = np.log(exponential) - log_weight
    # the n-th smallest score and all that equal it: few, to be ordered by their keys
    last = np.sort(score, kind="stable")[number - 1] if 0 < number <= len(score) else np.inf
    near = np.flatnonzero((score <= last) & (score < np.inf))
    drawn: Ints = near[np.lexsort((key[near], score[near]))[:number]]
    return drawn


def story_shares(audience: Bools, stories: Floats) -> Floats:
    """Return the share of each industry in the stories seen in a city, shape (C, J).

    ``stories`` (M, J) counts them by outlet and industry, ``audience`` has shape (M, C).
    """
    seen = np.einsum("mc,mj->cj", audience.astype(np.float64), stories)
    total = seen.sum(axis=1, keepdims=True)
    shares: Floats = np.divide(seen, total, out=np.zeros_like(seen), where=total > 0.0)
    return shares


def attention_after(attention: Floats, shares: Floats, memory: float) -> Floats:
    """Return attention after the quarter's stories, shape (C, J)."""
    after: Floats = memory * attention + shares
    return after


def awareness(attention: Floats, parameters: MediaParameters) -> Floats:
    """Return the factor of external influence in adoption, shape (C, J); 1 without attention."""
    factor: Floats = 1.0 + parameters.awareness * attention
    return factor


def stories_of(outlets: Outlets, factor: Floats) -> Ints:
    """Return the stories that outlets print at most; ``factor`` (C,) is that of their audience."""
    audience = outlets.audience.astype(np.float64)
    mean = np.einsum("mc,c->m", audience, factor) / audience.sum(axis=1)
    number: Ints = np.floor(outlets.stories * mean + 0.5).astype(np.int64)
    return number


def cover(
    state: State, environment: PolicyEnvironment, noise: Noise, parameters: MediaParameters
) -> None:
    """Print the stories of the quarter, renew attention, and enter what stories cost."""
    outlets, launches = state.outlets, state.launches
    number = stories_of(outlets, environment.stories)
    printed = _printed(state, number, environment, noise, parameters)
    outlets.covered = np.array([len(p) for p in printed], dtype=np.int64)
    outlet, story = np.repeat(np.arange(len(printed)), outlets.covered), np.concatenate(printed)
    n_j = state.attention.shape[1]
    cell = outlet * n_j + launches.industry[story]
    stories = sums(cell, np.ones(len(cell)), len(printed) * n_j).reshape(-1, n_j)
    shares = story_shares(outlets.audience, stories)
    state.attention = attention_after(state.attention, shares, parameters.memory)
    _pay(state, parameters.story_cost)
    _count(state, outlet, launches.owner[story])


def _printed(
    state: State,
    number: Ints,
    environment: PolicyEnvironment,
    noise: Noise,
    parameters: MediaParameters,
) -> list[Ints]:
    """Return the launches that each outlet prints, at most ``number`` (M,)."""
    outlets, launches = state.outlets, state.launches
    there = state.organisations.city[launches.owner]
    hours = environment.travel_hours[outlets.city[:, None], there]
    hours[outlets.level == REGIONAL] = 0.0
    weight = log_weights(
        launches.quality, launches.founds, hours, parameters.novelty, parameters.decay_h
    )
    exponential = noise.exponential(identity(outlets.key[:, None], launches.key), 0)
    lots = zip(exponential, weight, number.tolist(), strict=True)
    return [drawn_stories(drawn, log, launches.key, most) for drawn, log, most in lots]


def _pay(state: State, story_cost: float) -> None:
    """Let readers and advertisers pay for stories, and outlets spend what they receive."""
    outlets, n_p = state.outlets, state.world.n_provinces
    local, covered = outlets.level != REGIONAL, outlets.covered.astype(np.float64)
    stories = sums(outlets.province[local], covered[local], n_p) + covered[~local].sum() / n_p
    amount = state.scale * story_cost * stories
    state.ledger.post("economy", "media", Flow.COVERAGE, amount)
    state.ledger.post("media", "economy", Flow.EDITORIAL, amount)


def _count(state: State, outlet: Ints, owner: Ints) -> None:
    """Tally stories, which are real ones at every scale, and those that cross provinces."""
    outlets, table = state.outlets, state.organisations
    state.tally.city.stories += state.by_city(owner, np.ones(len(owner)))
    local = outlets.level[outlet] != REGIONAL
    if local.any():
        away = outlets.province[outlet[local]] != table.province[owner[local]]
        state.tally.region.stories_cross_province = float(away.mean())
