"""What groups do alone and together, on outcomes that are worked by hand."""

import math

import numpy as np
import pytest

from ydsim.analysis.cells import sets
from ydsim.analysis.joint import joints, moving

GROUPS = ("a", "b", "c")
EVERY = sets(3)


def outcomes(pull=0.0, *, replicates=4, noise=0.0):
    """Effects of 1, 2 and 3, and ``pull`` where a and b meet; replicates start at other levels."""
    draw = np.random.default_rng(5)
    base = 100.0 + 10.0 * np.arange(replicates)
    y = base + (EVERY @ np.array([1.0, 2.0, 3.0]))[:, None]
    y = y + pull * (EVERY[:, 0] & EVERY[:, 1])[:, None]
    return y + draw.normal(0.0, noise, y.shape)


def readings(y):
    return {(one.scale, one.cells): one for one in joints("launches", GROUPS, EVERY, y)}


def test_sums_have_no_resonance_and_more_than_sums_do():
    one = readings(outcomes())[("raw", "run")]
    assert (one.alone.estimate, one.together.estimate) == pytest.approx((6.0, 6.0))
    assert one.s.estimate == pytest.approx(0.0)
    one = readings(outcomes(3.0))[("raw", "run")]
    assert one.excess.estimate == pytest.approx(3.0)
    assert one.s.estimate == pytest.approx(0.5)
    # bases of 100 to 130 with equal effects are a little noise where it is taken as relative
    assert 0.25 < one.s.low <= 0.5 <= one.s.high < 0.8


def test_what_two_groups_do_together_is_halved_between_them():
    one = readings(outcomes(3.0))[("raw", "run")]
    parts = {name: part.estimate for name, part in one.parts.items()}
    assert parts == pytest.approx({"a": 2.5, "b": 3.5, "c": 3.0})
    shares = {name: share.estimate for name, share in one.shares.items()}
    assert shares == pytest.approx({"a": 2.5 / 9.0, "b": 3.5 / 9.0, "c": 3.0 / 9.0})
    single = {name: effect.estimate for name, effect in one.single.items()}
    assert single == pytest.approx({"a": 1.0, "b": 2.0, "c": 3.0})


def test_both_readings_agree_where_no_three_groups_interact():
    found = readings(outcomes(3.0))
    run, pairs = found[("raw", "run")], found[("raw", "pairs")]
    assert pairs.excess.estimate == pytest.approx(run.excess.estimate)
    assert pairs.lack.estimate == pytest.approx(0.0, abs=1e-9)


def test_three_groups_that_interact_are_what_pairs_lack():
    y = outcomes()
    y[-1] += 8.0
    one = readings(y)[("raw", "pairs")]
    # 8 at one of 8 cells is 1 of the product of the three signs: +1 with all, -1 with none
    assert one.lack.estimate == pytest.approx(2.0)
    assert one.lack.low > 0.0
    assert readings(y)[("raw", "run")].lack.estimate == 0.0


def test_products_have_no_resonance_in_logarithms():
    factor = 1.0 + EVERY * np.array([0.1, 0.2, 0.3])
    y = factor.prod(axis=1)[:, None] * np.array([10.0, 20.0, 40.0])
    found = readings(y)
    assert found[("log", "run")].excess.estimate == pytest.approx(0.0, abs=1e-12)
    assert found[("log", "run")].s.estimate == pytest.approx(0.0, abs=1e-12)
    assert found[("raw", "run")].s.estimate > 0.05
    assert found[("log", "run")].alone.estimate == pytest.approx(math.log(1.1 * 1.2 * 1.3))


def test_without_logarithms_where_an_outcome_is_not_positive():
    assert {scale for scale, _ in readings(outcomes() - 100.0)} == {"raw"}


def test_s_and_shares_are_undefined_near_zero():
    y = np.random.default_rng(1).normal(100.0, 5.0, (8, 6))
    one = readings(y)[("raw", "run")]
    assert not one.defined
    assert math.isnan(one.s.low)
    assert math.isfinite(one.excess.low)
    assert all(math.isnan(share.estimate) for share in one.shares.values())


def test_one_replicate_gives_values_and_no_intervals():
    one = readings(outcomes(3.0, replicates=1))[("raw", "run")]
    assert one.excess.estimate == pytest.approx(3.0)
    assert math.isnan(one.excess.low)
    assert not one.defined
    assert all(math.isnan(share.estimate) for share in one.shares.values())


def test_the_same_bytes_at_each_call():
    y = outcomes(3.0, noise=0.5)
    assert readings(y) == readings(y)


def test_provinces_in_step_and_against():
    t = np.arange(9)
    wave = 0.05 * np.sin(2.0 * np.pi * t / 4.0)
    step = np.exp(0.02 * t + np.array([[1.0], [1.0], [1.0]]) * wave)
    against = np.exp(0.02 * t + np.array([[1.0], [-1.0], [1.0]]) * wave)
    on, off = np.tile(step, (3, 1, 1)), np.tile(against, (3, 1, 1))
    found = moving("launches", on, off)
    assert found.correlation.estimate == pytest.approx(1.0)
    assert found.correlation_gain.estimate == pytest.approx(4.0 / 3.0)
    assert found.order.estimate == pytest.approx(1.0)
    assert found.order_gain.estimate == pytest.approx(2.0 / 3.0, abs=0.02)


def test_growth_of_nothing_is_not_compared():
    found = moving("launches", np.zeros((2, 3, 8)), np.ones((2, 3, 8)))
    assert math.isnan(found.correlation.estimate)
