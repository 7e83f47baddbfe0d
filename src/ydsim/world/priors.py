"""Priors: what no data give of the initial state, and what stands in for files that are not there.

Tables that rest on the first carry a mark.

City shares of a province's firms and R&D (symbols: V_c secondary value added, G_c GDP, N_c
residents, all of 2011; U_c undergraduate universities, D_c double-first-class universities):

    share_c = softmax over the cities of a province of
              b1 ln V_c + b2 ln(G_c / N_c) + b3 ln(1 + U_c + 3 D_c)

Mixes and profiles are Dirichlet vectors x_k = g_k / sum(g), g_k ~ Gamma(concentration x mean_k),
each g_k by inversion of one counter-based uniform: a function of replicate and identity only.

A folder with ``world.csv`` needs ``cities.csv`` and ``cities_panel.csv``. For each other file that
a world of your own leaves out, one of the same form stands in, made of those two and of round
figures that the Yangtze River Delta had together in 2011 (firms) or 2015 (all others), all assumed
and none of them an estimate; ``columns.csv`` says which. Firms are 76 per 100m_rmb of R&D that
enterprises pay, and research institutes .23 per 100m_rmb of R&D that government pays, where
``provinces.csv`` has these of all provinces; else 2.5 per 100m_rmb of secondary value added and .7
per undergraduate institution. In ``profiles.csv`` high-technology industries together have the part

    min(.9, .114 + .229 revenue of high-technology industry / secondary value added)

of a province, of 2011, where that revenue is known, all others the rest in the proportions of
``industries.csv``. Of ``provinces.csv``, ``gdp_alt`` is the
sum of the cities; R&D is 2.5 % of it, of which enterprises pay 80 % and government 16 %; the public
budget for science is .63 % of GDP; there are 7.2 researchers (FTE) per 100m_rmb of GDP; the
nation's R&D is 3.4 times that of the provinces, at 2.07 % of its GDP.

Indicators of ``provinces.csv`` that are in your own file for no place at all stand in one by one,
the shares of R&D then from your R&D. What stands in belongs to the content of the world: its hash
changes when a prior does.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np

from ydsim.noise import Noise
from ydsim.typing import Bools, Floats, Keys
from ydsim.world.csvfolder import Folder
from ydsim.world.tables import Panel, Places, nearest
from ydsim.world.world import World

CITY_BETAS = (0.74, 0.26, 0.24)
"""b1, b2, b3. Prior with five known points, not an estimate.

