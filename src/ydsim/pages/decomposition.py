"""``ydsim.decompose``: what each channel of a policy does, run, computed and shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ydsim import arguments
from ydsim.analysis.decomposition import REPLICATES, Finding, design, finding_of, require
from ydsim.analysis.study import run_study
from ydsim.pages.comparison import parse_years
from ydsim.pages.decomposition_words import page, paragraph, text
from ydsim.pages.shown import Shown
from ydsim.results.results import Results

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from ydsim.run.progress import Report
    from ydsim.scenario.read.override import Overrides


@dataclass(frozen=True, repr=False)
class Decomposition(Shown):
    """What the channels of a policy do.

    Attributes
    ----------
    found
        The numbers.
    """

    found: Finding

    @property
    def table(self) -> pd.DataFrame:
        """One row a part of an outcome; see `ydsim.analysis.decomposition.Finding.table`."""
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
        """Paragraph, table and what made them, in Markdown."""
        return page(self.found)

    def plot(self) -> Figure:
        """Return the figure: a panel an outcome, a bar a part."""
        from ydsim.plots.decomposition import draw_finding

        return draw_finding(self.found)


def decompose(
    name_or_path: str | Path,
    policy: str,
    overrides: Overrides | None = None,
    *,
    outcomes: Sequence[str] | None = None,
    years: tuple[int, int] | str | None = None,
    place: str = "region",
    replicates: int = REPLICATES,
    seed: int | None = None,
    out: str | Path | None = None,
    jobs: int | None = None,
    allow_code: bool = False,
    progress: Report | None = None,
) -> Decomposition:
    """Run each channel of a policy alone and all together, or go on with it, and tell them apart.

    Parameters
    ----------
    name_or_path, overrides, seed, allow_code
        As for `ydsim.load_scenario`.
    policy
        One of the scenario that has `channels`; those that it names are told apart.
    outcomes
        Names of indicators; by default those of `ydsim.compare` by province.
    years
        First and last, as for `ydsim.compare`.
    place
        ``"region"``, or a province.
    replicates
        Of every run, of the same draws.
    out
        Results folder; by default ``results/<scenario>-decompose-<policy>``.
    jobs
        Processes; by default one a processor.
    progress
        As for `ydsim.sweep`.

    Returns
    -------
    Decomposition
        With ``table``, ``paragraph``, ``text``, ``page`` and ``plot()``.

    Raises
    ------
    UsageError
        When the scenario has no such policy, the policy acts in fewer than two channels, or an
        outcome, year or place is not there.

    Other errors are those of `ydsim.sweep`.
    """
    wanted = None if outcomes is None else arguments.texts("outcomes", outcomes)
    window = parse_years(years)
    place = arguments.text("place", place, "the name of a province, or 'region'")
    sweep = design(
        name_or_path, policy, overrides, replicates=replicates, seed=seed, allow_code=allow_code
    )
    require(sweep, wanted, window, place)
    results = run_study(sweep, out, jobs, progress=progress, allow_code=allow_code)
    return decomposition_of(results, outcomes=wanted, years=window, place=place)


def decomposition_of(
    results: Results,
    *,
    outcomes: Sequence[str] | None = None,
    years: tuple[int, int] | None = None,
    place: str = "region",
) -> Decomposition:
    """Return what runs of `decompose` show; arguments as for it."""
    return Decomposition(finding_of(results, outcomes=outcomes, years=years, place=place))
