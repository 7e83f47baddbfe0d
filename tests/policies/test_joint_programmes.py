"""Joint fund, open bids, consortia, shared costs: what each policy hands to the environment."""

import numpy as np
import pytest

from tests.support.places import PLACES, environment
from ydsim.policies.base import Target
from ydsim.policies.environment import passing
from ydsim.policies.fold import fold
from ydsim.policies.joint import KEY_FIELDS, CostSharing, InnovationConsortia, JointRdFund, OpenBids
from ydsim.policies.library import build_policies
from ydsim.policies.schemes import Alliance, JointFund, JointWork, Outlay
from ydsim.policies.schemes import CostSharing as Agreement
from ydsim.scenario.check.check_world import check_against_world, notes
from ydsim.scenario.load import load_scenario
from ydsim.world.loader import load_world


def folded(**policies):
    return fold(environment(), policies, 2012.0, PLACES)


def test_the_fund_hands_its_settings_over():
    target = Target(fields=("drugs",), provinces=("A", "C"))
    policy = JointRdFund(
        rate=0.002, provinces=3, horizon=2.5, central=0.3, leakage=0.2, premium=1.5, target=target,
        strength=0.5, cost=1.0,
    )  # fmt: skip
    got = folded(f=policy)
    (fund,) = got.of(JointFund)
    assert (fund.policy, fund.strength) == ("f", 0.5)
    assert (fund.rate, fund.least, fund.quarters) == (0.002, 3, 10)
    assert (fund.central, fund.leakage, fund.premium, fund.mixed) == (0.3, 0.2, 1.5, True)
    assert fund.fields.tolist() == [0, 1]
    assert fund.provinces.tolist() == [1, 0, 1]
    assert len(got.of(Outlay)) == 1
    assert got.of(JointWork) == [fund]


def test_the_fund_is_for_three_fields_unless_a_target_says_otherwise():
    assert JointRdFund().target.fields == KEY_FIELDS
    built = build_policies({"joint_rd_fund": {"target": {}}})["joint_rd_fund"]
    assert built.target.fields == ()
    (fund,) = folded(f=built).of(JointFund)
    assert fund.fields.tolist() == [1, 1]
    world = load_world("yrd")
    assert set(KEY_FIELDS) <= set(world.fields)
    scenario = load_scenario("baseline", {"policies.joint_rd_fund": {}})
    assert check_against_world(scenario, world) == []


def test_a_world_without_these_fields_is_refused_by_name():
    scenario = load_scenario("synthetic", {"policies.joint_rd_fund": {}})
    (line,) = check_against_world(scenario, load_world("synthetic"))
    assert line.startswith("policies.joint_rd_fund.target.fields: the default is of another world")
    assert f"lacks {', '.join(KEY_FIELDS)}; name fields of its own" in line


def test_bids_set_the_part_of_funds_that_is_given_by_bid():
    assert float(environment().bid_share) == 0.0
    assert float(folded(b=OpenBids(share=0.8, strength=0.5)).bid_share) == pytest.approx(0.4)
    both = folded(b=OpenBids(share=0.3), c=OpenBids(share=0.6))
    assert float(both.bid_share) == pytest.approx(0.6)


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


def test_consortia_hand_their_settings_over():
    policy = InnovationConsortia(
        number=20, size=10, years=3.0, provinces=4, tie=2.0, grant=0.1, central=0.2,
        target=Target(fields=("chips",)),
    )  # fmt: skip
    (got,) = folded(c=policy).of(Alliance)
    assert (got.number, got.size, got.quarters, got.least) == (20, 10, 12, 4)
    assert (got.tie, got.grant, got.central) == (2.0, 0.1, 0.2)
    assert got.fields.tolist() == [1, 0]
    assert got.provinces.tolist() == [1, 1, 1]


@pytest.mark.parametrize("strength", [1.0, 0.5])
def test_sharing_taxes_eases_the_border_in_hand_overs(strength):
    policy = CostSharing(tax_share=0.4, hand_over=1.5, cost_share=0.3, strength=strength)
    got = folded(s=policy)
    base = environment().eased_hand_over
    cross = 1.0 - np.eye(3)
    want = base + strength * (1.4 - base) * cross
    assert got.eased_hand_over == pytest.approx(want)
    (agreement,) = got.of(Agreement)
    assert (agreement.share, agreement.tax, agreement.strength) == (0.3, 0.4, strength)
    # at home nothing changes, across borders more passes, in hand-overs only
    of = PLACES.city_province
    before, after = (passing(e, "hand_over", of) for e in (environment(), got))
    away = of[:, None] != of[None, :]
    assert (after[away] > before[away]).all()
    assert (after[~away] == before[~away]).all()
    for border in ("joint_work", "exposure", "talent"):
        assert (passing(got, border, of) == passing(environment(), border, of)).all()


def test_a_larger_share_or_factor_never_closes_a_border():
    of = PLACES.city_province
    last = passing(folded(s=CostSharing(tax_share=0.4, hand_over=1.5)), "hand_over", of)
    for share, factor in ((0.45, 1.5), (0.5, 1.5), (0.5, 2.0)):
        now = passing(folded(s=CostSharing(tax_share=share, hand_over=factor)), "hand_over", of)
        assert (now >= last).all()
        assert (now > last).any()
        last = now


def test_an_agreement_is_one_between_the_provinces_that_are_named():
    got = folded(s=CostSharing(target=Target(provinces=("A", "B")), tax_share=0.5, hand_over=2.0))
    base = environment().eased_hand_over
    assert got.eased_hand_over[0, 1] == got.eased_hand_over[1, 0] == 2.0
    assert got.eased_hand_over[2].tolist() == base[2].tolist()
    assert got.eased_hand_over[:, 2].tolist() == base[:, 2].tolist()
