import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ydsim.processes.match import agreed, chosen, expected, gumbel, proposal_probability

RESERVE = 1.2


def case(seed=0, n=4, k=6):
    draw = np.random.default_rng(seed)
    v, back = draw.normal(0.6, 0.8, (n, k)), draw.normal(0.9, 0.8, (n, k))
    valid = draw.random((n, k)) < 0.8
    valid[-1] = False
    return v, back, valid


@pytest.mark.parametrize("seed", range(6))
def test_closed_forms_equal_the_scalar_rule(seed):
    v, back, valid = case(seed)
    p = proposal_probability(v, valid, RESERVE)
    both = expected(proposal_probability(v, valid, RESERVE), back, RESERVE)
    for i in range(len(v)):
        odds = [math.exp(x - RESERVE) * ok for x, ok in zip(v[i], valid[i], strict=True)]
        for k, own in enumerate(odds):
            want = own / sum(odds) * (1.0 - math.exp(-sum(odds))) if own else 0.0
            assert p[i, k] == pytest.approx(want, rel=1e-12)
            accepts = 1.0 - math.exp(-math.exp(back[i, k] - RESERVE))
            assert both[i, k] == pytest.approx(want * accepts, rel=1e-12)


def test_probabilities_have_their_limits():
    valid = np.ones((1, 3), dtype=bool)
    v = np.array([[0.0, 0.4, -0.2]])
    low = proposal_probability(v, valid, -50.0)
    np.testing.assert_allclose(low, np.exp(v) / np.exp(v).sum(), rtol=1e-12)
    high = proposal_probability(v, valid, 20.0)
    np.testing.assert_allclose(high, np.exp(v - 20.0), rtol=1e-8)
    sharp = proposal_probability(1000.0 * v, valid, 100.0)
    np.testing.assert_allclose(sharp, [[0.0, 1.0, 0.0]], atol=1e-12)


def test_what_an_invalid_candidate_is_worth_does_not_matter():
    v, back, valid = case(2)
    for worth in (1e300, -np.inf, np.nan):
        other = np.where(valid, v, worth)
        np.testing.assert_array_equal(
            expected(proposal_probability(v, valid, RESERVE), back, RESERVE),
            expected(proposal_probability(other, valid, RESERVE), back, RESERVE),
        )


def test_gumbel_draws_have_their_distribution():
    u = (np.arange(10_000) + 0.5) / 10_000
    g = gumbel(u)
    np.testing.assert_allclose(np.exp(-np.exp(-g)), u, rtol=1e-12)
    assert g.mean() == pytest.approx(0.5772, abs=3e-3)
    assert g.std() == pytest.approx(math.pi / math.sqrt(6.0), rel=5e-3)


@given(st.data())
def test_the_chosen_is_the_best_valid_one_above_the_reserve(data):
    n, k = data.draw(st.integers(0, 4)), data.draw(st.integers(0, 5))
    u = np.array(
        data.draw(st.lists(st.floats(-3, 3), min_size=n * k, max_size=n * k)), dtype=float
    ).reshape(n, k)
    flags = data.draw(st.lists(st.booleans(), min_size=n * k, max_size=n * k))
    valid = np.array(flags, dtype=bool).reshape(n, k)
    want = []
    for i in range(n):
        able = [(u[i, c], -c) for c in range(k) if valid[i, c] and u[i, c] > 0.5]
        want.append(-max(able)[1] if able else -1)
    assert chosen(u, valid, 0.5).tolist() == want


def test_utility_at_the_reserve_does_not_suffice():
    u = np.array([[1.0, 0.0]])
    valid = np.ones((1, 2), dtype=bool)
    assert chosen(u, valid, 1.0).tolist() == [-1]
    assert chosen(u, valid, np.nextafter(1.0, 0.0)).tolist() == [0]


rivals = st.lists(st.tuples(st.sampled_from([0.5, 1.0, 1.5, 2.0]), st.integers(0, 3)), max_size=12)


keys = st.lists(st.integers(2**63, 2**64 - 1), min_size=12, max_size=12, unique=True)
rooms = st.lists(st.integers(-1, 3), min_size=4, max_size=4)


@pytest.mark.slow
@given(rivals, rooms, keys, st.randoms(use_true_random=False))
def test_room_goes_to_the_larger_joint_utility_then_to_the_smaller_key(asked, room, keys, random):
    joint = np.array([j for j, _ in asked], dtype=float)
    one = np.array([o for _, o in asked], dtype=np.int64)
    key = np.array(keys[: len(asked)], dtype=np.uint64)
    fits = agreed(joint, one, np.array(room), key)
    for i in range(len(asked)):
        before = sum(
            one[j] == one[i] and (-joint[j], int(key[j])) < (-joint[i], int(key[i]))
            for j in range(len(asked))
        )
        assert fits[i] == (before < room[one[i]])
    order = list(range(len(asked)))
    random.shuffle(order)
    mixed = agreed(joint[order], one[order], np.array(room), key[order])
    assert mixed.tolist() == fits[order].tolist()
