"""The headline numbers with their intervals."""

from __future__ import annotations

from collections.abc import Sequence

from ydsim.plots.messages import indicator_in_words, say, unit_in_words
from ydsim.report.gather import Gathered
from ydsim.report.markup import Content, Element, folded, paragraph, section, table
from ydsim.report.values import Values
from ydsim.results.summary import HEADLINES, shown_years
from ydsim.wording import capital

MOST_COLUMNS = 5
"""Settings beside one another in the table of the region."""


def numbers_section(gathered: Gathered, values: Sequence[Values]) -> Element:
    """Return the section."""
    title = say("report.numbers")
    base = values[0]
    if not base.of:
        return section("numbers", title, paragraph(say("report.not_yearly")))
    content: list[Content] = [paragraph(how_sure(gathered))]
    names = [name for name in HEADLINES if any(key[0] == name for key in base.of)]
    years = shown_years(base.years)
    if len(values) == 1:
        content.append(_of_one(base, names, years))
    else:
        content.append(_of_several(values, names))
    inner = [_by_province(each, names, years, named=len(values) > 1) for each in values]
    content.append(folded(say("report.by_province"), *inner))
    return section("numbers", title, *content)


def how_sure(gathered: Gathered) -> str:
    """Say how many replicates there are, and what the brackets hold."""
    n = gathered.replicates
    return say("report.one_replicate") if n == 1 else say("report.intervals", n=n)


def label_of(values: Values, name: str) -> str:
    """Return an indicator with its unit in words."""
    card = values.results.manifest["indicators"][name]
    unit = unit_in_words(str(card["unit"]), str(card["kind"]))
    return f"{capital(indicator_in_words(name))} [{unit}]"


def _of_one(values: Values, names: Sequence[str], years: Sequence[int]) -> Element:
    rows = [
        [label_of(values, name), *(values.text(name, values.whole, year) for year in years)]
        for name in names
    ]
    head = [say("report.outcome"), *map(str, years)]
    return table(say("report.numbers_of_region"), head, rows)


def _of_several(values: Sequence[Values], names: Sequence[str]) -> Element:
    year = min(each.years[-1] for each in values if each.years)
    shown = values[:MOST_COLUMNS]
    rows = [
        [label_of(values[0], name), *(each.text(name, each.whole, year) for each in shown)]
        for name in names
    ]
    head = [say("report.outcome"), *(each.side.name for each in shown)]
    return table(say("report.numbers_in_year", year=year), head, rows)


def _by_province(
    values: Values, names: Sequence[str], years: Sequence[int], *, named: bool
) -> Element:
    rows = [
        [
            f"{capital(indicator_in_words(name))}, {place}",
            *(values.text(name, place, year) for year in years),
        ]
        for name in names
        for place in values.provinces
        if any((name, place, year) in values.of for year in years)
    ]
    key = "report.numbers_of_provinces_named" if named else "report.numbers_of_provinces"
    head = [say("report.outcome_and_province"), *map(str, years)]
    return table(say(key, name=values.side.name), head, rows)
