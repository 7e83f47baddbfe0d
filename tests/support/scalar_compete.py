"""A quarter of productivity and markets in plain Python, written from `docs/odd/compete.md` alone.

Firms are dictionaries; ``o`` and ``q`` are places, the provinces and then the rest of the nation;
``c`` and ``d`` are cities.
"""

import math
from collections.abc import Sequence
from typing import Any

Firms = Sequence[dict[str, Any]]


def quarter(firms, market, official, outside, environment, shift, services, scale, p):
    """Everything that the phase writes.

    ``market`` holds ``weight``, ``city_weight``, ``lagged``, ``city_pull``, ``price_at_start`` and
    ``log_price`` before, ``home``, the province of each city, ``mix``, mu, and ``reference``, pbar;
    ``official`` is V, ``environment`` protection and border, ``services`` GDP over secondary value
    added of provinces.
    """
    weight, home = market["weight"], market["home"]
    industries, places, cities = range(len(weight)), range(len(weight[0])), range(len(home))
    nation = len(weight[0]) - 1
    log_a = [after(f, p) for f in firms]
    share = grown(firms, log_a, p)
    tau = arriving(*environment, p)
    closes = 1.0 - (1.0 - p.share_adjustment) ** 0.25
    lags, pulls, shares, offers, mass = [], [], [], [], []
    for j in industries:
        a = [mean_a(firms, log_a, share, j, o, outside[j]) for o in range(nation)]
        a.append(math.exp(outside[j]))
        m_j = [mass_of(firms, share, j, c, home) for c in cities]
        c_j, b_j = parted(firms, log_a, share, j, a, m_j, market, closes, p)
        l_j, s_j = [], []
        for q in places:
            pull = [weight[j][o] * (a[o] * tau[o][q]) ** (p.sigma - 1.0) for o in places]
            rest = [x / math.fsum(pull) for x in pull]
            lagged = market["lagged"][j]
            new = [lagged[o][q] + closes * (rest[o] - lagged[o][q]) for o in places]
            sold = [new[home[c]] * c_j[c] * math.exp(shift[c]) for c in cities] + [new[nation]]
            l_j.append(new)
            s_j.append([x / math.fsum(sold) for x in sold])
        mass.append(m_j)
        pulls.append(b_j)
        lags.append([[l_j[q][o] for q in places] for o in places])
        shares.append([[s_j[q][o] for q in places] for o in range(len(home) + 1)])
        offers.append(a)
    price = prices(market, offers, tau, closes, p)
    factor = [
        math.exp(-p.demand_elasticity * (now - then))
        for now, then in zip(price, market["reference"], strict=True)
    ]
    output = [
        [
            math.fsum(shares[j][o][q] * market["mix"][j] * official[q] * factor[q] for q in places)
            for o in range(len(home) + 1)
        ]
        for j in industries
    ]
    made = [
        scale * s / mass[f["industry"]][f["city"]] * output[f["industry"]][f["city"]]
        for f, s in zip(firms, share, strict=True)
    ]
    return {
        "log_productivity": log_a,
        "share": share,
        "lagged": lags,
        "city_pull": pulls,
        "market_share": shares,
        "log_price": price,
        "demand_factor": factor,
        "output": output,
        "value_added": made,
        "sales": [v * services[f["province"]] for f, v in zip(firms, made, strict=True)],
    }


def log_price(weight, a, tau, mix, sigma, q):
    """Log P of a destination."""
    return math.fsum(
        mu
        * math.log(math.fsum(w[o] * (x[o] * tau[o][q]) ** (sigma - 1.0) for o in range(len(w))))
        / (1.0 - sigma)
        for mu, w, x in zip(mix, weight, a, strict=True)
    )


def prices(market, a, tau, closes, p):
    """p' of all places."""
    found = []
    for q, (before, start) in enumerate(
        zip(market["log_price"], market["price_at_start"], strict=True)
    ):
        now = log_price(market["weight"], a, tau, market["mix"], p.sigma, q)
        found.append(before + closes * (now - start - before))
    return found


