"""The page of a figure: title and notes above, panels in a grid, where it comes from below.

Texts above and below are broken into lines by measured widths, so that the page is as high as they
need. Panels are laid out once by Matplotlib's constrained layout, in the room that is left, and
then stay where they are: a file, a notebook and a tight bounding box show the same page. What
depends on places (names at the ends of lines, names of cities) is put in place after that.

Colours are those of Okabe and Ito (2008), which readers with any colour vision tell apart;
provinces differ by marker and dash as well. Sizes and lines are in ``house.mplstyle``.

The font is that of the house and, for Chinese characters, one of the system: Matplotlib takes a
sign that the first font lacks from the second. It keeps a list of fonts that it made long ago, so
that a font that was installed since is looked for by the name of its file.
"""

from __future__ import annotations

import io
import math
import re
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache, lru_cache, partial, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, ParamSpec

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.cm import ScalarMappable
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure
from matplotlib.font_manager import (
    FontEntry,
    FontProperties,
    findSystemFonts,
    fontManager,
    get_font,
    weight_dict,
)
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.lines import Line2D
from matplotlib.style import context
from matplotlib.text import Annotation
from matplotlib.textpath import text_to_path
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator

from ydsim.errors import NothingToDrawError, UsageError
from ydsim.fmt import MOST_DECIMALS, fixed, number
from ydsim.translation import gettext as _t
from ydsim.translation import is_english, ngettext, speak_english
from ydsim.typing import Floats
from ydsim.wording import sentences, shorten_inside

if TYPE_CHECKING:
    import pandas as pd

    from ydsim.results.results import Results

INK, MUTED, FAINT, RULE = "#1a1a1a", "#5c5c5c", "#8a8a8a", "#dedede"

BODY, SMALL, TITLE = 7.5, 6.5, 10.0  # sizes of text in points

_HOUSE = Path(__file__).with_name("house.mplstyle")

_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#7a5c3e")
_MARKERS = ("o", "s", "^", "D", "v", "P", "X")
DASHES: tuple[Any, ...] = ("-", (0, (5, 1.5)), (0, (2, 1.2)), (0, (6, 1.5, 1.5, 1.5)))


@dataclass(frozen=True)
class Look:
    """How one province is drawn in every figure."""

    colour: str
    marker: str
    dash: Any

    @property
    def ink(self) -> str:
        """A darker shade of the colour, for text."""
        red, green, blue = to_rgb(self.colour)
        return to_hex((0.65 * red, 0.65 * green, 0.65 * blue))


def look(number: int) -> Look:
    """Return the look of the province at position ``number`` of the world's order.

    Colours come round after seven provinces; dashes then tell them apart.
    """
    turn, at = divmod(number, len(_COLOURS))
    marker = _MARKERS[(number + turn) % len(_MARKERS)]
    return Look(_COLOURS[at], marker, DASHES[turn % len(DASHES)])


@contextmanager
def house_style() -> Iterator[None]:
    """Draw in the house style whatever the user's own settings are, and restore those."""
    with context(["default", _HOUSE, {"font.family": families()}]):
        yield


def shown(text: str, limit: int = 60) -> str:
    """Return a foreign name as a figure may show it.

    Signs that the font lacks become a hollow square, a dollar sign does not start mathematics,
    and of a name longer than ``limit`` the middle becomes an ellipsis.
    """
    return drawable(shorten_inside(text, limit, "\u2026", words=True)).replace("$", r"\$")


def drawable(text: str) -> str:
    """Return text with a hollow square for each sign that the font lacks."""
    known = glyphs()
    return "".join(
        sign if ord(sign) in known else " " if sign.isspace() else "\u25a1" for sign in text
    )


USUAL_WIDTH = 7.2  # inches: 183 mm, two columns of a journal

DPI = 150  # dots an inch of a PNG

FORMATS: dict[str, dict[str, Any]] = {
    "png": {"Software": None},
    "svg": {"Creator": None, "Date": None},
    "pdf": {"Creator": None, "Producer": None, "CreationDate": None},
}
"""Formats, each with the metadata that would differ between days or versions, left out."""

MOST_PIXELS = 100_000_000
"""Of a PNG: more than any printer needs, and 400 MB of memory while it is drawn."""

