"""The page of parameters and the JSON schema cover every key."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from ydsim.pages.parameters import markdown
from ydsim.policies.library import policies
from ydsim.scenario.load import flat, load_scenario, plain_scenario
from ydsim.scenario.read.node import dotted
from ydsim.scenario.schema.jsonschema import json_schema
from ydsim.scenario.schema.key_index import Bounds, scenario_keys

PAGE = Path(__file__).parents[2] / "docs" / "parameters.md"


def test_the_page_is_up_to_date() -> None:
    assert PAGE.is_file(), "make it with: python -m ydsim.pages.parameters > docs/parameters.md"
    assert PAGE.read_text(encoding="utf-8") == markdown(), "docs/parameters.md is stale"


def test_the_page_has_every_value_of_a_scenario() -> None:
    everything = {f"policies.{name}": {} for name in policies()}
    page = markdown()
    for path, _ in flat(plain_scenario(load_scenario("synthetic", everything))):
        assert f"| `{dotted(path)}` |" in page


def test_every_default_on_the_page_is_that_of_the_model() -> None:
    """A row's default is what a scenario with the policy, and nothing else, has at the key."""
    scenario = load_scenario("synthetic")
    rows = dict(re.findall(r"^\| `(.+?)` \| (.+?) \|", markdown(), re.MULTILINE))
    assert len(rows) == len(scenario_keys())
    for key in scenario_keys():
        head, *rest = key.path
        model: Any = type(scenario)
        if head == "policies":
            model, rest = policies()[rest[0]], rest[1:]
        else:
            rest = [head, *rest]
        field = model.model_fields[rest[0]]
        shown = "required"
        if not field.is_required():
            value = field.get_default(call_default_factory=True)
            for part in rest[1:]:
                value = getattr(value, part)
            text = json.dumps(value, ensure_ascii=False)
            shown = "null" if value is None else value if isinstance(value, str) else text
            shown = f"`{shown or json.dumps(shown)}`"
        assert rows[dotted(key.path)] == shown, dotted(key.path)


def test_every_row_has_seven_cells() -> None:
    rows = [line for line in markdown().splitlines() if line.startswith("| `")]
    assert len(rows) == len(scenario_keys())
    for row in rows:
        assert row.replace("\\|", "").count("|") == 8


def test_every_parameter_says_where_it_comes_from() -> None:
    for key in scenario_keys():
        if key.path[0] == "parameters":
            name, choice = dotted(key.path), key.kind.startswith(("true or false", "one of "))
            assert key.meaning, name
            assert choice == (key.unit == "-"), name
            assert choice == (key.bounds == Bounds()), name
            sourced = key.mark in ("data", "prior", "calibrated")
            assert key.source or not sourced, name
            assert key.source != "assumed" or not sourced, f"{name} is {key.mark}: where from?"


def test_defaults_lie_within_their_bounds() -> None:
    for key in scenario_keys():
        values = key.default if isinstance(key.default, tuple) else (key.default,)
        for value in values:
            if isinstance(value, (int, float)):
                assert value in key.bounds, dotted(key.path)


def test_a_list_shows_the_bounds_of_its_values() -> None:
    page = markdown()
    assert "| candidates | list of 4 whole numbers, between 0 and 50 | assumed |" in page
    assert "| quarters | list of 5 numbers, above 0 and at most 10000 | assumed |" in page


def test_the_json_schema_knows_every_key() -> None:
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


def test_bounds_in_words() -> None:
    assert str(Bounds(0, 1)) == "between 0 and 1"
    assert str(Bounds(0, 1, low_open=True)) == "above 0 and at most 1"
    assert str(Bounds(low=2.5)) == "at least 2.5"
    assert str(Bounds(high=3, high_open=True)) == "below 3"
    assert 0.0 not in Bounds(0, 1, low_open=True)
    assert 1.0 in Bounds(0, 1, low_open=True)
    assert 1.0 not in Bounds(0, 1, high_open=True)
    assert 1.1 not in Bounds(0, 1)
