"""Maps: values of the cube as areas, links and differences of planted values, names that fit."""

from dataclasses import replace

import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.path import Path
from matplotlib.text import Text
from scipy import stats

from tests.support.made import LINKS, WORLD, make_results, plain
from ydsim.errors import NothingToDrawError
from ydsim.fmt import number
from ydsim.plots import maps
from ydsim.plots.canvas import look
from ydsim.plots.drawing import draw
from ydsim.world.loader import load_world

N = WORLD.n_cities


def named(axes, name):
    (found,) = [each for each in axes.get_children() if each.get_gid() == name]
    return found


def names_on(axes):
    return [text.get_text() for text in axes.texts if text.get_gid() == "name"]


def city_at(axes):
    """The city of each bubble, by its place."""
    places, km = named(axes, "cities").get_offsets(), maps.ground_of(make_results()).cities
    apart = np.hypot(*(np.asarray(places)[:, None] - km[None]).transpose(2, 0, 1))
    assert apart.min(axis=1).max() < 1e-6
    return apart.argmin(axis=1).tolist()


def amounts(results, indicator):
    """Values by year and city, mean over replicates."""
    values = results.cube([indicator], "city")[indicator].groupby(["year", "place"]).mean()
    return values.unstack("place")[list(WORLD.city_names)].to_numpy()


# -- map -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("options", [{}, {"indicator": "inventions", "year": 2019}])
def test_areas_are_amounts_and_colours_are_provinces(options):
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
    assert sorted(names_on(axes)) == sorted(WORLD.city_names)
    assert str(options.get("year", 2023)) in figure.heading
    (key,) = figure.legends
    sign, said = key.legend_handles[-1], float(key.get_texts()[-1].get_text().replace(",", ""))
    assert sign.get_markersize() ** 2 / said == pytest.approx(bubbles.get_sizes()[0] / expected[0])


@pytest.mark.slow
def test_maps_of_years_have_one_scale():
    results = make_results(start=2011, end=2030)
    figure = draw("map", results, years=(2011, 2030))
    panels = figure.axes
    assert len(panels) == maps.MOST_YEARS
    years = [2011, 2015, 2019, 2022, 2026, 2030]
    assert [next(t.get_text() for t in axes.texts) for axes in panels] == [
        *map(str, years[:3]),
        *(f"{year} (projection)" for year in years[3:]),  # official figures end in 2020
    ]
    assert "(projection)" in figure.heading
    assert "(projection)" not in draw("map", results, year=2020).heading
    assert "2021 (projection)" in draw("link_map", results, year=2021).heading
    assert "2030 (projection)" in draw("difference_map", results, results).heading
    most = amounts(results, "rd_expenditure")[np.array(years) - 2011].max(axis=1)
    sizes = [named(axes, "cities").get_sizes().max() for axes in panels]
    np.testing.assert_allclose(np.array(sizes) / sizes[-1], most / most[-1])
    assert len({tuple(names_on(axes)) for axes in panels}) == 1
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
    results = make_results()
    results.manifest["scenario"]["world"] = "yrd"
    km = maps.ground_of(results).cities
    apart = np.hypot(*(km[:, None] - km[None]).transpose(2, 0, 1))
    far = world.distance_km > 0
    assert np.abs(apart[far] / world.distance_km[far] - 1.0).max() < 0.04


def test_a_region_may_lie_across_the_date_line(monkeypatch):
    world = replace(
        WORLD, longitude=np.linspace(179.0, 181.0, N) % 360.0 - 0.0, latitude=np.zeros(N)
    )
    world.longitude[world.longitude > 180.0] -= 360.0
    monkeypatch.setattr(maps, "world_of", lambda _: world)
    east = maps.ground_of(make_results()).cities[:, 0]
    assert [east[0], east[-1]] == pytest.approx([-111.2, 111.2], abs=0.1)


def test_cities_with_few_simulated_firms_are_hollow():
    """Firms of city i are 1000 (i + 1) at scale 1."""
    results = make_results()
    results.manifest["scenario"]["scale"] = 0.004
    few = 1000.0 * np.arange(1, N + 1) * 0.004 < maps.FEW
    assert 0 < few.sum() < N
    figure = draw("map", results)
    (axes,) = figure.axes
    colours = map(to_hex, named(axes, "cities").get_facecolors())
    hollow = {c for c, colour in zip(city_at(axes), colours, strict=True) if colour == "#ffffff"}
    assert hollow == set(np.flatnonzero(few).tolist())
    assert any(f" {maps.FEW} " in text.get_text() for text in figure.findobj(Text))
    results.manifest["scenario"]["scale"] = 1.0
    figure = draw("map", results)
    assert not any(f" {maps.FEW} " in text.get_text() for text in figure.findobj(Text))


