"""Scarce people from the page alone (docs/odd.md, 7.3, "Scarce supply").

Places are the cities 0 .. C - 1 and the rest of the nation R, which is place C; `ids` are their
identities, in whose order systematic samples run and ties of remainders are settled. Stocks are
whole full-time equivalents at scale 1.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from math import exp, floor, fsum


@dataclass
class Organisation:
    """Who asks for researchers and has knowledge.

    Money in 100m_rmb a quarter: own R&D (of the quarter before in demand, of this one in posts), of
    science what its contracts pay for people; and grants spent.
    """

    city: int
    science: bool
    rd: float
    grants: float
    researchers: float = 0.0
    knowledge: tuple[float, ...] = ()


@dataclass
class Land:
    """Places, environment, parameters and inputs of the quarter; `ids` has that of R last."""

    scale: float
    ids: list[int]
    province: list[int]
    wage: list[float]
    hours: list[list[float]]
    outside_hours: list[float]
    border: list[list[float]]
    relief: list[list[float]]
    closed: list[float]
    recognition: list[list[float]]
    recognition_outside: float
    offer: list[float]
    core_pull: float
    mobility: list[float]
    mobility_outside: float
    retirement: float
    knowledge: float
    decay_h: float
    graduates_look: float
    entry_elasticity: float
    pay_speed: float
    students: list[float]
    beginners: float
    outside_demand: float


@dataclass
class Draws:
    """Uniforms by place, named after what they decide."""

    retires: list[float]
    reconsiders: list[float]
    movers: list[float]
    begin: float
    look: list[float]
    graduates: list[float]
    pay: list[float]


@dataclass
class Quarter:
    """What the phase leaves: demand, stocks and pay, who moved, and what is counted."""

    demand: list[float]
    stock: list[int]
    pay: list[float]
    moves: list[list[int]]
    arrived: list[int]


def demand(organisations: list[Organisation], land: Land) -> list[float]:
    """D of all places."""
    cities = range(len(land.province))
    asked = [
        fsum(4.0 * money(x, land) / land.wage[c] for x in organisations if x.city == c)
        for c in cities
    ]
    return [*asked, land.outside_demand]


def money(x: Organisation, land: Land) -> float:
    """X_i."""
    return (x.rd + x.grants) / (1.0 if x.science else land.scale)


def mean_knowledge(organisations: list[Organisation], land: Land) -> list[float]:
    """k_d of all places, 0 in R."""
    found = []
    for c in range(len(land.province)):
        here = [x for x in organisations if x.city == c]
        weights = [x.researchers * (land.scale if x.science else 1.0) for x in here]
        if fsum(weights) == 0.0:
            found.append(0.0)
            continue
        means = [sum(x.knowledge) / len(x.knowledge) for x in here]
        found.append(fsum(w * k for w, k in zip(weights, means, strict=True)) / fsum(weights))
    return [*found, 0.0]


def beginners(first: int, f: list[float], retirement: float, t: int) -> float:
    """N of quarter t; ``f`` holds F of all quarters from the first one on."""
    before = f[t - 1] if t > 0 else f[0] ** 2 / f[1]
    return max(0.0, first * (f[t] - before * exp(-retirement / 4.0)) / f[0])


def official(levels: list[float]) -> list[float]:
    """F of a province by quarter from its ``levels``, flat before the middle of the first year."""
    growth = levels[3] / levels[2]
    return [levels[2] / growth**2, levels[2] / growth, *levels[2:]]


def apportioned(total: int, weights: list[float], ids: list[int]) -> list[int]:
    """Whole parts of the shares, the rest to the largest remainders, ties by identity."""
    whole = fsum(weights)
    if total <= 0 or whole == 0.0:
        return [0] * len(weights)
    shares = [total * w / whole for w in weights]
    counts = [floor(x) for x in shares]
    order = sorted(range(len(weights)), key=lambda k: (counts[k] - shares[k], ids[k]))
    for k in order[: total - sum(counts)]:
        counts[k] += 1
    return counts


def systematic(n: int, weights: list[float], ids: list[int], start: float) -> list[int]:
    """Return n items spread in proportion to weights: points start, start + 1, ... on n shares."""
    whole = fsum(weights)
    counts = [0] * len(weights)
    if whole == 0.0:
        return counts
    order = sorted(range(len(weights)), key=lambda k: ids[k])
    ends, total = [], 0.0
    for k in order:
        total += weights[k]
        ends.append(n * total / whole)
    for point in range(n):
        at = bisect_right(ends, point + start)
        counts[order[min(at, len(ends) - 1)]] += 1
    return counts


def passage(land: Land, c: int, d: int) -> float:
    """x between two places."""
    outside = len(land.province)
    if outside in (c, d):
        return land.recognition_outside
    p, q = land.province[c], land.province[d]
    if p == q:
        return 1.0
    kept_out = land.border[p][q] * (1.0 - land.relief[c][d])
    passes = (1.0 - kept_out) * (1.0 - max(land.closed[p], land.closed[q]))
    return passes * land.recognition[p][q]


def hours(land: Land, c: int, d: int) -> float:
    """t between two places."""
    outside = len(land.province)
    if c == outside:
        return land.outside_hours[d]
    return land.outside_hours[c] if d == outside else land.hours[c][d]


def scarce_quarter(
    organisations: list[Organisation],
    land: Land,
    stock: list[int],
    pay: list[float],
    draws: Draws,
) -> Quarter:
    """The talent phase of a quarter under scarce supply."""
    n_cities = len(land.province)
    outside, places, cities = n_cities, range(n_cities + 1), range(n_cities)
    asked = demand(organisations, land)
    skill = mean_knowledge(organisations, land)

    leave = 1.0 - exp(-land.retirement / 4.0)
    left = [s - floor(s * leave + draws.retires[c]) for c, s in enumerate(stock)]
    vacant = [max(0.0, asked[c] - left[c]) for c in places]

    y = [land.wage[c] * pay[c] for c in cities]
    total = fsum(asked[c] for c in cities)
    y.append(fsum(asked[c] * y[c] for c in cities) / total if total > 0.0 else max(y))
    mean_left = sum(left[:outside]) / n_cities
    draw = [land.offer[c] * (left[c] / mean_left) ** land.core_pull for c in cities] + [1.0]

    def weight(c: int, d: int, jobs_at_home: float) -> float:
        if c == d:
            return (vacant[c] + jobs_at_home) * y[c] * exp(land.knowledge * skill[c])
        near = exp(-hours(land, c, d) / land.decay_h)
        come = vacant[d] * y[d] * exp(land.knowledge * skill[d]) * draw[d]
        return come * near * passage(land, c, d)

    begin = apportioned(floor(land.beginners + draws.begin), land.students, land.ids)
    arrive, from_elsewhere, stay = [0] * n_cities, [0] * n_cities, [0] * n_cities
    anywhere = any(vacant[c] > 0.0 for c in cities)
    for c in cities:
        look = floor(land.graduates_look * begin[c] + draws.look[c])
        stay[c] = begin[c] - look
        weights = [weight(c, d, 0.0) for d in cities]
        if not anywhere or fsum(weights) == 0.0:
            stay[c] += look
            continue
        for d, n in enumerate(systematic(look, weights, land.ids[:-1], draws.graduates[c])):
            arrive[d] += n
            from_elsewhere[d] += n if d != c else 0

    there = sum(left[:outside])
    graduates = []
    for c in cities:
        drawn = land.beginners * left[c] / there * (pay[c] ** land.entry_elasticity - 1.0)
        lack = max(0.0, asked[c] - left[c] - stay[c] - arrive[c])
        come = floor(min(drawn, lack) + draws.pay[c])
        graduates.append(max(0, stay[c] + arrive[c] + come))
    graduates.append(max(0, floor(asked[outside]) - left[outside]))

    moves = [[0] * (n_cities + 1) for _ in places]
    if any(v > 0.0 for v in vacant):
        mobility = [*land.mobility, land.mobility_outside]
        for c in places:
            many = floor(left[c] * (1.0 - exp(-mobility[c] / 4.0)) + draws.reconsiders[c])
            weights = [weight(c, d, 0.02 * left[c]) for d in places]
            moves[c] = systematic(many, weights, land.ids, draws.movers[c])
            moves[c][c] = 0

    into = [sum(moves[c][d] for c in places) for d in places]
    after = [left[c] + graduates[c] + into[c] - sum(moves[c]) for c in places]
    a = 1.0 - exp(-land.pay_speed / 4.0)
    new_pay = [pay_after(pay[c], asked[c], after[c], a) for c in cities]
    arrived = [into[c] + from_elsewhere[c] for c in cities]
    return Quarter(asked, after, new_pay, moves, arrived)


def pay_after(pay: float, asked: float, stock: int, a: float) -> float:
    """theta' of a city."""
    if asked == 0.0:
        ratio = 1.0
    elif stock == 0:
        ratio = 4.0
    else:
        ratio = min(max(asked / stock, 0.25), 4.0)
    return pay ** (1.0 - a) * ratio**a


def employed(
    organisations: list[Organisation],
    land: Land,
    stock: list[int],
    before: list[float],
    pay: list[float],
) -> tuple[list[float], list[float]]:
    """phi by city and researchers by organisation, after firms have set their R&D."""

    def can(x: Organisation) -> float:
        paid = x.rd / pay[x.city] + x.grants / (before if x.science else pay)[x.city]
        return 4.0 * paid / land.wage[x.city] / (1.0 if x.science else land.scale)

    phi = []
    for c in range(len(land.province)):
        posts = fsum(can(x) for x in organisations if x.city == c)
        phi.append(min(1.0, stock[c] / posts) if posts > 0.0 else 1.0)
    own = [phi[x.city] * can(x) * (1.0 if x.science else land.scale) for x in organisations]
    return phi, own


def premiums(
    strength: float,
    premium: float,
    target: list[float],
    land: Land,
    before: list[float],
    quarter: Quarter,
) -> list[float]:
    """What cities pay to those who came."""
    cities = range(len(land.province))
    y = [land.wage[d] * before[d] for d in cities]
    paid = [strength * premium * target[d] * y[d] * quarter.arrived[d] for d in cities]
    return [land.scale * x for x in paid]
