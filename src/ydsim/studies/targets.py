r"""Targets: what was published of the region to 2020, as data, and the same read from runs.

``targets.csv`` has a row a target. What is compared is a *reading* of yearly values, of official
figures and of runs alike. With m(a, b) the mean over the years a..b of an indicator in a place, or
over that of ``over`` in the same place, or of the same indicator in another place (``@place``, of
the region ``@``), by ``first`` and ``last`` year:

    level       ln m(first, last)
    mean        m(first, last)
    share       the same, with ``over``
    growth      (ln m(last) - ln m(first)) / (last - first)
    change      m(last) - m(first)
    spread      standard deviation over provinces of ln m(first, last)
    divergence  spread(last) - spread(first)
    behind      least ln m(y) of another province less that of the place, of all years
    effect      an estimator of `ydsim.studies.literature`, which has runs of its own: NaN here

Where the file gives no value, it is the reading of the world's official figures. A range that is
not given is the value and two tolerances to both sides, a tolerance that is not given a quarter of
the range; of a level the file has value and range in its unit, and the target has their logs.

Indicators are those of `ydsim.results.cube`; columns of tables made on demand for the region
(`ydsim.results.derived`), as ``networks.co-invention.density`` or ``convergence.inventions.beta``;
by year of founding of technologies ``pioneer.COLUMN``, by province, and
``diffusion_distance.COLUMN.CLASS`` of distance; and ``crossing.CHANNEL``, links with another
province of the region by place of either end.

An ``anchored`` target is, or will be, met by construction: it is shown and scored in no fit. Those
to ``train`` on are known in 2017, or are of 2018 and the only figure of their kind. All targets of
a family share its weight.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from ydsim.errors import ResultsError
from ydsim.measures.groups import quotient
from ydsim.packaged import rows_of
from ydsim.record.indicators import INDICATORS
from ydsim.record.measures import YRD
from ydsim.results.cube import rows_of_runs
from ydsim.results.derived import Place, links_inside, network_table
from ydsim.results.results import Results
from ydsim.store.contents import official_rows
from ydsim.store.tables import described
from ydsim.studies.literature import published
from ydsim.typing import Floats
from ydsim.wording import suggestion
from ydsim.world.csvfolder import LARGEST, YEAR, Cells, Folder, Names
from ydsim.world.loader import load_world
from ydsim.world.world import World

RUN: Final = ["point", "replicate"]
INDEX: Final = [*RUN, "place", "year"]
EFFECT: Final = "effect"
OPEN_TOLERANCE: Final = 0.05
"""Tolerance of effects of which only one end is published, in their unit (assumed)."""


@dataclass(frozen=True)
class Target:
    """One published number, or a range of it, and how it is read; see the module docstring."""

    name: str
    words: str
    """What it is, in the middle of a sentence."""
    family: str
    reading: str
    indicator: str
    over: str
    place: str  # empty for the region
    years: tuple[int, int]
    """First and last year."""
    value: float  # NaN where a range alone is published
    low: float
    high: float
    """The range, infinite where it is open."""
    tolerance: float
    unit: str
    """Of value, range and tolerance."""
    train: bool
    """Whether it may be fitted to; the others are kept for tests."""
    anchored: bool
    weight: float
    """Weight of the family."""
    source: str
    note: str = ""

    def misfit(self, simulated: Floats) -> Floats:
        """Return the distance of what runs show from the value in tolerances.

        From the range where no value is published; NaN stays.
        """
        if math.isnan(self.value):
            outside = np.maximum(np.maximum(self.low - simulated, simulated - self.high), 0.0)
        else:
            outside = np.abs(simulated - self.value)
        return np.asarray(outside / self.tolerance, dtype=np.float64)


class _Panel:
    """Yearly values, a row a run; places, the region last."""

    def __init__(self, values: pd.DataFrame, places: tuple[str, ...]) -> None:
        """Take values with the index `INDEX`, a column an indicator."""
        self.indicators = {*map(str, values)}
        self.places = places
        self.values = pd.DataFrame(values.unstack(["place", "year"]))

    def mean(self, of: Target, first: int, last: int, place: str | None = None) -> Floats:
        """Return m(first, last) by run, of the place of the target if no other is given."""
        place = of.place if place is None else place

        def over_years(indicator: str, place: str) -> Floats:
            years = range(first, last + 1)
            cells = [(indicator, place or self.places[-1], year) for year in years]
            values = self.values.reindex(columns=pd.MultiIndex.from_tuples(cells))
            return np.asarray(np.ascontiguousarray(values, dtype=np.float64).mean(axis=1))

        above = over_years(of.indicator, place)
        if of.over.startswith("@"):
            return quotient(above, over_years(of.indicator, of.over[1:]), np.nan)
        return quotient(above, over_years(of.over, place), np.nan) if of.over else above

    def log(self, of: Target, first: int, last: int, place: str | None = None) -> Floats:
        """Return ln m(first, last) by run, NaN where it is not positive."""
        values = self.mean(of, first, last, place)
        return np.log(np.where(values > 0.0, values, np.nan))

    def spread(self, of: Target, first: int, last: int) -> Floats:
        """Return the standard deviation over provinces by run."""
        every = [self.log(of, first, last, place) for place in self.places[:-1]]
        return np.asarray(np.std(every, axis=0), dtype=np.float64)

    def behind(self, of: Target, first: int, last: int) -> Floats:
        """Return how far the place stays behind each other province in each year, by run."""
        gaps = [
            self.log(of, year, year, other) - self.log(of, year, year)
            for year in range(first, last + 1)
            for other in self.places[:-1]
            if other != of.place
        ]
        return np.asarray(np.min(gaps, axis=0), dtype=np.float64)


def _rise(of: Target, read: Callable[[Target, int, int], Floats]) -> Floats:
    first, last = (read(of, year, year) for year in of.years)
    return last - first


READINGS: Final[dict[str, Callable[[Target, _Panel], Floats]]] = {
    "level": lambda of, panel: panel.log(of, *of.years),
    "mean": lambda of, panel: panel.mean(of, *of.years),
    "share": lambda of, panel: panel.mean(of, *of.years),
    "growth": lambda of, panel: _rise(of, panel.log) / (of.years[1] - of.years[0]),
    "change": lambda of, panel: _rise(of, panel.mean),
    "spread": lambda of, panel: panel.spread(of, *of.years),
    "divergence": lambda of, panel: _rise(of, panel.spread),
    "behind": lambda of, panel: panel.behind(of, *of.years),
}
"""Readings by name, each a value a run."""


# -- what was published ----------------------------------------------------------------------------


def load_targets(
    world: World | str | Path = YRD, file: str | Path | None = None
) -> tuple[Target, ...]:
    """Return the targets of a world, in the order of the file, effects last.

    ``world``: the world, or its name or folder. Those that need a year after its figures, or a
    figure that it does not have, are left out, as are printed ones of any but the packaged region.
    ``file``: of targets of one's own, which all count, like the packaged one; it needs the columns
    ``name, reading, indicator, first, last``. InputError says what is wrong with it line by line;
    other errors as of `ydsim.world.loader.load_world`.
    """
    of = world if isinstance(world, World) else load_world(world)
    columns = official_rows(of, INDICATORS, of.total)
    long = pd.DataFrame(columns).rename(columns={"region": "place"}).assign(point=0, replicate=0)
    values = long.pivot(index=INDEX, columns="indicator", values="value")
    panel = _Panel(values, (*of.provinces, of.total))
    if file is not None:
        return _own(Path(file), of, panel)
    found = []
    for row in rows_of("ydsim.studies", "targets.csv"):
        printed = bool(row["value"] or row["low"] or row["high"])
        if int(row["last"]) <= of.until and (of.name == YRD or not printed):
            target = _target(row, None if printed else panel)
            if math.isfinite(target.low) or math.isfinite(target.high):
                found.append(target)
    return (*found, *(_effects() if of.name == YRD else ()))


def _target(row: Mapping[str, str], panel: _Panel | None) -> Target:
    """Return the target of a row; its value is read from official figures if they are given."""

    def number(key: str) -> float:
        value = float(row[key] or "nan")
        return math.log(value) if key != "tolerance" and row["reading"] == "level" else value

    low, high, tolerance = (number(key) for key in ("low", "high", "tolerance"))
    target = Target(
        **{each.name: row[each.name] for each in fields(Target) if each.type == "str"},
        years=(int(row["first"]), int(row["last"])),
        value=number("value"),
        low=low,
        high=high,
        tolerance=tolerance,
        train=row["part"] == "train",
        anchored=row["anchored"] == "yes",
        weight=float(row["weight"]),
    )
    value = target.value if panel is None else float(_read(target, panel)[0])
    if math.isnan(low) and math.isnan(high):
        low, high = value - 2.0 * tolerance, value + 2.0 * tolerance
    low, high = (
        far if math.isnan(end) else end for end, far in ((low, -math.inf), (high, math.inf))
    )
    if math.isnan(tolerance):
        tolerance = (high - low) / 4.0 if math.isfinite(high - low) else OPEN_TOLERANCE
    return replace(target, value=value, low=low, high=high, tolerance=tolerance)


_NUMBER = Cells("number", -LARGEST, empty=True, needed=False)
_ABOVE = Cells("number", above_low=True, empty=True, needed=False)
_OPTIONAL: Final = {"part": "train", "anchored": "no", "weight": "1"} | dict.fromkeys(
    ("words", "over", "place", "value", "low", "high", "tolerance", "unit", "source", "note"), ""
)
"""What stands for cells of a file of one's own that are empty or not there."""


