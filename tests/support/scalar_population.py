"""Rules of foundings, turnover and the start in plain Python; see `scalar`."""

import math

from tests.support.scalar import drawn

# -- found -----------------------------------------------------------------------------------------


def step_sizes(growth, per_year, share, relevance):
    """A cell in which little is founded takes larger steps, .1 at most."""
    steps = []
    for mu, row in zip(share, relevance, strict=True):
        expected = [per_year * mu * r for r in row]
        steps.append([min(growth / e, 0.1) if e > 0.0 else 0.1 for e in expected])
    return steps


def crowded(step, frontier, share, relevance, width):
    mean = math.fsum(
        mu * r * level
        for mu, row, levels in zip(share, relevance, frontier, strict=True)
        for r, level in zip(row, levels, strict=True)
    )
    return [
        [s * 2.0 / (1.0 + math.exp((level - mean) / width)) for s, level in zip(*rows, strict=True)]
        for rows in zip(step, frontier, strict=True)
    ]


def due_cells(account, foundings, mix, launched):
    """Industry and field of each founding that can be, and the accounts before they are paid."""
    total = math.fsum(m for row in mix for m in row)
    cells, after = [], [list(row) for row in account]
    for j, row in enumerate(mix):
        for f, m in enumerate(row):
            due = foundings * m / total if total > 0.0 else 0.0
            after[j][f] = min(after[j][f] + due, 2.0)
            there = sum(cell == (j, f) for cell in launched)
            cells += [(j, f)] * max(min(math.floor(after[j][f]), there), 0)
    return cells, after


def drawn_founders(launches, cells, uniforms):
    """Positions of the founders and the number of the founding that drew each first."""
    found: dict[int, int] = {}
    for n, ((j, f), u) in enumerate(zip(cells, uniforms, strict=True)):
        mine = [i for i, row in enumerate(launches) if (row["industry"], row["field"]) == (j, f)]
        members = sorted(mine, key=lambda i: (launches[i]["quality"], launches[i]["key"]))
        at = drawn([launches[i]["quality"] for i in members], u)
        if at is not None:
            found.setdefault(members[at], n)
    return list(found), list(found.values())


def faded_mix(mix, launches, quarters=40):
    """Quality of launches by cell: a fortieth of the old is lost, the new is added."""
    after = [[m * (1.0 - 1.0 / quarters) for m in row] for row in mix]
    for row in launches:
        after[row["industry"]][row["field"]] += row["quality"]
    return after


def hoped_quality(industries, quality, n):
    """Expected quality of a launch that is drawn by quality, by industry."""

    def expected(values, without):
        return math.fsum(q * q for q in values) / math.fsum(values) if values else without

    everyone = expected(list(quality), 1.0)
    mine = [[q for k, q in zip(industries, quality, strict=True) if k == j] for j in range(n)]
    return [expected(values, everyone) for values in mine]


def mean_quality(industries, quality, n):
    """Mean quality of launches by industry; of all, or one, where there is none."""
    everyone = math.fsum(quality) / len(quality) if len(quality) else 1.0
    mine = [[q for k, q in zip(industries, quality, strict=True) if k == j] for j in range(n)]
    return [math.fsum(values) / len(values) if values else everyone for values in mine]


def improvement(quality, before, joining, b):
    return 2.0 * b * quality * (math.sqrt(1.0 + before + joining) - math.sqrt(1.0 + before))


def matching(launches, generations, bits):
    """The living generation that each launch joins; ``bits(launch key, generation key)``."""
    chosen = []
    for launch in launches:
        mine = [
            g
            for g, other in enumerate(generations)
            if other["live"] and other["industry"] == launch["industry"]
        ]
        same = [g for g in mine if generations[g]["field"] == launch["field"]]
        candidates = same or mine
        key = launch["key"]
        best = min(candidates, key=lambda g: bits(key, generations[g]["key"]), default=-1)
        chosen.append(best)
    return chosen


# -- renew -----------------------------------------------------------------------------------------


