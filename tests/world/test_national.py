"""National inputs of the chain against scalar loops, closed forms and the official series."""

import dataclasses
import math
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.scalar_trends import carried
from ydsim.world.inputs import Outlook, Rule, load_rules, spread
from ydsim.world.loader import load_world, synthetic_world
from ydsim.world.national import (
    APPLICATIONS,
    GRANTS,
    IN_FORCE,
    National,
    carry,
    cast_back,
    due,
    initial_in_force,
    initial_queue,
    kernel,
    national_series,
)
from ydsim.world.world import Series, World

WEIGHTS = (0.2, 0.4, 0.3, 0.1)
CONTRACTS = "tech_market_contract_value_output"
LINES = ("propensity", "examination", "contract_price", "outside_mass")
NAN = float("nan")


def known_from(first: int, until: int = 2020) -> World:
    """The packaged world with the figures of some years."""
    world = load_world("yrd", until=until)
    series = {
        name: dataclasses.replace(each, years=each.years[seen], values=each.values[:, seen])
        for name, each in world.series.items()
        if (seen := each.years >= first).any()
    }
    return dataclasses.replace(world, series=series)


@pytest.fixture(scope="module")
def yrd():
    """The packaged world with figures from the start of runs on: lines begin there."""
    return known_from(2011)


@pytest.fixture(scope="module")
def national(yrd):
    return inputs_of(yrd, 2011, 2030)


def inputs_of(world: World, start: int, end: int, weights: Sequence[float] = WEIGHTS) -> National:
    gdp = np.ones((world.n_provinces + 1, end - start + 1))
    return national_series(world, start, end, weights, gdp)


def with_series(first: int, **lines: Sequence[Sequence[float]]) -> World:
    """A synthetic world with other outcome series; two provinces, then the nation."""
    world = synthetic_world(provinces=2, cities=1)
    made = {}
    for name, rows in lines.items():
        years = np.arange(first, first + len(rows[0]), dtype=np.int64)
        made[name] = Series(years, np.array(rows, dtype=np.float64), "items", "outcome")
    return dataclasses.replace(world, series={**world.series, **made})


def alone(line: Sequence[float]) -> list[list[float]]:
    """A series of which only the nation is known."""
    return [[NAN] * len(line), [NAN] * len(line), list(line)]


def quarters_of(yearly: dict[int, float], start: int, end: int) -> list[float]:
    """Log-linear between middles of years, one quarter after the other."""
    out = []
    for quarter in range(4 * start, 4 * end + 4):
        at = (quarter + 0.5) / 4.0
        before = math.floor(at - 0.5)
        part = at - 0.5 - before
        low, high = math.log(yearly[before]), math.log(yearly[before + 1])
        out.append(math.exp(low + part * (high - low)))
    return out


def granted_by_loop(
    filed: Sequence[float], phi: Sequence[float], weights: Sequence[float], past: int
) -> list[float]:
    """Grants from column ``past`` on, case by case: what is filed in q is granted later."""
    grants = [0.0] * (len(filed) - past)
    for q, cases in enumerate(filed):
        for age, weight in zip((2, 3, 4, 5), weights, strict=True):
            for t in range(q + 4 * age, q + 4 * age + 4):
                if past <= t < len(filed):
                    grants[t - past] += phi[t - past] * weight / 4.0 * cases
    return grants


def by_year(quarterly: Sequence[float]) -> list[float]:
    return [sum(quarterly[i : i + 4]) for i in range(0, len(quarterly), 4)]


# -- kernel ----------------------------------------------------------------------------------------


def test_a_kernel_has_a_weight_for_each_age():
    with pytest.raises(ValueError, match="3 weights for the ages"):
        kernel((0.2, 0.4, 0.4))


