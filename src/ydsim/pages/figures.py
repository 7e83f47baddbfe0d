"""The table of all figures on their page: ``python -m ydsim.pages.figures docs/figures.md``.

The page is written by hand, but for what is between ``<!-- figures -->`` and ``<!-- end -->``.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

from ydsim.plots.catalogue import KINDS, FigureKind
from ydsim.plots.drawing import shown_of
from ydsim.wording import between, markdown_table

BEGIN, END = "<!-- figures -->", "<!-- end -->"
EXAMPLES: Final = {
    "run": "ydsim plot baseline --kind {name}",
    "several": "ydsim plot baseline open_platforms --kind {name} -o {name}.png",
    "sweep": "ydsim plot borders --kind {name}",
    "game": "ydsim plot baseline-game --kind {name}",
}


def table() -> str:
    """Return a row for each kind of figure."""
    head = ("figure", "shows", "of", "options", "command")
    return "\n".join(markdown_table(head, list(map(_row, KINDS.values()))))


def renewed(page: str) -> str:
    """Return the page with its table made again."""
    return between(page, BEGIN, END, table())


def _row(kind: FigureKind) -> tuple[str, ...]:
    options = " ".join(f"`--{name}`" for name in kind.options) or "-"
    command = EXAMPLES[kind.of].format(name=kind.name)
    return f"`{kind.name}`", kind.shows, shown_of(kind), options, f"`{command}`"


if __name__ == "__main__":
    path = Path(sys.argv[1])
    path.write_text(renewed(path.read_text(encoding="utf-8")), encoding="utf-8")
