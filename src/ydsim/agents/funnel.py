"""Counting what becomes of projects, by stage, kind of the first owner, and partnership."""

from __future__ import annotations

import numpy as np

from ydsim.agents.projects import STAGES
from ydsim.agents.state import State
from ydsim.agents.tally import N_KINDS
from ydsim.typing import Bools, Floats, Ints


class Funnel:
    """The projects of a quarter by stage, kind of the first owner, and partnership."""

    def __init__(self, state: State) -> None:
        projects = state.projects
        partnered = projects.shared | projects.handed_over
        group = projects.stage * N_KINDS + projects.origin
        self._group: Ints = 2 * group + partnered
        self._scale = state.scale

    def count(self, counts: Floats, mask: Bools) -> None:
        """Add the number of projects in ``mask`` to ``counts`` (5, 3, 2), at scale 1."""
        counts += _table(self._group[mask], None) / self._scale

    def add(self, counts: Floats, mask: Bools, amount: Floats) -> None:
        """Add an amount of the projects in ``mask`` to ``counts`` (5, 3, 2), at scale 1."""
        counts += _table(self._group[mask], amount[mask]) / self._scale


def _table(group: Ints, weight: Floats | None) -> Floats:
    """Return sums by stage, kind and partnership, (5, 3, 2)."""
    cells = len(STAGES) * N_KINDS * 2
    counts = np.bincount(group, weights=weight, minlength=cells).astype(np.float64)
    return counts.reshape(len(STAGES), N_KINDS, 2)
