"""Passports of technology generations: where and by whom each stage was done."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ydsim.plots import lines, page
from ydsim.plots.chain import LEADS, STAGES
from ydsim.plots.counts import cube, provinces_of, ratio, read_rows, select
from ydsim.plots.ensemble import NothingToDrawError, band, in_words
from ydsim.plots.style import INK, MUTED, SMALL, WIDTH, Look, look
from ydsim.results.results import Results
from ydsim.typing import Floats

KIND_LOOKS = (
    Look(INK, "o", "-"),
    Look("#e69f00", "s", (0, (5, 1.5))),
    Look("#56b4e9", "^", (0, (2, 1.2))),
)
_PANEL, _LEFT, _BETWEEN, _NUMBERS = 1.75, 0.5, 0.2, 0.16


def draw_passports(results: Results) -> Figure:
    """Return shares of provinces (top) and of kinds of organisations (bottom), stage by stage.

    Raises
    ------
    NothingToDrawError
        When passports were not recorded or no stage has one.
    """
    places, kinds = read_passports(results)
    step = page.HEAD + _PANEL + page.TICKS + _NUMBERS + _BETWEEN
    figure, top = page.new_page(
        "Where and by whom the stages of a new technology were done",
        "Where and by whom the project that founded a technology generation of the region was led, "
        "stage by stage, in per cent of the generations. "
        f"{100.0 * spread_out(results):.0f}\u00a0% of them did stages in more than one province. "
        f"{in_words(len(results.replicates))}; n: generations, mean of the replicates.",
        2 * step - _BETWEEN,
    )
    width = WIDTH - _LEFT - lines.LABEL_ROOM - page.MARGIN
    provinces = provinces_of(results)
    looks = [look(p) for p in range(len(provinces))]
    panels = (
        ("a", "Province", places, provinces, looks),
        ("b", "Kind of organisation", kinds, tuple(LEADS.values()), KIND_LOOKS),
    )
    for row, (letter, title, counts, names, each) in enumerate(panels):
        axes = page.add_panel(figure, _LEFT, top + page.HEAD + row * step, width, _PANEL)
        draw_shares(axes, counts, names, each)
        page.head(axes, letter, title, "per cent of the generations")
    page.add_footer(figure, results)
    return figure


def read_passports(results: Results) -> tuple[Floats, Floats]:
    """Return generations by stage and province, (replicates, stages, P), and by stage and kind.

    Stages that a project skipped, or that were done in the rest of the nation, are not counted.

    Raises
    ------
    NothingToDrawError
        When passports were not recorded or no stage has one.
    """
    rows = read_rows(results, "passports", ["generation", "stage", "province", "kind"])
    provinces = provinces_of(results)
    rows = select(rows, "province", provinces)
    rows = {**rows, "one": np.ones(len(rows["stage"]))}
    places = cube(rows, "one", results, {"stage": STAGES, "province": provinces})
    if not places.any():
        raise NothingToDrawError("no stage of a generation has a passport")
    return places, cube(rows, "one", results, {"stage": STAGES, "kind": tuple(LEADS)})


def spread_out(results: Results) -> float:
    """Return the share of generations with stages in more than one province, all replicates."""
    rows = select(read_rows(results, "passports", ["province"]), "province", provinces_of(results))
    names = (rows["replicate"].tolist(), rows["generation"].tolist(), rows["province"].tolist())
    visited = dict.fromkeys(zip(*names, strict=True))
    number = Counter((replicate, generation) for replicate, generation, _ in visited)
    return sum(n > 1 for n in number.values()) / len(number)


def draw_shares(axes: Axes, counts: Floats, names: Sequence[str], looks: Sequence[Look]) -> None:
    """Draw shares by stage as lines with bands, and the number of generations under them."""
    total = counts.sum(axis=2)
    ends, held = [], []
    for i, (name, each) in enumerate(zip(names, looks, strict=True)):
        share = band(100.0 * ratio(counts[:, :, i], total))
        line = lines.draw_band(axes, np.arange(len(STAGES)), share, each, name)
        line.set(marker=each.marker, markersize=3.6, clip_on=False)
        ends.append((name, float(share.mean[-1]), each))
        held += [share.mean, share.high]
    axes.set_xlim(-0.35, len(STAGES) - 0.85)
    axes.set_xticks(range(len(STAGES)), STAGES)
    lines.set_amounts(axes, *held)
    lines.name_ends(axes, ends, _PANEL)
    for at, n in enumerate(total.mean(axis=0).tolist()):
        axes.annotate(
            f"n = {n:,.0f}",
            (at, 0.0),
            xycoords=("data", "axes fraction"),
            xytext=(0.0, -20.0),
            textcoords="offset points",
            size=SMALL,
            color=MUTED,
            ha="center",
        ).set_gid("n")
