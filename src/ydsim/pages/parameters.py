"""The table of all keys of a scenario: ``python -m ydsim.pages.parameters > docs/parameters.md``.

Nothing in the table is written by hand; it comes from the schema and from the registered policies.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from ydsim.policies.library import shipped
from ydsim.scenario.read.node import dotted
from ydsim.scenario.schema.key_index import Bounds, Key, scenario_keys

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
        rows = [_row(key) for key in keys]
        pages.append(
            f"## {f'`{name}`' if name else 'Experiment'}\n\n"
            "| key | default | unit | range | mark | source | meaning |\n"
            "| --- | --- | --- | --- | --- | --- | --- |\n" + "\n".join(rows) + "\n"
        )
    return "\n".join(pages)


def _row(key: Key) -> str:
    bounds = "" if key.bounds == Bounds() else str(key.bounds)
    source = "" if key.source == "assumed" else key.source
    cells = (
        f"`{dotted(key.path)}`",
        "required" if key.required else f"`{_default(key.default)}`",
        key.unit,
        f"{key.kind}, {bounds}" if bounds and key.kind.startswith("list") else bounds or key.kind,
        key.mark,
        source,
        key.meaning,
    )
    return "| " + " | ".join(" ".join(cell.split()).replace("|", "\\|") for cell in cells) + " |"


def _default(value: Any) -> str:
    if value is None:
        return "null"
    return value or '""' if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


if __name__ == "__main__":
    sys.stdout.write(markdown())