def test_outlines_and_their_credit_are_those_of_the_packaged_region():
    results = make_results()
    assert not any("GeoNames" in text.get_text() for text in draw("map", results).texts)
    results.manifest["worlds"] = {"yrd": ""}
    assert any("GeoNames" in text.get_text() for text in draw("map", results).texts)
    results.manifest["scenario"]["world"] = "yrd"
    found = maps.ground_of(results)
    shanghai = found.cities[found.world.city_names.index("Shanghai")]
    assert Path(found.outlines["province"][0]).contains_point(shanghai)
    kinds = ("coast", "lake", "province", "river")
    assert sorted(kind for kind, lines in found.outlines.items() if lines) == [*kinds]


def test_a_ground_that_cannot_be_drawn_says_why(tmp_path, monkeypatch):
    results = make_results()
    (tmp_path / "outline.geojson").write_text("{", encoding="utf-8")
    results.manifest["scenario"]["world"] = str(tmp_path)
    monkeypatch.setattr(maps, "world_of", lambda _: WORLD)
    with pytest.raises(NothingToDrawError, match="is not JSON"):
        maps.ground_of(results)
    flat = replace(WORLD, longitude=np.zeros(N), latitude=np.zeros(N))
    monkeypatch.setattr(maps, "world_of", lambda _: flat)
    with pytest.raises(NothingToDrawError, match="one place"):
        maps.ground_of(make_results())


# -- bubbles and names -----------------------------------------------------------------------------


@pytest.mark.parametrize(("led", "named_at_least"), [(0, 91), (9, 175)])
def test_names_cover_neither_names_nor_bubbles_and_stand_beside_their_own(led, named_at_least):
    rng = np.random.default_rng(3)
    named = 0
    for _ in range(20):
        points, radii = rng.uniform(0.0, 5.0, (12, 2)), rng.uniform(0.01, 0.4, 12)
        boxes = [(4.0, 0.0, 5.0, 0.5)]
        centres = maps.place_names(points, radii, [0.8] * 9, np.array([5.0, 5.0]), boxes[0], led)
        assert centres.shape == (9, 2)
        for i in np.flatnonzero(np.isfinite(centres[:, 0])):
            x, y = centres[i]
            box = (x - 0.4, y - 0.05, x + 0.4, y + 0.05)
            assert min(box) >= 0.0
            assert max(box) <= 5.0
            assert all(box[0] >= b[2] or box[2] <= b[0] or box[1] >= b[3] or box[3] <= b[1]
                       for b in boxes)  # fmt: skip
            apart = np.hypot(*(points - np.clip(points, box[:2], box[2:])).T) - radii
            assert apart.min() > 0.0
            assert apart[i] < (0.8 if led else 0.1)
            boxes.append(box)
            named += 1
    assert named >= named_at_least


def test_the_largest_cities_are_named(monkeypatch):
    assert maps.NAMED >= 10
    monkeypatch.setattr(maps, "NAMED", 3)
    results = make_results()
    most = np.argsort(-amounts(results, "inventions")[-1])[:3]
    (axes,) = draw("map", results, indicator="inventions").axes
    assert sorted(names_on(axes)) == sorted(WORLD.city_names[c] for c in most)


# -- link_map --------------------------------------------------------------------------------------


def directed(channel, year):
    """Expected links from place to place, the rest of the nation last; mean of 3 replicates."""
    place = np.arange(N + 1.0)
    return (10.0**channel * (place[:, None] + 1.0) * (place + 2.0) + year) * 1.1


def both_ways(flow):
    inside = flow[:N, :N]
    return inside + inside.T - np.diag(np.diag(inside))


def strengths(flow):
    """The strongest links, ascending."""
    return np.sort(both_ways(flow)[np.triu_indices(N, 1)])[-maps.MOST_LINKS :]