def _own(path: Path, world: World, panel: _Panel) -> tuple[Target, ...]:
    """Return the targets of a file of one's own."""
    folder, found = Folder(path.parent if path.parent.is_dir() else Path()), list[Target]()
    forms: dict[str, Cells | Names] = {
        "name": Cells(),
        "reading": Names.of("reading", tuple(READINGS)),
        "indicator": Cells(),
    }
    forms |= {"first": YEAR, "last": YEAR, "tolerance": _ABOVE, "weight": _ABOVE}
    sheet = folder.read(path.name, forms | dict.fromkeys(("value", "low", "high"), _NUMBER))
    sheet.once("name")
    rows = {row["name"].strip(): row for row in folder.peek(path.name)[1]} if len(sheet) else {}
    known = {
        "indicator": [*INDICATORS],
        "place": ["", *world.provinces],
        "part": ["train", "test"],
        "anchored": ["yes", "no"],
    }
    for at, name in enumerate(sheet["name"]):
        own = {key: cell.strip() for key, cell in rows[name].items() if cell.strip()}
        row = {"family": name, **_OPTIONAL, **own}
        for column, names in known.items():
            made = row[column].startswith((*LINKED, *DIFFUSING, "convergence."))
            made &= column == "indicator"
            if row[column] not in names and not made:
                message = f"'{row[column]}' is no {column}{suggestion(row[column], names)}"
                sheet.fault(message, at, column)
        if not row["tolerance"] and not (row["low"] and row["high"]):
            sheet.fault("needs a tolerance, or low and high", at, "tolerance")
        if row["last"] < row["first"]:
            sheet.fault("is before the first year", at, "last")
        ends = (row["low"], row["high"])
        if not sheet.broken and all(ends) and float(ends[0]) >= float(ends[1]):
            sheet.fault("must be below high", at, "low")
        if not sheet.broken:
            printed = bool(row["value"] or row["low"] or row["high"])
            try:
                found.append(_target(row, None if printed else panel))
            except ValueError:
                sheet.fault("a level must be above zero", at, "value")
    for at, one in enumerate(found if not sheet.broken else ()):
        if not (math.isfinite(one.low) or math.isfinite(one.high)):
            sheet.fault("has no value, and there is no official figure of it", at, "value")
    folder.raise_faults()
    return tuple(found)


