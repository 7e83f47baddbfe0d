"""No parameter is dead: a change of each moves what it is about, and into the right direction."""

from dataclasses import replace

import numpy as np
import pytest
from pydantic import BaseModel

from tests.model.small import differing, scenario, world
from ydsim.model import Model
from ydsim.scenario.parameters import Parameters

FAST = {"chain.effort": (5.0, 8.0, 2.0), "chain.duration": (2.0, 3.0, 1.0)}
"""A short chain, so that launches come within the burn-in."""


def leaves(section=Parameters, path=""):
    for name, field in section.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from leaves(field.annotation, f"{path}{name}.")
        else:
            yield path + name


# path: (values from low to high, indicator, direction: +1 rises, -1 falls, 0 changes)
MOVES = {
    "inputs.growth_2030": ((0.0, 0.2), "gdp_alt", +1),
    "inputs.fade_until": ((2043, 2080), "gdp_alt", -1),
    "inputs.outside_secondary": ((0.2, 0.6), "value_added_secondary", 0),
    "population.burn_in": ((20, 28), "generations_live", 0),
    "population.size_exponent": ((0.8, 2.5), "herfindahl", -1),
    "population.size_range": ((2.0, 5000.0), "herfindahl", +1),
    "population.mix_concentration": ((2.0, 1e5), "herfindahl", 0),
    "population.knowledge_sd": ((0.0, 1.5), "launches", 0),
    "population.absorptive_sd": ((0.0, 1.5), "adoptions", 0),
    "population.growth": ((-0.1, 0.1), "firms", +1),
    "population.exit_low": ((0.02, 0.5), "exits", +1),
    "population.exit_high": ((0.07, 0.9), "exits", +1),
    "population.entrant_size": ((0.01, 2.0), "herfindahl", -1),
    "fund.university_share": ((0.0, 0.4), "rd_grants", -1),
    "fund.institute_share": ((0.0, 0.75), "rd_grants", -1),
    "fund.theta": ((0.0, 1.0), "ledger", 0),
    "fund.leakage": ((0.0, 0.5), "rd_grants_leaked", +1),
    "fund.profit_margin": ((0.05, 0.5), "profit_tax", +1),
    "fund.profit_tax": ((0.0, 0.5), "profit_tax", +1),
    "fund.tax_central": ((0.0, 1.0), "ledger", 0),
    "fund.payout": ((0.0, 1.0), "ledger", 0),
    "fund.cash_limit": ((0.0, 50.0), "ledger", 0),
    "invest.intensity": ((0.005, 0.1), "rd_funds_enterprise", +1),
    "invest.adjustment": ((0.0, 3.0), "rd_funds_enterprise", 0),
    "invest.feedback": ((0.0, 1.0), "rd_funds_enterprise", 0),
    "invest.feedback_offset": ((0.01, 1.0), "rd_funds_enterprise", 0),
    "invest.innovative_scale": ((5.0, 500.0), "innovative_sales_share", -1),
    "invest.additionality": ((-0.5, 4.0), "rd_funds_enterprise", +1),
    "invest.tax_elasticity": ((0.0, 2.0), "rd_funds_enterprise", +1),
    "invest.size_elasticity": ((0.1, 1.4), "launches", 0),
    "invest.effect_sd": ((0.0, 1.5), "launches", 0),
    "invest.residual_share": ((0.0, 0.5), "rd_funds_enterprise", +1),
    "explore.learning": ((0.0, 0.1), "launches", 0),
    "explore.forgetting": ((0.0, 0.9), "launches", 0),
    "explore.need": ((0.0, 5.0), "launches", 0),
    "explore.ideas": ((0.02, 1.0), "ideas", +1),
    "explore.ideas_exponent": ((0.3, 1.0), "ideas", +1),
    "explore.quality_knowledge": ((0.0, 2.0), "inventions", 0),
    "explore.quality_sd": ((0.0, 2.0), "launches", 0),
    "explore.radical_share": ((0.0, 1.0), "projects_failed", +1),
    "explore.radical_sd": ((0.0, 5.0), "launches", 0),
    "explore.imitation": ((0.0, 1.0), "launches", 0),
    "explore.imitation_distance": ((0.05, 50.0), "launches", 0),
    "explore.imitation_catch_up": ((0.0, 1.0), "developments", 0),
    "chain.effort": (((5.0, 8.0, 2.0), (20.0, 60.0, 8.0)), "launches", -1),
    "chain.duration": (((1.0, 1.0, 1.0), (8.0, 8.0, 4.0)), "launches", -1),
    "chain.failure": (((0.0, 0.0, 0.0), (2.0, 2.0, 2.0)), "projects_failed", +1),
    "chain.radical_failure": ((0.0, 10.0), "projects_failed", +1),
    "chain.firm": (((0.3, 0.3, 0.3), (1.0, 1.0, 1.0)), "launches", +1),
    "chain.university": (((0.0, 0.0, 0.0), (1.0, 1.0, 0.0)), "projects_waiting", -1),
    "chain.institute": (((0.0, 0.0, 0.0), (1.0, 1.0, 0.0)), "projects_waiting", -1),
    "chain.capability_needed": ((0.15, 0.9), "projects_waiting", +1),
    "chain.waiting_death": ((0.0, 3.0), "projects_died_waiting", +1),
    "chain.project_share": ((0.1, 1.0), "launches", +1),
    "chain.span": ((1.0, 100.0), "launches", 0),
    "chain.selection": ((0.1, 5.0), "launches", +1),
    "generations.foundings": ((2.0, 12.0), "generations_founded", +1),
    "generations.outside_foundings": ((1.0, 30.0), "generations_founded_outside", +1),
    "generations.launch_elasticity": ((0.0, 1.0), "generations_founded", 0),
    "generations.improvement": ((0.0, 0.1), "productivity_log", +1),
    "generations.frontier_growth": ((0.0, 0.2), "productivity_log", +1),
    "generations.crowding": ((0.01, 50.0), "productivity_log", 0),
    "generations.lifetime": ((6, 60), "generations_live_outside", +1),
    "generations.saturation": ((0.1, 1.0), "generations_live_outside", +1),
    "adopt.external": ((0.001, 0.3), "adoptions", +1),
    "adopt.internal": ((0.0, 4.0), "adoptions", +1),
    "adopt.own_city": ((0.0, 1.0), "adoptions", 0),
    "adopt.outside": ((0.0, 0.9), "adoptions", 0),
    "adopt.gain_elasticity": ((0.0, 3.0), "adoptions", 0),
    "adopt.appeal_sd": ((0.0, 2.0), "adoptions", 0),
    "adopt.speed_kmh": ((20.0, 900.0), "adoptions", 0),
    "adopt.decay_h": ((0.1, 50.0), "adoptions", 0),
    "adopt.border": ((0.0, 1.0), "adoptions", -1),
    "compete.catch_up": ((0.0, 0.3), "productivity_log", +1),
    "compete.depreciation": ((0.0, 0.05), "productivity_log", -1),
    "compete.effect_sd": ((0.0, 1.0), "productivity_log_sd", +1),
    "compete.entry_gap": ((-0.5, 1.0), "productivity_log", -1),
    "compete.selection": ((0.0, 0.2), "herfindahl", +1),
    "compete.share_floor": ((0.0, 0.5), "herfindahl", -1),
    "compete.sigma": ((1.5, 8.0), "value_added_secondary", 0),
    "compete.share_adjustment": ((0.0, 1.0), "value_added_secondary", 0),
    "compete.transport_region": ((0.3, 1.0), "value_added_secondary", 0),
    "compete.transport_outside": ((0.3, 1.0), "value_added_secondary", 0),
    "compete.border": ((0.0, 1.0), "value_added_secondary", 0),
    "compete.border_cost": ((0.0, 1.0), "value_added_secondary", 0),
    "compete.outside_growth": ((-0.1, 0.1), "value_added_secondary", -1),
}

