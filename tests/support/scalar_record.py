"""Loops over single organisations, cities and deals: what the tables of arrays must equal."""

import numpy as np

from ydsim.agents.organisations import FIRM
from ydsim.agents.projects import STAGES

KINDS = ("firm", "university", "institute")


def parts(values, home):
    """The part of each city in its province; even where the province has nothing."""
    found = []
    for p in home:
        total = sum(v for v, q in zip(values, home, strict=True) if q == p)
        found.append(total)
    return [
        v / t if t > 0.0 else 1.0 / list(home).count(p)
        for v, t, p in zip(values, found, home, strict=True)
    ]


def supply(share, demand, home):
    """Goods from place to place; ``share`` (J, C + 1, P + 1), ``demand`` (J, P + 1)."""
    n_j, n_c, n_p = len(share), len(home), max(home) + 1
    places = [*home, n_p]
    made = [
        sum(share[j][c][q] * demand[j][q] for j in range(n_j) for q in range(n_p + 1))
        for c in range(n_c)
    ]
    buys = [*parts(made, home), 1.0]
    flow = [[0.0] * (n_c + 1) for _ in range(n_c + 1)]
    for j in range(n_j):
        for c in range(n_c + 1):
            for d in range(n_c + 1):
                if c < n_c or d < n_c:
                    flow[c][d] += share[j][c][places[d]] * demand[j][places[d]] * buys[d]
    return flow


def degree(ties, alive):
    """Living partners of every organisation."""
    number = [0] * len(alive)
    for a, b in zip(ties.a.tolist(), ties.b.tolist(), strict=True):
        if alive[a] and alive[b]:
            number[a] += 1
            number[b] += 1
    return number


def passports(generations, world, start):
    """One tuple for each known stage of the region's generations founded since the start."""
    rows = []
    for g in range(len(generations)):
        if generations.origin[g] != 0 or generations.founded[g] < 0:
            continue
        for k, stage in enumerate(STAGES):
            quarter = int(generations.stage_end[g, k])
            if quarter == -(2**15):
                continue
            city = int(generations.stage_city[g, k])
            year, of_year = divmod(quarter, 4)
            rows.append(
                (
                    g,
                    stage,
                    world.city_names[city],
                    world.provinces[world.city_province[city]],
                    KINDS[generations.stage_kind[g, k]],
                    start + year,
                    1 + of_year,
                )
            )
    return rows


def knowledge(state):
    """Mean knowledge by province and field."""
    table, world = state.organisations, state.world
    top = np.zeros((world.n_provinces, len(world.fields)))
    bottom = np.zeros(world.n_provinces)
    for i in range(len(table)):
        weight = table.researchers[i] * (1.0 if table.kind[i] == FIRM else state.scale)
        top[table.province[i]] += weight * table.knowledge[i]
        bottom[table.province[i]] += weight
    return top / bottom[:, None]


def effort(state):
    """Researchers at work by province and field, at scale 1; firms that moved by identity."""
    table, world = state.organisations, state.world
    found = np.zeros((world.n_provinces, len(world.fields)))
    explored = {int(table.key[row]): k for k, row in enumerate(state.active.tolist())}
    for i in range(len(table)):
        k = explored.get(int(table.key[i]))
        if k is None or not table.alive[i]:
            continue
        weight = table.researchers[i] / (state.scale if table.kind[i] == FIRM else 1.0)
        found[table.province[i]] += weight * state.field_share[:, k]
    return found


def awareness(state, per_attention):
    """Mean factor over the firms of each city, of each province, and of the region."""
    table, world = state.organisations, state.world
    by_city = [[] for _ in range(world.n_cities)]
    for i in state.firms.tolist():
        c = int(table.city[i])
        by_city[c].append(1.0 + per_attention * state.attention[c, table.industry[i]])

    def mean(values):
        return sum(values) / len(values) if values else 1.0

    of = world.city_province.tolist()
    by_province = [
        mean([v for c, values in enumerate(by_city) if of[c] == p for v in values])
        for p in range(world.n_provinces)
    ]
    return [mean(v) for v in by_city], by_province, mean([v for c in by_city for v in c])
