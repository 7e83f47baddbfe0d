"""How a series goes on after the data, once more in plain Python: one line, one year at a time."""

import itertools
import math


def carried(known, end, rule, *, target, until, gdp=None, draw=lambda year: 0.0, uncertainty=0.0):
    """Figures of the years to ``end``; ``draw`` gives F and z of a year as one number."""
    base = dict.fromkeys(range(min(known), end + 1), 1.0) if gdp is None else gdp
    last = max(known)
    level = known[last] / base[last]
    ratio = [known[y] / base[y] for y in sorted(known)]
    growth = [math.log(b / a) for a, b in itertools.pairwise(ratio)]
    out, total, error = dict(known), 0.0, 0.0
    for year in range(last + 1, end + 1):
        k = year - last
        rate = later(growth, rule, k, target, until - last)
        if k == 1 and len(growth) >= 4:
            rate = min(max(rate, min(growth[-4:])), max(growth[-4:]))
        total += rate
        error = rule.persistence * error + rule.step * draw(year)
        out[year] = level * math.exp(total + uncertainty * error) * base[year]
    return out


def later(growth, rule, k, target, span):
    recent = growth[-rule.years :]
    mean = math.fsum(recent) / len(recent) if recent else target
    left = max(0.0, 1.0 - k / span) if span > 0 else 0.0
    return target + (mean - target) * rule.damping**k * left
