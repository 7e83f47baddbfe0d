"""What groups of actors do alone and together, in words and as a page."""

from __future__ import annotations

import math
from collections.abc import Iterator

from ydsim.analysis.joint import Joint, Moving
from ydsim.analysis.resonance import Finding
from ydsim.measures.effects import Interval, quantile
from ydsim.pages.shown import number, with_interval
from ydsim.record.names import name_in_words
from ydsim.wording import capital, counted, listed, markdown_table

ENOUGH = 6
"""Replicates below which it is said how much more would tell."""


def paragraph(found: Finding) -> str:
    """Return what was found, one paragraph an outcome, and what to keep in mind."""
    parts = [_head(found), _short(found)]
    parts += [_outcome(found, name) for name in found.units]
    parts += [" ".join(_moves(one) for one in found.moving)]
    parts += [" ".join(_cautions(found))]
    return "\n\n".join(part for part in parts if part)


def page(found: Finding) -> str:
    """Return the whole page in Markdown."""
    lines = [f"# Alone and together: {found.base}", "", found.made_by, "", paragraph(found), ""]
    lines += ["## Sum of the groups and all together", ""]
    head = ["outcome", "scale", "cells", "none", "sum of groups alone", "all together", "excess"]
    rows = []
    for name in found.units:
        for one in found.joints[name]:
            none = number(found.means[name][0], 5)
            shown = [with_interval(x) for x in (one.alone, one.together, one.excess, one.s)]
            rows.append([name_in_words(name), one.scale, one.cells, none, *shown])
    lines += markdown_table([*head, "S"], rows, right=[3])
    lines += ["", _reading(found), "", "## Parts of the groups in the effect of all (Shapley)", ""]
    rows = [
        [group, ", ".join(policies), *(_share_cell(found, name, group) for name in found.units)]
        for group, policies in found.groups.items()
    ]
    lines += markdown_table(["group", "policies", *map(name_in_words, found.units)], rows)
    lines += [
        "",
        "In per cent of the outcome with no group on; in brackets 95 % intervals; then the",
    ]
    lines += ["share of the effect of all, where that effect is distinguished from zero.", ""]
    return "\n".join(lines)


def first(found: Finding, name: str) -> Joint:
    """Return the reading that decides: that of the definition where its cells were run."""
    return found.joints[name][0]


def in_per_cent(found: Finding, name: str, value: Interval) -> Interval:
    """Return a difference in per cent of the outcome with no group on."""
    none = found.means[name][0]
    return value.times(100.0 / abs(none)) if none else value


def verdict(excess: Interval) -> int:
    """Return 1 where all together do more than the sum, -1 for less, 0 where it is not known."""
    if not math.isfinite(excess.low):
        return 0
    return 1 if excess.low > 0.0 else -1 if excess.high < 0.0 else 0


def _head(found: Finding) -> str:
    cells = f"{found.points} combinations"
    if found.half:
        cells += " (half of all, those with an even number of groups off)"
    else:
        cells = f"all {cells}"
    return (
        f"Scenario {found.base}: the policies of {len(found.groups)} groups of actors "
        f"({', '.join(found.groups)}) were switched on and off in {cells}, "
        f"{counted(found.replicates, 'replicate')} each of the same draws. Outcomes are of the "
        f"whole region, {found.years[0]}-{found.years[1]}, in per cent of what they are with no "
        "group on; brackets hold 95 % intervals."
    )


def _short(found: Finding) -> str:
    """Say in which outcomes the groups do more or less than their sum."""
    if found.replicates == 1:
        return ""
    way: dict[int, list[str]] = {1: [], -1: [], 0: []}
    for name in found.units:
        way[verdict(first(found, name).excess)].append(name_in_words(name))
    if not way[1] and not way[-1]:
        return (
            "In short: for none of these outcomes can what all groups do together be "
            "distinguished from the sum of what each does alone."
        )
    parts = []
    if way[1]:
        more = "together they do more than the sum of what each does alone"
        parts.append(f"{more} for {listed(way[1])}")
    if way[-1]:
        parts.append(f"they do less than the sum of what each does alone for {listed(way[-1])}")
    if way[0]:
        names = listed(way[0])
        parts.append(f"no difference from that sum can be distinguished from chance for {names}")
    return f"In short: {'; '.join(parts)}."


def _outcome(found: Finding, name: str) -> str:
    one = first(found, name)
    title = name_in_words(name)
    text = (
        f"{capital(title)}: all groups together make a difference of "
        f"{_pct(found, name, one.together)}; what each does alone adds up to "
        f"{_pct(found, name, one.alone)}. "
    )
    text += _excess(found, name, one)
    return " ".join([text.strip(), *_second(found, name), *_parts(found, name, one)])


def _pct(found: Finding, name: str, value: Interval) -> str:
    return with_interval(in_per_cent(found, name, value), "%")


def _excess(found: Finding, name: str, one: Joint) -> str:
    said = {
        1: "so that they reinforce each other (resonance)",
        -1: "so that they stand in each other's way",
        0: "which cannot be distinguished from zero: no resonance is shown",
    }[verdict(one.excess)]
    if not math.isfinite(one.excess.low):
        said = "one replicate does not tell whether by chance"
    text = f"The difference of the two is {_pct(found, name, one.excess)}, {said}"
    if one.defined:
        return f"{text}. In proportion to the sum, S = {with_interval(one.s)}."
    return (
        f"{text}. S, this difference in proportion to the sum, is undefined, as the sum itself is "
        "within two standard errors of zero."
        if found.replicates > 1
        else f"{text}. S is undefined, as one replicate gives no standard error."
    )


