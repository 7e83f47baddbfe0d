"""Delete projects: live projects end at the beginning of a quarter.

    ended_k = treated_k                              of a share
    ended_k = u_k is among the ``number`` smallest    of a number

Units are projects whose owner lives and is targeted. They leave without a trace: nothing is counted
in the funnel as failed, nobody is paid back, and what members have learned and who is tied stays.
"""

from __future__ import annotations

import numpy as np

from ydsim.agents.ended import LIVES, OUTCOMES
from ydsim.scenario.schema.sections.shocks import DeleteProjects
from ydsim.shocks.assignments import Assignment, assignment, named
from ydsim.shocks.lottery import Lottery
from ydsim.shocks.units import Scene

BY_SHOCK = OUTCOMES.index("shock")


def delete_projects(scene: Scene, shock: DeleteProjects, lottery: Lottery) -> Assignment:
    """End the treated projects and return who was drawn from."""
    state = scene.state
    table, projects = state.organisations, state.projects
    fits = scene.organisations(shock.target)[projects.owner]
    fits &= (shock.target.field_mask(scene.places) > 0.0)[projects.field]
    rows = np.flatnonzero(fits)
    key = projects.key[rows]
    treated = lottery.treated(key)
    if shock.number:
        treated[np.lexsort((key, lottery.lots(key)))[: shock.number]] = True
    place = named(state.world.city_names, table.city[projects.owner[rows]])
    outcome = np.full(len(projects), LIVES, dtype=np.int8)
    outcome[rows[treated]] = BY_SHOCK
    state.ended.add(projects, outcome)
    projects.keep(outcome == LIVES)
    return assignment(shock, state.quarter, treated, key=key, place=place)
