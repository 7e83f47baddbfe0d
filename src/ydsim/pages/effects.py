"""``ydsim.effects``: estimators of the literature on simulated panels, run, computed and shown."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ydsim.analysis.literature.finding import Finding
from ydsim.analysis.literature.study import REPLICATES, SCENARIO, design, finding_of
from ydsim.analysis.study import run_study
from ydsim.errors import NothingToDrawError
from ydsim.pages.effects_words import page, paragraph, text
from ydsim.pages.shown import Shown
from ydsim.results.results import Results
from ydsim.store.files import make_folder, refuse_irregular, refuse_link, write_atomic

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from ydsim.run.progress import Report
    from ydsim.scenario.read.override import Overrides


@dataclass(frozen=True, repr=False)
class Effects(Shown):
    """What estimators of the literature find.

    Attributes
    ----------
    found
        The numbers.
    """

    found: Finding

    @property
    def table(self) -> pd.DataFrame:
        """One row a target; see `ydsim.analysis.literature.finding.Finding.table`."""
        return self.found.table

    @property
    def made_by(self) -> str:
        """Scenario, points, replicates, seed, scale, hash and version, in one line."""
        return self.found.made_by

    @property
    def paragraph(self) -> str:
        """What was found, in words."""
        return paragraph(self.found)

    @property
    def text(self) -> str:
        """Paragraph and table as plain text."""
        return text(self.found)

    @property
    def page(self) -> str:
        """Paragraph, tables and what made them, in Markdown."""
        return page(self.found)

    def plot(self) -> Figure:
        """Draw nothing: rows have units of their own.

        Raises
        ------
        NothingToDrawError
            Always.
        """
        raise NothingToDrawError("effects have no figure: each has a unit of its own; see .table")

    def write(self, folder: Path, stem: str) -> list[Path]:
        """Write ``<stem>.csv`` and ``.md`` into a folder and return their paths.

        Raises
        ------
        ResultsError
            When a link or something else than a file is there under one of the names.
        ResourceError
            When the system refuses.
        """
        refuse_link(folder)
        make_folder(folder, parents=True)
        csv = self.table.to_csv(index=False, lineterminator="\n", float_format="%.10g")
        files = {folder / f"{stem}.csv": csv, folder / f"{stem}.md": self.page}
        for path in files:
            refuse_irregular(path)
        for path, content in files.items():
            write_atomic(path, content.encode("utf-8"))
        return list(files)


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
