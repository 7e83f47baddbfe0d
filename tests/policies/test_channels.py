"""Channels of borders: each moves its own field, all of them are what the policy was."""

from __future__ import annotations

import numpy as np
import pytest

from tests.support.neutral import across
from tests.support.places import PLACES, environment, same
from ydsim.errors import ScenarioError
from ydsim.policies.base import Target
from ydsim.policies.borders import BorderFriction, Closure, Membership
from ydsim.policies.environment import CHANNELS, CROSSINGS, passing, rules
from ydsim.policies.fold import conflicts, fold
from ydsim.scenario.load import load_scenario

OWN = dict.fromkeys(PLACES.cities, 1990.0)


def folded(*policies):
    return fold(environment(), {f"p{i}": p for i, p in enumerate(policies)}, 2012.0, PLACES)


def moved(got):
    """Names of the fields that differ from the baseline."""
    base = environment()
    return {n for n in rules() if getattr(got, n).tobytes() != getattr(base, n).tobytes()}


@pytest.mark.parametrize("channel", CHANNELS)
def test_one_channel_of_friction_writes_its_border_and_no_other(channel):
    one = BorderFriction(passes=0.15, channels=(channel,))
    got = folded(one)
    assert one.written() == (channel,)
    assert moved(got) == {channel}
    assert getattr(got, channel) == pytest.approx(across(0.15, 3))


def test_without_channels_nothing_is_written():
    for policy in (BorderFriction(passes=0.15, channels=()), Closure(channels=()),
                   Membership(schedule=OWN, rivalry=0.3, channels=())):  # fmt: skip
        assert policy.written() == ()
        assert same(folded(policy), environment())


def test_two_policies_may_share_the_borders_by_channel_but_not_one_of_them():
    goods, work = (BorderFriction(passes=0.9, channels=(n,)) for n in ("goods", "joint_work"))
    assert conflicts({"a": goods, "b": work}) == []
    both = BorderFriction(passes=0.9, channels=("goods", "talent"))
    assert conflicts({"a": goods, "b": both}) == [("goods", "a", "b")]


@pytest.mark.parametrize("channel", CROSSINGS)
def test_membership_eases_the_border_of_one_channel_alone(channel):
    before, of = environment(), PLACES.city_province
    got = folded(Membership(schedule=OWN, passes=4.0, growth=0.0, channels=(channel,)))
    assert moved(got) == {"eased"}
    for name in CROSSINGS:
        was, now = passing(before, name, of), passing(got, name, of)
        mine = channel == name
        across = of[:, None] != of[None, :]
        assert (now[across] > was[across]).all() if mine else now.tobytes() == was.tobytes()


def test_all_channels_of_membership_are_the_union_and_rivalry_is_one_of_them():
    keys = {"schedule": OWN, "passes": 4.0, "rivalry": 0.3}
    every = folded(Membership(**keys))
    assert moved(every) == {"eased", "user_cost"}
    split = folded(*(Membership(**keys, channels=(n,)) for n in Membership.channel_names))
    assert same(every, split)
    assert moved(folded(Membership(**keys, channels=("rivalry",)))) == {"user_cost"}
    assert moved(folded(Membership(**keys, channels=CROSSINGS))) == {"eased"}


@pytest.mark.parametrize("channel", CHANNELS)
def test_closure_keeps_out_one_channel_alone(channel):
    one = Closure(level=0.6, protection=0.25, channels=(channel,))
    got, before, of = folded(one), environment(), PLACES.city_province
    assert moved(got) == {"protection" if channel == "goods" else "closed"} == set(one.written())
    for name in CROSSINGS:
        was, now = passing(before, name, of), passing(got, name, of)
        mine = channel == name
        assert (now != was).any() == mine


def test_membership_between_named_pairs_of_provinces_in_either_order():
    def eased(**target):
        of = {"schedule": OWN, "passes": 4.0, "growth": 0.0, "target": Target(**target)}
        got = folded(Membership(**of))
        changed = got.eased[0] != environment().eased[0]
        return {tuple(pair) for pair in np.argwhere(changed).tolist()}

    across = {(0, 3), (3, 0), (1, 3), (3, 1)}
    assert eased(pairs=(("A", "C"),)) == eased(pairs=(("C", "A"),)) == across
    assert eased(pairs=(("A", "C"),), cities=("a1", "b1")) == across | {(0, 2), (2, 0)}


@pytest.mark.parametrize(
    ("policy", "channels", "said"),
    [
        ("border_friction", ["goods", "joint_wrk"], "channels[1]=joint_wrk: 'joint_wrk' is not "
         "valid; did you mean 'joint_work'?"),
        ("border_friction", ["rivalry"], "'rivalry' is not valid; valid are: goods, exposure"),
        ("membership", ["goods"], "'goods' is not valid; valid are: exposure, joint_work"),
        ("closure", ["goods", "goods"], "'goods' is named twice"),
        ("closure", "goods", "expected a list, found text 'goods'; write [goods]"),
    ],
)  # fmt: skip
def test_bad_channels_are_one_line_each(policy, channels, said):
    with pytest.raises(ScenarioError) as error:
        load_scenario("baseline", {f"policies.{policy}.channels": channels})
    (line,) = error.value.problems
    assert f"policies.{policy}.channels" in line
    assert said in line
