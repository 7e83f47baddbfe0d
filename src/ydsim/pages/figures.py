"""The table of all figures on their page: ``python -m ydsim.pages.figures docs/figures.md``.

The page is written by hand, but for what is between ``<!-- figures -->`` and ``<!-- end -->``.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

from ydsim.plots.catalogue import KINDS, FigureKind
from ydsim.plots.drawing import shown_of

BEGIN, END = "<!-- figures -->", "<!-- end -->"
EXAMPLES: Final = {
    "run": "ydsim plot baseline --kind {name}",
    "several": "ydsim plot baseline open_platforms --kind {name} -o {name}.png",
    "sweep": "ydsim plot borders --kind {name}",
    "game": "ydsim plot baseline-game --kind {name}",
}


def table() -> str:
    """Return a row for each kind of figure."""
    head = "| figure | shows | of | options | command |\n| --- | --- | --- | --- | --- |\n"
    return head + "".join(map(_row, KINDS.values()))


def renewed(page: str) -> str:
    """Return the page with its table made again."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{table()}\n{END}{after}"


def _row(kind: FigureKind) -> str:
    options = " ".join(f"`--{name}`" for name in kind.options) or "-"
    command = EXAMPLES[kind.of].format(name=kind.name)
    return f"| `{kind.name}` | {kind.shows} | {shown_of(kind)} | {options} | `{command}` |\n"


if __name__ == "__main__":
    path = Path(sys.argv[1])
    path.write_text(renewed(path.read_text(encoding="utf-8")), encoding="utf-8")
