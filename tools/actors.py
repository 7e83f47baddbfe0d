"""Each kind matters: what changes when a group of actors is switched off.

    python -m tools.actors > docs/actors.md

Runs ``baseline`` and the same once more without universities, institutes, public funding,
intermediaries, media, and ties across provinces, each over the same replicates, and prints what
the group does itself (its proximate variables) and what becomes of the region (outcomes).
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Final

from tools import page, pairs
from tools.sense import ENOUGH
from ydsim.fmt import markdown_table

BASELINE: Final = "baseline"

PROXIMATE: Final = {
    "universities": ("inventions begun by universities", "co-publications"),
    "institutes": ("stages completed by projects of institutes",),
    "funding": ("R&D funded by governments",),
    "intermediaries": ("introductions by brokers", "brokered deals"),
    "media": ("stories", "awareness", "adoptions through cells"),
    "cross_province": (
        "value of contracts between provinces",
        "co-inventions between provinces",
    ),
}
"""What each group does itself, by switch."""

TOTALS: Final = {
    "inventions begun by universities": "university_inventions",
    "co-publications": "copublications",
    "R&D funded by governments": "rd_funds_government",
    "introductions by brokers": "introductions",
    "brokered deals": "brokered_deals",
    "stories": "stories",
    "co-inventions between provinces": "coinventions_interprovince",
    "R&D": "rd_expenditure",
    "inventions": "inventions",
    "launches": "launches",
}
"""Variables that are sums of an indicator of the region."""

TABLES: Final = ("contracts", "funnel", "adoption_curves", "generations")
LAST_YEAR: Final = "value_added_secondary"
PRODUCTIVITY: Final = "log productivity, last year"

OUTCOMES: Final = (
    "R&D",
    "inventions",
    "launches",
    "contract value",
    "adoption half-time",
    PRODUCTIVITY,
    "secondary value added, last year",
)
"""What becomes of the region."""


def measure(runs: pairs.Runs, scale: float) -> pairs.Values:
    """Return proximate variables and outcomes, sums over all years unless said otherwise."""
    series = runs.series([*TOTALS.values(), "awareness", "productivity_log", LAST_YEAR])
    last = series[series["year"] == series["year"].max()].groupby("run")
    total = series.groupby("run")
    sold, across = runs.contracts(["value"])
    completed = runs.sums("funnel", ["lead"], ["completed"]).query("lead == 'institute'")
    return runs.by_setting(
        {name: total[of].sum() for name, of in TOTALS.items()}
        | {
            "stages completed by projects of institutes": completed.groupby("run").completed.sum(),
            "awareness": total["awareness"].mean(),
            "adoptions through cells": runs.number("adoption", "channel", "cell") / scale,
            "value of contracts between provinces": across["value"],
            "contract value": sold["value"],
            "adoption half-time": runs.half_times(ENOUGH / scale),
            PRODUCTIVITY: last["productivity_log"].mean(),
            "secondary value added, last year": last[LAST_YEAR].sum(),
        }
    )


def as_markdown(values: pairs.Values, head: Sequence[str]) -> str:
    """Return the page ``docs/actors.md``, of which ``head`` says how it was made."""
    plain = values[BASELINE]

    def change(switch: str, name: str) -> str:
        return pairs.marked(pairs.per_cent(plain, values[switch], name))

    outcomes = {
        switch: {name: pairs.per_cent(plain, values[switch], name) for name in OUTCOMES}
        for switch in PROXIMATE
    }
    return page(
        "# Each kind matters",
        "What changes when a group of actors is switched off (`parameters.actors`), from the "
        "burn-in on. Made by",
        *head,
        "Figures are those without the group less those with it, in per cent of the baseline's "
        "mean; a minus is what the group adds. Flows are sums over all years, for the whole "
        "region, at scale 1, money in 100 million yuan; contracts are all true ones, registered or "
        "not. Without universities or institutes their part of public money goes to the others and "
        "to firms, so that these rows show a shift; without funding the public part of R&D is "
        "itself missing.",
        pairs.INTERVALS,
        "## What the group does itself",
        markdown_table(
            ["without", "variable", "baseline", "change, per cent"],
            [
                [switch, name, pairs.figure(plain[name]), change(switch, name)]
                for switch, names in PROXIMATE.items()
                for name in names
            ],
        ),
        "## What becomes of the region",
        "A half-time is the time to half of those who have adopted by the end. Half-times are "
        "medians over generations observed for 24 quarters with 30 adopting firms of the sample, "
        "in years from founding; log productivity is the mean over firms weighted by value added, "
        "its change in hundredths of a log (about per cent).",
        *pairs.outcomes_of(plain, outcomes, "without"),
    )


def settings() -> dict[str, dict[str, object]]:
    """Return what is laid over the scenario in each setting."""
    return {BASELINE: {}} | {name: {f"parameters.actors.{name}": False} for name in PROXIMATE}


def main(arguments: Sequence[str] | None = None) -> None:
    """Run everything and print the page."""
    parser = pairs.parser_of(__doc__, scenario=BASELINE, scale=0.05, end=2030, replicates=10)
    options = parser.parse_args(arguments)
    runs = pairs.run("actors", options, settings(), adoption=True, tables=TABLES)
    head = runs.head(pairs.command_of("actors", options))
    sys.stdout.write(as_markdown(measure(runs, options.scale), head))


if __name__ == "__main__":
    main()
