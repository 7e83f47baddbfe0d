"""The page of shocks: ``python -m ydsim.pages.shocks > docs/shocks.md``.

Keys come from the classes and rules from the docstrings of the modules that carry them out.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Sequence
from types import ModuleType
from typing import Final

from ydsim.pages.policies import parameters_table
from ydsim.scenario.schema.key_index import Key, keys_of
from ydsim.scenario.schema.sections.shocks import KINDS, Shock, Unit
from ydsim.shocks import lottery, meetings, money, places, projects, ties

EXAMPLE: Final = """\
extends: synthetic
end: 2016
record: {projects: true}
shocks:
  - name: part                  # one organisation in ten loses a partner
    kind: delete_ties
    year: 2012
    share: 0.1
    arms: firms                 # nobody is in two shocks of these arms
  - name: lottery               # of the others one firm in ten wins a voucher
    kind: vouchers
    year: 2012
    share: 0.1
    years: 2
    arms: firms
  - name: rail                  # hours of a tenth of the pairs of cities are halved
    kind: travel_time
    year: 2013.5
    share: 0.1
    factor: 0.5
"""

_HEAD = f"""\
# Shocks

An experiment inside a run: units drawn by hash are treated, the others of the same kind are their
controls, and the record says who was what. One set of runs with several shocks in disjoint arms
serves several estimators. This page is generated from the code by `python -m ydsim.pages.shocks`;
do not edit it.

A policy ([policies.md](policies.md)) is something that governments do; a shock is something that
the experimenter does. A scenario lists its shocks under `shocks:`, each with a name and a kind:

```yaml
{EXAMPLE}```

Without shocks, and with shocks of share 0, a run is the same to the last bit. The table `shocks` of
the results has a row for each unit that was drawn from, treated or not; `record.projects: true`
adds the table `projects`, a row for each project that ended ([results.md](results.md)). In a sweep
both are kept with `record: {{tables: [shocks, projects]}}` in the sweep file.
"""

_ORDER = """\
Shocks strike at the beginning of a quarter, in the order in which a scenario lists them: a later
one finds what an earlier one has left. What they change in the policy environment is laid over what
policies want; governments that decide see it.
"""

_MODULES: Final[dict[ModuleType, tuple[str, ...]]] = {
    projects: ("delete_projects",),
    ties: ("delete_ties",),
    money: ("grants", "vouchers"),
    places: ("travel_time", "protection", "demand"),
    meetings: ("meetings",),
}
"""The kinds that each module carries out, in the order of the page."""

_UNITS: Final[dict[Unit, str]] = {
    "project": "projects",
    "organisation": "organisations",
    "pair": "pairs of organisations",
    "city": "cities",
    "city pair": "pairs of cities",
    "province and year": "provinces, again each year",
    "market": "industries of provinces",
}


def markdown() -> str:
    """Return the whole page."""
    shared = [key for key in keys_of(Shock) if key.path[0] != "target"]
    parts = [_HEAD, f"## Who is treated\n\n{_text(lottery)}\n", _ORDER]
    parts.append(f"## Keys that all have\n\n{parameters_table(tuple(shared))}")
    for module, kinds in _MODULES.items():
        parts.append(f"## {_title(module)}\n\n{_text(module)}\n")
        parts += [_kind(name, KINDS[name], shared) for name in kinds]
    return "\n".join(parts)


def _title(module: ModuleType) -> str:
    first = (inspect.getdoc(module) or "").partition("\n\n")[0].replace("\n", " ")
    return first.partition(":")[0].rstrip(".")


def _text(module: ModuleType) -> str:
    """Return a docstring as a page has it, its title left out where it is only a title."""
    text = (inspect.getdoc(module) or "").replace("``", "`")
    first, _, rest = text.partition("\n\n")
    said = first.replace("\n", " ").partition(": ")[2]
    said = f"{said[:1].upper()}{said[1:]}\n\n" if said else ""
    return said + rest


def _kind(name: str, cls: type[Shock], shared: Sequence[Key]) -> str:
    same = {key.path: key for key in shared}
    own = [k for k in keys_of(cls) if k.path[0] not in ("target", "kind") and same.get(k.path) != k]
    aims = ", ".join(f"`{key}`" for key in cls.target_keys)
    drawn = f"Drawn are {_UNITS[cls.unit_kind]}" + (
        " unless `unit` says otherwise" if "unit" in cls.model_fields else ""
    )
    return "\n".join(
        [
            f"### `{name}`\n\n{(inspect.getdoc(cls) or '').strip()} {drawn}.\n",
            parameters_table(tuple(own)) if own else "",
            f"Keys of `target` that are of use: {aims}.\n",
        ]
    )


if __name__ == "__main__":
    sys.stdout.write(markdown())
