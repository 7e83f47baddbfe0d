"""The labour market of researchers once more in plain Python: loops, `math`, no arrays.

Places are numbered, the rest of the nation last; `p` are the parameters.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from tests.support.numbers import DECAY_H

Numbers = Sequence[float]


def apportion(total, weight, keys):
    if total <= 0:
        return [0] * len(weight)
    quota = [total * w / math.fsum(weight) for w in weight]
    share = [math.floor(q) for q in quota]
    places = sorted(range(len(weight)), key=lambda i: (share[i] - quota[i], keys[i]))
    for place in places[: total - sum(share)]:
        share[place] += 1
    return share


def spread(number, weight, keys, u):
    """Everyone has a point k + u on a line; places lie along it by key, as wide as their weight."""
    count = [0] * len(weight)
    everything = math.fsum(weight)
    for k in range(number):
        end = 0.0
        for place in sorted(range(len(weight)), key=lambda i: keys[i]):
            end += weight[place] / everything * number
            if k + u < end:
                count[place] += 1
                break
    return count


def leavers(stock, rate, u):
    return math.floor(stock * (1.0 - math.exp(-rate / 4.0)) + u)


def wage_factor(demand, stock, scarcity):
    if stock == 0:
        return 1.0 if demand == 0.0 or scarcity == 0.0 else 4.0
    return min(max((demand / stock) ** scarcity, 0.25), 4.0)


def weight(
    c,
    d,
    *,
    vacancy,
    stock,
    pay,
    province,
    hours,
    outside_hours,
    passes,
    recognition,
    offer,
    core_pull,
    p,
):
    """W of destination d for a researcher of c."""
    outside = len(province)
    appeal = pay[d]
    if c == d:
        return (vacancy[c] + 0.02 * stock[c]) * appeal
    if d != outside:
        mean = sum(stock[:outside]) / outside
        appeal *= offer[d] * (stock[d] / mean if mean > 0.0 else 1.0) ** core_pull
    if outside in (c, d):
        trip = outside_hours[min(c, d)]
        return vacancy[d] * appeal * math.exp(-trip / DECAY_H) * p.recognition
    here, there = province[c], province[d]
    drawn = vacancy[d] * appeal * math.exp(-hours[c][d] / DECAY_H)
    if here != there:
        drawn *= passes[here][there] * recognition[here][there]
    return drawn


@dataclass
class Firm:
    """An organisation: a firm of the sample, or science, which is whole."""

    city: int
    firm: bool
    alive: bool
    rd: float
    grants_spent: float
    researchers: float


def demand(city, organisations, wage, scale):
    total = 0.0
    for one in organisations:
        if one.alive and one.city == city:
            spending = one.rd + one.grants_spent
            total += 4.0 * (spending / scale if one.firm else spending) / wage
    return total


@dataclass
class Quarter:
    """What a quarter of the labour market leaves."""

    retired: list[int]
    new: list[int]
    moves: list[list[int]]
    stock: list[int]
    demand: list[float]
    vacancy: list[float]
    wage: list[float]


@dataclass
class Scarce:
    """What the quarter of a scarce supply reads besides."""

    official: tuple[float, float]
    """Official FTE of the first quarter and of this one."""
    start: int
    students: Numbers
    u_all: float
    u_look: Numbers
    u_job: Numbers

    @property
    def supply(self):
        """Researchers of the region at official pay."""
        return self.start * self.official[1] / self.official[0]


def quarter(
    stock,
    factor,
    organisations,
    wage,
    scale,
    mass,
    keys,
    u_retire,
    u_move,
    u_way,
    p,
    mobility,
    scarce=None,
    **world,
):
    """One quarter; `wage` is that of each city's province, `mobility` that of cities."""
    cities, places = range(len(factor)), range(len(stock))
    wanted = [demand(c, organisations, wage[c], scale) for c in cities]
    region = math.fsum(wanted)
    pay = [wage[c] * factor[c] for c in cities]
    pay.append(math.fsum(y * d for y, d in zip(pay, wanted, strict=True)) / region)
    wanted.append(mass * (scarce.supply if scarce else region))

    retired = [leavers(stock[i], p.retirement, u_retire[i]) for i in places]
    left = [stock[i] - retired[i] for i in places]
    vacancy = [max(wanted[i] - left[i], 0.0) for i in places]

    def pull(c, d):
        return weight(c, d, vacancy=vacancy, stock=left, pay=pay, p=p, **world)

    if scarce:
        at_home = [v * y for v, y in zip(vacancy, pay, strict=True)]
        new = beginners(scarce, factor, region, left, keys, at_home, pull, p)
        new.append(max(0, math.floor(wanted[-1]) - left[-1]))
    else:
        new = apportion(math.floor(math.fsum(wanted)) - sum(left), vacancy, keys)
    moved = []
    for c in places:
        movers = leavers(left[c], [*mobility, p.mobility][c], u_move[c])
        moved.append(spread(movers, [pull(c, d) for d in places], keys, u_way[c]))
        moved[c][c] = 0
    after = [left[i] + new[i] + sum(moved[c][i] for c in places) - sum(moved[i]) for i in places]
    if scarce:
        theta = [scarce_pay(factor[c], wanted[c], after[c], p.pay_speed) for c in cities]
    else:
        theta = [wage_factor(wanted[c], after[c], 1.0 / (1.0 + p.entry_elasticity)) for c in cities]
    return Quarter(retired, new, moved, after, wanted, vacancy, theta)


def beginners(scarce, factor, region, left, keys, at_home, pull, p):
    """Who begins in each city, where they study or where they find what they look for."""
    cities = range(len(factor))
    answer = [theta**p.entry_elasticity for theta in factor]
    here = sum(left[c] for c in cities)
    begin = scarce.supply - here
    posts = max(region - here - begin, 0.0)
    more = scarce.supply * (sum(left[c] * answer[c] for c in cities) / here - 1.0)
    begin = max(begin + min(more, posts), 0.0)
    weights = [s * a for s, a in zip(scarce.students, answer, strict=True)]
    studied = apportion(math.floor(begin + scarce.u_all), weights, keys[:-1])
    new = list(studied)
    for c in cities:
        row = [at_home[c] if c == d else pull(c, d) for d in cities]
        look = min(studied[c], math.floor(p.graduates_look * studied[c] + scarce.u_look[c]))
        if math.fsum(row) > 0.0:
            for d, number in enumerate(spread(look, row, keys[:-1], scarce.u_job[c])):
                new[c] -= number
                new[d] += number
    return new


def scarce_pay(factor, wanted, stock, speed):
    ratio = wanted / stock if stock > 0 else 4.0
    clearing = 1.0 if wanted == 0.0 else min(max(ratio, 0.25), 4.0)
    slow = math.exp(-speed / 4.0)
    return min(max(factor**slow * clearing ** (1.0 - slow), 0.25), 4.0)


def employed(researchers, weight, stock):
    """What remains of the work that organisations of a city can pay."""
    wanted = math.fsum(r * w for r, w in zip(researchers, weight, strict=True))
    part = stock / wanted if wanted > stock else 1.0
    return [r * part for r in researchers]
