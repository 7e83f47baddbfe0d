import numpy as np
import pytest

from ydsim.agents.generations import Arena, Generations, Pairs, Slots, Waiting
from ydsim.agents.ledger import Ledger
from ydsim.agents.table import Table


class Pair(Table):
    def __init__(self):
        super().__init__({"a": (np.int64, (), -1), "b": (np.float64, (2,), 0.5)})


def test_rows_keep_their_numbers_while_a_table_grows():
    table = Pair()
    assert table.append(3, a=[1, 2, 3]).tolist() == [0, 1, 2]
    for _ in range(40):
        table.append(10)
    assert len(table) == 403
    assert table.a[:4].tolist() == [1, 2, 3, -1]
    assert (table.b == 0.5).all()
    table.a[1] = 7
    assert table.append(1, a=9)[0] == 403
    assert table.a[[1, 403]].tolist() == [7, 9]


def test_new_rows_after_compaction_have_defaults_not_leftovers():
    table = Pair()
    table.append(5, a=np.arange(5), b=np.ones((5, 2)))
    table.keep(np.array([False, True, False, True, False]))
    assert table.a.tolist() == [1, 3]
    table.append(3)
    assert table.a.tolist() == [1, 3, -1, -1, -1]
    assert table.b[2:].tolist() == [[0.5, 0.5]] * 3


def test_unknown_columns_are_refused():
    with pytest.raises(KeyError, match="no column 'c'"):
        Pair().append(1, c=1)


def test_ledger_closes_and_refuses_other_shapes():
    ledger = Ledger(2)
    ledger.post("firms", "central", "tax", np.array([0.1, 0.2]))
    ledger.post("central", "economy", "spending", np.array([0.3, 0.0]))
    assert ledger.balance["firms"] == pytest.approx(-0.3)
    assert ledger.imbalance() < 1e-15
    assert [entry.flow for entry in ledger.entries] == ["tax", "spending"]
    ledger.recording = False
    ledger.post("firms", "central", "tax", np.ones(2))
    assert len(ledger.entries) == 2
    with pytest.raises(ValueError, match="shape"):
        ledger.post("firms", "central", "tax", np.ones(3))
    with pytest.raises(KeyError):
        ledger.post("nobody", "central", "tax", np.ones(2))
    ledger.balance["firms"] += 1.0
    assert ledger.imbalance() > 0.1


def test_ledger_keeps_a_copy():
    ledger, amount = Ledger(1), np.ones(1)
    ledger.post("firms", "central", "tax", amount)
    amount[0] = 9.0
    assert ledger.entries[0].amount[0] == 1.0


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


def test_arena_keeps_what_is_unread():
    generations, arena = Generations(2), Arena()
    generations.append(3)
    for g in range(3):
        start = arena.extend(np.arange(4, dtype=np.float32) + 10 * g, np.arange(4, dtype=np.int32))
        generations.first[g] = generations.next[g] = [start, start + 2]
        generations.last[g] = [start + 2, start + 4]
    generations.next[0] = [1, 4]
    generations.live[1] = False
    arena.compact(generations)
    assert len(arena) == 5
    assert arena.threshold[:5].tolist() == [1, 20, 21, 22, 23]
    assert generations.next[[0, 2]].tolist() == [[0, 1], [1, 3]]
    assert generations.last[[0, 2]].tolist() == [[1, 1], [3, 5]]
    assert arena.extend(np.ones(100, dtype=np.float32), np.ones(100, dtype=np.int32)) == 5
    assert arena.threshold[:5].tolist() == [1, 20, 21, 22, 23]


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
    pairs = waiting.gather()
    rows = zip(pairs.cell.tolist(), pairs.firm.tolist(), pairs.threshold.tolist(), strict=True)
    assert sorted(rows) == sorted(given)
    assert len(waiting) == 0
