"""What not to conclude: the text that README has under "What to trust", word for word."""

from __future__ import annotations

from typing import Final

from ydsim.plots.messages import say
from ydsim.report.gather import Gathered
from ydsim.report.markup import Content, Element, bullets, paragraph, section, with_code

TRUST: Final = (
    "`docs/sense.md` holds the defaults against official figures to 2020, hits and misses. Much in "
    "it was set by hand and tests nothing; `docs/odd.md` says for each row what it can prove. What "
    "comes after 2020 rests on damped trends with a backtest (`docs/inputs.md`). Value added of "
    "cities is fitted, their R&D rests on a prior. `docs/effects.md` runs the estimators of "
    "published studies on the model, `docs/signs.md` lists published signs that do not show. The "
    "model is for questions of structure and policy, not for forecasting totals."
)
"""README says the same; a test holds the two together."""

SMALL: Final = 0.05
"""Share of firms of the default; a smaller sample is said."""


def limits_section(gathered: Gathered) -> Element:
    """Return the section."""
    scale = float(gathered.base.scenario["scale"])
    own: list[Content] = []
    if gathered.replicates == 1:
        own.append(say("report.limit_one"))
    elif gathered.replicates < FEW:
        own.append(say("report.limit_few", n=gathered.replicates))
    if scale < SMALL:
        own.append(say("report.limit_scale", share=f"{100.0 * scale:g}", usual=f"{100 * SMALL:g}"))
    if gathered.found is None:
        own.append(say("report.limit_alone"))
    content: list[Content] = [paragraph(*with_code(TRUST))]
    if own:
        content += [paragraph(say("report.limits_here")), bullets(own)]
    return section("limits", say("report.limits"), *content)


FEW = 5
"""Replicates below which intervals are wide and said to be."""
