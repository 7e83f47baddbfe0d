"""Provinces that keep others out."""

import numpy as np
import pytest

from tests.support.small import model
from ydsim.processes.compete import arrival
from ydsim.scenario.schema.parameters import CompeteParameters


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
