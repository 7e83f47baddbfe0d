"""Seek: who looks for a partner this quarter, and whom they see.

    hand-over     : all that lack the capability for the stage; of science only with probability
                    D_c, once for each project
    new member    : the same, where the consortium has less than match.consortium members; with
                    candidates of its own
    joint project : of the others before launch whose consortium has less than match.consortium
                    members, those with k_if < b_f of the owner i, with probability
                    min(1, match.gap_search exp(u_i) Acc_i / Acc0_c)
    D_c           = 1 - (1 - brokers.disclosure) exp(-brokers.offices max(0, delta_c - delta0))
    Acc_c         = sum over places d of (sum over f of mass_df) K_cd factor_cd
    K_cd          = (f + (1 - f) exp(-t_cd / match.decay_h)) pass_cd

Whom a seeker meets by gravity, a place first:

    P(place d)        proportional to mass_df K_cd factor_cd
    mass_df           = sum over organisations of d of s_i researchers_i phi_if
    mass_Rf           = o * sum over cities of mass_df;  pass_cR = border.joint_work or
                        border.hand_over, factor_cR = 1
    P(organisation j) proportional to s_j researchers_j phi_jf, within d

u_i is the skill of the owner (`ydsim.processes.explore`): who has good ideas looks for partners
more (assumed). Acc is whom c can reach, by joint projects, and Acc0 the same of the same
organisations without policies; Acc_i is Acc_c and what premiums of joint funds add
(`ydsim.processes.programmes`). delta intermediaries per 1,000 firms of the city of the owner and
delta0 those without policies: their offices find results of universities and institutes that are
offered to nobody. f ``match.far``. pass is what a border lets through
(`ydsim.policies.environment.passing`), with a level for joint projects and one for hand-overs;
factor is that of corridors, 1 without them; o researchers outside over those of the region. The
rest of the nation is to the region as one province to another, at its hours, and policies of the
region move nothing of it (assumed). Brokers
draw inside their reach and serve contracts up to the cap of their city. Sources and numbers of
candidates: `ydsim.agents.search`.
"""

from __future__ import annotations

import numpy as np

from ydsim.agents.organisations import FIRM
from ydsim.agents.projects import LAUNCH
from ydsim.agents.search import Gravity, Places, Pool, Search, Seekers, pull, see_candidates
from ydsim.agents.state import State
from ydsim.measures.groups import quotient
from ydsim.noise import Noise, identity
from ydsim.policies.environment import Crossing, JointFund, PolicyEnvironment, passing
from ydsim.processes.programmes import foreseen
from ydsim.scenario.schema.parameters import Parameters
from ydsim.typing import Bools, Floats


def seek(
    state: State,
    environment: PolicyEnvironment,
    noise: Noise,
    parameters: Parameters,
    baseline: PolicyEnvironment,
    lasting: Noise | None = None,
) -> Search:
    """Return the projects that seek a partner and the candidates that each sees.

    Without ``lasting`` all results are offered.
    """
    places, reach = _tables(state, environment, parameters, baseline)
    hidden = np.zeros(len(state.projects), dtype=np.bool_)
    if lasting is not None and parameters.brokers.disclosure < 1.0:
        hidden = _hidden(state, environment, parameters, lasting)
    seekers = _seekers(state, noise, parameters, reach, hidden)
    number, largest_deal = parameters.match.candidates, environment.broker_cap
    seen = see_candidates(state, seekers, number, places, largest_deal, noise)
    return Search(seekers, seen, places.pool)


def disclosed(disclosure: float, offices: float, added: Floats) -> Floats:
    """Return D_c from the intermediaries that policies add, per 1,000 firms, (C,)."""
    return 1.0 - (1.0 - disclosure) * np.exp(-offices * np.maximum(added, 0.0))


def pull_of(
    state: State, environment: PolicyEnvironment, channel: Crossing, parameters: Parameters
) -> Floats:
    """Return K_cd times factor_cd of a channel, (C, C + 1), the rest of the nation last."""
    passes = passing(environment, channel, state.world.city_province) * environment.tie_factor
    hours = environment.travel_hours, environment.outside_hours
    keys, border = parameters.match, float(getattr(parameters.border, channel))
    return pull(*hours, keys.decay_h, keys.far, passes, border)


