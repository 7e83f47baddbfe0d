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


def readme(title: str, present: tuple[str, ...], remarks: tuple[str, ...]) -> str:
    """Return the page that lies in a new folder: title, remarks, and all files."""
    lines = [f"# {title}", "", *(text for remark in remarks for text in (remark, "")), *_HOW]
    for name, file in FILES.items():
        state = "" if name in present else ", not in this folder"
        without = f" Without it: {file.without}." if file.without else " Needed."
        lines += [f"## {name}{state}", "", f"Holds {file.holds}.{without}", ""]
        lines += ["| column | unit | needed | meaning |", "| --- | --- | --- | --- |"]
        for row in file.columns:
            cells = row["unit"], row["needed"], row["meaning"]
            lines.append(f"| `{row['column']}` | {' | '.join(cells)} |")
        lines.append("")
    lines += ["## Other files", ""]
    lines += [f"- `{name}`: {holds}." for name, holds in OTHER_FILES.items()]
    return "\n".join(lines) + "\n"


_HOW = (
    "Change the files in any editor or spreadsheet and save them as CSV in UTF-8: commas between",
    "cells, a point before decimals, no thousands separators. Columns may be in any order; a",
    "column that is not named below, such as `source` or `note`, is for people. Then",
    "",
    "    ydsim world check FOLDER         # all that is wrong, at once; what rests on priors",
    "    ydsim run FOLDER/scenario.yaml   # FOLDER is where this page lies",
    "    ydsim world fit FOLDER           # lets cities make their official value added",
    "",
    "Money is in 100 million yuan at current prices. Another currency does as long as all figures",
    "are in it; tables keep the unit's name.",
    "",
)
