"""Counting what becomes of projects, by stage, kind of the first owner, and partnership."""

from __future__ import annotations

from typing import Final

import numpy as np

from ydsim.agents.projects import NOBODY, Projects
from ydsim.agents.state import State
from ydsim.typing import Bools, Floats, Ints

OUTCOMES: Final = (
    "started",
    "completed",
    "failed",
    "died waiting",
    "shelved",
    "owner left",
    "sold outside",
    "moved",
    "waiting",
    "live",
)
"""What happened to projects in a stage: flows, then two stocks at the end of the phase.

``moved`` are those that completed a stage and entered the next."""

SUMS: Final = ("effort", "waited")
"""Researcher-quarters spent in completed stages; quarters waited by projects that leave a stage."""


def group_of(projects: Projects, mask: Bools) -> tuple[Ints, Ints, Ints]:
    """Return stage, kind of the first owner and partnership of the projects in ``mask``."""
    partnered = (projects.members[mask, 0] != NOBODY) | projects.handed_over[mask]
    return projects.stage[mask], projects.origin[mask].astype(np.int64), partnered.astype(np.int64)


def count_outcome(state: State, projects: Projects, mask: Bools, name: str) -> None:
    """Count the projects in ``mask`` under ``name``, at scale 1."""
    group = group_of(projects, mask)
    state.tally.add_funnel(name, group, np.full(len(group[0]), 1.0 / state.scale))


def sum_outcome(
    state: State, projects: Projects, mask: Bools, name: str, amount: Floats
) -> None:
    """Sum an amount over the projects in ``mask`` under ``name``, at scale 1."""
    state.tally.add_funnel(name, group_of(projects, mask), amount[mask] / state.scale)
