"""How generations of technology spread: adopters in per cent of the firms that can use them.

Generations are aligned at their founding:

    share_gp(age) = 100 adopters_gp / eligible_gp

in per cent: of the living firms of the industry that can use generation g, in place p, those that
have adopted it, by the quarters since it was founded.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ydsim.errors import NothingToDrawError
from ydsim.measures.diffusion import time_to
from ydsim.plots import canvas
from ydsim.plots.over_time import draw_line
from ydsim.plots.style import MUTED, OUTSIDE, Look, look, shown
from ydsim.plots.values import (
    MOST_BANDS,
    Drawn,
    Spread,
    drawn,
    period,
    read_rows,
    scenario_look,
)
from ydsim.results.results import Results
from ydsim.translation import gettext as _t
from ydsim.typing import Floats, Ints

if TYPE_CHECKING:
    import pandas as pd

LONGEST = 40
"""Quarters from the founding on that are shown at most, and quarters of founding taken in."""

HALF = 50.0
"""Per cent of the firms at which t50 is taken."""

MOST_TIMES = 6
"""Values of t50 that a note lists at most."""

_FOUNDED_OUTSIDE = Look(OUTSIDE, "s", (0, (4, 1.5)))


@dataclass(frozen=True)
class Curves:
    """Adopters of the generations founded early in a run, each followed equally long.

    Attributes
    ----------
    shares
        By place, adopters in per cent of the firms that can use a generation: a row for each
        generation (index ``replicate``, ``generation``, ``origin``), a column for each age in
        years. A retired generation, which nearly all firms have adopted, keeps its last value: the
        fastest do not drop out. NaN without firms that can use it.
    founded
        First and last year of founding taken in.
    """

    shares: dict[str, pd.DataFrame]
    founded: Ints

    def median(self, place: str, origin: str = "region") -> Floats:
        """Return the median of the generations of an origin by age, NaN without any."""
        mine = self.shares[place].query("origin == @origin")
        return mine.median().to_numpy(dtype=np.float64)

    def spread(self, place: str) -> Spread:
        """Return the median of generations founded in the region, with its range over replicates.

        The median is that of the generations of all replicates together.
        """
        mine = self.shares[place].query("origin == 'region'")
        runs = mine.groupby("replicate").median()
        if len(runs) < 2:
            runs = runs * np.nan
        low, high = (each.to_numpy(dtype=np.float64) for each in (runs.min(), runs.max()))
        return Spread(self.median(place), low, high)

    def half_time(self, place: str) -> float:
        """Return the years after which the median reaches half of the firms; NaN if it does not."""
        median = self.median(place)
        known = np.isfinite(median)
        return time_to(self.ages[known], median[known], HALF) if known.any() else float("nan")

    @property
    def ages(self) -> Floats:
        """Years since the founding."""
        return next(iter(self.shares.values())).columns.to_numpy(dtype=np.float64)


def read_curves(results: Results, years: Ints) -> Curves:
    """Return the curves of generations founded early enough to be followed equally long.

    Taken in are foundings of the first half of the period, of at most ten years, each followed for
    half the period, at most ten years.

    Parameters
    ----------
    years
        The period.

    Raises
    ------
    NothingToDrawError
        When adoption curves were not recorded, or no generation was founded in time.
    """
    *provinces, whole = (str(name) for name in results.manifest["regions"])
    ends = {**{name: f"_{name}" for name in provinces}, whole: ""}
    columns = [f"{what}{end}" for end in ends.values() for what in ("adopters", "eligible")]
    curves = read_rows(results, "adoption_curves", ["generation", "year", "quarter", *columns])
    founding = ["generation", "origin", "founded_year", "founded_quarter"]
    generations = read_rows(results, "generations", founding)

    start, end = 4 * int(years[0]), 4 * (int(years[-1]) + 1)
    follow = min(LONGEST, (end - start) // 2)
    latest = start + min(LONGEST, end - start - follow) - 1
    generations["founded"] = 4 * generations["founded_year"] + generations["founded_quarter"] - 1
    taken = generations[generations["founded"].between(start, latest)]
    if taken.empty:
        raise NothingToDrawError(_t("no generation was founded early enough to be followed"))

    rows = curves.merge(taken, on=["replicate", "generation"])
    rows["age"] = 4 * rows["year"] + rows["quarter"] - 1 - rows["founded"]
    key = ["replicate", "generation", "origin"]
    every = taken.set_index(key).index
    shares = {}
    for place, name in ends.items():
        able = rows[f"eligible{name}"].where(lambda firms: firms > 0.0)
        share = rows.assign(share=100.0 * rows[f"adopters{name}"] / able)
        by_age = share.pivot(index=key, columns="age", values="share")
        by_age = by_age.reindex(every, columns=range(follow)).ffill(axis=1)
        shares[place] = by_age.set_axis(np.arange(follow) / 4.0, axis=1)
    return Curves(shares, np.array([start // 4, latest // 4]))


def draw_adoption(*results: Results) -> Figure:
    """Return adoption curves of one scenario, or of several on one axis.

    Of one scenario the lines are the provinces. Of several they are scenarios: a panel for the
    whole region, and one for each province.

    Parameters
    ----------
    results
        Of one run each.

    Raises
    ------
    UsageError
        When the provinces of the results differ.
    NothingToDrawError
        When adoption curves were not recorded, or there are fewer than two years.
    """
    found = drawn(results)
    curves = [read_curves(each, found.years) for each in found.results]
    places = [found.whole, *(found.provinces if len(found.provinces) > 1 else ())]
    panels = [
        [(name, each, place, scenario_look(n)) for n, (name, each) in enumerate(named)]
        for place in places
        if (named := list(zip(found.names, curves, strict=True)))
    ]
    if not found.several:
        panels = [[(name, curves[0], name, look(p)) for p, name in enumerate(found.provinces)]]
    figure, axes = canvas.new_page(
        _t("Firms that have adopted a technology: {scenarios}").format(scenarios=found.in_words),
        *_notes(found, curves),
        foot=canvas.origin(*results),
        panels=len(panels),
        height=max(3.2 if len(panels) == 1 else 2.4, 0.14 * max(map(len, panels)) + 1.2),
    )
    for panel, place, lines in zip(axes, places, panels, strict=False):
        _draw_curves(panel, lines, outside=not found.several)
        title = _t("whole region") if place == found.whole else shown(place, 30)
        canvas.head(
            panel,
            title if len(panels) > 1 else "",
            _t("median technology, per cent of the firms that can use it"),
        )
    top = max(panel.get_ylim()[1] for panel in axes)
    for panel in axes:
        panel.set_ylim(0.0, top)
    return figure


def _draw_curves(
    axes: Axes, lines: Sequence[tuple[str, Curves, str, Look]], *, outside: bool
) -> None:
    """Draw medians of generations; lines have a name, curves, a place and a look."""
    ages = lines[0][1].ages
    held, ends = [np.array([HALF])], []
    for name, curves, place, each in lines:
        values = curves.spread(place)
        draw_line(axes, ages, values, each, name, band=not outside and len(lines) <= MOST_BANDS)
        held += [values.middle, values.high]
        ends.append((name, float(values.middle[-1]), each))
        half = curves.half_time(place)
        if np.isfinite(half):
            (dot,) = axes.plot([half], [HALF], each.marker, color=each.colour, zorder=6)
            dot.set(gid="t50", markersize=5.0, markeredgecolor="white")
    if outside:
        curves = lines[0][1]
        *_, whole = curves.shares
        away, values = curves.median(whole, "outside"), curves.spread(whole)
        axes.fill_between(ages, values.low, values.high, color=MUTED, alpha=0.2, linewidth=0)
        draw_line(axes, ages, Spread(away, away, away), _FOUNDED_OUTSIDE, "", band=False)
        axes.lines[-1].set_gid("outside")
        held += [away, values.high]
    axes.set_xlim(0.0, max(float(ages[-1]), 0.25))
    axes.set_xlabel(_t("years since founding"), labelpad=2.0)
    bins = min(10, int(canvas.panel_width(axes) / 0.45))
    canvas.number_axis(axes.xaxis, *axes.get_xlim(), bins=bins)
    if not any(np.isfinite(value) for _, value, _ in ends):
        canvas.say_no_data(axes)
        return
    canvas.set_amounts(axes, *held)
    axes.set_ylim(0.0, min(axes.get_ylim()[1], 100.0))
    axes.axhline(HALF, color=MUTED, linewidth=0.6, zorder=1.6).set_gid("half")
    canvas.name_ends(axes, ends)


def _notes(found: Drawn, curves: Sequence[Curves]) -> list[str]:
    """Say what is drawn, of how many generations and replicates, and when half is reached."""
    home = [len(each.shares[found.whole].query("origin == 'region'")) for each in curves]
    n = min(len(each.replicates) for each in found.results)
    notes = [
        _t(
            "Lines: the median of the {n} technology generations founded in the region in {years}; "
            "one that is retired keeps its last value."
        ).format(
            n="\u2013".join(dict.fromkeys(f"{count:,}" for count in (min(home), max(home)))),
            years=period(curves[0].founded),
        )
    ]
    if not found.several:
        notes.append(_t("Dashed grey: founded outside the region."))
    if n == 1:
        notes.append(_t("One simulated replicate, so that chance cannot be seen."))
    elif found.several and len(curves) > MOST_BANDS:
        notes.append(_t("With more than {n} scenarios no bands are drawn.").format(n=MOST_BANDS))
    else:
        bands = (
            _t("bands: the range of single ones")
            if found.several
            else _t("band: the range of single ones in the whole region")
        )
        notes.append(
            _t("Generations of {n} replicates together; {bands}.").format(n=n, bands=bands)
        )
    if found.several:
        named = zip(found.names, curves, strict=True)
        times = {name: each.half_time(found.whole) for name, each in named}
    else:
        times = {name: curves[0].half_time(name) for name in found.provinces}
    reached = [
        _t("{name} {years} years").format(name=shown(name, 24), years=f"{time:.1f}")
        for name, time in times.items()
        if np.isfinite(time)
    ]
    if reached:
        where = _t("whole region: ") if found.several else ""
        listed = f" ({where}{', '.join(reached)})" if len(reached) <= MOST_TIMES else ""
        text = _t("Marks: t50, when the median reaches half of the firms{times}.")
        notes.append(text.format(times=listed))
    return notes
