from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ydsim.errors import ResultsError
from ydsim.store.tables import check_columns, concatenate, from_parquet, normalise, to_parquet

COLUMNS = {
    "name": np.array(["b", "a", "上海", "b"]),
    "value": np.array([1 / 3, np.nan, np.inf, -0.0]),
    "count": np.array([1, 2, 3, 4], dtype=np.int32),
    "key": np.array([0, 2**64 - 1, 5, 6], dtype=np.uint64),
    "yes": np.array([True, False, True, False]),
}


TABLE = normalise(COLUMNS)


@pytest.mark.parametrize("rows", [slice(None), slice(0, 0)])
def test_round_trip_keeps_types_and_order(rows):
    table = {name: column[rows] for name, column in TABLE.items()}
    back = from_parquet(to_parquet(table), Path("x"))
    assert list(back) == list(COLUMNS)
    assert [column.dtype.str for column in back.values()] == ["|O", "<f8", "<i8", "<u8", "|b1"]
    for name, column in table.items():
        np.testing.assert_array_equal(back[name], column)


def test_equal_columns_give_equal_bytes_without_foreign_metadata():
    data = to_parquet(TABLE)
    reversed_copy = {n: np.array(c[::-1].tolist(), dtype=c.dtype)[::-1] for n, c in TABLE.items()}
    assert to_parquet(reversed_copy) == data
    file = pq.ParquetFile(pa.BufferReader(data))
    assert pa.types.is_dictionary(file.schema_arrow.field("name").type)
    assert set(file.metadata.metadata or {}) <= {b"ARROW:schema"}
    assert file.metadata.row_group(0).column(1).compression == "ZSTD"


def test_columns_of_a_long_table_are_those_of_a_short_one(monkeypatch):
    columns = {"x": np.arange(200) / 7.0, "n": np.arange(200), "y": np.arange(200) / -3.0}
    short = normalise(columns)
    monkeypatch.setattr("ydsim.store.tables.SHORT", 100)
    long = normalise(columns)
    assert list(long) == list(short)
    for name, column in short.items():
        assert long[name].tobytes() == column.tobytes()
        assert long[name].dtype == column.dtype


def test_damage_names_the_file():
    with pytest.raises(ResultsError, match=r"series/part\.parquet: is damaged"):
        from_parquet(to_parquet(TABLE)[:-20], Path("series/part.parquet"))


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"a": np.zeros(1), "b": np.zeros(2)}, "differ in length"),
        ({"t": np.array(["2020-01-01"], dtype="datetime64[D]")}, "column t has type"),
        ({"t": np.array([None, "a"], dtype=object)}, "column t has type"),
    ],
)
def test_bad_columns_are_refused(columns, said):
    with pytest.raises(ValueError, match=said):
        normalise(columns)


def test_parts_that_differ_in_columns_are_said_in_a_short_line():
    wide = {f"column_{n}": np.zeros(1) for n in range(500)}
    with pytest.raises(ResultsError, match="'launches'") as caught:
        concatenate([wide, wide | {"launches": np.zeros(1)}])
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize("value", [np.inf, -np.inf, 1e200, -1e200])
def test_numbers_that_cannot_be_added_up_are_refused(value):
    columns = {"run": np.array(["a"] * 2, dtype=object), "cost": np.array([np.nan, value])}
    with pytest.raises(ResultsError, match=r"x\.parquet: column 'cost'"):
        check_columns("policy_costs", columns, Path("x.parquet"))
    check_columns("policy_costs", columns | {"cost": np.array([np.nan, 1e60])}, Path("x.parquet"))


def test_columns_are_of_the_kinds_that_the_list_of_tables_says():
    sound = {
        "run": np.array(["a"], dtype=object),
        "year": np.array([2012]),
        "shock": np.array(["x"]),
    }
    sound = normalise(sound)
    check_columns("shocks", sound, Path("x"))
    for name, wrong in (("year", np.array([2012.0])), ("shock", np.array([1]))):
        with pytest.raises(ResultsError, match=f"'{name}'"):
            check_columns("shocks", {**sound, name: wrong}, Path("x"))
