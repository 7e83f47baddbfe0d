"""The contract market as loops over firms, fields and places."""

import math


def flows(firms, ways, plain, o, level):
    """Money from place to place, by (seller, buyer, field); the rest of the nation is place C.

    ``firms`` have city, rd, spent, and share and knowledge by field; ``ways[d][c]`` is the pull of
    place c on a buyer of city d, now and ``plain`` without policies.
    """
    n, n_f = len(ways), len(firms[0]["share"])
    found = {}
    for f in range(n_f):
        buys, sells = [0.0] * n, [0.0] * n
        for i in firms:
            buys[i["city"]] += buys_of(i, f)
            sells[i["city"]] += sells_of(i, f)
        sells.append(o * sum(sells))
        before = [sum(sells[c] * plain[d][c] for c in range(n + 1)) for d in range(n)]
        whole = sum(buys)
        mean = sum(b * a for b, a in zip(buys, before, strict=True)) / whole if whole else 0.0
        for d in range(n):
            for c in range(n + 1):
                if before[d] > 0.0:
                    found[c, d, f] = level * buys[d] * sells[c] * ways[d][c] / before[d]
        for c in range(n):
            if mean > 0.0:
                found[c, n, f] = level * o * whole * sells[c] * ways[c][n] / mean
    return found


def buys_of(firm, f):
    return firm["rd"] * firm["share"][f]


def sells_of(firm, f):
    return (firm["rd"] + firm["spent"]) * firm["share"][f] * math.exp(firm["knowledge"][f])


def net_of(firm, firms, found):
    """What a firm earns less what it pays."""
    net = 0.0
    for f in range(len(firm["share"])):
        here = [i for i in firms if i["city"] == firm["city"]]
        paid = sum(v for (_, d, g), v in found.items() if d == firm["city"] and g == f)
        earned = sum(v for (c, _, g), v in found.items() if c == firm["city"] and g == f)
        buyers, sellers = sum(buys_of(i, f) for i in here), sum(sells_of(i, f) for i in here)
        if buyers > 0.0:
            net -= paid * buys_of(firm, f) / buyers
        if sellers > 0.0:
            net += earned * sells_of(firm, f) / sellers
    return net
