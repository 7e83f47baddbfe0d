"""To 2050 at corners of the priors of what lets knowledge and output grow: none runs away."""

from itertools import product

import numpy as np
import pytest

from tests.support.small import burnt
from tests.support.worlds import packaged
from tools.headlines import PRIORS
from ydsim.scenario.load import load_scenario

FACTORS = (
    "explore.access",
    "chain.access",
    "compete.access",
    "compete.research_return",
    "compete.private_return",
    "generations.launch_elasticity",
    "invest.expected_return",
)
CORNERS = [
    (a, b, c, a ^ b, a ^ c, b ^ c, a ^ b ^ c) for a, b, c in product((False, True), repeat=3)
]
"""Eight runs in which each pair of factors has all four combinations twice."""
DRIFT = 0.3
"""Log productivity of the region over that of the nation may gain so much in ten years."""


@pytest.mark.slow
@pytest.mark.parametrize("corner", CORNERS)
def test_no_corner_runs_away_or_dies_to_2050(corner):
    keys = {
        f"parameters.{key}": PRIORS[key][high] for key, high in zip(FACTORS, corner, strict=True)
    }
    lean = {f"record.{name}": False for name in ("adoption_events", "cities", "ties", "agents")}
    more = {"scale": 0.005, "end": 2050, "parameters.inputs.uncertainty": 0.0}
    recorder = (
        burnt(load_scenario("baseline", keys | lean | more), packaged("yrd"), 0).run().recorder
    )

    def decade(name):
        """Means over 2011-20, 2021-30, 2031-40 and 2041-50."""
        return recorder.series(name).reshape(4, -1).mean(axis=1)

    for name in ("ideas", "inventions", "launches", "generations_founded"):
        grown = decade(name)[1:] / decade(name)[:-1]
        assert (grown > 0.6).all(), name
        assert (grown < 3.0).all(), name
    gap = decade("productivity_log") - decade("outside_productivity_log")
    assert (np.diff(gap) < DRIFT).all()
    assert (np.diff(decade("productivity_log")) > 0.0).all()