@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.floats(0.0, 1e4), min_size=1, max_size=45), st.tuples(*[st.floats(0.0, 1.0)] * 4)
)
def test_due_is_the_loop_over_cases(filed, weights):
    flow = np.array([filed, [2.0 * cases for cases in filed]])
    expected = granted_by_loop(filed, [1.0] * len(filed), weights, 0)
    np.testing.assert_allclose(due(flow, weights)[0], expected, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(due(flow, weights)[1], 2.0 * np.array(expected), rtol=1e-9)


# -- yearly lines ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ([NAN, 2.0, NAN, 8.0, NAN, NAN], [2.0, 2.0, 4.0, 8.0, 8.0, 8.0]),
        ([1.0, 3.0, 4.0, 5.0, NAN], [1.0, 3.0, 4.0, 5.0, 5.0]),
        ([0.0, 1.0, 0.0, 4.0, 0.0], [1.0, 1.0, 2.0, 4.0, 4.0]),
        ([NAN, 5.0, NAN], [5.0, 5.0, 5.0]),
    ],
)
def test_carry(line, expected):
    still = Outlook(rules={"grants": Rule(damping=0.0)})
    axis = np.arange(2011, 2011 + len(line))
    assert carry("grants", np.array(line), axis, still).tolist() == pytest.approx(expected)


def test_carry_of_nothing():
    assert np.isnan(carry("grants", np.array([NAN, 0.0]), np.arange(2), Outlook())).all()


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ([NAN, NAN, 8.0, 16.0, 16.0, 64.0, 99.0], [2.0, 4.0, 8.0, 16.0, 16.0, 64.0, 99.0]),
        ([NAN, NAN, 8.0, 4.0], [32.0, 16.0, 8.0, 4.0]),
        ([NAN, 8.0], [8.0, 8.0]),
        ([3.0, 8.0], [3.0, 8.0]),
    ],
)
def test_cast_back(line, expected):
    assert cast_back(np.array(line)).tolist() == pytest.approx(expected)


# -- propensity, price, mass -----------------------------------------------------------------------


def gone_on(name: str, yearly: dict[int, float]) -> dict[int, float]:
    """The line of some years with its first value before, and its rule after them."""
    first = min(yearly)
    later = carried(yearly, 2050, load_rules()[name], target=0.0, until=2030)
    return dict.fromkeys(range(2000, first), yearly[first]) | later


STAFF, SPENT = "rd_personnel_fte", "rd_expenditure"
SERIES = {
    "propensity": (2011, lambda at: at(APPLICATIONS)[4] / at(STAFF)[4], 0.256914 / 0.144240),
    "contract_price": (
        2012,
        lambda at: at(CONTRACTS)[4] / at(SPENT)[4],
        (28251.5092 / 24393.1) / (6437.0683 / 10298.4),
    ),
    "outside_mass": (
        2011,
        lambda at: (at(STAFF)[4] - sum(at(STAFF)[:4])) / sum(at(STAFF)[:4]),
        None,
    ),
}
"""By line: first year, its value of the nation's figures, and the last over the first by hand."""


@pytest.mark.parametrize("name", SERIES)
def test_a_line_is_that_of_the_figures_of_the_nation(yrd, national, name):
    first, of, by_hand = SERIES[name]
    yearly = {y: of(lambda key, y=y: yrd.series[key].at(y)) for y in range(first, 2021)}
    if by_hand is None:
        assert yearly[2011] == pytest.approx((2882903 - 826039) / 826039)
    else:
        yearly = {year: value / yearly[first] for year, value in yearly.items()}
        assert yearly[2020] == pytest.approx(by_hand, rel=1e-5)
        assert getattr(national, name)[0] == 1.0
    expected = quarters_of(gone_on(name, yearly), 2011, 2030)
    np.testing.assert_allclose(getattr(national, name), expected, rtol=1e-9)


