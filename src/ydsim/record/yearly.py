"""Quarters added up by year, organisations at the end, public money, and their tables.

The channel of goods is not tallied but follows from the market of the quarter. City c sells

    G_cd = sum_j s_jcq D_jq (w_d / W_q)                                    100m_rmb

to city d of province q: s market shares, D demand, w value added of d and W of its province. The
rest of the nation is one more place, bought from and sold to; what it sells to itself is left out.

Knowledge of province p in field f is the mean over its organisations, weighted by their
researchers, universities and institutes times s; effort is their researchers at work in the
field, firms divided by s.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from ydsim.agents.ledger import GOVERNMENTS, Entry, Flow, Offer
from ydsim.agents.organisations import FIRM, UNIVERSITY
from ydsim.agents.projects import STAGES
from ydsim.agents.state import State, rows_now
from ydsim.agents.tally import (
    LINKS,
    ContractCounts,
    ContractPairCounts,
    Counts,
    FunnelCounts,
    LinkCounts,
)
from ydsim.measures.groups import parts_or_even, quotient, row_sums, rows_of, sums
from ydsim.record.observe import living_ties
from ydsim.typing import Columns, Floats, Ints

# -- funnel ----------------------------------------------------------------------------------------

KIND_NAMES: Final = ("firm", "university", "institute")
"""Names of the kinds of organisations in tables."""

PARTNERSHIP: Final = ("alone", "partnered")
OUTSIDE: Final = "outside"
UNDIRECTED: Final = ("co-invention", "co-publication")

DIGITS: Final = 6
"""Decimals of what is kept as sums of many small numbers."""


C = TypeVar("C", bound=Counts)


class Years:
    """Tallies by year, counted from 0: sums of its quarters, and stocks at the end of the last."""

    def __init__(self) -> None:
        self.funnel: dict[int, FunnelCounts] = {}
        self.contracts: dict[int, ContractCounts] = {}
        self.contract_pairs: dict[int, ContractPairCounts] = {}
        self.links: dict[int, LinkCounts] = {}


def add_quarter(years: Years, year: int, state: State, sold: Floats | None) -> None:
    """Add what the state has tallied in its quarter to a year, counted from 0.

    ``sold`` is what each place sells to each place, as `supply`; without it no ties are kept.
    """
    tally = state.tally
    funnel = _add(years.funnel, year, tally.funnel)
    funnel.live, funnel.waiting = tally.funnel.live.copy(), tally.funnel.waiting.copy()
    _add(years.contracts, year, tally.contracts)
    _add(years.contract_pairs, year, tally.contract_pairs)
    if sold is not None:
        _add(years.links, year, tally.links).supply += sold


def _add(years: dict[int, C], year: int, quarter: C) -> C:
    """Add a quarter to its year and return the year."""
    if year not in years:
        years[year] = copy.deepcopy(quarter)
    else:
        years[year].add(quarter)
    return years[year]


def _read(years: Mapping[int, Counts], name: str, n_years: int, *shape: int) -> Floats:
    """Return a field of the first years, (n_years, *shape); zero where none was kept."""
    found = np.zeros((n_years, *shape))
    for year, counts in years.items():
        found[year] = getattr(counts, name)
    return found


def supply(state: State) -> Floats:
    """Return value added that each place sells to each place in the quarter, (C + 1, C + 1)."""
    world, market = state.world, state.market
    demand = world.industry_share[:, None] * state.spending
    value = market.share * demand[:, None, :]
    made = market.output[:, :-1].sum(axis=0)
    buyer = np.append(parts_or_even(made, world.city_province, world.n_provinces), 1.0)
    place = np.append(world.city_province, world.n_provinces)
    flow: Floats = value.sum(axis=0)[:, place] * buyer
    flow[-1, -1] = 0.0
    return flow


def by_year(n_years: int, start: int, **axes: Sequence[str]) -> Columns:
    """Return the first columns of a table with one row for each year and place along each axis."""
    index = np.indices((n_years, *map(len, axes.values()))).reshape(1 + len(axes), -1)
    named = {
        name: words(names, k) for (name, names), k in zip(axes.items(), index[1:], strict=True)
    }
    return {"year": start + index[0], **named}


def funnel_table(years: Years, n_years: int, start: int) -> Columns:
    """Return one row for each year, stage, kind of the first owner and partnership."""
    shape = (len(STAGES), len(KIND_NAMES), len(PARTNERSHIP))
    keys = by_year(n_years, start, stage=STAGES, lead=KIND_NAMES, partnership=PARTNERSHIP)
    counts = FunnelCounts.names()
    return keys | {n: _read(years.funnel, n, n_years, *shape).ravel() for n in counts}


def contract_table(years: Years, n_years: int, start: int, provinces: tuple[str, ...]) -> Columns:
    """Return one row for each year, seller and buyer; the rest of the nation comes last."""
    places = (*provinces, OUTSIDE)
    n = len(places)
    table = by_year(n_years, start, seller=places, buyer=places)
    for name in ContractCounts.names():
        table[name] = _read(years.contracts, name, n_years, n, n).ravel()
    known = np.arange(n_years * n * n) % (n * n) < n * n - 1  # not within the rest of the nation
    return {name: column[known] for name, column in table.items()}


def city_contract_table(years: Years, n_years: int, start: int, cities: tuple[str, ...]) -> Columns:
    """Return one row for each year and pair of places with contracts, seller and buyer."""
    n = len(cities) + 1
    names = ContractPairCounts.names()
    found = np.stack([_read(years.contract_pairs, name, n_years, n, n) for name in names])
    found = np.round(found, DIGITS)
    year, seller, buyer = np.nonzero(found.any(axis=0))
    places = (*cities, OUTSIDE)
    return {
        "year": start + year,
        "from_city": words(places, seller),
        "to_city": words(places, buyer),
        **{name: values[year, seller, buyer] for name, values in zip(names, found, strict=True)},
    }


def tie_table(years: Years, n_years: int, start: int, cities: tuple[str, ...]) -> Columns:
    """Return one row for each year, channel and pair of places that is or may be linked."""
    n = len(cities) + 1
    names = LinkCounts.names()
    found = np.stack([_read(years.links, name, n_years, 2, n, n) for name in names], axis=1)
    for c in (LINKS.index(channel) for channel in UNDIRECTED):
        both = found[:, c] + found[:, c].swapaxes(-1, -2)  # directions of a pair, in the upper half
        found[:, c] = np.triu(both, 1) + np.triu(np.tril(found[:, c]))
    found = np.round(found, DIGITS)
    year, channel, a, b = np.nonzero(found.any(axis=2))
    places = (*cities, OUTSIDE)
    return {
        "year": start + year,
        "channel": words(LINKS, channel),
        "from_city": words(places, a),
        "to_city": words(places, b),
        "realised": found[year, channel, 0, a, b],
        "expected": found[year, channel, 1, a, b],
    }


def words(names: Sequence[str], index: NDArray[Any]) -> NDArray[np.object_]:
    """Return names by their numbers, as tables have them."""
    return np.array(names, dtype=np.object_)[index]


# -- organisations at the end of a run -------------------------------------------------------------

NO_NAME: Final = ""
UNKNOWN: Final = -1


def agent_table(state: State, start: int, quarter: int) -> Columns:
    """Return one row for each living organisation at the end of ``quarter``, counted from 0.

    Counts and money that universities and institutes share with the sample are divided by s.
    """
    table, world = state.organisations, state.world
    rows = np.flatnonzero(table.alive)
    firm = table.kind[rows] == FIRM
    at_one = 1.0 / state.sample_exposure[rows]
    born = np.where(firm, start + table.born[rows] // 4, UNKNOWN)
    partners = np.bincount(np.concatenate(living_ties(state)), minlength=len(table))
    inventions = row_sums(table.inventions, rows)
    values: dict[str, Floats] = {
        "researchers": table.researchers[rows],
        "rd": table.rd[rows] + table.grants_spent[rows],
        "sales": table.sales[rows],
        "value_added": table.value_added[rows],
        "log_productivity": table.log_productivity[rows],
    }
    others: dict[str, Floats] = {
        "partners": partners[rows] * at_one,
        "inventions_3y": inventions * at_one,
        "contract_net": table.contract_net[rows] * at_one,
    }
    return {
        "kind": words(KIND_NAMES, table.kind[rows]),
        "key": table.key[rows],
        "name": _names(state, rows),
        "city": words(world.city_names, table.city[rows]),
        "province": words(world.provinces, table.province[rows]),
        "industry": words((*world.industries, NO_NAME), table.industry[rows]),
        "born_year": born,
        **{name: np.round(column, DIGITS) for name, column in values.items()},
        "technology": table.technology[rows],
        "certified": table.certified_until[rows] >= quarter,
        **{name: np.round(column, DIGITS) for name, column in others.items()},
    }


def _names(state: State, rows: Ints) -> np.ndarray[tuple[int], np.dtype[np.object_]]:
    """Return the names of universities and of listed firms, empty for the others."""
    table, world = state.organisations, state.world
    names = np.full(len(rows), NO_NAME, dtype=np.object_)
    known = {UNIVERSITY: (world.university_keys, world.university_names)}
    if world.listed is not None:
        known[FIRM] = (world.listed.keys, world.listed.names)
    for kind, (keys, called) in known.items():
        mine = np.flatnonzero(table.kind[rows] == kind)
        position = rows_of(table.key[rows[mine]], keys)  # no firm that came later is listed
        names[mine] = words((*called, NO_NAME), position)
    return names


def province_knowledge(state: State) -> tuple[Floats, Floats]:
    """Return knowledge and effort by province and field, (P, F) each."""
    table, n = state.organisations, state.world.n_provinces
    knowledge, effort = (np.zeros((n, len(state.world.fields))) for _ in range(2))
    weight = table.researchers * state.sample_exposure
    row = rows_now(state)[state.active]
    at_work, province = weight[row], table.province[row]
    for p in range(n):
        mine = np.flatnonzero((table.province == p) & (weight > 0.0))
        total = max(float(weight[mine].sum()), 1e-300)
        knowledge[p] = np.einsum("nf,n->f", table.knowledge[mine], weight[mine]) / total
        effort[p] = np.einsum("fn,n->f", state.field_share, at_work * (province == p))
    return knowledge, effort / state.scale


def knowledge_table(
    listed: list[tuple[Floats, Floats]],
    start: int,
    provinces: tuple[str, ...],
    fields: tuple[str, ...],
) -> Columns:
    """Return one row for each year, province and field."""
    size = len(provinces) * len(fields)
    knowledge, effort = np.array(listed).reshape(-1, 2, size).swapaxes(0, 1).reshape(2, -1)
    return {
        **by_year(len(listed), start, province=provinces, field=fields),
        "knowledge": np.round(knowledge, DIGITS),
        "effort": np.round(effort, DIGITS),
    }


# -- what governments pay by instrument, and what becomes of it by province ------------------------

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
