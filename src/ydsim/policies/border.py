"""Frictions at province borders."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from ydsim.parameter import param
from ydsim.policies.base import PLACE_TARGET_KEYS, Contribution, Places, Policy
from ydsim.policies.environment import CHANNELS, FIELDS, Channels, PolicyEnvironment, channels_param
from ydsim.policies.registry import register


@register("border_friction")
class BorderFriction(Policy):
    """Administrative barriers between provinces, as one level for all channels or for some.

    Mechanism
        ``level`` is the share of cross-province exchange that the border suppresses. The chance
        that a partner, a buyer of a project or a destination of a researcher lies across the
        border, exposure to adopters there, and knowledge that spills over from there, are
        multiplied by ``1 - level``; in product markets the part of value that arrives is
        multiplied by ``1 - border_cost * level``. ``channels`` names those that it moves; all
        others keep their own baseline.
        A targeted province has the level at all its borders, those with provinces that are not
        targeted included; ``target.pairs`` names single borders, as ``[[Shanghai, Anhui]]``.
    Evidence
        Collaboration inside a province exceeds what size and distance explain; no coefficient for
        the Yangtze River Delta is published, so the baselines are assumed. Barriers are to be
        "basically removed" by 2025 under the 2020 community plan.
    """

    title: ClassVar[str] = "Friction at province borders"
    writes: ClassVar[tuple[str, ...]] = tuple(FIELDS.values())
    channel_names: ClassVar[tuple[str, ...]] = CHANNELS
    bases: ClassVar[dict[str, tuple[str, str]]] = {
        "goods": ("compete", "border"),
        "exposure": ("adopt", "border"),
        "joint_work": ("match", "border"),
        "hand_over": ("match", "border_contract"),
        "talent": ("talent", "border"),
        "knowledge": ("border", "knowledge"),
    }
    """Section and key of the parameter that is the level of a channel without the policy."""

    target_keys: ClassVar[tuple[str, ...]] = (*PLACE_TARGET_KEYS, "pairs")

    level: float | None = param(
        None,
        "share of cross-province exchange that borders suppress; each channel keeps its own "
        "baseline when not given",
        unit="1",
        bounds=(0.0, 1.0),
    )

    channels: Channels = channels_param(CHANNELS, "what the level is for")

    def written(self) -> tuple[str, ...]:
        """Return the borders of the channels, or nothing without a level."""
        if self.level is None:
            return ()
        return tuple(field for name, field in FIELDS.items() if name in self.channels)

    def contributions(
        self, year: float, baseline: PolicyEnvironment, places: Places
    ) -> Iterator[Contribution]:
        """Set every targeted border of every channel to `level`."""
        if self.level is None:
            return
        where = self.target.border_mask(places)
        for name in self.written():
            yield Contribution(name, self.level, where)
