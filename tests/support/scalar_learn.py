"""Rules of learning in plain Python; see `scalar`. Knowledge is a list of fields of numbers."""

import math


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
