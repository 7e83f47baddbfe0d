"""Pools: stocks, cosines and networks by hand; planted spillovers; social over private returns."""

import numpy as np
import pytest

from tests.support.panels import coverage
from ydsim.analysis.estimators.linear import fit_instrumented, fit_linear
from ydsim.analysis.estimators.pools import (
    closeness,
    far_in_network,
    margin_weight,
    nearness,
    pool,
    pool_of_shares,
    social_over_private,
    stock,
)


def test_stocks_by_hand():
    found = stock(np.array([[10.0, 20.0, 0.0]]))
    first = 10.0 / 0.20
    np.testing.assert_allclose(found, [[first, 0.85 * first + 20.0, 0.85 * (0.85 * first + 20.0)]])
    # constant research keeps its stock where it did not grow before
    np.testing.assert_allclose(stock(np.full((2, 30), 3.0), growth=0.0), 20.0)
    np.testing.assert_array_equal(stock(np.array([[1.0, 5.0]]), 1.0, 0.0), [[1.0, 5.0]])


def test_closeness_by_hand():
    shares = np.array([[1.0, 0.0], [0.0, 1.0], [0.5, 0.5], [0.0, 0.0], [30.0, 30.0]])
    half = np.sqrt(0.5)
    expected = [
        [0, 0, half, 0, half],
        [0, 0, half, 0, half],
        [half, half, 0, 0, 1],
        [0, 0, 0, 0, 0],
        [half, half, 1, 0, 0],
    ]
    np.testing.assert_allclose(closeness(shares), expected, atol=1e-15)


def test_pools_by_hand_leave_out_oneself():
    weights = np.array([[9.0, 1.0, 0.5], [1.0, 9.0, 0.0], [0.5, 0.0, 9.0]])
    stocks = np.array([[1.0, 2.0], [10.0, 20.0], [100.0, 200.0]])
    np.testing.assert_allclose(pool(weights, stocks), [[60, 120], [1, 2], [0.5, 1]])
    assert weights[0, 0] == 9.0  # what was handed in stays


def test_pools_of_shares_are_those_of_their_cosines():
    draw = np.random.default_rng(3)
    shares = draw.uniform(size=(30, 5))
    shares[4] = 0.0
    stocks = draw.uniform(1.0, 2.0, (30, 6))
    np.testing.assert_allclose(pool_of_shares(shares, stocks), pool(closeness(shares), stocks))
    assert (pool_of_shares(shares, stocks)[4] == 0.0).all()


def test_nearness_by_hand():
    found = nearness(np.array([[0.0, 100.0], [100.0, 0.0]]), 50.0)
    np.testing.assert_allclose(found, [[0.0, np.exp(-2.0)], [np.exp(-2.0), 0.0]])


def test_steps_in_a_network_by_hand():
    """A chain of five, and one apart."""
    ties = np.zeros((6, 6), dtype=bool)
    for i in range(4):
        ties[i, i + 1] = True  # one direction is enough
    far = far_in_network(ties)
    pairs = {(i, j) for i, j in np.argwhere(far).tolist()}
    assert pairs == {(0, 3), (3, 0), (1, 4), (4, 1), (0, 4), (4, 0)}
    only = far_in_network(ties, 3, 3)
    assert only.sum() == 4
    assert not far[5].any()


def test_the_weight_of_pools_by_hand():
    """Alike and fully tied: one. Else what others gain by a yuan over what its owner gains."""
    alike = np.ones((4, 4))
    assert margin_weight(np.full(4, 7.0), np.full(4, 3.0), alike) == pytest.approx(1.0)
    y, s = np.array([4.0, 6.0, 10.0]), np.array([1.0, 2.0, 5.0])
    w = np.array([[0.0, 1.0, 0.5], [1.0, 0.0, 0.0], [0.0, 0.0, 0.0]])
    gain = 4 * (1.0 + 0.5) / (2 + 2.5) + 6 * 1.0 / 1.0
    assert margin_weight(y, s, w) == pytest.approx(gain / (4 + 3 + 2))


def firms(seed, own=0.06, tec=0.15, space=0.0, number=80, years=8):
    """Sales by own stock and pools of last year; firms and years have levels of their own."""
    draw = np.random.default_rng(seed)
    shares = draw.dirichlet(np.full(6, 0.3), number)
    level = draw.normal(0, 1, number)
    flow = np.exp(level[:, None] + np.cumsum(draw.normal(0, 0.35, (number, years)), axis=1))
    s = stock(flow)
    at = draw.uniform(0, 400, (number, 2))
    distance = np.sqrt(((at[:, None] - at[None]) ** 2).sum(axis=2))
    pools = {"tec": pool(closeness(shares), s), "space": pool(nearness(distance, 60.0), s)}
    log = {"own": np.log(s), **{name: np.log(v) for name, v in pools.items()}}
    y = own * log["own"] + tec * log["tec"] + space * log["space"]
    y = y + 0.5 * level[:, None] + draw.normal(0, 0.1, years) + draw.normal(0, 0.02, s.shape)
    i, t = (a.ravel() for a in np.mgrid[:number, 1:years])
    table = {"firm": i, "year": t, "y": y[i, t - 1]}
    return {**table, **{name: v[i, t - 1] for name, v in log.items()}}


