"""Refusing runs that cannot fit into the memory of this machine, before they begin."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from ydsim import fmt
from ydsim.errors import ResourceError

if TYPE_CHECKING:
    from ydsim.scenario.schema.scenario import Scenario
    from ydsim.world.world import World

GROWTH: Final = 2.5
"""Firms alive at the end over those of the world's own year, at most: 385,000 over 161,000."""

BYTES_PER_FIRM: Final = 4000.0
"""Memory of a run over firms alive at its end; 1,522 MiB at scale 1 with 385,000."""


FIRMS: Final = 161_000
"""Firms of the packaged region in its own year."""


def runs_at_once(scale: float) -> int:
    """Return how many runs of the packaged region this machine has memory for, at least one."""
    return max(1, int(min(_memory() / (scale * FIRMS * GROWTH * BYTES_PER_FIRM), 1e6)))


def refuse_too_large(scenario: Scenario, world: World) -> None:
    """Refuse a run that would not fit.

    Raises
    ------
    ResourceError
        With the need and what is there.
    """
    firms = int(world.firms.sum())
    need = scenario.scale * firms * GROWTH * BYTES_PER_FIRM
    have = _memory()
    if need > have:
        raise ResourceError(
            f"scale {scenario.scale:g} of {firms:,} firms needs about {fmt.size(need)} of memory, "
            f"this machine has {fmt.size(have)}; lower scale"
        )


def _memory() -> float:
    """Return the bytes of memory of this machine; without bound where the system does not say."""
    try:
        return float(os.sysconf("SC_PAGE_SIZE")) * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return float("inf")