Penalised least squares: prior means (1, .3, .1) with sd .3 each; the mean log share of a city in
its province's R&D observed with sd .2. Known are Hangzhou 2013-17 (.305; city inferred by the
source), Ningbo 2014 and 2017 (.196, intensity x GDP), Bengbu 2016-17 (.063), Suzhou 2016 (.208,
intensity x GDP) and Wuxi 2012 (.155, rounded); fitted .264, .205, .048, .221, .132. The prior means
alone give .252, .226, .040, .266, .156. Five points hardly identify three coefficients: the
posterior mostly says that universities weigh more and value added less than assumed. What is left
between fit and figure the base run closes (`ydsim.world.inputs`).
"""

BASE_YEAR = 2011
UNIVERSITY_WEIGHTS = (1.0, 5.0, 40.0)
"""Relative effort of vocational, undergraduate, double-first-class universities (assumed)."""

_TINY = 1e-300
_FIELD_DRAWS = 1024


def city_shares(
    world: World,
    betas: tuple[float, float, float] = CITY_BETAS,
    *,
    year: int = BASE_YEAR,
) -> Floats:
    """Return each city's share in the firms and R&D of its province, shape (C,).

    The shares of a province sum to one. A city without figures in ``year`` uses its nearest year.
    """
    secondary, gdp, people = (
        nearest(values, world.years, year)
        for values in (world.city_secondary, world.city_gdp, world.city_population)
    )
    weights = world.university_degree + 3.0 * world.university_first_class
    campus = np.bincount(world.university_city, weights=weights, minlength=world.n_cities)
    utility = (
        betas[0] * np.log(secondary) + betas[1] * np.log(gdp / people) + betas[2] * np.log1p(campus)
    )
    share = np.empty(world.n_cities)
    for p in range(world.n_provinces):
        own = world.city_province == p
        weight = np.exp(utility[own] - utility[own].max())
        share[own] = weight / weight.sum()
    return share


def industry_mix_mean(world: World) -> Floats:
    """Return the mean industry mix of each city (C, J): profile of its province, lead clusters up.

    A cluster multiplies the share of its industry by its factor; the row then sums to one again.
    """
    mean = world.industry_profile[world.city_province]
    for city, industry, factor in world.clusters:
        mean[city, industry] *= factor
    mean /= mean.sum(axis=1, keepdims=True)
    return mean


def draw_industry_mix(world: World, noise: Noise, concentration: float) -> Floats:
    """Return one draw of the industry mix of all cities (C, J), rows sum to one.

    A city's mix depends on its key and the draws of the replicate only; the larger
    ``concentration``, the sum of the Dirichlet parameters, the closer to the mean.
    """
    return draw_dirichlet(noise, world.city_keys, industry_mix_mean(world), concentration)


def draw_field_profile(
    world: World, noise: Noise, ids: Keys, mean: Floats, concentration: float
) -> Floats:
    """Return one draw of the field profile of organisations ``ids`` (n,), (n, F), rows sum to one.

    ``mean`` has shape (n, F) or (F,), and rows that sum to one.
    """
    wide = np.broadcast_to(mean, (len(ids), len(world.fields)))
    return draw_dirichlet(noise, ids, wide, concentration, first=_FIELD_DRAWS)


def draw_dirichlet(
    noise: Noise, ids: Keys, mean: Floats, concentration: float, *, first: int = 0
) -> Floats:
    """Return Dirichlet draws (n, K) with the given means; component k uses draw ``first`` + k."""
    from scipy.special import gammaincinv

    gamma = np.empty(mean.shape)
    for k in range(mean.shape[1]):
        gamma[:, k] = gammaincinv(concentration * mean[:, k], noise.uniform(ids, first + k))
    np.maximum(gamma, _TINY, out=gamma)
    gamma /= gamma.sum(axis=1, keepdims=True)
    return gamma


def university_weights(world: World) -> Floats:
    """Return the relative effort of each university (U,): 1 vocational, 5 undergraduate, 40 first.

    A double-first-class university counts as such whatever its level.
    """
    plain, undergraduate, first = UNIVERSITY_WEIGHTS
    other = np.where(world.university_degree, undergraduate, plain)
    return np.where(world.university_first_class, first, other)


# -- official value added of cities as parts of their provinces, spliced where statistics break ----

#     y_c(t)  = V_c(t) / sum of V over the cities of the province
#     u_c(t)  = u_c(t - 1) y_c(t) / y_c(t - 1)     u_c(t - 1) in a year in which the vintage changes
#     part_c  = u_c / sum of u over the cities of the province
#
# Where the figures of a city change their vintage from one year to the next (column
# ``value_added_vintage`` of the panel), the change between these two years says nothing of the
# city: its part is taken not to have moved in that year. The first year keeps its official figure;
# the figures of years after a change are carried on by their growth.


def official_parts(world: World) -> Floats:
    """Return the part of each city in the secondary value added of its province, (C, Y).

    Aligned with ``world.years``; a province in which the figure of a city is missing is NaN in
    that year.
    """
    raw = _within(world.city_secondary, world)
    if world.city_breaks is None or not world.city_breaks.any():
        return raw
    step = np.zeros_like(raw)
    np.divide(raw[:, 1:], raw[:, :-1], out=step[:, 1:])
    step = np.log(step, out=np.zeros_like(raw), where=step > 0.0)
    known = ~np.isnan(raw)
    joined = np.where(world.city_breaks | ~known, 0.0, np.nan_to_num(step))
    first = np.argmax(known, axis=1)
    level = raw[np.arange(len(raw)), first][:, None] * np.exp(np.cumsum(joined, axis=1))
    return _within(np.where(known, level, np.nan), world)


def city_parts(world: World, year: int) -> Floats:
    """Return `official_parts` of one year, (C,), the nearest that is known in each province.

    Even parts where a province has none.
    """
    official = official_parts(world)
    part = nearest(official, world.years, year)
    even = 1.0 / np.bincount(world.city_province)[world.city_province]
    return np.where(np.isnan(part), even, part)


def research_lean(world: World, year: int) -> Floats:
    """Return R&D of each city over what its value added alone would let it have, (C,).

    Its prior part in the R&D of its province (`city_shares`) over its official part in value
    added: a factor on the R&D intensity of its firms, so that R&D of cities rests on its prior
    whatever value added is. One in a world that lists its firms.
    """
    if world.listed is not None:
        return np.ones(world.n_cities)
    return city_shares(world) / city_parts(world, year)


def _within(values: Floats, world: World) -> Floats:
    total = np.stack(
        [values[world.city_province == p].sum(axis=0) for p in range(world.n_provinces)]
    )
    return values / total[world.city_province]


# -- files that a world of your own leaves out ----------------------------------------------------

FIRMS_PER_SECONDARY = 2.5
FIRMS_PER_RD = 76.0
FIRMS_YEAR = 2011
MAX_FIRMS = 10_000_000
OUTSIDE_KM = 800
INSTITUTES_PER_UNIVERSITY = 0.7
INSTITUTES_PER_RD = 0.23
INSTITUTES_YEAR = 2015
HITECH = (0.114, 0.229, 0.9)
"""Share of high-technology industries: a, b of a + b revenue / secondary value added, and its most.
By least squares from the four profiles of the Yangtze River Delta, which it meets within .02."""
RESIDENTS_PER_UNIVERSITY = 100.0
"""10k persons."""
MOST_UNIVERSITIES = 100
RD_OF_GDP = 0.025
OF_RD = {"rd_funds_enterprise": 0.80, "rd_funds_government": 0.16}
OF_GDP = {"public_budget_science_technology": 0.0063, "rd_personnel_fte": 7.2}
NATION_RD = 3.4
NATION_INTENSITY = 2.07
_DATA = Path(__file__).parent / "data" / "yrd"
_UNITS = {"rd_personnel_fte": "person_years", "rd_intensity": "pct_of_gdp"}
_Cells = dict[tuple[str, int], float]


def supply_places(folder: Folder, places: Places, panel: Panel, nation: str) -> tuple[str, ...]:
    """Let stand in what follows from the cities: universities and figures of provinces.

    Returns the indicators of provinces that stand in.
    """
    if not len(panel.years):
        return ()
    if folder.lacks("universities.csv"):
        folder.supply("universities.csv", _universities(places, panel), "universities by residents")
    return _supply_provinces(folder, places, panel, nation)


def supply_technology(folder: Folder) -> None:
    """Let stand in fields, industries and relevance of the packaged world ``yrd``."""
    names = ("fields.csv", "industries.csv", "relevance.csv")
    lacking = [name for name in names if folder.lacks(name)]
    for name in lacking:
        if name != "relevance.csv" or len(lacking) == len(names):
            text = (_DATA / name).read_text(encoding="utf-8")
            folder.supply(name, text, "those of the packaged world yrd")


def supply_relevance(folder: Folder, industries: Sequence[str], fields: Sequence[str]) -> None:
    """Let a uniform relevance stand in where some fields or industries are the world's own."""
    if industries and fields and "relevance.csv" not in folder.supplied:
        if not folder.lacks("relevance.csv"):
            return
        share = [repr(1.0 / len(fields))] * len(fields)
        rows = [["industry", *fields], *([name, *share] for name in industries)]
        folder.supply(
            "relevance.csv", as_csv(rows), "every field is of equal use to every industry"
        )


