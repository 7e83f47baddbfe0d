import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ydsim.measures.places import Network

matrices = st.tuples(st.integers(1, 14), st.floats(0.0, 1.0), st.integers(0, 10_000))


def weights_of(shape):
    n, share, seed = shape
    draw = np.random.default_rng(seed)
    upper = np.triu(draw.exponential(1.0, (n, n)) * (draw.random((n, n)) < share), 1)
    return upper + upper.T


def test_by_hand():
    # a triangle 0-1-2 of weights 8, 8, 1, and a tail 2-3 of weight 2
    w = np.zeros((4, 4))
    for i, j, weight in ((0, 1, 8.0), (1, 2, 8.0), (0, 2, 1.0), (2, 3, 2.0)):
        w[i, j] = w[j, i] = weight
    net = Network(w)
    assert net.density == pytest.approx(4 / 6)
    assert net.clustering.tolist() == pytest.approx([1.0, 1.0, 1 / 3, 0.0])
    # the triangle has the mean (1 * 1 / 8)^(1/3) = 1/2
    assert net.weighted_clustering.tolist() == pytest.approx([0.5, 0.5, 1 / 6, 0.0])
    assert net.mean_path == pytest.approx((4 + 2 * 2) / 6)
    assert net.betweenness.tolist() == pytest.approx([0.0, 0.0, 2 / 3, 0.0])
    # strengths 9, 16, 11, 2 of a total of 38; ties 0-1 and 2-3 inside
    assert net.modularity([0, 0, 1, 1], 2) == pytest.approx(10 / 19 - (25**2 + 13**2) / 38**2)
    assert net.e_i_index([0, 0, 1, 1], 2) == pytest.approx((9 - 10) / 19)
    spread = np.std([9.0, 16.0, 11.0, 2.0])
    assert net.functional_polycentricity == pytest.approx((1 - spread / 8.0) * 4 / 6)
    path = (np.log(4) - 0.5772156649) / np.log(2) + 0.5
    quotient = ((7 / 3) / 4) / (2 / 3) / ((8 / 6) / path)
    assert net.small_world_quotient == pytest.approx(quotient)


@given(matrices)
def test_all_equal_networkx(shape):
    w = weights_of(shape)
    net = Network(w)
    n = len(w)
    g = nx.from_numpy_array(w)
    by_place = range(n)
    assert net.clustering == pytest.approx([nx.clustering(g)[i] for i in by_place])
    onnela = nx.clustering(g, weight="weight")
    assert net.weighted_clustering == pytest.approx([onnela[i] for i in by_place])
    between = nx.betweenness_centrality(g)
    assert net.betweenness == pytest.approx([between[i] for i in by_place])
    if n > 1:
        assert net.density == pytest.approx(nx.density(g))
    lengths = dict(nx.all_pairs_shortest_path_length(g))
    joined = [length for of in lengths.values() for length in of.values() if length]
    assert net.mean_path == pytest.approx(np.mean(joined) if joined else np.nan, nan_ok=True)
    if w.any():
        part = np.arange(n) % 3
        sets = [{i for i in by_place if part[i] == c} for c in range(3)]
        assert net.modularity(part, 3) == pytest.approx(
            nx.community.modularity(g, [s for s in sets if s])
        )


def test_ends_of_polycentricity():
    assert Network(1.0 - np.eye(6)).functional_polycentricity == pytest.approx(1.0)
    assert Network(np.zeros((6, 6))).functional_polycentricity == 0.0
    star = np.zeros((6, 6))
    star[0, 1:] = star[1:, 0] = 1.0
    assert 0.0 < Network(star).functional_polycentricity < 0.15


def test_without_ties():
    w = np.zeros((4, 4))
    net = Network(w)
    assert net.density == 0.0
    assert net.clustering.tolist() == net.weighted_clustering.tolist() == [0.0] * 4
    values = [
        net.mean_path,
        net.small_world_quotient,
        net.modularity([0] * 4, 1),
    ]
    assert np.isnan([*values, net.e_i_index([0] * 4, 1), Network(w[:1, :1]).density]).all()


def test_the_diagonal_is_not_read_and_the_matrix_is_left_alone():
    w = 1.0 - np.eye(3)
    filled = w + 7.0 * np.eye(3)
    before = filled.copy()
    assert Network(filled).density == 1.0
    assert Network(filled).modularity([0, 1, 1], 2) == Network(w).modularity([0, 1, 1], 2)
    assert (filled == before).all()
