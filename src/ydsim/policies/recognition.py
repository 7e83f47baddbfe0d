"""What provinces recognise of each other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

import numpy as np

from ydsim.parameter import param
from ydsim.policies.base import Contribution, Places, Policy
from ydsim.policies.environment import PolicyEnvironment
from ydsim.policies.odds import MOST_EASED, Factor
from ydsim.policies.registry import register


@register("mutual_recognition")
class MutualRecognition(Policy):
    """Provinces recognise titles, results, certificates and rules of each other.

    Mechanism
        Between two targeted provinces the share ``share`` is recognised. It multiplies the weight
        of a destination across their border in moves of researchers, and lowers the distance of
        institutions between partners, which enters the utility of a match as ``match.institution``
        times ``1 - share``. One market for technology with common rules multiplies the odds
        that a hand-over passes the border by ``hand_over``, on top of what membership does.
        A province that is targeted in part counts by the share of its cities.
    Evidence
        The 2025 Decision of the four people's congresses on coordinated science and technology
        innovation asks for shared experts and instruments and for one technology market; the plan
        of the innovation community of 2020 for barriers to factor flow to be "basically removed"
        by 2025. Institutional proximity raises collaboration between Chinese cities (Complexity
        2021, 5538872). No size of the effect of recognition is published; the values are assumed.
    """

    title: ClassVar[str] = "Mutual recognition between provinces"
    writes: ClassVar[tuple[str, ...]] = ("recognition", "eased_hand_over")

    share: float = param(
        1.0,
        "share of titles, results and rules that the targeted provinces recognise of each other",
        unit="1",
        bounds=(0.0, 1.0),
    )
    hand_over: Factor = param(
        1.0,
        "factor of one technology market on the odds that a hand-over passes",
        unit="1",
        bounds=(1.0, MOST_EASED),
    )

    def contributions(
        self, year: float, baseline: PolicyEnvironment, places: Places
    ) -> Iterator[Contribution]:
        """Set what two targeted provinces recognise, and what is eased between them."""
        mask = self.target.province_mask(places)
        where = mask[:, None] * mask[None, :] * (1.0 - np.eye(len(mask)))
        yield Contribution("recognition", self.share, where)
        yield Contribution("eased_hand_over", self.hand_over, where)
