"""A policy of the tests: shortens trips, recognises titles and opens facilities."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from ydsim.policies.base import Contribution, Places, Policy
from ydsim.policies.environment import PolicyEnvironment


class Ways(Policy):
    title: ClassVar[str] = "Faster trips, recognised titles, open facilities"
    writes: ClassVar[tuple[str, ...]] = (
        "travel_hours",
        "outside_hours",
        "recognition",
        "facility_open",
    )

    faster: float = 0.5
    share: float = 1.0

    def contributions(
        self, year: float, baseline: PolicyEnvironment, places: Places
    ) -> Iterator[Contribution]:
        for name in ("travel_hours", "outside_hours"):
            yield Contribution(name, self.faster * getattr(baseline, name))
        for name in ("recognition", "facility_open"):
            yield Contribution(name, self.share)
