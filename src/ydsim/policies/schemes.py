"""Schemes: public money that is paid under conditions.

A scheme is a frozen record that a policy hands to the environment for one quarter. The process
that pays it knows the record and never the policy. Kinds of schemes are defined here; the fields
``policy`` and ``strength`` are set where the environment is folded.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from ydsim.typing import Floats

Payer = Literal["central", "provinces", "cities"]


@dataclass(frozen=True)
class Scheme:
    """What all schemes have in common.

    Attributes
    ----------
    policy
        Name under which the scenario lists the policy; payments stand under it in the books.
    strength
        Strength of the policy in the quarter, above 0 and at most 1; under adaptive governance
        times the factor of its budget, up to 4.
    budgeted
        Whether the kind has a budget whose returns are kept in `State.returns`, so that adaptive
        governance may move money to and from it.
    """

    budgeted: ClassVar[bool] = False

    policy: str = ""
    strength: float = 1.0


@dataclass(frozen=True)
class Outlay(Scheme):
    """Money that a policy costs whatever it does.

    Attributes
    ----------
    yearly
        100m_rmb a year at full strength.
    payer
        Whose budget pays.
    where
        (C,) cities of the payers, 0-1; provinces and cities share by value added.
    """

    yearly: float = 0.0
    payer: Payer = "provinces"
    where: Floats | float = 1.0
