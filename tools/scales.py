"""Does the scale matter: the same region drawn with several inclusion probabilities.

    python -m tools.scales > docs/scales.md

Runs ``baseline`` from 2011 to 2020 at each scale, over the same replicates, and prints what is
found beside its ratio to the largest of the scales. With the defaults, s = .05, .2 and 1 and 20
replicates, this takes about ten minutes on two free cores; most of it is s = 1.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from tools import page, pairs
from tools.sense import LONG_ENOUGH
from ydsim.fmt import markdown_table
from ydsim.measures.effects import ratio, standard_error
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


TABLES: Final = ("contracts", "adoption_curves", "generations")


def measure(runs: pairs.Runs) -> pairs.Values:
    """Return sums over the years, shares and the median half-time."""
    names = ("rd_expenditure", "inventions", "coinventions", "copublications")
    total = runs.series(names).groupby("run")[list(names)].sum()
    sold, across = runs.contracts(["number", "value", "value_from_science"])
    return runs.by_setting(
        {
            "R&D": total["rd_expenditure"],
            "inventions": total["inventions"],
            "contracts": sold["number"],
            "contract value": sold["value"],
            "adoption half-time": runs.half_times(ENOUGH),
            "cross-province share of contracts": across["number"] / sold["number"],
            "cross-province share of contract value": across["value"] / sold["value"],
            "co-invention rate": total["coinventions"] / total["inventions"],
            "co-publications": total["copublications"],
            "share of contract value sold by science": sold["value_from_science"] / sold["value"],
        }
    )


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


def compared(values: pairs.Values, scales: Sequence[float], tolerance: float) -> list[Row]:
    """Return every variable at every scale against the largest scale."""
    *others, reference = sorted(scales)
    plain = values[f"{reference:g}"]
    return [
        Row(name, scale, *ratio(plain[name], values[f"{scale:g}"][name]), tolerance)
        for name in SHOWN
        for scale in others
    ]


def as_markdown(
    values: pairs.Values, scales: Sequence[float], tolerance: float, head: Sequence[str]
) -> str:
    """Return the page ``docs/scales.md``, of which ``head`` says how it was made."""
    *others, reference = sorted(scales)
    rows = compared(values, scales, tolerance)
    known = {(row.variable, row.scale): row for row in rows}
    missed = sorted({row.variable for row in rows if not row.holds})
    return page(
        "# Scales",
        "Whether results depend on the scale s, the probability with which a firm is in the "
        "sample. Made by",
        *head,
        "Flows are sums over all years for the whole region, at scale 1, money in 100 million "
        "yuan. Contracts are all true ones that the region sells, registered or not; shares are "
        "those of what goes to another province of it. A half-time is the time to half of those "
        "who have adopted by the end. Half-times are medians over generations observed for "
        f"{LONG_ENOUGH} quarters that {ENOUGH:.0f} real firms have adopted, in years. In brackets "
        "standard errors.",
        markdown_table(
            ["variable", *(f"s = {s:g}" for s in sorted(scales))],
            [[name, *(_mean(values[f"{s:g}"][name]) for s in sorted(scales))] for name in SHOWN],
        ),
        f"Ratios of means to those at s = {reference:g}, with standard errors paired by replicate. "
        f"Asked is a gap within {tolerance:.0%} or under two standard errors; a miss is **bold**. "
        "The last two rows show what universities and institutes take part in.",
        markdown_table(
            ["variable", *(f"s = {s:g}" for s in others)],
            [[name, *(known[name, s].cell for s in others)] for name in SHOWN],
        ),
        f"Missed: {', '.join(missed) if missed else 'nothing'}.",
    )


def _mean(values: Floats) -> str:
    error = standard_error(values)
    short = f"{error:.0f}" if error >= 100.0 else f"{error:.2g}"
    return f"{pairs.figure(values)} ({short})"


def main(arguments: Sequence[str] | None = None) -> None:
    """Run everything and print the page."""
    parser = pairs.parser_of(__doc__, scenario="baseline", scale=None, end=2020, replicates=20)
    parser.add_argument("--scales", type=float, nargs="+", default=[0.05, 0.2, 1.0])
    parser.add_argument("--tolerance", type=float, default=0.03)
    options = parser.parse_args(arguments)
    settings = {f"{scale:g}": {"scale": scale} for scale in options.scales}
    runs = pairs.run("scales", options, settings, tables=TABLES)
    head = runs.head(pairs.command_of("scales", options))
    sys.stdout.write(as_markdown(measure(runs), options.scales, options.tolerance, head))


if __name__ == "__main__":
    main()
