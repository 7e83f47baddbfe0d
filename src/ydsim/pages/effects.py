"""``ydsim.effects``: estimators of the literature on simulated panels, run, computed and shown."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from ydsim.analysis.literature.finding import Finding
from ydsim.analysis.literature.study import REPLICATES, SCENARIO, design, finding_of
from ydsim.analysis.study import run_study
from ydsim.errors import NothingToDrawError
from ydsim.pages import effects_words
from ydsim.pages.shown import StudyShown
from ydsim.results.results import Results

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ydsim.run.progress import Report
    from ydsim.scenario.read.override import Overrides


class Effects(StudyShown[Finding]):
    """What estimators find; see `ydsim.analysis.literature.finding.Finding.table`."""

    words: ClassVar = effects_words
    has_figure: ClassVar = False

    @property
    def text(self) -> str:
        """Paragraph and table as plain text."""
        return effects_words.text(self.found)

    def plot(self) -> Figure:
        """Draw nothing: rows have units of their own.

        Raises
        ------
        NothingToDrawError
            Always.
        """
        raise NothingToDrawError("effects have no figure: each has a unit of its own; see .table")


def effects(
    name_or_path: str | Path = SCENARIO,
    overrides: Overrides | None = None,
    *,
    replicates: int = REPLICATES,
    seed: int | None = None,
    out: str | Path | None = None,
    jobs: int | None = None,
    allow_code: bool = False,
    progress: Report | None = None,
) -> Effects:
    """Run a scenario with shocks by lot and without, or go on with it, and estimate.

    Parameters
    ----------
    name_or_path, overrides, seed, allow_code
        As for `ydsim.load_scenario`; scale .02 and the end 2022 unless ``overrides`` say otherwise.
    replicates
        Of every run, of the same draws.
    out
        Results folder; by default ``results/<scenario>-effects``.
    jobs
        Processes; by default one a processor.
    progress
        As for `ydsim.sweep`.

    Returns
    -------
    Effects
        With ``table``, ``paragraph``, ``text`` and ``page``.

    Raises
    ------
    UsageError
        When the scenario has shocks of its own, or too few years.

    Other errors are those of `ydsim.sweep`.
    """
    sweep = design(name_or_path, overrides, replicates=replicates, seed=seed, allow_code=allow_code)
    return effects_of(run_study(sweep, out, jobs, progress=progress, allow_code=allow_code))


def effects_of(results: Results) -> Effects:
    """Return what runs of `effects` show."""
    return Effects(finding_of(results))
