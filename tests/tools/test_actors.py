"""Each group of actors does what it is for."""

import argparse

import pytest

from tools import actors
from tools.pairs import per_cent, run

CHANGES = {"parameters.brokers.per_1000_firms": 5.0, "parameters.brokers.largest_deal": 0.1}


@pytest.fixture(scope="module")
def values(tmp_path_factory):
    out = tmp_path_factory.mktemp("actors") / "runs"
    options = argparse.Namespace(
        scenario="baseline", scale=0.01, end=2013, replicates=3, jobs=1, out=out
    )
    of = actors.settings()
    runs = run("test", options, of, changes=CHANGES, adoption=True, tables=actors.TABLES)
    return actors.measure(runs, 0.01)


def change(values, switch, name):
    return per_cent(values[actors.BASELINE], values[switch], name)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("switch", "name"),
    [
        ("universities", "inventions begun by universities"),
        ("institutes", "stages completed by projects of institutes"),
        ("funding", "R&D funded by governments"),
        ("intermediaries", "introductions by brokers"),
        ("intermediaries", "brokered deals"),
        ("media", "stories"),
    ],
)
def test_without_a_group_nothing_of_what_it_does_is_left(values, switch, name):
    assert (values[actors.BASELINE][name] > 0.0).all()
    assert (values[switch][name] == 0.0).all()
    gap = change(values, switch, name)
    assert (gap.estimate, gap.low, gap.high) == (-100.0, -100.0, -100.0)


def test_every_switch_of_the_scenario_is_tried():
    from ydsim.scenario.schema.parameters import ActorParameters

    assert set(actors.PROXIMATE) == set(ActorParameters.model_fields)
