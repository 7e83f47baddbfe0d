"""Rivals of forecasts and their scores: closed forms, loops, planted spreads."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ydsim.measures.forecasts import (
    EQUAL,
    GROWS,
    NAIVE,
    POOLED,
    RIDGE,
    anchored,
    better,
    correlation,
    covered,
    crps,
    naive,
    of_sum,
    pool_weights,
    pooled,
    small_var,
    spread,
    widened,
)

NAN = float("nan")


@pytest.mark.parametrize("growth", [-0.1, 0.0, 0.2])
def test_steady_growth_is_carried_on_by_all_but_the_last_value_and_the_straight_line(growth):
    known = (2.0 + growth * np.arange(8.0))[None, :]
    found = naive(known, 3)
    assert list(found) == list(NAIVE)
    for name in ("log-linear", "log-linear, five years", "drift, five years"):
        assert found[name][0].tolist() == pytest.approx(
            [known[0, -1] + growth * k for k in (1, 2, 3)]
        )
    assert found["last value"][0].tolist() == [known[0, -1]] * 3
    damped = [growth * sum(0.85**j for j in range(1, k + 1)) for k in (1, 2, 3)]
    assert found["damped trend"][0].tolist() == pytest.approx([known[0, -1] + d for d in damped])


def test_a_straight_line_goes_on_and_stays_above_half_the_last_figure():
    line = np.log([[10.0, 12.0, 14.0, 16.0], [16.0, 11.0, 6.0, 1.0]])
    found = np.exp(naive(line, 2)["linear"])
    assert found.tolist() == [pytest.approx([18.0, 20.0]), pytest.approx([0.5, 0.5])]


def test_gaps_count_only_where_a_forecast_needs_the_figure():
    found = naive(
        np.array([[NAN, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0], [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, NAN]]), 1
    )
    assert found["log-linear"][0].tolist() == pytest.approx([7.0])
    assert found["drift, five years"][0].tolist() == pytest.approx([7.0])
    assert np.isnan(found["last value"][1]).all()


def test_a_planted_dependence_of_growth_comes_back_from_long_data():
    rng, a, mean = np.random.default_rng(4), np.array([[0.6, 0.0], [0.3, 0.2]]), 0.05
    off = [np.zeros(2)]
    for shock in rng.normal(0.0, 0.02, (20_000, 2)):
        off.append(a @ off[-1] + shock)
    off[-1] = np.array([0.1, 0.0])
    y = 1.0 + np.cumsum(mean + np.array(off), axis=0).T
    steps = np.diff(small_var(y, 3), axis=1, prepend=y[:, -1:]) - mean
    for k, step in enumerate(steps.T, start=1):
        assert step == pytest.approx(np.linalg.matrix_power(a, k) @ off[-1], abs=0.003)


def test_few_years_of_growth_are_shrunk_by_the_ridge_and_no_growth_gives_the_last_value():
    rng = np.random.default_rng(5)
    y = np.cumsum(rng.normal(0.08, 0.05, (3, 4, 7)), axis=2)
    d = np.diff(y, axis=2)
    d = d - d.mean(axis=2, keepdims=True)
    for at in range(3):
        before, after = d[at, :, :-1], d[at, :, 1:]
        a = (
            after
            @ before.T
            @ np.linalg.inv(before @ before.T + RIDGE * np.mean(d[at] ** 2) * np.eye(4))
        )
        step = (y[at, :, -1] - y[at, :, 0]) / 6 + a @ d[at, :, -1]
        assert small_var(y, 2)[at, :, 0] == pytest.approx(y[at, :, -1] + step)
    assert small_var(np.full((2, 6), 3.0), 2).tolist() == [[3.0, 3.0]] * 2
    y[0, 1, -1], y[1, 2, :-1], y[2, 0, 0] = NAN, NAN, NAN
    unknown = np.isnan(small_var(y, 1)[..., 0])
    assert np.argwhere(unknown).tolist() == [[0, 1], [1, 2]]


@settings(deadline=None, max_examples=40)
@given(st.lists(st.floats(-5.0, 5.0), min_size=1, max_size=9), st.floats(-6.0, 6.0))
def test_crps_is_the_double_loop(values, figure):
    n = len(values)
    near = sum(abs(x - figure) for x in values) / n
    apart = sum(abs(x - y) for x in values for y in values) / (2 * n * n)
    assert float(crps(np.array(values), np.array(figure))) == pytest.approx(near - apart, abs=1e-9)


def test_crps_of_a_wide_sample_is_that_of_the_normal():
    values = widened(np.zeros((400, 1)), 1.0)[:, 0]
    for figure in (0.0, 1.5):
        density = math.exp(-(figure**2) / 2.0) / math.sqrt(2.0 * math.pi)
        below = 0.5 * (1.0 + math.erf(figure / math.sqrt(2.0)))
        exact = figure * (2.0 * below - 1.0) + 2.0 * density - 1.0 / math.sqrt(math.pi)
        assert float(crps(values, np.array(figure))) == pytest.approx(exact, abs=0.02)


def test_widened_values_keep_their_mean_and_add_variances_that_grow():
    values = np.random.default_rng(1).normal(3.0, 2.0, (2, 200, 3))
    wide = widened(values, np.array([0.0, 1.5]))
    assert wide.mean(axis=1) == pytest.approx(values.mean(axis=1))
    added = np.outer([0.0, 2.25], [1.0, 2.0**GROWS, 3.0**GROWS])
    assert wide.var(axis=1) == pytest.approx(values.var(axis=1) + added)


def test_anchored_runs_begin_at_the_figure_and_keep_their_growth():
    runs = np.random.default_rng(1).normal(3.0, 2.0, (2, 200, 4))
    found = anchored(runs, np.array([7.0, 9.0]))
    for line, figure, each in zip(found, (7.0, 9.0), runs, strict=True):
        assert line == pytest.approx(figure + each[:, 1:] - each[:, 0].mean())


def test_planted_spreads_come_back_and_few_errors_are_pooled():
    rng, h = np.random.default_rng(2), np.tile([1.0, 2.0, 3.0], 3000)
    errors = {"a": rng.normal(0.0, 0.1, h.size) * h ** (GROWS / 2), "b": np.full(h.size, NAN)}
    found = spread(errors, h)
    assert found["a"] == pytest.approx(0.1, rel=0.03)
    assert found["b"] == pytest.approx(found["a"])
    one = spread({"a": np.array([0.2]), "b": np.array([0.4])}, np.array([1.0]))
    pooled = math.log(0.2) + math.log(2.0) * (0.5 * POOLED) / (1 + POOLED)
    assert one["a"] == pytest.approx(math.exp(pooled))
    with pytest.raises(ValueError, match="error"):
        spread({"b": np.array([NAN])}, np.array([1.0]))


@pytest.mark.parametrize("common", [0.0, 0.5, 1.0])
def test_a_planted_correlation_comes_back(common):
    rng = np.random.default_rng(3)
    errors = np.sqrt(common) * rng.normal(size=(4000, 1)) + np.sqrt(1 - common) * rng.normal(
        size=(4000, 4)
    )
    errors[0, 2] = NAN
    assert correlation(errors) == pytest.approx(common, abs=0.04)
    assert errors[1:].sum(axis=1).std() / 4 == pytest.approx(of_sum(common, 4), rel=0.03)
    assert correlation(errors[:, :1]) == correlation(np.zeros((3, 4))) == 0.0


def test_coverage_of_an_interval():
    values, figures = np.linspace(0.0, 1.0, 101)[None, :], np.array([0.5])
    assert covered(values, figures, 0.5).tolist() == [True]
    assert covered(values, figures + 0.3, 0.5).tolist() == [False]
    assert covered(values, figures + 0.3, 0.8).tolist() == [True]


# -- pools -----------------------------------------------------------------------------------------


def test_a_pool_of_normal_densities_is_their_product_to_the_powers_of_weights():
    means, spreads = np.array([[1.0], [3.0]]), np.array([[0.5], [2.0]])
    weights = np.array([0.7, 0.3])
    x = np.linspace(-20.0, 20.0, 400_001)
    log = sum(
        -w * (x - m) ** 2 / (2.0 * s**2)
        for w, (m,), (s,) in zip(weights, means, spreads, strict=True)
    )
    density = np.exp(log - log.max())
    assert pooled(means, spreads, weights)[0] == pytest.approx(
        float((x * density).sum() / density.sum()), abs=1e-6
    )
    same = pooled(means, np.ones((2, 1)), weights)
    assert same.tolist() == pytest.approx([0.7 * 1.0 + 0.3 * 3.0])


def test_a_forecast_that_is_not_there_leaves_the_pool_to_the_others():
    means = np.array([[[1.0, NAN, NAN]], [[2.0, 2.0, NAN]]])
    found = pooled(means, np.ones((2, 1)), np.array([0.5, 0.5]))
    assert found[0, :2].tolist() == [1.5, 2.0]
    assert np.isnan(found[0, 2])


def errors_of(sizes, f=8, p=4, h=3, origins=4, seed=1):
    """Errors (M, F, P, H) of some origins, of members that err by some sizes."""
    rng, years = np.random.default_rng(seed), np.arange(1.0, h + 1)
    scale = np.array(sizes)[:, None, None, None] * years ** (GROWS / 2.0)
    made = [scale * rng.standard_normal((len(sizes), f, p, h)) for _ in range(origins)]
    return made, np.tile(np.array(sizes)[:, None], f), [years] * origins


def test_weights_are_equal_without_much_to_go_by_and_those_that_were_best_with_much():
    """Of independent errors the best powers of l = w / s^2 are equal, so that weights are too."""
    errors, spreads, years = errors_of([0.1, 0.1, 0.1], origins=40)
    assert pool_weights(errors, spreads, years, 120) == pytest.approx(np.full(3, 1 / 3), abs=0.1)
    wrong = np.full_like(spreads, 0.1)
    errors, _, years = errors_of([0.02, 0.2, 0.2], origins=40)
    found = pool_weights(errors, wrong, years, 120)
    assert found.sum() == pytest.approx(1.0)
    assert found[0] > 0.85
    few = pool_weights(errors[:1], wrong, years[:1], 3)
    assert few[0] == pytest.approx((3 * 1.0 + EQUAL / 3) / (3 + EQUAL), abs=0.06)


@pytest.mark.parametrize("shift", [0.0, 0.5])
def test_the_test_of_two_forecasts_holds_its_size_where_years_go_together(shift):
    rng, rejected = np.random.default_rng(5), 0
    group = np.repeat(np.arange(8), 20)
    for _ in range(400):
        d = shift + rng.standard_normal(8)[group] * 0.4 + rng.standard_normal(160)
        _, p, number = better(d, group)
        rejected += p < 0.05
        assert number == 8
    assert rejected / 400 == pytest.approx(0.05, abs=0.03) if shift == 0.0 else rejected > 280
    assert math.isnan(better(np.ones(4), np.zeros(4, dtype=int))[1])
