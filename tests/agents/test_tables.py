import copy
import pickle
import weakref
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.scalar_society import stub
from ydsim.agents import columns
from ydsim.agents.columns import Table
from ydsim.agents.generations import SEGMENTS, Arena, Generations, Pairs, Slots, Waiting
from ydsim.agents.organisations import FIRM, INSTITUTE, MEMORY, UNIVERSITY, Organisations
from ydsim.agents.projects import NOBODY, NOT_YET, OUTSIDER, PARTNERS, Deals, Projects
from ydsim.agents.state import Launches
from ydsim.agents.tables import Brokers
from ydsim.noise import identity
from ydsim.typing import Floats, Ints
from ydsim.world.loader import synthetic_world


class Pair(Table):
    a: Ints
    b: Floats

    def __init__(self):
        super().__init__(width={"b": 2}, default={"a": -1, "b": 0.5})


class Wide(Pair):
    layout = "F"


@pytest.mark.parametrize("kind", [Pair, Wide])
@given(st.sets(st.integers(0, 79)))
def test_rows_that_are_kept_move_up_in_their_storage_in_order(kind, kept):
    table, rows = kind(), np.array(sorted(kept), dtype=np.int64)
    table.append(80, a=np.arange(80), b=np.arange(160.0).reshape(80, 2))
    before, store = table.b.copy(), dict(table._store)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(columns, "KEPT", 16)  # several lots
        table.keep(rows)
    assert len(table) == len(rows)
    assert table.a.tolist() == rows.tolist()
    assert table.b.tolist() == before[rows].tolist()
    assert all(table._store[name] is column for name, column in store.items())
    # what is appended next has defaults, whatever was there before
    table.append(2)
    assert table.a[len(rows) :].tolist() == [-1, -1]
    assert (table.b[len(rows) :] == 0.5).all()


@given(st.sets(st.integers(0, 79), min_size=1))
def test_slots_move_up_with_their_rows_and_leave_nothing_behind(kept):
    slots, rows = Slots(2, capacity=7), np.array(sorted(kept), dtype=np.int64)
    slots.reserve(80)
    slots.adopted[:80] = np.random.default_rng(1).random((80, 7)) < 0.5
    before = slots.adopted.copy()
    slots.move_up(rows)
    assert (slots.adopted[: len(rows)] == before[rows]).all()
    assert not slots.adopted[len(rows) :].any()


def test_a_table_that_grows_holds_one_column_twice_and_no_more(monkeypatch):
    class Watched(np.ndarray):
        pass

    table = Pair()
    table.append(60)
    table.keep(np.arange(50))
    for name, column in table._store.items():
        table._store[name] = column.view(Watched)
    table._view()
    held, born, zeros = [], [weakref.ref(x) for x in table._store.values()], np.zeros

    def noted(*args, **keys):
        held.append(sum(ref() is not None for ref in born))
        return zeros(*args, **keys)

    monkeypatch.setattr(np, "zeros", noted)
    table.append(100)
    assert held == [2, 1]
    assert not any(ref() is not None for ref in born)
    assert len(table.a) == len(table.b) == 150


@pytest.mark.parametrize("kind", [Pair, Wide])
@given(st.lists(st.tuples(st.sampled_from(["append", "keep", "rows", "copy"]),
                          st.integers(0, 2**32 - 1)), max_size=12))  # fmt: skip
def test_appending_keeping_and_copying_equal_plain_arrays(kind, steps):
    table, a, b = kind(), np.empty(0, dtype=np.int64), np.empty((0, 2))
    for what, seed in steps:
        draw = np.random.default_rng(seed)
        if what == "append":
            n = int(draw.integers(0, 90))  # past the storage at hand now and then
            new = draw.integers(0, 99, n), draw.random((n, 2))
            table.append(n, a=new[0], b=new[1])
            a, b = np.concatenate([a, new[0]]), np.concatenate([b, new[1]])
        elif what == "copy":
            other = pickle.loads(pickle.dumps(table))
            table.a[:] = -5  # the copy is on its own
            table = copy.deepcopy(other)
        else:
            mask = draw.random(len(a)) < 0.7
            at = np.flatnonzero(mask)
            table.keep(mask if what == "keep" else at)
            a, b = a[at], b[at]
        assert table.a.tolist() == a.tolist()
        assert table.b.tolist() == b.tolist()
        assert len(table) == len(a)
        assert (table.b.strides[0] == table.b.itemsize) == (kind is Wide)


def test_unknown_columns_are_refused():
    with pytest.raises(KeyError, match="no column 'c'"):
        Pair().append(1, c=1)


class Everyone:
    """Stands for `ByIndustry`: firms 0-3 in industry 0, 4-5 in industry 1."""

    def pairs(self, industry):
        of = [[0, 1, 2, 3], [4, 5]]
        rows = [row for j in industry for row in of[j]]
        pair = [k for k, j in enumerate(industry) for _ in of[j]]
        return np.array(rows, dtype=np.int64), np.array(pair, dtype=np.int64)


