"""The end of a sweep in a few lines: each point with the means of the main outcomes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ydsim.experiment.store import RUNS
from ydsim.experiment.summary import PREFERRED, interval

if TYPE_CHECKING:
    from ydsim.experiment.sweep.results import SweepResults

MOST_POINTS = 20
MOST_OUTCOMES = 4


def summarise(results: SweepResults) -> list[dict[str, Any]]:
    """Return the first points with factors, finished replicates, and outcomes.

    Each outcome is ``{"mean", "low", "high"}`` over replicates: the whole region in the last year,
    with a 95 % interval of the mean (None for one replicate).
    """
    points = results.contents.points
    table = results.raw(RUNS) if results.manifest["tables"] else {}
    lines = []
    for row in range(min(len(points), MOST_POINTS)):
        line: dict[str, Any] = {"point": row, "scenario": str(points.columns["scenario"][row])}
        line |= {name: points.columns[name][row : row + 1].tolist()[0] for name in points.factors}
        there = table["point"] == row if table else np.zeros(0, dtype=np.bool_)
        line["replicates"] = int(there.sum())
        line["outcomes"] = {
            name: _interval(table[name][there]) for name in outcomes(results) if there.any()
        }
        lines.append(line)
    return lines


def outcomes(results: SweepResults) -> list[str]:
    """Return the indicators that the summary shows."""
    known = results.manifest["indicators"]
    return [name for name in PREFERRED if name in known][:MOST_OUTCOMES]


def as_text(results: SweepResults) -> str:
    """Return the summary as a table of aligned columns."""
    lines = summarise(results)
    factors = results.contents.points.factors
    shown = outcomes(results)
    units = results.manifest["indicators"]
    head = ["point", *factors, "n", *(f"{name} [{units[name]['unit']}]" for name in shown)]
    rows = [head]
    for line in lines:
        rows.append(
            [
                str(line["point"]),
                *(_plain(line[name]) for name in factors),
                str(line["replicates"]),
                *(_outcome(line["outcomes"].get(name)) for name in shown),
            ]
        )
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    text = [
        "  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True))
        for row in rows
    ]
    more = len(results.contents.points) - len(lines)
    if more > 0:
        text.append(f"and {more} more points: ydsim export {results.path} --table runs")
    return "\n".join(text)


def _interval(values: np.ndarray[Any, np.dtype[Any]]) -> dict[str, float | None]:
    _, mean, low, high = interval(values.astype(np.float64))
    return {"mean": mean, "low": low, "high": high}


def _outcome(found: dict[str, float | None] | None) -> str:
    if found is None or found["mean"] is None:
        return "-"
    text = f"{found['mean']:.5g}"
    if found["low"] is not None and found["high"] is not None:
        text += f" ± {(found['high'] - found['low']) / 2:.2g}"
    return text


def _plain(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.6g}"
    text = str(value)
    return text if len(text) <= 24 else text[:21] + "..."
