"""Coverage of innovation by media."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from ydsim.parameter import param
from ydsim.policies.base import Contribution, Places, Policy
from ydsim.policies.environment import PolicyEnvironment
from ydsim.policies.registry import register


@register("media_coverage")
class MediaCoverage(Policy):
    """More coverage: media report on adopters anywhere, and print more.

    Mechanism
        ``broadcast`` adds ``gain broadcast F / 4`` to the quarterly hazard that firms of a targeted
        city adopt a generation, F the share of its firms in the whole region that have adopted:
        an influence beyond the own city, its surroundings and partners. Outlets print
        ``stories`` times as many stories, rounded; an outlet whose audience is targeted in part
        prints in proportion.
    Evidence
        Of listed Chinese firms in 2010-18, those with more coverage innovate more where it is
        not negative; another study of print media finds less innovation spending, as coverage
        presses for results; in polluting firms green inventions rise and utility models do not.
        As the sign is contested, coverage moves no R&D by itself. No rate of ``broadcast`` is
        published; it is assumed.
    """

    title: ClassVar[str] = "Media coverage"
    writes: ClassVar[tuple[str, ...]] = ("broadcast", "stories")

    broadcast: float = param(
        0.02,
        "influence of adopters anywhere in the region, at a share of one",
        unit="1/year",
        bounds=(0.0, 0.3),
    )
    stories: float = param(
        1.5, "factor on the stories that outlets print", unit="1", bounds=(0.0, 3.0)
    )

    def contributions(
        self, year: float, baseline: PolicyEnvironment, places: Places
    ) -> Iterator[Contribution]:
        """Add broadcast, and multiply stories, in the targeted cities."""
        where = self.target.city_mask(places)
        yield Contribution("broadcast", baseline.broadcast + self.broadcast, where)
        yield Contribution("stories", baseline.stories * self.stories, where)
