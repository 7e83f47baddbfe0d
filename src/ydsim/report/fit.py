"""Simulated beside official figures, misses by name.

A figure is missed when the mean over replicates is more than `MISS` off the official one. What is
an input, was fitted or was set by hand with the figure in view says so: it tests nothing.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from ydsim.fmt import fixed, number
from ydsim.plots.messages import indicator_in_words, say
from ydsim.report.gather import Gathered, results_of
from ydsim.report.markup import Content, Element, bullets, folded, paragraph, section, table
from ydsim.report.numbers import label_of
from ydsim.report.pictures import Pictures
from ydsim.report.values import Values
from ydsim.results.summary import HEADLINES, shown_years
from ydsim.wording import capital

MISS: Final = 0.25
"""Share of the official figure by which a simulated one that misses it is off."""

STANDING: Final = {
    "rd_expenditure": "hand",
    "rd_basic_research": "part",
    "rd_personnel_fte": "follows",
    "value_added_secondary": "fitted",
    "invention_patent_applications": "hand",
    "invention_patents_granted": "hand",
    "tech_market_contract_value_output": "hand",
    "hitech_enterprises_valid_stock_derived": "hand",
}
"""How indicators were brought near official figures, from the table of patterns in docs/odd.md."""


@dataclass(frozen=True)
class Beside:
    """A simulated figure beside the official one.

    Attributes
    ----------
    indicator, place, year
        Of what.
    simulated, official
        Mean over replicates, and the official figure.
    """

    indicator: str
    place: str
    year: int
    simulated: float
    official: float

    @property
    def gap(self) -> float:
        """How far the simulated figure is off, as a share of the official one."""
        return self.simulated / self.official - 1.0

    @property
    def missed(self) -> bool:
        """It is off by more than `MISS`."""
        return abs(self.gap) > MISS


def beside(values: Values) -> list[Beside]:
    """Return every figure that has an official one, of the years that the end of a run shows too.

    Inputs, which are official figures themselves, are left out, and so are measures that are formed
    of several official figures.
    """
    cards = values.results.manifest["indicators"]
    known = [name for name in HEADLINES if name in cards]
    known += [name for name in cards if name not in known and cards[name]["official"]]
    places = [values.whole, *values.provinces]
    years, found = shown_years(values.years), []
    for name in known:
        if str(cards[name]["meaning"]).endswith("(input)"):
            continue
        for place in places:
            for year in years:
                official = values.official.get((name, place, year), math.nan)
                simulated = values.mean(name, place, year)
                if math.isfinite(official) and official != 0.0 and math.isfinite(simulated):
                    found.append(Beside(name, place, year, simulated, official))
    return found


def fit_section(gathered: Gathered, values: Values, pictures: Pictures) -> Element:
    """Return the section; it is about the base."""
    content: list[Content] = []
    found = beside(values)
    if not found:
        content.append(paragraph(say("report.no_official")))
    else:
        content += [paragraph(in_short(found)), paragraph(say("report.fit_read"), class_="how")]
        missed = sorted((one for one in found if one.missed), key=lambda one: -abs(one.gap))
        if missed:
            lines = [
                say("report.miss", outcome=capital(indicator_in_words(one.indicator)),
                    place=_place(values, one.place), year=one.year,
                    gap=fixed(100.0 * one.gap, 0, sign=True),
                    simulated=number(one.simulated), official=number(one.official))
                for one in missed[:MOST]
            ]  # fmt: skip
            if len(missed) > MOST:
                lines.append(say("report.more_misses", n=len(missed) - MOST))
            content += [paragraph(say("report.misses")), bullets(lines)]
        shown = [one for one in found if one.place == values.whole and one.indicator in HEADLINES]
        if shown:
            content.append(_table(values, shown, say("report.fit_of_region")))
        rest = [one for one in found if one not in shown]
        inner = _table(values, rest, say("report.fit_of_provinces"))
        content.append(folded(say("report.all_figures"), inner))
    content.append(pictures.drawn("rd_by_province", [results_of(gathered.base)]))
    return section("fit", say("report.fit"), *content)


MOST = 12
"""Misses that are listed; the rest are in the tables."""


def in_short(found: Sequence[Beside]) -> str:
    """Return in one sentence how many figures are met."""
    missed = [one for one in found if one.missed]
    years = ", ".join(map(str, sorted({one.year for one in found})))
    facts = {"n": len(found), "years": years, "missed": len(missed), "limit": f"{100 * MISS:.0f}"}
    return say("report.fit_short" if missed else "report.fit_short_none", **facts)


def _table(values: Values, found: Sequence[Beside], caption: str) -> Element:
    rows: list[list[Content]] = []
    for one in found:
        where = "" if one.place == values.whole else f", {one.place}"
        verdict = say("report.missed" if one.missed else "report.met")
        rows.append([
            f"{label_of(values, one.indicator)}{where}",
            str(one.year),
            values.text(one.indicator, one.place, one.year),
            number(one.official),
            f"{fixed(100.0 * one.gap, 1, sign=True)} %",
            verdict,
            say(f"report.standing_{STANDING.get(one.indicator, 'unknown')}"),
        ])  # fmt: skip
    heads = ("what", "year", "simulated", "official", "gap", "verdict", "standing")
    return table(caption, [say(f"report.fit_{head}") for head in heads], rows, numbers=range(1, 5))


def _place(values: Values, place: str) -> str:
    return say("report.the_region") if place == values.whole else place
