"""How generations of technology spread: adopters in per cent of the firms that can use them.

Generations are aligned at their founding:

    share_gp(age) = 100 adopters_gp / eligible_gp

in per cent: of the living firms of the industry that can use generation g, in place p, those that
have adopted it, by the quarters since it was founded.
"""

from __future__ import annotations

from dataclasses import asdict

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from ydsim.errors import NothingToDrawError
from ydsim.measures.effects import MIN_REPLICATES, mean_of
from ydsim.plots import canvas
from ydsim.plots.canvas import look, shown
from ydsim.plots.effects import draw_forest
from ydsim.plots.over_time import Line, draw_panel
from ydsim.plots.values import (
    MOST_BANDS,
    drawn,
    few_in_words,
    from_to,
    period,
    read_rows,
    require_once,
    scenario_look,
    spread_of,
)
from ydsim.results.derived import CLASSES
from ydsim.results.results import Results
from ydsim.translation import gettext as _t
from ydsim.typing import Ints

LONGEST = 40
"""Quarters from the founding on that are shown at most, and quarters of founding taken in."""


def draw_adoption(*results: Results) -> Figure:
    """Return adoption curves of one scenario, or of several on one axis.

    Of one scenario the lines are the whole region and the provinces. Of several they are scenarios:
    a panel for the whole region, and one for each province.

    UsageError when the provinces of the results differ. NothingToDrawError when adoption curves
    were not recorded, or there are fewer than two years.
    """
    found = drawn(results)
    curves = [read_curves(each, found.years) for each in results]
    taken_in, follow = quarters_of(found.years)
    places = [found.whole, *(found.provinces if len(found.provinces) > 1 else ())]
    if found.several:
        banded = len(results) <= MOST_BANDS
        bands = _t("Generations of {n} replicates together; bands: range of the replicates.")
        if not banded:
            bands = _t("Bands are omitted for more than {most} scenarios.")
        panels = {
            found.name_of(place): [
                Line(name, spread_by_age(each[place], band=banded), scenario_look(n))
                for n, (name, each) in enumerate(zip(found.names, curves, strict=True))
            ]
            for place in places
        }
    else:
        looks = [scenario_look(0), *map(look, range(len(found.provinces)))]
        bands = _t("Generations of {n} replicates together; band: their range in the whole region.")
        panels = {"": []}
        for place, style in zip(places, looks, strict=False):
            values = spread_by_age(curves[0][place], band=place == found.whole)
            panels[""].append(Line(found.name_of(place), values, style))
    figure, axes = canvas.new_page(
        _t("Firms that have adopted a technology: {scenarios}").format(scenarios=found.in_words),
        _t(
            "Lines: median of the {n} technology generations founded in the region in {years}; one "
            "that is retired keeps its last value."
        ).format(
            n=from_to([len(each[found.whole]) for each in curves]),
            years=period(found.years[: (taken_in + 3) // 4]),
        ),
        few_in_words([len(each.replicates) for each in results], bands),
        foot=canvas.origin(*results),
        panels=len(panels),
        height=max(3.2 if len(panels) == 1 else 2.4, 0.14 * len(next(iter(panels.values()))) + 1.2),
    )
    last = max((follow - 1) / 4.0, 0.25)
    for panel, (title, own) in zip(axes, panels.items(), strict=True):
        draw_panel(panel, own)
        panel.set_xlim(0.0, last)
        panel.set_xlabel(_t("years since founding"), labelpad=2.0)
        bins = min(10, int(canvas.panel_width(panel) / 0.45))
        canvas.number_axis(panel.xaxis, 0.0, last, bins=bins)
        canvas.head(panel, title, _t("median technology, per cent of the firms that can use it"))
    top = min(max(panel.get_ylim()[1] for panel in axes), 100.0)
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

    ``years``: the period. Returned: by place, adopters in per cent of the firms that can use a
    generation: a row for each generation (index ``replicate``, ``generation``), a column for each
    age in years. A retired generation, which nearly all firms have adopted, keeps its last value:
    the fastest do not drop out. NaN without firms that can use it. NothingToDrawError when adoption
    curves were not recorded, or no generation was founded in time. ResultsError when an age of a
    generation, or a generation, is there twice.
    """
    *provinces, whole = (str(name) for name in results.manifest["regions"])
    ends = {**{name: f"_{name}" for name in provinces}, whole: ""}
    columns = [f"{what}{end}" for end in ends.values() for what in ("adopters", "eligible")]
    curves = read_rows(results, "adoption_curves", ["generation", "year", "quarter", *columns])
    founding = ["generation", "origin", "founded_year", "founded_quarter"]
    generations = read_rows(results, "generations", founding)
    require_once(results, "adoption_curves", curves, ["generation", "year", "quarter"])
    require_once(results, "generations", generations, ["generation"])

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


def spread_by_age(shares: pd.DataFrame, *, band: bool = True) -> pd.DataFrame:
    """Return the median of the generations of all replicates, and the range of their medians.

    Shares are those of a place, as `read_curves` returns them; the result is that of `spread_of`.
    """
    runs = shares.groupby("replicate").median()
    return spread_of(runs, band=band).assign(middle=shares.median())


# -- lag_by_distance -------------------------------------------------------------------------------


def draw_distance(results: Results) -> Figure:
    """Return the time until a tenth of the firms has adopted, by distance from the founding city.

    Years of founding count in which every class of distance that has firms has a time.

    NothingToDrawError when adoptions or organisations were not recorded, or there is no such year.
    """
    rows = read_rows(results, "diffusion_distance", ["year", "distance", "generations", "t10"])
    times = rows.pivot(index=["replicate", "year"], columns="distance", values="t10")
    firms = rows.groupby("distance")["generations"].max() > 0
    times = times[[name for name in CLASSES if firms.get(name, False)]]
    whole = times.notna().all(axis=1).groupby("year").transform("all")
    times = times[whole]
    if times.shape[1] < 2 or CLASSES[0] not in times or not len(times):
        raise NothingToDrawError(_t("no year of founding has a time in every class of distance"))
    years = times.index.unique("year")
    by_replicate = times.groupby("replicate").mean()
    labels = [_t(str(name)) for name in times]
    found = [asdict(mean_of(by_replicate[name].to_numpy())) for name in times]
    table = pd.DataFrame(found).assign(outcome="t10", label=labels, sure=True)
    n, note = len(results.replicates), _t("Bars: 95 % interval over {n} replicates.")
    none = _t("Fewer than three replicates: no interval.")
    note = note.format(n=n) if n >= MIN_REPLICATES else none
    return draw_forest(
        table,
        {"t10": (_t("Years until a tenth of the firms that can use it has adopted it"), "")},
        title=_t("Adoption of a technology by distance from its founding city: {name}").format(
            name=shown(results.label, 30)
        ),
        note=_t(
            "Technologies of the region founded in {years}: mean over these years, of each the "
            "median technology. {note}"
        ).format(years=period(np.sort(years)), note=note),
        foot=canvas.origin(results),
        columns=1,
    )
