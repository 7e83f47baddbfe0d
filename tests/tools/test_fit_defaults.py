"""The stored base run belongs to the present parameters; the fit of contracts finds its plants."""

from dataclasses import replace

import numpy as np
import pytest

from tools.fit_defaults import SCIENCE_NUMBER, base_run_file, entropy_weights, split
from tools.published import contract_figure
from tools.sense import log_rmse, official_value_added, yearly
from ydsim import Model, load_scenario, load_world
from ydsim.studies.fit import dump, fingerprint
from ydsim.world.base_run import BaseRun, load_base_run


def test_the_stored_base_run_is_not_stale():
    base = load_base_run(load_world("yrd"))
    message = "refit with: python -m tools.fit_defaults base_run --write"
    assert base.parameters == fingerprint(load_scenario("baseline"), load_world("yrd")), message


def test_the_fingerprint_follows_the_parameters():
    world = load_world("yrd")
    plain = fingerprint(load_scenario("baseline"), world)
    changed = load_scenario("baseline", {"parameters.adopt.internal": 0.61})
    assert fingerprint(changed, world) != plain
    assert fingerprint(load_scenario("baseline", {"seed": 5}), world) == plain


def test_a_world_of_other_data_has_no_base_run():
    earlier = load_world("yrd", until=2017)
    assert load_base_run(earlier) == BaseRun()
    assert load_base_run(load_world("synthetic")) == BaseRun()


def test_dump_and_load_agree():
    world = load_world("yrd")
    base = load_base_run(world)
    assert dump(base) == base_run_file("yrd").read_text(encoding="utf-8")


@pytest.mark.slow
def test_cities_make_official_output_in_the_base_run():
    """Fitted in the mean at scale .05; a few small runs come near, nearer than without."""
    scenario = load_scenario("baseline", {"end": 2020, "scale": 0.02})
    world = load_world("yrd")
    stored = load_base_run(world)
    unfitted = replace(stored, market_shift=np.zeros((world.n_cities, 20)))
    found = {}
    for name, base in (("fitted", stored), ("not", unfitted)):
        models = [Model(scenario, replicate=r, world=world, base=base).run() for r in range(3)]
        made = np.mean([yearly(m, "value_added_secondary", "city") for m in models], axis=0)
        official = {year: official_value_added(models[0], year) for year in (2011, 2020)}
        found[name] = {year: log_rmse(made[year - 2011], official[year]) for year in official}
    assert found["fitted"][2011] < 0.05
    assert found["fitted"][2020] < min(0.25, found["not"][2020])


def test_the_stored_shift_is_one_by_city_and_year():
    world = load_world("yrd")
    shift = load_base_run(world).market_shift
    assert shift is not None
    assert shift.shape == (world.n_cities, 20)
    later = np.diff(shift)[:, 10:]  # from 2022 on one change for all cities
    np.testing.assert_allclose(later, np.tile(later[:1], (world.n_cities, 1)), atol=2e-6)
    assert np.abs(shift[:, :10]).max() < 1.0


@pytest.mark.parametrize(("price", "market"), [(2.0, 0.5), (0.1, 3.0), (8.0, 0.01)])
def test_planted_factors_are_found(price, market):
    projects, sold = np.array([3.0, 5.0, 9.0]), np.array([20.0, 22.0, 60.0])
    official = price * projects + market * sold
    part = price * projects.sum() / official.sum()
    found = split(projects, sold, official, part)
    assert found == pytest.approx((price, market), rel=1e-12)


def test_part_and_mean_log_hold_whatever_the_shape():
    projects, sold = np.array([1.0, 7.0]), np.array([4.0, 4.0])
    official = np.array([100.0, 10.0])
    a, b = split(projects, sold, official, 0.3)
    assert a * projects.sum() / (a * projects + b * sold).sum() == pytest.approx(0.3)
    assert np.log((a * projects + b * sold) / official).mean() == pytest.approx(0.0, abs=1e-12)


def test_the_part_of_science_by_number_is_that_of_the_file():
    science = sum(
        contract_figure("seller", who, "number_first_half", 2020)
        for who in ("universities", "institutes")
    )
    whole = contract_figure("total", "total", "number_first_half", 2020)
    assert science / whole == pytest.approx(SCIENCE_NUMBER, abs=0.005)


def test_a_figure_that_is_not_there_is_named():
    with pytest.raises(LookupError, match="China, 1999, seller, firms, value_share"):
        contract_figure("seller", "firms", "value_share", 1999)


def test_entropy_weights_by_hand():
    # the first indicator is all in one of two observations (e = 0); in the second p = 1/4, 3/4
    e = -(0.25 * np.log(0.25) + 0.75 * np.log(0.75)) / np.log(2)
    want = np.array([1.0, 1.0 - e, 0.0]) / (2.0 - e)
    x = np.array([[0.0, 0.25, 0.5], [1.0, 0.75, 0.5]])
    assert entropy_weights(x) == pytest.approx(want)
    x = np.array([[0.1, 0.0, 0.2], [0.1, 0.0, 0.4], [0.1, 0.0, 0.9]])
    assert entropy_weights(x).tolist() == [0.0, 0.0, 1.0]
