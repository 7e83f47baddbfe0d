"""Panels of one simulated run: rows that the estimators of studies are given.

    joint_k    = 1[project k had a partner when it became an invention]
    joint'_k   = joint of the project before k, in the order of identities, in its field and year
    post_t     = 1[t >= year of the shock]
    rail_odt   = treated_od post_t,   near and far: distance up to REACH km, or more
    line_ct    = post_t 1[some treated pair of c is up to LINE km long]
    grant_ct   = treated_c post_t
    Y_it       = sum of the quality of inventions of holder i whose project ended in year t

joint' is the placebo of joint: identities are hashes, so that it is drawn by lot with the same
number in each field and year. An invention counts in the year in which its project ended, at launch
or before, as the table of projects has no other date; this is a year or more after the invention.
Who was treated is read from the run that had the shocks, for the run without them too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ydsim.measures.order import rows_of
from ydsim.policies.membership import COMMITTEE
from ydsim.typing import Bools, Floats, Ints, Keys

if TYPE_CHECKING:
    import pandas as pd

    from ydsim.world.world import World

REACH = 250.0
"""Border between near and far pairs, km."""

LINE = 100.0
"""Longest pair of cities that counts as joined by a line, km (assumed)."""

CHANNEL = "co-invention"

PARTNERS = tuple(f"invention_partners_{name}" for name in ("city", "province", "region", "outside"))


@dataclass(frozen=True)
class Run:
    """Tables of one run, and who is treated.

    Attributes
    ----------
    world
        Cities and distances.
    projects, ties, cities, agents
        Rows of the tables of this name of one run; ``cities`` has inventions by city and year,
        columns ``city, year, inventions``.
    shocks
        Rows of the table of shocks of the run of the same replicate that had them.
    first, last
        Years of the run.
    firms, firm_ties
        Rows of the tables of this name; None where they are not needed.
    joined
        Columns ``firm, year`` of the firms that are members of consortia in the run that has them;
        None without such a run.
    """

    world: World
    projects: pd.DataFrame
    ties: pd.DataFrame
    cities: pd.DataFrame
    agents: pd.DataFrame
    shocks: pd.DataFrame
    first: int
    last: int
    firms: pd.DataFrame | None = None
    firm_ties: pd.DataFrame | None = None
    joined: pd.DataFrame | None = None

    def drawn(self, shock: str) -> pd.DataFrame:
        """Return the units of a shock.

        Raises
        ------
        ValueError
            When there are none.
        """
        rows = self.shocks[self.shocks["shock"] == shock]
        if rows.empty:
            raise ValueError(f"no unit was drawn for the shock {shock!r}")
        return rows

    def year_of(self, shock: str) -> int:
        """Return the year in which a shock strikes."""
        return int(self.drawn(shock)["year"].min())


def inventions(run: Run) -> dict[str, Floats | Ints]:
    """Return one row for each project that became an invention.

    Columns ``log_quality, log_quality_born, joint, lot`` (the placebo), ``owner, field, year``
    (of birth).
    """
    table = run.projects[run.projects["invention_kind"] != ""].sort_values("project", kind="stable")
    with_partner = table[list(PARTNERS)].to_numpy(dtype=np.int64).sum(axis=1) > 0
    joint: Floats = with_partner.astype(np.float64)
    field = np.unique(table["field"].to_numpy(dtype=str), return_inverse=True)[1]
    year = table["born_year"].to_numpy(dtype=np.int64)
    return {
        "log_quality": np.log(table["quality"].to_numpy(dtype=np.float64)),
        "log_quality_born": np.log(table["quality_born"].to_numpy(dtype=np.float64)),
        "joint": joint,
        "lot": by_lot(joint, field * 10_000 + year),
        "owner": np.unique(table["invention_holder"].to_numpy(), return_inverse=True)[1],
        "field": field,
        "year": year,
    }


def by_lot(values: Floats, group: Ints) -> Floats:
    """Return of each row the value of the row before it in its group; of the first, of the last."""
    order = np.argsort(group, kind="stable")
    sizes = np.unique(group, return_counts=True)[1]
    ends = np.cumsum(sizes)
    before = np.arange(len(group)) - 1
    before[ends - sizes] = ends - 1
    found = np.empty(len(values))
    found[order] = values[order][before]
    return found


def pairs(run: Run, shock: str) -> dict[str, Floats | Ints]:
    """Return one row for each ordered pair of different cities and year.

    Columns ``joint`` and ``expected`` (joint inventions, and what chances add up to; zero where
    there are none), ``o, d, pair`` (the same both ways), ``year, rail, rail_near, rail_far``.
    """
    world, years = run.world, run.last - run.first + 1
    n, at = world.n_cities, {name: k for k, name in enumerate(world.city_names)}
    table = run.ties[run.ties["channel"] == CHANNEL]
    o, d = (table[key].map(at) for key in ("from_city", "to_city"))
    inside = (o.notna() & d.notna()).to_numpy()
    cell = (
        (table["year"].to_numpy(dtype=np.int64)[inside] - run.first) * n
        + o.to_numpy(dtype=np.float64)[inside].astype(np.int64)
    ) * n + d.to_numpy(dtype=np.float64)[inside].astype(np.int64)
    links = [
        np.bincount(
            cell, weights=table[name].to_numpy(dtype=np.float64)[inside], minlength=years * n * n
        )
        for name in ("realised", "expected")
    ]
    t, o_all, d_all = (k.ravel() for k in np.indices((years, n, n)))
    apart = o_all != d_all
    t, o_all, d_all = t[apart], o_all[apart], d_all[apart]
    joint, expected = (values[apart] for values in links)
    post = (run.first + t >= run.year_of(shock)).astype(np.float64)
    rail = _treated_pairs(run, shock, at)[o_all, d_all] * post
    near = world.distance_km[o_all, d_all] <= REACH
    return {
        "joint": joint,
        "expected": expected,
        "o": o_all,
        "d": d_all,
        "pair": np.minimum(o_all, d_all) * n + np.maximum(o_all, d_all),
        "year": run.first + t,
        "rail": rail,
        "rail_near": rail * near,
        "rail_far": rail * ~near,
    }


def _treated_pairs(run: Run, shock: str, at: Mapping[str, int]) -> Bools:
    """Return which pairs of cities are treated, (C, C), both ways."""
    n = run.world.n_cities
    drawn = run.drawn(shock)
    drawn = drawn[drawn["treated"].astype(bool)]
    one = drawn["place"].map(at).to_numpy(dtype=np.int64)
    other = drawn["other_place"].map(at).to_numpy(dtype=np.int64)
    treated = np.zeros((n, n), dtype=np.bool_)
    treated[one, other] = treated[other, one] = True
    return treated


def cities(run: Run, rail: str, grants: str) -> dict[str, Floats | Ints]:
    """Return one row for each city and year.

    Columns ``inventions, log_inventions`` (NaN at zero), ``city, year, line, grant``, ``ring``
    (other cities with a grant up to `REACH` away), and ``entered`` (whole year in which the city
    entered the committee, NaN for never).
    """
    world, years = run.world, run.last - run.first + 1
    n, at = world.n_cities, {name: k for k, name in enumerate(world.city_names)}
    values = np.zeros((n, years))
    place = run.cities["city"].map(at).to_numpy(dtype=np.int64)
    values[place, run.cities["year"].to_numpy(dtype=np.int64) - run.first] = run.cities[
        "inventions"
    ].to_numpy(dtype=np.float64)
    year = np.arange(run.first, run.last + 1)
    joined: Bools = _treated_pairs(run, rail, at) & (world.distance_km <= LINE)
    on_line = np.asarray(joined.any(axis=1), dtype=np.bool_)
    line = on_line[:, None] & (year >= run.year_of(rail))
    drawn = run.drawn(grants)
    treated = np.zeros(n)
    treated[drawn["place"].map(at).to_numpy(dtype=np.int64)] = drawn["treated"].to_numpy(dtype=bool)
    grant = treated[:, None] * (year >= run.year_of(grants))
    close = (world.distance_km <= REACH) & ~np.eye(n, dtype=np.bool_)
    entered = np.array([COMMITTEE.get(name, np.nan) for name in world.city_names])
    flat = values.ravel()
    return {
        "inventions": flat,
        "log_inventions": np.log(np.where(flat > 0.0, flat, np.nan)),
        "city": np.repeat(np.arange(n), years),
        "year": np.tile(year, n),
        "line": line.ravel().astype(np.float64),
        "grant": grant.ravel(),
        "ring": np.einsum("cd,dt->ct", close.astype(np.float64), grant).ravel(),
        "entered": np.repeat(np.floor(entered), years),
    }


def organisations(run: Run, shock: str) -> dict[str, Floats | Ints]:
    """Return one row for each organisation that was drawn and year; those that ended have zeros.

    Columns ``output`` (inventions of the year, weighted by quality), ``unit, year``, and ``event``
    (year of the loss, NaN for none). Those that lost a partner through the draw of another one are
    left out of both arms: they have more partners than others, which would tell the arms apart.
    """
    drawn = run.drawn(shock)
    treated = drawn["treated"].to_numpy(dtype=bool)
    lost = drawn["other"].to_numpy(dtype=np.uint64)[treated]
    key = drawn["key"].to_numpy(dtype=np.uint64)
    kept = ~np.isin(key, lost)
    key, treated = key[kept], treated[kept]
    years = run.last - run.first + 1
    table = run.projects[run.projects["invention_kind"] != ""]
    output = _by_key(
        key,
        years,
        table["invention_holder"].to_numpy(dtype=np.uint64),
        table["year"].to_numpy(dtype=np.int64) - run.first,
        table["quality"].to_numpy(dtype=np.float64),
    )
    event = np.where(treated, float(run.year_of(shock)), np.nan)
    return {
        "output": output.ravel(),
        "unit": np.repeat(np.arange(len(key)), years),
        "year": np.tile(np.arange(run.first, run.last + 1), len(key)),
        "event": np.repeat(event, years),
    }


def firms(run: Run, shock: str, years: int) -> dict[str, Floats | Ints]:
    """Return one row for each organisation that was drawn in a lottery.

    Columns ``won``, ``launched`` (1 if it launched in so many years from the lottery; 0 for those
    that ended), ``log_productivity`` (at the end of the run, NaN where it ended), ``city`` and
    ``industry`` (-1 where it ended).
    """
    drawn = run.drawn(shock)
    key = drawn["key"].to_numpy(dtype=np.uint64)
    start = run.year_of(shock)
    table = run.projects[run.projects["launch_kind"] == "firm"]
    table = table[(table["year"] >= start) & (table["year"] < start + years)]
    holder = table["launch_holder"].to_numpy(dtype=np.uint64)
    alive = run.agents.set_index("key").reindex(key)
    return {
        "won": drawn["treated"].to_numpy(dtype=np.float64),
        "launched": np.isin(key, holder).astype(np.float64),
        "log_productivity": alive["log_productivity"].to_numpy(dtype=np.float64),
        "city": alive["city"].astype("category").cat.codes.to_numpy(dtype=np.int64),
        "industry": alive["industry"].astype("category").cat.codes.to_numpy(dtype=np.int64),
    }


def _by_key(units: Keys, years: int, key: Keys, year: Ints, amount: Floats) -> Floats:
    """Return sums of amounts by unit and year, (n, years); other keys and years are left out."""
    row = rows_of(key, units)
    known = (row >= 0) & (year >= 0) & (year < years)
    cell = row[known] * years + year[known]
    sums: Floats = np.bincount(cell, weights=amount[known], minlength=len(units) * years).astype(
        np.float64
    )
    return sums.reshape(len(units), years)
