r"""Anchors: factors that set what is recorded of provinces to the last official figures.

    recorded_p = k_p made_p
    ln k_p     = ln(official_p / made_p) in the last known year to L

Symbols: made_p what a run makes of an indicator in province p, in its unit; k_p a constant of the
base run, without unit, from the mean over its replicates (`ydsim.world.fit`), 1 where no figure is
known or no base run is stored. An anchor acts on what is recorded alone: no rule sees it, and it
cancels in relative differences between scenarios. Levels of these indicators are therefore official
figures of one year; only their growth, and differences between scenarios, come from the model.
Parts of an anchored indicator have its factor, cities that of their province. Counts by stage,
partner or pair of places are not anchored.

The anchors of R&D of firms (`ydsim.world.research`) and of the lean of cities to research do change
what happens:

    log lean_c = log prior_c + s_c

with s_c, log units, such that the base run makes the last official share of city c in R&D of its
province; 0 where none is known.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from ydsim.typing import Floats
from ydsim.world.base_run import BaseRun
from ydsim.world.trends import last_known
from ydsim.world.world import World

PARTS: Final[dict[str, tuple[str, ...]]] = {
    "rd_expenditure": (),
    "rd_basic_research": (),
    "sci_papers": (),
    "invention_patent_applications": (
        "invention_applications_service_enterprise",
        "invention_applications_service_university",
        "invention_applications_service_research_institute",
    ),
    "invention_patents_granted": (),
    "invention_patents_in_force": (),
    "tech_market_contracts_output": (),
    "tech_market_contracts_inflow": (),
    "tech_market_contract_value_output": (
        "contract_value_cross_province",
        "contract_value_sold_outside",
    ),
    "tech_market_contract_value_inflow": ("contract_value_bought_outside",),
    "hitech_industry_new_product_sales": (),
    "hitech_enterprises_valid_stock_derived": (),
}
"""Anchored indicators, and the parts of each that have its factor."""


def factors(base: BaseRun) -> dict[str, Floats]:
    """Return k (P,) of anchored indicators and their parts."""
    found: dict[str, Floats] = {}
    for name, parts in PARTS.items():
        if base.anchors is not None and name in base.anchors:
            k = np.exp(_last(base.anchors[name]))
            found |= dict.fromkeys((name, *parts), k)
    return found


def anchored_in(base: BaseRun, name: str) -> int | None:
    """Return the last year of the figures to which an indicator is anchored, None without any."""
    if base.anchors is None or name not in base.anchors:
        return None
    known = np.flatnonzero(~np.isnan(base.anchors[name]).all(axis=0))
    return base.first_year + int(known[-1]) if len(known) else None


def lean_shift(base: BaseRun, world: World) -> Floats:
    """Return s of cities (C,)."""
    if base.city_lean is None:
        return np.zeros(world.n_cities)
    return _last(base.city_lean)


def _last(lines: Floats) -> Floats:
    """Return the last known number of each row, zero where there is none."""
    last = last_known(lines)
    found: Floats = np.where(last < 0, 0.0, lines[np.arange(len(lines)), last])
    return found
