"""What is in the files of a world: ``columns.csv`` has every column, its unit, bounds and words.

Its column ``cells`` says what the cells of a column hold: a text, a year, a number or a whole
number, with a question mark where they may be empty, then the bounds, as in ``number? >0..100``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from ydsim.packaged import rows_of

LARGEST = 1e15
"""What no figure of a region exceeds; sums of larger ones would."""


class Cells(NamedTuple):
    """What the cells of a column hold."""

    kind: str = "text"  # text, number, whole or year
    low: float = 0.0
    high: float = LARGEST
    above_low: bool = False  # ``low`` itself is not allowed
    empty: bool = False  # a cell may be empty
    needed: bool = True  # the column may not be absent


YEAR = Cells("year", 1900.0, 2200.0)


class Names(NamedTuple):
    """Names of which a cell holds one."""

    what: str  # what they are, in messages
    known: Mapping[str, int]  # the number of each
    shown: tuple[str, ...]  # what they are called in messages
    file: str = ""  # which lists them
    kind: str = "name"

    @classmethod
    def of(
        cls, what: str, names: tuple[str, ...], file: str = "", shown: tuple[str, ...] = ()
    ) -> Names:
        """Return names in their order."""
        return cls(what, {name: k for k, name in enumerate(names)}, shown or names, file)


class File(NamedTuple):
    """One file: what it holds, what holds without it (empty: it is needed), rows of its columns."""

    holds: str
    without: str
    columns: list[dict[str, str]]


def _files() -> dict[str, File]:
    found: dict[str, File] = {}
    for row in rows_of("ydsim.world", "columns.csv"):
        if row["column"]:
            found[row["file"]].columns.append(row)
        else:
            found[row["file"]] = File(row["meaning"], row["without"], [])
    return found


def cells_of(row: Mapping[str, str]) -> Cells:
    """Return what the cells of a column hold, from its row of ``columns.csv``."""
    kind, _, bounds = row["cells"].partition(" ")
    low, _, high = bounds.partition("..")
    if kind == "year":
        return YEAR
    return Cells(
        kind.removesuffix("?"),
        float(low.removeprefix(">") or 0.0),
        float(high or LARGEST),
        above_low=low.startswith(">"),
        empty=kind.endswith("?"),
        needed=row["needed"] == "yes",
    )


FILES = _files()
OTHER_FILES = {
    "base_run.json": "constants fitted to the tables by `ydsim world fit`; not for editing, "
    "and not used once a table changes",
    "outline.geojson": "outlines of provinces, coast, rivers and lakes, for maps alone",
    "sources.csv": "where each figure is from; for people, not read by the model",
}
