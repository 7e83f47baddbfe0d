"""Adoption curves: which generations, of which firms, aligned at the founding; what is drawn."""

import numpy as np
import pandas as pd
import pytest

from tests.support.made import FOUR, make_results
from ydsim.errors import NothingToDrawError, ResultsError
from ydsim.plots.adoption import quarters_of, read_curves, spread_by_age
from ydsim.plots.drawing import draw
from ydsim.plots.values import scenario_look, years_of


def line(axes, name):
    (found,) = [each for each in axes.lines if each.get_label() == name]
    return np.asarray(found.get_ydata())


def curves_of(results):
    return read_curves(results, years_of(results))


def changed(results, table, **columns):
    """Change columns of a table: each is a function of the rows."""
    read = results.table

    def other(name):
        return read(name).assign(**columns) if name == table else read(name)

    results.table = other
    return results


def faster(results, by):
    places = ("adopters", *(f"adopters_{name}" for name in FOUR))
    return changed(
        results, "adoption_curves", **{p: lambda rows, p=p: by * rows[p] for p in places}
    )


@pytest.mark.parametrize(
    ("start", "end", "foundings", "ages"),
    [(2018, 2023, 12, 12), (2011, 2011, 2, 2), (2011, 2030, 40, 40), (2011, 2035, 40, 40)],
)
def test_foundings_of_the_first_half_are_followed_for_half_the_run(start, end, foundings, ages):
    curves = curves_of(make_results(start=start, end=end, replicates=2))
    assert quarters_of(np.arange(start, end + 1)) == (foundings, ages)
    for share in curves.values():
        assert share.shape == (2 * foundings, ages)
        assert share.groupby("replicate").size().tolist() == [foundings] * 2
        np.testing.assert_array_equal(share.columns, np.arange(ages) / 4.0)


def test_a_part_of_the_years_is_taken():
    curves = read_curves(make_results(replicates=1), np.arange(2019, 2021))
    np.testing.assert_allclose(curves["Shanghai"], [5.0 * np.arange(1.0, 5.0)] * 4)


def test_adopters_are_shares_of_the_firms_that_can_use_the_generation():
    curves = curves_of(make_results())
    age = np.arange(1.0, 13.0)
    for p, name in enumerate(FOUR):
        # 10 more firms a quarter, of 200 in the first province, 400 in the second ...
        np.testing.assert_allclose(curves[name].iloc[5], 1000.0 * age / (200.0 * (p + 1)))
    np.testing.assert_allclose(curves["yrd"].iloc[5], 4000.0 * age / 2000.0)
    assert list(curves) == [*FOUR, "yrd"]


def test_a_place_without_such_firms_has_no_share():
    results = changed(make_results(), "adoption_curves", eligible_Anhui=0.0)
    curves = curves_of(results)
    assert curves["Anhui"].isna().all(axis=None)
    assert curves["Zhejiang"].notna().any(axis=None)
    figure = draw("adoption_curves", results)
    assert np.isnan(line(figure.axes[0], "Anhui")).all()


def test_a_retired_generation_counts_with_its_last_value():
    shares = curves_of(make_results(replicates=1))["Shanghai"]
    np.testing.assert_array_equal(shares.iloc[0], [5.0, *[10.0] * 11])


@pytest.mark.parametrize(
    ("kind", "table", "columns"),
    [
        ("adoption_curves", "adoption_curves", "generation, year, quarter"),
        ("adoption_curves", "generations", "generation"),
        ("project_paths", "passports", "generation, stage"),
    ],
)
def test_rows_that_are_there_twice_are_refused(kind, table, columns):
    results = make_results(replicates=1)
    read = results.table
    results.table = lambda name: pd.concat([read(name)] * (1 + (name == table)))
    with pytest.raises(ResultsError, match=f"/{table}: column '{columns}'"):
        draw(kind, results)


def test_generations_founded_outside_do_not_count():
    at_home = curves_of(make_results(replicates=1))["yrd"].index.get_level_values("generation")
    origin = make_results(replicates=1).table("generations").set_index("generation")["origin"]
    assert set(origin) == {"region", "outside"}
    assert set(origin[at_home]) == {"region"}


def by_hand(*final, replicates=(0, 0, 0)):
    """One generation for each final share, on a straight line over two years."""
    keys = [(r, g) for g, r in zip(range(len(final)), replicates, strict=True)]
    index = pd.MultiIndex.from_tuples(keys, names=["replicate", "generation"])
    share = np.array(final)[:, None] * np.arange(9.0) / 8.0
    return pd.DataFrame(share, index, np.arange(9) / 4.0)


def test_the_median_is_of_all_generations_and_the_band_of_replicates():
    found = spread_by_age(by_hand(10.0, 30.0, 80.0, replicates=(0, 0, 1)))
    assert found.iloc[-1].tolist() == [30.0, 20.0, 80.0]
    alone = spread_by_age(by_hand(10.0, 30.0, 80.0))
    assert alone.middle.iloc[-1] == 30.0
    assert alone.low.isna().all()


def test_the_region_and_its_provinces_are_lines_of_one_panel():
    results = make_results()
    curves = curves_of(results)
    figure = draw("adoption_curves", results)
    (axes,) = figure.axes
    for name in FOUR:
        np.testing.assert_allclose(line(axes, name), curves[name].median())
    np.testing.assert_allclose(line(axes, "whole region"), curves["yrd"].median())
    (band,) = axes.collections
    ends = spread_by_age(curves["yrd"])
    assert band.get_paths()[0].vertices[:, 1].max() == pytest.approx(ends.high.max())
    assert band.get_paths()[0].vertices[:, 1].min() == pytest.approx(ends.low.min())
    assert axes.get_ylim()[0] == 0.0
    assert axes.get_ylim()[1] <= 100.0


@pytest.mark.slow
def test_scenarios_are_lines_of_a_panel_for_each_place():
    plain, other = make_results(name="plain"), faster(make_results(name="other"), 1.5)
    figure = draw("adoption_curves", plain, other)
    for axes, place in zip(figure.axes, ("yrd", *FOUR), strict=True):
        np.testing.assert_allclose(line(axes, "other"), 1.5 * line(axes, "Plain"))
        np.testing.assert_allclose(line(axes, "Plain"), curves_of(plain)[place].median())
        assert len(axes.collections) == 2
    assert len({axes.get_ylim() for axes in figure.axes}) == 1
    many = draw("adoption_curves", *[make_results(provinces=("Alone",))] * 5)
    assert not many.axes[0].collections
    colours = [each.get_color() for each in many.axes[0].lines if each.get_label()[0] != "_"]
    assert colours == [scenario_look(n).colour for n in range(5)]


def test_generations_that_were_founded_early_are_no_figure():
    early = changed(make_results(), "generations", founded_year=lambda rows: rows.founded_year - 50)
    with pytest.raises(NothingToDrawError, match="early"):
        draw("adoption_curves", early)
