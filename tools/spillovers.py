"""Spillovers: what R&D of others does to inventions, by where they are.

    python -m tools.spillovers > docs/spillovers.md

Runs ``baseline`` and the same with more of what is known in some places, from the first quarter on
and for good: everywhere, in the own city, in the other provinces of the region, in the rest of the
nation. The elasticity is counted in what comes out,

    e = ln (inventions with / inventions without) / ln `FACTOR`

of the region in the last `YEARS` years. It is not the one that is put in (`explore.access`): what
is known in one place is a part of what is within reach, not all can take it up, and ideas compete
for room and researchers.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from math import expm1, log
from multiprocessing import get_context
from typing import Final
from unittest.mock import patch

import numpy as np

from tools import pairs
from ydsim import Model, __version__, fmt, load_scenario
from ydsim.measures.effects import Interval, interval
from ydsim.processes import explore
from ydsim.studies.literature import verdict
from ydsim.typing import Floats
from ydsim.world.world import World

FACTOR: Final = 1.2
YEARS: Final = 4
AS_IT_IS, EVERYWHERE, OWN, OTHERS, NATION = (
    "as it is", "everywhere", "own city", "other provinces", "rest of the nation",
)  # fmt: skip
LEAN: Final = {f"record.{name}": False for name in ("adoption_events", "cities", "ties", "agents")}
PUBLISHED: Final = {
    EVERYWHERE: (0.1, 0.4, "prior of one application of the elasticity of ideas to knowledge"),
    OWN: (log(1.02) / log(2.0), log(1.2) / log(2.0), "R&D of the own city doubled: +2 to +20 %"),
    OTHERS: (
        log(1.02) / log(2.0),
        log(1.08) / log(2.0),
        "R&D within 300 km doubled: +2 to +3 % (Bottazzi and Peri 2003), of one region, of three "
        "some +6 %",
    ),
    NATION: (0.0, np.inf, "sign alone"),
}
"""Elasticities that are published, and what of."""


def weights(world: World, place: str) -> Floats:
    """Return the factors on what each city reaches of each, (C, C)."""
    other = world.city_province[:, None] != world.city_province
    raised = {EVERYWHERE: True, OWN: np.eye(world.n_cities, dtype=np.bool_), OTHERS: other}
    return np.where(raised.get(place, False), FACTOR, np.ones(other.shape))


def inventions(place: str, options: argparse.Namespace, replicate: int) -> float:
    """Return inventions of the last years of a run in which more is known in a place."""
    changes = {**LEAN, "scale": options.scale, "end": options.end, "reference": "defaults"}
    model = Model(load_scenario(options.scenario, changes), replicate=replicate)
    factors, reach, knows = weights(model.world, place), explore.reach, explore.nation_knows
    outside = FACTOR if place in (EVERYWHERE, NATION) else 1.0
    with (
        patch.object(explore, "reach", lambda *known: factors * reach(*known)),
        patch.object(explore, "nation_knows", lambda state: outside * knows(state)),
    ):
        model.run()
    return float(model.recorder.series("inventions")[-4 * YEARS :].sum())


def elasticities(options: argparse.Namespace) -> dict[str, Interval]:
    """Return e with its interval by place."""
    replicates, found = range(options.replicates), {}
    with ProcessPoolExecutor(options.jobs, get_context("spawn")) as pool:
        made = {
            place: [*pool.map(partial(inventions, place, options), replicates)]
            for place in (AS_IT_IS, *PUBLISHED)
        }
    for place in PUBLISHED:
        e = np.log(np.divide(made[place], made[AS_IT_IS])) / log(FACTOR)
        found[place] = Interval(*interval(e)[1:])
    return found


PAGE: Final = """# Spillovers

What R&D of others does to inventions of the region, by where it is done. Made by

    {command}

{n} replicates of each setting, paired, with ydsim {version}. From the first quarter on {factor:g}
times as much is known in a place: everywhere, in each city for its own research, in the other
provinces of the region, and in the rest of the nation. The elasticity is that of inventions of
the last {years} years, counted in what comes out. It is less than the one that is put in,
`explore.access`: what one place knows is a part of what is within reach, not all can take it up,
and ideas compete for room and researchers. What twice as much R&D would bring follows from it.

{table}

In brackets the 95 per cent interval (t distribution, paired by replicate). *Inside* and
*outside*: the whole interval is in the range, or beyond it; *undecided*: it is partly in.

Where knowledge comes from stands in [flows.md](flows.md), beside counted citations, the rule in
[knowledge.md](odd/knowledge.md). What the nation learns beyond official figures helps the region.
That ideas get harder to find as fast as these figures grow is put in, so that growth that is in
them moves nothing.
"""


def as_markdown(found: dict[str, Interval], options: argparse.Namespace) -> str:
    """Return the page."""
    rows: list[list[str]] = []
    for place, (low, high, source) in PUBLISHED.items():
        e = found[place]
        at, least, most = (100.0 * expm1(log(2.0) * x) for x in (e.estimate, e.low, e.high))
        rows.append([
            place,
            fmt.interval(e.estimate, e.low, e.high, sign=True),
            fmt.interval(at, least, most, "%", sign=True),
            f"{low:.2f} to {high:.2f}" if np.isfinite(high) else f"above {low:g}",
            source,
            verdict(e, low, high),
        ])  # fmt: skip
    head = ["more is known", "elasticity", "twice as much", "published", "source", "verdict"]
    return PAGE.format(
        command=pairs.command_of("spillovers", options),
        n=options.replicates,
        version=__version__,
        factor=FACTOR,
        years=YEARS,
        table="\n".join(fmt.markdown_table(head, rows)),
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Run everything and print the page."""
    parser = pairs.parser_of(__doc__, scenario="baseline", scale=0.03, end=2018, replicates=8)
    options = parser.parse_args(arguments)
    sys.stdout.write(as_markdown(elasticities(options), options))


if __name__ == "__main__":
    main()
