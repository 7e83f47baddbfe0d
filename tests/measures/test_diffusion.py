import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ydsim.measures.diffusion import (
    SHARES,
    UNKNOWN,
    bass,
    bass_interval,
    fit_bass,
    half_time,
    lead_time,
    time_to,
)

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


def planted_curves(n, seed, years=10.0):
    """Return quarters, and curves of n technologies whose m, p and q differ."""
    rng = np.random.default_rng(seed)
    t = np.arange(0.25, years + 0.01, 0.25)
    m, p = rng.uniform(0.5, 1.0, n), P * np.exp(0.3 * rng.standard_normal(n))
    q = Q * np.exp(0.2 * rng.standard_normal(n))
    return t, np.stack([bass(t, *one) for one in zip(m, p, q, strict=True)])


@pytest.mark.slow
def test_intervals_are_as_wide_as_curves_drawn_again_say():
    """Twenty curves: the interval of log p and log q against the spread of bootstrap fits."""
    t, curves = planted_curves(20, 4)
    found = bass_interval(t, curves, fit_bass(t, curves.mean(axis=0)))
    rng = np.random.default_rng(1)
    again = [fit_bass(t, curves[rng.integers(0, 20, 20)].mean(axis=0)) for _ in range(60)]
    for name in ("p", "q"):
        low, high = getattr(found, name)
        width = np.log(high / low) / (2.0 * 2.093)  # t of 19 degrees of freedom
        assert width == pytest.approx(np.log([getattr(f, name) for f in again]).std(), rel=0.25)


def test_intervals_move_with_the_unit_of_adopters_and_not_with_the_order_of_curves():
    t, curves = planted_curves(6, 2)
    one = bass_interval(t, curves, fit_bass(t, curves.mean(axis=0)))
    thousand = bass_interval(t, 1e3 * curves[::-1], fit_bass(t, 1e3 * curves.mean(axis=0)))
    assert thousand.p == pytest.approx(one.p)
    assert thousand.m == pytest.approx((1e3 * one.m[0], 1e3 * one.m[1]))
    assert one.p[0] < fit_bass(t, curves.mean(axis=0)).p < one.p[1]


def test_what_curves_do_not_tell_has_no_interval():
    t, curves = planted_curves(3, 2)
    assert bass_interval(t, curves[:1], fit_bass(t, curves[0])) is UNKNOWN
    line = np.stack([t, 2.0 * t])  # growth without end: m is at the end of its range
    assert bass_interval(t, line, fit_bass(t, line.mean(axis=0))) is UNKNOWN


def test_half_time():
    t = np.arange(5.0)
    assert half_time(t, np.array([0.0, 2.0, 6.0, 8.0, 10.0])) == pytest.approx(1.75)
    assert half_time(t, np.array([9.0, 9.0, 9.0, 9.0, 10.0])) == 0.0
    assert np.isnan(half_time(t, np.zeros(5)))


def times(t, curve, whole):
    return [time_to(t, curve, share * whole) for share in SHARES]


def test_times_by_hand():
    t, curve = [0.0, 1.0, 2.0, 4.0], [0.0, 2.0, 2.0, 10.0]
    assert times(t, curve, 10.0) == pytest.approx([0.5, 2.75, 3.75])
    assert times(t, curve, 20.0) == pytest.approx([1.0, 4.0, np.nan], nan_ok=True)
    assert np.isnan(time_to([], [], 1.0))
    assert time_to(t, [3.0, 4.0, 5.0, 6.0], 2.0) == 0.0


@given(
    st.lists(st.floats(0.0, 10.0), min_size=2, max_size=20).filter(lambda rise: sum(rise) > 1e-6),
    st.floats(1e-3, 1e3),
    st.floats(-50.0, 50.0),
)
def test_times_are_in_order_and_move_with_the_clock_alone(rise, factor, start):
    t, curve = np.arange(len(rise), dtype=float), np.cumsum(rise)
    plain = np.array(times(t, curve, curve[-1]))
    assert (np.diff(plain) >= 0.0).all()
    scaled = times(t, factor * curve, factor * curve[-1])  # where flat, one may lie elsewhere
    assert np.interp(scaled, t, curve) == pytest.approx(np.interp(plain, t, curve), abs=1e-6)
    assert times(t + start, curve, curve[-1]) == pytest.approx(plain + start, abs=1e-6)


def test_lead_time():
    t = [0.0, 1.0, 2.0, 3.0]
    own, rest = [0.0, 0.2, 0.6, 0.6], [0.0, 0.0, 0.2, 0.4]
    assert lead_time(t, own, rest, 0.2) == pytest.approx(1.0)
    assert lead_time(t, rest, own, 0.2) == pytest.approx(-1.0)
    assert lead_time(t, own, rest, 0.5) == np.inf
    assert lead_time(t, rest, own, 0.5) == -np.inf
    assert np.isnan(lead_time(t, own, rest, 0.9))
