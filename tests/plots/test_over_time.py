"""Lines over time: values of the cube on the lines, official points, and the words of the page."""

import numpy as np
import pandas as pd
import pytest

from tests.support.made import FOUR, make_results, nothing, packaged, plain
from tests.support.made_sweep import BORDER, grid, make_sweep
from ydsim.plots import canvas
from ydsim.plots.canvas import look
from ydsim.plots.drawing import draw
from ydsim.plots.over_time import Line, draw_panel
from ydsim.plots.values import drawn, read_yearly, scenario_look, spread_in_words, spread_of
from ydsim.results.summary import HEADLINES, forecasts


def line(figure, panel, name):
    (found,) = [each for each in figure.axes[panel].lines if each.get_label() == name]
    return found


def test_lines_are_medians_and_bands_are_ranges():
    results = make_results(replicates=4)
    figure = draw("lines", results, indicator="rd_expenditure")
    cube = results.cube(["rd_expenditure"])["rd_expenditure"].droplevel("point")
    for name in FOUR:
        of = cube.xs(name, level="place").unstack("year")
        np.testing.assert_allclose(line(figure, 0, name).get_ydata(), of.median())
        assert line(figure, 0, name).get_xdata().tolist() == of.columns.tolist()
    band = figure.axes[0].collections[0].get_paths()[0].vertices
    of = cube.xs(FOUR[0], level="place").unstack("year")
    assert band[:, 1].min() == of.min().min()
    assert band[:, 1].max() == of.max().max()


def test_official_figures_are_points_and_years_after_them_are_shaded():
    figure = draw("lines", make_results(official_until=2019), indicator="rd_expenditure")
    points = [each for each in figure.axes[0].lines if each.get_gid() == "official"]
    for p, each in enumerate(points):
        # 100 times the number of the place, plus that of the year
        years = each.get_xdata()
        assert years.tolist() == [2018, 2019]
        np.testing.assert_allclose(np.diff(each.get_ydata()), 1.0)
        np.testing.assert_allclose(each.get_ydata()[0] - points[0].get_ydata()[0], 100.0 * p)
    assert len(points) == len(FOUR)
    shades = [patch for patch in figure.axes[0].patches if patch.get_x() == 2019.5]
    assert len(shades) == 1
    none = draw("lines", make_results(official_until=2017), indicator="rd_expenditure")
    assert not none.axes[0].patches
    assert "official" not in none.note


@pytest.mark.slow
def test_several_scenarios_share_panels_of_the_region_and_its_provinces():
    a, b = make_results(), make_results(value=lambda *each: 2.0 * plain(*each))
    figure = draw("lines", a, b, indicator="rd_expenditure")
    assert len(figure.axes) == 1 + len(FOUR)
    for axes in figure.axes:
        names = [each.get_label() for each in axes.lines if each.get_gid() is None]
        assert len(set(names)) == 2
        one, two = (np.asarray(each.get_ydata()) for each in axes.lines if each.get_gid() is None)
        np.testing.assert_allclose(two, 2.0 * one)
        points = [each for each in axes.lines if each.get_gid() == "official"]
        first = [scenario_look(0).colour] * (axes is not figure.axes[0])
        assert [each.get_markeredgecolor() for each in points] == first
    alone = draw("lines", a, b, indicator="rd_expenditure", region=FOUR[1])
    assert len(alone.axes) == 1
    many = draw("lines", *[make_results() for _ in range(5)], indicator="rd_expenditure")
    assert not many.axes[0].collections


def test_amounts_begin_at_zero_and_logs_do_not():
    made = make_results(value=lambda *each: 10.0 + 0.0 * plain(*each))
    low = {
        name: draw("lines", made, indicator=name).axes[0].get_ylim()[0]
        for name in ("rd_expenditure", "productivity_log")
    }
    assert low["rd_expenditure"] == 0.0
    assert low["productivity_log"] > 9.0


