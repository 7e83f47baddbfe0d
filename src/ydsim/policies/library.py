"""All policies that scenarios can name."""

from __future__ import annotations

from ydsim.policies import (
    border,
    centres,
    closure,
    consortia,
    corridor,
    cost_sharing,
    grants,
    instruments,
    intermediaries,
    joint_fund,
    media,
    membership,
    open_bids,
    recognition,
    talent,
    tax,
    transfer,
    travel_time,
    voucher,
)
from ydsim.policies.base import Policy
from ydsim.policies.installed import working
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
    joint_fund,
    open_bids,
    consortia,
    cost_sharing,
    closure,
)
"""The shipped modules; importing one registers its policies."""


def policies() -> dict[str, type[Policy]]:
    """Return all policies, shipped and of installed packages, sorted by name."""
    return dict(sorted((registered() | working()).items()))


def shipped() -> dict[str, type[Policy]]:
    """Return the policies that come with ydsim, sorted by name."""
    return registered()
