"""Inequality between cities by year, and lags of adoption by distance."""

from __future__ import annotations

from dataclasses import asdict

import numpy as np
from matplotlib.figure import Figure

from ydsim.errors import NothingToDrawError
from ydsim.fmt import listed
from ydsim.measures.effects import LEAST, mean_of
from ydsim.plots import canvas
from ydsim.plots.forest import draw_forest
from ydsim.plots.over_time import Line, draw_panel
from ydsim.plots.style import shown
from ydsim.plots.values import (
    last_official,
    period,
    quantity,
    read_rows,
    scenario_look,
    shaded_in_words,
    spread_in_words,
)
from ydsim.results.derived import CLASSES
from ydsim.results.results import Results
from ydsim.translation import gettext as _t

# -- inequality ------------------------------------------------------------------------------------


def draw_inequality(
    results: Results,
    *,
    indicator: str = "rd_expenditure",
    years: tuple[int, int] | None = None,
) -> Figure:
    """Return Theil's index and the Gini coefficient of cities by year, with their parts.

    Raises
    ------
    NothingToDrawError
        When the table ``inequality`` cannot be made of these results, or lacks the indicator.
    """
    indices = {"theil": ("within", "between"), "gini": ("within", "between", "overlap")}
    columns = [f"{name}_{part}" for name, parts in indices.items() for part in parts]
    rows = read_rows(results, "inequality", ["year", "indicator", *indices, *columns])
    known = rows["indicator"].unique().tolist()
    first, last = years or (rows["year"].min(), rows["year"].max())
    rows = rows[(rows["indicator"] == indicator) & rows["year"].between(first, last)]
    if not len(rows):
        raise NothingToDrawError(
            _t("no inequality of {name} in {first}\u2013{last}; the table has {known}").format(
                name=indicator, first=first, last=last, known=listed(known)
            )
        )
    what, official = quantity(results, indicator), last_official(results, indicator)
    figure, panels = canvas.new_page(
        _t("Inequality of {what} between cities: {name}").format(
            what=what.name, name=shown(results.name, 30)
        ),
        _t(
            "The whole index and its parts within and between provinces; zero: all cities alike. "
            "Theil's index weights cities by residents; the Gini coefficient does not, and has a "
            "part from the overlap of provinces."
        ),
        "" if indicator == "coupling" else _t("Values are those for each resident."),
        spread_in_words(len(results.replicates)),
        shaded_in_words(np.sort(rows["year"].unique()), official),
        what.remark,
        foot=canvas.origin(results),
        panels=2,
        height=2.6,
    )
    heads = (_t("Theil's index"), _t("Gini coefficient"))
    words = (_t("whole"), _t("within"), _t("between"), _t("overlap"))
    for axes, head, (index, parts) in zip(panels, heads, indices.items(), strict=True):
        runs = [
            rows.pivot(index="replicate", columns="year", values=column)
            for column in (index, *(f"{index}_{part}" for part in parts))
        ]
        lines = [
            Line(word, each.to_numpy(), scenario_look(k))
            for k, (word, each) in enumerate(zip(words, runs, strict=False))
        ]
        draw_panel(axes, runs[0].columns.to_numpy(), lines, last=official)
        canvas.head(axes, head)
    return figure


# -- lag_by_distance -------------------------------------------------------------------------------


def draw_distance(results: Results) -> Figure:
    """Return the time until a tenth of the firms has adopted, by distance from the founding city.

    Years of founding count in which every class of distance that has firms has a time.

    Raises
    ------
    NothingToDrawError
        When adoptions or organisations were not recorded, or there is no such year.
    """
    import pandas as pd

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
    found = [asdict(mean_of(by_replicate[name].to_numpy())) for name in times]
    table = pd.DataFrame(found).assign(outcome="t10", label=[*times], sure=True)
    n = len(results.replicates)
    note = _t("Fewer than three replicates: no interval.")
    if n >= LEAST:
        note = _t("Bars: 95 % interval over {n} replicates.").format(n=n)
    return draw_forest(
        table,
        {"t10": (_t("Years until a tenth of the firms that can use it has adopted it"), "")},
        title=_t("Adoption of a technology by distance from its founding city: {name}").format(
            name=shown(results.name, 30)
        ),
        note=_t(
            "Technologies of the region founded in {years}: mean over these years, of each the "
            "median technology. {note}"
        ).format(years=period(np.sort(years)), note=note),
        foot=canvas.origin(results),
        columns=1,
    )
