"""Adoption curves: which generations, of which firms, aligned at the founding; what is drawn."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes

from tests.support.figures import require_readable
from tests.support.made import FOUR, make_results
from ydsim.errors import NothingToDrawError, UsageError
from ydsim.plots import canvas
from ydsim.plots.adoption import Curves, read_curves
from ydsim.plots.drawing import draw
from ydsim.plots.values import scenario_look, years_of
from ydsim.results.results import Results

NAN = float("nan")


def named(axes: Axes, name: str) -> list[object]:
    return [artist for artist in axes.get_children() if artist.get_gid() == name]


def line(axes: Axes, name: str) -> np.ndarray:
    (found,) = [each for each in axes.lines if each.get_label() == name]
    return np.asarray(found.get_ydata())


def curves_of(results: Results) -> Curves:
    return read_curves(results, years_of(results))


def changed(results: Results, table: str, **columns: object) -> Results:
    """Change columns of a table: each is a function of the rows."""
    read = results.table

    def other(name: str) -> pd.DataFrame:
        return read(name).assign(**columns) if name == table else read(name)

    results.table = other
    return results


def faster(results: Results, by: object) -> Results:
    places = ("adopters", *(f"adopters_{name}" for name in FOUR))
    return changed(
        results, "adoption_curves", **{p: lambda rows, p=p: by * rows[p] for p in places}
    )


@pytest.mark.parametrize(
    ("start", "end", "foundings", "ages", "founded"),
    [
        (2018, 2023, 12, 12, (2018, 2020)),
        (2011, 2011, 2, 2, (2011, 2011)),
        (2011, 2030, 40, 40, (2011, 2020)),
        (2011, 2035, 40, 40, (2011, 2020)),
    ],
)
def test_foundings_of_the_first_half_are_followed_for_half_the_run(
    start: int, end: int, foundings: int, ages: int, founded: tuple[int, int]
):
    curves = curves_of(make_results(start=start, end=end, replicates=2))
    assert tuple(curves.founded) == founded
    for share in curves.shares.values():
        assert share.shape == (2 * 2 * foundings, ages)
        assert share.groupby(["replicate", "origin"]).size().tolist() == [foundings] * 4
    np.testing.assert_array_equal(curves.ages, np.arange(ages) / 4.0)


def test_a_part_of_the_years_is_taken():
    curves = read_curves(make_results(replicates=1), np.arange(2019, 2021))
    assert tuple(curves.founded) == (2019, 2019)
    np.testing.assert_allclose(curves.shares["Shanghai"], [5.0 * np.arange(1.0, 5.0)] * 8)


def test_adopters_are_shares_of_the_firms_that_can_use_the_generation():
    curves = curves_of(make_results())
    age = np.arange(1.0, 13.0)
    for p, name in enumerate(FOUR):
        # 10 more firms a quarter, of 200 in the first province, 400 in the second ...
        np.testing.assert_allclose(curves.shares[name].iloc[5], 1000.0 * age / (200.0 * (p + 1)))
    np.testing.assert_allclose(curves.shares["yrd"].iloc[5], 4000.0 * age / 2000.0)
    assert list(curves.shares) == [*FOUR, "yrd"]


def test_a_place_without_such_firms_has_no_share():
    results = changed(make_results(), "adoption_curves", eligible_Anhui=0.0)
    curves = curves_of(results)
    assert curves.shares["Anhui"].isna().all(axis=None)
    assert np.isnan(curves.half_time("Anhui"))
    assert curves.shares["Zhejiang"].notna().any(axis=None)
    assert np.isnan(line(draw("adoption_curves", results).axes[0], "Anhui")).all()


def test_a_retired_generation_counts_with_its_last_value():
    shares = curves_of(make_results(replicates=1)).shares["Shanghai"]
    np.testing.assert_array_equal(shares.iloc[0], [5.0, *[10.0] * 11])


def by_hand(*final: float, replicates: tuple[int, ...] = (0, 0, 0)) -> Curves:
    """One generation of the region for each final share, on a straight line over two years."""
    keys = [(r, g, "region") for g, r in zip(range(len(final)), replicates, strict=True)]
    index = pd.MultiIndex.from_tuples(keys, names=["replicate", "generation", "origin"])
    share = np.array(final)[:, None] * np.arange(9.0) / 8.0
    return Curves({"all": pd.DataFrame(share, index, np.arange(9) / 4.0)}, np.array([2011, 2012]))


def test_half_time_is_that_of_the_median():
    assert by_hand(80.0, 100.0, 20.0).half_time("all") == pytest.approx(2.0 * 50.0 / 80.0)
    assert np.isnan(by_hand(80.0, 20.0, 20.0).half_time("all"))
    assert np.isnan(by_hand(80.0, 80.0, 80.0).median("all", "outside")).all()


def test_the_median_is_of_all_generations_and_the_band_of_replicates():
    found = by_hand(10.0, 30.0, 80.0, replicates=(0, 0, 1)).spread("all")
    assert (found.middle[-1], found.low[-1], found.high[-1]) == (30.0, 20.0, 80.0)
    alone = by_hand(10.0, 30.0, 80.0).spread("all")
    assert alone.middle[-1] == 30.0
    assert np.isnan(alone.low).all()


def test_provinces_of_one_scenario_are_lines_of_one_panel():
    results = changed(  # generations of odd numbers are founded outside
        make_results(),
        "adoption_curves",
        adopters=lambda rows: rows["adopters"] * np.where(rows["generation"] % 2, 0.5, 1.0),
    )
    curves = curves_of(results)
    (axes,) = draw("adoption_curves", results).axes
    for name in FOUR:
        np.testing.assert_allclose(line(axes, name), curves.median(name))
    (outside,) = named(axes, "outside")
    np.testing.assert_allclose(outside.get_ydata(), curves.median("yrd", "outside"))
    assert outside.get_ydata()[-1] < curves.median("yrd")[-1]
    # in the first province 5 per cent a quarter, in the others half of it and less
    (dot,) = named(axes, "t50")
    np.testing.assert_allclose([dot.get_xdata()[0], dot.get_ydata()[0]], [9.0 / 4.0, 50.0])
    assert axes.get_ylim()[0] == 0.0
    assert axes.get_ylim()[1] <= 100.0
    low = draw("adoption_curves", faster(make_results(), 0.5))
    assert not named(low.axes[0], "t50")
    assert "t50" not in low.note


@pytest.mark.slow
def test_scenarios_are_lines_of_a_panel_for_each_place():
    plain, other = make_results(name="plain"), faster(make_results(name="other"), 1.5)
    figure = draw("adoption_curves", plain, other)
    for axes, place in zip(figure.axes, ("yrd", *FOUR), strict=True):
        np.testing.assert_allclose(line(axes, "other"), 1.5 * line(axes, "plain"))
        np.testing.assert_allclose(line(axes, "plain"), curves_of(plain).median(place))
        assert not named(axes, "outside")
        assert len(axes.collections) == 2
    assert len({axes.get_ylim() for axes in figure.axes}) == 1
    many = draw("adoption_curves", *[make_results(provinces=("Alone",))] * 5)
    assert not many.axes[0].collections
    colours = [each.get_color() for each in many.axes[0].lines if each.get_label()[0] != "_"]
    assert colours == [scenario_look(n).colour for n in range(5)]


def test_notes_count_generations_and_replicates():
    figure = draw("adoption_curves", make_results())
    assert "36 technology generations" in figure.note
    assert "2018\u20132020" in figure.note
    assert "3 replicates" in figure.note
    assert (
        "one simulated replicate"
        in draw("adoption_curves", make_results(replicates=1)).note.lower()
    )


def test_what_cannot_be_drawn_says_so():
    with pytest.raises(UsageError, match="made and one"):
        draw("adoption_curves", make_results(), make_results(provinces=("A", "B"), name="one"))
    with pytest.raises(NothingToDrawError, match="year"):
        draw("adoption_curves", make_results(), make_results(start=2025, end=2027))
    with pytest.raises(NothingToDrawError, match="2011"):
        draw("adoption_curves", make_results(start=2011, end=2011))
    for table in ("adoption_curves", "generations"):
        with pytest.raises(NothingToDrawError, match=table):
            draw("adoption_curves", make_results(leave_out=(table,)))
    early = changed(make_results(), "generations", founded_year=lambda rows: rows.founded_year - 50)
    with pytest.raises(NothingToDrawError, match="early"):
        draw("adoption_curves", early)


def test_a_usual_page_is_readable():
    require_readable(draw("adoption_curves", make_results()))


@pytest.mark.slow
@pytest.mark.parametrize("width", [2.67, 4.0, 7.2, 10.7])
@pytest.mark.parametrize(
    "options",
    [
        {"replicates": 1, "start": 2011, "end": 2012},
        {"provinces": ("Alone",)},
        {"provinces": tuple(f"A province with a long name, number {i}" for i in range(12))},
        {"name": "a scenario with a very long name, longer than any room for it"},
    ],
)
def test_pages_are_readable(width: float, options: dict):
    results = make_results(**options)
    with canvas.wide(width):
        for made in ([results], [results] * (12 if "name" in options else 2)):
            require_readable(draw("adoption_curves", *made))
