"""What it costs an owner to work with a candidate, in units of utility: search, travel, borders.

    cost_ij = match.search_cost (1 - search_cut_cd)              candidates met by gravity
            = - ln max(f + (1 - f) exp(-t_cd / match.decay_h), 1e-12) - ln max(pass_cd, 1e-12)
              - ln factor_cd                                     former partners, their partners
            = - ln broker_uplift                                 brought by a broker, of its city

Former partners and their partners are known: their places were not drawn by distance. t travel
time, h; f ``match.far``; pass the part that a border lets through (`policies.environment.passing`),
by joint projects and hand-overs; cut, factor and uplift what policies move. With standard Gumbel
tastes - ln x makes the odds of a proposal those without it times x.
"""

from __future__ import annotations

import numpy as np

from ydsim.agents.search import BROKERED, CLOSURE, FORMER, GRAVITY, Candidates, Seekers, kernel
from ydsim.agents.state import State
from ydsim.policies.environment import PolicyEnvironment, passing
from ydsim.typing import Floats, Ints

LEAST_PASSING = 1e-12


def ways(
    state: State,
    environment: PolicyEnvironment,
    seekers: Seekers,
    seen: Candidates,
    pair: tuple[Ints, Ints],
    search_cost: float,
    decay_h: float,
    remains: float,
) -> Floats:
    """Return the cost of the pairs of a seeker and one of its slots, ``pair``."""
    i, slot = pair
    city, place, source = seekers.city[i], seen.place[i, slot], seen.source[i, slot]
    way = np.zeros(len(i))
    met = np.flatnonzero(source == GRAVITY)
    cut = np.pad(environment.search_cut, ((0, 0), (0, 1)))  # nothing is saved on the way out
    way[met] = search_cost * (1.0 - cut[city[met], place[met]])
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
    near = np.maximum(kernel(hours, decay_h, remains), LEAST_PASSING)
    way[known] = -np.log(near) - np.log(passes) - np.log(np.where(factor > 0.0, factor, 1.0))
    brought = np.flatnonzero(source == BROKERED)
    home = state.brokers.city[seen.broker[i[brought], slot[brought]]]
    way[brought] -= np.log(environment.broker_uplift[home])
    return way
