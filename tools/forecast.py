"""The blind forecast, `docs/forecast.csv` and `docs/forecast.md`, of what was known in 2020.

    python -m tools.forecast --out DIR [--replicates 20] [--scale .05] [--jobs 2] [--read] [--to D]

Runs `ydsim study skill` with origins from 2013 to 2020 in DIR, writes its page as `docs/skill.md`,
the errors that `ydsim.results.summary` reads, and what the study says of the five years after the
last one. Policies that begin after 2020 are left out, those in force stay, all inputs end in 2020.
`docs/forecast_conditional.csv` is the same with all policies of the scenario `history`, each from
its date on and nothing else that is later (runs in DIR-conditional). `docs/registration.md` is the
text with which a person can deposit both. ``--to`` puts all files there instead, to try the
command.

Values of provinces and of the region are those of the pool of the study, whose medians add up; R&D
of cities is the forecast of the province times the share of the city in the runs, set to the last
published figure where one of the last `KNOWN` years is there. Draws of patterns have errors of
families and provinces that are correlated as those of the pool.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from tools import DOCS, page
from tools.published import city_figures
from ydsim import fmt
from ydsim.design.sweep import Sweep
from ydsim.measures.forecasts import growing, widened
from ydsim.record.indicators import INDICATORS, name_in_words
from ydsim.results.results import Results, open_results
from ydsim.results.summary import discrepancy_file
from ydsim.run.progress import show_progress
from ydsim.studies import skill
from ydsim.studies.skill import FAMILIES, FIRST, POOL, Skill
from ydsim.studies.study import run_sweep, sweep_of_study
from ydsim.typing import Floats
from ydsim.world.loader import load_world
from ydsim.world.world import World, as_known

ORIGINS, AHEAD, LAST = range(2013, 2021), 5, 2020
REPLICATES, KNOWN = 20, 3
QUANTILES: Final = {
    "median": 0.5, "p05": 0.05, "p10": 0.1, "p25": 0.25, "p75": 0.75, "p90": 0.9, "p95": 0.95,
}  # fmt: skip
RD, PEOPLE, BASIC = "rd_expenditure", "rd_personnel_fte", "rd_basic_research"
FILED, GRANTED = "invention_patent_applications", "invention_patents_granted"
FORCE = "invention_patents_in_force"
SOLD = "tech_market_contract_value_output"
BOUGHT = "tech_market_contract_value_inflow"
DRAWS, SEED = 2000, 2020
FILE, CONDITIONAL = "forecast.csv", "forecast_conditional.csv"
DATED = "history"
"""Scenario whose policies after `LAST` the conditional forecast has."""


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
    (one,) = (each for each in found.forecasts if (each.name, each.origin) == (POOL, LAST))
    for f, name in enumerate(FAMILIES):
        for q, place in enumerate(found.places):
            values = np.exp(one.values[f, q])
            if not np.isnan(values).any():
                yield from rows_of(place, name, INDICATORS[name].unit, values)


def cities(found: Skill, results: Results, world: World) -> Iterator[dict[str, object]]:
    """Yield R&D of cities and their rank among them."""
    point = _point(results)
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
    pool = found.pool(LAST)
    more = pool.mean[0, :-1] - found.anchored(LAST, LAST)[0, :-1].mean(axis=1)  # of provinces
    later = runs[:, :, at + 1 :] + own[:, None, None] + more[world.city_province][:, None]
    values = np.exp(widened(later, pool.spread[0, 0]))
    ranks = (-values).argsort(axis=0, kind="stable").argsort(axis=0, kind="stable") + 1.0
    for c, name in enumerate(world.city_names):
        if name not in world.provinces:
            yield from rows_of(name, RD, INDICATORS[RD].unit, values[c])
        yield from rows_of(name, "rd_expenditure_rank", "rank", ranks[c])


def _point(results: Results) -> int:
    """Return the last point that knew nothing after `LAST`."""
    known = [results.scenario_at(at).get("known_in") for at in range(len(results.contents.points))]
    return max(at for at, year in enumerate(known) if year == LAST)


def _within(world: World) -> Floats:
    """Return which city (C, P) lies in which province, as 0 and 1."""
    return np.eye(world.n_provinces)[world.city_province]


# -- patterns --------------------------------------------------------------------------------------


def drawn(found: Skill) -> Floats:
    """Return forecasts (F, P, `DRAWS`, H + 1) of provinces, first those of the last known year."""
    pool = found.pool(LAST)
    mean, common = pool.mean[:, :-1], pool.correlation
    rng, shape = np.random.default_rng(SEED), mean.shape
    z = np.sqrt(common) * rng.normal(size=(shape[0], 1, DRAWS))
    z = z + np.sqrt(1.0 - common) * rng.normal(size=(*shape[:2], DRAWS))
    later = mean[:, :, None] + growing(pool.spread[:, :-1, None] * z, AHEAD)
    now = np.repeat(found.known[:, :-1, LAST - FIRST, None], DRAWS, axis=2)[..., None]
    return np.exp(np.concatenate([now, later], axis=3))


@dataclass(frozen=True)
class Pattern:
    """What is expected of the years to 2025, and which of the draws (N,) have it."""

    said: str
    wrong: str
    has: Callable[[Floats], Any]


def _of(values: Floats, name: str) -> Floats:
    return values[FAMILIES.index(name)]


def _rises(name: str, place: int | None = None) -> Callable[[Floats], Floats]:
    """Return the growth from 2020 to 2025 as a factor, (N,)."""

    def growth(values: Floats) -> Floats:
        of = _of(values, name)
        line = of.sum(axis=0) if place is None else of[place]
        return line[:, -1] / line[:, 0]

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
        "R&D of the region grows by less than 60 per cent from 2020 to 2025",
        "by 60 per cent or more",
        lambda v: _rises(RD)(v) < 1.6,
    ),
    Pattern(
        "R&D of the region grows faster than its R&D personnel",
        "it grows more slowly",
        lambda v: _rises(RD)(v) > _rises(PEOPLE)(v),
    ),
    Pattern(
        "basic research of the region grows faster than its R&D",
        "it grows more slowly",
        lambda v: _rises(BASIC)(v) > _rises(RD)(v),
    ),
    Pattern(
        "patents in force in the region do not double from 2020 to 2025",
        "they double",
        lambda v: _rises(FORCE)(v) < 2.0,
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
    return values.std(axis=0) / values.mean(axis=0)


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
    point, region = _point(results), found.places[-1]
    frame = results.cube(["contract_value_cross_province", SOLD], places=[region])
    of = frame[frame.index.isin([point], level="point")]
    share = (of["contract_value_cross_province"] / of[SOLD]).unstack("year")
    return float((share[LAST + AHEAD] > share[LAST]).mean())


def conditional(replicates: int, scale: float) -> Sweep:
    """Return the runs that know `LAST` and the policies of `DATED`, as a sweep of one point."""
    return sweep_of_study(
        DATED,
        None,
        name=f"{DATED}-forecast",
        description="Forecast with dated policies after the last known year.",
        design={"kind": "list", "points": [{"known_in": LAST, "end": LAST + AHEAD}]},
        replicates=replicates,
        settings={"scale": scale},
        record={"cities": 1},
    )


def with_runs(found: Skill, results: Results) -> Skill:
    """Return the study with runs of `conditional` in the place of those that know `LAST`."""
    provinces = found.places[:-1]
    runs = skill.logs_of(results.cube(list(FAMILIES), places=provinces), provinces)
    return replace(found, runs={**found.runs, LAST: runs})


def text_of(
    found: Skill, results: Results, tables: Mapping[str, pd.DataFrame], digests: Mapping[str, str]
) -> str:
    """Return the page."""
    values = drawn(found)
    expected = [(one.said, float(one.has(values).mean()), one.wrong) for one in PATTERNS]
    rises = crossing(found, results)
    way, other = ("rises", "falls") if rises >= 0.5 else ("falls", "rises")
    borders = f"the part of contracts between provinces in the value that the region sells {way}"
    expected.append((f"{borders} from 2020 to 2025", max(rises, 1.0 - rises), f"it {other}"))
    patterns = [
        [str(at), message, f"{100 * part:.0f} %", wrong]
        for at, (message, part, wrong) in enumerate(expected, start=1)
    ]
    whole = {
        file: table[table["region"] == found.places[-1]].set_index(["indicator", "year"])
        for file, table in tables.items()
    }
    columns = [(FILE, 2021), (FILE, 2023), (FILE, 2025), (CONDITIONAL, 2025)]
    shown = [
        [
            name_in_words(name),
            INDICATORS[name].unit,
            *(
                fmt.interval(*whole[file].loc[(name, year), ["median", "p10", "p90"]])
                for file, year in columns
            ),
        ]
        for name in FAMILIES
    ]
    return page(
        "# Forecast of 2021-25, made without looking",
        f"`docs/{FILE}` has what the pool of model, damped trends and shares kept (`ydsim study "
        "skill`, [skill.md](skill.md)) says of 2021 to 2025 with everything that was known at "
        "the end of 2020 and nothing later: official series end in 2020, policies that begin "
        "later are left out and those in force stay, rules of inputs are those that the figures "
        "to 2020 chose. No outcome of these years was looked up. Levels are anchored to the "
        "figures of 2020; medians of provinces add up to those of the region; intervals are as "
        "wide as the errors of the pool from 2013 to 2019, by family of figures. Structure and "
        "parameters set by hand were chosen with figures to 2020 in view.",
        f"`docs/{CONDITIONAL}` differs in one thing: it has the policies that the scenario "
        f"`{DATED}` dates after 2020, and is what the model says where these are known.",
        f"Made by `python -m tools.forecast`: {found.facts.made_by}. SHA-256 of the files: "
        + ", ".join(f"`docs/{file}` `{digest}`" for file, digest in digests.items())
        + ".",
        "Columns: region (a province, a city, or the region), year, indicator, unit, median and "
        "quantiles from 5 to 95 per cent. Names and units are those of the table `province_year`.",
        "## The region",
        fmt.markdown_table(
            ["figure", "unit", "2021", "2023", "2025", "2025, dated policies"], shown
        ),
        "Median, and 80 per cent in brackets.",
        "## Twelve patterns",
        "Each is a statement that figures of these years can prove wrong, with the part of draws "
        "that have it; the last one with the part of runs.",
        fmt.markdown_table(["", "expected", "confidence", "wrong if"], patterns),
    )


def registration(found: Skill, digests: Mapping[str, str]) -> str:
    """Return the text ``docs/registration.md``, ready for a person to deposit."""
    own = found.pools[found.pools["forecaster"] == skill.POOL]
    past = own[own["by"].str.isdigit()]
    crps = ", ".join(
        f"{by} {fmt.fixed(value, 1)}" for by, value in past[["by", "crps"]].to_numpy().tolist()
    )
    every = ", ".join(name_in_words(name) for name in FAMILIES)
    scored = fmt.listed(name_in_words(name) for name in skill.SCORED)
    return page(
        "# Registration of a forecast",
        "For a person to deposit, with name and date, where a registry gives it a time stamp. "
        "Nothing here was chosen with a figure of a year after 2020 in view.",
        "## What is forecast",
        f"Yearly official figures of Shanghai, Jiangsu, Zhejiang, Anhui and their sum in 2021 to "
        f"{LAST + AHEAD}: {every}; R&D of cities and its rank; and the statements of "
        "[forecast.md](forecast.md), each with a probability. The files, by SHA-256:",
        "\n".join(f"- `docs/{file}` `{digest}`" for file, digest in digests.items()),
        "## How it was made",
        f"{found.facts.made_by}. The pool of simulated growth, damped trends and shares kept, with "
        "weights and widths from the errors of forecasts from 2013 to 2019 (`ydsim study skill`); "
        "the same scenario and seed give the same bytes. The main forecast is "
        f"`docs/{FILE}`; the other one has policies that were decided after 2020 and is judged "
        "beside it.",
        "## How it is judged",
        "When the statistics bureau has published a year, in its first printed value:",
        "\n".join(
            f"- {rule}"
            for rule in (
                "The score is the CRPS of the logarithm of a figure, the mean over provinces and "
                f"the families {scored}; smaller is better. It is compared with that of damped "
                "trends and of shares kept on the figures of which all have a forecast, by Diebold "
                "and Mariano with clusters of years. The forecast has failed where either of the "
                "two is better at the end.",
                "Of all figures of a family 60 to 95 per cent lie between its quantiles of 10 and "
                "90 per cent.",
                "Each statement counts by the squared distance of its probability from what came "
                "(Brier); half for all of them scores .25 and is the comparison.",
                "A figure that is not published, or by another definition, does not count. No "
                "figure is added later.",
            )
        ),
        f"For scale, CRPS of the pool at past origins, log points times 100: {crps}.",
    )


def main() -> None:
    """Run what is missing and write file and page."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--out", type=Path, required=True, help="results folder of the runs")
    parser.add_argument("--replicates", type=int, default=REPLICATES)
    parser.add_argument("--scale", type=float, default=skill.SCALE)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--read", action="store_true", help="read runs that are finished")
    parser.add_argument("--to", type=Path, help="folder of all files, by default where they belong")
    options = parser.parse_args()
    made = {
        options.out: skill.design(
            overrides={"scale": options.scale},
            origins=ORIGINS,
            ahead=AHEAD,
            replicates=options.replicates,
        ),
        Path(f"{options.out}-conditional"): conditional(options.replicates, options.scale),
    }
    for folder, sweep in made.items():
        if not options.read:
            with show_progress(quiet=False) as progress:
                run_sweep(sweep, folder, options.jobs, progress=progress.report)
    results, dated = map(open_results, made)
    found = skill.read(results)
    tables = {FILE: table_of(found, results), CONDITIONAL: table_of(with_runs(found, dated), dated)}
    files = {
        name: table.to_csv(index=False, lineterminator="\n").encode()
        for name, table in tables.items()
    }
    digests = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    files["skill.md"] = found.page.encode()
    files["forecast.md"] = text_of(found, results, tables, digests).encode()
    files["registration.md"] = registration(found, digests).encode()
    for name, data in files.items():
        ((options.to or DOCS) / name).write_bytes(data)
    packaged = Path(str(discrepancy_file()))
    (options.to / packaged.name if options.to else packaged).write_bytes(spreads_of(found))
    print("\n".join(f"{digest}  {name}" for name, digest in digests.items()))


if __name__ == "__main__":
    main()
