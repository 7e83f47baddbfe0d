"""Groups of rows: runs, ranks, shares, sorts and searches."""

from typing import Any, ClassVar

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from tests.support import scalar_population as scalar
from tests.support.neutral import across, neutral
from tests.support.places import PASSES, PLACES, environment, same
from tests.support.scalar_match import opening
from ydsim.policies.base import Contribution, Policy, Target
from ydsim.policies.borders import BorderFriction
from ydsim.policies.environment import CROSSINGS, Outlay, passing, rules
from ydsim.policies.fold import MOST, conflicts, fold
from ydsim.policies.library import shipped
from ydsim.policies.money import RdGrants
from ydsim.scenario.check import idle, notes
from ydsim.scenario.load import load_scenario
from ydsim.world.loader import load_world


class Wish(Policy):
    """A policy that wants one value of one field."""

    writes: ClassVar[tuple[str, ...]] = tuple(rules())

    name: str
    value: Any

    def contributions(self, year, baseline, places):
        shape = getattr(baseline, self.name).shape
        mask = self.target.city_mask(places) if shape == (4,) else 1.0
        yield Contribution(self.name, self.value, mask)


numbers = st.floats(0.0, 1.0)
COMBINED = {field: rule for field, rule in rules().items() if rule != "exclusive"}


@given(
    st.floats(2000, 2030),
    numbers,
    st.none() | st.floats(2005, 2025),
    st.none() | st.floats(2005, 2025),
    st.sampled_from([0.0, 0.25, 1.0, 4.0]),
    st.sampled_from([0.0, 0.5, 3.0]),
)
def test_strength_equals_the_scalar_rule(year, level, start, end, ramp, decay):
    if start is not None and end is not None and end <= start:
        with pytest.raises(ValidationError, match="is not after start"):
            Policy(start=start, end=end)
        return
    policy = Policy(strength=level, start=start, end=end, ramp=ramp, decay=decay)
    want = scalar.strength(year, level, start, end, ramp, decay)
    assert policy.strength_at(year) == pytest.approx(want, rel=1e-12, abs=1e-15)


@pytest.mark.quick(12)
@pytest.mark.parametrize(("field", "rule"), COMBINED.items())
@settings(max_examples=25)
@given(st.lists(st.tuples(numbers, st.floats(0.1, 2.0)), min_size=1, max_size=4))
def test_combination_equals_the_scalar_rule(field, rule, wishes):
    base = environment()
    many = {f"p{i}": Wish(name=field, value=v, strength=s) for i, (s, v) in enumerate(wishes)}
    got = getattr(fold(base, many, 2012.0, PLACES), field)
    want = [scalar.effective(rule, float(b), wishes) for b in getattr(base, field).ravel()]
    assert got.shape == getattr(base, field).shape
    assert got.ravel().tolist() == pytest.approx(want, rel=1e-12)


ASKS = {
    "border_friction": {"passes": 0.6},
    "science_centres": {"open_access": 0.8},
    "membership": {"rivalry": 0.1},
    "talent_mobility": {"recognised": 0.8},
}
"""What makes a policy write all of its fields."""
OFF = [{"strength": 0.0}, {"start": 2015.0}, {"end": 2011.0}]


def test_a_policy_that_asks_for_the_baseline_leaves_no_trace():
    base = environment()
    for field in rules():
        value = getattr(base, field)
        part, whole = Wish(name=field, value=value, strength=0.3), Wish(name=field, value=value)
        assert same(fold(base, {"a": part, "b": whole}, 2012.0, PLACES), base), field


@pytest.mark.parametrize("off", OFF)
@pytest.mark.parametrize("name", list(shipped()))
def test_a_policy_that_is_off_leaves_no_trace(name, off):
    """Neither a field nor a scheme, beside another policy and alone."""
    base, on = environment(), {"grants": RdGrants(rate=0.07)}
    gone = shipped()[name](**ASKS.get(name, {}), cost=1.0, **off)
    alone, beside = (fold(base, more | {"z": gone}, 2012.0, PLACES) for more in ({}, on))
    assert same(alone, base)
    assert same(beside, fold(base, on, 2012.0, PLACES))
    assert alone.schemes == beside.schemes == ()


def test_the_order_of_listing_is_irrelevant():
    many = {
        f"p{i}": Wish(name="user_cost", value=v, strength=0.37)
        for i, v in enumerate((0.3, 1.7, 0.123, 0.9))
    }
    turned = dict(reversed(list(many.items())))
    base = environment()
    assert same(fold(base, many, 2012.0, PLACES), fold(base, turned, 2012.0, PLACES))


