"""Output pays for R&D, R&D for ideas, ideas for output: the circle does not run away.

Goods of the whole region are wanted more from 2012 on. What that adds to output in the first year
is direct; what it adds in the end has been around the circle, and were the gain of a turn g, it
would be at most 1 / (1 - g) times as much.

    g = 1 - first / last

It is measured where all that closes the circle is as strong as its evidence allows, and there with
the links one at a time as weak.
"""

import numpy as np
import pytest

from tests.support.small import burnt
from tests.support.worlds import packaged
from ydsim.scenario.load import load_scenario

STRONG = {
    "explore.ideas_exponent": 0.6,
    "explore.access": 0.8,
    "explore.nation": 0.0,
    "explore.absorption": 1.0,
    "compete.private_return": 0.2,
    "compete.sigma": 6.0,
    "generations.launch_elasticity": 1.0,
    "invest.expected_return": 0.3,
    "compete.research_return": 0.1,
    "compete.access": 0.06,
    "compete.demand_elasticity": 1.0,
}
"""Upper ends: of ideas and access those of their sources, twice the source for the return, the
usual range of sigma; foundings in proportion to launches (assumed)."""
WEAK = {
    "explore.ideas_exponent": 0.3,
    "explore.access": 0.0,
    "explore.nation": 0.65,
    "explore.absorption": 0.0,
    "compete.private_return": 0.05,
    "compete.sigma": 3.0,
    "generations.launch_elasticity": 0.0,
    "invest.expected_return": 0.0,
    "compete.research_return": 0.02,
    "compete.access": 0.0,
    "compete.demand_elasticity": 0.0,
}
MORE = [{"name": "more", "kind": "demand", "year": 2012, "share": 1.0, "years": 100, "rise": 0.1}]
MOST = 0.55
"""Wanted is .5, which twelve replicates neither show nor exclude: the strongest corner has .50 (95
% of bootstraps .45 to .53), with one link weak .51 at most (.47 to .55), .34 at a sigma of 3. Means
of six scatter by .02 to .03."""
REPLICATES = 6


def output(
    parameters: dict[str, float], shocks: list[dict[str, object]], replicate: int
) -> np.ndarray:
    """Log of the region's secondary value added by year from 2012 to 2030."""
    changed = {f"parameters.{key}": value for key, value in parameters.items()}
    changed |= {"scale": 0.01, "end": 2030, "shocks": shocks, "parameters.inputs.uncertainty": 0.0}
    m = burnt(load_scenario("baseline", changed), packaged("yrd"), replicate).run()
    quarters = m.recorder.series("value_added_secondary")
    return np.log(quarters[4:].reshape(-1, 4).sum(axis=1))


def gain(parameters: dict[str, float]) -> float:
    """g, from the first year and the mean of the last five, means over replicates."""
    more = np.mean(
        [output(parameters, MORE, r) - output(parameters, [], r) for r in range(REPLICATES)], axis=0
    )
    return float(1.0 - more[0] / more[-5:].mean())


@pytest.mark.slow
@pytest.mark.parametrize("weak", [None, *STRONG])
def test_a_turn_of_the_circle_gives_less_than_it_began_with(weak):
    parameters = dict(STRONG)
    if weak is not None:
        parameters[weak] = WEAK[weak]
    assert gain(parameters) < MOST
