"""A policy of the tests: moves the user cost of R&D, which no shipped policy does yet."""

from typing import ClassVar

from ydsim.policies.base import Contribution, Policy


class UserCost(Policy):
    title: ClassVar[str] = "User cost of R&D"
    writes: ClassVar[tuple[str, ...]] = ("user_cost",)

    cost: float = 0.5

    def contributions(self, year, baseline, places):
        yield Contribution("user_cost", self.cost, self.target.city_mask(places))