def test_a_figure_before_the_start_moves_its_first_half_year(yrd, national):
    early = inputs_of(load_world("yrd"), 2011, 2030)
    for name in ("propensity", "publication", "outside_mass"):
        a, b = getattr(early, name), getattr(national, name)
        assert (a[:2] != b[:2]).all(), name
        np.testing.assert_allclose(a[2:], b[2:], rtol=1e-12, err_msg=name)
    figures = load_world("yrd").series
    rate = [figures[APPLICATIONS].at(y)[4] / figures[STAFF].at(y)[4] for y in (2010, 2011)]
    assert early.propensity[1] == pytest.approx((rate[0] / rate[1]) ** (1 / 8))


def test_gaps_of_the_price_are_filled_in_logs():
    value = alone([10.0, NAN, 40.0, 40.0, 40.0])
    world = with_series(2012, **{CONTRACTS: value, "rd_expenditure": alone([1.0] * 5)})
    price = inputs_of(world, 2012, 2014).contract_price
    np.testing.assert_allclose(price[4:8], [2.0 * 2 ** (k / 8) for k in (-3, -1, 1, 3)])


def test_outside_mass_falls_back_on_gdp():
    world = synthetic_world(provinces=2, cities=1)
    bare = dataclasses.replace(
        world, series={k: s for k, s in world.series.items() if k != "rd_personnel_fte"}
    )
    gdp = np.array([[1.0, 2.0, 1.0], [3.0, 2.0, 3.0], [8.0, 16.0, 32.0]])
    mass = national_series(bare, 2011, 2013, WEIGHTS, gdp).outside_mass
    assert mass[:2].tolist() == pytest.approx([2.0, 2.0])
    expected = quarters_of({2010: 2.0, 2011: 2.0, 2012: 4.0, 2013: 8.0, 2014: 8.0}, 2011, 2013)
    np.testing.assert_allclose(mass, expected, rtol=1e-12)


# -- examination -----------------------------------------------------------------------------------


@pytest.mark.parametrize("weights", [WEIGHTS, (1.0, 0.0, 0.0, 0.0), (0.1, 0.1, 0.1, 0.7)])
def test_the_nation_gets_its_own_grants(yrd, weights):
    phi = inputs_of(yrd, 2011, 2020, weights).examination
    official = yrd.series[APPLICATIONS].values[4]
    growth = (official[3] / official[0]) ** (1 / 3)
    past = [official[0] / growth**k for k in range(6, 0, -1)]
    filed = spread(np.array([[*past, *official]]))[0]
    grants = by_year(granted_by_loop(filed.tolist(), phi.tolist(), weights, 24))
    np.testing.assert_allclose(grants, yrd.series[GRANTS].values[4], rtol=1e-9)


def test_phi_of_steady_growth_has_a_closed_form():
    growth, rate = 0.2, 0.3
    filed = [1000.0 * math.exp(growth * y) for y in range(10)]
    ripe = sum(
        weight / 4.0 * math.exp(-growth * (4 * age + quarter) / 4.0)
        for age, weight in zip((2, 3, 4, 5), WEIGHTS, strict=True)
        for quarter in range(4)
    )
    world = with_series(
        2011, **{APPLICATIONS: alone(filed), GRANTS: alone([rate * ripe * a for a in filed])}
    )
    np.testing.assert_allclose(inputs_of(world, 2011, 2020).examination, rate, rtol=1e-12)


