"""The stored base run belongs to the present parameters and does what it is for."""

from __future__ import annotations

import numpy as np
import pytest

from ydsim import Model, load_scenario, load_world
from ydsim.analysis.fit_base_run import dump, fingerprint, one_pass
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
    assert dump(base, world) == base_run_file("yrd").read_text(encoding="utf-8")


@pytest.mark.slow
def test_one_pass_from_nothing_makes_official_output_next_time() -> None:
    scenario = load_scenario("baseline", {"end": 2020})
    world = load_world("yrd")
    base, _ = one_pass(scenario, world, BaseRun(), 1)
    base, _ = one_pass(scenario, world, base, 1)
    model = Model(scenario, world=world, base=base).run()
    made = model.recorder.series("value_added_secondary", "province").reshape(10, 4, 4).sum(axis=1)
    official = model.state.inputs.secondary[:-1].reshape(4, 10, 4).sum(axis=2).T
    assert np.abs(made / official - 1.0).max() < 0.02
