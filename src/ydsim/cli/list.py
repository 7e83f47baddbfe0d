"""``ydsim list``: what a scenario or a command can name."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import Annotated

import typer

TABLES = {
    "province_year": "yearly values of provinces and the region",
    "city_year": "yearly values of cities",
    "series": "quarterly values of provinces and the region",
    "city_series": "quarterly values of cities",
    "generations": "one row a technology generation",
    "passports": "who did each stage of the projects that founded generations",
    "adoption_curves": "adopters of each generation by quarter and province",
    "adoption": "one row an adoption",
    "funnel": "projects by year, stage, kind of the first owner and partnership",
    "contracts": "technology contracts by year, seller and buyer",
    "ties": "links between cities by year and channel, realised and expected",
    "knowledge": "knowledge and research effort by year, province and field",
    "agents": "organisations at the end of a run",
    "ledger": "payments between sectors, by year",
    "policy_costs": "public money by quarter, instrument, payer and province",
    "policy_results": "public money and results by year and province",
    "official": "official statistics under the same names",
    "runs": "one row a replicate: seed and size",
    "design": "one row a point of the experiment",
}


class What(StrEnum):
    """What can be listed."""

    scenarios = "scenarios"
    sweeps = "sweeps"
    policies = "policies"
    worlds = "worlds"
    tables = "tables"
    figures = "figures"


def list(
    what: Annotated[What, typer.Argument(help="What to list.")] = What.scenarios,
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON object.")] = False,
) -> None:
    """List scenarios, sweeps, policies, worlds, tables or figures, each with one line."""
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
    return TABLES
