"""Maps: values of the cube as areas, links and differences of planted values, names that fit."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.text import Text
from scipy import stats

from tests.support.figures import require_readable
from tests.support.made import WORLD, make_results, plain, zeros
from ydsim.errors import NothingToDrawError, UsageError
from ydsim.plots import canvas, ground
from ydsim.plots.cities import FEW, read_cities, read_links, strongest
from ydsim.plots.drawing import draw
from ydsim.plots.ground import Ground, bubble_radii, draw_outlines, ground_of, nice, place_names
from ydsim.plots.maps import (
    BEND,
    CROSSING,
    INSIDE,
    MOST_LINKS,
    MOST_YEARS,
    UNSURE,
    WIDEST,
    city_effects,
    curved,
)
from ydsim.plots.style import look
from ydsim.results.results import Results
from ydsim.typing import Columns, Floats
from ydsim.world.loader import load_world

N = WORLD.n_cities
KM = Ground(WORLD, (WORLD.longitude.mean(), WORLD.latitude.mean())).cities


def named(axes: Axes, name: str):
    (found,) = [each for each in axes.get_children() if each.get_gid() == name]
    return found


def city_at(axes: Axes) -> list[int]:
    """The city of each bubble, by its place."""
    places, km = named(axes, "cities").get_offsets(), ground_of(make_results()).cities
    apart = np.hypot(*(np.asarray(places)[:, None] - km[None]).transpose(2, 0, 1))
    assert apart.min(axis=1).max() < 1e-6
    return apart.argmin(axis=1).tolist()


def amounts(results: Results, indicator: str) -> Floats:
    """Values by year and city, mean over replicates."""
    values = results.cube([indicator], "city")[indicator].groupby(["year", "place"]).mean()
    return values.unstack("place")[list(WORLD.city_names)].to_numpy()


# -- map -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("options", [{}, {"indicator": "inventions", "year": 2019}])
def test_areas_are_amounts_and_colours_are_provinces(options: dict):
    results = make_results(start=2018, end=2023)
    figure = draw("map", results, **options)
    (axes,) = figure.axes
    bubbles, cities = named(axes, "cities"), city_at(axes)
    at = options.get("year", 2023) - 2018
    expected = amounts(results, options.get("indicator", "rd_expenditure"))[at, cities]
    assert sorted(cities) == list(range(N))
    assert (np.diff(bubbles.get_sizes()) <= 1e-9).all()
    np.testing.assert_allclose(bubbles.get_sizes() / bubbles.get_sizes()[0], expected / expected[0])
    colours = [to_hex(colour) for colour in bubbles.get_facecolors()]
    assert colours == [look(int(WORLD.city_province[c])).colour for c in cities]
    names = [text.get_text() for text in axes.texts if text.get_gid() == "name"]
    assert sorted(names) == sorted(WORLD.city_names)
    assert str(options.get("year", 2023)) in figure.heading


def test_maps_of_years_have_one_scale():
    results = make_results(start=2011, end=2030)
    figure = draw("map", results, years=(2011, 2030))
    panels = figure.axes
    assert len(panels) == MOST_YEARS
    years = [2011, 2015, 2019, 2022, 2026, 2030]
    assert [next(t.get_text() for t in axes.texts) for axes in panels] == list(map(str, years))
    most = amounts(results, "rd_expenditure")[np.array(years) - 2011].max(axis=1)
    sizes = [named(axes, "cities").get_sizes().max() for axes in panels]
    np.testing.assert_allclose(np.array(sizes) / sizes[-1], most / most[-1])
    few = draw("map", results, years=(2015, 2017)).axes
    assert [next(t.get_text() for t in axes.texts) for axes in few] == ["2015", "2016", "2017"]
    assert len(draw("map", results, years=(2015, 2015)).axes) == 1


def test_a_kilometre_is_as_long_east_as_north():
    figure = draw("map", make_results())
    (axes,) = figure.axes
    size = axes.get_position().size * figure.get_size_inches()
    east, north = np.ptp(axes.get_xlim()) / size[0], np.ptp(axes.get_ylim()) / size[1]
    assert east == pytest.approx(north)
    world = load_world("yrd")
    km = Ground(world, (world.longitude.mean(), world.latitude.mean())).cities
    apart = np.hypot(*(km[:, None] - km[None]).transpose(2, 0, 1))
    far = world.distance_km > 0
    assert np.abs(apart[far] / world.distance_km[far] - 1.0).max() < 0.04


def test_a_region_may_lie_across_the_date_line(monkeypatch: pytest.MonkeyPatch):
    world = replace(
        WORLD, longitude=np.linspace(179.0, 181.0, N) % 360.0 - 0.0, latitude=np.zeros(N)
    )
    world.longitude[world.longitude > 180.0] -= 360.0
    monkeypatch.setattr(ground, "world_of", lambda _: world)
    found = ground_of(make_results())
    assert found.middle[0] == pytest.approx(180.0)
    assert np.ptp(found.cities[:, 0]) == pytest.approx(222.4, abs=0.1)


def test_cities_with_few_simulated_firms_have_a_ring():
    """Firms of city i are 1000 (i + 1) at scale 1."""
    results = make_results()
    results.manifest["scenario"]["scale"] = 0.004
    few = 1000.0 * np.arange(1, N + 1) * 0.004 < FEW
    assert 0 < few.sum() < N
    (axes,) = draw("map", results).axes
    np.testing.assert_allclose(named(axes, "few").get_offsets(), ground_of(results).cities[few])
    results.manifest["scenario"]["scale"] = 1.0
    figure = draw("map", results)
    assert not len(named(figure.axes[0], "few").get_offsets())
    assert not any(f"{FEW} simulated" in text.get_text() for text in figure.findobj(Text))


def test_outlines_and_their_credit_are_those_of_the_packaged_region():
    results = make_results()
    assert not any("GeoNames" in text.get_text() for text in draw("map", results).texts)
    results.manifest["worlds"] = {"yrd": ""}
    assert any("GeoNames" in text.get_text() for text in draw("map", results).texts)
    results.manifest["scenario"]["world"] = "yrd"
    found = ground_of(results)
    axes = Figure().add_subplot()
    draw_outlines(axes, found)
    provinces = named(axes, "provinces")
    assert provinces.get_zorder() < 1
    shanghai = found.cities[found.world.city_names.index("Shanghai")]
    assert provinces.get_paths()[0].contains_point(shanghai)


def test_maps_that_cannot_be_drawn_say_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    results = make_results()
    for error, part, options in (
        (UsageError, "2030", {"year": 2030}),
        (UsageError, "years", {"year": 2020, "years": (2019, 2020)}),
        (NothingToDrawError, "not recorded", {"indicator": "gdp_alt"}),
    ):
        with pytest.raises(error, match=part):
            draw("map", results, **options)
    for part, made in (
        ("not recorded", make_results(leave_out=("city_series",))),
        (r"yrd has no city City 1\.1", make_results(world="yrd")),
        ("no value", make_results(value=lambda *each: np.full(len(each[-1]), np.nan))),
        ("negative", make_results(value=lambda *each: -plain(*each))),
    ):
        with pytest.raises(NothingToDrawError, match=part):
            draw("map", made)
    (tmp_path / "outline.geojson").write_text("{", encoding="utf-8")
    results.manifest["scenario"]["world"] = str(tmp_path)
    monkeypatch.setattr(ground, "world_of", lambda _: WORLD)
    with pytest.raises(NothingToDrawError, match="is not JSON"):
        ground_of(results)
    flat = replace(WORLD, longitude=np.zeros(N), latitude=np.zeros(N))
    monkeypatch.setattr(ground, "world_of", lambda _: flat)
    with pytest.raises(NothingToDrawError, match="one place"):
        ground_of(make_results())


# -- bubbles and names -----------------------------------------------------------------------------


def test_areas_tell_amounts():
    radii = bubble_radii(np.array([400.0, 100.0, 0.0, np.nan]), 400.0, 0.2)
    assert radii[0] == 2.0 * radii[1]
    assert 0.0 < radii[2] == radii[3] < 0.05
    assert len(set(bubble_radii(np.zeros(3), 0.0, 0.2))) == 1


@pytest.mark.parametrize(("value", "expected"), [(1.0, 1), (4.9, 2), (1999, 1000), (0.05, 0.05)])
def test_round_numbers(value: float, expected: float):
    assert nice(value) == pytest.approx(expected)


NOWHERE = (-9.0, -9.0, -8.0, -8.0)


def place(points, radii, widths, size=(5.0, 5.0), blocked=NOWHERE, along=()):
    along = np.array(along).reshape(-1, 2)
    shape = np.array(points, dtype=float).reshape(-1, 2)
    return place_names(shape, np.array(radii), widths, np.array(size), blocked, along)


@given(st.lists(st.tuples(st.floats(0, 5), st.floats(0, 5), st.floats(0.01, 0.6)), max_size=12))
def test_names_cover_neither_names_nor_bubbles(circles: list[tuple[float, float, float]]):
    points = np.array([c[:2] for c in circles]).reshape(-1, 2)
    radii = np.array([c[2] for c in circles])
    boxes = [(4.0, 0.0, 5.0, 0.5)]
    centres = place(points, radii, [0.8] * len(circles), blocked=boxes[0])
    for i, (x, y) in enumerate(centres):
        if np.isnan(x):
            continue
        box = (x - 0.4, y - 0.05, x + 0.4, y + 0.05)
        assert min(box) >= 0.0
        assert max(box) <= 5.0
        for other in boxes:
            assert box[0] >= other[2] or box[2] <= other[0] or box[1] >= other[3] or (
                box[3] <= other[1]
            )  # fmt: skip
        near = np.clip(points, box[:2], box[2:])
        apart = np.hypot(*(points - near).T) - radii
        assert np.delete(apart, i).min(initial=1.0) > 0.0
        assert apart[i] > 0.0 or (x, y) == tuple(points[i]), "beside its bubble or in its middle"
        boxes.append(box)


def test_a_name_stands_where_its_bubble_is_beyond_doubt():
    first, second = place([[2.0, 2.0], [2.9, 2.0]], [0.05, 0.05], [0.7, 0.7])
    assert first[0] < 2.0, "not between the two"
    assert second[0] > 2.9
    (right,) = place([[2.0, 2.0]], [0.1], [0.8])
    assert right[0] > 2.0
    line = [(x, 2.0) for x in np.linspace(2.2, 5.0, 50)]
    (moved,) = place([[2.0, 2.0]], [0.1], [0.8], along=line)
    assert moved[0] < 2.0, "off the line"
    everywhere = np.stack(np.meshgrid(*[np.arange(0.0, 5.0, 0.05)] * 2), -1)
    assert np.isfinite(place([[2.0, 2.0]], [0.1], [0.8], along=everywhere)).all()


def test_a_name_without_room_beside_its_bubble_may_stand_inside_it():
    one = {"points": [[0.5, 0.5]], "radii": [0.48], "size": (1.0, 1.0)}
    np.testing.assert_array_equal(place(widths=[0.8], **one), [[0.5, 0.5]])
    assert np.isnan(place(widths=[0.95], **one)).all()
    two = {"points": [[0.5, 0.5], [0.45, 0.5]], "radii": [0.48, 0.1], "size": (1.0, 1.0)}
    assert np.isnan(place(widths=[0.8], **two)).all()


# -- link_map --------------------------------------------------------------------------------------


def test_the_strongest_links_are_drawn_at_their_places():
    results = make_results()
    (axes,) = draw("link_map", results).axes
    lines = named(axes, "links")
    links = read_links(results, ["contract", "co-invention"], (2023, 2023), WORLD).to_numpy()
    strength = np.sort(links[np.triu_indices(N, 1)])[-MOST_LINKS:]
    np.testing.assert_allclose(lines.get_linewidths(), WIDEST * strength / strength.max())
    km = ground_of(results).cities
    ends = np.array([line[[0, -1]] for line in lines.get_segments()])
    a, b = (np.hypot(*(ends[:, k, None] - km).transpose(2, 0, 1)).argmin(1) for k in (0, 1))
    np.testing.assert_allclose(ends, np.stack([km[a], km[b]], axis=1))
    np.testing.assert_allclose(links[a, b], strength)
    across = WORLD.city_province[a] != WORLD.city_province[b]
    colours = [to_hex(colour) for colour in lines.get_colors()]
    assert colours == [CROSSING if each else INSIDE for each in across]
    assert {INSIDE, CROSSING} == set(colours)
    cities = city_at(axes)
    between = links.sum(axis=1) - np.diag(links)
    sizes = named(axes, "cities").get_sizes()
    np.testing.assert_allclose(sizes / sizes[0], (between / between.max())[cities], rtol=1e-6)


def test_one_channel_and_one_year_may_be_asked_for():
    results = make_results()
    figure = draw("link_map", results, channel="supply", year=2020)
    strength = strongest(read_links(results, ["supply"], (2020, 2020), WORLD))[:MOST_LINKS]
    widths = named(figure.axes[0], "links").get_linewidths()[::-1]
    np.testing.assert_allclose(widths, WIDEST * strength / strength.max())
    assert "2020" in figure.heading
    with pytest.raises(UsageError, match="supply"):
        draw("link_map", results, channel="suply")
    with pytest.raises(UsageError, match="2030"):
        draw("link_map", results, year=2030)


def test_no_links_are_no_map():
    def inside(name: str, rows: Columns) -> Columns:
        if name != "ties":
            return rows
        same = rows["from_city"] == rows["to_city"]
        return rows | {"expected": np.where(same, rows["expected"], 0.0)}

    with pytest.raises(NothingToDrawError, match="no two cities"):
        draw("link_map", make_results(change=inside))
    with pytest.raises(NothingToDrawError, match="ties"):
        draw("link_map", make_results(leave_out=("ties",)))
    with pytest.raises(NothingToDrawError, match=r"City 1\.1"):
        draw("link_map", make_results(world="yrd"))


def test_curves_join_their_ends_and_bend_off_the_line():
    (curve,) = curved(np.array([[0.0, 0.0]]), np.array([[10.0, 0.0]]))
    np.testing.assert_allclose(curve[[0, -1]], [[0.0, 0.0], [10.0, 0.0]])
    np.testing.assert_allclose(curve[len(curve) // 2], [5.0, 10.0 * BEND])


# -- difference_map --------------------------------------------------------------------------------


def pair(factor: Floats, noise: float = 0.0, **options: object) -> tuple[Results, Results]:
    """Results, and others whose cities have them times a factor, with noise by replicate."""

    def raised(name: str, place: int, replicate: int, quarters: Floats) -> Floats:
        shake = noise * np.sin(7.0 * place + 3.0 * replicate)
        return plain(name, place, replicate, quarters) * (factor[place % N] + shake)

    return make_results(**options), make_results(value=raised, name="other", **options)


def effects_of(first: Results, second: Results, indicator: str):
    values = [read_cities(each, indicator, (2023, 2023)) for each in (first, second)]
    return city_effects(first, indicator, *values).loc[list(WORLD.city_names)]


def colours(*results: Results, **options: object) -> list[str]:
    (axes,) = draw("difference_map", *results, **options).axes
    found = dict(zip(city_at(axes), named(axes, "cities").get_facecolors(), strict=True))
    return [to_hex(found[c]) for c in range(N)]


def test_a_planted_difference_is_found_city_by_city():
    factor = np.where(np.arange(N) == 2, 1.5, 1.0)
    found = effects_of(*pair(factor), "ideas")
    np.testing.assert_allclose(found["change"], 100.0 * (factor - 1.0), atol=1e-6)
    drawn = colours(*pair(factor, noise=1e-4), indicator="ideas", year=2019)
    assert drawn[2] != UNSURE


def test_intervals_are_those_of_paired_differences():
    results = pair(np.full(N, 1.2), noise=0.1)
    wide = [
        each.cube(["ideas"], "city", years=(2023, 2023))["ideas"].unstack("place")
        for each in results
    ]
    found = effects_of(*results, "ideas")
    for city in WORLD.city_names:
        d = (wide[1][city] - wide[0][city]).to_numpy()
        low, high = stats.t.interval(0.95, len(d) - 1, d.mean(), stats.sem(d))
        assert tuple(found.loc[city, ["low", "high"]]) == pytest.approx((low, high))
        assert found["change"][city] == pytest.approx(100.0 * d.mean() / wide[0][city].mean())
    level = effects_of(*results, "awareness")
    plain_values = amounts(results[1], "awareness") - amounts(results[0], "awareness")
    np.testing.assert_allclose(level["change"], plain_values[-1])


def test_uncertain_cities_are_grey_and_more_and_less_differ():
    factor = np.ones(N)
    factor[1], factor[2] = 1.6, 0.4
    drawn = colours(*pair(factor, noise=0.02), indicator="ideas")
    assert sum(colour == UNSURE for colour in drawn) > N / 2
    assert int(drawn[1][5:], 16) > int(drawn[1][1:3], 16), "more is blue"
    assert int(drawn[2][1:3], 16) > int(drawn[2][5:], 16), "less is red"


def test_one_replicate_claims_no_difference():
    results = pair(np.full(N, 1.5), replicates=1)
    assert set(colours(*results, indicator="ideas")) == {UNSURE}
    assert "95" not in draw("difference_map", *results).note


def test_only_common_replicates_are_compared():
    found = effects_of(make_results(replicates=4), make_results(replicates=2), "ideas")
    assert set(found["n"]) == {2}
    np.testing.assert_array_equal(found["change"], 0.0)


def test_the_last_year_of_both_is_compared():
    figure = draw("difference_map", make_results(end=2023), make_results(end=2021))
    assert "2021" in figure.heading
    with pytest.raises(UsageError, match="2023"):
        draw("difference_map", make_results(end=2023), make_results(end=2021), year=2023)


@pytest.mark.parametrize(
    ("key", "value"),
    [("seed", 77), ("scale", 0.5), ("world", "yrd"), ("start", 2016), ("ydsim", "9.9.9")],
)
def test_what_is_not_a_pair_is_refused(key: str, value: object):
    other = make_results(name="other")
    there = other.manifest if key in ("seed", "ydsim") else other.manifest["scenario"]
    there[key] = value
    with pytest.raises(NothingToDrawError, match=str(value)):
        draw("difference_map", make_results(), other)


def test_a_difference_needs_two_results():
    one = make_results()
    with pytest.raises(NothingToDrawError, match="3"):
        draw("difference_map", one, one, one)


# -- words on the page -----------------------------------------------------------------------------


def drawings(**options: object) -> list[tuple[str, list[Results], dict]]:
    one, two = pair(np.linspace(0.5, 1.5, N), noise=0.01, **options)
    both = {"years": (one.scenario.start, one.scenario.end)}
    return [
        ("map", [one], {}),
        ("map", [one], both),
        ("link_map", [one], {}),
        ("difference_map", [one, two], {}),
    ]


@pytest.mark.parametrize("at", range(4))
def test_words_of_usual_pages_lie_on_them_and_none_over_another(at: int):
    kind, results, options = drawings(start=2021)[at]
    require_readable(draw(kind, *results, **options))


LONG = "A name of a city or a province that has as many as 60 letters"


@pytest.mark.slow
@pytest.mark.parametrize("width", [2.67, 4.0, 7.2, 10.7])
@pytest.mark.parametrize(
    "options",
    [
        {"replicates": 1, "name": LONG},
        {"start": 2011, "end": 2012},
        {"start": 2011, "end": 2030},
        {"value": zeros},
    ],
)
def test_words_lie_on_the_page_and_none_over_another(width: float, options: dict):
    made = {"name": "made", **options}
    name, value = made.pop("name"), made.pop("value", None)
    with canvas.wide(width):
        for kind, results, drawn in drawings(**made):
            for each in results:
                each.manifest["name"] = name
            if value is not None:
                results = [make_results(value=value), make_results(value=value)][: len(results)]
            require_readable(draw(kind, *results, **drawn))


@pytest.mark.slow
@pytest.mark.parametrize("width", [2.67, 4.0, 7.2, 10.7])
def test_long_names_and_many_provinces_fit(width: float, monkeypatch: pytest.MonkeyPatch):
    world = replace(
        WORLD,
        provinces=tuple(f"{LONG} {p}" for p in range(14)),
        city_province=np.arange(N) % 14,
    )
    monkeypatch.setattr(ground, "world_of", lambda _: world)
    with canvas.wide(width):
        for kind, results, drawn in drawings():
            require_readable(draw(kind, *results, **drawn))
