"""The network of cities: planted communities are found, hubs are those with most links."""

from __future__ import annotations

import numpy as np
import pytest

from tests.support.made import WORLD, make_results
from ydsim.errors import UsageError
from ydsim.measures.network import modularity
from ydsim.plots.citynetwork import draw_network, title_of
from ydsim.plots.communities import HUBS, hubs, layout, read_network
from ydsim.plots.ensemble import NothingToDrawError
from ydsim.plots.linkage import Linkage, read_linkage
from ydsim.typing import Columns, Floats, Ints

N = WORLD.n_cities
YEAR = np.array([2023])


def linkage_of(links: Floats) -> Linkage:
    return Linkage(WORLD, ("contract",), YEAR, links[None], np.zeros(N))


def planted(part: Ints, inside: float, across: float) -> Linkage:
    links = np.where(part[:, None] == part[None, :], inside, across)
    return linkage_of(links)


def test_planted_communities_are_found() -> None:
    part = np.arange(N) % 3
    network = read_network(planted(part, 10.0, 0.5))
    assert len(network.home) == 3
    pairs = part[:, None] == part[None, :]
    np.testing.assert_array_equal(network.community[:, None] == network.community[None, :], pairs)
    weights = np.where(pairs, 10.0, 0.5) - np.diag(np.full(N, 10.0))
    assert network.modularity[0] == pytest.approx(modularity(weights, part, 3))


def test_communities_of_provinces_are_all_at_home() -> None:
    province = WORLD.city_province
    network = read_network(planted(province, 10.0, 0.1))
    assert network.at_home == N
    assert network.modularity[0] == pytest.approx(network.modularity[1])
    colours = [network.colour(number) for number in range(len(network.home))]
    assert len(set(colours)) == WORLD.n_provinces


def test_a_city_that_belongs_elsewhere_is_not_at_home() -> None:
    part = WORLD.city_province.copy()
    part[0] = part[-1]
    network = read_network(planted(part, 10.0, 0.1))
    assert network.at_home == N - 1


def test_two_communities_of_one_province_differ_in_colour() -> None:
    part = np.arange(N)
    part[:] = np.where(WORLD.city_province == 0, part % 2 + 10, WORLD.city_province)
    network = read_network(planted(part, 10.0, 0.01))
    colours = [network.colour(number) for number in range(len(network.home))]
    assert len(set(colours)) == len(colours)


def test_linked_cities_lie_nearer_than_others() -> None:
    part = np.arange(N) % 3
    places = layout(planted(part, 10.0, 0.1))
    apart = np.hypot(*(places[:, None] - places[None]).transpose(2, 0, 1))
    same = part[:, None] == part[None, :]
    others = ~np.eye(N, dtype=bool)
    assert apart[same & others].mean() < 0.6 * apart[~same].mean()
    assert places.min() >= 0.0
    assert places.max() <= 1.0
    np.testing.assert_array_equal(places, layout(planted(part, 10.0, 0.1)))


def test_hubs_have_most_links_and_are_written_in_bold() -> None:
    results = make_results()
    linkage = read_linkage(results, ["contract"], YEAR)
    expected = np.argsort(-linkage.between, kind="stable")[:HUBS].tolist()
    assert hubs(linkage) == expected
    figure = draw_network(results, channel="contract")
    names = [text for text in figure.axes[0].texts if text.get_gid() == "name"]
    bold = {text.get_text() for text in names if text.get_weight() == "bold"}
    assert bold == {WORLD.city_names[city] for city in expected}
    key = [text.get_text() for text in figure.axes[1].texts]
    share = 200.0 * linkage.between[expected[0]] / linkage.between.sum()
    assert f"{share:.0f}\u00a0%" in key


def test_the_title_counts_communities_and_cities_at_home() -> None:
    part = WORLD.city_province.copy()
    part[0] = part[-1]
    assert title_of(read_network(planted(part, 10.0, 0.1))) == (
        f"Contracts form 4 communities, 2023; {N - 1} of {N} cities are with their province"
    )


def test_cities_that_are_all_alike_are_one_community() -> None:
    network = read_network(linkage_of(np.ones((N, N))))
    assert len(network.home) == 1
    assert title_of(network) == f"Contracts join all {N} cities in one community, 2023"


def test_too_few_links_are_no_network() -> None:
    one = np.zeros((N, N))
    one[0, 1] = one[1, 0] = 3.0
    with pytest.raises(NothingToDrawError, match="contracts join 1 pair of cities: no network"):
        read_network(linkage_of(one))
    with pytest.raises(NothingToDrawError, match="join 0 pairs"):
        read_network(linkage_of(np.eye(N)))
    with pytest.raises(NothingToDrawError, match="table ties was not recorded"):
        draw_network(make_results(leave_out=("ties",)))
    with pytest.raises(UsageError, match="channel post was not recorded"):
        draw_network(make_results(), channel="post")


def test_cities_without_any_link_are_drawn() -> None:
    def sparse(name: str, rows: Columns) -> Columns:
        if name != "ties":
            return rows
        few = np.isin(rows["from_city"].astype(str), WORLD.city_names[:2])
        return rows | {"expected": np.where(few, rows["expected"], 0.0)}

    draw_network(make_results(change=sparse, replicates=1))
