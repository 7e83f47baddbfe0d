r"""How many firms there are: growth rates from two kinds of counts, ``firm_counts.csv`` of a world.

Nobody counts technology-active firms by province and year. Their number grows between two counts
that are published, of industrial firms above scale and of all enterprises:

    g_ind = ln(n_last / n_first) / (last - first)             industrial firms above scale   1/year
    g_all = ln(n_last / n_first) / (last - first)             all enterprises                1/year
    g_p   = (1 - population.between) g_ind + population.between g_all
    g_p(y) = g_p                                              y <= L
    g_p(L + k) = g_p phi^k max(0, 1 - k / (T - L)), k > 1; g_p for k = 1

with n counts of province p in its first and last year of the file, L the last year of the file, phi
``population.growth_damping`` and T 2030 (`LONG_RUN`): the damped trend of `ydsim.world.trends`
with no growth in the long run, whose first year stays as the years before. That one rate holds in
all years to L is assumed; the two counts are of 2011-14 and of 2016-20.

A province without two industrial counts has the nation's rate times the ratio of its growth of
high-technology manufacturing firms to the nation's (`hitech_industry_firms`), and the nation's rate
where there are none of these either; one without two counts of enterprises has the nation's rate. A
world without the file has no growth of its own. A file that gives a province more than ln 2 in size
for either rate is refused (assumed).
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from ydsim.typing import Floats, Ints
from ydsim.world.columns import Names
from ydsim.world.csvfolder import Folder, Sheet
from ydsim.world.places import Places
from ydsim.world.trends import RATES, Outlook, Rule
from ydsim.world.world import World

FILE: Final = "firm_counts.csv"
FASTEST: Final = float(np.log(2.0))
"""Fastest growth and decline of the number of firms, 1/year (assumed): a wrong digit is faster."""
_KNOWN: Final = ("industrial_firms_above_scale", "enterprise_legal_units", "hitech_industry_firms")


class FirmGrowth(NamedTuple):
    """What counts of firms say."""

    rates: Floats  # (P, 2) growth of industrial firms above scale and of all enterprises, 1/year
    last: int  # last year of the file


def read_firm_counts(folder: Folder, places: Places, nation: str) -> FirmGrowth | None:
    """Return growth rates by province, None where there is no file."""
    if not folder.has(FILE):
        return None
    names = Names.of("count of firms", _KNOWN)
    sheet = folder.read(FILE, {"region": places.regions(nation), "indicator": names})
    sheet.keep(~np.isnan(sheet["value"]))
    sheet.once("indicator", "region", "year", said="'{}' of {} in {} appears twice")
    rates = _rates(sheet, len(places.provinces))
    for p, k in np.argwhere(np.abs(rates) > FASTEST).tolist():
        sheet.fault(
            f"value: counts of {('industrial firms', 'enterprises')[k]} make firms of "
            f"{places.provinces[p]} change by a factor of {np.exp(min(rates[p, k], 100.0)):.3g} a "
            "year, and .5 to 2 is allowed"
        )
    return FirmGrowth(rates, int(sheet["year"].max(initial=0)))


def _rates(sheet: Sheet, n: int) -> Floats:
    """Return the rates (P, 2) by the rule of the module docstring."""
    seen = np.full((len(_KNOWN), n + 1), np.nan)
    year, value = sheet["year"], sheet["value"]
    for name, region in np.ndindex(seen.shape):
        rows = np.flatnonzero((sheet["indicator"] == name) & (sheet["region"] == region))
        if len(rows) > 1:
            rows = rows[np.argsort(year[rows], kind="stable")]
            first, last = rows[0], rows[-1]
            seen[name, region] = np.log(value[last] / value[first]) / (year[last] - year[first])
    industrial, enterprises, high = (seen[k, :-1] for k in range(len(_KNOWN)))
    nation = np.where(np.isnan(seen[:, -1]), 0.0, seen[:, -1])
    ratio = np.where(np.isnan(high), 1.0, high / nation[2]) if nation[2] > 0.0 else np.ones(n)
    return np.stack(
        [
            np.where(np.isnan(industrial), nation[0] * ratio, industrial),
            np.where(np.isnan(enterprises), nation[1], enterprises),
        ],
        axis=1,
    )


def growth_by_quarter(
    world: World, years: Ints, between: float, damping: float, until: int
) -> Floats:
    """Return the growth of the number of firms, 1/year, by province and quarter, (P, 4 Y).

    ``years`` (Y,) are consecutive; ``between`` and ``damping`` are `population.between` and
    `population.growth_damping`, ``until`` the year in which it ends.
    """
    out = np.zeros((world.n_provinces, 4 * len(years)))
    if world.firm_growth is None:
        return out
    last = world.firm_counts_end
    rate = (1.0 - between) * world.firm_growth[:, 0] + between * world.firm_growth[:, 1]
    ahead = np.arange(1, max(int(years[-1]) - last, 0) + 1, dtype=np.int64)
    rule, outlook = Rule(damping=damping), Outlook(until=until)
    for p, g in enumerate(rate.tolist()):
        line = np.full(len(years), g)
        if len(ahead):
            known = np.exp(g * np.arange(RATES + 1))
            later = outlook.rates(rule, known, ahead, last, 0.0)
            line[years > last] = later[years[years > last] - last - 1]
        out[p] = np.repeat(line, 4)
    return out
