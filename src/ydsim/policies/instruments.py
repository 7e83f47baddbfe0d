"""Sharing of research instruments across provinces."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

import numpy as np

from ydsim.parameter import param
from ydsim.policies.base import Contribution, Places, Policy
from ydsim.policies.environment import PolicyEnvironment
from ydsim.policies.registry import register
from ydsim.policies.schemes import FacilityAccess, Scheme


@register("instrument_sharing")
class InstrumentSharing(Policy):
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

    title: ClassVar[str] = "Sharing of research instruments"
    writes: ClassVar[tuple[str, ...]] = ("facility_open", "facility_price")

    open: float = param(
        1.0,
        "share of facilities that is open across province borders",
        unit="1",
        bounds=(0.0, 1.0),
    )
    access_cut: float = param(
        0.3, "share of the cost of use that users save", unit="1", bounds=(0.0, 0.6)
    )
    elasticity: float = param(1.0, "elasticity of use to its cost", unit="1", bounds=(0.0, 3.0))
    fee: float = param(
        0.0005,
        "full cost of a quarter of use",
        unit="100m_rmb/quarter",
        bounds=(0.0, 0.1),
    )

    def contributions(
        self, year: float, baseline: PolicyEnvironment, places: Places
    ) -> Iterator[Contribution]:
        """Open the facilities of targeted provinces and cut the cost of users in targeted cities.

        Of a province that is targeted in part that share of its facilities opens.
        """
        cross = 1.0 - np.eye(len(places.provinces))
        opening = cross * self.target.province_mask(places)[None, :]
        yield Contribution("facility_open", self.open, opening)
        factor = (1.0 - self.access_cut) ** self.elasticity
        where = self.target.city_mask(places)
        yield Contribution("facility_price", baseline.facility_price * factor, where)

    def schemes(self, year: float, places: Places) -> Iterator[Scheme]:
        """Yield what users save, beside what running the platform costs."""
        yield from super().schemes(year, places)
        saved = self.fee * self.access_cut
        if saved > 0.0:
            yield FacilityAccess(saved=saved, where=self.target.city_mask(places))
