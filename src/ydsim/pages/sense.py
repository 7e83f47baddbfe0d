"""The sense table, which asks whether a run of the defaults looks like the region at all.

    python -m ydsim.pages.sense > docs/sense.md

Runs ``baseline`` with its own seed and five replicates, and each replicate once more with a lower
border, and prints what it finds beside what is asked. A miss stays in the table as a miss.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping
from itertools import pairwise

import numpy as np

from ydsim.analysis.rows import Row, yearly
from ydsim.measures.diffusion import fit_bass, half_time
from ydsim.model import Model
from ydsim.pages.sense_chain import chain_rows
from ydsim.pages.sense_cities import city_rows
from ydsim.pages.sense_growth import growth_rows
from ydsim.scenario.load import load_scenario
from ydsim.typing import Floats
from ydsim.wording import markdown_table

SCENARIO = "baseline"
RD_YEARS = (2015, 2020)
LOWER_BORDER = {"policies.border_friction.level": 0.35, "policies.border_friction.start": 2012}
LONG_ENOUGH, ENOUGH = 24, 30
RD_FACTOR, OUTPUT_GAP = 1.3, 0.05


def at_end_of(model: Model, name: str, year: int) -> float:
    """Return a recorded stock at the end of a year."""
    return float(model.recorder.series(name)[4 * (year - model.settings.start) + 3])


def sense(replicates: int, changes: Mapping[str, object] | None = None) -> list[Row]:
    """Run everything, with ``changes`` of the scenario, and return the table."""
    scenario = load_scenario(SCENARIO, changes)
    lower = load_scenario(SCENARIO, {**(changes or {}), **LOWER_BORDER})
    models = [Model(scenario, replicate=r).run() for r in range(replicates)]
    lowered = [Model(lower, replicate=r).run() for r in range(replicates)]
    return [
        *_research(models),
        *_output(models),
        _border(models, lowered),
        *_stability(models),
        *_diffusion(models),
        *chain_rows(models),
        *growth_rows(models),
        *city_rows(models),
    ]


def _research(models: list[Model]) -> Iterator[Row]:
    world, start = models[0].world, models[0].settings.start
    simulated = np.mean([yearly(m, "rd_expenditure", "province") for m in models], axis=0)
    for year in RD_YEARS:
        official = world.series["rd_expenditure"].at(year)[:-1]
        for p, name in enumerate(world.provinces):
            ratio = float(simulated[year - start, p] / official[p])
            yield Row(
                f"R&D of {name} in {year}, simulated over official",
                f"{ratio:.3f}",
                f"within a factor {RD_FACTOR}",
                1.0 / RD_FACTOR <= ratio <= RD_FACTOR,
            )


def _output(models: list[Model]) -> Iterator[Row]:
    world, years = models[0].world, range(2011, 2021)
    simulated = np.mean([yearly(m, "value_added_secondary", "province") for m in models], axis=0)
    start = models[0].settings.start
    secondary = models[0].state.inputs.secondary[:-1].reshape(world.n_provinces, -1, 4).sum(axis=2)
    gaps = np.array([simulated[y - start] / secondary[:, y - start] - 1.0 for y in years])
    for p, name in enumerate(world.provinces):
        worst = int(np.abs(gaps[:, p]).argmax())
        yield Row(
            f"secondary value added of {name} 2011-20, largest gap ({years[worst]})",
            f"{gaps[worst, p]:+.2%}",
            f"within {OUTPUT_GAP:.0%}",
            bool(np.abs(gaps[:, p]).max() <= OUTPUT_GAP),
        )


def _border(models: list[Model], lowered: list[Model]) -> Row:
    ratio = [
        float(yearly(b, "value_added_secondary")[-1] / yearly(a, "value_added_secondary")[-1])
        for a, b in zip(models, lowered, strict=True)
    ]
    return Row(
        "region output of the last year, border level .35 instead of .5 from 2012 on, by replicate",
        ", ".join(f"{r - 1.0:+.2%}" for r in ratio),
        "higher in each replicate",
        min(ratio) > 1.0,
    )


def _stability(models: list[Model]) -> Iterator[Row]:
    def mean(name: str, year: int) -> float:
        return float(np.mean([at_end_of(m, name, year) for m in models]))

    intensity = float(
        np.mean([100 * yearly(m, "rd_expenditure")[-1] / yearly(m, "gdp_alt")[-1] for m in models])
    )
    yield Row("R&D over GDP in 2030", f"{intensity:.2f} %", ".5-8 %", 0.5 <= intensity <= 8.0)
    live = mean("generations_live", 2030) / mean("generations_live", 2020)
    yield Row("living generations, 2030 over 2020", f"{live:.2f}", "1/3 to 3", 1 / 3 <= live <= 3)
    concentration = mean("herfindahl", 2030) / mean("herfindahl", 2011)
    yield Row(
        "Herfindahl index, 2030 over 2011",
        f"{concentration:.2f}",
        ".5 to 2",
        0.5 <= concentration <= 2.0,
    )
    spread = np.array([m.recorder.series("productivity_log_sd") for m in models])
    yield Row(
        "standard deviation of log productivity, lowest and highest of all quarters",
        f"{spread.min():.3f}, {spread.max():.3f}",
        ".3-.8",
        bool(spread.min() >= 0.3 and spread.max() <= 0.8),
    )


def _diffusion(models: list[Model]) -> Iterator[Row]:
    fits: list[float] = []
    halves: list[float] = []
    for model in models:
        for time, adopters in observed_curves(model):
            fits.append(fit_bass(time, adopters).r2)
            halves.append(half_time(time, adopters))
    good = float(np.mean(np.array(fits) > 0.95))
    yield Row(
        f"generations whose curve a Bass curve fits with R2 above .95 (of {len(fits)} observed "
        f"for {LONG_ENOUGH} quarters or more with {ENOUGH} or more adopting firms of the sample)",
        f"{good:.1%}",
        "at least 80 %",
        good >= 0.8,
    )
    low, middle, high = np.quantile(halves, [0.25, 0.5, 0.75])
    yield Row(
        f"half-times of these generations (median {middle:.2f} years), interquartile range over "
        "median",
        f"{(high - low) / middle:.3f}",
        "above .3",
        bool((high - low) / middle > 0.3),
    )


def observed_curves(model: Model) -> Iterator[tuple[Floats, Floats]]:
    """Yield years since founding and adopters at scale 1 of the generations observed well.

    These are the generations founded in recorded quarters, observed for `LONG_ENOUGH` quarters or
    more, with `ENOUGH` or more firms of the sample among their adopters.
    """
    curves = model.recorder.tables()["adoption_curves"]
    generation = curves["generation"].astype(np.int64)
    adopters = curves["adopters"].astype(np.float64)
    edges = np.flatnonzero(np.diff(generation, prepend=-1, append=-1))
    for first, last in pairwise(edges):
        one = adopters[first:last]
        founded = model.state.generations.founded[generation[first]]
        enough = one.max() * model.settings.scale >= ENOUGH
        if founded >= 0 and len(one) >= LONG_ENOUGH and enough:
            yield np.arange(1, len(one) + 1) / 4.0, one


def as_markdown(rows: list[Row], replicates: int) -> str:
    """Return the table as the page ``docs/sense.md``."""
    scenario = load_scenario(SCENARIO)
    lines = [
        "# Sense table",
        "",
        f"`{SCENARIO}` with its defaults (scale {scenario.scale:g}, seed {scenario.seed}), mean of "
        f"{replicates} replicates. Made by",
        "",
        "    python -m ydsim.pages.sense > docs/sense.md",
        "",
        "Secondary value added of provinces and cities to 2020 is fitted",
        "(`python -m tools.fit_defaults base_run`), and value and number of all contracts are",
        "(`python -m tools.fit_defaults contracts`). R&D of provinces in 2011 is set to the",
        "official figure, grants of 2011-13 are an initialisation. Official R&D personnel of",
        "provinces feed the supply of researchers, so they are not tested here. Basic research is",
        "a fixed part of government R&D, an input: its rows test that part. R&D of cities rests on",
        "a prior: the rows of single cities at the end test it, and no bound is asked of them.",
        "Three of the cities (Hangzhou, Ningbo, Bengbu) were in view when that prior was set. With",
        "five replicates the runs are those of the fit: others are as near as single runs. By hand",
        "were set, with these figures in view: numbers of firms by province, intensity of R&D, how",
        "ideas rise with effort, applications per invention, ideas of universities and institutes,",
        "registration of contracts by province, level of the border and decay of travel in",
        "the search for partners, the reserve, the hazard and basis of certificates, relocation:",
        "rows on them show that the rules can meet these figures at once, not that they predict",
        "them.",
        "",
        "Rows on growth in 2021-23 look nothing up: they ask whether a series goes on as it went.",
        "Where one does not: R&D of firms follows researchers, sales and numbers of firms, of",
        "which the first and the last go on with damped growth (`docs/inputs.md`); basic research",
        "is a part of public money, whose budgets are known to 2023; patents in force are a stock",
        "that ages; value bought grows as value sold does; recognitions grew by a quarter a year",
        "while the measures of 2016 took hold and firms doubled in number, and neither goes on.",
        "",
        "A half-time is the time to half of those who have adopted by the end.",
        "",
        *markdown_table(
            ["what", "found", "asked", "holds"],
            [[r.what, r.found, r.asked, "yes" if r.holds else "**no**"] for r in rows],
        ),
    ]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Print the page; exit with 1 when a row does not hold."""
    parser = argparse.ArgumentParser(description="Print the sense table.")
    parser.add_argument("--replicates", type=int, default=5)
    options = parser.parse_args()
    rows = sense(options.replicates)
    sys.stdout.write(as_markdown(rows, options.replicates))
    sys.exit(0 if all(row.holds for row in rows) else 1)


if __name__ == "__main__":
    main()
