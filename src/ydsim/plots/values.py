"""What figures show: values of results by replicate and year, with their median and range."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ydsim.errors import NothingToDrawError, UsageError, YdsimError
from ydsim.fmt import listed
from ydsim.measures.effects import FEW
from ydsim.plots.style import DASHES, INK, Look, look, shown
from ydsim.record.details import name_in_words, named_by_word, short, unit_in_words
from ydsim.results.results import PROVINCE_YEAR, Results
from ydsim.results.summary import MADE_UP
from ydsim.store.layout import OFFICIAL
from ydsim.translation import gettext as _t
from ydsim.typing import Floats, Ints
from ydsim.wording import capital
from ydsim.world.world import World

if TYPE_CHECKING:
    import pandas as pd

MOST_LETTERS = 24
"""Of the name of a scenario in a figure."""

NATION = "outside"
"""Name of the rest of the nation in every table."""

MOST_BANDS = 3
"""Scenarios with bands on one axis at most; bands of more would hide one another."""

LEVELS = ("log", "index", "1")
"""Units whose axis does not begin at zero."""

NO_AMOUNTS = (*LEVELS, "share", "pct")
"""Units of stocks that do not add up over places."""


# -- scenarios -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Drawn:
    """Results that are drawn on one axis.

    Attributes
    ----------
    results
        One for each scenario; the first is the one that others are compared with.
    names
        What they are called, each differently.
    provinces, whole
        Names of the places, the same in all of them.
    years
        The years that all of them have.
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
        return _t("whole region") if place == self.whole else shown(place, 30)


def has_path(*results: Results) -> bool:
    """Tell whether results have two years in common, as a line over the years needs."""
    periods = [years_of(each) for each in results]
    return bool(min(each[-1] for each in periods) > max(each[0] for each in periods))


def made_up(results: Results) -> bool:
    """Whether the world of results is one of those that are made up."""
    return bool(results.manifest["scenario"]["world"] in MADE_UP)


def drawn(results: Sequence[Results], fewest: int = 2) -> Drawn:
    """Return results as those of one figure.

    Parameters
    ----------
    fewest
        Years that it needs, one or two.

    Raises
    ------
    UsageError
        When there are none, or their provinces differ.
    NothingToDrawError
        When fewer years are common to all of them.
    """
    if not results:
        raise UsageError(_t("give results to draw"))
    provinces, periods = provinces_of(results[0]), [years_of(each) for each in results]
    for each in results:
        if provinces_of(each) != provinces:
            raise UsageError(
                _t("{a} and {b} have different provinces").format(a=results[0].name, b=each.name)
            )
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
        name, seed = one.name, one.manifest["seed"]
        if any(other.name == name and other.manifest["seed"] != seed for other in results):
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


@dataclass(frozen=True)
class Spread:
    """Median and range over replicates.

    Attributes
    ----------
    middle, low, high
        Shape (T,), NaN where there is no value; ``low`` and ``high`` are NaN for one replicate.
    """

    middle: Floats
    low: Floats
    high: Floats


def spread_of(values: Floats) -> Spread:
    """Return median, least and largest of ``values``, shape (replicates, T), NaN for no value."""
    middle, low, high = np.full((3, values.shape[1]), np.nan)
    for t, column in enumerate(values.T):
        known = column[np.isfinite(column)]
        if len(known):
            middle[t] = np.median(known)
        if len(known) > 1:
            low[t], high[t] = known.min(), known.max()
    return Spread(middle, low, high)


def spread_in_words(*counts: int) -> str:
    """Say what lines and bands are, of as many replicates as each scenario has."""
    if len(counts) > MOST_BANDS:
        return _few(
            counts,
            _t(
                "Lines: median of {n} replicates. Of more than {most} scenarios no bands are drawn."
            ),
        )
    return _few(counts, _t("Lines: median of {n} replicates; bands: their range."))


def bars_in_words(*counts: int) -> str:
    """Say what bars and whiskers are, of as many replicates as each scenario has."""
    return _few(counts, _t("Bars: mean of {n} replicates; black lines: their range."))


def mean_in_words(results: Results) -> str:
    """Say of how many replicates values are the mean."""
    return _few([len(results.replicates)], _t("Values: mean of {n} replicates."))


def _few(counts: Sequence[int], text: str) -> str:
    """Put numbers of replicates into a sentence, and say so where they are few or one."""
    if max(counts) == 1:
        return _t("One simulated replicate, so that chance cannot be seen.")
    text = text.format(n=from_to(counts), most=MOST_BANDS)
    return text if min(counts) >= FEW else text + " " + _t("So few replicates show little of it.")


def from_to(counts: Sequence[int]) -> str:
    """Return a number in words, or the least and the largest of several."""
    least, most = f"{min(counts):,}", f"{max(counts):,}"
    return most if least == most else _t("{a} to {b}").format(a=least, b=most)


