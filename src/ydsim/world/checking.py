"""What a folder holds as a world: every fault, what looks wrong, what rests on priors."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from ydsim.errors import InputError
from ydsim.fmt import counted, number, percent
from ydsim.translation import gettext as _t
from ydsim.typing import Floats
from ydsim.wording import comparable
from ydsim.world.base_run import FILE as FIT
from ydsim.world.base_run import stale_fit
from ydsim.world.csvfolder import FILES, Folder
from ydsim.world.inputs import extend_inputs
from ydsim.world.loader import FIRST_YEAR, load_folder
from ydsim.world.places import great_circle_km, hours_missing
from ydsim.world.world import World

_APART_KM = 3000.0
_GAP = 0.1
_SHOWN = 5
_RD_GAP = 0.05


@dataclass(frozen=True)
class Report:
    """What was found."""

    # One line for each fault, with file, line and column; empty where the world can be run.
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()  # what looks wrong and may be right
    # What the world has, by name; empty where it cannot be read.
    holds: dict[str, Any] = field(default_factory=dict)
    # What stands in for figures that it lacks, by file.
    priors: dict[str, str] = field(default_factory=dict)


def check_folder(root: str | Path) -> Report:
    """Return everything that can be said of a world folder; nothing is run or written.

    `InputError` when it cannot be listed.
    """
    folder = Folder(Path(root))
    try:
        world = load_folder(folder, 2020)
        start = max(FIRST_YEAR, int(world.years[0]))
        file = folder.root / "cities_panel.csv"
        late = tuple(f"{file}: {line}" for line in _late(world, start))
        if late:
            return Report(problems=late)
        extend_inputs(world, start, start)
    except InputError as error:
        return Report(problems=tuple(error.problems))
    links = [name for name in FILES if (folder.root / name).is_symlink()]
    notes = [*(f"{name}: is a link; what it leads to is read" for name in links), *_notes(world)]
    return Report((), tuple(notes), _holds(world), dict(sorted(_priors(world, folder))))


def _holds(world: World) -> dict[str, Any]:
    return {
        "label": world.label,
        "total": world.total,
        "provinces": list(world.provinces),
        "cities": world.n_cities,
        "first year": int(world.years[0]),
        "last year": int(world.years[-1]),
        "fields": len(world.fields),
        "industries": len(world.industries),
        "universities": len(world.university_names),
        "institutes": len(world.institute_city),
        "firms": int(world.firms.sum()),
        "firms listed by name": world.listed is not None,
        "official series": len(world.series),
        "fit": _fit(world),
        "content": world.digest,
    }


def _fit(world: World) -> str:
    if world.base_run is None:
        return "none; `ydsim world fit` makes one"
    if world.stale:
        return "stale: of other tables, not used"
    made = world.base_run.made
    if made is None:
        return "there, and does not say where it is from"
    years = f"{made.first_year}-{made.last_year}"
    if made.last_year <= made.first_year:
        years = f"{made.last_year}" if made.last_year == made.first_year else "no year"
    return (
        f"{years}, {counted(made.replicates, 'replicate')} of {made.scenario}, ydsim {made.ydsim}"
    )


def _priors(world: World, folder: Folder) -> Iterator[tuple[str, str]]:
    yield from folder.stood_in.items()
    if not folder.has("city_pairs.csv"):
        yield "city_pairs.csv", "great circles"
    if missing := hours_missing(world):
        yield "rail_hours.csv", missing
    elif world.rail_hours is None:
        yield "rail_hours.csv", "by distance at 160 km/h"
    if world.listed is None and not folder.has("clusters.csv"):
        yield "clusters.csv", "the mix of a city is that of its province"


def _late(world: World, start: int) -> Iterator[str]:
    """Yield what of a city begins after the first year of a run."""
    columns = {
        "gdp_100m_rmb": world.city_gdp,
        "value_added_secondary_100m_rmb": world.city_secondary,
    }
    for name, values in columns.items():
        first = world.years[np.argmax(~np.isnan(values), axis=1)]
        for city in np.flatnonzero(first > start)[:_SHOWN].tolist():
            message = _t(
                "{column} of city '{city}' begins in {first}; a run that begins in {start} needs "
                "that year or one before"
            )
            facts = {"city": world.city_names[city], "first": first[city], "start": start}
            yield message.format(column=name, **facts)


def _research(world: World) -> Iterator[str]:
    """Yield a note for each province of which runs under the fit do not make the R&D of firms."""
    base = world.base_run
    if base is None or world.stale or base.made is None:
        return
    for name in world.provinces:
        line = base.made.misfit.other_draws.research.get(name, ())
        gaps = {abs(gap): (k, gap) for k, gap in enumerate(line) if gap is not None}
        if gaps and max(gaps) > _RD_GAP:
            k, gap = gaps[max(gaps)]
            yield (
                f"{FIT}: R&D of firms of {name} in {base.made.first_year + k} is "
                f"{number(float(np.exp(gap)))} times that of provinces.csv, more than "
                f"{percent(_RD_GAP)} away; where that is chance, more --replicates or a larger "
                "`scale` of the fit bring it nearer"
            )


def _notes(world: World) -> Iterator[str]:
    if world.stale:
        yield stale_fit(world)
    elif world.base_run is not None and world.base_run.made is not None:
        yield from (f"{FIT}: not fitted: {line}" for line in world.base_run.made.not_fitted)
    yield from _research(world)
    yield from _places(world)
    yield from _names(world)
    yield from _sums(world)
    for p, name in enumerate(world.provinces):
        if not (world.city_province[world.university_city] == p).any():
            yield f"universities.csv: {name} has none"
    above = world.city_secondary > world.city_gdp
    for city in np.flatnonzero(above.any(axis=1))[:_SHOWN].tolist():
        year = int(world.years[int(np.argmax(above[city]))])
        yield (
            f"cities_panel.csv: secondary value added of {world.city_names[city]} "
            f"in {year} is above its GDP"
        )


def _places(world: World) -> Iterator[str]:
    away = great_circle_km(world.latitude, world.longitude)
    middle = np.median(away, axis=1)
    for city in np.flatnonzero(middle > _APART_KM)[:_SHOWN].tolist():
        yield (
            f"cities.csv: {world.city_names[city]} lies {number(middle[city])} km from half of the "
            "other cities; are latitude and longitude right?"
        )
    same = np.argwhere(np.triu(away < 0.1, k=1))
    for a, b in same[:_SHOWN].tolist():
        yield f"cities.csv: {world.city_names[a]} and {world.city_names[b]} lie at the same place"


def _names(world: World) -> Iterator[str]:
    for what, names in (("cities", world.city_names), ("provinces", world.provinces)):
        seen: dict[str, str] = {}
        for name in names:
            other = seen.setdefault(comparable(name), name)
            if other != name:
                yield f"cities.csv: {what} {other!r} and {name!r} differ only in spelling"


def _sums(world: World) -> Iterator[str]:
    compared = {
        "gdp_alt": ("gdp_100m_rmb", world.city_gdp),
        "value_added_secondary_revised": ("value_added_secondary_100m_rmb", world.city_secondary),
        "population_resident_year_end": ("population_10k", world.city_population),
    }
    for name, (column, values) in compared.items():
        if name not in world.series:
            continue
        for p, province in enumerate(world.provinces):
            total = values[world.city_province == p].sum(axis=0)
            off = _relative(
                total, np.array([world.series[name].at(int(y))[p] for y in world.years])
            )
            if not np.isnan(off).all() and np.nanmax(np.abs(off)) > _GAP:
                worst = int(np.nanargmax(np.abs(off)))
                side = "above" if off[worst] > 0.0 else "below"
                yield (
                    f"provinces.csv: {name.removesuffix('_revised')} of {province}: the sum of "
                    f"{column} over its cities is {100.0 * abs(off[worst]):.0f} % {side} it in "
                    f"{world.years[worst]}"
                )


def _relative(total: Floats, official: Floats) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        off: Floats = np.where(official > 0.0, total / official - 1.0, np.nan)
    return off
