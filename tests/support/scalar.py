"""Every rule once more in plain Python: loops over agents, numbers from `math`, no arrays.

Slow and plain on purpose: each function is a rule of `docs/odd/` in code, to be compared with the
array rules under the same uniforms. Lists stand for columns, dicts for tables.
"""

import math


def shared(total, weight, group):
    parts = []
    for w, g in zip(weight, group, strict=True):
        everyone = math.fsum(v for v, h in zip(weight, group, strict=True) if h == g)
        parts.append(total[g] * w / everyone if everyone > 0.0 else 0.0)
    return parts


def grants(base, rd, province, city, rate):
    programme = [rate[c] * own for c, own in zip(city, rd, strict=True)]
    return shared(base, rd, province), programme


def innovative_share(gains, scale):
    return 1.0 - math.exp(-gains / scale)


def desired_log_intensity(log_effect, returned, cost, support, p):
    feedback = math.exp(returned) ** p.expected_return
    grant = max(1.0 + p.additionality * support, 0.1)
    wanted = p.intensity * math.exp(log_effect) * feedback * cost ** (-p.tax_elasticity) * grant
    return math.log(wanted)


def adjusted(log_r, wanted, speed):
    eta = 1.0 - math.exp(-speed / 4.0)
    return min(max(log_r + eta * (wanted - log_r), math.log(1e-4)), math.log(0.5))


def books_of_firm(log_r, sales, value_added, p):
    """R&D and profit of a firm."""
    rd = math.exp(log_r) * sales
    return {"rd": rd, "profit": p.profit_margin * value_added - rd}


def field_weights(knowledge, log_need):
    """phi of one organisation by field."""
    score = [math.exp(k + n) for k, n in zip(knowledge, log_need, strict=True)]
    return [s / sum(score) for s in score]


def standing(whole, scale):
    """Weights in regional means: whole organisations count s times, firms once."""
    weight = [scale if w else 1.0 for w in whole]
    return [w / math.fsum(weight) for w in weight]


def updated_knowledge(knowledge, effort, weights, stand, p, zero=None):
    """k' as a list by organisation of lists by field; ``zero`` are mean effort and drift."""
    n, n_fields = len(knowledge), len(knowledge[0])
    moved = [[0.0] * n_fields for _ in range(n)]
    for f in range(n_fields):
        spent = [effort[i] * weights[i][f] for i in range(n)]
        mean = math.fsum(stand[i] * spent[i] for i in range(n)) if zero is None else zero[0][f]
        for i in range(n):
            relative = spent[i] / mean if mean > 0.0 else spent[i]
            kept = (1.0 - p.forgetting) * knowledge[i][f]
            moved[i][f] = kept + p.learning * math.log(1.0 + relative)
        drift = math.fsum(stand[i] * moved[i][f] for i in range(n)) if zero is None else zero[1][f]
        for row in moved:
            row[f] -= drift
    return moved


def research_stock(stock, cities, money, weights):
    """What remains of the stock of each city by field, and the money of the quarter."""
    after = [[s * math.exp(-0.15 / 4.0) for s in row] for row in stock]
    for d, x, phi in zip(cities, money, weights, strict=True):
        for f, part in enumerate(phi):
            after[d][f] += x * part
    return after


def within_reach(stock, hours, passes, p):
    """Knowledge within reach of each city by field: a steep part and a far one."""
    n_fields = len(stock[0])
    reached = [[0.0] * n_fields for _ in stock]
    for c, row in enumerate(hours):
        for d, t in enumerate(row):
            weight = math.exp(-t / p.near_h) + p.far * math.exp(-t / p.reach_h)
            for f in range(n_fields):
                reached[c][f] += weight * passes[c][d] * stock[d][f]
    return reached


def known_by(effort, weights, known, usual, p):
    """What an organisation takes up of what is known within its reach, by field."""
    total = 0.001
    for share, here, mean in zip(weights, known, usual, strict=True):
        own = effort * share
        total += share * here * (own / (own + p.absorption * mean) if own else 0.0)
    return total


