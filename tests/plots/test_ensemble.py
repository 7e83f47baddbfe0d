"""Values, means and spreads behind the lines."""

from __future__ import annotations

import numpy as np
import pytest

from tests.support.made import make_results, nothing, plain
from tests.support.made_sweep import BORDER, grid, make_sweep
from ydsim.plots.ensemble import (
    MANY,
    NothingToDrawError,
    Yearly,
    band,
    in_words,
    regional_quarters,
)

NAN = float("nan")


def test_a_spread_is_the_range_of_few_replicates() -> None:
    found = band(np.array([[1.0, NAN, 5.0], [4.0, NAN, NAN], [10.0, NAN, NAN]]))
    np.testing.assert_array_equal(found.mean, [5.0, NAN, 5.0])
    np.testing.assert_array_equal(found.low, [1.0, NAN, NAN])
    np.testing.assert_array_equal(found.high, [10.0, NAN, NAN])
    assert found.has_spread


def test_a_spread_leaves_out_the_tails_of_many_replicates() -> None:
    found = band(np.arange(1001.0)[:, None])
    np.testing.assert_allclose([found.low[0], found.high[0]], [25.0, 975.0])


def test_one_replicate_has_no_spread() -> None:
    found = band(np.array([[1.0, 2.0]]))
    np.testing.assert_array_equal(found.mean, [1.0, 2.0])
    assert not found.has_spread


def test_words_tell_what_lines_and_bands_are() -> None:
    assert in_words(1) == "Lines: one simulated replicate (n\u00a0=\u00a01, no interval)."
    assert in_words(2) == "Lines: simulated mean; bands: range of n\u00a0=\u00a02 replicates."
    assert f"central 95\u00a0% of n\u00a0=\u00a0{MANY} replicates." in in_words(MANY)


def test_yearly_values_are_those_of_the_table() -> None:
    results = make_results(replicates=2)
    yearly = Yearly(results)
    table = results.table("province_year")
    mine = table[(table.indicator == "rd_expenditure") & (table.region == "Zhejiang")]
    expected = mine.pivot_table(index="replicate", columns="year", values="value").to_numpy()
    np.testing.assert_array_equal(yearly.values("rd_expenditure", "Zhejiang"), expected)
    assert expected.shape == (2, 6)


def test_official_figures_of_the_years_run_only() -> None:
    yearly = Yearly(make_results(start=2018, end=2023, official_until=2020))
    np.testing.assert_array_equal(
        yearly.official("rd_expenditure", "Jiangsu"), [218.0, 219.0, 220.0, NAN, NAN, NAN]
    )
    assert yearly.last_official("rd_expenditure") == 2020
    assert yearly.last_official("profit_tax") is None
    assert Yearly(make_results(start=2025, end=2026)).last_official("rd_expenditure") is None


def test_quarters_end_where_they_end() -> None:
    times, (living, lost) = regional_quarters(
        make_results(start=2018, end=2018, replicates=2), ("generations_live", "no_such")
    )
    np.testing.assert_array_equal(times, [2018.25, 2018.5, 2018.75, 2019.0])
    expected = [plain("generations_live", 4, r, np.arange(4.0)) for r in (0, 1)]
    np.testing.assert_array_equal(living, expected)
    assert np.isnan(lost).all()


def test_only_the_first_point_is_read() -> None:
    results = make_sweep(
        grid(**{BORDER.replace(".", "__"): [0.2, 0.5]}),
        lambda factors, replicate, years: 100.0 * factors[BORDER] + replicate + years,
        replicates=2,
        without=[(0, 1)],
    )
    found = Yearly(results)
    want = results.cube(["launches"], places=["South"], points=[0])["launches"]
    assert found.values("launches", "South").tolist() == [want.tolist()]


def test_what_was_not_recorded_is_named() -> None:
    with pytest.raises(NothingToDrawError, match="no series was recorded"):
        Yearly(make_results(leave_out=("series",)))
    with pytest.raises(NothingToDrawError, match="no series was recorded"):
        Yearly(make_results(value=nothing))
    with pytest.raises(NothingToDrawError, match="a and b were not recorded"):
        Yearly(make_results()).require(["a", "b"])
    with pytest.raises(NothingToDrawError, match="x and y were not recorded"):
        regional_quarters(make_results(), ("x", "y"))
