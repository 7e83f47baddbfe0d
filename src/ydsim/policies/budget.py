"""Money instead of a rate: policies that take a budget of so much a year.

Of a rate and an amount a policy has one. A budget that is asked for too little is not spent; the
run says what is left (`ydsim.agents.budgets`).
"""

from __future__ import annotations

from typing import Any

from ydsim.parameter import param
from ydsim.policies.base import Policy


def amount_instead(of: str) -> Any:
    """Return the parameter ``amount`` of a policy whose spending ``of`` decides without it."""
    return param(
        None,
        f"budget in money instead of `{of}`; either, not both",
        unit="100m_rmb/year",
        bounds=(0.0, 1e4),
    )


def one_budget(policy: Policy, rate: str) -> None:
    """Let a policy with an ``amount`` have no ``rate``, which is the name of its key.

    Raises
    ------
    ValueError
        It has both, or neither.
    """
    given = getattr(policy, rate)
    if getattr(policy, "amount") is None:  # noqa: B009 of policies that have one
        if given is None:
            raise ValueError(f"{rate}: null needs an `amount`")
    elif given is not None and rate in policy.model_fields_set:
        raise ValueError(f"amount goes in the place of `{rate}`; set `{rate}` to null")
    else:
        policy.__dict__[rate] = None
