"""A small world for verification: provinces, and cities within them, are exactly alike.

Distances come from two constants, not from coordinates: all pairs inside a province are
``inside_km`` apart, all pairs across are ``across_km`` apart. Masses, industries, relevance,
universities and institutes are equal everywhere, and all series are constant, so that every
difference between provinces in a run comes from chance or from a policy. Coordinates are for plots
only.
"""

from __future__ import annotations

import hashlib

import numpy as np

from ydsim.noise import identity
from ydsim.typing import Floats, Ints
from ydsim.world.official import kind_of
from ydsim.world.places import text_keys
from ydsim.world.world import Series, World, freeze

_FIRST, _LAST_INPUT, _LAST_OUTCOME = 2005, 2040, 2020
_PER_PROVINCE = {
    "gdp": ("100m_rmb", 40_000.0),
    "gdp_alt": ("100m_rmb", 40_000.0),
    "value_added_secondary": ("100m_rmb", 18_000.0),
    "public_budget_science_technology": ("100m_rmb", 300.0),
    "rd_expenditure": ("100m_rmb", 1_000.0),
    "rd_funds_enterprise": ("100m_rmb", 800.0),
    "rd_funds_government": ("100m_rmb", 180.0),
    "rd_funds_foreign": ("100m_rmb", 20.0),
    "rd_personnel_fte": ("person_years", 250_000.0),
}
_RD_INTENSITY = 2.5
_NATION_PER_REGION = 4.0


def synthetic_world(
    provinces: int = 4,
    cities: int = 3,
    *,
    fields: int = 10,
    industries: int = 10,
    firms: int = 3_000,
    inside_km: float = 80.0,
    across_km: float = 250.0,
    until: int = 2020,
) -> World:
    """Return a world of ``provinces`` x ``cities`` places that are all alike.

    There are at least 2 provinces; ``cities`` and ``firms`` (at scale 1) are of each. Relevance of
    ``fields`` to ``industries`` is uniform; two cities of one province lie ``inside_km`` apart, of
    two provinces ``across_km``. Outcome series run over 2005-2020, at most to ``until``, inputs
    over 2005-2040.
    """
    given = (provinces, cities, fields, industries, firms, inside_km, across_km, until)
    if provinces < 2 or cities < 1 or min(fields, industries, firms) < 1:
        raise ValueError(f"no world with {provinces} provinces of {cities} cities")
    n = provinces * cities
    province = np.repeat(np.arange(provinces, dtype=np.int64), cities)
    codes = tuple(f"{p + 1:02d}{c + 1:02d}00" for p in range(provinces) for c in range(cities))
    names = tuple(f"City {p + 1}.{c + 1}" for p in range(provinces) for c in range(cities))
    distance = np.where(province[:, None] == province[None, :], inside_km, across_km)
    np.fill_diagonal(distance, 0.0)
    angle = 2.0 * np.pi * np.arange(n) / n
    years = np.arange(_FIRST, _LAST_INPUT + 1, dtype=np.int64)
    site = np.repeat(np.arange(n, dtype=np.int64), 5)
    keys = text_keys("city", list(codes))
    labs = np.repeat(np.arange(n, dtype=np.int64), 2)
    digest = hashlib.sha256(repr(("synthetic", 2, *given)).encode()).hexdigest()
    return freeze(
        World(
            name="synthetic",
            digest=digest,
            tables=digest,
            until=until,
            provinces=tuple(f"Province {p + 1}" for p in range(provinces)),
            city_names=names,
            city_codes=codes,
            city_names_local=names,
            city_keys=keys,
            city_province=province,
            latitude=31.0 + 2.0 * np.sin(angle),
            longitude=119.0 + 2.0 * np.cos(angle),
            distance_km=distance,
            outside_distance_km=np.full(provinces, 700.0),
            fields=tuple(f"field {f + 1}" for f in range(fields)),
            industries=tuple(f"industry {j + 1}" for j in range(industries)),
            relevance=np.full((industries, fields), 1.0 / fields),
            industry_share=np.full(industries, 1.0 / industries),
            industry_rd_weight=np.ones(industries),
            industry_profile=np.full((provinces, industries), 1.0 / industries),
            clusters=(),
            firms=np.full(provinces, firms, dtype=np.int64),
            university_names=tuple(
                f"University {name[5:]}.{k}" for name in names for k in range(5)
            ),
            university_city=site,
            university_level=(("undergraduate",) * 3 + ("vocational",) * 2) * n,
            university_first_class=np.tile(np.arange(5) == 0, n),
            university_keys=identity("university", keys[site], np.tile(np.arange(5), n)),
            institute_city=labs,
            institute_weight=np.ones(2 * n),
            institute_keys=identity("institute", keys[labs], np.tile(np.arange(2), n)),
            years=years,
            city_gdp=_constant(n, years, 40_000.0 / cities),
            city_secondary=_constant(n, years, 18_000.0 / cities),
            city_population=_constant(n, years, 4_000.0 / cities),
            series=_series(provinces, until),
            known_city_rd=(),
        )
    )


def _constant(rows: int, years: Ints, value: float) -> Floats:
    return np.full((rows, len(years)), value)


def _series(provinces: int, until: int) -> dict[str, Series]:
    values = {
        name: (unit, value, value * provinces * _NATION_PER_REGION)
        for name, (unit, value) in _PER_PROVINCE.items()
    }
    values["rd_intensity"] = ("pct_of_gdp", _RD_INTENSITY, _RD_INTENSITY)
    built = {}
    for name, (unit, value, nation) in sorted(values.items()):
        kind = kind_of(name)
        last = _LAST_INPUT if kind == "input" else min(_LAST_OUTCOME, until)
        years = np.arange(_FIRST, last + 1, dtype=np.int64)
        if len(years):
            rows = _constant(provinces + 1, years, value)
            rows[-1] = nation
            built[name] = Series(years, rows, unit, kind)
    return built