NARROWEST = 2.6
"""Inches that a panel needs: panels of a page that is narrower than two of them are stacked."""

P = ParamSpec("P")

Key = Sequence[tuple[Artist, str]]  # marks of a key, each with its words

_MARGIN, _GAP = 0.12, 0.1
_NOTE = 7.0
_LEADING = 1.35 / 72.0  # inches from line to line of a text of one point

_SIGN = 0.5  # inches that an entry of a key takes beside its words

_WIDTH: ContextVar[float] = ContextVar("width", default=USUAL_WIDTH)


class Canvas(Figure):
    """A figure that a notebook shows as it is; ``heading`` and ``note`` are its words as text."""

    heading: str = ""
    note: str = ""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._after: list[Callable[[], None]] = []

    def afterwards(self, place: Callable[[], None]) -> None:
        """Call a function once panels have their places."""
        self._after.append(place)

    def finish(self) -> Canvas:
        """Lay out the panels, which stay where they are from now on.

        NothingToDrawError when their labels leave no room for them, as those of numbers beyond
        reason.
        """
        if (engine := self.get_layout_engine()) is not None:
            with warnings.catch_warnings():
                warnings.filterwarnings("error", message="constrained_layout not applied")
                try:
                    engine.execute(self)
                except (UserWarning, ValueError):
                    raise NothingToDrawError(_t("labels leave no room for the panels")) from None
            self.set_layout_engine(None)  # with "none" the page would be drawn once more
            for axes in self.axes:  # the solver's last bits differ from time to time
                bounds = axes.get_position(original=True).bounds
                axes.set_position(np.round(bounds, 6).tolist())
                axes.set_in_layout(True)
            for text in self.texts:  # part of the page for a tight bounding box, too
                text.set_in_layout(True)
            for place in self._after:
                place()
            self._after.clear()
        return self

    def _repr_png_(self) -> bytes:
        return save_bytes(self)


@contextmanager
def wide(inches: float) -> Iterator[None]:
    """Draw pages of another width; texts keep their size, and panels are stacked on narrow ones."""
    token = _WIDTH.set(inches)
    try:
        yield
    finally:
        _WIDTH.reset(token)


def finished(draw: Callable[P, Canvas]) -> Callable[P, Canvas]:
    """Draw in the house style, and lay out the page that a function returns."""

    @wraps(draw)
    def drawn(*args: P.args, **options: P.kwargs) -> Canvas:
        with house_style(), language_of_figures():
            return draw(*args, **options).finish()

    return drawn


def page_width() -> float:
    """Return the width in inches, inside margins, of pages that are made now."""
    return _WIDTH.get() - 2.0 * _MARGIN


def new_page(
    title: str,
    *notes: str,
    foot: str,
    panels: int = 1,
    columns: int = 2,
    height: float | Sequence[float] = 2.3,
    least: float = NARROWEST,
    key: Key = (),
) -> tuple[Canvas, list[Axes]]:
    """Return a page and its panels, still empty, row by row.

    ``title``: what is drawn. ``notes``: what lines, bands and marks are; empty ones are left out.
    ``foot``: where it comes from, as `origin` says. ``panels`` and ``columns``: how many panels,
    and in how many columns they stand if the page is wide enough. ``height``: of a panel with its
    title and ticks, in inches, or of each. ``least``: width that a panel needs, in inches. ``key``:
    what marks mean, above the panels, in as many lines as it needs.
    """
    width, room = _WIDTH.get(), page_width()
    note = " ".join(filter(None, notes))
    above = _in_two_lines(title, room), wrapped(note, _NOTE, room)
    below = wrapped(foot, SMALL, room)
    down = _MARGIN + _LEADING * TITLE * len(above[0])
    top = down + _LEADING * _NOTE * len(above[1])
    entries, names = _columns_of_key(key, room)
    head = top + _GAP + 0.16 * math.ceil(len(key) / entries)
    bottom = _MARGIN / 2.0 + _LEADING * SMALL * len(below) + _GAP
    columns = max(1, min(columns, panels, int(room / least)))
    each = height if isinstance(height, Sequence) else [height] * panels
    ratios = [max(each[at : at + columns]) for at in range(0, panels, columns)]
    high = head + sum(ratios) + bottom
    inner = (_MARGIN / width, bottom / high, room / width, 1.0 - (head + bottom) / high)
    engine = ConstrainedLayoutEngine(rect=inner, w_pad=0.03, h_pad=0.04, wspace=0.03)
    figure = Canvas(figsize=(width, high), layout=engine)
    figure.heading, figure.note = title, note
    _write(figure, _MARGIN, above[0], size=TITLE, weight="bold")
    _write(figure, down, above[1], size=_NOTE, color=MUTED)
    _write(figure, high - bottom + _GAP, below, size=SMALL, color=FAINT)
    if key:
        corner = _MARGIN / width, 1.0 - (top + 0.06) / high
        signs = [sign for sign, _ in key]
        figure.legend(signs, names, loc="upper left", bbox_to_anchor=corner, ncols=entries)
    axes = figure.subplots(len(ratios), columns, squeeze=False, height_ratios=ratios)
    flat: list[Axes] = list(axes.flat)
    for extra in flat[panels:]:
        extra.remove()
    return figure, flat[:panels]


