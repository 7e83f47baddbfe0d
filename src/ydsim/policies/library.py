"""All policies that scenarios can name."""

from __future__ import annotations

from ydsim.policies import (
    border,
    centres,
    corridor,
    grants,
    instruments,
    intermediaries,
    media,
    membership,
    recognition,
    talent,
    tax,
    transfer,
    travel_time,
    voucher,
)
from ydsim.policies.base import Policy
from ydsim.policies.registry import registered

FAMILIES = (
    border,
    grants,
    membership,
    corridor,
    travel_time,
    recognition,
    talent,
    transfer,
    centres,
    instruments,
    intermediaries,
    media,
    tax,
    voucher,
)
"""The shipped modules; importing one registers its policies."""


def policies() -> dict[str, type[Policy]]:
    """Return all registered policies, sorted by name."""
    return registered()
