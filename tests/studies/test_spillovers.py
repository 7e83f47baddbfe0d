"""Rings and pools: regressors by hand and by loops, planted reach and spillovers, bad input."""

import numpy as np
import pytest

from tests.support.panels import coverage
from ydsim.studies.estimators import (
    closeness,
    far_in_network,
    fit_linear,
    fit_poisson,
    margin_weight,
    nearest_treated,
    nearness,
    pool,
    pool_of_shares,
    reach,
    ring_dummies,
    ring_names,
    ring_sums,
    social_over_private,
    stock,
)

EDGES = (0.0, 100.0, 250.0)
NEAR, FAR = ring_names(EDGES)
OPTIONS = {"effects": ["firm", "year"], "cluster": "firm"}


def places(seed, number=41):
    draw = np.random.default_rng(seed)
    at = draw.uniform(0.0, 500.0, (number, 2))
    return draw, np.sqrt(((at[:, None] - at[None]) ** 2).sum(axis=2))


def granted(seed, own=0.30, near=0.06, far=0.02, years=8, fields=3):
    """Fields x cities x years: grants to random cities lift patents there and around."""
    draw, distance = places(seed)
    p, t, f = (a.ravel() for a in np.mgrid[:41, :years, :fields])
    grant = draw.poisson(0.15, (fields, 41, years)).astype(float)
    around = [ring_sums(distance, grant[k], EDGES) for k in range(fields)]
    table = {"city": p, "year": t, "field": f, "own": grant[f, p, t]}
    for name in (NEAR, FAR):
        table[name] = np.stack([a[name] for a in around])[f, p, t]
    a, d = draw.normal(0, 0.5, (fields, 41)), draw.normal(0, 0.2, (fields, years))
    log = 2.0 + a[f, p] + d[f, t] + own * table["own"] + near * table[NEAR] + far * table[FAR]
    table["y"] = draw.poisson(np.exp(log)).astype(float)
    return table, np.exp(log)


def fit(table):
    keys = [("field", "city"), ("field", "year")]
    return fit_poisson(table, "y", ["own", NEAR, FAR], effects=keys, cluster="city")


def test_rings_by_hand():
    """On a line at 0, 50, 100 and 300 km; those at 0 and 300 are treated in 2001 and 2003."""
    at = np.array([0.0, 50.0, 100.0, 300.0])
    distance = np.abs(at[:, None] - at)
    date = np.array([2001.0, np.nan, np.nan, 2003.0])
    times = np.array([2000.0, 2001.0, 2003.0])
    inf = np.inf
    expected = [[inf, inf, 300], [inf, 50, 50], [inf, 100, 100], [inf, 300, 300]]
    np.testing.assert_array_equal(nearest_treated(distance, date, times), expected)
    found = ring_dummies(distance, date, times, EDGES)
    assert list(found) == ["ring_0_100", "ring_100_250"]
    np.testing.assert_array_equal(found["ring_0_100"], [[0, 0, 0], [0, 1, 1], [0] * 3, [0] * 3])
    np.testing.assert_array_equal(found["ring_100_250"], [[0] * 3, [0] * 3, [0, 1, 1], [0] * 3])
    sums = ring_sums(distance, np.array([[1.0], [10.0], [100.0], [1000.0]]), EDGES)
    np.testing.assert_array_equal(sums["ring_0_100"][:, 0], [10, 101, 10, 0])
    np.testing.assert_array_equal(sums["ring_100_250"][:, 0], [100, 0, 1001, 100])


def test_reach_by_hand():
    """A yuan at home adds b0 y there, and b1 y in each place of the ring."""
    own, near = np.tile([1.0, 0.0, 0.0, 0.0], 20), np.tile([0.0, 1.0, 1.0, 0.0], 20)
    y = np.tile([2.0, 4.0, 6.0, 1.0], 20) + np.linspace(0, 1, 80)
    table = {"own": own, NEAR: near, "y": y}
    some = fit_linear(table, "y", ["own", NEAR])
    b0, b1 = some.coefficient
    others = b1 * (y * near).sum() / (b0 * (y * own).sum())
    every = ["own", NEAR]
    assert reach(some, table, "y", every, ["own"]).estimate == pytest.approx(1 + others)
    assert reach(some, table, "y", [NEAR], ["own"]).estimate == pytest.approx(others)
    share = reach(some, table, "y", [NEAR], every).estimate
    assert share == pytest.approx(others / (1 + others))
    holed = {"y": np.append(y, np.nan), "own": np.append(own, 9.0), NEAR: np.append(near, 9.0)}
    assert reach(some, holed, "y", every, ["own"]).estimate == pytest.approx(1 + others)


