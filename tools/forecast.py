"""The blind forecast: `docs/forecast.csv` and `docs/forecast.md`, of what was known in 2020.

    python -m tools.forecast --out DIR [--replicates 20] [--jobs 2] [--read]

Runs `ydsim study skill` with origins from 2014 to 2020, writes its page as `docs/skill.md` and what
it says of the five years after the last one. Policies that begin after 2020 are left out, those in
force stay, all inputs end in 2020. Values of provinces and of the region are those of the study;
R&D of cities is the forecast of the province times the share of the city in the runs, set to the
last published figure where one of the last
`KNOWN` years is there. Draws of patterns have errors of families and provinces that are correlated
as those of the study.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from tools import DOCS, page
from tools.published import city_figures
from ydsim import fmt
from ydsim.measures.forecasts import GROWS, widened
from ydsim.record.indicators import INDICATORS, name_in_words
from ydsim.results.results import Results, open_results
from ydsim.run.progress import show_progress
from ydsim.studies import skill
from ydsim.studies.skill import FAMILIES, FIRST, RUNS, Skill
from ydsim.studies.study import run_sweep
from ydsim.typing import Floats
from ydsim.world.known import as_known
from ydsim.world.loader import load_world
from ydsim.world.world import World

ORIGINS, AHEAD, LAST = range(2014, 2021), 5, 2020
REPLICATES, KNOWN = 20, 3
QUANTILES: Final = {
    "median": 0.5, "p05": 0.05, "p10": 0.1, "p25": 0.25, "p75": 0.75, "p90": 0.9, "p95": 0.95,
}  # fmt: skip
RD, BASIC, PEOPLE, PAPERS, FILED, GRANTED, FORCE = FAMILIES[:7]
SOLD, BOUGHT, SOLD_NUMBER, BOUGHT_NUMBER = FAMILIES[7:11]
DRAWS, SEED = 2000, 2020
FILE = "forecast.csv"


def rows_of(place: str, indicator: str, unit: str, values: Floats) -> Iterator[dict[str, object]]:
    """Yield one row a year from equally likely values (N, H)."""
    for h, line in enumerate(values.T):
        quantiles = {name: float(f"{np.quantile(line, q):.6g}") for name, q in QUANTILES.items()}
        yield {
            "region": place,
            "year": LAST + 1 + h,
            "indicator": indicator,
            "unit": unit,
            **quantiles,
        }


def provinces(found: Skill) -> Iterator[dict[str, object]]:
    """Yield the rows of provinces and the region."""
    (one,) = (each for each in found.forecasts if (each.name, each.origin) == (RUNS, LAST))
    for f, name in enumerate(FAMILIES):
        for q, place in enumerate(found.places):
            values = np.exp(one.values[f, q])
            if not np.isnan(values).any():
                yield from rows_of(place, name, INDICATORS[name].unit, values)


def cities(found: Skill, results: Results, world: World) -> Iterator[dict[str, object]]:
    """Yield R&D of cities and their rank among them."""
    point = len(found.origins) - 1
    frame = results.cube([RD], by="city", places=list(world.city_names))
    frame = frame[frame.index.isin([point], level="point")].droplevel("point")
    table = frame[RD].unstack("place")[list(world.city_names)].unstack("replicate")
    runs = np.log(table.to_numpy().T.reshape(world.n_cities, -1, len(table)))  # (C, R, Y)
    at = LAST - FIRST
    own = (
        found.known[0, world.city_province, at]
        - np.log(np.exp(runs[:, :, at]).mean(axis=1) @ _within(world))[world.city_province]
    )
    published = city_figures(world).query(f"indicator == '{RD}' and year > {LAST - KNOWN}")
    for city, year, value in published[["city", "year", "value"]].to_numpy().tolist():
        own[int(city)] = np.log(value) - runs[int(city), :, int(year) - FIRST].mean()
    spread = found.discrepancy(LAST, given=False)
    assert spread is not None
    ahead = np.arange(1.0, AHEAD + 1) ** (GROWS / 2.0)
    path = runs[:, :, at + 1 :] + own[:, None, None]
    sd = np.broadcast_to(spread[0, 0] * ahead, (world.n_cities, AHEAD))
    values = np.exp(widened(path.swapaxes(1, 2), sd)).swapaxes(1, 2)
    ranks = (-values).argsort(axis=0, kind="stable").argsort(axis=0, kind="stable") + 1.0
    for c, name in enumerate(world.city_names):
        if name not in world.provinces:
            yield from rows_of(name, RD, INDICATORS[RD].unit, values[c])
        yield from rows_of(name, "rd_expenditure_rank", "rank", ranks[c])


def _within(world: World) -> Floats:
    """Return which city (C, P) lies in which province, as 0 and 1."""
    found: Floats = np.eye(world.n_provinces)[world.city_province]
    return found


# -- patterns --------------------------------------------------------------------------------------


def drawn(found: Skill) -> Floats:
    """Return forecasts (F, P, `DRAWS`, H + 1) of provinces, first those of the last known year."""
    values, spread = found.anchored(LAST, LAST)[:, :-1], found.discrepancy(LAST, given=False)
    assert spread is not None
    rng, shape = np.random.default_rng(SEED), values.shape
    share = (spread[0, -1] / spread[0, 0]) ** 2
    common = (share * shape[1] - 1.0) / (shape[1] - 1.0)
    z = np.sqrt(common) * rng.normal(size=(shape[0], 1, DRAWS))
    z = z + np.sqrt(1.0 - common) * rng.normal(size=(*shape[:2], DRAWS))
    growth = np.arange(1.0, AHEAD + 1) ** (GROWS / 2.0)
    of = values[:, :, np.arange(DRAWS) % shape[2]]
    later = of + (spread[:, :-1, None] * z)[..., None] * growth
    now = np.repeat(found.known[:, :-1, LAST - FIRST, None], DRAWS, axis=2)[..., None]
    whole: Floats = np.exp(np.concatenate([now, later], axis=3))
    return whole


@dataclass(frozen=True)
class Pattern:
    """What is expected of the years to 2025, and which of the draws (N,) have it."""

    said: str
    wrong: str
    has: Callable[[Floats], Any]


def _of(values: Floats, name: str) -> Floats:
    found: Floats = values[FAMILIES.index(name)]
    return found


def _rises(name: str, place: int | None = None) -> Callable[[Floats], Floats]:
    """Return the growth from 2020 to 2025 as a factor, (N,)."""

    def growth(values: Floats) -> Floats:
        of = _of(values, name)
        line = of.sum(axis=0) if place is None else of[place]
        found: Floats = line[:, -1] / line[:, 0]
        return found

    return growth


SH, JS, ZJ, AH = range(4)
PATTERNS: Final = (
    Pattern(
        "R&D keeps its order in every year: Jiangsu, Zhejiang, Shanghai, Anhui",
        "another order in a year of 2021-25",
        lambda v: (np.diff(_of(v, RD)[[JS, ZJ, SH, AH], :, 1:], axis=0) < 0.0).all(axis=(0, 2)),
    ),
    Pattern(
        "R&D of Anhui grows faster than that of Shanghai from 2020 to 2025",
        "it grows more slowly",
        lambda v: _rises(RD, AH)(v) > _rises(RD, SH)(v),
    ),
    Pattern(
        "R&D of the region grows by 60 to 95 per cent from 2020 to 2025",
        "less or more",
        lambda v: (_rises(RD)(v) > 1.6) & (_rises(RD)(v) < 1.95),
    ),
    Pattern(
        "R&D of the region grows faster than its R&D personnel",
        "it grows more slowly",
        lambda v: _rises(RD)(v) > _rises(PEOPLE)(v),
    ),
    Pattern(
        "basic research of the region grows more slowly than its R&D",
        "it grows faster",
        lambda v: _rises(BASIC)(v) < _rises(RD)(v),
    ),
    Pattern(
        "patents in force in the region more than double from 2020 to 2025",
        "they do not double",
        lambda v: _rises(FORCE)(v) > 2.0,
    ),
    Pattern(
        "patents granted in the region grow faster than applications",
        "they grow more slowly",
        lambda v: _rises(GRANTED)(v) > _rises(FILED)(v),
    ),
    Pattern(
        "Zhejiang is granted more invention patents than any other province in 2025",
        "another is granted more",
        lambda v: _of(v, GRANTED)[:, :, -1].argmax(axis=0) == ZJ,
    ),
    Pattern(
        "contracts sold by the region grow faster in value than R&D",
        "they grow more slowly",
        lambda v: _rises(SOLD)(v) > _rises(RD)(v),
    ),
    Pattern(
        "Jiangsu buys contracts of more value than Shanghai in every year",
        "Shanghai buys more in one",
        lambda v: (_of(v, BOUGHT)[JS, :, 1:] > _of(v, BOUGHT)[SH, :, 1:]).all(axis=1),
    ),
    Pattern(
        "R&D of provinces becomes more equal: their coefficient of variation falls",
        "it rises",
        lambda v: _variation(_of(v, RD)[:, :, -1]) < _variation(_of(v, RD)[:, :, 0]),
    ),
)


def _variation(values: Floats) -> Floats:
    found: Floats = values.std(axis=0) / values.mean(axis=0)
    return found


# -- file and page ---------------------------------------------------------------------------------


def table_of(found: Skill, results: Results) -> pd.DataFrame:
    """Return the file as a table."""
    world = as_known(load_world("yrd"), LAST)
    return pd.DataFrame([*provinces(found), *cities(found, results, world)])


def spreads_of(found: Skill) -> bytes:
    """Return the packaged file of spreads of errors, a line for each figure."""
    text = json.dumps(found.spreads, ensure_ascii=False, indent=1)
    flat = re.sub(r"\[\s+([^]]+?)\s+\]", lambda m: f"[{' '.join(m[1].split())}]", text)
    return f"{flat}\n".encode()


def crossing(found: Skill, results: Results) -> float:
    """Return the part of the runs in which the border share of contracts rises to 2025."""
    point, region = len(found.origins) - 1, found.places[-1]
    frame = results.cube(["contract_value_cross_province", SOLD], places=[region])
    of = frame[frame.index.isin([point], level="point")]
    share = (of["contract_value_cross_province"] / of[SOLD]).unstack("year")
    return float((share[LAST + AHEAD] > share[LAST]).mean())


def text_of(found: Skill, results: Results, table: pd.DataFrame, digest: str) -> str:
    """Return the page."""
    values = drawn(found)
    expected = [(one.said, float(one.has(values).mean()), one.wrong) for one in PATTERNS]
    rises = crossing(found, results)
    way, other = ("rises", "falls") if rises >= 0.5 else ("falls", "rises")
    borders = f"the part of contracts between provinces in the value that the region sells {way}"
    expected.append((f"{borders} from 2020 to 2025", max(rises, 1.0 - rises), f"it {other}"))
    patterns = [
        [str(at), said, f"{100 * part:.0f} %", wrong]
        for at, (said, part, wrong) in enumerate(expected, start=1)
    ]
    whole = table[table["region"] == found.places[-1]].set_index(["indicator", "year"])
    shown = [
        [
            name_in_words(name),
            INDICATORS[name].unit,
            *(
                fmt.interval(*whole.loc[(name, year), ["median", "p10", "p90"]], sign=False)
                for year in (2021, 2023, 2025)
            ),
        ]
        for name in FAMILIES
    ]
    return page(
        "# Forecast of 2021-25, made without looking",
        f"`docs/{FILE}` has what the model says of 2021 to 2025 with everything that was known at "
        "the end of 2020 and nothing later: official series end in 2020, policies that begin "
        "later are left out and those in force stay, rules of inputs are those that the figures "
        "to 2020 chose. No outcome of these years was looked up. Levels are anchored to the "
        "figures of 2020; intervals hold the spread of runs and of the errors that forecasts from "
        "2014 to 2019 made "
        "(`ydsim study skill`). Structure and parameters set by hand were chosen with figures to "
        "2020 in view.",
        f"Made by `python -m tools.forecast`: {found.facts.made_by}. SHA-256 of the file: "
        f"`{digest}`.",
        "Columns: region (a province, a city, or the region), year, indicator, unit, median and "
        "quantiles from 5 to 95 per cent. Names and units are those of the table `province_year`.",
        "## The region",
        fmt.markdown_table(["figure", "unit", "2021", "2023", "2025"], shown),
        "Median, and 80 per cent in brackets.",
        "## Twelve patterns",
        "Each is a statement that figures of these years can prove wrong, with the part of draws "
        "that have it; the last one with the part of runs.",
        fmt.markdown_table(["", "expected", "confidence", "wrong if"], patterns),
    )


def main() -> None:
    """Run what is missing and write file and page."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--out", type=Path, required=True, help="results folder of the runs")
    parser.add_argument("--replicates", type=int, default=REPLICATES)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--read", action="store_true", help="read runs that are finished")
    options = parser.parse_args()
    if not options.read:
        sweep = skill.design(origins=ORIGINS, ahead=AHEAD, replicates=options.replicates)
        with show_progress(quiet=False) as progress:
            run_sweep(sweep, options.out, options.jobs, progress=progress.report)
    results = open_results(options.out)
    found = skill.read(results)
    data = table_of(found, results).to_csv(index=False, lineterminator="\n").encode()
    (DOCS / FILE).write_bytes(data)
    table = pd.read_csv(DOCS / FILE)
    (DOCS / "skill.md").write_text(found.page, encoding="utf-8")
    text = text_of(found, results, table, hashlib.sha256(data).hexdigest())
    (DOCS / "forecast.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