class Yearly:
    """Yearly values of provinces and of the whole region, of the first point of an experiment.

    Attributes
    ----------
    provinces
        Names in the world's order.
    replicates
        Their numbers.

    Raises
    ------
    NothingToDrawError
        When no series was recorded, or none of the indicators.
    """

    def __init__(self, results: Results, indicators: Sequence[str]) -> None:
        known = [name for name in indicators if name in results.manifest["indicators"]]
        if PROVINCE_YEAR not in results.tables or not results.done:
            raise NothingToDrawError(_t("no series was recorded"))
        cube = results.cube(known, points=[0]).droplevel("point") if known else None
        if cube is None or not cube.notna().any(axis=None):
            raise NothingToDrawError(
                _t("{names} was not recorded").format(names=listed(indicators))
            )
        self._values = cube
        self.provinces, self.replicates = provinces_of(results), results.replicates
        official = results.raw(OFFICIAL)
        cells = [official.get(k, ()) for k in ("indicator", "region", "year", "value")]
        self._official = {tuple(key): value for *key, value in zip(*cells, strict=True)}

    def runs(self, indicator: str, place: str, years: Ints) -> Floats:
        """Return values, shape (replicates, years), NaN where there is none."""
        mine = self._values[indicator].xs(place, level="place").unstack("year")
        return mine.reindex(self.replicates, columns=years).to_numpy(dtype=np.float64)

    def __contains__(self, indicator: str) -> bool:
        """Whether an indicator was recorded."""
        return indicator in self._values and bool(self._values[indicator].notna().any())

    def has_provinces(self, indicator: str) -> bool:
        """Whether an indicator has a value for some province."""
        known = self._values[indicator].dropna().index.get_level_values("place")
        return bool(known.isin(self.provinces).any())

    def official(self, indicator: str, place: str, years: Ints) -> Floats:
        """Return official figures, shape (years,), NaN where there is none."""
        found = [self._official.get((indicator, place, year), np.nan) for year in years.tolist()]
        return np.array(found, dtype=np.float64)


def read_rows(results: Results, table: str, columns: Sequence[str]) -> pd.DataFrame:
    """Return some columns of a recorded table, of the first point, with ``replicate``.

    Raises
    ------
    NothingToDrawError
        When it was not recorded, is empty, or lacks one of the columns.
    """
    if table not in results.tables:
        raise NothingToDrawError(_t("the table {table} was not recorded").format(table=table))
    rows = results.table(table)
    rows = rows[rows["point"] == rows["point"].min()]
    if not len(rows):
        raise NothingToDrawError(_t("the table {table} is empty").format(table=table))
    lacking = " and ".join(name for name in columns if name not in rows)
    if lacking:
        raise NothingToDrawError(
            _t("the table {table} lacks {names}").format(table=table, names=lacking)
        )
    found: pd.DataFrame = rows[["replicate", *columns]]
    return found


def sums_by(
    rows: pd.DataFrame, columns: list[str], labels: Mapping[str, Sequence[object]]
) -> pd.DataFrame:
    """Return sums of columns by labels, zero where there is no row; other labels are left out.

    Parameters
    ----------
    labels
        By column of ``rows``, the labels that are kept apart, in the order of the index.
    """
    import pandas as pd

    every = pd.MultiIndex.from_product(list(labels.values()), names=list(labels))
    found: pd.DataFrame = rows.groupby(list(labels))[columns].sum()
    return found.reindex(every, fill_value=0.0)


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

    Parameters
    ----------
    indicator
        Whose figures count; those of all where it has none.
    """
    import pandas as pd

    rows = pd.DataFrame(results.raw(OFFICIAL), columns=["indicator", "year"])
    rows = rows[rows["year"].isin(years_of(results))]
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
    return int(years_of(results)[-1]) if year is None else year


def provinces_of(results: Results) -> tuple[str, ...]:
    """Return the names of the provinces in the world's order."""
    return tuple(str(name) for name in results.manifest["regions"][:-1])


def world_of(results: Results) -> World:
    """Return the world of a run.

    Raises
    ------
    NothingToDrawError
        When it cannot be loaded.
    """
    from ydsim.world.loader import load_world

    try:
        return load_world(results.manifest["scenario"]["world"])
    except (YdsimError, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise NothingToDrawError(
            _t("the world cannot be loaded: {reason}").format(reason=reason)
        ) from error


# -- indicators in words ---------------------------------------------------------------------------


_WRITTEN = {"rd": "R&D", "g60": "G60"} | {
    name.lower(): name for name in ("Anhui", "Jiangsu", "Shanghai", "Wanjiang", "Zhejiang")
}
"""Short forms and proper names in keys, as they are written."""


def key_in_words(key: str) -> str:
    """Return the key of a policy or a parameter as words, with proper names as they are written."""
    parts = short(key).replace(".", " ").replace("_", " ").split(" ")
    return " ".join(_WRITTEN.get(part, part) for part in parts)


@dataclass(frozen=True)
class Quantity:
    """An indicator of results in words.

    Attributes
    ----------
    name
        As it stands inside a sentence, for example "patents granted".
    unit
        For example "number a year".
    level
        Whether its axis need not begin at zero.
    amount
        Whether it adds up over places, so that shares of it have a meaning.
    remark
        Of figures of single cities: whether they rest on a prior or on a fit; empty for neither,
        and in a made-up world.
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

    Raises
    ------
    UsageError
        When it is not known, naming the nearest.
    """
    known: dict[str, Any] = results.manifest["indicators"]
    if indicator not in known:
        near = named_by_word(indicator, known, _t("known"))
        raise UsageError(
            _t("there is no indicator {name!r} in these results{near}").format(
                name=indicator, near=near
            )
        )
    facts = known[indicator]
    unit, kind = str(facts["unit"]), str(facts["kind"])
    remark = ""
    if made_up(results):
        pass  # its figures are no claim about cities
    elif facts.get("fitted"):
        remark = _t("Figures of single cities are fitted to official ones.")
    elif facts["prior"]:
        remark = _t("Figures of single cities rest on a prior, not on data.")
    return Quantity(
        name=shown(name_in_words(indicator), 70),
        unit=shown(unit_in_words(unit, kind)),
        level=unit in LEVELS,
        amount=kind in ("flow", "stock") and unit not in NO_AMOUNTS,
        remark=remark,
    )