def supply_profiles(
    folder: Folder,
    places: Places,
    panel: Panel,
    industries: Sequence[str],
    share: Floats,
    hitech: Bools | None,
) -> None:
    """Let the shares of the nation stand in for the industries of each province.

    High-technology industries together have a share that follows their published revenue over
    secondary value added, where the first is known of all provinces and some industries, but not
    all, are marked as such.
    """
    if not industries or not np.isfinite(share).all() or not folder.lacks("profiles.csv"):
        return
    shares, message = np.tile(share, (len(places.provinces), 1)), "the shares of industries.csv"
    revenue = _figures(folder.peek("provinces.csv")[1]).get("hitech_industry_revenue")
    sold = _nearest_year(revenue, places, FIRMS_YEAR)
    made = _secondary(places, panel)
    if sold is not None and hitech is not None and 0 < hitech.sum() < len(hitech) and made.all():
        high = np.minimum(HITECH[0] + HITECH[1] * sold / made, HITECH[2])[:, None]
        shares *= np.where(hitech, high / share[hitech].sum(), (1 - high) / share[~hitech].sum())
        message += ", high technology by its revenue"
    else:
        message += " everywhere"
    cells = [[repr(value) for value in row] for row in shares.tolist()]
    rows = [[name, *row] for name, row in zip(places.provinces, cells, strict=True)]
    folder.supply("profiles.csv", as_csv([["province", *industries], *rows]), message)


