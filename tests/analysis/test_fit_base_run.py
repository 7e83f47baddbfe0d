"""The stored base run belongs to the present parameters and does what it is for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ydsim import Model, load_scenario, load_world
from ydsim.analysis.fit_base_run import dump, fingerprint, traces_of
from ydsim.analysis.fit_target import Target
from ydsim.analysis.rows import yearly
from ydsim.pages.sense_cities import log_rmse, official_value_added
from ydsim.processes.reference import own_reference
from ydsim.world.base_run import BaseRun, base_run_file, load_base_run


def test_the_stored_base_run_is_not_stale() -> None:
    base = load_base_run(load_world("yrd"))
    message = "refit with: python -m ydsim.analysis.fit_base_run --write"
    assert base.parameters == fingerprint(load_scenario("baseline"), load_world("yrd")), message


def test_the_fingerprint_follows_the_parameters() -> None:
    world = load_world("yrd")
    plain = fingerprint(load_scenario("baseline"), world)
    changed = load_scenario("baseline", {"parameters.adopt.internal": 0.61})
    assert fingerprint(changed, world) != plain
    assert fingerprint(load_scenario("baseline", {"seed": 5}), world) == plain


def test_a_world_of_other_data_has_no_base_run() -> None:
    earlier = load_world("yrd", until=2017)
    assert load_base_run(earlier) == BaseRun()
    assert load_base_run(load_world("synthetic")) == BaseRun()


def test_dump_and_load_agree() -> None:
    world = load_world("yrd")
    base = load_base_run(world)
    assert dump(base) == base_run_file("yrd").read_text(encoding="utf-8")


@pytest.mark.slow
def test_one_pass_from_nothing_makes_official_output_next_time() -> None:
    scenario = load_scenario("baseline", {"end": 2020})
    world = load_world("yrd")
    target, base = Target.of(scenario, world), BaseRun()
    for _ in range(2):
        base, _ = target.following(traces_of(scenario, base, [0]))
    model = Model(scenario, world=world, base=base).run()
    made = model.recorder.series("value_added_secondary", "province").reshape(10, 4, 4).sum(axis=1)
    official = model.state.inputs.secondary[:-1].reshape(4, 10, 4).sum(axis=2).T
    assert np.abs(made / official - 1.0).max() < 0.02


@pytest.mark.slow
def test_cities_make_official_output_in_the_base_run() -> None:
    """Fitted in the mean at scale .05; a few small runs come near, nearer than without."""
    scenario = load_scenario("baseline", {"end": 2020, "scale": 0.02})
    world = load_world("yrd")
    stored = load_base_run(world)
    unfitted = replace(stored, market_shift=np.zeros((world.n_cities, 10)))
    found = {}
    for name, base in (("fitted", stored), ("not", unfitted)):
        models = [Model(scenario, replicate=r, world=world, base=base).run() for r in range(3)]
        made = np.mean([yearly(m, "value_added_secondary", "city") for m in models], axis=0)
        official = {year: official_value_added(models[0], year) for year in (2011, 2020)}
        found[name] = {year: log_rmse(made[year - 2011], official[year]) for year in official}
    assert found["fitted"][2011] < 0.05
    assert found["fitted"][2020] < min(0.25, found["not"][2020])


def test_the_stored_shift_is_one_by_city_and_year() -> None:
    world = load_world("yrd")
    shift = load_base_run(world).market_shift
    assert shift is not None
    assert shift.shape == (world.n_cities, 10)
    assert np.abs(shift).max() < 1.0


def test_a_base_run_of_other_places_is_refused() -> None:
    """One row by province, as older versions stored it."""
    world = load_world("yrd")
    old = replace(load_base_run(world), market_shift=np.zeros((world.n_provinces, 10)))
    with pytest.raises(ValueError, match="41 cities"):
        own_reference(old, 2011, 8, 0.02, world, (0.1, 1.0, 1.0))
