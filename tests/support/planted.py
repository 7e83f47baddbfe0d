"""A model of a few lines whose outcomes follow a formula that a test has planted."""

import numpy as np

from tests.support.fake_run import FakeModel
from ydsim.record.indicators import INDICATORS
from ydsim.run.api import carry_on
from ydsim.run.replicate import RunContext
from ydsim.run.scheduler import RunOptions

RECORDED = {
    name: INDICATORS[name] for name in ("launches", "value_added_secondary", "productivity_log")
}
GROUPS = {"government": ["border_friction", "rd_grants"], "industry": ["consortia"],
          "media": ["media_coverage"]}  # fmt: skip
ALONE = {"government": 30.0, "industry": 10.0, "media": 0.0}
PULL = 20.0
"""What government and industry launch a quarter beyond the sum of the two."""

ELASTICITY = {"idea_rate": 0.5, "industrialisation_pace": 0.8, "border_goods": 0.0, "search": -0.2}


class Planted(FakeModel):
    """Launches of groups of policies and of capacities; noise of the replicate is shared."""

    noise = 0.0
    """Standard deviation of what is not shared, relative."""

    def launches(self):
        on = {
            group: bool(names) and self.scenario.policies[names[0]].strength > 0.0
            for group, names in GROUPS.items()
            if names[0] in self.scenario.policies
        }
        value = 100.0 + 5.0 * self.replicate
        value += sum(ALONE[group] for group, there in on.items() if there)
        value += PULL * (on.get("government", False) and on.get("industry", False))
        p = self.scenario.parameters
        value *= (p.explore.ideas / 0.13) ** ELASTICITY["idea_rate"]
        value *= p.chain.pace[3] ** ELASTICITY["industrialisation_pace"]
        value *= (p.match.search_cost / 0.6) ** -ELASTICITY["search"]
        root = repr((sorted(on.items()), p.explore.ideas, p.chain.pace, p.match.search_cost,
                     p.border.goods, self.replicate)).encode()  # fmt: skip
        own = np.random.default_rng(list(root)).normal()
        return value * float(np.exp(self.noise * own))

    def tables(self):
        keys, t = self.keys(), np.arange(self.quarter)
        growth = np.repeat(1.02**t * (1.0 + 0.1 * np.sin(t)), len(keys["year"]) // len(t))
        series = {
            **keys,
            "launches": np.full(len(growth), self.launches()),
            "value_added_secondary": 1000.0 * growth,
            "productivity_log": np.full(len(growth), -1.0),
        }
        return {"series": series}


class Drowned(Planted):
    """Half of each run is noise."""

    noise = 0.5


def run(sweep, folder, model=Planted, recorded=RECORDED):
    context = RunContext(make_model=model, indicators=recorded)
    return carry_on(sweep, folder, RunOptions(), context)