def _secondary(places: Places, panel: Panel) -> Floats:
    """Return secondary value added of the provinces in `FIRMS_YEAR`, (P,)."""
    of = np.nan_to_num(nearest(panel.secondary, panel.years, FIRMS_YEAR))
    return np.array([of[places.province == p].sum() for p in range(len(places.provinces))])


def supply_region(
    folder: Folder, places: Places, panel: Panel, undergraduate: Floats, *, listed: bool
) -> None:
    """Let firms, distance and institutes stand in; a world that lists its firms counts them itself.

    ``undergraduate`` is the number of undergraduate institutions of each province, (P,).
    """
    if not folder.lacks("region.csv") or not len(panel.years):
        return
    known = _figures(folder.peek("provinces.csv")[1])
    by_rd = _nearest_year(known.get("rd_funds_enterprise"), places, FIRMS_YEAR)
    by_funds = _nearest_year(known.get("rd_funds_government"), places, INSTITUTES_YEAR)
    firms = FIRMS_PER_SECONDARY * _secondary(places, panel)
    if by_rd is not None:
        firms = FIRMS_PER_RD * by_rd
    labs = INSTITUTES_PER_UNIVERSITY * undergraduate
    if by_funds is not None:
        labs = INSTITUTES_PER_RD * by_funds
    rows: list[list[str]] = [
        ["province", *([] if listed else ["firms"]), "outside_distance_km", "institutes"]
    ]
    for name, n, m in zip(places.provinces, firms.tolist(), labs.tolist(), strict=True):
        number = str(min(max(round(n), 1), MAX_FIRMS))
        rows.append(
            [name, *([] if listed else [number]), str(OUTSIDE_KM), str(math.floor(m + 0.5))]
        )
    firms_by = "secondary value added" if by_rd is None else "R&D that enterprises pay"
    labs_by = "undergraduate institutions" if by_funds is None else "R&D that government pays"
    counted = "" if listed else f"firms by {firms_by}, "
    folder.supply("region.csv", as_csv(rows), f"{counted}a distance, institutes by {labs_by}")


