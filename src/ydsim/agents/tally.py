"""Counts and sums of one quarter, each a typed field: processes write them, the recorder reads.

All fields are zero at the start of a quarter, so that what did not happen counts as nothing. The
classes have slots: a name that they do not have is an error where it is written as where it is
read.

Counting what becomes of projects, by stage, kind of the first owner, and partnership.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from typing import Final, Self

import numpy as np

from ydsim.agents.projects import STAGES, Projects
from ydsim.measures.groups import cross_sums, sums
from ydsim.typing import Bools, Floats, Ints

REALISED, EXPECTED = 0, 1
"""First index of `LinkCounts`."""

N_KINDS: Final = 3
"""Kinds of organisations."""


@dataclass(slots=True)
class Counts:
    """Arrays of one shape, each under its own name."""

    @classmethod
    def zeros(cls, *shape: int) -> Self:
        """Return counts of nothing."""
        return cls(*(np.zeros(shape) for _ in fields(cls)))

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """Return the names of the fields."""
        return tuple(f.name for f in fields(cls))

    def items(self) -> Iterator[tuple[str, Floats]]:
        """Yield every field with its name."""
        for name in self.names():
            yield name, getattr(self, name)

    def add(self, other: Self) -> None:
        """Add counts of the same kind."""
        for name, values in other.items():
            total = getattr(self, name)
            total += values


@dataclass(slots=True)
class CityCounts(Counts):
    """Counts and 100m_rmb by city, (C,) each, at scale 1.

    What is recorded under its own name has the name, the unit and the meaning of its indicator in
    `ydsim.record.indicators`.
    """

    ideas: Floats
    inventions: Floats
    launches: Floats
    launches_joint: Floats
    projects_live: Floats
    projects_waiting: Floats
    projects_failed: Floats
    projects_died_waiting: Floats
    projects_shelved: Floats
    coinventions: Floats
    coinventions_intercity: Floats
    coinventions_interprovince: Floats
    copublications: Floats
    sci_papers: Floats
    invention_patent_applications: Floats
    invention_applications_service_enterprise: Floats
    invention_applications_service_university: Floats
    invention_applications_service_research_institute: Floats
    invention_patents_granted: Floats
    invention_patents_in_force: Floats
    university_inventions: Floats
    university_inventions_stock: Floats
    university_licences: Floats
    patents_transferred: Floats
    introductions: Floats
    brokered_deals: Floats
    researchers_stock: Floats
    vacancies: Floats
    talent_in: Floats
    talent_out: Floats
    stories: Floats
    adoptions: Floats
    entries: Floats
    exits: Floats
    relocations_in: Floats
    relocations_out: Floats
    certificate_eligible: Floats
    certifications: Floats
    hitech_enterprises_recognised_in_year: Floats
    certificates_lost: Floats
    relabelled_rd: Floats
    rd_grants: Floats
    rd_grants_programme: Floats
    rd_grants_leaked: Floats
    profit_tax: Floats
    # not recorded as they are
    certified_firms: Floats
    rd_firms: Floats
    science_money: Floats
    research_results: Floats
    value_added_secondary: Floats
    sales: Floats
    innovative_sales: Floats
    new_value_hitech: Floats
    inventions_of_firms: Floats
    inventions_of_universities: Floats
    inventions_of_institutes: Floats


@dataclass(slots=True)
class RegionCounts:
    """Numbers of the whole region."""

    talent_cross_province: float = 0.0
    talent_net_outside: float = 0.0
    innovative_sales_share: float = 0.0
    """Sales share of firms' recent adoptions and launches, x."""
    generations_founded: float = 0.0
    generations_founded_outside: float = 0.0
    foundings_missed: float = 0.0


