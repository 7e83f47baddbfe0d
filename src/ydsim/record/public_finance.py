"""What governments pay by instrument, and what becomes of it by province."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from ydsim.agents.ledger import GOVERNMENTS, Entry, Flow
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


def instrument_of(flow: str) -> str:
    """Return the instrument that a flow belongs to: what comes before a colon."""
    return flow.split(":")[0]


def _public(entries: list[Entry]) -> Iterator[tuple[Key, Floats, Floats]]:
    """Yield what each government pays and leaks, (P,) each; what comes back counts negative."""
    for entry in entries:
        if entry.flow in _OTHER:
            continue
        name = instrument_of(entry.flow)
        if entry.payer in PAYERS:
            yield (entry.quarter, name, entry.payer), entry.amount, entry.leaked
        if entry.receiver in PAYERS:
            yield (entry.quarter, name, entry.receiver), -entry.amount, -entry.leaked


def public_costs(state: State) -> dict[Key, tuple[Floats, Floats]]:
    """Return money paid and money leaked, (P,) at scale 1, by quarter, instrument and payer."""
    nothing = np.zeros(state.world.n_provinces)
    costs: dict[Key, tuple[Floats, Floats]] = {}
    for key, amount, leaked in _public(state.ledger.entries):
        paid, lost = costs.get(key, (nothing, nothing))
        costs[key] = paid + amount / state.scale, lost + leaked / state.scale
    return costs


def public_offers(state: State) -> dict[Key, tuple[Floats, Floats]]:
    """Return money asked for beyond what is paid and money left over, as `public_costs` does."""
    nothing = np.zeros(state.world.n_provinces)
    found: dict[Key, tuple[Floats, Floats]] = {}
    for one in state.ledger.offers:
        for payer, share in one.payers.items():
            key = (one.quarter, one.policy, payer)
            more, left = found.get(key, (nothing, nothing))
            part = share / state.scale
            found[key] = more + part * (one.asked - one.taken), left + part * one.left
    return found


def policy_cost_table(state: State, start: int) -> Columns:
    """Return one row per quarter, instrument, payer and province in which money was paid or left.

    What is asked for is what is paid and what an offer was asked for beyond that.
    """
    costs, offers, n = public_costs(state), public_offers(state), state.world.n_provinces
    keys = sorted({*costs, *offers})
    none, nothing = [(np.empty(0), np.empty(0))], (np.zeros(n), np.zeros(n))
    paid, lost, more, left = (
        np.concatenate(each)
        for of in (costs, offers)
        for each in zip(*none, *(of.get(key, nothing) for key in keys), strict=True)
    )
    quarter = np.repeat(np.array([key[0] for key in keys], dtype=np.int64), n)
    table: Columns = {
        "year": (start + quarter // 4).astype(np.int32),
        "quarter": (1 + quarter % 4).astype(np.int32),
        "instrument": np.repeat(np.array([key[1] for key in keys], dtype=object), n),
        "payer": np.repeat(np.array([key[2] for key in keys], dtype=object), n),
        "region": np.array(list(state.world.provinces) * len(keys), dtype=object),
        "amount": paid,
        "leaked": lost,
        "asked": paid + more,
        "left_over": left,
    }
    some = np.any([table[name] != 0.0 for name in OF_MONEY], axis=0)
    return {name: column[some] for name, column in table.items()}


SEEN: Final = ("rd_funds_enterprise", "relabelled_rd", "inventions", "launches")
"""Flows that are shown beside public money."""


def policy_result_table(
    state: State, start: int, quarters: int, series: dict[str, Floats], region: str
) -> Columns:
    """Return one row per year and region: public money, what leaked of it, and what was achieved.

    ``series`` has (quarters, P) by name of `SEEN`; ``region`` is the name of the whole.
    """
    n, years = state.world.n_provinces, -(-quarters // 4)
    money, lost = np.zeros((years, n)), np.zeros((years, n))
    for (quarter, _, _), (paid, leaked) in public_costs(state).items():
        if quarter < quarters:
            money[quarter // 4] += paid
            lost[quarter // 4] += leaked
    year_of = np.repeat(np.arange(quarters) // 4, n) * n + np.tile(np.arange(n), quarters)
    flows = {"public_money": money, "leaked": lost} | {
        name: sums(year_of, series[name].ravel(), years * n).reshape(years, n) for name in SEEN
    }
    whole = {
        name: np.hstack([values, values.sum(axis=1, keepdims=True)]).ravel()
        for name, values in flows.items()
    }
    names = np.array([*state.world.provinces, region], dtype=object)
    table: Columns = {
        "year": np.repeat((start + np.arange(years)).astype(np.int32), n + 1),
        "region": np.tile(names, years),
        **whole,
    }
    for name in ("inventions", "launches"):
        table[f"{name}_per_100m"] = quotient(whole[name], whole["public_money"], np.nan)
    return table
