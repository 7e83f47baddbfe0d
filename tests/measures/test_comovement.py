import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.signal import detrend, hilbert

from ydsim.measures.comovement import co_movement, phase_order

panels = st.tuples(st.integers(2, 7), st.integers(5, 25), st.integers(0, 10_000)).map(
    lambda s: np.random.default_rng(s[2]).normal(size=s[:2]).cumsum(axis=1)
)


def test_by_hand():
    # changes 1, 2, 3 and 2, 4, 6 and 3, 2, 1: correlations 1, -1 and -1
    values = np.cumsum([[0, 1, 2, 3], [0, 2, 4, 6], [0, 3, 2, 1]], axis=1)
    assert co_movement(values[:2]) == pytest.approx(1.0)
    assert co_movement(values) == pytest.approx(-1 / 3)


@given(panels)
def test_equals_the_mean_of_the_correlation_matrix(values):
    r = np.corrcoef(np.diff(values, axis=1))
    g = len(values)
    assert co_movement(values) == pytest.approx(r[np.triu_indices(g, 1)].mean(), abs=1e-9)
    assert -1.0 / (g - 1) - 1e-9 <= co_movement(values) <= 1.0 + 1e-9


@given(panels)
def test_order_equals_that_of_scipy(values):
    wave = hilbert(detrend(np.diff(values, axis=1), axis=1), axis=1)
    want = np.abs(np.exp(1j * np.angle(wave)).mean(axis=0))
    found = phase_order(values)
    assert found == pytest.approx(want, abs=1e-6)
    assert (found >= 0.0).all()
    assert (found <= 1.0).all()


@given(panels, st.floats(0.01, 100.0), st.floats(-10.0, 10.0))
def test_neither_unit_nor_common_trend_matters(values, factor, slope):
    trend = slope * np.arange(values.shape[1])
    assert co_movement(factor * values + trend) == pytest.approx(co_movement(values), abs=1e-6)
    assert phase_order(factor * values + trend) == pytest.approx(phase_order(values), abs=1e-5)


def test_waves_in_step_and_spread_evenly():
    t = np.arange(41)
    waves = np.array([np.sin(2 * np.pi * (t / 10 + k / 4)) for k in range(4)])
    together = np.array([(k + 1) * waves[0] for k in range(4)])
    assert phase_order(together) == pytest.approx(np.ones(40))
    assert phase_order(waves).mean() < 0.1


def test_places_that_do_not_vary_are_left_out():
    t = np.arange(6)
    moving = np.array([[0, 1, 4, 2, 5, 3], [1, 2, 3, 9, 0, 1]], dtype=float)
    still = np.array([0.1 * t, np.full(6, 7.0)])
    values = np.concatenate([moving, still])
    assert co_movement(values) == pytest.approx(co_movement(moving))
    assert phase_order(values) == pytest.approx(phase_order(moving))
    assert np.isnan(co_movement(np.concatenate([moving[:1], still])))
    assert np.isnan(phase_order(np.concatenate([moving[:1], still]))).all()


def test_too_few_years():
    assert np.isnan(co_movement([[1.0, 2.0], [2.0, 1.0]]))
    assert np.isnan(phase_order([[1.0, 2.0, 4.0], [2.0, 1.0, 3.0]])).tolist() == [True, True]


def test_what_is_refused():
    with pytest.raises(ValueError, match="values must have 2 axes"):
        co_movement([1.0, 2.0])
    with pytest.raises(ValueError, match="values must be finite"):
        phase_order([[1.0, np.nan]])