NO_BORDER_POLICY = {"policies": {"border_friction": {"strength": 0.0}}}
LATE = {"years": 33, "start": 2041, "scale": 0.002}
OTHERWISE = {
    "inputs.growth_2030": LATE,
    "inputs.fade_until": LATE,
    "invest.tax_elasticity": {
        "policies": {"tax": {"policy": "tests.policies.user_cost.UserCost", "cost": 0.5}}
    },
    "invest.additionality": {"policies": {"rd_grants": {"rate": 0.3}}},
    "adopt.border": NO_BORDER_POLICY,
    "compete.border": NO_BORDER_POLICY,
}
"""Settings of the run in which a parameter shows."""


def test_every_parameter_is_in_the_table():
    assert list(MOVES) == list(leaves())


def lived(path, value):
    given = {**FAST, path: value}
    options = {"years": 2, "scale": 0.01, **OTHERWISE.get(path, {})}
    burn_in = given.pop("population.burn_in", 24)
    place = tilted(world())
    return Model(scenario(parameters=given, burn_in=burn_in, **options), world=place).run()


def tilted(place):
    """The synthetic world with uneven relevance and some distances, so that both matter."""
    n_j, n_f = place.relevance.shape
    relevance = 1.0 + 3.0 * (np.arange(n_f)[None, :] == np.arange(n_j)[:, None])
    near = 1.0 + 0.5 * ((np.arange(12)[:, None] + np.arange(12)[None, :]) % 3 == 0)
    return replace(
        place,
        relevance=relevance / relevance.sum(axis=1, keepdims=True),
        distance_km=place.distance_km * near,
    )


