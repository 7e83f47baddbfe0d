"""Pages made from the code are up to date and have all that the code has."""

import re
from typing import Any

import pytest

from tools import DOCS
from tools.reference import EXAMPLE, PAGES, names_of, parameters_page
from ydsim.explain import card_of
from ydsim.policies.library import FAMILIES, policies, shipped
from ydsim.scenario.load import json_schema, load_scenario
from ydsim.scenario.read.node import dotted
from ydsim.scenario.schema.key_index import Bounds, scenario_keys, shipped_keys, written


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_up_to_date(name):
    page = (DOCS / f"{name}.md").read_text(encoding="utf-8")
    assert page == PAGES[name](), f"python -m tools.reference {name}"


def test_every_default_on_the_page_is_that_of_the_model():
    """A row's default is what a scenario with the policy, and nothing else, has at the key."""
    scenario = load_scenario("synthetic")
    rows = dict(re.findall(r"^\| `(.+?)` \| (.+?) \|", parameters_page(), re.MULTILINE))
    assert len(rows) == len(shipped_keys())
    for key in shipped_keys():
        head, *rest = key.path
        model: Any = type(scenario)
        if head == "policies":
            model, rest = shipped()[rest[0]], rest[1:]
        else:
            rest = [head, *rest]
        field = model.model_fields[rest[0]]
        shown = "required"
        if not field.is_required():
            value = field.get_default(call_default_factory=True)
            for part in rest[1:]:
                value = getattr(value, part)
            shown = f"`{written(value)}`"
        assert rows[dotted(key.path)] == shown, dotted(key.path)


def test_every_parameter_says_where_it_comes_from():
    for key in scenario_keys():
        if key.path[0] == "parameters":
            name, choice = dotted(key.path), key.kind.startswith(("true or false", "one of "))
            assert key.meaning, name
            assert choice == (key.unit == "-"), name
            assert choice == (key.bounds == Bounds()), name
            sourced = key.mark in ("data", "prior", "calibrated")
            assert key.source or not sourced, name
            assert key.source != "assumed" or not sourced, f"{name} is {key.mark}: where from?"


def test_defaults_lie_within_their_bounds():
    for key in scenario_keys():
        values = key.default if isinstance(key.default, tuple) else (key.default,)
        for value in values:
            if isinstance(value, (int, float)):
                assert value in key.bounds, dotted(key.path)


def test_the_json_schema_knows_every_key():
    schema = json_schema()
    assert {"extends", "name", "parameters", "policies"} <= set(schema["properties"])
    assert schema["additionalProperties"] is False
    levers = schema["properties"]["policies"]["properties"]
    assert set(levers) == set(policies())
    for key in scenario_keys():
        node = schema
        for part in key.path:
            while "$ref" in node:
                node = schema["$defs"][node["$ref"].rpartition("/")[2]]
            node = node["properties"][part]
    assert "policy" in schema["$defs"]["RdGrants"]["properties"]


def test_bounds_in_words():
    assert str(Bounds(0, 1)) == "between 0 and 1"
    assert str(Bounds(0, 1, low_open=True)) == "above 0 and at most 1"
    assert str(Bounds(low=2.5)) == "at least 2.5"
    assert str(Bounds(high=3, high_open=True)) == "below 3"
    assert 0.0 not in Bounds(0, 1, low_open=True)
    assert 1.0 in Bounds(0, 1, low_open=True)
    assert 1.0 not in Bounds(0, 1, high_open=True)
    assert 1.1 not in Bounds(0, 1)


def test_every_policy_has_its_place():
    grouped = [name for family in FAMILIES for name in names_of(family)]
    assert sorted(grouped) == list(shipped())
    page = PAGES["policies"]()
    for name, cls in shipped().items():
        card = card_of(name, cls)
        assert page.count(f"\n### `{name}`\n") == 1
        (row,) = [line for line in page.splitlines() if line.startswith(f"| [`{name}`](")]
        assert cls.title in row
        for mark in {key["mark"] for key in card["parameters"]}:
            assert mark in row
        for text in (card["example"], *(f"`{field}`" for field in cls.writes), *card["sections"]):
            assert text in page


def test_the_example_of_shocks_is_a_scenario(tmp_path):
    file = tmp_path / "x.yaml"
    file.write_text(EXAMPLE, encoding="utf-8")
    scenario = load_scenario(file)
    assert [shock.name for shock in scenario.shocks] == ["part", "lottery", "rail"]
    assert scenario.record.projects
