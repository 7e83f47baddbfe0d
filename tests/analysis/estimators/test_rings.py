"""Rings: regressors by hand and by loops, reach planted and recovered, edges."""

import numpy as np
import pytest

from tests.support.panels import coverage
from ydsim.analysis.estimators.linear import fit_linear
from ydsim.analysis.estimators.poisson import fit_poisson
from ydsim.analysis.estimators.rings import (
    nearest_treated,
    reach,
    ring_dummies,
    ring_names,
    ring_sums,
    share_of,
)

EDGES = (0.0, 100.0, 250.0)
NEAR, FAR = ring_names(EDGES)


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


def test_by_hand():
    """On a line at 0, 50, 100 and 300 km; those at 0 and 300 are treated in 2001 and 2003."""
    at = np.array([0.0, 50.0, 100.0, 300.0])
    distance = np.abs(at[:, None] - at)
    date = np.array([2001.0, np.nan, np.nan, 2003.0])
    times = np.array([2000.0, 2001.0, 2003.0])
    near = nearest_treated(distance, date, times)
    inf = np.inf
    expected = [[inf, inf, 300], [inf, 50, 50], [inf, 100, 100], [inf, 300, 300]]
    np.testing.assert_array_equal(near, expected)
    found = ring_dummies(distance, date, times, EDGES)
    assert list(found) == ["ring_0_100", "ring_100_250"]
    np.testing.assert_array_equal(found["ring_0_100"], [[0, 0, 0], [0, 1, 1], [0] * 3, [0] * 3])
    np.testing.assert_array_equal(found["ring_100_250"], [[0] * 3, [0] * 3, [0, 1, 1], [0] * 3])
    sums = ring_sums(distance, np.array([[1.0], [10.0], [100.0], [1000.0]]), EDGES)
    np.testing.assert_array_equal(sums["ring_0_100"][:, 0], [10, 101, 10, 0])
    np.testing.assert_array_equal(sums["ring_100_250"][:, 0], [100, 0, 1001, 100])


def test_sums_are_those_of_loops():
    draw, distance = places(1, 12)
    g = draw.normal(0, 1, (12, 3))
    found = ring_sums(distance, g, EDGES)
    for (a, b), name in zip(((0, 100), (100, 250)), found, strict=True):
        for p in range(12):
            for t in range(3):
                true = sum(g[q, t] for q in range(12) if q != p and a <= distance[p, q] < b)
                assert found[name][p, t] == pytest.approx(true)


def test_reach_by_hand():
    """A yuan at home adds b0 y there, and b1 y in each place of the ring."""
    own, near = np.tile([1.0, 0.0, 0.0, 0.0], 20), np.tile([0.0, 1.0, 1.0, 0.0], 20)
    y = np.tile([2.0, 4.0, 6.0, 1.0], 20) + np.linspace(0, 1, 80)
    table = {"own": own, NEAR: near, "y": y}
    some = fit_linear(table, "y", ["own", NEAR])
    b0, b1 = some.coefficient
    others = b1 * (y * near).sum() / (b0 * (y * own).sum())
    assert reach(some, table, "y", "own", [NEAR]).estimate == pytest.approx(1 + others)
    assert reach(some, table, "y", "own", [NEAR], part=True).estimate == pytest.approx(others)
    holed = {**table, "y": np.append(y, np.nan), "own": np.append(own, 9.0)}
    holed[NEAR] = np.append(near, 9.0)
    assert reach(some, holed, "y", "own", [NEAR]).estimate == pytest.approx(1 + others)
    share = share_of(some, table, "y", [NEAR], ["own", NEAR]).estimate
    assert share == pytest.approx(others / (1 + others))


@pytest.mark.slow
def test_planted_reach_is_covered():
    totals, near, shares = [], [], []
    true_total, true_share = [], []
    for seed in range(50):
        table, mu = granted(seed)
        found = fit(table)
        totals.append(reach(found, table, "y", "own", [NEAR, FAR]))
        shares.append(share_of(found, table, "y", [FAR], ["own", NEAR, FAR]))
        near.append(found[NEAR])
        m = [float((mu * table[name]).sum()) for name in ("own", NEAR, FAR)]
        whole = 0.30 * m[0] + 0.06 * m[1] + 0.02 * m[2]
        true_total.append(whole / (0.30 * m[0]))
        true_share.append(0.02 * m[2] / whole)
    assert coverage(near, 0.06) >= 0.85
    hit = [e.holds(v) for e, v in zip(totals, true_total, strict=True)]
    assert np.mean(hit) >= 0.85
    assert np.mean([e.estimate for e in totals]) == pytest.approx(np.mean(true_total), rel=0.05)
    assert 1.5 < np.mean(true_total) < 5.0
    assert np.mean([e.holds(v) for e, v in zip(shares, true_share, strict=True)]) >= 0.85


@pytest.mark.slow
def test_placebo_reach_is_one():
    found = []
    for seed in range(50):
        table, _ = granted(seed, near=0.0, far=0.0)
        found.append(reach(fit(table), table, "y", "own", [NEAR, FAR]))
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


@pytest.mark.parametrize("edges", [(0.0,), (0.0, 0.0), (100.0, 50.0), ()])
def test_edges_must_rise(edges):
    with pytest.raises(ValueError, match="edges of rings must rise"):
        ring_names(edges)


def test_shapes_and_names_are_checked():
    _, distance = places(2, 4)
    with pytest.raises(ValueError, match=r"distance has the shape \(4, 4\), date has 3 places"):
        nearest_treated(distance, np.zeros(3), np.zeros(2))
    with pytest.raises(ValueError, match="treatment has 5 places"):
        ring_sums(distance, np.zeros((5, 2)), EDGES)
    table, _ = granted(3)
    found = fit(table)
    with pytest.raises(ValueError, match="unknown column 'onw'; did you mean 'own'"):
        reach(found, table, "y", "onw", [NEAR])
    with pytest.raises(ValueError, match="no coefficient 'year'"):
        reach(found, table, "y", "own", ["year"])
    with pytest.raises(ValueError, match="column 'own' is not among"):
        share_of(found, table, "y", ["own"], [NEAR, FAR])


def test_an_empty_ring_is_nan():
    table, _ = granted(4)
    table[FAR] = np.zeros(len(table["y"]))
    found = fit(table)
    assert np.isnan(found[FAR].estimate)
    assert np.isfinite(found[NEAR].estimate)
