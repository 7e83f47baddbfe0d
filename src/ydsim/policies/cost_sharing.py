"""Costs and taxes that provinces share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

import numpy as np
from pydantic import model_validator

from ydsim.parameter import param
from ydsim.policies.base import Contribution, Places, Policy
from ydsim.policies.budget import amount_instead, one_budget
from ydsim.policies.environment import PolicyEnvironment
from ydsim.policies.odds import MOST_EASED, Factor
from ydsim.policies.registry import register
from ydsim.policies.schemes import CostSharing as Agreement
from ydsim.policies.schemes import Scheme


@register("cost_sharing")
class CostSharing(Policy):
    """Provinces share the cost of joint work and the tax on results that cross their border.

    Mechanism
        *Cost*: each province pays its members of projects that several provinces share the part
        ``cost_share`` of what their work on them costs in the quarter, or, where it is given,
        equal parts of a quarter of ``amount``, at most all of the cost. The money pays
        researchers for these projects, so that members have time for others.

        *Benefit*: of the provincial profit tax on the value of results that are handed over from
        province p to province q, base_pq = profit margin x value of hand-overs x profit tax x
        province's part, province q passes ``tax_share`` on to p. Because p then loses less by
        letting results go, the odds that a hand-over passes the border are multiplied by
        eased_hand_over_pq = 1 + (``hand_over`` - 1) x 2 ``tax_share``, all of it at even shares.

        An agreement of the targeted provinces, of all when none is named.
    Evidence
        Sharing of costs and benefits is named by the Integration Outline of 2019 and the
        Decision of 2025. No effect size is published; how governments respond is assumed.
    """

    title: ClassVar[str] = "Shared costs and taxes of joint projects"
    writes: ClassVar[tuple[str, ...]] = ("eased_hand_over",)
    target_keys: ClassVar[tuple[str, ...]] = ("provinces",)

    cost_share: float | None = param(
        0.2,
        "part of the cost of members' work that their province pays back; null with `amount`",
        unit="1",
        bounds=(0.0, 0.5),
    )
    amount: float | None = amount_instead("cost_share")
    tax_share: float = param(
        0.5,
        "part of the provincial profit tax on results handed over that goes to the seller's "
        "province",
        unit="1",
        bounds=(0.0, 0.5),
    )
    hand_over: Factor = param(
        1.5,
        "factor of even shares of the tax on the odds that a hand-over passes",
        unit="1",
        bounds=(1.0, MOST_EASED),
    )

    @model_validator(mode="after")
    def _one_budget(self) -> CostSharing:
        one_budget(self, "cost_share")
        return self

    def contributions(
        self, year: float, baseline: PolicyEnvironment, places: Places
    ) -> Iterator[Contribution]:
        """Ease hand-overs between two provinces that take part."""
        mask = self.target.province_mask(places)
        pairs = mask[:, None] * mask[None, :] * (1.0 - np.eye(len(mask)))
        factor = 1.0 + (self.hand_over - 1.0) * 2.0 * self.tax_share
        yield Contribution("eased_hand_over", factor, pairs)

    def schemes(self, year: float, places: Places) -> Iterator[Scheme]:
        """Yield the agreement."""
        yield from super().schemes(year, places)
        yield Agreement(
            provinces=self.target.province_mask(places),
            share=self.cost_share or 0.0,
            amount=self.amount,
            tax=self.tax_share,
        )
