"""Which tables are made on demand, from what, and by which function."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ydsim.errors import ResultsError
from ydsim.results.derived import adoption, chain, distance, links, organisations, regional
from ydsim.results.derived.place import Place
from ydsim.typing import Columns

if TYPE_CHECKING:
    from ydsim.results.results import Results

Make = Callable[[dict[str, Columns], Place], Columns]


@dataclass(frozen=True)
class Derived:
    """A table that is made from others.

    Attributes
    ----------
    needs
        Recorded tables that it is made from.
    make
        Makes it from them and the place.
    indicators
        Indicators that it is made from, of which an earlier version did not know all.
    also
        Tables that are read too where they were recorded.
    """

    needs: tuple[str, ...]
    make: Make
    indicators: tuple[str, ...] = ()
    also: tuple[str, ...] = ()


DERIVED: Final[dict[str, Derived]] = {
    "coupling": Derived(
        ("series",), regional.coupling_table, regional.DEGREES, also=("city_series",)
    ),
    "inequality": Derived(("city_series",), regional.inequality_table, regional.QUANTITIES),
    "spatial": Derived(("city_series",), regional.spatial_table, regional.QUANTITIES),
    "convergence": Derived(("city_series",), regional.convergence_table, regional.QUANTITIES),
    "networks": Derived(("ties",), links.network_table),
    "organisation_networks": Derived(
        ("organisation_ties", "firms", "agents"), organisations.organisation_table
    ),
    "gravity": Derived(("ties",), links.gravity_table),
    "specialisation": Derived(("knowledge",), chain.specialisation_table),
    "diffusion": Derived(("adoption_curves", "generations"), adoption.diffusion_table),
    "diffusion_distance": Derived(
        ("adoption_curves", "generations", "adoption", "agents"), distance.distance_table
    ),
    "pioneer": Derived(
        ("adoption_curves", "generations", "series"), adoption.pioneer_table, adoption.QUOTIENT
    ),
    "funnel_stages": Derived(("funnel",), chain.funnel_stage_table),
}
"""Every derived table, in the order in which they are listed."""

WHOLE_YEARS: Final = ("pioneer", "inequality", "spatial", "convergence")
"""Those that need all four quarters of a year."""


def make(results: Results, name: str) -> Columns:
    """Return a derived table, with ``point, replicate, year`` in front.

    Raises
    ------
    UsageError
        When the world is not there any more, or is another one.
    ResultsError
        When recorded tables do not fit together.
    """
    table = DERIVED[name]
    recorded = {need: results.raw(need) for need in table.needs}
    recorded |= {a: results.raw(a) for a in table.also if a in results.manifest["tables"]}
    try:
        return table.make(recorded, Place(results.manifest, results.contents.points.worlds, name))
    except ValueError as error:
        raise ResultsError(f"{results.path}: table {name}: {error}") from error
