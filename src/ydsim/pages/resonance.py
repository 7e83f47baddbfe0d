"""``ydsim.resonance``: what groups of actors do alone and together, run, computed and shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from ydsim.analysis.resonance import (
    REPLICATES,
    SCENARIO,
    Finding,
    design,
    finding_of,
)
from ydsim.analysis.study import run_study
from ydsim.analysis.sweep_values import require
from ydsim.pages import resonance_words
from ydsim.pages.shown import StudyShown
from ydsim.results.results import Results

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ydsim.run.progress import Report
    from ydsim.scenario.read.override import Overrides


class Resonance(StudyShown[Finding]):
    """What groups of actors do alone and together; see `ydsim.analysis.resonance.Finding.table`."""

    words: ClassVar = resonance_words

    def plot(self) -> Figure:
        """Return the figure: what groups add up to beside all together, and the groups' parts."""
        from ydsim.plots.resonance import draw_resonance_table

        return draw_resonance_table(self.table, self.made_by)


def resonance(
    name_or_path: str | Path = SCENARIO,
    overrides: Overrides | None = None,
    *,
    groups: Mapping[str, Sequence[str]] | None = None,
    outcomes: Sequence[str] | None = None,
    first: int | None = None,
    replicates: int = REPLICATES,
    half: bool = False,
    seed: int | None = None,
    out: str | Path | None = None,
    jobs: int | None = None,
    allow_code: bool = False,
    progress: Report | None = None,
) -> Resonance:
    """Run groups of policies on and off in all combinations, or go on with it, and compare.

    Parameters
    ----------
    name_or_path, overrides, seed, allow_code
        As for `ydsim.load_scenario`; the scale is .02 unless ``overrides`` say otherwise.
    groups
        Names of policies by group; by default the six groups of actors, as far as the scenario has
        their policies. A policy in no group is on in all cells.
    outcomes
        Indicators of the region; by default those of `ydsim.analysis.resonance.OUTCOMES`.
    first
        First year that counts; by default the year in which the first policy of a group starts.
    replicates
        Of every cell, of the same draws.
    half
        Run half of the cells, those with an even number of groups off. Interactions of three
        groups and more are then left out.
    out
        Results folder; by default ``results/<scenario>-resonance``.
    jobs
        Processes; by default one a processor.
    progress
        As for `ydsim.sweep`.

    Returns
    -------
    Resonance
        With ``table``, ``paragraph``, ``page`` and ``plot()``.

    Raises
    ------
    UsageError
        When groups, outcomes or years do not fit the scenario.

    Other errors are those of `ydsim.sweep`.
    """
    sweep = design(
        name_or_path,
        overrides,
        groups=groups,
        replicates=replicates,
        half=half,
        seed=seed,
        allow_code=allow_code,
    )
    require(sweep, outcomes, first)
    results = run_study(sweep, out, jobs, progress=progress, allow_code=allow_code)
    return resonance_of(results, outcomes=outcomes, first=first)


def resonance_of(
    results: Results, *, outcomes: Sequence[str] | None = None, first: int | None = None
) -> Resonance:
    """Return what the runs of a factorial of groups show; arguments as for `resonance`."""
    return Resonance(finding_of(results, outcomes=outcomes, first=first))