def _in_two_lines(title: str, room: float) -> list[str]:
    """Return a title as at most two lines, the end of what does not fit cut off."""
    lines = wrapped(title, TITLE, room, "bold")
    while len(lines) > 2:
        last = wrapped(f"{lines[1]}\u2026", TITLE, room, "bold")
        lines = [lines[0], *last] if len(last) == 1 else [lines[0], lines[1][:-1], ""]
    return lines


def _write(figure: Canvas, down: float, lines: Sequence[str], size: float, **look: Any) -> None:
    """Write lines at the left margin, so many inches from the top of the page."""
    width, high = figure.get_size_inches()
    for line in lines:
        place = _MARGIN / width, 1.0 - down / high
        figure.text(*place, line, va="top", size=size, **look).set_in_layout(False)
        down += _LEADING * size


def _columns_of_key(key: Key, room: float) -> tuple[int, list[str]]:
    """Return in how many columns a key fits, one below another in each, and its words."""
    names = [fitting(words, room - _SIGN) for _, words in key]
    widths = [_SIGN + text_width(name, BODY) for name in names]
    for rows in range(1, len(key)):
        columns = math.ceil(len(key) / rows)
        if sum(max(each) for each in np.array_split(widths, columns)) <= room:
            return columns, names
    return 1, names


def sign(style: Look, *, line: bool = False) -> Line2D:
    """Return the sign of a key: a mark, or a line with its marks."""
    dash: Any = style.dash if line else ""
    return Line2D([], [], color=style.colour, marker=style.marker, markersize=4.2, linestyle=dash)


def origin(*results: Results, pairs: int = 0) -> str:
    """Say what made a figure; what all results share is said once.

    ``pairs``: replicates that are compared in pairs; 0 where all are drawn.
    """
    made = [each.manifest for each in results]
    points = len(results[0].contents.points)
    named = [
        _t("{name} (hash {hash})").format(name=shown(one.name, 36), hash=one.hash[:10])
        for one in results
    ]
    names = _t("scenario {names}") if len(results) == 1 else _t("scenarios {names}")
    if len(results) == 1 and points > 1:
        names = _t("sweep {names}, {n} points")
    counts = sorted({len(each.replicates) for each in results})
    runs = ngettext("{n} replicate", "{n} replicates", counts[-1]).format(n=_each(counts))
    facts = [
        names.format(names=", ".join(named), n=f"{points:,}"),
        _t("pairs: {n}").format(n=pairs) if pairs else runs,
        _t("seed {seed}").format(seed=_each(each["seed"] for each in made)),
        _t("scale {scale}").format(scale=_each(f"{each['scenario']['scale']:g}" for each in made)),
        _t("ydsim {version}").format(version=_each(each["ydsim"] for each in made)),
    ]
    return " \u00b7 ".join(facts)


def _each(values: Iterable[Any]) -> str:
    return ", ".join(dict.fromkeys(map(str, values)))


# -- text ------------------------------------------------------------------------------------------


@lru_cache(maxsize=4096)  # each line of a text is measured word by word, page after page
def text_width(text: str, size: float, weight: str = "normal") -> float:
    """Return the width of a line of text in inches."""
    font = FontProperties(family=families(), size=size, weight=weight)
    width, _, _ = text_to_path.get_text_width_height_descent(text, font, ismath=False)
    return float(width) / 72.0