def _effects() -> Iterator[Target]:
    """Yield published effects that have an estimator and a range."""
    table = published()
    known = table[["accepted_low", "accepted_high"]].notna().any(axis=1)
    for row in table[known & (table["why_not"] == "")].to_dict("records"):
        cells = {
            "name": f"effect.{row['outcome']}",
            "words": row["meaning"],
            "family": f"effects, {row['study']}",
            "reading": EFFECT,
            "indicator": row["outcome"],
            "first": "2011",
            "last": "2020",
            "low": str(row["accepted_low"]),
            "high": str(row["accepted_high"]),
            "part": "train",
            "weight": "0.5",
            "source": row["source"],
        }
        yield _target(defaultdict(str, cells), None)


# -- what runs show --------------------------------------------------------------------------------


def simulated(results: Results, targets: Sequence[Target]) -> pd.DataFrame:
    """Return what finished runs show, a row a run, a column a target.

    Index ``point, replicate``; NaN where a target cannot be read: a year, an indicator or a table
    that the runs do not have (``record: ties`` and ``cities`` keep those of networks and of
    cities), or an effect. ResultsError when no run is finished, a file is missing or damaged, or
    results of several worlds have a table that needs one.
    """
    if not results.done:
        raise ResultsError(f"{results.path or results.name}: no run is finished; ydsim resume")
    *provinces, region = (str(name) for name in results.manifest["regions"])
    names = {each for of in targets for each in (of.indicator, of.over)}
    last = max((of.years[1] for of in targets), default=None)
    known = [name for name in sorted(names) if name in results.manifest["indicators"]]
    frames = [results.cube(known or ["rd_expenditure"], years=(None, last))]
    frames += _links(results, {name for name in names if name.startswith(LINKED)}, region)
    frames += _converging(results, {n for n in names if n.startswith("convergence.")}, region)
    frames += _diffusing(results, {n for n in names if n.startswith(DIFFUSING)}, region)
    panel = _Panel(pd.concat(frames, axis=1), (*provinces, region))
    return pd.DataFrame({of.name: _read(of, panel) for of in targets}, index=panel.values.index)


