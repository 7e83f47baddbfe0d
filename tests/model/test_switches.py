"""A strength of zero is the rule without it, to the last byte."""

from dataclasses import replace

import pytest

from tests.support.small import differing, scenario
from ydsim.model import Model
from ydsim.world.synthetic import synthetic_world


def tables(world, **parameters):
    settings = scenario(scale=0.01, burn_in=4, start=2015, end=2016, parameters=parameters)
    return Model(settings, world=world).run().recorder.tables()


@pytest.mark.slow
def test_no_part_of_counts_is_a_world_without_counts():
    world = synthetic_world(4, 3)
    counted = replace(world, firm_growth=world.firms[:, None] * [[0.0, 5e-5]])
    plain = tables(world)
    assert not differing(plain, tables(counted, **{"population.counts": 0.0}))
    assert differing(plain, tables(counted))
