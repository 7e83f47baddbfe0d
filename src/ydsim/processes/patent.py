"""Patent: inventions become applications, and the nation examines and grants.

    applications_t = inventions_t * contracts.patents * psi_t
    of holders_t   = their inventions_t * contracts.patents * psi_t    firms, universities,
                     institutes as owners of inventions when they are completed
    grants_t       = phi_t * sum_l k_l applications_{t-l} + due_t           (queue before the start)
    in force'      = in force exp(-contracts.lapse / 4) + grants
    university'    = university exp(-contracts.lapse / 4) + inventions that universities began
    papers_t       = completed applied research of owners of science * contracts.papers * b_t

psi and phi are national inputs and are never tuned to the region: how many applications a
researcher of the nation files, and what share of the applications that are due is granted. k_l is
the share of applications that are examined at age l, b the nation's papers per researcher relative
to 2011. What was filed before the run is the queue ``due``, set so that the grants of the first
three years are the official ones: they are no result. Where nothing is known of it, the inventions
of the burn-in fill the queue. The chain goes on with inventions and never waits for a grant.
"""

from __future__ import annotations

import numpy as np

from ydsim.agents.state import State
from ydsim.agents.tables import Patents
from ydsim.measures.groups import sums
from ydsim.scenario.schema.parameters import ContractParameters
from ydsim.typing import Floats
from ydsim.world.national import PAST_YEARS, initial_in_force, initial_queue, kernel
from ydsim.world.world import World

RING = 4 * PAST_YEARS


def no_patents(world: World) -> Patents:
    """Return the books of patents before anything is filed."""
    c = world.n_cities
    return Patents(np.zeros((c, RING)), np.zeros((c, 0)), np.zeros(c), np.zeros(c))


def granted(applications: Floats, weights: Floats, now: int) -> Floats:
    """Return applications (C, 24 as a ring) that are due in quarter ``now``, shape (C,)."""
    lags = np.arange(len(weights))
    due: Floats = np.einsum("cl,l->c", applications[:, (now - lags) % len(weights)], weights)
    return due


def file_and_grant(state: State, parameters: ContractParameters) -> None:
    """File the applications of the quarter's inventions and grant what the nation has examined."""
    patents, tally, now = state.patents, state.tally.city, state.input_column
    filed = tally.inventions * parameters.patents * state.national.propensity[now]
    patents.applications[:, state.quarter % RING] = filed
    weights = kernel(parameters.examination)
    grants = state.national.examination[now] * granted(patents.applications, weights, state.quarter)
    if 0 <= state.quarter < patents.due.shape[1]:
        grants = grants + patents.due[:, state.quarter]
    kept = np.exp(-parameters.lapse / 4.0)
    patents.in_force *= kept
    patents.in_force += grants
    patents.university *= kept
    patents.university += tally.university_inventions
    tally.invention_patent_applications = filed
    for_each = parameters.patents * state.national.propensity[now]
    tally.invention_applications_service_enterprise = tally.inventions_of_firms * for_each
    tally.invention_applications_service_university = tally.inventions_of_universities * for_each
    tally.invention_applications_service_research_institute = (
        tally.inventions_of_institutes * for_each
    )
    tally.invention_patents_granted = grants
    tally.invention_patents_in_force = patents.in_force.copy()
    tally.university_inventions_stock = patents.university.copy()
    papers = parameters.papers * state.national.publication[now]
    tally.sci_papers = tally.research_results * papers


def open_queue(state: State, start: int, parameters: ContractParameters) -> None:
    """Set what was filed before the run: called at the end of the burn-in."""
    patents, world = state.patents, state.world
    filed = patents.applications.sum(axis=1)
    share = _share_in_province(state, filed)
    queue = initial_queue(world, start, parameters.examination, state.national)
    if queue is not None:
        patents.due = share[:, None] * queue[world.city_province]
        patents.applications[:] = 0.0
    stock = initial_in_force(world, start)
    if stock is not None:
        patents.in_force = share * stock[world.city_province]


def _share_in_province(state: State, values: Floats) -> Floats:
    """Return the part of each city in its province, (C,)."""
    province_of = state.world.city_province
    total = sums(province_of, values, state.world.n_provinces)[province_of]
    even = 1.0 / np.bincount(province_of, minlength=state.world.n_provinces)[province_of]
    return np.where(total > 0.0, values / np.maximum(total, 1e-300), even)
