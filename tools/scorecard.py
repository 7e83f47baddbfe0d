"""The scorecard of this version: what outside numbers say of the model, hits and misses.

    python -m tools.scorecard FOLDER ...    # take in finished runs of studies, and the signs
    python -m tools.scorecard --page > docs/scorecard.md

Each folder has runs of ``ydsim study literature``, ``flows``, ``validation`` or ``skill``; its rows
replace those of its part in `ydsim.studies.scorecard`. What a row was in the version before stays
beside it, and a test asks that the changelog names what changed.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from math import inf
from pathlib import Path
from typing import Final

import pandas as pd

import ydsim
from tools import page, signs
from ydsim.fmt import markdown_table
from ydsim.measures.effects import Interval
from ydsim.results.results import records
from ydsim.studies import scorecard
from ydsim.studies.literature import INSIDE, OPEN, OUTSIDE
from ydsim.studies.scorecard import COLUMNS, PARTS, Row

STORED: Final = Path(scorecard.__file__).with_suffix(".csv")


def of_signs() -> Iterator[Row]:
    """Yield the rows of signs of levers, changes in per cent."""
    for row in signs.ROWS:
        seen = row.seen
        yield {
            "part": "signs",
            "row": row.name,
            "published": f"{row.expected} ({row.sources})",
            "estimate": seen.estimate,
            "low": seen.low,
            "high": seen.high,
            "status": status_of(row.expected, seen),
            "before": "",
            "version": ydsim.__version__,
        }


def status_of(expected: str, seen: Interval) -> str:
    """Return the status of a sign: inside where all of the interval has it."""
    ends: dict[str, tuple[float, float]]
    ends = {"up": (0.0, inf), "down": (-inf, 0.0), "little": (-signs.LITTLE, signs.LITTLE)}
    least, most = ends[expected]
    if seen.low > least and seen.high < most:
        return INSIDE
    return OUTSIDE if seen.high < least or seen.low > most else OPEN


def taken_in(old: pd.DataFrame, new: Sequence[Row]) -> pd.DataFrame:
    """Return the table with new rows in the place of those of their parts.

    A row keeps beside it what it was in the version before.
    """
    known = {(r["part"], r["row"]): r for r in records(old)}
    rows = list[Row]()
    for row in new:
        last = known.get((row["part"], row["row"]))
        if last is not None:
            same = last["version"] == row["version"]
            row = {**row, "before": last["before"] if same else last["status"]}
        rows.append(row)
    parts = {row["part"] for row in new}
    kept = [row for row in records(old) if row["part"] not in parts]
    order = {part: at for at, part in enumerate(PARTS)}
    every = sorted([*kept, *rows], key=lambda row: order[str(row["part"])])
    return pd.DataFrame(every, columns=list(COLUMNS))


def as_markdown(table: pd.DataFrame) -> str:
    """Return the page ``docs/scorecard.md``."""
    counts = scorecard.counts(table)
    statuses = [str(name) for name in counts.columns]
    numbers = [
        [str(part), *map(str, row)]
        for part, row in zip(counts.index, counts.to_numpy().tolist(), strict=True)
    ]
    moved = scorecard.changed(table)
    return page(
        "# Scorecard",
        scorecard.headline(table),
        "Every number from outside that the model was held against, with the version that made the "
        "row: published effects ([effects.md](effects.md)), signs of levers "
        "([signs.md](signs.md)), counted flows ([flows.md](flows.md)), patterns to 2020 "
        "([validation.md](validation.md)) and forecasts of past years ([skill.md](skill.md)). "
        "Made by `python -m tools.scorecard`; `ydsim study scorecard` prints it.",
        "*Inside*: the whole interval of what was found is in the accepted range; *outside*: all "
        "of it is beyond; *undecided*: it is partly in; *concept differs*: the model has another "
        "quantity; *not computed*: it has none. What was set with a number in view is in it, too, "
        "and tests nothing; its page says so.",
        markdown_table(["part", *statuses], numbers),
        "## What changed since the version before",
        "\n".join(f"- {one}" for one in moved) or "Nothing.",
        "## All rows",
        markdown_table(list(scorecard.HEAD), scorecard.cells(table.to_dict("records"))),
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Take in folders, or print the page."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folders", nargs="*", type=Path)
    parser.add_argument("--page", action="store_true", help="print the page of what is there")
    options = parser.parse_args(arguments)
    table = scorecard.shipped()
    if options.page:
        sys.stdout.write(as_markdown(table))
        return
    new = [*of_signs(), *(row for each in options.folders for row in scorecard.of_results(each))]
    found = taken_in(table, new)
    found.to_csv(STORED, index=False, lineterminator="\n", float_format="%.9g")
    print(scorecard.headline(found))


if __name__ == "__main__":
    main()