def exit_hazard(age, lead, size, mean, elasticity):
    weakness = 1.0 / (1.0 + math.exp(lead / 0.4))
    hazard = mean * (1.0 + math.exp(-age / 5.0) + weakness) / 2.0
    return hazard if size <= 1.0 else hazard / size**elasticity


def leavers(firms, uniforms, mean, elasticity):
    """Who leaves: in a group that would vanish the first leaver stays."""
    out = []
    for firm, u in zip(firms, uniforms, strict=True):
        peers = [other["log_a"] for other in firms if other["group"] == firm["group"]]
        lead = firm["log_a"] - math.fsum(peers) / len(peers)
        size = firm["share"] * len(peers)
        hazard = exit_hazard(firm["age"], lead, size, mean, elasticity)
        out.append(u < 1.0 - math.exp(-hazard / 4.0))
    for group in sorted({firm["group"] for firm in firms}):
        members = [i for i, firm in enumerate(firms) if firm["group"] == group]
        if all(out[i] for i in members):
            out[members[0]] = False
    return out


# -- groups ----------------------------------------------------------------------------------------


def systematic(weight, number, u):
    """Points u, u + 1, ... below ``number`` fall on stretches as long as the weights."""
    total, counts, passed = math.fsum(weight), [], 0.0
    if number <= 0 or total <= 0.0:
        return [0] * len(weight)
    before = 0
    for i, w in enumerate(weight):
        passed += w
        edge = float(number) if i == len(weight) - 1 else passed / total * number
        after = sum(u + k < edge for k in range(number))
        counts.append(after - before)
        before = after
    return counts


# -- populate --------------------------------------------------------------------------------------


def due_entrants(account, weight, number):
    """Firms that enter each cell: whole ones due, then one more or less by what is left."""
    cells = [c for c, w in enumerate(weight) if w > 0.0]
    counts = [0] * len(account)
    if number <= 0 or not cells:
        return counts
    whole = {c: max(math.floor(account[c]), 0) for c in cells}
    left = sorted(cells, key=lambda c: (whole[c] - account[c], c))
    for c in cells:
        counts[c] = whole[c]
    turn = 0
    while sum(counts) < number:
        counts[left[turn % len(left)]] += 1
        turn += 1
    while sum(counts) > number:
        for c in reversed(left):
            if counts[c] > 0 and sum(counts) > number:
                counts[c] -= 1
    return counts


def due_by_cell(weight, number, grown, province_of):
    """What cells of city and industry are due: by weight anywhere, and growth in its province."""
    total = math.fsum(w for row in weight for w in row)
    inside = [
        math.fsum(w for row, p in zip(weight, province_of, strict=True) if p == q for w in row)
        for q in range(len(grown))
    ]
    more = [g if there > 0.0 else 0.0 for g, there in zip(grown, inside, strict=True)]
    if math.fsum(more) > number:
        more = [g * number / math.fsum(more) for g in more]
    rest = number - math.fsum(more)
    return [
        [w * rest / total + (w * more[p] / inside[p] if inside[p] > 0.0 else 0.0) for w in row]
        for row, p in zip(weight, province_of, strict=True)
    ]


def truncated_pareto(u, exponent, spread):
    return (1.0 - u * (1.0 - spread ** (-exponent))) ** (-1.0 / exponent)


def firm_shares(group, key, rank_u, jitter_u, exponent, spread):
    sizes = []
    for i, g in enumerate(group):
        peers = [j for j, h in enumerate(group) if h == g]
        rank = sorted(peers, key=lambda j: (rank_u[j], key[j])).index(i)
        sizes.append(truncated_pareto((rank + jitter_u[i]) / len(peers), exponent, spread))
    totals = [math.fsum(s for s, h in zip(sizes, group, strict=True) if h == g) for g in group]
    return [s / t for s, t in zip(sizes, totals, strict=True)]