def test_after_the_figures_grants_have_a_trend_and_phi_follows_from_what_is_due(yrd, national):
    rules, years = load_rules(), range(2011, 2021)

    def nation(name: str) -> dict[int, float]:
        return {y: float(yrd.series[name].at(y)[4]) for y in years}

    def on(line: dict[int, float], group: str) -> dict[int, float]:
        return carried(line, 2032, rules[group], target=0.0, until=2030)

    filed, staff = nation(APPLICATIONS), nation(STAFF)
    psi = on({y: filed[y] / staff[y] for y in years}, "propensity")
    people = [
        on({y: float(yrd.series[STAFF].at(y)[p]) for y in years}, "personnel") for p in range(4)
    ]
    region = {y: math.fsum(line[y] for line in people) for y in range(2011, 2033)}
    outside = on({y: staff[y] / region[y] - 1.0 for y in years}, "outside_mass")
    filed |= {y: psi[y] * region[y] * (1.0 + outside[y]) for y in range(2021, 2033)}
    past = cast_back(np.array([NAN] * 6 + [filed[y] for y in sorted(filed)]))
    flow = spread(past[None, :])[0].tolist()
    due = granted_by_loop(flow, [1.0] * (4 * len(filed)), WEIGHTS, 24)
    ripe = dict(zip(sorted(filed), by_year(due), strict=True))
    grants = on(nation(GRANTS), "grants")
    phi = quarters_of({y: grants[y] / ripe[y] for y in range(2020, 2032)}, 2021, 2030)
    np.testing.assert_allclose(national.examination[42:80], phi[2:], rtol=1e-9)
    np.testing.assert_allclose(national.due, due[:80], rtol=1e-9)
    assert national.grants_known == 40
    assert inputs_of(yrd, 2015, 2030).grants_known == 24
    assert inputs_of(yrd, 2025, 2030).grants_known == 0


def test_applications_without_grants_leave_the_constant():
    world = with_series(2011, **{APPLICATIONS: alone([1.0, 2.0, 3.0])})
    assert set(inputs_of(world, 2011, 2015).examination.tolist()) == {0.45}
    late = with_series(2011, **{GRANTS: alone([1.0, 2.0, 3.0])})
    assert set(inputs_of(late, 2011, 2015).examination.tolist()) == {0.45}


def test_applications_that_end_early_go_on_with_researchers_and_without_them_phi_is_held():
    filed, grants = alone([20.0, 20.0] + [NAN] * 6), alone([10.0] * 8)
    staff = [[2.0] * 8, [3.0] * 8, [50.0] * 8]
    known = with_series(2011, **{APPLICATIONS: filed, GRANTS: grants, STAFF: staff})
    np.testing.assert_allclose(inputs_of(known, 2011, 2020).examination, 0.5, rtol=1e-12)
    spoilt = alone([10.0] * 4 + [90.0] * 4)  # 2015 on: not known from which applications
    known = with_series(2011, **{APPLICATIONS: filed, GRANTS: spoilt})
    series = {name: each for name, each in known.series.items() if name != STAFF}
    bare = dataclasses.replace(known, series=series)
    np.testing.assert_allclose(inputs_of(bare, 2011, 2020).examination, 0.5, rtol=1e-12)


# -- what may be known, and when -------------------------------------------------------------------


def test_until_lets_nothing_later_in(yrd, national):
    early = inputs_of(known_from(2011, until=2017), 2011, 2030)
    for name in LINES:
        cut, full = getattr(early, name), getattr(national, name)
        same = 4 * 6 if name == "examination" else 4 * 6 + 2  # to 2016, to the middle of 2017
        np.testing.assert_array_equal(cut[:same], full[:same], err_msg=name)
        assert cut[-1] != pytest.approx(full[-1], rel=1e-4), name
    filed, staff = yrd.series[APPLICATIONS], yrd.series["rd_personnel_fte"]
    base = filed.at(2011)[4] / staff.at(2011)[4]
    psi = {y: filed.at(y)[4] / staff.at(y)[4] / base for y in range(2011, 2018)}
    assert early.propensity[-1] == pytest.approx(gone_on("propensity", psi)[2030])
    spoilt = {}
    for name, series in yrd.series.items():
        values = series.values.copy()
        if series.kind == "outcome":
            values[:, series.years > 2017] = 1e9
        spoilt[name] = dataclasses.replace(series, values=values)
    later = inputs_of(dataclasses.replace(yrd, series=spoilt), 2011, 2030)
    for name in LINES:
        same = 4 * 6 if name == "examination" else 4 * 6 + 2
        np.testing.assert_array_equal(getattr(later, name)[:same], getattr(early, name)[:same])


