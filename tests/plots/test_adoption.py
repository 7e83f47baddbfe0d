"""Adoption curves: which generations, of which firms, aligned at the founding; what is drawn."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from matplotlib.axes import Axes

from tests.support.made import FOUR, make_results
from ydsim.errors import UsageError
from ydsim.plots.adoption import draw_adoption
from ydsim.plots.curves import Curves, read_curves
from ydsim.plots.ensemble import NothingToDrawError
from ydsim.plots.scenarios import scenario_look
from ydsim.plots.style import look
from ydsim.results.results import Results
from ydsim.typing import Columns

REGION = 4
"""Position of the whole region among the places."""


def named(axes: Axes, name: str) -> list[object]:
    return [artist for artist in axes.get_children() if artist.get_gid() == name]


def words(figure: object) -> str:
    return " ".join(text.get_text() for text in figure.texts).replace("\u00a0", " ")


def changed(results: Results, table: str, **columns: object) -> Results:
    """Change columns of a table: each is a function of the old column."""
    read = results.raw

    def other(name: str) -> Columns:
        rows = read(name)
        if name != table:
            return rows
        return rows | {column: change(rows[column]) for column, change in columns.items()}

    results.raw = other
    return results


def faster(results: Results, by: float) -> Results:
    places = ("adopters", *(f"adopters_{name}" for name in FOUR))
    return changed(results, "adoption_curves", **{p: lambda column: by * column for p in places})


def test_foundings_of_the_first_half_are_followed_for_half_the_run() -> None:
    curves = read_curves(make_results(start=2018, end=2023, replicates=3))
    assert curves.share.shape == (3 * 12 * 2, 5, 12)
    assert (curves.first, curves.last) == (2018, 2020)
    assert curves.home.sum() == 36
    np.testing.assert_array_equal(np.bincount(curves.replicate), [24, 24, 24])


@pytest.mark.parametrize(
    ("end", "foundings", "ages", "last"), [(2011, 2, 2, 2011), (2030, 40, 40, 2020)]
)
def test_at_most_ten_years(end: int, foundings: int, ages: int, last: int) -> None:
    curves = read_curves(make_results(start=2011, end=end, replicates=1))
    assert curves.share.shape == (2 * foundings, 5, ages)
    assert curves.last == last


def test_a_part_of_the_years_is_taken() -> None:
    results = make_results(start=2018, end=2023, replicates=1)
    curves = read_curves(results, np.arange(2019, 2021))
    assert (curves.first, curves.last) == (2019, 2019)
    assert curves.share.shape == (8, 5, 4)
    np.testing.assert_allclose(curves.share[:, 0], [5.0 * np.arange(1.0, 5.0)] * 8)


def test_adopters_are_shares_of_the_firms_that_can_use_the_generation() -> None:
    curves = read_curves(make_results())
    age = np.arange(1.0, 13.0)
    for p in range(4):
        # 10 more firms a quarter, of 200 in the first province, 400 in the second ...
        np.testing.assert_allclose(curves.share[5, p], 100.0 * 10.0 * age / (200.0 * (p + 1)))
    np.testing.assert_allclose(curves.share[5, REGION], 100.0 * 40.0 * age / 2000.0)
    assert curves.places == (*FOUR, "yrd")


def test_a_place_without_such_firms_has_no_share() -> None:
    results = changed(make_results(), "adoption_curves", eligible_Anhui=lambda column: 0.0 * column)
    curves = read_curves(results)
    assert np.isnan(curves.share[:, 3]).all()
    assert np.isfinite(curves.share[:, 2]).any()
    assert curves.final_medians(True, 3) == {}
    assert np.isnan(curves.reach_half(True, 3))
    panel = draw_adoption(results).axes[4]
    assert "no data" in [text.get_text() for text in panel.texts]


def test_a_retired_generation_ends_but_counts_with_its_last_value() -> None:
    curves = read_curves(make_results(replicates=1))
    known = np.isfinite(curves.share[0, 0])
    np.testing.assert_array_equal(np.flatnonzero(known), [0, 1])
    alone = replace(curves, share=curves.share[:1], home=curves.home[:1])
    np.testing.assert_array_equal(alone.quartiles(True, 0), [[5.0, *[10.0] * 11]] * 3)


def by_hand(*final: float) -> Curves:
    """One generation of the region for each final share, on a straight line over two years."""
    share = np.array(final)[:, None, None] * np.arange(9.0) / 8.0
    n = len(final)
    return Curves(("all",), share, np.ones(n, dtype=bool), np.zeros(n, dtype=int), 2011, 2012)


def test_half_time_is_that_of_the_median() -> None:
    curves = by_hand(80.0, 100.0, 20.0)
    assert curves.half_time(True, 0) == pytest.approx(2.0 * 50.0 / 80.0)
    assert curves.reach_half(True, 0) == pytest.approx(2.0 / 3.0)
    assert curves.final_medians(True, 0) == {0: 80.0}
    assert np.isnan(by_hand(80.0, 20.0, 20.0).half_time(True, 0))


def test_no_generation_of_an_origin_gives_no_quartiles() -> None:
    curves = read_curves(make_results())
    home = replace(curves, home=np.ones_like(curves.home))
    assert np.isnan(home.quartiles(False, 0)).all()


def test_the_large_panel_holds_medians_of_provinces_the_small_ones_their_quartiles() -> None:
    results = make_results()
    curves = read_curves(results)
    large, *small = draw_adoption(results).axes
    medians = named(large, "median")
    assert [line.get_label() for line in medians] == list(FOUR)
    for p, line in enumerate(medians):
        np.testing.assert_allclose(line.get_ydata(), curves.quartiles(True, p)[1])
        assert line.get_color() == look(p).colour
        (panel_line,) = named(small[p], "median")
        np.testing.assert_allclose(panel_line.get_ydata(), line.get_ydata())
        box = small[p].collections[0].get_datalim(small[p].transData)
        low, _, high = curves.quartiles(True, p)
        np.testing.assert_allclose([box.y0, box.y1], [np.nanmin(low), np.nanmax(high)])
    (outside,) = named(large, "outside")
    np.testing.assert_allclose(outside.get_ydata(), curves.quartiles(False, REGION)[1])
    assert len({axes.get_ylim() for axes in (large, *small)}) == 1
    assert all(axes.get_ylim()[1] <= 100.0 for axes in small)
    # in the first province 5 per cent a quarter, in the others half of it and less
    assert [len(named(axes, "t50")) for axes in small] == [1, 0, 0, 0]
    (dot,) = named(small[0], "t50")
    np.testing.assert_allclose([dot.get_xdata()[0], dot.get_ydata()[0]], [9.0 / 4.0, 50.0])


def test_the_key_has_the_dot_of_half_where_one_is_drawn() -> None:
    def key(results: Results) -> list[str]:
        return [text.get_text() for text in draw_adoption(results).legends[0].get_texts()]

    entry = "t50: the median reaches half of the firms"
    assert entry in key(make_results())
    low = key(faster(make_results(), 0.5))
    assert entry not in low
    assert "median generation" in low


@pytest.mark.slow
def test_the_title_says_how_far_or_how_soon() -> None:
    far = words(draw_adoption(make_results()))
    assert (
        "In its first 3 years a typical technology is adopted by 15 % (Anhui) to 60 % (Shanghai)"
        in far
    )
    soon = words(draw_adoption(faster(make_results(), 4.0)))
    assert "have adopted it after 0.4 years in Shanghai, after 2.2 in Anhui" in soon
    alike = faster(make_results(), 4.0)
    for name in FOUR:
        changed(
            alike, "adoption_curves", **{f"eligible_{name}": lambda column: 0.0 * column + 400.0}
        )
    assert "have adopted it after 1 year, in all provinces alike" in words(draw_adoption(alike))
    alone = words(draw_adoption(make_results(provinces=("Alone",))))
    assert "is adopted by 60 % of the firms that can use it The" in alone


@pytest.mark.slow
def test_the_explanation_counts_what_is_drawn() -> None:
    text = words(draw_adoption(make_results()))
    assert "The 36 technology generations founded in the region in 2018\u20132020" in text
    assert "Generations of all replicates together (n = 3)." in text
    assert "(n = 1, no interval)" in words(draw_adoption(make_results(replicates=1)))


@pytest.mark.slow
def test_scenarios_are_compared_by_replicate() -> None:
    plain, other = make_results(name="plain"), faster(make_results(name="other"), 1.5)
    figure = draw_adoption(plain, other)
    large = figure.axes[0]
    assert [line.get_label() for line in named(large, "median")] == ["plain", "other"]
    for number, (line, results) in enumerate(
        zip(named(large, "median"), (plain, other), strict=True)
    ):
        np.testing.assert_allclose(
            line.get_ydata(), read_curves(results).quartiles(True, REGION)[1]
        )
        assert line.get_color() == scenario_look(number).colour
    # region: 2 per cent a quarter, 24 after 12 quarters; the same in all replicates
    assert (
        "24 % of the firms that can use it in plain, 36 % in other: +12.0 points [+12.0"
        in words(figure)
    )
    same = words(draw_adoption(make_results(name="a"), make_results(name="b")))
    assert "no difference beyond chance" in same
    single = [make_results(name=name, replicates=1) for name in ("a", "b")]
    assert "24 % in b: the same in one replicate" in words(draw_adoption(*single))
    assert "scenarios plain (hash" in words(figure)


@pytest.mark.slow
def test_twelve_scenarios_have_no_bands_and_twelve_names() -> None:
    results = [make_results(name=f"scenario {i}", replicates=1) for i in range(12)]
    large = draw_adoption(*results).axes[0]
    assert len(large.collections) == 0
    assert len(named(large, "end")) == 12
    assert len({(scenario_look(i).colour, str(scenario_look(i).dash)) for i in range(12)}) == 12


def test_scenarios_of_other_provinces_or_years_do_not_fit() -> None:
    with pytest.raises(UsageError, match="made and one have other provinces"):
        draw_adoption(make_results(), make_results(provinces=("A", "B"), name="one"))
    with pytest.raises(NothingToDrawError, match="no year is common"):
        draw_adoption(make_results(), make_results(start=2025, end=2027))
    with pytest.raises(UsageError, match="give results to draw"):
        draw_adoption()


def test_one_year_is_too_few() -> None:
    with pytest.raises(NothingToDrawError, match="needs two years, there is only 2011"):
        draw_adoption(make_results(start=2011, end=2011))


@pytest.mark.parametrize("table", ["adoption_curves", "generations"])
def test_a_table_that_is_missing_is_named(table: str) -> None:
    with pytest.raises(NothingToDrawError, match=f"the table {table} was not recorded"):
        read_curves(make_results(leave_out=(table,)))


def test_a_run_without_generations_of_these_years_is_said() -> None:
    results = changed(make_results(), "generations", founded_year=lambda column: column - 50)
    with pytest.raises(NothingToDrawError, match="no generation was founded early enough"):
        draw_adoption(results)
