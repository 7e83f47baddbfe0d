"""The JSON schema of scenario files, for completion and checks in editors."""

from __future__ import annotations

from typing import Any

from pydantic.json_schema import models_json_schema

from ydsim.policies.library import policies
from ydsim.scenario.schema.scenario import Scenario

_POLICY = {
    "type": "string",
    "description": "name of a policy, or package.module.Class; by default the key",
}


def json_schema() -> dict[str, Any]:
    """Return the schema of a file before ``extends`` is followed."""
    levers = policies()
    models: list[Any] = [(cls, "validation") for cls in levers.values()]
    refs, schema = models_json_schema(
        [(Scenario, "validation"), *models],
        title="ydsim scenario",
        ref_template="#/$defs/{model}",
    )
    definitions = schema["$defs"]
    top = definitions.pop(refs[(Scenario, "validation")]["$ref"].rpartition("/")[2])
    known = {name: refs[(cls, "validation")] for name, cls in levers.items()}
    for reference in known.values():
        definition = definitions[reference["$ref"].rpartition("/")[2]]
        definition["properties"]["policy"] = _POLICY
        definition["type"] = ["object", "null"]
    top["properties"]["extends"] = {
        "type": "string",
        "description": "name of a shipped scenario, or path relative to this file",
    }
    top["properties"]["policies"] = {
        "type": "object",
        "description": "policies by name",
        "properties": known,
        "additionalProperties": {"type": "object", "properties": {"policy": _POLICY}},
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "ydsim scenario",
        **{key: value for key, value in top.items() if key != "title"},
        "$defs": definitions,
    }
