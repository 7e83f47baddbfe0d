"""A run reads inputs drawn by its own seed and replicate, whatever its policies and its end."""

from __future__ import annotations

import numpy as np

from ydsim import Model, load_scenario

SMALL = {"scale": 0.02, "end": 2023, "parameters.population.burn_in": 0}


def government(replicate: int = 0, seed: int | None = None, **changes: object) -> np.ndarray:
    scenario = load_scenario("synthetic", {**SMALL, **changes})
    model = Model(scenario, replicate=replicate, seed=seed)
    return np.vstack([model.state.inputs.government, model.state.national.outside_mass])


def test_replicates_and_seeds_differ_after_the_data_alone() -> None:
    first = government()
    for other in (government(1), government(seed=99)):
        np.testing.assert_array_equal(other[:, :36], first[:, :36])
        assert (other[:, -4:] != first[:, -4:]).all()


def test_policies_scale_and_end_do_not_change_what_is_drawn() -> None:
    first = government(2)
    open_borders = {"policies.rd_grants.rate": 0.3, "policies.rd_grants.start": 2012}
    np.testing.assert_array_equal(government(2, **open_borders), first)
    np.testing.assert_array_equal(government(2, scale=0.05), first)
    np.testing.assert_array_equal(government(2, end=2026)[:, :52], first)


def test_without_uncertainty_all_replicates_are_one_world() -> None:
    none = {"parameters.inputs.uncertainty": 0.0}
    first = government(**none)
    np.testing.assert_array_equal(government(5, seed=7, **none), first)
    assert (first[:, -4:] != government()[:, -4:]).all()
