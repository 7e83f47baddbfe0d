"""Programmes for joint projects again, one project and one member at a time, in plain Python."""

import math

from tests.support.scalar_chain import skill

FIRM, LAUNCH, PILOT, NOBODY = 0, 4, 2, -1


def counts(state, scheme, row):
    """Whether a member counts: of the region, alive, in a province that takes part."""
    table = state.organisations
    if row < 0 or not table.alive[row]:
        return False
    return bool(scheme.provinces[int(table.province[row])] > 0.0)


def right(state, scheme, rows):
    """Whether these members together are what the scheme asks for."""
    table = state.organisations
    ours = [row for row in rows if counts(state, scheme, row)]
    provinces = {int(table.province[row]) for row in ours}
    kinds = {int(table.kind[row]) for row in ours}
    mixed = FIRM in kinds and bool(kinds - {FIRM})
    return len(provinces) >= scheme.least and (mixed or not scheme.mixed)


def may(state, scheme, at):
    """Whether field, stage and time so far allow it."""
    p = state.projects
    if p.sold[at] or p.stage[at] >= LAUNCH or p.paid_quarters[at] >= scheme.quarters:
        return False
    return bool(scheme.fields[int(p.field[at])] > 0.0)


def eligible(state, scheme):
    """Members that count of every eligible project, the owner first."""
    p, found = state.projects, {}
    for at in range(len(p)):
        rows = [int(p.owner[at]), *p.members[at].tolist()]
        partners = [row for row in rows[1:] if row != NOBODY]
        if not partners or not state.organisations.alive[rows[0]] or not may(state, scheme, at):
            continue
        if right(state, scheme, rows):
            found[at] = [row for row in rows if counts(state, scheme, row)]
    return found


def wage(state, row):
    table = state.organisations
    yearly = state.inputs.wage[int(table.province[row]), state.input_column]
    return float(yearly / 4.0 * state.talent.cost[int(table.city[row])])


def unit_cost(state, rows):
    return sum(wage(state, row) for row in rows) / len(rows)


def fund(state, scheme, bid_share, pace, chain):
    """Researcher-quarters that a fund pays for, by project."""
    p, table = state.projects, state.organisations
    members = eligible(state, scheme)
    each = {at: unit_cost(state, rows) / (1.0 - scheme.leakage) for at, rows in members.items()}
    research = sum(float(table.rd[i]) for i in state.firms.tolist())
    for place in range(state.world.n_provinces):
        research += state.scale * float(state.inputs.government[place, state.input_column])
    budget = scheme.strength * (scheme.rate * research + state.scale * scheme.amount / 4.0)
    money = dict.fromkeys(members, 0.0)
    left = bid_share * budget
    for at in sorted(members, key=lambda at: (-p.quality[at], int(p.key[at]))):
        stage = int(p.stage[at])
        owner = int(p.owner[at])
        size = float(table.researchers[owner]) * math.exp(
            float(table.knowledge[owner, int(p.field[at])])
        )
        stuck = (
            skill(int(table.kind[owner]), size, stage, chain)
            < float(p.difficulty[at]) * chain.capability_needed
        )
        if table.kind[p.owner[at]] == FIRM and (stage >= PILOT or stuck):
            money[at] = min(left, each[at] * pace[at])
            left -= money[at]
    rest = {at: each[at] * pace[at] - money[at] for at in members}
    total = sum(rest.values())
    part = min(1.0, (1.0 - bid_share) * budget / total) if total > 0.0 else 0.0
    return {at: (money[at] + part * rest[at]) / each[at] for at in members}


def own_work(state, time, pace, aside):
    """Work that members would do on each project in their own time, where distance costs nothing.

    ``aside`` is what each project takes of its members beside its work.
    """
    p = state.projects
    load = [0.0] * len(state.organisations)
    for at in range(len(p)):
        load[int(p.owner[at])] += pace[at] + aside[at]
        for row in p.members[at].tolist():
            if row >= 0:
                load[row] += pace[at] + aside[at]
    done = []
    for at in range(len(p)):
        given = 0.0
        for row in (int(p.owner[at]), *p.members[at].tolist()):
            who = int(p.owner[at]) if row == -2 else row
            if who >= 0 and load[who] > 0.0:
                given += time[who] * pace[at] / load[who]
        done.append(min(given, pace[at]))
    return done


def payments(state, scheme, effort, members):
    """Paid and spent by (kind, province), and by member, for ``effort`` by project."""
    table = state.organisations
    paid, spent, by_member = {}, {}, {}
    for at, amount in effort.items():
        for row in members[at]:
            work = amount / len(members[at])
            cost = work * wage(state, row)
            cell = int(table.kind[row]), int(table.province[row])
            spent[cell] = spent.get(cell, 0.0) + cost
            paid[cell] = paid.get(cell, 0.0) + cost / (1.0 - scheme.leakage)
            old = by_member.get(row, (0.0, 0.0))
            by_member[row] = old[0] + work, old[1] + cost
    return paid, spent, by_member
