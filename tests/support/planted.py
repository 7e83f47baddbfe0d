"""A model of a few lines whose outcomes follow a formula that a test has planted."""

import numpy as np

from tests.support.fake_run import FakeModel
from ydsim.agents.projects import STAGES
from ydsim.engines.protocol import InlineEngine
from ydsim.record.indicators import INDICATORS
from ydsim.run.api import carry_on
from ydsim.run.replicate import Injected
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
PASSES = (0.8, 0.5, 0.7, 0.6, 0.9)


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
        value *= (p.explore.ideas / 0.15) ** ELASTICITY["idea_rate"]
        value *= p.chain.pace[3] ** ELASTICITY["industrialisation_pace"]
        value *= (p.match.search_cost / 0.6) ** -ELASTICITY["search"]
        root = repr((sorted(on.items()), p.explore.ideas, p.chain.pace, p.match.search_cost,
                     p.border.goods, self.replicate)).encode()  # fmt: skip
        own = np.random.default_rng(list(root)).normal()
        return value * float(np.exp(self.noise * own))

    def tables(self):
        n, places = self.quarter, (*self.world.provinces, "yrd")
        t = np.arange(n)
        p = len(places)
        growth = np.repeat(1.02**t * (1.0 + 0.1 * np.sin(t)), p)
        series = {
            "level": np.tile(np.array(["province"] * (p - 1) + ["region"], dtype=object), n),
            "region": np.tile(np.array(places, dtype=object), n),
            "year": np.repeat(self.scenario.start + t // 4, p),
            "quarter": np.repeat(1 + t % 4, p),
            "launches": np.full(n * p, self.launches()),
            "value_added_secondary": 1000.0 * growth,
            "productivity_log": np.full(n * p, -1.0),
        }
        years = n // 4
        m = len(STAGES)
        leave = np.tile(np.full(m, 100.0), years)
        passes = np.tile(np.array(PASSES), years)
        zero = np.zeros(m * years)
        funnel = {
            "year": np.repeat(self.scenario.start + np.arange(years), m).astype(np.int32),
            "stage": np.tile(np.array(STAGES, dtype=object), years),
            "lead": np.full(m * years, "firm", dtype=object),
            "partnership": np.full(m * years, "alone", dtype=object),
            "completed": leave * passes,
            "failed": leave * (1.0 - passes),
            **dict.fromkeys(("died_waiting", "shelved", "owner_left", "sold_outside"), zero),
            "live": np.tile(np.array([50.0, 50.0, 50.0, 200.0, 50.0]), years),
            **dict.fromkeys(("waiting", "effort", "waited"), zero),
        }
        return {"series": series, "funnel": funnel}


class Drowned(Planted):
    """Half of each run is noise."""

    noise = 0.5


def run(sweep, folder, model=Planted, recorded=RECORDED):
    injected = Injected(make_model=model, indicators=recorded)
    return carry_on(sweep, folder, RunOptions(InlineEngine()), injected=injected)
