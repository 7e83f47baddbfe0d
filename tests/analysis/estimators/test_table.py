"""Tables: lags by hand, groups of keys, missing values of every kind."""

import numpy as np
import pandas as pd
import pytest

from ydsim.analysis.estimators.table import codes_of, lagged, numbers

TABLE = {
    "firm": ["b", "a", "a", "b", "a", "b"],
    "year": [2003, 2000, 2001, 2000, 2003, 2001],
    "x": [30.0, 1.0, 2.0, 10.0, 4.0, np.nan],
}


def test_lags_by_hand():
    """Rows in no order; 2002 is missing, so that 2003 has no year before but one two before."""
    one = lagged(TABLE, "x", "firm", "year")
    np.testing.assert_array_equal(one, [np.nan, np.nan, 1.0, np.nan, np.nan, 10.0])
    two = lagged(TABLE, "x", "firm", "year", 2)
    np.testing.assert_array_equal(two, [np.nan, np.nan, np.nan, np.nan, 2.0, np.nan])
    three = lagged(TABLE, "x", "firm", "year", 3)
    np.testing.assert_array_equal(three, [10.0, np.nan, np.nan, np.nan, 1.0, np.nan])
    lead = lagged(TABLE, "x", "firm", "year", -1)
    np.testing.assert_array_equal(lead, [np.nan, 2.0, np.nan, np.nan, np.nan, np.nan])
    far = lagged(TABLE, "x", "firm", "year", 50)
    assert np.isnan(far).all()
    np.testing.assert_array_equal(lagged(TABLE, "x", "firm", "year", 0), TABLE["x"])


def test_lags_are_those_of_pandas():
    draw = np.random.default_rng(1)
    frame = pd.DataFrame({"i": np.repeat(range(9), 7), "t": np.tile(range(7), 9)})
    frame["x"] = draw.normal(size=63)
    expected = frame.groupby("i").x.shift(2)
    np.testing.assert_array_equal(lagged(frame, "x", "i", "t", 2), expected)


def test_a_unit_twice_in_a_year():
    with pytest.raises(ValueError, match="firm a has two rows in 2000"):
        lagged({**TABLE, "year": [2000] * 2 + [2000, 2001, 2002, 2003]}, "x", "firm", "year")
    with pytest.raises(ValueError, match="columns 'firm' and 'year' must have no missing value"):
        lagged({**TABLE, "firm": ["b", None, "a", "b", "a", "b"]}, "x", "firm", "year")


def test_codes_of_keys():
    table = {"a": ["y", "x", None, "y"], "b": [1.0, 1.0, 2.0, np.nan], "c": [2, 1, 1, 2]}
    assert codes_of(table, "a").tolist() == [1, 0, -1, 1]
    assert codes_of(table, "b").tolist() == [0, 0, 1, -1]
    assert codes_of(table, ("a", "b")).tolist()[2:] == [-1, -1]
    one, two = codes_of(table, ("a", "b"))[:2]
    assert one != two
    many = {"a": [0, 0, 1, 1, 0], "b": [0, 1, 0, 1, 0], "c": [5, 5, 5, 5, 6]}
    assert len(np.unique(codes_of(many, ("a", "b", "c")))) == 5
    assert codes_of(many, ("a", "b"))[0] == codes_of(many, ("a", "b"))[4]
    with pytest.raises(ValueError, match="column 'a' mixes kinds of values"):
        codes_of({"a": np.array(["x", 1], dtype=object)}, "a")


def test_numbers_of_all_kinds():
    frame = pd.DataFrame(
        {
            "whole": pd.array([1, None, 3], dtype="Int64"),
            "flag": [True, False, True],
            "mixed": np.array([1, None, 2.5], dtype=object),
        }
    )
    np.testing.assert_array_equal(numbers(frame, "whole"), [1.0, np.nan, 3.0])
    np.testing.assert_array_equal(numbers(frame, "flag"), [1.0, 0.0, 1.0])
    np.testing.assert_array_equal(numbers(frame, "mixed"), [1.0, np.nan, 2.5])
    with pytest.raises(ValueError, match=r"column 'x' has the shape \(1, 2\)"):
        numbers({"x": np.ones((1, 2))}, "x")
