"""Places of science and industry: centres, instruments, researchers and firms that move."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar

import numpy as np
from pydantic import Field

from ydsim.parameter import IN_TABLE
from ydsim.policies.base import Moves, Places, Policy, Target
from ydsim.policies.schemes import FacilityAccess, Payer, PoachingPremium, Scheme
from ydsim.typing import Floats


class ScienceCentres(Policy, name="science_centres"):
    """Comprehensive science centres: basic research of a few cities becomes more productive.

    Mechanism
        With the same effort universities and institutes of the targeted cities have
        ``productivity`` times the ideas, and their projects in applied research progress by that
        factor; without the latter more ideas would only crowd each other out, as all their time is
        used. With ``open_access`` that share of the facilities of the centres' provinces admits
        users of other provinces. Firms and partners answer by their own rules. The centres are in
        Shanghai and Hefei unless `target` names other places.
    Evidence
        Zhangjiang and, since 2017, Hefei are national science centres. Across 31 provinces in
        2010-22 centres raised the capacity of regional science and had little effect on the
        cooperation of universities with firms and on technology transfer: what is found there
        does not reach firms by itself. No effect size for the two centres is published;
        productivity and cost are assumed.
    """

    title = "Science centres"
    writes = ("science_productivity", "facility_open")

    target: Target = Field(
        default=Target(cities=("Shanghai", "Hefei")), description="where the centres are"
    )
    cost: float = IN_TABLE
    payer: Payer = IN_TABLE
    productivity: float = IN_TABLE
    open_access: float | None = IN_TABLE

    def _moves(self, year: float, places: Places) -> Moves:
        where = self.target.city_mask(places)
        moves: Moves = {"science_productivity": (self.productivity, where)}
        if self.open_access is not None:
            moves["facility_open"] = self.open_access, np.ceil(self.target.access_mask(places))
        return moves


class InstrumentSharing(Policy, name="instrument_sharing"):
    """A platform for research instruments: open across province borders, and cheaper to use.

    Mechanism
        The share ``open`` of the facilities of targeted provinces admits users of other provinces.
        In targeted cities users pay ``1 - access_cut`` of the cost of use, and projects that ask
        for a facility rise by ``(1 - access_cut)^-elasticity``, up to all of them. What users save,
        ``fee * access_cut`` for each quarter of use that is granted, the provinces of the
        facilities pay.
    Evidence
        Sixteen cities of the delta agreed in 2004 to share large instruments; at the end of 2018
        the platform of the region listed 26,733 instruments worth more than 0.3 million yuan each
        and 23 large facilities. No effect size is published; all values are assumed.
    """

    title = "Sharing of research instruments"
    writes = ("facility_open", "facility_price")

    open: float = IN_TABLE
    access_cut: float = IN_TABLE
    elasticity: float = IN_TABLE
    fee: float = IN_TABLE

    def _moves(self, year: float, places: Places) -> Moves:
        price = (1.0 - self.access_cut) ** self.elasticity
        return {
            "facility_open": (self.open, self.target.access_mask(places)),
            "facility_price": (price, self.target.city_mask(places)),
        }

    def _pays(self, places: Places) -> Iterator[Scheme]:
        saved = self.fee * self.access_cut
        if saved > 0.0:
            yield FacilityAccess(saved=saved, where=self.target.city_mask(places))


class TalentMobility(Policy, name="talent_mobility"):
    """Cities let their researchers go more easily, recognise titles, or poach with a premium.

    Mechanism
        Researchers of the targeted cities reconsider their place at the rate ``mobility`` a year.
        Between two provinces of which at least one is targeted the share ``recognised`` of titles
        counts: it multiplies the weight of a destination across the border. The offers of the
        targeted cities to researchers from elsewhere, and not to their own, are multiplied by
        ``1 + premium``; each of these cities pays ``premium`` times its yearly wage, once, for
        every researcher who arrives. Researchers are conserved: what one city wins others lose.
        Graduates fill what movers leave behind, so that stocks shift far less than moves do.
    Evidence
        Talent policies of 277 Chinese cities, 2010-19, raise inventions at home and hold neighbours
        back; employment and start-up aid beats housing aid (Land 2022, 11(9): 1485). The sign is
        one of a siphon. No rate of mobility and no premium of the region is published; the values
        are assumed. The corridor of nine cities plans for at least 200,000 talents a year.
    """

    title = "Mobility of researchers, recognition of titles, poaching"
    writes = ("mobility", "recognition", "offer")

    mobility: float = IN_TABLE
    recognised: float | None = IN_TABLE
    premium: float = IN_TABLE

    def _moves(self, year: float, places: Places) -> Moves:
        where = self.target.city_mask(places)
        moves: Moves = {"mobility": (self.mobility, where), "offer": (1.0 + self.premium, where)}
        if self.recognised is not None:
            moves["recognition"] = self.recognised, self.target.border_mask(places)
        return moves

    def _pays(self, places: Places) -> Iterator[Scheme]:
        if self.premium > 0.0:
            where = self.target.city_mask(places)
            yield PoachingPremium(premium=self.premium, where=where)


class IndustrialTransfer(Policy, name="industrial_transfer"):
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

    title = "Transfer of industry and research enclaves"
    writes = ("transfer", "enclave")
    names: ClassVar[Mapping[str, str]] = {"origins": "provinces", "core": "cities"}

    target: Target = Field(
        default_factory=lambda: Target(provinces=("Anhui",)),
        description="whom it is for: cities that take in firms",
    )
    hazard: float = IN_TABLE
    origins: tuple[str, ...] = IN_TABLE
    enclaves: float = IN_TABLE
    firms_per_enclave: float = IN_TABLE
    core: str = IN_TABLE

    def _moves(self, year: float, places: Places) -> Moves:
        return {"transfer": (self._hazard(places), 1.0), "enclave": (self._share(places), 1.0)}

    def _hazard(self, places: Places) -> Floats:
        """Return shape (P, C): the cities of a targeted province sum to the hazard."""
        mask, province = self.target.city_mask(places), places.city_province
        number = np.bincount(province, weights=mask, minlength=len(places.provinces))[province]
        part = np.divide(mask, number, out=np.zeros_like(mask), where=number > 0.0)
        origin = np.array([name in self.origins for name in places.provinces], dtype=np.float64)
        other = np.arange(len(places.provinces))[:, None] != province[None, :]
        return self.hazard * origin[:, None] * part[None, :] * other

    def _share(self, places: Places) -> Floats:
        """Return shape (C, C): research of targeted cities in the core, none of its own."""
        mask = self.target.city_mask(places)
        mask *= np.array([city != self.core for city in places.cities])
        firms = float((mask * places.firms).sum())
        asked = self.enclaves * self.firms_per_enclave
        share = min(1.0, asked / firms) if firms > 0.0 else 0.0
        core = np.array([city == self.core for city in places.cities], dtype=np.float64)
        return share * mask[:, None] * core[None, :]
