"""Shocks once more in plain Python: loops over units, with the uniforms one by one."""

from collections import defaultdict

import numpy as np

from ydsim.noise import identity

NOBODY = -1


def uniform(m, label, *parts, k=0):
    """The draw of one unit."""
    noise = m.noise.phase("shocks", 0)
    return float(noise.uniform(identity(label, *(np.uint64(part) for part in parts)), k)[0])


def pair(a, b):
    return identity("pair", np.uint64(min(a, b)), np.uint64(max(a, b)))[0]


def treated(m, label, unit, low, high):
    return low <= uniform(m, label, unit) < high


def ends(m, label, units, share=0.0, number=0):
    """Keys of the projects that end, of those that can."""
    if number:
        return set(sorted(units, key=lambda key: uniform(m, label, key))[:number])
    return {key for key in units if treated(m, label, key, 0.0, share)}


def partners(state):
    """Living partners of every organisation by row."""
    found = defaultdict(list)
    for a, b in zip(state.ties.a.tolist(), state.ties.b.tolist(), strict=True):
        if state.organisations.alive[a] and state.organisations.alive[b]:
            found[a].append(b)
            found[b].append(a)
    return found


def lost(m, label):
    """The partner that each organisation with one would lose."""
    key = m.state.organisations.key
    return {
        i: min(others, key=lambda j: choice(m, label, key[i], key[j]))
        for i, others in partners(m.state).items()
    }


def choice(m, label, one, other):
    """The draw by which an organisation loses the partner with the smallest."""
    noise, own = m.noise.phase("shocks", 0), identity(label, np.uint64(one))[0]
    return float(noise.uniform(identity(own, np.uint64(other)), 1)[0])


def parted(owner, members, apart):
    """Who stays of the partners of one project, in their order."""
    stay = []
    for member in members:
        if member == NOBODY:
            continue
        others = [owner, *stay] if member >= 0 else []
        if not any(o >= 0 and frozenset((o, member)) in apart for o in others):
            stay.append(member)
    return stay


def hidden(state, search, apart):
    """Pairs of a seeker and a slot that it no longer sees."""
    found = set()
    for i, project in enumerate(search.seekers.project.tolist()):
        group = [int(search.seekers.row[i]), *state.projects.members[project].tolist()]
        for slot, row in enumerate(search.seen.row[i].tolist()):
            abroad = search.seen.place[i, slot] == state.world.n_cities
            if row < 0 or abroad:
                continue
            if any(j >= 0 and frozenset((j, row)) in apart for j in group):
                found.add((i, slot))
    return found


def used(left, buyers, wants):
    """Which deals get a voucher when each buyer has some left, in the order of the deals."""
    left, got = dict(left), []
    for buyer, want in zip(buyers, wants, strict=True):
        got.append(bool(want) and left.get(buyer, 0) > 0)
        if got[-1]:
            left[buyer] -= 1
    return got, left


def met(m, label, rows):
    """Pairs of organisations in the order of their draws."""
    key = m.state.organisations.key
    order = sorted(rows, key=lambda i: uniform(m, label, key[i], k=2))
    return list(zip(order[0::2], order[1::2], strict=False))
