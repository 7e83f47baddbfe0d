"""An amount in the place of a rate: either, not both, and what the schemes hold."""

import pytest
from pydantic import ValidationError

from tests.support.places import PLACES, environment, same
from ydsim.policies.fold import fold
from ydsim.policies.library import shipped
from ydsim.scenario.check import idle
from ydsim.scenario.load import load_scenario

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
