"""Policies that move researchers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

import numpy as np

from ydsim.parameter import param
from ydsim.policies.base import Contribution, Places, Policy
from ydsim.policies.environment import PolicyEnvironment
from ydsim.policies.registry import register
from ydsim.policies.schemes import PoachingPremium, Scheme


@register("talent_mobility")
class TalentMobility(Policy):
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

    title: ClassVar[str] = "Mobility of researchers, recognition of titles, poaching"
    writes: ClassVar[tuple[str, ...]] = ("mobility", "recognition", "offer")

    mobility: float = param(
        0.03,
        "share of the researchers of the targeted cities who reconsider their place",
        unit="1/year",
        bounds=(0.0, 0.05),
    )
    recognised: float | None = param(
        None,
        "share of titles recognised to and from the targeted provinces; as without the policy "
        "when not given",
        unit="1",
        bounds=(0.0, 1.0),
    )
    premium: float = param(
        0.0,
        "premium of the targeted cities for researchers from elsewhere, over a yearly wage",
        unit="1",
        bounds=(0.0, 1.0),
    )

    def contributions(
        self, year: float, baseline: PolicyEnvironment, places: Places
    ) -> Iterator[Contribution]:
        """Set the rate and the offers of targeted cities, and what their provinces recognise."""
        cities, mask = self.target.city_mask(places), self.target.province_mask(places)
        yield Contribution("mobility", self.mobility, cities)
        known = baseline.recognition if self.recognised is None else self.recognised
        cross = 1.0 - np.eye(len(places.provinces))
        yield Contribution("recognition", known, cross * np.maximum(mask[:, None], mask[None, :]))
        yield Contribution("offer", baseline.offer * (1.0 + self.premium), cities)

    def schemes(self, year: float, places: Places) -> Iterator[Scheme]:
        """Yield the running cost and what the cities pay to those who come."""
        yield from super().schemes(year, places)
        if self.premium > 0.0:
            where = self.target.city_mask(places)
            yield PoachingPremium(premium=self.premium, where=where)