LINKED: Final = ("networks.", "crossing.")
DIFFUSING: Final = ("pioneer.", "diffusion_distance.")


def _read(of: Target, panel: _Panel) -> Floats:
    """Return a target by run; NaN where the panel lacks an indicator or a place."""
    there = {*panel.indicators, *panel.places, *(f"@{place}" for place in panel.places), "", "@"}
    if of.reading in READINGS and {of.indicator, of.over, of.place} <= there:
        return READINGS[of.reading](of, panel)
    return np.full(len(panel.values), np.nan)


def _converging(results: Results, names: set[str], region: str) -> list[pd.DataFrame]:
    """Return columns of the table of convergence by name."""
    if not names or "convergence" not in results.tables:
        return []
    table = results.table("convergence").assign(place=region)
    values = ["sigma", "sigma_within", "beta", "beta_within"]
    wide = table.pivot(index=INDEX, columns="indicator", values=values)
    wide.columns = wide.columns.map(lambda pair: f"convergence.{pair[1]}.{pair[0]}")
    return [wide]


def _diffusing(results: Results, names: set[str], region: str) -> list[pd.DataFrame]:
    """Return columns of the tables of diffusion by name, by year of founding."""
    found = []
    for name in sorted(names):
        table, column, *group = name.split(".", 2)
        if table not in results.tables:
            continue
        rows = results.table(table)
        if group:
            rows = rows[rows["distance"] == group[0]].assign(region=region)
        found.append(rows.rename(columns={"region": "place"}).set_index(INDEX)[[column]])
        found[-1].columns = [name]
    return found


def _links(results: Results, names: set[str], region: str) -> list[pd.DataFrame]:
    """Return what links of cities show by name; part by part, as they are many."""
    if not names or "ties" not in results.tables:
        return []
    channels = {name.split(".")[1] for name in names}
    place = Place(results, "networks")
    wanted = ["year", "channel", "from_city", "to_city", "realised", "expected"]
    parts = []
    for at, columns in results.parts("ties", wanted):
        ties = pd.DataFrame({name: columns[name] for name in wanted}).assign(point=at, replicate=0)
        ties = ties[ties["channel"].isin(channels)]
        parts.append(pd.concat([_networks(ties, place, region), _crossing(ties, place, region)]))
    every = pd.concat(parts)
    every = every[every["name"].isin(names)].rename(columns={"point": "run"})
    every = every.merge(rows_of_runs(results, None), on="run")
    return [every.pivot(index=INDEX, columns="name", values="value")]


def _networks(ties: pd.DataFrame, place: Place, region: str) -> pd.DataFrame:
    """Return measures of networks by run (``point``), place, year and name."""
    columns = [*described()["networks"].columns]
    table = pd.DataFrame(network_table({"ties": ties}, place), columns=columns)
    keys = ["point", "year", "channel"]
    long = table.drop(columns=["replicate", "broker"]).melt(keys, var_name="column")
    name = "networks." + long["channel"] + "." + long["column"]
    return long.assign(name=name, place=region)[["point", "place", "year", "name", "value"]]


def _crossing(ties: pd.DataFrame, place: Place, region: str) -> pd.DataFrame:
    """Return realised links between provinces by run, place of either end, year and name."""
    inside, *cities = links_inside(ties, place.world)
    ends = [place.world.city_province[each] for each in cities]
    crosses = ends[0] != ends[1]
    names = np.array(place.provinces, dtype=object)
    places = [names[ends[0][crosses]], names[ends[1][crosses]], region]
    every = pd.concat([inside[crosses].assign(place=each) for each in places])
    every = every.assign(name="crossing." + every["channel"], value=every["realised"])
    keys = ["point", "place", "year", "name"]
    return every.groupby(keys, as_index=False)["value"].sum()