def test_folding_leaves_the_baseline_alone():
    base, kept = environment(), environment()
    everything = {"b": BorderFriction(passes=0.1), "g": RdGrants(rate=0.2, leakage=0.5)}
    fold(base, everything, 2012.0, PLACES)
    assert same(base, kept)


def test_a_pair_is_one_border_and_a_province_all_of_its_own():
    base = environment()
    one = Target(pairs=(("C", "A"),))
    for target, open_ in (
        (one, {(0, 2), (2, 0)}),
        (Target(provinces=("B",)), {(0, 1), (1, 0), (1, 2), (2, 1)}),
        (Target(pairs=(("A", "C"),), cities=("b1",)), {(0, 2), (2, 0), (0, 1), (1, 0), (1, 2),
                                                       (2, 1)}),
    ):  # fmt: skip
        got = fold(base, {"b": BorderFriction(passes=1.0, target=target)}, 2012.0, PLACES)
        for name in PASSES:
            was, borders = getattr(base, name), getattr(got, name)
            for i, j in np.ndindex(3, 3):
                assert borders[i, j] == (1.0 if (i, j) in open_ else was[i, j]), (name, i, j)
    assert "pairs" not in Target().model_dump()
    assert Target.model_validate_json(one.model_dump_json()) == one
    with pytest.raises(ValueError, match="'A' has no border with itself"):
        Target(pairs=(("A", "A"),))


def test_targets():
    assert Target().city_mask(PLACES).tolist() == [1, 1, 1, 1]
    assert Target(provinces=("A",)).city_mask(PLACES).tolist() == [1, 1, 0, 0]
    assert Target(cities=("a2",), provinces=("B",)).city_mask(PLACES).tolist() == [0, 1, 1, 0]
    assert Target(cities=("a2",)).province_mask(PLACES).tolist() == [0.5, 0.0, 0.0]


def test_conflicts_are_writers_of_one_exclusive_field_at_one_time():
    a = BorderFriction(passes=0.5, start=2012.0, end=2015.0)
    found = conflicts({"b": BorderFriction(passes=0.8, start=2014.75), "a": a, "g": RdGrants()})
    assert found == [(name, "a", "b") for name in sorted(PASSES)]
    assert conflicts({"a": a, "b": BorderFriction(passes=0.8, start=2015.0)}) == []
    assert conflicts({"a": a, "b": BorderFriction(passes=0.8, strength=0.0)}) == []
    assert conflicts({"a": a, "b": BorderFriction()}) == []  # it sets nothing
    assert conflicts({"a": RdGrants(), "b": RdGrants()}) == []
    assert len(conflicts({"a": a, "b": a, "c": a})) == 3 * len(PASSES)


def test_conflicts_of_very_many_policies_are_listed_up_to_a_number():
    many = {f"p{k}": BorderFriction(passes=0.8, start=2013.0 + k % 9) for k in range(3_000)}
    found = conflicts(many)
    assert len(found) == MOST
    assert found[0] == (min(PASSES), "p0", "p1")
    apart = {f"p{k}": BorderFriction(passes=0.8, start=k, end=k + 1.0) for k in range(2_000, 2_099)}
    assert conflicts(apart) == []


@pytest.mark.parametrize("first", [0.5, -0.5])
def test_of_equal_shifts_up_and_down_the_one_up_holds(first):
    base = neutral(PLACES.city_province, mobility=np.full(4, 1.0))
    many = {n: Wish(name="mobility", value=1.0 + x) for n, x in (("a", first), ("b", -first))}
    assert fold(base, many, 2012.0, PLACES).mobility.tolist() == [1.5] * 4


def test_every_field_of_the_environment_has_a_rule_and_a_writer_names_fields():
    assert set(COMBINED.values()) <= {"add", "multiply", "max"}
    assert set(rules()) - set(COMBINED) == set(PASSES)
    for name, policy in shipped().items():
        assert set(policy.writes) <= set(rules()), name
        wishes = list(policy(**ASKS.get(name, {})).contributions(2012.0, environment(), PLACES))
        assert {wish.field for wish in wishes} == set(policy.writes), name
        assert policy.title, name


def test_the_registry_is_sorted_and_refuses_a_second_owner():
    assert list(shipped()) == sorted(shipped())
    with pytest.raises(ValueError, match="two policies are called"):
        type("Again", (Policy,), {}, name="rd_grants")


@pytest.mark.parametrize(
    ("key", "value"), [("sizes", ("tiny",)), ("kinds", ("media",)), ("corridor", "g61")]
)
def test_target_names_that_are_always_the_same_are_checked(key, value):
    with pytest.raises(ValidationError, match=f"target.{key}"):
        Target(**{key: value})


