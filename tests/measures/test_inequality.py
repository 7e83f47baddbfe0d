import itertools

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.stats import linregress, variation

from ydsim.measures.places import beta, coefficient_of_variation, dagum, sigma, theil

value = st.one_of(st.just(0.0), st.floats(1e-3, 1e3))
places = st.lists(st.tuples(value, st.integers(0, 3)), min_size=1, max_size=25)


def split(pairs):
    return np.array([v for v, _ in pairs]), np.array([g for _, g in pairs], dtype=np.int64)


def slow_gini(y):
    return sum(abs(a - b) for a in y for b in y) / (2 * len(y) * sum(y))


def slow_dagum(y, group):
    """Dagum's parts by the sums of his paper over all pairs of places."""
    n, m = len(y), y.mean()
    parts = {g: y[group == g] for g in np.unique(group)}
    within = between = overlap = 0.0
    for a in parts.values():
        within += sum(abs(p - q) for p in a for q in a) / (2 * n * n * m)
    for g, h in itertools.combinations(parts, 2):
        a, b = sorted((parts[g], parts[h]), key=np.mean)
        ahead = sum(max(q - p, 0) for p in a for q in b) / (len(a) * len(b))
        behind = sum(max(p - q, 0) for p in a for q in b) / (len(a) * len(b))
        if ahead + behind == 0.0:
            continue
        coefficient = (ahead + behind) / (a.mean() + b.mean())
        shares = (len(a) * b.sum() + len(b) * a.sum()) / (n * n * m)
        distance = (ahead - behind) / (ahead + behind)
        between += coefficient * shares * distance
        overlap += coefficient * shares * (1 - distance)
    return within, between, overlap


@pytest.mark.parametrize(
    ("degrees", "want"),
    [([0.804, 0.687, 0.644, 0.448], 0.199), ([0.851, 0.799, 0.719, 0.54], 0.162)],
)
def test_published_coefficients_of_variation(degrees, want):
    assert coefficient_of_variation(degrees) == pytest.approx(want, abs=5e-4)
    assert coefficient_of_variation(degrees) == pytest.approx(variation(degrees))


def test_weights_stand_for_places_that_are_alike():
    y, heads, g = [1.0, 4.0, 2.0], [2.0, 1.0, 3.0], [0, 0, 1]
    long = theil(np.repeat(y, [2, 1, 3]), np.repeat(g, [2, 1, 3]), 2)
    short = theil(y, g, 2, heads)
    assert (short.within, short.between) == pytest.approx((long.within, long.between))


@given(places)
def test_parts_equal_the_sums_over_pairs(pairs):
    y, g = split(pairs)
    if not y.any():
        return
    found = dagum(y, g, 4)
    assert found.total == pytest.approx(slow_gini(y), abs=1e-12)
    parts = (found.within, found.between, found.overlap)
    assert parts == pytest.approx(slow_dagum(y, g), abs=1e-12)
    assert min(parts) >= 0.0
    assert found.total <= 1.0 - 1.0 / len(y) + 1e-12


@given(places)
def test_parts_of_theil(pairs):
    y, g = split(pairs)
    if not y.any():
        return
    found = theil(y, g, 4)
    share = y / y.sum()
    terms = [s * np.log(s * len(y)) for s in share if s > 0]
    assert found.total == pytest.approx(sum(terms), abs=1e-12)
    assert -1e-12 <= found.total <= np.log(len(y)) + 1e-12
    assert found.within >= -1e-12
    assert found.between >= -1e-12
    owns = [y[g == k] for k in range(4) if y[g == k].any()]
    alone = [theil(own, np.zeros(len(own), dtype=int), 1).total for own in owns]
    shares = [own.sum() / y.sum() for own in owns]
    assert found.within == pytest.approx(np.dot(shares, alone), abs=1e-9)


@given(st.floats(1e-300, 1e300), st.integers(1, 9))
def test_equality_is_zero(height, n):
    y, g = np.full(n, height), np.arange(n) % 2
    assert dagum(y, g, 2).total == 0.0
    assert theil(y, g, 2).total == pytest.approx(0.0, abs=1e-12)


@pytest.mark.parametrize("unit", [5e-324, 1e-300, 5e307])
def test_the_ends_of_the_range_of_numbers(unit):
    y, g = unit * np.array([0.0, 1.0, 3.0]), [0, 0, 1]
    assert dagum(y, g, 2).total == pytest.approx(0.5)
    assert theil(y, g, 2).total == pytest.approx(theil([0.0, 1.0, 3.0], g, 2).total)
    assert coefficient_of_variation(y) == pytest.approx(variation([0.0, 1.0, 3.0]))


@pytest.mark.parametrize("y", [[], [0.0, 0.0, 0.0]])
def test_without_places_or_anything_to_share_there_is_no_inequality(y):
    g = np.zeros(len(y), dtype=int)
    found = [theil(y, g, 2).total, dagum(y, g, 2).total, coefficient_of_variation(y)]
    assert np.isnan(found).all()


positive = st.floats(0.01, 100.0)
ends = st.lists(st.tuples(positive, positive), min_size=3, max_size=20)


def test_convergence_by_hand():
    # logs 0 and 2, then 0 and 1: the gap halves in five years
    y = np.exp([[0.0, 2.0], [0.0, 1.0]])
    assert [sigma(y[0]), sigma(y[1])] == pytest.approx([1.0, 0.5])
    found = beta(y[0], y[1], 5.0)
    assert found.slope == pytest.approx(-0.1)
    assert found.speed == pytest.approx(np.log(2.0) / 5.0)
    assert np.isnan(found.error)


@given(ends, st.floats(0.5, 20.0))
def test_beta_equals_the_regression_of_scipy(pairs, years):
    first, last = np.array(pairs).T
    growth = np.log(last / first) / years
    # without differences scipy has no slope, and without any of growth no error
    assume(np.ptp(np.log(first)) > 0.1)
    assume(np.ptp(growth) > 1e-6)
    found = beta(first, last, years)
    want = linregress(np.log(first), growth)
    assert found.slope == pytest.approx(want.slope, abs=1e-8)
    assert found.error == pytest.approx(want.stderr, rel=1e-6, abs=1e-5)


def test_groups_have_their_own_constants():
    # inside groups growth falls with the beginning, over all it rises
    first = np.exp([0.0, 1.0, 4.0, 5.0])
    last = first * np.exp([0.2, 0.1, 0.9, 0.8])
    group = [0, 0, 1, 1]
    assert beta(first, last, 1.0).slope > 0.0
    found = beta(first, last, 1.0, group, 2)
    assert found.slope == pytest.approx(-0.1)
    assert found.error == pytest.approx(0.0, abs=1e-9)
    assert sigma(first, group, 2) == pytest.approx(0.5)
    assert sigma(first) == pytest.approx(np.sqrt(4.25))


def test_without_differences_at_the_beginning_there_is_no_slope():
    assert np.isnan(beta([2.0, 2.0, 2.0], [1.0, 2.0, 3.0], 1.0).slope)
    assert np.isnan([sigma([]), beta([], [], 1.0).slope]).all()
    assert np.isnan(beta([0.1] * 3, [1.0, 2.0, 3.0], 1.0).slope)
    assert np.isnan(beta([1.0, 2.0], [1.0, 3.0], 1.0, [0, 1], 2).slope)


def test_more_than_full_convergence_has_no_speed():
    found = beta([1.0, np.e], [np.e, 1.0], 1.0)
    assert found.slope == pytest.approx(-2.0)
    assert np.isnan(found.speed)
