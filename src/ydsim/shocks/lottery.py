"""Who is treated: intervals cut out of one uniform for each unit.

    treated_x = low <= u_x < low + share

u_x is one draw for each unit x, by the identity of x and the name of the shock, or of its ``arms``;
low is the sum of the shares of earlier shocks of the same arms, 0 for the first and without arms.
So no unit is in two arms of a group, and who is treated depends on nothing but these: not on later
arms, other shocks or groups, on policies, or on what has happened in the run.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ydsim.noise import Noise, identity
from ydsim.scenario.schema.sections.shocks import Shock
from ydsim.typing import Bools, Floats, Keys


@dataclass(frozen=True)
class Lottery:
    """The draws of one shock.

    Attributes
    ----------
    noise
        Draws of shocks, which do not depend on the quarter.
    label
        Name of the shock, or of its arms.
    low, high
        Ends of the interval of the uniform in which a unit is treated.
    """

    noise: Noise
    label: str
    low: float
    high: float

    def ids(self, units: Keys) -> Keys:
        """Return the identity under which each unit draws."""
        return identity(self.label, units)

    def lots(self, units: Keys) -> Floats:
        """Return the uniform of each unit, (n,)."""
        noise = self.noise
        return noise.uniform(self.ids(units), 0)

    def treated(self, units: Keys) -> Bools:
        """Return which units are treated, (n,)."""
        u = self.lots(units)
        chosen: Bools = (u >= self.low) & (u < self.high)
        return chosen


def lotteries(shocks: Sequence[Shock], noise: Noise) -> list[Lottery]:
    """Return the lottery of each shock, in the order of a scenario."""
    used: dict[str, float] = {}
    found = []
    for shock in shocks:
        # no name of a shock has a space
        label = f"arms {shock.arms}" if shock.arms else shock.name
        low = used.get(label, 0.0)
        used[label] = low + shock.share
        found.append(Lottery(noise, label, low, used[label]))
    return found


def pair_of(one: Keys, other: Keys) -> Keys:
    """Return the identity of unordered pairs of identities."""
    return identity("pair", np.minimum(one, other), np.maximum(one, other))
