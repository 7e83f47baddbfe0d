"""Rules of learning in plain Python; see `scalar`. Knowledge is a list of fields of numbers."""

import math

from tests.support.scalar import cosine


def distance_factor(distance):
    return 4.0 * distance * (1.0 - distance)


def gain(gaps, share):
    """What a learner gains from pairs of speed and gap: their sum, no more than the best."""
    heard = [(speed, gap) for speed, gap in gaps if speed > 0.0 and gap > 0.0]
    if not heard:
        return 0.0
    total = share * math.fsum(speed * gap for speed, gap in heard)
    return min(total, max(gap for _, gap in heard))


def broadcast(knowledge, ties, absorb, rate):
    gains = []
    for level in knowledge:
        row = []
        for i, own in enumerate(level):
            heard = [(rate * u, level[b] - own) for a, b, u in ties if a == i]
            heard += [(rate * u, level[a] - own) for a, b, u in ties if b == i]
            row.append(gain(heard, absorb[i]))
        gains.append(row)
    return gains


def ahead(own, other, tolerance, relative):
    return own - other > (tolerance * other if relative else tolerance)


def swapped(one, other, order, tolerance, relative):
    """Fields that the first gives and that it takes; a small number in ``order`` comes first."""
    fields = range(len(one))
    gives = [f for f in fields if ahead(one[f], other[f], tolerance, relative)]
    takes = [f for f in fields if ahead(other[f], one[f], tolerance, relative)]
    n = min(len(gives), len(takes))
    return sorted(gives, key=order.__getitem__)[:n], sorted(takes, key=order.__getitem__)[:n]


def barter(knowledge, ties, absorb, rate, orders, tolerance, relative):
    heard: dict[tuple[int, int], list[tuple[float, float]]] = {}
    for (a, b, u), order in zip(ties, orders, strict=True):
        one, other = [row[a] for row in knowledge], [row[b] for row in knowledge]
        gives, takes = swapped(one, other, order, tolerance, relative)
        for f in gives:
            heard.setdefault((f, b), []).append((rate * u, one[f] - other[f]))
        for f in takes:
            heard.setdefault((f, a), []).append((rate * u, other[f] - one[f]))
    return [
        [gain(heard.get((f, i), []), absorb[i]) for i in range(len(row))]
        for f, row in enumerate(knowledge)
    ]


def mean(values, weight):
    total = math.fsum(weight)
    return math.fsum(w * v for w, v in zip(weight, values, strict=True)) / total


def spillover(knowledge, fields, city, standing, absorb, weight, elsewhere=None):
    """``elsewhere`` are the shares of each learner whose R&D is in a city."""
    gains = [[0.0] * len(city) for _ in knowledge]
    for i, home in enumerate(city):
        part = {} if elsewhere is None else dict(enumerate(elsewhere[i]))
        part[home] = part.get(home, 0.0) + 1.0 - math.fsum(part.values())
        for there, share in part.items():
            members = [j for j, place in enumerate(city) if place == there]
            heights = [standing[j] for j in members]
            if math.fsum(heights) <= 0.0:
                continue
            profile = [mean([row[j] for j in members], heights) for row in fields]
            distance = 1.0 - min(cosine([row[i] for row in fields], profile), 1.0)
            speed = absorb[i] * weight * distance_factor(distance)
            for f, row in enumerate(knowledge):
                level = mean([row[j] for j in members], heights)
                gains[f][i] += share * speed * max(0.0, level - row[i])
    return gains


def together(k, gains, best):
    """Knowledge after all sources, of which the best of the field bounds the sum."""
    return k + min(math.fsum(gains), best - k)