@pytest.mark.slow
def test_forecasts_are_bands_from_the_last_official_figure_of_one_scenario_alone():
    results = packaged(make_results(world="yrd"))
    figure = draw("lines", results, indicator="rd_expenditure")
    bands = [each for each in figure.axes[0].collections if each.get_gid() == "forecast"]
    cube = results.cube(["rd_expenditure"]).droplevel("point")
    found = forecasts(results, cube).xs("rd_expenditure").sort_index()
    assert len(bands) == len(FOUR)
    for p, band in enumerate(bands):
        corners = band.get_paths()[0].vertices
        assert (corners[:, 0].min(), corners[:, 0].max()) == (2020, 2023)
        np.testing.assert_allclose(corners[corners[:, 0] == 2020, 1], 100.0 * (p + 1) + 20.0)
        last = corners[corners[:, 0] == 2023, 1]
        ends = found.loc[(FOUR[p], 2023), ["forecast_low", "forecast_high"]]
        np.testing.assert_allclose([last.min(), last.max()], ends)
    both = draw("lines", results, results, indicator="rd_expenditure")
    assert not any(each.get_gid() for axes in both.axes for each in axes.collections)
    assert len(both.note) < len(figure.note)


def test_a_forecast_does_not_squash_lines_and_is_marked_where_it_leaves():
    values = pd.DataFrame({each: [10.0, 12.0, 14.0, 20.0] for each in ("middle", "low", "high")})
    values.index = pd.RangeIndex(2020, 2024)
    ahead = pd.DataFrame({"low": [10.0, 5.0, 2.0, 1.0], "high": [10.0, 20.0, 60.0, 400.0]})
    _, (axes,) = canvas.new_page("", foot="")
    draw_panel(axes, [Line("a", values, look(0), ahead=ahead.set_index(values.index))])
    top = axes.get_ylim()[1]
    assert 20.0 < top < 40.0
    (mark,) = [each for each in axes.lines if each.get_gid() == "leaves"]
    assert mark.get_ydata() == [top]
    np.testing.assert_allclose(mark.get_xdata(), 2021.0 + (top - 20.0) / 40.0)


@pytest.mark.slow
def test_lines_of_some_years():
    figure = draw("lines", make_results(), indicator="rd_expenditure", years=(2019, 2021))
    assert line(figure, 0, FOUR[0]).get_xdata().tolist() == [2019, 2020, 2021]
    alone = draw("lines", make_results(), indicator="rd_expenditure", years=(2020, 2020))
    assert line(alone, 0, FOUR[0]).get_xdata().tolist() == [2020]


@pytest.mark.slow
def test_an_overview_has_a_panel_for_each_recorded_indicator():
    figure = draw("overview", make_results())
    assert 1 <= len(figure.axes) <= len(HEADLINES)

    def fewer(name, *rest):
        return nothing(*rest) if name == HEADLINES[0] else plain(name, *rest)

    both = draw("overview", make_results(), make_results(value=fewer))
    assert len(both.axes) == len(figure.axes) - 1


def test_a_spread_leaves_out_what_is_missing():
    values = np.array([[1.0, np.nan, np.nan], [3.0, 5.0, np.nan], [8.0, np.nan, np.nan]])
    found = spread_of(pd.DataFrame(values))
    np.testing.assert_array_equal(found.middle, [3.0, 5.0, np.nan])
    np.testing.assert_array_equal(found.low, [1.0, np.nan, np.nan])
    np.testing.assert_array_equal(found.high, [8.0, np.nan, np.nan])


def test_few_replicates_say_so():
    texts = [spread_in_words(n) for n in (1, 4, 5)]
    assert len(set(texts)) == 3
    assert [("few" in text) for text in texts] == [False, True, False]
    assert "few" in spread_in_words(3, 8)
    assert "range" in spread_in_words(5, 5, 5)
    assert "range" not in spread_in_words(5, 5, 5, 5)


def test_only_the_first_point_is_read():
    results = make_sweep(
        grid(**{BORDER.replace(".", "__"): [0.2, 0.5]}),
        lambda factors, replicate, years: 100.0 * factors[BORDER] + replicate + years,
        replicates=2,
        without=[(0, 1)],
    )
    found = read_yearly(results, ["launches"]).xs("South", level="place")
    want = results.cube(["launches"], places=["South"], points=[0])["launches"]
    np.testing.assert_array_equal(found["launches"], want)


def test_only_years_that_all_have_are_drawn():
    long, short = make_results(start=2018, end=2023), make_results(start=2019, end=2021)
    assert drawn([long, short]).years.tolist() == [2019, 2020, 2021]
