"""Inequality between cities by year, and lags by distance."""

import numpy as np
import pandas as pd
import pytest

from tests.support.figures import marks_of, require_readable, whiskers_of
from tests.support.made import WORLD, make_results, plain
from ydsim.errors import NothingToDrawError
from ydsim.measures.places import dagum, theil
from ydsim.plots import adoption
from ydsim.plots.drawing import draw
from ydsim.record.measures import residents
from ydsim.results.derived import CLASSES

PROVINCE = WORLD.city_province


def mixed(name, place, replicate, quarters):
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


def planted(monkeypatch, t10):
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
    monkeypatch.setattr(adoption, "read_rows", lambda *_: table)
    return make_results(replicates=len(t10))


def test_lags_are_means_over_years_with_intervals_over_replicates(monkeypatch):
    rng = np.random.default_rng(1)
    t10 = np.array([2.0, 3.0, 3.2, 3.4, 4.0]) + 0.1 * rng.random((3, 4, 5))
    t10[1, 3, 2] = np.nan  # the last year has no time in one class: it is left out everywhere
    figure = draw("lag_by_distance", planted(monkeypatch, t10))
    require_readable(figure)
    mean = t10[:, :3].mean(axis=(0, 1))
    half = 4.302653 * t10[:, :3].mean(axis=1).std(axis=0, ddof=1) / np.sqrt(3.0)
    np.testing.assert_allclose(marks_of(figure.axes[0]).sort_values("y")["x"], mean)
    ends = [ends for _, ends in sorted(whiskers_of(figure.axes[0]).items())]
    np.testing.assert_allclose(ends, np.stack([mean - half, mean + half], axis=1), rtol=1e-5)
    assert "2011-2013" in figure.note
    single = draw("lag_by_distance", planted(monkeypatch, t10[:, :1])).note
    assert "2011:" in single
    assert "2011-" not in single


def test_classes_of_distance_that_a_small_world_lacks_are_left_out(monkeypatch):
    t10 = np.broadcast_to([2.0, 3.0, 3.5, np.nan, np.nan], (2, 3, 5))
    axes = draw("lag_by_distance", planted(monkeypatch, t10)).axes[0]
    assert [label.get_text() for label in axes.get_yticklabels()] == [*CLASSES[:3]]


def test_fewer_than_three_replicates_have_no_whiskers_and_what_is_missing_is_said(monkeypatch):
    for n in (1, 2):
        t10 = 3.0 + np.arange(n)[:, None, None] * np.ones((1, 2, 5))
        figure = draw("lag_by_distance", planted(monkeypatch, t10))
        assert not np.isfinite([*whiskers_of(figure.axes[0]).values()]).any()
        assert "95" not in figure.note
    with pytest.raises(NothingToDrawError, match="every class"):
        draw("lag_by_distance", planted(monkeypatch, np.full((1, 2, 5), np.nan)))


@pytest.mark.quick(1)
@pytest.mark.parametrize("kind", ["inequality", "supply_to_nation"])
def test_years_after_the_last_official_figure_are_shaded(kind):
    for end, shaded in ((2021, 1), (2020, 0)):
        figure = draw(kind, make_results(end=end, official_until=2020, replicates=1))
        for axes in figure.axes:
            assert [patch.get_x() for patch in axes.patches] == [2020.5] * shaded
        assert ("Shaded" in figure.note) == bool(shaded)
    assert "2023 (projection)" in draw("money", make_results(end=2023)).heading
