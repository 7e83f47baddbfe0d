"""Values by point, replicate, place and year: the one table at which every reading of runs begins.

    cube(results, ["launches", "rd_expenditure"], by="province", years=(2016, 2020))

Rows have the index ``point, replicate, place, year``, columns are outcomes. Places are the whole
region and its provinces, its cities, kinds of organisations, or technology fields. A flow of a
year is the sum of its quarters, a mean their mean, a stock the value of the last quarter, and a
ratio the ratio of two flows of the year or quarter, so that it is a ratio of sums; values have the
ten digits of the store. `long` gives the same numbers in long form, for export.

Parts of a results folder are read one at a time, of each only the columns that are asked for, and
what is reduced is reduced at once, so that memory holds the answer and one part.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ydsim import arguments, fmt
from ydsim.errors import ResultsError, UsageError
from ydsim.measures.groups import quotient
from ydsim.memory import machine_memory
from ydsim.record.indicators import ROWS, name_in_words, named_by_word, outcomes_called
from ydsim.store.manifest import RUN
from ydsim.store.tables import round_significant
from ydsim.translation import gettext as _t
from ydsim.translation import mark
from ydsim.typing import Bools, Columns, Floats, Ints, Table
from ydsim.wording import canonical, shorten, suggestion

if TYPE_CHECKING:
    import pandas as pd

    from ydsim.results.results import Results

By = Literal["province", "city", "kind", "field"]
REGION: Final = "region"
"""The whole, as people name it."""
Reduce = Literal["mean", "sum", "last", "period"]
Indicators: TypeAlias = Mapping[str, Mapping[str, Any]]
"""Indicators as in the manifest: ``unit``, ``kind``, ``prior``, ``of`` and more by name."""

Years: TypeAlias = tuple[int | None, int | None] | None
"""First and last year, both included; None for no bound."""

BY: Final[dict[By, str]] = {
    "province": mark("province"),
    "city": mark("city"),
    "kind": mark("kind"),
    "field": mark("field"),
}
"""Levels of the places of a cube, in words."""

LEVELS: Final[tuple[By, ...]] = tuple(BY)
REDUCTIONS: Final[tuple[Reduce, ...]] = ("mean", "sum", "last", "period")
KINDS: Final = ("firm", "university", "institute")
SHARE_OF_MEMORY: Final = 0.25
"""Part of the machine's memory that a cube may take."""
CAUTIOUS: Final = float(8 * 2**30)
"""Bytes that are taken for the machine's memory where it does not say."""

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

    Its name in tables; unit and kind (``flow``, ``stock``, ``mean`` or ``ratio``) of the recorded
    value; whether values of single cities rest on a prior; numerator and denominator of a ratio.
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
    def change_in(self) -> Literal["per cent", "points", "log"]:
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
        return "percentage points" if self.change_in == "points" else self.unit


def outcomes_at(by: By, indicators: Indicators) -> dict[str, Outcome]:
    """Return all outcomes of a level by name.

    ``indicators`` are as in a manifest. Projects of a kind of organisations are those of which it
    had the idea; ``researchers`` and ``rd`` are those of the last quarter of a run.
    """
    if by in ("kind", "field"):
        mine = {name: row for name, row in ROWS.items() if by[0].upper() in row["levels"]}
        return {name: Outcome(name, row["unit"], row["kind"]) for name, row in mine.items()}
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


