"""Who gains and who loses: effects by province with intervals, or how provinces are doing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ydsim import fmt
from ydsim.errors import NothingToDrawError
from ydsim.measures.effects import interval
from ydsim.plots.catalogue import KINDS
from ydsim.plots.effects import draw_effects
from ydsim.plots.messages import say
from ydsim.record.details import name_in_words
from ydsim.report.gather import Gathered, results_of
from ydsim.report.markup import (
    Content,
    Element,
    bullets,
    element,
    folded,
    paragraph,
    section,
    table,
)
from ydsim.report.pictures import Pictures
from ydsim.report.values import Values
from ydsim.results.compare import Compared
from ydsim.results.summary import policy_money
from ydsim.studies.comparison import change_of, winners
from ydsim.studies.money import Money, money_lines
from ydsim.typing import Floats
from ydsim.wording import capital

SHARES = ("rd_expenditure", "value_added_secondary", "launches", "adoptions")
"""Flows of which provinces have shares."""


def gains_section(gathered: Gathered, values: Sequence[Values], pictures: Pictures) -> Element:
    """Return the section."""
    if gathered.found is None or gathered.money is None:
        content = list(_standing(values[0]))
        content.append(pictures.drawn("inequality", [results_of(gathered.base)]))
    else:
        content = list(_effects(gathered.found, pictures))
        if len(gathered.sides) == 2:
            both = [results_of(side) for side in gathered.sides]
            content.append(pictures.drawn("difference_map", both))
        content += _money(gathered.found, gathered.money)
    content += _policies(gathered)
    return section("gains", say("report.gains"), *content)


def _effects(found: Compared, pictures: Pictures) -> Iterator[Content]:
    first, last = found.years
    yield paragraph(
        say("report.effects_one" if found.replicates == 1 else "report.effects",
            first=first, last=last, why=found.why_years, n=found.replicates, tests=found.tests)
    )  # fmt: skip
    if any(row.significant for row in found.rows):
        yield bullets([sentence(line) for line in winners(found)])
    elif found.replicates > 1:
        yield paragraph(say("report.nobody"))
    try:
        yield pictures.shown(draw_effects(found), KINDS["effects"].shows)
    except NothingToDrawError as nothing:
        yield paragraph(str(nothing), class_="how")
    several = len(found.pairs) > 1
    rows: list[list[Content]] = []
    for row in found.rows:
        label = f"{capital(row.outcome.label)} [{row.outcome.unit}]"
        where = say("report.region") if row.level == "region" else row.place
        lead = f"{row.alternative}: " if several else ""
        rows.append([f"{lead}{label}, {where}", fmt.number(row.effect.plain), change_of(row)])
    head = [say("report.outcome_and_place"), say("report.base_value"), say("report.change")]
    yield folded(say("report.all_effects"), table(say("report.effects_read"), head, rows))
    if found.notes:
        yield bullets(found.notes, class_="how")


def _money(found: Compared, money: Money) -> Iterator[Content]:
    yield element("h3", say("report.money"))
    yield bullets([sentence(line) for line in money_lines(found, money)])


def _policies(gathered: Gathered) -> Iterator[Content]:
    """Yield what policies of the setting that the page is about were asked for, paid and left."""
    side = gathered.subject
    money = policy_money(results_of(side), side.point).itertuples(index=False)
    rows: list[list[Content]] = [
        [policy, f"{first}\u2013{last}", *map(fmt.number, amounts)]
        for policy, first, last, *amounts in money
    ]
    if rows:
        head = ["", *say("report.policies_head").split("; ")]
        yield table(say("report.policies_money", name=side.name), head, rows)


def sentence(line: str) -> str:
    """Return a line of a list as a sentence; the name of a policy stays as it is written."""
    text = line.removeprefix("- ")
    return text if "_" in text.partition(" ")[0] else capital(text)


def _standing(values: Values) -> Iterator[Content]:
    """Yield shares of provinces in the first and the last year; nothing here is an effect."""
    yield paragraph(say("report.nothing_compared"))
    if not values.of:
        return
    first, last = values.years[0], values.years[-1]
    rows: list[list[Content]] = []
    for name in SHARES:
        for place in values.provinces:
            shares = [_share(values, name, place, year) for year in (first, last)]
            texts = [
                fmt.interval(*interval(100.0 * each)[1:]) for each in shares if each is not None
            ]
            if len(texts) == len(shares):
                rows.append([f"{capital(name_in_words(name))}, {place}", *texts])
    if rows:
        head = [say("report.outcome_and_province"), str(first), str(last)]
        yield table(say("report.shares"), head, rows)


def _share(values: Values, name: str, place: str, year: int) -> Floats | None:
    """Return the share of a province by replicate; None where a replicate has none."""
    part, whole = (values.of.get((name, each, year)) for each in (place, values.whole))
    if part is None or whole is None or not (whole > 0.0).all():
        return None
    return part / whole
