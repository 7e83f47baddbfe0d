"""Counting what becomes of projects, by stage, kind of the first owner, and partnership."""

from __future__ import annotations

from typing import Final

import numpy as np

from ydsim.agents.projects import STAGES
from ydsim.agents.state import State
from ydsim.typing import Bools, Floats, Ints

KINDS: Final = 3

OUTCOMES: Final = (
    "completed",
    "failed",
    "died waiting",
    "shelved",
    "owner left",
    "sold outside",
    "waiting",
    "live",
)
"""What happened to projects in a stage: flows, then two stocks at the end of the phase.

Shelved inventions and launches are among the completed ones."""

SUMS: Final = ("effort", "waited")
"""Researcher-quarters spent in completed stages; quarters waited by projects that leave a stage."""


class Funnel:
    """The projects of a quarter by stage, kind of the first owner, and partnership."""

    def __init__(self, state: State) -> None:
        projects = state.projects
        partnered = projects.shared | projects.handed_over
        group = projects.stage * KINDS + projects.origin
        self._group: Ints = 2 * group + partnered
        self._tally, self._scale = state.tally, state.scale

    def count(self, name: str, mask: Bools) -> None:
        """Count the projects in ``mask`` under ``name``, at scale 1."""
        self._tally.add_funnel(name, _table(self._group[mask], None) / self._scale)

    def add(self, name: str, mask: Bools, amount: Floats) -> None:
        """Sum an amount over the projects in ``mask`` under ``name``, at scale 1."""
        self._tally.add_funnel(name, _table(self._group[mask], amount[mask]) / self._scale)


def _table(group: Ints, weight: Floats | None) -> Floats:
    """Return sums by stage, kind and partnership, (5, 3, 2)."""
    cells = len(STAGES) * KINDS * 2
    found = np.bincount(group, weights=weight, minlength=cells).astype(np.float64)
    return found.reshape(len(STAGES), KINDS, 2)
