"""What figures show: values of results by replicate and year, with their median and range."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ydsim.errors import NothingToDrawError, ResultsError, UsageError, YdsimError
from ydsim.fmt import listed
from ydsim.measures.effects import ENOUGH_REPLICATES
from ydsim.plots.canvas import DASHES, INK, Look, look, shown
from ydsim.plots.catalogue import require_known
from ydsim.record.indicators import name_in_words, unit_in_words
from ydsim.results.results import PROVINCE_YEAR, Results
from ydsim.results.summary import MADE_UP
from ydsim.store.layout import OFFICIAL
from ydsim.translation import gettext as _t
from ydsim.typing import Ints
from ydsim.wording import capital
from ydsim.world.world import World

MOST_LETTERS = 24  # of the name of a scenario in a figure

NATION = "outside"  # name of the rest of the nation in every table

MOST_BANDS = 3  # scenarios with bands on one axis at most; bands of more would hide one another

LEVELS = ("log", "index", "1")  # units whose axis does not begin at zero

NO_AMOUNTS = (*LEVELS, "share", "pct")  # units of stocks that do not add up over places


# -- scenarios -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Drawn:
    """Results that are drawn on one axis, the first of which others are compared with.

    With a name for each, all different, names of the provinces and of the whole region, which are
    the same in all of them, and the years (T,) that all of them have.
    """

    results: tuple[Results, ...]
    names: tuple[str, ...]
    provinces: tuple[str, ...]
    whole: str
    years: Ints

    @property
    def several(self) -> bool:
        """Whether there is more than one scenario."""
        return len(self.results) > 1

    @property
    def in_words(self) -> str:
        """Names of the scenarios as a title has them; of more than four their number."""
        if len(self.names) > 4:
            return _t("{n} scenarios").format(n=len(self.names))
        return ", ".join(shown(name, 24) for name in self.names)

    @property
    def made_up(self) -> bool:
        """Whether the world is one of those that are made up."""
        return any(map(made_up, self.results))

    def name_of(self, place: str) -> str:
        """What a place is called in a figure."""
        return _t("whole region") if place == self.whole else shown(_t(place), 30)


def has_path(*results: Results) -> bool:
    """Tell whether results have two years in common, as a line over the years needs."""
    periods = [years_of(each) for each in results]
    return bool(min(each[-1] for each in periods) > max(each[0] for each in periods))


def made_up(results: Results) -> bool:
    """Whether the world of results is one of those that are made up."""
    return bool(results.manifest["scenario"]["world"] in MADE_UP)


def drawn(results: Sequence[Results], fewest: int = 2) -> Drawn:
    """Return results as those of one figure.

    ``fewest``: years that it needs, one or two. UsageError when their provinces differ.
    NothingToDrawError when fewer years are common to all of them.
    """
    provinces, periods = provinces_of(results[0]), [years_of(each) for each in results]
    for each in results:
        if provinces_of(each) != provinces:
            message = _t("{a} and {b} have different provinces")
            raise UsageError(message.format(a=results[0].name, b=each.name))
    years = np.arange(max(each[0] for each in periods), min(each[-1] for each in periods) + 1)
    if not len(years):
        raise NothingToDrawError(_t("the scenarios have no year in common"))
    if len(years) < fewest:
        raise NothingToDrawError(_t("one year, {year}: no path to show").format(year=years[0]))
    whole = str(results[0].manifest["regions"][-1])
    return Drawn(tuple(results), names_of(results), provinces, whole, years)


def names_of(results: Sequence[Results]) -> tuple[str, ...]:
    """Return a name for each of the results, different where it is cut: by seed, or by number."""
    found: list[str] = []
    for one in results:
        name, seed = one.label, one.manifest["seed"]
        if any(other.label == name and other.manifest["seed"] != seed for other in results):
            name = _t("{name}, seed {seed}").format(name=name, seed=seed)
        unique, number = name, 2
        while shown(unique, MOST_LETTERS) in {shown(other, MOST_LETTERS) for other in found}:
            unique, number = f"{shown(name, MOST_LETTERS - 4)} ({number})", number + 1
        found.append(unique)
    return tuple(found)


def scenario_look(number: int) -> Look:
    """Return how the scenario at a position is drawn: the first in black, none like a neighbour."""
    if number == 0:
        return Look(INK, "o", "-")
    plain = look(number - 1)
    return Look(plain.colour, plain.marker, DASHES[number % len(DASHES)])


# -- values over replicates ------------------------------------------------------------------------


def spread_of(runs: pd.DataFrame, *, band: bool = True) -> pd.DataFrame:
    """Return ``middle, low, high``: median and range over replicates, by time.

    ``runs``: a row for each replicate, a column for each time, NaN for no value. ``band``: whether
    there is a range, which at least two replicates with a value have.
    """
    found = runs.agg(["median", "min", "max"]).T.set_axis(["middle", "low", "high"], axis=1)
    found.loc[runs.count() < (2 if band else math.inf), ["low", "high"]] = np.nan
    return found


def spread_in_words(*counts: int) -> str:
    """Say what lines and bands are, of as many replicates as each scenario has."""
    message = _t("Lines: median of {n} replicates; bands: their range.")
    if len(counts) > MOST_BANDS:
        message = _t(
            "Lines: median of {n} replicates. Bands are omitted for more than {most} scenarios."
        )
    return few_in_words(counts, message)


def bars_in_words(*counts: int) -> str:
    """Say what bars and whiskers are, of as many replicates as each scenario has."""
    return few_in_words(counts, _t("Bars: mean of {n} replicates; black lines: their range."))


def mean_in_words(results: Results) -> str:
    """Say of how many replicates values are the mean."""
    return few_in_words([len(results.replicates)], _t("Values: mean of {n} replicates."))


def few_in_words(counts: Sequence[int], text: str) -> str:
    """Put numbers of replicates into a sentence, and say so where they are few or one."""
    if max(counts) == 1:
        return _t("One replicate: run-to-run variation is not shown.")
    text = text.format(n=from_to(counts), most=MOST_BANDS)
    return (
        text
        if min(counts) >= ENOUGH_REPLICATES
        else text + " " + _t("So few replicates show little of the variation.")
    )


def from_to(counts: Sequence[int]) -> str:
    """Return a number in words, or the least and the largest of several."""
    least, most = f"{min(counts):,}", f"{max(counts):,}"
    return most if least == most else _t("{a} to {b}").format(a=least, b=most)


def read_yearly(results: Results, indicators: Sequence[str]) -> pd.DataFrame:
    """Return yearly values of the first point: index replicate, place, year, a column each.

    Indicators that were not recorded have no column.

    NothingToDrawError when no series was recorded, or none of the indicators.
    """
    known = [name for name in indicators if name in results.manifest["indicators"]]
    if not results.done:
        raise NothingToDrawError(_t("no run is finished"))
    if PROVINCE_YEAR not in results.tables:
        raise NothingToDrawError(_t("no series was recorded"))
    if known:
        found = results.cube(known, points=[0]).droplevel("point").dropna(axis=1, how="all")
        if len(found.columns):
            return found
    raise NothingToDrawError(_t("{names} was not recorded").format(names=listed(indicators)))


def official_of(results: Results) -> pd.DataFrame:
    """Return official figures of the years of a run: ``indicator, region, year, value``."""
    rows = pd.DataFrame(results.raw(OFFICIAL), columns=["indicator", "region", "year", "value"])
    return rows[rows["year"].isin(years_of(results))]


def read_rows(results: Results, table: str, columns: Sequence[str]) -> pd.DataFrame:
    """Return some columns of a recorded table, of the first point, with ``replicate``.

    NothingToDrawError when it was not recorded, is empty, or lacks one of the columns.
    """
    if table not in results.tables:
        raise NothingToDrawError(_t("the table {table} was not recorded").format(table=table))
    rows = results.table(table)
    rows = rows[rows["point"] == rows["point"].min()]
    if not len(rows):
        raise NothingToDrawError(_t("the table {table} is empty").format(table=table))
    if lacking := " and ".join(name for name in columns if name not in rows):
        message = _t("the table {table} lacks {names}")
        raise NothingToDrawError(message.format(table=table, names=lacking))
    return rows[["replicate", *columns]]


def require_once(results: Results, table: str, rows: pd.DataFrame, columns: Sequence[str]) -> None:
    """Refuse rows of which a replicate has several with the same values in ``columns``."""
    if rows.duplicated(["replicate", *columns]).any():
        message = _t("{path}: column {name!r}: {what}")
        facts = {"path": f"{results.path or results.name}/{table}", "name": ", ".join(columns)}
        raise ResultsError(message.format(**facts, what=_t("names one thing twice")))


def years_of(results: Results) -> Ints:
    """Return the years that were run, (T,)."""
    scenario = results.manifest["scenario"]
    return np.arange(int(scenario["start"]), int(scenario["end"]) + 1)


def period(years: Ints) -> str:
    """Return a period in words: 2011-2020, or one year."""
    first, last = int(years[0]), int(years[-1])
    return str(first) if first == last else f"{first}-{last}"


def last_official(results: Results, indicator: str = "") -> int:
    """Return the last year of a run with an official figure, 0 for none.

    ``indicator``: whose figures count; those of all where it has none.
    """
    rows = official_of(results)
    own = rows[rows["indicator"] == indicator]
    years = (own if len(own) else rows)["year"]
    return int(years.max()) if len(years) else 0


def year_in_words(results: Results, year: int, indicator: str = "") -> str:
    """Return a year, with what it is after the last official figure: a projection."""
    projection = 0 < last_official(results, indicator) < year
    return _t("{year} (projection)").format(year=year) if projection else str(year)


def shaded_in_words(years: Ints, last: int) -> str:
    """Say what is shaded where the last official figure is of the year ``last``, 0 for none."""
    shaded = 0 < last < int(years[-1])
    return _t("Shaded: projection, years after the last official figure.") if shaded else ""


def year_of(results: Results, year: int | None) -> int:
    """Return a year, by default the last one that was run."""
    return int(results.manifest["scenario"]["end"]) if year is None else year


def provinces_of(results: Results) -> tuple[str, ...]:
    """Return the names of the provinces in the world's order."""
    return tuple(str(name) for name in results.manifest["regions"][:-1])