def test_slots_are_lowest_free_and_clean():
    slots = Slots(2, capacity=2)
    industry = np.array([0, 1, 0])
    assert slots.take(industry, np.array([10, 11, 12])).tolist() == [0, 0, 1]
    slots.adopted[[1, 2], 0] = True
    slots.adopted[4, 0] = True
    slots.release(np.array([0]), np.array([0]), Everyone())
    assert slots.holder.tolist() == [[-1, 12], [11, -1]]
    assert not slots.adopted[:4, 0].any()
    assert slots.adopted[4, 0]
    assert slots.take(np.array([0, 0]), np.array([13, 14])).tolist() == [0, 2]
    assert slots.holder.shape[1] == 3
    slots.reserve(500)
    assert slots.adopted.shape[0] >= 500
    assert slots.adopted[4, 0]


@pytest.mark.parametrize("watched", [False, True])
def test_slots_keep_what_they_hold_when_they_grow(watched):
    slots = Slots(1)
    slots.adopted[:] = np.random.default_rng(1).random(slots.adopted.shape) < 0.5
    before = slots.adopted.copy()
    view = slots.adopted[:5] if watched else None
    slots.reserve(1_000)
    assert slots.adopted.shape == (1_000, before.shape[1])
    assert (slots.adopted[: len(before)] == before).all()
    assert not slots.adopted[len(before) :].any()
    assert view is None or (view == before[:5]).all()


def test_arena_keeps_what_is_unread():
    generations, arena = Generations(2), Arena()
    generations.append(3)
    arena.reserve(12, generations, np.ones(4, dtype=np.bool_))
    for g in range(3):
        start = arena.extend(np.arange(4, dtype=np.float32) + 10 * g, np.arange(4, dtype=np.int32))
        generations.next[g] = [start, start + 2]
        generations.last[g] = [start + 2, start + 4]
    generations.next[0] = [1, 4]
    generations.retired[1] = 7
    arena.compact(generations, np.ones(4, dtype=np.bool_))
    assert len(arena) == 5
    assert arena.threshold[:5].tolist() == [1, 20, 21, 22, 23]
    assert generations.next[[0, 2]].tolist() == [[0, 1], [1, 3]]
    assert generations.last[[0, 2]].tolist() == [[1, 1], [3, 5]]
    arena.reserve(100, generations, np.ones(4, dtype=np.bool_))
    assert arena.extend(np.ones(100, dtype=np.float32), np.ones(100, dtype=np.int32)) == 5
    assert arena.threshold[:5].tolist() == [1, 20, 21, 22, 23]


def test_arena_forgets_the_dead_in_whatever_group_of_segments():
    generations, arena = Generations(2), Arena()
    number = 2 * SEGMENTS + 3
    generations.append(number)
    arena.reserve(4 * number, generations, np.ones(4, dtype=np.bool_))
    for g in range(number):
        start = arena.extend(np.arange(4, dtype=np.float32) + 10 * g, np.arange(4, dtype=np.int32))
        generations.next[g] = [start, start + 2]
        generations.last[g] = [start + 2, start + 4]
    generations.next[SEGMENTS, 0] += 1
    arena.compact(generations, np.array([True, False, True, True]))
    for g in range(number):
        parts = zip(generations.next[g].tolist(), generations.last[g].tolist(), strict=True)
        cuts = [slice(a, b) for a, b in parts]
        found = [arena.firm[cut].tolist() for cut in cuts]
        assert found == ([[], [2, 3]] if g == SEGMENTS else [[0], [2, 3]])
        assert all((arena.firm[cut] + 10 * g == arena.threshold[cut]).all() for cut in cuts)
    assert len(arena) == 3 * number - 1


def test_an_arena_grows_only_when_forgetting_makes_too_little_room():
    generations, arena = Generations(1), Arena()
    generations.append(2)
    alive = np.ones(1, dtype=np.bool_)

    def add(g, n):
        arena.reserve(n, generations, alive)
        start = arena.extend(np.full(n, g, dtype=np.float32), np.zeros(n, dtype=np.int32))
        generations.next[g] = start
        generations.last[g] = start + n

    add(0, 80)
    add(1, 20)
    assert (len(arena), len(arena.threshold)) == (100, 100)
    generations.next[0] += 60  # read: forgotten, which makes enough room
    arena.reserve(40, generations, alive)
    assert (len(arena), len(arena.threshold)) == (40, 100)
    assert arena.threshold[generations.next[1, 0] : generations.last[1, 0]].tolist() == [1.0] * 20
    arena.reserve(50, generations, alive)  # nothing is read, and there is room
    assert (len(arena), len(arena.threshold)) == (40, 100)
    arena.reserve(61, generations, alive)
    assert (len(arena), len(arena.threshold)) == (40, 125)
    assert arena.threshold[:40].tolist() == [0.0] * 20 + [1.0] * 20


