"""What a quarter shows at its end: values of indicators by city, by province, for the region.

Counts and money of firms are at scale 1.

Basic research is what science spends on research that belongs to no project.

    B_c = (1 - chain.project_share) * sum over universities and institutes i of c of grants_i

B_c is basic research of city c in the quarter, grants_i the science money of i (`fund`), both
100m_rmb; ``chain.project_share`` the part of the time of researchers that goes to projects. The
rest goes to knowledge and ideas, without a use in view: what statistics call basic research. Money
of programmes pays for joint projects and is left out.

Assumed: an hour costs the same in and out of projects; projects are applied research or
development from their first stage on; firms do no basic research, as the time that they spend
outside projects serves products of theirs; what contracts pay is none.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from typing import Any, Final

import numpy as np

from ydsim.agents.generations import REGION
from ydsim.agents.organisations import INSTITUTE, UNIVERSITY
from ydsim.agents.state import State
from ydsim.agents.tally import EXPECTED, CityCounts
from ydsim.measures.groups import quotient, sums
from ydsim.record.indicators import INDICATORS
from ydsim.record.measures import load_measure_base, residents
from ydsim.scenario.schema.parameters import Parameters
from ydsim.typing import Floats, Ints

TALLIED: Final = tuple(name for name in CityCounts.names() if name in INDICATORS)
"""Indicators that are counted by city; what is recorded of these may be more than the count."""

CERTIFIED: Final = "hitech_enterprises_valid_stock_derived"


def by_city(state: State, parameters: Parameters) -> dict[str, Floats]:
    """Return what adds up over cities, (C,) each."""
    table, firms, tally = state.organisations, state.firms, state.tally.city
    science = np.concatenate([table.of_kind(UNIVERSITY), table.of_kind(INSTITUTE)])
    # as tallied when it was spent, so that firms that have left since are counted
    enterprise = tally.rd_firms
    government = tally.rd_grants + state.by_city(science, table.grants[science])
    of, abroad = state.world.city_province, state.inputs.foreign[:, state.input_column]
    foreign = enterprise * quotient(abroad, sums(of, enterprise, len(abroad)))[of]
    total = enterprise + government + foreign
    made, price = state.market.output[:, :-1].sum(axis=0), state.market.log_price[of]
    return {
        **{name: getattr(tally, name) for name in TALLIED},
        CERTIFIED: tally.certified_firms,
        "rd_funds_enterprise": enterprise,
        "rd_funds_government": government,
        "rd_expenditure": total,
        "rd_basic_research": (1.0 - parameters.chain.project_share) * tally.science_money,
        "rd_personnel_fte": 4.0 * total / state.cost,
        "patents_transferred_expected": parameters.contracts.patents
        * state.tally.links.patent_transfer[EXPECTED, :-1].sum(axis=1),
        "value_added_secondary": made,
        "value_added_secondary_real": made / np.exp(price),
        "population_resident_year_end": residents(
            state.world, int(state.inputs.years[0]) + max(state.quarter, 0) // 4
        ),
        "firms": state.by_city(firms, np.ones(len(firms))) / state.scale,
    }


def by_province(state: State) -> dict[str, Floats]:
    """Return what adds up over provinces and is not known by city, (P,) each."""
    n = state.world.n_provinces
    contracts = state.tally.contracts
    number, value = contracts.number, contracts.value
    inside = value[:n, :n]
    return {
        "gdp_alt": state.inputs.gdp[:-1, state.input_column],
        "rd_funds_foreign": state.inputs.foreign[:, state.input_column],
        "hitech_industry_new_product_sales": _new_products(state),
        "tech_market_contracts_output": number[:n].sum(axis=1),
        "tech_market_contracts_inflow": number[:, :n].sum(axis=0),
        "tech_market_contract_value_output": value[:n].sum(axis=1),
        "tech_market_contract_value_inflow": value[:, :n].sum(axis=0),
        "contract_value_cross_province": np.where(np.eye(n, dtype=np.bool_), 0.0, inside).sum(
            axis=1
        ),
        "contract_value_sold_outside": value[:n, n].copy(),
        "contract_value_bought_outside": value[n, :n].copy(),
        "contracts_true": number[:n].sum(axis=1),
        "contract_value_true": value[:n].sum(axis=1),
        "contract_value_from_science": contracts.value_from_science[:n].sum(axis=1),
        "contract_value_handed_over": contracts.value_handed_over[:n].sum(axis=1),
    }


def _new_products(state: State) -> Floats:
    """Return sales of new products of high technology; NaN where a world does not say what is."""
    n = state.world.n_provinces
    if state.world.industry_hitech is None:
        return np.full(n, np.nan)
    new = sums(state.world.city_province, state.tally.city.new_value_hitech, n)
    return load_measure_base().new_products * new


def whole(state: State) -> dict[str, float]:
    """Return what is known for the region alone."""
    return {
        **asdict(state.tally.region),
        **_generations(state),
        **_ties(state),
        "herfindahl": _concentration(state),
    }


def _generations(state: State) -> dict[str, float]:
    """Return counts of living generations and the mean share that has adopted them."""
    generations = state.generations
    live = generations.living()
    region = float((generations.origin[live] == REGION).sum())
    eligible = np.diff(state.by_industry.begin)[generations.industry[live]]
    share = generations.adopters[live].sum(axis=1) / np.maximum(eligible, 1)
    return {
        "generations_live": region,
        "generations_live_outside": len(live) - region,
        "adopted_share": float(share.mean()) if len(live) else 0.0,
    }


def living_ties(state: State) -> tuple[Ints, Ints]:
    """Return both ends of the ties between organisations that live."""
    a, b, alive = state.ties.a, state.ties.b, state.organisations.alive
    both = alive[a] & alive[b]
    return a[both], b[both]


def _ties(state: State) -> dict[str, float]:
    a, b = living_ties(state)
    province = state.organisations.province
    across = int((province[a] != province[b]).sum())
    return {"ties_live": len(a) / state.scale, "ties_cross_province": across / state.scale}


def _concentration(state: State) -> float:
    """Return the Herfindahl index, mean over industries, at scale 1."""
    table, firms = state.organisations, state.firms
    industry, value_added = table.industry[firms], table.value_added[firms]
    n = len(state.world.industries)
    total, squares = sums(industry, value_added, n), sums(industry, value_added**2, n)
    used = total > 0.0
    return float(state.scale * (squares[used] / total[used] ** 2).mean())


def means(state: State, awareness: float) -> dict[str, dict[str, Floats]]:
    """Return means by level, which do not add up.

    ``awareness`` is what one unit of attention adds to the factor on external influence.
    """
    table, firms, world, tally = state.organisations, state.firms, state.world, state.tally.city
    log_a, weight, home = table.log_productivity[firms], table.value_added[firms], table.city[firms]
    # over firms and not cells: media that print anything share out one story for each city, so
    # that the mean over its industries is always the same
    more = awareness * state.attention[home, table.industry[firms]]
    cities = np.arange(world.n_cities)
    found: dict[str, dict[str, Floats]] = {}
    for level, of, n in (
        ("city", cities, world.n_cities),
        ("province", world.city_province, world.n_provinces),
        ("region", np.zeros_like(cities), 1),
    ):
        place = of[home]
        firms_there = np.maximum(np.bincount(place, minlength=n), 1)
        found[level] = {"awareness": 1.0 + sums(place, more, n) / firms_there}
        if level != "region":
            share = quotient(sums(of, tally.innovative_sales, n), sums(of, tally.sales, n))
            found[level]["innovative_sales_share"] = share
        if level != "city":
            moments = [_moments(log_a[place == p], weight[place == p]) for p in range(n)]
            mean, sd = np.array(moments).T
            found[level] |= {"productivity_log": mean, "productivity_log_sd": sd}
    found["region"]["outside_productivity_log"] = np.array([state.nation.relative.mean()])
    return found


def _moments(values: Floats, weight: Floats) -> tuple[float, float]:
    """Return the weighted mean and the plain standard deviation; NaN for an empty group."""
    if len(values) == 0 or weight.sum() <= 0.0:
        return float("nan"), float("nan")
    return float((values * weight).sum() / weight.sum()), float(values.std())


# -- reporters for Mesa's `DataCollector` ----------------------------------------------------------


def last_recorded(model: Any, name: str) -> float:
    """Return an indicator of the region in the last recorded quarter, NaN before the first."""
    values = model.recorder.series(name)
    return float(values[-1]) if len(values) else float("nan")


def region_reporters() -> dict[str, Callable[[Any], float]]:
    """Return one reporter for each indicator of the region, under its name."""
    # partials of a plain function: models with them can be pickled
    return {
        name: partial(last_recorded, name=name)
        for name, indicator in INDICATORS.items()
        if "region" in indicator.levels
    }
