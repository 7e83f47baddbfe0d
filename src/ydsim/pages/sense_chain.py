"""Rows of the sense table on the chain: patents, contracts, certificates, partners.

What was set by hand against one of these figures is no independent test of it; the page says so.
R&D personnel have no row: their official numbers are an input.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from ydsim.agents.ledger import Flow
from ydsim.analysis.rows import Row, yearly
from ydsim.measures.gravity import PoissonFit, fit_gravity
from ydsim.model import Model
from ydsim.typing import Floats
from ydsim.world.contract_figures import contract_figure
from ydsim.world.loader import load_observations
from ydsim.world.measure_base import YRD

YEARS = (2015, 2020)
CONTRACT_YEARS = (2012, 2015, 2020)
BOUGHT_FACTOR = 1.7
FACTOR, VALUE_FACTOR, LOOSE_FACTOR = 1.5, 1.7, 2.5
LOOSE = ("Zhejiang",)
"""Provinces of which contracts were registered late, for which the looser factor is asked."""

VALUE = "tech_market_contract_value_output"
BOUGHT = "tech_market_contract_value_inflow"
CERTIFIED = "hitech_enterprises_valid_stock_derived"
RECOGNISED = "hitech_enterprises_recognised_in_year"
RECOGNITION_YEARS = (2018, 2019, 2020)
NEW_PRODUCTS = "hitech_industry_new_product_sales"
NEW_PRODUCT_YEARS = (2016, 2020)
TRANSFER_YEAR = 2018
UNTIL = 2020


def chain_rows(models: list[Model]) -> Iterator[Row]:
    """Yield all rows on the chain."""
    yield from _levels(models, "basic research", "rd_basic_research")
    yield from _levels(models, "patent applications", "invention_patent_applications")
    yield from _levels(models, "patents granted", "invention_patents_granted")
    yield _transferred(models)
    yield from _levels(models, "new products of high technology", NEW_PRODUCTS, NEW_PRODUCT_YEARS)
    yield from _contracts(models)
    yield from _certified(models)
    yield from _partners(models)
    yield from _science(models)
    yield from _gravity(models)


def _mean(models: list[Model], name: str) -> Floats:
    """Return the mean over replicates of a yearly flow by province, (Y, P)."""
    mean: Floats = np.mean([yearly(m, name, "province") for m in models], axis=0)
    return mean


def _levels(
    models: list[Model], what: str, name: str, years: Sequence[int] = YEARS
) -> Iterator[Row]:
    world, start = models[0].world, models[0].settings.start
    simulated = _mean(models, name)
    for year in years:
        official = world.series[name].at(year)[:-1]
        for p, province in enumerate(world.provinces):
            ratio = float(simulated[year - start, p] / official[p])
            yield _ratio(f"{what} of {province} in {year}", ratio, FACTOR)


def _transferred(models: list[Model]) -> Row:
    """Return granted patents handed over beside those of the region, which count far more."""
    at = TRANSFER_YEAR - models[0].settings.start
    drawn, expected = (
        float(_mean(models, name).sum(axis=1)[at])
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


def _ratio(what: str, ratio: float, factor: float) -> Row:
    return Row(
        f"{what}, simulated over official",
        f"{ratio:.3f}",
        f"within a factor {factor:g}",
        1.0 / factor <= ratio <= factor,
    )


def _contracts(models: list[Model]) -> Iterator[Row]:
    world, start = models[0].world, models[0].settings.start
    sold, bought = _mean(models, VALUE), _mean(models, BOUGHT)
    first, last = CONTRACT_YEARS[0], CONTRACT_YEARS[-1]
    for what, found, name, usual in (
        ("sold", sold, VALUE, VALUE_FACTOR),
        ("bought", bought, BOUGHT, BOUGHT_FACTOR),
    ):
        for year in CONTRACT_YEARS:
            official = world.series[name].at(year)[:-1]
            for p, province in enumerate(world.provinces):
                factor = LOOSE_FACTOR if province in LOOSE else usual
                ratio = float(found[year - start, p] / official[p])
                yield _ratio(f"contract value {what} by {province} in {year}", ratio, factor)
    total = sold.sum(axis=1)
    growth = float(np.log(total[last - start] / total[first - start]))
    known = [float(world.series[VALUE].at(y)[:-1].sum()) for y in (first, last)]
    asked = float(np.log(known[1] / known[0]))
    yield Row(
        f"log growth of the region's contract value {first}-{last}, official {asked:.3f}",
        f"{growth:.3f}",
        "within 25 %",
        abs(growth / asked - 1.0) <= 0.25,
    )
    yield from _sides(models)
    crossing = _mean(models, "contract_value_cross_province").sum(axis=1)
    share = float(crossing[2018 - start] / total[2018 - start])
    yield Row(
        "share of contract value sold to the other three provinces in 2018 (published about .105)",
        f"{share:.3f}",
        ".08-.14",
        0.08 <= share <= 0.14,
    )
    net = sold[2019 - start] - bought[2019 - start]
    official = world.series[VALUE].at(2019)[:-1] - world.series[BOUGHT].at(2019)[:-1]
    for p, province in enumerate(world.provinces):
        yield Row(
            f"net technology flow of {province} in 2019, official {official[p]:+.0f} (100m_rmb)",
            f"{net[p]:+.0f}",
            "the official sign",
            bool(np.sign(net[p]) == np.sign(official[p])),
        )


def _sides(models: list[Model]) -> Iterator[Row]:
    """Yield the parts of firms in what is sold and bought, mean to `UNTIL`."""
    sold = 1.0 - _total(models, "contract_value_from_science") / _total(
        models, "contract_value_true"
    )
    early, late = (
        contract_figure("seller", "firms", *at) / 100.0
        for at in (("value_share", 2013), ("value_share_first_half", 2020))
    )
    yield Row(
        f"part of firms in contract value sold to {UNTIL} (China {early:.2f} in 2013, {late:.2f} "
        "in the first half of 2020)",
        f"{sold:.3f}",
        "at least .70",
        sold >= 0.70,
    )
    paid = np.zeros(2)
    for model in models:
        last = 4 * (UNTIL - model.settings.start + 1)
        for entry in model.state.ledger.entries:
            contract = entry.flow in (Flow.CONTRACTS, Flow.CONTRACT_MARKET)
            if contract and entry.quarter < last and entry.payer != "outside":
                paid += float(entry.amount.sum()) * np.array([entry.payer == "firms", 1.0])
    bought = float(paid[0] / paid[1])
    official = contract_figure("buyer", "firms", "value_share", 2013) / 100.0
    yield Row(
        f"part of firms in contract value bought to {UNTIL} (China {official:.2f} in 2013)",
        f"{bought:.3f}",
        "at least .70",
        bought >= 0.70,
    )


def _certified(models: list[Model]) -> Iterator[Row]:
    world, at = models[0].world, 4 * (UNTIL - models[0].settings.start) + 3
    stock = np.mean([m.recorder.series(CERTIFIED, "province")[at] for m in models], axis=0)
    official = world.series[CERTIFIED].at(UNTIL)[:-1]
    for p, province in enumerate(world.provinces):
        yield _share(f"certified firms of {province} in {UNTIL}", stock[p] / official[p], 0.15)
    yield _share(f"certified firms of the region in {UNTIL}", stock.sum() / official.sum(), 0.15)
    recognised = _mean(models, RECOGNISED).sum(axis=1)
    for year in RECOGNITION_YEARS:
        ratio = (
            recognised[year - models[0].settings.start]
            / world.series[RECOGNISED].at(year)[:-1].sum()
        )
        yield _share(f"firms of the region recognised in {year}, renewals included", ratio, 0.2)


def _share(what: str, ratio: float, gap: float) -> Row:
    return Row(
        f"{what}, simulated over official",
        f"{ratio:.3f}",
        f"within {gap:.0%}",
        abs(float(ratio) - 1.0) <= gap,
    )


def _total(models: list[Model], name: str) -> float:
    """Return a flow of the region summed over all years to `UNTIL`, mean of replicates."""
    years = UNTIL - models[0].settings.start + 1
    return float(np.mean([yearly(m, name)[:years].sum() for m in models]))


def _partners(models: list[Model]) -> Iterator[Row]:
    joint = _total(models, "coinventions")
    rate = joint / _total(models, "inventions")
    yield Row(
        f"co-inventions over inventions to {UNTIL}", f"{rate:.3f}", ".03-.07", 0.03 <= rate <= 0.07
    )
    away = _total(models, "coinventions_intercity") / joint
    yield Row(
        f"share of co-inventions to {UNTIL} with a partner in another city, outside included",
        f"{away:.3f}",
        ".55-.80",
        0.55 <= away <= 0.80,
    )


def _science(models: list[Model]) -> Iterator[Row]:
    start = models[0].settings.start
    years = np.arange(UNTIL - start + 1)
    licences = np.mean([yearly(m, "university_licences")[years] for m in models], axis=0)
    stock = np.mean(
        [m.recorder.series("university_inventions_stock")[4 * years + 3] for m in models], axis=0
    )
    rate = float((licences / stock).mean())
    yield Row(
        f"universities' inventions handed over in a year over their stock, mean to {UNTIL}",
        f"{rate:.3f}",
        ".03-.12",
        0.03 <= rate <= 0.12,
    )
    dead = launched = 0.0
    for model in models:
        funnel = model.recorder.tables()["funnel"]
        alone = (funnel["lead"] == "university") & (funnel["partnership"] == "alone")
        for end in ("failed", "died_waiting", "shelved", "owner_left"):
            dead += float(funnel[end][alone].sum())
        launched += float(funnel["completed"][alone & (funnel["stage"] == "launch")].sum())
    share = dead / (dead + launched)
    yield Row(
        "university-led projects that ended without partner or new owner: share dead before launch",
        f"{share:.3f}",
        "at least .70",
        share >= 0.7,
    )


def _gravity(models: list[Model]) -> Iterator[Row]:
    for channel, what in (("contract", "contracts"), ("co-invention", "co-inventions")):
        fit = tie_gravity(models, channel)
        for k, name in ((2, "hour of travel"), (3, "province border")):
            b, se = float(fit.coefficient[k]), float(fit.error[k])
            yield Row(
                f"{what} between cities to {UNTIL} by Poisson regression on masses, travel time "
                f"and border: effect of a{'n' if name[0] == 'h' else ''} {name}",
                f"{b:.2f} (standard error {se:.2f})",
                "below 0 by two standard errors",
                b + 2.0 * se < 0.0,
            )


def tie_gravity(models: list[Model], channel: str) -> PoissonFit:
    """Return the fit of realised links between cities of the region, summed over replicates.

    Regressors: log researchers of both cities, hours of travel (mean of the years), border.
    """
    world, model = models[0].world, models[0]
    n = world.n_cities
    index = {name: c for c, name in enumerate(world.city_names)}
    flow = np.zeros((n, n))
    for one in models:
        ties = one.recorder.tables()["ties"]
        mask = (ties["channel"] == channel) & (ties["year"].astype(np.int64) <= UNTIL)
        mask &= (ties["from_city"] != "outside") & (ties["to_city"] != "outside")
        a = np.array([index[c] for c in ties["from_city"][mask].tolist()], dtype=np.int64)
        b = np.array([index[c] for c in ties["to_city"][mask].tolist()], dtype=np.int64)
        np.add.at(flow, (a, b), ties["realised"][mask].astype(np.float64))
    flow = (flow + flow.T) * model.settings.scale
    stock = model.recorder.series("researchers_stock", "city").mean(axis=0)
    mass = np.log(np.maximum(stock, 1.0))
    a, b = np.triu_indices(n, 1)
    years = range(model.settings.start, UNTIL + 1)
    hours = np.mean([model.baselines.at(y).travel_hours[a, b] for y in years], axis=0)
    border = (world.city_province[a] != world.city_province[b]).astype(np.float64)
    columns = np.stack([mass[a], mass[b], hours, border], axis=1)
    return fit_gravity(flow[a, b], columns)
