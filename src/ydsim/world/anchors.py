r"""Anchors: what sets a run to the last official figures.

**R&D of firms** is moved so that it meets official figures:

    R_i      = r_i exp(chi_p(t)) sales_i
    chi_p(t) = piecewise linear between zero at the beginning of the first year and c_p(k) in the
               middle of the years k = L - 6, L - 3, L; minus its value at the start of the run

Symbols: r_i intensity that firm i has come to (`ydsim.processes.invest`); c_p(y) shift with which
runs make official R&D funded by firms of province p in year y, log units, from the fit of the base
run (`ydsim.studies.fit`), zero where there is none; L the last year in which it is known. Three
knots leave to the rules what happens between them (assumed). After L exp chi_p goes on as a ratio
does, by the rule ``research`` of `ydsim.world.inputs`. What firms want is at rest in the first
year, so that chi carries the rise of R&D over GDP that no rule makes. It is data and explains
nothing.

The errors of chi after L are those of the line of R&D from which wages follow
(`ydsim.world.inputs`): what moves one moves the other.

**What is recorded of provinces** is set to the last official figures by factors:

    recorded_py = k_py made_py
    ln k_py     = ln(official_p / made_p) in the last known year to L
    ln k_py     = ln(official_py / made_py) of technology contracts (`BY_YEAR`), on a straight line
                  between known years; before and after them that of the nearest one

Symbols: made_py what a run makes of an indicator in province p and year y, in its unit; k_py a
constant of the base run, without unit, from the mean over its replicates (`ydsim.studies.fit`), 1
where no figure is known or no base run is stored. An anchor acts on what is recorded alone: no rule
sees it, and it cancels in relative differences between scenarios. Levels of these indicators are
therefore official figures of one year; only their growth, and differences between scenarios, come
from the model. Parts of an anchored indicator have its factor, cities that of their province.
Counts by stage, partner or pair of places are not anchored.

Statistics know registered contracts alone, and which part is registered changed from year to year
and is printed nowhere. Of contracts k_py is that part and what the model lacks in one, by year:
their growth to L is official, after L that of the model with the part of L (assumed).

The anchors of R&D of firms (`ydsim.world.anchors`) and of the lean of cities to research do change
what happens:

    log lean_c = log prior_c + s_c

with s_c, log units, such that the base run makes the last official share of city c in R&D of its
province; 0 where none is known.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from ydsim.typing import Floats, Ints
from ydsim.world.base_run import BaseRun, shift_path
from ydsim.world.inputs import Outlook, keys_of, last_known
from ydsim.world.world import World

RESEARCH: Final = "rd_funds_enterprise"
"""Official R&D that firms pay."""
STEP, KNOTS = 3, 3
"""Years between knots of chi, and their number."""


def knots_of(shift: Floats) -> Floats:
    """Return chi in the middle of each year (P, Y) from c (P, Y), by its knots."""
    years = shift.shape[1]
    at = np.arange(years - 1, -1, -STEP)[:KNOTS][::-1]
    middles = np.concatenate([[-0.5], at])
    values = np.hstack([np.zeros((len(shift), 1)), shift[:, at]])
    return np.stack([np.interp(np.arange(years), middles, line) for line in values])


def official_rd(world: World, start: int) -> Floats | None:
    """Return official R&D funded by firms from ``start`` on, (P, Y) 100m_rmb; None without any."""
    series = world.series.get(RESEARCH)
    if series is None or series.years[-1] < start:
        return None
    return np.stack([series.at(year)[:-1] for year in range(start, int(series.years[-1]) + 1)], 1)


def rd_shift(base: BaseRun, world: World, start: int, end: int, outlook: Outlook) -> Floats:
    """Return chi by quarter (P, T) of a run of the years ``start`` to ``end``."""
    known = _known(base, world, start)
    first = base.first_year if base.rd_shift is not None else start
    axis = np.arange(first, max(end, first + known.shape[1] - 1) + 1, dtype=np.int64)
    lines = np.full((len(known), len(axis)), np.nan)
    lines[:, : known.shape[1]] = np.exp(known)
    keys, ratio = keys_of("research", world.provinces), np.ones(lines.shape)
    yearly = np.log(outlook.carry("research", lines, axis, keys, ratio))
    path, skipped = shift_path(yearly), 4 * (start - first)
    quarters = slice(skipped + 1, skipped + 1 + 4 * (end - start + 1))
    return (path[quarters] - path[skipped]).T


def _known(base: BaseRun, world: World, start: int) -> Floats:
    """Return chi in the middle of the years to the last known one, zeros without a base run."""
    if base.rd_shift is not None:
        return knots_of(base.rd_shift)
    series = world.series.get(RESEARCH)
    last = start if series is None else max(start, int(series.years[-1]))
    return np.zeros((world.n_provinces, last - start + 1))


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

BY_YEAR: Final = frozenset(name for name in PARTS if name.startswith("tech_market_"))
"""Those with a factor of each year."""


def factors(base: BaseRun, years: range) -> dict[str, Floats]:
    """Return k (Y, P) of anchored indicators and their parts in the years of a run."""
    ratios: dict[str, Floats] = {}
    for name, parts in PARTS.items():
        if base.anchors is not None and name in base.anchors:
            lines = base.anchors[name]
            if name in BY_YEAR:
                log_k = _in_years(lines, np.array(years) - base.first_year)
            else:
                log_k = np.tile(_last(lines), (len(years), 1))
            ratios |= dict.fromkeys((name, *parts), np.exp(log_k))
    return ratios


def _in_years(lines: Floats, at: Ints) -> Floats:
    """Return the rows of ``lines`` in columns ``at``, (Y, P), zero for a row without a figure."""
    values = np.zeros((len(at), len(lines)))
    for p, line in enumerate(lines):
        known = np.flatnonzero(~np.isnan(line))
        if len(known):
            values[:, p] = np.interp(at, known, line[known])
    return values


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
    return np.where(last < 0, 0.0, lines[np.arange(len(lines)), last])
