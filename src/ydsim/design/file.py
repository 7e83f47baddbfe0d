"""A sweep file as a model, read by `ydsim.design.load`; `ydsim check --schema sweep` prints it."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import (
    AfterValidator,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    field_validator,
)

from ydsim.design.forms import Listed, Settings, known, refuse
from ydsim.design.kinds import Factorial, Grid, LatinHypercube, Morris, OneAtATime, Saltelli, Sobol
from ydsim.design.listed import List
from ydsim.design.sweep import MOST_REPLICATES, OTHER_TABLES, USUAL_TABLES, ReplicateRule
from ydsim.parameter import Closed
from ydsim.record.indicators import INDICATORS
from ydsim.scenario.read.node import dotted
from ydsim.scenario.schema.key_index import scenario_keys

_SLUG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,79}")
_OUTCOMES = tuple(name for name, one in INDICATORS.items() if "region" in one.levels)
_OWN_KEYS = {"series": "series: 1", "city_series": "cities: 1"} | {
    name: f"{name}: true" for name in ("adoption", "ties", "agents")
}

Design: TypeAlias = Annotated[
    Grid | List | OneAtATime | LatinHypercube | Sobol | Saltelli | Morris | Factorial,
    Field(discriminator="kind", description="kind of design and its settings"),
]


def _name(text: str) -> str:
    if not _SLUG.fullmatch(text):
        rule = "use at most 80 letters, digits, '_', '-' and '.'"
        raise refuse(f"{text!r} cannot name a folder; {rule}")
    return text


def _has_no_key(table: str) -> str:
    if table in _OWN_KEYS:
        raise refuse(f"{table!r} has a key of its own; write {_OWN_KEYS[table]}")
    return table


OtherTable: TypeAlias = Annotated[
    str,
    AfterValidator(_has_no_key),
    AfterValidator(known("recorded table", OTHER_TABLES)),
    Field(json_schema_extra={"enum": list(OTHER_TABLES)}),
]
Outcome: TypeAlias = Annotated[
    str,
    AfterValidator(known("indicator of the region", _OUTCOMES)),
    Field(json_schema_extra={"enum": list(_OUTCOMES)}),
]


class RecordKeys(Closed):
    """What is kept of each run; see `ydsim.design.sweep.Recorded`."""

    series: int = Field(1, ge=0, le=400, description="every n-th quarter, 0 for none")
    cities: int = Field(0, ge=0, le=400, description="every n-th quarter, 0 for none")
    adoption: bool = False
    ties: bool = False
    agents: bool = False
    tables: tuple[OtherTable, ...] = USUAL_TABLES


class RuleKeys(ReplicateRule):
    """When replicates are enough; see `ydsim.design.sweep.ReplicateRule`."""

    outcome: Outcome


Replicates: TypeAlias = Annotated[
    Annotated[int, Field(ge=1, le=MOST_REPLICATES), Tag("<number>")]
    | Annotated[RuleKeys, Tag("<rule>")],
    Discriminator(lambda value: "<rule>" if isinstance(value, (dict, RuleKeys)) else "<number>"),
]


class SweepFile(Closed):
    """The keys of a sweep file."""

    model_config = ConfigDict(
        title="ydsim sweep", json_schema_extra={"required": ["design"]}, validate_default=False
    )

    name: Annotated[str, AfterValidator(_name)] | None = Field(
        None, description="name of the folder of results"
    )
    description: str = Field("", description="the question it asks")
    base: str | None = Field(
        None, description="a shipped scenario, or a path relative to this file"
    )
    set: Settings | None = None
    design: Design | None = None
    replicates: Replicates | None = None
    random: Literal["common", "independent"] = "common"
    record: RecordKeys = RecordKeys()
    seed: int | None = Field(None, ge=0, le=2**63 - 1, description="seed of all draws")

    @field_validator("name", "base", "design", "replicates", "seed", mode="before")
    @classmethod
    def _something(cls, value: Any) -> Any:
        if value is None:
            raise refuse("has no value; delete the key")
        return value

    @classmethod
    def hint(cls, name: str) -> str:
        """Return where settings of the scenario go."""
        return "; settings of the scenario go under `set`"


class FactorsAlone(Closed):
    """The factors of a design of which something else is wrong."""

    factors: dict[str, Listed]


def sweep_schema() -> dict[str, Any]:
    """Return the JSON schema of a sweep file, for completion and checks in editors."""
    schema = SweepFile.model_json_schema()
    schema["properties"]["design"] = schema["properties"]["design"]["anyOf"][0]
    keys = {
        dotted(key.path): key.meaning
        for key in scenario_keys()
        if key.path[0] not in ("name", "description", "seed", "replicates", "record")
    }
    for name, part in (("listed", "Grid"), ("free", "Sobol")):
        block = schema["$defs"][part]["properties"]["factors"]
        form = {"$ref": f"#/$defs/{name}/additionalProperties"}
        known = {key: form | {"description": meaning} for key, meaning in keys.items()}
        schema["$defs"][name] = block | {"properties": known}
        for model in schema["$defs"].values():
            if model.get("properties", {}).get("factors") == block:
                model["properties"]["factors"] = {"$ref": f"#/$defs/{name}"}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
