import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ydsim.measures import network
from ydsim.measures.large_network import (
    graph,
    parted,
    sampled_clustering,
    sampled_path,
    small_world,
)

GRAPHS = [
    nx.watts_strogatz_graph(300, 6, 0.1, seed=1),
    nx.barabasi_albert_graph(300, 3, seed=2),
    nx.gnp_random_graph(300, 0.006, seed=3),  # in pieces
]


def of(g):
    a, b = np.array(g.edges).T
    return graph(a, b, len(g))


def exact_path(g):
    lengths = dict(nx.all_pairs_shortest_path_length(g))
    pairs = [d for i, row in lengths.items() for j, d in row.items() if i != j]
    return np.mean(pairs)


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), max_size=30))
def test_ties_by_organisation(pairs):
    g = nx.Graph([(i, j) for i, j in pairs if i != j])
    g.add_nodes_from(range(7))
    a, b = (np.array([p[k] for p in pairs], dtype=np.int64) for k in (0, 1))
    found = graph(a, b, 7)
    assert found.degree.tolist() == [g.degree(i) for i in range(7)]
    parts = np.split(found.neighbour, found.start[1:-1])
    assert [p.tolist() for p in parts] == [sorted(g[i]) for i in range(7)]


@pytest.mark.parametrize("g", GRAPHS)
def test_clustering_is_within_its_error_of_the_exact_one(g):
    found = sampled_clustering(of(g), np.random.default_rng(5).random((20_000, 3)))
    want = nx.average_clustering(g)
    assert 0.0 <= found.error < 0.005
    assert abs(found.value - want) <= 3.5 * found.error + 1e-12


@pytest.mark.parametrize("g", GRAPHS)
def test_path_from_every_organisation_is_exact(g):
    linked = sum(d > 0 for _, d in g.degree)
    found = sampled_path(of(g), (np.arange(linked) + 0.5) / linked)
    assert found.value == pytest.approx(exact_path(g))


@pytest.mark.parametrize("g", GRAPHS)
def test_parts_and_small_world_are_those_of_the_small_network(g):
    part = np.arange(len(g)) % 3
    weights = nx.to_numpy_array(g)
    modularity, e_i = parted(of(g), part, 3)
    assert modularity == pytest.approx(network.modularity(weights, part, 3))
    assert e_i == pytest.approx(network.e_i_index(weights, part, 3))
    quotient = small_world(of(g), nx.average_clustering(g), exact_path(g))
    assert quotient == pytest.approx(network.small_world_quotient(weights))


def test_a_network_without_ties_has_no_parts():
    assert np.isnan(parted(graph([], [], 4), [0, 0, 1, 1], 2)).all()
    assert np.isnan(small_world(graph([0], [1], 4), 0.0, 1.0))


@pytest.mark.slow
@pytest.mark.parametrize("g", GRAPHS)
def test_errors_are_those_of_repeated_samples(g):
    ties, draw = of(g), np.random.default_rng(9)
    for measure, size in ((sampled_clustering, (200, 3)), (sampled_path, (40,))):
        found = [measure(ties, draw.random(size)) for _ in range(150)]
        spread = np.std([f.value for f in found])
        assert np.sqrt(np.mean([f.error**2 for f in found])) == pytest.approx(spread, rel=0.25)


def test_every_pair_of_neighbours_is_drawn_alike():
    # a hub with three neighbours of which two are joined: one pair in three
    ties = graph([0, 0, 0, 1], [1, 2, 3, 2], 4)
    u = (np.arange(60) + 0.5) / 60
    grid = np.stack(np.meshgrid([0.01], u, u, indexing="ij"), axis=-1).reshape(-1, 3)
    assert sampled_clustering(ties, grid).value == pytest.approx(0.75 / 3)


def test_a_complete_graph_and_none():
    full = of(nx.complete_graph(6))
    draws = np.random.default_rng(1).random((50, 3))
    assert (sampled_clustering(full, draws).value, sampled_clustering(full, draws).error) == (1, 0)
    assert (sampled_path(full, draws[:, 0]).value, sampled_path(full, draws[:, 0]).error) == (1, 0)
    empty = graph([], [], 6)
    assert sampled_clustering(empty, draws).value == 0.0
    assert np.isnan(sampled_path(empty, draws[:, 0]).value)


def test_path_by_hand():
    # of a line of three, an end (1 + 2) and the middle (1 + 1), which each reach two
    found = sampled_path(graph([0, 1], [1, 2], 3), [0.1, 0.5])
    assert found.value == pytest.approx(5 / 4)
    assert found.error == pytest.approx(np.sqrt(2 * (0.5**2 + 0.5**2)) / 4)


def test_one_draw_has_no_error():
    assert np.isnan(sampled_path(of(GRAPHS[0]), [0.3]).error)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: graph([0, 3], [1, 1], 3), "a must be between 0 and 2"),
        (lambda: graph([0, 2], [1], 3), "b must have 2 entries"),
        (lambda: sampled_path(of(GRAPHS[0]), [1.0]), "below 1"),
        (lambda: sampled_path(of(GRAPHS[0]), []), "at least one"),
        (lambda: sampled_clustering(of(GRAPHS[0]), [[0.1, 0.2]]), "three columns"),
    ],
)
def test_what_is_refused(call, words):
    with pytest.raises(ValueError, match=words):
        call()
