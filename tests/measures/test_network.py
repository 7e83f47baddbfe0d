import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ydsim.measures import network as nw

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
    assert nw.density(w) == pytest.approx(4 / 6)
    assert nw.clustering(w).tolist() == pytest.approx([1.0, 1.0, 1 / 3, 0.0])
    # the triangle has the mean (1 * 1 / 8)^(1/3) = 1/2
    assert nw.weighted_clustering(w).tolist() == pytest.approx([0.5, 0.5, 1 / 6, 0.0])
    assert nw.mean_path(w) == pytest.approx((4 + 2 * 2) / 6)
    assert nw.betweenness(w).tolist() == pytest.approx([0.0, 0.0, 2 / 3, 0.0])
    # strengths 9, 16, 11, 2 of a total of 38; ties 0-1 and 2-3 inside
    assert nw.modularity(w, [0, 0, 1, 1], 2) == pytest.approx(10 / 19 - (25**2 + 13**2) / 38**2)
    assert nw.e_i_index(w, [0, 0, 1, 1], 2) == pytest.approx((9 - 10) / 19)
    spread = np.std([9.0, 16.0, 11.0, 2.0])
    assert nw.functional_polycentricity(w) == pytest.approx((1 - spread / 8.0) * 4 / 6)
    path = (np.log(4) - 0.5772156649) / np.log(2) + 0.5
    quotient = ((7 / 3) / 4) / (2 / 3) / ((8 / 6) / path)
    assert nw.small_world_quotient(w) == pytest.approx(quotient)


@given(matrices)
def test_all_equal_networkx(shape):
    w = weights_of(shape)
    n = len(w)
    g = nx.from_numpy_array(w)
    by_place = range(n)
    assert nw.clustering(w) == pytest.approx([nx.clustering(g)[i] for i in by_place])
    onnela = nx.clustering(g, weight="weight")
    assert nw.weighted_clustering(w) == pytest.approx([onnela[i] for i in by_place])
    between = nx.betweenness_centrality(g)
    assert nw.betweenness(w) == pytest.approx([between[i] for i in by_place])
    if n > 1:
        assert nw.density(w) == pytest.approx(nx.density(g))
    lengths = dict(nx.all_pairs_shortest_path_length(g))
    joined = [length for of in lengths.values() for length in of.values() if length]
    assert nw.mean_path(w) == pytest.approx(np.mean(joined) if joined else np.nan, nan_ok=True)
    if w.any():
        part = np.arange(n) % 3
        sets = [{i for i in by_place if part[i] == c} for c in range(3)]
        assert nw.modularity(w, part, 3) == pytest.approx(
            nx.community.modularity(g, [s for s in sets if s])
        )


def test_ends_of_polycentricity():
    assert nw.functional_polycentricity(1.0 - np.eye(6)) == pytest.approx(1.0)
    assert nw.functional_polycentricity(np.zeros((6, 6))) == 0.0
    star = np.zeros((6, 6))
    star[0, 1:] = star[1:, 0] = 1.0
    assert 0.0 < nw.functional_polycentricity(star) < 0.15


def test_without_ties():
    w = np.zeros((4, 4))
    assert nw.density(w) == 0.0
    assert nw.clustering(w).tolist() == nw.weighted_clustering(w).tolist() == [0.0] * 4
    values = [nw.mean_path(w), nw.small_world_quotient(w), nw.modularity(w, [0] * 4, 1)]
    assert np.isnan([*values, nw.e_i_index(w, [0] * 4, 1), nw.density(w[:1, :1])]).all()


def test_the_diagonal_is_not_read_and_the_matrix_is_left_alone():
    w = 1.0 - np.eye(3)
    filled = w + 7.0 * np.eye(3)
    before = filled.copy()
    assert nw.density(filled) == 1.0
    assert nw.modularity(filled, [0, 1, 1], 2) == nw.modularity(w, [0, 1, 1], 2)
    assert (filled == before).all()
