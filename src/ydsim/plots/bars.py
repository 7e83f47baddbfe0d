"""A key below the notes of a page."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.artist import Artist
from matplotlib.figure import Figure

from ydsim.plots import page
from ydsim.plots.style import SMALL, WIDTH, shown

_HANDLE = 0.33
"""Width of the sign of an entry of a key, with the space around it, in inches."""


KEY_ROW = 0.15
"""Height of a row of a key in inches."""


def key_columns(names: Sequence[str]) -> int:
    """Return in how many columns a key fits the page."""
    widest = max((page.text_width(shown(name), SMALL + 0.5) for name in names), default=0.0)
    total = sum(page.text_width(shown(name), SMALL + 0.5) + _HANDLE for name in names)
    if total <= WIDTH - 2 * page.MARGIN:
        return max(len(names), 1)
    return max(int((WIDTH - 2 * page.MARGIN) / (widest + _HANDLE)), 1)


def key_height(names: Sequence[str]) -> float:
    """Return the height in inches that a key of these names needs."""
    return KEY_ROW * -(-len(names) // key_columns(names))


def draw_key(figure: Figure, top: float, entries: Sequence[tuple[Artist, str]]) -> None:
    """Draw a key at a place of the page, in one line where it fits."""
    names = [name for _, name in entries]
    figure.legend(
        [handle for handle, _ in entries],
        [shown(name) for name in names],
        loc="upper left",
        bbox_to_anchor=(page.MARGIN / WIDTH, 1.0 - top / figure.get_figheight()),
        ncols=key_columns(names),
        fontsize=SMALL + 0.5,
        borderpad=0.0,
        borderaxespad=0.0,
        columnspacing=1.4,
        handlelength=1.4,
        handletextpad=0.5,
    )
