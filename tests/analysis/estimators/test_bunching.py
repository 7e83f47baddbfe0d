"""Bunching: hand-worked excess, planted mass, placebo, the same draws again."""

import numpy as np
import pytest
from scipy.stats import norm

from tests.support.panels import coverage
from ydsim.analysis.estimators.bunching import bunching

WINDOW = {"width": 0.002, "below": 5, "above": 3}


SPREAD = norm(0.06, 0.03)


def intensities(seed, moved=0.5, n=20_000):
    """Research over sales; of those up to .01 below .05 a part moves to just above it."""
    draw = np.random.default_rng(seed)
    values = SPREAD.rvs(n, random_state=draw)
    below = (values >= 0.04) & (values < 0.05)
    moves = below & (draw.uniform(size=n) < moved)
    values[moves] = 0.05 + draw.uniform(0.0, 0.006, int(moves.sum()))
    return values


def test_by_hand():
    """Ten values in each bin, but 4 below the threshold and 22 above: a flat counterfactual."""
    counts = np.array([10] * 8 + [4, 22] + [10] * 8)
    values = np.repeat(np.arange(-9, 9) + 0.5, counts)
    found = bunching(values, 0.0, width=1.0, below=1, above=1, bins=9, order=0)
    assert found.excess.estimate == pytest.approx(12.0)
    assert found.missing.estimate == pytest.approx(6.0)
    assert found.relative.estimate == pytest.approx(1.2)
    np.testing.assert_allclose(found.counterfactual, 10.0)
    assert found.excluded.sum() == 2
    # 22 counts and the mean of 16 bins of ten
    assert found.excess.se == pytest.approx(np.sqrt(22 + 10 / 16), rel=0.15)
    assert found.missing.se == pytest.approx(np.sqrt(4 + 10 / 16), rel=0.15)


def test_a_polynomial_is_followed_exactly():
    j = np.arange(-10, 10)
    counts = 100 + 3 * j + j**2
    values = np.repeat(0.5 + j, counts)
    found = bunching(values, 0.0, width=1.0, below=2, above=2, bins=10, order=2)
    np.testing.assert_allclose(found.counterfactual, counts)
    assert found.excess.estimate == pytest.approx(0.0, abs=1e-8)
    worse = bunching(values, 0.0, width=1.0, below=2, above=2, bins=10, order=1)
    assert abs(worse.excess.estimate) > 1.0


def test_values_at_edges_belong_above():
    """Multiples of a width are not kept out of their bin by rounding."""
    values = np.concatenate([np.full(50, 0.05), np.linspace(0.0005, 0.0995, 100)])
    found = bunching(values, 0.05, width=0.001, below=2, above=1, bins=50, order=1)
    assert found.excess.estimate == pytest.approx(50.0, abs=1.0)
    grid = np.arange(-20, 20) * 0.1 + 0.3
    flat = bunching(grid, 0.3, width=0.1, below=1, above=1, bins=20, order=0)
    np.testing.assert_array_equal(flat.count, 1.0)


def test_planted_mass_is_covered():
    found = [bunching(intensities(s), 0.05, **WINDOW, draws=100) for s in range(50)]
    moved = 0.5 * 20_000 * (SPREAD.cdf(0.05) - SPREAD.cdf(0.04))
    height = 20_000 * (SPREAD.cdf(0.056) - SPREAD.cdf(0.05)) / 3
    assert coverage([f.excess for f in found], moved) >= 0.85
    assert coverage([f.missing for f in found], moved) >= 0.85
    assert coverage([f.relative for f in found], moved / height) >= 0.85
    assert np.mean([f.excess.estimate for f in found]) == pytest.approx(moved, rel=0.02)
    spread = np.std([f.excess.estimate for f in found], ddof=1)
    assert np.mean([f.excess.se for f in found]) == pytest.approx(spread, rel=0.3)


def test_placebo_holds_zero():
    found = [bunching(intensities(s, 0.0), 0.05, **WINDOW, draws=100) for s in range(50)]
    assert coverage([f.excess for f in found], 0.0) >= 0.85
    assert coverage([f.relative for f in found], 0.0) >= 0.85
    elsewhere = bunching(intensities(1, 0.8), 0.08, **WINDOW, bins=12, order=3)
    assert elsewhere.excess.holds(0.0)


def test_misfit_says_where_the_polynomial_does_not_follow():
    """A steep rise from zero, by a parabola and by an order of nine."""
    values = np.random.default_rng(1).gamma(2.0, 0.02, 200_000)
    poor = bunching(values, 0.05, **WINDOW, order=2)
    good = bunching(values, 0.05, **WINDOW, order=9)
    assert poor.misfit > 20.0 > 3.0 > good.misfit
    assert good.excess.holds(0.0)
    # errors are widened by its root
    again = bunching(values, 0.05, **WINDOW, order=2, seed=5)
    height = poor.counterfactual[25:28].sum()
    assert again.excess.se > 3.0 * np.sqrt(height)


def test_the_same_draws_and_others():
    values = intensities(3)
    one, two = (bunching(values, 0.05, **WINDOW) for _ in range(2))
    assert one.excess == two.excess
    other = bunching(values, 0.05, **WINDOW, seed=1)
    assert other.excess.estimate == one.excess.estimate
    assert other.excess.se != one.excess.se
    assert other.excess.se == pytest.approx(one.excess.se, rel=0.2)


def test_out_of_range_is_said():
    values = np.concatenate([intensities(4), [5.0, -3.0]])
    found = bunching(values, 0.05, **WINDOW)
    lost = int(((values < 0.0) | (values >= 0.1)).sum())
    assert found.excess.dropped == (f"{lost} values out of range",)
    assert found.excess.n == len(values) - lost


@pytest.mark.parametrize(
    ("values", "change", "message"),
    [
        ([np.nan], {}, "values must be finite"),
        ([0.05], {"width": 0.0}, "width, above and draws must be positive"),
        ([0.05], {"above": 0}, "width, above and draws must be positive"),
        ([0.05], {"bins": 6}, "4 bins outside the window do not fix order 5"),
        ([0.05], {}, "no value lies outside the window and in range"),
        ([], {}, "no value lies outside the window and in range"),
    ],
)
def test_bad_input_gets_one_line(values, change, message):
    with pytest.raises(ValueError, match=message):
        bunching(np.array(values, dtype=float), 0.05, **{**WINDOW, **change})
