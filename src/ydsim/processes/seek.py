"""Seek: who looks for a partner this quarter, and whom they see.

    hand-over     : all that wait (the consortium lacks the capability for the stage)
    joint project : of the others before launch whose consortium has less than match.consortium
                    members, with probability match.gap_search, those with k_if < b_f of the owner i

Whom a seeker meets by gravity, a place first:

    P(place d)        proportional to mass_df exp(-t_cd / match.decay_h) pass_cd factor_cd
    mass_df           = sum over organisations of d of s_i researchers_i phi_if
    mass_Rf           = o * sum over cities of mass_df, with the travel time to R, pass = factor = 1
    P(organisation j) proportional to s_j researchers_j phi_jf, within d

pass is what a border lets through (`ydsim.policies.environment.passing`), with a level for joint
projects and one for hand-overs; factor is that of corridors, 1 without them; o researchers outside
over those of the region. Brokers draw inside their reach and serve contracts up to the cap of their
city. Sources and numbers of candidates: `ydsim.agents.search`.
"""

from __future__ import annotations

import numpy as np

from ydsim.agents.gravity_sampling import Gravity, Pool, pull
from ydsim.agents.projects import LAUNCH
from ydsim.agents.search import Places, Search, Seekers, see_candidates
from ydsim.agents.state import State
from ydsim.agents.ties import Neighbours
from ydsim.noise import Noise
from ydsim.policies.channels import Border
from ydsim.policies.environment import PolicyEnvironment, passing
from ydsim.scenario.schema.parameters import MatchParameters, Parameters
from ydsim.typing import Floats


def seek(
    state: State, environment: PolicyEnvironment, noise: Noise, parameters: Parameters
) -> Search:
    """Return the projects that seek a partner and the candidates that each sees."""
    seekers = _seekers(state, noise, parameters)
    pool, places = _tables(state, environment, parameters.match)
    seen = see_candidates(
        seekers,
        parameters.match.candidates,
        pool,
        places,
        Neighbours(state.ties, state.organisations.key),
        state.brokers,
        state.world.distance_km,
        state.organisations.city,
        state.world.city_keys,
        state.organisations.key,
        environment.broker_cap,
        noise,
    )
    return Search(seekers, seen, pool)


def _seekers(state: State, noise: Noise, parameters: Parameters) -> Seekers:
    """Return the projects that seek a partner this quarter."""
    table, projects, keys = state.organisations, state.projects, parameters.match
    owner, field = projects.owner, projects.field
    owner_lives = table.alive[owner]
    looks = (
        ~projects.waits
        & (projects.stage < LAUNCH)
        & ~projects.full(keys.consortium)
        & (noise.uniform(projects.key, 0) < keys.gap_search)
    )
    maybe = np.flatnonzero(looks)
    looks[maybe] = table.knowledge[owner[maybe], field[maybe]] < state.leaders[field[maybe]]
    project = np.flatnonzero(owner_lives & (projects.waits | looks))
    effort = np.array(parameters.chain.effort)
    to_come = np.cumsum(effort[::-1])[::-1]  # effort of this stage and all later ones
    stage = projects.stage[project]
    left = np.maximum(to_come[stage] - projects.done[project], 0.0)
    city = table.city[owner[project]]
    wage = (
        state.inputs.wage[table.province[owner[project]], state.input_column]
        * state.talent.wage[city]
        / 4.0
    )
    contracts = parameters.contracts
    piece = left * wage * contracts.bargaining * contracts.price / contracts.pieces
    return Seekers(
        project,
        projects.key[project],
        owner[project],
        city,
        field[project],
        stage,
        projects.waits[project],
        left,
        piece * state.national.contract_price[state.input_column],
        state.sample_exposure[owner[project]],
    )


def _tables(
    state: State, environment: PolicyEnvironment, keys: MatchParameters
) -> tuple[Pool, Places]:
    """Return the tables from which organisations and places are drawn."""
    table, world = state.organisations, state.world
    rows = state.active
    effort = state.field_share * (table.researchers * state.sample_exposure)[rows]
    pool = Pool(rows, table.city[rows], effort, world.n_cities)
    abroad = state.national.outside_mass[state.input_column] * pool.mass.sum(axis=1)
    mass = np.hstack([pool.mass, abroad[:, None]])
    province_of = world.city_province

    def pulls(border: Border) -> Floats:
        passes = passing(environment, border, province_of) * environment.tie_factor
        return pull(environment.travel_hours, environment.outside_hours, keys.decay_h, passes)

    reach = np.zeros(world.n_cities)
    np.maximum.at(reach, state.brokers.city, state.brokers.reach_km)
    near = world.distance_km <= reach[:, None]
    handed = pulls("contract")
    order = np.argsort(world.city_keys, kind="stable")
    with_outside = np.append(order, world.n_cities)
    return pool, Places(
        joint=Gravity(mass, pulls("match"), with_outside),
        handed=Gravity(mass, handed, with_outside),
        brokered=Gravity(pool.mass, handed[:, :-1] * near, order),
        anywhere=Gravity(pool.mass, np.ones((1, world.n_cities)), order),
    )