@pytest.mark.parametrize("path", MOVES)
def test_every_parameter_moves_its_variable(path):
    (low, high), name, direction = MOVES[path]
    first, second = lived(path, low), lived(path, high)
    changed = differing(first.recorder.tables(), second.recorder.tables())
    assert changed, f"{path} is dead"
    if name == "ledger":
        assert "ledger.amount" in changed
        return
    assert f"series.{name}" in changed
    rise = second.recorder.series(name)[-4:].mean() - first.recorder.series(name)[-4:].mean()
    assert direction * rise >= 0.0
    assert direction == 0 or rise != 0.0


def test_borders_act_without_a_border_policy_as_with_one():
    """The parameters and the policy are two ways to say the same level."""
    both = {"adopt.border": 0.2, "compete.border": 0.2}
    said = Model(scenario(parameters=both, **NO_BORDER_POLICY), world=world()).run()
    policy = {"border_friction": {"level": 0.2}}
    asked = Model(scenario(parameters=both, policies=policy), world=world()).run()
    assert differing(said.recorder.tables(), asked.recorder.tables()) == []


def test_borders_of_the_parameters_hold_where_no_policy_names_another():
    """A scenario that names no policy lives under the borders of its parameters."""
    open_ = Model(scenario(parameters={"adopt.border": 0.0, "compete.border": 0.0}), world=world())
    assert open_.environment_at(2011.0).border_exposure.max() == 0.0
    assert open_.environment_at(2011.0).border_market.max() == 0.0


def test_science_organisations_may_launch_when_a_scenario_says_so():
    given = {**FAST, "chain.capability_needed": 0.05}
    Model(scenario(parameters=given, scale=0.05), world=world()).run()


def test_a_run_stays_finite_when_learning_is_fast():
    """Within the bounds of the parameter; knowledge, quality and gains grow together."""
    m = Model(scenario(parameters={**FAST, "explore.learning": 0.5}), world=world()).run()
    assert np.isfinite(m.recorder.series("productivity_log")).all()
