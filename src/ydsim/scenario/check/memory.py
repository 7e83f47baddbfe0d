"""Refusing runs that cannot fit into the memory of this machine, before they begin."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from ydsim.errors import ResourceError

if TYPE_CHECKING:
    from ydsim.scenario.schema.scenario import Scenario
    from ydsim.world.world import World

TURNOVER: Final = 0.1
"""Firms founded a year over firms alive, at most."""

BYTES_PER_ORGANISATION: Final = 3000.0
"""Memory of a run over organisations that ever lived; 1,341 MiB at scale 1 with 0.49 million."""

BURN_IN_YEARS: Final = 10.0


def refuse_too_large(scenario: Scenario, world: World) -> None:
    """Refuse a run that would not fit.

    Raises
    ------
    ResourceError
        With the need and what is there, in GiB.
    """
    years = scenario.quarters / 4.0
    firms = int(world.firms.sum())
    rows = scenario.scale * firms * (1.0 + TURNOVER * (years + BURN_IN_YEARS))
    need = rows * BYTES_PER_ORGANISATION / 2**30
    have = _memory() / 2**30
    if need > have:
        raise ResourceError(
            f"scale {scenario.scale:g} of {firms:,} firms over {years:g} years needs about "
            f"{need:,.0f} GiB of memory, this machine has {have:,.0f}; lower scale"
        )


def _memory() -> float:
    """Return the bytes of memory of this machine; without bound where the system does not say."""
    try:
        return float(os.sysconf("SC_PAGE_SIZE")) * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return float("inf")
