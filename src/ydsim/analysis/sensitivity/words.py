"""What an analysis found, in words: the first drivers, and what cannot be told apart."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ydsim.analysis.sensitivity.drivers import (
    LOWERS,
    RAISES,
    UNORDERED,
    Driver,
    clusters,
)
from ydsim.analysis.sensitivity.finding import Finding
from ydsim.results.results import Results
from ydsim.wording import counted

TOP = 5
"""Drivers that are told in words."""


def as_markdown(findings: Sequence[Finding], results: Results) -> str:
    """Return findings on outcomes of one sweep as a page."""
    parts = [_page(finding) for finding in findings]
    return "\n".join([*parts, *_made_by(results)]) + "\n"


def headline(finding: Finding) -> str:
    """Return the finding in a sentence."""
    shown = [one for one in finding.drivers[:TOP] if not one.null]
    if not shown:
        return f"No factor is shown to move {finding.sample.outcome}"
    if len(shown) > 1 and not shown[0].low > shown[1].high:
        tied = clusters(finding.drivers, TOP)
        last = tied[0][1] if tied and tied[0][0] == 1 else 1
        names = [short(one.factor) for one in finding.drivers[:last] if not one.null]
        if len(names) > 1:
            return f"{_and(names)} move {finding.sample.outcome} most; no order between them is sure"
    return f"{short(shown[0].factor)} moves {finding.sample.outcome} most"


def top_lines(finding: Finding) -> list[str]:
    """Return a line for each of the first drivers."""
    return [f"{one.rank}. {_driver(finding, one)}" for one in finding.drivers[:TOP]]


def tied_lines(finding: Finding) -> list[str]:
    """Return sentences on ranks that intervals do not tell apart."""
    drivers = finding.drivers
    if any(math.isnan(one.low) for one in drivers):
        return ["There are no intervals, so that the order is not sure."]
    said = []
    for first, last in clusters(drivers, TOP):
        which = f"{first} and {last}" if last == first + 1 else f"{first} to {last}"
        said.append(f"Ranks {which} cannot be told apart: their intervals overlap.")
    if len(drivers) > TOP and drivers[TOP - 1].low <= drivers[TOP].high:
        said.append(
            f"Whether {drivers[TOP].factor} belongs among the first {TOP} cannot be told either."
        )
    return said or ["All of these ranks are told apart by their intervals."]


def noise_line(finding: Finding) -> str:
    """Return how much of the differences between points is noise."""
    sample = finding.sample
    least, most = sample.replicates
    number = counted(most, "replicate") if least == most else f"{least} to {most} replicates"
    share = sample.noise_share
    if math.isnan(share):
        return f"{number} a point: how much of the differences between points is noise is unknown."
    return (
        f"{number} a point: noise is {share:.1%} of the variance between the means of points."
    )


def short(label: str) -> str:
    """Return a label without the sections in front of it."""
    return label.removeprefix("parameters.").removeprefix("policies.")


def number(value: float) -> str:
    """Return a figure as text: three significant digits, whole from a thousand on."""
    if math.isnan(value):
        return "-"
    return f"{value:,.0f}" if abs(value) >= 1000.0 else f"{value:.3g}"


def _driver(finding: Finding, one: Driver) -> str:
    outcome = finding.sample.outcome
    verb = {RAISES: f"raises {outcome}", LOWERS: f"lowers {outcome}"}.get(
        one.direction, f"moves {outcome}"
    )
    if one.null:
        verb = f"is not shown to move {outcome}"
    unit = "" if finding.unit.startswith("share") else f" {finding.unit}"
    span = "" if math.isnan(one.low) else f" [{number(one.low)}, {number(one.high)}]"
    place = "" if one.best == one.worst else f"; rank {one.best} to {one.worst}"
    step = f" ({one.at})" if one.at else ""
    way = ""
    if not one.null and one.direction not in (RAISES, LOWERS, UNORDERED):
        way = ", up in some places and down in others"
    return f"`{one.factor}`{step} {verb}{way}: {number(one.size)}{unit}{span}{place}"


def _page(finding: Finding) -> str:
    sample = finding.sample
    points, _ = sample.values.shape
    lines = [
        f"# What moves {sample.outcome}?",
        "",
        f"**{headline(finding)}.**",
        "",
        f"Outcome: {sample.meaning}, {sample.unit}, the whole region {sample.when}. Design: "
        f"{sample.kind}, {counted(points, 'point')} of {counted(len(sample.factors), 'factor')}.",
        "",
        f"The first {min(TOP, len(finding.drivers))}, by {finding.measure}; in brackets 95 per cent "
        "intervals:",
        "",
        *top_lines(finding),
        "",
        *tied_lines(finding),
        noise_line(finding),
        *finding.remarks,
        "",
    ]
    for name, table in finding.tables.items():
        if name != "prim_path":
            lines += [*_table(name, table), ""]
    return "\n".join(lines)


def _table(name: str, table: dict[str, object] | object) -> list[str]:
    assert isinstance(table, dict)
    if not table or not len(next(iter(table.values()))):
        return [f"Table {name}: empty."]
    rows = zip(*(column.tolist() for column in table.values()), strict=True)
    return [
        f"Table {name}:",
        "",
        "| " + " | ".join(table) + " |",
        "| " + " | ".join("---" for _ in table) + " |",
        *("| " + " | ".join(map(_cell, row)) + " |" for row in rows),
    ]


def _cell(value: object) -> str:
    if isinstance(value, float):
        return number(value)
    return str(value).replace("|", "\\|")


def _and(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _made_by(results: Results) -> list[str]:
    manifest = results.manifest
    least, most = len(results.replicates), len(results.contents.plan)
    return [
        f"Made from: sweep {results.name}, base {manifest['scenario']['name']}, {least} replicates, "
        f"{counted(most, 'run')}, seed {manifest['seed']}, scale {manifest['scenario']['scale']:g}, "
        f"hash {str(manifest['hash'])[:10]}, ydsim {manifest['ydsim']}.",
    ]
