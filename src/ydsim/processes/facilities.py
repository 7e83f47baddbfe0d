"""Share facilities: projects of firms use instruments of universities and institutes.

    P(use)      = min(1, match.facility_use / price_c), in applied research, in invention, and in
                  pilots that lack a capability
    P(city d)   proportional to science_df exp(-t_cd / match.decay_h)
    science_df  = sum over universities and institutes of d of researchers * phi_f
    granted     with probability facility_open_pq: talent.recognition without policies, 1 inside the
                  province
    bill_p      = strength * saved * uses granted at facilities of p to users of cities served

c is the city of the user and price the ``facility_price`` there, which has the elasticity of use in
it, one without a policy. A project that is granted use has a higher capability in this quarter,
which may lift a pilot over what it needs. Industrialisation takes place in the firm's own works and
is not helped. What a policy saves the users of the cities it serves, 100m_rmb for a quarter of use,
the provinces of the facilities pay: it goes into running them.
"""

from __future__ import annotations

import numpy as np

from ydsim.agents.organisations import FIRM
from ydsim.agents.projects import INVENTION, PILOT
from ydsim.agents.search import Gravity
from ydsim.agents.state import State
from ydsim.agents.tally import EXPECTED, REALISED, add_pairs
from ydsim.measures.groups import cross_sums, sums
from ydsim.noise import Noise
from ydsim.policies.environment import PolicyEnvironment
from ydsim.policies.schemes import FacilityAccess
from ydsim.scenario.schema.parameters import MatchParameters
from ydsim.typing import Ints


def share_facilities(
    state: State, environment: PolicyEnvironment, noise: Noise, parameters: MatchParameters
) -> None:
    """Let projects of firms use shared facilities and tally who goes where."""
    table, projects, world = state.organisations, state.projects, state.world
    firm = table.alive & (table.kind == FIRM)
    of_use = (projects.stage <= INVENTION) | ((projects.stage == PILOT) & projects.waits)
    research = firm[projects.owner] & of_use
    use = np.minimum(parameters.facility_use / environment.facility_price, 1.0)
    asking = np.flatnonzero(research)
    asks = noise.uniform(projects.key[asking], 0) < use[table.city[projects.owner[asking]]]
    asking = asking[asks]
    science = np.flatnonzero(table.alive & (table.kind != FIRM))
    effort = state.field_share[:, state.position[science]] * table.researchers[science]
    city = table.city[science]
    mass = np.stack([sums(city, row, world.n_cities) for row in effort])
    # the last place is nobody's: without science nobody is helped
    mass = np.hstack([mass, np.full((len(mass), 1), 1e-300)])
    kernel = np.exp(-environment.travel_hours / parameters.decay_h)
    order = np.append(world.city_order, world.n_cities)
    places = Gravity(mass, np.hstack([kernel, np.ones((world.n_cities, 1))]), order)
    own, key = table.city[projects.owner[asking]], projects.key[asking]
    seat = places.draw(own, projects.field[asking], noise.uniform(key, 1))
    row, column = world.city_province[:, None], world.city_province[None, :]
    # the chance to get into a facility, (C, C + 1), that of nobody last
    opened = np.pad(environment.facility_open[row, column], ((0, 0), (0, 1)))
    granted = noise.uniform(key, 2) < opened[own, seat]
    projects.helped[:] = False
    projects.helped[asking[granted]] = True
    own, seat = own[granted], seat[granted]
    _pay(state, environment, own, seat)
    links = state.tally.links.shared_facility
    add_pairs(links[REALISED], own, seat, 1.0 / state.scale)
    shape = world.n_cities, len(world.fields)
    at = table.city[projects.owner[research]]
    users = cross_sums(at, projects.field[research], 1.0, shape)
    mean = np.einsum("cf,cfd->cd", users, places.share) * opened * use[:, None]
    a, b = np.indices(mean.shape)
    weight = mean.ravel() / state.scale
    add_pairs(links[EXPECTED], a.ravel(), b.ravel(), weight)


def _pay(state: State, environment: PolicyEnvironment, user: Ints, seat: Ints) -> None:
    """Pay what access schemes save users, who are sampled firms; cities of users and facilities."""
    province_of, n_p = state.world.city_province, state.world.n_provinces
    for scheme in environment.of(FacilityAccess):
        served = np.broadcast_to(scheme.where, province_of.shape)[user]
        amount = scheme.strength * scheme.saved * sums(province_of[seat], served, n_p)
        if not amount.any():
            continue
        state.books.provinces -= amount
        state.ledger.post("provinces", "economy", scheme.policy, amount)
