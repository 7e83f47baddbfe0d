"""Fit of the base run: the constants that all scenarios are measured against.

    python -m ydsim.analysis.fit_base_run [--replicates 5] [--passes 4] [--write]

Each pass runs the replicates of ``baseline`` and then

1. takes x_bar as its mean of 2011-13,
2. sets log A of the rest of the nation to the region's mean log A by industry and quarter,
3. solves the markets alone, under the productivity of the pass, for the shift v of each city in
   the middle of each year: v <- v + log(official / simulated value added), until the mean of the
   replicates makes official secondary value added of cities to 2020: their official parts, spliced
   where the vintage changes, of what the provinces make.

Productivity hardly depends on v, so a few passes suffice. The file carries a hash of everything
it was made under; a test fails when it is stale.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ydsim.measures.groups import parts_within
from ydsim.model import Model
from ydsim.policies.environment import PolicyEnvironment
from ydsim.processes.compete import (
    Supply,
    arrival,
    ces_shares,
    city_shares,
    quarterly_part,
    supply,
)
from ydsim.processes.reference import shift_path
from ydsim.scenario.load import load_scenario, scenario_hash
from ydsim.scenario.schema.scenario import Scenario
from ydsim.typing import Floats
from ydsim.world.base_run import BaseRun, base_run_file
from ydsim.world.city_output import city_parts
from ydsim.world.loader import load_world
from ydsim.world.quarters import QuarterInputs
from ydsim.world.world import World

FIRST, LAST = 2011, 2020
REFERENCE_YEARS = 3
TOLERANCE = 1e-7
ITERATIONS = 200


@dataclass
class Trace:
    """What the fit needs of one run.

    Attributes
    ----------
    weight, share
        (J, O) and (J, O, O) weights and lagged shares of places at the end of the burn-in.
    productivity
        (T, J, P) mean A by industry and province.
    composition
        (T, J, C) parts c of cities in what their province sells.
    outside
        (T + 1, J) log of the region's mean A by industry; row 0 at the end of the burn-in.
    innovative_share
        Mean of the reference years.
    """

    weight: Floats
    share: Floats
    productivity: Floats
    composition: Floats
    outside: Floats
    innovative_share: float


def fingerprint(scenario: Scenario, world: World) -> str:
    """Return the hash of parameters, policies and world under which a base run is made."""
    plain = replace_controls(scenario)
    return scenario_hash(plain) + ":" + world.digest


def replace_controls(scenario: Scenario) -> Scenario:
    """Return the scenario with the settings that do not change the base run at their defaults."""
    inputs = scenario.parameters.inputs.model_copy(update={"uncertainty": 1.0})
    parameters = scenario.parameters.model_copy(update={"inputs": inputs})
    return Scenario(parameters=parameters, policies=scenario.policies)


def trace(scenario: Scenario, world: World, base: BaseRun, replicate: int) -> Trace:
    """Run one replicate and collect its trace."""
    model = Model(scenario, replicate=replicate, world=world, base=base)
    weight, share = model.state.market.weight.copy(), model.state.market.lagged.copy()
    productivity, composition, outside = [], [], [_regional(model)]
    while model.running:
        model.step()
        productivity.append(_offered(model).by_place[:, :-1])
        composition.append(_composition(model))
        outside.append(_regional(model))
    early = 4 * REFERENCE_YEARS
    recorder = model.recorder
    return Trace(
        weight,
        share,
        np.array(productivity),
        np.array(composition),
        np.array(outside),
        float(recorder.series("innovative_sales_share")[:early].mean()),
    )


def _regional(model: Model) -> Floats:
    """Return log of the region's mean A by industry, weighted by output."""
    state = model.state
    a, output = _offered(model).by_place[:, :-1], state.province_output()[:, :-1]
    mean: Floats = np.log((a * output).sum(axis=1) / output.sum(axis=1))
    return mean


def _offered(model: Model) -> Supply:
    """Return what firms offer, with an outside of log A zero."""
    return supply(model.state, np.zeros(len(model.world.industries)))


def _composition(model: Model) -> Floats:
    """Return c of the quarter that was just run, (J, C), from market shares without v."""
    world = model.world
    sold = model.state.market.share[:, :-1, 0]
    shift = model.reference.shift_at(model.state.quarter - 1)
    return parts_within(sold * np.exp(-shift), world.city_province, world.n_provinces)


