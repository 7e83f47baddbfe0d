"""The posterior against closed forms, what is known of parameters, and known truths."""

import numpy as np
import pytest
from scipy.stats import norm, truncnorm

from ydsim.studies import posterior as of
from ydsim.studies.emulation import Predictions

N = 40_000


def figures(*ends, error=0.1):
    low, high = np.array(ends, dtype=float).T
    return of.Figures(low, high, np.full(len(low), error))


def predictions(mean, sd):
    """Emulators that know the function, and chance of a run."""
    t = mean.shape[1]
    names = tuple("abcdef"[:t])
    return Predictions(dict.fromkeys(names, 1.0), dict.fromkeys(names, sd**2), names, mean,
                np.full(mean.shape, sd**2))  # fmt: skip


def test_the_likelihood_is_that_of_a_normal_error_with_its_spread():
    mean, variance = np.array([[0.2, 0.4]]), np.array([[0.03**2, 0.0]])
    found = figures((0.5, 0.5), (0.3, 0.6)).log_likelihood(mean, variance)
    spread = np.hypot(0.1, 0.03)
    assert found[0, 0] == pytest.approx(norm.logpdf(0.5, 0.2, spread) + 0.5 * np.log(2.0 * np.pi))
    assert found[0, 1] == pytest.approx(np.log(norm.cdf(2.0) - norm.cdf(-1.0)))


@pytest.mark.parametrize(("low", "high"), [(3.0, 3.5), (-3.5, -3.0), (3.0, np.inf)])
def test_a_range_far_away_has_digits(low, high):
    found = figures((low, high)).log_likelihood(np.zeros((1, 1)), np.zeros((1, 1)))[0, 0]
    wanted = norm.logsf(30.0) if low > 0.0 else norm.logcdf(-30.0)
    assert found == pytest.approx(wanted, rel=1e-9)


def test_a_point_of_which_little_is_known_is_not_taken_for_one_that_agrees():
    """At twice the distance with twice the spread the log of the spread decides."""
    found = figures((0.0, 0.0)).log_likelihood(np.array([[0.1], [0.2]]), np.array([[0.0], [0.03]]))[
        :, 0
    ]
    assert found[0] - found[1] == pytest.approx(np.log(2.0))


def test_the_posterior_is_the_normal_one():
    """u_0 is seen with error .1 about .5, of u_1 nothing is; two targets of a family are as one."""
    draws = of.prior_draws(N, 2, seed=1)
    for columns, weight in ((1, 1.0), (2, 0.5)):
        mean = np.repeat(draws.points[:, :1], columns, axis=1)
        own = figures(*[(0.5, 0.5)] * columns, error=0.1 / np.sqrt(weight))
        logs = own.log_likelihood(mean, np.zeros_like(mean)).sum(axis=1)
        weights = of.weighted(logs - draws.log_density)
        low, high = of.quantiles(draws.points, weights, (0.05, 0.95))
        assert low == pytest.approx([0.5 - 0.1645, 0.05], abs=0.01)
        assert high == pytest.approx([0.5 + 0.1645, 0.95], abs=0.01)
        assert of.ratios_of(draws.points, weights) == pytest.approx([0.12, 1.0], rel=0.05)


def test_draws_near_what_is_left_have_the_posterior_of_the_prior_and_are_worth_more():
    def posterior(draws):
        gap = (draws.points - [0.3, 0.8, 0.5]) / [0.02, 0.03, 10.0]
        logs = -0.5 * (gap**2).sum(axis=1)
        return logs, of.weighted(logs - draws.log_density)

    prior = of.prior_draws(N, 3, seed=1)
    logs, weights = posterior(prior)
    wide, power = of.tempered(prior, logs, 2000.0)
    assert 0.0 < power < 1.0
    assert of.effective(wide) == pytest.approx(2000.0, rel=0.01)
    assert of.tempered(prior, logs, 10.0) == (pytest.approx(weights), 1.0)
    near = of.draws_near(prior.points, wide, N, seed=2)
    _, better = posterior(near)
    assert of.effective(better) > 5.0 * of.effective(weights)
    mean = np.average(near.points, axis=0, weights=better)
    assert mean == pytest.approx([0.3, 0.8, 0.5], abs=0.005)
    sd = np.sqrt(of.ratios_of(near.points, better) / 12.0)
    assert sd == pytest.approx([0.02, 0.03, 0.2887], rel=0.03)
    density = np.exp(near.log_density)
    assert (1.0 / density).mean() == pytest.approx(1.0, abs=0.02)  # volume of the cube
    one = truncnorm(-0.3 / 0.1, 0.7 / 0.1, 0.3, 0.1)
    line = of.draws_near(one.rvs(N, random_state=3)[:, None], np.ones(N), N, seed=4)
    assert line.points.mean() == pytest.approx(0.4, abs=0.01)


def test_equal_draws_are_as_frequent_as_their_weights():
    weights = np.array([0.5, 0.0, 0.25, 0.25])
    assert np.bincount(of.drawn_from(weights, 8, seed=1), minlength=4).tolist() == [4, 0, 2, 2]


