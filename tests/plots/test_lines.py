"""Lines of provinces: as many as the data, at their values, named without overlaps."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tests.support.made import FOUR, make_results, plain
from ydsim.plots.generations import draw_generations
from ydsim.plots.lines import (
    decimals_of_steps,
    keep_inside,
    number_axis,
    set_amounts,
    set_years,
    spread,
)
from ydsim.plots.output import draw_output
from ydsim.plots.research import draw_research
from ydsim.plots.style import look
from ydsim.typing import Floats


def named(axes: Axes, name: str) -> list[object]:
    return [artist for artist in axes.get_children() if artist.get_gid() == name]


def test_labels_at_the_ends_of_a_narrow_axis_stay_inside_it() -> None:
    axes = Figure().add_subplot()
    set_years(axes, 2011, 2013, labels=2)
    keep_inside(axes.xaxis, 1.1)
    sides = [(t.get_text(), t.get_horizontalalignment()) for t in axes.get_xticklabels()]
    assert sides == [("2011", "left"), ("2012", "center"), ("2013", "right")]


def yearly(name: str, place: int, replicate: int, years: int) -> Floats:
    flow = plain(name, place, replicate, np.arange(4.0 * years)).reshape(years, 4)
    return flow.sum(axis=1)


def test_lines_are_the_means_and_bands_the_range() -> None:
    (axes,) = draw_research(make_results()).axes
    lines = [line for line in axes.lines if line.get_label() in FOUR]
    assert [line.get_label() for line in lines] == list(FOUR)
    for p, line in enumerate(lines):
        runs = np.array([yearly("rd_expenditure", p, r, 6) for r in range(3)])
        np.testing.assert_array_equal(line.get_xdata(), np.arange(2018, 2024))
        np.testing.assert_allclose(line.get_ydata(), runs.mean(axis=0))
        assert line.get_color() == look(p).colour
        box = axes.collections[p].get_datalim(axes.transData)
        np.testing.assert_allclose([box.y0, box.y1], [runs.min(), runs.max()])
    assert len(axes.collections) == 4


def test_official_points_and_their_end() -> None:
    (axes,) = draw_research(make_results(official_until=2020)).axes
    points = named(axes, "official")
    assert len(points) == 4
    assert {line.get_linestyle() for line in points} == {"None"}
    np.testing.assert_array_equal(points[1].get_xdata(), [2018, 2019, 2020])
    np.testing.assert_array_equal(points[1].get_ydata(), [218.0, 219.0, 220.0])
    assert [line.get_xdata()[0] for line in named(axes, "hairline")] == [2020]


@pytest.mark.parametrize(("end", "points"), [(2020, 4), (2019, 4), (2021, 4)])
def test_no_hairline_where_the_run_ends_with_official_data(end: int, points: int) -> None:
    (axes,) = draw_research(make_results(end=end)).axes
    assert len(named(axes, "official")) == points
    assert len(named(axes, "hairline")) == (end > 2020)


def test_no_official_points_after_their_end() -> None:
    figure = draw_research(make_results(start=2025, end=2027))
    assert named(figure.axes[0], "official") == []
    assert not any("official" in text.get_text() for text in figure.texts)


def test_one_replicate_has_no_band_and_says_so() -> None:
    figure = draw_research(make_results(replicates=1))
    assert len(figure.axes[0].collections) == 0
    assert any("n\u00a0=\u00a01, no interval" in text.get_text() for text in figure.texts)


def test_amounts_begin_at_zero_and_logs_do_not() -> None:
    left, right = draw_output(make_results()).axes
    assert left.get_ylim()[0] == 0.0
    assert right.get_ylim()[0] > 0.0
    assert len([line for line in right.lines if line.get_label() in FOUR]) == 4


def test_generations_by_quarter_and_year() -> None:
    left, right = draw_generations(make_results()).axes
    assert [len(line.get_xdata()) for line in left.lines] == [24, 24]
    assert [len(line.get_xdata()) for line in right.lines] == [6, 6]
    mean = np.mean([plain("generations_live", 4, r, np.arange(24.0)) for r in range(3)], axis=0)
    np.testing.assert_allclose(left.lines[0].get_ydata(), mean)


def test_every_figure_tells_where_it_comes_from() -> None:
    results = make_results(name="made-up")
    texts = [text.get_text() for text in draw_output(results).texts]
    (facts,) = [text for text in texts if text.startswith("scenario made-up")]
    for fact in ("3 replicates", "seed 1", "scale 0.05", str(results.manifest["hash"])[:10]):
        assert fact in facts
    assert f"ydsim {results.manifest['ydsim']}" in facts


@given(st.lists(st.floats(0.0, 1.0), max_size=10), st.floats(0.001, 0.1))
def test_names_keep_their_distance_and_order(wished: list[float], gap: float) -> None:
    wishes = np.array(wished)
    places = spread(wishes, gap)
    order = np.argsort(wishes, kind="stable")
    assert (np.diff(places[order]) >= gap * (1.0 - 1e-9)).all()
    assert len(wished) == 0 or (places.max() <= 1.0 + 1e-9 and places.min() >= -1e-9)


def test_names_with_room_stay_where_they_are() -> None:
    np.testing.assert_array_equal(spread(np.array([0.9, 0.1, 0.5]), 0.1), [0.9, 0.1, 0.5])
    np.testing.assert_allclose(spread(np.array([0.5, 0.5]), 0.1), [0.45, 0.55])


def test_numbers_of_an_axis_have_the_decimals_of_its_steps() -> None:
    axes = Figure().add_subplot()
    for low, high, texts in (
        (-0.5, 0.5, ["\u22120.50", "\u22120.25", "0", "0.25", "0.50"]),
        (0.0, 20_000.0, ["0", "5,000", "10,000", "15,000", "20,000"]),
        (1e8, 3e8, ["100,000,000", "150,000,000", "200,000,000", "250,000,000", "300,000,000"]),
    ):
        axes.set_xlim(low, high)
        number_axis(axes.xaxis, low, high, bins=4)
        assert [label.get_text() for label in axes.get_xticklabels()] == texts


@pytest.mark.parametrize(
    ("step", "decimals"), [(5.0, 0), (0.25, 2), (0.1, 1), (2.5, 1), (1e-9, 8), (2000.0, 0)]
)
def test_decimals_that_steps_need(step: float, decimals: int) -> None:
    assert decimals_of_steps(step) == decimals


def test_axes_hold_constant_and_missing_values() -> None:
    axes = Figure().add_subplot()
    for values in ([], [np.nan], [0.0, 0.0], [3.0], [-2.0, 5.0], [np.inf]):
        set_amounts(axes, np.array(values))
        low, high = axes.get_ylim()
        finite = [value for value in values if np.isfinite(value)]
        assert low <= min([0.0, *finite])
        assert high > max([0.0, *finite])


def test_years_are_whole() -> None:
    axes = Figure().add_subplot()
    for first, last in ((2011, 2011), (2011, 2012), (2011, 2030)):
        set_years(axes, first, last)
        low, high = axes.get_xlim()
        assert low < first <= last < high
        assert all(float(tick).is_integer() for tick in axes.get_xticks())
