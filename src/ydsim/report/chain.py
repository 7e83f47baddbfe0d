"""What holds the chain back: the funnel of projects, and the analyses that were given."""

from __future__ import annotations

from collections.abc import Iterator

from ydsim.plots.catalogue import KINDS
from ydsim.plots.messages import say
from ydsim.report.gather import Gathered, results_of
from ydsim.report.markup import Content, Element, command, paragraph, section
from ydsim.report.pictures import Pictures
from ydsim.studies.study import Study


def chain_section(gathered: Gathered, pictures: Pictures) -> Element:
    """Return the section on the chain from science to industry."""
    content: list[Content] = []
    if gathered.bottleneck is None:
        content += [paragraph(say("report.no_bottleneck")), command("ydsim study bottleneck")]
    else:
        content += _other(gathered, gathered.bottleneck.facts.base)
        content += _study(gathered.bottleneck, "bottleneck", pictures)
    content.append(pictures.drawn("funnel", [results_of(gathered.subject)]))
    return section("chain", say("report.chain"), *content)


def together_section(gathered: Gathered, pictures: Pictures) -> Element | None:
    """Return the section on groups of actors alone and together; None without such an analysis."""
    if gathered.interactions is None:
        return None
    content = list(_other(gathered, gathered.interactions.facts.base))
    content += _study(gathered.interactions, "interactions", pictures)
    return section("together", say("report.together"), *content)


def _other(gathered: Gathered, base: str) -> Iterator[Content]:
    """Say where an analysis is of another scenario than those of the page."""
    if base not in [side.name for side in gathered.sides]:
        yield paragraph(say("report.of_other", name=base), class_="alert")


def _study(found: Study, kind: str, pictures: Pictures) -> Iterator[Content]:
    for part in found.paragraph.split("\n\n"):
        yield paragraph(part)
    yield pictures.shown(found.plot(), KINDS[kind].shows)
    yield paragraph(say("report.study_made_by", made=found.facts.made_by), class_="how")


def tightest(gathered: Gathered) -> str:
    """Return what the analysis of bottlenecks found first, in one sentence; empty without one."""
    if gathered.bottleneck is None:
        return ""
    words = gathered.bottleneck.paragraph.split("\n\n")
    if len(words) < 2:
        return ""
    return say("report.tightest", finding=words[1].partition(". ")[0].rstrip("."))
