"""Drawings of the model for ``docs/fifteen_minutes.md``: who acts, and the phases of a quarter.

    python -m tools.drawings

writes ``docs/actors.png`` and ``docs/quarter.png``. Phases and their order are read from
`Model.step`; what each does is said here, and a phase of which nothing is said is an error.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Final

from matplotlib import style
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from tools import DOCS
from ydsim import plots
from ydsim.agents.projects import STAGES
from ydsim.model import Model
from ydsim.plots.canvas import INK, MUTED

STYLE: Final = Path(plots.__file__).with_name("house.mplstyle")
DOTS: Final = 160
MONEY, WORK, TECHNOLOGY, GOODS, WORDS = "#009e73", "#0072b2", "#d55e00", "#7a5c3e", "#5e3c99"
PLAIN: Final = "#5c5c5c"

DOES: Final = {
    "enact": ("policies set what\npasses borders,\nhours, grants", MONEY),
    "fund": ("taxes; money for\nscience, grants\nfor firms", MONEY),
    "move_talent": ("researchers retire,\nbegin and move;\npay answers", WORK),
    "invest": ("firms set R&D;\nmoney becomes\nresearchers", WORK),
    "explore": ("researchers have\nideas: projects\nand knowledge", WORK),
    "match": ("projects find\npartners, buyers\nand contracts", WORK),
    "learn": ("partners learn\nfrom each other;\nties fade", WORK),
    "advance": ("projects climb\nfive stages,\nor end", TECHNOLOGY),
    "found": ("launches found\nor improve a\ngeneration", TECHNOLOGY),
    "cover": ("media print\nstories of\nlaunches", TECHNOLOGY),
    "adopt": ("firms adopt\nas the pressure\naround them rises", TECHNOLOGY),
    "compete": ("productivity,\nmarket shares,\noutput, sales", GOODS),
    "renew": ("firms exit, move,\nenter; certificates\nare given", GOODS),
    "record": ("the state is read\nand not changed", PLAIN),
}
"""What each phase does, and the colour of its kind, by the name of its method."""


def phases() -> list[str]:
    """Return the phases of a quarter in the order of `Model.step`, without what clears tallies."""
    (step,) = ast.parse(textwrap.dedent(inspect.getsource(Model.step))).body
    assert isinstance(step, ast.FunctionDef)
    calls = [
        line.value.func
        for line in step.body
        if isinstance(line, ast.Expr) and isinstance(line.value, ast.Call)
    ]
    names = [call.attr.lstrip("_") for call in calls if isinstance(call, ast.Attribute)]
    return [name for name in names if name != "begin"]


def words(phase: str) -> str:
    """Return the name of a phase as pages write it."""
    return phase.replace("_", " ").capitalize()


@dataclass(frozen=True)
class Box:
    """A box of a drawing: its middle and half of its size, in inches."""

    x: float
    y: float
    half_width: float
    half_height: float

    def at(self, right: float, up: float) -> tuple[float, float]:
        """Return a point of the box: -1 to 1 from left to right, and from bottom to top."""
        return self.x + right * self.half_width, self.y + up * self.half_height


def canvas(width: float, height: float) -> tuple[Figure, Axes]:
    """Return an empty figure whose units are inches, without axes."""
    figure = Figure(figsize=(width, height), facecolor="white")
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, width), ylim=(0, height))
    axes.axis("off")
    return figure, axes


def draw_box(axes: Axes, box: Box, title: str, text: str, colour: str, size: float = 8.0) -> None:
    """Draw a box with a bold title and what it does below it."""
    corner = (box.x - box.half_width, box.y - box.half_height)
    frame = FancyBboxPatch(
        corner,
        2 * box.half_width,
        2 * box.half_height,
        boxstyle="round,pad=0,rounding_size=0.06",
        facecolor=to_rgba(colour, 0.1),
        edgecolor=colour,
        linewidth=1.0,
    )
    axes.add_patch(frame)
    top = box.y + box.half_height - 0.09 if text else box.y
    axes.text(
        box.x,
        top,
        title,
        ha="center",
        va="top" if text else "center",
        size=size,
        weight="bold",
        color=INK,
    )
    axes.text(
        box.x, top - 0.19, text, ha="center", va="top", size=size - 1.2, color=INK, linespacing=1.25
    )


def draw_arrow(
    axes: Axes,
    begin: tuple[float, float],
    end: tuple[float, float],
    colour: str,
    text: str = "",
    at: float = 0.5,
    both: bool = False,
) -> None:
    """Draw an arrow with words on it, at a share of its way."""
    axes.add_patch(
        FancyArrowPatch(
            begin,
            end,
            arrowstyle="<|-|>" if both else "-|>",
            mutation_scale=9,
            shrinkA=0,
            shrinkB=0,
            linewidth=1.2,
            color=colour,
        )
    )
    x, y = (b + at * (e - b) for b, e in zip(begin, end, strict=True))
    if text:
        axes.text(
            x,
            y,
            text,
            ha="center",
            va="center",
            size=6.6,
            color=colour,
            linespacing=1.15,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.0},
        )


def actors() -> Figure:
    """Draw the agents, what they make together, and what flows between them."""
    figure, axes = canvas(9.4, 5.4)
    state = Box(4.7, 5.05, 4.55, 0.25)
    science = Box(1.65, 3.5, 0.8, 0.34)
    broker = Box(1.65, 2.5, 0.8, 0.25)
    firms = Box(3.22, 1.45, 3.07, 0.32)
    market = Box(3.22, 0.37, 3.07, 0.26)
    nation = Box(8.5, 0.93, 0.75, 0.82)
    technology = Box(8.5, 3.5, 0.75, 0.34)
    media = Box(8.5, 4.42, 0.75, 0.23)
    stages = [Box(3.55 + 0.82 * n, 3.5, 0.375, 0.2) for n in range(len(STAGES))]

    draw_box(
        axes,
        state,
        "Governments of the nation, provinces and cities",
        "tax, fund research, pay for policies, which set what passes borders, hours of travel,"
        " recognition, grants, user cost",
        MONEY,
    )
    draw_box(axes, science, "Universities, institutes", "researchers, knowledge\nby field", WORK)
    draw_box(axes, broker, "Intermediaries", "know who works on what", WORDS)
    draw_box(
        axes,
        firms,
        "Firms in 41 cities",
        "researchers, knowledge by field, R&D,"
        " technology in use,\nproductivity, share of their market",
        WORK,
    )
    draw_box(
        axes,
        market,
        "Markets of ten industries",
        "demand of four provinces and of the nation",
        GOODS,
    )
    draw_box(
        axes,
        nation,
        "Rest of the nation",
        "adopts and founds\ngenerations, competes\nand buys, is"
        " partner\nin projects, has\nresearchers who move",
        PLAIN,
    )
    draw_box(axes, technology, "Generations", "of technology, by\nindustry and field", TECHNOLOGY)
    draw_box(axes, media, "Media", "print a few launches", WORDS)
    for stage, name in zip(stages, STAGES, strict=True):
        title = name.replace(" ", "\n").replace("industrialisation", "industrial-\nisation")
        draw_box(axes, stage, title, "", TECHNOLOGY, 6.6)
    for one, other in pairwise(stages):
        draw_arrow(axes, one.at(1, 0), other.at(-1, 0), TECHNOLOGY)
    axes.text(
        5.0,
        3.85,
        "a project climbs five stages, alone or with partners",
        ha="center",
        size=7.2,
        style="italic",
        color=TECHNOLOGY,
    )

    draw_arrow(axes, (1.65, 4.8), science.at(0, 1), MONEY, "money for research")
    draw_arrow(axes, (0.45, 4.8), (0.45, 1.77), MONEY, "grants,\nrelief;\ntaxes", both=True)
    draw_arrow(axes, science.at(1, 0), stages[0].at(-1, 0), WORK, "ideas", 0.4)
    draw_arrow(axes, broker.at(1, 0), stages[0].at(-0.4, -1), WORDS, "introduce", 0.5)
    draw_arrow(axes, (4.0, 1.77), (4.0, 3.3), WORK, "ideas, time of\nresearchers", 0.35)
    draw_arrow(axes, (5.19, 3.3), (5.19, 1.77), MONEY, "hand-overs,\ncontracts, pay", both=True)
    draw_arrow(axes, stages[-1].at(1, 0), technology.at(-1, 0), TECHNOLOGY, "found", 0.4)
    draw_arrow(axes, stages[-1].at(0.6, 1), media.at(-1, 0), WORDS, "stories")
    draw_arrow(axes, media.at(0, -1), technology.at(0, 1), WORDS, "attention")
    draw_arrow(axes, technology.at(-0.8, -1), (6.0, 1.77), TECHNOLOGY, "adopt")
    draw_arrow(axes, technology.at(0, -1), nation.at(0, 1), TECHNOLOGY, "adopt, found", both=True)
    draw_arrow(axes, (2.2, 1.13), (2.2, 0.63), GOODS, "goods")
    draw_arrow(axes, (4.2, 0.63), (4.2, 1.13), GOODS, "sales, which pay R&D")
    draw_arrow(axes, (6.29, 1.45), (7.75, 1.45), WORK, "projects, contracts", both=True)
    draw_arrow(axes, (6.29, 0.37), (7.75, 0.37), GOODS, "goods", both=True)
    return figure


def quarter() -> Figure:
    """Draw the phases of a quarter in their order, as a round."""
    figure, axes = canvas(8.4, 2.8)
    found = phases()
    columns = (len(found) + 1) // 2
    step, high, low = 8.4 / columns, 2.3, 0.5
    boxes = []
    for n, phase in enumerate(found):
        text, colour = DOES[phase]
        upper = n < columns
        x = step * ((n if upper else len(found) - 1 - n) + 0.5)
        boxes.append(Box(x, high if upper else low, step / 2 - 0.1, 0.39))
        draw_box(axes, boxes[-1], f"{n + 1} {words(phase)}", text, colour)
    for n, (one, other) in enumerate(pairwise(boxes), start=1):
        if n == columns:
            draw_arrow(axes, one.at(0, -1), other.at(0, 1), MUTED)
        else:
            way = 1 if n < columns else -1
            draw_arrow(axes, one.at(way, 0), other.at(-way, 0), MUTED)
    draw_arrow(axes, boxes[-1].at(0, 1), boxes[0].at(0, -1), MUTED)
    axes.text(0.72, 1.4, "next quarter", va="center", size=7.5, color=MUTED)
    axes.text(
        4.35,
        1.4,
        "From quarter to quarter: profits pay taxes, sales pay R&D, and"
        " knowledge,\nties, projects, technology in use and productivity stay.",
        ha="center",
        va="center",
        size=7.5,
        color=INK,
    )
    return figure


def main() -> None:
    """Write both drawings into ``docs/``."""
    with style.context(STYLE):
        for name, drawing in (("actors", actors()), ("quarter", quarter())):
            drawing.savefig(DOCS / f"{name}.png", dpi=DOTS, metadata={"Software": None})


if __name__ == "__main__":
    main()
