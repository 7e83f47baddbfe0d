"""``ydsim.sensitivity``: what moves an outcome of a sweep, computed and shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ydsim import arguments
from ydsim.analysis.sensitivity.drivers import as_columns
from ydsim.analysis.sensitivity.finding import Finding
from ydsim.analysis.sensitivity.methods import analyse
from ydsim.analysis.sensitivity.words import as_markdown, headline, tied_lines, top_lines
from ydsim.pages.shown import Shown
from ydsim.plots.sensitivity import draw_finding
from ydsim.results.made_by import made_by
from ydsim.results.opening import open_results
from ydsim.results.results import Results
from ydsim.studies.study import parse_years

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure


@dataclass(frozen=True, repr=False)
class Sensitivity(Shown):
    """What moves an outcome.

    Attributes
    ----------
    found
        Drivers and tables of the method.
    results
        Of the sweep.
    """

    found: Finding
    results: Results

    @property
    def table(self) -> pd.DataFrame:
        """One row a factor, the largest first.

        Columns as in ``drivers.csv`` of ``ydsim sensitivity``.
        """
        import pandas as pd

        found = self.found
        return pd.DataFrame(as_columns(found.sample.outcome, found.drivers, found.measure))

    @property
    def made_by(self) -> str:
        """Sweep, points, replicates, seed, scale, hash and version, in one line."""
        return made_by(self.results, len(self.results.replicates))

    @property
    def paragraph(self) -> str:
        """What was found, in words."""
        found = self.found
        return "\n".join([f"{headline(found)}.", *top_lines(found), *tied_lines(found)])

    @property
    def page(self) -> str:
        """What was found, tables and what made them, in Markdown."""
        return as_markdown([self.found], self.results)

    def plot(self) -> Figure:
        """Return the figure of the method."""
        return draw_finding(self.found, self.results)


def sensitivity(
    results: Results | str | Path,
    outcome: str = "launches",
    *,
    method: str | None = None,
    years: tuple[int, int] | str | None = None,
    top: float = 0.25,
    where: Sequence[str] = (),
) -> Sensitivity:
    """Return what moves an outcome of a sweep, by the method of its design.

    Parameters
    ----------
    results
        Of a complete sweep (`ydsim.sweep`), or their folder.
    outcome
        Indicator of the region.
    method
        morris, sobol, tornado or discovery; by default that of the design.
    years
        First and last year of a mean over years; by default the last year.
    top
        Share of points of interest for scenario discovery.
    where
        Comparisons that say instead which points are of interest, as in ``launches > 100``.

    Returns
    -------
    Sensitivity
        With ``table``, ``paragraph``, ``page`` and ``plot()``.

    Raises
    ------
    UsageError
        When method and design do not go together, or an argument is wrong.
    ResultsError
        When runs are missing, or nothing can be explained.
    """
    opened = results if isinstance(results, Results) else open_results(results)
    (found,) = analyse(
        opened,
        [arguments.text("outcome", outcome, "the name of an indicator")],
        method=method,
        years=parse_years(years),
        top=arguments.number("top", top),
        where=arguments.texts("where", where),
    )
    return Sensitivity(found, opened)
