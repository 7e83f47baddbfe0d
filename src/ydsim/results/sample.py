"""An outcome at every point of a sweep, whole or refused: no index is made of half a design."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ydsim import fmt
from ydsim.design.factors import share_of_range
from ydsim.errors import ResultsError, UsageError
from ydsim.measures import designs as measures
from ydsim.record.indicators import named_by_word
from ydsim.results.cube import REGION, By, place_in
from ydsim.results.results import Results
from ydsim.store.contents import how_to_go_on
from ydsim.translation import gettext as _t
from ydsim.typing import Columns, Floats
from ydsim.untrusted_input import one_line

_NAMED = 12
"""Runs that a refusal names."""

TOLERANCE = 1e-6
"""Share of its range by which a factor may lie beyond it: tables keep ten digits."""


@dataclass(frozen=True)
class Sample:
    """An outcome at every point of a sweep.

    The indicator with unit and meaning; of what place and time, in words; kind, settings and
    factors of the design, as plain data (see `ydsim.design.sweep.Factor.plain`); what each factor
    is at each point, by label, (P,) each; ``values`` (P, R) by point and replicate, NaN where a
    point has fewer replicates than others; ``paired``: these have the same draws at all points.
    """

    outcome: str
    unit: str
    meaning: str
    place: str
    when: str
    kind: str
    settings: Mapping[str, Any]
    factors: tuple[Mapping[str, Any], ...]
    columns: Columns
    values: Floats
    paired: bool
    whole: bool = True  # whether the place is the whole region

    @property
    def where(self) -> str:
        """The place in the middle of a sentence."""
        return _t("the whole region") if self.whole else _t(self.place)

    @property
    def means(self) -> Floats:
        """(P,) mean over the replicates of each point."""
        return measures.means_of(self.values)

    @property
    def replicates(self) -> tuple[int, int]:
        """Fewest and most replicates of a point."""
        number = (~np.isnan(self.values)).sum(axis=1)
        return int(number.min()), int(number.max())

    @property
    def noise_share(self) -> float:
        """Share of noise in the variance between points; NaN for one replicate."""
        return measures.noise_share(self.values, paired=self.paired)

    def require_variation(self) -> None:
        """Refuse an outcome that is the same at all points."""
        if float(np.ptp(self.means)) == 0.0:
            message = _t("{outcome} is the same at all points: nothing to explain")
            raise ResultsError(message.format(outcome=self.outcome))


def read_samples(
    results: Results,
    outcomes: Sequence[str],
    years: tuple[int, int] | None = None,
    place: str = REGION,
) -> dict[str, Sample]:
    """Return outcomes of a sweep at all of its points, by name.

    ``outcomes``: indicators of the place. ``years``: first and last year of a mean over years;
    otherwise the last year of each run. ``place``: a province or a city instead of the region.
    UsageError when there is no such outcome or place, or years are not recorded. ResultsError when
    runs are missing or an outcome is not a number in some; they are named.
    """
    cards, spec = results.manifest["indicators"], results.manifest["spec"]
    by, where = place_in(results, place)
    whole = where == results.manifest["regions"][-1]
    level = "region" if whole else by
    known = [name for name, card in cards.items() if level in card["levels"]]
    for name in outcomes:
        if name not in known:
            hint = named_by_word(name, known, _t("indicators are"))
            message = _t("--outcome {name}: no such indicator of {place}{hint}")
            place = _t("the region") if whole else _t(where)
            raise UsageError(message.format(name=name, place=place, hint=hint))
    runs = results.runs
    there = set(runs["run"]) if len(runs) else set()
    failed = len({failure["run"] for failure in results.failures})
    missing = [run for run in results.contents.plan.runs if run not in there]
    text = _t(
        "{path}: {n} of {runs} are missing, {failed} of them failed, and an incomplete design has "
        "no indices: {names}; to go on: {command}"
    )
    command = how_to_go_on(results.path) if results.path else _t("run it again")
    _refuse(results, missing, text, failed=failed, command=command)
    _require_design(results)
    values = runs = runs.set_index(["point", "replicate"])
    points = results.contents.points
    when = _t("in {year}").format(year=int(points.base["end"]))
    if "end" in points.factors:
        when = _t("in the last year")
    if years is not None:
        values = _over_years(results, list(dict.fromkeys(outcomes)), years, len(runs), (by, where))
        when = _t("mean of {first}-{last}").format(first=years[0], last=years[1])
    elif not whole:
        values = results.cube(outcomes, by, places=[where], reduce="last").droplevel("place")
    samples = {}
    for name in dict.fromkeys(outcomes):
        number = values[name].astype(float)
        broken = runs["run"].loc[number.index[~np.isfinite(number)]].unique().tolist()
        text = _t(
            "{path}: {n} of {runs} have {outcome} that is not a number: {names}; take another "
            "--outcome or change the sweep"
        )
        _refuse(results, broken, text, outcome=name)
        samples[name] = Sample(
            outcome=name,
            unit=str(cards[name]["unit"]),
            meaning=str(cards[name]["meaning"]),
            place=where,
            when=when,
            kind=str(spec["kind"]),
            settings=spec["settings"],
            factors=tuple(spec["factors"]),
            columns={str(one["label"]): points.columns[one["label"]] for one in spec["factors"]},
            values=number.unstack("replicate").reindex(range(len(points))).to_numpy(),
            paired=results.manifest["random"] == "common",
            whole=whole,
        )
    return samples


def _over_years(
    results: Results, names: Sequence[str], years: tuple[int, int], runs: int, at: tuple[By, str]
) -> pd.DataFrame:
    """Return means over years of a place, by point and replicate; NaN where one is NaN."""
    by, place = at
    cube = results.cube(names, by, places=[place], years=years).droplevel("place")
    if len(cube) != runs * (years[1] - years[0] + 1):
        message = _t("--years {first}:{last}: not every run has all of these years")
        raise UsageError(message.format(first=years[0], last=years[1]))
    return cube.groupby(["point", "replicate"]).mean(skipna=False)


def _require_design(results: Results) -> None:
    """Refuse points that are not those of the design: a folder may come from anybody."""
    spec, columns = results.manifest["spec"], results.contents.points.columns
    factors, settings, where = spec["factors"], spec["settings"], results.path or results.name
    d, points = len(factors), len(columns["point"])
    each = [len(factor.get("levels", ())) for factor in factors]
    size = points
    if spec["kind"] == "morris":
        size = settings["trajectories"] * (d + 1)
    elif spec["kind"] == "saltelli":
        size = settings["n"] * ((2 if settings["second_order"] else 1) * d + 2)
    elif spec["kind"] == "one_at_a_time":
        size = 1 + sum(each) - d if all(each) else 0
    if size != points or not d:
        message = _t("{where}: manifest.json: spec: is of {size} points, and there are {points}")
        raise ResultsError(message.format(where=where, size=size, points=points))
    for factor in factors:
        label = factor["label"]
        shares = np.full(1, np.nan)
        with np.errstate(all="ignore"), suppress(LookupError, ValueError):
            shares = share_of_range(factor, columns[label])
        if not ((shares > -TOLERANCE) & (shares < 1.0 + TOLERANCE)).all():
            message = _t(
                "{where}: design: column {name!r}: is not always a value of that factor in "
                "manifest.json"
            )
            raise ResultsError(message.format(where=where, name=one_line(label, 60)))


def _refuse(results: Results, runs: Sequence[str], message: str, **facts: object) -> None:
    """Refuse runs without an outcome, with the names of some."""
    if runs:
        names = ", ".join(runs[:_NAMED]) + ", ..." * (len(runs) > _NAMED)
        every = fmt.counted(len(results.contents.plan), "run")
        facts |= {"path": results.path, "n": len(runs), "runs": every, "names": names}
        raise ResultsError(message.format(**facts))