def credited(ideas, hours, passes, stock, p, usual, frontier, official):
    """Ideas of each city by the place whose knowledge they rest on, the nation last."""
    links = [[0.0] * (len(stock) + 1) for _ in stock]
    reached = within_reach(stock, hours, passes, p)
    for c, row in enumerate(hours):
        for f, number in enumerate(ideas[c]):
            region = (1.0 - p.nation) * reached[c][f] / usual[f] / official
            nation = p.nation * frontier / official
            for d, t in enumerate(row):
                weight = math.exp(-t / p.near_h) + p.far * math.exp(-t / p.reach_h)
                part = weight * passes[c][d] * stock[d][f] / reached[c][f]
                links[c][d] += number * region / (region + nation) * part
            links[c][-1] += number * nation / (region + nation)
    return links


def leader(knowledge, stand):
    """Mean of one field plus two standard deviations."""
    mean = math.fsum(s * k for s, k in zip(stand, knowledge, strict=True))
    spread = math.fsum(s * (k - mean) ** 2 for s, k in zip(stand, knowledge, strict=True))
    return mean + 2.0 * math.sqrt(spread)


def drawn(weights, u):
    """The position drawn from a list of weights, None where they sum to nothing."""
    total, passed = math.fsum(weights), 0.0
    if total <= 0.0:
        return None
    for i, weight in enumerate(weights):
        passed += weight
        if u * total < passed:
            return i
    return max(i for i, weight in enumerate(weights) if weight > 0.0)


def chosen_field(weights, u):
    return drawn(weights, u)


def difficulty(u):
    return (3.0 + 2.0 * u) / 4.0


def quality(own, skill, z, p):
    return math.exp(p.quality_knowledge * own + skill + p.quality_sd * z)


def cosine(one, other):
    """Likeness of two lists of fields, zero where one has none."""
    lengths = math.sqrt(math.fsum(a * a for a in one) * math.fsum(b * b for b in other))
    product = math.fsum(a * b for a, b in zip(one, other, strict=True))
    return product / lengths if lengths > 0.0 else 0.0


def effective(effort, weights, knowledge):
    """Researchers times exp(knowledge), by the fields on which they work."""
    return effort * math.fsum(w * math.exp(k) for w, k in zip(weights, knowledge, strict=True))


def ideas_rate(effort, kind, scale, basic, p, access):
    """A university or institute is many teams, of which the sample holds s.

    ``basic`` is the productivity of basic research in its city, which firms do not have.
    """
    teams = {0: 1.0, 1: scale * p.university_teams, 2: scale * p.institute_teams}[kind]
    teams *= basic if kind else 1.0
    return teams * p.ideas * effort**p.ideas_exponent * access


def room(effort, whole, scale, live, span, u):
    """Whole organisations have s times the room; ``u`` decides what is left of one."""
    sample_exposure, part = (scale, u) if whole else (1.0, 0.0)
    return max(0, math.floor(sample_exposure * (1.0 + effort / span) + part) - live)


def poisson(u, rate):
    """Smallest n whose cumulative probability reaches u."""
    n, pmf = 0, math.exp(-rate)
    cdf = pmf
    while cdf < u and rate > 0.0:
        n += 1
        pmf *= rate / n
        cdf += pmf
    return n


def gains(log_quality, industry, appeal):
    """Generations stand in order of age; the oldest of an industry beats nobody by nothing."""
    gain = []
    for g, q in enumerate(log_quality):
        older = [log_quality[h] for h in range(g) if industry[h] == industry[g]]
        best = max(older) if older else q
        gain.append(math.exp(q - best) * appeal[g])
    return gain


def adoption_map(share, gain, pressure, p, q):
    return share + (1.0 - math.exp(-gain * (p + q * pressure) / 4.0)) * (1.0 - share)