def _second(found: Finding, name: str) -> Iterator[str]:
    """Say what the other reading of the cells and the other scale show."""
    every = {(one.scale, one.cells): one for one in found.joints[name]}
    one, pairs = first(found, name), every[("raw", "pairs")]
    if one is not pairs and found.replicates > 1:
        seen = verdict(pairs.excess)
        agrees = "agrees" if seen == verdict(one.excess) else "sees more" if seen else "is unsure"
        yield (
            f"An account of all cells by groups and pairs, which is less noisy, {agrees}: "
            f"{_pct(found, name, pairs.excess)}."
        )
    if found.replicates > 1 and not pairs.lack.includes_zero and math.isfinite(pairs.lack.low):
        yield (
            "It misses part of the effect of all, by "
            f"{_pct(found, name, pairs.lack)}: three groups or more interact."
        )
    log = every.get(("log", one.cells))
    if log is not None and found.replicates > 1:
        factor = Interval(*(100.0 * math.expm1(x) for x in _ends(log.excess)))
        how = {1: "more than", -1: "less than", 0: "not distinguished from"}[verdict(log.excess)]
        yield (
            f"As factors that multiply, all together is {how} the product of the single ones "
            f"({with_interval(factor, '%')})."
        )


def _ends(value: Interval) -> tuple[float, float, float]:
    return value.estimate, value.low, value.high


def _parts(found: Finding, name: str, one: Joint) -> Iterator[str]:
    """Say who has which part in the effect of all, and which pairs need each other."""
    told = {k: v for k, v in one.parts.items() if math.isfinite(v.low) and not v.includes_zero}
    shares = {k: v for k, v in one.shares.items() if math.isfinite(v.estimate)}
    if not shares:
        yield "The effect of all is within two standard errors of zero and has no shares."
    elif one.together.includes_zero:
        yield "The effect of all cannot be distinguished from zero, and shares of it mean little."
    elif not told:
        yield "No group's part in the effect of all can be distinguished from zero."
    else:
        order = sorted(told, key=lambda k: -abs(one.parts[k].estimate))
        each = [f"{k} {with_interval(shares[k].times(100.0), '%', sign=False)}" for k in order]
        text = f"Of the effect of all, by Shapley's rule, {listed(each)}"
        rest = [k for k in one.parts if k not in told]
        if rest:
            others = listed(rest) if len(rest) < 3 else f"the other {len(rest)} groups"
            text += f"; the part of {others} cannot be distinguished from zero"
        yield text + "."
    pairs = {
        k: v
        for k, v in found.effects[name].items()
        if len(k) == 2 and math.isfinite(v.low) and not v.includes_zero
    }
    if pairs:
        order2 = sorted(pairs, key=lambda k: -abs(pairs[k].estimate))[:3]
        each = [f"{' x '.join(k)} ({_pct(found, name, pairs[k].times(2.0))})" for k in order2]
        n = len(found.groups) * (len(found.groups) - 1) // 2
        yield (
            f"Pairs whose joint effect differs from the sum of the two: {listed(each)}; of {n} "
            f"pairs about {max(1, round(n / 20))} would by chance."
        )


def _moves(one: Moving) -> str:
    title = name_in_words(one.outcome)
    if not math.isfinite(one.correlation.estimate):
        return f"Growth of {title} is too short or too even, or a province has none, to compare."
    gain = one.correlation_gain
    how = {1: "more in step", -1: "less in step", 0: "neither more nor less in step"}[verdict(gain)]
    text = (
        f"Growth of {title}: with all groups the provinces' yearly rates correlate by "
        f"{with_interval(one.correlation, sign=False)}, {with_interval(gain)} against no group, "
        f"so that they are {how}"
    )
    if math.isfinite(one.order.estimate):
        text += (
            f"; the order of their phases, 1 for all in step, is "
            f"{with_interval(one.order, sign=False)} ({with_interval(one.order_gain)})"
        )
    return text + "."


def _cautions(found: Finding) -> Iterator[str]:
    n = found.replicates
    if found.left_out:
        yield f"Left out, as not finished in all cells: {counted(found.left_out, 'replicate')}."
    if n == 1:
        yield "One replicate: there are no intervals, and nothing can be distinguished from chance."
    elif n < ENOUGH:
        yield (
            f"With {n} replicates an interval reaches {quantile(n):.1f} standard errors to each "
            f"side, with {ENOUGH} it would be {quantile(ENOUGH):.1f}: more of them tell much more."
        )
    if n > 1:
        yield (
            "Every interval is for itself: of many, one in twenty lacks zero by chance. Strengths "
            "of the policies are assumptions; other strengths have another S."
        )
    if found.half:
        yield (
            "With half of the combinations no group was run alone: single effects and S are of an "
            "account in which no three groups interact."
        )


def _reading(found: Finding) -> str:
    text = (
        "Raw values are in the unit of the outcome (money in 100 million yuan), log values "
        "differences of its natural logarithm. Excess: all together less the sum of the groups "
        "alone; S: excess over that sum."
    )
    if not found.half:
        text += " Cells `run`: those of the definition;"
    return (
        text + " `pairs`: an account of all cells in which no three groups interact. Intervals: "
        "the wider one of Student's t over replicates and of the error pooled over all cells; of "
        "S, of two bootstraps."
    )


def _share_cell(found: Finding, name: str, group: str) -> str:
    one = first(found, name)
    text = with_interval(in_per_cent(found, name, one.parts[group]))
    share = one.shares[group]
    return (
        f"{text}; {number(100.0 * share.estimate, 3)} %" if math.isfinite(share.estimate) else text
    )
