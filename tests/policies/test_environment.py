"""The environment without policies, as a world and the parameters make it."""

import re
from dataclasses import fields

import numpy as np
import pytest

from tests.support.neutral import across
from tests.support.small import model, scenario, world
from ydsim.policies.borders import BorderFriction
from ydsim.policies.environment import CHANNELS, PolicyEnvironment, passing, rules
from ydsim.policies.fold import fold
from ydsim.processes.enact import baseline_environment, places_of

PROVINCES, CITIES = 4, 3
BORDERS = {name: f"border.{name}" for name in CHANNELS}


def baseline(parameters=None):
    place = world(PROVINCES, CITIES)
    return place, baseline_environment(place, scenario(parameters=parameters).parameters)


def test_every_field_has_the_shape_that_it_says():
    sizes = {"P": PROVINCES, "C": PROVINCES * CITIES, "3": 3, "5": 5}
    _, environment = baseline()
    for field in fields(PolicyEnvironment):
        if not field.metadata:
            continue
        said = re.search(r"\(((?:[CP35](?:, ?[CP3])*),?)?\)", field.metadata["meaning"])
        shape = tuple(sizes[letter] for letter in re.findall("[CP35]", said[1] or ""))
        assert getattr(environment, field.name).shape == shape, field.name


@pytest.mark.parametrize(("name", "path"), BORDERS.items())
def test_each_border_has_its_own_parameter(name, path):
    _, usual = baseline()
    _, environment = baseline({path: 0.35})
    assert (getattr(environment, name) == across(0.35, PROVINCES)).all()
    for other in set(BORDERS) - {name}:
        assert (getattr(environment, other) == getattr(usual, other)).all()
        assert getattr(usual, other).min() != 0.35


def test_a_policy_says_what_passes_all_borders_whatever_the_parameters_say():
    _, even = baseline(dict.fromkeys(BORDERS.values(), 0.2))
    place, usual = baseline()
    policy = {"border_friction": BorderFriction(passes=0.2)}
    got = fold(usual, policy, 2011.0, places_of(place))
    for name in rules():
        assert getattr(got, name) == pytest.approx(getattr(even, name)), name
    got = fold(usual, {"border_friction": BorderFriction()}, 2011.0, places_of(place))
    for name in rules():
        assert getattr(got, name).tobytes() == getattr(usual, name).tobytes(), name


def test_no_cooperation_across_provinces_closes_the_two_borders_of_projects():
    """Whatever a policy says of them."""
    open_ = {"border_friction": {"passes": 1.0}}
    m = model(burn_in=0, parameters={"actors.cross_province": False}, policies=open_)
    closed = m.environment_at(2011.0)
    assert (closed.joint_work == np.eye(PROVINCES)).all()
    assert (closed.hand_over == np.eye(PROVINCES)).all()
    for name in ("goods", "exposure", "talent", "knowledge"):
        assert (getattr(closed, name) == 1.0).all()


@pytest.mark.slow
def test_no_cooperation_across_provinces_stays_none_where_policies_ease_borders():
    place = world(PROVINCES, CITIES)
    policies = {
        "membership": {"schedule": dict.fromkeys(place.city_names, 2000), "passes": 4.0},
        "corridor": {"target": {"cities": place.city_names}, "tie_factor": 2.5},
    }
    m = model(place=place, years=1, parameters={"actors.cross_province": False}, policies=policies)
    there, of = m.environment_at(2011.0), place.city_province
    at_home = of[:, None] == of[None, :]
    assert (there.eased[:, ~at_home] == 4.0).all()
    for border in ("joint_work", "hand_over"):
        pull = passing(there, border, of) * there.tie_factor
        assert (pull[~at_home] == 0.0).all()
    assert (there.tie_factor[at_home & ~np.eye(len(of), dtype=bool)] == 2.5).all()
    assert (passing(there, "exposure", of)[~at_home] > m.parameters.border.exposure).all()
    links = np.zeros(at_home.shape)
    for _ in range(4):
        m.step()
        links += m.state.tally.links.contract[1, :-1, :-1]
    assert links.sum() > 1.0
    assert links[~at_home].sum() < 1e-8 * links.sum()


def test_provinces_recognise_and_open_to_themselves_in_full():
    _, environment = baseline({"talent.recognition": 0.2})
    same = np.eye(PROVINCES, dtype=bool)
    for values in (environment.recognition, environment.facility_open):
        assert (values[same] == 1.0).all()
        assert (values[~same] == 0.2).all()


def test_hours_to_the_rest_of_the_nation_are_those_of_the_trip_and_of_access():
    place, environment = baseline({"travel.ride": 1.6, "travel.access_h": 0.25})
    outside = place.outside_distance_km[place.city_province]
    assert environment.outside_hours == pytest.approx(outside / 100.0 + 0.25)
