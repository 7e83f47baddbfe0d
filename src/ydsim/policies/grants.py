"""Programmes that pay grants on firms' R&D (lever L09)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from ydsim.parameter import param
from ydsim.policies.base import PLACE_AIMS, Contribution, Places, Policy
from ydsim.policies.environment import PolicyEnvironment
from ydsim.policies.registry import register


@register("rd_grants")
class RdGrants(Policy):
    """A grant programme: provinces pay firms a share of their own R&D.

    Mechanism
        Firms of the targeted sizes in the targeted cities receive ``rate`` times their own R&D of
        the quarter before, paid by the provincial government; the share ``leakage`` is not spent
        on R&D. What is left raises desired R&D through the additionality of the invest rule.
    Evidence
        Additionality of Chinese grants ranges from -0.5 to +4.5 per unit; 30-53 % of the money
        was misused in 2001-11 (Boeing 2016, Boeing and Peters 2021).
    """

    title: ClassVar[str] = "R&D grants to firms"
    writes: ClassVar[tuple[str, ...]] = ("grant_rate", "programme_leak")
    aims: ClassVar[tuple[str, ...]] = (*PLACE_AIMS, "sizes")

    rate: float = param(0.05, "grant per yuan of own R&D", unit="1", mark="assumed", ge=0.0, le=0.3)
    leakage: float = param(
        0.3,
        "share of the grant that is not spent on R&D",
        unit="1",
        mark="prior",
        source="Boeing 2016; Boeing and Peters 2021: 30-53 %",
        ge=0.0,
        le=0.53,
    )

    def contributions(
        self, year: float, baseline: PolicyEnvironment, places: Places
    ) -> Iterator[Contribution]:
        """Add the programme's grants and what leaks of them in the targeted cities."""
        mask = self.target.city_mask(places)[:, None] * self.target.size_mask()
        yield Contribution("grant_rate", baseline.grant_rate + self.rate, mask)
        leaked = baseline.programme_leak + self.rate * self.leakage
        yield Contribution("programme_leak", leaked, mask)