def mass_of(firms, share, j, c, home):
    """m of a city; even where its province has no firm of the industry."""
    there = [(f, s) for f, s in zip(firms, share, strict=True) if f["industry"] == j]
    if not any(f["province"] == home[c] for f, _ in there):
        return 1.0 / list(home).count(home[c])
    return math.fsum(s for f, s in there if f["city"] == c)


def parted(firms, log_a, share, j, a, mass, market, closes, p):
    """c and b' of the cities in an industry."""
    home, h = market["home"], market["city_weight"][j]
    cities = range(len(home))
    power = []
    for c in cities:
        there = [i for i, f in enumerate(firms) if (f["industry"], f["city"]) == (j, c)]
        own = math.fsum(share[i] * math.exp(log_a[i]) for i in there)
        mean = own / math.fsum(share[i] for i in there) if there else a[home[c]]
        power.append(mean ** (p.sigma - 1.0))
    found, pulls = [], []
    for c in cities:
        mine = [d for d in cities if home[d] == home[c]]
        whole = math.fsum(h[d] * mass[d] for d in mine)
        kappa = {d: h[d] * mass[d] / whole for d in mine}
        total = math.fsum(kappa[d] * power[d] for d in mine)
        old = market["city_pull"][j]
        new = {d: old[d] + closes * (power[d] / total - old[d]) for d in mine}
        found.append(kappa[c] * new[c] / math.fsum(kappa[d] * new[d] for d in mine))
        pulls.append(new[c])
    return found, pulls


def after(firm, p):
    """Log A'; ``quality`` is None without a technology."""
    log_a: float = firm["log_productivity"]
    effect = firm["effect"] + p.market_access * firm.get("access", 0.0)
    gap = 0.0 if firm["quality"] is None else firm["quality"] + effect - log_a
    return log_a + p.catch_up * max(0.0, gap) - p.depreciation


def grown(firms, log_a, p):
    """Shares of firms in their province, moved inside industry and city."""
    groups: dict[tuple[int, int], list[int]] = {}
    for i, f in enumerate(firms):
        groups.setdefault((f["industry"], f["city"]), []).append(i)
    share = [0.0] * len(firms)
    for members in groups.values():
        mass = math.fsum(firms[i]["share"] for i in members)
        mean = math.fsum(firms[i]["share"] * math.exp(log_a[i]) for i in members) / mass
        for i in members:
            rise = 1.0 + p.selection * (math.exp(log_a[i]) / mean - 1.0)
            share[i] = firms[i]["share"] * rise
        total = math.fsum(share[i] for i in members)
        for i in members:
            share[i] *= mass / total
    return share


def mean_a(firms, log_a, share, j, o, outside):
    """A of a province in an industry; that of the outside where it has no firm."""
    there = [i for i, f in enumerate(firms) if (f["industry"], f["province"]) == (j, o)]
    if not there:
        return math.exp(outside)
    return math.fsum(share[i] * math.exp(log_a[i]) for i in there) / math.fsum(
        share[i] for i in there
    )


def arriving(protection, passes, p):
    """Part of value that arrives, tau, by origin and destination."""
    home = len(protection)

    def part(o, q):
        if o == q:
            return 1.0
        if home in (o, q):
            return float(p.transport_outside)
        kept = (1.0 - protection[q]) * passes[o][q]
        return max(0.05, p.transport_region * kept)

    return [[part(o, q) for q in range(home + 1)] for o in range(home + 1)]


def access(spending, tau, plain, moved, o, p):
    """Log of what a place reaches over what it would reach; ``moved`` is what shocks add to v."""
    now, before = (
        math.fsum(d * way[o][q] ** (p.sigma - 1.0) for q, d in enumerate(spending))
        for way in (tau, plain)
    )
    return math.log(now / before) + moved
