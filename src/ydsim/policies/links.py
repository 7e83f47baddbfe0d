"""Ways to partners and news: corridors, faster travel, intermediaries and media."""

from __future__ import annotations

from collections.abc import Iterator

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
from ydsim.policies.environment import PolicyEnvironment
from ydsim.policies.schemes import BrokerOffices, Scheme
from ydsim.translation import gettext as _t


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
