"""What an analysis found, in words: the first drivers, and what cannot be distinguished."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ydsim.analysis.sensitivity.drivers import (
    LOWERS,
    RAISES,
    UNORDERED,
    Driver,
)
from ydsim.analysis.sensitivity.finding import Finding
from ydsim.record.names import name_in_words
from ydsim.results.results import Results
from ydsim.typing import Columns
from ydsim.wording import counted, listed, markdown_table

TOP = 5
"""Drivers that are named in words."""


def as_markdown(findings: Sequence[Finding], results: Results) -> str:
    """Return findings on outcomes of one sweep as a page."""
    parts = [_page(finding) for finding in findings]
    return "\n".join([*parts, *_made_by(results)]) + "\n"


def leaders(finding: Finding) -> tuple[list[str], bool]:
    """Return the factors that may be first, in short, and whether no others may.

    They are those that are shown to move the outcome and whose interval reaches that of the first
    of them; others may be first where the interval of a factor that is not shown to move it does.
    Empty where no factor is shown to move the outcome.
    """
    shown = [one for one in finding.drivers if not one.null]
    if not shown:
        return [], False
    first = shown[0]
    if math.isnan(first.low):
        return [short(first.factor)], False
    others = [one for one in finding.drivers if one.null and one.high >= first.low]
    return [short(one.factor) for one in shown if one.high >= first.low], not others


def headline(finding: Finding) -> str:
    """Return the finding in a sentence, without its full stop."""
    names, known = leaders(finding)
    outcome = name_in_words(finding.sample.outcome)
    if not names:
        return f"No factor is shown to move {outcome}"
    if len(names) > TOP:
        return f"No order is sure between the {len(names)} factors that move {outcome} most"
    if len(names) > 1:
        return f"{listed(names)} move {outcome} most; which of them is first is not known"
    if known:
        return f"{names[0]} moves {outcome} most"
    if math.isnan(finding.drivers[0].low):
        return f"{names[0]} moves {outcome} most in a single replicate, which has no interval"
    return f"{names[0]} is the first of what is shown to move {outcome}; others may move it more"


def top_lines(finding: Finding) -> list[str]:
    """Return a line for each of the first drivers."""
    return [f"{one.rank}. {_driver(finding, one)}" for one in finding.drivers[:TOP]]


def tied_lines(finding: Finding) -> list[str]:
    """Return sentences on which of the first ranks intervals tell apart."""
    drivers = finding.drivers
    if any(math.isnan(one.low) for one in drivers):
        return ["There are no intervals, so that no rank is sure."]
    top = drivers[:TOP]
    pairs = [(a, b) for i, a in enumerate(top) for b in top[i + 1 :]]
    apart = [(a, b) for a, b in pairs if a.low > b.high]
    if len(top) < 2:
        said = []
    elif len(apart) == len(pairs):
        said = ["Intervals tell all of these ranks apart."]
    elif not apart:
        said = [f"Ranks 1 to {len(top)} cannot be distinguished: their intervals overlap."]
    else:
        above: dict[int, list[int]] = {}
        for a, b in apart:
            above.setdefault(a.rank, []).append(b.rank)
        sure = "; ".join(f"{a} above {listed(list(map(str, low)))}" for a, low in above.items())
        said = [f"Ranks that intervals tell apart: {sure}. The others cannot be: they overlap."]
    if len(drivers) > TOP and top[-1].low <= drivers[TOP].high:
        said.append(
            f"Whether {drivers[TOP].factor} belongs among the first {TOP} is not known either."
        )
    return said


def noise_line(finding: Finding) -> str:
    """Return how much of the differences between points is noise."""
    sample = finding.sample
    least, most = sample.replicates
    number = counted(most, "replicate") if least == most else f"{least} to {most} replicates"
    share = sample.noise_share
    if math.isnan(share):
        return f"{number} a point: how much of the differences between points is noise is unknown."
    return f"{number} a point: noise is {share:.1%} of the variance between the means of points."


def short(label: str) -> str:
    """Return a label without the sections in front of it."""
    return label.removeprefix("parameters.").removeprefix("policies.")


def number(value: float) -> str:
    """Return a figure as text: three significant digits, whole from a thousand on."""
    if math.isnan(value):
        return "-"
    return f"{value:,.0f}" if abs(value) >= 1000.0 else f"{value:.3g}"


def _driver(finding: Finding, one: Driver) -> str:
    outcome = name_in_words(finding.sample.outcome)
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
        f"# What moves {name_in_words(sample.outcome)}?",
        "",
        f"**{headline(finding)}.**",
        "",
        f"Outcome: `{sample.outcome}`, {sample.meaning}, {sample.unit}, the whole region, "
        f"{sample.when}. Design: {sample.kind}, {counted(points, 'point')} of "
        f"{counted(len(sample.factors), 'factor')}.",
        "",
        f"The first {min(TOP, len(finding.drivers))}, by {finding.measure}; in brackets 95 per "
        "cent intervals:",
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


def _table(name: str, table: Columns) -> list[str]:
    if not table or not len(next(iter(table.values()))):
        return [f"Table {name}: empty."]
    rows = zip(*(column.tolist() for column in table.values()), strict=True)
    return [
        f"Table {name}:",
        "",
        *markdown_table(list(table), [[_cell(value) for value in row] for row in rows]),
    ]


def _cell(value: object) -> str:
    return number(value) if isinstance(value, float) else str(value)


def _made_by(results: Results) -> list[str]:
    manifest = results.manifest
    scale = manifest["scenario"]["scale"]
    return [
        f"Made from: sweep {results.name}, base {manifest['scenario']['name']}, "
        f"{counted(len(results.replicates), 'replicate')}, "
        f"{counted(len(results.contents.plan), 'run')}, seed {manifest['seed']}, scale {scale:g}, "
        f"hash {str(manifest['hash'])[:10]}, ydsim {manifest['ydsim']}.",
    ]
