"""A resolved scenario as text that loads to an equal one, and the JSON schema of its files."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic.json_schema import models_json_schema

from ydsim.policies.library import policies
from ydsim.scenario.changes import what_passes
from ydsim.scenario.load import Resolved, flat, plain_scenario
from ydsim.scenario.read.node import dotted
from ydsim.scenario.read.yaml import resolve
from ydsim.scenario.schema.scenario import Scenario

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_./-]*")


def as_json(resolved: Resolved, origin: bool = False) -> str:
    """Return the scenario as JSON; with ``origin`` as ``{path: {value, origin}}``."""
    content: Any = plain_scenario(resolved.scenario)
    if origin:
        content = {
            dotted(path): {"value": value, "origin": resolved.origins[dotted(path)]}
            for path, value in flat(content)
        }
    return json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False)


def as_yaml(resolved: Resolved, origin: bool = False) -> str:
    """Return the scenario as YAML, with what passes borders beside the policies that set it.

    With ``origin`` each value carries where it comes from.
    """
    content = plain_scenario(resolved.scenario)
    notes = dict(resolved.origins) if origin else {}
    for name in content["policies"]:
        if message := what_passes(name, content):
            key = f"policies.{name}.passes"
            notes[key] = "; ".join(filter(None, [notes.get(key), message]))
    lines = list(_lines(content, (), notes))
    width = max((len(line) for line, note in lines if note), default=0)
    return "\n".join(
        f"{line:<{min(width, 48)}}  # {note}" if note else line for line, note in lines
    )


def plain_as_yaml(content: Mapping[str, Any]) -> str:
    """Return a resolved scenario that is plain data already, as results keep it, as YAML."""
    return "\n".join(line for line, _ in _lines(content, (), {})) + "\n"


def _lines(
    content: Mapping[str, Any], path: tuple[str, ...], notes: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    indent = "  " * len(path)
    for key, value in content.items():
        here = (*path, key)
        if isinstance(value, dict) and value:
            yield f"{indent}{_scalar(key)}:", ""
            yield from _lines(value, here, notes)
        else:
            yield f"{indent}{_scalar(key)}: {flow(value)}", notes.get(dotted(here), "")


def flow(value: Any) -> str:
    """Return plain data on one line as scenario files and ``--set`` read it."""
    if isinstance(value, list):
        return "[" + ", ".join(flow(item) for item in value) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_scalar(k)}: {flow(v)}" for k, v in value.items()) + "}"
    return _scalar(value)


def _scalar(value: Any) -> str:
    if isinstance(value, str) and _PLAIN.fullmatch(value) and resolve(value) == value:
        # words that other readers take for booleans are quoted
        return json.dumps(value) if value.lower() in ("y", "n", "yes", "no", "on", "off") else value
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


# -- the JSON schema of scenario files, for completion and checks in editors ----------------------

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