def fitting(name: str, width: float, size: float = BODY, weight: str = "normal") -> str:
    """Return a foreign name as a figure may show it, cut to a width in inches."""
    cuts = (shown(name, limit) for limit in range(min(len(name), 60), 1, -1))
    fits = (cut for cut in cuts if text_width(cut, size, weight) <= width)
    return next(fits, shown(name, 1))


def wrapped(text: str, size: float, width: float, weight: str = "normal") -> list[str]:
    """Return text as lines no wider than ``width`` inches; a word that is wider is cut.

    Chinese has no spaces: a line may end after each of its signs, but not before a comma.
    """
    lines: list[str] = []
    line = ""
    for word in _WORD.findall(sentences(*drawable(text).split())):
        longer = f"{line}{word}".lstrip()
        if line and text_width(longer.rstrip(), size, weight) > width:
            lines.append(line.rstrip())
            longer = word.lstrip()
        while text_width(longer.rstrip(), size, weight) > width and len(longer) > 1:
            fits = len(longer) - 1
            while fits > 1 and text_width(longer[:fits], size, weight) > width:
                fits -= 1
            lines.append(longer[:fits])
            longer = longer[fits:]
        line = longer
    return [*lines, line.rstrip()] if line else lines


_HAN = "\u2e80-\u303f\u3400-\u9fff\uff00-\uffef"
_OPENS, _CLOSES = (
    "\u201c\u2018\u300a\u300c\uff08",
    "\u201d\u2019\u300b\u300d\uff09\u3001\u3002\uff0c\uff1a\uff1b\uff1f%",
)
_WORD = re.compile(
    f" *(?:[{_OPENS}]*[{_HAN}][{_CLOSES}]*|[^ {_HAN}]+[{_CLOSES}]*)|[{_OPENS}{_CLOSES}]+"
)
"""What stays on one line: a word, or a sign of Chinese with its marks, and spaces before it."""


def head(
    axes: Axes,
    title: str,
    unit: str = "",
    *,
    letter: str = "",
    room: float | None = None,
    indent: float = 0.0,
) -> None:
    """Write the title of a panel above it, and the unit of its values under the title.

    ``room``: width of the panel in inches, where its ticks take more than the usual at its side.
    ``indent``: inches left of the panel at which they begin, for one whose rows have names.
    """
    room = panel_width(axes) - max(0.55 - indent, 0.2) if room is None else room
    up = 4.0
    for text, size, look in (
        (unit, BODY - 0.5, {"color": MUTED}),
        (f"{letter}  {title}".strip(), BODY + 0.5, {"weight": "bold"}),
    ):
        for line in reversed(wrapped(text, size, room, look.get("weight", "normal"))):
            away = -72.0 * indent, up
            _beside(axes, line, (0.0, 1.0), "axes fraction", away, size=size, **look)
            up += 72.0 * _LEADING * size


def _beside(
    axes: Axes, text: str, place: tuple[float, float], of: Any, away: tuple[float, float], **o: Any
) -> Annotation:
    """Write a text so many points away from a place, whose coordinates are ``of`` what they say."""
    return axes.annotate(text, place, away, xycoords=of, textcoords="offset points", **o)


def beside(
    axes: Axes, row: float, text: str, *, side: float = 1.0, away: float = 4.0, **look: Any
) -> Annotation:
    """Write a text at the height of a row, so many points away from a side, 0 left and 1 right."""
    of = ("axes fraction", "data")
    return _beside(axes, text, (side, row), of, (away, 0.0), va="center_baseline", **look)


def at_top(axes: Axes, place: float, text: str) -> Annotation:
    """Write small words at the top of a panel, right of a place on its horizontal axis."""
    of = ("data", "axes fraction")
    return _beside(axes, text, (place, 1.0), of, (2.0, -1.5), size=SMALL, color=MUTED, va="top")


# -- axes ------------------------------------------------------------------------------------------


def panel_width(axes: Axes) -> float:
    """Return about how wide a panel will be, in inches, before it is laid out."""
    grid = axes.get_subplotspec()
    return page_width() / (grid.get_gridspec().ncols if grid is not None else 1)


