"""Links between cities and trade with the nation: directions, borders, places and amounts."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.axes import Axes
from ydsim.plots.certified import draw_certified
from ydsim.plots.innovation import PANELS, draw_innovation

from tests.support.made import FOUR, LINKS, WORLD, make_results
from ydsim.errors import UsageError
from ydsim.plots.ensemble import NothingToDrawError
from ydsim.plots.ground import project
from ydsim.plots.linkage import USUAL, crossing_share, read_linkage, say_crossing, strongest
from ydsim.plots.linkmap import BEND, CROSSING, INSIDE, SHOWN, WIDEST, curves, draw_link_map
from ydsim.plots.page import text_width
from ydsim.plots.pairs import city_order, draw_pairs
from ydsim.plots.style import SMALL, WIDTH
from ydsim.plots.supply import draw_supply
from ydsim.typing import Columns, Floats

LAST = np.array([2023])
N = WORLD.n_cities
CROSS = WORLD.city_province[:, None] != WORLD.city_province[None, :]


def directed(channel: int, year: float) -> Floats:
    """Expected links from place to place, the rest of the nation last; mean of 3 replicates."""
    place = np.arange(N + 1.0)
    return (10.0**channel * (place[:, None] + 1.0) * (place + 2.0) + year) * 1.1


def both_ways(flow: Floats) -> Floats:
    return flow + flow.T - np.diag(np.diag(flow))


def named(axes: Axes, name: str) -> object:
    (found,) = [artist for artist in axes.get_children() if artist.get_gid() == name]
    return found


def lines_of(axes: Axes) -> dict[str, Floats]:
    return {line.get_label(): np.array(line.get_ydata()) for line in axes.lines}


def test_both_directions_count_once_and_inside_a_city_once() -> None:
    linkage = read_linkage(make_results(), ["contract", "co-invention"], LAST)
    expected = both_ways(directed(LINKS.index("contract"), 5.0) + directed(0, 5.0))
    np.testing.assert_allclose(linkage.links, expected[:N, :N])
    np.testing.assert_allclose(linkage.outside, expected[:N, N])
    np.testing.assert_allclose(linkage.between, expected[:N, :N].sum(1) - np.diag(expected)[:N])


def test_years_are_averaged() -> None:
    linkage = read_linkage(make_results(), ["co-invention"], np.arange(2021, 2024))
    np.testing.assert_allclose(linkage.links, both_ways(directed(0, 4.0))[:N, :N])


def test_the_strongest_pairs_are_drawn_at_their_places() -> None:
    results = make_results()
    axes = draw_link_map(results).axes[0]
    drawn = named(axes, "links")
    linkage = read_linkage(results, USUAL, LAST)
    a, b, strength = strongest(linkage, SHOWN)
    pairs = np.argwhere(np.triu(np.ones((N, N)), 1))
    values = linkage.links[tuple(pairs.T)]
    assert len(strength) == min(SHOWN, len(values))
    np.testing.assert_allclose(strength, np.sort(values)[-len(strength) :])
    assert (linkage.links[a, b] == strength).all()
    np.testing.assert_allclose(drawn.get_linewidths(), WIDEST * strength / strength.max())
    from matplotlib.colors import to_hex

    colours = [to_hex(colour) for colour in drawn.get_colors()]
    assert colours == [CROSSING if CROSS[i, j] else INSIDE for i, j in zip(a, b, strict=True)]
    assert {INSIDE, CROSSING} == set(colours)
    cities = named(axes, "cities").get_offsets()
    km = project(WORLD.longitude, WORLD.latitude).km(WORLD.longitude, WORLD.latitude)
    ends = np.array([line[[0, -1]] for line in drawn.get_segments()])
    np.testing.assert_allclose(ends, np.stack([km[a], km[b]], axis=1))
    order = np.lexsort((np.arange(N), -linkage.between))
    np.testing.assert_allclose(cities, km[order])
    inch = np.ptp(axes.get_xlim()) / (axes.get_position().width * WIDTH)
    texts = [text for text in axes.texts if text.get_gid() == "name"]
    assert len(texts) > N / 2
    for text in texts:
        away = text.get_position() - km[WORLD.city_names.index(text.get_text())]
        assert abs(away[0]) < (0.2 + text_width(text.get_text(), SMALL) / 2) * inch
        assert abs(away[1]) < 0.25 * inch


def test_the_share_across_borders_is_that_of_all_links() -> None:
    results = make_results()
    linkage = read_linkage(results, USUAL, LAST)
    links = np.triu(linkage.links, 1)
    share = links[CROSS].sum() / links.sum()
    assert 0.0 < share < 1.0
    assert crossing_share(linkage) == pytest.approx(share)
    words = [text.get_text() for text in draw_link_map(results).texts]
    what = "contracts and co-inventions"
    assert words[0] == f"{100.0 * share:.0f}\u00a0% of {what} between cities cross provinces, 2023"
    # all replicates are in proportion, so that their index is the same and its interval a point
    e_i = f"{2.0 * share - 1.0:+.2f}".replace("-", "\u2212")
    assert say_crossing(linkage) == f"E\u2013I index {e_i} (95\u00a0% interval {e_i} to {e_i})"
    single = read_linkage(make_results(replicates=1), USUAL, LAST)
    assert say_crossing(single) == f"E\u2013I index {e_i}"


def test_links_do_not_depend_on_what_was_realised() -> None:
    def unlucky(name: str, rows: Columns) -> Columns:
        return rows | {"realised": 0.0 * rows["realised"]} if name == "ties" else rows

    same = read_linkage(make_results(change=unlucky), USUAL, LAST)
    np.testing.assert_array_equal(read_linkage(make_results(), USUAL, LAST).links, same.links)


def test_the_matrix_is_ordered_by_province_and_symmetric() -> None:
    results = make_results()
    axes = draw_pairs(results).axes[0]
    linkage = read_linkage(results, ["co-invention"], np.arange(2019, 2024))
    order = city_order(linkage)
    assert sorted(order) == list(range(N))
    province = WORLD.city_province[order]
    assert (np.diff(province) >= 0).all()
    total = linkage.links.sum(axis=1)[order]
    assert (np.diff(total)[np.diff(province) == 0] <= 0).all()
    drawn = np.ma.filled(named(axes, "pairs").get_array(), np.nan)
    np.testing.assert_allclose(drawn, linkage.links[order][:, order])
    np.testing.assert_array_equal(drawn, drawn.T)
    names = [WORLD.city_names[c] for c in order]
    assert [label.get_text() for label in axes.get_yticklabels()] == names
    assert [label.get_text() for label in axes.get_xticklabels()] == names
    assert axes.get_ylim()[0] > axes.get_ylim()[1]


def test_shares_inside_cities_and_provinces_are_told_apart() -> None:
    linkage = read_linkage(make_results(), ["co-invention"], np.arange(2019, 2024))
    upper = np.triu(linkage.links)
    inside, total = np.trace(upper), upper.sum()
    across = upper[linkage.crossing].sum()
    city, one, two = (
        f"{100.0 * part / total:.0f}\u00a0%" for part in (inside, total - inside - across, across)
    )
    assert draw_pairs(make_results()).finding == (
        f"{city} of co-inventions are within a city, {one} between cities of one province, "
        f"{two} between provinces, 2019\u20132023"
    )


def test_blocks_enclose_the_cities_of_a_province() -> None:
    axes = draw_pairs(make_results()).axes[0]
    blocks = [patch for patch in axes.patches if patch.get_gid() == "block"]
    assert [b.get_width() for b in blocks] == np.bincount(WORLD.city_province).tolist()
    begin = np.concatenate([[0], np.cumsum(np.bincount(WORLD.city_province))[:-1]]) - 0.5
    assert [b.get_xy() for b in blocks] == [(x, x) for x in begin.tolist()]


def test_pairs_that_nobody_expects_stay_white() -> None:
    def sparse(name: str, rows: Columns) -> Columns:
        if name != "ties":
            return rows
        first = rows["from_city"] == WORLD.city_names[0]
        return rows | {"expected": np.where(first, rows["expected"], 0.0)}

    axes = draw_pairs(make_results(change=sparse)).axes[0]
    drawn = np.ma.filled(named(axes, "pairs").get_array(), np.nan)
    assert np.isfinite(drawn).sum() == 2 * N - 1


def test_no_links_and_strange_cities_are_no_figure() -> None:
    def zero(name: str, rows: Columns) -> Columns:
        return rows | {"expected": 0.0 * rows["expected"]} if name == "ties" else rows

    with pytest.raises(NothingToDrawError, match="no contract or co-invention between cities"):
        draw_link_map(make_results(change=zero))
    with pytest.raises(NothingToDrawError, match=r"world yrd has no city City 1\.1"):
        draw_link_map(make_results(world="yrd"))


def test_trade_in_technology_has_its_sign_and_province() -> None:
    axes = draw_supply(make_results()).axes
    sold, bought, net = (lines_of(axes[i]) for i in (1, 3, 5))
    year = np.arange(6.0)
    for p, name in enumerate(FOUR):
        # 100 seller + 10 buyer + year, the rest of the nation is number 5
        out = (100.0 * (p + 1) + 50.0 + year) * 1.1
        into = (500.0 + 10.0 * (p + 1) + year) * 1.1
        np.testing.assert_allclose(sold[name], out)
        np.testing.assert_allclose(bought[name], into)
        np.testing.assert_allclose(net[name], out - into)
    assert axes[5].get_ylim()[0] < 0.0


@pytest.mark.slow
def test_the_title_tells_a_balance_that_is_beyond_chance() -> None:
    def title(**options: object) -> str:
        return " ".join(text.get_text() for text in draw_supply(make_results(**options)).texts)

    # sold 100 p + 50, bought 500 + 10 p for p from 1 to 4: 900 less, times 1.0, 1.1 and 1.2
    assert "a deficit of 990 in technology" in title()
    assert "a deficit of 900 in technology" in title(replicates=1)

    def uncertain(name: str, rows: Columns) -> Columns:
        if name != "contracts":
            return rows
        turned = rows["replicate"] == 1
        swapped = np.where(turned, rows["buyer"], rows["seller"])
        return rows | {"seller": swapped, "buyer": np.where(turned, rows["seller"], rows["buyer"])}

    assert "no balance in technology beyond chance" in title(change=uncertain)


def test_trade_in_goods_sums_the_cities_of_each_province() -> None:
    axes = draw_supply(make_results()).axes
    sold, bought, net = (lines_of(axes[i]) for i in (0, 2, 4))
    flow = np.array([directed(LINKS.index("supply"), year) + 1000.0 for year in range(6)])
    for p, name in enumerate(FOUR):
        mine = WORLD.city_province == p
        np.testing.assert_allclose(sold[name], flow[:, :N, N][:, mine].sum(axis=1))
        np.testing.assert_allclose(bought[name], flow[:, N, :N][:, mine].sum(axis=1))
        np.testing.assert_allclose(net[name], sold[name] - bought[name])


def test_technology_alone_is_drawn_without_ties() -> None:
    axes = draw_supply(make_results(leave_out=("ties",))).axes
    for i, panel in enumerate(axes):
        empty = "not recorded" in [text.get_text() for text in panel.texts]
        assert empty == (i % 2 == 0)


def test_contracts_and_patents_with_official_points() -> None:
    results = make_results()
    figure = draw_innovation(results)
    table = results.table("province_year")
    for axes, indicator in zip(figure.axes, PANELS, strict=True):
        mine = table[table.indicator == indicator].groupby(["region", "year"]).value.mean()
        for name in FOUR:
            np.testing.assert_allclose(lines_of(axes)[name], mine[name].to_numpy())
    points = [
        [line.get_ydata() for line in axes.lines if line.get_gid() == "official"]
        for axes in figure.axes
    ]
    assert [len(each) for each in points] == [4, 0, 0, 4]
    np.testing.assert_array_equal(points[0][2], [318.0, 319.0, 320.0])


def test_certified_firms_with_official_points() -> None:
    (axes,) = draw_certified(make_results()).axes
    points = [line.get_ydata() for line in axes.lines if line.get_gid() == "official"]
    np.testing.assert_array_equal(points[3], [418.0, 419.0, 420.0])
    texts = [text.get_text() for text in draw_certified(make_results(start=2025, end=2026)).texts]
    assert not any("fficial" in text for text in texts)
    texts = [text.get_text() for text in draw_certified(make_results()).texts]
    assert "Certified high-tech firms, number" in texts


def test_curves_join_their_ends_and_bend_off_the_line() -> None:
    (curve,) = curves(np.array([[0.0, 0.0]]), np.array([[10.0, 0.0]]))
    np.testing.assert_allclose(curve[[0, -1]], [[0.0, 0.0], [10.0, 0.0]])
    np.testing.assert_allclose(curve[len(curve) // 2], [5.0, 10.0 * BEND])


def test_one_channel_and_one_year_may_be_asked_for() -> None:
    results = make_results()
    linkage = read_linkage(results, ["supply"], np.array([2020]))
    figure = draw_link_map(results, channel="supply", year=2020)
    share = f"{100.0 * crossing_share(linkage):.0f}"
    assert figure.texts[0].get_text() == (
        f"{share}\u00a0% of goods supplied between cities cross provinces, 2020"
    )
    strength = strongest(linkage, SHOWN)[2]
    widths = named(figure.axes[0], "links").get_linewidths()
    np.testing.assert_allclose(widths, WIDEST * strength / strength.max())
    key = [text.get_text() for text in figure.axes[1].texts]
    assert key[0] == "Goods supplied"
    assert "100 million RMB a year" in key
    with pytest.raises(UsageError, match="channel suply was not recorded; did you mean 'supply'"):
        draw_link_map(results, channel="suply")
    with pytest.raises(UsageError, match="year 2030 was not run; the years are 2018\u20132023"):
        draw_link_map(results, year=2030)


def test_links_inside_cities_only_are_no_map() -> None:
    def inside(name: str, rows: Columns) -> Columns:
        if name != "ties":
            return rows
        same = rows["from_city"] == rows["to_city"]
        return rows | {"expected": np.where(same, rows["expected"], 0.0)}

    with pytest.raises(NothingToDrawError, match="contracts and co-inventions join no two cities"):
        draw_link_map(make_results(change=inside))