def require_outcomes(names: Sequence[str], by: By, indicators: Indicators) -> tuple[Outcome, ...]:
    """Return outcomes by name, each once.

    UsageError when there is none, or one has no such name at this level; names the nearest.
    """
    there = outcomes_at(by, indicators)
    if not names:
        raise UsageError(_t("no outcome is asked for"))
    for name in names:
        if name not in there:
            hint = named_by_word(name, there, _t("outcomes are"))
            if name in indicators:
                levels = ", ".join(indicators[name]["levels"])
                hint = _t(": it is recorded for {levels} only").format(levels=levels)
            message = _t("no outcome by {by} is called {name!r}{hint}")
            raise UsageError(message.format(by=_t(BY[by]), name=shorten(name), hint=hint))
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
    by: By = "province",
    *,
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
        How years become one value; by default each year is a row. ``"mean"`` and ``"sum"`` are of
        yearly values, ``"last"`` is that of the last year, and ``"period"`` the mean of flows and
        means, the last year of stocks, and of ratios sum over sum.

    Returns
    -------
    DataFrame
        Index ``point, replicate, place, year`` (without ``year`` when reduced), ascending but for
        places, a column of floats an outcome; NaN where a place does not have it.

    Raises
    ------
    UsageError
        When there is no such outcome, place, point or year, or the answer would take more than a
        quarter of the machine's memory.
    ResultsError
        When what is needed was not recorded, a file is damaged, or a year lacks a quarter.
    """
    names = outcomes_called(indicators, "indicators")
    arguments.one_of("by", by, LEVELS)
    wanted = require_outcomes(names, by, results.manifest["indicators"])
    if reduce is not None:
        arguments.one_of("reduce", reduce, REDUCTIONS)
    order = _places(results, by, None if places is None else arguments.texts("places", places))
    rows = rows_of_runs(results, points)
    first, last = _bounds(years)
    span = (-np.inf if first is None else first), (np.inf if last is None else last)
    scenario = results.manifest["scenario"]
    most = min(int(scenario["end"]), span[1]) - max(int(scenario["start"]), span[0]) + 1
    _require_memory(len(rows), len(wanted), len(order), 1 if reduce else int(max(most, 1)))
    parts = list(dict.fromkeys(name for one in wanted for name in (one.of or (one.name,))))
    blocks = []
    missed: set[int] = set()
    for block in _blocks(results, by, parts, order):
        some = block.at((block.years >= span[0]) & (block.years <= span[1]))
        blocks.append(_finished(some, wanted, reduce, last))
        missed |= set() if len(some.years) else set(block.years.tolist())
    if missed and not any(one.there.any() for one in blocks):
        asked = "-".join("" if year is None else str(year) for year in (first, last))
        message = _t("years {years}: the runs have {first}-{last}")
        raise UsageError(message.format(years=asked, first=min(missed), last=max(missed)))
    return _frame(blocks, rows, wanted, order, reduced=reduce is not None)


def _bounds(years: Any) -> tuple[int | None, int | None]:
    """Return the first and the last year, None for no bound."""
    expected = "the first and the last year, each a whole number or None"
    try:
        first, last = (None, None) if years is None else years
    except (TypeError, ValueError):
        raise arguments.refuse("years", expected, years) from None
    first, last = (arguments.maybe_whole("years", one) for one in (first, last))
    if first is not None and last is not None and first > last:
        raise arguments.refuse("years", expected, years)
    return first, last


def rows_of_runs(results: Results, points: Sequence[int] | None) -> pd.DataFrame:
    """Return points and replicates of the answer, and the run of the plan that each comes from."""
    import pandas as pd

    plan, table = results.contents.plan, results.contents.points
    single = results.contents.kind == RUN
    spread = [[0] if single else table.rows.get(of, []) for of in plan.hashes]
    every = pd.DataFrame({"point": spread, "replicate": plan.replicates}).rename_axis("run")
    rows = every.reset_index().explode("point").dropna().astype(np.int64)
    if points is not None:
        try:
            given = list(points)
        except TypeError:
            given = []
        if not given:
            raise arguments.refuse("points", "numbers of points", points)
        wanted = [arguments.whole("points", number, 0, len(table) - 1) for number in given]
        rows = rows[rows["point"].isin(wanted)]
    return rows.sort_values(["point", "replicate"], kind="stable")


def _places(results: Results, by: By, asked: Sequence[str] | None) -> list[str]:
    """Return the places of a level, the region before its provinces."""
    regions = [str(name) for name in results.manifest["regions"]]
    fixed = {"province": [regions[-1], *regions[:-1]], "kind": list(KINDS)}
    known = fixed[by] if by in fixed else _named(results, by)
    if asked is None:
        return known
    if not asked:
        raise arguments.refuse("places", "names of places", asked)
    for name in asked:
        if name not in known:
            hint = suggestion(name, known, _t("known"))
            message = _t("no {by} is called {name!r}{hint}")
            raise UsageError(message.format(by=_t(BY[by]), name=shorten(name), hint=hint))
    return list(dict.fromkeys(asked))


def place_called(
    name: str, region: str, provinces: Sequence[str], cities: Sequence[str] = ()
) -> tuple[By, str]:
    """Return the level of a place and what tables call it; ``region`` is the whole.

    UsageError with the nearest name of a place where there is none.
    """
    text = arguments.text("place", name, "the name of a province, a city, or 'region'")
    known = [*provinces, *cities]
    found = canonical(text, {each: each for each in known})
    if found in (REGION, region):
        return "province", region
    if found not in known:
        hint = suggestion(text, [REGION, *known], _t("places are"))
        message = _t("no place of these runs is called {name!r}{hint}")
        raise UsageError(message.format(name=shorten(text), hint=hint))
    return ("province" if found in provinces else "city"), found


def place_in(results: Results, name: str) -> tuple[By, str]:
    """Return the same of a place of results, in which cities may be recorded."""
    *provinces, region = map(str, results.manifest["regions"])
    return place_called(name, region, provinces, _named(results, "city"))


def _named(results: Results, by: By) -> list[str]:
    """Return cities or fields in the order in which the first part that has them names them."""
    column = "city" if by == "city" else "field"
    for table in (name for name in TABLES[by] if name in results.manifest["tables"]):
        for _, columns in results.parts(table, [column]):
            if names := dict.fromkeys(columns[column].tolist()):
                return list(names) if table != "generations" else sorted(names)
    return []


def _blocks(results: Results, by: By, names: list[str], order: list[str]) -> Iterator[_Block]:
    """Yield values of the runs of each part; of kinds and fields of each of their tables."""
    if by in ("province", "city"):
        if (table := f"{by}_year") not in results.tables:
            results.columns(table)  # says what would have kept it
        yield from _of_series(results, by, names, order)
        return
    recorded = [table for table in TABLES[by] if table in results.manifest["tables"]]
    if not recorded:
        results.columns(TABLES[by][0])
    for table in recorded:
        yield from _counted(results, table, names, order)


def _of_series(results: Results, by: By, names: list[str], order: list[str]) -> Iterator[_Block]:
    """Yield yearly values from quarterly series."""
    cards, (table,) = results.manifest["indicators"], TABLES[by]
    place = "region" if by == "province" else "city"
    for runs, columns in results.parts(table, [place, "year", "quarter", *names]):
        first = np.diff(runs, prepend=-1) != 0  # rows come run by run
        numbers, r = runs[first], np.cumsum(first) - 1
        p = _codes(columns[place], order)
        year, quarter = (columns[key].astype(np.int64) for key in ("year", "quarter"))
        years = np.arange(year.min(), year.max() + 1)
        t = 4 * (year - years[0]) + quarter - 1
        mine = (p >= 0) & (quarter >= 1) & (quarter <= 4)
        shape = (len(numbers), len(order), len(years), 4)
        cell = np.ravel_multi_index((r[mine], p[mine], t[mine]), (*shape[:2], 4 * len(years)))
        seen = np.zeros(shape, dtype=np.bool_)
        seen.ravel()[cell] = True
        there = np.asarray(seen.all(axis=-1), dtype=np.bool_)
        if seen.sum() != (p >= 0).sum() or (there != seen.any(axis=-1)).any():
            message = _t("{path}: table {table}: {error}")
            raise ResultsError(message.format(path=results.path, table=table, error=_uneven()))
        values = {}
        for name in names:
            if name in columns:
                quarters = np.full(shape, np.nan)
                quarters.ravel()[cell] = columns[name][mine]
                values[name] = round_significant(year_of(quarters, cards[name]["kind"]))
        block = _Block(numbers, years, values, there)
        yield block.at(np.asarray(there.any(axis=(0, 1)), dtype=np.bool_))


def _uneven() -> str:
    return _t("a year in a recorded series lacks a quarter or has one twice")


def _codes(labels: NDArray[np.generic], order: list[str]) -> Ints:
    """Return the number of each place, -1 for one that is not asked for."""
    import pandas as pd

    return pd.Index(order, dtype=object).get_indexer(pd.Index(labels, dtype=object))


# -- kinds of organisations and fields of technology -----------------------------------------------


_STAGES: Final = {
    "applied_research": "applied research",
    "inventions": "invention",
    "launches": "launch",
}


def _of_funnel(table: Table, scale: Floats) -> dict[str, Floats]:
    """Projects by the kind that had the idea."""
    stage, completed = table["stage"], table["completed"]
    done = {name: np.where(stage == of, completed, np.nan) for name, of in _STAGES.items()}
    others = {"projects_failed": "failed", "projects_died_waiting": "died_waiting",
              "projects_live": "live"}  # fmt: skip
    return done | {name: table[column].astype(np.float64) for name, column in others.items()}


def _of_agents(table: Table, scale: Floats) -> dict[str, Floats]:
    """Researchers and R&D at the end of the run, at scale 1: a firm stands for others."""
    whole = np.where(table["kind"] == "firm", 1.0 / scale, 1.0)
    return {name: whole * table[name] for name in ("researchers", "rd")}


def _of_knowledge(table: Table, scale: Floats) -> dict[str, Floats]:
    """Effort, and knowledge times effort."""
    effort, knowledge = (table[name].astype(np.float64) for name in ("effort", "knowledge"))
    return {"effort": effort, "knowledge": effort * knowledge}


def _of_generations(table: Table, scale: Floats) -> dict[str, Floats]:
    """Generations that the region founded."""
    return {"generations_founded": np.where(table["origin"] == "region", 1.0, np.nan)}


_COUNTED: Final = {
    "funnel": ("lead", "year", _of_funnel),
    "agents": ("kind", "", _of_agents),
    "knowledge": ("field", "year", _of_knowledge),
    "generations": ("field", "founded_year", _of_generations),
}
"""Tables of kinds and fields: column of the place, of the year (the last one where there is none),
and what rows add."""


def _counted(results: Results, table: str, names: list[str], order: list[str]) -> Iterator[_Block]:
    """Yield values that are added up over rows; generations of all years that were simulated."""
    import pandas as pd

    place, year, adding = _COUNTED[table]
    spans = _spans(results) if table in ("agents", "generations") else {}
    for runs, columns in results.parts(table):
        when = columns[year].astype(np.int64) if year else spans["end"][runs]
        added = pd.DataFrame(adding(columns, spans["scale"][runs] if spans else np.ones(1)))
        sums = added.groupby([runs, _codes(columns[place], order), when]).sum(min_count=1)
        numbers, years = np.unique(runs), np.unique(when)
        if table == "generations":
            years = np.arange(spans["start"].min(), spans["end"].max() + 1)
        sums = sums.reindex(pd.MultiIndex.from_product([numbers, range(len(order)), years]))
        if table == "generations":
            run, _, founded = (sums.index.get_level_values(level) for level in range(3))
            sums = sums.fillna(0.0)
            sums.loc[founded > spans["end"][run]] = np.nan
        elif table == "knowledge":
            sums["knowledge"] /= sums["effort"]  # NaN where there was none
        shape = (len(numbers), len(order), len(years))
        there = sums.notna().any(axis=1).to_numpy().reshape(shape)
        values = {n: sums[n].to_numpy().reshape(shape) for n in sums if n in names}
        yield _Block(numbers, years, values, there)


def _spans(results: Results) -> dict[str, NDArray[Any]]:
    """Return first and last year, and scale, of each run of the plan."""
    import pandas as pd

    number = {of: at for at, of in enumerate(results.contents.points.columns["hash"].tolist())}
    keys = ["start", "end", "scale"]
    found = {of: [results.scenario_at(at)[key] for key in keys] for of, at in number.items()}
    some = next(iter(found.values()))  # of runs of other points, which are left out
    hashes = results.contents.plan.hashes
    spans = pd.DataFrame([found.get(of, some) for of in hashes], columns=keys)
    return {key: spans[key].to_numpy() for key in keys}


# -- years, and the table --------------------------------------------------------------------------


def _finished(
    block: _Block, wanted: Sequence[Outcome], reduce: Reduce | None, last: int | None
) -> _Block:
    """Return outcomes, ratios formed, years reduced where they are to be."""
    values = {}
    for outcome in wanted:
        parts = [block.values[n] for n in outcome.of or (outcome.name,) if n in block.values]
        if len(parts) == len(outcome.of or (outcome.name,)):
            values[outcome.name] = _over_years(outcome, parts, reduce)
            lacks_last = last is not None and last not in block.years
            if reduce == "period" and outcome.kind == "stock" and lacks_last:
                values[outcome.name][:] = np.nan
    if reduce is None:
        return _Block(block.runs, block.years, values, block.there)
    there = np.asarray(block.there.any(axis=2, keepdims=True), dtype=np.bool_)
    return _Block(block.runs, np.zeros(1, dtype=np.int64), values, there)


def _over_years(outcome: Outcome, parts: Sequence[Floats], reduce: Reduce | None) -> Floats:
    """Return one outcome, (runs, places, years), with a single year when reduced."""
    if outcome.of is not None and reduce == "period":
        above, below = (part.sum(axis=2, keepdims=True) for part in parts)
        return quotient(above, below, np.nan)
    value = (
        parts[0] if outcome.of is None else round_significant(quotient(parts[0], parts[1], np.nan))
    )
    if reduce is None:
        return value
    if value.shape[2] == 0:
        return np.full((*value.shape[:2], 1), np.nan)
    if reduce == "last" or (reduce == "period" and outcome.kind == "stock"):
        return value[:, :, -1:]
    total = value.sum if reduce == "sum" else value.mean
    return np.asarray(total(axis=2, keepdims=True))


def _frame(
    blocks: list[_Block],
    rows: pd.DataFrame,
    wanted: Sequence[Outcome],
    order: Sequence[str],
    *,
    reduced: bool,
) -> pd.DataFrame:
    """Return blocks as one table, a row each value of the index that any of them has."""
    import pandas as pd

    nothing = np.zeros(0, dtype=np.int64)
    years = np.unique(np.concatenate([nothing, *(block.years for block in blocks)]))
    runs = np.unique(np.concatenate([nothing, *(block.runs for block in blocks)]))
    shape = (len(runs), len(order), len(years))
    there = np.zeros(shape, dtype=np.bool_)
    dense = {one.name: np.full(shape, np.nan) for one in wanted}
    while blocks:
        block = blocks.pop()
        r, t = np.searchsorted(runs, block.runs), np.searchsorted(years, block.years)
        at = np.ix_(r, np.arange(len(order)), t)
        there[at] |= block.there
        for name, values in block.values.items():
            dense[name][at] = values
    rows = rows[rows["run"].isin(runs)]
    source = np.searchsorted(runs, rows["run"])
    shown: Bools = np.asarray(there[source], dtype=np.bool_)
    data = {name: values[source][shown] for name, values in dense.items()}
    row, place, year = np.nonzero(shown)
    levels: dict[str, Any] = {key: np.unique(rows[key]) for key in ("point", "replicate")}
    codes: list[Any] = [np.searchsorted(level, rows[key])[row] for key, level in levels.items()]
    # text of pandas holds no half of a character
    levels |= {"place": pd.Index(list(order), dtype=object), "year": years}
    n = len(levels) - reduced
    index = pd.MultiIndex([*levels.values()][:n], [*codes, place, year][:n], names=[*levels][:n])
    return pd.DataFrame(data, index=index)


def _require_memory(runs: int, outcomes: int, places: int, years: int) -> None:
    """Refuse an answer that would take too much memory."""
    takes = float(runs) * places * years * (8.0 * outcomes + 16.0) * 2.0
    room = SHARE_OF_MEMORY * machine_memory(CAUTIOUS)
    if takes > room:
        message = _t(
            "{outcomes} outcomes of {places} places, {runs:,} runs and {years} years take {size}, "
            "more than a quarter of memory ({room}): take fewer of indicators=, places= or "
            "points=, or one value of all years, as reduce='mean'"
        )
        sizes = {"size": fmt.size(takes), "room": fmt.size(room)}
        raise UsageError(
            message.format(outcomes=outcomes, places=places, runs=runs, years=years, **sizes)
        )


# -- tidy tables: one row for each value of a wide quarterly table ---------------------------------


def year_of(quarters: Floats, kind: str) -> Floats:
    """Return the value of a year of its quarters (..., 4), before it is rounded."""
    if kind not in ("flow", "mean"):
        return quarters[..., 3]
    total: Floats = quarters.sum(axis=-1)
    return total if kind == "flow" else total / 4.0


def years_of(quarters: Mapping[str, Floats], indicators: Indicators) -> dict[str, Floats]:
    """Return yearly values of recorded indicators, (..., 4) each, and ratios behind them."""
    if not quarters:
        return {}
    years = [year_of(values, indicators[name]["kind"]) for name, values in quarters.items()]
    rounded = round_significant(np.stack(years))  # one call: it costs as much as one column
    return _with_ratios(dict(zip(quarters, rounded, strict=True)), indicators)


def recorded(columns: Iterable[str], indicators: Indicators) -> list[str]:
    """Return the columns that are indicators, in the order in which they were recorded."""
    return [n for n in columns if n in indicators and indicators[n]["kind"] != "ratio"]


def long(
    columns: Columns, places: Sequence[str], place: str, indicators: Indicators, *, yearly: bool
) -> Columns:
    """Return a wide quarterly table as ``point, replicate, region, year, ...`` rows.

    ``places``: places in their order; others come behind them in order of first appearance.
    ``place``: column of the place: ``region``, or ``city``, whose rows have their province and
    whether the indicator rests on a prior. ``yearly``: one row a year and not a quarter. ValueError
    when a place and year lacks one of its four quarters.
    """
    import pandas as pd

    keys = ["point", "replicate", "region", "year", "quarter"]
    of_city = ["province"] if place == "city" else []
    names = recorded(columns, indicators)
    order = list(dict.fromkeys([*places, *columns[place].tolist()]))
    wide = pd.DataFrame({n: c for n, c in columns.items() if n in (*keys, *of_city, *names)})
    wide = wide.assign(region=pd.Categorical(columns[place], order))
    wide = wide.sort_values(keys, kind="stable")
    values = {name: wide[name].to_numpy(np.float64) for name in names}
    if yearly:
        first, last = (wide.iloc[at::4][keys[:4]].to_numpy() for at in (0, 3))
        quarters = wide["quarter"].to_numpy()
        whole = len(quarters) % 4 == 0 and (quarters.reshape(-1, 4) == [1, 2, 3, 4]).all()
        if not whole or (first != last).any():
            raise ValueError(_uneven())
        keys, wide = keys[:4], wide.iloc[::4]
        values = years_of({name: of.reshape(-1, 4) for name, of in values.items()}, indicators)
    else:
        values = _with_ratios(values, indicators)
    rows = pd.DataFrame(values, index=wide.index)
    rows = pd.concat([wide[[*keys, *of_city]].astype({"region": object}), rows], axis=1)
    rows = rows.melt([*keys, *of_city], var_name="indicator").dropna(subset="value")
    rows = rows.sort_values(["point", "replicate"], kind="stable")
    facts = ["unit", "prior"] if of_city else ["unit"]
    for fact in facts:
        rows[fact] = rows["indicator"].map({name: indicators[name][fact] for name in values})
    shown = [*keys, "indicator", "value", "unit", *of_city, *facts[1:]]
    return {name: rows[name].to_numpy() for name in shown} if values else {}


def _with_ratios(values: dict[str, Floats], indicators: Indicators) -> dict[str, Floats]:
    """Return values and, behind them by name, the ratios of which both parts are there."""
    found = dict(values)
    for name in sorted(name for name in indicators if indicators[name]["kind"] == "ratio"):
        above, below = indicators[name]["of"]
        if above in values and below in values:
            found[name] = round_significant(quotient(values[above], values[below], np.nan))
    return found
