"""The contract market from the page alone (docs/odd.md, element 2 and 7.6, "Contract market").

Places are the cities 0 .. C - 1 and the rest of the nation R, which is place C. Money is that of
the sample, in 100 million yuan a quarter.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp

Table = list[list[float]]


@dataclass
class Firm:
    """A living firm of the region: city, own R&D R, grants spent, phi and k by field."""

    city: int
    rd: float
    spent: float
    phi: list[float]
    k: list[float]


@dataclass
class Way:
    """What stands between places: of an environment with or without policies.

    Hours between cities and to R; by province the border level of hand-overs, what is lifted of it
    (`contract_relief`) and who is closed to hand-overs; by city its relief and the tie factor.
    """

    hours: Table
    outside_hours: list[float]
    level: Table
    lifted: Table
    closed: list[float]
    relief: Table
    factor: Table


@dataclass
class Terms:
    """Parameters and inputs of the quarter."""

    province: list[int]
    wage: list[float]
    o: float
    m: float
    market: float
    size: float
    reach: float
    decay_h: float
    far: float
    pieces: float
    lessons: float
    licence: float
    rho: list[float]
    rho_outside: float


@dataclass
class Market:
    """What comes out: V by seller, buyer and field; N and registered by pair; by firm the rest."""

    value: list[Table]
    number: Table
    registered_value: Table
    registered_number: Table
    paid: list[float]
    earned: list[float]
    lessons: Table


def passing(way: Way, terms: Terms, c: int, d: int) -> float:
    """pass_cd of hand-overs."""
    p, q = terms.province[c], terms.province[d]
    if p == q:
        return 1.0
    kept_out = way.level[p][q] * (1.0 - way.relief[c][d]) * (1.0 - way.lifted[p][q])
    return (1.0 - kept_out) * (1.0 - max(way.closed[p], way.closed[q]))


def pull(way: Way, terms: Terms, c: int, d: int) -> float:
    """K_cd with the factor of corridors; c is a city, d a city or R."""
    if d == len(terms.province):
        return exp(-way.outside_hours[c] / terms.decay_h)
    near = terms.far + (1.0 - terms.far) * exp(-way.hours[c][d] / terms.decay_h)
    return near * passing(way, terms, c, d) * way.factor[c][d]


def sold_for(firm: Firm, f: int) -> float:
    """What a firm offers in a field: (R_i + spent_i) phi_if exp(k_if)."""
    return (firm.rd + firm.spent) * firm.phi[f] * exp(firm.k[f])


def masses(firms: list[Firm], terms: Terms) -> tuple[Table, Table]:
    """B by city and field, and S by place and field."""
    n_cities, n_fields = len(terms.province), len(firms[0].phi)
    buys = [[0.0] * n_fields for _ in range(n_cities)]
    sells = [[0.0] * n_fields for _ in range(n_cities + 1)]
    for firm in firms:
        for f in range(n_fields):
            buys[firm.city][f] += firm.rd * firm.phi[f]
            sells[firm.city][f] += sold_for(firm, f)
    sells[n_cities] = [terms.o * sum(s[f] for s in sells[:n_cities]) for f in range(n_fields)]
    return buys, sells


def pulls(way: Way, terms: Terms) -> Table:
    """K of all cities (rows) for all places."""
    cities = range(len(terms.province))
    return [[pull(way, terms, c, d) for d in (*cities, len(cities))] for c in cities]


def reached(sells: Table, way: Table, d: int, f: int) -> float:
    """A_df under the K of ``way``."""
    return sum(s[f] * k for s, k in zip(sells, way[d], strict=True))


def flows(buys: Table, sells: Table, now: Table, plain: Table, terms: Terms) -> list[Table]:
    """V by seller, buyer and field, from K with policies and without."""
    cities, places, outside = range(len(buys)), range(len(sells)), len(buys)
    value = [[[0.0] * len(buys[0]) for _ in places] for _ in places]
    for f in range(len(buys[0])):
        bought = sum(b[f] for b in buys)
        mean = sum(b[f] * reached(sells, plain, d, f) for d, b in enumerate(buys))
        for d in cities:
            a, a0 = (reached(sells, way, d, f) for way in (now, plain))
            if a == 0.0 or a0 == 0.0:
                continue
            spends = terms.market * terms.m * buys[d][f] * (a / a0) ** terms.reach
            for c in places:
                value[c][d][f] = spends * sells[c][f] * now[d][c] / a
        for c in cities:
            if mean > 0.0:
                spends = terms.market * terms.m * terms.o * bought
                there = sells[c][f] * now[c][outside]
                value[c][outside][f] = spends * there / (mean / bought)
    return value


def price(terms: Terms, c: int) -> float:
    """Size of a contract of a seller in city c, in money."""
    return terms.size * terms.wage[c] * terms.m


def counted(value: list[Table], terms: Terms) -> tuple[Table, Table, Table]:
    """N, and what is registered of values and numbers, by seller and buyer."""
    outside = len(terms.province)
    number, of_value, of_number = ([[0.0] * len(value) for _ in value] for _ in range(3))
    for c, row in enumerate(value):
        rho = terms.rho_outside if c == outside else terms.rho[terms.province[c]]
        for d, by_field in enumerate(row):
            if c == outside and d == outside:
                continue
            number[c][d] = sum(by_field) / price(terms, d if c == outside else c)
            of_value[c][d] = rho * sum(by_field)
            of_number[c][d] = rho * number[c][d]
    return number, of_value, of_number


def settled(firm: Firm, value: list[Table], buys: Table, sells: Table) -> tuple[float, float]:
    """paid_i and earned_i."""
    at, places = firm.city, range(len(value))
    paid = earned = 0.0
    for f, phi in enumerate(firm.phi):
        if buys[at][f] > 0.0:
            paid += firm.rd * phi * sum(value[c][at][f] for c in places) / buys[at][f]
        if sells[at][f] > 0.0:
            sold = sum(value[at][d][f] for d in places)
            earned += sold_for(firm, f) * sold / sells[at][f]
    return paid, earned


def taught(firms: list[Firm], sells: Table, n_cities: int) -> Table:
    """kappa by city and field, 0 where nobody sells."""
    kappa = [[0.0] * len(sells[0]) for _ in range(n_cities)]
    for j in firms:
        for f, k in enumerate(j.k):
            if sells[j.city][f] > 0.0:
                kappa[j.city][f] += sold_for(j, f) * k / sells[j.city][f]
    return kappa


def lesson(
    firm: Firm, f: int, value: list[Table], buys: Table, kappa: Table, terms: Terms
) -> float:
    """g_if of the contract market."""
    d, cities = firm.city, range(len(buys))
    bought = sum(value[c][d][f] for c in cities)
    if bought == 0.0:
        return 0.0
    mean = sum(value[c][d][f] * kappa[c][f] for c in cities) / bought
    contracts = sum(value[c][d][f] / price(terms, c) for c in cities)
    n = firm.rd * firm.phi[f] / buys[d][f] * contracts
    return min(terms.lessons * terms.licence * n / terms.pieces, 1.0) * max(0.0, mean - firm.k[f])


def contract_market(firms: list[Firm], now: Way, plain: Way, terms: Terms) -> Market:
    """A quarter of the contract market; ``plain`` is the environment without policies."""
    buys, sells = masses(firms, terms)
    value = flows(buys, sells, pulls(now, terms), pulls(plain, terms), terms)
    money = [settled(i, value, buys, sells) for i in firms]
    kappa = taught(firms, sells, len(buys))
    lessons = [[lesson(i, f, value, buys, kappa, terms) for f in range(len(i.phi))] for i in firms]
    paid, earned = [p for p, _ in money], [e for _, e in money]
    return Market(value, *counted(value, terms), paid, earned, lessons)


def registered_share(early: float, late: float, middle: float, rate: float, t: float) -> float:
    """rho(t) of a province."""
    return early + (late - early) / (1.0 + exp(-rate * (t - middle)))