@dataclass(slots=True)
class LinkCounts(Counts):
    """Links from place to place, (2, C + 1, C + 1) each, at scale 1.

    Realised, then expected; the rest of the nation is the last place. ``supply`` follows from the
    market and is filled in by the recorder.
    """

    co_invention: Floats = field(metadata={"channel": "co-invention"})
    contract: Floats = field(metadata={"channel": "contract"})
    patent_transfer: Floats = field(metadata={"channel": "patent transfer"})
    co_publication: Floats = field(metadata={"channel": "co-publication"})
    shared_facility: Floats = field(metadata={"channel": "shared facility"})
    supply: Floats = field(metadata={"channel": "supply"})
    university_licence: Floats = field(metadata={"channel": "university licence"})
    """Projects that universities began and handed over, granted or not."""
    knowledge: Floats = field(metadata={"channel": "knowledge"})
    """Ideas of the first place, by where what is known within its reach was found out."""
    talent: Floats = field(metadata={"channel": "talent"})
    """Researchers who move; all are at full number, so that what is expected is what happens."""
    graduate: Floats = field(metadata={"channel": "graduate"})
    """Graduates by city of study and of their first job."""


LINKS: Final[tuple[str, ...]] = tuple(f.metadata["channel"] for f in fields(LinkCounts))
"""Channels by which cities are linked, as tables name them."""


@dataclass(slots=True)
class ContractCounts(Counts):
    """Technology contracts, (P + 1, P + 1) each, by seller and buyer, at scale 1.

    The rest of the nation is the last place; values are in 100m_rmb.
    """

    number: Floats
    value: Floats
    value_from_science: Floats
    value_handed_over: Floats


@dataclass(slots=True)
class ContractPairCounts(Counts):
    """Technology contracts, (C + 1, C + 1) each, by place of seller and buyer, at scale 1.

    The rest of the nation is the last place; values are in 100m_rmb. ``value_market`` is the part
    of the value that the contract market holds.
    """

    number: Floats
    value: Floats
    value_market: Floats


@dataclass(slots=True)
class FunnelCounts(Counts):
    """Projects, (5, 3, 2) each, by stage, kind of the first owner, and partnership, at scale 1.

    Flows of the quarter and, for ``live`` and ``waiting``, what is left at its end; shelved
    inventions and launches are among the completed stages. ``effort`` sums researcher-quarters
    spent in completed stages, ``waited`` quarters waited by projects that leave a stage.
    """

    completed: Floats
    failed: Floats
    died_waiting: Floats
    shelved: Floats
    owner_left: Floats
    sold_outside: Floats
    live: Floats
    waiting: Floats
    effort: Floats
    waited: Floats


class Tally:
    """Counts and sums of the quarter; zero at its start.

    ``n_cities`` and ``n_provinces``: C and P.
    """

    __slots__ = ("_shape", "city", "contract_pairs", "contracts", "funnel", "links", "region")

    def __init__(self, n_cities: int, n_provinces: int) -> None:
        self._shape = n_cities, n_provinces
        self.clear()

    def clear(self) -> None:
        """Forget the last quarter."""
        n_cities, n_provinces = self._shape
        self.city = CityCounts.zeros(n_cities)
        self.region = RegionCounts()
        self.links = LinkCounts.zeros(2, n_cities + 1, n_cities + 1)
        self.contracts = ContractCounts.zeros(n_provinces + 1, n_provinces + 1)
        self.contract_pairs = ContractPairCounts.zeros(n_cities + 1, n_cities + 1)
        self.funnel = FunnelCounts.zeros(len(STAGES), N_KINDS, 2)


def add_pairs(counts: Floats, a: Ints, b: Ints, weight: Floats | float) -> None:
    """Add pairs of places to ``counts`` (n, n), from ``a`` to ``b``, in place."""
    counts += cross_sums(a, b, weight, counts.shape)


class Funnel:
    """The projects of a quarter by stage, kind of the first owner, and partnership."""

    def __init__(self, projects: Projects, scale: float) -> None:
        partnered = projects.shared | projects.handed_over
        group = projects.stage * N_KINDS + projects.origin
        self._group: Ints = 2 * group + partnered
        self._scale = scale

    def add(self, counts: Floats, mask: Bools, amount: Floats | None = None) -> None:
        """Add the number, or an amount, of projects in ``mask`` to ``counts``, at scale 1."""
        group = self._group[mask]
        weight = np.ones(len(group)) if amount is None else amount[mask]
        counts += sums(group, weight, counts.size).reshape(counts.shape) / self._scale
