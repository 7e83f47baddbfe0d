"""Provinces that keep others out."""

import numpy as np
import pytest

from tests.support.places import PLACES, environment
from tests.support.small import model
from ydsim.policies.base import Target
from ydsim.policies.borders import Closure
from ydsim.policies.environment import CROSSINGS, passing
from ydsim.policies.fold import fold
from ydsim.processes.compete import arrival
from ydsim.scenario.schema.parameters import CompeteParameters

ONE = Closure(level=0.6, protection=0.25, target=Target(provinces=("B",)))


def folded(**policies):
    return fold(environment(), policies, 2012.0, PLACES)


@pytest.mark.parametrize("channel", CROSSINGS)
def test_exactly_the_rest_passes(channel):
    of = PLACES.city_province
    open_ = passing(folded(c=ONE.model_copy(update={"strength": 0.0})), channel, of)
    got = passing(folded(c=ONE), channel, of)
    closed = environment().closed[0]
    for c in range(4):
        for d in range(4):
            pair = {of[c], of[d]}
            factor = 1.0
            if len(pair) == 2 and 1 in pair:
                factor = 0.4 / (1.0 - max(closed[of[c]], closed[of[d]]))
            assert got[c, d] == pytest.approx(factor * open_[c, d], rel=1e-12)


def test_goods_of_neighbours_arrive_less_and_own_goods_as_before():
    keys, passes = CompeteParameters(), np.ones((3, 3))
    plain = arrival(np.zeros(3), passes, keys)
    got = arrival(np.array([0.0, 0.25, 0.0]), passes, keys)
    want = plain.copy()
    want[[0, 2], 1] *= 0.75
    assert got == pytest.approx(want)


def outputs(**closure):
    policies = {"closure": closure} if closure else None
    m = model(years=2, burn_in=0, policies=policies).run()
    return m.recorder.series("value_added_secondary", "province")[-1]


@pytest.mark.slow
def test_the_closed_gain_what_others_lose_the_more_the_better_protected():
    one = {"provinces": ["Province 1"]}
    plain = outputs()
    gain = [outputs(target=one, protection=f, level=0.0) - plain for f in (0.0, 0.2, 0.5)]
    assert not gain[0].any()
    assert gain[2][0] > gain[1][0] > 0.0
    for low, high in zip(gain[2][1:], gain[1][1:], strict=True):
        assert low < high < 0.0
