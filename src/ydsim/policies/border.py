"""What passes province borders."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from ydsim.parameter import param
from ydsim.policies.base import PLACE_TARGET_KEYS, Contribution, Places, Policy
from ydsim.policies.environment import CHANNELS, Channels, PolicyEnvironment, channels_param
from ydsim.policies.odds import Passes, passed
from ydsim.policies.registry import register


@register("border_friction")
class BorderFriction(Policy):
    """Administrative barriers between provinces, in all channels or in some.

    Mechanism
        ``passes`` says what passes a border, as a share of exchange (``passes: 0.3``), the same in
        each of the ``channels``, or as a factor on the odds of what passes without the policy
        (``passes: x1.5``), which acts on every channel from where it stands:

            p' = x p / (x p + 1 - p)

        The chance that a partner, a buyer of a project or a destination of a researcher lies
        across the border, exposure to adopters there, and knowledge that spills over from there
        are multiplied by what passes; of goods it is the part of value that arrives, so that a
        share for all channels that is set with partners in mind may hold back goods. Channels that
        are not named keep their own baseline.
        A targeted province has it at all its borders, those with provinces that are not targeted
        included; ``target.pairs`` names single borders, as ``[[Shanghai, Anhui]]``.
    Evidence
        Collaboration inside a province exceeds what size and distance explain; no coefficient for
        the Yangtze River Delta is published, so the baselines are assumed. Barriers are to be
        "basically removed" by 2025 under the 2020 community plan. No study covers a step to four
        times and more of what passes; `check` and `run` name the channels of such a step.
    """

    title: ClassVar[str] = "Exchange across province borders"
    writes: ClassVar[tuple[str, ...]] = CHANNELS
    channel_names: ClassVar[tuple[str, ...]] = CHANNELS
    bases: ClassVar[dict[str, tuple[str, str]]] = {name: ("border", name) for name in CHANNELS}
    """Section and key of the parameter that says what passes in a channel without the policy."""

    target_keys: ClassVar[tuple[str, ...]] = (*PLACE_TARGET_KEYS, "pairs")

    passes: Passes = param(
        None,
        "share of exchange that passes a border, or a factor on the odds of what passes as x1.5; "
        "each channel keeps its own baseline when not given",
        unit="1",
    )

    channels: Channels = channels_param(CHANNELS, "what it is for")

    def written(self) -> tuple[str, ...]:
        """Return the fields of the channels, or nothing where nothing is said of them."""
        if self.passes is None:
            return ()
        return tuple(name for name in CHANNELS if name in self.channels)

    def contributions(
        self, year: float, baseline: PolicyEnvironment, places: Places
    ) -> Iterator[Contribution]:
        """Set what passes every targeted border in every channel."""
        if self.passes is None:
            return
        where = self.target.border_mask(places)
        for name in self.written():
            yield Contribution(name, passed(self.passes, getattr(baseline, name)), where)
