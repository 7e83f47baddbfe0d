"""The page of a figure: title, explanation, panels at fixed places, where it comes from, its bytes.

Places are given in inches from the top left corner, so that all figures look alike and nothing
depends on what is drawn inside.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text

from ydsim.plots.canvas import DPI as DPI
from ydsim.plots.canvas import FORMATS as FORMATS
from ydsim.plots.canvas import fitting as fitting
from ydsim.plots.canvas import save_bytes as save_bytes
from ydsim.plots.canvas import text_width as text_width
from ydsim.plots.canvas import wrapped as wrapped
from ydsim.plots.messages import say
from ydsim.plots.style import (
    BODY,
    FAINT,
    INK,
    MUTED,
    SMALL,
    TITLE,
    WIDTH,
    shown,
)

MARGIN = 0.12
FOOT = 0.3
"""Height of the footer in inches."""

EXPLANATION, LEADING = 7.0, 0.135
"""Size of the explanation in points, and its leading in inches."""

_SMALLEST = 0.85
"""Of the usual size of a text in the footer; what is longer takes another line."""

TITLE_LEADING, FOOT_LEADING = 0.18, 0.11
"""Leading of a title of several lines, and of the footer, in inches."""

HEAD, TICKS = 0.34, 0.22
"""Room in inches above a panel for its head with a unit, and below it for labels of ticks."""


class Made(Protocol):
    """What a footer tells of results."""

    @property
    def name(self) -> str:
        """Name of the scenario."""

    @property
    def manifest(self) -> dict[str, Any]:
        """``hash``, ``seed``, ``ydsim``, and the ``scale`` of its ``scenario``."""

    @property
    def replicates(self) -> Sequence[int]:
        """Numbers of the replicates."""


class Page(Figure):
    """A figure that a notebook shows as it is.

    Attributes
    ----------
    finding, explanation
        Its title and the explanation under it, as plain text.
    """

    finding: str = ""
    explanation: str = ""

    def _repr_png_(self) -> bytes:
        return save_bytes(self)


def new_page(
    title: str, explanation: str, body: float, *, foot: float = FOOT
) -> tuple[Figure, float]:
    """Return a page with its header, and where the body begins, in inches from the top.

    Parameters
    ----------
    title
        The finding, in as many lines as it needs.
    body
        Height of all between header and footer in inches.
    foot
        Height of the footer in inches; see `foot_height`.
    """
    titles = wrapped(title, TITLE, WIDTH - 2 * MARGIN, "bold")
    lines = wrapped(explanation, EXPLANATION, WIDTH - 2 * MARGIN)
    under = 0.35 + TITLE_LEADING * (max(len(titles), 1) - 1)
    top = under + LEADING * len(lines) + 0.08
    figure = Page(figsize=(WIDTH, top + body + foot))
    figure.finding, figure.explanation = title, explanation
    for number, line in enumerate(titles):
        down = 0.11 + TITLE_LEADING * number
        put(figure, MARGIN, down, line, size=TITLE, weight="bold", va="top")
    for number, line in enumerate(lines):
        down = under + LEADING * number
        put(figure, MARGIN, down, line, size=EXPLANATION, color=MUTED, va="top")
    return figure, top


def foot_height(*results: Made | str) -> float:
    """Return the height in inches that the footer of these results, or with a text, needs."""
    return FOOT + FOOT_LEADING * (len(_footer(*results)) - 1)


def add_footer(figure: Figure, results: Made | str | Sequence[Made], credit: str = "") -> None:
    """Write where the figure comes from at the bottom of the page, and a credit at its right.

    Parameters
    ----------
    results
        What it was made of, or a line that says so.
    """
    height = figure.get_figheight()
    if isinstance(results, str) or not isinstance(results, Sequence):
        lines = _footer(results)
    else:
        lines = _footer(*results)
    room = WIDTH - 2 * MARGIN - (text_width(credit, SMALL) + 0.2 if credit else 0.0)
    size = min([SMALL, *(SMALL * room / text_width(line, SMALL) for line in lines)])
    for number, line in enumerate(reversed(lines)):
        down = height - 0.09 - FOOT_LEADING * number
        put(figure, MARGIN, down, line, size=size, color=FAINT, va="bottom")
    if credit:
        look = {"size": SMALL, "color": FAINT, "va": "bottom", "ha": "right"}
        put(figure, WIDTH - MARGIN, height - 0.09, credit, **look)


def _footer(*results: Made | str) -> list[str]:
    """Return the lines of a footer: a text, or what made a figure."""
    room = WIDTH - 2 * MARGIN
    made = [each for each in results if not isinstance(each, str)]
    if made:
        text = _origin(made)
        return [text] if len(made) == 1 else wrapped(text, SMALL, room)
    text = shown(" ".join(map(str, results)), 600)
    fits = _SMALLEST * text_width(text, SMALL) <= room
    return [text] if fits else wrapped(text, SMALL, 0.97 * room)


def _origin(results: Sequence[Made]) -> str:
    """Return what made a figure; what all results share is said once."""
    manifests = [each.manifest for each in results]
    if len(results) == 1:
        names = [say("page.scenario", name=shown(results[0].name, 36))]
        hashes = [say("page.hash", hash=str(manifests[0]["hash"])[:10])]
    else:
        pairs = zip(results, manifests, strict=True)
        named = (
            say("page.named", name=shown(one.name, 24), hash=str(facts["hash"])[:10])
            for one, facts in pairs
        )
        names, hashes = [say("page.scenarios", names=", ".join(named))], []
    replicates = list(dict.fromkeys(len(each.replicates) for each in results))
    one = "page.one_replicate" if replicates == [1] else "page.replicates"
    facts = [
        *names,
        say(one, n=_listed(replicates)),
        say("page.seed", seed=_listed([each["seed"] for each in manifests])),
        say("page.scale", scale=_listed([f"{each['scenario']['scale']:g}" for each in manifests])),
        *hashes,
        say("page.version", version=_listed([each["ydsim"] for each in manifests])),
    ]
    dot = say("page.between")
    return f" {dot} ".join(facts)


def _listed(values: Sequence[object]) -> str:
    return ", ".join(dict.fromkeys(map(str, values)))


def add_panel(figure: Figure, left: float, top: float, width: float, height: float) -> Axes:
    """Return axes at a place of the page."""
    page = figure.get_figheight()
    box = (left / WIDTH, 1.0 - (top + height) / page, width / WIDTH, height / page)
    return figure.add_axes(box)


HEAD_LEADING = 0.14
"""Leading of the title of a panel in inches."""


def heads(titles: Sequence[str], width: float) -> tuple[list[str], float]:
    """Return titles of panels in lines of ``width`` inches, and the height that they add.

    Three lines are the most; the first has room for the letter of the panel.
    """
    lines = [wrapped(title, BODY + 0.5, width - 0.2, "bold") for title in titles]
    most = min(3, max(map(len, lines), default=1))
    return ["\n".join(each[:3]) for each in lines], HEAD_LEADING * (most - 1)


def head(axes: Axes, letter: str, title: str, unit: str = "", colour: str = INK) -> None:
    """Write the letter and title of a panel above it, and the unit under them."""
    if title:
        lines = f"{letter}  {title}".strip().split("\n")
        for number, line in enumerate(reversed(lines)):
            up = 14.0 + 72.0 * HEAD_LEADING * number
            _above(axes, line, up, BODY + 0.5, colour, "bold")
    if unit:
        _above(axes, unit, 4.5, BODY - 0.5, MUTED, "normal")


def _above(axes: Axes, text: str, up: float, size: float, colour: str, weight: str) -> None:
    axes.annotate(
        text,
        (0.0, 1.0),
        xytext=(0.0, up),
        xycoords="axes fraction",
        textcoords="offset points",
        size=size,
        color=colour,
        weight=weight,
    )


def say_no_data(axes: Axes, text: str = "") -> None:
    """Write in the middle of a panel why it is empty."""
    text = text or say("page.no_data")
    axes.text(0.5, 0.5, text, transform=axes.transAxes, ha="center", va="center", color=MUTED)
    axes.set_yticks([])


def put(figure: Figure, left: float, top: float, text: str, **look: object) -> Text:
    """Write text at a place of the page."""
    return figure.text(left / WIDTH, 1.0 - top / figure.get_figheight(), text, **look)  # type: ignore[arg-type]


def sentences(*parts: str) -> str:
    """Return an explanation out of its parts; those that are empty are left out."""
    return " ".join(filter(None, parts))


def room_for(names: Sequence[str]) -> float:
    """Return the width in inches that names of rows need."""
    return max((text_width(shown(name), BODY) for name in names), default=0.0) + 0.08