def set_years(axes: Axes, first: int, last: int) -> None:
    """Let the axis run over whole years, with labels for as many as the panel has room for."""
    edge = 0.5 if first == last else 0.015 * (last - first)
    axes.set_xlim(first - edge, last + edge)
    whole = MaxNLocator("auto", integer=True, steps=[1, 2, 5, 10])
    axes.xaxis.set_major_locator(FixedLocator([first]) if first == last else whole)
    axes.xaxis.set_major_formatter("{x:.0f}")


def set_amounts(axes: Axes, *values: Floats, from_zero: bool = True) -> None:
    """Let the vertical axis hold all finite values, from zero on where they are amounts."""
    finite = np.concatenate([np.empty(0), *(np.ravel(each) for each in values)])
    finite = finite[np.isfinite(finite)]
    low, high = (float(finite.min()), float(finite.max())) if len(finite) else (0.0, 1.0)
    if from_zero:
        low = min(low, 0.0)
    if high <= low:
        low, high = (low, low + 1.0) if from_zero else (low - 0.5, low + 0.5)
    room = 0.1 * (high - low)
    axes.set_ylim(low if from_zero and low == 0.0 else low - room, high + room)
    number_axis(axes.yaxis, *axes.get_ylim())
    if low < 0.0 < high:
        mark_zero(axes)


def number_axis(axis: Axis, low: float, high: float, bins: int = 6) -> None:
    """Put round numbers on an axis from ``low`` to ``high``, all with as many digits."""
    locator = MaxNLocator(nbins=bins, steps=[1, 2, 2.5, 5, 10])
    ticks = locator.tick_values(low, high)
    decimals = decimals_of_steps(float(ticks[1] - ticks[0]))

    def label(value: float, _: object) -> str:
        text = fixed(value, decimals)
        return text if text.strip("0.") else "0"

    axis.set_major_locator(locator)
    axis.set_major_formatter(FuncFormatter(label))


def decimals_of_steps(step: float) -> int:
    """Return how many decimals multiples of ``step`` need."""
    exponent = Decimal(f"{step:.6g}").normalize().as_tuple().exponent
    return min(max(-int(exponent), 0), MOST_DECIMALS)


def name_rows(axes: Axes, places: Sequence[float], names: Sequence[str], room: float) -> None:
    """Name the rows of a panel at its left, cut to a width in inches; of none is no name."""
    axes.set_yticks(places, [fitting(name, room) if room else "" for name in names])
    axes.set_ylim(max(places, default=0.0) + 0.8, min(places, default=0.0) - 0.8)
    axes.grid(False, axis="y")
    axes.grid(True, axis="x")
    axes.spines["left"].set_visible(False)


def mark_zero(axes: Axes, *, upright: bool = False) -> None:
    """Draw the line of zero."""
    draw = axes.axvline if upright else axes.axhline
    draw(0.0, color=MUTED, linewidth=0.6, zorder=1.5).set_gid("zero")


def draw_marks(
    axes: Axes, marks: pd.DataFrame, style: Look, *, upright: bool = False, size: float = 4.2
) -> None:
    """Draw marks with their intervals, filled where they are sure.

    ``marks``: a row each: ``at``, its place on the axis that has no values; ``estimate, low,
    high``, where NaN is not drawn; ``sure``. ``style``: marker and colour; marker "none" for
    intervals alone. ``upright``: whether the vertical axis has the values.
    """
    for sure, own in marks.dropna(subset="estimate").groupby("sure", sort=False):
        ends = own["estimate"] - own["low"], own["high"] - own["estimate"]
        reach: dict[str, Any] = {}
        if any(each.notna().any() for each in ends):
            reach["yerr" if upright else "xerr"] = [each.clip(lower=0.0) for each in ends]
        x, y = ("at", "estimate") if upright else ("estimate", "at")
        axes.errorbar(
            own[x],
            own[y],
            fmt=style.marker,
            color=style.colour,
            markerfacecolor=style.colour if sure else "white",
            markersize=size,
            elinewidth=0.9,
            capsize=1.8,
            zorder=4,
            **reach,
        )