def solve_shift(
    traces: list[Trace],
    outside: Floats,
    inputs: QuarterInputs,
    world: World,
    environment: list[PolicyEnvironment],
    scenario: Scenario,
) -> Floats:
    """Return v in the middle of each year, shape (C, Y), see the module docstring.

    Parameters
    ----------
    traces
        The runs; their markets are solved together and their outputs averaged.
    outside
        (T + 1, J) log A of the rest of the nation.
    inputs, world, scenario
        Demand, industry shares and market parameters.
    environment
        The policy environment of every quarter.
    """
    years = LAST - FIRST + 1
    lagged = [_lagged_shares(run, outside, environment, scenario) for run in traces]
    official = official_output(inputs, world)
    shift = np.zeros((world.n_cities, years))
    where = (world.city_province, world.n_provinces)
    for _ in range(ITERATIONS):
        path = shift_path(shift)
        output = np.zeros((world.n_cities, years))
        for t in range(4 * years):
            demanded = world.industry_share[:, None] * inputs.secondary[:, t]
            for run, share in zip(traces, lagged, strict=True):
                made = city_shares(share[t], run.composition[t], path[t + 1], *where)
                output[:, t // 4] += (made * demanded[:, None, :]).sum(axis=(0, 2))[:-1]
        gap = np.log(official / (output / len(traces)))
        shift = shift + gap
        if np.abs(gap).max() < TOLERANCE:
            break
    return shift


def official_output(inputs: QuarterInputs, world: World) -> Floats:
    """Return official secondary value added of cities from ``FIRST`` to ``LAST``, (C, Y)."""
    years = LAST - FIRST + 1
    provinces = inputs.secondary[:-1, : 4 * years].reshape(-1, years, 4).sum(axis=2)
    part = np.stack([city_parts(world, year) for year in range(FIRST, LAST + 1)], axis=1)
    made: Floats = part * provinces[world.city_province]
    return made


def _lagged_shares(
    run: Trace, outside: Floats, environment: list[PolicyEnvironment], scenario: Scenario
) -> list[Floats]:
    """Return the lagged market shares of places in a run in every quarter to ``LAST``."""
    keys = scenario.parameters.compete
    speed = quarterly_part(keys.share_adjustment)
    now, path = run.share, []
    for t in range(4 * (LAST - FIRST + 1)):
        tau = arrival(environment[t].protection, environment[t].border_market, keys)
        a = np.hstack([run.productivity[t], np.exp(outside[t + 1])[:, None]])
        now = now + speed * (ces_shares(run.weight, a, tau, keys.sigma) - now)
        path.append(now)
    return path


def one_pass(
    scenario: Scenario, world: World, base: BaseRun, replicates: int
) -> tuple[BaseRun, Floats]:
    """Run all replicates under ``base``; return the next base run and simulated over official."""
    probe = Model(scenario, world=world, base=base)
    environment = []
    for t in range(scenario.quarters):
        probe.state.quarter = t
        environment.append(probe.environment_at(probe.year))
    traces = [trace(scenario, world, base, r) for r in range(replicates)]
    outside: Floats = np.mean(np.stack([t.outside for t in traces]), axis=0)
    outside -= outside[0]
    shift = solve_shift(traces, outside, probe.state.inputs, world, environment, scenario)
    following = BaseRun(
        parameters=fingerprint(scenario, world),
        innovative_share=float(np.mean([t.innovative_share for t in traces])),
        outside_log_productivity=np.round(outside, 6),
        market_shift=np.round(shift, 6),
        first_year=FIRST,
    )
    return following, shift


def dump(base: BaseRun, world: World) -> str:
    """Return the file of a base run as JSON."""
    assert base.outside_log_productivity is not None
    assert base.market_shift is not None
    data: dict[str, Any] = {
        "parameters": base.parameters,
        "world": world.digest,
        "first_year": base.first_year,
        "innovative_share": round(base.innovative_share or 0.0, 6),
        "outside_log_productivity": base.outside_log_productivity.tolist(),
        "market_shift": base.market_shift.tolist(),
    }
    return json.dumps(data, indent=1) + "\n"


def main() -> None:
    """Fit, print the gaps that remain, and store with ``--write``."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--scenario", default="baseline")
    parser.add_argument("--replicates", type=int, default=5)
    parser.add_argument("--passes", type=int, default=4)
    parser.add_argument("--write", action="store_true", help="store the result in the package")
    options = parser.parse_args()
    # the fit is to official figures, and what comes after them goes on by its central path
    scenario = load_scenario(options.scenario, {"parameters.inputs.uncertainty": 0.0})
    world = load_world(scenario.world)
    base = BaseRun()
    for number in range(options.passes):
        base, shift = one_pass(scenario, world, base, options.replicates)
        print(
            f"pass {number + 1}: x_bar {base.innovative_share:.4f}, "
            f"largest |v| {np.abs(shift).max():.3f}, log A outside in the last quarter "
            f"{base.outside_log_productivity[-1].mean():.4f}",  # type: ignore[index]
            flush=True,
        )
    if options.write:
        Path(str(base_run_file(world.name))).write_text(dump(base, world), encoding="utf-8")


if __name__ == "__main__":
    main()
