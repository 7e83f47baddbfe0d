"""How generations of technology spread: adopters in per cent of the firms that can use them.

Generations are aligned at their founding:

    share_gp(age) = 100 adopters_gp / eligible_gp

in per cent: of the living firms of the industry that can use generation g, in place p, those that
have adopted it, by the quarters since it was founded.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ydsim.errors import NothingToDrawError
from ydsim.measures.diffusion import time_to
from ydsim.plots import canvas
from ydsim.plots.over_time import draw_line
from ydsim.plots.style import MUTED, Look, look, shown
from ydsim.plots.values import (
    MOST_BANDS,
    Drawn,
    Spread,
    drawn,
    from_to,
    period,
    read_rows,
    scenario_look,
)
from ydsim.results.results import Results
from ydsim.translation import gettext as _t
from ydsim.typing import Ints

if TYPE_CHECKING:
    import pandas as pd

LONGEST = 40
"""Quarters from the founding on that are shown at most, and quarters of founding taken in."""

HALF = 50.0
"""Per cent of the firms at which t50 is taken."""

MOST_TIMES = 6
"""Values of t50 that a note lists at most."""


def draw_adoption(*results: Results) -> Figure:
    """Return adoption curves of one scenario, or of several on one axis.

    Of one scenario the lines are the whole region and the provinces. Of several they are scenarios:
    a panel for the whole region, and one for each province.

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
    curves = [read_curves(each, found.years) for each in results]
    places = [found.whole, *(found.provinces if len(found.provinces) > 1 else ())]
    names = {place: found.name_of(place) for place in places}
    if found.several:
        panels = {
            names[place]: [
                (name, each[place], scenario_look(n))
                for n, (name, each) in enumerate(zip(found.names, curves, strict=True))
            ]
            for place in places
        }
    else:
        looks = [scenario_look(0), *map(look, range(len(found.provinces)))]
        lines = zip(names.items(), looks, strict=False)
        panels = {"": [(name, curves[0][place], each) for (place, name), each in lines]}
    figure, axes = canvas.new_page(
        _t("Firms that have adopted a technology: {scenarios}").format(scenarios=found.in_words),
        *_notes(found, [each[found.whole] for each in curves]),
        _times_in_words(panels),
        foot=canvas.origin(*results),
        panels=len(panels),
        height=max(3.2 if len(panels) == 1 else 2.4, 0.14 * len(next(iter(panels.values()))) + 1.2),
    )
    for panel, (title, own) in zip(axes, panels.items(), strict=True):
        _draw_curves(panel, own, bands=MOST_BANDS if found.several else 1)
        unit = _t("median technology, per cent of the firms that can use it")
        canvas.head(panel, title, unit)
    top = max(panel.get_ylim()[1] for panel in axes)
    for panel in axes:
        panel.set_ylim(0.0, top)
    return figure


