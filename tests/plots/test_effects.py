"""Figures of a comparison: values of the pairs, intervals, dates of policies, and hard cases."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from tests.support.compared import none, setting
from tests.support.figures import marks_of, require_readable, require_same_bytes
from tests.support.made import make_results
from ydsim.errors import NothingToDrawError
from ydsim.measures.effects import effect
from ydsim.plots import drawing, effects, values
from ydsim.plots.effects import DATES, PANELS, POLICIES, draw_by_place, draw_effects
from ydsim.results.compare import compared
from ydsim.scenario.changes import Change
from ydsim.studies.alternatives import alternative_of, read

REGION = 4


def plant(**factors):
    """Return what multiplies an indicator by its name and the number of the place."""
    return lambda name, place, replicate: factors.get(name, {}).get(place, 1.0)


@cache
def base(replicates=5):
    return setting(name="baseline", replicates=replicates)


def against(planted=none, replicates=5, **asked):
    other = setting(planted, name="open_roads", who=2, replicates=replicates)
    return read([base(replicates), other], **asked)


@cache
def usual_page():
    return draw_by_place(against())


def growing(name, slope, replicates=4):
    """Return an alternative whose R&D grows with the years, in replicates of different luck."""

    def value(indicator, place, replicate, quarters):
        luck = (100.0, 90.0, 120.0, 105.0)[replicate] + 7.0 * replicate * slope + 10.0 * place
        return luck * (1.0 + slope * quarters // 4)

    return alternative_of(make_results(value=value, name=name, replicates=replicates))


def line(axes, name):
    (found,) = [each for each in axes.lines if each.get_label() == name]
    return np.asarray(found.get_xdata()), np.asarray(found.get_ydata())


def test_lines_are_medians_and_differences_are_means_of_pairs_with_their_interval():
    one, other = growing("one", 0.1), growing("other", 0.3, replicates=3)
    found = compared(one, [other], outcomes=["rd_expenditure"], years=(2018, 2023))
    a, b = draw_effects(found).axes
    years = np.arange(2018, 2024)
    sides = [
        each.run.cube(["rd_expenditure"], places=["yrd"])["rd_expenditure"]
        .droplevel(["point", "place"]).unstack("year").to_numpy()
        for each in (one, other)
    ]  # fmt: skip
    for name, side in zip(("one", "other"), sides, strict=True):
        x, y = line(a, name)
        np.testing.assert_array_equal(x, years)
        np.testing.assert_allclose(y, np.median(side[:3], axis=0))  # those of all pairs
    apart = sides[1] - sides[0][:3]  # pairs are replicates of one number
    x, y = line(b, "other")
    np.testing.assert_array_equal(x, years)
    np.testing.assert_allclose(y, apart.mean(axis=0))
    (bars,) = b.containers
    for segment in bars[2][0].get_segments():
        at = int(segment[0, 0]) - 2018
        want = effect(sides[0][:3, at], sides[1][:, at], amount=True).difference
        np.testing.assert_allclose(segment[:, 1], [want.low, want.high])


@pytest.mark.slow
def test_whiskers_of_alternatives_stand_at_different_years():
    others = [growing(f"n{k}", 0.1 * k) for k in range(1, 4)]
    found = compared(growing("base", 0.0), others, outcomes=["rd_expenditure"], years=(2018, 2023))
    a, b = draw_effects(found).axes
    years = [x for bars in b.containers for x in bars[0].get_xdata().tolist()]
    assert len(years) == len(set(years)) == 6
    assert not a.collections  # four scenarios have no bands


@pytest.mark.quick(1)
@pytest.mark.parametrize("replicates", [1, 2])
def test_fewer_than_three_replicates_have_no_interval(replicates):
    found = against(plant(launches={REGION: 1.2}), replicates=replicates)
    for figure in (draw_effects(found), draw_by_place(found)):
        bars = [each for axes in figure.axes for bar in axes.containers for each in bar[2]]
        assert not bars
        assert "95 %" not in figure.note


def dated(*dates, name="grants"):
    return Change(name, name, "changed", 2019, {}, dates)


def having(name, who=2, **policies):
    one = setting(who=who, name=name)
    return replace(one, scenario={**one.scenario, "policies": policies})


@pytest.mark.slow
def test_dates_of_policies_are_numbered_lines_half_a_year_back_and_say_whose_they_are():
    grants = {"start": 2019.0, "end": 2021.5}
    one, other = having("one", grants=grants), having("other", 3, fund={"start": 2019.25})
    late = {"start": 2018.25, "end": 2023.75}
    plain = having("plain", 4, fund={"start": 2021.0}, outside=late)
    events = [
        [dated((2019.0, "begins"), (2021.5, "ends")),
         dated((2018.25, "begins"), (2023.75, "ends"), name="outside")],
        [dated((2019.25, "begins"), (2021.0, "begins"), name="fund")],
    ]  # fmt: skip
    found = compared(plain, [one, other], outcomes=["launches"], years=(2019, 2023), changes=events)
    figure = draw_effects(found)
    for axes in figure.axes:
        places = [each.get_xdata()[0] for each in axes.lines if each.get_gid() == "policy"]
        assert places == [2018.5, 2020.5]
    words = [
        *("grants begins in one", "fund begins in other"),
        *("fund begins in Plain", "grants ends in one"),
    ]
    places = [figure.note.find(word) for word in words]
    assert min(places) > 0
    assert places == sorted(places)
    assert "outside" not in figure.note
    begun = {f"p{k}": {"start": 2018.5 + k} for k in range(DATES + 1)}
    many = [dated((2018.5 + k, "begins"), name=f"p{k}") for k in range(DATES + 1)]
    found = compared(base(), [having("many", **begun)], outcomes=["launches"], years=(2019, 2023),
                     changes=[many])  # fmt: skip
    figure = draw_effects(found)
    lines = [each for each in figure.axes[0].lines if each.get_gid() == "policy"]
    assert len(lines) == DATES
    assert f"p{DATES}" not in figure.note


def test_by_place_marks_are_changes_filled_where_they_pass_all_tests():
    found = against(plant(launches={0: 1.05, REGION: 1.03}), outcomes=["launches"])
    figure = draw_by_place(found)
    (axes,) = figure.axes
    points = {
        round(float(y), 3): float(x)
        for bars in axes.containers
        for x, y in zip(bars[0].get_xdata(), bars[0].get_ydata(), strict=True)
    }
    assert sorted(points.values()) == sorted(row.change.estimate for row in found.rows)
    row = next(row for row in found.rows if row.alternative == "open_roads")
    assert points[0.0] == row.change.estimate  # the region first
    filled = [
        x for bars in axes.containers if bars[0].get_markerfacecolor() != "white"
        for x in bars[0].get_xdata()
    ]  # fmt: skip
    assert sorted(filled) == sorted(row.change.estimate for row in found.rows if row.significant)
    assert len(filled) == 2
    require_same_bytes(figure, draw_by_place(found))
    assert len(usual_page().axes) == PANELS


def test_what_does_not_pass_all_tests_is_hollow():
    found = against(plant(launches={0: 1.05}), outcomes=["launches"])
    assert any(row.excludes_zero for row in found.rows)
    rows = tuple(replace(row, p_holm=0.2) for row in found.rows)
    (axes,) = draw_by_place(replace(found, rows=rows)).axes
    assert {bars[0].get_markerfacecolor() for bars in axes.containers} == {"white"}


def test_shares_are_in_per_cent_and_their_changes_in_points():
    name = "contract_cross_province_share"
    half = plant(contract_value_cross_province={REGION: 0.5})
    found = against(half, outcomes=[name])
    a, b = draw_effects(found).axes
    _, y = line(a, "Baseline")
    share = found.base.run.cube([name], places=["yrd"])[name].groupby("year").median()
    np.testing.assert_allclose(y, 100.0 * share)
    _, apart = line(b, "open_roads")
    row = next(row for row in found.rows if row.level == "region")
    assert row.effect.difference.estimate < -10.0
    np.testing.assert_allclose(apart, row.effect.difference.estimate, rtol=1e-6)


@pytest.mark.slow
def test_what_has_no_positive_base_is_left_out_and_counted():
    zero = lambda name, place, replicate: float(place not in (0, 2))  # noqa: E731
    one, other = setting(zero, name="base"), setting(zero, name="other", who=2)
    figure = draw_by_place(read([one, other], outcomes=["launches"]))
    assert sum(len(bars[0].get_xdata()) for bars in figure.axes[0].containers) == 3
    assert "not positive: 2." in figure.note
    nothing = [setting(lambda *_: 0.0, name=name) for name in ("base", "other")]
    with pytest.raises(NothingToDrawError):
        draw_by_place(read(nothing, outcomes=["launches"]))
    assert len(draw_effects(read(nothing, outcomes=["launches"])).axes) == 2


@pytest.mark.parametrize("number", [2, pytest.param(POLICIES + 1, marks=pytest.mark.slow)])
def test_of_many_alternatives_each_is_a_row_of_the_region(number):
    others = [
        setting(plant(launches={REGION: 1.0 + k / 50.0}), name=f"policy_{k}", who=k + 1)
        for k in range(1, number + 1)
    ]
    found = read([base(), *others], outcomes=["launches"])
    figure = draw_by_place(found)
    (axes,) = figure.axes  # of two both on one scale, with a key
    assert sum(len(key.get_texts()) for key in figure.legends) == (2 if number == 2 else 0)
    points = [x for bars in axes.containers for x in bars[0].get_xdata().tolist()]
    whole = [row.change.estimate for row in found.rows if row.level == "region" or number == 2]
    assert sorted(points) == sorted(whole)


def test_of_too_many_places_those_with_the_clearest_change_are_shown(monkeypatch):
    monkeypatch.setattr(effects, "PLACES", 2)
    found = against(plant(launches={1: 1.2, 2: 1.5}), outcomes=["launches"])
    (axes,) = draw_by_place(found).axes
    clear = sorted(found.rows, key=lambda row: row.effect.p)[:2]
    assert sorted(marks_of(axes)["x"]) == sorted(row.change.estimate for row in clear)


@pytest.mark.slow
def test_what_figures_of_cities_rest_on_is_said_of_each_outcome(monkeypatch):
    found = read(
        [base(), setting(who=2, name="other")],
        by="city",
        outcomes=["value_added_secondary", "rd_expenditure", "launches"],
    )
    assert "single cities" not in draw_by_place(found).note, "the world is made up"
    monkeypatch.setattr(values, "made_up", lambda _: False)
    note = draw_by_place(found).note
    assert note.count("fitted") == note.count("prior") == 1
    assert any(names in note for names in ("R&D and launches", "aunches and R&D"))
    assert "prior" not in usual_page().note


@pytest.mark.slow
def test_kinds_draw_results_and_refuse_what_cannot_be_compared():
    first, other = base(), setting(plant(launches={0: 1.1}), who=2)
    both = first.results, other.results
    assert len(drawing.draw("effects", *both, indicator="launches").axes) == 2
    figure = drawing.draw("effects_by_place", *both, indicator="launches", years="2020")
    assert len(figure.axes) == 1
    assert "2020" in figure.heading
    require_readable(drawing.draw("effects", *both))
    assert "effects" in [kind.name for kind in drawing.unasked(both, {})]
    assert "effects" not in [kind.name for kind in drawing.unasked([first.results], {})]
    with pytest.raises(NothingToDrawError, match="first year"):
        drawing.draw("effects", first.results, setting(start=2016).results)
