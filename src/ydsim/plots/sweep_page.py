"""What figures of sweeps share: what is said, key, axis of a factor, marks of missing points."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch, Rectangle
from matplotlib.ticker import NullLocator

from ydsim.fmt import listed
from ydsim.plots import lines, page
from ydsim.plots.factors import Factor
from ydsim.plots.messages import say
from ydsim.plots.style import BODY, FAINT, MUTED, SMALL, WIDTH, shown
from ydsim.plots.sweep_outcome import SweepOutcome
from ydsim.results.results import Results
from ydsim.typing import Ints
from ydsim.wording import capital

HATCH: dict[str, Any] = {
    "facecolor": "white",
    "edgecolor": FAINT,
    "hatch": "//////",
    "linewidth": 0.0,
}
"""How points without a finished run are drawn."""

KEY_ROW = 0.16
"""Height of a row of a key in inches."""

SHORT_HEAD = 0.2
"""Room in inches above a panel that has a unit and no title."""

MOST_TICKS = 12
"""Levels that are named on an axis, at most."""


def explain(
    results: Results, outcome: SweepOutcome, points: Ints, how: str, free: Sequence[str]
) -> str:
    """Say what is shown: outcome, replicates, base point, what is held, and what is missing.

    Parameters
    ----------
    points
        The points that are shown.
    how
        Key of the message that says what marks are, with replicates as ``n``.
    """
    design = outcome.design
    said = [what(outcome), *replicates(outcome, points, how, "sweeps.one")]
    if free:
        where = design.where(design.base, free)
        said.append(say("sweeps.base" if design.is_base else "sweeps.first", where=where))
    held = [
        say("sweeps.at", factor=design.factors[name].words, level=design.factors[name].texts[level])
        for name, level in design.held(free).items()
    ]
    if held:
        said.append(say("sweeps.held", where=listed(held)))
    return " ".join([*said, *missing(results, outcome, points)])


def what(outcome: SweepOutcome) -> str:
    """Say which outcome of which region and year is shown."""
    region = say("sweeps.whole") if outcome.whole else outcome.region
    facts = {"outcome": capital(outcome.words), "region": region, "year": outcome.year}
    return say("sweeps.what_last" if outcome.year is None else "sweeps.what", **facts)


def replicates(outcome: SweepOutcome, points: Ints, how: str, one: str) -> list[str]:
    """Say what marks are with their replicates ``n``, by the message ``how`` or that of one."""
    counts = outcome.counts(points)
    known = counts[counts > 0]
    if not len(known):
        return []
    least, most = int(known.min()), int(known.max())
    if most == 1:
        return [say(one)]
    n = str(most) if least == most else say("sweeps.several_n", least=least, most=most)
    return [say(how, n=n)]


def missing(results: Results, outcome: SweepOutcome, points: Ints) -> list[str]:
    """Say how many of ``points`` have no finished run, and how far the sweep is."""
    without = int((~outcome.known()[points]).sum())
    runs = len(results.contents.plan)
    said = []
    if without:
        failed = int((outcome.failed[points] > 0)[~outcome.known()[points]].sum())
        said.append(say("sweeps.missing", n=without, all=len(points), failed=failed))
    if results.failures:
        said.append(say("sweeps.failed", failed=len(results.failures), runs=runs))
    if results.left:
        said.append(say("sweeps.unfinished", left=results.left, runs=runs))
    return said


def add_footer(figure: Figure, results: Results) -> None:
    """Write at the bottom of the page which sweep it is."""
    manifest = results.manifest
    number = manifest["replicates"]
    n = number if isinstance(number, int) else len(results.replicates)
    text = say(
        "sweeps.footer",
        name=shown(results.name, 36),
        points=f"{len(results.contents.points):,}",
        replicates=say("page.one_replicate" if n == 1 else "page.replicates", n=n),
        seed=manifest["seed"],
        scale=f"{manifest['scenario']['scale']:g}",
        hash=str(manifest["hash"])[:10],
        version=manifest["ydsim"],
    )
    size = min(SMALL, SMALL * (WIDTH - 2 * page.MARGIN) / page.text_width(text, SMALL))
    down = figure.get_figheight() - 0.09
    page.put(figure, page.MARGIN, down, text, size=size, color=FAINT, va="bottom")


def key_height(entries: Sequence[tuple[Artist, str]]) -> float:
    """Return the height in inches of a key, with room below it."""
    return key_rows([name for _, name in entries])[1] * KEY_ROW + 0.06 if entries else 0.0


_SIGN = 0.45
"""Width of the sign of an entry of a key, with the space around it, in inches."""


def key_rows(names: Sequence[str]) -> tuple[int, int]:
    """Return how many columns and rows a key of these names takes."""
    widths = [page.text_width(shown(name), SMALL + 0.5) + _SIGN for name in names]
    room = WIDTH - 2 * page.MARGIN
    if sum(widths) <= room:
        return max(len(names), 1), 1
    columns = max(1, min(len(names), int(room / max(widths))))
    return columns, -(-len(names) // columns)


def draw_key(figure: Figure, top: float, entries: Sequence[tuple[Artist, str]]) -> None:
    """Draw a key in as many rows as it needs, `key_height` in all."""
    if not entries:
        return
    names = [name for _, name in entries]
    columns, _ = key_rows(names)
    figure.legend(
        [handle for handle, _ in entries],
        [shown(name) for name in names],
        loc="upper left",
        bbox_to_anchor=(page.MARGIN / WIDTH, 1.0 - top / figure.get_figheight()),
        ncols=columns,
        fontsize=SMALL + 0.5,
        borderpad=0.0,
        borderaxespad=0.0,
        columnspacing=1.4,
        handlelength=2.2,
        handletextpad=0.5,
        labelspacing=0.3,
    )


def hatch(axes: Axes, left: float, low: float, wide: float, high: float, **look: Any) -> None:
    """Hatch a box of a panel, in whose place a point has no finished run."""
    axes.add_patch(Rectangle((left, low), wide, high, zorder=1, **{**HATCH, **look}))


def missing_patch() -> Patch:
    """Return the mark of points without a finished run, for a key."""
    return Patch(**{**HATCH, "linewidth": 0.3})


def named_levels(count: int) -> list[int]:
    """Return which of so many levels are named: all, or about `MOST_TICKS` evenly spread."""
    step = -(-count // MOST_TICKS)
    return list(range(0, count, step))


def number_levels(axes: Axes, factor: Factor) -> None:
    """Let the horizontal axis hold the levels of a factor, each with a tick, named if it fits."""
    values = np.array(factor.levels, dtype=np.float64)
    if factor.logarithmic:
        axes.set_xscale("log")
        axes.xaxis.set_minor_locator(NullLocator())
    low, high = float(values[0]), float(values[-1])
    if factor.logarithmic:
        room = (high / low) ** 0.05
        axes.set_xlim(low / room, high * room)
        shares = np.log(values / low) / np.log(high / low)
    else:
        room = 0.05 * (high - low)
        axes.set_xlim(low - room, high + room)
        shares = (values - low) / (high - low)
    size = SMALL + 0.5
    wide = 0.9 * axes.get_position().width * WIDTH
    labels, end = [], -np.inf
    for text, share in zip(factor.texts, (wide * shares).tolist(), strict=True):
        half = page.text_width(text, size) / 2.0
        free = share - half > end + 0.05
        labels.append(text if free else "")
        end = share + half if free else end
    axes.set_xticks(values, labels)
    axes.tick_params(axis="x", labelsize=size)


def write_above(axes: Axes, text: str) -> None:
    """Write the name of a panel above it, as far as it fits."""
    width = axes.get_position().width * WIDTH
    axes.annotate(
        page.fitting(text, width, BODY - 0.5, "bold"), (0.0, 1.0), xytext=(0.0, 3.0),
        xycoords="axes fraction", textcoords="offset points", size=BODY - 0.5, weight="bold",
    )  # fmt: skip


def reference_line(axes: Axes, value: float, *, upright: bool = False) -> None:
    """Draw a thin line through the value of the base point."""
    if np.isfinite(value):
        draw = axes.axvline if upright else axes.axhline
        draw(value, color=MUTED, linewidth=0.6, zorder=1.5).set_gid("base")


def hold(axes: Axes, *values: np.ndarray) -> None:
    """Let the vertical axis hold all values and their intervals."""
    lines.set_amounts(axes, *values, from_zero=False)
