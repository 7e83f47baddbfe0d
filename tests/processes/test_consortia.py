"""Consortia: who is in them, ties that last and then fade, support, and their end."""

import math
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest

from tests.support.neutral import across
from tests.support.numbers import close
from tests.support.scalar import drawn
from tests.support.small import arrived, columns_of
from ydsim.agents.organisations import FIRM, INSTITUTE, UNIVERSITY
from ydsim.agents.projects import NOBODY, OUTSIDER
from ydsim.agents.ties import pair_key
from ydsim.noise import NoiseSource, identity
from ydsim.policies.environment import Alliance, passing
from ydsim.processes.collaboration import TRIES, convene, hold_ties

SOURCE = NoiseSource(11, 0)
SOME = {"policy": "groups", "number": 60, "grant": 0.8, "central": 0.3}


def meet(m, *alliances, quarter=None, parameters=None, **fields):
    """Live the phase; in another quarter nothing else changes."""
    if quarter is not None:
        m.state.quarter = quarter
    environment = replace(m.baseline, schemes=alliances, **fields)
    draws, lasting = SOURCE.phase("consortia", m.state.quarter), SOURCE.phase("consortia", 0)
    convene(m.state, environment, draws, lasting, parameters or m.parameters)
    return m.state.consortia


def alliance(**keys):
    return Alliance(**{**SOME, **keys})


def groups(consortia):
    return [[row for row in line if row >= 0] for line in consortia.members.tolist()]


# -- who is in them --------------------------------------------------------------------------------


def test_only_provinces_that_take_part_have_members():
    m = arrived()
    made = meet(m, alliance(provinces=np.array([1.0, 0.0, 1.0, 0.0]), number=200))
    assert len(made) > 3
    rows = [row for group in groups(made) for row in group]
    assert set(m.state.organisations.province[rows].tolist()) == {0, 2}


def test_a_consortium_equals_a_loop_over_places():
    """The draws of leads, fields, cities and members, one at a time."""
    m = arrived()
    state, table, world = m.state, m.state.organisations, m.world
    factor = 1.0 + np.arange(144).reshape(12, 12) % 5 / 3.0
    passes = {"joint_work": across(0.4, 4), "tie_factor": factor}
    asked = alliance(least=4, size=6, number=100, fields=(np.arange(10) > 3).astype(float))
    environment = replace(m.baseline, **passes)
    through = passing(environment, "joint_work", world.city_province)
    noise, decay = SOURCE.phase("consortia", state.quarter), m.parameters.match.decay_h

    def u(key, k):
        return float(noise.uniform(np.array([key], dtype=np.uint64), k)[0])

    def effort(row, f):
        part = 1.0 if table.kind[row] == FIRM else state.scale
        return float(state.field_share[f, state.position[row]] * table.researchers[row]) * part

    rows = [int(row) for row in state.active]
    turn = {}
    for row in rows:
        weight = sum(effort(row, f) for f in range(4, 10))
        if table.kind[row] == FIRM and weight > 0.0:
            e = float(noise.exponential(table.key[[row]], 1)[0])
            turn[row] = e / weight
    name = int(identity("consortia", "groups")[0])
    start = float(SOURCE.phase("consortia", 0).uniform(np.array([name], dtype=np.uint64), 0)[0])
    number = math.floor(100 * state.scale + start)
    leads = sorted(turn, key=turn.get)[:number]
    order = np.argsort(world.city_keys, kind="stable").tolist()
    want = []
    for ordinal, lead in enumerate(leads):
        key = int(identity("consortium", np.uint64(name), state.quarter, ordinal)[0])
        f = drawn([effort(lead, g) if g > 3 else 0.0 for g in range(10)], u(key, 2))
        group = [lead] + [NOBODY] * 5
        for slot in range(1, 6):
            kinds = {1: [UNIVERSITY], 2: [INSTITUTE]}.get(slot, [0, 1, 2])
            for attempt in range(TRIES):
                seen = {int(table.province[row]) for row in group if row >= 0}
                short = 4 - len(seen) >= 6 - slot
                draw = int(identity(np.uint64(key), slot, attempt)[0])
                here, weight = int(table.city[lead]), []
                there = {
                    c: [r for r in rows if table.city[r] == c and table.kind[r] in kinds]
                    for c in order
                }
                for c in order:
                    mass = sum(effort(r, f) for r in there[c])
                    pull = math.exp(-environment.travel_hours[here, c] / decay)
                    pull *= environment.tie_factor[here, c] * through[here, c]
                    shut = short and int(world.city_province[c]) in seen
                    weight.append(0.0 if shut else mass * pull)
                at = drawn(weight, u(draw, 3))
                if at is None:
                    continue
                inside = there[order[at]]
                row = inside[drawn([effort(r, f) for r in inside], u(draw, 4))]
                if row not in group:
                    group[slot] = row
                    break
        kinds = {int(table.kind[row]) for row in group if row >= 0}
        places = {int(table.province[row]) for row in group if row >= 0}
        if {UNIVERSITY, INSTITUTE} <= kinds and len(places) >= 4:
            want.append((key, f, group))
    made = meet(m, asked, **passes)
    assert len(want) > 2
    assert made.key.tolist() == [key for key, _, _ in want]
    assert made.field.tolist() == [f for _, f, _ in want]
    assert made.members[:, :6].tolist() == [group for _, _, group in want]
    assert (made.members[:, 6:] == NOBODY).all()


