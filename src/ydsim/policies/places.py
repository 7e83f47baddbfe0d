"""Places of science and industry, and the ways between them.

Centres, instruments, researchers and firms that move; corridors, faster travel, intermediaries and
media.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar

import numpy as np
from pydantic import Field, model_validator

from ydsim.parameter import IN_TABLE
from ydsim.policies.base import (
    Budgeted,
    Contribution,
    Moves,
    Places,
    Policy,
    Target,
    amount_instead,
)
from ydsim.policies.environment import (
    BrokerOffices,
    FacilityAccess,
    Payer,
    PoachingPremium,
    PolicyEnvironment,
    Scheme,
)
from ydsim.translation import gettext as _t
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
        cities in 2011) of what is known within reach of firms of such a city is what is within
        reach in the core, the rest what is at home: (1 - e) known at home + e known in the core.
        Nothing else of a firm is in the core.
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


# -- ways to partners and news ---------------------------------------------------------------------


class Corridor(Policy, name="corridor"):
    """A corridor: its cities turn to each other for partners, and find them at less cost.

    Mechanism
        Between two different targeted cities the odds of each candidate are ``tie_factor`` times
        what they were: in search by distance and by brokers the pull of the other city,

            P(place d) proportional to mass_d (f + (1 - f) exp(-t_cd / t_0)) pass_cd tie_factor_cd

        and among partners known before the odds of a proposal. Searching for a candidate there
        costs ``1 - search_cut`` of the usual. The number of candidates stays the same, so that
        other cities lose what the corridor wins. The default target are the nine cities of the
        G60 corridor; Songjiang, its first, is a district of Shanghai, which takes its place.
    Evidence
        Differences in differences find innovation of listed firms and patent trade between
        members up; a spatial model for 2005-21 finds more new firms inside and a gain of
        neighbours. No coefficient is published, so the factor and the cut are assumed. Begun in
        2016, nine cities by November 2018, a construction plan of six ministries in April 2021.
    """

    title = "Corridor of science and technology"
    writes = ("tie_factor", "search_cut")

    target: Target = Field(
        default_factory=lambda: Target(corridor="g60"), description="cities of the corridor"
    )
    tie_factor: float = IN_TABLE
    search_cut: float = IN_TABLE

    def _moves(self, year: float, places: Places) -> Moves:
        pairs = self.target.pair_mask(places)
        return {"tie_factor": (self.tie_factor, pairs), "search_cut": (self.search_cut, pairs)}


class TravelTime(Policy, name="travel_time"):
    """Faster lines, as high-speed rail, between cities that are not too far apart.

    Mechanism
        Between two different targeted cities at most ``radius_km`` apart the ride takes ``scale``
        times as long; the way to the stations, a, stays:

            t_cd = a + scale (t'_cd - a),   a = the hours inside a city

        Everything that reads hours of travel follows: search of partners, partners known before,
        shared facilities, knowledge within reach, exposure to adopters, moves of researchers and
        firms, stories of media.
        Seekers see as many candidates as before, so that ties beyond the radius and inside cities
        fall. With a radius beyond all distances near pairs of cities gain more ties, far pairs
        more in proportion to what they had.
        ``siphon`` makes a city the more attractive to researchers the more of them it has, in the
        whole region whatever the target.
    Evidence
        Joint patents of city pairs in 2005-18 rise in number, quality and partners, most within
        250 km, then fading (Regional Studies 56(11), 2022); citations decay more slowly with
        distance. Core cities gain 1.4 % of productivity and the fringe loses 8.5 % (Journal of
        Advanced Transportation 2019, 1279489); weak cities lose innovation to others (Systems
        11(1), 2023). No elasticity of ties to hours is published for the Yangtze River Delta, and
        none of the siphon: scale, radius and siphon are assumed or read off these.
    """

    title = "Faster travel"
    writes = ("travel_hours", "core_pull")

    scale: float = IN_TABLE
    radius_km: float = IN_TABLE
    siphon: float = IN_TABLE

    def contributions(
        self, year: float, baseline: PolicyEnvironment, places: Places
    ) -> Iterator[Contribution]:
        """Shorten rides between targeted cities within the radius; let stocks draw researchers."""
        hours = baseline.travel_hours
        inside = np.diag(hours)
        access = (inside[:, None] + inside[None, :]) / 2.0
        near = self.target.pair_mask(places) * (places.distance_km <= self.radius_km)
        yield Contribution("travel_hours", access + self.scale * (hours - access), near)
        yield Contribution("core_pull", baseline.core_pull + self.siphon)


class Intermediaries(Budgeted, name="intermediaries"):
    """More intermediaries with a longer reach: transfer agencies, exchanges, platforms.

    Mechanism
        A targeted city with n firms at the start of the run has ``floor(n per_1000_firms / 1000 +
        1/2)`` brokers, which bring together organisations within ``reach_km`` and serve contracts
        up to ``largest_deal``. A candidate whom a broker brings costs the seeker
        ``ln(uplift)`` less, which multiplies the odds that it proposes to this one and not
        to any other by ``uplift``; what either side thinks of the other is as before. Provinces
        pay ``broker_cost`` for each broker that the policy adds in their cities. Where ``amount``
        is given, as many whole brokers are added as it pays for, never more, in proportion to the
        firms of the targeted cities by largest remainders. Overlapping offices of two policies do
        not add up: a city has the brokers of the policy that would add most there, of which each
        pays a part, so that some of their amounts is left over.
    Evidence
        Deals on online platforms are mostly below 0.5 million yuan: brokers serve the low end of
        the market. A transfer office raises the licences of a Chinese university, and licensing
        is local. No effect size of brokers is published; density, uplift and cost are assumed.
    """

    title = "Intermediaries"
    rate_key = "per_1000_firms"
    writes = ("broker_density", "broker_reach", "broker_uplift", "broker_cap")

    per_1000_firms: float | None = IN_TABLE
    amount: float | None = amount_instead("per_1000_firms")
    reach_km: float = IN_TABLE
    uplift: float = IN_TABLE
    largest_deal: float = IN_TABLE
    broker_cost: float = IN_TABLE

    @model_validator(mode="after")
    def _paid(self) -> Intermediaries:
        if self.amount is not None and self.broker_cost == 0.0:
            raise ValueError(_t("amount needs a `broker_cost` above 0"))
        return self

    def _moves(self, year: float, places: Places) -> Moves:
        where = self.target.city_mask(places)
        moves: Moves = {
            "broker_reach": (self.reach_km, where),
            "broker_uplift": (self.uplift, where),
            "broker_cap": (self.largest_deal, where),
        }
        if self.per_1000_firms is not None:
            moves["broker_density"] = self.per_1000_firms, where
        return moves

    def _pays(self, places: Places) -> Iterator[Scheme]:
        if self.broker_cost > 0.0:
            yield BrokerOffices(
                yearly=self.broker_cost,
                density=self.per_1000_firms or 0.0,
                amount=self.amount,
                where=self.target.city_mask(places),
            )


class MediaCoverage(Policy, name="media_coverage"):
    """More coverage: media report on adopters anywhere, and print more.

    Mechanism
        ``broadcast`` adds ``gain broadcast F / 4`` to the quarterly hazard that firms of a targeted
        city adopt a generation, F the share of its firms in the whole region that have adopted:
        an influence beyond the own city, its surroundings and partners. Outlets print
        ``stories`` times as many stories, rounded; an outlet whose audience is targeted in part
        prints in proportion.
    Evidence
        Of listed Chinese firms in 2010-18, those with more coverage innovate more where it is
        not negative; another study of print media finds less innovation spending, as coverage
        presses for results; in polluting firms green inventions rise and utility models do not.
        As the sign is contested, coverage moves no R&D by itself. No rate of ``broadcast`` is
        published; it is assumed.
    """

    title = "Media coverage"
    writes = ("broadcast", "stories")

    broadcast: float = IN_TABLE
    stories: float = IN_TABLE

    def _moves(self, year: float, places: Places) -> Moves:
        where = self.target.city_mask(places)
        return {"broadcast": (self.broadcast, where), "stories": (self.stories, where)}
