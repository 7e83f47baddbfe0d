import numpy as np
import pytest

from ydsim.measures.diffusion import bass, fit_bass, half_time

P, Q = 0.03, 0.38


def test_bass_has_its_published_values():
    peak = np.log(Q / P) / (P + Q)
    assert peak == pytest.approx(6.193, abs=5e-4)
    assert bass(np.array([peak]), 1.0, P, Q)[0] == pytest.approx(0.4605, abs=5e-5)
    for time, share in ((2.25, 0.1), (6.55, 0.5), (11.76, 0.9)):
        assert bass(np.array([time]), 1.0, P, Q)[0] == pytest.approx(share, abs=1e-3)
    assert bass(np.zeros(1), 5.0, P, Q)[0] == 0.0


def test_fit_recovers_a_curve():
    t = np.arange(0.0, 20.0, 0.25)
    fit = fit_bass(t, bass(t, 800.0, P, Q))
    assert (fit.m, fit.p, fit.q) == pytest.approx((800.0, P, Q), rel=1e-3)
    assert fit.r2 == pytest.approx(1.0, abs=1e-6)


def test_fit_refuses_what_is_no_curve():
    with pytest.raises(ValueError, match="four points"):
        fit_bass(np.arange(3.0), np.arange(3.0))
    with pytest.raises(ValueError, match="some adopters"):
        fit_bass(np.arange(5.0), np.zeros(5))


def test_half_time():
    t = np.arange(5.0)
    assert half_time(t, np.array([0.0, 2.0, 6.0, 8.0, 10.0])) == pytest.approx(1.75)
    assert half_time(t, np.array([9.0, 9.0, 9.0, 9.0, 10.0])) == 0.0
    assert np.isnan(half_time(t, np.zeros(5)))