def calibrate_weights(target, a, tau, spending, sigma, passes=5000):
    """Weights of one industry by proportional fitting, from the target's own proportions."""
    places = range(len(target))
    weight = [t / math.fsum(target) for t in target]
    for _ in range(passes):
        score = [[weight[o] * (a[o] * tau[o][d]) ** (sigma - 1.0) for d in places] for o in places]
        column = [math.fsum(score[o][d] for o in places) for d in places]
        made = [math.fsum(score[o][d] / column[d] * spending[d] for d in places) for o in places]
        weight = [w * t / m for w, t, m in zip(weight, target, made, strict=True)]
        total = math.fsum(weight)
        weight = [w / total for w in weight]
    return weight


# -- reference and quarters ------------------------------------------------------------------------


def line(at, x, y):
    """Piecewise linear through the points, flat beyond them."""
    if at <= x[0]:
        return y[0]
    for left in range(len(x) - 1):
        if at <= x[left + 1]:
            part = (at - x[left]) / (x[left + 1] - x[left])
            return y[left] + part * (y[left + 1] - y[left])
    return y[-1]


def shift_path(knots):
    """v of one province at the end of the burn-in and in each quarter."""
    x = [0.0, *(year + 0.5 for year in range(len(knots)))]
    y = [0.0, *knots]
    return [0.0, *(line((t + 0.5) / 4.0, x, y) for t in range(4 * len(knots)))]


def spread(yearly):
    """A flow by quarter: within a year it grows as between the years around it."""
    n, quarters = len(yearly), []
    for y, total in enumerate(yearly):
        before, after = max(y - 1, 0), min(y + 1, n - 1)
        growth = 0.0
        if total > 0.0 and after > before:
            log = [math.log(max(v, 1e-300)) for v in (yearly[before], yearly[after])]
            growth = min(max((log[1] - log[0]) / (after - before), -1.0), 1.0)
        profile = [math.exp(growth * (k - 2.5) / 4.0) for k in (1, 2, 3, 4)]
        quarters += [total * part / sum(profile) for part in profile]
    return quarters


def interpolate(yearly):
    x = [year + 0.5 for year in range(len(yearly))]
    logs = [math.log(v) for v in yearly]
    return [math.exp(line((t + 0.5) / 4.0, x, logs)) for t in range(4 * len(yearly))]


# -- policies --------------------------------------------------------------------------------------


def strength(year, level, start, end, ramp, decay):
    if start is not None and year < start:
        return 0.0
    if end is not None and year >= end:
        return 0.0
    if start is None:
        return level
    age = year - start
    if ramp > 0.0 and age + 0.25 < ramp:
        return level * (age + 0.25) / ramp
    if decay > 0.0 and age > ramp:
        return level * 0.5 ** ((age - ramp) / decay)
    return level


def effective(rule, base, wishes):
    """One cell of one field; ``wishes`` are pairs of strength x mask and wanted value."""
    values = [base + s * (value - base) for s, value in wishes]
    if rule == "multiply":
        return math.prod([base, *(v / base for v in values)])
    if rule == "max":
        return max([base, *values], key=lambda v: (abs(v - base), v))
    return base + sum(v - base for v in values)


# -- a quarter of foundings ------------------------------------------------------------------------


def joined(launches, target, generations, each, b, mean):
    """Generations after launches joined them one by one, in the order of their keys."""
    after = [dict(g) for g in generations]
    order = sorted(range(len(launches)), key=lambda i: launches[i]["key"])
    for i in order:
        if target[i] >= 0:
            g = after[target[i]]
            g["log_quality"] += improvement(mean[launches[i]["industry"]], g["launches"], each, b)
            g["launches"] += each
    return after


def founding(frontier, step, relative_quality, exponential, most=0.1):
    """Log quality of a new generation."""
    return frontier + min(step * relative_quality * exponential, most)


def drawn_cell(share, relevance, u):
    """Industry and field of a founding of the rest of the nation."""
    weights = [mu * r for mu, row in zip(share, relevance, strict=True) for r in row]
    return divmod(drawn(weights, u), len(relevance[0]))
