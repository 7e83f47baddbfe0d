"""Words of the glossary that a reader of results meets, for pages that stand alone.

`docs/glossary.md` and `docs/zh/glossary.md` say the same of them: a test holds the three together.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

from ydsim.translation import gettext as _t
from ydsim.translation import mark

MEANINGS: Final = {
    mark("Adoption"): mark(
        "A firm adopts a generation of technology when the influence of the adopters around it, "
        "accumulated over the quarters, exceeds its threshold."
    ),
    mark("Anchor"): mark(
        "A factor that sets a level to the last official figure. Anchored levels reproduce data "
        "and test nothing; growth and differences are results of the model."
    ),
    mark("Base"): mark(
        "The setting with which the others are compared: the first one that is named."
    ),
    mark("Budget used"): mark(
        "What a policy paid, over what it offered: paid and unspent. Without a budget a policy "
        "pays as it falls due."
    ),
    mark("Claims met"): mark("What a policy paid, over what was claimed under its rules."),
    mark("Co-invention"): mark(
        "An invention completed by more than one organisation, also called joint invention. "
        "Interprovince counts those with a partner in another province of the region."
    ),
    mark("Coupling coordination"): mark(
        "One number for the level of technology and industry and for their balance, D = sqrt(C "
        "T): C is one where both scores are equal, T is their mean. Use D for rank, trend and "
        "differences, not for its level."
    ),
    mark("Forecast, projection"): mark(
        "A projection is what runs show after the last official figure. A forecast extends that "
        "figure with the growth of the runs; its interval includes the errors of past "
        "forecasts."
    ),
    mark("Funnel"): mark(
        "How many projects pass each stage, and why the others stop: failure, an end while "
        "waiting, an owner that exits, or being shelved."
    ),
    mark("Hand-over"): mark(
        "A firm takes over a project that its owner cannot carry on, and pays for it. It "
        "changes the owner, while a joint project gains a member."
    ),
    mark("Holm"): mark(
        "A correction for multiple tests: the probability of any false finding in the whole "
        "table stays below 5 per cent. A star marks what passes."
    ),
    mark("Interval"): mark(
        "Of a difference, by default the 95 per cent confidence interval of its mean over "
        "replicates. Of a forecast, the range that contains the figure with 80 per cent."
    ),
    mark("Launch"): mark(
        "A project that has completed the last stage: a new product or technology is on the "
        "market. A launch is the end of a project, not the founding of a firm or an event."
    ),
    mark("Mark"): mark(
        "Where a parameter comes from: data, prior (from literature), calibrated (fitted here), "
        "assumed (no source), control (a setting of the experiment)."
    ),
    mark("Paired comparison"): mark(
        "Replicate r of one setting is compared with replicate r of the other. Pairing is the "
        "share of variance that this removes."
    ),
    mark("Policy"): mark(
        "A setting of a scenario with strength, dates and target that moves named fields of the "
        "policy environment, or pays money under conditions."
    ),
    mark("Public money"): mark(
        "What governments pay under the names of policies. General grants and science budgets "
        "are not policies."
    ),
    mark("Replicate"): mark("A repetition of one setting with other random draws."),
    mark("Scale"): mark(
        "The probability with which a real firm is in the sample, .05 by default. Counts and "
        "money of firms are divided by it, so that results are estimates for all firms."
    ),
    mark("Stage"): mark(
        "One of five steps of a project: applied research, invention, pilot, industrialisation, "
        "launch."
    ),
    mark("Strength"): mark(
        "The share of a policy that is in force, from 0 to 1; it may rise over a ramp and decay."
    ),
}
"""What each word means here."""


class Word(NamedTuple):
    """A word in the language in use, what it means, and its anchor on a page."""

    anchor: str
    term: str
    meaning: str


def words(terms: Iterable[str] = MEANINGS) -> list[Word]:
    """Return words of `MEANINGS`, by default all."""
    return [
        Word(f"word-{term.split(',')[0].lower().replace(' ', '-')}", _t(term), _t(MEANINGS[term]))
        for term in terms
    ]