def test_waiting_pairs_are_never_lost():
    waiting = Waiting()
    threshold = np.linspace(0.1, 1.0, 10).astype(np.float32)
    given = []
    for k in range(5):
        cell, firm = np.arange(10, dtype=np.int32), np.arange(k, 10 + k, dtype=np.int32)
        waiting.extend(Pairs(cell, firm, threshold), np.full(10, 0.5))
        given += zip(cell.tolist(), firm.tolist(), threshold.tolist(), strict=True)
    assert len(waiting) == 50
    assert (waiting.near.threshold <= 0.5).all()
    assert 0 < len(waiting.near) < 50
    pairs = Pairs.joined(list(waiting.take()))
    rows = zip(pairs.cell.tolist(), pairs.firm.tolist(), pairs.threshold.tolist(), strict=True)
    assert sorted(rows) == sorted(given)
    assert len(waiting) == 0


# -- deals and launches ----------------------------------------------------------------------------


def some_deals(n, first=0):
    at = np.arange(first, first + n)
    return Deals(identity("deal", at)[:n], at, at, at, at * 0.5, at, at % 2 == 0, at)


def test_consortia_count_their_members_from_the_left():
    projects = Projects()
    rows = [[], [7], [OUTSIDER], [7, 8], [7, OUTSIDER, 8], [1, 2, 3, 4]]
    members = [row + [NOBODY] * (PARTNERS - len(row)) for row in rows]
    projects.append(6, members=members)
    assert projects.shared.tolist() == [False, True, True, True, True, True]
    assert projects.partners(np.arange(6)).tolist() == [0, 1, 1, 2, 3, 4]
    assert projects.partners(projects.shared).tolist() == [1, 1, 2, 3, 4]
    # the owner counts as one of ``most``
    assert projects.full(1).all()
    assert projects.full(2).tolist() == [False, True, True, True, True, True]
    assert projects.full(3).tolist() == [False, False, False, True, True, True]
    assert projects.full(5).tolist() == [False] * 5 + [True]


def test_deals_are_joined_and_selected_with_all_of_their_columns():
    assert len(Deals.none()) == 0
    both = Deals.joined([some_deals(3), some_deals(2, 10)])
    assert len(both) == 5
    picked = both.select(np.array([False, True, False, False, True]))
    for name, values in vars(picked).items():
        one, other = (getattr(part, name) for part in (some_deals(3), some_deals(2, 10)))
        assert values.tolist() == [one[1], other[1]], name
    for one, other in ((both, Deals.none()), (Deals.none(), both)):
        again = Deals.joined([one, other])
        for name, values in vars(both).items():
            joined = getattr(again, name)
            assert joined.tolist() == values.tolist()
            assert joined.dtype == values.dtype, name


def test_plain_launches_have_an_empty_passport_and_join():
    at = np.arange(3)
    plain = Launches.plain(at, at, at, at + 0.5, identity("p", at))
    assert (plain.stage_end == NOT_YET).all()
    assert (plain.stage_city == -1).all()
    assert (plain.stage_kind == -1).all()
    for name in ("partners", "public"):
        assert not getattr(plain, name).any(), name
    plain.generation[1] = 5
    both = Launches.joined([plain, Launches.plain(at, at, at, at, identity("q", at))])
    assert len(both) == 6
    assert len(Launches.none()) == 0
    assert both.generation.tolist() == [-1, 5] + [-1] * 4
    assert both.stage_end.shape == (6, 5)
    assert Launches.joined([Launches.none(), plain]).quality.tolist() == [0.5, 1.5, 2.5]


# -- tallies and the begin of a quarter ------------------------------------------------------------


@pytest.mark.parametrize("quarter", [0, 1, 11, 12, 13, 25, -3])
def test_a_quarter_begins_with_clean_rings_and_nothing_agreed(quarter):
    world = synthetic_world(2, 2)
    table = Organisations(len(world.fields))
    table.append(3, inventions=1.0, recent_gain=1.0, contract_net=5.0)
    brokers = Brokers(identity("b", 0), np.zeros(1, int), np.ones(1), np.ones(1))
    state = stub(world, organisations=table, brokers=brokers, deals=some_deals(4))
    brokers.introductions, brokers.deals = np.ones(1), np.ones(1)
    state.tally.city.ideas += 1.0
    state.begin(quarter)
    assert state.quarter == state.ledger.quarter == quarter
    assert len(state.deals) == len(state.launches) == 0
    assert not table.contract_net.any()
    for name in ("introductions", "deals"):
        assert not getattr(brokers, name).any(), name
    assert not state.tally.city.ideas.any()
    for ring, width in ((table.inventions, MEMORY), (table.recent_gain, MEMORY + 1)):
        cleared = np.flatnonzero(~ring.any(axis=0))
        assert cleared.tolist() == [quarter % width]


def test_whole_organisations_weigh_as_much_as_the_sample():
    state = stub(synthetic_world(2, 2), scale=0.05)
    state.organisations.append(4, kind=[FIRM, UNIVERSITY, FIRM, INSTITUTE])
    assert state.sample_exposure.tolist() == [1.0, 0.05, 1.0, 0.05]


def test_inputs_hold_from_before_the_start_until_after_the_end():
    state = stub(synthetic_world(2, 2), inputs=SimpleNamespace(years=np.arange(2011, 2013)))
    columns = []
    for quarter in (-9, -1, 0, 1, 7, 8, 99):
        state.quarter = quarter
        columns.append(state.input_column)
    assert columns == [0, 0, 0, 1, 7, 7, 7]
