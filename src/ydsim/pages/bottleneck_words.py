"""What holds the chain back, in words and as a page."""

from __future__ import annotations

import math
from collections.abc import Iterator

from ydsim.analysis.bottleneck import Finding
from ydsim.analysis.capacity_gains import Gain
from ydsim.pages.shown import number, with_interval
from ydsim.record.names import name_in_words
from ydsim.wording import capital, counted, listed, markdown_table

MOST_TIES = 4
"""Names of capacities that are written out where many are not distinguished."""


def paragraph(found: Finding) -> str:
    """Return what was found, one paragraph an outcome, and what to keep in mind."""
    parts = [_head(found)]
    parts += [" ".join(_outcome(found, name)) for name in found.units]
    parts += [" ".join(_slowest(found)), " ".join(_lacks(found)), " ".join(_cautions(found))]
    return "\n\n".join(part for part in parts if part)


def page(found: Finding) -> str:
    """Return the whole page in Markdown."""
    lines = [f"# Bottlenecks: {found.base}", "", found.made_by, "", paragraph(found), ""]
    for name, gains in found.gains.items():
        lines += [f"## {capital(name_in_words(name))}", ""]
        head = ["rank", "may be", "capacity", "kind", "elasticity", "tightened", "relaxed"]
        rows = []
        for gain in gains:
            may = f"{gain.best}-{gain.worst}" if gain.best < gain.worst else f"{gain.best}"
            if not math.isfinite(gain.elasticity.low):
                may = "-"
            sides = [
                number(x, 2, sign=True) if math.isfinite(x) else "-"
                for x in (gain.tightening, gain.relaxing)
            ]
            one = gain.capacity
            title = f"{one.title} (`{one.name}`)"
            rows.append(
                [str(gain.rank), may, title, one.kind, with_interval(gain.elasticity), *sides]
            )
        lines += [*markdown_table(head, rows, right=(0, 5, 6)), ""]
    if found.stages:
        lines += ["## Stages in the unmoved runs", ""]
        head = ["stage", "of 100 that leave it go on", "quarters in it"]
        rows = [
            [
                one.name,
                *(with_interval(x, sign=False) for x in (one.passes.times(100.0), one.quarters)),
            ]
            for one in found.stages
        ]
        lines += [*markdown_table(head, rows), ""]
    lines += [
        "Elasticity: per cent of the outcome for one per cent of the capacity, between less and "
        "more of it; tightened and relaxed: on either side of the scenario. Brackets: 95 % "
        "intervals, error pooled over capacities of a kind. May be: ranks that pairs of "
        "elasticities which are distinguished leave it.",
        "",
    ]
    return "\n".join(lines)


def _head(found: Finding) -> str:
    n = len(next(iter(found.gains.values())))
    return (
        f"Scenario {found.base}: {counted(n, 'capacity').replace('capacitys', 'capacities')} of "
        f"stages and frictions of the chain, each made {found.step:g} % larger and smaller by the "
        f"same factor, one at a time, from before the first year on; "
        f"{counted(found.replicates, 'replicate')} of the same draws; the whole region, "
        f"{found.years[0]}-{found.years[1]}. An elasticity is per cent of the outcome for one per "
        "cent more capacity (a border's capacity is what passes it, a cost's or a hazard's its "
        "inverse); brackets hold 95 % intervals."
    )


def _outcome(found: Finding, name: str) -> Iterator[str]:
    gains = found.gains[name]
    title = name_in_words(name)
    by_name = {gain.capacity.name: gain for gain in gains}
    if not any(math.isfinite(gain.elasticity.estimate) for gain in gains):
        yield (
            f"{capital(title)}: not positive at every point, so that there is no per "
            "cent of it and no elasticity."
        )
        return
    begin = f"{capital(title)}: of the"
    for kind, what in (("stage", "stages of the chain"), ("friction", "frictions")):
        own = [gain for gain in gains if gain.capacity.kind == kind]
        if not own:
            continue
        first, start = own[0], f"{begin} {what}"
        begin = "Of the"
        value = f"{first.capacity.title} ({with_interval(first.elasticity)})"
        if not math.isfinite(first.elasticity.low):
            yield f"{start}, most comes from {value}; one replicate tells nothing of chance."
            continue
        if first.elasticity.low <= 0.0:
            yield f"{start} none can be shown to raise it ({_most(first)})."
            continue
        text = (
            f"{start}, most comes from {first.capacity.title} ({with_interval(first.elasticity)})"
        )
        ties = [by_name[tie].capacity.title for tie in found.ties[name].get(kind, ())]
        if ties:
            shown = ties[:MOST_TIES]
            more = f" and {len(ties) - MOST_TIES} more" if len(ties) > MOST_TIES else ""
            names = ", ".join(shown) + more if more else listed(shown)
            text += f", which cannot be distinguished from {names}"
        elif len(own) > 1:
            second = own[1]
            text += (
                f", distinguished from the next, {second.capacity.title} "
                f"({with_interval(second.elasticity)})"
            )
        yield text + "."
        null = [g for g in own if g.elasticity.includes_zero]
        if null and len(own) > 1:
            yield f"{len(null)} of the {len(own)} {what} cannot be distinguished from zero."
    worse = [g for g in gains if g.elasticity.high < 0.0]
    if worse:
        each = [f"{g.capacity.title} ({with_interval(g.elasticity)})" for g in worse[::-1][:3]]
        yield f"More of it lowers {title}: {listed(each)}."


