"""Comprehensive science centres."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

import numpy as np
from pydantic import Field

from ydsim.parameter import param
from ydsim.policies.base import Contribution, Places, Policy, Target
from ydsim.policies.environment import PolicyEnvironment
from ydsim.policies.registry import register
from ydsim.policies.schemes import Payer


@register("science_centres")
class ScienceCentres(Policy):
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

    title: ClassVar[str] = "Science centres"
    writes: ClassVar[tuple[str, ...]] = ("science_productivity", "facility_open")

    target: Target = Field(
        default=Target(cities=("Shanghai", "Hefei")), description="where the centres are"
    )
    cost: float = param(
        20.0,
        "what running the centres costs at full strength",
        unit="100m_rmb/year",
        bounds=(0.0, 1e5),
    )
    payer: Payer = param("central", "whose budget pays `cost`", unit="-")
    productivity: float = param(
        1.2,
        "factor on ideas and progress in applied research of universities and institutes",
        unit="1",
        bounds=(1.0, 1.5),
    )
    open_access: float | None = param(
        None,
        "share of facilities of the centres' provinces that is open across borders; as without "
        "the policy when not given",
        unit="1",
        bounds=(0.0, 1.0),
    )

    def written(self) -> tuple[str, ...]:
        """Return productivity alone without open access."""
        return self.writes if self.open_access is not None else self.writes[:1]

    def contributions(
        self, year: float, baseline: PolicyEnvironment, places: Places
    ) -> Iterator[Contribution]:
        """Raise productivity in the targeted cities; open the facilities of their provinces."""
        productive = baseline.science_productivity * self.productivity
        yield Contribution("science_productivity", productive, self.target.city_mask(places))
        if self.open_access is not None:
            cross = 1.0 - np.eye(len(places.provinces))
            opening = cross * (self.target.province_mask(places) > 0.0)[None, :]
            yield Contribution("facility_open", self.open_access, opening)
