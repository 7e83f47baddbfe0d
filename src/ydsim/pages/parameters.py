"""The table of all keys of a scenario: ``python -m ydsim.pages.parameters > docs/parameters.md``.

Nothing in the table is written by hand; it comes from the schema and from the registered policies.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from ydsim.pages.policies import parameters_table
from ydsim.policies.library import shipped
from ydsim.scenario.read.node import dotted
from ydsim.scenario.schema.key_index import Key, scenario_keys

_HEAD = """\
# Parameters

Every key of a scenario, with the default that holds when a file says nothing. This page is
generated from the schema by `python -m ydsim.pages.parameters`; do not edit it.

Marks: **data** is fixed by official series, **prior** comes from literature and is passed through
as an ensemble, **calibrated** is fitted here, **assumed** has no source, **control** is a setting
of the experiment rather than a property of the region. Unit `1` is a pure number or share.

A file may begin with `extends:`, the name of a shipped scenario or a path relative to the file. The
settings of a policy may name its kind with `policy:`, a name below or `package.module.Class`; by
default the kind is the key.
"""


def markdown() -> str:
    """Return the whole page: a table for each section and each policy."""
    sections: dict[str, list[Key]] = {}
    for key in scenario_keys():
        if key.path[0] == "policies" and key.path[1] not in shipped():
            continue  # of another package
        depth = 2 if key.path[0] in ("parameters", "policies") else 1
        sections.setdefault(dotted(key.path[:depth]) if len(key.path) > 1 else "", []).append(key)
    pages = [_HEAD]
    for name, keys in sections.items():
        title = f"`{name}`" if name else "Experiment"
        pages.append(f"## {title}\n\n{parameters_table(keys, 'key', _default)}")
    return "\n".join(pages)


def _default(value: Any) -> str:
    if value is None:
        return "null"
    return value or '""' if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


if __name__ == "__main__":
    sys.stdout.write(markdown())
