"""Cities: values and links of made tables, pairs by province, inequality, lags by distance."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tests.support.figures import marks_of, require_readable, whiskers_of
from tests.support.made import LINKS, WORLD, make_results, plain
from ydsim.errors import NothingToDrawError, UsageError
from ydsim.measures.inequality import dagum, theil
from ydsim.plots import canvas, cities
from ydsim.plots.cities import read_links, strongest
from ydsim.plots.drawing import draw
from ydsim.record.measures import residents
from ydsim.results.diffusion import CLASSES
from ydsim.results.results import Results
from ydsim.typing import Columns, Floats

N = WORLD.n_cities
PROVINCE = WORLD.city_province


def named(axes: Axes, name: str):
    (found,) = [each for each in axes.get_children() if each.get_gid() == name]
    return found


# -- links -----------------------------------------------------------------------------------------


def directed(channel: int, year: float) -> Floats:
    """Expected links from place to place, the rest of the nation last; mean of 3 replicates."""
    place = np.arange(N + 1.0)
    return (10.0**channel * (place[:, None] + 1.0) * (place + 2.0) + year) * 1.1


def both_ways(flow: Floats) -> Floats:
    inside = flow[:N, :N]
    return inside + inside.T - np.diag(np.diag(inside))


def test_both_directions_count_once_and_inside_a_city_once():
    links = read_links(make_results(), ["contract", "co-invention"], (2023, 2023), WORLD)
    expected = both_ways(directed(LINKS.index("contract"), 5.0) + directed(0, 5.0))
    np.testing.assert_allclose(links, expected)
    pairs = strongest(links)
    assert len(pairs) == N * (N - 1) / 2
    np.testing.assert_allclose(pairs, np.sort(expected[np.triu_indices(N, 1)])[::-1])
    (a, b), first = pairs.index[0], pairs.iloc[0]
    assert links.loc[a, b] == first


def test_links_are_means_of_years_and_do_not_depend_on_what_was_realised():
    def unlucky(name: str, rows: Columns) -> Columns:
        return rows | {"realised": 0.0 * rows["realised"]} if name == "ties" else rows

    links = read_links(make_results(change=unlucky), ["co-invention"], (2021, 2023), WORLD)
    np.testing.assert_allclose(links, both_ways(directed(0, 4.0)))


# -- city_pairs ------------------------------------------------------------------------------------


def test_the_matrix_is_ordered_by_province_and_symmetric():
    results = make_results()
    axes = draw("city_pairs", results).axes[0]
    links = both_ways(directed(0, 3.0))  # 2019 to 2023
    order = sorted(range(N), key=lambda c: (PROVINCE[c], -links[c].sum()))
    drawn = np.ma.filled(named(axes, "pairs").get_array(), np.nan)
    np.testing.assert_allclose(drawn, links[order][:, order])
    names = [WORLD.city_names[c] for c in order]
    assert [label.get_text() for label in axes.get_yticklabels()] == names
    assert [label.get_text() for label in axes.get_xticklabels()] == names
    assert axes.get_ylim()[0] > axes.get_ylim()[1]
    blocks = [patch for patch in axes.patches if patch.get_gid() == "block"]
    sizes = np.bincount(PROVINCE)
    assert [b.get_width() for b in blocks] == sizes.tolist()
    assert [b.get_xy() for b in blocks] == [(x, x) for x in (np.cumsum(sizes) - sizes - 0.5)]


def test_channel_and_years_may_be_asked_for():
    axes = draw("city_pairs", make_results(), channel="supply", years=(2018, 2020)).axes[0]
    drawn = np.sort(np.ma.filled(named(axes, "pairs").get_array(), np.nan), axis=None)
    np.testing.assert_allclose(drawn, np.sort(both_ways(directed(2, 1.0)), axis=None))
    with pytest.raises(UsageError, match="supply"):
        draw("city_pairs", make_results(), channel="suply")


def test_pairs_that_nobody_expects_stay_white():
    def sparse(name: str, rows: Columns) -> Columns:
        if name != "ties":
            return rows
        first = rows["from_city"] == WORLD.city_names[0]
        return rows | {"expected": np.where(first, rows["expected"], 0.0)}

    axes = draw("city_pairs", make_results(change=sparse)).axes[0]
    drawn = np.ma.filled(named(axes, "pairs").get_array(), np.nan)
    assert np.isfinite(drawn).sum() == 2 * N - 1

    def none(name: str, rows: Columns) -> Columns:
        return rows | {"expected": 0.0 * rows["expected"]} if name == "ties" else rows

    for made in (make_results(change=none), make_results(leave_out=("ties",))):
        with pytest.raises(NothingToDrawError):
            draw("city_pairs", made)
    with pytest.raises(NothingToDrawError, match=r"City 1\.1"):
        draw("city_pairs", make_results(world="yrd"))


# -- inequality ------------------------------------------------------------------------------------


def mixed(name: str, place: int, replicate: int, quarters: Floats) -> Floats:
    """Values that overlap between provinces."""
    return plain(name, 5 * place % 7, 0, quarters) * (1.0 + 0.1 * replicate * (place % 3))


def test_inequality_and_its_parts_are_medians_of_the_measures():
    results = make_results(value=mixed)
    values = results.cube(["inventions"], "city")["inventions"].droplevel("point").unstack("place")
    rows = {}
    for (replicate, year), each in values[list(WORLD.city_names)].iterrows():
        heads = residents(WORLD, year)
        entropy = theil(each.to_numpy() / heads, PROVINCE, WORLD.n_provinces, heads)
        gini = dagum(each.to_numpy() / heads, PROVINCE, WORLD.n_provinces)
        parts = [[entropy.within, entropy.between], [gini.within, gini.between, gini.overlap]]
        rows[replicate, year] = [value for own in parts for value in (sum(own), *own)]
    wide = pd.DataFrame.from_dict(rows, orient="index").groupby(lambda key: key[1])
    figure = draw("inequality", results, indicator="inventions", years=(2019, 2022))
    lines = [line for axes in figure.axes for line in axes.lines if len(line.get_xdata()) == 4]
    drawn = [line.get_ydata() for line in lines]
    np.testing.assert_allclose(np.transpose(drawn), wide.median().loc[2019:2022], rtol=1e-6)
    assert [line.get_label() for line in lines] == [
        *("whole", "within", "between"),
        *("whole", "within", "between", "overlap"),
    ]


def test_inequality_that_is_not_in_the_table_says_so():
    with pytest.raises(NothingToDrawError, match="rd_expenditure"):
        draw("inequality", make_results(), indicator="ideas")
    with pytest.raises(NothingToDrawError, match="inequality"):
        draw("inequality", make_results(leave_out=("city_series",)))


# -- lag_by_distance -------------------------------------------------------------------------------


def planted(monkeypatch: pytest.MonkeyPatch, t10: Floats) -> Results:
    """Results with times (replicates, years, classes) in the table of lags."""
    r, y, d = (i.ravel() for i in np.indices(t10.shape))
    table = pd.DataFrame(
        {
            "replicate": r,
            "year": 2011 + y,
            "distance": np.array(CLASSES, dtype=object)[d],
            "t10": t10.ravel(),
            "generations": np.where(np.isfinite(t10).any(axis=(0, 1))[d], 3, 0),
        }
    )
    monkeypatch.setattr(cities, "read_rows", lambda *_: table)
    return make_results(replicates=len(t10))


def test_lags_are_means_over_years_with_intervals_over_replicates(monkeypatch):
    rng = np.random.default_rng(1)
    t10 = np.array([2.0, 3.0, 3.2, 3.4, 4.0]) + 0.1 * rng.random((3, 4, 5))
    t10[1, 3, 2] = np.nan  # the last year has no time in one class: it is left out everywhere
    figure = draw("lag_by_distance", planted(monkeypatch, t10))
    mean = t10[:, :3].mean(axis=(0, 1))
    half = 4.302653 * t10[:, :3].mean(axis=1).std(axis=0, ddof=1) / np.sqrt(3.0)
    np.testing.assert_allclose(marks_of(figure.axes[0]).sort_values("y")["x"], mean)
    ends = [ends for _, ends in sorted(whiskers_of(figure.axes[0]).items())]
    np.testing.assert_allclose(ends, np.stack([mean - half, mean + half], axis=1), rtol=1e-5)
    assert "2011\u20132013" in figure.note


def test_classes_of_distance_that_a_small_world_lacks_are_left_out(monkeypatch):
    t10 = np.broadcast_to([2.0, 3.0, 3.5, np.nan, np.nan], (2, 3, 5))
    axes = draw("lag_by_distance", planted(monkeypatch, t10)).axes[0]
    assert [label.get_text() for label in axes.get_yticklabels()] == [
        "own city",
        "up to 100 km",
        "100 to 200 km",
    ]


def test_fewer_than_three_replicates_have_no_whiskers_and_what_is_missing_is_said(monkeypatch):
    with pytest.raises(NothingToDrawError, match="diffusion_distance"):
        draw("lag_by_distance", make_results())
    for n in (1, 2):
        t10 = 3.0 + np.arange(n)[:, None, None] * np.ones((1, 2, 5))
        figure = draw("lag_by_distance", planted(monkeypatch, t10))
        assert not np.isfinite([*whiskers_of(figure.axes[0]).values()]).any()
        assert "95" not in figure.note
    with pytest.raises(NothingToDrawError, match="every class"):
        draw("lag_by_distance", planted(monkeypatch, np.full((1, 2, 5), np.nan)))


# -- words on the page -----------------------------------------------------------------------------


def pages(monkeypatch: pytest.MonkeyPatch, results: Results) -> list[Figure]:
    figures = [draw("city_pairs", results), draw("inequality", results)]
    n = len(results.replicates)
    with monkeypatch.context() as patch:
        spread = 1.0 + np.arange(n)[:, None, None] / 10.0
        planted(patch, spread * np.full((n, 2, 5), 3.0))
        return [*figures, draw("lag_by_distance", results)]


def test_words_of_usual_pages_lie_on_them_and_none_over_another(monkeypatch):
    for figure in pages(monkeypatch, make_results()):
        require_readable(figure)


@pytest.mark.slow
@pytest.mark.parametrize("width", [2.67, 4.0, 7.2, 10.7])
@pytest.mark.parametrize(
    "options", [{"replicates": 1}, {"start": 2011, "end": 2011}, {"start": 2011, "end": 2040}]
)
def test_words_lie_on_the_page_and_none_over_another(monkeypatch, width: float, options: dict):
    results = make_results(**options)
    results.manifest["name"] = "A name of a scenario that has as many as sixty letters in it, yes"
    with canvas.wide(width):
        for figure in pages(monkeypatch, results):
            require_readable(figure)


@pytest.mark.slow
@pytest.mark.parametrize("width", [2.67, 4.0, 7.2, 10.7])
@pytest.mark.parametrize("provinces", [1, 12])
def test_long_names_of_many_cities_fit(monkeypatch, width: float, provinces: int):
    """The packaged region has cities with long names; here they are in other provinces."""
    from dataclasses import replace

    world = replace(
        WORLD,
        provinces=tuple(f"A province with a name of many letters {p}" for p in range(provinces)),
        city_province=np.arange(N) % provinces,
    )
    monkeypatch.setattr(cities, "world_of", lambda _: world)
    with canvas.wide(width):
        require_readable(draw("city_pairs", make_results()))
