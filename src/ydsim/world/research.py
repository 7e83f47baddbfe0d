r"""Anchor of R&D of firms: what their spending is moved by so that it meets official figures.

    R_i      = r_i exp(chi_p(t)) sales_i
    chi_p(t) = piecewise linear between zero at the beginning of the first year and c_p(k) in the
               middle of the years k = L - 6, L - 3, L; minus its value at the start of the run

Symbols: r_i intensity that firm i has come to (`ydsim.processes.invest`); c_p(y) shift with which
runs make official R&D funded by firms of province p in year y, log units, from the fit of the base
run (`ydsim.world.fit`), zero where there is none; L the last year in which it is known. Three knots
leave to the rules what happens between them (assumed). After L exp chi_p goes on as a ratio does,
by the rule ``research`` of `ydsim.world.trends`. What firms want is at rest in the first year, so
that chi carries the rise of R&D over GDP that no rule makes. It is data and explains nothing.

The errors of chi after L are those of the line of R&D from which wages follow
(`ydsim.world.inputs`): what moves one moves the other.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from ydsim.typing import Floats
from ydsim.world.base_run import BaseRun, shift_path
from ydsim.world.trends import Outlook, keys_of
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
