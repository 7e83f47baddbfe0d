"""Controls follow the schema: range, mark and value of every key that they move."""

from ydsim.explorer.settings import Choice, groups, switched, with_value
from ydsim.policies.library import shipped
from ydsim.scenario.read.node import dotted
from ydsim.scenario.schema.key_index import shipped_keys

EVERY = {key.path[1] for key in shipped_keys() if key.path[0] == "parameters"} | {"governance"}


def controls(choice, base, opened=EVERY):
    return {one["key"]: one for group in groups(choice, base, opened) for one in group["controls"]}


def test_every_shipped_policy_can_be_switched(base):
    names = {group["name"] for group in groups(Choice("baseline"), base, ()) if "switch" in group}
    assert set(shipped()) | set(base["policies"]) <= names | {"super_deduction"}
    kinds = {one.get("policy", name) for name, one in base["policies"].items()}
    assert set(shipped()) <= names | kinds


def test_every_number_of_the_model_has_a_control_with_the_facts_of_the_schema(base):
    found = controls(Choice("baseline"), base)
    for key in shipped_keys():
        if key.path[0] != "parameters" or key.kind not in ("number", "whole number"):
            continue
        one = found[dotted(key.path)]
        assert (one["low"], one["high"], one["mark"]) == (key.bounds.low, key.bounds.high, key.mark)
        assert one["meaning"] == key.meaning


def test_sliders_reach_both_ends_in_steps_that_can_be_seen(base):
    choice = Choice("baseline")
    for name in shipped():
        choice = switched(choice, base, name, True)
    for one in controls(choice, base).values():
        if one["slider"]:
            assert 20 <= (one["high"] - one["low"]) / one["step"] <= 600 or one["kind"] == "whole"
            assert one["value"] is None or one["low"] <= one["value"] <= one["high"], one["key"]


def test_levers_are_shown_of_policies_in_force_alone(base):
    keys = controls(Choice("baseline"), base)
    assert not any(key.startswith("policies.rd_grants.") for key in keys)
    on = controls(switched(Choice("baseline"), base, "rd_grants", True), base)
    assert on["policies.rd_grants.rate"]["mark"] == "assumed"
    assert on["policies.rd_grants.leakage"]["source"].startswith("Boeing")
    assert on["policies.rd_grants.start"]["kind"] == "number"


def test_sections_that_nobody_opened_are_not_sent(base):
    keys = controls(Choice("baseline"), base, opened=["border"])
    sections = {key.split(".")[1] for key in keys if key.startswith("parameters.")}
    assert sections == {"border"}


def test_what_was_changed_is_marked(base):
    choice = with_value(Choice("baseline"), base, "parameters.border.goods", 0.5)
    one = controls(choice, base)["parameters.border.goods"]
    assert (one["changed"], one["value"], one["usual"]) == (True, 0.5, 0.88)
    found = {group["name"]: group for group in groups(choice, base, ())}
    assert found["border"]["changed"] == 1
    assert not found["chain"]["changed"]


def test_what_passes_a_border_is_a_factor_on_its_odds(base):
    choice = switched(Choice("baseline"), base, "border_friction", True)
    one = controls(choice, base)["policies.border_friction.passes"]
    assert (one["kind"], one["value"]) == ("factor", 1.5)
