"""Panels of firms of one simulated run, and what their research gives to others.

    S_it    = stock of own R&D, depreciated by .15 a year (`ydsim.analysis.estimators.pools`)
    TEC_i   = sum_(j != i) cos(phi_i, phi_j) S_j        phi mean shares of effort by field
    SIC_i   = sum of S_j over the other firms of the industry
    TIES_i  = sum_j (1 - exp(-strength_ij)) S_j          ties of the year
    FAR_i   = sum of S_j over firms three ties away in the network of all years

All pools count one year later. Panels are of firms that live and do research throughout; the pools
have all firms in them. The weight of a tie is between zero and one, as shares of inventors are
(assumed).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ydsim.analysis.estimators.pools import far_in_network, pool_of_shares, stock
from ydsim.analysis.estimators.table import lagged
from ydsim.measures.groups import sums
from ydsim.typing import Bools, Floats, Ints, Keys

if TYPE_CHECKING:
    import pandas as pd

    from ydsim.analysis.literature.panels import Run

STEPS_AWAY = 3
"""Ties between a firm and those whose research moves its partners' and not its own."""

EFFORT = "effort_"

Panel = dict[str, Floats | Ints]


@dataclass(frozen=True)
class Wide:
    """Firms by year.

    Attributes
    ----------
    firm, years
        (N,) identities, ascending, and (T,) years.
    values
        By column of the table, (N, T); NaN where the firm does not live at the end of the year.
    industry, province
        (N,) codes; the province is that of the last year up to the one before the shocks, or the
        first one of a later firm.
    shares
        (N, F) mean shares of effort by field.
    """

    firm: Keys
    years: Ints
    values: dict[str, Floats]
    industry: Ints
    province: Ints
    shares: Floats

    @property
    def survivors(self) -> Bools:
        """Which live at the end of every year and do research in it, (N,)."""
        lives: Bools = np.all(np.nan_to_num(self.values["rd"]) > 0.0, axis=1)
        return lives

    def at(self, year: int) -> int:
        """Return the place of a year."""
        return int(np.searchsorted(self.years, year))

    def long(self, rows: Ints, columns: dict[str, Floats]) -> Panel:
        """Return columns (N, T) of some firms below each other, with ``firm`` and ``year``."""
        return {
            **{name: values[rows].ravel() for name, values in columns.items()},
            "firm": np.repeat(rows, len(self.years)),
            "year": np.tile(self.years, len(rows)),
        }


WIDE = ("rd", "sales", "log_productivity", "inventions", "inventions_part", "cash", "consortia")


def wide(run: Run, year: int | None = None) -> Wide:
    """Return the firms of a run by year; ``year`` is that of the shocks.

    Raises
    ------
    ValueError
        When the run has no rows of firms.
    """
    table = run.firms
    if table is None or table.empty:
        raise ValueError("firms are not recorded")
    table = table[(table["year"] >= run.first) & (table["year"] <= run.last)]
    firm, row = np.unique(table["firm"].to_numpy(dtype=np.uint64), return_inverse=True)
    years = np.arange(run.first, run.last + 1)
    at = table["year"].to_numpy(dtype=np.int64) - run.first
    lives = table["alive"].to_numpy(dtype=bool)
    n, shape = len(firm), (len(firm), len(years))
    values = {}
    for name in WIDE:
        found = np.full(shape, np.nan)
        found[row[lives], at[lives]] = table[name].to_numpy(dtype=np.float64)[lives]
        values[name] = found
    for name in ("inventions", "inventions_part"):  # what it made before it left counts
        found = np.zeros(shape)
        found[row, at] = table[name].to_numpy(dtype=np.float64)
        values[f"all_{name}"] = found
    names = [name for name in table.columns if name.startswith(EFFORT)]
    effort = np.stack([sums(row, table[name].to_numpy(dtype=np.float64), n) for name in names], 1)
    total = effort.sum(axis=1, keepdims=True)
    shares = effort / np.where(total > 0.0, total, 1.0)
    last = run.last if year is None else year - 1 - run.first
    return Wide(
        firm,
        years,
        values,
        _code(table, "industry", row, at, n, last),
        _code(table, "province", row, at, n, last),
        shares,
    )


def _code(table: pd.DataFrame, name: str, row: Ints, at: Ints, n: int, last: int) -> Ints:
    """Return the code of each firm in its last year up to ``last``, else in its first one."""
    code = np.unique(table[name].to_numpy(dtype=str), return_inverse=True)[1]
    order = np.argsort(np.where(at <= last, at, -1 - at), kind="stable")
    found = np.zeros(n, dtype=np.int64)
    found[row[order]] = code[order]
    return found


def stocks(firms: Wide) -> Floats:
    """Return S (N, T): zero before a firm begins, fading after it has left."""
    held: Floats = stock(np.nan_to_num(firms.values["rd"]))
    return held


def by_lot(values: Floats) -> Floats:
    """Return of each firm what another one has: identities are hashes, and the next one's count."""
    return np.roll(values, 1, axis=0)


