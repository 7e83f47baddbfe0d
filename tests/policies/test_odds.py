"""What passes a border: shares, factors on the odds, and where each share arrives."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from tests.support.neutral import across, neutral
from tests.support.places import PLACES, environment
from ydsim.errors import ScenarioError
from ydsim.policies.borders import BorderFriction, Membership, MutualRecognition
from ydsim.policies.environment import CHANNELS, factor_of, odds_times, passed, passing
from ydsim.policies.fold import fold
from ydsim.policies.money import CostSharing
from ydsim.scenario.check import far
from ydsim.scenario.load import as_yaml, load_scenario, plain_scenario, resolve

SHARES, FACTORS = st.floats(0.0, 1.0), st.floats(0.01, 100.0)


@given(SHARES, FACTORS, FACTORS)
def test_what_passes_stays_a_share_and_rises_with_the_factor(share, factor, other):
    got, more = (float(odds_times(share, x)) for x in sorted((factor, other)))
    assert 0.0 <= got <= more <= 1.0
    assert odds_times(share, 1.0) == share  # to the last bit
    if 1e-6 < share < 1.0 - 1e-6:
        once = float(odds_times(share, factor))
        assert once / (1.0 - once) == pytest.approx(factor * share / (1.0 - share), rel=1e-6)
        assert odds_times(once, 1.0 / factor) == pytest.approx(share, rel=1e-6)


@given(st.floats(0.05, 20.0))
def test_what_is_shut_or_open_stays_so(factor):
    assert odds_times(np.array([0.0, 1.0]), factor).tolist() == [0.0, 1.0]


def test_a_share_takes_the_place_of_what_passes_and_a_factor_multiplies_its_odds():
    assert passed(0.3, np.array([0.1, 0.9])).tolist() == [0.3, 0.3]
    assert passed("x3", np.array([0.25, 0.5])) == pytest.approx([0.5, 0.75])
    assert [factor_of(x) for x in ("x2", " x.5 ", "2", "x", "x-1", 2.0, None)] == [
        2.0, 0.5, None, None, None, None, None,
    ]  # fmt: skip


@pytest.mark.parametrize(
    "bad", ["2", "x", "x0", "x0.01", "x99", "xx2", "many", "x-1", -0.1, 1.1, True, [1.0], "nan"]
)
def test_what_is_neither_a_share_nor_a_factor_is_one_line(bad):
    with pytest.raises(ValidationError):
        BorderFriction(passes=bad)
    with pytest.raises(ScenarioError) as error:
        load_scenario("baseline", {"policies.border_friction.passes": bad})
    (line,) = error.value.problems
    assert "policies.border_friction.passes" in line
    assert "x" in line


def test_factors_come_back_from_plain_data():
    given_ = {"policies.border_friction.passes": "x1.5", "policies.membership.passes": "x2"}
    scenario = load_scenario("synthetic", given_)
    plain = plain_scenario(scenario)["policies"]
    assert (plain["border_friction"]["passes"], plain["membership"]["passes"]) == ("x1.5", 2.0)
    assert load_scenario("synthetic", plain_scenario(scenario)) == scenario
    for bad in ("x5", "x0.5", "2x"):
        with pytest.raises(ScenarioError, match="membership"):
            load_scenario("synthetic", {"policies.membership.passes": bad})


def test_a_factor_of_border_friction_acts_on_every_channel_from_where_it_stands():
    base = environment()
    for strength in (0.5, 1.0):
        policy = BorderFriction(passes="x1.5", strength=strength)
        got = fold(base, {"b": policy}, 2012.0, PLACES)
        for field in CHANNELS:
            before, after = getattr(base, field), getattr(got, field)
            want = before + strength * (odds_times(before, 1.5) - before)
            assert after == pytest.approx(want, rel=1e-14), field
            assert (np.diag(after) == 1.0).all()


def test_factors_of_one_field_do_not_add_up_and_those_of_two_multiply():
    of = PLACES.city_province
    base = neutral(of, hand_over=across(0.02, 3), talent=across(0.5, 3))
    own = dict.fromkeys(PLACES.cities, 1990.0)
    policies = {
        "a": Membership(schedule=own, passes=2.0),
        "b": Membership(schedule=own, passes=3.0),
        "c": MutualRecognition(hand_over=2.0),
        "d": CostSharing(hand_over=1.5, tax_share=0.5),
    }
    got = fold(base, policies, 2012.0, PLACES)
    away = of[:, None] != of[None, :]
    assert passing(got, "talent", of)[away] == pytest.approx(odds_times(0.5, 3.0))
    assert passing(got, "hand_over", of)[away] == pytest.approx(odds_times(0.02, 6.0))


def test_a_step_of_four_times_and_more_is_said_channel_by_channel():
    def said(**border_friction):
        return far(load_scenario("plain", {"policies.border_friction": border_friction}))

    (line,) = said(passes=0.85)
    assert "joint_work pass 0.85 in the place of 0.2" in line
    assert "hand_over pass 0.85 in the place of 0.08" in line
    assert "talent" not in line
    assert said(passes=0.85, channels=["talent", "goods"]) == []
    assert said(passes="x3") == said(passes=0.0) == said() == []
    assert len(said(passes="x10", channels=["hand_over"])) == 1


def test_factors_that_meet_are_one_step():
    def said(**more):
        given_ = {"policies.membership.passes": 2.0, "policies.mutual_recognition.hand_over": 3.0}
        return far(load_scenario("plain", {**given_, **more}))

    (line,) = said()
    assert "membership and mutual_recognition" in line
    assert "hand_over pass 0.34 in the place of 0.08" in line
    assert "joint_work" not in line
    assert said(**{"policies.mutual_recognition.strength": 0.0}) == []
    assert said(**{"policies.membership.channels": ["talent"]}) == []


def test_show_says_what_passes_beside_the_policy_that_sets_it():
    given_ = {
        "policies.border_friction.passes": "x1.5",
        "policies.membership.passes": "x2",
        "policies.membership.channels": ["joint_work"],
    }
    resolved = resolve("plain", given_)
    lines = [line for line in as_yaml(resolved).splitlines() if " passes: " in line]
    assert "joint work 0.2 \u2192 0.273" in lines[0]
    assert "goods 0.88 \u2192 0.917" in lines[0]
    assert lines[1].endswith("# joint work 0.2 \u2192 0.333")
    assert [line for line in as_yaml(resolve("plain")).splitlines() if "\u2192" in line] == []
