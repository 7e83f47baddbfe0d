"""The map: every city at its place, areas in proportion, names that cover nothing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.made import WORLD, make_results, plain, zeros
from ydsim.plots import cities as module
from ydsim.plots.bubbles import LARGEST, bubble_radii, nice, shade
from ydsim.plots.cities import project, read_cities
from ydsim.plots.citymap import bearing, draw_map
from ydsim.plots.ensemble import NothingToDrawError
from ydsim.plots.place import place_labels
from ydsim.plots.style import look
from ydsim.world.loader import load_world


def test_every_city_is_a_bubble_in_proportion_to_its_research() -> None:
    axes, *_ = draw_map(make_results()).axes
    (bubbles,) = [c for c in axes.collections if c.get_gid() == "cities"]
    assert len(bubbles.get_offsets()) == WORLD.n_cities
    research = read_cities(make_results()).research
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
    assert cities.year == 2020
    assert cities.prior
    quarters = np.arange(8.0, 12.0)
    for i, name in enumerate(cities.names):
        place = WORLD.city_names.index(name)
        runs = [plain("rd_expenditure", place, r, quarters).sum() for r in (0, 1)]
        assert cities.research[i] == pytest.approx(np.mean(runs))
        adopted = np.mean([plain("adoptions", place, r, quarters).sum() for r in (0, 1)])
        assert cities.adoptions[i] == pytest.approx(adopted / (1000.0 * (place + 1)))
        assert cities.province[i] == WORLD.city_province[place]


def test_the_last_year_is_shown_where_none_is_official() -> None:
    assert read_cities(make_results(start=2025, end=2027)).year == 2027
    assert read_cities(make_results(start=2018, end=2019)).year == 2019


def test_distances_on_the_map_are_those_of_the_world() -> None:
    world = load_world("yrd")
    km, _ = project(world.longitude, world.latitude)
    apart = np.hypot(*(km[:, None] - km[None]).transpose(2, 0, 1))
    far = world.distance_km > 0
    assert np.abs(apart[far] / world.distance_km[far] - 1.0).max() < 0.04


def test_a_region_may_lie_across_the_date_line() -> None:
    km, (longitude, _) = project(np.array([179.0, -179.0]), np.array([0.0, 0.0]))
    assert np.ptp(km[:, 0]) == pytest.approx(222.4, abs=0.1)
    assert longitude == pytest.approx(180.0)
    assert bearing(181.0, "EW") == "179\u00b0 W"
    assert bearing(-33.5, "NS") == "33.5\u00b0 S"
    assert bearing(0.0, "NS") == "0\u00b0"


def test_no_map_without_geography(monkeypatch: pytest.MonkeyPatch) -> None:
    flat = replace(WORLD, longitude=np.zeros(12), latitude=np.zeros(12))
    monkeypatch.setattr(module, "world_of", lambda _: flat)
    with pytest.raises(NothingToDrawError, match="all cities lie at one place"):
        draw_map(make_results())


def test_no_map_with_the_cities_of_another_world() -> None:
    with pytest.raises(NothingToDrawError, match=r"world yrd has no city City 1\.1"):
        draw_map(make_results(world="yrd"))


def test_no_map_without_values(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(NothingToDrawError, match="R&D of cities has no value"):
        draw_map(make_results(value=lambda name, *rest: np.full(len(rest[-1]), np.nan)))


def test_only_the_packaged_region_is_credited(monkeypatch: pytest.MonkeyPatch) -> None:
    results = make_results()
    assert not any("GeoNames" in text.get_text() for text in draw_map(results).texts)
    results.manifest["worlds"] = {"yrd": ""}
    assert any(t.get_text() == "City coordinates: GeoNames" for t in draw_map(results).texts)


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


def test_rims_are_those_of_the_provinces() -> None:
    from matplotlib.colors import to_hex

    results = make_results()
    axes, *_ = draw_map(results).axes
    (bubbles,) = [c for c in axes.collections if c.get_gid() == "cities"]
    expected = [look(int(p)).colour for p in read_cities(results).province]
    assert [to_hex(colour) for colour in bubbles.get_edgecolors()] == expected
