"""Panels of one simulated run: rows that the estimators of published studies are given.

    joint_k    = 1[project k had a partner when it became an invention]
    joint'_k   = joint of the project before k, in the order of identities, in its field and year
    post_t     = 1[t >= year of the shock]
    rail_odt   = treated_od post_t,   near and far: distance up to REACH km, or more
    line_ct    = post_t 1[some treated pair of c is up to LINE km long]
    grant_ct   = treated_c post_t
    Y_it       = sum of the quality of inventions of holder i whose project ended in year t

    S_it    = (1 - d) S_i,t-1 + R_it,   S_i0 = R_i0 / (d + growth)      R own R&D
    TEC_i   = sum_(j != i) cos(phi_i, phi_j) S_j        phi mean shares of effort by field
    SIC_i   = sum of S_j over the other firms of the industry
    TIES_i  = sum_j (1 - exp(-strength_ij)) S_j          ties of the year
    FAR_i   = sum of S_j over firms three ties away in the network of all years
    w       = sum_i Y_i sum_j W_ij / pool_i  /  sum_j Y_j / S_j         W of TEC or TIES, Y sales

    market  = industry and province in the year before the shocks
    upper   = productivity above the median of the industry in that year
    seg_pt  = post_t sum of GDP_q over q protected against p / its standard deviation over p, t

seg is the access to markets that a province loses by the protection of others, to first order.
joint' is the placebo of joint: identities are hashes, so that it is drawn at random with the same
number in each field and year. An invention counts in the year in which its project ended, at launch
or before, as the table of projects has no other date; this is a year or more after the invention.
Who was treated is read from the run that had the shocks, for the run without them too.

Pools are of Jaffe 1986, Bloom, Schankerman and Van Reenen 2013 (doi 10.3982/ECTA9466: TEC is their
SPILLTEC, SIC their SPILLSIC), and of ties, with FAR as instrument, of Zacchia 2019. The margin of a
yuan of j is b_own Y_j / S_j for j itself and sum_i b Y_i W_ij / pool_i for the others: w is the
ratio of the two sums, one where firms are alike. All pools count one year later. Panels of
productivity are of firms that live and do research throughout; the pools have all firms in them.
The weight of a tie is between zero and one, as shares of inventors are (assumed). Counts by market
are those of firms of the year before the shocks, with zero for those that have left, so
that a fit with effects of markets is one with effects of firms: what is shocked is the same for all
firms of a market.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from ydsim.policies.borders import COMMITTEE
from ydsim.typing import Bools, Floats, Ints
from ydsim.world.world import World

REACH = 250.0  # border between near and far pairs, km

LINE = 100.0  # longest pair of cities that counts as joined by a line, km (assumed)

DEPRECIATION = 0.15  # of knowledge, a year: Bloom, Schankerman and Van Reenen 2013

GROWTH = 0.05  # of research before the first year, a year: assumed

STEPS_AWAY = 3  # ties between a firm and those whose research moves its partners' and not its own

CHANNEL = "co-invention"
EFFORT = "effort_"
PARTNERS = tuple(f"invention_partners_{name}" for name in ("city", "province", "region", "outside"))
OF_FIRMS = (
    "rd", "sales", "log_productivity", "inventions", "inventions_part", "consortia", "size",
)  # fmt: skip


@dataclass(frozen=True)
class Run:
    """Tables of one run, and who is treated."""

    world: World  # cities and distances
    projects: pd.DataFrame
    ties: pd.DataFrame
    cities: pd.DataFrame
    agents: pd.DataFrame
    """Rows of the tables of this name of one run; ``cities`` has inventions by city and year,
    columns ``city, year, inventions``."""
    shocks: pd.DataFrame
    """Rows of the table of shocks of the run of the same replicate that had them."""
    first: int
    last: int
    """Years of the run."""
    firms: pd.DataFrame | None = None
    firm_ties: pd.DataFrame | None = None
    """Rows of the tables of this name; None where they are not needed."""
    joined: pd.DataFrame | None = None
    """Columns ``firm, year`` of the firms that are members of consortia in the run that has them;
    None without such a run."""

    @property
    def years(self) -> Ints:
        """All years of the run."""
        return np.arange(self.first, self.last + 1)

    def drawn(self, shock: str) -> pd.DataFrame:
        """Return the units of a shock, with ``treated`` true or false.

        ValueError when there are none.
        """
        rows = self.shocks[self.shocks["shock"] == shock]
        if rows.empty:
            raise ValueError(f"no unit was drawn for the shock {shock!r}")
        return rows.assign(treated=rows["treated"].astype(bool))

    def drawn_again(self, shock: str, seed: int) -> Run:
        """Return the run with as many units treated, drawn again."""
        drawn, draw = self.drawn(shock), np.random.Generator(np.random.Philox(key=seed))
        return replace(self, shocks=drawn.assign(treated=draw.permutation(drawn["treated"])))

    def year_of(self, shock: str) -> int:
        """Return the year in which a shock strikes."""
        return int(self.drawn(shock)["year"].min())


def _cells(names: str, *levels: Iterable[Any]) -> pd.MultiIndex:
    """Return all combinations, the first level outermost."""
    return pd.MultiIndex.from_product([list(level) for level in levels], names=names.split())


def _log(values: pd.Series) -> pd.Series:
    """Return logs, NaN where there is nothing."""
    return np.log(values.where(values > 0.0))


def inventions(run: Run) -> pd.DataFrame:
    """Return one row for each project that became an invention.

    Columns ``log_quality, log_quality_born, joint, lot`` (the placebo), ``owner, field, year``
    (of birth).
    """
    table = run.projects[run.projects["invention_kind"] != ""].sort_values("project", kind="stable")
    panel = pd.DataFrame(
        {
            "log_quality": np.log(table["quality"]),
            "log_quality_born": np.log(table["quality_born"]),
            "joint": (table[list(PARTNERS)].sum(axis=1) > 0).astype(np.float64),
            "owner": table["invention_holder"],
            "field": table["field"],
            "year": table["born_year"],
        }
    )
    return panel.assign(lot=by_lot(panel["joint"], panel[["field", "year"]]))


def by_lot(values: pd.Series, groups: pd.DataFrame) -> pd.Series:
    """Return of each row the value of the row before it in its group; of the first, of the last."""
    within = values.groupby([groups[name] for name in groups])
    return within.shift().fillna(within.transform("last"))


def pairs(run: Run, shock: str) -> pd.DataFrame:
    """Return one row for each ordered pair of different cities and year.

    Columns ``joint`` and ``expected`` (joint inventions, and what chances add up to; zero where
    there are none), ``o, d, pair`` (the same both ways), ``year, rail, rail_near, rail_far``.
    """
    names = pd.Index(run.world.city_names)
    ties = run.ties[run.ties["channel"] == CHANNEL]
    links = ties.groupby(["year", "from_city", "to_city"])[["realised", "expected"]].sum()
    every = links.reindex(_cells("year o d", run.years, names, names), fill_value=0.0)
    panel = every.rename(columns={"realised": "joint"}).reset_index()
    panel = panel[panel["o"] != panel["d"]]
    o, d = (names.get_indexer(pd.Index(panel[name])) for name in ("o", "d"))
    rail = (panel["year"] >= run.year_of(shock)) * _treated_pairs(run, shock, run.world.city_names)[
        o, d
    ].astype(float)
    near = run.world.distance_km[o, d] <= REACH
    pair = np.minimum(o, d) * len(names) + np.maximum(o, d)
    return panel.assign(pair=pair, rail=rail, rail_near=rail * near, rail_far=rail * ~near)


def _treated_pairs(run: Run, shock: str, places: Sequence[str]) -> Bools:
    """Return which pairs of places are treated, both ways."""
    names, drawn = pd.Index(places), run.drawn(shock)
    drawn = drawn[drawn["treated"]]
    one, other = (names.get_indexer(pd.Index(drawn[name])) for name in ("place", "other_place"))
    treated = np.zeros((len(names), len(names)), dtype=np.bool_)
    treated[one, other] = treated[other, one] = True
    return treated


def cities(run: Run) -> pd.DataFrame:
    """Return one row for each city and year.

    Columns ``inventions, log_inventions`` (NaN at zero), ``city, year``, and ``entered`` (whole
    year in which the city entered the committee, NaN for never).
    """
    names = list(run.world.city_names)
    made = run.cities.set_index(["city", "year"])[["inventions"]]
    panel = made.reindex(_cells("city year", names, run.years), fill_value=0.0).reset_index()
    entered = np.floor([COMMITTEE.get(name, np.nan) for name in names])
    return panel.assign(
        log_inventions=_log(panel["inventions"]), entered=np.repeat(entered, len(run.years))
    )


def with_grants(run: Run, shock: str) -> pd.DataFrame:
    """Return the panel of `cities` with ``grant``, and ``ring``, others with one up to `REACH`."""
    distance, drawn = run.world.distance_km, run.drawn(shock).set_index("place")["treated"]
    by_city = drawn.reindex(list(run.world.city_names), fill_value=False)
    treated: Floats = by_city.to_numpy(np.float64)
    close = (distance <= REACH) & ~np.eye(len(distance), dtype=np.bool_)
    near: Floats = close @ treated
    return _since(run, shock, {"grant": treated, "ring": near})


def with_lines(run: Run, shock: str) -> pd.DataFrame:
    """Return the panel of `cities` with ``line``."""
    joined = _treated_pairs(run, shock, run.world.city_names) & (run.world.distance_km <= LINE)
    line: Floats = np.asarray(joined.any(axis=1), np.float64)
    return _since(run, shock, {"line": line})


def _since(run: Run, shock: str, of_city: Mapping[str, Floats]) -> pd.DataFrame:
    """Return the panel of cities with values (C,) that hold from a shock on."""
    panel = cities(run)
    later = (panel["year"] >= run.year_of(shock)).to_numpy()
    return panel.assign(
        **{name: np.repeat(values, len(run.years)) * later for name, values in of_city.items()}
    )


def organisations(run: Run, shock: str) -> pd.DataFrame:
    """Return one row for each organisation that was drawn and year; those that ended have zeros.

    Columns ``output`` (inventions of the year, weighted by quality), ``launches, unit, year``, and
    ``event`` (year of the loss, NaN for none). Those that lost a partner through the draw of
    another one are left out of both arms: they have more partners than others, which would tell
    the arms apart.
    """
    drawn = run.drawn(shock)
    drawn = drawn[~drawn["key"].isin(drawn.loc[drawn["treated"], "other"])]
    table, cells = run.projects, _cells("unit year", drawn["key"], run.years)

    def of(holder: str, values: pd.Series) -> Floats:
        sums = values[table[f"{holder}_kind"] != ""].groupby(
            [table[f"{holder}_holder"], table["year"]]
        )
        return sums.sum().reindex(cells, fill_value=0.0).to_numpy(np.float64)

    event = np.where(drawn["treated"], float(run.year_of(shock)), np.nan)
    return cells.to_frame(index=False).assign(
        output=of("invention", table["quality"]),
        launches=of("launch", pd.Series(1.0, table.index)),
        event=np.repeat(event, len(run.years)),
    )


def lottery(run: Run, shock: str, years: int) -> pd.DataFrame:
    """Return one row for each organisation that was drawn in a lottery.

    Columns ``won``, ``launched`` (1 if it launched in so many years from the lottery; 0 for those
    that ended), ``log_productivity, city, industry`` (at the end of the run, none where it ended).
    """
    drawn, start = run.drawn(shock).reset_index(), run.year_of(shock)
    table = run.projects[run.projects["launch_kind"] == "firm"]
    launched = table.loc[table["year"].between(start, start + years - 1), "launch_holder"]
    panel = pd.DataFrame(
        {
            "won": drawn["treated"].astype(np.float64),
            "launched": drawn["key"].isin(launched).astype(np.float64),
        }
    )
    at_end = run.agents.set_index("key")[["log_productivity", "city", "industry"]]
    return panel.join(at_end.reindex(drawn["key"]).reset_index(drop=True))


@dataclass(frozen=True)
class Firms:
    """Firms by year."""

    panel: pd.DataFrame
    """Index ``firm, year``, all firms (N) in all years (T). The columns `OF_FIRMS`, missing where
    the firm does not live at the end of the year; ``made`` and ``made_part`` (inventions, those of
    the year in which it left too); ``industry, province`` of the last year up to the one before the
    shocks, or the first one of a later firm; ``throughout`` (it lives and does research at the end
    of every year)."""
    shares: Floats  # (N, F) mean shares of effort by field

    @property
    def held(self) -> pd.Series:
        """S: zero before a firm begins, fading after it has left."""
        stocks = self.panel["rd"].unstack().fillna(0.0).to_numpy(np.float64, copy=True)
        stocks[:, 0] /= DEPRECIATION + GROWTH
        for t in range(1, stocks.shape[1]):
            stocks[:, t] += (1.0 - DEPRECIATION) * stocks[:, t - 1]
        return pd.Series(stocks.ravel(), self.panel.index)


def firms_of(run: Run, year: int | None = None) -> Firms:
    """Return the firms of a run by year; ``year`` is that of the shocks.

    ValueError when the run has no rows of firms.
    """
    if run.firms is None or run.firms.empty:
        raise ValueError("firms are not recorded")
    table = run.firms[run.firms["year"].between(run.first, run.last)]
    rows = table.set_index(["firm", "year"])
    cells = _cells("firm year", np.unique(table["firm"]), run.years)
    panel = rows.loc[rows["alive"].astype(bool), list(OF_FIRMS)].reindex(cells)
    made = rows[["inventions", "inventions_part"]].reindex(cells, fill_value=0.0)
    panel[["made", "made_part"]] = made
    last = run.last if year is None else year - 1
    ordered = table.sort_values("year", kind="stable")
    ordered = pd.concat([ordered[ordered["year"] > last].iloc[::-1],
                         ordered[ordered["year"] <= last]])  # fmt: skip
    panel = panel.join(ordered.groupby("firm")[["industry", "province"]].last(), on="firm")
    panel["throughout"] = (panel["rd"] > 0.0).groupby(level="firm").transform("all")
    effort = table.groupby("firm")[[n for n in map(str, table) if n.startswith(EFFORT)]].sum()
    total = effort.sum(axis=1)
    shares = effort.div(total.where(total > 0.0, 1.0), axis=0)
    return Firms(panel, shares.to_numpy(np.float64))


def technology(run: Run, *, lot: bool) -> tuple[pd.DataFrame, float]:
    """Return the panel of pools of technology, and the weight of a margin of them.

    Columns ``productivity, own, technology, rivals, industry_sales``, all in logs, and
    ``industry, firm, year``; pools and stocks of the year before. With ``lot`` each firm has the
    fields of another one.
    """
    firms, years = firms_of(run), len(run.years)
    shares = np.roll(firms.shares, 1, axis=0) if lot else firms.shares
    some = shares.sum(axis=1) > 0.0
    held = firms.held
    panel = firms.panel.assign(
        held=held,
        near=_near_in_fields(shares, held.to_numpy().reshape(-1, years)).ravel(),
        sold=firms.panel["sales"].fillna(0.0),
        received=np.repeat(_near_in_fields(shares, some.astype(np.float64)[:, None]), years),
    )
    of_industry = panel.groupby(["industry", "year"])[["held", "sold"]].transform("sum")
    columns = pd.DataFrame(
        {
            "productivity": panel["log_productivity"],
            "own": _log(panel["held"]),
            "technology": _log(panel["near"]),
            "rivals": _log(of_industry["held"] - panel["held"]),
            "industry_sales": _log(of_industry["sold"]),
            "industry": panel["industry"],
        }
    )
    kept = panel["throughout"] & np.repeat(some, years)
    later = ["own", "technology", "rivals"]
    columns[later] = columns[later].groupby(level="firm").shift()
    return columns[kept].reset_index(), _margin(panel[kept], run)


def _near_in_fields(shares: Floats, stocks: Floats) -> Floats:
    """Return pools (N, T) of others' stocks (N, T) by the cosine of shares (N, F)."""
    size = np.sqrt((shares**2).sum(axis=1, keepdims=True))
    unit = shares / np.where(size > 0.0, size, 1.0)
    own = (unit**2).sum(axis=1, keepdims=True) * stocks
    return np.maximum(unit @ (unit.T @ stocks) - own, 0.0)


