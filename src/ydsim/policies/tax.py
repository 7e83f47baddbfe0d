"""Tax relief on firms' R&D."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from ydsim.measures.user_cost import b_index
from ydsim.parameter import param
from ydsim.policies.base import Contribution, Places, Policy
from ydsim.policies.environment import PolicyEnvironment
from ydsim.policies.registry import register


@register("super_deduction")
class SuperDeduction(Policy):
    """Super-deduction: firms may deduct more from taxable profit than their R&D cost.

    Mechanism
        With the profit tax tau and a deduction of 1 + d yuan for each yuan of R&D the user cost
        is B(d) = (1 - tau (1 + d)) / (1 - tau); relative to the deduction in force before,

            user cost = B(deduction) / B(before)

        In the long run reported R&D moves by cost^(-e), e the elasticity of the invest rule;
        the share ``relabelled`` of that response is other spending under a new name, from the
        quarter of the relief on, and only the rest is R&D, which follows slowly. Firms get
        tau (deduction - before) back for each yuan of R&D reported in the quarter before, at most
        the tax they pay; central, provincial and municipal governments forgo it in the
        proportions in which they share the tax. One rate tau for all firms (assumed): the
        certified, who pay less, answer to the same user cost.
    Evidence
        Studies of the deduction of 50 % find elasticities of reported R&D of 1.58 in 2013 and
        2.05 in 2016, larger for manufacturing and small firms; around the tax cut for
        high-technology enterprises .34-.50 in an early version of Chen, Liu, Suarez Serrato and
        Xu (2018), who find that 30 % of the rise is relabelling (2021). The deduction was 50 %
        from 2008, 75 % later and 100 % now; the dates differ by kind of firm. Nothing is
        published about how fast relabelling comes.
    """

    title: ClassVar[str] = "Super-deduction of R&D"
    writes: ClassVar[tuple[str, ...]] = ("user_cost", "tax_relief", "relabelled")

    deduction: float = param(
        1.0,
        "deduction from taxable profit beyond cost, per yuan of R&D, d",
        unit="1",
        mark="data",
        source="national rates so far: .5, .75 and 1",
        bounds=(0.0, 1.5),
    )
    before: float = param(
        0.5,
        "the same as in force in the first year, which the model's start holds already",
        unit="1",
        mark="data",
        source="enterprise income tax law, in force from 2008",
        bounds=(0.0, 1.5),
    )
    tax_rate: float = param(
        0.25,
        "profit tax tau at which firms value the deduction",
        unit="1",
        mark="data",
        source="general rate of the enterprise income tax law of 2008; one for all is assumed",
        bounds=(0.0, 0.35),
    )
    relabelled: float = param(
        0.3,
        "share of the response of reported R&D that is relabelled spending",
        unit="1",
        mark="prior",
        source="Chen, Liu, Suarez Serrato and Xu 2021 (doi 10.1257/aer.20191758)",
        bounds=(0.0, 0.6),
    )

    def contributions(
        self, year: float, baseline: PolicyEnvironment, places: Places
    ) -> Iterator[Contribution]:
        """Lower the user cost, add the relief, and set how much of the response is on paper."""
        mask = self.target.city_mask(places)
        cost = b_index(self.tax_rate, self.deduction) / b_index(self.tax_rate, self.before)
        relief = self.tax_rate * (self.deduction - self.before)
        yield Contribution("user_cost", baseline.user_cost * cost, mask)
        yield Contribution("tax_relief", baseline.tax_relief + relief, mask)
        yield Contribution("relabelled", self.relabelled, mask)
