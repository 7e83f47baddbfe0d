"""From a folder of CSV files to a `World`: packaged, as ``yrd`` and ``jjj``, or your own.

A world folder holds the files of ``columns.csv`` beside this module, UTF-8 with one header row; the
order of columns and rows is free, other columns are ignored. Not all are tables: ``base_run.json``
has constants fitted to these files (`ydsim.world.base_run`), ``outline.geojson`` what maps draw
(`ydsim.world.folders`).

``world.csv`` has the names of the whole and of what is around it in two columns, ``key`` and
``value``; a third, ``note``, may say more. Without ``label`` that is the total, without ``total``
it is ``region``, without ``nation`` ``China``. A folder with this file may leave out others
(`ydsim.world.priors`). One without it has to be whole, and its total is called ``yrd``, as
before version 0.5.

A world with ``firms.csv`` lists its firms one by one: every one of them is simulated at any
``scale``, none is drawn, and what is not listed is the same for all. Industries of a province have
the sizes of its firms, so that ``profiles.csv`` and ``clusters.csv`` must be absent; the column
``firms`` of region.csv may be absent or counts them.

Indicators that begin with population, value_added_, public_budget_, heis_, double_first_class_ or
bank_, and gdp and gdp_alt, are inputs and run to their last year; all others are outcomes and end
in ``until``.

The world ``synthetic`` is a small one for verification: its provinces, and cities within them, are
exactly alike. Distances come from two constants, not from coordinates, which are for plots only:
all pairs inside a province are ``inside_km`` apart, all pairs across are ``across_km`` apart.
Masses, industries, relevance, universities and institutes are equal everywhere, and all series are
constant, so that every difference between provinces in a run comes from chance or from a policy.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np

from ydsim import arguments
from ydsim.errors import InputError
from ydsim.fmt import number
from ydsim.noise import identity
from ydsim.packaged import rows_of
from ydsim.translation import gettext as _t
from ydsim.translation import mark
from ydsim.typing import Bools, Floats, Ints
from ydsim.untrusted_input import one_line, reason
from ydsim.wording import suggestion
from ydsim.world import priors, tables
from ydsim.world.base_run import FILE as FIT
from ydsim.world.base_run import BaseRun, check_shape, read_base_run
from ydsim.world.csvfolder import FILES, Folder, Names
from ydsim.world.tables import Observation, kind_of, text_keys
from ydsim.world.world import Series, World, freeze

FILE = "world.csv"
TOTAL = "yrd"
PLAIN_TOTAL = "region"
NATION = "China"
RESERVED = {
    "nation": mark("'nation' is what tables call the whole nation; give the place another name"),
    "outside": mark(
        "'outside' is what tables call the rest of the nation; give the place another name"
    ),
}
"""What tables call the nation and its rest, beside the names of places, and why it is taken."""

_KEYS = ("label", "total", "nation")
_LONGEST = 40


@dataclass(frozen=True)
class Description:
    """Names of a world."""

    total: str = TOTAL  # name of the whole region in tables
    label: str = TOTAL  # its name in sentences
    nation: str = NATION  # name of the nation around it in ``provinces.csv``
    given: bool = False  # the world has a ``world.csv``


def read_description(folder: Folder) -> Description:
    """Return what ``world.csv`` says, or what holds without it."""
    if not folder.has(FILE):
        return Description()
    given: dict[str, str] = {}
    sheet = folder.read(FILE)
    for row, (key, value) in enumerate(zip(sheet["key"], sheet["value"], strict=True)):
        if key and key not in _KEYS:
            near = suggestion(key, _KEYS, _t("keys are"))
            message = _t("'{key}' is no key of a world{hint}").format(key=key, hint=near)
            sheet.fault(message, row, "key")
        elif key in given:
            sheet.fault(_t("'{cell}' appears twice").format(cell=key), row, "key")
        elif wrong := _wrong_name(value):
            sheet.fault(wrong, row, "value")
        elif value:
            given[key] = value
    total = given.get("total", PLAIN_TOTAL)
    return Description(total, given.get("label", total), given.get("nation", NATION), given=True)


def check_names(
    folder: Folder,
    description: Description,
    provinces: tuple[str, ...],
    cities: tuple[str, ...],
) -> None:
    """Note names of places that tables have for something else as well."""
    total, nation = description.total, description.nation
    if total in RESERVED:
        folder.fault(FILE, _t(RESERVED[total]), column="total")
    for column, names in (("province_en", provinces), ("name_en", cities)):
        for name in (name for name in RESERVED if name in names):
            folder.fault("cities.csv", _t(RESERVED[name]), column=column)
    message = _t("'{name}' is the name of a province too")
    if total in provinces:
        folder.fault(FILE, message.format(name=total), column="total")
    if nation in provinces:
        folder.fault(FILE, message.format(name=nation), column="nation")
    if nation == total:
        message = _t("'{name}' is the name of the nation too")
        folder.fault(FILE, message.format(name=total), column="total")


def _wrong_name(value: str) -> str:
    if len(value) > _LONGEST:
        message = _t("has {n} characters; a name has at most {most}")
        return message.format(n=len(value), most=_LONGEST)
    if any(unicodedata.category(char).startswith("C") for char in value):
        return _t("has characters that cannot be printed")
    return ""


PACKAGED = ("jjj", "synthetic", "ten_firms", "yrd")
_DATA = Path(__file__).parent / "data"
_UNTIL = 2000, 2100
_SUM_TOLERANCE = 1e-6
COUNTS = "firm_counts.csv"
GONE = mark(
    "is read no more: numbers of firms grow with hitech_industry_firms of provinces.csv; "
    "delete the file"
)
MEMBERS = "members.csv"
FIRST_YEAR = 2011
"""First year that a run can have."""
_NEEDED = (
    "cities.csv",
    "cities_panel.csv",
    "provinces.csv",
    "universities.csv",
    "fields.csv",
    "industries.csv",
    "relevance.csv",
    "profiles.csv",
    "region.csv",
)
_FILES = (
    *FILES,
    tables.RAIL_OPENINGS,
    "cities_innovation_more.csv",
    "targets.csv",
    "collab.csv",
    "collab_index.csv",
    "diffusion.csv",
    "sources.csv",
    MEMBERS,
)


def load_world(name_or_path: str | Path = "yrd", *, until: int = 2020) -> World:
    """Return a world with all arrays read-only.

    Parameters
    ----------
    name_or_path
        One of `PACKAGED`, or a folder as the module docstring says.
    until
        Last year of outcome series, 2000-2100.

    Raises
    ------
    InputError
        With one line for every fault of the folder.
    """
    until = arguments.whole("until", until, *_UNTIL)
    name = arguments.path("world", name_or_path, "the name or folder of a world")
    if name in PACKAGED:
        world = _packaged(name, until)
        return replace(world, series=dict(world.series))
    return load_folder(Folder(folder_of(name)), until)


def load_observations(
    name_or_path: str | Path = "yrd", *, until: int = 2020
) -> tuple[Observation, ...]:
    """Return the figures of targets, collab, collab_index and diffusion up to ``until``.

    Arguments and errors as in `load_world`; the synthetic world has none.
    """
    until = arguments.whole("until", until, *_UNTIL)
    name = arguments.path("world", name_or_path, "the name or folder of a world")
    if name == "synthetic":
        return ()
    folder = Folder(_DATA / name if name in PACKAGED else folder_of(name))
    observations = tables.read_observations(folder, until)
    folder.raise_faults()
    return observations


@lru_cache(maxsize=8)
def _packaged(name: str, until: int) -> World:
    if name == "synthetic":
        return synthetic_world(until=until)
    world = load_folder(Folder(_DATA / name), until)
    # the fit of a packaged world belongs to the version, as its code does
    return replace(world, digest=world.tables, base_run=None if world.stale else world.base_run)


def data_versions(worlds: Mapping[str, str]) -> dict[str, int]:
    """Return the version of the tables of packaged worlds, by name.

    ``worlds`` is the digest of each; one that is not packaged, or has other tables, is left out.
    ``data/versions.csv`` says since which version of ydsim they hold and what changed.
    """
    return {
        row["world"]: int(row["version"])
        for row in rows_of("ydsim.world", "data/versions.csv")
        if worlds.get(row["world"], "").startswith(row["tables"])
    }


def members_file(name: str) -> Path:
    """Return where the members of the ensemble of a world are, if it has any."""
    return (_DATA / name if name in PACKAGED else Path(name)) / MEMBERS


def folder_of(name: str) -> Path:
    """Return the folder of a world that is not packaged; `InputError` where it is none."""
    path, shown = Path(name), one_line(name)
    try:
        is_folder, exists = path.is_dir(), path.exists()
    except (OSError, ValueError):
        is_folder = exists = False
    if is_folder and name.strip():
        return path
    if exists and name.strip():
        message = _t("world '{name}' is a file; a world is a folder of CSV files")
        raise InputError(message.format(name=shown))
    message = _t("world '{name}' is neither a packaged world ({worlds}) nor a folder{hint}")
    worlds, hint = ", ".join(PACKAGED), suggestion(shown, PACKAGED)
    raise InputError(message.format(name=shown, worlds=worlds, hint=hint))


def load_folder(folder: Folder, until: int) -> World:
    """Return the world of a folder; what stood in for missing files is then in the folder.

    `InputError` as `load_world`.
    """
    _check_names(folder)
    names = read_description(folder)
    cities = tables.read_cities(folder)
    check_names(folder, names, cities.provinces, cities.names)
    if len(cities.codes) < 2 or len(cities.provinces) < 2:
        folder.raise_faults()  # the other files would name nothing but cities that are not there
    panel = tables.read_panel(folder, cities)
    assumed: tuple[str, ...] = ()
    if names.given:
        assumed = priors.supply_places(folder, cities, panel, names.nation)
        priors.supply_technology(folder)
    distance = tables.read_distances(folder, cities)
    rail_years, rail_hours = tables.read_rail_hours(folder, cities)
    schools = tables.read_universities(folder, cities)
    sheet = folder.read("fields.csv")
    sheet.once("field")
    field_names = tuple(sheet["field"].tolist())
    industries, share, rd_weight, hitech = _read_industries(folder)
    if names.given:
        priors.supply_relevance(folder, industries, field_names)
    fields = Names.of(mark("field of fields.csv"), field_names, "fields.csv")
    by_industry = Names.of(mark("industry of industries.csv"), industries, "industries.csv")
    relevance = _read_shares(folder, "relevance.csv", "industry", by_industry, fields)
    listed = tables.read_firms(folder, cities, by_industry, field_names)
    if names.given:
        degree = schools.undergraduate_of(cities)
        priors.supply_region(folder, cities, panel, degree, listed=listed is not None)
        if listed is None:
            priors.supply_profiles(folder, cities, panel, industries, share, hitech)
    region = tables.read_region(folder, cities, None if listed is None else listed.city)
    profile = np.empty(0)
    if listed is None:
        profile = _read_shares(folder, "profiles.csv", "province", cities.by_province, by_industry)
    clusters = _read_clusters(folder, cities, by_industry)
    series = tables.read_series(folder, cities, until, names.nation)
    series = tables.with_city_sums(series, cities, panel)
    known = tables.read_city_rd(folder, cities, panel, until)
    tables.read_observations(folder, until)
    fit, content, digest = _read_fit(
        folder, until, len(cities.codes), len(cities.provinces), panel.years
    )
    folder.raise_faults()
    if listed is not None:
        profile = listed.profile(cities.province, len(cities.provinces), len(industries))
    site, weight, keys = tables.place_institutes(cities, region.institutes, schools)
    return freeze(
        World(
            name=folder.name,
            total=names.total,
            label=names.label,
            assumed=assumed,
            digest=digest,
            tables=content,
            base_run=fit,
            until=until,
            provinces=cities.provinces,
            city_names=cities.names,
            city_codes=cities.codes,
            city_names_local=cities.names_local,
            city_keys=tables.text_keys("city", list(cities.codes)),
            city_province=cities.province,
            latitude=cities.latitude,
            longitude=cities.longitude,
            distance_km=distance,
            outside_distance_km=region.outside_km,
            fields=field_names,
            industries=industries,
            relevance=relevance,
            industry_share=share,
            industry_rd_weight=rd_weight,
            industry_hitech=hitech,
            industry_profile=profile,
            clusters=clusters,
            firms=region.firms,
            university_names=schools.names,
            university_city=schools.city,
            university_level=schools.level,
            university_first_class=schools.first_class,
            university_keys=schools.keys,
            institute_city=site,
            institute_weight=weight,
            institute_keys=keys,
            years=panel.years,
            city_gdp=panel.gdp,
            city_secondary=panel.secondary,
            city_population=panel.population,
            series=series,
            known_city_rd=known,
            city_breaks=panel.breaks,
            listed=listed,
            rail_years=rail_years,
            rail_hours=rail_hours,
        )
    )


def _read_fit(
    folder: Folder, until: int, cities: int, provinces: int, years: Ints
) -> tuple[BaseRun | None, str, str]:
    """Return the fit that lies in a folder, the hash of its tables, and that of both."""
    content, text = folder.digest(until), folder.text(FIT, mark("fit"))
    fit = None if text is None else read_base_run(folder, text)
    if fit is None or fit.world != content or not len(years):
        return fit, content, content
    check_shape(folder, fit, cities, provinces, max(FIRST_YEAR, int(years[0])))
    return fit, content, folder.digest(until, text)


def _check_names(folder: Folder) -> None:
    """Note CSV files whose name is almost that of a file that is absent."""
    try:
        present = sorted(p.name for p in folder.root.iterdir() if p.suffix == ".csv")
    except OSError as error:
        message = _t("{folder}: cannot be read: {why}")
        shown = one_line(str(folder.root))
        raise InputError(message.format(folder=shown, why=reason(error))) from error
    absent = [name for name in _FILES if name not in present]
    folder.stray = tuple(name for name in present if name not in _FILES)
    if COUNTS in present:
        folder.fault(COUNTS, _t(GONE))
    for name in (name for name in present if name != COUNTS):
        hint = suggestion(name, absent)
        # for one that is needed, reading it reports that it is missing
        if name not in _FILES and hint and not any(f"'{file}'" in hint for file in _NEEDED):
            folder.fault(name, _t("is not a file of a world{hint}").format(hint=hint))


# -- industries, relevance, industry profiles and lead clusters ---------------------------


def _read_industries(
    folder: Folder,
) -> tuple[tuple[str, ...], Floats, Floats, Bools | None]:
    """Return the industries, their shares, R&D weights and marks of high technology, (J,) each."""
    sheet = folder.read("industries.csv")
    sheet.once("industry")
    share, marks = sheet["share"], sheet["high_technology"]
    if not sheet.broken and abs(share.sum() - 1.0) > _SUM_TOLERANCE:
        sheet.fault(_t("share: sums to {total}, not to 1").format(total=number(share.sum(), 6)))
    marked = bool((marks >= 0).any())
    if not sheet.broken and marked and (marks < 0).any():
        sheet.fault(_t("high_technology: is empty in some rows"))
    industries = tuple(sheet["industry"].tolist())
    return industries, share / share.sum(), sheet["rd_weight"], marks > 0 if marked else None


def _read_shares(folder: Folder, name: str, key: str, rows: Names, columns: Names) -> Floats:
    """Return shares (rows, columns) of a file, whose rows and columns other files list."""
    sheet = folder.read(name, {key: rows}, each=tuple(columns.known))
    sheet.once(key)
    sheet.require(key)
    sheet.keep(np.argsort(sheet[key], kind="stable"))
    matrix = np.empty((len(sheet), len(columns.known)))
    for k, column in enumerate(columns.known):
        matrix[:, k] = sheet[column]
    total = matrix.sum(axis=1, keepdims=True)
    if columns.file not in folder.incomplete:
        for row in np.flatnonzero(np.abs(total - 1.0) > _SUM_TOLERANCE).tolist():
            message = _t("'{name}' has shares that sum to {total}, not to 1")
            facts = {"name": sheet.words(key)[row], "total": number(float(total[row, 0]), 6)}
            sheet.fault(message.format(**facts), row, key)
    return matrix / total


def _read_clusters(
    folder: Folder, cities: tables.Places, industries: Names
) -> tuple[tuple[int, int, float], ...]:
    """Return lead clusters as (city, industry, factor), sorted; none without ``clusters.csv``."""
    forms = {"admin_code": cities.by_code, "industry": industries}
    sheet = folder.read("clusters.csv", forms, optional=True)
    sheet.once(*forms, message=mark("'{cell}' appears twice for its city"))
    columns = (sheet[name].tolist() for name in (*forms, "factor"))
    return tuple(sorted(zip(*columns, strict=True)))


# -- the synthetic world --------------------------------------------------------------------------

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
