"""Schemes: public money that is paid under conditions.

A scheme is a frozen record that a policy hands to the environment for one quarter. The process
that pays it knows the record and never the policy. Kinds of schemes are defined here; the fields
``policy`` and ``strength`` are set where the environment is folded.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, Literal

import numpy as np

from ydsim.measures.groups import positions_of, rank_within
from ydsim.typing import Bools, Floats, Ints, Keys

Payer = Literal["central", "provinces", "cities"]


@dataclass(frozen=True)
class Scheme:
    """What all schemes have in common."""

    budgeted: ClassVar[bool] = False
    """Whether the kind has a budget whose returns are kept in `State.returns`, so that adaptive
    governance may move money to and from it."""

    policy: str = ""
    """Name under which the scenario lists the policy; payments are under it in the books."""
    strength: float = 1.0
    """Strength of the policy in the quarter, above 0 and at most 1; under adaptive governance times
    the factor of its budget, up to 4."""


@dataclass(frozen=True)
class Outlay(Scheme):
    """Money that a policy costs whatever it does."""

    yearly: float = 0.0
    """100m_rmb a year at full strength."""
    payer: Payer = "provinces"
    """Whose budget pays."""
    where: Floats | float = 1.0
    """(C,) cities of the payers, 0-1; provinces and cities share by value added."""


@dataclass(frozen=True)
class PoachingPremium(Scheme):
    """Money with which cities draw researchers from elsewhere; the cities pay."""

    premium: float = 0.0
    """Share of a yearly wage that each researcher who arrives is paid once, at full strength."""
    where: Floats | float = 1.0
    """(C,) cities that pay it, 0-1."""


@dataclass(frozen=True)
class BrokerOffices(Scheme):
    """Running costs of the intermediaries that a policy adds, paid by the provinces they sit in."""

    yearly: float = 0.0
    """Cost of each, 100m_rmb a year."""
    density: float = 0.0
    """Intermediaries per 1,000 firms of a city at full strength."""
    amount: float | None = None
    """Budget of a year instead of ``density``, 100m_rmb at full strength; None without one."""
    where: Floats | float = 1.0
    """(C,) cities, 0-1."""


@dataclass(frozen=True)
class FacilityAccess(Scheme):
    """What users of shared facilities save, paid by the provinces of the facilities."""

    saved: float = 0.0
    """100m_rmb for a quarter of use at full strength."""
    where: Floats | float = 1.0
    """(C,) cities of the users, 0-1."""


@dataclass(frozen=True)
class FirmGrants(Scheme):
    """Grants of a share of own R&D to single firms, paid by the province of each."""

    firms: Keys = field(default_factory=lambda: np.empty(0, dtype=np.uint64))
    """Identities of the firms, ascending."""
    rate: float = 0.0
    """Grant over own R&D."""
    leakage: float = 0.0
    """Share of the grant that is not spent on R&D."""

    def paid(self, keys: Keys) -> Bools:
        """Return which of the firms with these identities are paid."""
        return positions_of(keys, self.firms) >= 0


@dataclass(frozen=True)
class GrantBudget(Scheme):
    """Grants in proportion to own R&D that share a budget, paid by the province of each firm."""

    amount: float = 0.0
    """Budget of a year, 100m_rmb at full strength."""
    leakage: float = 0.0
    """Share of the grants that is not spent on R&D."""
    cities: Floats | float = 1.0
    sizes: Floats | float = 1.0
    """(C,) cities and (3,) sizes of the firms, 0-1."""


@dataclass(frozen=True)
class Winners:
    """Firms that hold vouchers of their own."""

    firms: Keys
    """Identities, ascending."""
    left: Ints
    """Deals that each can still pay with them; changed in place when it does."""

    def hold(self, keys: Keys) -> Bools:
        """Return which of the firms with these identities have vouchers left."""
        at = positions_of(keys, self.firms)
        return (at >= 0) & (np.append(self.left, 0)[at] > 0)

    def use(self, keys: Keys, wanted: Bools) -> Bools:
        """Take a voucher for each deal that wants one, in their order, while there are any left.

        ``keys`` are the identities of the buyers; returns which deals have got one.
        """
        at = positions_of(keys, self.firms)
        asks = np.flatnonzero(wanted & (at >= 0))
        turn = rank_within(at[asks])
        got = asks[turn < self.left[at[asks]]]
        self.left[:] -= np.bincount(at[got], minlength=len(self.left))
        given = np.zeros(len(keys), dtype=np.bool_)
        given[got] = True
        return given


@dataclass(frozen=True)
class Voucher(Scheme):
    """A part of the price of a research service that the province of its buyer pays."""

    face: float = 0.0
    """Most that is paid for one contract, 100m_rmb."""
    co_pay: float = 0.0
    """Share of the price that the buyer bears in any case."""
    take_up: float = 0.0
    """Share of eligible deals in which vouchers are used at full strength."""
    amount: float | None = None
    """Budget of a year instead of ``take_up``, 100m_rmb at full strength; None without one."""
    portable: bool = True
    """Whether it is good for services from another province."""
    cities: Floats | float = 1.0
    sizes: Floats | float = 1.0
    fields: Floats | float = 1.0
    """(C,) cities and (3,) sizes of the buyers, (F,) fields of the projects, 0-1."""
    winners: Winners | None = None
    """The buyers that have any, where they were drawn at random."""

    @property
    def used(self) -> float:
        """Probability that vouchers are used in an eligible deal."""
        return self.take_up * self.strength

    def pays(self, price: Floats, contracts: float) -> Floats:
        """Return what vouchers pay of the price of each deal of so many contracts."""
        return np.minimum(contracts * self.face, (1.0 - self.co_pay) * price)


@dataclass(frozen=True)
class Partnership(Scheme):
    """Public money for what organisations of several provinces do together."""

    fields: Floats | float = 1.0
    """(F,) technology fields that are paid for, 0-1."""
    provinces: Floats | float = 1.0
    """(P,) provinces that take part, 0-1; members elsewhere do not count and are not paid."""
    least: int = 2
    """Provinces from which members have to come."""
    central: float = 0.0
    """Share of the payments that the central government bears; provinces bear the rest, each for
    its own members."""

    @property
    def payers(self) -> dict[Payer, float]:
        """Share of each government in the payments."""
        return {"central": self.central, "provinces": 1.0 - self.central}

    def takes_part(self, n_provinces: int) -> Bools:
        """Return which provinces take part, (P,)."""
        return np.broadcast_to(self.provinces, n_provinces) > 0.0


@dataclass(frozen=True)
class JointWork(Partnership):
    """Public money for work on projects that organisations of several provinces share."""

    mixed: bool = False
    """Whether a firm and a university or institute have to be among the members."""
    quarters: int = 2**14
    """Quarters for which one project is paid at most."""
    leakage: float = 0.0
    """Share of the payments that is not spent on work."""


@dataclass(frozen=True)
class JointFund(JointWork):
    """A fund with a budget."""

    budgeted: ClassVar[bool] = True

    rate: float = 0.0
    """Budget of a quarter over the R&D of firms and governments of the region."""
    amount: float = 0.0
    """Budget of a year on top of that, 100m_rmb at full strength."""
    premium: float = 0.0
    """What eligibility adds to the utility that an owner sees in a partner."""


@dataclass(frozen=True)
class CostSharing(JointWork):
    """Provinces bear a part of what joint work costs, and share the tax on what it leads to."""

    share: float = 0.0
    """Part of the cost of members' work that is paid back."""
    amount: float | None = None
    """Budget of a year instead of ``share``, 100m_rmb at full strength; None without one."""
    tax: float = 0.0
    """Part of the provincial profit tax on value handed over that goes to the seller's province."""


@dataclass(frozen=True)
class Alliance(Partnership):
    """Consortia that governments set up and support."""

    budgeted: ClassVar[bool] = True

    number: int = 0
    size: int = 8
    """Consortia in the region, and members of each with its lead."""
    quarters: int = 16
    """Life of a consortium."""
    tie: float = 1.0
    """Strength below which ties of members do not fade, in joint projects."""
    grant: float = 0.0
    """Support of a consortium, 100m_rmb a year."""
    amount: float | None = None
    """Budget of a year instead of ``grant``, 100m_rmb at full strength; None without one."""