def test_a_figure_of_a_truth_is_a_number_or_the_range_that_holds_it():
    own = figures((1.0, 1.0), (0.0, 0.5), (2.0, np.inf), (-np.inf, 2.0))
    found = own.seen_in(np.array([7.0, -0.2, 1.0, 3.0]))
    assert found.low.tolist() == [7.0, -0.5, -np.inf, 2.0]
    assert found.high.tolist() == [7.0, 0.0, 2.0, np.inf]


def test_known_truths_are_held_and_a_planted_bias_is_found():
    draws = of.prior_draws(4000, 3, seed=1)
    u = draws.points
    mean = np.column_stack([u[:, 0] + u[:, 1], u[:, 0] ** 2])
    truths = np.arange(300)
    own = figures((1.0, 1.0), (0.2, 0.4), error=0.05)
    found = of.coverage(draws, predictions(mean, 0.05), own, truths, seed=2)
    assert (found.distance <= found.limit).all()
    assert found.held == pytest.approx([0.9] * 3, abs=0.06)
    assert found.narrowed[2] == pytest.approx(1.0, abs=0.02)  # the data do not know it
    assert (found.narrowed[:2] < 0.8).all()
    chance = np.random.default_rng(3).normal(size=(300, 2)) * 0.05
    right = of.coverage(
        draws, predictions(mean, 0.05), own, truths, seed=2, runs=mean[truths] + chance
    )
    assert (right.distance <= right.limit).all()
    biased = mean[truths] + chance + [0.1, 0.0]
    wrong = of.coverage(draws, predictions(mean, 0.05), own, truths, seed=2, runs=biased)
    assert wrong.distance[0] > wrong.limit
    assert wrong.held[:2].min() < 0.8
    sums = np.column_stack([u[:, 0] + u[:, 1], u[:, 2]])
    more = of.coverage(draws, predictions(mean, 0.05), own, truths, seed=2, also=sums)
    assert more.ranks.shape == (300, 6)
    assert more.ranks[:, [0, 1, 2, 5]] == pytest.approx(found.ranks)
    assert (more.distance <= more.limit).all()
    assert more.narrowed[3] < found.narrowed[:2].min()  # the sum is known better than its parts
    assert more.narrowed[4] == pytest.approx(more.narrowed[2])
    too_sure = of.coverage(draws, predictions(mean, 0.005), own, truths, seed=2, runs=biased)
    assert too_sure.distance.max() > too_sure.limit


def test_a_ridge_is_named_and_what_is_known_is_not_on_it():
    """u_0 + u_1 is known, u_2 is known, of u_3 nothing."""
    rng = np.random.default_rng(5)
    u = rng.random((40_000, 4))
    near = (np.abs(u[:, 0] + u[:, 1] - 1.0) < 0.03) & (np.abs(u[:, 2] - 0.3) < 0.1)
    found = of.identified(u[near], np.ones(near.sum()))
    assert found.ridges == ((0, 1),)
    assert found.ratio == pytest.approx([1.0, 1.0, 0.04, 1.0], abs=0.15)
    assert found.ratios[:2] == pytest.approx([0.002, 0.04], abs=0.02)
    assert found.ratios[2] > 0.8
    assert found.seen == pytest.approx([0.5, 0.5, 1.0, 0.0], abs=0.05)
    assert np.abs(found.directions[0][:2]) == pytest.approx([0.7071] * 2, abs=0.02)
    largest = np.abs(found.directions).argmax(axis=1)
    assert (found.directions[np.arange(4), largest] > 0.0).all()
    assert found.directions @ found.directions.T == pytest.approx(np.eye(4), abs=1e-9)


def test_two_that_are_known_apart_are_no_ridge_though_they_go_together():
    """Weights have the sum and the difference of u_0 and u_1 known, the sum better."""
    u = np.random.default_rng(6).random((20_000, 3))
    total, apart = u[:, 0] + u[:, 1] - 1.0, u[:, 0] - u[:, 1]
    weights = np.exp(-0.5 * ((total / 0.05) ** 2 + (apart / 0.15) ** 2))
    found = of.identified(u, weights)
    assert found.ridges == ()
    ratio = 12.0 * (0.05**2 + 0.15**2) / 4.0  # variance of (total + apart) / 2
    assert found.ratio == pytest.approx([ratio, ratio, 1.0], rel=0.15)
    assert found.ratios == pytest.approx([6.0 * 0.05**2, 6.0 * 0.15**2, 1.0], rel=0.15)
    assert found.seen == pytest.approx([1.0, 1.0, 0.0], abs=0.02)


def test_weights_count_in_quantiles_and_the_middle_is_near_to_all():
    points, weights = np.array([[0.1], [0.2], [0.9]]), np.array([0.1, 0.1, 0.8])
    assert of.quantiles(points, weights, (0.05, 0.5))[:, 0].tolist() == [0.1, 0.9]
    assert of.central(points) == 1
    logs = np.array([0.0, -np.log(3.0), -np.inf])
    assert of.weighted(logs).tolist() == pytest.approx([0.75, 0.25, 0.0])


def test_many_targets_of_a_family_share_its_weight():
    assert of.family_weights([*"abaa"], [1.0, 3.0, 1.0, 1.0]).tolist() == [1 / 3, 3.0, 1 / 3, 1 / 3]
