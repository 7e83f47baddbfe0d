import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ydsim.measures.diffusion import adoption_times, bass, fit_bass, half_time, lags, time_to

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


def test_times_of_a_bass_curve():
    t = np.arange(0.0, 40.0, 0.05)
    curve = bass(t, 300.0, P, Q)
    published = pytest.approx([2.25, 6.55, 11.76], abs=5e-3)
    assert adoption_times(t, curve, able=300.0).tolist() == published
    assert adoption_times(t, curve).tolist() == pytest.approx([2.25, 6.55, 11.76], abs=2e-2)


def test_times_by_hand():
    t, curve = [0.0, 1.0, 2.0, 4.0], [0.0, 2.0, 2.0, 10.0]
    assert adoption_times(t, curve).tolist() == pytest.approx([0.5, 2.75, 3.75])
    assert adoption_times(t, curve, able=20.0)[:2].tolist() == pytest.approx([1.0, 4.0])
    assert np.isnan(adoption_times(t, curve, able=20.0)[2])
    assert np.isnan(adoption_times(t, [0.0] * 4)).all()
    assert np.isnan(adoption_times([], [])).all()
    assert time_to(t, [3.0, 4.0, 5.0, 6.0], 2.0) == 0.0


def test_lags_behind_the_first_group():
    t = np.arange(5.0)
    curves = [[0, 1, 2, 3, 4], [0, 0, 0, 2, 4], [0, 0, 0, 0, 0], [4, 4, 4, 4, 8]]
    assert lags(t, curves[:3])[:2].tolist() == [0.0, 1.0]
    assert np.isnan(lags(t, curves[:3])[2])
    assert lags(t, curves[:2], able=[4.0, 8.0]).tolist() == [0.0, 2.0]
    assert lags(t, curves[1:])[[0, 2]].tolist() == [3.0, 0.0]
    assert np.isnan(lags(t, curves[2:3])).all()


@given(
    st.lists(st.floats(0.0, 10.0), min_size=2, max_size=20).filter(lambda rise: sum(rise) > 1e-6),
    st.floats(1e-3, 1e3),
    st.floats(-50.0, 50.0),
)
def test_times_are_in_order_and_move_with_the_clock_alone(rise, factor, start):
    t, curve = np.arange(len(rise), dtype=float), np.cumsum(rise)
    times = adoption_times(t, curve)
    assert (np.diff(times) >= 0.0).all()
    assert adoption_times(t, factor * curve) == pytest.approx(times, abs=1e-6)
    assert adoption_times(t + start, curve) == pytest.approx(times + start, abs=1e-6)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: time_to([0.0, 0.0], [1.0, 2.0], 1.0), "t must increase"),
        (lambda: time_to([0.0, 1.0], [1.0], 1.0), "adopters must have 2 entries"),
        (lambda: time_to([0.0, 1.0], [1.0, 2.0], 0.0), "above zero"),
        (lambda: adoption_times([0.0, 1.0], [1.0, 2.0], shares=(1.5,)), "up to 1"),
        (lambda: lags([0.0, 1.0], [[1.0, 2.0]], able=[1.0, 2.0]), "able must have 1"),
    ],
)
def test_times_that_are_refused(call, words):
    with pytest.raises(ValueError, match=words):
        call()
