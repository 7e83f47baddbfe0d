"""What became of projects, stage by stage.

Projects leave a stage when they are completed, fail, die while they wait, when their owner leaves,
or when they are sold to the rest of the nation. Some completed inventions are shelved:

    go on = completed - shelved
    lost  = failed + died waiting + shelved + owner left + sold outside
    leave = go on + lost
    rate  = go on / leave
    reach = 100 product of the rates up to a stage
    valley = 100 (1 - rate of the pilot x rate of industrialisation)

The valley of death is what lies between an invention and its launch: pilot and industrialisation.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ydsim.plots.counts import cube, ratio, read_rows, years_of
from ydsim.plots.ensemble import NothingToDrawError
from ydsim.plots.messages import say
from ydsim.results.results import Results
from ydsim.typing import Floats

STAGES = ("applied research", "invention", "pilot", "industrialisation", "launch")
LEADS = ("firm", "university", "institute")
"""Kinds of the organisation that began a project."""

PARTNERSHIP = ("alone", "partnered")
CAUSES = ("failed", "died_waiting", "shelved", "owner_left", "sold_outside")
"""Losses, by column."""

VALLEY = (2, 3)
"""Stages between invention and launch, pilot and industrialisation: the valley of death."""


def named(label: str) -> str:
    """Return what a stage, lead, partnership or cause is called on a figure."""
    return say(f"chain.{label.replace(' ', '_')}")


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

    @property
    def rates(self) -> Floats:
        """Share of what leaves a stage that goes on, (replicates, stages); NaN where none does."""
        return ratio(self.go_on.sum(axis=(2, 3)), self.leave.sum(axis=(2, 3)))

    @property
    def reach(self) -> Floats:
        """Of 100 that leave the first stage, those that complete each at these rates, like `rates`.

        A stage that nobody leaves stops nobody.
        """
        rates: Floats = np.where(np.isnan(self.rates), 1.0, self.rates)
        reached: Floats = 100.0 * np.multiply.accumulate(rates, axis=1)
        return reached

    @property
    def valley(self) -> Floats:
        """Per cent of the inventions that go on which are lost before launch, (replicates,)."""
        rates = self.rates[:, list(VALLEY)]
        through: Floats = np.prod(np.where(np.isnan(rates), 1.0, rates), axis=1)
        lost: Floats = 100.0 * (1.0 - through)
        return lost


def read_chain(results: Results) -> Chain:
    """Return what became of projects.

    Raises
    ------
    NothingToDrawError
        When the table ``funnel`` was not recorded, or no project left a stage.
    """
    keys = ("year", "stage", "lead", "partnership")
    rows = read_rows(results, "funnel", [*keys, "completed", *CAUSES])
    labels = {"stage": STAGES, "lead": LEADS, "partnership": PARTNERSHIP}
    n = len(years_of(results))
    lost = np.array([cube(rows, cause, results, labels) / n for cause in CAUSES])
    completed = cube(rows, "completed", results, labels) / n
    chain = Chain(completed - lost[CAUSES.index("shelved")], lost)
    if not chain.leave.any():
        raise NothingToDrawError(say("chain.nothing"))
    return chain
