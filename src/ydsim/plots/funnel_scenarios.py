"""The chain from research to launch under several scenarios, one mark for each."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from ydsim.plots import bars, page
from ydsim.plots.chain import STAGES, VALLEY, Chain, named, read_chain
from ydsim.plots.counts import span, years_of
from ydsim.plots.ensemble import band
from ydsim.plots.findings import compared, interval_in_words
from ydsim.plots.messages import say
from ydsim.plots.scenarios import Together, scenario_look, together
from ydsim.plots.style import WIDTH, shown
from ydsim.results.results import Results
from ydsim.typing import Floats

SHADE = "#fbe9e1"
_GAP = 0.3


def draw_scenarios(results: Sequence[Results]) -> Figure:
    """Return how many of 100 projects complete each stage (left), and what it loses (right).

    Raises
    ------
    UsageError
        When no results are given, or their provinces differ.
    NothingToDrawError
        When the table ``funnel`` was not recorded.
    """
    drawn = together(results, say("funnel.name"), fewest=1)
    chains = [read_chain(each) for each in results]
    names = list(drawn.names)
    key = bars.key_height(names) + 0.08
    height = len(STAGES) * (0.12 * len(chains) + 0.14)
    foot = page.foot_height(*results)
    body = key + page.HEAD + height + page.TICKS
    figure, top = page.new_page(_finding(drawn, chains), _explain(drawn, chains), body, foot=foot)
    marks = [_mark(number) for number in range(len(chains))]
    bars.draw_key(figure, top, list(zip(marks, names, strict=True)))
    stages = [named(stage) for stage in STAGES]
    left = page.MARGIN + page.room_for(stages)
    width = (WIDTH - left - page.MARGIN - _GAP) / 2
    values = ([each.reach for each in chains], [100.0 * (1.0 - each.rates) for each in chains])
    for i, (letter, what) in enumerate((("a", "reach"), ("b", "loses"))):
        place = (left + i * (width + _GAP), top + key + page.HEAD)
        axes = page.add_panel(figure, *place, width, height)
        draw_marks(axes, values[i])
        bars.name_rows(axes, stages, visible=i == 0)
        page.head(axes, letter, say(f"funnel.{what}"), say(f"funnel.{what}_unit"))
    page.add_footer(figure, results)
    return figure


def draw_marks(axes: Axes, values: Sequence[Floats]) -> None:
    """Draw mean and spread of each scenario beside each other, of (replicates, stages) each."""
    rows = np.arange(len(STAGES))
    highest = 0.0
    for number, each in enumerate(values):
        look, spread = scenario_look(number), band(each)
        down = rows + 0.8 * ((number + 0.5) / len(values) - 0.5)
        if spread.has_spread:
            lines = axes.hlines(down, spread.low, spread.high, color=look.colour, linewidth=1.0)
            lines.set_gid("spread")
        (marks,) = axes.plot(
            spread.mean,
            down,
            linestyle="none",
            marker=look.marker,
            color=look.colour,
            markersize=4.0,
        )
        marks.set_gid("scenario")
        highest = max(highest, float(np.nan_to_num(np.fmax(spread.mean, spread.high)).max()))
    axes.set_ylim(len(STAGES) - 0.5, -0.5)
    axes.axhspan(VALLEY[0] - 0.5, VALLEY[-1] + 0.5, color=SHADE, linewidth=0, zorder=0.5)
    axes.grid(False, axis="y")
    axes.grid(True, axis="x")
    bars.set_length(axes, highest, beyond=0.06)


def _mark(number: int) -> Line2D:
    look = scenario_look(number)
    return Line2D([], [], linestyle="none", marker=look.marker, color=look.colour, markersize=4.0)


def _launched(drawn: Together, chain: Chain, at: int) -> dict[int, float]:
    """Return those of 100 projects that are launched, by number of the replicate."""
    numbers = drawn.results[at].replicates
    return dict(zip(numbers, chain.reach[:, -1].tolist(), strict=True))


def _finding(drawn: Together, chains: Sequence[Chain]) -> str:
    launched = [_launched(drawn, chain, at) for at, chain in enumerate(chains)]
    mean = np.array([sum(each.values()) / len(each) for each in launched])
    if len(chains) == 2:
        facts = {"a": shown(drawn.names[0], 30), "b": shown(drawn.names[1], 30)}
        facts |= {"n": f"{mean[0]:.1f}", "m": f"{mean[1]:.1f}"}
        text = say("funnel.title_two", **facts)
        return f"{text}: {compared(drawn, launched[0], launched[1], 'pct')}"
    low, high = int(mean.argmin()), int(mean.argmax())
    facts = {"lowest": shown(drawn.names[low], 30), "highest": shown(drawn.names[high], 30)}
    return say("funnel.title_several", n=f"{mean[low]:.1f}", m=f"{mean[high]:.1f}", **facts)


def _explain(drawn: Together, chains: Sequence[Chain]) -> str:
    periods = list(dict.fromkeys(span(years_of(each)) for each in drawn.results))
    n = drawn.replicates
    counts = "\u2013".join(str(each) for each in dict.fromkeys((n[0], n[-1])))
    marks = say("funnel.marks_one") if n == (1,) else say("funnel.marks", n=counts)
    launched = [_launched(drawn, chain, at) for at, chain in enumerate(chains)]
    parts = [
        say("funnel.scenarios", years=", ".join(periods)),
        marks,
        interval_in_words(drawn, *launched),
    ]
    return page.sentences(*parts)