def draw_cells(
    axes: Axes,
    values: pd.DataFrame,
    texts: pd.DataFrame,
    scale: ScalarMappable,
    cell: tuple[float, float],
    *,
    least: float = 0.0,
) -> bool:
    """Draw a table as cells, the first row at the top, and tell whether there are texts in them.

    ``values`` and ``texts``: numbers by names of rows and columns, NaN for none, and what is
    written into each cell. ``scale``: colours of the numbers. ``cell``: width and height of a cell,
    in inches. ``least``: size in points that texts must have; without room for it there are none.
    """
    wide, tall = cell
    numbers = values.to_numpy(float)
    axes.imshow(numbers, cmap=scale.cmap, aspect="auto").set_norm(scale.norm)
    widest = max(text_width(text, SMALL) for text in texts.to_numpy().ravel())
    size = SMALL * min(1.0, 0.9 * wide / widest, 60.0 * tall / SMALL)
    for (row, column), text in np.ndenumerate(texts.to_numpy()) if size >= least else ():
        value = numbers[row, column]
        red, green, blue, _ = np.asarray(scale.to_rgba(value)).tolist()
        ink = "white" if 0.2126 * red + 0.7152 * green + 0.0722 * blue < 0.5 else INK
        place: dict[str, Any] = {"ha": "center", "va": "center_baseline", "size": size}
        if np.isfinite(value):
            axes.text(column, row, text, color=ink, **place)
    axes.tick_params(length=0.0, labelsize=SMALL)
    axes.grid(False)
    axes.spines[:].set_visible(False)
    step = int(np.ceil(0.13 / tall))
    axes.set_yticks(range(0, len(values), step), values.index[::step])
    turned = max(text_width(name, SMALL) for name in values) > wide - 0.05
    step = int(np.ceil(0.13 / wide)) if turned else 1
    names = values.columns[::step]
    axes.set_xticks(range(0, values.shape[1], step), names, rotation=90.0 * turned)
    return size >= least


def name_ends(axes: Axes, ends: Sequence[tuple[str, float, Look]]) -> None:
    """Write names right of the ends of lines, moved apart so that none covers another.

    ``ends``: name, last value and look of each line; lines without a last value get no name.
    """
    figure = axes.figure
    assert isinstance(figure, Canvas)
    texts = []
    for name, value, look in ends:
        if name and np.isfinite(value):
            name = fitting(name, min(1.3, 0.32 * panel_width(axes)), BODY, "bold")
            text = beside(axes, value, name, color=look.ink, weight="bold", gid="end")
            texts.append((text, value))

    def place() -> None:
        low, high = axes.get_ylim()
        height = axes.get_position().height * float(figure.get_figheight())
        wished = np.array([(value - low) / (high - low) for _, value in texts])
        places = spread(wished, (BODY + 1.5) / 72.0 / height)
        for (text, _), at in zip(texts, places.tolist(), strict=True):
            text.xy = (1.0, low + at * (high - low))

    figure.afterwards(place)


def spread(wished: Floats, gap: float) -> Floats:
    """Return places near ``wished``, in the same order, at least ``gap`` apart, from 0 to 1.

    Neighbours that are too close are moved half up and half down. If not all fit, they reach
    below 0.
    """
    order, steps = np.argsort(wished, kind="stable"), gap * np.arange(len(wished))
    free = wished[order] - steps
    up, down = np.maximum.accumulate(free), np.minimum.accumulate(free[::-1])[::-1]
    places = np.empty(len(wished))
    flat = np.maximum((up + down) / 2.0, 0.0) + steps
    places[order] = np.minimum(flat, 1.0 - steps[::-1])
    return places


# -- files -----------------------------------------------------------------------------------------


def save_bytes(figure: Figure, format: str = "png", *, dpi: int = DPI) -> bytes:
    """Return the bytes of a figure in one of `FORMATS`; equal figures give equal bytes.

    UsageError when a PNG would have more than `MOST_PIXELS`.
    """
    across, high = (float(side) for side in figure.get_size_inches())
    pixels = across * high * dpi**2
    if format == "png" and pixels > MOST_PIXELS:
        raise UsageError(
            f"{number(across, 3)} by {number(high, 3)} inches at {dpi} dpi are "
            f"{number(pixels / 1e6, 3)} million pixels, and {number(MOST_PIXELS / 1e6)} are the "
            "most; lower dpi or width"
        )
    buffer = io.BytesIO()
    with house_style():
        figure.savefig(buffer, format=format, dpi=dpi, metadata=FORMATS[format])
    return buffer.getvalue()


