"""What a policy is to be good for, measured in a run.

    launches, inventions    sum over the region and all quarters
    coupling                coupling coordination degree of the region in the last year
    balance                 minus Theil's index between provinces of R&D per head, last year
    balance_output          the same of secondary value added per head
    public_cost             public money in the books under the names of the scenario's policies

R&D is performed in the province where it is counted; heads are the residents of the last year that
the world knows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from ydsim.analysis.paired import Found, Sums
from ydsim.errors import UsageError
from ydsim.measures.groups import sums
from ydsim.measures.inequality import theil
from ydsim.model import Model
from ydsim.record.indicators import INDICATORS
from ydsim.record.public_finance import public_costs
from ydsim.typing import Floats
from ydsim.wording import suggestion
from ydsim.world.world import World


@dataclass(frozen=True)
class Objective:
    """One aim of a search.

    Attributes
    ----------
    name, unit, meaning
        As tables have it.
    maximise
        More is better.
    """

    name: str
    unit: str
    meaning: str
    maximise: bool = True


OBJECTIVES: Mapping[str, Objective] = MappingProxyType(
    {
        one.name: one
        for one in (
            Objective("launches", "items", "projects launched, all years"),
            Objective("inventions", "items", "inventions completed, all years"),
            Objective("coupling", "index", "coupling coordination degree of the region, last year"),
            Objective(
                "balance",
                "index",
                "minus Theil's index of R&D per head between provinces, last year",
            ),
            Objective(
                "balance_output",
                "index",
                "minus Theil's index of value added per head between provinces, last year",
            ),
            Objective("public_cost", "100m_rmb", "public money for policies, all years", False),
        )
    }
)

USUAL = ("launches", "balance", "public_cost")
"""Objectives where none are named."""

_COUPLING = "coupling"


def objectives_of(names: Sequence[str]) -> tuple[Objective, ...]:
    """Return objectives by name.

    Raises
    ------
    UsageError
        When there is no such objective, one appears twice, there is only one, or this version does
        not record what it needs.
    """
    found = []
    for name in names:
        if name not in OBJECTIVES:
            hint = suggestion(name, list(OBJECTIVES), "objectives are")
            raise UsageError(f"--objectives: there is none called {name!r}{hint}")
        if name == _COUPLING and _COUPLING not in INDICATORS:
            others = ", ".join(other for other in OBJECTIVES if other != _COUPLING)
            raise UsageError(f"--objectives: runs do not record coupling here; take {others}")
        if OBJECTIVES[name] in found:
            raise UsageError(f"--objectives: {name} is named twice")
        found.append(OBJECTIVES[name])
    if len(found) < 2:
        raise UsageError("--objectives: a compromise needs two objectives or more, with commas")
    return tuple(found)


def measure(model: Model, sums: Sums) -> Found:
    """Return every objective of a finished run."""
    found = {
        name: float(model.recorder.series(name, "province").sum())
        for name in ("launches", "inventions")
    }
    people = residents(model.world)
    for name, indicator in (
        ("balance", "rd_expenditure"),
        ("balance_output", "value_added_secondary"),
    ):
        last: Floats = model.recorder.series(indicator, "province")[-4:].sum(axis=0)
        found[name] = -between(last, people)
    found["public_cost"] = public_cost(model)
    if _COUPLING in INDICATORS:
        found[_COUPLING] = _coupling(model)
    return found


def residents(world: World) -> Floats:
    """Return the residents of each province in the last year that is known of each city, (P,)."""
    people = world.city_population
    known = ~np.isnan(people)
    last = people.shape[1] - 1 - np.argmax(known[:, ::-1], axis=1)
    latest = np.where(known.any(axis=1), people[np.arange(len(people)), last], 0.0)
    return sums(world.city_province, latest, world.n_provinces)


def between(values: Floats, people: Floats) -> float:
    """Return Theil's index of values per head between provinces; those without people left out."""
    some = people > 0.0
    n = int(some.sum())
    return theil(values[some] / people[some], np.arange(n), n, people[some]).total


def public_cost(model: Model) -> float:
    """Return the public money that is under the names of the scenario's policies."""
    names = set(model.settings.policies)
    return float(
        sum(
            paid.sum()
            for (_, instrument, _), (paid, _) in sorted(public_costs(model.state).items())
            if instrument in names
        )
    )


def _coupling(model: Model) -> float:
    """Return the coupling coordination degree of the region in the last year, as recorded."""
    from ydsim.run.run_row import last_year
    from ydsim.store.manifest import cards

    values = last_year(model.recorder.tables()["series"], cards(INDICATORS))
    return float(values.get(_COUPLING, np.nan))
