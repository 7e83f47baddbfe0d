"""Does the scale matter: the same region drawn with several inclusion probabilities.

    python -m tools.scales --workers 2 --keep scales.jsonl > docs/scales.md

Runs ``baseline`` from 2011 to 2020 at each scale, over the same replicates, and prints what is
found beside its ratio to the largest of the scales. With the defaults, s = .05, .2 and 1 and 20
replicates, this takes about ten minutes on two free cores; most of it is s = 1.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np

from tools.sense import LONG_ENOUGH
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
from ydsim.measures.effects import ratio, standard_error
from ydsim.model import Model
from ydsim.typing import Floats

ENOUGH: Final = 600.0
"""Real firms that must have adopted a generation: 30 of the sample at s = .05."""

VARIABLES: Final = (
    "R&D",
    "inventions",
    "contracts",
    "contract value",
    "adoption half-time",
    "cross-province share of contracts",
    "cross-province share of contract value",
    "co-invention rate",
)
"""What is asked not to depend on the scale."""

BESIDE: Final = ("co-publications", "share of contract value sold by science")
"""What is shown beside it: where organisations kept at full number take part."""

SHOWN: Final = (*VARIABLES, *BESIDE)


def measure(model: Model, sums: Sums) -> Found:
    """Return sums over the years, shares and the median half-time of a finished run."""
    series, n = model.recorder.series, model.world.n_provinces
    number, value, science = (
        sums.contracts[name][:n] for name in ("number", "value", "value_from_science")
    )
    inventions = float(series("inventions").sum())
    return {
        "R&D": float(series("rd_expenditure").sum()),
        "inventions": inventions,
        "contracts": float(number.sum()),
        "contract value": float(value.sum()),
        "adoption half-time": float(np.median(half_times(model))),
        "cross-province share of contracts": _across(number),
        "cross-province share of contract value": _across(value),
        "co-invention rate": float(series("coinventions").sum()) / inventions,
        "co-publications": float(series("copublications").sum()),
        "share of contract value sold by science": float(science.sum() / value.sum()),
    }


def _across(sold: Floats) -> float:
    """Return the share of what the region sells (P, P + 1) that goes to its other provinces."""
    inside = sold[:, :-1]
    return float((inside.sum() - np.trace(inside)) / sold.sum())


def half_times(model: Model) -> Floats:
    """Return half-times in years of generations founded and observed in the run.

    They are observed for `LONG_ENOUGH` quarters or more and have `ENOUGH` adopters, the same at
    every scale; NaN when there is none.
    """
    curves = model.recorder.tables()["adoption_curves"]
    generation = curves["generation"].astype(np.int64)
    adopters = curves["adopters"].astype(np.float64)
    edges = np.flatnonzero(np.diff(generation, prepend=-1, append=-1))
    found = [
        half_time(np.arange(1, last - first + 1) / 4.0, adopters[first:last])
        for first, last in pairwise(edges)
        if model.state.generations.founded[generation[first]] >= 0
        and last - first >= LONG_ENOUGH
        and adopters[first:last].max() >= ENOUGH
    ]
    return np.array(found or [np.nan])


@dataclass(frozen=True)
class Row:
    """A variable at one scale over the same at the reference."""

    variable: str
    scale: float
    ratio: float
    error: float
    tolerance: float

    @property
    def holds(self) -> bool:
        """Whether the gap is within the tolerance or under two standard errors."""
        gap = abs(self.ratio - 1.0)
        return gap <= self.tolerance or gap < 2.0 * self.error

    @property
    def cell(self) -> str:
        """The row as text."""
        found = f"{self.ratio:.3f} ({self.error:.3f})"
        return found if self.holds else f"**{found}**"


def jobs(scales: Sequence[float], end: int, replicates: int) -> list[Job]:
    """Return the runs, those that take longest first."""
    return [
        Job(f"{scale:g}", "baseline", (("scale", scale), ("end", end)), replicate, seconds(scale))
        for scale in sorted(scales, reverse=True)
        for replicate in range(replicates)
    ]


def seconds(scale: float) -> float:
    """Return roughly how long a run of ten years takes on one core."""
    return 2.0 + 41.0 * scale


def compared(
    values: Mapping[str, Mapping[str, Floats]], scales: Sequence[float], tolerance: float
) -> list[Row]:
    """Return every variable at every scale against the largest scale."""
    *others, reference = sorted(scales)
    plain = values[f"{reference:g}"]
    return [
        Row(name, scale, *ratio(plain[name], values[f"{scale:g}"][name]), tolerance)
        for name in SHOWN
        for scale in others
    ]


def as_markdown(
    values: Mapping[str, Mapping[str, Floats]],
    scales: Sequence[float],
    end: int,
    tolerance: float,
    command: str,
) -> str:
    """Return the page ``docs/scales.md``."""
    *others, reference = sorted(scales)
    rows = compared(values, scales, tolerance)
    replicates = len(values[f"{reference:g}"][VARIABLES[0]])
    known = {(row.variable, row.scale): row for row in rows}
    missed = sorted({row.variable for row in rows if not row.holds})
    lines = [
        "# Scales",
        "",
        "Whether results depend on the scale s, the probability with which a firm is in the",
        "sample. Made by",
        "",
        f"    {command}",
        "",
        f"`baseline`, 2011 to {end}, {replicates} replicates at each scale.",
        version_line("baseline", {"end": end}),
        "",
        "Flows are sums over all years for the whole region, at scale 1, money in 100 million",
        "yuan. Contracts are all true ones that the region sells, registered or not; shares are",
        "those of what goes to another province of it. A half-time is the time to half of those",
        "who have adopted by the end. Half-times are medians over generations observed for",
        f"{LONG_ENOUGH} quarters that {ENOUGH:.0f} real firms have adopted, in years. In brackets",
        "standard errors.",
        "",
        *markdown_table(
            ["variable", *(f"s = {s:g}" for s in sorted(scales))],
            [[name, *(_mean(values[f"{s:g}"][name]) for s in sorted(scales))] for name in SHOWN],
        ),
        "",
        f"Ratios of means to those at s = {reference:g}, with standard errors paired by replicate.",
        f"Asked is a gap within {tolerance:.0%} or under two standard errors; a miss is **bold**.",
        "The last two rows show what universities and institutes take part in.",
        "",
        *markdown_table(
            ["variable", *(f"s = {s:g}" for s in others)],
            [[name, *(known[name, s].cell for s in others)] for name in SHOWN],
        ),
        "",
        f"Missed: {', '.join(missed) if missed else 'nothing'}.",
    ]
    return "\n".join(lines) + "\n"


def _mean(values: Floats) -> str:
    error = standard_error(values)
    short = f"{error:.0f}" if error >= 100.0 else f"{error:.2g}"
    return f"{figure(float(values.mean()))} ({short})"


def main(arguments: Sequence[str] | None = None) -> None:
    """Run everything and print the page."""
    parser = options_of(__doc__, scale=None, end=2020, replicates=20)
    parser.add_argument("--scales", type=float, nargs="+", default=[0.05, 0.2, 1.0])
    parser.add_argument("--tolerance", type=float, default=0.03)
    options = parser.parse_args(arguments)
    todo = jobs(options.scales, options.end, options.replicates)
    years = (options.end - 2010) / 10.0
    minutes = years * sum(job.cost for job in todo) / 60.0 / options.workers
    print(f"{len(todo)} runs, about {minutes:.0f} minutes", file=sys.stderr)
    found = run_jobs(measure, todo, workers=options.workers, keep=options.keep)
    scales = " ".join(f"{s:g}" for s in options.scales)
    command = (
        f"python -m tools.scales --scales {scales} --end {options.end} "
        f"--replicates {options.replicates} --tolerance {options.tolerance:g}"
    )
    values = by_setting(todo, found)
    sys.stdout.write(as_markdown(values, options.scales, options.end, options.tolerance, command))


if __name__ == "__main__":
    main()
