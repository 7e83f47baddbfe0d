"""Each kind matters: what changes when a group of actors is switched off.

    python -m tools.actors --workers 2 > docs/actors.md

Runs ``baseline`` and the same once more without universities, institutes, public funding,
intermediaries, media, and ties across provinces, each over the same replicates, and prints what
the group does itself (its proximate variables) and what becomes of the region (outcomes).
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from tools.sense import observed_curves
from ydsim.agents.organisations import INSTITUTE
from ydsim.agents.state import BY_CELL
from ydsim.analysis.paired import (
    Found,
    Job,
    Sums,
    by_setting,
    figure,
    options_of,
    run_jobs,
    version_line,
)
from ydsim.fmt import markdown_table
from ydsim.measures.diffusion import half_time
from ydsim.measures.effects import Interval, difference, relative
from ydsim.model import Model
from ydsim.typing import Floats

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


def measure(model: Model, sums: Sums) -> Found:
    """Return proximate variables and outcomes of a finished run, sums unless said otherwise."""
    series, n = model.recorder.series, model.world.n_provinces
    value = sums.contracts["value"]
    inside = value[:n, :n]
    halves = [half_time(time, adopters) for time, adopters in observed_curves(model)]

    def total(name: str) -> float:
        return float(series(name).sum())

    return {
        "inventions begun by universities": total("university_inventions"),
        "co-publications": total("copublications"),
        "stages completed by projects of institutes": float(
            sums.funnel["completed"][:, INSTITUTE].sum()
        ),
        "R&D funded by governments": total("rd_funds_government"),
        "introductions by brokers": total("introductions"),
        "brokered deals": total("brokered_deals"),
        "stories": total("stories"),
        "awareness": float(series("awareness").mean()),
        "adoptions through cells": float(sums.adoptions[BY_CELL]),
        "value of contracts between provinces": float(inside.sum() - np.trace(inside)),
        "co-inventions between provinces": total("coinventions_interprovince"),
        "R&D": total("rd_expenditure"),
        "inventions": total("inventions"),
        "launches": total("launches"),
        "contract value": float(value[:n].sum()),
        "adoption half-time": float(np.median(halves)) if halves else float("nan"),
        PRODUCTIVITY: float(series("productivity_log")[-4:].mean()),
        "secondary value added, last year": float(series("value_added_secondary")[-4:].sum()),
    }


def jobs(scenario: str, changes: Mapping[str, object], replicates: int) -> list[Job]:
    """Return the runs, replicate after replicate, the baseline first."""
    same = tuple(changes.items())
    settings = {BASELINE: same} | {
        switch: (*same, (f"parameters.actors.{switch}", False)) for switch in PROXIMATE
    }
    return [
        Job(setting, scenario, changed, replicate)
        for replicate in range(replicates)
        for setting, changed in settings.items()
    ]


def per_cent(plain: Mapping[str, Floats], changed: Mapping[str, Floats], name: str) -> Interval:
    """Return what changes in a variable, in per cent of its plain mean.

    Logs change in hundredths, which is about per cent of their level; a variable that is zero
    without change has no per cent (NaN).
    """
    compare = difference if name.startswith("log ") else relative
    return compare(plain[name], changed[name]).times(100.0)


def marked(gap: Interval) -> str:
    """Return an interval as a cell: **null** marks one that holds zero."""
    if np.isnan(gap.estimate):
        return "-"
    found = f"{gap.estimate:+.2f} [{gap.low:+.2f}, {gap.high:+.2f}]"
    return f"{found} **null**" if gap.includes_zero else found


def as_markdown(
    values: Mapping[str, Mapping[str, Floats]],
    scenario: str,
    changes: Mapping[str, object],
    command: str,
) -> str:
    """Return the page ``docs/actors.md``."""
    plain = values[BASELINE]
    replicates = len(plain[OUTCOMES[0]])
    outcomes = {
        switch: [per_cent(plain, values[switch], name) for name in OUTCOMES] for switch in PROXIMATE
    }
    known = {s: [gap for gap in row if not np.isnan(gap.estimate)] for s, row in outcomes.items()}
    nulls, number = (sum(map(count, known.values())) for count in (_nulls, len))
    idle = [switch for switch, row in known.items() if _nulls(row) == len(row)]
    cells = [["*baseline*", *(figure(plain[name].mean()) for name in OUTCOMES)]]
    cells += [[switch, *map(marked, row)] for switch, row in outcomes.items()]
    lines = [
        "# Each kind matters",
        "",
        "What changes when a group of actors is switched off (`parameters.actors`), from the",
        "burn-in on. Made by",
        "",
        f"    {command}",
        "",
        f"Scenario `{scenario}`, {replicates} replicates of each setting, paired: the same seed",
        "and replicate with the group and without it.",
        version_line(scenario, changes),
        "",
        "Figures are those without the group less those with it, in per cent of the baseline's",
        "mean; a minus is what the group adds. In brackets the 95 per cent interval (t",
        "distribution, paired by replicate); **null** where it holds zero: these replicates show",
        "no effect. Intervals are taken one by one: of twenty without any effect one misses zero",
        "by chance. Flows are sums over all years, for the whole region, at scale 1, money in 100",
        "million yuan; contracts are all true ones, registered or not. Without universities or",
        "without institutes their part of public money goes to the others and to firms, so that",
        "these rows show a shift; without funding the public part of R&D is itself missing.",
        "",
        "## What the group does itself",
        "",
        *markdown_table(
            ["without", "variable", "baseline", "change, per cent"],
            [
                [
                    switch,
                    name,
                    figure(plain[name].mean()),
                    marked(per_cent(plain, values[switch], name)),
                ]
                for switch, names in PROXIMATE.items()
                for name in names
            ],
        ),
        "",
        "## What becomes of the region",
        "",
        "A half-time is the time to half of those who have adopted by the end. Half-times are",
        "medians over generations observed for 24 quarters with 30 adopting firms of the sample,",
        "in years from founding; log productivity is the mean over firms weighted by value added,",
        "its change in hundredths of a log (about per cent).",
        "",
        *markdown_table(["without", *OUTCOMES], cells),
        "",
        f"{nulls} of {number} intervals hold zero. Groups without which no "
        f"outcome differs: {', '.join(idle) if idle else 'none'}.",
    ]
    return "\n".join(lines) + "\n"


def _nulls(gaps: Sequence[Interval]) -> int:
    return sum(gap.includes_zero for gap in gaps)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run everything and print the page."""
    parser = options_of(__doc__, scale=0.05, end=2030, replicates=10)
    parser.add_argument("--scenario", default=BASELINE)
    options = parser.parse_args(arguments)
    changes = {"scale": options.scale, "end": options.end}
    todo = jobs(options.scenario, changes, options.replicates)
    found = run_jobs(measure, todo, workers=options.workers, keep=options.keep)
    command = (
        f"python -m tools.actors --scenario {options.scenario} --scale {options.scale:g} "
        f"--end {options.end} --replicates {options.replicates}"
    )
    page = as_markdown(by_setting(todo, found), options.scenario, changes, command)
    sys.stdout.write(page)


if __name__ == "__main__":
    main()
