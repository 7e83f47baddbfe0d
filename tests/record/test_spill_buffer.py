"""Shelves: what was put on them comes back, whichever rows are asked for and wherever they are."""

import errno
import pickle
from itertools import pairwise

import numpy as np
import pytest

from ydsim.errors import ResourceError
from ydsim.record import long_table as module
from ydsim.record.long_table import SpillBuffer

TYPES = {"key": np.uint64, "wide": (np.float32, 3), "flag": np.bool_}
LENGTHS = (4, 0, 1, 7, 0)


def blocks():
    draw = np.random.default_rng(3)
    return [
        {
            "flag": draw.random(n) < 0.5,
            "key": draw.integers(0, 2**63, n).astype(np.uint64),
            "wide": draw.random((n, 3)).astype(np.float32),
        }
        for n in LENGTHS
    ]


@pytest.fixture(params=[10, 2**20], ids=["in a file", "in memory"])
def shelf(request, monkeypatch):
    monkeypatch.setattr(module, "IN_MEMORY", request.param)
    kept = SpillBuffer(TYPES)
    for block in blocks():
        kept.append(block)
    return kept


def same(found, wanted):
    assert list(found) == list(TYPES)
    for name, column in found.items():
        assert column.dtype == np.dtype(TYPES[name]).base
        np.testing.assert_array_equal(column, wanted[name])


def test_any_rows_come_back(shelf):
    whole = {name: np.concatenate([b[name] for b in blocks()]) for name in TYPES}
    assert len(shelf) == sum(LENGTHS)
    for first in range(len(shelf) + 1):
        for last in range(first, len(shelf) + 1):
            same(shelf.rows(first, last), {n: c[first:last] for n, c in whole.items()})


def test_a_table_is_made_of_its_rows(shelf):
    table = shelf.table(lambda block: {"double": block["key"] * np.uint64(2)})
    np.testing.assert_array_equal(table["double"], shelf.rows(0, 12)["key"] * np.uint64(2))
    parts = [block["double"] for block in table.blocks(5)]
    assert [len(part) for part in parts] == [5, 5, 2]


def test_a_copy_goes_its_own_way(shelf):
    before = shelf.rows(0, 12)
    copy = pickle.loads(pickle.dumps(shelf))
    copy.append(blocks()[0])
    assert len(copy) == 16
    same(copy.rows(0, 12), before)
    assert len(shelf) == 12
    shelf.append(blocks()[3])
    same(copy.rows(12, 16), blocks()[0])


def test_an_empty_shelf_has_the_columns_of_its_rows():
    same(SpillBuffer(TYPES).rows(0, 0), {"key": [], "wide": np.empty((0, 3)), "flag": []})


def test_a_full_disk_is_one_clear_line(monkeypatch):
    kept = SpillBuffer(TYPES)

    def full(data):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(kept._file, "write", full)
    with pytest.raises(ResourceError, match=r"^cannot keep records in \S+: No space left.*TMPDIR"):
        kept.append(blocks()[0])


def test_little_stays_in_memory(monkeypatch):
    monkeypatch.setattr(module, "IN_MEMORY", 1000)
    kept = SpillBuffer(TYPES)
    seen = []
    for _ in range(20):
        kept.append(blocks()[3])
        seen.append(kept._file._rolled)
    assert not seen[0]
    assert seen[-1]
    assert all(one <= other for one, other in pairwise(seen))
