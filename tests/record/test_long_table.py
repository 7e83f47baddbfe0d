"""Tables that are made in blocks read like others and give the same bytes."""

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.small import model
from ydsim.record.long_table import LongTable, joined
from ydsim.store import tables as columns

WORDS = np.array(["Shanghai", "Hefei", "", "南京"], dtype=object)


def plain(n, seed=0):
    rng = np.random.default_rng(seed)
    return {
        "firm": rng.integers(0, 2**63, n).astype(np.uint64),
        "year": rng.integers(2011, 2031, n).astype(np.int32),
        "city": WORDS[rng.integers(0, len(WORDS), n)],
        "late": rng.random(n) > 0.5,
        "size": rng.lognormal(size=n),
    }


def long(table):
    n = len(next(iter(table.values())))
    return LongTable(n, lambda a, b: {name: column[a:b] for name, column in table.items()})


def same(a, b):
    assert list(a) == list(b)
    for name in a:
        np.testing.assert_array_equal(a[name], b[name])


@given(st.integers(0, 70), st.integers(1, 30))
def test_blocks_hold_every_row_once(n, size):
    table, blocks = plain(n), list(long(plain(n)).blocks(size))
    assert [len(b["firm"]) for b in blocks] == [min(size, n - k) for k in range(0, n, size)]
    if blocks:
        same(columns.concatenate(blocks), table)


def test_a_column_is_made_whole_when_asked_for():
    table = plain(100)
    same(dict(long(table)), table)
    assert "city" in long(table)
    with pytest.raises(KeyError):
        long(table)["town"]


@pytest.mark.slow
@given(st.lists(st.integers(0, 20), min_size=1, max_size=5), st.integers(1, 9))
def test_joined_tables_are_below_each_other(lengths, size):
    parts = [plain(n, seed=k) for k, n in enumerate(lengths)]
    whole = joined([long(part) for part in parts])
    expected = columns.concatenate(parts)
    same(dict(whole), expected)
    for first in range(0, whole.length, size):
        block = whole.rows(first, first + size)
        same(block, {name: column[first : first + size] for name, column in expected.items()})


@pytest.mark.parametrize("n", [0, 1, 1000, columns.ROW_GROUP, columns.ROW_GROUP + 1])
def test_equal_rows_give_equal_bytes(n):
    table = plain(n)
    assert columns.to_parquet(columns.stored(table, point=0, run="a")) == columns.to_parquet(
        columns.stored(long(table), point=0, run="a")
    )


def test_a_pickle_holds_the_columns():
    same(pickle.loads(pickle.dumps(long(plain(9)))), plain(9))


def test_parts_of_unlike_columns_are_refused():
    other = long({"firm": plain(3)["firm"]})
    with pytest.raises(columns.ResultsError, match="differ in columns"):
        columns.below_each_other([long(plain(3)), other])


def test_long_tables_stay_long_below_each_other():
    both = columns.below_each_other([long(plain(3)), long(plain(4))])
    assert isinstance(both, LongTable)
    assert both.length == 7
    assert isinstance(columns.below_each_other([long(plain(3)), plain(4)]), dict)


@pytest.mark.slow
def test_adoptions_are_recorded_in_few_bytes_and_in_order():
    """Seventeen bytes an event are held; the columns are made when somebody reads them."""
    lived = model(years=2).run()
    table = lived.recorder.tables()["adoption"]
    assert isinstance(table, LongTable)
    held = lived.recorder._events
    assert len(held) == table.length
    assert held._file.seek(0, 2) == 17 * len(held)
    t = 4 * table["year"].astype(int) + table["quarter"]
    assert table.length == len(t) > 100
    assert (np.diff(t) >= 0).all()
    same(table.rows(3, 50), {name: column[3:50] for name, column in table.items()})
