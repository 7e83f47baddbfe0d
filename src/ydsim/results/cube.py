"""Values by point, replicate, place and year: the one table at which every reading of runs begins.

    cube(results, ["launches", "rd_expenditure"], by="province", years=(2016, 2020))

Rows have the index ``point, replicate, place, year``, columns are outcomes. Places are the whole
region and its provinces, its cities, kinds of organisations, or technology fields. A flow of a
year is the sum of its quarters, a mean their mean, a stock the value of the last quarter, and a
ratio the ratio of two flows of the year; values have the ten digits of the store
(`ydsim.results.tidy` gives the same numbers in long form, for export).

Over years, ``reduce`` takes

    ``"mean"``, ``"sum"``   of the yearly values
    ``"last"``              the value of the last year
    ``"period"``            flows and means: their mean; stocks: the last year; ratios: sum over sum

Parts of a results folder are read one at a time, of each only the columns that are asked for, and
what is reduced is reduced at once, so that memory holds the answer and one part.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ydsim import fmt
from ydsim.errors import ResultsError, UsageError
from ydsim.record.details import name_in_words
from ydsim.store.manifest import RUN
from ydsim.store.tables import round_significant
from ydsim.typing import Bools, Floats, Ints, Table
from ydsim.wording import suggestion

if TYPE_CHECKING:
    import pandas as pd

    from ydsim.results.results import Results

By = Literal["province", "city", "kind", "field"]
Reduce = Literal["mean", "sum", "last", "period"]
Years: TypeAlias = tuple[int | None, int | None] | None
"""First and last year, both included; None for no bound."""

LEVELS: Final[tuple[By, ...]] = ("province", "city", "kind", "field")
REDUCTIONS: Final[tuple[Reduce, ...]] = ("mean", "sum", "last", "period")
KINDS: Final = ("firm", "university", "institute")
SHARE_OF_MEMORY: Final = 0.25
"""Part of the machine's memory that a cube may take."""

TABLES: Final[dict[By, tuple[str, ...]]] = {
    "province": ("series",),
    "city": ("city_series",),
    "kind": ("funnel", "agents"),
    "field": ("knowledge", "generations"),
}
"""Recorded tables of each level; of a pair either gives its own outcomes."""


@dataclass(frozen=True)
class Outcome:
    """One quantity of a cube.

    Attributes
    ----------
    name
        As tables have it.
    unit, kind
        Of the recorded value; ``flow``, ``stock``, ``mean`` or ``ratio``.
    prior
        Values of single cities rest on a prior.
    of
        Numerator and denominator of a ratio.
    """

    name: str
    unit: str
    kind: str
    prior: bool = False
    of: tuple[str, str] | None = None

    @property
    def label(self) -> str:
        """Name in words."""
        return name_in_words(self.name)

    @property
    def said(self) -> Literal["per cent", "points", "log"]:
        """How a change is said: in per cent, in percentage points, or as that of a logarithm."""
        if self.unit in ("share", "pct"):
            return "points"
        return "log" if self.unit == "log" and not self.name.endswith("_sd") else "per cent"

    @property
    def factor(self) -> float:
        """What turns a recorded value into that of tables: shares are shown in per cent."""
        return 100.0 if self.unit == "share" else 1.0

    @property
    def counted(self) -> bool:
        """It is a number of things that the sample has."""
        return self.unit in ("items", "firms", "ties", "generations", "fte")

    @property
    def shown_unit(self) -> str:
        """Unit of differences in tables."""
        return "percentage points" if self.said == "points" else self.unit


def _outcomes(*rows: tuple[str, str, str]) -> dict[str, Outcome]:
    return {name: Outcome(name, unit, kind) for name, unit, kind in rows}


OF_KINDS: Final = _outcomes(
    ("applied_research", "items", "flow"),
    ("inventions", "items", "flow"),
    ("launches", "items", "flow"),
    ("projects_failed", "items", "flow"),
    ("projects_died_waiting", "items", "flow"),
    ("projects_live", "items", "stock"),
    ("researchers", "fte", "stock"),
    ("rd", "100m_rmb", "stock"),
)
"""Outcomes by kind of organisation, from ``funnel`` and ``agents``.

Projects count for the kind that had the idea. ``researchers`` and ``rd`` are those of the last
quarter of a run.
"""

OF_FIELDS: Final = _outcomes(
    ("effort", "fte", "stock"),
    ("knowledge", "log", "stock"),
    ("generations_founded", "generations", "flow"),
)
"""Outcomes by technology field, from ``knowledge`` and ``generations``."""