def test_targets_of_fields_industries_kinds_and_pairs():
    target = Target(fields=("drugs",), kinds=("university",), cities=("a1", "b1"))
    assert target.field_mask(PLACES).tolist() == [0, 1]
    assert target.industry_mask(PLACES).tolist() == [1]
    assert target.kind_mask().tolist() == [0, 1, 0]
    pairs = target.pair_mask(PLACES)
    assert {tuple(pair) for pair in np.argwhere(pairs == 1.0).tolist()} == {(0, 2), (2, 0)}


def test_schemes_carry_name_and_strength_of_their_policy():
    base = environment()
    many = {
        "z": BorderFriction(cost=2.0, strength=0.25, payer="central"),
        "a": RdGrants(cost=1.0, target=Target(cities=("a2",))),
        "off": RdGrants(cost=1.0, strength=0.0),
    }
    first, second = fold(base, many, 2012.0, PLACES).of(Outlay)
    assert (first.policy, first.strength, first.yearly, first.payer) == ("a", 1.0, 1.0, "provinces")
    assert first.where.tolist() == [0, 1, 0, 0]
    assert (second.policy, second.strength, second.payer) == ("z", 0.25, "central")
    assert fold(base, {"a": RdGrants()}, 2012.0, PLACES).schemes == ()


@given(st.integers(0, 1000))
def test_what_passes_equals_the_scalar_rule(seed):
    draw = np.random.default_rng(seed)
    of = PLACES.city_province
    known = {name: across(draw.random((3, 3)), 3) for name in PASSES}
    known |= {"eased": draw.uniform(0.2, 5.0, (5, 4, 4)), "closed": draw.random((5, 3))}
    where = neutral(of, **known, eased_hand_over=draw.uniform(0.2, 5.0, (3, 3)))
    for channel in CROSSINGS:  # goods go by province, and nothing eases their border
        want = [[opening(where, of, channel, c, d) for d in range(4)] for c in range(4)]
        assert passing(where, channel, of) == pytest.approx(np.array(want), rel=1e-12)


def test_without_easing_and_closure_exactly_the_share_passes():
    of = PLACES.city_province
    where = neutral(of, joint_work=across(0.3, 3))
    assert set(passing(where, "joint_work", of).ravel().tolist()) == {1.0, 0.3}


# -- An amount in the place of a rate: either, not both, and what the schemes hold


RATES = {
    "rd_grants": "rate",
    "innovation_voucher": "take_up",
    "joint_rd_fund": "rate",
    "cost_sharing": "cost_share",
    "consortia": "grant",
    "intermediaries": "per_1000_firms",
}


def test_all_policies_with_an_amount_are_here():
    assert set(RATES) == {name for name, cls in shipped().items() if "amount" in cls.model_fields}


@pytest.mark.parametrize("name", RATES)
def test_a_policy_has_a_rate_or_an_amount(name):
    cls, rate = shipped()[name], RATES[name]
    usual = cls.model_fields[rate].default
    assert (getattr(cls(), rate), cls().amount) == (usual, None)
    assert getattr(cls(amount=2.0), rate) is None
    assert getattr(cls(**{rate: usual}), rate) == usual
    with pytest.raises(ValidationError, match=f"in the place of `{rate}`; set `{rate}` to null"):
        cls(amount=2.0, **{rate: usual})
    with pytest.raises(ValidationError, match=f"{rate}: null needs an `amount`"):
        cls(**{rate: None})
    again = cls.model_validate_json(cls(amount=2.0).model_dump_json())
    assert (getattr(again, rate), again.amount) == (None, 2.0)


def test_no_consortia_cannot_spend_an_amount():
    with pytest.raises(ValidationError, match="amount needs a `number` of consortia above 0"):
        shipped()["consortia"](amount=6.0, number=0)
    assert shipped()["consortia"](amount=0.0, number=0).amount == 0.0


def test_grants_with_an_amount_move_no_field_and_are_not_idle():
    base, policy = environment(), shipped()["rd_grants"](amount=1.0)
    assert same(fold(base, {"g": policy}, 2012.0, PLACES), base)
    given = {"policies.rd_grants": {"rate": None, "amount": 1.0}}
    assert idle(load_scenario("synthetic", given)) == []


# -- Joint fund and open bids: whom the fund is for by default, and bids without a fund


def test_bids_without_a_fund_are_remarked_on():
    world, said = load_world("yrd"), "policies: open_bids has no effect without a joint_rd_fund"
    for policies, hit in (
        ({"open_bids": {}}, True),
        ({"open_bids": {}, "joint_rd_fund": {"strength": 0.0}}, True),
        ({"open_bids": {}, "joint_rd_fund": {}}, False),
        ({"joint_rd_fund": {}}, False),
    ):
        overrides = {f"policies.{name}": keys for name, keys in policies.items()}
        assert (said in notes(load_scenario("synthetic", overrides), world)) == hit, policies
