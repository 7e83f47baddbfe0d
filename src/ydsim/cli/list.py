"""``ydsim list``: what a scenario or a command can name."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import Annotated

import typer


class What(StrEnum):
    """What can be listed."""

    scenarios = "scenarios"
    sweeps = "sweeps"
    policies = "policies"
    worlds = "worlds"
    tables = "tables"
    figures = "figures"
    indicators = "indicators"


def list(
    what: Annotated[What, typer.Argument(help="What to list.")] = What.scenarios,
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON object.")] = False,
) -> None:
    """List scenarios, sweeps, policies, worlds, tables, indicators or figures, a line each."""
    found = _found(what)
    if as_json:
        print(json.dumps(found, indent=2, ensure_ascii=False))
        return
    width = max(map(len, found), default=0) + 2
    for name, line in found.items():
        print(f"{name:<{width}}{line}")


def _found(what: What) -> dict[str, str]:
    if what is What.scenarios:
        from ydsim.scenario.load import load_scenario
        from ydsim.scenario.read.locate import shipped

        return {name: load_scenario(name).description for name in shipped()}
    if what is What.sweeps:
        from ydsim.design.load import described
        from ydsim.scenario.read.locate import shipped_sweeps

        return {name: described(name) for name in shipped_sweeps()}
    if what is What.policies:
        from ydsim.policies.installed import broken
        from ydsim.policies.library import policies
        from ydsim.policies.naming import title_of

        titles = {name: title_of(cls) for name, cls in policies().items()}
        bad = {name: f"broken: {line}" for name, line in broken().items()}
        return dict(sorted((titles | bad).items()))
    if what is What.worlds:
        return {
            "yrd": "the Yangtze River Delta: four provinces, 41 cities",
            "synthetic": "a small made-up region",
            "ten_firms": "a made-up region of ten firms that are listed by name, for teaching",
        }
    if what is What.figures:
        from ydsim.plots.catalogue import KINDS

        return {kind.name: kind.shows for kind in KINDS.values()}
    if what is What.indicators:
        from ydsim.record.indicators import INDICATORS

        return {name: f"{one.meaning} [{one.unit}]" for name, one in INDICATORS.items()}
    from ydsim.results.derived.tables import DERIVED
    from ydsim.store import described as tables

    return {
        name: f"{card.line} (derived)" if name in DERIVED else card.line
        for name, card in tables.described().items()
    }