def outcomes_at(by: By, indicators: Mapping[str, Mapping[str, Any]]) -> dict[str, Outcome]:
    """Return all outcomes of a level by name.

    Parameters
    ----------
    indicators
        As in a manifest.
    """
    if by == "kind":
        return dict(OF_KINDS)
    if by == "field":
        return dict(OF_FIELDS)
    return {
        name: Outcome(
            name,
            str(card["unit"]),
            str(card["kind"]),
            by == "city" and bool(card["prior"]),
            tuple(card["of"]) if card.get("of") else None,
        )
        for name, card in indicators.items()
        if by in card["levels"] or (by == "province" and "region" in card["levels"])
    }


def require_outcomes(
    names: Sequence[str], by: By, indicators: Mapping[str, Mapping[str, Any]]
) -> tuple[Outcome, ...]:
    """Return outcomes by name, each once.

    Raises
    ------
    UsageError
        When one has no such name at this level; names the nearest.
    """
    there = outcomes_at(by, indicators)
    for name in names:
        if name in there:
            continue
        what = f"no outcome by {by} is called {name!r}"
        if name in indicators:
            levels = ", ".join(indicators[name]["levels"])
            raise UsageError(f"{what}: it is recorded for {levels} only")
        raise UsageError(what + suggestion(name, sorted(there), "outcomes are"))
    return tuple(there[name] for name in dict.fromkeys(names))


@dataclass(frozen=True)
class _Block:
    """Values of some runs: arrays (runs, places, years) by name, NaN where there is none."""

    runs: Ints
    years: Ints
    values: dict[str, Floats]
    there: Bools

    def at(self, years: Bools) -> _Block:
        """Return some of the years."""
        if years.all():
            return self
        values = {name: value[:, :, years] for name, value in self.values.items()}
        return _Block(self.runs, self.years[years], values, self.there[:, :, years])


def cube(
    results: Results,
    indicators: Sequence[str],
    *,
    by: By = "province",
    places: Sequence[str] | None = None,
    years: Years = None,
    points: Sequence[int] | None = None,
    reduce: Reduce | None = None,
) -> pd.DataFrame:
    """Return values of all finished runs.

    Parameters
    ----------
    results
        Of a run or a sweep.
    indicators
        Names of outcomes of the level.
    by
        ``"province"`` (the whole region first, then its provinces), ``"city"``, ``"kind"`` (of
        organisations) or ``"field"`` (of technology).
    places
        Some of them, by name, in this order; all by default.
    years
        First and last year, each may be None.
    points
        Numbers of some points; all by default.
    reduce
        How years become one value; by default each year is a row.

    Returns
    -------
    DataFrame
        Index ``point, replicate, place, year`` (without ``year`` when reduced), ascending but for
        places, a column of floats an outcome; NaN where a place does not have it.

    Raises
    ------
    UsageError
        When there is no such outcome, place, point or year, or the answer would take more than a
        quarter of the machine's memory; the message names a filter that fits.
    ResultsError
        When what is needed was not recorded, a file is damaged, or a year lacks a quarter.
    """
    wanted = require_outcomes(indicators, by, results.manifest["indicators"])
    if not wanted:
        raise UsageError("no outcome is asked for")
    if reduce is not None and reduce not in REDUCTIONS:
        raise UsageError(f"reduce: expected one of {', '.join(REDUCTIONS)}, found {reduce!r}")
    order = _places(results, by, places)
    rows = _Rows.of(results, points)
    _require_memory(results, rows, wanted, order, by, years, reduce)
    parts = {name: None for one in wanted for name in (one.of or (one.name,))}
    blocks = []
    for block in _blocks(results, by, list(parts), order):
        blocks.append(_finished(_within(block, years), wanted, reduce, years))
    return _frame(blocks, rows, wanted, order, reduced=reduce is not None)


@dataclass(frozen=True)
class _Rows:
    """Points and replicates of the answer, and the run of the plan that each comes from."""

    point: Ints
    replicate: Ints
    run: Ints

    @staticmethod
    def of(results: Results, points: Sequence[int] | None) -> _Rows:
        plan, table = results.contents.plan, results.contents.points
        if results.contents.kind == RUN:
            spread = [[0] for _ in plan.hashes]
        else:
            spread = [table.rows.get(of, []) for of in plan.hashes]
        run = np.repeat(np.arange(len(spread)), [len(each) for each in spread])
        point = np.array([p for each in spread for p in each], dtype=np.int64)
        if points is not None:
            for number in points:
                if not 0 <= number < len(table):
                    raise UsageError(f"point {number}: the results have 0 to {len(table) - 1}")
            kept = np.isin(point, points)
            run, point = run[kept], point[kept]
        replicate = np.asarray(plan.replicates, dtype=np.int64)[run]
        sort = np.lexsort((replicate, point))
        return _Rows(point[sort], replicate[sort], run[sort])


