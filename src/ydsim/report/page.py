"""The page as a whole: its sections in their order."""

from __future__ import annotations

from ydsim.plots.messages import say
from ydsim.report.again import again_section
from ydsim.report.basis import basis_section
from ydsim.report.chain import chain_section, together_section
from ydsim.report.fit import fit_section
from ydsim.report.gains import gains_section
from ydsim.report.gather import Gathered, results_of
from ydsim.report.limits import limits_section
from ydsim.report.markup import Element, element, paragraph, section, written
from ydsim.report.numbers import numbers_section
from ydsim.report.pictures import Pictures
from ydsim.report.scenario import scenario_section
from ydsim.report.style import STYLE
from ydsim.report.summary import head_of, title_of
from ydsim.report.values import Values

FIGURES = ("map", "adoption_curves", "output_and_productivity")
"""Of the setting that the page is about; others are in the sections that they belong to."""


def page_of(gathered: Gathered, title: str = "") -> str:
    """Return the page as HTML; equal results give equal text.

    Parameters
    ----------
    title
        Instead of the finding or the question.
    """
    values = [Values(side) for side in gathered.sides]
    pictures = Pictures()
    subject = results_of(gathered.subject)
    maybe = (
        scenario_section(gathered),
        numbers_section(gathered, values),
        section(
            "figures",
            say("report.figures"),
            *(pictures.drawn(kind, [subject]) for kind in FIGURES),
        ),
        gains_section(gathered, values, pictures),
        chain_section(gathered, pictures),
        together_section(gathered, pictures),
        fit_section(gathered, values[0], pictures),
        basis_section(gathered),
        limits_section(gathered),
        again_section(gathered),
    )
    sections = [one for one in maybe if one is not None]
    body = element(
        "body",
        head_of(gathered, values, title),
        element("main", _contents(sections), *sections),
        element("footer", paragraph(say("report.foot"), class_="made")),
    )
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="referrer", content="no-referrer"),
        element("title", title or title_of(gathered)),
    )
    text = written(element("html", head, body, lang=say("report.lang")))
    style = f"<style>{STYLE}</style></head>"  # the one text that is not escaped: it is ours
    return f"<!DOCTYPE html>\n{text.replace('</head>', style, 1)}\n"


def _contents(sections: list[Element]) -> Element:
    """Return links to the sections."""
    items = []
    for one in sections:
        head = one.children[0]
        assert isinstance(head, Element)
        link = element("a", *head.children, href=f"#{one.attributes['id']}")
        items.append(element("li", link))
    return element("nav", element("ul", *items), aria_label=say("report.contents"))
