"""Where runs are made, and emulators of planted functions."""

import numpy as np
import pytest

from ydsim.studies import emulation as em


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
    assert good.r2 == pytest.approx(1.0 - 0.01 / noisy.var(), abs=0.05)
    assert np.sqrt(good.noise) == pytest.approx(0.1, rel=0.35)
    assert bad.r2 < 0.3
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
        assert np.isnan(em.emulate(points, values).r2)


@pytest.mark.slow
def test_lengths_of_some_runs_serve_all(monkeypatch):
    """Lengths come from forty of ninety runs; all ninety say what is new."""
    points, rng = em.hypercube(90, 2, seed=1), np.random.default_rng(2)
    values = np.sin(4.0 * points[:, 0]) + 0.01 * rng.normal(size=90)
    monkeypatch.setattr(em, "LENGTHS", 40)
    found, new = em.emulate(points, values), rng.random((50, 2))
    assert len(found.process.X_train_) == 90
    assert found.at(new)[0] == pytest.approx(np.sin(4.0 * new[:, 0]), abs=0.03)
    assert found.r2 > 0.99


@pytest.mark.slow
def test_processes_say_the_same_and_a_target_without_values_is_left_out():
    points, new = em.hypercube(20, 2, seed=1), em.hypercube(7, 2, seed=2)
    values = {"a": points[:, 0], "none": np.full(20, np.nan), "b": points[:, 1] ** 2}
    one, two = (em.predictions_of(points, values, new, jobs=jobs) for jobs in (1, 2))
    assert one.names == two.names == ("a", "b")
    assert np.isnan(one.r2["none"])
    assert (one.mean.tolist(), one.variance.tolist()) == (two.mean.tolist(), two.variance.tolist())
    assert one.mean[:, 0] == pytest.approx(new[:, 0], abs=0.01)
