"""Emulators, the space that is left and what is known of parameters, on planted truths."""

import numpy as np
import pytest

from ydsim.studies import emulation as em


def exact(function):
    """An emulator that knows the function, with a variance of .01^2."""
    one = em.Emulator(1.0, 1e-4)
    object.__setattr__(one, "process", Known(function))
    return one


class Known:
    def __init__(self, function):
        self.function = function

    def predict(self, points, *, return_std):
        assert return_std
        return self.function(points), np.full(len(points), 0.01)


def test_a_hypercube_has_one_point_in_each_part_and_is_spread():
    cube = em.hypercube(30, 4, seed=3)
    assert (np.sort(np.floor(cube * 30), axis=0) == np.arange(30)[:, None]).all()
    assert cube.tolist() == em.hypercube(30, 4, seed=3).tolist()
    assert cube.tolist() != em.hypercube(30, 4, seed=4).tolist()


def test_spread_points_are_the_ends_of_a_line():
    line = np.linspace(0.0, 1.0, 11)[:, None]
    assert em.spread_out(line, 3).tolist() == [5, 0, 10]
    assert sorted(em.spread_out(line, 99).tolist()) == list(range(11))


@pytest.mark.slow
def test_emulators_tell_function_from_noise():
    """R2 and noise are those that were planted; what is noise alone is not used."""
    points, rng = em.hypercube(60, 3, seed=1), np.random.default_rng(2)
    signal = np.sin(4.0 * points[:, 0]) + points[:, 1] * points[:, 2]
    noisy = signal + 0.1 * rng.normal(size=60)
    good, bad = em.emulate(points, noisy), em.emulate(points, rng.normal(size=60))
    assert good.used
    assert good.r2 == pytest.approx(1.0 - 0.01 / noisy.var(), abs=0.05)
    assert np.sqrt(good.noise) == pytest.approx(0.1, rel=0.35)
    assert not bad.used
    new = rng.random((200, 3))
    mean, variance = good.at(new)
    truth = np.sin(4.0 * new[:, 0]) + new[:, 1] * new[:, 2]
    assert np.sqrt(((mean - truth) ** 2).mean()) < 0.1
    assert (variance >= good.noise).all()
    again = em.emulate(points, noisy)
    assert again.at(new)[0].tolist() == mean.tolist()


def test_what_does_not_vary_or_is_hardly_there_has_no_emulator():
    points = em.hypercube(12, 2, seed=1)
    some = np.where(np.arange(12) < 7, np.nan, points[:, 0])
    for values in (np.full(12, 3.0), np.full(12, np.nan), some):
        found = em.emulate(points, values)
        assert np.isnan(found.r2)
        assert not found.used


def test_the_share_that_is_left_is_that_of_the_tolerance():
    """u_0 within c = 3 of .5 with tolerance .03 and noise .01 in the worst of two families."""
    one, sd = exact(lambda u: u[:, 0]), np.hypot(0.03, 0.01)
    found = em.plausible([one], [(0.5, 0.5)], [0.03], np.ones(1), d=2, draws=50_000, seed=1)
    assert found.share == pytest.approx(6.0 * sd, rel=0.03)
    spread = np.sqrt(np.average((found.points[:, 0] - 0.5) ** 2, weights=found.weights))
    assert spread == pytest.approx(0.987 * sd, rel=0.03)  # a normal cut at 3 has .987
    assert em.effective(found.weights) < len(found.points)
    ranged = em.plausible([one], [(0.3, 0.5)], [0.03], np.ones(1), d=2, draws=50_000, seed=1)
    assert ranged.share == pytest.approx(0.2 + 6.0 * sd, rel=0.03)
    inside = (ranged.points[:, 0] > 0.3) & (ranged.points[:, 0] < 0.5)
    assert (ranged.misfit[inside] == 0.0).all()
    none = em.plausible([one], [(9.0, 9.0)], [0.03], np.ones(1), d=2, draws=1000, seed=1)
    assert (none.share, len(none.points)) == (0.0, 0)


def test_many_targets_of_a_family_weigh_as_one():
    assert em.family_weights([*"abaa"], [1.0, 3.0, 1.0, 1.0]).tolist() == [1 / 3, 3.0, 1 / 3, 1 / 3]
    one, other = exact(lambda u: u[:, 0]), exact(lambda u: u[:, 1])
    alone = em.plausible([one, other], [(0.5, 0.5)] * 2, [0.2] * 2, np.ones(2), d=2, draws=9,
                         seed=1)  # fmt: skip
    weights = em.family_weights([*"aba"], np.ones(3))
    more = em.plausible([one, other, one], [(0.5, 0.5)] * 3, [0.2] * 3, weights, d=2, draws=9,
                        seed=1)  # fmt: skip
    assert more.misfit == pytest.approx(alone.misfit)


def test_a_ridge_is_named_and_what_is_known_is_not_on_it():
    """u_0 + u_1 is known, u_2 is known, of u_3 nothing."""
    rng = np.random.default_rng(5)
    u = rng.random((40_000, 4))
    near = (np.abs(u[:, 0] + u[:, 1] - 1.0) < 0.03) & (np.abs(u[:, 2] - 0.3) < 0.1)
    found = em.identified(u[near], np.ones(near.sum()))
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
    found = em.identified(u, weights)
    assert found.ridges == ()
    ratio = 12.0 * (0.05**2 + 0.15**2) / 4.0  # variance of (total + apart) / 2
    assert found.ratio == pytest.approx([ratio, ratio, 1.0], rel=0.15)
    assert found.ratios == pytest.approx([6.0 * 0.05**2, 6.0 * 0.15**2, 1.0], rel=0.15)
    assert found.seen == pytest.approx([1.0, 1.0, 0.0], abs=0.02)


def test_weights_count_in_quantiles_and_in_the_middle():
    points, weights = np.array([[0.1], [0.2], [0.9]]), np.array([0.1, 0.1, 0.8])
    assert em.quantiles(points, weights, (0.05, 0.5))[:, 0].tolist() == [0.1, 0.9]
    assert em.central(points, weights) == 2
    assert em.central(points, np.full(3, 1 / 3)) == 1
    assert em.weighted(np.array([0.0, 2.0 * np.log(3.0), np.inf])).tolist() == pytest.approx(
        [0.75, 0.25, 0.0]
    )
