"""Adoption curves: which generations, aligned at the founding, and what is drawn of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.support.made import FOUR, make_results
from ydsim.plots import adoption
from ydsim.plots.adoption import draw_adoption, single_rows
from ydsim.plots.curves import read_curves
from ydsim.plots.ensemble import NothingToDrawError


def test_foundings_of_the_first_half_are_followed_for_half_the_run() -> None:
    curves = read_curves(make_results(start=2018, end=2023, replicates=3))
    assert curves.per_thousand.shape == (3 * 12 * 2, 4, 12)
    assert (curves.first, curves.last) == (2018, 2020)
    assert curves.home.sum() == 36
    np.testing.assert_array_equal(np.bincount(curves.replicate), [24, 24, 24])


@pytest.mark.parametrize(
    ("end", "foundings", "ages", "last"), [(2011, 2, 2, 2011), (2030, 40, 40, 2020)]
)
def test_at_most_ten_years(end: int, foundings: int, ages: int, last: int) -> None:
    curves = read_curves(make_results(start=2011, end=end, replicates=1))
    assert curves.per_thousand.shape == (2 * foundings, 4, ages)
    assert curves.last == last


def test_adopters_are_counted_per_thousand_firms_of_the_province() -> None:
    curves = read_curves(make_results())
    age = np.arange(1.0, 13.0)
    for p in range(4):
        np.testing.assert_allclose(curves.per_thousand[5, p], 10.0 * age / (p + 1))


def test_a_retired_generation_ends_but_counts_with_its_last_value() -> None:
    curves = read_curves(make_results(replicates=1))
    known = np.isfinite(curves.per_thousand[0, 0])
    np.testing.assert_array_equal(np.flatnonzero(known), [0, 1])
    alone = replace(curves, per_thousand=curves.per_thousand[:1], home=curves.home[:1])
    np.testing.assert_array_equal(alone.quartiles(True, 0), [[10.0, *[20.0] * 11]] * 3)


def test_no_generation_of_an_origin_gives_no_quartiles() -> None:
    curves = read_curves(make_results())
    home = replace(curves, home=np.ones_like(curves.home))
    assert np.isnan(home.quartiles(False, 0)).all()


def test_as_many_panels_and_lines_as_data(monkeypatch: pytest.MonkeyPatch) -> None:
    figure = draw_adoption(make_results())
    assert len(figure.axes) == len(FOUR)
    for axes in figure.axes:
        (single,) = [c for c in axes.collections if c.get_gid() == "single"]
        lengths = [len(segment) for segment in single.get_segments()]
        assert lengths == [2, *[12] * 11]
        (dots,) = [c for c in axes.collections if c.get_gid() == "retired"]
        assert len(dots.get_offsets()) == 1
        assert len(axes.lines) == 2 + 3
    assert len({axes.get_ylim() for axes in figure.axes}) == 1
    monkeypatch.setattr(adoption, "THIN", 5)
    curves = read_curves(make_results())
    rows = single_rows(curves)
    assert len(rows) == 4
    assert curves.home[rows].all()
    assert (curves.replicate[rows] == 0).all()


def test_the_explanation_counts_what_is_drawn() -> None:
    text = " ".join(text.get_text() for text in draw_adoption(make_results()).texts)
    assert "founded in 2018\u20132020" in text
    assert "36 generations founded in the region and 36 outside" in text
    assert "thin lines: 12 of the first replicate" in text


@pytest.mark.parametrize("table", ["adoption_curves", "generations", "series"])
def test_a_table_that_is_missing_is_named(table: str) -> None:
    with pytest.raises(NothingToDrawError, match=f"the table {table} was not recorded"):
        read_curves(make_results(leave_out=(table,)))


def test_a_run_without_generations_of_these_years_is_drawn_empty() -> None:
    results = make_results(replicates=1)
    read = results.raw

    def older(table: str) -> dict[str, np.ndarray]:
        columns = read(table)
        if table == "generations":
            columns = {**columns, "founded_year": columns["founded_year"] - 50}
        return columns

    results.raw = older
    figure = draw_adoption(results)
    assert [t.get_text() for t in figure.axes[0].texts].count("no data") == 1