def _hidden(
    state: State, environment: PolicyEnvironment, parameters: Parameters, lasting: Noise
) -> Bools:
    """Return which projects are results of science that nobody is offered."""
    table, projects, keys = state.organisations, state.projects, parameters.brokers
    density = environment.broker_density * parameters.actors.intermediaries
    chance = disclosed(keys.disclosure, keys.offices, density - keys.per_1000_firms)
    hidden: Bools = projects.waits & (table.kind[projects.owner] != FIRM)
    some = np.flatnonzero(hidden)
    city = table.city[projects.owner[some]]
    hidden[some] = lasting.uniform(projects.key[some], 1) >= chance[city]
    return hidden


def _seekers(
    state: State, noise: Noise, parameters: Parameters, reach: Floats, hidden: Bools
) -> Seekers:
    """Return the projects that seek a partner and are not hidden; ``reach`` is Acc_i / Acc0_c."""
    table, projects, keys = state.organisations, state.projects, parameters.match
    owner, field = projects.owner, projects.field
    owner_lives = table.alive[owner]
    chance = keys.gap_search * np.exp(table.skill[owner]) * reach
    looks = (
        ~projects.waits
        & (projects.stage < LAUNCH)
        & ~projects.full(keys.consortium)
        & (noise.uniform(projects.key, 0) < np.minimum(chance, 1.0))
    )
    maybe = np.flatnonzero(looks)
    looks[maybe] = table.knowledge[owner[maybe], field[maybe]] < state.leaders[field[maybe]]
    project = np.flatnonzero(owner_lives & (projects.waits | looks) & ~hidden)
    may_join = projects.waits & ~projects.full(keys.consortium)
    joins = np.flatnonzero(may_join[project])
    hand_over = np.concatenate([projects.waits[project], np.zeros(len(joins), dtype=np.bool_)])
    key = np.concatenate([projects.key[project], identity("member", projects.key[project[joins]])])
    project = np.concatenate([project, project[joins]])
    effort = parameters.chain.efforts
    to_come = np.cumsum(effort[::-1])[::-1]  # effort of this stage and all later ones
    stage = projects.stage[project]
    left = np.maximum(to_come[stage] - projects.done[project], 0.0)
    city = table.city[owner[project]]
    contracts = parameters.contracts
    piece = left * (state.wage[city] / 4.0) * contracts.price / contracts.pieces
    return Seekers(
        project,
        key,
        owner[project],
        city,
        field[project],
        stage,
        projects.waits[project],
        hand_over,
        left,
        piece * state.national.contract_price[state.input_column],
        state.sample_exposure[owner[project]],
    )


def _tables(
    state: State,
    environment: PolicyEnvironment,
    parameters: Parameters,
    baseline: PolicyEnvironment,
) -> tuple[Places, Floats]:
    """Return the tables from which places are drawn, and Acc_i / Acc0_c by project, (n,)."""
    table, world = state.organisations, state.world
    rows = state.active
    effort = state.field_share * (table.researchers * state.sample_exposure)[rows]
    pool = Pool(rows, table.city[rows], effort, world.n_cities)
    firms = pool
    if state.scale < 1.0:  # else nobody is outside the sample
        firm = table.kind[rows] == FIRM
        firms = Pool(rows[firm], table.city[rows[firm]], effort[:, firm], world.n_cities)
    abroad = state.national.outside_mass[state.input_column] * pool.mass.sum(axis=1)
    mass = np.hstack([pool.mass, abroad[:, None]])
    reach = np.zeros(world.n_cities)
    np.maximum.at(reach, state.brokers.city, state.brokers.reach_km)
    near = world.distance_km <= reach[:, None]
    joint = pull_of(state, environment, "joint_work", parameters)
    handed = pull_of(state, environment, "hand_over", parameters)
    before = pull_of(state, baseline, "joint_work", parameters)
    now, plain = (np.einsum("cd,d->c", k, mass.sum(axis=0)) for k in (joint, before))
    by_project = quotient(now, plain, 1.0)[table.city[state.projects.owner]]
    if environment.of(JointFund):
        by_project = by_project * (1.0 + foreseen(state, environment, joint))
    order = world.city_order
    with_outside = np.append(order, world.n_cities)
    places = Places(
        pool,
        firms,
        joint=Gravity(mass, joint, with_outside),
        handed=Gravity(mass, handed, with_outside),
        brokered=Gravity(pool.mass, handed[:, :-1] * near, order),
        anywhere=Gravity(pool.mass, np.ones((1, world.n_cities)), order),
    )
    return places, by_project
