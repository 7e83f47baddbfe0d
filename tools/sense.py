"""The sense table, which asks whether a run of the defaults looks like the region at all.

    python -m tools.sense > docs/sense.md

Runs ``baseline`` with its own seed and five replicates, and each replicate once more with a lower
border, and prints what it finds beside what is asked. A miss stays in the table as a miss. What was
set by hand against one of these figures is no independent test of it; the page says so. R&D
personnel have no row but by city: their official numbers by province are an input.

Rows on growth look at the years after the data: the growth a year in the first three years after
2020 is to lie within the range of the four growth rates before. Nothing of these years is looked
up: the row asks whether a series goes on as it went. Patterns of who works together and who sells
are targets of ``ydsim study validation``, and have no row here.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from tools import page
from tools.published import city_figures, contract_figure
from ydsim.agents.ledger import Flow
from ydsim.fmt import markdown_table
from ydsim.measures.diffusion import fit_bass, half_time
from ydsim.model import Model
from ydsim.record.measures import YRD
from ydsim.scenario.load import load_scenario
from ydsim.studies.estimators import fit_poisson
from ydsim.studies.validation import APPLICATIONS, counted_applications
from ydsim.typing import Floats
from ydsim.world.inputs import PARTS
from ydsim.world.loader import load_observations
from ydsim.world.priors import city_parts
from ydsim.world.world import World

SCENARIO = "baseline"
LOWER_BORDER = {"policies.border_friction.passes": "x2", "policies.border_friction.start": 2012}
YEARS, UNTIL = (2015, 2020), 2020
LONG_ENOUGH, ENOUGH = 24, 30
RD_FACTOR, FACTOR, OUTPUT_GAP = 1.3, 1.5, 0.05

RD = "rd_expenditure"
MADE = "value_added_secondary"
VALUE = "tech_market_contract_value_output"
BOUGHT = "tech_market_contract_value_inflow"
CERTIFIED = "hitech_enterprises_valid_stock_derived"
RECOGNISED = "hitech_enterprises_recognised_in_year"
NEW_PRODUCTS = "hitech_industry_new_product_sales"
CONTRACT_YEARS, NEW_PRODUCT_YEARS = (2012, 2020), (2016, 2020)
RECOGNITION_YEARS = (2018, 2019, 2020)
TRANSFER_YEAR = 2018

SERIES = {
    RD: "R&D",
    "rd_funds_enterprise": "R&D funded by firms",
    "rd_basic_research": "basic research",
    "sci_papers": "papers",
    "invention_patent_applications": "patent applications",
    "invention_patents_granted": "patents granted",
    "invention_patents_in_force": "patents in force",
    NEW_PRODUCTS: "new products of high technology",
    VALUE: "contract value sold",
    BOUGHT: "contract value bought",
    "tech_market_contracts_output": "contracts sold",
    "tech_market_contracts_inflow": "contracts bought",
    RECOGNISED: "recognised firms",
}
"""Series of which the growth after the data is looked at."""
RATES, AHEAD = 4, 3

FITTED = {2011: 0.05, 2020: 0.10}
"""Largest log RMSE of value added by city, by year."""
TESTED = {
    RD: "R&D",
    "rd_personnel_fte": "R&D personnel",
    APPLICATIONS: "applications for invention patents",
    "invention_patents_granted": "invention patents granted",
}
"""Figures of single cities; the tests by them have no bound: what is found is printed."""
COUNTED_YEARS, WORST = (2012, 2016), 3
LEAST = 3
"""Fewest cities of which a correlation says anything."""


VERDICT = {True: "yes", False: "**no**", None: "anchored"}


@dataclass(frozen=True)
class Row:
    """One line: what was looked at, what was found, what was asked, and whether it holds.

    ``holds`` is None where the level is anchored to the figure, which is no test.
    """

    what: str
    found: str
    asked: str
    holds: bool | None


def yearly(model: Model, name: str, level: str = "region") -> Floats:
    """Return sums by year of a recorded flow, shape (Y,) or (Y, places)."""
    series = model.recorder.series(name, level)
    return series.reshape(-1, 4, *series.shape[1:]).sum(axis=1)


class Runs:
    """Finished replicates of one scenario, their world and first year, and means over them."""

    def __init__(self, models: Sequence[Model]) -> None:
        self.models, self.world = models, models[0].world
        self.start = models[0].settings.start

    def mean(self, name: str, level: str = "province") -> Floats:
        """Return the mean of a yearly flow, (Y, places), or (Y,) of the region."""
        return np.mean([yearly(m, name, level) for m in self.models], axis=0)

    def stock(self, name: str, year: int) -> float:
        """Return the mean of a recorded stock at the end of a year."""
        at = 4 * (year - self.start) + 3
        return float(np.mean([float(m.recorder.series(name)[at]) for m in self.models]))

    def official(self, name: str, year: int) -> Floats:
        """Return the official figures of the provinces."""
        return self.world.series[name].at(year)[:-1]


def sense(replicates: int) -> list[Row]:
    """Run everything, and return the table."""
    scenario, lower = load_scenario(SCENARIO), load_scenario(SCENARIO, LOWER_BORDER)
    runs = Runs([Model(scenario, replicate=r).run() for r in range(replicates)])
    lowered = [Model(lower, replicate=r).run() for r in range(replicates)]
    return [
        *_levels(runs, "R&D", RD, factor=RD_FACTOR),
        *_output(runs),
        _border(runs.models, lowered),
        *_stability(runs),
        *_diffusion(runs.models),
        *_levels(runs, "basic research", "rd_basic_research"),
        *_levels(runs, "patent applications", "invention_patent_applications"),
        *_levels(runs, "patents granted", "invention_patents_granted"),
        _transferred(runs),
        *_levels(runs, "new products of high technology", NEW_PRODUCTS, NEW_PRODUCT_YEARS),
        *_contracts(runs),
        *_certified(runs),
        _science(runs),
        *_gravity(runs),
        *growth_rows(runs),
        *_cities(runs),
    ]


def _factor(what: str, name: str, year: int, ratio: float, factor: float) -> Row:
    found, asked = f"{ratio:.3f}", f"within a factor {factor:g}"
    holds = None if anchored(name, year) else 1 / factor <= ratio <= factor
    return Row(f"{what} in {year}, simulated over official", found, asked, holds)


def anchored(name: str, year: int) -> bool:
    """Return whether the level of a year is set to the official figure; R&D is in several."""
    return name == RD or (name in PARTS and year == UNTIL)


def _share(what: str, ratio: float, gap: float) -> Row:
    found, holds = f"{ratio:.3f}", abs(float(ratio) - 1.0) <= gap
    return Row(f"{what}, simulated over official", found, f"within {gap:.0%}", holds)


def _range(what: str, value: float, low: float, high: float, asked: str) -> Row:
    return Row(what, f"{value:.3f}", asked, low <= value <= high)


def _levels(
    runs: Runs, what: str, name: str, years: Sequence[int] = YEARS, factor: float = FACTOR
) -> Iterator[Row]:
    simulated = runs.mean(name)
    for year in years:
        ratio = simulated[year - runs.start] / runs.official(name, year)
        for province, of in zip(runs.world.provinces, ratio.tolist(), strict=True):
            yield _factor(f"{what} of {province}", name, year, of, factor)


def _output(runs: Runs) -> Iterator[Row]:
    world, years = runs.world, range(2011, 2021)
    simulated, inputs = runs.mean(MADE), runs.models[0].state.inputs
    secondary = inputs.secondary[:-1].reshape(world.n_provinces, -1, 4).sum(axis=2)
    gaps = np.array([simulated[y - runs.start] / secondary[:, y - runs.start] - 1.0 for y in years])
    for p, name in enumerate(world.provinces):
        worst = int(np.abs(gaps[:, p]).argmax())
        yield Row(
            f"secondary value added of {name} 2011-20, largest gap ({years[worst]})",
            f"{gaps[worst, p]:+.2%}",
            f"within {OUTPUT_GAP:.0%}",
            bool(np.abs(gaps[:, p]).max() <= OUTPUT_GAP),
        )


def _border(models: Sequence[Model], lowered: Sequence[Model]) -> Row:
    last = [[float(yearly(m, MADE)[-1]) for m in of] for of in (models, lowered)]
    ratio = [b / a for a, b in zip(*last, strict=True)]
    return Row(
        "region output of the last year, odds at borders doubled from 2012 on, by replicate",
        ", ".join(f"{r - 1.0:+.2%}" for r in ratio),
        "higher in each replicate",
        min(ratio) > 1.0,
    )


def _stability(runs: Runs) -> Iterator[Row]:
    each = [100 * yearly(m, RD)[-1] / yearly(m, "gdp_alt")[-1] for m in runs.models]
    rate = float(np.mean(each))
    yield Row("R&D over GDP in 2030", f"{rate:.2f} %", ".5-8 %", 0.5 <= rate <= 8.0)
    live = runs.stock("generations_live", 2030) / runs.stock("generations_live", 2020)
    yield Row("living generations, 2030 over 2020", f"{live:.2f}", "1/3 to 3", 1 / 3 <= live <= 3)
    few = runs.stock("herfindahl", 2030) / runs.stock("herfindahl", 2011)
    yield Row("Herfindahl index, 2030 over 2011", f"{few:.2f}", ".5 to 2", 0.5 <= few <= 2.0)
    spread = np.array([m.recorder.series("productivity_log_sd") for m in runs.models])
    yield Row(
        "standard deviation of log productivity, lowest and highest of all quarters",
        f"{spread.min():.3f}, {spread.max():.3f}",
        ".3-.8",
        bool(spread.min() >= 0.3 and spread.max() <= 0.8),
    )


# -- diffusion -------------------------------------------------------------------------------------


def _diffusion(models: Sequence[Model]) -> Iterator[Row]:
    curves = [curve for model in models for curve in curves_of(model)]
    good = float(np.mean(np.array([fit_bass(*curve).r2 for curve in curves]) > 0.95))
    yield Row(
        f"generations whose curve a Bass curve fits with R2 above .95 (of {len(curves)} observed "
        f"for {LONG_ENOUGH} quarters or more with {ENOUGH} or more adopting firms of the sample)",
        f"{good:.1%}",
        "at least 80 %",
        good >= 0.8,
    )
    low, middle, high = np.quantile([half_time(*curve) for curve in curves], [0.25, 0.5, 0.75])
    yield Row(
        f"half-times of these generations (median {middle:.2f} years), interquartile range over "
        "median",
        f"{(high - low) / middle:.3f}",
        "above .3",
        bool((high - low) / middle > 0.3),
    )


def curves_of(model: Model) -> Iterator[tuple[Floats, Floats]]:
    """Yield `observed_curves` of a run, adopted by `ENOUGH` or more firms of the sample."""
    tables = model.recorder.tables()
    curves, generations = (pd.DataFrame(tables[n]) for n in ("adoption_curves", "generations"))
    settings = model.settings
    return observed_curves(curves, generations, settings.start, ENOUGH / settings.scale)


def observed_curves(
    curves: pd.DataFrame, generations: pd.DataFrame, start: int, least: float
) -> Iterator[tuple[Floats, Floats]]:
    """Yield years since founding and adopters at scale 1 of the generations observed well.

    These are the generations founded in recorded quarters, the first of the year ``start``,
    observed for `LONG_ENOUGH` quarters or more, with ``least`` or more adopters.
    """
    founded = generations["generation"][generations["founded_year"] >= start]
    known = curves[curves["generation"].isin(founded)]
    for _, one in known.groupby("generation")["adopters"]:
        if len(one) >= LONG_ENOUGH and one.max() >= least:
            yield np.arange(1, len(one) + 1) / 4.0, one.to_numpy(np.float64)


# -- the chain -------------------------------------------------------------------------------------


def _transferred(runs: Runs) -> Row:
    """Return granted patents handed over beside those of the region, which count far more."""
    drawn, expected = (
        float(runs.mean(name).sum(axis=1)[TRANSFER_YEAR - runs.start])
        for name in ("patents_transferred", "patents_transferred_expected")
    )
    observations = load_observations(YRD, until=TRANSFER_YEAR)
    published = next(o.value for o in observations if o.name == "patents_transferred")
    return Row(
        f"granted patents handed over with projects in {TRANSFER_YEAR} (published, all patents "
        f"and all reasons: {published:,.0f})",
        f"{drawn:,.0f}, expected {expected:,.0f}",
        "printed (other meaning)",
        True,
    )


def _contracts(runs: Runs) -> Iterator[Row]:
    start, total = runs.start, runs.mean("contract_value_true").sum(axis=1)
    first, last = CONTRACT_YEARS
    growth = float(np.log(total[last - start] / total[first - start]))
    known = [float(runs.official(VALUE, y).sum()) for y in (first, last)]
    asked = float(np.log(known[1] / known[0]))
    yield Row(
        f"log growth of all contracts by value {first}-{last}, of registered ones {asked:.3f}",
        f"{growth:.3f}",
        "within 25 %",
        abs(growth / asked - 1.0) <= 0.25,
    )
    yield _buyers(runs)


def _buyers(runs: Runs) -> Row:
    """Return the part of firms in what is bought, mean to `UNTIL`."""
    paid = np.zeros(2)
    for model in runs.models:
        last = 4 * (UNTIL - runs.start + 1)
        for entry in model.state.ledger.entries:
            contract = entry.flow in (Flow.CONTRACTS, Flow.CONTRACT_MARKET)
            if contract and entry.quarter < last and entry.payer != "outside":
                paid += float(entry.amount.sum()) * np.array([entry.payer == "firms", 1.0])
    official = contract_figure("buyer", "firms", "value_share", 2013) / 100.0
    what = f"part of firms in contract value bought to {UNTIL} (China {official:.2f} in 2013)"
    return _range(what, float(paid[0] / paid[1]), 0.7, 1.0, "at least .70")


def _certified(runs: Runs) -> Iterator[Row]:
    at = 4 * (UNTIL - runs.start) + 3
    stock = np.mean([m.recorder.series(CERTIFIED, "province")[at] for m in runs.models], axis=0)
    official = runs.official(CERTIFIED, UNTIL)
    ratios = dict(zip(runs.world.provinces, stock / official, strict=True))
    ratios["the region"] = stock.sum() / official.sum()
    for place, ratio in ratios.items():
        yield _factor(f"certified firms of {place}", CERTIFIED, UNTIL, ratio, 1.15)
    recognised = runs.mean(RECOGNISED).sum(axis=1)
    for year in RECOGNITION_YEARS:
        ratio = recognised[year - runs.start] / runs.official(RECOGNISED, year).sum()
        yield _share(f"firms of the region recognised in {year}, renewals included", ratio, 0.2)


def _science(runs: Runs) -> Row:
    dead = launched = 0.0
    for model in runs.models:
        funnel = model.recorder.tables()["funnel"]
        alone = (funnel["lead"] == "university") & (funnel["partnership"] == "alone")
        for end in ("failed", "died_waiting", "shelved", "owner_left"):
            dead += float(funnel[end][alone].sum())
        launched += float(funnel["completed"][alone & (funnel["stage"] == "launch")].sum())
    what = (
        "university-led projects that ended without partner or new owner: share dead before launch"
    )
    return _range(what, dead / (dead + launched), 0.7, 1.0, "at least .70")


def _gravity(runs: Runs) -> Iterator[Row]:
    for channel, what in (("contract", "contracts"), ("co-invention", "co-inventions")):
        coefficient, error = tie_gravity(runs, channel)
        for k, name in ((2, "an hour of travel"), (3, "a province border")):
            b, se = float(coefficient[k]), float(error[k])
            yield Row(
                f"{what} between cities to {UNTIL} by Poisson regression on masses, travel time "
                f"and border: effect of {name}",
                f"{b:.2f} (standard error {se:.2f})",
                "below 0 by two standard errors",
                b + 2.0 * se < 0.0,
            )


def tie_gravity(runs: Runs, channel: str) -> tuple[Floats, Floats]:
    """Return `fit_gravity` of realised links between cities of the region, summed over replicates.

    Regressors: log researchers of both cities, hours of travel (mean of the years), border.
    """
    world, model = runs.world, runs.models[0]
    flow = pd.DataFrame(0.0, world.city_names, world.city_names)
    for one in runs.models:
        ties = pd.DataFrame(one.recorder.tables()["ties"])
        ties = ties[(ties["channel"] == channel) & (ties["year"] <= UNTIL)]
        total = ties.groupby(["from_city", "to_city"])["realised"].sum().unstack(fill_value=0)
        flow += total.reindex(index=flow.index, columns=flow.columns, fill_value=0.0)
    links = (flow + flow.T).to_numpy(np.float64) * model.settings.scale
    stock = model.recorder.series("researchers_stock", "city").mean(axis=0)
    mass = np.log(np.maximum(stock, 1.0))
    a, b = np.triu_indices(world.n_cities, 1)
    years = range(runs.start, UNTIL + 1)
    hours = np.mean([model.baselines.at(y).travel_hours[a, b] for y in years], axis=0)
    border = (world.city_province[a] != world.city_province[b]).astype(np.float64)
    columns = np.stack([mass[a], mass[b], hours, border], axis=1)
    return fit_gravity(links[a, b], columns)


def fit_gravity(flow: Floats, columns: Floats) -> tuple[Floats, Floats]:
    """Return coefficients (p,) of a Poisson fit of flows (n,) by columns (n, p), and their errors.

        V = n / (n - k) A^-1 (sum_n (y_n - mu_n)^2 x_n x_n') A^-1,   A = X' diag(mu) X

    Robust errors (Santos Silva and Tenreyro 2006, doi 10.1162/rest.88.4.641) take pairs as
    independent, which those that share a place need not be. Both are NaN of a column that the
    constant and those before it determine.
    """
    names = [f"column {k}" for k in range(columns.shape[1])]
    b = fit_poisson(pd.DataFrame(columns, columns=names).assign(flow=flow), "flow", names)
    own = b.notna().to_numpy()
    x = np.column_stack([np.ones(len(flow)), columns[:, own]])
    mu = np.exp(x[:, 1:] @ b[own].to_numpy())
    mu *= flow.sum() / mu.sum()
    influence = (x * (flow - mu)[:, None]) @ np.linalg.inv((x * mu[:, None]).T @ x)
    error: Floats = np.full(len(b), np.nan)
    error[own] = np.sqrt((influence**2).sum(axis=0) * len(x) / (len(x) - x.shape[1]))[1:]
    coefficient = np.asarray(b, dtype=np.float64)
    return coefficient, error


# -- growth after the data -------------------------------------------------------------------------


def growth_rows(runs: Runs) -> Iterator[Row]:
    """Yield a row for each series; nothing where fewer than two official rates are known."""
    at = UNTIL - runs.start
    for name, words in SERIES.items():
        known = official_rates(runs.world, name)
        if len(known) < 2:
            continue
        paths = np.log([yearly(m, name)[at : at + AHEAD + 1] for m in runs.models])
        each = 100.0 * (paths[:, -1] - paths[:, 0]) / AHEAD
        found, low, high = float(each.mean()), min(known), max(known)
        yield Row(
            f"growth of {words} of the region a year, {UNTIL + 1}-{(UNTIL + AHEAD) % 100}",
            f"{found:.1f} % (replicates {each.min():.1f} to {each.max():.1f})",
            f"{low:.1f} to {high:.1f} % as in {UNTIL - len(known) + 1}-{UNTIL % 100}",
            low <= found <= high,
        )


def official_rates(world: World, name: str) -> list[float]:
    """Return the official growth rates of the region in the last four years, log per cent."""
    series, rates = world.series[name], []
    for year in range(UNTIL - RATES + 1, UNTIL + 1):
        if year - 1 >= int(series.years[0]) and year <= int(series.years[-1]):
            before, now = (float(series.at(y)[:-1].sum()) for y in (year - 1, year))
            if before > 0.0 and now > 0.0:
                rates.append(100.0 * float(np.log(now / before)))
    return rates


# -- cities ----------------------------------------------------------------------------------------


def _cities(runs: Runs) -> Iterator[Row]:
    """Yield log RMSE of value added by city (fitted), then tests by the published figures."""
    world, start = runs.world, runs.start
    each = [yearly(m, MADE, "city") for m in runs.models]
    made = np.mean(each, axis=0)
    for year, bound in FITTED.items():
        official = official_value_added(runs.models[0], year)
        found = log_rmse(made[year - start], official)
        alone = np.mean([log_rmse(run[year - start], official) for run in each])
        yield Row(
            f"value added of the {world.n_cities} cities in {year} (fitted), log RMSE against "
            "official parts of official provinces",
            f"{found:.3f} (single runs {alone:.2f})",
            f"below {bound:g}",
            found < bound,
        )
    figures = city_figures(world)
    figures = figures[figures["year"].between(start, start + len(made) - 1)]
    for indicator, name in TESTED.items():
        known = figures[figures["indicator"] == indicator]
        simulated = runs.mean(indicator, "city") / (4.0 if indicator == "rd_personnel_fte" else 1.0)
        if len(known):
            mine = simulated[known["year"] - start, known["city"]]
            what = f"{name} of single cities over the published figure, mean of years"
            yield _test(what, known.assign(simulated=mine), world.city_names)
    yield counted_row(world, runs.mean(APPLICATIONS, "city"), start)


def counted_row(world: World, simulated: Floats, start: int) -> Row:
    """Return applications of all cities that were counted, of simulated ones (Y, C)."""
    counted = counted_applications().loc[slice(*COUNTED_YEARS)]
    known = counted.set_axis([world.city_names.index(city) for city in counted], axis=1)
    known = known.reset_index().melt("year", var_name="city").astype({"city": int})
    known["simulated"] = simulated[known["year"] - start, known["city"]]
    first, last = COUNTED_YEARS
    what = f"applications for invention patents of {counted.shape[1]} cities over the counted ones"
    return _test(f"{what}, mean of {first}-{last % 100}, the worst", known, world.city_names, WORST)


def official_value_added(model: Model, year: int) -> Floats:
    """Return official value added of cities, (C,), 100m_rmb: parts spliced, provinces as they are.

    ``year`` is one of the run.
    """
    world, first = model.world, 4 * (year - model.settings.start)
    province = model.state.inputs.secondary[:-1, first : first + 4].sum(axis=1)
    return city_parts(world, year) * province[world.city_province]


def log_rmse(one: Floats, other: Floats) -> float:
    """Return the root mean square of log differences."""
    return float(np.sqrt(np.mean(np.log(one / other) ** 2)))


def _test(what: str, known: pd.DataFrame, names: Sequence[str], worst: int | None = None) -> Row:
    """Return a row of means over years by city, so that one with many years does not weigh more."""
    with np.errstate(divide="ignore"):
        logs = known[["simulated", "value"]].transform(np.log).groupby(known["city"]).mean()
    gap = logs["simulated"] - logs["value"]
    found = f"log RMSE {np.sqrt((gap**2).mean()):.2f}"
    if len(gap) >= LEAST:
        found += f", correlation of logs {logs['simulated'].corr(logs['value']):.2f}"
    shown = gap if worst is None else gap.loc[gap.abs().nlargest(worst).index]
    each = ", ".join(f"{names[c]} {np.exp(gap[c]):.2f}" for c in shown.index.tolist())
    return Row(f"{what}: {each}", found, "printed (test)", True)


# -- the page -------------------------------------------------------------------------------------


def as_markdown(rows: list[Row], replicates: int) -> str:
    """Return the table as the page ``docs/sense.md``."""
    scenario = load_scenario(SCENARIO)
    return page(
        "# Sense table",
        f"`{SCENARIO}` with its defaults (scale {scenario.scale:g}, seed {scenario.seed}), mean of "
        f"{replicates} replicates. Made by",
        "    python -m tools.sense > docs/sense.md",
        "Secondary value added of provinces and cities to 2020 is fitted "
        "(`python -m tools.fit_defaults base_run`), and value and number of all contracts are "
        "(`python -m tools.fit_defaults contracts`). Rows that "
        "say *anchored* are no test: R&D is moved to official figures, and other levels of "
        f"{UNTIL} are set to them (`docs/odd/inputs.md`); what they were before shows whether the "
        "model goes the way the figures went. Grants of 2011-13 are an initialisation. Official "
        "R&D personnel of provinces feed the supply of researchers, so they are not tested here. "
        "R&D of cities is set to the last known share of five of them (Hangzhou, Ningbo, Bengbu, "
        "Suzhou, Wuxi) and rests on a prior elsewhere, for which these five were in view. With "
        "five replicates the runs are among those of the fit. By hand "
        "were set, with these figures in view: numbers of firms by province, how "
        "ideas rise with effort, applications per invention, ideas of universities and institutes, "
        "how hand-overs pass borders and decay of travel in "
        "the search for partners, the reserve, the hazard and basis of certificates, relocation: "
        "rows on them show that the rules can meet these figures at once, not that they predict "
        "them. How joint work passes borders is calibrated to growth and patterns to 2017 "
        "(`docs/calibration.md`).",
        "Rows on growth in 2021-23 look nothing up: they ask whether a series goes on as it went. "
        "Where one does not: R&D of firms follows their sales and the trend of its "
        "anchor, which fades; basic research "
        "is a part of public money, whose budgets are known to 2023; patents in force are a stock "
        "that ages; value bought grows as value sold does; recognitions grew by a quarter a year "
        "while the measures of 2016 took hold and firms doubled in number, and neither goes on.",
        "A half-time is the time to half of those who have adopted by the end. Published patterns "
        "of who works together and who sells are in `docs/validation.md`.",
        markdown_table(
            ["what", "found", "asked", "holds"],
            [[r.what, r.found, r.asked, VERDICT[r.holds]] for r in rows],
        ),
    )


def main() -> None:
    """Print the page; exit with 1 when a row does not hold."""
    parser = argparse.ArgumentParser(description="Print the sense table.")
    parser.add_argument("--replicates", type=int, default=5)
    options = parser.parse_args()
    rows = sense(options.replicates)
    sys.stdout.write(as_markdown(rows, options.replicates))
    sys.exit(0 if all(row.holds is not False for row in rows) else 1)


if __name__ == "__main__":
    main()
