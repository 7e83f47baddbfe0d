"""Contrasts of factorials, Shapley's parts, and the error of sums of cells."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ydsim.measures.designs import CellError, effect_weights, own_weights, shapley
from ydsim.measures.effects import standard_error
from ydsim.measures.game import closed_in

EVERY = closed_in(6)
GAP = np.array([-1.0, 1.0, 0.0, 0.0])


def drawn(n, r, key=1):
    """Draws of replicates and picks of residuals, as a bootstrap takes them."""
    draw = np.random.default_rng(key)
    return draw.random((2000, r)), draw.integers(0, n * r, (2000, n, r))


def test_contrasts_find_effects_and_interactions_of_two():
    signs = np.where(EVERY, 1.0, -1.0)
    y = 10.0 + 3.0 * signs[:, 0] - signs[:, 4] + 0.5 * signs[:, 1] * signs[:, 2]
    y = y + 0.25 * signs[:, 0] * signs[:, 1] * signs[:, 3]
    found = {term: float((weights * y).sum()) for term, weights in effect_weights(EVERY).items()}
    asked = dict.fromkeys(found, 0.0) | {(0,): 6.0, (4,): -2.0, (1, 2): 1.0}
    assert found == pytest.approx(asked, abs=1e-12)
    assert list(found) == [*((k,) for k in range(6)), *itertools.combinations(range(6), 2)]


def test_the_cell_of_each_set_of_groups():
    cells = np.random.default_rng(3).permutation(64)
    assert (own_weights(EVERY[cells]) @ cells == np.arange(64)).all()


def test_pooled_error_by_hand():
    # residuals of a table of two by two are all d / 4 of the difference of differences d
    error = CellError.of(np.array([[-1.0, -3.0], [-2.0, -8.0]]))  # negative: not relative
    assert np.abs(error.left).tolist() == [[1.0, 1.0], [1.0, 1.0]]
    assert error.sd == pytest.approx(2.0)  # four squares of one, one degree of freedom
    assert error.pooled(np.array([-1.0, 1.0])) == pytest.approx(2.0)


def test_relative_errors_grow_with_the_cell():
    y = np.array([[90.0, 110.0], [2200.0, 1800.0], [100.0, 100.0]])
    error = CellError.of(y)
    large, small = (error.pooled(w) for w in np.eye(3)[[1, 0]])
    assert large == pytest.approx(20.0 * small)


def test_replicates_that_are_alike_by_chance_do_not_make_an_error_small():
    """All replicates have the same difference of the two cells; the other cells are noisy."""
    y = np.array([[100, 110, 120], [101, 111, 121], [100, 125, 90], [120, 104, 131]])
    found = CellError.of(-y.astype(float)).of_sum(GAP)
    assert found.estimate == pytest.approx(-1.0)
    assert found.low < -10.0
    assert found.high > 10.0


def test_an_effect_that_differs_between_replicates_keeps_its_own_wide_interval():
    draw = np.random.default_rng(2)
    y = 100.0 + draw.normal(0.0, 0.01, (64, 3))
    y[1] += np.array([0.0, 5.0, 10.0])
    weights = np.zeros(64)
    weights[:2] = -1.0, 1.0
    found = CellError.of(y).of_sum(weights)
    assert found.high - found.estimate == pytest.approx(4.3027 * 5.0 / math.sqrt(3.0), rel=0.01)


@pytest.mark.parametrize("replicates", [3, 8])
def test_intervals_of_sums_and_ratios_hold_what_was_planted(replicates):
    """At least as often as they say: they are the wider of two."""
    draw = np.random.default_rng(replicates)
    planted = np.array([100.0, 110.0, 120.0, 150.0, 100.0, 110.0, 120.0, 150.0])
    above = np.array([1.0, -1.0, -1.0, 1.0, 0.0, 0.0, 0.0, 0.0])
    below = np.array([-2.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0])
    held, chance = {"sum": 0, "ratio": 0, "bootstrap": 0}, drawn(8, replicates)
    for _ in range(100):
        block = 1.0 + draw.normal(0.0, 0.1, replicates)
        y = planted[:, None] * block * (1.0 + draw.normal(0.0, 0.01, (8, replicates)))
        error = CellError.of(y / block.mean())
        for name, found, true in (
            ("sum", error.of_sum(above), 20.0),
            ("ratio", error.of_ratio(above, below), 20.0 / 30.0),
            ("bootstrap", error.bootstrap_ratio(above, below, *chance), 20.0 / 30.0),
        ):
            held[name] += found.low <= true <= found.high
    assert min(held["sum"], held["ratio"]) >= 92
    assert held["bootstrap"] >= 85


def test_a_ratio_to_what_may_be_zero_is_undefined():
    y = np.random.default_rng(1).normal(100.0, 5.0, (4, 4))
    error = CellError.of(y)
    assert error.near_zero(GAP)
    assert math.isnan(error.of_ratio(np.ones(4), GAP).estimate)
    assert math.isnan(error.bootstrap_ratio(np.ones(4), GAP, *drawn(4, 4)).estimate)


@pytest.mark.parametrize(("errors", "defined"), [(1.9, False), (2.1, True), (-2.1, True)])
def test_two_standard_errors_decide(errors, defined):
    wobble = np.array([1.0, -1.0] * 4)
    effect = wobble + errors * standard_error(wobble)
    error = CellError.of(np.stack([effect, effect]))  # cells move alike: no pooled error
    found = error.bootstrap_ratio(*np.eye(2), *drawn(2, 8))
    assert [math.isfinite(found.estimate), math.isfinite(found.low)] == [defined] * 2


def test_a_ratio_of_what_moves_alike_has_no_error():
    error = CellError.of(np.random.default_rng(4).normal(100.0, 5.0, (4, 5)))
    below = np.array([0.5, 0.25, 0.25, 0.0])
    found = error.of_ratio(2.0 * below, below)
    assert [found.low, found.estimate, found.high] == pytest.approx([2.0, 2.0, 2.0])


@pytest.mark.parametrize("values", [[[1.0], [2.0]], [[1.0, 2.0], [2.0, 3.1]]])
def test_fewer_than_three_replicates_have_no_interval(values):
    error = CellError.of(np.array(values))
    found = error.of_sum(np.array([-1.0, 1.0]))
    assert found.estimate == pytest.approx(1.0, abs=0.06)
    assert math.isnan(found.low)
    assert math.isnan(error.of_ratio(np.ones(2), np.ones(2)).estimate)


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


@given(st.integers(1, 6), st.integers(0, 1000))
def test_shapley_equals_the_mean_over_all_orders(k, seed):
    table = np.random.default_rng(seed).normal(size=2**k)
    parts = shapley(table)
    assert parts.tolist() == pytest.approx(orders(table, k).tolist())
    assert parts.sum() == pytest.approx(table[-1] - table[0])
