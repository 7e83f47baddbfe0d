"""``ydsim.bottleneck``: which stage and which friction hold the chain back most."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from ydsim import arguments
from ydsim.analysis.bottleneck import (
    REPLICATES,
    SCENARIO,
    STEP,
    Finding,
    design,
    finding_of,
)
from ydsim.analysis.study import run_study
from ydsim.analysis.sweep_values import require
from ydsim.pages import bottleneck_words
from ydsim.pages.shown import StudyShown
from ydsim.results.results import Results

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from ydsim.run.progress import Report
    from ydsim.scenario.read.override import Overrides


class Bottleneck(StudyShown[Finding]):
    """What holds the chain back; see `ydsim.analysis.bottleneck.Finding.table`."""

    words: ClassVar = bottleneck_words

    @property
    def stages(self) -> pd.DataFrame:
        """One row a stage and quantity; see `ydsim.analysis.bottleneck.Finding.stage_table`."""
        return self.found.stage_table

    def plot(self) -> Figure:
        """Return the figure: elasticities of all capacities with their intervals."""
        from ydsim.plots.bottleneck import draw_bottleneck_table

        return draw_bottleneck_table(self.table, self.made_by)


def bottleneck(
    name_or_path: str | Path = SCENARIO,
    overrides: Overrides | None = None,
    *,
    only: Sequence[str] = (),
    outcomes: Sequence[str] | None = None,
    first: int | None = None,
    step: float = STEP,
    replicates: int = REPLICATES,
    seed: int | None = None,
    out: str | Path | None = None,
    jobs: int | None = None,
    allow_code: bool = False,
    progress: Report | None = None,
) -> Bottleneck:
    """Move each capacity of the chain and each friction alone, or go on with it, and compare.

    Parameters
    ----------
    name_or_path, overrides, seed, allow_code
        As for `ydsim.load_scenario`; the scale is .02 unless ``overrides`` say otherwise.
    only
        Names of capacities (`ydsim.analysis.capacities`), ``"stages"`` or ``"frictions"``; by
        default all of them.
    outcomes
        Indicators of the region; by default those of `ydsim.analysis.bottleneck.OUTCOMES`.
    first
        First year that counts; by default that of the scenario.
    step
        Per cent by which a capacity is raised; it is lowered by the same factor.
    replicates
        Of every point, of the same draws.
    out
        Results folder; by default ``results/<scenario>-bottleneck``.
    jobs
        Processes; by default one a processor.
    progress
        As for `ydsim.sweep`.

    Returns
    -------
    Bottleneck
        With ``table``, ``stages``, ``paragraph``, ``page`` and ``plot()``.

    Raises
    ------
    UsageError
        When there is no such capacity, outcome or year.

    Other errors are those of `ydsim.sweep`.
    """
    text = arguments.path("name_or_path", name_or_path, "the name or path of a scenario")
    sweep = design(
        text,
        overrides,
        only=only,
        step=step,
        replicates=replicates,
        seed=seed,
        allow_code=allow_code,
    )
    require(sweep, outcomes, first)
    results = run_study(sweep, out, jobs, progress=progress, allow_code=allow_code)
    return bottleneck_of(results, outcomes=outcomes, first=first)


def bottleneck_of(
    results: Results, *, outcomes: Sequence[str] | None = None, first: int | None = None
) -> Bottleneck:
    """Return what the runs of `bottleneck` show; arguments as there."""
    return Bottleneck(finding_of(results, outcomes=outcomes, first=first))
