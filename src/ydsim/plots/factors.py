"""The points of a sweep as tables: levels of its factors, and one outcome with its replicates.

A figure has few axes. Points are drawn where every factor that has no axis is at the level of the
base point, at which the sweep leaves its scenario as it is; where the sweep has no such point, at
that of its first point.

The outcome is that of one year, and a value the mean over replicates. A change from the base point
is taken pair by pair of equal replicates (`ydsim.measures.effects`).
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from ydsim.errors import NothingToDrawError
from ydsim.fmt import listed
from ydsim.measures.effects import NO_INTERVAL, Interval, effect, mean_of
from ydsim.plots.canvas import shown
from ydsim.plots.catalogue import factors_of
from ydsim.plots.values import Quantity, quantity
from ydsim.policies.environment import multiples_of
from ydsim.policies.library import shipped, title_of
from ydsim.results.results import PROVINCE_YEAR, Results
from ydsim.scenario.read.node import dotted
from ydsim.scenario.schema.key_index import shipped_keys
from ydsim.translation import gettext as _t
from ydsim.wording import key_in_words

USUAL = ("launches", "rd_expenditure")
"""Outcomes that are shown where none is named: the first of them that was recorded."""

DIFFERENCES = ("log", "index", "1", "share", "pct")
"""Units of which a change is a difference and no ratio."""


# -- levels of factors -----------------------------------------------------------------------------


def levels_of(results: Results) -> pd.DataFrame:
    """Return the factors that have more than one level: a row a point, a column each.

    Columns are categories: numbers and multiples from low to high, all else in the order of the
    points.
    """
    points, levels = results.contents.points, {}
    for name in factors_of(results):
        column = pd.Series(points.columns[name])
        if column.nunique() > 1:
            every = column.unique().tolist()
            if numbers := _numbers(every):
                every = [every[at] for at in np.argsort(numbers, kind="stable")]
            levels[name] = pd.Categorical(column, every)
    return pd.DataFrame(levels, index=pd.RangeIndex(len(points)))


def numbers_of(column: pd.Series[Any]) -> list[float]:
    """Return the levels of a factor as numbers, multiples as what they multiply; else nothing."""
    return _numbers(column.cat.categories.tolist())


def _numbers(levels: Sequence[Any]) -> list[float]:
    if all(isinstance(level, int | float) and not isinstance(level, bool) for level in levels):
        return [float(level) for level in levels]
    return multiples_of(levels)


def base_of(results: Results) -> tuple[int, bool]:
    """Return the base point, and whether it leaves the scenario as it is or is just the first."""
    points = results.contents.points
    for point in range(len(points)):
        if not points.row_of_run(point):
            return point, True
    return 0, False


def design_of(results: Results) -> str:
    """Return the kind of design of a sweep."""
    return str(results.manifest["spec"]["kind"])


# -- words -----------------------------------------------------------------------------------------


def meaning_of(factor: str) -> str:
    """Return what a factor is: title of a policy, or what the schema says first, or nothing.

    Only policies of ydsim are looked up: a figure imports no code of another package.
    """
    policy = factor.removeprefix("policies.")
    if policy != factor and policy in shipped():
        return _t(title_of(shipped()[policy]))
    found = (key.meaning for key in shipped_keys() if dotted(key.path) == factor)
    return next(found, "").partition(";")[0]


def words_of(factor: str, levels: Iterable[Any]) -> str:
    """Return a factor as the name of an axis, with the unit of levels that are multiples."""
    words = shown(key_in_words(factor))
    return _t("{factor} (odds ×)").format(factor=words) if multiples_of(levels) else words


def texts_of(levels: Iterable[Any]) -> list[str]:
    """Return levels in words: a switch as on or off, of several settings what differs."""
    plain = [_plain(level) for level in levels]
    settings = [level for level in plain if isinstance(level, dict) and level]
    if len(settings) > 1:
        first = dict(settings[0])
        for key in [key for key in first if all(one.get(key) == first[key] for one in settings)]:
            for one in settings:
                del one[key]
    return [_in_words(level) or _t("on") for level in plain]


def _plain(level: Any) -> Any:
    """Return numbers, switches and settings, which tables have as JSON, as plain data."""
    try:
        return json.loads(level) if isinstance(level, str) else level
    except (ValueError, RecursionError):
        return level


def _in_words(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key_in_words(str(key))} {_in_words(one)}" for key, one in value.items())
    if isinstance(value, list):
        return " ".join(map(_in_words, value))
    if isinstance(value, bool):
        return _t("on") if value else _t("off")
    return f"{value:g}".replace("-", "\u2212") if isinstance(value, float) else str(value)


# -- an outcome at the points ----------------------------------------------------------------------


@dataclass(frozen=True)
class Outcome:
    """One indicator at every point of a sweep.

    In words and with its unit as tables have it; of a province, empty for the whole region; of a
    year, None where points end in different ones. ``values`` has a row each point, a column each
    replicate, NaN where no run is finished; ``levels`` is as of `levels_of`. ``base`` is the number
    of the base point, and ``is_base`` whether it leaves the scenario as it is or is just the first.
    """

    results: Results
    what: Quantity
    unit: str
    place: str
    year: int | None
    values: pd.DataFrame
    levels: pd.DataFrame
    base: int
    is_base: bool

    @property
    def as_difference(self) -> bool:
        """Whether a change is a difference in the unit itself, points of a share."""
        base = self.mean(self.base).estimate
        return self.unit in DIFFERENCES or math.isnan(base) or base == 0.0

    def label(self, show: str) -> str:
        """Return the unit of an axis."""
        if show == "value":
            return self.what.unit
        unit = _t("per cent")
        if self.as_difference:
            unit = _t("percentage points") if self.unit in ("share", "pct") else self.what.unit
        return _t("change from the base point, {unit}").format(unit=unit)

    def mean(self, point: int) -> Interval:
        """Return the mean over replicates with its 95 % interval; NaN where there is none."""
        known = self.values.loc[point].dropna().to_numpy()
        return mean_of(known) if len(known) else NO_INTERVAL

    def change(self, point: int) -> Interval:
        """Return the change from the base point: in per cent, points, or the unit."""
        pairs = self.values.loc[[self.base, point]].dropna(axis="columns").to_numpy()
        if not pairs.size:
            return NO_INTERVAL
        if point == self.base:
            return Interval(0.0, np.nan, np.nan)
        found = effect(*pairs, amount=not self.as_difference)
        if self.as_difference:
            return found.difference.times(100.0 if self.unit == "share" else 1.0)
        return found.ratio.times(100.0)

    def title(self, text: str, factors: Iterable[str]) -> str:
        """Say what is drawn, by which factors, where and when."""
        return text.format(
            what=self.what.head,
            factors=listed(shown(key_in_words(name)) for name in factors),
            place=shown(_t(self.place), 30) or _t("whole region"),
            year=_t("last year of each run") if self.year is None else self.year,
        )

    def words(self, name: str) -> str:
        """Return a factor as the name of an axis."""
        return words_of(name, self.levels[name].cat.categories)

    def texts(self, name: str) -> list[str]:
        """Return the levels of a factor in words."""
        levels = self.levels[name].cat.categories.tolist()
        return texts_of(multiples_of(levels) or levels)

    def at(self, name: str, level: int | None = None) -> str:
        """Say which level a factor has, by default that of the base point."""
        level = self.levels[name].cat.codes[self.base] if level is None else level
        return f"{self.words(name)} {shown(self.texts(name)[level])}"

    def by_alternative(self) -> Outcome:
        """Return it with one factor, the alternatives of a list, named by what each changes."""
        scenarios = self.results.contents.points.columns["scenario"].tolist()
        codes = self.levels.apply(lambda column: column.cat.codes)
        names: list[str] = []
        for point, differs in (codes != codes.loc[self.base]).iterrows():
            factors = self.levels.columns[differs].tolist()
            changed = [self.at(name, codes[name][point]) for name in factors if name != "scenario"]
            scenario = [scenarios[point]] if "scenario" in factors or not changed else []
            name = ", ".join(scenario + changed)
            names.append(name if name not in names else f"{name} ({point})")
        return replace(self, levels=pd.DataFrame({"alternative": pd.Categorical(names, names)}))


def read_outcome(
    results: Results,
    indicator: str | None = None,
    region: str | None = None,
    year: int | None = None,
) -> Outcome:
    """Return an outcome at every point of a sweep.

    ``indicator``: by default the outcome of the rule for replicates, else the first of `USUAL`.
    ``region``: a province; by default the whole region. ``year``: by default the last one.
    NothingToDrawError when no run is finished, or the outcome or its yearly series were not
    recorded. UsageError when there is no such year.
    """
    levels = levels_of(results)
    if levels.empty:
        raise NothingToDrawError(_t("all points have the same factors"))
    if not results.done:
        raise NothingToDrawError(_t("no run of the sweep is finished"))
    whole = str(results.manifest["regions"][-1])
    name, place, ends = indicator or _usual(results), region or whole, _last_years(results)
    if year is None and place == whole:
        year = ends[0] if len(ends) == 1 else None
        values = results.runs.set_index(["point", "replicate"]).get(name)
    elif PROVINCE_YEAR in results.tables:
        year = ends[-1] if year is None else year
        cube = results.cube([name], places=[place], years=(year, year))
        values = cube[name].droplevel(["place", "year"])
    else:
        raise NothingToDrawError(
            _t("the yearly series were not kept; set {setting} in the sweep file").format(
                setting="record: {series: 1}"
            )
        )
    if values is None or not values.notna().any():
        raise NothingToDrawError(
            _t("{name} was not recorded for {place}").format(name=name, place=_t(place))
        )
    wide = values.astype(float).unstack("replicate").reindex(levels.index)
    unit = str(results.manifest["indicators"][name]["unit"])
    where = "" if place == whole else place
    return Outcome(
        results, quantity(results, name), unit, where, year, wide, levels, *base_of(results)
    )


def _usual(results: Results) -> str:
    rule, cards = results.manifest["replicates"], results.manifest["indicators"]
    if isinstance(rule, dict) and "outcome" in rule:
        return str(rule["outcome"])
    known = [name for name, card in cards.items() if "region" in card["levels"]]
    return next((name for name in USUAL if name in known), known[0])


def _last_years(results: Results) -> list[int]:
    """Return the last years that points have, in order."""
    points = results.contents.points
    moved = [at for at in range(len(points)) if "end" in points.row(at)]
    ends = {int(results.scenario_at(at)["end"]) for at in moved}
    return sorted(ends | ({int(points.base["end"])} if len(moved) < len(points) else set()))
