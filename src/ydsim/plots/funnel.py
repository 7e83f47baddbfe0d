"""The chain from research to launch: where projects go on, and of what the others die."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from ydsim.fmt import number
from ydsim.plots import bars, page
from ydsim.plots.chain import CAUSES, LEADS, PARTNERSHIP, STAGES, VALLEY, Chain, named, read_chain
from ydsim.plots.counts import ratio, span, years_of
from ydsim.plots.ensemble import band
from ydsim.plots.funnel_scenarios import draw_scenarios
from ydsim.plots.messages import say
from ydsim.plots.style import WIDTH
from ydsim.results.results import Results
from ydsim.typing import Floats

GO_ON, LOST, SHADE = "#009e73", "#cfcfcf", "#fbe9e1"
CAUSE_COLOURS = ("#d55e00", "#0072b2", "#e69f00", "#7a7a7a", "#56b4e9")
_PANEL, _KEY, _BETWEEN, _GAP = 1.25, 0.1, 0.22, 0.3


def draw_funnel(*results: Results) -> Figure:
    """Return what becomes of projects, stage by stage, in one scenario or in several.

    Of one scenario: flow by kind of the lead (top), of 100 projects that leave the first stage, and
    losses with and without partners (bottom). Of several: how many of 100 projects reach each
    stage, and the part that each stage loses.

    Raises
    ------
    UsageError
        When no results are given.
    NothingToDrawError
        When the table ``funnel`` was not recorded, or no project left a stage.
    """
    return _draw_one(results[0]) if len(results) == 1 else draw_scenarios(results)


def _draw_one(results: Results) -> Figure:
    chain = read_chain(results)
    row = _KEY + page.HEAD + _PANEL + page.TICKS
    words = page.sentences(
        say("funnel.explanation", years=span(years_of(results))),
        bars.in_words(len(results.replicates)),
        say("funnel.ends"),
    )
    figure, top = page.new_page(
        _finding(chain, span(years_of(results))),
        words,
        2 * row + _BETWEEN,
    )
    flows = [
        (Patch(color=GO_ON), say("funnel.go_on")),
        (Patch(color=LOST), say("funnel.lost")),
        (Patch(color=SHADE), say("funnel.valley")),
    ]
    bars.draw_key(figure, top, flows)
    panels = _panels(figure, top + _KEY + page.HEAD, len(LEADS))
    parts = [
        (chain.go_on[:, :, n].sum(axis=2), chain.leave[:, :, n].sum(axis=2)) for n in (0, 1, 2)
    ]
    longest = max(100.0, *(_longest(per_hundred(leave, leave)) for _, leave in parts))
    for lead, (axes, letter) in enumerate(zip(panels, "abc", strict=True)):
        go_on, leave = parts[lead]
        draw_flow(axes, go_on, leave)
        bars.set_length(axes, longest, beyond=0.22, bins=3)
        first = number(float(leave[:, 0].mean()), 3)
        title = say("funnel.lead", lead=named(LEADS[lead]), n=first)
        page.head(axes, letter, title, say("funnel.per_hundred"))
    top += row + _BETWEEN
    causes = [Patch(color=colour) for colour in CAUSE_COLOURS]
    bars.draw_key(figure, top, list(zip(causes, map(named, CAUSES), strict=True)))
    panels = _panels(figure, top + _KEY + page.HEAD, len(PARTNERSHIP))
    shares = [chain.loss_shares(at) for at in range(len(PARTNERSHIP))]
    longest = max(_longest(share.sum(axis=0)) for share in shares)
    for at, (axes, letter) in enumerate(zip(panels, "de", strict=True)):
        draw_losses(axes, shares[at], chain.leave[..., at].sum(axis=2))
        bars.set_length(axes, min(longest, 100.0), beyond=0.36)
        page.head(axes, letter, named(PARTNERSHIP[at]), say("funnel.losses"))
    page.add_footer(figure, results)
    return figure


def per_hundred(amount: Floats, leave: Floats) -> Floats:
    """Return an amount per 100 projects that leave the first stage, (replicates, stages)."""
    return 100.0 * ratio(amount, np.broadcast_to(leave[:, :1], amount.shape))


def draw_flow(axes: Axes, go_on: Floats, leave: Floats) -> None:
    """Draw what goes on and what is lost by stage; arguments (replicates, stages)."""
    going, leaving = band(per_hundred(go_on, leave)), band(per_hundred(leave, leave))
    parts = np.array([going.mean, leaving.mean - going.mean])
    bars.draw_stack(axes, parts, [GO_ON, LOST])
    bars.draw_whiskers(axes, leaving)
    shade_valley(axes)
    rates = zip(go_on.mean(axis=0).tolist(), leave.mean(axis=0).tolist(), strict=True)
    texts = [
        say("funnel.percent", percent=f"{100.0 * some / everything:.0f}")
        if everything > 0.0
        else say("funnel.none")
        for some, everything in rates
    ]
    bars.write_ends(axes, np.fmax(leaving.mean, leaving.high), texts)


def draw_losses(axes: Axes, shares: Floats, leave: Floats) -> None:
    """Draw losses by cause and stage, (causes, replicates, stages), of (replicates, stages)."""
    bars.draw_stack(axes, np.array([band(share).mean for share in shares]), CAUSE_COLOURS)
    total = band(shares.sum(axis=0))
    bars.draw_whiskers(axes, total)
    shade_valley(axes)
    texts = [
        say("funnel.of", percent=f"{lost:.0f}", n=number(some, 2))
        if some > 0.0
        else say("funnel.none")
        for lost, some in zip(total.mean.tolist(), band(leave).mean.tolist(), strict=True)
    ]
    bars.write_ends(axes, np.fmax(total.mean, total.high), texts)


def shade_valley(axes: Axes) -> None:
    """Shade the rows of the valley of death."""
    axes.axhspan(VALLEY[0] - 0.5, VALLEY[-1] + 0.5, color=SHADE, linewidth=0, zorder=0.5)


def _finding(chain: Chain, years: str) -> str:
    """Return the title: how many projects are launched, and what the valley of death takes."""
    facts = {"launched": f"{chain.reach[:, -1].mean():.0f}", "lost": f"{chain.valley.mean():.0f}"}
    return say("funnel.title", years=years, **facts)


def _longest(values: Floats) -> float:
    total = band(values)
    return float(np.nan_to_num(np.fmax(total.mean, total.high)).max())


def _panels(figure: Figure, top: float, n: int) -> list[Axes]:
    """Return panels side by side, the stages named left of the first."""
    names = [named(stage) for stage in STAGES]
    left = page.MARGIN + page.room_for(names)
    width = (WIDTH - left - page.MARGIN - (n - 1) * _GAP) / n
    panels = []
    for i in range(n):
        axes = page.add_panel(figure, left + i * (width + _GAP), top, width, _PANEL)
        bars.name_rows(axes, names, visible=i == 0)
        panels.append(axes)
    return panels
