"""Cover: media print stories about launches, and stories leave attention behind.

    log w_pl = log q_l - t_pc / travel.decay_h
    score_pl = E_pl / w_pl,   E ~ Exp(1)
    n_p      = floor(media.stories * mean of `stories` over the cities of p + 1/2)
    printed  : the n_p launches of smallest score_pl; all where there are fewer
    x_cj     = stories about industry j / stories of the province of c          0 without stories
    awareness_cj    = 1 + media.awareness x_cj              multiplies p of this quarter in adopt

Symbols: w_pl weight of launch l at the outlet of province p (1); q quality (1); t_pc travel time
from the seat of the outlet to the city of the launch's owner, h; n_p stories of the outlet,
1/quarter; x attention (1). A story is one launch in one outlet. The
smallest scores are a sample without replacement, each next one with probability proportional to w
among the rest (Efraimidis and Spirakis 2006, doi 10.1016/j.ipl.2005.11.003). The rule is assumed.
Outlets print the same number of stories at every scale s, out of s times as many launches.
"""

from __future__ import annotations

import numpy as np

from ydsim.agents.state import State
from ydsim.agents.tables import Outlets
from ydsim.measures.groups import cross_sums, quotient, sums
from ydsim.noise import Noise, identity
from ydsim.policies.environment import PolicyEnvironment
from ydsim.scenario.schema.parameters import MediaParameters
from ydsim.typing import Floats, Ints, Keys
from ydsim.world.world import World


def make_outlets(world: World, stories: int) -> Outlets:
    """Return an outlet for each province, in the city that had most residents in some year.

    ``stories`` is what each prints a quarter.
    """
    province_of, names = world.city_province, world.city_keys
    residents = np.nan_to_num(world.city_population).max(axis=1)
    by_key = np.argsort(names, kind="stable")
    first = by_key[np.unique(province_of[by_key], return_index=True)[1]]
    by_size = np.lexsort((names, -residents))
    seat = by_size[np.unique(province_of[by_size], return_index=True)[1]]
    key = identity("outlet", "province", names[first])
    return Outlets(key, seat, np.full(len(seat), stories), np.zeros(len(seat), dtype=np.int64))


def log_weights(quality: Floats, hours: Floats, decay_h: float) -> Floats:
    """Return the log weight of launches (L,) at ``hours`` (..., L) from outlets; -inf: never."""
    log_quality = np.full(len(quality), -np.inf)
    np.log(quality, out=log_quality, where=quality > 0.0)
    return log_quality - hours / decay_h


def drawn_stories(exponential: Floats, log_weight: Floats, key: Keys, number: int) -> Ints:
    """Return positions of up to ``number`` launches of the smallest exponential over weight.

    In logs, in which far launches keep a weight above zero.
    """
    score = np.log(exponential) - log_weight
    # the n-th smallest score and all that equal it: few, to be ordered by their keys
    last = np.sort(score, kind="stable")[number - 1] if 0 < number <= len(score) else np.inf
    near = np.flatnonzero((score <= last) & (score < np.inf))
    return near[np.lexsort((key[near], score[near]))[:number]]


def awareness(attention: Floats, parameters: MediaParameters) -> Floats:
    """Return the factor of external influence in adoption, shape (C, J); 1 without attention."""
    return 1.0 + parameters.awareness * attention


def stories_of(outlets: Outlets, factor: Floats, province: Ints) -> Ints:
    """Return the stories that outlets print at most; ``factor`` (C,) is that of their audience."""
    cities = np.bincount(province, minlength=len(outlets.key))
    mean = sums(province, factor, len(outlets.key)) / cities
    return np.floor(outlets.stories * mean + 0.5).astype(np.int64)


def cover_launches(
    state: State, environment: PolicyEnvironment, noise: Noise, decay_h: float
) -> None:
    """Print the stories of the quarter, which are real ones at every scale."""
    outlets, launches = state.outlets, state.launches
    there = state.organisations.city[launches.owner]
    hours = environment.travel_hours[outlets.city[:, None], there]
    weight = log_weights(launches.quality, hours, decay_h)
    number = stories_of(outlets, environment.stories, state.world.city_province)
    exponential = noise.exponential(identity(outlets.key[:, None], launches.key), 0)
    lots = zip(exponential, weight, number.tolist(), strict=True)
    printed = [drawn_stories(drawn, log, launches.key, most) for drawn, log, most in lots]
    outlets.covered = np.array([len(p) for p in printed], dtype=np.int64)
    outlet, story = np.repeat(np.arange(len(printed)), outlets.covered), np.concatenate(printed)
    shape = len(printed), state.attention.shape[1]
    stories = cross_sums(outlet, launches.industry[story], 1.0, shape)
    shares = quotient(stories, stories.sum(axis=1, keepdims=True))
    state.attention = shares[state.world.city_province]
    owner = launches.owner[story]
    state.tally.city.stories += state.by_city(owner, np.ones(len(owner)))
