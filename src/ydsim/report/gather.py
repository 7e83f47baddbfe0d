"""What the page is about: settings with their results, the comparison, analyses beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ydsim.errors import ResultsError, UsageError
from ydsim.outside import one_line
from ydsim.results.compare import Alternative, Compared
from ydsim.results.results import Results
from ydsim.store.manifest import SWEEP
from ydsim.studies import bottleneck as chain
from ydsim.studies import comparison
from ydsim.studies import interactions as together
from ydsim.studies.alternatives import (
    MOST,
    alternative_of,
    points_named,
    results_named,
    with_distinct_names,
)
from ydsim.studies.bottleneck import Bottleneck
from ydsim.studies.interactions import Interactions
from ydsim.studies.money import Money, money_of
from ydsim.studies.study import Study

LIST = "list"
"""Design of a sweep whose points are settings, as a comparison makes it."""


@dataclass(frozen=True)
class Gathered:
    """What the page is about.

    Attributes
    ----------
    sides
        Settings with their results, the base first.
    found
        The comparison of the others with the base; None of one setting.
    money
        Public money of them; None of one setting.
    bottleneck, interactions
        Analyses that were given beside them.
    opened
        All results, in the order in which they were given.
    """

    sides: tuple[Alternative, ...]
    found: Compared | None
    money: Money | None
    bottleneck: Bottleneck | None
    interactions: Interactions | None
    opened: tuple[Results, ...]

    @property
    def base(self) -> Alternative:
        """The setting that others are held against, or the only one."""
        return self.sides[0]

    @property
    def subject(self) -> Alternative:
        """The setting that the page is about: the one beside the base, where there is one."""
        return self.sides[1] if len(self.sides) == 2 else self.base

    @property
    def replicates(self) -> int:
        """Fewest replicates behind a number of the page."""
        if self.found is not None:
            return self.found.replicates
        return len(results_of(self.base).replicates)


def results_of(side: Alternative) -> Results:
    """Return the results of a setting that is not to be run any more."""
    return side.run


def gather(names: Sequence[str]) -> Gathered:
    """Return what folders hold.

    Parameters
    ----------
    names
        Folders of runs, of a comparison or of points of a sweep, the base first; folders of
        ``ydsim study bottleneck`` and ``ydsim study interactions`` at any place.

    Raises
    ------
    UsageError
        When there is no setting among them, or a sweep of which no point is named; when settings
        cannot be compared.
    ResultsError
        When a folder is damaged, or no run of a setting is finished.
    """
    opened: dict[Path, Results] = {}
    sides: list[Alternative] = []
    studies: dict[type[Study], Study] = {}
    for name in names:
        results, which = results_named(name, opened)
        study = None if which else _study(results)
        if study is not None:
            if type(study) in studies:
                raise UsageError(
                    f"{name}: the page has room for one {type(study).__name__.lower()}"
                )
            studies[type(study)] = study
            continue
        _require_settings(results, which, name)
        sides += [alternative_of(results, at, name) for at in points_named(results, which, name)]
    if not sides:
        raise UsageError(
            "a page needs the results of a scenario: name a folder of ydsim run before that of an "
            "analysis"
        )
    if len(sides) > MOST:
        raise UsageError(f"{len(sides)} settings are more than {MOST}: name points, as folder:3")
    for side in sides:
        _require_finished(side)
    sides = with_distinct_names(sides)
    found = None
    if len(sides) > 1:
        found = comparison.read(sides)
    bottleneck, interactions = studies.get(Bottleneck), studies.get(Interactions)
    assert bottleneck is None or isinstance(bottleneck, Bottleneck)
    assert interactions is None or isinstance(interactions, Interactions)
    money = None if found is None else money_of(found)
    return Gathered(tuple(sides), found, money, bottleneck, interactions, tuple(opened.values()))


def _study(results: Results) -> Study | None:
    """Return the study that results were made for; None where they are no such runs."""
    if results.manifest["kind"] != SWEEP:
        return None
    if chain.suits(results):
        return chain.read(results)
    return together.read(results) if together.suits(results) else None


def _require_settings(results: Results, which: str, name: str) -> None:
    """Refuse a sweep of which the page cannot say what its points are."""
    kind = results.manifest["spec"].get("kind") if results.manifest["kind"] == SWEEP else LIST
    if which or kind == LIST or len(results.contents.points) == 1:
        return
    shown = one_line(name, 80)
    raise UsageError(
        f"{shown}: is a sweep of {len(results.contents.points):,} points, and a page is about "
        f"scenarios: name points of it, as in {shown}:0 {shown}:1, or draw it whole with "
        f"`ydsim plot {shown}`"
    )


def _require_finished(side: Alternative) -> None:
    results = results_of(side)
    if not results.done:
        raise ResultsError(f"{side.asked}: no run is finished yet")
