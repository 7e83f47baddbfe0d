"""Panels of firms around shocks to markets, money, protection and membership in consortia.

    market  = industry and province in the year before the shocks
    upper   = productivity above the median of the industry in that year
    short   = small firm with less cash for each yuan of own R&D than the median small one
    seg_pt  = 1[p is protected in t] / its standard deviation over provinces and years

Counts by market are those of firms that lived in the year before the shocks, with zero for those
that have left, so that a fit with effects of markets is one with effects of firms: what is shocked
is the same for all firms of a market. Productivity under protection and inventions of members are
those of firms that live throughout.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ydsim.analysis.literature.firm_panels import Panel, Wide, log_of, wide
from ydsim.measures.groups import sums
from ydsim.typing import Bools, Floats

if TYPE_CHECKING:
    from ydsim.analysis.literature.panels import Run


def markets(run: Run, shock: str) -> Panel:
    """Return one row for each market, half of its firms by productivity, and year.

    Columns ``inventions`` and ``log_sales`` (sums over the firms that lived before the shock),
    ``cell, industry, province, year, upper`` and ``event`` (year of the shock, NaN for none).
    """
    year, drawn = run.year_of(shock), run.drawn(shock)
    firms = wide(run, year)
    before = firms.at(year) - 1
    log_a = firms.values["log_productivity"][:, before]
    rows = np.flatnonzero(np.isfinite(log_a))
    industry, province = firms.industry[rows], firms.province[rows]
    upper = np.zeros(len(rows), dtype=np.int64)
    for j in np.unique(industry):
        here = industry == j
        upper[here] = log_a[rows][here] > np.median(log_a[rows][here])
    n_p = int(firms.province.max()) + 1
    cell, cells = np.unique((industry * n_p + province) * 2 + upper, return_inverse=True)[::-1]
    n, years = len(cells), len(firms.years)

    def added(values: Floats) -> Floats:
        found = np.stack([sums(cell, column, n) for column in np.nan_to_num(values[rows]).T], 1)
        return found.ravel()

    names = {k: _names(run, k) for k in ("industry", "province")}
    drawn = drawn[drawn["treated"].astype(bool)]
    treated = set(zip(drawn["other_place"].tolist(), drawn["place"].tolist(), strict=True))
    j, p = cells // 2 // n_p, cells // 2 % n_p
    market = zip(names["industry"][j].tolist(), names["province"][p].tolist(), strict=True)
    event = np.array([float(year) if one in treated else np.nan for one in market])
    return {
        "inventions": added(firms.values["all_inventions"]),
        "log_sales": log_of(added(firms.values["sales"])),
        "cell": np.repeat(np.arange(n), years),
        "industry": np.repeat(j, years),
        "province": np.repeat(p, years),
        "upper": np.repeat(cells % 2, years),
        "event": np.repeat(event, years),
        "year": np.tile(firms.years, n),
    }


def _names(run: Run, column: str) -> np.ndarray[tuple[int], np.dtype[np.str_]]:
    if run.firms is None:
        raise ValueError("firms are not recorded")
    names: np.ndarray[tuple[int], np.dtype[np.str_]] = np.unique(run.firms[column].to_numpy(str))
    return names


def granted(run: Run, shock: str, horizon: int) -> Panel:
    """Return the year before a grant and the one ``horizon`` years after it began, by firm.

    Columns ``log_rd, log_sales, log_productivity, firm, year, industry``, ``event`` (year of the
    grant, NaN for none), ``small`` and ``short`` (cash over own R&D below the median of the small
    ones), both of the year before.
    """
    year, drawn = run.year_of(shock), run.drawn(shock)
    if year + horizon > run.last:
        raise ValueError(f"the run ends less than {horizon} years after the grants by lot")
    firms = wide(run, year)
    at = [firms.at(year) - 1, firms.at(year) + horizon]
    known = np.isin(firms.firm, drawn["key"].to_numpy(dtype=np.uint64))
    there = np.isfinite(firms.values["rd"][:, at]).all(axis=1) & known
    rows = np.flatnonzero(there & (firms.values["rd"][:, at] > 0.0).all(axis=1))
    treated = drawn["key"].to_numpy(dtype=np.uint64)[drawn["treated"].to_numpy(dtype=bool)]
    event = np.where(np.isin(firms.firm[rows], treated), float(year), np.nan)
    small = _small(run, firms, year - 1)[rows]
    cash = firms.values["cash"][rows, at[0]] / firms.values["rd"][rows, at[0]]
    short = small & (cash < np.median(cash[small])) if small.any() else small

    def two(values: Floats) -> Floats:
        return values[rows][:, at].ravel()

    return {
        "log_rd": log_of(two(firms.values["rd"])),
        "log_sales": log_of(two(firms.values["sales"])),
        "log_productivity": two(firms.values["log_productivity"]),
        "firm": np.repeat(rows, 2),
        "year": np.tile(firms.years[at], len(rows)),
        "industry": np.repeat(firms.industry[rows], 2),
        "event": np.repeat(event, 2),
        "small": np.repeat(small, 2).astype(np.int64),
        "short": np.repeat(short, 2).astype(np.int64),
    }


def _small(run: Run, firms: Wide, year: int) -> Bools:
    """Return which firms are of the smallest class in a year, (N,)."""
    table = run.firms
    if table is None:
        raise ValueError("firms are not recorded")
    here = table[(table["year"] == year) & (table["size"] == "small")]
    small: Bools = np.isin(firms.firm, here["firm"].to_numpy(dtype=np.uint64))
    return small


def members(run: Run) -> Panel:
    """Return one row for each firm with an invention that lives throughout, and year.

    Columns ``inventions`` (its own, and those in which it is a partner), ``during`` (member of a
    consortium at the end of the year), ``after`` (was one before and is none), ``firm, year``.

    Raises
    ------
    ValueError
        When no firm is a member.
    """
    joined = run.joined
    if joined is None or joined.empty:
        raise ValueError("no firm is a member of a consortium by lot")
    firms = wide(run)
    made = firms.values["all_inventions"] + firms.values["all_inventions_part"]
    during = np.zeros(made.shape)
    kept = joined[np.isin(joined["firm"], firms.firm)]
    row = np.searchsorted(firms.firm, kept["firm"].to_numpy(dtype=np.uint64))
    during[row, kept["year"].to_numpy(dtype=np.int64) - run.first] = 1.0
    after = np.maximum.accumulate(during, axis=1) * (1.0 - during)
    rows = np.flatnonzero((made.sum(axis=1) > 0.0) & firms.survivors)
    return firms.long(rows, {"inventions": made, "during": during, "after": after})


def protected(run: Run, shock: str) -> Panel:
    """Return productivity of firms that live throughout, and the segmentation of their province.

    Columns ``productivity, segmentation``, ``segmentation_3y`` (mean of the year and the two
    before), ``firm, year``.
    """
    year, drawn = run.year_of(shock), run.drawn(shock)
    firms = wide(run, year)
    names = _names(run, "province")
    treated = np.zeros((len(names), len(firms.years)))
    hit = drawn[drawn["treated"].astype(bool)]
    place = np.searchsorted(names, hit["place"].to_numpy(dtype=str))
    treated[place, hit["year"].to_numpy(dtype=np.int64) - run.first] = 1.0
    since = treated[:, firms.years >= year]
    spread = float(since.std())
    if spread == 0.0:
        raise ValueError("every province was protected, or none")
    before = np.hstack([np.zeros((len(names), 2)), treated])
    mean = (before[:, 2:] + before[:, 1:-1] + before[:, :-2]) / 3.0
    rows = np.flatnonzero(firms.survivors)
    return firms.long(
        rows,
        {
            "productivity": firms.values["log_productivity"],
            "segmentation": treated[firms.province] / spread,
            "segmentation_3y": mean[firms.province] / spread,
        },
    )
