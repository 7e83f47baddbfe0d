"""Rows of the sense table on the years after the data: growth does not break at the seam.

For each official series of the region that a run makes, the growth a year in the first three
years after 2020 is to lie within the range of the four growth rates before. Nothing of these
years is looked up: the row asks whether a series goes on as it went.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ydsim.analysis.rows import Row, yearly
from ydsim.model import Model
from ydsim.world.world import World

SERIES = {
    "rd_expenditure": "R&D",
    "rd_funds_enterprise": "R&D funded by firms",
    "rd_basic_research": "basic research",
    "sci_papers": "papers",
    "invention_patent_applications": "patent applications",
    "invention_patents_granted": "patents granted",
    "invention_patents_in_force": "patents in force",
    "hitech_industry_new_product_sales": "new products of high technology",
    "tech_market_contract_value_output": "contract value sold",
    "tech_market_contract_value_inflow": "contract value bought",
    "tech_market_contracts_output": "contracts sold",
    "tech_market_contracts_inflow": "contracts bought",
    "hitech_enterprises_recognised_in_year": "recognised firms",
}
SEAM, RATES, AHEAD = 2020, 4, 3


def growth_rows(models: list[Model]) -> Iterator[Row]:
    """Yield a row for each series; nothing where fewer than two official rates are known."""
    world, start = models[0].world, models[0].settings.start
    for name, words in SERIES.items():
        known = official_rates(world, name)
        if len(known) < 2:
            continue
        paths = np.log([yearly(m, name)[SEAM - start : SEAM - start + AHEAD + 1] for m in models])
        each = 100.0 * (paths[:, -1] - paths[:, 0]) / AHEAD
        found, low, high = float(each.mean()), min(known), max(known)
        yield Row(
            f"growth of {words} of the region a year, {SEAM + 1}-{(SEAM + AHEAD) % 100}",
            f"{found:.1f} % (replicates {each.min():.1f} to {each.max():.1f})",
            f"{low:.1f} to {high:.1f} % as in {SEAM - len(known) + 1}-{SEAM % 100}",
            low <= found <= high,
        )


def official_rates(world: World, name: str) -> list[float]:
    """Return the official growth rates of the region in the last four years, log per cent."""
    series, rates = world.series[name], []
    for year in range(SEAM - RATES + 1, SEAM + 1):
        if year - 1 >= int(series.years[0]) and year <= int(series.years[-1]):
            before, now = (float(series.at(y)[:-1].sum()) for y in (year - 1, year))
            if before > 0.0 and now > 0.0:
                rates.append(100.0 * float(np.log(now / before)))
    return rates
