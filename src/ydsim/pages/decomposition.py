"""``ydsim.decompose``: what each channel of a policy does, run, computed and shown."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from ydsim import arguments
from ydsim.analysis.decomposition import REPLICATES, Finding, design, finding_of, require
from ydsim.analysis.study import run_study
from ydsim.pages import decomposition_words
from ydsim.pages.comparison import parse_years
from ydsim.pages.shown import StudyShown
from ydsim.results.results import Results

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ydsim.run.progress import Report
    from ydsim.scenario.read.override import Overrides


class Decomposition(StudyShown[Finding]):
    """What the channels of a policy do; see `ydsim.analysis.decomposition.Finding.table`."""

    words: ClassVar = decomposition_words

    @property
    def text(self) -> str:
        """Paragraph and table as plain text."""
        return decomposition_words.text(self.found)

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
        One of the scenario that has `channels`; those that it names are run one by one.
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
