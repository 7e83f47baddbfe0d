"""The place in which a simulation happens: cities, pairs, fields, industries and official series.

Symbols used in shapes: C cities, P provinces, F technology fields, J industries, U universities,
Y years. Money is in 100 million yuan at current prices (``100m_rmb``), distances in km, counts of
researchers in full-time equivalents (FTE).

A world as it was known at the end of a year: nothing later enters a run.

A scenario with ``known_in: L`` is run in its world without what came after L:

- every official series, of inputs and of outcomes, the panel and the known R&D of cities end in L,
- shifts and prices of the base run do, too; the last shift is held, as after any fit,
- inputs go on by the rules that the figures to L chose, and trends end ten years after L
  (`ydsim.world.inputs`).

Lines of rail, which have a date when they are begun, and what is assumed of all years alike
(industries, relevance, profiles) stay, as do parameters that were set by hand on later figures.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Literal, TypeVar

import numpy as np

from ydsim.frozen import guarded
from ydsim.typing import Bools, Floats, Ints, Keys
from ydsim.world.base_run import BaseRun

if TYPE_CHECKING:
    from ydsim.world.base_run import BaseRun
    from ydsim.world.tables import ListedFirms


@dataclass(frozen=True)
class Series:
    """One official yearly series by province, with gaps as NaN."""

    years: Ints  # (Y,), consecutive
    values: Floats  # (P + 1, Y): the provinces in the world's order, then the whole nation
    unit: str  # as printed in the source, for example ``100m_rmb``
    # ``"outcome"`` series are cut by ``until=``; ``"input"`` series (population, GDP, value added,
    # public budget) drive the simulation and run to their last year.
    kind: Literal["outcome", "input"]

    def at(self, year: int) -> Floats:
        """Return the values of one year, shape (P + 1,); NaN where the series has none."""
        index = year - int(self.years[0])
        if 0 <= index < len(self.years):
            return self.values[:, index]
        return np.full(len(self.values), np.nan)


@dataclass(frozen=True)
class World:
    """Everything about the region that a scenario can replace by another folder."""

    # Name of the world and a SHA-256 of its content: equal digests simulate alike.
    name: str
    digest: str
    until: int  # last year of outcome series that this copy may see
    provinces: tuple[str, ...]  # P names
    # C names, official codes, and names in the local language.
    city_names: tuple[str, ...]
    city_codes: tuple[str, ...]
    city_names_local: tuple[str, ...]
    city_keys: Keys  # shape (C,): identity of each city for counter-based draws, a hash of its code
    city_province: Ints  # shape (C,): index into ``provinces``
    # Shape (C,), degrees of the city's seat.
    latitude: Floats
    longitude: Floats
    distance_km: Floats  # shape (C, C), great circle between seats, symmetric, zero on the diagonal
    # Shape (P,): effective distance of each province from the rest of China (assumed).
    outside_distance_km: Floats
    # F technology fields and J industries.
    fields: tuple[str, ...]
    industries: tuple[str, ...]
    relevance: Floats  # shape (J, F), rows sum to one: which fields an industry can use (assumed)
    # Shape (J,), sums to one: share of each industry in secondary value added, nation and demand
    # alike (assumed).
    industry_share: Floats
    # Shape (J,): R&D intensity of each industry relative to the others (assumed).
    industry_rd_weight: Floats
    # Shape (P, J), rows sum to one: mean industry mix of each province (prior).
    industry_profile: Floats
    # Triples (city index, industry index, factor): lead clusters that tilt the mix of a city.
    clusters: tuple[tuple[int, int, float], ...]
    firms: Ints  # shape (P,): technology-active firms at scale 1, 2011
    # The regular higher-education institutions: shape (U,) each; level is ``"vocational"`` or
    # ``"undergraduate"``.
    university_names: tuple[str, ...]
    university_city: Ints
    university_level: tuple[str, ...]
    university_first_class: Bools
    university_keys: Keys
    # The research institutes: city, relative size, identity.
    institute_city: Ints
    institute_weight: Floats
    institute_keys: Keys
    years: Ints  # shape (Y,), consecutive years of the city panel
    # Shape (C, Y): GDP and secondary value added (100m_rmb) and residents (10k persons); gaps
    # inside a series are interpolated in logs, years outside it are NaN.
    city_gdp: Floats
    city_secondary: Floats
    city_population: Floats
    series: dict[str, Series]  # official series by indicator name
    # Triples (city index, year, R&D in 100m_rmb): the few published figures for cities.
    known_city_rd: tuple[tuple[int, int, float], ...]
    # Shape (C, Y): the secondary value added of a city is of another vintage than in the year
    # before. None where no vintages are told apart.
    city_breaks: Bools | None = None
    # All firms where the world lists them one by one, else None: then they are drawn.
    listed: ListedFirms | None = None
    # Shape (R,): years whose last day ``rail_hours`` records. None without records.
    rail_years: Ints | None = None
    # Shape (R, C, C), symmetric, zero on the diagonal: recorded hours of the fastest way between
    # cities without time to and from stations; NaN where a record lacks a pair. None without
    # records.
    rail_hours: Floats | None = None
    # Shape (J,): whether official statistics count the industry as high technology. None where the
    # world does not say.
    industry_hitech: Bools | None = None
    # Names of series that stand in for official ones of the provinces.
    assumed: tuple[str, ...] = ()
    # Last year of everything in this copy, see `ydsim.world.world`; None where inputs go on.
    known_in: int | None = None
    # Name of the whole region in tables, and in sentences.
    total: str = "yrd"
    label: str = "yrd"
    tables: str = ""  # SHA-256 of its tables alone, without a fit that its folder holds
    # What was fitted to a world, to other tables where it is `stale`; None where nothing was.
    base_run: BaseRun | None = None

    @property
    def city_order(self) -> Ints:
        """Cities along their identities, whatever the order in which they are listed."""
        return np.argsort(self.city_keys, kind="stable")

    @property
    def university_degree(self) -> Bools:
        """Which universities are undergraduate institutions, (U,)."""
        return np.array([level == "undergraduate" for level in self.university_level], np.bool_)

    @property
    def n_cities(self) -> int:
        """Number of cities C."""
        return len(self.city_names)

    @property
    def n_provinces(self) -> int:
        """Number of provinces P."""
        return len(self.provinces)

    @property
    def stale(self) -> bool:
        """The fit is there and was made for other tables; then it is not used."""
        return self.base_run is not None and self.base_run.world != self.tables

    def __deepcopy__(self, memo: dict[int, object]) -> World:
        """Return the world itself: nothing of it changes, and copies of a model share it."""
        return self


# -- worlds are shared between runs: their arrays are made read-only once -------------------------

T = TypeVar("T")


def freeze(world: World) -> World:
    """Return a world whose arrays are read-only."""
    series = {name: _frozen(each) for name, each in world.series.items()}
    listed = None if world.listed is None else _frozen(world.listed)
    return _frozen(replace(world, series=series, listed=listed))


def _frozen(of: T) -> T:
    arrays = {
        field.name: guarded(value)
        for field in fields(of)  # type: ignore[arg-type]
        if isinstance(value := getattr(of, field.name), np.ndarray)
    }
    return replace(of, **arrays)  # type: ignore[type-var]


def as_known(world: World, year: int) -> World:
    """Return the world as it was known at the end of ``year``, see the module docstring."""
    if world.known_in == year:
        return world
    series = {
        name: cut for name, each in world.series.items() if (cut := _cut(each, year)) is not None
    }
    seen = world.years <= year
    breaks = world.city_breaks
    return freeze(
        replace(
            world,
            until=min(world.until, year),
            known_in=year,
            series=series,
            years=world.years[seen],
            city_gdp=world.city_gdp[:, seen],
            city_secondary=world.city_secondary[:, seen],
            city_population=world.city_population[:, seen],
            city_breaks=None if breaks is None else breaks[:, seen],
            known_city_rd=tuple(each for each in world.known_city_rd if each[1] <= year),
            base_run=None if world.base_run is None else _held(world.base_run, year),
        )
    )


def _cut(series: Series, year: int) -> Series | None:
    """Return a series to ``year``, None where nothing of it is left."""
    seen = series.years <= year
    values = series.values[:, seen]
    if np.isnan(values).all():
        return None
    return replace(series, years=series.years[seen], values=values)


def _held(base: BaseRun, year: int) -> BaseRun:
    """Return a base run to ``year``, without later shifts and prices."""
    years = max(year - base.first_year + 1, 1)

    def cut(lines: Floats | None, columns: int = years) -> Floats | None:
        return None if lines is None else lines[:, :columns]

    seen = {name: lines[:, :years] for name, lines in (base.anchors or {}).items()}
    return replace(
        base,
        market_shift=cut(base.market_shift),
        log_price=cut(base.log_price, 4 * years),
        rd_shift=cut(base.rd_shift),
        anchors=None if base.anchors is None else seen,
        city_lean=cut(base.city_lean),
    )
