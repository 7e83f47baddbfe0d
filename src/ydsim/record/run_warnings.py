"""Remarks on a run that a reader of its results should know."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

SHORTEST_BURN_IN: Final = 24
"""Quarters after which the burn-in's own launches are a reference."""


def burn_in_remark(burn_in: int, *, own_reference: bool) -> list[str]:
    """Return a line where foundings refer to launches that a short burn-in had no time for."""
    if not own_reference or burn_in >= SHORTEST_BURN_IN:
        return []
    return [
        f"a burn-in of {burn_in} quarters is shorter than the chain from idea to launch: "
        f"foundings refer to too few launches; use {SHORTEST_BURN_IN} or more"
    ]


def foundings_remark(missed: Sequence[float], quarters: int, *, listed: bool) -> list[str]:
    """Return a line where launches were fewer than generations due, from what each quarter missed.

    ``listed`` says that the world lists its firms, so that the scale does not change their number.
    """
    if not missed:
        return []
    more = "lower generations.foundings" if listed else "raise scale"
    return [
        f"in {len(missed)} of {quarters} quarters fewer projects were "
        f"launched than generations were due: {sum(missed):.0f} foundings fell out; {more}"
    ]
