"""Policies from plain data and back."""

import pytest
from pydantic import ValidationError

from ydsim.policies.borders import BorderFriction
from ydsim.policies.library import build_policies, dump_policies, find_policy, kind_of_policy
from ydsim.policies.money import RdGrants
from ydsim.scenario.schema.scenario import Scenario


def test_border_friction_is_always_there():
    assert build_policies({}) == {"border_friction": BorderFriction()}
    assert build_policies({"border_friction": None}) == {"border_friction": BorderFriction()}


def test_objects_pass_through():
    grants = RdGrants(rate=0.2)
    assert build_policies({"x": grants})["x"] is grants


def test_dump_and_build_are_inverse(support):
    built = build_policies({
        "a": {"policy": "rd_grants", "target": {"cities": ["Hefei"]}},
        "b": {"policy": f"{support}.Kinds", "nested": [0.25, 2]},
    }, allow_code=True)  # fmt: skip
    dumped = dump_policies(built)
    assert list(dumped) == ["a", "b", "border_friction"]
    assert dumped["a"]["policy"] == "rd_grants"
    assert "policy" not in dumped["border_friction"]
    assert build_policies(dumped, allow_code=True) == built
    with pytest.raises(ValueError, match="is code from outside"):
        build_policies(dumped)
    assert kind_of_policy(built["b"]) == f"{support}.Kinds"


def test_all_that_is_wrong_with_plain_policies_is_one_line():
    settings = {"rd_grants": {"rate": 9, "rat": 0.1}, "1x": {}, "closure": 3, "nope": {}}
    with pytest.raises(ValueError, match=r"policies\.rd_grants\.rat: ") as caught:
        build_policies(settings)
    said = str(caught.value)
    assert "\n" not in said
    for part in (
        "policies.rd_grants.rate: ",
        "policies.1x: names of policies are ",
        "policies.closure: expected the settings",
        "policies.nope: no policy is called",
    ):
        assert part in said
    with pytest.raises(ValueError, match="policies: expected a mapping"):
        build_policies(3)


def test_find_policy_says_what_exists():
    assert find_policy("rd_grants") is RdGrants
    assert find_policy("ydsim.policies.money.RdGrants") is RdGrants
    with pytest.raises(ValueError, match="did you mean 'rd_grants'"):
        find_policy("rd_grant")
    with pytest.raises(ValueError, match="not a class derived from"):
        find_policy("ydsim.policies.money.Places", allow_code=True)
    with pytest.raises(ValueError, match="Places' is code from outside; not looked at"):
        find_policy("ydsim.policies.money.Places")


@pytest.mark.parametrize(
    "value", [3, {"nope": {}}, {"rd_grants": {"rate": 9}}, {"rd_grants": {"rat": 0.1}}]
)
def test_the_schema_alone_refuses_wrong_policies(value):
    with pytest.raises(ValidationError, match="polic"):
        Scenario(policies=value)
