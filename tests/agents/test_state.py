"""Rows of the dead are cleared, and all that refers to the others follows."""

from functools import cache
from unittest.mock import patch

import numpy as np
import pytest

import ydsim
from tests.support.small import after_burn_in, copied, differing
from ydsim.agents.projects import NOBODY
from ydsim.agents.state import CLEARED, clear_dead
from ydsim.agents.ties import pair_key

POLICIES = {"consortia": {"start": 2011, "number": 60}}
SHOCKS = [{"name": "apart", "kind": "delete_ties", "year": 2011.0, "share": 0.3}]
RECORDED = {"projects": True, "firms": True, "city_contracts": True}


def small(years=3):
    return after_burn_in(
        years=years,
        scale=0.03,
        burn_in=12,
        policies=POLICIES,
        shocks=SHOCKS,
        record=RECORDED,
        parameters={"relocate.hazard": 0.05},
    )


@cache
def _lived(years):
    m = small(years + 1)
    with patch("ydsim.model.clear_dead", lambda state: np.arange(len(state.organisations))):
        for _ in range(4 * years):
            m.step()
    m.state.begin(m.state.quarter)
    return m


def lived(years=1):
    """A model at the end of a quarter after which a year begins, before rows are cleared."""
    return copied(_lived(years))


def references(state):
    """What refers to organisations, by the identities of these."""
    table, generations = state.organisations, state.generations
    key, alive = table.key, table.alive

    def of(row):
        return np.where(row >= 0, key[np.maximum(row, 0)], np.uint64(0)).tolist()

    pairs = state.waiting.take()
    waiting = [
        (int(cell), int(key[firm]), float(level))
        for part in pairs
        for cell, firm, level in zip(part.cell, part.firm, part.threshold, strict=True)
        if firm >= 0 and alive[firm]
    ]
    unread = []
    for g in generations.living():
        for first, last in zip(generations.next[g], generations.last[g], strict=True):
            firm = state.arena.firm[first:last]
            level = state.arena.threshold[first:last][alive[firm]].tolist()
            unread.append(list(zip(of(firm[alive[firm]]), level, strict=True)))
    living = np.flatnonzero(alive)
    partner = table.partner[living]
    columns = [name for name in table.names if name != "partner"]
    return {
        "owners": of(state.projects.owner),
        "members": of(state.projects.members.ravel()),
        "ties": (of(state.ties.a), of(state.ties.b), state.ties.strength.tolist()),
        "barred": sorted(
            zip(of(state.ties.barred >> 32), of(state.ties.barred & 0xFFFFFFFF), strict=True)
        ),
        "consortia": of(state.consortia.members.ravel()),
        "explored": of(state.active),
        "places": state.position[living[living < len(state.position)]].tolist(),
        "firms": of(state.firms),
        "adopted": state.slots.adopted[living].tolist(),
        "columns": [getattr(table, name)[living].tolist() for name in columns],
        "partners": of(np.where(alive[np.maximum(partner, 0)], partner, NOBODY)),
        "unread": unread,
        "waiting": sorted(waiting),
    }


@pytest.mark.slow
def test_a_run_is_the_same_whether_rows_are_cleared_or_not():
    m, cleared = small(), []

    def noted(state):
        row = clear_dead(state)
        if state is m.state:  # and not that of a twin
            cleared.append(int((row == CLEARED).sum()))
        return row

    with patch("ydsim.model.clear_dead", noted):
        m.run()
    assert len(cleared) == 3
    assert min(cleared[1:]) > 0
    with patch("ydsim.model.clear_dead", lambda state: np.arange(len(state.organisations))):
        other = small().run()
    # the burn-in before was the same
    assert len(other.state.organisations) == len(m.state.organisations) + sum(cleared)
    tables = m.recorder.tables()
    assert {"adoption", "projects", "firms", "holders", "shocks", "agents"} <= set(tables)
    assert differing(tables, other.recorder.tables()) == []


def test_references_follow_to_the_last():
    m = lived()
    refers = (m.state.consortia.members, m.state.ties.barred, m.state.projects)
    assert all(len(part) for part in refers)
    before, n = references(m.state), len(m.state.organisations)
    m = lived()
    dead = ~m.state.organisations.alive
    row = clear_dead(m.state)
    after = references(m.state)
    # pairs that were kept apart for ever are forgotten where one of them has gone
    apart, left = (set(found.pop("barred")) for found in (before, after))
    assert left <= apart
    assert after == before
    assert len(m.state.organisations) == n - (row == CLEARED).sum() < n
    assert dead[row == CLEARED].all()
    assert (np.diff(row[row != CLEARED]) == 1).all()


def test_the_dead_stay_while_something_refers_to_them():
    m = lived()
    state = m.state
    dead = np.flatnonzero(~state.organisations.alive)
    assert len(dead) > 3
    state.active = np.flatnonzero(state.organisations.alive)
    state.projects.owner[0], state.projects.members[1, 0] = dead[:2]
    keys = state.organisations.key[dead[:2]]
    row = clear_dead(state)
    assert (row[dead[:2]] != CLEARED).all()
    there = np.array([state.projects.owner[0], state.projects.members[1, 0]])
    assert (state.organisations.key[there] == keys).all()


def test_ties_of_the_kept_stay_in_order():
    m = lived()
    clear_dead(m.state)
    ties = m.state.ties
    assert (np.diff(ties.key) > 0).all()
    assert (np.diff(ties.barred) > 0).all()
    assert (pair_key(ties.a, ties.b) == ties.key).all()


@pytest.mark.slow
def test_agents_follow_their_rows():
    m = small(3)
    for _ in range(4):
        m.step()
    before = {agent: agent.row for agent in m.views.values()}
    m.step()
    alive = [agent for agent in before if agent.alive]
    assert set(alive) <= set(m.views.values())
    assert all(agent.row == row for row, agent in m.views.items())
    assert all(m.state.organisations.key[agent.row] == agent.key for agent in alive)
    assert sum(agent.row != before[agent] for agent in alive) > len(alive) // 2
    assert sorted(m.views) == np.flatnonzero(m.state.organisations.alive).tolist()


def test_agents_that_have_left_are_never_taken_for_others():
    m = small(2)
    for _ in range(2):
        m.step()
    known = dict.fromkeys(m.views.values())
    for _ in range(4):
        m.step()
    gone = [agent for agent in known if agent not in set(m.views.values())]
    assert gone
    for agent in gone:
        assert not agent.alive or m.state.organisations.key[agent.row] == agent.key  # it has moved
    cleared = [
        agent for agent in gone if not np.isin(np.uint64(agent.key), m.state.organisations.key)
    ]
    assert len(cleared) > 3
    for agent in cleared:
        assert not agent.alive
        for name in ("row", "profit", "city", "knowledge", "adopted", "partners"):
            with pytest.raises(ydsim.UsageError, match=f"key {agent.key} has left the model"):
                getattr(agent, name)
        with pytest.raises(ydsim.UsageError):
            agent.profit = 1.0