def _places(results: Results, by: By, asked: Sequence[str] | None) -> list[str]:
    """Return the places of a level, the region before its provinces."""
    regions = [str(name) for name in results.manifest["regions"]]
    if by == "province":
        known = [regions[-1], *regions[:-1]]
    elif by == "kind":
        known = list(KINDS)
    else:
        known = _named(results, by)
    if asked is None:
        return known
    for name in asked:
        if name not in known:
            raise UsageError(
                f"no place by {by} is called {name!r}{suggestion(name, known, 'places are')}"
            )
    return list(dict.fromkeys(asked))


def _named(results: Results, by: By) -> list[str]:
    """Return cities or fields in the order in which the first part that has them names them."""
    column = "city" if by == "city" else "field"
    for table in TABLES[by]:
        if table not in results.manifest["tables"]:
            continue
        for _, columns in results.parts(table, [column]):
            names = dict.fromkeys(columns[column].tolist())
            if names:
                return list(names) if table != "generations" else sorted(names)
    return []


def _blocks(results: Results, by: By, names: list[str], order: list[str]) -> Iterator[_Block]:
    """Yield values of the runs of each part; of kinds and fields of each of their tables."""
    recorded = [table for table in TABLES[by] if table in results.manifest["tables"]]
    if by in ("province", "city"):
        results.require_quarters(by)
        place = "region" if by == "province" else "city"
        yield from _of_series(results, TABLES[by][0], place, names, order)
        return
    if not recorded:
        results.columns(TABLES[by][0])  # says what would have kept it
    read = _READERS[by]
    for table in recorded:
        yield from read[table](results, names, order)


def _of_series(
    results: Results, table: str, place: str, names: list[str], order: list[str]
) -> Iterator[_Block]:
    """Yield yearly values from quarterly series."""
    cards = results.manifest["indicators"]
    places = {name: at for at, name in enumerate(order)}
    for runs, columns in results.parts(table, [place, "year", "quarter", *names]):
        numbers, r = _distinct(runs)
        p = _codes(columns[place], places)
        year, quarter = (columns[key].astype(np.int64) for key in ("year", "quarter"))
        years = np.arange(year.min(), year.max() + 1)
        t = year - years[0]
        shape = (len(numbers), len(order), len(years))
        mine = p >= 0
        cell = np.ravel_multi_index((r[mine], p[mine], t[mine]), shape)
        size = int(np.prod(shape))
        quarters = np.bincount(cell, minlength=size).reshape(shape)
        marks = np.bincount(cell, 1 << quarter[mine], minlength=size).reshape(shape)
        there = quarters > 0
        if ((quarters[there] != 4) | (marks[there] != 0b11110)).any():
            raise ResultsError(
                f"{results.path}: table {table}: a year in a recorded series lacks a quarter or "
                "has one twice"
            )
        last = mine & (quarter == 4)
        values = {}
        for name in names:
            if name not in columns:
                continue
            values[name] = np.full(shape, np.nan)
            column = columns[name].astype(np.float64, copy=False)
            if cards[name]["kind"] in ("flow", "mean"):
                total = np.bincount(cell, column[mine], minlength=size).reshape(shape) * 1.0
                divisor = 1.0 if cards[name]["kind"] == "flow" else 4.0
                values[name][there] = round_significant(total[there] / divisor)
            else:
                values[name][r[last], p[last], t[last]] = round_significant(column[last])
        block = _Block(numbers, years, values, there)
        yield block.at(np.asarray(there.any(axis=(0, 1)), dtype=np.bool_))


def _distinct(runs: Ints) -> tuple[Ints, Ints]:
    """Return the runs of rows that come run by run, and which of them each row is of."""
    first = np.diff(runs, prepend=-1) != 0
    return runs[first], np.cumsum(first) - 1


def _codes(labels: NDArray[np.generic], places: Mapping[str, int]) -> Ints:
    """Return the number of each place, -1 for one that is not asked for."""
    import pandas as pd

    codes, found = pd.factorize(labels)
    numbers = np.array([places.get(str(name), -1) for name in found], dtype=np.int64)
    return numbers[codes]