def test_the_strongest_links_are_drawn_at_their_places():
    def unlucky(name, rows):
        return rows | {"realised": 0.0 * rows["realised"]} if name == "ties" else rows

    results = make_results(change=unlucky)
    figure = draw("link_map", results)
    (axes,) = figure.axes
    lines = named(axes, "links")
    flow = directed(LINKS.index("contract"), 5.0) + directed(LINKS.index("co-invention"), 5.0)
    links, strength = both_ways(flow), strengths(flow)
    np.testing.assert_allclose(lines.get_linewidths(), maps.WIDEST * strength / strength.max())
    signs = [text.get_text() for text in figure.findobj(Text)]
    assert number(maps.nice(strength.max())) in signs, "of the mean replicate"
    km = maps.ground_of(results).cities
    curves = np.array([line.vertices for line in lines.get_paths()])
    ends = curves[:, [0, 2]]
    a, b = (np.hypot(*(ends[:, k, None] - km).transpose(2, 0, 1)).argmin(1) for k in (0, 1))
    np.testing.assert_allclose(ends, np.stack([km[a], km[b]], axis=1))
    np.testing.assert_allclose(links[a, b], strength)
    along, off = ends[:, 1] - ends[:, 0], curves[:, 1] - ends.mean(axis=1)
    assert (along[:, 0] * off[:, 1] > along[:, 1] * off[:, 0]).all(), "all bent to one side"
    across = WORLD.city_province[a] != WORLD.city_province[b]
    colours = [to_hex(colour) for colour in lines.get_edgecolors()]
    assert colours == [maps.CROSSING if each else maps.INSIDE for each in across]
    assert {maps.INSIDE, maps.CROSSING} == set(colours)
    between = links.sum(axis=1) - np.diag(links)
    sizes = named(axes, "cities").get_sizes()
    expected = (between / between.max())[city_at(axes)]
    np.testing.assert_allclose(sizes / sizes[0], expected, rtol=1e-6)


def test_a_city_alone_in_its_province_is_named():
    def said(*province):
        named_ = replace(WORLD, city_province=np.array(province), city_names=(*"ABCD",))
        return maps._alone(named_)

    assert "A cross a border" in said(0, 1, 1, 1)
    assert "A and B cross" in said(0, 1, 2, 2)
    assert said(0, 0, 1, 1) == said(0, 1, 2, 3) == ""


def test_one_channel_and_one_year_may_be_asked_for():
    results = make_results()
    figure = draw("link_map", results, channel="supply", year=2020)
    strength = strengths(directed(LINKS.index("supply"), 2.0))
    widths = named(figure.axes[0], "links").get_linewidths()
    np.testing.assert_allclose(widths, maps.WIDEST * strength / strength.max())
    assert "2020" in figure.heading


# -- difference_map --------------------------------------------------------------------------------


def pair(factor, noise=0.0, **options):
    """Results, and others whose cities have them times a factor, with noise by replicate."""

    def raised(name, place, replicate, quarters):
        shake = noise * np.sin(7.0 * place + 3.0 * replicate)
        return plain(name, place, replicate, quarters) * (factor[place % N] + shake)

    return make_results(**options), make_results(value=raised, name="other", **options)


def colours(*results, **options):
    (axes,) = draw("difference_map", *results, **options).axes
    found = dict(zip(city_at(axes), named(axes, "cities").get_facecolors(), strict=True))
    return [to_hex(found[c]) for c in range(N)]


def test_colours_are_paired_differences_of_one_year_in_per_cent_of_the_first():
    factor = np.where(np.arange(N) == 2, 1.5, 1.0)
    first, second = pair(factor, noise=0.01)
    figure = draw("difference_map", first, second, indicator="ideas", year=2019)
    x, y = (
        each.cube(["ideas"], "city", years=(2019, 2019))["ideas"].unstack("place")[
            WORLD.city_names[2]
        ].to_numpy()
        for each in (first, second)
    )  # fmt: skip
    most = 100.0 * (y - x).mean() / x.mean()
    shown = [text.get_text() for text in figure.legends[0].get_texts()]
    assert float(shown[0]) == pytest.approx(most, rel=0.05)
    drawn = colours(first, second, indicator="ideas", year=2019)
    assert drawn[2] == "#2166ac", "the largest rise has the deepest colour"
    p = stats.ttest_rel(y, x).pvalue
    assert (drawn[2] != maps.UNSURE) == (p < 0.05)


def test_uncertain_cities_are_grey_and_more_and_less_differ():
    factor = np.ones(N)
    factor[1], factor[2] = 1.6, 0.4
    drawn = colours(*pair(factor, noise=0.02), indicator="ideas")
    assert sum(colour == maps.UNSURE for colour in drawn) > N / 2
    assert int(drawn[1][5:], 16) > int(drawn[1][1:3], 16), "more is blue"
    assert int(drawn[2][1:3], 16) > int(drawn[2][5:], 16), "less is red"


def test_fewer_than_three_replicates_claim_no_difference():
    for n in (1, 2):
        results = pair(np.full(N, 1.5), noise=0.01, replicates=n)
        assert set(colours(*results, indicator="ideas")) == {maps.UNSURE}
        note = draw("difference_map", *results).note
        assert "95" not in note
        assert "Colour" not in note, "all are grey"


def test_the_last_year_of_both_is_compared():
    figure = draw("difference_map", make_results(end=2023), make_results(end=2021))
    assert "2021" in figure.heading
