"""Projects that ended in the quarter, as they were when they did."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ydsim.agents.projects import Projects
from ydsim.typing import Bools

OUTCOMES: Final = (
    "launched",
    "failed",
    "waiting death",
    "shelved",
    "owner left",
    "sold outside",
    "shock",
)
"""How a project ends: the causes of the funnel, and a shock of the experiment."""

LIVES: Final = -1

Outcomes = NDArray[np.int8]


def outcomes(
    launched: Bools, failed: Bools, waiting: Bools, shelved: Bools, left: Bools, sold: Bools
) -> Outcomes:
    """Return how each project ends in the quarter, `LIVES` for those that go on.

    Arguments by project, (n,); at most one of them holds, but for ``waiting``, which says which
    failures are deaths while waiting.
    """
    found = np.full(len(launched), LIVES, dtype=np.int8)
    masks = (launched, failed & ~waiting, failed & waiting, shelved, left, sold)
    for code, mask in enumerate(masks):
        found[mask] = code
    return found


class Ended:
    """What the recorder reads of projects that are gone.

    Attributes
    ----------
    blocks : list; as projects; dynamic
        By occasion: outcome, one of `OUTCOMES`, and all columns of the projects that ended.
    """

    def __init__(self) -> None:
        self.blocks: list[dict[str, NDArray[Any]]] = []

    def add(self, projects: Projects, outcome: Outcomes) -> None:
        """Note the projects whose ``outcome`` (n,) is not `LIVES`; they are still in the table."""
        rows = np.flatnonzero(outcome != LIVES)
        columns = {name: getattr(projects, name)[rows] for name in projects.names}
        self.blocks.append({"outcome": outcome[rows], **columns})