def _counted(
    results: Results,
    table: str,
    place: str,
    year: str,
    order: list[str],
    cells: Callable[[Ints, Table], dict[str, tuple[Bools, Floats]]],
) -> Iterator[_Block]:
    """Yield values that are added up over rows: by name which rows count, and what each adds."""
    places = {name: at for at, name in enumerate(order)}
    for runs, columns in results.parts(table):
        numbers, r = _distinct(runs)
        p = _codes(columns[place], places)
        when = columns[year].astype(np.int64) if year else _Spans.of(results).end[runs]
        years, t = np.unique(when, return_inverse=True)
        shape = (len(numbers), len(order), len(years))
        values = {}
        there = np.zeros(shape, dtype=np.bool_)
        for name, (rows, number) in cells(runs, columns).items():
            mine = rows & (p >= 0)
            at = (r[mine], p[mine], t[mine])
            total, own = np.zeros(shape), np.zeros(shape, dtype=np.bool_)
            np.add.at(total, at, number[mine])
            own[at] = True
            there |= own
            values[name] = np.where(own, total, np.nan)
        yield _Block(numbers, years, values, there)


@dataclass(frozen=True)
class _Spans:
    """First and last year, and scale, of each run of the plan."""

    start: Ints
    end: Ints
    scale: Floats

    @staticmethod
    def of(results: Results) -> _Spans:
        points, plan = results.contents.points, results.contents.plan
        found: dict[str, tuple[int, int, float]] = {}
        for number, of in enumerate(points.columns["hash"].tolist()):
            if of not in found:
                one = results.scenario_at(number)
                found[of] = int(one["start"]), int(one["end"]), float(one["scale"])
        start, end, scale = zip(*(found[of] for of in plan.hashes), strict=True)
        return _Spans(np.array(start), np.array(end), np.array(scale))


_STAGES: Final = {
    "applied_research": "applied research",
    "inventions": "invention",
    "launches": "launch",
}
_CAUSES: Final = {"projects_failed": "failed", "projects_died_waiting": "died_waiting"}


def _funnel(results: Results, names: list[str], order: list[str]) -> Iterator[_Block]:
    """Yield projects by the kind that had the idea."""

    def cells(runs: Ints, columns: Table) -> dict[str, tuple[Bools, Floats]]:
        stage = columns["stage"]
        every = np.ones(len(stage), dtype=np.bool_)
        completed = columns["completed"].astype(np.float64)
        found = {name: (stage == word, completed) for name, word in _STAGES.items()}
        found |= {name: (every, columns[c].astype(np.float64)) for name, c in _CAUSES.items()}
        found["projects_live"] = (every, columns["live"].astype(np.float64))
        return {name: found[name] for name in names if name in found}

    return _counted(results, "funnel", "lead", "year", order, cells)


def _agents(results: Results, names: list[str], order: list[str]) -> Iterator[_Block]:
    """Yield researchers and R&D at the end of the run, at scale 1."""
    scale = _Spans.of(results).scale

    def cells(runs: Ints, columns: Table) -> dict[str, tuple[Bools, Floats]]:
        every = np.ones(len(runs), dtype=np.bool_)
        whole = np.where(columns["kind"] == "firm", 1.0 / scale[runs], 1.0)
        return {
            name: (every, whole * columns[name].astype(np.float64))
            for name in ("researchers", "rd")
            if name in names
        }

    return _counted(results, "agents", "kind", "", order, cells)


def _knowledge(results: Results, names: list[str], order: list[str]) -> Iterator[_Block]:
    """Yield effort, and knowledge weighted by it."""

    def cells(runs: Ints, columns: Table) -> dict[str, tuple[Bools, Floats]]:
        every = np.ones(len(columns["field"]), dtype=np.bool_)
        effort = columns["effort"].astype(np.float64)
        weighed = effort * columns["knowledge"].astype(np.float64)
        return {"effort": (every, effort), "knowledge": (every, weighed)}

    for block in _counted(results, "knowledge", "field", "year", order, cells):
        effort, total = block.values["effort"], block.values["knowledge"]
        mean = np.full(effort.shape, np.nan)
        np.divide(total, effort, out=mean, where=effort > 0.0)
        found = {"effort": effort, "knowledge": mean}
        kept = {name: found[name] for name in names if name in found}
        yield _Block(block.runs, block.years, kept, block.there)