# -- fonts -----------------------------------------------------------------------------------------

HOUSE: Final = "DejaVu Sans"

CHINESE: Final = (
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "Source Han Sans CN",
    "Noto Sans CJK JP",  # the first face of the collection, the one that Matplotlib reads
    "WenQuanYi Zen Hei",
    "WenQuanYi Micro Hei",
    "Droid Sans Fallback",
    "Microsoft YaHei",
    "SimHei",
    "PingFang SC",
    "Hiragino Sans GB",
    "Arial Unicode MS",
)
"""Families with simplified characters, the best first."""

_FILES: Final = (
    "notosanscjk-regular",
    "notosanscjksc-regular",
    "notosanssc",
    "sourcehansans",
    "wqy-zenhei",
    "wqy-microhei",
    "droidsansfallback",
    "msyh",
    "simhei",
    "pingfang",
)
"""Beginnings of the names of their files, in small letters."""

SAMPLE: Final = "研发经费"
"""Signs that such a font has."""

_FIRST: Final = 0x2E80
"""The first sign of Chinese: what comes before it is shown if the font of the house has it."""

_FACE: Final = "ydsim Chinese"
"""Name under which Matplotlib has the font that was found, in both weights that figures use."""


@cache
def chinese() -> str:
    """Return the family that Chinese characters are drawn in, empty without one."""
    found = _listed() or _listed(more=True)
    for weight in (400, 700):
        faces = sorted(found, key=partial(_distance, wanted=weight))
        # with just these weights, or Matplotlib would tell of each text that it lacks one
        fontManager.ttflist += [replace(font, name=_FACE, weight=weight) for font in faces[:1]]
    return _FACE if found else ""


def _listed(*, more: bool = False) -> list[FontEntry]:
    """Return the faces of the best family that Matplotlib lists; ``more``: after a search."""
    for file in sorted(findSystemFonts()) if more else ():
        if Path(file).name.lower().startswith(_FILES):
            fontManager.addfont(file)
    for name in CHINESE:
        found = [font for font in fontManager.ttflist if font.name == name]
        if found and all(_has(font.fname, SAMPLE) for font in found):
            return found
    return []


def _has(file: str, text: str) -> bool:
    try:
        signs = get_font(file).get_charmap()
    except OSError:  # removed since Matplotlib made its list
        return False
    return all(ord(sign) in signs for sign in text)


def _distance(font: FontEntry, wanted: int) -> tuple[bool, int]:
    """Tell how far a face is from an upright one of a weight."""
    weight = font.weight if isinstance(font.weight, int) else weight_dict.get(font.weight, 400)
    return font.style != "normal", abs(weight - wanted)


def families() -> list[str]:
    """Return the families of text, the second for signs that the first lacks."""
    return [HOUSE, *filter(None, [chinese()])]


@lru_cache(maxsize=1)
def glyphs() -> frozenset[int]:
    """Return the signs that figures can show, as code points."""
    found = set(get_font(fontManager.findfont(FontProperties(family=HOUSE))).get_charmap())
    if name := chinese():
        more = get_font(fontManager.findfont(FontProperties(family=name))).get_charmap()
        found |= {code for code in more if code >= _FIRST}
    return frozenset(found)


_drawn_in_english: list[bool] = []
"""Whether a figure was drawn in English, though another language is in use."""


def lacking() -> str:
    """Say once that figures were drawn in English for want of a font; empty where none was."""
    if not _drawn_in_english:
        return ""
    _drawn_in_english.clear()
    return _t(
        "note: figures are in English, as no font with Chinese characters was found; install one, "
        "in Debian or Ubuntu: apt install fonts-noto-cjk (or the smaller fonts-wqy-zenhei)"
    )


def can_show() -> bool:
    """Tell whether the fonts have the signs of the language in use."""
    return set(map(ord, _t("R&D"))) <= glyphs()


@contextmanager
def language_of_figures() -> Iterator[None]:
    """Use the language in use where fonts have its signs, else English."""
    if is_english() or can_show():
        yield
        return
    _drawn_in_english[:] = [True]
    with speak_english():
        yield
