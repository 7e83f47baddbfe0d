"""A world as it was known in a year: no later figure changes anything that a run reads or does."""

import dataclasses

import numpy as np
import pytest

from ydsim.errors import InputError
from ydsim.model import Model
from ydsim.scenario.check import refuse_unknown
from ydsim.scenario.load import load_scenario, scenario_hash
from ydsim.world.world import World, as_known

LAST = 2016
RUN = {"scale": 0.005, "end": 2019, "seed": 4, "parameters.population.burn_in": 8}


def spoilt(world: World, after: int) -> World:
    """The world with wrong figures in every later cell of every table that has years."""

    def wrong(values: np.ndarray, years: np.ndarray) -> np.ndarray:
        return np.where(years > after, 1.1 * values, values)

    assert world.base_run is not None
    base, quarters = world.base_run, np.arange(world.base_run.log_price.shape[1]) // 4
    years = np.arange(base.market_shift.shape[1]) + base.first_year
    return dataclasses.replace(
        world,
        series={
            name: dataclasses.replace(each, values=wrong(each.values, each.years))
            for name, each in world.series.items()
        },
        city_gdp=wrong(world.city_gdp, world.years),
        city_secondary=wrong(world.city_secondary, world.years),
        city_population=wrong(world.city_population, world.years),
        known_city_rd=tuple((c, y, 9.0 * v if y > after else v) for c, y, v in world.known_city_rd),
        base_run=dataclasses.replace(
            base,
            market_shift=wrong(base.market_shift, years),
            log_price=wrong(base.log_price, quarters + base.first_year),
            rd_shift=wrong(base.rd_shift, years[: base.rd_shift.shape[1]]),
            city_lean=wrong(base.city_lean, years[: base.city_lean.shape[1]]),
            anchors={
                name: wrong(lines, years[: lines.shape[1]]) for name, lines in base.anchors.items()
            },
        ),
    )


@pytest.mark.parametrize("year", [2013, LAST, 2020])
def test_everything_ends_in_the_year(yrd, year):
    known = as_known(yrd, year)
    assert (known.known_in, known.until) == (year, min(year, 2020))
    assert max(int(each.years[-1]) for each in known.series.values()) <= year
    assert int(known.years[-1]) == year == int(yrd.years[0]) + known.city_gdp.shape[1] - 1
    assert all(each[1] <= year for each in known.known_city_rd)
    assert as_known(known, year) is known
    assert known.base_run.market_shift.shape[1] == year - 2010
    assert known.base_run.log_price.shape[1] == 4 * (year - 2010)
    for name, series in known.series.items():
        np.testing.assert_array_equal(
            series.values[:, -1], yrd.series[name].at(int(series.years[-1]))
        )
    with pytest.raises(ValueError, match="read-only"):
        known.city_gdp[0, 0] = 1.0


@pytest.mark.slow
def test_no_later_figure_changes_a_run(yrd):
    scenario = load_scenario("plain", {**RUN, "known_in": LAST})
    found = [Model(scenario, world=world).run() for world in (yrd, spoilt(yrd, LAST))]
    for name in ("rd_expenditure", "invention_patents_granted", "value_added_secondary", "firms"):
        a, b = (m.recorder.series(name, "province") for m in found)
        np.testing.assert_array_equal(a, b, err_msg=name)
    control = load_scenario("plain", {**RUN, "known_in": LAST + 1})
    other = [Model(control, world=world).run() for world in (yrd, spoilt(yrd, LAST))]
    a, b = (m.recorder.series("rd_expenditure", "province") for m in other)
    assert (a != b).any()


def test_a_run_goes_by_the_key_and_hashes_of_others_stay(yrd):
    plain = load_scenario("plain", RUN)
    assert "known_in" not in plain.model_dump()
    known = load_scenario("plain", {**RUN, "known_in": LAST})
    assert scenario_hash(known) != scenario_hash(plain)
    assert Model(known, world=yrd).world.known_in == LAST
    assert Model(plain, world=yrd).world is yrd
    paid = yrd.series["rd_funds_enterprise"]
    late = {"rd_funds_enterprise": dataclasses.replace(paid, years=paid.years + 5)}
    bare = dataclasses.replace(yrd, series=yrd.series | late)
    with pytest.raises(InputError, match="wage"):
        refuse_unknown(known, bare)
