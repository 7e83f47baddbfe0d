r"""Validation: what was published of the region to 2020, beside the same readings of runs.

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
``diffusion_distance.COLUMN.CLASS`` of distance; ``crossing.CHANNEL``, links with another province
of the region by place of either end; ``flows.NAME``, a reading of `ydsim.studies.flows` in the last
of its years; and, of the cities that were counted in all years,

    cities.sigma    standard deviation of ln a_c
    cities.inside   the same about the means of provinces
    cities.largest  sum of the five largest a_c / sum of all

with a_c mean applications for invention patents of a year and the two before. They were counted by
year of publication, about a year after application: 2012 stands for 2011. So moved, sums of
provinces differ from official applications of 2011-16 by .09 (root mean square of logs; .35 as they
stand in 2011-17, .31 moved by two years in 2011-15).

An ``anchored`` target is, or will be, met by construction: it is shown and scored in no fit.
Counted flows are targets, those of a channel a family. Those to ``train`` on are known in 2017, or
are of 2018 and the only figure of their kind. All targets of a family share its weight.

A scenario is run to 2020, and each target is read from each replicate.
Beside the published value and range stand the median over replicates and the interval that holds 80
per cent of them. A target is met where the median lies in the range, a family where all of its
targets are; its misfit is

    sqrt(mean over its targets of d^2),   d distance of the median in tolerances

from the value, or from the range where no value is published. Targets to train on and those kept
for tests are counted apart. Anchored ones are listed and count nowhere; effects, and what runs do
not show, are named.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar, Final

import numpy as np
import pandas as pd

from ydsim import fmt
from ydsim.design.sweep import USUAL_TABLES
from ydsim.errors import ResultsError, UsageError
from ydsim.measures.groups import quotient
from ydsim.packaged import rows_of
from ydsim.record.indicators import INDICATORS
from ydsim.record.measures import YRD
from ydsim.results.cube import rows_of_runs
from ydsim.results.derived import Place, links_inside, network_table
from ydsim.results.results import Results
from ydsim.store.contents import official_rows
from ydsim.store.tables import described
from ydsim.studies import flows, study
from ydsim.studies.literature import published
from ydsim.studies.study import COLUMNS, Facts, Figure, Section, Study
from ydsim.typing import Floats
from ydsim.wording import suggestion
from ydsim.world.csvfolder import LARGEST, YEAR, Cells, Folder, Names
from ydsim.world.loader import FIRST_YEAR, load_world
from ydsim.world.world import World

RUN: Final = ["point", "replicate"]
INDEX: Final = [*RUN, "place", "year"]
EFFECT: Final = "effect"
OF_CITIES, OF_FLOWS = "cities.", "flows."
APPLICATIONS: Final = "invention_patent_applications"
KNOWN_IN: Final = 2017
"""Year by which targets of the package end that are fitted to."""
TRAIN, TEST = "train", "test"
LAG: Final = 1
"""Years from application to publication."""
WINDOW, FEW = 3, 5
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
    if of.name == YRD:
        counted = pd.concat({(0, 0): counted_applications()}, names=RUN)
        values = pd.concat([values, _patterns(counted, of.total)], axis=1)
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
    return (*found, *_flows(of.until), *_effects()) if of.name == YRD else tuple(found)


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


def counted_applications() -> pd.DataFrame:
    """Return counted applications for invention patents of cities that were counted in all years.

    A row a year of application, 2011-2016, a column a city.
    """
    counted = _counted().assign(year=lambda rows: rows["publication_year"].astype(int) - LAG)
    wide = counted.pivot(index="year", columns="city", values="invention_applications")
    return wide.loc[FIRST_YEAR:].replace("", math.nan).dropna(axis=1).astype(np.float64)


def _counted() -> pd.DataFrame:
    return pd.DataFrame(rows_of("ydsim.studies", "counted/city_applications.csv"))


def _patterns(applications: pd.DataFrame, region: str) -> pd.DataFrame:
    """Return patterns of counted cities by `INDEX`, of `RUN` and year by city."""
    mean = applications.groupby(RUN).rolling(WINDOW).mean().droplevel([0, 1])
    logs = pd.DataFrame(np.log(mean.where(mean > 0.0)))
    province = _counted().drop_duplicates("city").set_index("city")["province"]
    centred = logs - logs.T.groupby(province).transform("mean").T
    largest = np.sort(mean.to_numpy(), axis=1)[:, -FEW:].sum(axis=1)
    patterns = {
        "sigma": logs.std(axis=1, ddof=0, skipna=False),
        "inside": (centred**2).mean(axis=1, skipna=False) ** 0.5,
        "largest": largest / mean.sum(axis=1),
    }
    table = pd.DataFrame(patterns).add_prefix(OF_CITIES).assign(place=region)
    return table.set_index("place", append=True).reorder_levels(INDEX)


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
            made = row[column].startswith((*LINKED, *DIFFUSING, *BY_CITY))
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


def _flows(until: int) -> Iterator[Target]:
    """Yield counted flows of which runs have the concept; those of a channel are a family."""
    for row in rows_of(*flows.FILE):
        known = row["same"] == "yes" and row["counted"] and row["reading"] != "contrast"
        if known and int(row["last"]) <= until:
            last = int(row["last"])
            cells = {key: row[key] for key in ("words", "low", "high", "last", "source", "note")}
            cells |= {
                "name": f"{OF_FLOWS}{row['name']}",
                "family": f"{OF_FLOWS.removesuffix('.')}, {row['channel']}",
                "reading": "mean",
                "indicator": f"{OF_FLOWS}{row['name']}",
                "first": row["last"],
                "value": row["counted"],
                "tolerance": row["error"],
                "part": TRAIN if last <= KNOWN_IN or row["channel"] == flows.VALUE else TEST,
                "weight": "1",
            }
            yield _target(defaultdict(str, cells), None)


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
    frames += _links(results, {name for name in names if name.startswith(LINKS)}, region)
    frames += _flowing(results, {n for n in names if n.startswith(OF_FLOWS)}, region)
    frames += _converging(results, {n for n in names if n.startswith("convergence.")}, region)
    frames += _by_city(results, {n for n in names if n.startswith(OF_CITIES)}, region)
    frames += _diffusing(results, {n for n in names if n.startswith(DIFFUSING)}, region)
    panel = _Panel(pd.concat(frames, axis=1), (*provinces, region))
    return pd.DataFrame({of.name: _read(of, panel) for of in targets}, index=panel.values.index)


LINKS: Final = ("networks.", "crossing.")
LINKED: Final = (*LINKS, OF_FLOWS)
"""Prefixes of indicators that need links between cities."""
DIFFUSING: Final = ("pioneer.", "diffusion_distance.")
BY_CITY: Final = ("convergence.", OF_CITIES)


def _read(of: Target, panel: _Panel) -> Floats:
    """Return a target by run; NaN where the panel lacks an indicator or a place."""
    there = {*panel.indicators, *panel.places, *(f"@{place}" for place in panel.places), "", "@"}
    if of.reading in READINGS and {of.indicator, of.over, of.place} <= there:
        return READINGS[of.reading](of, panel)
    return np.full(len(panel.values), np.nan)


def _flowing(results: Results, names: set[str], region: str) -> list[pd.DataFrame]:
    """Return readings of links by name, in the last of their years."""
    if not names or "ties" not in results.tables:
        return []
    shown = flows.readings(results, {name.removeprefix(OF_FLOWS) for name in names})
    ends = {row["name"]: int(row["last"]) for row in rows_of(*flows.FILE)}
    long = shown.rename_axis("run").reset_index().melt("run", var_name="name")
    long = long.merge(rows_of_runs(results, None), on="run")
    long = long.assign(year=long["name"].map(ends), place=region, name=OF_FLOWS + long["name"])
    return [long.pivot(index=INDEX, columns="name", values="value")]


def _converging(results: Results, names: set[str], region: str) -> list[pd.DataFrame]:
    """Return columns of the table of convergence by name."""
    if not names or "convergence" not in results.tables:
        return []
    table = results.table("convergence").assign(place=region)
    values = ["sigma", "sigma_within", "beta", "beta_within"]
    wide = table.pivot(index=INDEX, columns="indicator", values=values)
    wide.columns = wide.columns.map(lambda pair: f"convergence.{pair[1]}.{pair[0]}")
    return [wide]


def _by_city(results: Results, names: set[str], region: str) -> list[pd.DataFrame]:
    """Return patterns of the cities that were counted, where the runs have them."""
    if not names or "city_year" not in results.tables:
        return []
    cities = [*counted_applications()]
    wide = results.cube([APPLICATIONS], "city")[APPLICATIONS].unstack("place")
    return [_patterns(wide[cities], region)] if {*cities} <= {*wide} else []


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


# -- the study -------------------------------------------------------------------------------------

ENDS: Final = COLUMNS[2:5]
PUBLISHED: Final = ("published", "accepted_low", "accepted_high")
FOR_DIFFUSION: Final = ("adoption_curves", "generations")
"""Tables that readings of diffusion need."""
REACH: Final = 6.0
"""Tolerances from the published value up to which the figure shows ranges."""


design = study.to_2020(
    "validation",
    "Published patterns to 2020 in runs of a scenario.",
    lambda base: _targets_of(base.world, base.start, base.end),
    {
        "cities": 1,
        "ties": True,
        "adoption": True,
        "agents": True,
        "tables": [*USUAL_TABLES, *FOR_DIFFUSION],
    },
)


def read(results: Results | str | Path) -> Validation:
    """Return what runs of `design` say; UsageError as there."""
    results = study.opened(results)
    if len(results.contents.points) != 1 or "spec" not in results.manifest:
        raise study.other_runs(results, "study validation")
    scenario = results.scenario_at(0)
    years = int(scenario["start"]), int(scenario["end"])
    targets = _targets_of(str(scenario["world"]), *years)
    values = simulated(results, targets)
    return Validation(Facts.of(results, years, len(values)), targets, values)


def _targets_of(world: str, first: int, last: int) -> tuple[Target, ...]:
    """Return the targets of a world; UsageError when none lies within the years of runs."""
    targets = load_targets(load_world(world))
    spans = [of.years for of in targets if of.reading != EFFECT]
    if not any(first <= begin and end <= last for begin, end in spans):
        raise UsageError(f"{first}-{last}: no target of {world} lies within these years")
    return targets


run = study.runner(design, read)


@dataclass(frozen=True, repr=False)
class Validation(Study):
    """What runs show of published patterns."""

    targets: tuple[Target, ...]
    values: pd.DataFrame
    """A row a run, a column a target."""

    stem: ClassVar = "validation"
    beside: ClassVar = ("families",)
    heading: ClassVar = "Published patterns up to 2020"

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row a target that the runs show, in its unit.

        ``estimate`` is the median of replicates, ``low`` and ``high`` hold 80 per cent of them;
        beyond the common columns what it is, ``published`` value with accepted range, ``misfit`` in
        tolerances, ``met`` (the median lies in the range), and ``scored`` (not anchored).
        """
        shown = self.values.notna().any()
        return pd.DataFrame([self._row(of) for of in self.targets if shown[of.name]])

    def _row(self, of: Target) -> dict[str, Any]:
        values = self.values[of.name].dropna().to_numpy()
        low, middle, high = np.quantile(values, [0.1, 0.5, 0.9])
        first, last = of.years
        return {
            "outcome": of.name,
            "place": of.place or "region",
            "estimate": middle,
            "low": low,
            "high": high,
            "p": math.nan,
            "n": len(values),
            **{name: getattr(of, name) for name in ("words", "family", "reading", "unit")},
            "years": str(first) if first == last else f"{first}-{last % 100:02}",
            **dict(zip(PUBLISHED, (of.value, of.low, of.high), strict=True)),
            "part": TRAIN if of.train else TEST,
            "scored": not of.anchored,
            "met": bool(of.low <= middle <= of.high),
            "misfit": float(of.misfit(np.asarray(middle))),
            **{name: getattr(of, name) for name in ("tolerance", "weight", "source", "note")},
        }

    @cached_property
    def families(self) -> pd.DataFrame:
        """One row a part and family: its targets, how many are met, its misfit and weight."""
        table = self.table[self.table["scored"]]
        by = table.assign(square=table["misfit"] ** 2).groupby(["part", "family"], sort=False)
        found = by.agg(
            targets=("met", "size"),
            met=("met", "sum"),
            misfit=("square", "mean"),
            weight=("weight", "first"),
        )
        return found.assign(misfit=np.sqrt(found["misfit"])).reset_index()

    # -- words and figure --------------------------------------------------------------------------

    @property
    def paragraphs(self) -> list[str]:
        """How much is met of what trains and of what tests, and what counts nowhere."""
        how = (
            "Published values and ranges beside the median over replicates and the interval that "
            "holds 80 % of them. A target is met where the median lies in the range."
        )
        anchored = fmt.counted(int((~self.table["scored"]).sum()), "target")
        effects = sum(of.reading == EFFECT for of in self.targets)
        others = len(self.targets) - len(self.table) - effects
        left = (
            f"Anchored, listed and counted nowhere: {anchored}. Not read from these runs: "
            f"{fmt.counted(effects, 'published effect')}, for which ydsim study literature has "
            "runs of its own"
        )
        left += f", and {fmt.counted(others, 'other target')}." if others else "."
        view = (
            "Information used: structure and parameters chosen by hand have seen figures up to "
            "2020, those of the test among them."
        )
        parts = " ".join(filter(None, map(self._counted, (TRAIN, TEST))))
        return [" ".join([how, *self.facts.cautions()]), parts, f"{left} {view}"]

    def _counted(self, part: str) -> str:
        own = self.families[self.families["part"] == part]
        if not len(own):
            return ""
        whole = int((own["met"] == own["targets"]).sum())
        mean = float(np.average(own["met"] / own["targets"], weights=own["weight"]))
        return (
            f"Of {len(own)} families of the {part} set {whole} ({fmt.percent(whole / len(own))}) "
            f"have all their targets in range; {own['met'].sum()} of {own['targets'].sum()} "
            f"targets are, {fmt.percent(mean)} by weight of families."
        )

    @property
    def sections(self) -> list[Section]:
        """Targets to train on, those of the test, families, and what is anchored."""
        scored, train = self.table["scored"], self.table["part"] == TRAIN
        note = "Misfit in tolerances: a quarter of the range unless the table of targets says."
        return [
            self._targets("Training set", self.table[scored & train]),
            self._targets("Test set", self.table[scored & ~train]),
            Section.of("Families", self.families.drop(columns="weight"), note),
            self._targets("Anchored", self.table[~scored]),
        ]

    def _targets(self, title: str, table: pd.DataFrame) -> Section:
        """Return targets in words; levels are shown in their unit and not as logs."""
        level = table["reading"] == "level"
        ends = table[[*ENDS, *PUBLISHED]]
        table = table.assign(**ends.mask(level, ends.map(math.exp)))
        unit = table["unit"].str.removeprefix("ln ").where(level, table["unit"])
        rows = [
            (
                row["words"],
                row["years"],
                fmt.interval(*(row[end] for end in ENDS)),
                study.accepted(*(row[end] for end in PUBLISHED), digits=3),
                shown,
                fmt.number(row["misfit"], 2),
                "yes" if row["met"] else "**no**",
            )
            for row, shown in zip(table.to_dict("records"), unit, strict=True)
        ]
        head = ("target", "years", "simulated", "published", "unit", "misfit", "met")
        return Section(title, head, rows, (5,))

    def plot(self) -> Figure:
        """Return intervals beside ranges, in tolerances; anchored ones where all are."""
        table = self.table[self.table["scored"]] if self.table["scored"].any() else self.table
        value, low, high = (table[end] for end in PUBLISHED)
        centre = value.fillna(low.where(np.isfinite(low), high))
        scaled = table[[*ENDS, *PUBLISHED]].sub(centre, axis=0).div(table["tolerance"], axis=0)
        what = table["words"] + ", " + table["years"]
        ours = scaled.assign(outcome=table["part"], label=what, series="runs", sure=~table["met"])
        low, high = (scaled[end].clip(-REACH, REACH) for end in PUBLISHED[1:])
        theirs = ours.assign(estimate=0.0, low=low, high=high, series="published", sure=False)
        heads = {part: (f"{part} set", "tolerances") for part in table["part"].unique()}
        note = (
            "Median and 80 % of replicates over the published value, or over the end of an open "
            "range, in tolerances; filled where the median is out of range."
        )
        return self.forest(pd.concat([ours, theirs]), heads, note, columns=1)
