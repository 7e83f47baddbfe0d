"""What the channels of a policy do, in words, as a table and as a page."""

from __future__ import annotations

from collections.abc import Iterator

from ydsim.analysis.comparison_result import Row
from ydsim.analysis.decomposition import INTERACTION, SUM, TOGETHER, Finding
from ydsim.pages.comparison_page import change_of, number
from ydsim.wording import counted, listed, markdown_table, text_table

NAMES = {
    "goods": "goods",
    "exposure": "exposure to adopters",
    "joint_work": "joint work",
    "hand_over": "hand-overs",
    "talent": "moves of researchers",
    "knowledge": "knowledge that spills over",
    "rivalry": "rivalry",
    "cost": "what it costs to run",
    TOGETHER: "all together",
    SUM: "sum of each alone",
    INTERACTION: "interaction",
}


def in_words(part: str) -> str:
    """Return a part in words; that of a policy of the user's own as it is called."""
    return NAMES.get(part, part.replace("_", " "))


def paragraph(found: Finding) -> str:
    """Return what was found, one paragraph an outcome, and what to keep in mind."""
    parts = [_head(found)]
    told = [text for one in found.outcomes if (text := _outcome(found.of(one.name)))]
    parts += told or [_nothing(found)]
    parts.append(" ".join(_cautions(found)))
    return "\n\n".join(parts)


def table(found: Finding, *, markdown: bool) -> list[str]:
    """Return the lines of the table: a row a part of an outcome."""
    rows = []
    for outcome in found.outcomes:
        for at, (part, row) in enumerate(found.of(outcome.name).items()):
            label = f"{outcome.label} [{outcome.unit}]" if at == 0 or markdown else ""
            base = number(row.effect.plain) if at == 0 or markdown else ""
            p = "-" if row.p_holm != row.p_holm else f"{row.p_holm:.2g}"
            rows.append([label, base, in_words(part), change_of(row), p])
    head = ["outcome", "without", "part", "change", "Holm p"]
    return markdown_table(head, rows) if markdown else text_table(head, rows)


def page(found: Finding) -> str:
    """Return the whole page in Markdown."""
    title = f"# Channels of {found.policy} in {found.base}"
    lines = [title, "", found.made_by, "", paragraph(found), "", *table(found, markdown=True)]
    return "\n".join([*lines, "", _reading(found), ""])


def text(found: Finding) -> str:
    """Return paragraph and table as plain text."""
    return "\n".join([paragraph(found), "", *table(found, markdown=False), "", _reading(found)])


def _head(found: Finding) -> str:
    first, last = found.years
    window = f"{first}" if first == last else f"{first}-{last}"
    where = "the region" if found.place == "region" else found.place
    return (
        f"{found.policy} in {found.base}, {where}, {window} ({found.why_years}): "
        f"{counted(len(found.parts), 'part')} ({listed([in_words(p) for p in found.parts])}), "
        f"{counted(found.replicates, 'replicate')} of the same draws."
    )


def _outcome(rows: dict[str, Row]) -> str:
    """Say what moves an outcome; nothing where no row is beyond zero."""
    together, interaction = rows[TOGETHER], rows[INTERACTION]
    parts = [row for name, row in rows.items() if name not in (TOGETHER, SUM, INTERACTION)]
    sure = sorted((row for row in parts if row.significant), key=_size, reverse=True)
    if not (sure or together.significant or interaction.significant):
        return ""
    label = together.outcome.label
    said = f"{label[:1].upper()}{label[1:]}: all together {_change(together)}"
    if not together.significant:
        said += ", not distinguished from zero"
    if sure:
        alone = listed([f"{in_words(row.other)} {_change(row)}" for row in sure])
        said += f"; alone {alone}"
    else:
        said += "; no part alone is distinguished from zero"
    said += f". The parts add up to {_change(rows[SUM])}; "
    if interaction.significant:
        more = "more" if interaction.rises else "less"
        return f"{said}all together do {more} than the sum, by {_change(interaction)}."
    return f"{said}the interaction, {_change(interaction)}, is not distinguished from zero."


def _nothing(found: Finding) -> str:
    if found.replicates == 1:
        return "One replicate gives no interval: ask for more with --replicates."
    return (
        "No part is distinguished from zero in any outcome when all "
        f"{found.tests} tests are counted."
    )


def _size(row: Row) -> float:
    return abs(row.effect.difference.estimate)


def _change(row: Row) -> str:
    return change_of(row).removesuffix(" (*)").removesuffix(" *")


def _cautions(found: Finding) -> Iterator[str]:
    still = [part for part in found.parts if _idle(found, part)]
    if still:
        yield (
            f"Nothing at all changes by {listed([in_words(part) for part in still])}: no rule that "
            "counts here reads it, or it is as it was."
        )
    if found.left_out:
        yield f"{counted(found.left_out, 'replicate')} not finished at every point left out."
    if found.replicates > 1:
        yield (
            "An interaction that is not distinguished from zero may still be as large as its "
            "interval."
        )


def _idle(found: Finding, part: str) -> bool:
    """Tell whether a part leaves every outcome exactly as it was, in every replicate."""
    rows = [row.effect.difference for row in found.rows if row.other == part]
    return all(one.estimate == 0.0 and not one.low < 0.0 for one in rows)


def _reading(found: Finding) -> str:
    text = (
        "Change in per cent of the run without the policy, of shares in percentage points, of "
        "stocks in the last year. Interaction: all together less the sum of each alone"
    )
    if found.replicates == 1:
        return f"{text}."
    return (
        f"{text}, in pairs of the same draws; in brackets 95 % intervals. * beyond zero when all "
        f"{counted(found.tests, 'test')} are counted (Holm); (*) by false discovery rate alone."
    )