def log_of(values: Floats) -> Floats:
    """Return logs, NaN where there is nothing."""
    return np.log(np.where(values > 0.0, values, np.nan))


def technology(run: Run, *, lot: bool) -> tuple[Panel, float]:
    """Return the panel of pools of technology, and the weight of a margin of them.

    Columns ``productivity, own, technology, rivals, industry_sales``, all in logs, and
    ``industry, firm, year``; pools and stocks of the year before. With ``lot`` each firm has the
    fields of another one.
    """
    firms = wide(run)
    shares = by_lot(firms.shares) if lot else firms.shares
    held, n = stocks(firms), int(firms.industry.max()) + 1
    near = pool_of_shares(shares, held)
    of_industry = np.stack([sums(firms.industry, column, n) for column in held.T], axis=1)
    sold = np.nan_to_num(firms.values["sales"])
    market = np.stack([sums(firms.industry, column, n) for column in sold.T], axis=1)
    rows = np.flatnonzero(firms.survivors & (shares.sum(axis=1) > 0.0))
    panel = firms.long(
        rows,
        {
            "productivity": firms.values["log_productivity"],
            "own_now": log_of(held),
            "technology_now": log_of(near),
            "rivals_now": log_of(of_industry[firms.industry] - held),
            "industry_sales": log_of(market[firms.industry]),
        },
    )
    panel["industry"] = np.repeat(firms.industry[rows], len(firms.years))
    half = len(firms.years) // 2
    received = pool_of_shares(shares, (shares.sum(axis=1) > 0.0).astype(np.float64)[:, None])[:, 0]
    weight = margin(sold[rows, half], held[rows, half], near[rows, half], received[rows])
    return _a_year_later(panel, "own", "technology", "rivals"), weight


def ties(run: Run, *, lot: bool) -> tuple[Panel, float]:
    """Return the panel of pools of ties, and the weight of a margin of them.

    Columns ``productivity, own, ties, far, firm, year``, as in `technology`; NaN in years after
    which a firm has no tie. With ``lot`` each of those that have ties has the partners of another.

    Raises
    ------
    ValueError
        When no firm has a tie.
    """
    firms, links = wide(run), run.firm_ties
    if links is None or links.empty:
        raise ValueError("no firm is recorded to have a tie with another one")
    known = np.isin(links["firm"], firms.firm) & np.isin(links["other"], firms.firm)
    links = links[known]
    ends = np.stack([np.searchsorted(firms.firm, links[name]) for name in ("firm", "other")])
    among, ends = np.unique(ends, return_inverse=True)
    one, other = ends.reshape(2, -1)
    strength = -np.expm1(-links["strength"].to_numpy(dtype=np.float64))
    t, years = links["year"].to_numpy(dtype=np.int64) - run.first, len(firms.years)
    held, n = stocks(firms)[among], len(among)
    near, received = np.zeros((2, n, years))
    for a, b in ((one, other), (other, one)):
        cell = a * years + t
        near += sums(cell, strength * held[b, t], n * years).reshape(n, years)
        received += sums(cell, strength, n * years).reshape(n, years)
    network = np.zeros((n, n), dtype=np.bool_)
    network[one, other] = True
    apart = far_in_network(network, STEPS_AWAY, STEPS_AWAY)
    far = np.einsum("ij,jt->it", apart.astype(np.float64), held)
    if lot:
        near, far, received = by_lot(near), by_lot(far), by_lot(received)
    rows = np.flatnonzero(firms.survivors[among])
    whole = np.full((3, len(firms.firm), years), np.nan)
    whole[:, among] = log_of(np.stack([held, near, far]))
    panel = firms.long(
        among[rows],
        {
            "productivity": firms.values["log_productivity"],
            **dict(zip(("own_now", "ties_now", "far_now"), whole, strict=True)),
        },
    )
    half = years // 2
    sold = np.nan_to_num(firms.values["sales"])[among[rows], half]
    weight = margin(sold, held[rows, half], near[rows, half], received[rows, half])
    return _a_year_later(panel, "own", "ties", "far"), weight


def margin(output: Floats, held: Floats, near: Floats, received: Floats) -> float:
    """Return the w of `ydsim.analysis.estimators.pools`, with the sum over j of W_ij given.

    Parameters
    ----------
    output, held, near, received
        (n,) output, own stock, pool and the sum of its weights of the firms of the sample; firms
        without a pool or a stock count in no sum that needs it.
    """
    above = np.divide(output * received, near, out=np.zeros(len(output)), where=near > 0.0)
    below = np.divide(output, held, out=np.zeros(len(output)), where=held > 0.0)
    return float(above.sum() / below.sum())


def _a_year_later(panel: Panel, *names: str) -> Panel:
    """Return a panel whose columns called ``<name>_now`` have become those of the year before."""
    moved = {name: lagged(panel, f"{name}_now", "firm", "year") for name in names}
    return {name: column for name, column in panel.items() if not name.endswith("_now")} | moved
