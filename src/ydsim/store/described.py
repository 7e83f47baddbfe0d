"""Tables of results and their columns in words: the text of ``tables.csv``.

The list of tables, ``ydsim explain`` and ``docs/results.md`` say what is said here; a test holds
the page to it.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib import resources


@dataclass(frozen=True)
class Column:
    """A column of a table: type, unit and meaning."""

    type: str
    unit: str
    meaning: str


@dataclass(frozen=True)
class TableCard:
    """A table: one line, and its columns by name, those of every indicator left out."""

    line: str
    columns: dict[str, Column]


@cache
def described() -> dict[str, TableCard]:
    """Return all tables, in the order in which they are listed."""
    file = resources.files("ydsim.store").joinpath("tables.csv")
    found: dict[str, TableCard] = {}
    for row in csv.DictReader(file.read_text(encoding="utf-8").splitlines()):
        if row["column"]:
            columns = found[row["table"]].columns
            columns[row["column"]] = Column(row["type"], row["unit"], row["meaning"])
        else:
            found[row["table"]] = TableCard(row["meaning"], {})
    return found