def quarters_of(years: Ints) -> tuple[int, int]:
    """Return how many quarters of founding are taken in, and how many each is followed."""
    every = 4 * len(years)
    follow = min(LONGEST, every // 2)
    return min(LONGEST, every - follow), follow


def read_curves(results: Results, years: Ints) -> dict[str, pd.DataFrame]:
    """Return adopters of the generations founded early in a period, each followed equally long.

    Taken in are foundings in the region in the first half of the period, of at most ten years, each
    followed for half the period, at most ten years.

    Parameters
    ----------
    years
        The period.

    Returns
    -------
    dict
        By place, adopters in per cent of the firms that can use a generation: a row for each
        generation (index ``replicate``, ``generation``), a column for each age in years. A retired
        generation, which nearly all firms have adopted, keeps its last value: the fastest do not
        drop out. NaN without firms that can use it.

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

    taken_in, follow = quarters_of(years)
    first = 4 * int(years[0])
    generations["founded"] = 4 * generations["founded_year"] + generations["founded_quarter"] - 1
    early = generations["founded"].between(first, first + taken_in - 1)
    taken = generations[early & (generations["origin"] == "region")]
    if taken.empty:
        raise NothingToDrawError(_t("no generation was founded early enough to be followed"))

    key = ["replicate", "generation"]
    rows = curves.merge(taken, on=key)
    rows["age"] = 4 * rows["year"] + rows["quarter"] - 1 - rows["founded"]
    every = taken.set_index(key).index
    shares = {}
    for place, name in ends.items():
        able = rows[f"eligible{name}"].where(lambda firms: firms > 0.0)
        share = rows.assign(share=100.0 * rows[f"adopters{name}"] / able)
        by_age = share.pivot(index=key, columns="age", values="share")
        by_age = by_age.reindex(every, columns=range(follow)).ffill(axis=1)
        shares[place] = by_age.set_axis(np.arange(follow) / 4.0, axis=1)
    return shares


def spread_by_age(shares: pd.DataFrame) -> Spread:
    """Return the median of the generations of all replicates, and the range of their medians.

    Parameters
    ----------
    shares
        Of a place, as `read_curves` returns them.
    """
    runs = shares.groupby("replicate").median()
    if len(runs) < 2:
        runs = runs * np.nan
    return Spread(*(each.to_numpy(dtype=np.float64) for each in (
        shares.median(), runs.min(), runs.max()
    )))  # fmt: skip


def half_time(shares: pd.DataFrame) -> float:
    """Return the years after which the median reaches half of the firms; NaN if it does not."""
    median = shares.median().dropna()
    if median.empty:
        return float("nan")
    return time_to(median.index.to_numpy(dtype=np.float64), median.to_numpy(), HALF)


Line = tuple[str, "pd.DataFrame", Look]
"""Name, shares of a place, and look of a line."""


def _draw_curves(axes: Axes, lines: Sequence[Line], *, bands: int) -> None:
    """Draw medians of generations, with bands of the first line or of all if there are few."""
    ages = lines[0][1].columns.to_numpy(dtype=np.float64)
    held, ends = [np.array([HALF])], []
    for at, (name, shares, each) in enumerate(lines):
        values = spread_by_age(shares)
        band = at == 0 if bands == 1 else len(lines) <= bands
        draw_line(axes, ages, values, each, name, band=band)
        held += [values.middle, values.high] if band else [values.middle]
        ends.append((name, float(values.middle[-1]), each))
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


def _notes(found: Drawn, curves: Sequence[pd.DataFrame]) -> list[str]:
    """Say what is drawn, of how many generations and replicates."""
    n = min(len(each.replicates) for each in found.results)
    taken_in, _ = quarters_of(found.years)
    lines = _t(
        "Lines: median of the {n} technology generations founded in the region in {years}; one "
        "that is retired keeps its last value."
    ).format(
        n=from_to([len(each) for each in curves]),
        years=period(found.years[: (taken_in + 3) // 4]),
    )
    if n == 1:
        return [lines, _t("One simulated replicate, so that chance cannot be seen.")]
    if len(curves) > MOST_BANDS:
        return [lines, _t("With more than {n} scenarios no bands are drawn.").format(n=MOST_BANDS)]
    bands = _t("Generations of {n} replicates together; bands: range of the replicates.")
    if not found.several:
        bands = _t(
            "Generations of {n} replicates together; band: range of the replicates in the whole "
            "region."
        )
    return [lines, bands.format(n=n)]


def _times_in_words(panels: dict[str, list[Line]]) -> str:
    """Say when lines of the first panel reach half of the firms."""
    place, lines = next(iter(panels.items()))
    times = []
    for name, shares, _ in lines:
        time, last = half_time(shares), float(shares.columns[-1])
        text = _t("{name} {years}") if np.isfinite(time) else _t("{name} more than {years}")
        if shares.notna().any(axis=None):
            years = f"{time if np.isfinite(time) else last:.1f}"
            times.append(text.format(name=shown(name, 24), years=years))
    if not times:
        return ""
    if len(times) > MOST_TIMES:
        times[MOST_TIMES:] = [_t("{n} more").format(n=len(times) - MOST_TIMES)]
    text = _t("Years until the median reaches half of the firms (t50): {times}.")
    if place:
        text = _t("Years until the median reaches half of the firms (t50), {place}: {times}.")
    return text.format(place=place, times=", ".join(times))
