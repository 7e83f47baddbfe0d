"""Double-entry books of all money in the model, and what policies with a budget pay and bring.

Universities, institutes and governments are kept at full number. What they pay to the rest, and
are paid, enters at s times its real amount, so that they share one set of books with firms, which
are drawn with probability s. What one sector pays another receives. The sector ``firms`` is
firms with those who own them and lend to them. The sector ``outside`` is the
rest of the nation as seller and buyer of technology. ``economy`` is households and product
markets; its balance is minus the sum of all others.

    budget  = strength * s * amount / 4                of a quarter; amount in 100m_rmb a year
    left_p  = (budget - taken) w_p / sum of w          w own R&D of firms where they take part

Asked for and taken up are known by province, a budget is one for all. What is left of it stays with
the payers; it is noted by provinces as their firms do R&D (assumed; evenly where they do none), so
that taken and left over sum to the budget. Less than 1e-9 of a budget is rounding: nothing is left.
The returns of a policy are the money that it has paid, and the launches of what it paid for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, get_args

import numpy as np

from ydsim.agents.organisations import FIRM, INSTITUTE, UNIVERSITY
from ydsim.measures.groups import sums
from ydsim.typing import Bools, Floats, Ints

if TYPE_CHECKING:
    from ydsim.agents.state import State

Sector = Literal[
    "economy",
    "firms",
    "universities",
    "institutes",
    "central",
    "provinces",
    "cities",
    "intermediaries",
    "outside",
]
"""Who pays and receives; mypy knows the names."""

SECTORS: Final[tuple[Sector, ...]] = get_args(Sector)

SECTOR_OF: Final[dict[int, Sector]] = {
    FIRM: "firms",
    UNIVERSITY: "universities",
    INSTITUTE: "institutes",
}
"""Sector of each kind of organisations."""

Government = Literal["central", "provinces", "cities"]
GOVERNMENTS: Final[tuple[Government, ...]] = get_args(Government)

LEAST_LEFT: Final = 1e-9
"""Part of a budget below which what is left of it is rounding."""

MOST_POLICIES: Final = 32
"""Most policies with returns: a project remembers each as one bit."""


class Flow:
    """Names of the flows of the books that belong to no policy."""

    BROKERS_COSTS: Final = "brokers' costs"
    CONTRACTS: Final = "technology contracts"
    CONTRACT_MARKET: Final = "contract market"
    CONTRACT_INCOME: Final = "spending of contract income"
    GENERAL_REVENUE: Final = "general revenue"
    GOVERNANCE_ADJUSTMENT: Final = "governance: adjustment"
    GOVERNANCE_TRANSFERS: Final = "governance: transfers"
    GRANTS: Final = "grants"
    MISUSED_GRANTS: Final = "misused grants"
    OTHER_SPENDING: Final = "other public spending"
    PROFIT: Final = "profit before research"
    PROFIT_TAX: Final = "profit tax"
    BORROWING: Final = "public borrowing"
    SCIENCE_BUDGET: Final = "science budget"
    WAGES: Final = "research wages"


FLOWS: Final[tuple[str, ...]] = tuple(name for key, name in vars(Flow).items() if key.isupper())
"""Names that no policy and no shock can have: their money has flows of its own."""


@dataclass(frozen=True)
class Entry:
    """One flow of one quarter: who pays whom, what for, by province (P,), 100m_rmb sampled.

    ``leaked`` (P,) is the part of public money that is not spent on what it is paid for.
    """

    quarter: int
    payer: Sector
    receiver: Sector
    flow: str
    amount: Floats
    leaked: Floats


@dataclass(frozen=True)
class Offer:
    """What a policy was asked for in one quarter, by province (P,), 100m_rmb sampled.

    Of ``asked`` money it pays ``taken``; ``left`` of what it held is not taken up. ``payers`` has
    the share of each government, which sum to one.
    """

    quarter: int
    policy: str
    payers: Mapping[Government, float]
    asked: Floats
    taken: Floats
    left: Floats


class Ledger:
    """The books: running balances of sectors and the flows behind them.

    Attributes
    ----------
    balance : real, by sector; 100m_rmb, sampled; dynamic
        Running balance of each sector.
    entries : list; 100m_rmb, sampled; dynamic
        Flows: quarter, payer, receiver, name, amount by province.
    offers : list; 100m_rmb, sampled; dynamic
        What policies were asked for, paid and had left: quarter, policy, payers, by province.
    """

    def __init__(self, n_provinces: int) -> None:
        self.balance: dict[Sector, float] = dict.fromkeys(SECTORS, 0.0)
        self.entries: list[Entry] = []
        self.offers: list[Offer] = []
        self.quarter = 0
        self.recording = True
        self._n_provinces = n_provinces

    def post(
        self,
        payer: Sector,
        receiver: Sector,
        flow: str,
        amount: Floats,
        leaked: Floats | float = 0.0,
    ) -> None:
        """Enter one flow; ``amount`` has shape (P,), by the province in which it is spent.

        ``leaked`` is noted beside it and moves no money.
        """
        if amount.shape != (self._n_provinces,):
            raise ValueError(f"amount of {flow} has shape {amount.shape}")
        total = float(amount.sum())
        self.balance[payer] -= total
        self.balance[receiver] += total
        if self.recording:
            lost = np.zeros(self._n_provinces) + leaked
            self.entries.append(Entry(self.quarter, payer, receiver, flow, np.array(amount), lost))

    def offer(
        self,
        policy: str,
        payers: Mapping[Government, float],
        asked: Floats,
        taken: Floats,
        left: Floats | float = 0.0,
    ) -> None:
        """Note what a policy is asked for, pays and has left in the quarter, (P,) each, sampled.

        It moves no money; money that is paid without it counts as asked for.
        """
        if self.recording:
            asked, taken, left = (
                np.zeros(self._n_provinces) + each for each in (asked, taken, left)
            )
            self.offers.append(Offer(self.quarter, policy, payers, asked, taken, left))

    def budgets(self, scale: float) -> dict[str, tuple[float, float, float]]:
        """Return by policy what it was asked for, offered and paid since the start, at scale 1."""
        total: dict[str, Floats] = {}
        for one in self.offers:
            asked, taken, left = (float(each.sum()) for each in (one.asked, one.taken, one.left))
            so_far = total.setdefault(one.policy, np.zeros(3))
            so_far += np.array([asked, taken + left, taken]) / scale
        return {name: (float(a), float(o), float(t)) for name, (a, o, t) in total.items()}

    def imbalance(self) -> float:
        """Return the sum of all balances relative to the largest: zero but for rounding."""
        balances = list(self.balance.values())
        return abs(float(np.sum(balances))) / max(1.0, max(abs(b) for b in balances))


def of_quarter(amount: float, strength: float, scale: float) -> float:
    """Return the budget of a quarter, 100m_rmb sampled, of ``amount`` a year at scale 1."""
    return strength * scale * amount / 4.0


def takes_part(state: State, cities: Floats | float) -> Bools:
    """Return which provinces have cities that a policy is for; ``cities`` (C,) is 0-1."""
    world = state.world
    weight = sums(world.city_province, np.zeros(world.n_cities) + cities, world.n_provinces)
    return weight > 0.0


def note_budget(
    state: State,
    policy: str,
    payers: Mapping[Government, float],
    budget: float,
    asked: Floats,
    taken: Floats,
    where: Bools | float = 1.0,
) -> None:
    """Note what a budget was asked for and has paid, (P,), and what is left of it.

    ``where`` (P,) says which provinces it is for; all in 100m_rmb sampled.
    """
    if budget <= 0.0 and not asked.any() and not taken.any():
        return
    firms, takes = state.firms, np.zeros(state.world.n_provinces) + where
    weight = takes * state.by_province(firms, state.organisations.rd[firms])
    if not weight.any():
        weight = takes if takes.any() else np.ones(len(takes))
    rest = budget - float(taken.sum())
    left = (rest if rest > LEAST_LEFT * budget else 0.0) * weight / weight.sum()
    state.ledger.offer(policy, payers, asked, taken, left)


def credit(state: State, policy: str, money: float, paid_for: Ints) -> None:
    """Add sampled money to the returns of a policy and mark the projects ``paid_for`` with it.

    A policy has the bit of its place in `State.returns`, where it is from its first payment on.
    """
    returns = state.returns
    if policy not in returns:
        if len(returns) == MOST_POLICIES:
            raise ValueError(f"policies.{policy}: more than {MOST_POLICIES} policies with a budget")
        returns[policy] = np.zeros(2)
    returns[policy][0] += money / state.scale
    state.projects.paid_by[paid_for] |= np.uint32(1 << list(returns).index(policy))


def count_launches(state: State, launched: Bools) -> None:
    """Add launches, at scale 1, to the returns of the policies that have paid for them."""
    if not state.returns:
        return
    paid_by = state.projects.paid_by[launched]
    for bit, returns in enumerate(state.returns.values()):
        returns[1] += float((paid_by >> np.uint32(bit) & np.uint32(1)).sum()) / state.scale
