"""``ydsim schema``: the JSON schema of scenario files."""

from __future__ import annotations

import json


def schema() -> None:
    """Print the JSON schema of scenario files, for completion and checks in editors."""
    from ydsim.scenario.jsonschema import json_schema

    print(json.dumps(json_schema(), indent=2, ensure_ascii=False))
