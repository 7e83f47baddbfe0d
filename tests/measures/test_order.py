"""Fast sorts and searches give what the plain ones of numpy give."""

import numpy as np
import pytest

from ydsim.measures.groups import (
    order_in_groups,
    positions_after,
    positions_of,
    rows_of,
    sort_integers,
)

SIZES = (0, 1, 2, 3, 100, 5000)


def generator(n):
    return np.random.default_rng(n)


def test_what_may_have_several_answers_is_refused():
    with pytest.raises(TypeError, match="float64"):
        sort_integers(np.array([0.0, -0.0]))


@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("groups", [1, 7, 10**5, 2**60])
@pytest.mark.parametrize("alike", [0.0, 0.01, 1.0])
def test_groups_are_ordered_by_key_and_then_by_position(n, groups, alike):
    """Keys of the same group that are equal, or differ in their last bits only, included."""
    draws = generator(n)
    group = draws.integers(0, groups, n)
    key = draws.integers(0, 2**64, n, dtype=np.uint64)
    some = draws.random(n) < alike
    key[some] = np.uint64(2**63) + draws.integers(0, 3, int(some.sum())).astype(np.uint64)
    assert order_in_groups(group, key).tolist() == np.lexsort((key, group)).tolist()


@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("lowest", [0.0, -3.0])
def test_targets_are_found_where_a_plain_search_finds_them(n, lowest):
    draws = generator(n)
    edges = np.cumsum(draws.random(50)) + lowest
    on_edges = draws.random(n) < 0.3
    targets = np.where(on_edges, draws.choice(edges, n), lowest + 30.0 * draws.random(n) - 1.0)
    found = positions_after(edges, targets)
    assert found.tolist() == np.searchsorted(edges, targets, side="right").tolist()


def test_what_is_given_is_left_alone():
    group, key = np.array([2, 0, 2]), np.array([9, 8, 7], dtype=np.uint64)
    edges, targets = np.array([0.0, 1.0]), np.array([0.5, 0.25, 1.0])
    order_in_groups(group, key), positions_after(edges, targets)
    assert (group.tolist(), key.tolist()) == ([2, 0, 2], [9, 8, 7])
    assert (edges.tolist(), targets.tolist()) == ([0.0, 1.0], [0.5, 0.25, 1.0])


@pytest.mark.parametrize("keys", [[], [5], [9, 4, 1, 4, 7], [2**63, 0]])
@pytest.mark.parametrize("rows", [[], [4], [7, 1, 4, 9], [4, 9, 4, 1, 4], [2**63 + 1, 2**63]])
def test_keys_are_found_in_their_first_row(keys, rows):
    wanted = [rows.index(key) if key in rows else -1 for key in keys]
    keys, rows = (np.array(each, dtype=np.uint64) for each in (keys, rows))
    assert rows_of(keys, rows).tolist() == wanted
    ascending = np.sort(rows)
    found = positions_of(keys, ascending)
    assert ((found >= 0) == (np.array(wanted, dtype=np.int64) >= 0)).all()
    assert (ascending[found[found >= 0]] == keys[found >= 0]).all()


def test_keys_may_have_two_axes():
    found = rows_of(np.array([[3, 1], [9, 2]]), np.array([2, 3, 1]))
    assert found.tolist() == [[1, 2], [-1, 0]]
    assert positions_of(np.array([[3, 1]]), np.array([], dtype=np.int64)).tolist() == [[-1, -1]]
