"""Values by replicate, place and year of one point of results.

Places are the whole region and its provinces, cities, kinds of organisations, or technology fields.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ydsim.analysis.outcomes import By, Outcome
from ydsim.errors import ResultsError
from ydsim.results.results import CITY_YEAR, PROVINCE_YEAR, Results
from ydsim.store.manifest import RUN
from ydsim.typing import Bools, Columns, Floats, Ints

KINDS: Final = ("firm", "university", "institute")
TABLES: Final[dict[str, tuple[str, ...]]] = {
    "province": (PROVINCE_YEAR,),
    "city": (CITY_YEAR,),
    "kind": ("funnel", "agents"),
    "field": ("knowledge", "generations"),
}
"""Tables that hold each level; of the last two pairs either will do for its own outcomes."""

_STAGE: Final = {
    "applied_research": "applied research",
    "inventions": "invention",
    "launches": "launch",
}
_CAUSE: Final = {"projects_failed": "failed", "projects_died_waiting": "died_waiting"}


@dataclass(frozen=True)
class Values:
    """What one point gave.

    Attributes
    ----------
    replicates
        Numbers of the finished replicates, ascending.
    places, levels
        Name and level of each place.
    years
        Ascending.
    yearly
        By outcome, (replicates, places, years); NaN where there is no value.
    """

    replicates: Ints
    places: tuple[str, ...]
    levels: tuple[str, ...]
    years: Ints
    yearly: dict[str, Floats]

    def over(self, outcome: Outcome, first: int, last: int, replicates: Ints) -> Floats:
        """Return an outcome over some years, (replicates, places).

        A stock is that of ``last``; a ratio is formed of sums; all else is the mean over the years.
        """
        rows = np.searchsorted(self.replicates, replicates)
        within = (self.years >= first) & (self.years <= last)
        lacking = any(name not in self.yearly for name in outcome.of or (outcome.name,))
        if lacking or not within.any() or (outcome.kind == "stock" and last not in self.years):
            return np.full((len(rows), len(self.places)), np.nan)
        if outcome.of is not None:
            top, bottom = (self.yearly[part][rows][:, :, within].sum(axis=2) for part in outcome.of)
            missing = np.full_like(top, np.nan)
            found = np.divide(top, bottom, out=missing, where=bottom > 0.0)
        else:
            values = self.yearly[outcome.name][rows]
            found = (
                values[:, :, self.years == last].mean(axis=2)
                if outcome.kind == "stock"
                else values[:, :, within].mean(axis=2)
            )
        changed: Floats = outcome.factor * found
        return changed


class Reader:
    """Reads points of results; a table that several of them share is read once."""

    def __init__(self) -> None:
        self._kept: dict[tuple[int, str], Columns] = {}

    def values(self, results: Results, point: int, by: By, outcomes: Iterable[Outcome]) -> Values:
        """Return what a point gave.

        Raises
        ------
        UsageError
            When none of the tables that hold the level was kept.
        ResultsError
            When no run of the point is finished.
        """
        there = [table for table in TABLES[by] if table in results.tables]
        if not there:
            results.columns(TABLES[by][0])  # says what would have kept it
        tables = {name: self.table(results, point, name) for name in there}
        if not tables or not any(tables.values()):
            where = f"{results.path or results.name}: point {point}"
            raise ResultsError(f"{where}: no run is finished; go on with ydsim resume")
        if by in ("province", "city"):
            names = [part for one in outcomes for part in (one.of or (one.name,))]
            return _of_indicators(tables[there[0]], by, names, results.manifest["regions"])
        if by == "kind":
            return _of_kinds(tables, scenario_of(results, point))
        return _of_fields(tables)

    def table(self, results: Results, point: int, name: str) -> Columns:
        """Return the rows of a table that are of a point."""
        key = (id(results), name)
        if key not in self._kept:
            self._kept[key] = results.columns(name)
        return _of_point(self._kept[key], point)


def scenario_of(results: Results, point: int) -> dict[str, Any]:
    """Return the scenario of a point as plain data."""
    if results.contents.kind == RUN:
        return dict(results.manifest["scenario"])
    points = results.contents.points
    return points.scenario(str(points.columns["hash"][point]))


def _of_point(columns: Columns, point: int) -> Columns:
    if not columns:
        return {}
    mine = columns["point"] == point
    return {name: column[mine] for name, column in columns.items()}


def _of_indicators(mine: Columns, by: By, names: Iterable[str], regions: Sequence[str]) -> Values:
    wanted = list(dict.fromkeys(names))
    *provinces, whole = regions
    cities = list(dict.fromkeys(mine["region"].tolist()))
    order = [whole, *provinces] if by == "province" else cities
    levels: list[str] = ["region" if place == whole else by for place in order]
    value = mine["value"].astype(np.float64)
    keys = {"replicate": mine["replicate"], "year": mine["year"], "place": mine["region"]}
    return _tabulated(
        order, levels, keys, {name: (mine["indicator"] == name, value) for name in wanted}
    )


Cells = Mapping[str, tuple[Bools, Floats]]
"""By outcome, the rows that are of it, and values of all rows, which are added up."""


def _tabulated(
    order: list[str], levels: list[str], keys: Mapping[str, NDArray[np.generic]], cells: Cells
) -> Values:
    replicates, r = np.unique(keys["replicate"].astype(np.int64), return_inverse=True)
    years, t = np.unique(keys["year"].astype(np.int64), return_inverse=True)
    number = {place: at for at, place in enumerate(order)}
    p = np.array([number.get(place, -1) for place in keys["place"].tolist()], dtype=np.int64)
    shape = (len(replicates), len(order), len(years))
    yearly = {}
    for name, (rows, values) in cells.items():
        mine = rows & (p >= 0)
        table, there = np.zeros(shape), np.zeros(shape, dtype=np.bool_)
        at = (r[mine], p[mine], t[mine])
        np.add.at(table, at, values[mine])
        there[at] = True
        yearly[name] = np.where(there, table, np.nan)
    return Values(replicates, tuple(order), tuple(levels), years, yearly)


def _of_kinds(tables: Mapping[str, Columns], scenario: Mapping[str, Any]) -> Values:
    """Return projects by kind of who had the idea, and organisations at the end of the run."""
    parts = []
    if funnel := tables.get("funnel"):
        stage = funnel["stage"]
        every = np.ones(len(stage), dtype=np.bool_)
        cells = {
            name: (stage == word, funnel["completed"].astype(np.float64))
            for name, word in _STAGE.items()
        }
        cells |= {name: (every, funnel[c].astype(np.float64)) for name, c in _CAUSE.items()}
        cells["projects_live"] = (every, funnel["live"].astype(np.float64))
        keys = {"replicate": funnel["replicate"], "year": funnel["year"], "place": funnel["lead"]}
        parts.append(_tabulated(list(KINDS), ["kind"] * 3, keys, cells))
    if agents := tables.get("agents"):
        every = np.ones(len(agents["kind"]), dtype=np.bool_)
        keys = {
            "replicate": agents["replicate"],
            "year": np.full(len(every), scenario["end"]),
            "place": agents["kind"],
        }
        whole = np.where(agents["kind"] == "firm", 1.0 / float(scenario["scale"]), 1.0)
        cells = {
            name: (every, whole * agents[name].astype(np.float64)) for name in ("researchers", "rd")
        }
        parts.append(_tabulated(list(KINDS), ["kind"] * 3, keys, cells))
    return _joined(parts)


def _of_fields(tables: Mapping[str, Columns]) -> Values:
    """Return effort, knowledge weighted by effort, and generations founded in the region."""
    parts = []
    fields: list[str] = []
    if knowledge := tables.get("knowledge"):
        fields = list(dict.fromkeys(knowledge["field"].tolist()))
        every = np.ones(len(knowledge["field"]), dtype=np.bool_)
        effort = knowledge["effort"].astype(np.float64)
        weighed = effort * knowledge["knowledge"].astype(np.float64)
        keys = {
            "replicate": knowledge["replicate"],
            "year": knowledge["year"],
            "place": knowledge["field"],
        }
        part = _tabulated(
            fields, ["field"] * len(fields), keys,
            {"effort": (every, effort), "knowledge": (every, weighed)},
        )  # fmt: skip
        total = part.yearly["effort"]
        with np.errstate(invalid="ignore", divide="ignore"):
            mean = np.where(total > 0.0, part.yearly["knowledge"] / total, np.nan)
        part.yearly["knowledge"] = mean
        parts.append(part)
    if generations := tables.get("generations"):
        fields = fields or sorted(set(generations["field"].tolist()))
        own = generations["origin"] == "region"
        keys = {
            "replicate": generations["replicate"],
            "year": generations["founded_year"],
            "place": generations["field"],
        }
        ones = np.ones(len(own))
        part = _tabulated(
            fields, ["field"] * len(fields), keys, {"generations_founded": (own, ones)}
        )
        founded = part.yearly["generations_founded"]
        part.yearly["generations_founded"] = np.nan_to_num(founded)  # none was founded
        parts.append(part)
    return _joined(parts)


def _joined(parts: list[Values]) -> Values:
    """Return tables of the same places as one, over all their years."""
    first = parts[0]
    years = np.unique(np.concatenate([part.years for part in parts]))
    replicates = np.unique(np.concatenate([part.replicates for part in parts]))
    yearly = {}
    for part in parts:
        r, t = np.searchsorted(replicates, part.replicates), np.searchsorted(years, part.years)
        for name, values in part.yearly.items():
            table = np.full((len(replicates), len(first.places), len(years)), np.nan)
            table[np.ix_(r, np.arange(len(first.places)), t)] = values
            yearly[name] = table
    return Values(replicates, first.places, first.levels, years, yearly)
