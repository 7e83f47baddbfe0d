"""``ydsim schema``: the JSON schema of scenario files and of sweep files."""

from __future__ import annotations

import json
from typing import Annotated

import typer


def schema(
    sweep: Annotated[bool, typer.Option("--sweep", help="The schema of sweep files.")] = False,
) -> None:
    """Print the JSON schema of scenario files, for completion and checks in editors."""
    if sweep:
        from ydsim.design.file import sweep_schema

        found = sweep_schema()
    else:
        from ydsim.scenario.schema.jsonschema import json_schema

        found = json_schema()
    print(json.dumps(found, indent=2, ensure_ascii=False))
