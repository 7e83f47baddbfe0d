"""The stored zero: the path of means of the twin of the default parameters.

    python -m ydsim.analysis.fit_zero [--scale .05] [--replicates 5] [--end 2050] [--write]

Lives replicates of the twin of ``baseline``, all policies off, and stores what each quarter was
like on average, at the scale of the defaults: the expected quality of founders depends on it a
little. See `ydsim.twin` for what it is for. The file carries a hash of parameters and world; a test
fails when it is stale.
"""

from __future__ import annotations

import argparse
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np

from ydsim.agents.means import Means
from ydsim.model import Model
from ydsim.scenario.load import load_scenario, scenario_hash
from ydsim.scenario.schema.scenario import Scenario
from ydsim.stored_zero import controls, zero_file
from ydsim.twin import twin_settings
from ydsim.world.loader import load_world


def lived(scenario: Scenario, replicate: int = 0) -> list[Means]:
    """Return the means of every recorded quarter of a twin."""
    model = Model(scenario, replicate=replicate, twin=True)
    found = []
    while model.running:
        model.step()
        found.append(model.state.means.copy())
    return found


def main() -> None:
    """Live the twin, print where it begins and ends, and store it with ``--write``."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--scenario", default="baseline")
    parser.add_argument("--scale", type=float, default=0.05)
    parser.add_argument("--replicates", type=int, default=5)
    parser.add_argument("--end", type=int, default=2050)
    parser.add_argument("--write", action="store_true", help="store the result in the package")
    options = parser.parse_args()
    plain = load_scenario(options.scenario)
    world = load_world(plain.world)
    scenario = twin_settings(plain).model_copy(update={"end": options.end, "scale": options.scale})
    paths = [lived(scenario, replicate) for replicate in range(options.replicates)]
    path = paths[0]
    for when, means in (("first", path[0]), ("last", path[-1])):
        print(
            f"{when} quarter: launches {means.launches:.0f} a year, founders' quality "
            f"{means.founder_quality:.4f}, mean effort {means.effort.mean():.3f} researchers, "
            f"knowledge within reach {means.access.mean():.0f} researchers"
        )
    if options.write:
        values = {
            f.name: np.mean([[getattr(m, f.name) for m in one] for one in paths], axis=0)
            for f in fields(Means)
        }
        parameters = scenario_hash(controls(scenario)) + ":" + world.digest
        with Path(str(zero_file(world.name))).open("wb") as handle:
            kept: dict[str, Any] = {
                "parameters": parameters,
                "first_year": scenario.start,
                **values,
            }
            np.savez_compressed(handle, **kept)


if __name__ == "__main__":
    main()
