"""Six kinds of actors, each with its policies on or off: the page ``factorial.md``.

    python -m tools.factorial            half of the cells, 2^(6-1)
    python -m tools.factorial --full     all 64 cells

The cells are those of the shipped sweep ``actor_groups``; `ydsim.resonance` runs them through the
sweep engine and computes what is here. Its page begins with the effects of groups and the
interactions of two over all cells:

    effect of k         = 2 / n sum_c x_ck y_c                  on less off, mean over the others
    interaction of k, l = 2 / n sum_c x_ck x_cl y_c

with y_c the outcome of cell c of n and x_ck = +1 where group k is on, -1 where it is off. The half
fraction takes the cells of which an even number of groups is off (defining relation I = ABCDEF,
resolution VI): effects are clear of interactions of four and fewer groups, interactions of two of
three and fewer. Every cell has the same replicates; intervals are over replicates (t distribution).
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Final

from tools import pairs
from ydsim.analysis.resonance import SCENARIO, Finding
from ydsim.fmt import markdown_table
from ydsim.pages.resonance import resonance
from ydsim.pages.resonance_words import in_per_cent, page
from ydsim.pages.shown import with_interval
from ydsim.record.names import name_in_words
from ydsim.run.progress import show_progress

START: Final = 2019
"""Year in which the policies of the groups start."""


def as_markdown(found: Finding, command: str) -> str:
    """Return the page of a command."""
    title, _, rest = page(found).partition("\n")
    lines = [
        title,
        "",
        f"    {command}",
        rest.rstrip(),
        "",
        "## Effects and interactions over all cells",
        "",
        "In per cent of the outcome with no group on, with 95 per cent intervals over replicates;",
        "**null** where the interval holds zero.",
        "",
    ]
    rows = []
    for names in next(iter(found.effects.values())):
        values = [in_per_cent(found, name, found.effects[name][names]) for name in found.units]
        cells = [with_interval(one) + " **null**" * one.includes_zero for one in values]
        rows.append([" x ".join(names), *cells])
    lines += markdown_table(["effect", *map(name_in_words, found.units)], rows)
    return "\n".join(lines) + "\n"


def main(arguments: Sequence[str] | None = None) -> None:
    """Run everything and print the page."""
    parser = pairs.parser_of(__doc__, scenario=SCENARIO, scale=0.02, end=2030, replicates=5)
    parser.add_argument("--full", action="store_true", help="all 64 cells")
    options = parser.parse_args(arguments)
    if options.end < START:
        parser.error(f"--end {options.end}: policies start in {START}; take {START} or later")
    with show_progress(quiet=False) as progress:
        made = resonance(
            options.scenario,
            {"scale": options.scale, "end": options.end},
            replicates=options.replicates,
            half=not options.full,
            out=options.out,
            jobs=options.jobs,
            progress=progress.report,
        )
    sys.stdout.write(as_markdown(made.found, pairs.command_of("factorial", options)))


if __name__ == "__main__":
    main()
