"""What governments pay by instrument, and what becomes of it by province."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, TypeAlias

import numpy as np

from ydsim.agents.ledger import GOVERNMENTS, Entry, Flow, Offer
from ydsim.agents.state import State
from ydsim.measures.groups import quotient, sums
from ydsim.typing import Columns, Floats

PAYERS: Final = GOVERNMENTS
GENERAL: Final = (Flow.SCIENCE_BUDGET, Flow.GRANTS)
"""Instruments that are no policy of a scenario."""

_OTHER: Final = (
    Flow.OTHER_SPENDING,
    Flow.PROFIT_TAX,
    Flow.GENERAL_REVENUE,
    Flow.BORROWING,
)
"""Flows from and to governments that are no instrument."""

OF_MONEY: Final = ("amount", "leaked", "asked", "left_over")
"""Columns of money of the table."""

Key = tuple[int, str, str]
"""Quarter, instrument and payer."""


Moved: TypeAlias = dict[Key, Floats]


def public_money(state: State) -> Moved:
    """Return money paid, leaked, asked for beyond what is paid, and left over, (4, P) at scale 1.

    By quarter, instrument and payer; what comes back to a government counts negative.
    """
    ledger = state.ledger
    return money_of(ledger.entries, ledger.offers, state.scale, state.world.n_provinces)


def money_of(entries: Iterable[Entry], offers: Iterable[Offer], scale: float, n: int) -> Moved:
    """Return the same of some entries and offers of a ledger, of n provinces."""
    found: Moved = {}
    for entry in entries:
        if entry.flow not in _OTHER:
            moved = np.stack([entry.amount, entry.leaked]) / scale
            for payer, sign in ((entry.payer, 1.0), (entry.receiver, -1.0)):
                if payer in PAYERS:
                    # what comes before a colon is the instrument that a flow belongs to
                    key = (entry.quarter, entry.flow.split(":")[0], payer)
                    found.setdefault(key, np.zeros((4, n)))[:2] += sign * moved
    for one in offers:
        for payer, share in one.payers.items():
            key = (one.quarter, one.policy, payer)
            asked = np.stack([one.asked - one.taken, one.left])
            found.setdefault(key, np.zeros((4, n)))[2:] += share / scale * asked
    return found


def policy_cost_table(state: State, start: int) -> Columns:
    """Return one row per quarter, instrument, payer and province in which money was paid or left.

    What is asked for is what is paid and what an offer was asked for beyond that.
    """
    money, n = public_money(state), state.world.n_provinces
    keys = sorted(money)
    each = np.array([money[key] for key in keys]).reshape(-1, 4, n).swapaxes(0, 1)
    paid, leaked, more, left = each.reshape(4, len(keys) * n)
    quarter = np.repeat(np.array([key[0] for key in keys], dtype=np.int64), n)
    table: Columns = {
        "year": start + quarter // 4,
        "quarter": 1 + quarter % 4,
        "instrument": np.repeat(np.array([key[1] for key in keys], dtype=object), n),
        "payer": np.repeat(np.array([key[2] for key in keys], dtype=object), n),
        "region": np.array([*state.world.provinces] * len(keys), dtype=object),
        "amount": paid,
        "leaked": leaked,
        "asked": paid + more,
        "left_over": left,
    }
    some = np.any([table[name] != 0.0 for name in OF_MONEY], axis=0)
    return {name: column[some] for name, column in table.items()}


def shares(
    claimed: float, paid: float, unspent: float, *, budgeted: bool = True
) -> tuple[float, float]:
    """Return budget used, paid over offered, and claims met, paid over claimed.

    What is offered is what is paid and what is unspent. A share of nothing is NaN, and so is the
    budget used where no budget limits what is paid: of a policy that is not ``budgeted``, and where
    all claims are paid and nothing is unspent.
    """
    limited = unspent > 0.0 or (budgeted and paid < claimed * (1.0 - 1e-9))
    offered = paid + unspent if limited else 0.0
    return (
        paid / offered if offered > 0.0 else float("nan"),
        paid / claimed if claimed > 0.0 else float("nan"),
    )


SEEN: Final = ("rd_funds_enterprise", "relabelled_rd", "inventions", "launches")
"""Flows that are shown beside public money."""


def policy_result_table(
    state: State, start: int, quarters: int, series: dict[str, Floats], region: str
) -> Columns:
    """Return one row per year and region: public money, what leaked of it, and what was achieved.

    ``series`` has (quarters, P) by name of `SEEN`; ``region`` is the name of the whole.
    """
    n, years = state.world.n_provinces, -(-quarters // 4)
    money = np.zeros((2, years, n))
    for (quarter, _, _), amounts in public_money(state).items():
        if quarter < quarters:
            money[:, quarter // 4] += amounts[:2]
    year_of = np.repeat(np.arange(quarters) // 4, n) * n + np.tile(np.arange(n), quarters)
    flows = {"public_money": money[0], "leaked": money[1]} | {
        name: sums(year_of, series[name].ravel(), years * n).reshape(years, n) for name in SEEN
    }
    whole = {
        name: np.hstack([values, values.sum(axis=1, keepdims=True)]).ravel()
        for name, values in flows.items()
    }
    names = np.array([*state.world.provinces, region], dtype=object)
    table: Columns = {
        "year": np.repeat(start + np.arange(years), n + 1),
        "region": np.tile(names, years),
        **whole,
    }
    for name in ("inventions", "launches"):
        table[f"{name}_per_100m"] = quotient(whole[name], whole["public_money"], np.nan)
    return table