def test_window_does_not_matter(yrd, national):
    for start, end in ((2011, 2011), (2014, 2022), (2025, 2030)):
        part = inputs_of(yrd, start, end)
        assert part.years.tolist() == list(range(start, end + 1))
        for name in LINES:
            whole = getattr(national, name)[4 * (start - 2011) : 4 * (end - 2011) + 4]
            np.testing.assert_array_equal(getattr(part, name), whole, err_msg=name)


def test_a_figure_of_zero_counts_as_unknown():
    filed, granted = [[100.0] * 6] * 2 + [[200.0] * 6], [[50.0] * 6] * 2 + [[100.0] * 6]
    spoilt = [[0.0, *granted[0][1:]], granted[1], [100.0, 100.0, 0.0, 100.0, 100.0, 0.0]]
    world = with_series(2011, **{APPLICATIONS: filed, GRANTS: spoilt, IN_FORCE: spoilt})
    national = inputs_of(world, 2011, 2020)
    np.testing.assert_allclose(national.examination, 0.5, rtol=1e-12)
    assert initial_queue(world, 2011, WEIGHTS, national) is None
    assert np.isfinite(initial_queue(world, 2012, WEIGHTS, national)).all()
    assert initial_in_force(world, 2012) is None


def test_a_world_without_series_has_constants():
    world = synthetic_world()
    national = inputs_of(world, 2011, 2030)
    assert set(national.propensity.tolist()) == {1.0} == set(national.contract_price.tolist())
    assert set(national.examination.tolist()) == {0.45}
    np.testing.assert_allclose(national.outside_mass, 3.0, rtol=1e-12)
    assert initial_queue(world, 2011, WEIGHTS, national) is None
    assert initial_in_force(world, 2011) is None


# -- the queue -------------------------------------------------------------------------------------


def queue_of(world: World, start: int) -> np.ndarray:
    return initial_queue(world, start, WEIGHTS, inputs_of(world, start, start + 9))


@pytest.mark.parametrize("start", [2011, 2012, 2014])
def test_the_first_three_years_are_official(yrd, start):
    phi = inputs_of(yrd, start, 2020).examination
    queue = queue_of(yrd, start)
    assert queue.shape == (4, 23)
    assert (queue > 0.0).all()
    official = yrd.series[APPLICATIONS].values[:4, start - 2011 :]
    for p, filed in enumerate(spread(official).tolist()):
        grants = granted_by_loop(filed, phi.tolist(), WEIGHTS, 0)
        total = by_year([g + q for g, q in zip(grants[:12], queue[p].tolist()[:12], strict=True)])
        expected = [yrd.series[GRANTS].at(start + y)[p] for y in range(3)]
        assert total == pytest.approx(expected, rel=1e-12)


def test_the_queue_is_old_cohorts_times_one_factor_a_year(yrd, national):
    queue = queue_of(yrd, 2011)
    for p in range(4):
        filed = yrd.series[APPLICATIONS].values[p]
        growth = (filed[3] / filed[0]) ** (1 / 3)
        past = [filed[0] / growth**k for k in range(6, 0, -1)]
        flow = spread(np.array([[*past, filed[0], filed[1]]]))[0, :24].tolist()
        shape = granted_by_loop(flow + [0.0] * 23, national.examination.tolist(), WEIGHTS, 24)
        factor = queue[p] / np.array(shape)
        np.testing.assert_allclose(factor[:4], factor[0], rtol=1e-9)
        np.testing.assert_allclose(factor[4:8], factor[4], rtol=1e-9)
        np.testing.assert_allclose(factor[8:], factor[8], rtol=1e-9)


def test_series_that_begin_with_the_start_are_enough(yrd, national):
    series = {name: yrd.series[name] for name in (APPLICATIONS, GRANTS)}
    world = dataclasses.replace(yrd, series=series)
    found = inputs_of(world, 2011, 2030).examination
    np.testing.assert_array_equal(found[:40], national.examination[:40])
    np.testing.assert_array_equal(queue_of(world, 2011), queue_of(yrd, 2011))