def _generations(results: Results, names: list[str], order: list[str]) -> Iterator[_Block]:
    """Yield how many generations the region founded; none where no row says so."""
    if "generations_founded" not in names:
        return

    def cells(runs: Ints, columns: Table) -> dict[str, tuple[Bools, Floats]]:
        own = columns["origin"] == "region"
        return {"generations_founded": (own, np.ones(len(own)))}

    spans = _Spans.of(results)
    years = np.arange(int(spans.start.min()), int(spans.end.max()) + 1)
    for block in _counted(results, "generations", "field", "founded_year", order, cells):
        known = np.isin(block.years, years)
        founded = np.zeros((len(block.runs), len(order), len(years)))
        at = np.searchsorted(years, block.years[known])
        founded[:, :, at] = np.nan_to_num(block.values["generations_founded"][:, :, known])
        simulated = years <= spans.end[block.runs][:, None]
        there = np.broadcast_to(simulated[:, None, :], founded.shape)
        yield _Block(
            block.runs, years, {"generations_founded": np.where(there, founded, np.nan)}, there
        )


_Reader: TypeAlias = "Callable[[Results, list[str], list[str]], Iterator[_Block]]"
_READERS: Final[dict[By, dict[str, _Reader]]] = {
    "kind": {"funnel": _funnel, "agents": _agents},
    "field": {"knowledge": _knowledge, "generations": _generations},
}


def _within(block: _Block, years: Years) -> _Block:
    """Return the years that are asked for."""
    first, last = years or (None, None)
    kept = np.ones(len(block.years), dtype=np.bool_)
    if first is not None:
        kept &= block.years >= first
    if last is not None:
        kept &= block.years <= last
    return block.at(kept)


def _finished(
    block: _Block, wanted: Sequence[Outcome], reduce: Reduce | None, years: Years
) -> _Block:
    """Return outcomes, ratios formed, years reduced where they are to be."""
    values = {}
    for outcome in wanted:
        names = outcome.of or (outcome.name,)
        if not all(name in block.values for name in names):
            continue
        parts = [block.values[name] for name in names]
        values[outcome.name] = _over_years(outcome, parts, reduce)
        if reduce == "period" and outcome.kind == "stock" and _lacks_last(block, years):
            values[outcome.name][:] = np.nan
    if reduce is None:
        return _Block(block.runs, block.years, values, block.there)
    there = np.asarray(block.there.any(axis=2, keepdims=True), dtype=np.bool_)
    return _Block(block.runs, np.zeros(1, dtype=np.int64), values, there)


def _lacks_last(block: _Block, years: Years) -> bool:
    """Tell whether the last year that is asked for is not there."""
    last = years[1] if years else None
    return last is not None and last not in block.years


def _over_years(outcome: Outcome, parts: Sequence[Floats], reduce: Reduce | None) -> Floats:
    """Return one outcome, (runs, places, years), with a single year when reduced."""
    if outcome.of is not None and reduce == "period":
        return _ratio(*(part.sum(axis=2, keepdims=True) for part in parts))
    value = parts[0] if outcome.of is None else round_significant(_ratio(*parts))
    if reduce is None:
        return value
    if value.shape[2] == 0:
        return np.full((*value.shape[:2], 1), np.nan)
    if reduce == "last" or (reduce == "period" and outcome.kind == "stock"):
        return value[:, :, -1:]
    if reduce == "sum":
        return np.asarray(value.sum(axis=2, keepdims=True))
    return np.asarray(value.mean(axis=2, keepdims=True))


def _ratio(above: Floats, below: Floats) -> Floats:
    found = np.full(above.shape, np.nan)
    np.divide(above, below, out=found, where=below > 0.0)
    return found