def _most(gain: Gain) -> str:
    return f"the largest is {gain.capacity.title}, {with_interval(gain.elasticity)}"


def _slowest(found: Finding) -> Iterator[str]:
    """Say which stage lets fewest pass and holds longest, and whether it is the one that pays."""
    known = [one for one in found.stages if math.isfinite(one.passes.estimate)]
    if not known:
        return
    least = min(known, key=lambda one: one.passes.estimate)
    yield (
        f"In the unmoved runs fewest projects pass {least.name}: of 100 that leave it "
        f"{with_interval(least.passes.times(100.0), sign=False)} go on."
    )
    stay = [one for one in known if math.isfinite(one.quarters.estimate)]
    if stay:
        longest = max(stay, key=lambda one: one.quarters.estimate)
        yield (
            f"They stay longest in {longest.name}, "
            f"{with_interval(longest.quarters, 'quarters', sign=False)}."
        )
    for name, gains in list(found.gains.items())[:1]:
        of_stage = [g for g in gains if g.capacity.stage]
        if not of_stage or not math.isfinite(of_stage[0].elasticity.low):
            continue
        top = of_stage[0]
        if top.elasticity.low <= 0.0:
            continue
        same = top.capacity.stage == least.name
        yield (
            f"The one whose relief gives most {name_in_words(name)} is "
            f"{'also' if same else 'not that one but'} {top.capacity.stage} "
            f"({top.capacity.title})"
            + (
                ", not distinguished from relief of another stage."
                if any(
                    g.capacity.stage != top.capacity.stage
                    and g.capacity.name in found.ties[name].get("stage", ())
                    for g in of_stage
                )
                else "."
            )
        )


def _lacks(found: Finding) -> Iterator[str]:
    """Say which indicator of coupling is the largest obstacle, beside the best official figure."""
    known = {name: one for name, one in found.obstacles.items() if math.isfinite(one.estimate)}
    if not found.obstacles:
        return
    year = found.years[1]
    if not known:
        yield (
            f"By {year} every indicator of coupling has reached the best official figure of a "
            "province in 2011-2020, so that none is an obstacle by that measure."
        )
        return
    order = sorted(known, key=lambda name: -known[name].estimate)[:3]
    each = [
        f"{name_in_words(name)} {with_interval(known[name].times(100.0), '%', sign=False)}"
        for name in order
        if known[name].estimate > 0.0
    ]
    yield (
        f"Of what the region lacks in {year} to the best official figure of a province in "
        f"2011-2020 in the indicators of coupling (obstacle degree): {listed(each)}."
    )


def _cautions(found: Finding) -> Iterator[str]:
    if found.left_out:
        yield f"{counted(found.left_out, 'replicate')} not finished at all points left out."
    if found.replicates == 1:
        yield "One replicate: there are no intervals, and nothing can be distinguished from chance."
    else:
        yield (
            "Errors are pooled over capacities of a kind, the larger error for all; every interval "
            "is for itself, so that one in twenty lacks zero by chance."
        )
    yield (
        "One per cent of one capacity does not cost what one per cent of another does: an "
        "elasticity says where relief works, not what it is worth. It holds near the scenario, and "
        "capacities of the chain are assumptions (docs/parameters.md)."
    )
    if len(found.unmoved) > MOST_TIES:
        yield f"{len(found.unmoved)} other capacities were not moved."
    elif found.unmoved:
        yield f"Not moved: {listed(list(found.unmoved))}."
