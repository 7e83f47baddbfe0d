"""The map: every city at its place, areas in proportion, names that cover nothing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.axes import Axes
from matplotlib.collections import Collection
from matplotlib.figure import Figure

from tests.support.made import WORLD, make_results, plain, zeros
from ydsim.errors import UsageError
from ydsim.plots import cities as module
from ydsim.plots.bubbles import LARGEST, bubble_radii, nice, shade
from ydsim.plots.cities import FEW, CityYears
from ydsim.plots.citymap import draw_map, read_cities
from ydsim.plots.ensemble import NothingToDrawError
from ydsim.plots.ground import bearing, draw_ground, ground_of, project
from ydsim.plots.place import place_labels
from ydsim.plots.style import look
from ydsim.typing import Floats
from ydsim.world.loader import load_world


def test_every_city_is_a_bubble_in_proportion_to_its_research() -> None:
    axes, *_ = draw_map(make_results()).axes
    (bubbles,) = [c for c in axes.collections if c.get_gid() == "cities"]
    assert len(bubbles.get_offsets()) == WORLD.n_cities
    research = read_cities(make_results()).amount
    np.testing.assert_allclose(bubbles.get_sizes() / bubbles.get_sizes()[0], research / research[0])
    assert (np.diff(research) <= 0).all()
    names = [text.get_text() for text in axes.texts if text.get_gid() == "name"]
    assert sorted(names) == sorted(WORLD.city_names)


def test_a_kilometre_is_as_long_east_as_north() -> None:
    figure = draw_map(make_results())
    axes = figure.axes[0]
    box = axes.get_position()
    width, height = figure.get_size_inches()
    east = np.ptp(axes.get_xlim()) / (box.width * width)
    north = np.ptp(axes.get_ylim()) / (box.height * height)
    assert east == pytest.approx(north)


def test_values_of_cities() -> None:
    cities = read_cities(make_results(start=2018, end=2023, replicates=2))
    assert cities.year == 2023
    quarters = np.arange(20.0, 24.0)
    for i, name in enumerate(cities.names):
        place = WORLD.city_names.index(name)
        runs = [plain("rd_expenditure", place, r, quarters).sum() for r in (0, 1)]
        assert cities.amount[i] == pytest.approx(np.mean(runs))
        adopted = np.mean([plain("adoptions", place, r, quarters).sum() for r in (0, 1)])
        assert cities.adoptions[i] == pytest.approx(adopted / (1000.0 * (place + 1)))
        assert cities.province[i] == WORLD.city_province[place]


def test_the_last_year_is_shown_unless_another_is_asked_for() -> None:
    results = make_results(start=2018, end=2023)
    assert read_cities(results).year == 2023
    assert read_cities(results, year=2019).year == 2019
    with pytest.raises(UsageError, match="year 2030 was not recorded; recorded: 2018-2023"):
        draw_map(results, year=2030)


def test_distances_on_the_map_are_those_of_the_world() -> None:
    world = load_world("yrd")
    km = project(world.longitude, world.latitude).km(world.longitude, world.latitude)
    apart = np.hypot(*(km[:, None] - km[None]).transpose(2, 0, 1))
    far = world.distance_km > 0
    assert np.abs(apart[far] / world.distance_km[far] - 1.0).max() < 0.04


def test_a_region_may_lie_across_the_date_line() -> None:
    places = np.array([179.0, -179.0]), np.array([0.0, 0.0])
    middle = project(*places)
    assert np.ptp(middle.km(*places)[:, 0]) == pytest.approx(222.4, abs=0.1)
    assert middle.longitude == pytest.approx(180.0)
    assert bearing(181.0, east=True) == "179\u00b0 W"
    assert bearing(-33.5, east=False) == "33.5\u00b0 S"
    assert bearing(0.0, east=False) == "0\u00b0"


def test_no_map_without_geography(monkeypatch: pytest.MonkeyPatch) -> None:
    flat = replace(WORLD, longitude=np.zeros(12), latitude=np.zeros(12))
    monkeypatch.setattr(module, "world_of", lambda _: flat)
    with pytest.raises(NothingToDrawError, match="all cities lie at one place"):
        draw_map(make_results())


def test_no_map_with_the_cities_of_another_world() -> None:
    with pytest.raises(NothingToDrawError, match=r"world yrd has no city City 1\.1"):
        draw_map(make_results(world="yrd"))


def test_no_map_without_values() -> None:
    with pytest.raises(NothingToDrawError, match="the series of cities are empty"):
        draw_map(make_results(value=lambda name, *rest: np.full(len(rest[-1]), np.nan)))


@pytest.mark.slow
def test_only_the_packaged_region_is_credited(monkeypatch: pytest.MonkeyPatch) -> None:
    results = make_results()
    assert not any("GeoNames" in text.get_text() for text in draw_map(results).texts)
    results.manifest["worlds"] = {"yrd": ""}
    assert any("GeoNames" in text.get_text() for text in draw_map(results).texts)


def test_cities_without_research_or_firms_are_dots_without_shade() -> None:
    axes, *rest = draw_map(make_results(value=zeros)).axes
    (bubbles,) = [c for c in axes.collections if c.get_gid() == "cities"]
    assert len(set(bubbles.get_sizes())) == 1
    assert len(rest) == 1, "no bar of shades"


def test_areas_tell_amounts() -> None:
    radii = bubble_radii(np.array([400.0, 100.0, 0.0]))
    np.testing.assert_allclose(radii[:2], [LARGEST, LARGEST / 2])
    assert 0.0 < radii[2] < 0.05


def test_shades_run_from_least_to_most() -> None:
    scale, colours = shade(np.array([1.0, 3.0, np.nan]))
    assert scale.get_clim() == (1.0, 3.0)
    assert colours == ["#f6f3ec", "#2f2a26", "#ffffff"]
    assert shade(np.array([2.0, 2.0]))[0] is None


@pytest.mark.parametrize(("value", "expected"), [(1.0, 1), (4.9, 2), (1999, 1000), (0.05, 0.05)])
def test_round_numbers(value: float, expected: float) -> None:
    assert nice(value) == pytest.approx(expected)


@given(st.lists(st.tuples(st.floats(0, 50), st.floats(0, 50), st.floats(0.1, 6)), max_size=12))
def test_names_cover_neither_names_nor_circles(circles: list[tuple[float, float, float]]) -> None:
    points = np.array([c[:2] for c in circles]).reshape(-1, 2)
    radii = np.array([c[2] for c in circles])
    sizes = [(8.0, 2.0)] * len(circles)
    blocked = (40.0, 0.0, 50.0, 5.0)
    boxes = [blocked]
    for label in place_labels(points, radii, sizes, (50.0, 50.0), [blocked], gap=0.5):
        box = (label.x - 4, label.y - 1, label.x + 4, label.y + 1)
        assert box[0] >= 0
        assert box[1] >= 0
        assert box[2] <= 50
        assert box[3] <= 50
        for other in boxes:
            assert not (
                box[0] < other[2] and other[0] < box[2] and box[1] < other[3] and other[1] < box[3]
            )
        near = np.clip(points, (box[0], box[1]), (box[2], box[3]))
        assert (np.hypot(*(points - near).T) >= radii - 1e-9).all()
        boxes.append(box)


def test_a_name_stands_where_its_circle_is_beyond_doubt() -> None:
    points, sizes = np.array([[20.0, 20.0], [32.0, 20.0]]), [(8.0, 2.0), (8.0, 2.0)]
    first, second = place_labels(points, np.ones(2), sizes, (60.0, 40.0), gap=1.0, clear=4.0)
    assert (first.point, second.point) == (0, 1)
    assert first.x < 20.0, "not between the two"
    assert second.x > 32.0


def test_a_name_takes_the_side_with_least_of_a_line() -> None:
    point, size, room = np.array([[20.0, 20.0]]), [(8.0, 2.0)], (40.0, 40.0)
    (free,) = place_labels(point, np.ones(1), size, room, gap=1.0)
    assert free.x > 20.0
    right = np.column_stack([np.linspace(21.0, 40.0, 50), np.full(50, 20.0)])
    (moved,) = place_labels(point, np.ones(1), size, room, gap=1.0, lines=right)
    assert moved.x < 20.0
    grid = np.stack(np.meshgrid(np.arange(0.0, 40.0, 0.5), np.arange(0.0, 40.0, 0.5)), -1)
    every = place_labels(point, np.ones(1), size, room, gap=1.0, lines=grid.reshape(-1, 2))
    assert len(every) == 1, "a line forbids no place"


def test_a_name_may_stand_inside_its_circle_where_there_is_no_room_beside_it() -> None:
    circle, page = np.array([[10.0, 10.0]]), (20.0, 20.0)
    radii = np.array([9.5])
    assert place_labels(circle, radii, [(8.0, 2.0)], page, gap=0.2) == []
    (label,) = place_labels(circle, radii, [(8.0, 2.0)], page, gap=0.2, inside=True)
    assert (label.x, label.y) == (10.0, 10.0)
    assert place_labels(circle, radii, [(18.0, 2.0)], page, gap=0.2, inside=True) == []
    two, sizes = np.array([[10.0, 10.0], [9.0, 10.0]]), [(8.0, 2.0)] * 2
    assert place_labels(two, np.array([9.5, 3.0]), sizes, page, gap=0.2, inside=True) == []


def test_rims_are_those_of_the_provinces() -> None:
    from matplotlib.colors import to_hex

    results = make_results()
    axes, *_ = draw_map(results).axes
    (bubbles,) = [c for c in axes.collections if c.get_gid() == "cities"]
    expected = [look(int(p)).colour for p in read_cities(results).province]
    assert [to_hex(colour) for colour in bubbles.get_edgecolors()] == expected


def named(axes: Axes, name: str) -> Collection:
    (found,) = [artist for artist in axes.collections if artist.get_gid() == name]
    return found


def test_cities_with_few_simulated_firms_have_a_ring() -> None:
    """Firms of city i are 1000 (i + 1) at scale 1; the default scale of made results is 0.05."""
    results = make_results()
    simulated = 1000.0 * np.arange(1, WORLD.n_cities + 1) * 0.004
    results.manifest["scenario"]["scale"] = 0.004
    cities = read_cities(results)
    expected = {WORLD.city_names[i] for i in np.flatnonzero(simulated < FEW)}
    assert {name for name, few in zip(cities.names, cities.few, strict=True) if few} == expected
    assert 0 < len(expected) < WORLD.n_cities
    figure = draw_map(results)
    assert len(named(figure.axes[0], "few").get_offsets()) == len(expected)
    key = [text.get_text() for axes in figure.axes[1:] for text in axes.texts]
    assert f"under {FEW} firms simulated" in key
    results.manifest["scenario"]["scale"] = 1.0
    figure = draw_map(results)
    assert len(named(figure.axes[0], "few").get_offsets()) == 0
    key = [text.get_text() for axes in figure.axes[1:] for text in axes.texts]
    assert f"under {FEW} firms simulated" not in key


def test_the_title_tells_who_leads_and_what_the_first_five_have() -> None:
    amounts = np.arange(WORLD.n_cities, 0, -1.0)

    def value(name: str, place: int, replicate: int, quarters: Floats) -> Floats:
        if name == "rd_expenditure" and place < WORLD.n_cities:
            return np.full(len(quarters), amounts[place])
        return plain(name, place, replicate, quarters)

    title = draw_map(make_results(value=value)).texts[0].get_text()
    share = 100.0 * amounts[:5].sum() / amounts.sum()
    first = ", ".join(WORLD.city_names[:2]) + " and " + WORLD.city_names[2]
    n = WORLD.n_cities
    assert title == f"R&D 2023: {first} lead; 5 of {n} cities hold {share:.0f}\u00a0%"


def test_other_indicators_and_those_that_are_not_there() -> None:
    title = draw_map(make_results(), indicator="inventions").texts[0].get_text()
    assert title.startswith("Inventions 2023: ")
    with pytest.raises(NothingToDrawError, match="gdp_alt of cities was not recorded"):
        draw_map(make_results(), indicator="gdp_alt")


def test_outlines_lie_under_the_cities_of_the_packaged_region_only() -> None:
    results = make_results()
    world = load_world("yrd")
    assert ground_of(results, WORLD).shapes == ()
    results.manifest["scenario"]["world"] = "yrd"
    ground = ground_of(results, world)
    axes = Figure().add_subplot()
    draw_ground(axes, ground, (5.0, 5.0))
    assert len(named(axes, "provinces").get_paths()) > 4
    assert named(axes, "provinces").get_zorder() < 1
    shanghai = named(axes, "provinces").get_paths()[0]
    assert shanghai.contains_point(ground.km[world.city_names.index("Shanghai")])


def test_a_wrong_outline_costs_the_map_one_line(tmp_path: Path) -> None:
    (tmp_path / "outline.geojson").write_text("{", encoding="utf-8")
    results = make_results()
    results.manifest["scenario"]["world"] = str(tmp_path)
    with pytest.raises(NothingToDrawError, match=r"the outlines cannot be read: .*is not JSON"):
        ground_of(results, WORLD)


def test_years_are_picked_evenly_with_both_ends() -> None:
    cities = CityYears(make_results(start=2011, end=2030))
    assert cities.years[cities.pick(None, 6)].tolist() == [2011, 2015, 2019, 2022, 2026, 2030]
    assert cities.years[cities.pick((2015, 2017), 6)].tolist() == [2015, 2016, 2017]
    assert cities.years[cities.pick((2015, 2015), 6)].tolist() == [2015]
