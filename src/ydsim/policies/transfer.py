"""Industry moves inland, and research of the hinterland in the core."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar

import numpy as np
from pydantic import Field

from ydsim.parameter import param
from ydsim.policies.base import Contribution, Places, Policy, Target
from ydsim.policies.environment import PolicyEnvironment
from ydsim.policies.registry import register
from ydsim.typing import Floats


@register("industrial_transfer")
class IndustrialTransfer(Policy):
    """A zone takes in firms of richer provinces; enclaves keep research of its firms in a core.

    Mechanism
        Firms of the provinces ``origins`` move to each other province with targeted cities at the
        extra hazard ``hazard`` a year, whether they would be better off there or not. The targeted
        cities of a province share them by size and travel time. Firms take everything along, as
        in other moves; nothing is paid for it but ``cost``.
        ``enclaves`` are places in the city ``core`` where firms of targeted cities do their
        research. The share e = min(1, ``enclaves`` x ``firms_per_enclave`` / firms of the targeted
        cities in 2011) of what firms of such a city learn by spillover is from the core city, the
        rest from their own: gain = (1 - e) gain at home + e gain in the core. Nothing else of a
        firm is in the core.
    Evidence
        The first national zone of the kind was planned for cities along the Yangtze in Anhui in
        January 2010. In 28 cities with such zones real GDP grew by 11.1 % a year in 2010-15,
        against 9.6 % in 285 cities (qks.shufe.edu.cn j00001, 2019-03; descriptive). Of
        investment from other provinces into Anhui in January to August 2020 52.1 % came from
        Shanghai, Jiangsu and Zhejiang. Enclaves with research in Shanghai and production in the
        hinterland exist since 2019 (Jiashan, Xuancheng); neither the rate at which firms moved nor
        an effect of enclaves is published, so all values are assumed.
    """

    title: ClassVar[str] = "Transfer of industry and research enclaves"
    writes: ClassVar[tuple[str, ...]] = ("transfer", "enclave")
    names: ClassVar[Mapping[str, str]] = {"origins": "provinces", "core": "cities"}

    target: Target = Field(
        default_factory=lambda: Target(provinces=("Anhui",)),
        description="whom it is for: cities that take in firms",
    )
    hazard: float = param(
        0.015,
        "extra hazard at which firms of the origins move to a targeted province",
        unit="1/year",
        bounds=(0.0, 0.03),
    )
    origins: tuple[str, ...] = param(
        ("Shanghai", "Jiangsu", "Zhejiang"),
        "provinces that firms leave",
        unit="-",
    )
    enclaves: float = param(
        0.0,
        "enclaves of the targeted cities in the core city",
        unit="enclaves",
        bounds=(0.0, 100.0),
    )
    firms_per_enclave: float = param(
        30.0,
        "firms that do their research in one enclave",
        unit="firms",
        bounds=(0.0, 1000.0),
    )
    core: str = param("Shanghai", "city in which the enclaves lie", unit="-")

    def contributions(
        self, year: float, baseline: PolicyEnvironment, places: Places
    ) -> Iterator[Contribution]:
        """Add the hazard from origins to targeted cities, and research kept in the core."""
        extra = self._hazard(places)
        yield Contribution("transfer", baseline.transfer + extra)
        share = self._share(places)
        yield Contribution("enclave", baseline.enclave + share)

    def _hazard(self, places: Places) -> Floats:
        """Return shape (P, C): the cities of a targeted province sum to the hazard."""
        mask, province = self.target.city_mask(places), places.city_province
        number = np.bincount(province, weights=mask, minlength=len(places.provinces))[province]
        part = np.divide(mask, number, out=np.zeros_like(mask), where=number > 0.0)
        origin = np.array([name in self.origins for name in places.provinces], dtype=np.float64)
        other = np.arange(len(places.provinces))[:, None] != province[None, :]
        hazard: Floats = self.hazard * origin[:, None] * part[None, :] * other
        return hazard

    def _share(self, places: Places) -> Floats:
        """Return shape (C, C): research of targeted cities in the core, none of its own."""
        mask = self.target.city_mask(places)
        mask *= np.array([city != self.core for city in places.cities])
        firms = float((mask * places.firms).sum())
        asked = self.enclaves * self.firms_per_enclave
        share = min(1.0, asked / firms) if firms > 0.0 else 0.0
        core = np.array([city == self.core for city in places.cities], dtype=np.float64)
        return share * mask[:, None] * core[None, :]