# -- ties ------------------------------------------------------------------------------------------


def ties_of(state):
    return dict(zip(state.ties.key.tolist(), state.ties.strength.tolist(), strict=True))


def test_ties_of_members_last_and_then_fade():
    m = arrived()
    state = m.state
    made = meet(m, alliance(tie=1.5, number=100))
    a, b, least = made.pairs()
    assert (least == 1.5).all()
    keys = set(pair_key(a, b).tolist())
    together = {frozenset(pair) for rows in groups(made) for pair in combinations(rows, 2)}
    assert len(keys) == len(together) > 50
    old = ties_of(arrived().state)
    for key, strength in ties_of(state).items():
        want = max(old.get(key, 0.0), 1.5) if key in keys else old[key]
        assert strength == want
    # nobody has worked together yet: members do not learn from each other
    new = keys - old.keys()
    at = state.ties.find(np.array(sorted(new)))
    assert (state.ties.active[at] < state.quarter).all()
    assert (state.ties.born[at] == state.quarter).all()
    for _ in range(8):
        state.ties.fade(0.4, state.organisations.alive)
        hold_ties(state)
        assert min(ties_of(state)[key] for key in new) == 1.5
    # the policy has ended
    meet(m)
    assert len(state.consortia) == 0
    for quarters in range(1, 4):
        state.ties.fade(0.4, state.organisations.alive)
        hold_ties(state)
        left = ties_of(state)
        close([left[key] for key in sorted(new)], 1.5 * math.exp(-0.1 * quarters))


# -- life and end ----------------------------------------------------------------------------------


def test_a_consortium_lives_its_years_and_is_followed_by_another():
    m = arrived()
    start, asked = m.state.quarter, alliance(quarters=12, number=60)
    first = meet(m, asked).key.tolist()
    assert first
    for quarter in range(start + 1, start + 12):
        assert meet(m, asked, quarter=quarter).key.tolist() == first
    after = meet(m, asked, quarter=start + 12)
    assert len(after) > 0
    assert not set(after.key.tolist()) & set(first)
    assert (after.ends == start + 24).all()


def test_a_consortium_ends_with_its_lead_and_loses_members_that_exit():
    m = arrived()
    made = meet(m, alliance(number=100))
    (first, second), table = groups(made)[:2], m.state.organisations
    keys = made.key.tolist()
    table.died[first[0]] = 0
    other = next(row for row in second[1:] if row not in first)
    table.died[other] = 0
    m.state.active = m.state.active[table.alive[m.state.active]]
    m.state.position[first[0]] = m.state.position[other] = -1
    environment_left = alliance(number=0)  # none is made anew
    left = meet(m, environment_left)
    assert keys[0] not in left.key.tolist()
    at = left.key.tolist().index(keys[1])
    assert groups(left)[at] == [row for row in second if row not in (other, first[0])]


def test_a_lead_alone_is_no_consortium():
    m = arrived()
    made = meet(m, alliance(number=100))
    before = len(made)
    made.members[0, 1:] = NOBODY
    assert len(meet(m, alliance(number=0))) == before - 1


def test_two_policies_have_consortia_of_their_own():
    m = arrived()
    one, two = alliance(policy="one", number=60), alliance(policy="two", number=60)
    both = meet(m, one, two)
    names = [identity("consortia", name)[0] for name in ("one", "two")]
    assert set(both.policy.tolist()) == {int(name) for name in names}
    assert len(set(both.lead.tolist())) == len(both)
    assert (meet(m, one).policy == names[0]).all()


# -- support ---------------------------------------------------------------------------------------