@pytest.mark.slow
def test_planted_reach_is_covered_and_placebos_are_one():
    totals, near, shares, true_total, true_share = [], [], [], [], []
    for seed in range(50):
        table, mu = granted(seed)
        found = fit(table)
        totals.append(reach(found, table, "y", ["own", NEAR, FAR], ["own"]))
        shares.append(reach(found, table, "y", [FAR], ["own", NEAR, FAR]))
        near.append(found[NEAR])
        m = [float((mu * table[name]).sum()) for name in ("own", NEAR, FAR)]
        whole = 0.30 * m[0] + 0.06 * m[1] + 0.02 * m[2]
        true_total.append(whole / (0.30 * m[0]))
        true_share.append(0.02 * m[2] / whole)
    assert coverage(near, 0.06) >= 0.85
    assert np.mean([e.holds(v) for e, v in zip(totals, true_total, strict=True)]) >= 0.85
    assert np.mean([e.estimate for e in totals]) == pytest.approx(np.mean(true_total), rel=0.05)
    assert 1.5 < np.mean(true_total) < 5.0
    assert np.mean([e.holds(v) for e, v in zip(shares, true_share, strict=True)]) >= 0.85
    none = [granted(seed, near=0.0, far=0.0)[0] for seed in range(50)]
    found = [reach(fit(table), table, "y", ["own", NEAR, FAR], ["own"]) for table in none]
    assert coverage(found, 1.0) >= 0.85


def test_rings_of_dates_find_where_an_effect_ends():
    near, far = [], []
    for seed in range(50):
        draw, distance = places(seed)
        times = np.arange(2008.0, 2019.0)
        date = np.where(draw.uniform(size=41) < 0.25, draw.integers(2010, 2017, 41), np.nan)
        found = ring_dummies(distance, date, times, (0.0, 80.0, 160.0))
        p, t = (a.ravel() for a in np.mgrid[:41, :11])
        table = {name: d[p, t] for name, d in found.items()}
        table["on"] = (times[t] >= date[p]).astype(float)
        y = 0.5 * table["on"] + 0.2 * table["ring_0_80"] + draw.normal(0, 1, 41)[p]
        table.update(p=p, t=t, y=y + draw.normal(0, 0.2, len(p)))
        names = ["on", "ring_0_80", "ring_80_160"]
        one = fit_linear(table, "y", names, effects=["p", "t"], cluster="p")
        near.append(one["ring_0_80"])
        far.append(one["ring_80_160"])
    assert coverage(near, 0.2) >= 0.85
    assert coverage(far, 0.0) >= 0.85
    assert coverage(near, 0.0) < 0.1


def test_bad_rings():
    for edges in [(0.0,), (0.0, 0.0), (100.0, 50.0), ()]:
        with pytest.raises(ValueError, match="edges"):
            ring_names(edges)
    _, distance = places(2, 4)
    with pytest.raises(ValueError, match=r"distance.*\(4, 4\), date has 3 places"):
        nearest_treated(distance, np.zeros(3), np.zeros(2))
    with pytest.raises(ValueError, match="treatment has 5 places"):
        ring_sums(distance, np.zeros((5, 2)), EDGES)
    table, _ = granted(3)
    table[FAR] = np.zeros(len(table["y"]))
    found = fit(table)
    assert np.isnan(found[FAR].estimate)  # an empty ring
    assert np.isfinite(found[NEAR].estimate)
    with pytest.raises(ValueError, match=r"'onw'.*'own'"):
        reach(found, table, "y", [NEAR], ["onw"])
    with pytest.raises(ValueError, match="no coefficient 'year'"):
        reach(found, table, "y", ["year"], ["own"])


def test_stocks_by_hand():
    research = np.array([[10.0, 20.0, 0.0]])
    first = 10.0 / 0.20
    expected = [[first, 0.85 * first + 20.0, 0.85 * (0.85 * first + 20.0)]]
    np.testing.assert_allclose(stock(research), expected)
    assert research[0, 0] == 10.0  # what was handed in stays
    # constant research keeps its stock where it did not grow before
    np.testing.assert_allclose(stock(np.full((2, 30), 3.0), growth=0.0), 20.0)
    np.testing.assert_array_equal(stock(np.array([[1, 5]]), 1.0, 0.0), [[1.0, 5.0]])


def test_weights_by_hand():
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
    found = nearness(np.array([[0.0, 100.0], [100.0, 0.0]]), 50.0)
    np.testing.assert_allclose(found, [[0.0, np.exp(-2.0)], [np.exp(-2.0), 0.0]])


