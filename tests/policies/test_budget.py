"""An amount in the place of a rate: either, not both, and what the schemes hold."""

import numpy as np
import pytest
from pydantic import ValidationError

from tests.support.places import PLACES, environment, same
from ydsim.policies.base import Places
from ydsim.policies.fold import fold
from ydsim.policies.library import shipped
from ydsim.policies.schemes import Alliance, BrokerOffices, CostSharing, GrantBudget, Voucher
from ydsim.scenario.check.check_world import idle
from ydsim.scenario.load import load_scenario

RATES = {
    "rd_grants": "rate",
    "innovation_voucher": "take_up",
    "joint_rd_fund": "rate",
    "cost_sharing": "cost_share",
    "consortia": "grant",
    "intermediaries": "per_1000_firms",
}


def places():
    return Places(
        provinces=("P", "Q"),
        cities=("a", "b", "c"),
        city_province=np.array([0, 0, 1]),
        distance_km=np.zeros((3, 3)),
        fields=("f",),
        industries=("i",),
        firms=np.array([1000.0, 3000.0, 500.0]),
    )


def schemes(name, **keys):
    return list(shipped()[name](**keys).schemes(2012.0, places()))


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


def test_what_the_schemes_hold():
    (budget,) = schemes("rd_grants", amount=2.0, leakage=0.1, target={"provinces": ["P"]})
    assert isinstance(budget, GrantBudget)
    assert (budget.amount, budget.leakage, budget.cities.tolist()) == (2.0, 0.1, [1.0, 1.0, 0.0])
    assert schemes("rd_grants") == []
    (voucher,) = schemes("innovation_voucher", amount=2.0)
    assert isinstance(voucher, Voucher)
    assert (voucher.amount, voucher.take_up) == (2.0, 0.0)
    (shared,) = schemes("cost_sharing", amount=2.0)
    assert isinstance(shared, CostSharing)
    assert (shared.amount, shared.share) == (2.0, 0.0)
    (alliance,) = schemes("consortia", amount=6.0, number=12)
    assert isinstance(alliance, Alliance)
    assert (alliance.amount, alliance.grant) == (6.0, 0.0)
    assert schemes("consortia")[0].amount is None


def test_no_consortia_cannot_spend_an_amount():
    with pytest.raises(ValidationError, match="amount needs a `number` of consortia above 0"):
        shipped()["consortia"](amount=6.0, number=0)
    assert shipped()["consortia"](amount=0.0, number=0).amount == 0.0


def test_offices_hold_the_amount_and_write_no_density():
    keys = {"amount": 0.2, "broker_cost": 0.05, "target": {"provinces": ["P"]}}
    (office,) = schemes("intermediaries", **keys)
    assert isinstance(office, BrokerOffices)
    assert (office.amount, office.yearly, office.where.tolist()) == (0.2, 0.05, [1.0, 1.0, 0.0])
    policy, base = shipped()["intermediaries"](amount=0.2), environment()
    got = fold(base, {"i": policy}, 2012.0, PLACES)
    assert (got.broker_density == base.broker_density).all()
    assert (got.broker_uplift != base.broker_uplift).any()
    with pytest.raises(ValidationError, match="amount needs a `broker_cost` above 0"):
        shipped()["intermediaries"](amount=0.2, broker_cost=0.0)


def test_grants_with_an_amount_move_no_field_and_are_not_idle():
    base, policy = environment(), shipped()["rd_grants"](amount=1.0)
    assert same(fold(base, {"g": policy}, 2012.0, PLACES), base)
    given = {"policies.rd_grants": {"rate": None, "amount": 1.0}}
    assert idle(load_scenario("synthetic", given)) == []
