"""Fit of the scale of the recorded measures, stored beside the base run.

    python -m ydsim.analysis.fit_measures [--replicates 160] [--write]

The scale of coupling follows from official figures, and from the innovative sales share of the
base run. Flows of 2011 across province borders are means over replicates of ``baseline``. The file
carries a hash of everything that they were made under; a test fails when it is stale.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np

from ydsim.analysis.fit_base_run import fingerprint
from ydsim.model import Model
from ydsim.record.collaboration import FLOWS, cross_flows
from ydsim.record.coupling import (
    LAST_OFFICIAL,
    MADE,
    NEW,
    PER_RESIDENT,
    official_panel,
    official_scale,
)
from ydsim.record.yearly import supply
from ydsim.scenario.load import load_scenario
from ydsim.store.rounding import round_significant
from ydsim.typing import Floats
from ydsim.world.base_run import BaseRun, load_base_run
from ydsim.world.loader import load_world
from ydsim.world.measure_base import BASE_YEAR, MeasureBase, measure_file
from ydsim.world.world import World

REFERENCE_YEAR = 2012
"""First year with official sales of new products."""


def fit_coupling(world: World, base: BaseRun) -> tuple[dict[str, float], dict[str, float], float]:
    """Return the best values, the weights and the constant of new products, rounded."""
    panel = official_panel(world, 1.0, LAST_OFFICIAL)
    ratio = float(panel[NEW][-1, REFERENCE_YEAR - BASE_YEAR])
    if base.innovative_share is None:
        raise ValueError("the world has no base run")
    constant = _rounded(ratio / base.innovative_share)
    best, weight = official_scale(panel | {NEW: panel[NEW] / constant})
    weight = {name: round(value, 6) for name, value in weight.items()}
    for names in ((*PER_RESIDENT[:-1],), (MADE, NEW)):  # rounded weights, a sum of one again
        weight[names[-1]] = round(1.0 - sum(weight[n] for n in names[:-1]), 6)
    return {name: _rounded(value) for name, value in best.items()}, weight, constant


def fit_flows(replicates: int) -> dict[str, Floats]:
    """Return the flows (P + 1,) of the base year, means over replicates of ``baseline``."""
    scenario = load_scenario("baseline")
    world = load_world(scenario.world)
    runs = [_flows(Model(scenario, replicate=r, world=world)) for r in range(replicates)]
    return {name: round_significant(np.mean([run[name] for run in runs], axis=0)) for name in FLOWS}


def _flows(model: Model) -> dict[str, Floats]:
    found = {name: np.zeros(model.world.n_provinces + 1) for name in FLOWS}
    record = model.recorder.observe

    def observe() -> None:
        for name, flow in cross_flows(model.state, supply(model.state)).items():
            found[name] += flow
        record()

    model.recorder.observe = observe  # type: ignore[method-assign]
    for _ in range(4):
        model.step()
    return found


def dump(base: MeasureBase, world: World) -> str:
    """Return the file of the constants as JSON."""
    data = {
        "parameters": base.parameters,
        "world": world.digest,
        "best": dict(base.best),
        "weight": dict(base.weight),
        "new_products": base.new_products,
        "provinces": list(base.provinces),
        "flows": {name: values.tolist() for name, values in base.flows.items()},
    }
    return json.dumps(data, indent=1) + "\n"


def _rounded(value: float) -> float:
    return float(round_significant(np.array([value]))[0])


def main() -> None:
    """Fit, print, and store with ``--write``."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--replicates", type=int, default=160)
    parser.add_argument("--write", action="store_true", help="store the result in the package")
    options = parser.parse_args()
    scenario, world = load_scenario("baseline"), load_world("yrd")
    best, weight, constant = fit_coupling(world, load_base_run(world))
    found = MeasureBase(
        parameters=fingerprint(scenario, world),
        best=best,
        weight=weight,
        new_products=constant,
        provinces=world.provinces,
        flows=fit_flows(options.replicates),
    )
    text = dump(found, world)
    print(text, end="")
    if options.write:
        Path(str(measure_file())).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
