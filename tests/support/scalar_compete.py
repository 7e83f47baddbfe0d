"""A quarter of productivity and markets in plain Python, written from `docs/odd.md`, 7.12, alone.

Firms are dictionaries; ``o`` and ``q`` are places, the provinces and then the rest of the nation.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

Firms = Sequence[dict[str, Any]]
Numbers = Sequence[float]
Matrix = Sequence[Sequence[float]]


def quarter(
    firms: Firms,
    weight: Matrix,
    lagged: Sequence[Matrix],
    demand: Matrix,
    outside: Numbers,
    environment: tuple[Numbers, Matrix],
    shift: Numbers,
    services: Numbers,
    scale: float,
    p: Any,
) -> dict[str, Any]:
    """Everything that the phase writes.

    ``demand`` is mu_j D_q, ``environment`` protection and border, ``services`` GDP over secondary
    value added of provinces.
    """
    industries, places = range(len(weight)), range(len(weight[0]))
    home = len(weight[0]) - 1
    log_a = [after(f, p) for f in firms]
    share = grown(firms, log_a, p)
    tau = arriving(*environment, p)
    lags, shares, output = [], [], []
    for j in industries:
        a = [mean_a(firms, log_a, share, j, o, outside[j]) for o in range(home)]
        a.append(math.exp(outside[j]))
        l_j, s_j = [], []
        for q in places:
            pull = [weight[j][o] * (a[o] * tau[o][q]) ** (p.sigma - 1.0) for o in places]
            rest = [x / math.fsum(pull) for x in pull]
            closes = 1.0 - (1.0 - p.share_adjustment) ** 0.25
            new = [lagged[j][o][q] + closes * (rest[o] - lagged[j][o][q]) for o in places]
            moved = [new[o] * math.exp([*shift, 0.0][o]) for o in places]
            l_j.append(new)
            s_j.append([x / math.fsum(moved) for x in moved])
        lags.append([[l_j[q][o] for q in places] for o in places])
        shares.append([[s_j[q][o] for q in places] for o in places])
        output.append([math.fsum(s_j[q][o] * demand[j][q] for q in places) for o in places])
    made = [
        scale * s * output[f["industry"]][f["province"]] for f, s in zip(firms, share, strict=True)
    ]
    return {
        "log_productivity": log_a,
        "share": share,
        "lagged": lags,
        "market_share": shares,
        "output": output,
        "value_added": made,
        "sales": [v * services[f["province"]] for f, v in zip(firms, made, strict=True)],
    }


def after(firm: dict[str, Any], p: Any) -> float:
    """Log A'; ``quality`` is None without a technology."""
    log_a: float = firm["log_productivity"]
    gap = 0.0 if firm["quality"] is None else firm["quality"] + firm["effect"] - log_a
    return log_a + p.catch_up * max(0.0, gap) - p.depreciation


def grown(firms: Firms, log_a: Numbers, p: Any) -> list[float]:
    """Shares within industry and province."""
    groups: dict[tuple[int, int], list[int]] = {}
    for i, f in enumerate(firms):
        groups.setdefault((f["industry"], f["province"]), []).append(i)
    share = [0.0] * len(firms)
    for members in groups.values():
        mean = math.fsum(firms[i]["share"] * math.exp(log_a[i]) for i in members)
        for i in members:
            rise = 1.0 + p.selection * (math.exp(log_a[i]) / mean - 1.0)
            share[i] = max(firms[i]["share"] * rise, p.share_floor / len(members))
        total = math.fsum(share[i] for i in members)
        for i in members:
            share[i] /= total
    return share


def mean_a(firms: Firms, log_a: Numbers, share: Numbers, j: int, o: int, outside: float) -> float:
    """A of a province in an industry; that of the outside where it has no firm."""
    there = [i for i, f in enumerate(firms) if (f["industry"], f["province"]) == (j, o)]
    if not there:
        return math.exp(outside)
    return math.fsum(share[i] * math.exp(log_a[i]) for i in there) / math.fsum(
        share[i] for i in there
    )


def arriving(protection: Numbers, border: Matrix, p: Any) -> list[list[float]]:
    """Part of value that arrives, tau, by origin and destination."""
    home = len(protection)

    def part(o: int, q: int) -> float:
        if o == q:
            return 1.0
        if home in (o, q):
            return float(p.transport_outside)
        kept = (1.0 - protection[q]) * (1.0 - p.border_cost * border[o][q])
        return max(0.05, p.transport_region * kept)

    return [[part(o, q) for q in range(home + 1)] for o in range(home + 1)]
