"""Rows of the sense table on single cities: what is fitted, and the figures that test the rest."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ydsim.analysis.rows import Row, yearly
from ydsim.model import Model
from ydsim.typing import Floats
from ydsim.world.city_figures import CityFigure, city_figures
from ydsim.world.city_output import city_parts

FITTED = {2011: 0.05, 2020: 0.10}
"""Largest log RMSE of value added by city, by year."""

TESTED = {
    "rd_expenditure": "R&D",
    "rd_personnel_fte": "R&D personnel",
    "invention_patent_applications": "applications for invention patents",
    "invention_patents_granted": "invention patents granted",
}
LEAST = 3
"""Fewest cities of which a correlation says anything."""


def city_rows(models: list[Model]) -> Iterator[Row]:
    """Yield log RMSE of value added by city (fitted), then tests by the published figures.

    The tests have no bound: what is found is printed.
    """
    world, start = models[0].world, models[0].settings.start
    each = [yearly(m, "value_added_secondary", "city") for m in models]
    made = np.mean(each, axis=0)
    for year, bound in FITTED.items():
        official = official_value_added(models[0], year)
        found = log_rmse(made[year - start], official)
        alone = np.mean([log_rmse(run[year - start], official) for run in each])
        yield Row(
            f"value added of the {world.n_cities} cities in {year} (fitted), log RMSE against "
            "official parts of official provinces",
            f"{found:.3f} (single runs {alone:.2f})",
            f"below {bound:g}",
            found < bound,
        )
    last = start + len(made) - 1
    for indicator, name in TESTED.items():
        figures = [f for f in city_figures(world, (indicator,)) if start <= f.year <= last]
        runs = np.mean([yearly(m, indicator, "city") for m in models], axis=0)
        if indicator == "rd_personnel_fte":
            runs = runs / 4.0
        if figures:
            yield _test(name, figures, runs, start, world.city_names)


def official_value_added(model: Model, year: int) -> Floats:
    """Return official value added of cities, (C,), 100m_rmb: parts spliced, provinces as they are.

    ``year`` is one of the run.
    """
    world, first = model.world, 4 * (year - model.settings.start)
    province = model.state.inputs.secondary[:-1, first : first + 4].sum(axis=1)
    official: Floats = city_parts(world, year) * province[world.city_province]
    return official


def log_rmse(one: Floats, other: Floats) -> float:
    """Return the root mean square of log differences."""
    return float(np.sqrt(np.mean(np.log(one / other) ** 2)))


def _test(
    name: str, figures: list[CityFigure], runs: Floats, start: int, names: tuple[str, ...]
) -> Row:
    """Return a row of means over years by city, so that one with many years does not weigh more."""
    cities = sorted({f.city for f in figures})
    pairs = np.array([(runs[f.year - start, f.city], f.value) for f in figures])
    of = np.array([f.city for f in figures])
    with np.errstate(divide="ignore"):
        logs = np.array([np.log(pairs[of == c]).mean(axis=0) for c in cities])
    misfit = float(np.sqrt(np.mean((logs[:, 0] - logs[:, 1]) ** 2)))
    found = f"log RMSE {misfit:.2f}"
    if len(cities) >= LEAST:
        found += f", correlation of logs {np.corrcoef(logs.T)[0, 1]:.2f}"
    each = ", ".join(
        f"{names[c]} {np.exp(mine - known):.2f}"
        for c, (mine, known) in zip(cities, logs, strict=True)
    )
    return Row(
        f"{name} of single cities over the published figure, mean of years: {each}",
        found,
        "printed (test)",
        True,
    )
