"""A policy of the tests: moves the user cost of R&D, which no shipped policy does yet."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from ydsim.policies.base import Contribution, Places, Policy
from ydsim.policies.environment import PolicyEnvironment


class UserCost(Policy):
    title: ClassVar[str] = "User cost of R&D"
    writes: ClassVar[tuple[str, ...]] = ("user_cost",)

    cost: float = 0.5

    def contributions(
        self, year: float, baseline: PolicyEnvironment, places: Places
    ) -> Iterator[Contribution]:
        yield Contribution("user_cost", self.cost, self.target.city_mask(places))
