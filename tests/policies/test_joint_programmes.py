"""Joint fund and open bids: whom the fund is for by default, and bids without a fund."""

from tests.support.places import PLACES, environment
from ydsim.policies.fold import fold
from ydsim.policies.joint import KEY_FIELDS, JointRdFund
from ydsim.policies.library import build_policies
from ydsim.policies.schemes import JointFund
from ydsim.scenario.check.check_world import notes
from ydsim.scenario.load import load_scenario
from ydsim.world.loader import load_world


def folded(**policies):
    return fold(environment(), policies, 2012.0, PLACES)


def test_the_fund_is_for_three_fields_unless_a_target_says_otherwise():
    assert JointRdFund().target.fields == KEY_FIELDS
    built = build_policies({"joint_rd_fund": {"target": {}}})["joint_rd_fund"]
    assert built.target.fields == ()
    (fund,) = folded(f=built).of(JointFund)
    assert fund.fields.tolist() == [1, 1]
    assert set(KEY_FIELDS) <= set(load_world("yrd").fields)


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
