"""How to get the same numbers again: the scenarios themselves, commands, what made the page."""

from __future__ import annotations

from collections.abc import Iterator

from ydsim.plots.messages import say
from ydsim.report.gather import Gathered, results_of
from ydsim.report.markup import NONE, Content, Element, command, folded, paragraph, section, table
from ydsim.results.compare import Alternative
from ydsim.results.results import Results
from ydsim.scenario.show import plain_as_yaml
from ydsim.store.layout import folder_name
from ydsim.store.manifest import SWEEP


def again_section(gathered: Gathered) -> Element:
    """Return the section."""
    sides = gathered.sides
    names = [folder_name(side.name) for side in sides]
    code = {module for side in sides for module in side.code}
    allow = " --allow-code" if code else ""
    runs = [f"ydsim run {name}.yaml{allow} -o results/{name}" for name in names]
    folders = " ".join(f"results/{name}" for name in names)
    content: list[Content] = [
        paragraph(say("report.again", version=gathered.base.version)),
        command(*runs, f"ydsim report {folders}"),
    ]
    if code:
        content.append(paragraph(say("report.needs_code", modules=", ".join(sorted(code)))))
    content.append(_made(gathered))
    for side, name in zip(sides, names, strict=True):
        content.append(folded(f"{name}.yaml", command(scenario_text(side))))
    return section("again", say("report.reproduce"), *content)


def scenario_text(side: Alternative) -> str:
    """Return the whole scenario of a setting as a file that runs it again."""
    results = results_of(side)
    plain = {**side.scenario}
    if results.manifest["kind"] == SWEEP:
        plain["replicates"] = max(len(results.replicates), 1)
    return plain_as_yaml(plain)


def _made(gathered: Gathered) -> Element:
    rows = [list(_facts(side)) for side in gathered.sides]
    heads = ("name", "hash", "seed", "scale", "replicates", "years", "world", "version")
    return table(say("report.made"), [say(f"report.made_{head}") for head in heads], rows,
                 numbers=NONE)  # fmt: skip


def _facts(side: Alternative) -> Iterator[str]:
    results, plain = results_of(side), side.scenario
    yield side.name
    yield hash_of(results)
    yield str(plain["seed"])
    yield f"{plain['scale']:g}"
    yield str(len(results.replicates))
    yield f"{plain['start']}\u2013{plain['end']}"
    yield f"{plain['world']} ({side.world[:12]})"
    yield f"ydsim {side.version}"


def hash_of(results: Results) -> str:
    """Return the beginning of the hash of what was run."""
    return str(results.manifest["hash"])[:10]
