"""What a run begins with: inputs, first population, markets at rest, the end of the burn-in."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ydsim.agents.state import State
from ydsim.measures.groups import over_provinces, parts_within
from ydsim.noise import NoiseSource
from ydsim.policies.environment import PolicyEnvironment
from ydsim.processes import talent
from ydsim.processes.advance import open_queue
from ydsim.processes.compete import arrival, demand, log_prices, pull_at_rest, sell, supply
from ydsim.processes.invest import normalise_effects, rest
from ydsim.processes.populate import calibrate_weights, fit_city_weights, populate
from ydsim.scenario.schema.parameters import (
    ActorParameters,
    CompeteParameters,
    GovernanceParameters,
    Parameters,
)
from ydsim.scenario.schema.scenario import Scenario
from ydsim.typing import Floats
from ydsim.world.anchors import rd_shift
from ydsim.world.base_run import BaseRun
from ydsim.world.inputs import (
    LONG_RUN,
    MARGIN,
    SPAN,
    Outlook,
    by_quarter,
    extend_inputs,
    load_rules,
)
from ydsim.world.national import national_series
from ydsim.world.world import World


def first_state(settings: Scenario, world: World, noise: NoiseSource, base: BaseRun) -> State:
    """Return the state at the beginning of the burn-in."""
    parameters = settings.parameters
    keys, known_in = parameters.inputs, world.known_in
    ended = LONG_RUN if known_in is None else known_in + SPAN
    outlook = Outlook(keys.growth_2030, ended, keys.uncertainty, noise, load_rules(known_in))
    yearly = extend_inputs(
        world,
        settings.start,
        settings.end + MARGIN,
        outlook=outlook,
        roc_secondary_share=keys.outside_secondary,
        theta=parameters.fund.theta,
    )
    shift = rd_shift(base, world, settings.start, settings.end, outlook)
    examination = parameters.contracts.examination
    return populate(
        world,
        replace(by_quarter(yearly, MARGIN), rd_shift=shift),
        base,
        # firms that are listed one by one are not sampled
        settings.scale if world.listed is None else 1.0,
        parameters,
        noise,
        national_series(world, settings.start, settings.end, examination, yearly.gdp, outlook),
    )


def reference_settings(settings: Scenario) -> Scenario | None:
    """Return the scenario whose burn-in gives the constants of a run, None for its own.

    All groups of actors are in it, so that what becomes of the region without one is found.
    """
    keys = settings.parameters
    if settings.reference == "defaults":
        parameters = Parameters()
    else:
        parameters = keys.model_copy(update={"actors": ActorParameters()})
    if parameters == keys:
        return None
    off = {"policies": {}, "shocks": (), "governance": GovernanceParameters(), "reference": "own"}
    return settings.model_copy(update={"parameters": parameters, **off})


def fit_markets(
    state: State, baseline: PolicyEnvironment, keys: CompeteParameters, target: Floats
) -> None:
    """Set market weights so that markets at rest make ``target``, output (J, C + 1).

    Met are the sums of provinces by industry, and those of cities over all industries.
    """
    market, world = state.market, state.world
    where = (world.city_province, world.n_provinces)
    offered = supply(state, np.zeros(len(world.industries)))
    tau = arrival(baseline.protection, baseline.goods, keys)
    market.weight, market.lagged = calibrate_weights(
        np.hstack([over_provinces(target[:, :-1], *where), target[:, -1:]]),
        offered.by_place,
        tau,
        demand(state),
        keys,
    )
    market.price_at_start = log_prices(
        market.weight, offered.by_place, tau, keys.sigma, world.industry_share
    )
    market.city_weight = fit_city_weights(
        target[:, :-1], offered.mass, offered.by_city, *where, keys.sigma
    )
    part = parts_within(market.city_weight * offered.mass, *where)
    market.city_pull = pull_at_rest(part, offered.by_city, *where, keys.sigma)
    sell(state, offered.mass, np.zeros(world.n_cities))


def official_research(state: State, settings: Scenario) -> Floats | None:
    """Return own R&D of the sampled firms in the first quarter, (P,), None if not published."""
    world = state.world
    year = min(settings.start, world.until)
    published = world.series.get("rd_funds_enterprise")
    if published is None or not np.isfinite(published.at(year)[:-1]).all():
        return None
    gdp = state.inputs.gdp[:-1]
    # after the last official year research keeps its share of GDP
    known = world.series["gdp_alt"].at(year)[:-1]
    grown = gdp[:, :4].sum(axis=1) / known if year < settings.start else 1.0
    first = grown * gdp[:, 0] / gdp[:, :4].sum(axis=1)
    return state.scale * published.at(year)[:-1] * first


def settle(
    state: State,
    baseline: PolicyEnvironment,
    settings: Scenario,
    target: Floats,
    research: Floats | None,
) -> None:
    """Put the state at the end of the burn-in on the first quarter.

    ``target``: output that markets at rest make, (J, C + 1), 100m_rmb. ``research``: R&D of firms
    in the first quarter as of `official_research`.
    """
    parameters = settings.parameters
    talent.follow_demand(state)
    open_queue(state, settings.start, parameters.contracts)
    fit_markets(state, baseline, parameters.compete, target)
    normalise_effects(state)
    if research is not None:
        rest(state, research, baseline, parameters.invest)
    state.nation.at_start = state.nation.log_productivity.copy()
    state.ledger.recording = True