def _frame(
    blocks: Sequence[_Block],
    rows: _Rows,
    wanted: Sequence[Outcome],
    order: Sequence[str],
    *,
    reduced: bool,
) -> pd.DataFrame:
    """Return blocks as one table, a row each value of the index that any of them has."""
    import pandas as pd

    years = np.unique(np.concatenate([np.zeros(0, np.int64), *(b.years for b in blocks)]))
    runs = np.unique(np.concatenate([np.zeros(0, np.int64), *(b.runs for b in blocks)]))
    shape = (len(runs), len(order), len(years))
    there = np.zeros(shape, dtype=np.bool_)
    dense = {one.name: np.full(shape, np.nan) for one in wanted}
    for block in blocks:
        at = np.ix_(
            np.searchsorted(runs, block.runs),
            np.arange(len(order)),
            np.searchsorted(years, block.years),
        )
        there[at] |= block.there
        for name, values in block.values.items():
            dense[name][at] = values
    done = np.isin(rows.run, runs)
    point, replicate = rows.point[done], rows.replicate[done]
    source = np.searchsorted(runs, rows.run[done])
    shown: Bools = np.asarray(there[source], dtype=np.bool_)
    which, place, year = np.nonzero(shown)
    data = {name: values[source][shown] for name, values in dense.items()}
    levels: list[Any] = [np.unique(point), np.unique(replicate), pd.Index(list(order))]
    codes: list[Any] = [
        np.searchsorted(levels[0], point)[which],
        np.searchsorted(levels[1], replicate)[which],
        place,
    ]
    names = ["point", "replicate", "place"]
    if not reduced:
        levels.append(years)
        codes.append(year)
        names.append("year")
    index = pd.MultiIndex(levels=levels, codes=codes, names=names, verify_integrity=False)
    return pd.DataFrame(data, index=index)


def _require_memory(
    results: Results,
    rows: _Rows,
    wanted: Sequence[Outcome],
    order: Sequence[str],
    by: By,
    years: Years,
    reduce: Reduce | None,
) -> None:
    """Refuse an answer that would take too much memory, and name a filter that fits."""
    scenario = results.manifest["scenario"]
    first, last = years or (None, None)
    first = max(int(scenario["start"]), first if first is not None else -(2**31))
    last = min(int(scenario["end"]), last if last is not None else 2**31)
    span = max(last - first + 1, 1)

    def needs(n_outcomes: int, n_places: int, n_years: int) -> float:
        return float(len(rows.run)) * n_places * n_years * (8.0 * n_outcomes + 16.0) * 2.0

    room = SHARE_OF_MEMORY * memory()
    asked = needs(len(wanted), len(order), 1 if reduce else span)
    if asked <= room:
        return
    ways = [
        ("reduce='mean'", needs(len(wanted), len(order), 1)),
        (f"places=[{order[0]!r}]", needs(len(wanted), 1, 1 if reduce else span)),
        (f"indicators=[{wanted[0].name!r}]", needs(1, len(order), 1 if reduce else span)),
        (f"reduce='mean' and indicators=[{wanted[0].name!r}]", needs(1, len(order), 1)),
        (f"reduce='mean' and places=[{order[0]!r}] of one indicator", needs(1, 1, 1)),
    ]
    fits = [way for way, size in ways if size <= room]
    way = f"; {fits[0]} would fit" if fits else "; take some of the points with points="
    raise UsageError(
        f"{len(wanted)} outcomes of {len(order)} places by {by}, {len(rows.run):,} runs and "
        f"{1 if reduce else span} years take {fmt.size(asked)}, more than a quarter of "
        f"memory ({fmt.size(room)}){way}"
    )


def memory() -> float:
    """Return the bytes of memory of this machine; a cautious guess where it does not say."""
    try:
        return float(os.sysconf("SC_PAGE_SIZE")) * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):
        return float(8 * 2**30)


def finished_everywhere(frame: pd.DataFrame, n_points: int) -> Ints:
    """Return the replicates of a cube that every point has, ascending.

    Raises
    ------
    ResultsError
        When there is none.
    """
    index = frame.index.to_frame(index=False)[["point", "replicate"]].drop_duplicates()
    count = index.groupby("replicate").size()
    common: Ints = np.sort(count[count == n_points].index.to_numpy(dtype=np.int64))
    if not len(common):
        raise ResultsError(
            f"no replicate is finished at all {n_points} points; go on with ydsim resume"
        )
    return common


def dense(
    frame: pd.DataFrame, name: str, n_points: int, replicates: Ints, places: Sequence[str]
) -> Floats:
    """Return an outcome of a reduced or yearly cube as an array, NaN where there is no value.

    Shape (points, replicates, places) of a reduced cube, (points, replicates, places, years) else.
    """
    index = frame.index
    import pandas as pd

    axes: list[Any] = [np.arange(n_points), replicates, list(places)]
    if "year" in index.names:
        axes.append(np.unique(index.get_level_values("year")))
    full = pd.MultiIndex.from_product(axes, names=index.names)
    values: Floats = frame[name].reindex(full).to_numpy(dtype=np.float64, copy=True)
    return values.reshape([len(axis) for axis in axes])
