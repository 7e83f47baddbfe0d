"""What figures of sweeps share: which factors go where, what is said, the axis of a factor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch, Rectangle
from matplotlib.ticker import NullLocator

from ydsim.errors import NothingToDrawError
from ydsim.plots import lines, page
from ydsim.plots.factors import Design, Factor, design_of
from ydsim.plots.messages import say
from ydsim.plots.style import FAINT, MUTED, SMALL, WIDTH, shown
from ydsim.plots.sweep_outcome import SweepOutcome
from ydsim.plots.wording import capital
from ydsim.results.results import Results
from ydsim.typing import Ints

HATCH: dict[str, Any] = {
    "facecolor": "white",
    "edgecolor": FAINT,
    "hatch": "//////",
    "linewidth": 0.0,
}
"""How points without a finished run are drawn."""

KEY_ROW = 0.16
"""Height of a row of a key in inches."""

MOST_TICKS = 12
"""Levels that are named on an axis, at most."""


def suits_map(results: Results) -> bool:
    """Tell whether two factors with three numbers each make a grid."""
    design = design_of(results)
    wide = [name for name, f in design.factors.items() if f.numeric and len(f.levels) > 2]
    return len(wide) >= 2 and int((design.cells(wide[:2]) >= 0).sum()) > 6


def suits_lines(results: Results) -> bool:
    """Tell whether a factor has numbers, and no two of them make a map."""
    design = design_of(results)
    numeric = [name for name, f in design.factors.items() if f.numeric and len(f.levels) > 1]
    on_line = [name for name in numeric if len(design.slice([name])) > 1]
    return bool(on_line) and not suits_map(results)


def suits_dots(results: Results) -> bool:
    """Tell whether there are factors, and none has numbers."""
    factors = design_of(results).factors
    return bool(factors) and not any(factor.numeric for factor in factors.values())


def pick(design: Design, given: str | None, used: Sequence[str], *, numeric: bool = False) -> str:
    """Return the factor of an axis: the one that is asked for, else the one with most levels.

    Raises
    ------
    NothingToDrawError
        When none is left, or the one that is asked for is on another axis already.
    """
    if given is not None:
        if given in used:
            raise NothingToDrawError(say("sweeps.same_factor", factor=given))
        if given not in design.factors:
            raise NothingToDrawError(say("sweeps.constant", factor=given))
        if numeric and not design.factors[given].numeric:
            raise NothingToDrawError(say("sweeps.no_numbers_of", factor=given))
        return given
    left = [f for name, f in design.factors.items() if name not in used]
    if numeric:
        left = [factor for factor in left if factor.numeric]
        if not left:
            raise NothingToDrawError(say("sweeps.no_numbers"))
    if not left:
        only = next(iter(design.factors))
        raise NothingToDrawError(say("sweeps.two_factors", factor=only))
    return max(left, key=lambda factor: len(factor.levels)).name


def spare(design: Design, given: str | None, used: Sequence[str], most: int) -> str | None:
    """Return a further factor of no more than ``most`` levels, None where there is none."""
    if given is not None:
        return pick(design, given, used)
    left = [f for name, f in design.factors.items() if name not in used]
    few = [factor.name for factor in left if len(factor.levels) <= most]
    return few[0] if few else None


def require_grid(design: Design, free: Sequence[str], least: int = 2) -> Ints:
    """Return the points by the levels of ``free``, see `Design.cells`.

    Raises
    ------
    NothingToDrawError
        When fewer than ``least`` points share the levels of all other factors.
    """
    cells = design.cells(free)
    there = int((cells >= 0).sum())
    if there < least:
        words = say("sweeps.and").join(design.factors[name].words for name in free)
        raise NothingToDrawError(say("sweeps.no_grid", factors=words, n=there))
    return cells


def refuse_many(factor: Factor, most: int) -> None:
    """Refuse a factor of more levels than a figure can show.

    Raises
    ------
    NothingToDrawError
        Always, saying how many there are.
    """
    facts = {"factor": factor.name, "n": len(factor.levels), "most": most}
    raise NothingToDrawError(say("sweeps.too_many", **facts))


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
    region = say("sweeps.whole") if outcome.whole else outcome.region
    what = {"outcome": capital(outcome.words), "region": region, "year": outcome.year}
    said = [say("sweeps.what_last" if outcome.year is None else "sweeps.what", **what)]
    counts = outcome.counts(points)
    known = counts[counts > 0]
    if len(known) and known.max() == 1:
        said.append(say("sweeps.one"))
    elif len(known):
        least, most = int(known.min()), int(known.max())
        n = str(most) if least == most else say("sweeps.several_n", least=least, most=most)
        said.append(say(how, n=n))
    if free:
        where = design.where(design.base, free)
        said.append(say("sweeps.base" if design.is_base else "sweeps.first", where=where))
    held = [
        say("sweeps.at", factor=design.factors[name].words, level=design.factors[name].texts[level])
        for name, level in design.held(free).items()
    ]
    if held:
        said.append(say("sweeps.held", where=say("sweeps.and").join(held)))
    return " ".join([*said, *missing(results, outcome, points)])


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
    replicates = manifest["replicates"]
    text = say(
        "sweeps.footer",
        name=shown(results.name, 36),
        points=f"{len(results.contents.points):,}",
        n=replicates if isinstance(replicates, int) else len(results.replicates),
        seed=manifest["seed"],
        scale=f"{manifest['scenario']['scale']:g}",
        hash=str(manifest["hash"])[:10],
        version=manifest["ydsim"],
    )
    size = min(SMALL, SMALL * (WIDTH - 2 * page.MARGIN) / page.text_width(text, SMALL))
    down = figure.get_figheight() - 0.09
    page.put(figure, page.MARGIN, down, text, size=size, color=FAINT, va="bottom")


def key_rows(names: Sequence[str]) -> tuple[int, int]:
    """Return how many columns and rows a key of these names takes."""
    widest = max((page.text_width(shown(name), SMALL + 0.5) for name in names), default=0.0)
    columns = max(1, min(len(names), int((WIDTH - 2 * page.MARGIN) / (widest + 0.45))))
    return columns, -(-len(names) // columns)


def draw_key(figure: Figure, top: float, entries: Sequence[tuple[Artist, str]]) -> float:
    """Draw a key in as many rows as it needs and return its height in inches."""
    names = [name for _, name in entries]
    columns, rows = key_rows(names)
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
    return rows * KEY_ROW


def hatch(axes: Axes, left: float, low: float, wide: float, high: float, **place: Any) -> None:
    """Hatch a box of a panel, in whose place a point has no finished run."""
    axes.add_patch(Rectangle((left, low), wide, high, zorder=1, **place, **HATCH))


def missing_patch() -> Patch:
    """Return the mark of points without a finished run, for a key."""
    return Patch(**{**HATCH, "linewidth": 0.3})


def named_levels(count: int) -> list[int]:
    """Return which of so many levels are named: all, or about `MOST_TICKS` evenly spread."""
    step = -(-count // MOST_TICKS)
    return list(range(0, count, step))


def number_levels(axes: Axes, factor: Factor) -> None:
    """Let the horizontal axis hold the numbers of a factor, each level with a tick."""
    values = np.array(factor.levels, dtype=np.float64)
    if factor.logarithmic:
        axes.set_xscale("log")
        axes.xaxis.set_minor_locator(NullLocator())
    kept = named_levels(len(values))
    axes.set_xticks(values[kept], [factor.texts[level] for level in kept])
    low, high = float(values[0]), float(values[-1])
    if factor.logarithmic:
        room = (high / low) ** 0.05
        axes.set_xlim(low / room, high * room)
    else:
        room = 0.05 * (high - low)
        axes.set_xlim(low - room, high + room)
    axes.tick_params(axis="x", labelsize=SMALL + 0.5)


def reference_line(axes: Axes, value: float, *, upright: bool = False) -> None:
    """Draw a thin line through the value of the base point."""
    if np.isfinite(value):
        draw = axes.axvline if upright else axes.axhline
        draw(value, color=MUTED, linewidth=0.6, zorder=1.5).set_gid("base")


def hold(axes: Axes, *values: np.ndarray) -> None:
    """Let the vertical axis hold all values and their intervals."""
    lines.set_amounts(axes, *values, from_zero=False)