def as_csv(rows: Iterable[Sequence[str]]) -> str:
    """Return rows as CSV text."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


def _universities(places: Places, panel: Panel) -> str:
    people = np.nan_to_num(nearest(panel.population, panel.years, int(panel.years[-1])))
    number = np.floor(people / RESIDENTS_PER_UNIVERSITY + 0.5).astype(int)
    for p in range(len(places.provinces)):
        own = np.flatnonzero(places.province == p)
        largest = own[np.argmax(people[own])]
        number[largest] = max(number[largest], 1)
    rows = [["name", "admin_code", "level", "double_first_class_2022"]]
    for city, count in enumerate(np.minimum(number, MOST_UNIVERSITIES).tolist()):
        rows += [
            [f"{places.names[city]} University {k + 1}", places.codes[city], "undergraduate", "0"]
            for k in range(count)
        ]
    return as_csv(rows)


def _supply_provinces(folder: Folder, places: Places, panel: Panel, nation: str) -> tuple[str, ...]:
    header, own = folder.peek("provinces.csv")
    if not own and not folder.lacks("provinces.csv"):
        return ()  # something is wrong with it; reading it says what
    known = _figures(own)
    units = {row.get("indicator", "").strip(): row.get("unit", "").strip() for row in own}
    added: dict[str, _Cells] = {}
    gdp = _of_places(known.get("gdp_alt"), places) or _sums(places, panel)
    spent = _of_places(known.get("rd_expenditure"), places) or _times(gdp, RD_OF_GDP)
    columns = {"gdp_alt": gdp, "rd_expenditure": spent}
    columns |= {name: _times(spent, share) for name, share in OF_RD.items()}
    columns |= {name: _times(gdp, share) for name, share in OF_GDP.items()}
    for name, cells in columns.items():
        if not _of_places(known.get(name), places):
            added[name] = dict(cells)
    assumed = tuple(added)
    around = {year for place, year in known.get("rd_expenditure", {}) if place == nation}
    if not around:
        added.setdefault("rd_expenditure", {}).update(_nation(spent, nation, len(places.provinces)))
    if not any(place == nation for place, _ in known.get("rd_intensity", {})):
        years = around or {year for _, year in added["rd_expenditure"]}
        constant = dict.fromkeys([(nation, year) for year in sorted(years)], NATION_INTENSITY)
        added.setdefault("rd_intensity", {}).update(constant)
    if added:
        _append(folder, added, units, header if own else ())
    return assumed


def _figures(rows: Iterable[Mapping[str, str]]) -> dict[str, _Cells]:
    """Return the figures of rows of ``provinces.csv`` by indicator, without those that are none."""
    known: dict[str, _Cells] = {}
    for row in rows:
        year, value = row.get("year", "").strip(), row.get("value", "").strip()
        try:
            cell = row.get("region", "").strip(), int(float(year))
            known.setdefault(row.get("indicator", "").strip(), {})[cell] = float(value)
        except (ValueError, OverflowError):
            continue  # reading it says so
    return known


def _nearest_year(cells: _Cells | None, places: Places, year: int) -> Floats | None:
    """Return the figures of all provinces, (P,), of a year or the nearest that has them all."""
    own = _of_places(cells, places)
    years = {at for _, at in own if all((name, at) in own for name in places.provinces)}
    if not years:
        return None
    at = min(sorted(years), key=lambda each: abs(each - year))
    values = np.array([own[name, at] for name in places.provinces])
    return values if np.isfinite(values).all() and (values >= 0.0).all() else None


def _append(
    folder: Folder, added: Mapping[str, _Cells], units: Mapping[str, str], columns: Sequence[str]
) -> None:
    header = columns or ["region", "year", "indicator", "value", "unit"]
    rows = []
    for name, cells in added.items():
        unit = units.get(name) or _UNITS.get(name, "100m_rmb")
        for (place, year), value in cells.items():
            row = {"region": place, "year": str(year), "indicator": name}
            row |= {"value": f"{value:.6g}", "unit": unit}
            rows.append([row.get(column, "") for column in header])
    message = ", ".join(added)
    if columns:
        folder.supply_more("provinces.csv", as_csv(rows), message)
    else:
        folder.supply("provinces.csv", as_csv([header, *rows]), message)


def _of_places(cells: _Cells | None, places: Places) -> _Cells:
    """Return the cells of provinces, without the nation."""
    return {key: value for key, value in (cells or {}).items() if key[0] in places.provinces}


def _sums(places: Places, panel: Panel) -> _Cells:
    """Return GDP of the provinces in the years in which it is known of all their cities."""
    cells: _Cells = {}
    for p, name in enumerate(places.provinces):
        total = panel.gdp[places.province == p].sum(axis=0)
        for year, value in zip(panel.years.tolist(), total.tolist(), strict=True):
            if math.isfinite(value):
                cells[name, year] = value
    return cells


def _times(cells: _Cells, factor: float) -> _Cells:
    return {key: factor * value for key, value in cells.items()}


def _nation(spent: _Cells, nation: str, provinces: int) -> _Cells:
    """Return R&D of the nation in the years in which it is known of all provinces."""
    years: dict[int, list[float]] = {}
    for (_, year), value in spent.items():
        years.setdefault(year, []).append(value)
    return {
        (nation, year): NATION_RD * math.fsum(values)
        for year, values in sorted(years.items())
        if len(values) == provinces
    }