def test_support_goes_to_leads_who_pay_researchers():
    m = arrived()
    table, books = m.state.organisations, m.state.books
    names = ("researchers", "grants", "grants_spent", "profit", "rd")
    before = {name: getattr(table, name).copy() for name in names}
    central, provinces = books.central, books.provinces.copy()
    made = meet(m, alliance(number=100))
    lead, n = made.lead, len(made)
    each = 0.8 / 4.0
    for name in ("grants", "grants_spent"):
        close(getattr(table, name)[lead] - before[name][lead], np.full(n, each))
    wage = m.state.inputs.wage[table.province[lead], m.state.input_column] / 4.0
    wage = wage * m.state.talent.cost[table.city[lead]]
    close(table.researchers[lead] - before["researchers"][lead], each / wage, 1e-9)
    others = np.setdiff1d(np.arange(len(table)), lead)
    for name in names:
        assert (getattr(table, name)[others] == before[name][others]).all()
    assert (table.profit == before["profit"]).all()
    by_province = np.bincount(table.province[lead], minlength=4) * each
    found = {(e.payer, e.receiver, e.flow): e.amount for e in m.state.ledger.entries}
    close(found["central", "firms", "groups: support of leads"], 0.3 * by_province)
    close(found["provinces", "firms", "groups: support of leads"], 0.7 * by_province)
    close(found["firms", "economy", "research wages"], by_province)
    close(central - books.central, 0.3 * n * each)
    close(provinces - books.provinces, 0.7 * by_province)
    close(m.state.returns["groups"], [n * each / m.state.scale, 0.0])
    assert m.state.ledger.imbalance() < 1e-9


@pytest.mark.parametrize(("number", "strength"), [(100, 1.0), (100, 0.5), (30, 1.0), (1, 1.0)])
def test_an_amount_is_what_is_paid_or_left_over(number, strength):
    """Whatever the sample makes of the number of consortia; few of a small sample, or none."""
    m = arrived()
    asked = alliance(number=number, amount=8.0, grant=0.0, strength=strength)
    made, budget = meet(m, asked), 8.0 * strength * m.state.scale / 4.0
    u = float(SOURCE.phase("consortia", 0).uniform(identity("consortia", "groups"), 0)[0])
    target = math.floor(number * strength * m.state.scale + u)
    (offer,) = m.state.ledger.offers
    paid = sum(e.amount.sum() for e in m.state.ledger.entries if e.receiver == "firms")
    assert paid == pytest.approx(budget * len(made) / max(target, 1), abs=1e-15)
    assert offer.taken.sum() == pytest.approx(paid, abs=1e-15)
    assert offer.taken.sum() + offer.left.sum() == pytest.approx(budget)
    assert (number == 1) == (target == 0)


def test_leads_beyond_those_that_are_wanted_share_the_amount():
    m = arrived()
    made = meet(m, alliance(number=100))
    m.state.ledger.entries.clear(), m.state.ledger.offers.clear()
    asked = alliance(number=20, amount=8.0, grant=0.0)
    assert len(meet(m, asked, quarter=m.state.quarter + 1)) == len(made) > 2
    (offer,) = m.state.ledger.offers
    assert offer.taken.sum() == pytest.approx(8.0 * m.state.scale / 4.0)


def test_joint_projects_of_a_lead_with_members_count_as_results():
    m = arrived()
    made, p = meet(m, alliance(number=100, grant=0.0)), m.state.projects
    assert m.state.returns == {}
    rows, others = groups(made)[0], groups(made)[1]
    stranger = next(r for r in others if r not in rows)
    p.members[:] = NOBODY
    p.owner[:4] = rows[0], rows[0], rows[1], rows[0]
    p.members[0, :2] = OUTSIDER, rows[2]
    p.members[1, 0] = stranger
    p.members[2, 0] = rows[0]  # not led by the lead
    p.members[3, 0] = OUTSIDER
    meet(m, alliance(number=100))
    assert p.paid_by[:4].tolist() == [1, 0, 0, 0]


def test_without_public_funding_consortia_meet_and_are_paid_nothing():
    m = arrived()
    off = m.parameters.actors.model_copy(update={"funding": False})
    parameters = m.parameters.model_copy(update={"actors": off})
    assert len(meet(m, alliance(number=100), parameters=parameters)) > 2
    assert m.state.ledger.entries == []
    assert m.state.returns == {}


# -- off -------------------------------------------------------------------------------------------


def test_without_a_policy_nothing_happens():
    m = arrived()
    before = columns_of(m.state)
    meet(m)
    after = columns_of(m.state)
    assert [name for name in before if before[name].tobytes() != after[name].tobytes()] == []
