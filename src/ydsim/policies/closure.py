"""Provinces that keep others out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from ydsim.parameter import param
from ydsim.policies.base import Contribution, Places, Policy
from ydsim.policies.environment import (
    CHANNELS,
    Channels,
    PolicyEnvironment,
    channels_param,
    crossing_mask,
)
from ydsim.policies.registry import register


@register("closure")
class Closure(Policy):
    """Provinces close: less comes in and goes out, and goods of their neighbours are held off.

    Mechanism
        Exchange of partners, hand-overs, adopters, researchers and knowledge between a targeted
        province and any other is multiplied by ``1 - level``, in each of the ``channels``; between
        two closed provinces the larger level counts, once. With the channel ``goods``, in the
        product markets of a targeted province the part of value that arrives from the other
        provinces of the region is multiplied by ``1 - protection``; its own goods arrive elsewhere
        as before, and trade with the rest of the nation is not touched. With constant elasticity
        of substitution the protected gain at home what others lose there: it pays to close alone,
        and hurts when all do.
    Evidence
        Local protection of markets in China is inferred from trade that falls off at province
        borders (Young 2000; Poncet 2005) and from little regional specialisation of industries
        with high margins and much state ownership (Bai et al. 2004). No share of exchange that a
        province of the Yangtze River Delta can shut out is published: both values are assumed.
    """

    title: ClassVar[str] = "Provinces that keep others out"
    writes: ClassVar[tuple[str, ...]] = ("closed", "protection")
    target_keys: ClassVar[tuple[str, ...]] = ("provinces",)
    channel_names: ClassVar[tuple[str, ...]] = CHANNELS

    level: float = param(
        0.5,
        "share of exchange across its border that a closed province keeps out",
        unit="1",
        bounds=(0.0, 1.0),
    )
    protection: float = param(
        0.3,
        "part of the value of goods of other provinces that does not arrive in its market",
        unit="1",
        bounds=(0.0, 1.0),
    )

    channels: Channels = channels_param(
        CHANNELS, "what is kept out; the market is protected with goods"
    )

    def written(self) -> tuple[str, ...]:
        """Return what is closed between cities, and protection where goods are kept out."""
        closed = bool(crossing_mask(self.channels).any())
        return (*self.writes[:1] * closed, *self.writes[1:] * ("goods" in self.channels))

    def contributions(
        self, year: float, baseline: PolicyEnvironment, places: Places
    ) -> Iterator[Contribution]:
        """Close the targeted provinces and protect their markets."""
        mask = self.target.province_mask(places)
        channels = crossing_mask(self.channels)
        if channels.any():
            yield Contribution("closed", self.level, channels[:, None] * mask)
        if "goods" in self.channels:
            yield Contribution("protection", baseline.protection + self.protection, mask)
