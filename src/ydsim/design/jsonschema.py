"""The JSON schema of sweep files, for completion and checks in editors."""

from __future__ import annotations

from typing import Any

from ydsim.design.kinds import KINDS
from ydsim.design.sweep import OTHER_TABLES
from ydsim.record.indicators import INDICATORS
from ydsim.scenario.read.node import dotted
from ydsim.scenario.schema.key_index import scenario_keys
from ydsim.scenario.schema.sections.society import ActorParameters

_FLAG = {"type": "boolean"}
_NUMBER = {"type": "number"}
_SEED = {"type": "integer", "minimum": 0, "maximum": 2**32 - 1, "default": 0}
_SETTINGS = {
    "description": "keys of a scenario, dotted or nested; policies.NAME may be off or on",
    "type": "object",
}


def sweep_schema() -> dict[str, Any]:
    """Return the schema of a sweep file."""
    every = {"type": "integer", "minimum": 0, "maximum": 400}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "ydsim sweep",
        "type": "object",
        "additionalProperties": False,
        "required": ["design"],
        "properties": {
            "name": {"type": "string", "description": "name of the folder of results"},
            "description": {"type": "string", "description": "the question it asks"},
            "base": {
                "type": "string",
                "description": "a shipped scenario, or a path relative to this file",
            },
            "set": _SETTINGS,
            "design": {"oneOf": [_design(kind) for kind in KINDS]},
            "replicates": {"oneOf": [{"type": "integer", "minimum": 1}, _rule()]},
            "random": {"enum": ["common", "independent"], "default": "common"},
            "record": {
                "type": "object",
                "additionalProperties": False,
                "properties": {
                    "series": every | {"description": "every n-th quarter, 0 for none"},
                    "cities": every | {"description": "every n-th quarter, 0 for none"},
                    "adoption": _FLAG,
                    "ties": _FLAG,
                    "agents": _FLAG,
                    "tables": {"type": "array", "items": {"enum": list(OTHER_TABLES)}},
                },
            },
            "seed": {"type": "integer", "minimum": 0, "maximum": 2**63 - 1},
        },
        "$defs": {"listed": _factors(ranged=False), "free": _factors(ranged=True)},
    }


def _design(kind: str) -> dict[str, Any]:
    free = kind in ("latin_hypercube", "sobol", "saltelli", "morris")
    column = {"type": "array", "minItems": 1}
    known: dict[str, Any] = {
        "kind": {"const": kind},
        "factors": {"$ref": f"#/$defs/{'free' if free else 'listed'}"},
        "points": {"oneOf": [column | {"items": _SETTINGS}, _SETTINGS]},
        "file": {"type": "string", "pattern": r"\.(csv|parquet)$"},
        "n": {"type": "integer", "minimum": 2},
        "seed": _SEED,
        "scramble": _FLAG,
        "second_order": _FLAG,
        "trajectories": {"type": "integer", "minimum": 2},
        "levels": {"type": "integer", "minimum": 2, "multipleOf": 2},
        "groups": {
            "oneOf": [
                {"const": "all"},
                column | {"items": {"enum": list(ActorParameters.model_fields)}},
                {"type": "object", "additionalProperties": column | {"items": {"type": "string"}}},
            ]
        },
        "fraction": {"enum": ["full", "half"]},
    }
    keys = KINDS[kind][0]
    needed = [key for key in keys if key in ("kind", "factors", "n", "trajectories")]
    return {
        "type": "object",
        "additionalProperties": False,
        "required": needed,
        "properties": {key: known[key] for key in keys},
    }


def _factors(*, ranged: bool) -> dict[str, Any]:
    values = {"type": "array", "minItems": 1}
    span: dict[str, Any] = {
        "from": _NUMBER,
        "to": _NUMBER,
        "log": _FLAG,
        "label": {"type": "string"},
    }
    if not ranged:
        span |= {"steps": {"type": "integer", "minimum": 2}, "step": {"exclusiveMinimum": 0}}
    choice = {"type": "object", "additionalProperties": False, "properties": {"set": _SETTINGS}}
    forms = [
        values,
        _closed({"values": values, "label": {"type": "string"}}, ["values"]),
        _closed(span, ["from", "to"]),
        _closed({"choices": {"type": "object", "additionalProperties": choice}}, ["choices"]),
    ]
    keys = {
        dotted(key.path): {"$ref": "#/$defs/" + ("free" if ranged else "listed") + "/$defs/factor"}
        | {"description": key.meaning}
        for key in scenario_keys()
        if key.path[0] not in ("name", "description", "seed", "replicates", "record")
    }
    return {
        "type": "object",
        "minProperties": 1,
        "properties": keys,
        "additionalProperties": {"oneOf": forms},
        "$defs": {"factor": {"oneOf": forms}},
    }


def _closed(properties: dict[str, Any], required: list[str]) -> dict[str, Any]:
    head = {"type": "object", "additionalProperties": False}
    return head | {"properties": properties, "required": required}


def _rule() -> dict[str, Any]:
    outcomes = [name for name, one in INDICATORS.items() if "region" in one.levels]
    return _closed(
        {
            "outcome": {"enum": outcomes},
            "half_width": {"type": "number", "exclusiveMinimum": 0},
            "relative": _FLAG | {"default": True},
            "level": {"type": "number", "minimum": 0.5, "maximum": 0.9999, "default": 0.95},
            "batch": {"type": "integer", "minimum": 1, "default": 4},
            "least": {"type": "integer", "minimum": 2, "default": 4},
            "most": {"type": "integer", "minimum": 2, "default": 100},
        },
        ["outcome", "half_width"],
    )