def ties(run: Run, *, lot: bool) -> tuple[pd.DataFrame, float]:
    """Return the panel of pools of ties, and the weight of a margin of them.

    Columns ``productivity, own, ties, far, firm, year``, as in `technology`; NaN in years after
    which a firm has no tie. With ``lot`` each of those that have ties has the partners of another.

    ValueError when no firm has a tie.
    """
    from scipy.sparse.csgraph import shortest_path

    firms = firms_of(run)
    every = firms.panel.index.get_level_values("firm")
    years, held = len(run.years), firms.held
    links = pd.DataFrame(columns=["firm", "other"]) if run.firm_ties is None else run.firm_ties
    links = links[links["firm"].isin(every) & links["other"].isin(every)]
    if links.empty:
        raise ValueError("no firm is recorded to have a tie with another one")
    both = pd.concat([links, links.rename(columns={"firm": "other", "other": "firm"})])
    weight = -np.expm1(-both["strength"].to_numpy(np.float64))
    near = weight * held.reindex([both["other"], both["year"]]).to_numpy()
    pools = both.assign(near=near, received=weight).groupby(["firm", "year"])[["near", "received"]]
    among, ends = np.unique(both[["firm", "other"]], return_inverse=True)
    panel = pools.sum().reindex(_cells("firm year", among, run.years), fill_value=0.0)
    panel["held"] = held
    network = np.zeros((len(among), len(among)))
    network[tuple(ends.reshape(-1, 2).T)] = 1.0
    apart = shortest_path(network, unweighted=True) == STEPS_AWAY
    panel["far"] = (apart @ panel["held"].to_numpy().reshape(-1, years)).ravel()
    if lot:
        moved = ["near", "far", "received"]
        panel[moved] = np.roll(panel[moved].to_numpy(), years, axis=0)
    panel = panel.join(firms.panel[["log_productivity", "sales", "throughout"]])
    columns = pd.DataFrame(
        {
            "productivity": panel["log_productivity"],
            "own": _log(panel["held"]),
            "ties": _log(panel["near"]),
            "far": _log(panel["far"]),
        }
    )
    later, kept = ["own", "ties", "far"], panel["throughout"]
    columns[later] = columns[later].groupby(level="firm").shift()
    return columns[kept].reset_index(), _margin(panel.assign(sold=panel["sales"])[kept], run)


