"""Open bids for what firms need."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from ydsim.parameter import param
from ydsim.policies.base import Contribution, Places, Policy
from ydsim.policies.environment import PolicyEnvironment
from ydsim.policies.registry import register


@register("open_bids")
class OpenBids(Policy):
    """A part of every joint fund is given by open bid to the best projects that firms need.

    Mechanism
        The part ``share`` of the budget of each joint fund goes to eligible projects that a firm
        leads and that are in pilot or industrialisation, or for whose stage the firm lacks the
        capability: the topics are needs of firms. Projects of one topic race in parallel. The
        best project, by quality, is paid for all work that it can use, then the next, until the
        money is used. The rest of the budget is paid evenly, as without bids. Where no joint
        fund is in force nothing happens.
    Evidence
        Open bids on topics set by firms (*jiebang guashuai*) and parallel races: three-year plan
        of 2024, Decision of the four people's congresses of 2025. No effect size is published.
        Concentrated project grants do better than inclusive ones in one structural estimate
        (preprint).
    """

    title: ClassVar[str] = "Open bids for joint projects"
    writes: ClassVar[tuple[str, ...]] = ("bid_share",)
    target_keys: ClassVar[tuple[str, ...]] = ()

    share: float = param(0.5, "part of every joint fund given by bid", unit="1", bounds=(0.0, 1.0))

    def contributions(
        self, year: float, baseline: PolicyEnvironment, places: Places
    ) -> Iterator[Contribution]:
        """Set the part of joint funds that is given by bid."""
        yield Contribution("bid_share", self.share)
