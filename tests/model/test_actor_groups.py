"""Without a group of actors nothing of what it does is left."""

import pytest

from ydsim import Model, load_scenario
from ydsim.scenario.schema.parameters import ActorParameters

DOES = {
    "universities": ("university_inventions",),
    "institutes": (),  # no series of the region: the funnel has what they lead
    "funding": ("rd_funds_government",),
    "intermediaries": ("introductions", "brokered_deals"),
    "media": ("stories",),
    # but for partners of whom one has moved to another province: nobody does here
    "cross_province": ("coinventions_interprovince",),
}
"""What each group does, by its switch: series of the region."""

MANY_BROKERS = {
    "parameters.brokers.per_1000_firms": 5.0,
    "parameters.brokers.largest_deal": 0.1,
    "parameters.relocate.hazard": 0.0,
}


def without(*switches):
    changes = MANY_BROKERS | {f"parameters.actors.{name}": False for name in switches}
    scenario = load_scenario("baseline", {"scale": 0.01, "end": 2012, **changes})
    return Model(scenario).run().recorder


def completed_by_institutes(recorder):
    funnel = recorder.tables()["funnel"]
    return funnel["completed"][funnel["lead"] == "institute"].sum()


@pytest.fixture(scope="module")
def plain():
    return without()


@pytest.mark.slow
@pytest.mark.parametrize("switch", DOES)
def test_without_a_group_nothing_of_what_it_does_is_left(plain, switch):
    found = without(switch)
    for name in DOES[switch]:
        assert plain.series(name).sum() > 0.0
        assert found.series(name).sum() == 0.0
    if switch == "institutes":
        assert completed_by_institutes(plain) > 0.0 == completed_by_institutes(found)


def test_every_switch_of_the_scenario_is_tried():
    assert set(DOES) == set(ActorParameters.model_fields)