def test_pools_by_hand_leave_out_oneself():
    weights = np.array([[9.0, 1.0, 0.5], [1.0, 9.0, 0.0], [0.5, 0.0, 9.0]])
    stocks = np.array([[1.0, 2.0], [10.0, 20.0], [100.0, 200.0]])
    np.testing.assert_allclose(pool(weights, stocks), [[60, 120], [1, 2], [0.5, 1]])
    assert weights[0, 0] == 9.0  # what was handed in stays
    draw = np.random.default_rng(3)
    shares, stocks = draw.uniform(size=(30, 5)), draw.uniform(1.0, 2.0, (30, 6))
    shares[4] = 0.0
    np.testing.assert_allclose(pool_of_shares(shares, stocks), pool(closeness(shares), stocks))
    assert (pool_of_shares(shares, stocks)[4] == 0.0).all()


def test_steps_in_a_network_by_hand():
    """A chain of five, and one apart."""
    ties = np.zeros((6, 6), dtype=bool)
    for i in range(4):
        ties[i, i + 1] = True  # one direction is enough
    far = far_in_network(ties)
    pairs = {(i, j) for i, j in np.argwhere(far).tolist()}
    assert pairs == {(0, 3), (3, 0), (1, 4), (4, 1), (0, 4), (4, 0)}
    assert far_in_network(ties, 3, 3).sum() == 4
    assert not far[5].any()


def test_the_weight_of_pools_by_hand():
    """Alike and fully tied: one. Else what others gain by a yuan over what its owner gains."""
    alike = margin_weight(np.full(4, 7.0), np.full(4, 3.0), np.full(4, 9.0), np.full(4, 3.0))
    assert alike == pytest.approx(1.0)
    y, s = np.array([4.0, 6.0, 10.0]), np.array([1.0, 2.0, 5.0])
    w = np.array([[0.0, 1.0, 0.5], [1.0, 0.0, 0.0], [0.0, 0.0, 0.0]])
    gain = 4 * (1.0 + 0.5) / (2 + 2.5) + 6 * 1.0 / 1.0
    found = margin_weight(y, s, pool(w, s[:, None])[:, 0], w.sum(axis=1))
    assert found == pytest.approx(gain / (4 + 3 + 2))


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


def test_planted_spillovers_and_their_ratio_are_covered():
    fits = [fit_linear(firms(s), "y", ["own", "tec", "space"], **OPTIONS) for s in range(50)]
    assert coverage([f["tec"] for f in fits], 0.15) >= 0.85
    assert coverage([f["space"] for f in fits], 0.0) >= 0.85
    assert coverage([f["tec"] for f in fits], 0.0) < 0.5
    ratios = [social_over_private(f, "own", {"tec": 1.0}) for f in fits]
    assert coverage(ratios, 3.5) >= 0.85
    assert np.median([r.estimate for r in ratios]) == pytest.approx(3.5, rel=0.1)
    none = [fit_linear(firms(s, tec=0.0), "y", ["own", "tec"], **OPTIONS) for s in range(50)]
    assert coverage([social_over_private(f, "own", {"tec": 1.0}) for f in none], 1.0) >= 0.85


def test_the_ratio_with_its_interval_by_hand():
    found = fit_linear(firms(1), "y", ["own", "tec", "space"], **OPTIONS)
    (a, b, c), v = found.coefficient, found.covariance
    ratio = social_over_private(found, "own", {"tec": 1.0, "space": 0.5}, stolen=0.02)
    private = a + 0.02
    assert ratio.estimate == pytest.approx((a + b + 0.5 * c) / private)
    h = np.array([(private - (a + b + 0.5 * c)) / private**2, 1 / private, 0.5 / private])
    assert ratio.se == pytest.approx(np.sqrt(h @ v @ h))


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: stock(np.ones((2, 2)), 0.0), "depreciation"),
        (lambda: stock(np.ones((2, 2)), 0.1, -0.1), "depreciation"),
        (lambda: closeness(np.array([[-1.0, 2.0]])), "shares"),
        (lambda: closeness(np.array([[np.nan, 2.0]])), "shares"),
        (lambda: pool_of_shares(np.ones((2, 3)), np.ones((3, 2))), "shares have 2 rows, stocks 3"),
        (lambda: pool_of_shares(-np.ones((2, 3)), np.ones((2, 2))), "shares"),
        (lambda: nearness(np.ones((2, 2)), 0.0), "reach"),
        (lambda: pool(np.ones((2, 3)), np.ones((2, 2))), r"weights.*\(2, 3\)"),
        (lambda: far_in_network(np.ones((2, 3), dtype=bool)), "square"),
        (lambda: margin_weight(*np.array([[1.0], [0.0], [1.0], [1.0]])), "no firm has both"),
    ],
)
def test_bad_pools(call, said):
    with pytest.raises(ValueError, match=said):
        call()
