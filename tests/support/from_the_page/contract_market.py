"""The contract market from the page alone (docs/odd.md, element 2 and 7.6, "Contract market").

Places are the cities 0 .. C - 1 and the rest of the nation R, which is place C. Money is that of
the sample, in 100 million yuan a quarter.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp


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

    hours: list[list[float]]
    outside_hours: list[float]
    level: list[list[float]]
    lifted: list[list[float]]
    closed: list[float]
    relief: list[list[float]]
    factor: list[list[float]]


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

    value: list[list[list[float]]]
    number: list[list[float]]
    registered_value: list[list[float]]
    registered_number: list[list[float]]
    paid: list[float]
    earned: list[float]
    lessons: list[list[float]]


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


def contract_market(firms: list[Firm], now: Way, plain: Way, terms: Terms) -> Market:
    """A quarter of the contract market; ``plain`` is the environment without policies."""
    n_cities, n_fields = len(terms.province), len(firms[0].phi)
    cities, fields, outside = range(n_cities), range(n_fields), n_cities
    places = range(n_cities + 1)

    buys = [[0.0] * n_fields for _ in cities]
    sells = [[0.0] * n_fields for _ in places]
    for firm in firms:
        for f in fields:
            buys[firm.city][f] += firm.rd * firm.phi[f]
            sells[firm.city][f] += sold_for(firm, f)
    for f in fields:
        sells[outside][f] = terms.o * sum(sells[c][f] for c in cities)

    def reached(way: Way, d: int, f: int) -> float:
        return sum(sells[c][f] * pull(way, terms, d, c) for c in places)

    value = [[[0.0] * n_fields for _ in places] for _ in places]
    for f in fields:
        bought = sum(buys[d][f] for d in cities)
        if bought == 0.0 or sum(sells[c][f] for c in cities) == 0.0:
            continue
        mean = sum(buys[d][f] * reached(plain, d, f) for d in cities) / bought
        for d in cities:
            a, a0 = reached(now, d, f), reached(plain, d, f)
            if a == 0.0 or a0 == 0.0:
                continue
            spends = terms.market * terms.m * buys[d][f] * (a / a0) ** terms.reach
            for c in places:
                value[c][d][f] = spends * sells[c][f] * pull(now, terms, d, c) / a
        for c in cities:
            spends = terms.market * terms.m * terms.o * bought
            share = sells[c][f] * pull(now, terms, c, outside) / mean
            value[c][outside][f] = spends * share

    number = [[0.0] * (n_cities + 1) for _ in places]
    registered_value = [[0.0] * (n_cities + 1) for _ in places]
    registered_number = [[0.0] * (n_cities + 1) for _ in places]
    for c in places:
        for d in places:
            if c == outside and d == outside:
                continue
            wage = terms.wage[d] if c == outside else terms.wage[c]
            rho = terms.rho_outside if c == outside else terms.rho[terms.province[c]]
            whole = sum(value[c][d][f] for f in fields)
            number[c][d] = whole / (terms.size * wage * terms.m)
            registered_value[c][d] = rho * whole
            registered_number[c][d] = rho * number[c][d]

    paid, earned, lessons = [], [], []
    for firm in firms:
        city = firm.city
        out = into = 0.0
        learnt = []
        for f in fields:
            spent_on = firm.rd * firm.phi[f]
            if buys[city][f] > 0.0:
                out += spent_on * sum(value[c][city][f] for c in places) / buys[city][f]
            if sells[city][f] > 0.0:
                sold = sum(value[city][d][f] for d in places)
                into += sold_for(firm, f) * sold / sells[city][f]
            learnt.append(_lesson(firms, firm, f, value, buys, sells, terms))
        paid.append(out)
        earned.append(into)
        lessons.append(learnt)
    return Market(value, number, registered_value, registered_number, paid, earned, lessons)


def _lesson(
    firms: list[Firm],
    firm: Firm,
    f: int,
    value: list[list[list[float]]],
    buys: list[list[float]],
    sells: list[list[float]],
    terms: Terms,
) -> float:
    """g_if of the contract market."""
    d = firm.city
    cities = range(len(terms.province))
    bought = sum(value[c][d][f] for c in cities)
    if bought == 0.0 or buys[d][f] == 0.0:
        return 0.0
    known = 0.0
    for c in cities:
        if sells[c][f] > 0.0:
            offered = sum(sold_for(j, f) * j.k[f] for j in firms if j.city == c)
            known += value[c][d][f] * offered / sells[c][f]
    contracts = sum(
        value[c][d][f] / (terms.size * terms.wage[c] * terms.m) for c in cities
    )
    n = firm.rd * firm.phi[f] / buys[d][f] * contracts
    part = min(terms.lessons * terms.licence * n / terms.pieces, 1.0)
    return part * max(0.0, known / bought - firm.k[f])


def registered_share(early: float, late: float, middle: float, rate: float, t: float) -> float:
    """rho(t) of a province."""
    return early + (late - early) / (1.0 + exp(-rate * (t - middle)))
