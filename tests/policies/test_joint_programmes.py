"""Joint fund and open bids: whom the fund is for by default, and bids without a fund."""

from ydsim.scenario.check import notes
from ydsim.scenario.load import load_scenario
from ydsim.world.loader import load_world


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
