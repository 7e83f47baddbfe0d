"""Advance the chain: invention, development, launch.

    available   = share * effort / number of working projects of the owner
    done'       = done + min(available, effort_s / duration_s * capability_kind,s)
    failure     : probability 1 - exp(-hazard_s / 4), times the factor of radical projects
    waiting     : capability < .3; no progress, death with probability 1 - exp(-.25 / 4)
    selection   : a completed invention is developed with probability 1 - exp(-gamma q)

Effort is in researcher-quarters. Whole organisations work at the scale s, like their output
rates. Without partners a university's invention waits for the capability that it lacks: the
valley of death. Finished projects are compacted away.
"""

from __future__ import annotations

import numpy as np

from ydsim.agents.organisations import FIRM
from ydsim.agents.state import Launches, State
from ydsim.noise import Noise
from ydsim.scenario.parameters import ChainParameters
from ydsim.typing import Bools, Floats, Ints

INVENTION, DEVELOPMENT, LAUNCH = 0, 1, 2


def progress(
    done: Floats, available: Floats, capability: Floats, effort: Floats, duration: Floats
) -> Floats:
    """Return researcher-quarters spent after the quarter; arguments by project."""
    after: Floats = done + np.minimum(available, effort / duration * capability)
    return after


def fails(hazard: Floats, u: Floats) -> Bools:
    """Return which projects fail in a quarter at a hazard per year."""
    failed: Bools = u < -np.expm1(-hazard / 4.0)
    return failed


def advance(state: State, noise: Noise, parameters: ChainParameters) -> None:
    """Move every live project one quarter on and collect the launches."""
    table, projects = state.organisations, state.projects
    owner, stage = projects.owner, projects.stage
    capability = _capability(parameters)[table.kind[owner], stage]
    waiting = capability < parameters.capability_needed
    thinned = np.where(table.kind == FIRM, 1.0, state.scale)
    working = np.bincount(owner[~waiting], minlength=len(table))
    time = parameters.project_share * thinned * table.researchers
    available = np.divide(time, working, out=np.zeros(len(table)), where=working > 0)[owner]
    needed = np.array(parameters.effort)[stage]
    done = progress(
        projects.done, available, capability, needed, np.array(parameters.duration)[stage]
    )
    projects.done[:] = np.where(waiting, projects.done, done)

    hazard = np.array(parameters.failure)[stage]
    hazard = np.where(projects.radical, hazard * parameters.radical_failure, hazard)
    hazard = np.where(waiting, parameters.waiting_death, hazard)
    dead = fails(hazard, noise.uniform(projects.key, 0)) | ~table.alive[owner]
    # equal parts of an effort may sum to a rounding error less than all of it
    complete = ~waiting & ~dead & (projects.done >= needed * (1.0 - 1e-9))
    shelved = (
        complete
        & (stage == INVENTION)
        & (noise.uniform(projects.key, 1) >= -np.expm1(-parameters.selection * projects.quality))
    )
    launched = complete & (stage == LAUNCH)
    _count(state, complete, launched, dead | shelved, waiting)
    state.launches = Launches(
        owner[launched],
        _industries(state, launched, noise),
        projects.field[launched],
        projects.quality[launched],
        projects.key[launched],
    )
    moved = complete & ~launched & ~shelved
    projects.stage[moved] += 1
    projects.done[moved] = 0.0
    projects.keep(~(dead | shelved | launched))


def _capability(parameters: ChainParameters) -> Floats:
    """Return capability by kind and stage, in the order FIRM, UNIVERSITY, INSTITUTE."""
    return np.array([parameters.firm, parameters.university, parameters.institute])


def _industries(state: State, launched: Bools, noise: Noise) -> Ints:
    """Return the industries of launches: the owner's, else one drawn by share x relevance."""
    projects = state.projects
    industry = state.organisations.industry[projects.owner[launched]]
    # a field of no use to any industry goes by their shares
    relevance = np.maximum(state.world.relevance, 1e-12)
    weight = state.world.industry_share[:, None] * relevance
    edges = np.cumsum(weight / weight.sum(axis=0), axis=0)[:-1, projects.field[launched]]
    drawn: Ints = (edges <= noise.uniform(projects.key[launched], 2)).sum(axis=0)
    return np.where(industry >= 0, industry, drawn)


def _count(state: State, complete: Bools, launched: Bools, ended: Bools, waiting: Bools) -> None:
    """Tally the funnel of the quarter at scale 1, by city."""
    owner, stage = state.projects.owner, state.projects.stage

    def count(mask: Bools) -> Floats:
        rows: Ints = owner[mask]
        return state.by_city(rows, np.ones(len(rows))) / state.scale

    tally = state.tally.city
    tally["inventions"] = count(complete & (stage == INVENTION))
    tally["developments"] = count(complete & (stage == DEVELOPMENT))
    tally["launches"] = count(launched)
    tally["projects_failed"] = count(ended & ~waiting & ~complete)
    tally["projects_died_waiting"] = count(ended & waiting)
    tally["projects_live"] = count(~ended & ~launched)
    tally["projects_waiting"] = count(waiting & ~ended)