OPTIONS = {"effects": ["firm", "year"], "cluster": "firm"}


def test_planted_spillovers_and_their_ratio_are_covered():
    fits = [fit_linear(firms(s), "y", ["own", "tec", "space"], **OPTIONS) for s in range(50)]
    assert coverage([f["tec"] for f in fits], 0.15) >= 0.85
    assert coverage([f["space"] for f in fits], 0.0) >= 0.85
    assert coverage([f["tec"] for f in fits], 0.0) < 0.5
    ratios = [social_over_private(f, "own", {"tec": 1.0}) for f in fits]
    assert coverage(ratios, 3.5) >= 0.85
    assert np.median([r.estimate for r in ratios]) == pytest.approx(3.5, rel=0.1)


def test_placebo_ratio_is_one():
    fits = [fit_linear(firms(s, tec=0.0), "y", ["own", "tec"], **OPTIONS) for s in range(50)]
    assert coverage([social_over_private(f, "own", {"tec": 1.0}) for f in fits], 1.0) >= 0.85


def test_the_ratio_with_its_interval_by_hand():
    fit = fit_linear(firms(1), "y", ["own", "tec", "space"], **OPTIONS)
    (a, b, c), v = fit.coefficient, fit.covariance
    found = social_over_private(fit, "own", {"tec": 1.0, "space": 0.5}, stolen=0.02)
    assert found.estimate == pytest.approx((a + b + 0.5 * c) / (a + 0.02))
    private = a + 0.02
    h = np.array([(private - (a + b + 0.5 * c)) / private**2, 1 / private, 0.5 / private])
    assert found.se == pytest.approx(np.sqrt(h @ v @ h))
    none = social_over_private(fit, "own", {"tec": 1.0, "space": 0.5})
    small = social_over_private(fit, "own", {"tec": 1.0, "space": 0.5}, stolen=1e-12)
    assert small.se == pytest.approx(none.se)


def tied(seed, number=60, years=10):
    """A shock moves a firm and its partners' research; research far away moves the latter alone."""
    draw = np.random.default_rng(seed)
    ring = np.arange(number)
    ties = np.zeros((number, number), dtype=bool)
    for step in (1, 2):
        ties[ring, (ring + step) % number] = True
    ties |= ties.T
    far = far_in_network(ties, 3, 4)
    shock = draw.normal(0, 1, (number, years))
    base = draw.normal(0, 1, (number, years))
    # partners of partners, and theirs, copy the news of those far away
    news = pool(far.astype(float), base) / far.sum(axis=1)[:, None]
    partners = news * 2 + shock + draw.normal(0, 0.3, base.shape)
    y = 0.3 * base + 0.12 * partners + 0.5 * shock + draw.normal(0, 0.2, base.shape)
    i, t = (a.ravel() for a in np.mgrid[:number, :years])
    names = {"y": y, "own": base, "ties": partners, "far": news}
    return {"firm": i, "year": t, **{name: v[i, t] for name, v in names.items()}}


def test_far_research_is_an_instrument_for_that_of_ties():
    tables = [tied(s) for s in range(50)]
    two = [fit_instrumented(t, "y", ["ties"], ["far"], ["own"], **OPTIONS) for t in tables]
    assert coverage([f.fit["ties"] for f in two], 0.12) >= 0.85
    assert min(f.strength["ties"] for f in two) > 10
    one = [fit_linear(t, "y", ["own", "ties"], **OPTIONS)["ties"] for t in tables]
    assert coverage(one, 0.12) < 0.1
    ratios = [social_over_private(f.fit, "own", {"ties": 1.0}) for f in two]
    assert coverage(ratios, 1.4) >= 0.85


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: stock(np.ones((2, 2)), 0.0), "depreciation must be above 0"),
        (lambda: stock(np.ones((2, 2)), 0.1, -0.1), "depreciation must be above 0"),
        (lambda: closeness(np.array([[-1.0, 2.0]])), "shares of fields must be finite and not"),
        (lambda: closeness(np.array([[np.nan, 2.0]])), "shares of fields must be finite and not"),
        (lambda: pool_of_shares(np.ones((2, 3)), np.ones((3, 2))), "shares have 2 rows, stocks 3"),
        (lambda: pool_of_shares(-np.ones((2, 3)), np.ones((2, 2))), "shares of fields must be"),
        (lambda: nearness(np.ones((2, 2)), 0.0), "reach must be above zero"),
        (lambda: pool(np.ones((2, 3)), np.ones((2, 2))), r"weights have the shape \(2, 3\)"),
        (lambda: far_in_network(np.ones((2, 3), dtype=bool)), "a square one is needed"),
        (lambda: margin_weight(np.ones(2), np.zeros(2), np.ones((2, 2))), "no firm has both"),
    ],
)
def test_bad_input_gets_one_line(call, message):
    with pytest.raises(ValueError, match=message):
        call()
