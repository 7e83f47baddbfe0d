"""The head of the page: title, what it rests on, what is missing, the findings in short."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ydsim.fmt import counted
from ydsim.plots.effects import finding
from ydsim.plots.messages import indicator_in_words, say, unit_in_words
from ydsim.report.again import hash_of
from ydsim.report.chain import tightest
from ydsim.report.fit import beside, in_short
from ydsim.report.gains import sentence
from ydsim.report.gather import Gathered, results_of
from ydsim.report.markup import Content, Element, bullets, element, paragraph
from ydsim.report.numbers import how_sure
from ydsim.report.values import Values
from ydsim.store.layout import folder_name
from ydsim.studies.money import money_lines
from ydsim.wording import capital

SHOWN = ("rd_expenditure", "value_added_secondary")
"""Outcomes of which the change over the years is said."""


def title_of(gathered: Gathered) -> str:
    """Return the finding of a comparison; of one setting its question, or its name."""
    if gathered.found is not None:
        return finding(gathered.found)
    return gathered.base.title.rstrip(". ") or gathered.base.name.replace("_", " ")


def head_of(gathered: Gathered, values: Sequence[Values], title: str) -> Element:
    """Return the head of the page."""
    content: list[Content] = [
        element("h1", title or title_of(gathered)),
        paragraph(_identity(gathered), class_="made"),
    ]
    gone = list(missing(gathered))
    if gone:
        content.append(element("div", *map(paragraph, gone), class_="alert", role="note"))
    lines = [line for line in _in_short(gathered, values, titled=bool(title)) if line]
    content.append(element("div", bullets(lines), class_="short"))
    return element("header", *content)


def _identity(gathered: Gathered) -> str:
    plain = gathered.base.scenario
    names = ", ".join(
        say("page.named", name=side.name, hash=hash_of(results_of(side))) for side in gathered.sides
    )
    n = gathered.replicates
    facts = (
        names,
        say("page.one_replicate" if n == 1 else "page.replicates", n=n),
        f"{plain['start']}\u2013{plain['end']}",
        say("page.seed", seed=plain["seed"]),
        say("page.scale", scale=f"{plain['scale']:g}"),
        say("page.version", version=gathered.base.version),
    )
    return f" {say('page.between')} ".join(facts)


def missing(gathered: Gathered) -> Iterator[str]:
    """Say of which results runs are missing or have failed."""
    for results in gathered.opened:
        runs = len(results.contents.plan)
        if results.left or results.failures:
            yield say("report.unfinished", name=results.name, done=results.done,
                      runs=counted(runs, "run"), failed=len(results.failures),
                      folder=f"results/{folder_name(results.name)}")  # fmt: skip


def _in_short(gathered: Gathered, values: Sequence[Values], *, titled: bool) -> Iterator[str]:
    if gathered.found is None or gathered.money is None:
        yield from (_change(values[0], name) for name in SHOWN)
    else:
        if titled:
            yield finding(gathered.found)
        yield sentence(next(money_lines(gathered.found, gathered.money), ""))
    yield tightest(gathered)
    official = beside(values[0])
    if official:
        yield in_short(official)
    yield how_sure(gathered)


def _change(values: Values, name: str) -> str:
    """Say what an outcome of the region was in the first year and is in the last."""
    there = [year for year in values.years if (name, values.whole, year) in values.of]
    if len(there) < 2:
        return ""
    card = values.results.manifest["indicators"][name]
    return say(
        "report.goes_from",
        outcome=capital(indicator_in_words(name)),
        unit=unit_in_words(str(card["unit"]), str(card["kind"])),
        first=values.text(name, values.whole, there[0]),
        last=values.text(name, values.whole, there[-1]),
        start=there[0],
        end=there[-1],
    )
