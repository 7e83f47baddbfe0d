"""The points of a sweep: factors and their levels, and an outcome at each point.

A figure has few axes. Points are shown where every factor that has no axis is held at one level:
that of the base point, at which the sweep leaves its scenario as it is; where the sweep has no such
point, that of its first point.

The outcome is that of one year, and a value the mean over replicates. A change from the base point
is taken pair by pair of equal replicates (`ydsim.measures.effects`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from ydsim.errors import NothingToDrawError
from ydsim.fmt import listed, number
from ydsim.measures.effects import NO_INTERVAL, Interval, effect, mean_of
from ydsim.plots.catalogue import factors_of
from ydsim.plots.style import shown
from ydsim.plots.values import Quantity, key_in_words, quantity
from ydsim.results.results import PROVINCE_YEAR, Results
from ydsim.scenario.read.node import dotted
from ydsim.scenario.schema.key_index import scenario_keys
from ydsim.translation import gettext as _t

if TYPE_CHECKING:
    import pandas as pd

DENSE = 0.25
"""Share of the combinations of levels that there must be for points to lie on a grid."""

USUAL = ("launches", "rd_expenditure")
"""Outcomes that are shown where none is named: the first of them that was recorded."""

DIFFERENCES = ("log", "index", "1", "share", "pct")
"""Units of which a change is a difference and no ratio."""

_OF_THE_RUN = ("record", "replicates")
"""Keys of a scenario that say nothing of what is simulated."""

_YEARS = ("start", "end", "year")
"""Last parts of keys whose numbers are years, which have no separator of thousands."""


@dataclass(frozen=True)
class Factor:
    """A factor of a sweep.

    Attributes
    ----------
    name
        Its column in the table of points.
    levels
        Its values: numbers from low to high, all else in the order of the points.
    numeric
        Whether the levels are numbers.
    """

    name: str
    levels: tuple[Any, ...]
    numeric: bool

    @property
    def words(self) -> str:
        """Its name without the group of its key, and with spaces; foreign."""
        return key_in_words(self.name)

    @property
    def meaning(self) -> str:
        """What the schema of scenarios says of it first; empty where it says nothing."""
        found = (key.meaning for key in scenario_keys() if dotted(key.path) == self.name)
        return next(found, "").partition(";")[0]

    @property
    def texts(self) -> list[str]:
        """The levels in words, all different."""
        if not self.numeric:
            return [level_in_words(level) for level in self.levels]
        if self.name.rpartition(".")[2] in _YEARS:
            return [f"{level:g}" for level in self.levels]
        return distinct([float(level) for level in self.levels])

    @property
    def logarithmic(self) -> bool:
        """Whether its numbers have about equal ratios and span more than one power of ten."""
        if not self.numeric or len(self.levels) < 3 or float(self.levels[0]) <= 0.0:
            return False
        steps = np.diff(np.log(np.array(self.levels, dtype=np.float64)))
        spread = float(self.levels[-1]) / float(self.levels[0])
        return spread > 10.0 and bool(steps.max() < 3.0 * steps.min())


@dataclass(frozen=True)
class Design:
    """The factors of a sweep that have more than one level, and its base point.

    Attributes
    ----------
    factors
        By name, in their order.
    codes
        Number of the level of each factor (columns) at each point (index).
    base
        Number of the base point.
    is_base
        Whether that point leaves the scenario as it is; otherwise it is just the first one.
    """

    factors: dict[str, Factor]
    codes: pd.DataFrame
    base: int
    is_base: bool

    def held(self, free: Sequence[str]) -> list[str]:
        """Return the factors that are not ``free``: they are held at the level of the base."""
        return [name for name in self.factors if name not in free]

    def slice(self, free: Sequence[str]) -> pd.DataFrame:
        """Return the levels of ``free`` at the points where all others are held.

        Of two points with the same levels the first one counts.
        """
        held = self.held(free)
        same = (self.codes[held] == self.codes.loc[self.base, held]).all(axis=1)
        return self.codes.loc[same, list(free)].drop_duplicates()

    def share(self, free: Sequence[str]) -> float:
        """Return which share of the combinations of levels of ``free`` there is."""
        return len(self.slice(free)) / prod(len(self.factors[name].levels) for name in free)

    def words(self, names: Sequence[str]) -> str:
        """Return some factors in words."""
        return listed(shown(self.factors[name].words) for name in names)

    def at(self, name: str, level: int) -> str:
        """Say which factor has which level."""
        factor = self.factors[name]
        return f"{shown(factor.words)} {shown(factor.texts[level])}"

    def where(self, names: Sequence[str]) -> str:
        """Say at which levels of some factors the base point is."""
        levels = self.codes.loc[[self.base], list(names)].to_numpy()[0].tolist()
        return listed(map(self.at, names, levels))


def design_of(results: Results) -> Design:
    """Return the factors of a sweep that have more than one level."""
    import pandas as pd

    points = results.contents.points
    factors, codes = {}, {}
    for name in factors_of(results):
        column = points.columns[name]
        numeric = column.dtype.kind in "iuf"
        at, levels = pd.factorize(column, sort=numeric, use_na_sentinel=False)
        if len(levels) > 1:
            factors[name] = Factor(name, tuple(levels.tolist()), numeric)
            codes[name] = at
    every = range(len(points))
    unchanged = next((at for at in every if _is_base(points.changes(at))), None)
    table = pd.DataFrame(codes, index=pd.RangeIndex(len(points), name="point"))
    return Design(factors, table, unchanged or 0, unchanged is not None)


def _is_base(changes: Mapping[str, Sequence[Sequence[Any]]]) -> bool:
    """Tell whether a point changes nothing of the scenario but what is recorded, and how often."""
    return not changes["drop"] and all(path[0] in _OF_THE_RUN for path in changes["set"])


# -- words -----------------------------------------------------------------------------------------


def level_in_words(level: Any) -> str:
    """Return a level as a figure names it: a switch as on or off, settings without their signs."""
    if isinstance(level, bool):
        return _t("on") if level else _t("off")
    text = str(level)
    if text[:1] in ("{", "["):
        try:
            return _settings(json.loads(text)) or _t("on")
        except (ValueError, RecursionError):
            return text
    return text


def _settings(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key_in_words(str(key))} {_settings(one)}" for key, one in value.items())
    if isinstance(value, list):
        return " ".join(_settings(one) for one in value)
    return level_in_words(value) if isinstance(value, bool) else str(value)


def distinct(values: Sequence[float]) -> list[str]:
    """Return numbers with so few digits that all are still told apart, four at least."""
    for digits in range(4, 11):
        texts = [number(value, digits) for value in values]
        if len(set(texts)) == len(set(values)):
            break
    return texts


# -- which figure suits a sweep --------------------------------------------------------------------


def suits_map(results: Results) -> bool:
    """Tell whether two factors with three numbers each make a grid."""
    design = design_of(results)
    wide = [name for name, f in design.factors.items() if f.numeric and len(f.levels) > 2]
    return len(wide) >= 2 and design.share(wide[:2]) > 0.5


def suits_lines(results: Results) -> bool:
    """Tell whether a factor has numbers, no two of them make a map, and others vary with it."""
    design = design_of(results)
    numeric = [name for name, factor in design.factors.items() if factor.numeric]
    on_line = any(len(design.slice([name])) > 1 for name in numeric)
    return on_line and not _one_by_one(results, design) and not suits_map(results)


def suits_dots(results: Results) -> bool:
    """Tell whether there are factors, none has numbers, and they vary together."""
    design = design_of(results)
    numeric = any(factor.numeric for factor in design.factors.values())
    return bool(design.factors) and not numeric and not _one_by_one(results, design)


def _one_by_one(results: Results, design: Design) -> bool:
    """Tell whether several factors were each moved alone: one axis would show one of them only."""
    return results.manifest["spec"]["kind"] == "one_at_a_time" and len(design.factors) > 1


# -- which factor goes on which axis ---------------------------------------------------------------


def pick(design: Design, given: str | None, used: Sequence[str], *, numeric: bool = False) -> str:
    """Return the factor of an axis: the one that is asked for, else the one with most levels.

    Raises
    ------
    NothingToDrawError
        When none is left, or the one that is asked for is on another axis already.
    """
    left = {name: one for name, one in design.factors.items() if one.numeric or not numeric}
    if given is None:
        rest = {name: one for name, one in left.items() if name not in used}
        if rest:
            return max(rest, key=lambda name: len(rest[name].levels))
        if numeric:
            raise NothingToDrawError(
                _t("no factor has numbers for levels; dot_plot shows such a sweep")
            )
        raise NothingToDrawError(
            _t(
                "a heat map needs two factors, and the sweep varies only {factor}; sweep_lines "
                "or dot_plot shows it"
            ).format(factor=next(iter(design.factors)))
        )
    if given in used:
        raise NothingToDrawError(_t("{factor} cannot be on two axes").format(factor=given))
    if given not in design.factors:
        raise NothingToDrawError(_t("{factor} is the same at every point").format(factor=given))
    if given not in left:
        raise NothingToDrawError(
            _t("{factor} has no numbers for levels; dot_plot shows it").format(factor=given)
        )
    return given


def spare(design: Design, given: str | None, used: Sequence[str], most: int) -> str | None:
    """Return a further factor, asked for or of no more than ``most`` levels; None for none."""
    if given is not None:
        return pick(design, given, used)
    few = [name for name, one in design.factors.items() if len(one.levels) <= most]
    return next((name for name in few if name not in used), None)


# -- an outcome at the points of a sweep -----------------------------------------------------------


@dataclass(frozen=True)
class Outcome:
    """One indicator at every point of a sweep.

    Attributes
    ----------
    results
        The sweep.
    what
        The indicator in words.
    unit
        As tables have it.
    place
        A province; empty for the whole region.
    year
        None where points end in different years: each has its last.
    values
        A row each point, a column each replicate; NaN where no run is finished.
    design
        Factors and base point.
    """

    results: Results
    what: Quantity
    unit: str
    place: str
    year: int | None
    values: pd.DataFrame
    design: Design

    @property
    def as_difference(self) -> bool:
        """Whether a change is a difference in the unit itself, points of a share."""
        base = self.mean(self.design.base).estimate
        return self.unit in DIFFERENCES or np.isnan(base) or base == 0.0

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
        values = self.values.to_numpy()[point]
        known = values[np.isfinite(values)]
        return mean_of(known) if len(known) else NO_INTERVAL

    def change(self, point: int) -> Interval:
        """Return the change from the base point: in per cent, points, or the unit."""
        base, here = self.values.to_numpy()[[self.design.base, point]]
        pairs = np.isfinite(base) & np.isfinite(here)
        if not pairs.any():
            return NO_INTERVAL
        if point == self.design.base:
            return Interval(0.0, np.nan, np.nan)
        found = effect(base[pairs], here[pairs])
        if self.as_difference:
            return found.difference.times(100.0 if self.unit == "share" else 1.0)
        return found.ratio.times(100.0)

    def title(self, by: str) -> str:
        """Say what is drawn, where and when."""
        place = shown(self.place, 30) or _t("whole region")
        year = _t("last year of each run") if self.year is None else self.year
        return _t("{what} {by}: {place}, {year}").format(
            what=self.what.head, by=by, place=place, year=year
        )


def read_outcome(
    results: Results,
    indicator: str | None = None,
    region: str | None = None,
    year: int | None = None,
) -> Outcome:
    """Return an outcome at every point of a sweep.

    Parameters
    ----------
    indicator
        By default the outcome of the rule for replicates, else the first of `USUAL`.
    region
        A province; by default the whole region.
    year
        By default the last one.

    Raises
    ------
    NothingToDrawError
        When no run is finished, or the outcome or its yearly series were not recorded.
    UsageError
        When there is no such year.
    """
    design = design_of(results)
    if not design.factors:
        raise NothingToDrawError(_t("all points have the same factors"))
    if not results.done:
        raise NothingToDrawError(_t("no run of the sweep is finished"))
    whole = str(results.manifest["regions"][-1])
    name, place, ends = indicator or _usual(results), region or whole, _last_years(results)
    if year is None and place == whole:
        year = ends[0] if len(ends) == 1 else None
        table = results.runs.set_index(["point", "replicate"])
        values = table[name] if name in table else table["seed"] * np.nan
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
    if not values.notna().any():
        raise NothingToDrawError(
            _t("{name} was not recorded for {place}").format(name=name, place=place)
        )
    wide = values.astype(float).unstack("replicate").reindex(design.codes.index)
    unit = str(results.manifest["indicators"][name]["unit"])
    where = "" if place == whole else place
    return Outcome(results, quantity(results, name), unit, where, year, wide, design)


def _usual(results: Results) -> str:
    rule, cards = results.manifest["replicates"], results.manifest["indicators"]
    if isinstance(rule, dict) and "outcome" in rule:
        return str(rule["outcome"])
    known = [name for name, card in cards.items() if "region" in card["levels"]]
    return next((name for name in USUAL if name in known), known[0])


def _last_years(results: Results) -> list[int]:
    """Return the last years that points have, in order."""
    points = results.contents.points
    moved = [at for at, text in enumerate(points.columns["changes"]) if '"end"' in text]
    ends = {int(results.scenario_at(at)["end"]) for at in moved}
    return sorted(ends | ({int(points.base["end"])} if len(moved) < len(points) else set()))


def drawn_points(
    outcome: Outcome, free: Mapping[str, str], show: str = "value", least: int = 2
) -> pd.DataFrame:
    """Return the points of a figure.

    Parameters
    ----------
    free
        Names of the factors that are not held, by what shows them, as in ``{"x": name}``.
    show
        ``"value"``, or ``"change"`` from the base point.
    least
        Fewest points.

    Returns
    -------
    DataFrame
        A row each point: the number of its level on what ``free`` names; ``value``, ``low`` and
        ``high`` of the mean or change, with its 95 % interval; ``least`` and ``most`` of the
        replicates; ``tested``: the paired change from the base point has an interval, and
        ``differs``: it excludes zero; ``base``: it is the base point; ``filled``: its mark is, as
        those of all are where none is tested.

    Raises
    ------
    NothingToDrawError
        When too few points share the levels of all other factors, or they fill less than `DENSE`
        of the combinations; when none of them has a value.
    """
    design, names = outcome.design, list(free.values())
    rows = design.slice(names).set_axis(list(free), axis=1)
    size = prod(len(design.factors[name].levels) for name in names)
    if len(rows) < max(least, DENSE * size):
        raise NothingToDrawError(
            _t(
                "the points lie on no grid of {factors}: only {n} of {all} combinations exist "
                "where all other factors are held"
            ).format(factors=design.words(names), n=len(rows), all=size)
        )
    changes = [outcome.change(point) for point in rows.index]
    values = [outcome.mean(point) for point in rows.index] if show == "value" else changes
    rows = rows.assign(
        value=[one.estimate for one in values],
        low=[one.low for one in values],
        high=[one.high for one in values],
        least=outcome.values.min(axis=1),
        most=outcome.values.max(axis=1),
        tested=[np.isfinite(one.low) for one in changes],
        differs=[one.low > 0.0 or one.high < 0.0 for one in changes],
        base=rows.index == design.base,
    )
    rows["filled"] = rows["differs"] | rows["base"] | (not rows["tested"].any())
    if not rows["value"].notna().any():
        raise NothingToDrawError(_t("none of the points has a finished run to compare"))
    return rows