def test_a_world_that_ends_before_the_queue(yrd):
    """A run of one year needs the queue of that year and gets the last examination after it."""
    queue = initial_queue(yrd, 2011, WEIGHTS, inputs_of(yrd, 2011, 2011))
    np.testing.assert_array_equal(queue[:, :4], queue_of(yrd, 2011)[:, :4])
    assert np.isfinite(queue).all()


@pytest.mark.slow
@pytest.mark.parametrize("until", [2011, 2012])
def test_years_that_are_not_known_take_the_factor_before(yrd, until):
    world = known_from(2011, until=until)
    queue = queue_of(world, 2011)
    national = inputs_of(world, 2011, 2020)
    for year in range(2011, until + 1):
        columns = slice(4 * (year - 2011), 4 * (year - 2011) + 4)
        np.testing.assert_allclose(
            queue[:, columns].sum(axis=1), yrd.series[GRANTS].at(year)[:4], rtol=1e-12
        )
    past = np.full((4, 6), NAN)
    filed = np.concatenate([past, world.series[APPLICATIONS].values[:4]], axis=1)
    flow = spread(np.array([cast_back(line) for line in filed]))[:, :24]
    old = np.concatenate([flow, np.zeros((4, 23))], axis=1)
    shape = due(old, WEIGHTS)[:, 24:] * national.examination[:23]
    factor = queue / shape
    known = 4 * (until - 2011)
    np.testing.assert_allclose(factor[:, known:], np.tile(factor[:, known, None], 23 - known))


@pytest.mark.parametrize("start", [2010, 2021])
def test_no_queue_where_the_start_is_not_official(yrd, start):
    assert initial_queue(yrd, start, WEIGHTS, inputs_of(yrd, start, 2025)) is None


@pytest.mark.parametrize("name", [APPLICATIONS, GRANTS])
def test_no_queue_where_one_province_is_unknown(yrd, national, name):
    values = yrd.series[name].values.copy()
    values[2, 0] = NAN
    spoilt = dataclasses.replace(yrd.series[name], values=values)
    without = {k: s for k, s in yrd.series.items() if k != name}
    for series in ({**without, name: spoilt}, without):
        world = dataclasses.replace(yrd, series=series)
        assert initial_queue(world, 2011, WEIGHTS, national) is None


def test_the_queue_is_never_negative():
    filed = [[100.0, 100.0, 100.0]] * 2 + [[200.0] * 3]
    granted = [[50.0, 50.0, 0.5]] * 2 + [[100.0] * 3]
    world = with_series(2011, **{APPLICATIONS: filed, GRANTS: granted})
    queue = queue_of(world, 2011)
    np.testing.assert_allclose(queue[:, :8].sum(axis=1), 100.0)
    assert not queue[:, 8:].any()  # .5 is less than what the applications of 2011 give


# -- in force --------------------------------------------------------------------------------------


def test_in_force_at_the_end_of_the_year_before():
    yrd = load_world("yrd")
    stock = initial_in_force(yrd, 2011)
    assert stock.tolist() == [23843.0, 19682.0, 17955.0, 2972.0]
    assert initial_in_force(yrd, 2015).tolist() == [56515.0, 81114.0, 52418.0, 15939.0]
    series = yrd.series[IN_FORCE]
    without = dataclasses.replace(series, values=np.where(series.years == 2014, NAN, series.values))
    gap = initial_in_force(dataclasses.replace(yrd, series={IN_FORCE: without}), 2015)
    assert gap[2] == pytest.approx(math.sqrt(43275.0 * 70981.0))
    assert initial_in_force(yrd, 2010) is None
    assert initial_in_force(yrd, 2022) is None
    assert initial_in_force(load_world("yrd", until=2013), 2015) is None
    bare = {k: s for k, s in yrd.series.items() if k != IN_FORCE}
    assert initial_in_force(dataclasses.replace(yrd, series=bare), 2011) is None
