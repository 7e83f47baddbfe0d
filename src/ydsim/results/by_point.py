"""The end of a sweep in a few lines: the points, and how each differs from the first."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from ydsim.fmt import number, text_table
from ydsim.results.interval import interval
from ydsim.store.layout import RUNS
from ydsim.typing import Columns, Floats, Ints

if TYPE_CHECKING:
    from ydsim.results.results import Results

MOST_POINTS = 20
OUTCOMES = (
    "rd_expenditure",
    "value_added_secondary",
    "invention_patents_granted",
    "tech_market_contract_value_output",
    "coinventions_interprovince",
)


def summarise(results: Results) -> list[dict[str, Any]]:
    """Return the first points with factors, finished replicates, outcomes and differences.

    Each outcome is ``{"mean", "low", "high"}`` over replicates: the whole region in the last year,
    with a 95 % interval of the mean by Student's t (None for one replicate). Each difference to
    point 0 is the same over pairs of equal replicates, where all points share their random
    numbers; an interval holds for itself and not for all at once.
    """
    points = results.contents.points
    table = results.raw(RUNS)
    shown = outcomes(results)
    paired = results.manifest["random"] == "common"
    lines = []
    for row in range(min(len(points), MOST_POINTS)):
        line: dict[str, Any] = {"point": row, "scenario": str(points.columns["scenario"][row])}
        line |= {name: points.columns[name][row : row + 1].tolist()[0] for name in points.factors}
        rows = _rows(table, row)
        line["replicates"] = len(rows)
        line["outcomes"] = {name: _summary(_values(table, name, rows)) for name in shown}
        if paired and row:
            line["differences"] = {name: _summary(_differences(table, name, row)) for name in shown}
        lines.append(line)
    return lines


def outcomes(results: Results) -> list[str]:
    """Return the indicators that the summary shows."""
    known = results.manifest["indicators"]
    return [name for name in OUTCOMES if name in known]


def as_text(results: Results) -> str:
    """Return the summary as one or two tables of aligned columns."""
    lines = summarise(results)
    points = results.contents.points
    several = len(set(points.columns["scenario"].tolist())) > 1
    shown = ["scenario", *points.factors] if several else points.factors
    units = results.manifest["indicators"]
    named = [f"{name} [{units[name]['unit']}]" for name in outcomes(results)]

    def table(of: list[dict[str, Any]], what: str, say: Callable[[Any], str]) -> list[str]:
        head = ["point", *shown, "n", *named]
        rows = [
            [
                str(line["point"]),
                *(_plain(line[name]) for name in shown),
                str(line["replicates"]),
                *(say(line[what][name]) for name in outcomes(results)),
            ]
            for line in of
        ]
        return text_table(head, rows, right=range(len(head)))

    year = int(points.base["end"])
    text = [f"the whole region in {year}, mean over n replicates ± half of its 95 % interval"]
    text += table(lines, "outcomes", _mean)
    differing = [line for line in lines if "differences" in line]
    if any(d["low"] is not None for line in differing for d in line["differences"].values()):
        text += [
            "",
            "difference to point 0, paired by replicate; * where its 95 % interval lacks 0",
        ]
        text += table(differing, "differences", _difference)
    more = len(points) - len(lines)
    if more > 0:
        text.append(f"and {more} more points: ydsim export {results.path} --table runs")
    return "\n".join(text)


def _rows(table: Columns, point: int) -> Ints:
    return np.flatnonzero(table["point"] == point) if table else np.zeros(0, dtype=np.int64)


def _values(table: Columns, name: str, rows: Ints) -> Floats:
    return table[name][rows].astype(np.float64) if name in table else np.zeros(0)


def _differences(table: Columns, name: str, point: int) -> Floats:
    """Return point less point 0 for the replicates that both have."""
    if not table:
        return np.zeros(0)
    here, first = _rows(table, point), _rows(table, 0)
    _, a, b = np.intersect1d(table["replicate"][here], table["replicate"][first],
                             return_indices=True)  # fmt: skip
    return _values(table, name, here[a]) - _values(table, name, first[b])


def _summary(values: Floats) -> dict[str, float | None]:
    there = values[~np.isnan(values)]
    if not len(there):
        return {"mean": None, "low": None, "high": None}
    _, mean, low, high = interval(there)
    return {"mean": mean, "low": low, "high": high}


def _mean(found: dict[str, float | None]) -> str:
    text = number(found["mean"], 5)
    if found["low"] is not None and found["high"] is not None:
        text += f" ± {number((found['high'] - found['low']) / 2, 2)}"
    return text


def _difference(found: dict[str, float | None]) -> str:
    text = number(found["mean"], 3, sign=True)
    if found["low"] is not None and found["high"] is not None:
        text += f" ± {number((found['high'] - found['low']) / 2, 2)}"
        text += " *" if found["low"] > 0.0 or found["high"] < 0.0 else "  "
    return text


def _plain(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.6g}"
    text = str(value)
    return text if len(text) <= 24 else text[:21] + "..."
