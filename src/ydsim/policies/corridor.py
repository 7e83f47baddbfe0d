"""Corridors of science and technology."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from pydantic import Field

from ydsim.parameter import param
from ydsim.policies.base import Contribution, Places, Policy, Target
from ydsim.policies.environment import PolicyEnvironment
from ydsim.policies.registry import register


@register("corridor")
class Corridor(Policy):
    """A corridor: its cities turn to each other for partners, and find them at less cost.

    Mechanism
        Between two different targeted cities the odds of each candidate are ``tie_factor`` times
        what they were: in search by distance and by brokers the pull of the other city,

            P(place d) proportional to mass_d exp(-t_cd / t_0) pass_cd tie_factor_cd

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

    title: ClassVar[str] = "Corridor of science and technology"
    writes: ClassVar[tuple[str, ...]] = ("tie_factor", "search_cut")

    target: Target = Field(
        default_factory=lambda: Target(corridor="g60"), description="cities of the corridor"
    )
    tie_factor: float = param(
        1.5,
        "factor on the odds of a tie between two cities of the corridor",
        unit="1",
        bounds=(1.0, 2.5),
    )
    search_cut: float = param(
        0.1,
        "share of the search cost between two cities of the corridor that is saved",
        unit="1",
        bounds=(0.0, 0.3),
    )

    def contributions(
        self, year: float, baseline: PolicyEnvironment, places: Places
    ) -> Iterator[Contribution]:
        """Multiply the pull between two targeted cities, and save search cost between them."""
        pairs = self.target.pair_mask(places)
        yield Contribution("tie_factor", self.tie_factor * baseline.tie_factor, pairs)
        yield Contribution("search_cut", self.search_cut, pairs)