def world_of(results: Results) -> World:
    """Return the world of a run.

    NothingToDrawError when it cannot be loaded.
    """
    from ydsim.world.loader import load_world

    with nothing_where(_t("the world cannot be loaded: {reason}")):
        return load_world(results.manifest["scenario"]["world"])


@contextmanager
def nothing_where(message: str) -> Iterator[None]:
    """Say in one line why there is nothing to draw where files of a world cannot be read."""
    try:
        yield
    except (YdsimError, ValueError) as error:
        raise NothingToDrawError(message.format(reason=str(error).splitlines()[0])) from error


# -- indicators in words ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Quantity:
    """An indicator of results in words.

    Name and unit as they stand inside a sentence, for example "patents granted" and "number a
    year"; whether its axis need not begin at zero (``level``), and whether it adds up over places
    (``amount``), so that shares of it have a meaning; and the remark on figures of single cities
    that rest on a prior or on a fit, empty for neither, and in a made-up world.
    """

    name: str
    unit: str
    level: bool
    amount: bool
    remark: str

    @property
    def head(self) -> str:
        """The name with a capital letter, as a title begins."""
        return capital(self.name)


def quantity(results: Results, indicator: str) -> Quantity:
    """Return an indicator of results in words.

    UsageError when it is not known, naming the nearest.
    """
    known: dict[str, Any] = results.manifest["indicators"]
    require_known("indicator", indicator, known)
    facts = known[indicator]
    unit, kind = str(facts["unit"]), str(facts["kind"])
    remarks = {
        "fitted": _t("Figures of single cities are fitted to official ones."),
        "prior": _t("Figures of single cities rest on a prior, not on data."),
    }
    mine = [] if made_up(results) else [remarks[name] for name in remarks if facts.get(name)]
    return Quantity(
        name=shown(name_in_words(indicator), 70),
        unit=shown(unit_in_words(unit, kind, indicator)),
        level=unit in LEVELS,
        amount=kind in ("flow", "stock") and unit not in NO_AMOUNTS,
        remark=mine[0] if mine else "",
    )
