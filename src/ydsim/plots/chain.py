"""What became of projects, stage by stage.

Projects leave a stage when they are completed, fail, die while they wait, when their owner leaves,
or when they are sold to the rest of the nation. Some completed inventions are shelved:

    go on = completed - shelved
    lost  = failed + died waiting + shelved + owner left + sold outside
    leave = go on + lost
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ydsim.plots.counts import cube, ratio, read_rows, years_of
from ydsim.results.results import Results
from ydsim.typing import Floats

STAGES = ("applied research", "invention", "pilot", "industrialisation", "launch")
LEADS = {"firm": "Firms", "university": "Universities", "institute": "Institutes"}
"""Kinds of the organisation that began a project, and their name in a figure."""

PARTNERSHIP = {"alone": "Without partners", "partnered": "With partners"}
CAUSES = {
    "failed": "failed",
    "died_waiting": "died waiting for a capability",
    "shelved": "invention shelved",
    "owner_left": "owner left",
    "sold_outside": "sold to the rest of the nation",
}
"""Losses by column, and their name in a figure."""


@dataclass(frozen=True)
class Chain:
    """Projects that leave a stage, a year: mean over the years of the run.

    Attributes
    ----------
    go_on
        Shape (replicates, stages, leads, partnerships).
    lost
        The same by cause in front: (causes, replicates, stages, leads, partnerships).
    """

    go_on: Floats
    lost: Floats

    @property
    def leave(self) -> Floats:
        """All that leave, shape (replicates, stages, leads, partnerships)."""
        total: Floats = self.go_on + self.lost.sum(axis=0)
        return total

    def loss_shares(self, partnership: int) -> Floats:
        """Return losses in per cent of what leaves, (causes, replicates, stages), NaN if none."""
        leave = self.leave[..., partnership].sum(axis=2)
        lost = self.lost[..., partnership].sum(axis=3)
        return 100.0 * ratio(lost, np.broadcast_to(leave, lost.shape))


def read_chain(results: Results) -> Chain:
    """Return what became of projects.

    Raises
    ------
    NothingToDrawError
        When the table ``funnel`` was not recorded.
    """
    keys = ("year", "stage", "lead", "partnership")
    rows = read_rows(results, "funnel", [*keys, "completed", *CAUSES])
    labels = {"stage": STAGES, "lead": tuple(LEADS), "partnership": tuple(PARTNERSHIP)}
    n = len(years_of(results))
    lost = np.array([cube(rows, cause, results, labels) / n for cause in CAUSES])
    completed = cube(rows, "completed", results, labels) / n
    return Chain(completed - lost[list(CAUSES).index("shelved")], lost)
