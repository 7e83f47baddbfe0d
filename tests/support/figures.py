"""What holds for every figure: texts inside the page, none over another, equal bytes."""

import warnings
from itertools import pairwise
from unittest.mock import patch

import pandas as pd
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection
from matplotlib.text import Text

from ydsim.plots.canvas import Canvas, house_style, save_bytes

PIXEL = 1.0


def texts_of(figure):
    """Draw a figure and return all words that it writes, with their boxes in pixels."""
    found: list[tuple[str, tuple[float, float, float, float]]] = []
    draw = Text.draw

    def watched(text, renderer, *rest):
        if text.get_visible() and text.get_text().strip():
            box = Text.get_window_extent(text, renderer)
            found.append((text.get_text(), tuple(box.extents)))
        draw(text, renderer, *rest)

    with patch.object(Text, "draw", watched):
        FigureCanvasAgg(figure).draw()
    return found


def require_readable(figure):
    """Assert that all texts lie inside the page and none covers another, and nothing warns."""
    with house_style(), warnings.catch_warnings():
        warnings.simplefilter("error")
        if isinstance(figure, Canvas):
            figure.finish()
        found = texts_of(figure)
    assert found, "a figure without words"
    width, height = figure.bbox.width, figure.bbox.height
    for words, (left, bottom, right, top) in found:
        assert min(left, bottom) >= -PIXEL, f"outside: {words!r}"
        assert max(right - width, top - height) <= PIXEL, f"outside: {words!r}"
    for i, (one, a) in enumerate(found):
        for other, b in found[i + 1 :]:
            wide = min(a[2], b[2]) - max(a[0], b[0])
            high = min(a[3], b[3]) - max(a[1], b[1])
            # lines of text stand closer than their boxes, which have room for all letters
            assert wide <= PIXEL or high <= 0.2 * min(a[3] - a[1], b[3] - b[1]), (
                f"{one!r} covers {other!r}"
            )
    for axes in figure.axes:
        labels = [
            (tick.label1.get_text(), tick.label1.get_window_extent())
            for tick in axes.xaxis.get_major_ticks()
            if min(axes.get_xlim()) <= tick.get_loc() <= max(axes.get_xlim())
            and tick.label1.get_visible()
            and tick.label1.get_text()
            and not tick.label1.get_rotation()
        ]
        for (one, left), (other, right) in pairwise(sorted(labels, key=lambda each: each[1].x0)):
            assert right.x0 - left.x1 >= 0.2 * left.height, f"{one!r} touches {other!r}"


def require_same_bytes(figure, other):
    """Assert that two figures are equal as files, plain and tight."""
    assert save_bytes(figure, "svg") == save_bytes(other, "svg")


def marks_of(axes):
    """Return ``x, y, colour, filled`` of all marks of a panel, without caps of whiskers."""
    rows = [
        (x, y, line.get_color(), line.get_markerfacecolor() not in ("white", "none"))
        for line in axes.lines
        if line.get_marker() not in ("None", "", "|", "_") and line.get_visible()
        for x, y in zip(line.get_xdata(), line.get_ydata(), strict=True)
    ]
    return pd.DataFrame(rows, columns=["x", "y", "colour", "filled"])


def whiskers_of(axes):
    """Return the ends of all horizontal whiskers of a panel by the height at which they are."""
    found = {}
    for lines in (each for each in axes.collections if isinstance(each, LineCollection)):
        for ends in filter(len, lines.get_segments()):
            (low, y), (high, other) = ends.tolist()
            if y == other:
                found[y] = (low, high)
    return found
