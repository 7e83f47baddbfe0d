"""Intermediaries between those who seek partners and those they seek."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from pydantic import model_validator

from ydsim.parameter import param
from ydsim.policies.base import Contribution, Places, Policy
from ydsim.policies.budget import amount_instead, one_budget
from ydsim.policies.environment import PolicyEnvironment
from ydsim.policies.registry import register
from ydsim.policies.schemes import BrokerOffices, Scheme


@register("intermediaries")
class Intermediaries(Policy):
    """More intermediaries with a longer reach: transfer agencies, exchanges, platforms.

    Mechanism
        A targeted city with n firms at the start of the run has ``floor(n per_1000_firms / 1000 +
        1/2)`` brokers, which bring together organisations within ``reach_km`` and serve contracts
        up to ``largest_deal``. A candidate whom a broker brings costs the seeker
        ``taste ln(uplift)`` less, which multiplies the odds that it proposes to this one and not
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

    title: ClassVar[str] = "Intermediaries"
    writes: ClassVar[tuple[str, ...]] = (
        "broker_density",
        "broker_reach",
        "broker_uplift",
        "broker_cap",
    )

    per_1000_firms: float | None = param(
        2.0,
        "brokers per 1,000 firms of a city; null with `amount`",
        unit="brokers",
        bounds=(0.0, 10.0),
    )
    amount: float | None = amount_instead("per_1000_firms")
    reach_km: float = param(300.0, "reach of a broker", unit="km", bounds=(0.0, 1000.0))
    uplift: float = param(
        1.5,
        "factor on the odds of a match that a broker proposes",
        unit="1",
        bounds=(1.0, 2.0),
    )
    largest_deal: float = param(
        0.5,
        "value of the largest contract that brokers serve",
        unit="100m_rmb",
        bounds=(0.0, 10.0),
    )
    broker_cost: float = param(
        0.01,
        "public cost of each broker that the policy adds",
        unit="100m_rmb/year",
        bounds=(0.0, 1.0),
    )

    @model_validator(mode="after")
    def _one_budget(self) -> Intermediaries:
        one_budget(self, "per_1000_firms")
        if self.amount is not None and self.broker_cost == 0.0:
            raise ValueError("amount needs a `broker_cost` above 0")
        return self

    def written(self) -> tuple[str, ...]:
        """Return all fields, or those but the density where an amount decides the number."""
        return self.writes if self.amount is None else self.writes[1:]

    def contributions(
        self, year: float, baseline: PolicyEnvironment, places: Places
    ) -> Iterator[Contribution]:
        """Set number, reach, uplift and cap of the brokers of the targeted cities."""
        where = self.target.city_mask(places)
        if self.per_1000_firms is not None:
            yield Contribution("broker_density", self.per_1000_firms, where)
        yield Contribution("broker_reach", self.reach_km, where)
        yield Contribution("broker_uplift", self.uplift, where)
        yield Contribution("broker_cap", self.largest_deal, where)

    def schemes(self, year: float, places: Places) -> Iterator[Scheme]:
        """Yield the offices of the brokers that are added, beside what running it costs."""
        yield from super().schemes(year, places)
        if self.broker_cost > 0.0:
            yield BrokerOffices(
                yearly=self.broker_cost,
                density=self.per_1000_firms or 0.0,
                amount=self.amount,
                where=self.target.city_mask(places),
            )
