"""What is in the files of a world, for people: ``columns.csv`` has every column with its unit."""

from __future__ import annotations

import csv
from importlib import resources
from typing import NamedTuple


class File(NamedTuple):
    """One file: what it holds, what holds without it (empty: it is needed), rows of its columns."""

    holds: str
    without: str
    columns: list[dict[str, str]]


def _files() -> dict[str, File]:
    file = resources.files("ydsim.world").joinpath("columns.csv")
    found: dict[str, File] = {}
    for row in csv.DictReader(file.read_text(encoding="utf-8").splitlines()):
        if row["column"]:
            found[row["file"]].columns.append(row)
        else:
            found[row["file"]] = File(row["meaning"], row["without"], [])
    return found


FILES = _files()
OTHER_FILES = {
    "base_run.json": "constants fitted to the tables by `ydsim world fit`; not for editing, "
    "and not used once a table changes",
    "outline.geojson": "outlines of provinces, coast, rivers and lakes, for maps alone",
    "sources.csv": "where each figure is from; for people, not read by the model",
}
