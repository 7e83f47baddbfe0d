"""The chain from research to launch: where projects go on, and of what the others die."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from ydsim.plots import bars, page
from ydsim.plots.chain import CAUSES, LEADS, PARTNERSHIP, STAGES, read_chain
from ydsim.plots.counts import span, years_of
from ydsim.plots.ensemble import band
from ydsim.plots.lines import number
from ydsim.plots.style import WIDTH
from ydsim.results.results import Results
from ydsim.typing import Floats

GO_ON, LOST = "#009e73", "#cfcfcf"
CAUSE_COLOURS = ("#d55e00", "#0072b2", "#e69f00", "#7a7a7a", "#56b4e9")
_PANEL, _KEY, _BETWEEN, _GAP = 1.25, 0.1, 0.22, 0.3


def draw_funnel(results: Results) -> Figure:
    """Return flow by kind of the lead (top), and losses with and without partners (bottom).

    Raises
    ------
    NothingToDrawError
        When the table ``funnel`` was not recorded.
    """
    chain = read_chain(results)
    row = _KEY + page.HEAD + _PANEL + page.TICKS
    figure, top = page.new_page(
        "From research to launch: where projects go on and where they are lost",
        "Projects that leave a stage, by kind of the organisation that began them (a\u2013c) and "
        f"by partnership (d, e), yearly mean of {span(years_of(results))}. "
        f"{bars.in_words(len(results.replicates))}. At the bars: per cent that go on "
        "(a\u2013c), per cent lost and number of projects that leave the stage (d, e).",
        2 * row + _BETWEEN,
    )
    flows = [(Patch(color=GO_ON), "go on (launch: launched)"), (Patch(color=LOST), "lost")]
    bars.draw_key(figure, top, flows)
    panels = _panels(figure, top + _KEY + page.HEAD, len(LEADS))
    for lead, (axes, letter) in enumerate(zip(panels, "abc", strict=True)):
        draw_flow(axes, chain.go_on[:, :, lead].sum(axis=2), chain.leave[:, :, lead].sum(axis=2))
        page.head(axes, letter, list(LEADS.values())[lead], "projects a year")
    top += row + _BETWEEN
    causes = [Patch(color=colour) for colour in CAUSE_COLOURS]
    bars.draw_key(figure, top, list(zip(causes, CAUSES.values(), strict=True)))
    panels = _panels(figure, top + _KEY + page.HEAD, len(PARTNERSHIP))
    shares = [chain.loss_shares(at) for at in range(len(PARTNERSHIP))]
    longest = [_longest(share) for share in shares]
    for at, (axes, letter) in enumerate(zip(panels, "de", strict=True)):
        draw_losses(axes, shares[at], chain.leave[..., at].sum(axis=2))
        bars.set_length(axes, min(max(longest), 100.0), beyond=0.32)
        title = list(PARTNERSHIP.values())[at]
        page.head(axes, letter, title, "lost, per cent of the projects that leave the stage")
    page.add_footer(figure, results)
    return figure


def draw_flow(axes: Axes, go_on: Floats, leave: Floats) -> None:
    """Draw what goes on and what is lost by stage; arguments (replicates, stages)."""
    going, leaving = band(go_on), band(leave)
    parts = np.array([going.mean, leaving.mean - going.mean])
    bars.draw_stack(axes, parts, [GO_ON, LOST])
    bars.draw_whiskers(axes, leaving)
    ends = np.fmax(leaving.mean, leaving.high)
    bars.set_length(axes, float(ends.max()), beyond=0.3, bins=3)
    texts = [
        f"{100.0 * some / everything:.0f} %" if everything > 0.0 else "none"
        for some, everything in zip(going.mean.tolist(), leaving.mean.tolist(), strict=True)
    ]
    bars.write_ends(axes, ends, texts)


def draw_losses(axes: Axes, shares: Floats, leave: Floats) -> None:
    """Draw losses by cause and stage, (causes, replicates, stages), of (replicates, stages)."""
    bars.draw_stack(axes, np.array([band(share).mean for share in shares]), CAUSE_COLOURS)
    total = band(shares.sum(axis=0))
    bars.draw_whiskers(axes, total)
    texts = [
        f"{lost:.0f} % of {number(some, 0 if some >= 10.0 else 1)}" if some > 0.0 else "none"
        for lost, some in zip(total.mean.tolist(), band(leave).mean.tolist(), strict=True)
    ]
    bars.write_ends(axes, np.fmax(total.mean, total.high), texts)


def _longest(shares: Floats) -> float:
    total = band(shares.sum(axis=0))
    ends = np.fmax(total.mean, total.high)
    return float(np.nan_to_num(ends).max())


def _panels(figure: Figure, top: float, n: int) -> list[Axes]:
    """Return panels side by side, the stages named left of the first."""
    left = page.MARGIN + bars.room_for(STAGES)
    width = (WIDTH - left - page.MARGIN - (n - 1) * _GAP) / n
    panels = []
    for i in range(n):
        axes = page.add_panel(figure, left + i * (width + _GAP), top, width, _PANEL)
        bars.name_rows(axes, STAGES, visible=i == 0)
        panels.append(axes)
    return panels
