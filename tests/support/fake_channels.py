"""A model of a few lines in which channels of a policy add up, or need each other."""

from tests.support.fake_run import FakeModel

WEIGHTS = {"goods": 3.0, "exposure": -1.0, "joint_work": 0.5, "talent": 0.25, "knowledge": 0.0}
"""What a channel adds to a quarter of everything; others are named in no test."""

COST = -0.125
"""What a cost of one adds."""

BASE = """\
extends: synthetic
start: 2014
end: 2015
seed: 7
scale: 0.01
policies:
  border_friction: {passes: 0.8, channels: [goods, exposure, joint_work, talent, knowledge]}
"""


class LinearModel(FakeModel):
    """Every channel adds its weight, in replicate r times 1 + r / 10."""

    beyond = 0.0
    """What goods and talent add where both are there."""

    def __init__(self, scenario, *, replicate, world):
        super().__init__(scenario, replicate=replicate, world=world)
        policy = scenario.policies["border_friction"]
        names = policy.channels if policy.strength > 0.0 else ()
        self.added = sum(WEIGHTS[name] for name in names) * (1.0 + replicate / 10.0)
        self.added += COST * policy.cost * (policy.strength > 0.0)
        if {"goods", "talent"} <= set(names):
            self.added += self.beyond * (1.0 + replicate / 100.0)

    def draw(self, what, size):
        return super().draw(what, size) + self.added


class Together(LinearModel):
    """Goods and talent need each other."""

    beyond = 2.0
