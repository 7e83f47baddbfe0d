"""The scorecard: every number from outside that the model was held against, and how it came out.

    effects     estimates of published studies, found in simulated panels
                (`ydsim.studies.literature`)
    signs       of levers, as studies have them
    flows       counted links between places (`ydsim.studies.flows`)
    patterns    official figures and published patterns to 2020 (`ydsim.studies.validation`)
    forecasts   of past years: how often intervals held the figure, and whether the pool is better
                than its members (`ydsim.studies.skill`)

A row is ``inside`` where the whole interval of what was found lies in the accepted range,
``outside`` where all of it lies beyond, ``undecided`` where it is partly in, ``concept differs``
where the model has another quantity, ``not computed`` where it has none. Of patterns the interval
holds 80 per cent of replicates; an interval that holds 80 per cent of figures is expected to hold
`HELD` of them, by Wilson's interval.

The table of a version is in the package. A miss stays in it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import pandas as pd

from ydsim import fmt
from ydsim.errors import UsageError
from ydsim.measures.effects import Interval
from ydsim.packaged import rows_of
from ydsim.record.indicators import name_in_words
from ydsim.results.results import Results, open_results
from ydsim.studies.flows import DIFFERS
from ydsim.studies.literature import ALONE, INSIDE, NOT_RUN, OPEN, OUTSIDE, verdict
from ydsim.studies.study import Section, lines_of
from ydsim.wording import suggestion

STATUS: Final = (INSIDE, OUTSIDE, OPEN, DIFFERS, NOT_RUN)
PARTS: Final = ("effects", "signs", "flows", "patterns", "forecasts")
COLUMNS: Final = (
    "part",
    "row",
    "published",
    "estimate",
    "low",
    "high",
    "status",
    "before",
    "version",
)
"""``published`` is text; ``before`` the status in the version before, empty of a new row."""
FILE: Final = ("ydsim.studies", "scorecard.csv")
HELD: Final = (0.6, 0.95)
"""Share of figures that intervals of 80 per cent may hold."""
SURE: Final = 0.05

Row = dict[str, Any]


def shipped() -> pd.DataFrame:
    """Return the table of this version, columns `COLUMNS`."""
    table = pd.DataFrame(rows_of(*FILE), columns=list(COLUMNS))
    for name in ("estimate", "low", "high"):
        table[name] = pd.to_numeric(table[name], errors="coerce")
    return table


def table_of(
    folders: Sequence[str | Path] | None = None, parts: Sequence[str] | None = None
) -> pd.DataFrame:
    """Return the rows of finished runs, by default the table of this version, of some parts or all.

    UsageError of another part, and of results that are runs of none of the studies.
    """
    for part in parts or ():
        if part not in PARTS:
            hint = suggestion(part, PARTS, "parts are")
            raise UsageError(f"there is no part {part!r}{hint}")
    rows = [row for each in folders or () for row in of_results(each)]
    table = pd.DataFrame(rows, columns=list(COLUMNS)) if folders else shipped()
    return table[table["part"].isin(parts)] if parts else table


def of_results(results: Results | str | Path) -> list[Row]:
    """Return the rows of finished runs of a study; UsageError where they are of no study here."""
    from ydsim.studies import flows, literature, skill, validation

    results = open_results(results) if isinstance(results, str | Path) else results
    version = str(results.manifest["ydsim"])
    for study, rows in (
        (literature, _of_effects),
        (flows, _of_flows),
        (skill, _of_forecasts),
        (validation, _of_patterns),
    ):
        try:
            found = study.read(results)
        except UsageError:
            continue
        return [{**row, "before": "", "version": version} for row in rows(found)]
    raise UsageError(f"{results.name}: no runs of study literature, flows, skill or validation")


def _of_effects(found: Any) -> Iterator[Row]:
    for row in found.table.to_dict("records"):
        if row["verdict"] != ALONE:
            seen = _seen(row, found=not math.isnan(row["estimate"]))
            yield _row("effects", row["outcome"], row["published"], seen, row["verdict"])


_ENDS = ("estimate", "low", "high")


def _seen(row: Row, *, found: bool) -> Interval:
    names = _ENDS if found else ("counted", "counted_low", "counted_high")
    return Interval(*(float(row[name]) for name in names))


def _of_flows(found: Any) -> Iterator[Row]:
    for row in found.table.to_dict("records"):
        counted = _range(row["counted_low"], row["counted_high"], row["counted"])
        words = f"{row['words']}, {row['years']}"
        yield _row("flows", words, counted, _seen(row, found=True), row["verdict"])


def _of_patterns(found: Any) -> Iterator[Row]:
    for row in found.table.to_dict("records"):
        if row["scored"]:
            seen = _seen(row, found=True)
            low, high = row["accepted_low"], row["accepted_high"]
            status = INSIDE if row["met"] else verdict(seen, low, high)
            yield _row("patterns", row["outcome"], _range(low, high), seen, status)


def _of_forecasts(found: Any) -> Iterator[Row]:
    from ydsim.studies.skill import POOL

    own = found.pools[found.pools["forecaster"] == POOL]
    for row in own.to_dict("records"):
        if not row["by"].isdigit():
            held = wilson(row["within_80"], int(row["n"]))
            what = f"held by 80 % intervals: {name_in_words(row['by'])}"
            yield _row("forecasts", what, _range(*HELD), held, verdict(held, *HELD))
    for row in found.tests.to_dict("records"):
        sure, gap = row["p"] < SURE, row["difference"]
        status = OPEN if not sure else INSIDE if gap > 0.0 else OUTSIDE
        name = f"CRPS of {row['member']} less that of the pool"
        yield _row("forecasts", name, "above 0", Interval(gap, math.nan, math.nan), status)


def wilson(share: float, n: int) -> Interval:
    """Return a share of n with its interval of 95 per cent (Wilson 1927)."""
    z2 = 1.959964**2
    middle = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = math.sqrt(z2 * (share * (1 - share) / n + z2 / (4 * n * n))) / (1 + z2 / n)
    return Interval(share, middle - half, middle + half)


def _row(part: str, name: str, published: str, seen: Interval, status: str) -> Row:
    ends = dict(zip(_ENDS, (seen.estimate, seen.low, seen.high), strict=True))
    return {"part": part, "row": name, "published": published, **ends, "status": status}


def _range(low: float, high: float, value: float = math.nan) -> str:
    """Return an accepted range in words, or a value that has none."""
    ends = [fmt.number(end, 3) if math.isfinite(end) else None for end in (low, high)]
    if ends == [None, None]:
        return fmt.number(value, 3)
    if ends[1] is None:
        return f"above {ends[0]}"
    return f"below {ends[1]}" if ends[0] is None else f"{ends[0]} to {ends[1]}"


# -- the table in words ----------------------------------------------------------------------------


def counts(table: pd.DataFrame) -> pd.DataFrame:
    """Return the number of rows by part and status, and of all."""
    found = pd.crosstab(table["part"], table["status"]).reindex(
        index=[part for part in PARTS if part in set(table["part"])],
        columns=list(STATUS),
        fill_value=0,
    )
    found.loc["all"] = found.sum()
    return found.assign(rows=found.sum(axis=1))


def headline(table: pd.DataFrame) -> str:
    """Say how many numbers there are, and how they came out."""
    by = table["status"].value_counts()
    parts = ", ".join(f"{by[name]} {name}" for name in STATUS if by.get(name, 0))
    missing = [part for part in PARTS if part not in set(table["part"])]
    more = f" Not in it yet: {', '.join(missing)}." if missing else ""
    return f"Of {len(table)} numbers from outside: {parts}.{more}"


def counted(table: pd.DataFrame) -> dict[str, dict[str, int]]:
    """Return `counts` as plain data."""
    found = counts(table)
    names = [str(name) for name in found.columns]
    return {part: dict(zip(names, row, strict=True)) for part, row in counted_rows(found)}


def cells(rows: Iterable[Mapping[Any, Any]]) -> list[list[str]]:
    """Return rows of the table in words."""
    return [
        [
            str(row["part"]),
            str(row["row"]),
            str(row["published"]),
            fmt.interval(row["estimate"], row["low"], row["high"]),
            str(row["status"]),
            str(row["version"]),
        ]
        for row in rows
    ]


HEAD: Final = ("part", "row", "published", "found", "status", "version")


def text(table: pd.DataFrame) -> str:
    """Return the counts, and the rows that are not inside, as plain text."""
    numbers = counts(table)
    rows = [[str(part), *map(str, row)] for part, row in counted_rows(numbers)]
    missed = table[table["status"] != INSIDE].to_dict("records")
    sections = [
        Section("", ["part", *map(str, numbers.columns)], rows, range(1, numbers.shape[1] + 1)),
        Section("Not inside", HEAD, cells(missed)),
    ]
    there = [each.plain.strip("\n") for each in sections if each.rows]
    return "\n\n".join(["\n".join(lines_of(headline(table))), *there])


def counted_rows(numbers: pd.DataFrame) -> Iterator[tuple[str, list[int]]]:
    """Yield the rows of `counts`."""
    for part, row in zip(numbers.index, numbers.to_numpy().tolist(), strict=True):
        yield str(part), row


def changed(table: pd.DataFrame) -> list[str]:
    """Return the names of rows whose status is another than in the version before."""
    moved = table[(table["before"] != "") & (table["before"] != table["status"])]
    return [f"{row['part']}: {row['row']}" for row in moved.to_dict("records")]
