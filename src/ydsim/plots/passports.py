"""Passports of technology generations: where and by whom each stage was done, as a flow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ydsim.fmt import number
from ydsim.plots import page
from ydsim.plots.chain import LEADS, STAGES, named
from ydsim.plots.counts import positions, provinces_of, read_rows
from ydsim.plots.ensemble import NothingToDrawError, band
from ydsim.plots.flow import NAME, draw_flow
from ydsim.plots.messages import say
from ydsim.plots.style import BODY, INK, OUTSIDE, SMALL, WIDTH, Look, look, shown
from ydsim.results.results import Results
from ydsim.typing import Floats, Ints

KIND_LOOKS = (
    Look(INK, "o", "-"),
    Look("#e69f00", "s", (0, (5, 1.5))),
    Look("#56b4e9", "^", (0, (2, 1.2))),
)
ELSEWHERE = Look(OUTSIDE, "x", "-")
"""How stages outside the region, or not passed in the model, are drawn."""

_HEAD, _PANEL, _BETWEEN, _RIGHT = 0.36, 1.85, 0.16, 0.4


@dataclass(frozen=True)
class Passages:
    """From stage to stage: where generations go.

    Attributes
    ----------
    names
        Of the rows; the last is elsewhere.
    flows
        Shape (replicates, stages - 1, rows, rows): generations that go from a row of a stage to a
        row of the next.
    """

    names: tuple[str, ...]
    flows: Floats

    @property
    def first(self) -> tuple[str, ...]:
        """Names of the rows in which any generation begins."""
        begun = self.flows[:, 0].sum(axis=(0, 2)) > 0.0
        return tuple(name for name, some in zip(self.names, begun.tolist(), strict=True) if some)

    @property
    def transitions(self) -> Floats:
        """Steps of which both ends are known, (replicates, stages - 1)."""
        known: Floats = self.flows[:, :, :-1, :-1].sum(axis=(2, 3))
        return known

    @property
    def moves(self) -> Floats:
        """Of these, the steps that change the row, (replicates, stages - 1)."""
        staying = np.einsum("rsaa->rs", self.flows[:, :, :-1, :-1])
        moving: Floats = self.transitions - staying
        return moving

    @property
    def moving_share(self) -> float:
        """Share of the steps that change the row, all replicates; NaN without steps."""
        steps = float(self.transitions.sum())
        return float(self.moves.sum()) / steps if steps > 0.0 else float("nan")


def draw_passports(results: Results) -> Figure:
    """Return the flow through the stages by province (top) and by kind of organisation (bottom).

    Raises
    ------
    NothingToDrawError
        When passports were not recorded or no stage has one.
    """
    places, kinds = read_passports(results)
    provinces = provinces_of(results)
    step = _HEAD + _PANEL + page.TICKS + _BETWEEN
    figure, top = page.new_page(
        _finding(places, provinces), _explain(results, places), 2 * step - _BETWEEN
    )
    looks = [look(p) for p in range(len(provinces))]
    panels = (
        ("a", "provinces", places, [*looks, ELSEWHERE]),
        ("b", "kinds", kinds, [*KIND_LOOKS, ELSEWHERE]),
    )
    names = [name for _, _, each, _ in panels for name in each.first]
    widths = [page.text_width(f"{shown(n, NAME)} 100\u00a0%", BODY - 0.5, "bold") for n in names]
    left = page.MARGIN + max(widths) + 0.12
    for row, (letter, title, passages, each) in enumerate(panels):
        place = (left, top + _HEAD + row * step, WIDTH - left - _RIGHT - page.MARGIN, _PANEL)
        axes = page.add_panel(figure, *place)
        _draw(axes, passages, each, f"passports.{title}_step")
        n = number(passages.flows[:, 0].sum(axis=(1, 2)).mean(), 3)
        page.head(axes, letter, say(f"passports.{title}"), say("passports.unit", n=n))
    page.add_footer(figure, results)
    return figure


def read_passports(results: Results) -> tuple[Passages, Passages]:
    """Return the flow by province and by kind of organisation.

    Raises
    ------
    NothingToDrawError
        When passports were not recorded or no stage has one.
    """
    rows = read_rows(results, "passports", ["generation", "stage", "province", "kind"])
    provinces = provinces_of(results)
    stage = positions(rows["stage"].tolist(), STAGES)
    place = positions(rows["province"].tolist(), provinces)
    known = (stage >= 0) & (place >= 0)
    if not known.any():
        raise NothingToDrawError(say("passports.nothing"))
    run = positions(rows["replicate"].tolist(), results.replicates)
    generations, number = np.unique(
        np.stack([run, rows["generation"].astype(np.int64)]), axis=1, return_inverse=True
    )
    number = np.ravel(number)
    kind = np.where(known, positions(rows["kind"].tolist(), LEADS), -1)
    elsewhere = say("passports.elsewhere")

    def passages(names: Sequence[str], label: Ints) -> Passages:
        at = np.full((generations.shape[1], len(STAGES)), len(names), dtype=np.int64)
        mine = known & (label >= 0)
        at[number[mine], stage[mine]] = label[mine]
        flows = np.zeros((len(results.replicates), len(STAGES) - 1, len(names) + 1, len(names) + 1))
        for step in range(len(STAGES) - 1):
            np.add.at(flows[:, step], (generations[0], at[:, step], at[:, step + 1]), 1.0)
        return Passages((*names, elsewhere), flows)

    return passages(provinces, place), passages([named(each) for each in LEADS], kind)


def _draw(axes: Axes, passages: Passages, looks: Sequence[Look], step: str) -> None:
    """Draw the mean flow over replicates, with the share that moves over each step."""
    steps, moves = passages.transitions.sum(axis=0), passages.moves.sum(axis=0)
    above = [
        say(step, percent=_percent(some / every)) if every > 0.0 else ""
        for some, every in zip(moves.tolist(), steps.tolist(), strict=True)
    ]
    draw_flow(axes, passages.flows.mean(axis=0), passages.names, looks, above=above)
    axes.set_xticks(range(len(STAGES)), [named(stage) for stage in STAGES], size=SMALL + 0.5)
    axes.tick_params(axis="x", size=0.0)


def _percent(share: float) -> str:
    return number(100.0 * share, 2)


def _finding(places: Passages, provinces: Sequence[str]) -> str:
    """Return the title: how many steps cross a border, and which way most often."""
    share = places.moving_share
    moves = places.flows[:, :, :-1, :-1].sum(axis=(0, 1))
    np.fill_diagonal(moves, 0.0)
    if np.isnan(share) or moves.sum() == 0.0:
        return say("passports.title_none")
    a, b = divmod(int(moves.argmax()), len(provinces))
    return say(
        "passports.title",
        percent=_percent(share),
        a=shown(provinces[a], 30),
        b=shown(provinces[b], 30),
    )


def _explain(results: Results, places: Passages) -> str:
    steps, moves = places.transitions.sum(axis=1), places.moves.sum(axis=1)
    parts = [say("passports.explanation")]
    n = len(results.replicates)
    if n == 1:
        parts.append(say("passports.one_replicate"))
    else:
        safe = np.where(steps > 0.0, steps, 1.0)
        spread = band(np.where(steps > 0.0, moves / safe, np.nan)[:, None])
        low, high = float(spread.low[0]), float(spread.high[0])
        if np.isfinite([low, high]).all() and _percent(low) != _percent(high):
            parts.append(say("passports.range", n=n, low=_percent(low), high=_percent(high)))
        else:
            parts.append(say("passports.mean", n=n))
    return page.sentences(*parts)
