r"""An outcome at the points of a sweep, whole or refused.

Replicates are averaged at each point. What is left of their noise in the means,

    share of noise = s^2 / R / var_p(mean_r y_pr)
    s^2 = sum_pr (y_pr - y_p. - y_.r + y_..)^2 / ((P - 1)(R - 1))     common draws, equal numbers
    s^2 = sum_pr (y_pr - y_p.)^2 / (N - P)                            otherwise

of P points with R replicates each, N runs: a dot is a mean. With common draws what a replicate
shares with itself at all points moves no comparison of points, and is no noise. R is the harmonic
mean where points differ in it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ydsim.errors import ResultsError, UsageError
from ydsim.results.results import SERIES, Results
from ydsim.store.layout import RUNS
from ydsim.store.manifest import RUN
from ydsim.store.receipts import how_to_go_on
from ydsim.typing import Columns, Floats
from ydsim.wording import counted, suggestion

_NAMED = 12
"""Runs that a refusal names."""

_KEYS = ("point", "replicate", "run")


@dataclass(frozen=True)
class Sample:
    """An outcome at every point of a sweep.

    Attributes
    ----------
    outcome, unit, meaning
        The indicator.
    when
        The time it is of, in words.
    kind, settings, factors
        Of the design, as plain data (see `ydsim.design.sweep.Factor.plain`).
    columns
        What each factor is at each point, by label, (P,) each.
    values
        (P, R) by point and replicate; NaN where a point has fewer replicates than others.
    paired
        Replicates of all points have the same draws.
    """

    outcome: str
    unit: str
    meaning: str
    when: str
    kind: str
    settings: Mapping[str, Any]
    factors: tuple[Mapping[str, Any], ...]
    columns: Columns
    values: Floats
    paired: bool

    @property
    def labels(self) -> list[str]:
        """Labels of the factors, in the order of the file."""
        return [str(factor["label"]) for factor in self.factors]

    @property
    def means(self) -> Floats:
        """(P,) mean over the replicates of each point."""
        there = ~np.isnan(self.values)
        total: Floats = np.where(there, self.values, 0.0).sum(axis=1) / there.sum(axis=1)
        return total

    @property
    def replicates(self) -> tuple[int, int]:
        """Fewest and most replicates of a point."""
        number = (~np.isnan(self.values)).sum(axis=1)
        return int(number.min()), int(number.max())

    @property
    def noise_variance(self) -> float:
        """Variance s^2 of a run about its point; NaN for one replicate."""
        points, most = self.values.shape
        there = ~np.isnan(self.values)
        if most < 2 or points < 2 or there.sum() <= points:
            return float("nan")
        rest = self.values - self.means[:, None]
        if self.paired and there.all():
            rest = rest - rest.mean(axis=0)
            return float((rest**2).sum() / ((points - 1) * (most - 1)))
        return float((rest[there] ** 2).sum() / (there.sum() - points))

    @property
    def noise_of_means(self) -> float:
        """Variance that noise leaves in the mean of a point; NaN for one replicate."""
        number = (~np.isnan(self.values)).sum(axis=1)
        return self.noise_variance * float((1.0 / number).mean())

    @property
    def noise_share(self) -> float:
        """Share of noise in the variance between points, at most 1; NaN for one replicate."""
        between = float(self.means.var(ddof=1)) if len(self.values) > 1 else 0.0
        return min(self.noise_of_means / between, 1.0) if between > 0.0 else float("nan")


def read_samples(
    results: Results, outcomes: Sequence[str], years: tuple[int, int] | None = None
) -> list[Sample]:
    """Return outcomes of a sweep at all of its points.

    Parameters
    ----------
    outcomes
        Indicators of the region.
    years
        First and last year of a mean over years; otherwise the last year of each run.

    Raises
    ------
    UsageError
        When it is no sweep, there is no such outcome, or years are not recorded.
    ResultsError
        When runs are missing or an outcome is not a number in some; they are named.
    """
    if results.contents.kind == RUN:
        raise UsageError(f"{results.path}: is a run of one scenario, and nothing varies in it")
    cards = results.manifest["indicators"]
    known = [name for name, card in cards.items() if "region" in card["levels"]]
    for name in outcomes:
        if name not in known:
            hint = suggestion(name, known, "indicators are")
            raise UsageError(f"--outcome {name}: no such indicator of the region{hint}")
    runs = results.raw(RUNS)
    _refuse_missing(results, runs)
    table = runs if years is None else _over_years(results, outcomes, years)
    end = int(results.contents.points.base["end"])
    when = f"in {end}" if years is None else f"mean of {years[0]}-{years[1]}"
    if years is None and "end" in results.contents.points.factors:
        when = "in the last year"
    spec = results.manifest["spec"]
    columns = results.contents.points.columns
    labels = [str(factor["label"]) for factor in spec["factors"]]
    return [
        Sample(
            name,
            str(cards[name]["unit"]),
            str(cards[name]["meaning"]),
            when,
            str(spec["kind"]),
            spec["settings"],
            tuple(spec["factors"]),
            {label: columns[label] for label in labels},
            _matrix(results, table, name),
            results.manifest["random"] == "common",
        )
        for name in outcomes
    ]


def _refuse_missing(results: Results, runs: Columns) -> None:
    there = set(runs["run"].tolist()) if runs else set()
    gone = [run for run in results.contents.plan.runs if run not in there]
    if not gone:
        return
    failed = len({failure["run"] for failure in results.failures})
    how = f", {failed} of them failed" if failed else ""
    raise ResultsError(
        f"{results.path}: {len(gone)} of {counted(len(results.contents.plan), 'run')} are missing"
        f"{how}, and an incomplete design has no indices: {_names(gone)}; to go on: "
        f"{how_to_go_on(results.path) if results.path else 'run it again'}"
    )


def _matrix(results: Results, table: Columns, outcome: str) -> Floats:
    """Return (P, R) of a column, refusing what is no number."""
    values = table[outcome].astype(np.float64)
    broken = ~np.isfinite(values)
    if broken.any():
        names = list(dict.fromkeys(table["run"][broken].tolist()))
        raise ResultsError(
            f"{results.path}: {outcome} is not a number in {counted(len(names), 'run')}: "
            f"{_names(names)}; take another --outcome or change the sweep"
        )
    points, replicates = table["point"].astype(np.int64), table["replicate"].astype(np.int64)
    _, column = np.unique(replicates, return_inverse=True)
    found = np.full((len(results.contents.points), int(column.max()) + 1), np.nan)
    found[points, column] = values
    return found


def _names(runs: Sequence[str]) -> str:
    more = len(runs) - _NAMED
    return ", ".join(runs[:_NAMED]) + (f" and {more} more" if more > 0 else "")


def _over_years(results: Results, outcomes: Sequence[str], years: tuple[int, int]) -> Columns:
    """Return the runs with means over years of what the region has, from the quarterly series."""
    kept = results.manifest["record"].get(SERIES, 1)
    if SERIES not in results.manifest["tables"] or kept != 1:
        raise UsageError(
            f"--years: {results.path} keeps no quarterly series; its sweep file must say "
            "`record: {series: 1}`"
        )
    first, last = years
    region = str(results.manifest["regions"][-1])
    yearly = results.cube(outcomes, places=[region], years=years)
    runs = results.raw(RUNS)
    count = last - first + 1
    if len(yearly) != count * len(runs["point"]):
        raise UsageError(f"--years {first}:{last}: not every run has all of these years")
    order = np.lexsort((runs["replicate"], runs["point"]))
    table: Columns = {key: runs[key][order] for key in _KEYS}
    for name in outcomes:
        table[name] = yearly[name].to_numpy().reshape(-1, count).mean(axis=1)
    return table