def _margin(panel: pd.DataFrame, run: Run) -> float:
    """Return the weight of a margin in the middle of the run."""
    half = panel.xs(run.years[len(run.years) // 2], level="year")
    above = (half["sold"] * half["received"] / half["near"])[half["near"] > 0.0].sum()
    below = (half["sold"] / half["held"])[half["held"] > 0.0].sum()
    if below == 0.0:
        raise ValueError("no firm has both sales and a stock of research")
    return float(above / below)


def markets(run: Run, shock: str) -> pd.DataFrame:
    """Return one row for each market, half of its firms by productivity, and year.

    Columns ``inventions`` and ``log_sales`` (sums over the firms that existed before the shock),
    ``cell, industry, province, year, upper`` and ``event`` (year of the shock, NaN for none).
    """
    year, drawn = run.year_of(shock), run.drawn(shock)
    panel = firms_of(run, year).panel
    before = panel.loc[pd.IndexSlice[:, year - 1], :].droplevel("year")
    before = before.dropna(subset="log_productivity")
    middle = before.groupby("industry")["log_productivity"].transform("median")
    upper = (before["log_productivity"] > middle).astype(np.int64)
    keys = ["industry", "province", "upper"]
    rows = panel.join(upper.rename("upper"), on="firm", how="inner")
    sums = rows.groupby([*keys, "year"])[["made", "sales"]].sum().reset_index()
    drawn = drawn.loc[drawn["treated"], ["other_place", "place"]]
    hit = drawn.set_axis(["industry", "province"], axis=1).drop_duplicates()
    found = sums.merge(hit.assign(event=float(year)), how="left", on=["industry", "province"])
    return found.assign(
        cell=found.groupby(keys).ngroup(), inventions=found["made"], log_sales=_log(found["sales"])
    )


def granted(run: Run, shock: str, horizon: int) -> pd.DataFrame:
    """Return the year before a grant and the one ``horizon`` years after it began, by firm.

    Columns ``log_rd, log_sales, log_productivity, firm, year, industry``, ``event`` (year of the
    grant, NaN for none), ``small`` (that of the year before).
    """
    year, drawn = run.year_of(shock), run.drawn(shock)
    if year + horizon > run.last:
        raise ValueError(f"the run ends less than {horizon} years after the grants at random")
    panel = firms_of(run, year).panel.reset_index()
    panel = panel[panel["year"].isin([year - 1, year + horizon])]
    panel = panel[panel["firm"].isin(drawn["key"])]
    panel = panel[(panel["rd"] > 0.0).groupby(panel["firm"]).transform("all")]
    before = panel[panel["year"] == year - 1].set_index("firm")
    treated = panel["firm"].isin(drawn.loc[drawn["treated"], "key"])
    return panel.assign(
        log_rd=_log(panel["rd"]),
        log_sales=_log(panel["sales"]),
        event=np.where(treated, float(year), np.nan),
        small=panel["firm"].map(before["size"] == "small"),
    )


def members(run: Run) -> pd.DataFrame:
    """Return one row for each firm with an invention that lives throughout, and year.

    Columns ``inventions`` (its own, and those in which it is a partner), ``during`` (member of a
    consortium at the end of the year), ``after`` (was one before and is none), ``firm, year``.

    ValueError when no firm is a member.
    """
    if run.joined is None or run.joined.empty:
        raise ValueError("no firm is a member of a consortium at random")
    panel = firms_of(run).panel
    member = pd.Series(1.0, pd.MultiIndex.from_frame(run.joined[["firm", "year"]]))
    during = member.reindex(panel.index, fill_value=0.0)
    made = panel["made"] + panel["made_part"]
    after = during.groupby(level="firm").cummax() * (1.0 - during)
    kept = panel["throughout"] & (made.groupby(level="firm").transform("sum") > 0.0)
    columns = pd.DataFrame({"inventions": made, "during": during, "after": after})
    return columns[kept].reset_index()


def protected(run: Run, shock: str) -> pd.DataFrame:
    """Return productivity of firms that live throughout, and the segmentation of their province.

    Columns ``productivity, segmentation, firm, year``.
    """
    year, lost, provinces = run.year_of(shock), _access_lost(run, shock), run.world.provinces
    spread = float(np.outer(lost, run.years >= year).std())
    if lost.std() == 0.0:
        raise ValueError("every province has lost the same access to markets, or none any")
    panel = firms_of(run, year).panel
    panel = panel[panel["throughout"]].reset_index()
    segmented = panel["province"].map(dict(zip(provinces, lost / spread, strict=True)))
    return panel.assign(
        productivity=panel["log_productivity"], segmentation=segmented * (panel["year"] >= year)
    )


def _access_lost(run: Run, shock: str) -> Floats:
    """Return the GDP of the provinces that are protected against each one, (P,)."""
    world = run.world
    of_city = np.nanmean(world.city_gdp, axis=1)
    gdp = np.bincount(world.city_province, of_city, minlength=len(world.provinces))
    return (_treated_pairs(run, shock, world.provinces) * gdp).sum(axis=1)
