"""The page of a comparison, as plain text and as markdown."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

from ydsim.analysis.alternatives import Side
from ydsim.analysis.comparison_result import Compared, Row
from ydsim.analysis.public_money import ON_DEMAND
from ydsim.measures.effects import Interval
from ydsim.wording import counted, markdown_table, small, text_table


def page(found: Compared, finding: str, figure: str = "") -> Iterator[str]:
    """Yield the lines of the page: finding, what is compared, table, winners, money, notes.

    Parameters
    ----------
    figure
        Name of the file of the figure; with one the page is markdown, else plain text.
    """
    markdown = bool(figure)

    def title(text: str) -> str:
        return f"## {text}" if markdown else text

    yield f"# {finding}" if markdown else finding
    yield ""
    if markdown:
        yield from [f"![effects]({figure})", ""]
    yield from _what(found, "- " if markdown else "")
    yield ""
    yield from table(found, markdown=markdown)
    yield ""
    yield _reading(found)
    lines = list(winners(found))
    if lines:
        yield from ["", title("Who gains, who loses"), *([""] if markdown else []), *lines]
    lines = list(money(found))
    if lines:
        yield from ["", title("Public money"), *([""] if markdown else []), *lines]
    if found.notes:
        yield ""
        yield from (f"{'- ' if markdown else ''}note: {note}" for note in found.notes)
    if markdown:
        yield from ["", *_made(found)]


def _what(found: Compared, bullet: str) -> Iterator[str]:
    """Say what is compared, and all that differs."""
    yield f"{bullet}base: {_named(found.base)}"
    inner = f"  {bullet}" if bullet else "      "
    for pair in found.pairs:
        yield f"{bullet}with: {_named(pair.other)}; n = {len(pair.replicates)}"
        for change in pair.changes:
            yield inner + change.text
        if not pair.changes:
            yield f"{inner}differs in nothing"


def _reading(found: Compared) -> str:
    """Say how the table is read."""
    text = (
        "Change in per cent of the base, of shares in percentage points: mean of "
        f"{_window(found)} ({found.why_years}), of stocks the last year"
    )
    if found.replicates == 1:
        return f"{text}. One replicate gives no interval: ask for more with --replicates."
    return (
        f"{text}; in brackets the 95 % interval. * beyond zero when all "
        f"{counted(found.tests, 'test')} are counted (Holm); (*) by false discovery rate alone. "
        "Pairing: share of variance that common draws remove."
    )


def _named(side: Side) -> str:
    title = side.title.rstrip(". ")
    return f"{side.name}: {title}" if title else side.name


def _window(found: Compared) -> str:
    first, last = found.years
    return f"{first}" if first == last else f"{first}-{last}"


def table(found: Compared, *, markdown: bool) -> list[str]:
    """Return the lines of the table of effects."""
    several = len(found.pairs) > 1
    head = [
        *(["policy"] if several else []), "outcome", found.by, "base", "change", "Holm p",
        "pairing",
    ]  # fmt: skip
    rows = []
    for pair in found.pairs:
        for outcome in found.outcomes:
            first = True
            for row in found.of(pair.other.name, outcome.name):
                label = f"{outcome.label} [{outcome.unit}]" if first or markdown else ""
                rows.append([*([pair.other.name] if several else []), label, *_cells(row)])
                first = False
    if markdown:
        return markdown_table(head, rows)
    n = len(head)  # base, p and pairing are numbers, a change has its interval
    return text_table(head, rows, right=(n - 4, n - 2, n - 1))


def _cells(row: Row) -> list[str]:
    prior = " (prior)" if row.outcome.prior else ""
    removed = row.effect.removed
    return [
        _where(row) + prior,
        number(row.effect.plain),
        change_of(row),
        _p(row.p_holm),
        "-" if math.isnan(removed) else f"{100.0 * removed:.0f} %",
    ]


def change_of(row: Row) -> str:
    """Return a change with its interval as text, and a mark where it is beyond zero."""
    change, unit = row.change, "points" if row.outcome.said == "points" else "%"
    if math.isnan(change.estimate):
        change, unit = row.effect.difference, row.outcome.unit
    if change.estimate == 0.0 and not change.low < 0.0:
        return (
            f"0 {unit}"
            if row.effect.difference.estimate == 0.0
            else f"{signed(change.estimate)} {unit}"
        )
    text = f"{signed(change.estimate)} {unit}"
    if not math.isnan(change.low):
        text += f" [{signed(change.low)}, {signed(change.high)}]"
    mark = " *" if row.significant else " (*)" if row.q < 0.05 else ""
    return text + mark


def winners(found: Compared) -> Iterator[str]:
    """Yield who gains and who loses beyond zero, one line an outcome."""
    for pair in found.pairs:
        for outcome in found.outcomes:
            rows = [row for row in found.of(pair.other.name, outcome.name) if row.significant]
            if not rows:
                continue
            sides = {
                "gain": [row for row in rows if row.rises],
                "lose": [row for row in rows if not row.rises],
            }
            told = [
                f"{word}: " + ", ".join(f"{_where(row)} ({_size(row)})" for row in mine)
                for word, mine in sides.items()
                if mine
            ]
            lead = f"{pair.other.name}, " if len(found.pairs) > 1 else ""
            yield f"- {lead}{outcome.label}: {'; '.join(told)}"
    if found.replicates > 1 and not any(row.significant for row in found.rows):
        yield "- no effect is beyond zero when all tests are counted" + (
            "" if found.nothing_differs
            else "; fewer --outcomes or more --replicates show smaller ones"
        )  # fmt: skip


def _where(row: Row) -> str:
    return "region" if row.level == "region" else row.place


def _size(row: Row) -> str:
    change = row.change
    if math.isnan(change.estimate):
        return f"{signed(row.effect.difference.estimate)} {row.outcome.unit}"
    return f"{signed(change.estimate)} {'points' if row.outcome.said == 'points' else '%'}"


def money(found: Compared) -> Iterator[str]:
    """Yield what policies cost and what one more result costs, one line each."""
    for pair in found.pairs:
        lead = f"{pair.other.name}: " if len(found.pairs) > 1 else ""
        if not pair.costs:
            yield f"- {lead}not recorded in these results (table policy_costs)"
            continue
        whole = pair.costs[0].effect
        if whole.difference.estimate == 0.0:
            yield f"- {lead}no difference in public money: {number(whole.plain)} a year"
            continue
        yield (
            f"- {lead}policies cost {number(whole.changed)} a year instead of "
            f"{number(whole.plain)}, {_interval(whole.difference)} (100 million yuan)"
        )
        for cost in pair.costs:
            if cost.place == pair.costs[0].place and cost is not pair.costs[0]:
                gap = cost.effect.difference
                if gap.estimate != 0.0:
                    yield f"- {lead}{cost.instrument}: {_interval(gap)} a year"
        for one in pair.per_result:
            if not one.why:
                what = f"one more of {one.outcome.label} [{one.outcome.unit}]"
                paid = _interval(one.cost, sign=False)
                yield f"- {lead}public money for {what}: {paid} (100 million yuan)"
        reasons: dict[str, list[str]] = {}
        for one in pair.per_result:
            if one.why:
                reasons.setdefault(one.why, []).append(one.outcome.label)
        for why, labels in reasons.items():
            about = f" ({', '.join(labels)})" if why in ("falls", "may not have changed") else ""
            yield (
                f"- {lead}no cost of one more result where it {why}{about}"
                if about
                else (f"- {lead}no cost of one more result: {why}")
            )
        for taken in pair.take_up:
            if not taken.why:
                share = taken.share.times(100.0)
                yield (
                    f"- {lead}{taken.instrument}: {number(taken.spent)} of "
                    f"{number(taken.offered)} a year is taken up, "
                    f"{_interval(share, sign=False)} %"
                )
        all_paid = [taken.instrument for taken in pair.take_up if taken.why == ON_DEMAND]
        if all_paid:
            yield f"- {lead}paid on demand, all that was asked for: {', '.join(all_paid)}"
        silent = [taken.instrument for taken in pair.take_up if taken.why not in ("", ON_DEMAND)]
        if silent:
            yield (
                f"- {lead}take-up is not known of {', '.join(silent)}: paid on demand, and the "
                "tables do not say what is offered"
            )


def _interval(gap: Interval, *, sign: bool = True) -> str:
    show = signed if sign else number
    text = show(gap.estimate)
    if not math.isnan(gap.low):
        text += f" [{show(gap.low)}, {show(gap.high)}]"
    return text


SIGNED = re.compile(r"^Seed .*, ydsim \S+, runs \w+", re.MULTILINE)
"""The line by which a page of a comparison says what made it."""


def _made(found: Compared) -> list[str]:
    facts = found.facts
    return [
        f"Seed {facts['seed']}, scale {facts['scale']:g}, {facts['start']}-{facts['end']}, world "
        f"{facts['world']} ({facts['digest']}), ydsim {facts['version']}, runs {facts['hash']}."
    ]


def _p(value: float) -> str:
    if math.isnan(value):
        return "-"
    return "<.0001" if value < 0.0001 else f"{value:.2g}" if value < 0.1 else f"{value:.2f}"


def number(value: float) -> str:
    """Return a number with four digits, and separators of thousands."""
    if math.isnan(value):
        return "-"
    if abs(value) >= 1000.0:
        return f"{value:,.0f}"
    return f"{value:.4g}"


def signed(value: float) -> str:
    """Return a change with its sign and about three digits."""
    if math.isnan(value):
        return "-"
    if abs(value) >= 1000.0:
        return f"{value:+,.0f}"
    if abs(value) >= 100.0:
        return f"{value:+.0f}"
    digits = 1 if abs(value) >= 10.0 else 2
    text = f"{value:+.{digits}f}"
    return text if value == 0.0 or float(text) != 0.0 else small(value)
