import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ydsim.measures.resonance import interaction, shapley, shapley_shares

DRAWS = np.random.default_rng(7).random((400, 8))


def runs(seed, pull, spread=0.1):
    """Outcomes with two effects of 2 and 3 that together are worth ``pull`` more."""
    draw = np.random.default_rng(seed)
    none = 10.0 + draw.normal(0.0, 1.0, 8)
    single = none + np.array([[2.0], [3.0]]) + draw.normal(0.0, spread, (2, 8))
    return none + 5.0 + pull + draw.normal(0.0, spread, 8), none, single


def test_by_hand():
    found = interaction([16.0, 18.0], [10.0, 10.0], [[12.0, 12.5], [12.0, 12.5]], DRAWS[:, :2])
    # excess 2 and 3, alone 4 and 5
    assert found.excess[0] == pytest.approx(2.5)
    assert found.alone == pytest.approx(4.5)
    assert found.error == pytest.approx(0.5)
    assert found.value == pytest.approx((2.5 / 4.5, 2.0 / 4.0, 3.0 / 5.0))
    assert found.excess[1:] == pytest.approx((2.0, 3.0))


def test_log_is_of_factors():
    none = np.array([10.0, 20.0, 40.0])
    found = interaction(6.0 * none, none, [2.0 * none, 3.0 * none], DRAWS[:, :3], log=True)
    assert found.value == pytest.approx((0.0, 0.0, 0.0), abs=1e-9)
    assert found.alone == pytest.approx(math.log(6.0))
    raw = interaction(6.0 * none, none, [2.0 * none, 3.0 * none], DRAWS[:, :3])
    assert raw.value[0] == pytest.approx(2.0 / 3.0)


@pytest.mark.parametrize("pull", [-2.0, 0.0, 2.0])
def test_interval_holds_what_was_put_in(pull):
    held = 0
    for seed in range(100):
        found = interaction(*runs(seed, pull), DRAWS)
        assert found.defined
        held += found.value[1] <= pull / 5.0 <= found.value[2]
    # percentiles of eight replicates are somewhat too narrow
    assert held >= 80


def test_undefined_near_zero():
    none = np.arange(8.0)
    wobble = np.array([1.0, -1.0] * 4)
    found = interaction(none + 1.0, none, [none + wobble, none - 0.9 * wobble], DRAWS)
    assert not found.defined
    assert np.isnan(found.value).all()
    assert found.excess[0] == pytest.approx(1.0)
    assert found.excess[1] < found.excess[2]


@pytest.mark.parametrize(("errors", "defined"), [(1.9, False), (2.1, True), (-2.1, True)])
def test_two_standard_errors_decide(errors, defined):
    wobble = np.array([1.0, -1.0] * 4)
    effect = wobble + errors * wobble.std(ddof=1) / np.sqrt(8)
    found = interaction(2.0 * effect, np.zeros(8), [effect], DRAWS)
    assert found.alone / found.error == pytest.approx(errors)
    assert found.defined is defined


def test_one_replicate_gives_no_interval():
    found = interaction([16.0], [10.0], [[12.0], [12.0]], DRAWS[:, :1])
    assert not found.defined
    assert found.excess[0] == pytest.approx(2.0)
    assert np.isnan([*found.excess[1:], found.error]).all()


@given(st.integers(0, 1000), st.floats(0.01, 100.0), st.floats(-50.0, 50.0))
def test_no_unit(seed, factor, shift):
    together, none, single = runs(seed, 1.0)
    found = interaction(together, none, single, DRAWS[:50])
    other = interaction(
        factor * together + shift, factor * none + shift, factor * single + shift, DRAWS[:50]
    )
    assert other.value == pytest.approx(found.value, rel=1e-6)


def orders(table, k):
    """Mean gain of each group over all orders in which groups join."""
    parts = np.zeros(k)
    for order in itertools.permutations(range(k)):
        have = 0
        for group in order:
            parts[group] += table[have | 1 << group] - table[have]
            have |= 1 << group
    return parts / math.factorial(k)


def test_shapley_by_hand():
    # none 0, first 1, second 2, both 6: half of the 3 beyond the sum goes to each
    assert shapley([0.0, 1.0, 2.0, 6.0]).tolist() == pytest.approx([2.5, 3.5])
    assert shapley_shares([0.0, 1.0, 2.0, 6.0]).tolist() == pytest.approx([2.5 / 6, 3.5 / 6])
    assert np.isnan(shapley_shares([1.0, 1.0])).all()


@given(st.integers(1, 6), st.integers(0, 1000))
def test_shapley_equals_the_mean_over_all_orders(k, seed):
    table = np.random.default_rng(seed).normal(size=2**k)
    parts = shapley(table)
    assert parts.tolist() == pytest.approx(orders(table, k).tolist())
    assert parts.sum() == pytest.approx(table[-1] - table[0])


def test_axioms_of_six_groups():
    draw = np.random.default_rng(2)
    worth, sets = draw.normal(size=6), np.arange(64)
    worth[4] = 0.0
    added = np.array([worth[[k for k in range(6) if s >> k & 1]].sum() for s in sets])
    assert shapley(added).tolist() == pytest.approx(worth.tolist())
    table = draw.normal(size=(64, 5))
    by_replicate = shapley(table)
    assert by_replicate.shape == (6, 5)
    assert by_replicate.mean(axis=1) == pytest.approx(shapley(table.mean(axis=1)))


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: interaction([1.0], [1.0, 2.0], [[1.0]], DRAWS[:, :1]), "same replicates"),
        (lambda: interaction([1.0], [1.0], [[1.0]], DRAWS[:, :2]), "draws must have 1 columns"),
        (lambda: interaction([1.0], [1.0], [[1.0]], [[1.0]]), "below 1"),
        (lambda: interaction([1.0], [0.0], [[1.0]], [[0.5]], log=True), "positive"),
        (lambda: interaction([1.0], [1.0], [[1.0]], [[0.5]], level=95), "level must be"),
        (lambda: shapley(np.zeros(6)), "power of two of rows, from 2, not 6"),
        (lambda: shapley(np.zeros(1)), "not 1"),
        (lambda: shapley([0.0, np.nan]), "table must be finite"),
    ],
)
def test_what_is_refused(call, words):
    with pytest.raises(ValueError, match=words):
        call()
