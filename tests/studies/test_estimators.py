"""Estimators: by hand, as fits with all dummies, as loops, and hostile input."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.panels import cohorts, events, firm_years, least_squares, poisson
from ydsim.studies.estimators import (
    event_study,
    fit_instrumented,
    fit_linear,
    fit_poisson,
    imputed,
    matched_difference,
    randomised,
    residuals,
    split,
    staggered,
)

BOTH = ["firm", "year"]

IV = [0.06725153615773047, 0.3757937931010737]
"""Coefficients of pyfixest 0.60 (`feols`; tolerance 1e-12)."""

EVENT = ("y", "event", "unit", "year")
COHORT = ("y", "cohort", "unit", "year")
GRANT = ("y", "event", "firm", "year")
AT_ONCE = {"horizon": 0, "exact": "group"}


def endogenous(seed, effect=0.5, firms=40, years=6):
    """What moves x moves y too; z moves x alone."""
    draw = np.random.default_rng(seed)
    n = firms * years
    firm, year = np.repeat(np.arange(firms), years), np.tile(np.arange(years), firms)
    a, z, z2, u = draw.normal(0, 1, firms)[firm], *draw.normal(0, 1, (3, n))
    other = 0.5 * z + draw.normal(0, 1, n)
    x = z + 0.5 * z2 + u + a + draw.normal(0, 1, n)
    y = effect * x + 0.3 * other + 1.5 * u + a + draw.normal(0, 0.5, n)
    names = ("firm", "year", "x", "other", "z", "z2", "y")
    return dict(zip(names, (firm, year, x, other, z, z2, y), strict=True))


@pytest.mark.parametrize("gaps", [pytest.param(0.0, marks=pytest.mark.slow), 0.3])
def test_they_are_the_fits_with_all_dummies(gaps):
    table = firm_years(1, gaps=gaps)
    table["count"] += 1.0 * (table["year"] < 2004)
    table["field"] = np.random.default_rng(0).integers(0, 3, len(table["y"]))
    table["('city', 'year')"] = table["city"] * 10_000 + table["year"]
    x = np.column_stack([table["x"], table["other"]])
    for outcome, fit, dense in (("y", fit_linear, least_squares), ("count", fit_poisson, poisson)):
        three = ["firm", ("city", "year"), "field"] if fit is fit_linear else []
        for effects in (three, BOTH, ["firm"]):
            found = fit(table, outcome, ["x", "other"], effects)
            wanted = dense(table[outcome], x, *(table[str(name)] for name in effects))
            np.testing.assert_allclose(found, wanted, rtol=1e-7)


def test_pyfixest_gave_the_same_with_instruments():
    found = fit_instrumented(endogenous(1), "y", ["x"], ["z", "z2"], ["other"], BOTH)
    np.testing.assert_allclose(found, IV, rtol=1e-9)


def test_effects_that_hardly_overlap_settle():
    """A chain of groups, each tied to the next by one row, on which demeaning in turns is slow."""
    n = 600
    one, two = np.arange(n) // 2, (np.arange(n) + 1) // 2
    v = np.random.default_rng(5).normal(0, 1, (n, 2))
    v = np.vstack([v, v[:40]])
    one, two = np.concatenate([one, one[:40]]), np.concatenate([two, two[:40][::-1]])
    e = residuals(v, [one, two])
    for codes in (one, two):
        assert np.abs(np.bincount(codes, weights=e[:, 0])).max() < 1e-8


def test_a_huge_value_of_hardly_any_weight_spoils_no_other():
    """As ratios of outcomes to means that are almost zero do in a Poisson fit."""
    weight, g = np.array([1e-40, 1.0, 1.0, 1.0, 1.0, 1.0]), np.array([0, 0, 0, 1, 1, 1])
    left, explained = split(np.array([[1e35, 1.0, 2.0, 3.0, 4.0, 8.0]]).T, [g], weight)
    np.testing.assert_allclose(left[1:, 0], [-0.5, 0.5, -2.0, -1.0, 3.0], rtol=1e-4)
    np.testing.assert_allclose(explained[:, 0], [1.5] * 3 + [5.0] * 3, rtol=1e-4)


def test_frames_strings_order_and_scale():
    table = firm_years(6)
    plain = fit_linear(table, "y", ["x"], BOTH)
    frame = pd.DataFrame(table).assign(firm=[f"firm {i}" for i in table["firm"]])
    for other in (frame, frame.sample(frac=1.0, random_state=1)):
        np.testing.assert_allclose(fit_linear(other, "y", ["x"], BOTH), plain, rtol=1e-10)
    scaled = fit_linear({**table, "x": 1e6 * table["x"] + 1e7}, "y", ["x"], BOTH)
    assert scaled["x"] * 1e6 == pytest.approx(plain["x"], rel=1e-8)
    one = fit_poisson(table, "count", ["x"], BOTH)["x"]
    many = fit_poisson({**table, "count": 1e6 * table["count"]}, "count", ["x"], BOTH)["x"]
    assert many == pytest.approx(one, rel=1e-8)


def test_what_is_missing_or_alone_is_left_out():
    """A firm of one row with a huge outcome, three rows without x, one without its firm."""
    table = {name: values.astype(float) for name, values in firm_years(7, firms=12).items()}
    lone = {"firm": 99.0, "year": 2001.0, "city": 1.0, "x": 1.0, "y": 50.0, "other": 0.0,
            "count": 50.0}  # fmt: skip
    more = {name: np.append(value, table[name]) for name, value in lone.items()}
    more["x"][1:4] = more["firm"][4] = np.nan
    for fit, outcome in ((fit_linear, "y"), (fit_poisson, "count")):
        found = fit(more, outcome, ["x"], BOTH)
        kept = fit({name: v[5:] for name, v in more.items()}, outcome, ["x"], BOTH)
        assert found["x"] == pytest.approx(kept["x"], rel=1e-12)


def test_collinear_regressors_have_no_coefficient():
    table = firm_years(8)
    table["double"], table["of_firm"] = 2.0 * table["x"] + 1.0, table["firm"] * 0.1
    fit = fit_linear(table, "y", ["of_firm", "x", "double", "other"], BOTH)
    assert np.isnan(fit).tolist() == [True, False, True, False]
    assert fit["x"] == pytest.approx(fit_linear(table, "y", ["x", "other"], BOTH)["x"])
    # a constant with rounding is a constant
    table["flat"] = np.where(table["firm"] % 2 == 0, 0.3, 0.1 + 0.2)
    assert len(np.unique(table["flat"])) == 2
    assert np.isnan(fit_linear(table, "y", ["flat", "x"])["flat"])


@pytest.mark.parametrize("fit", [fit_linear, fit_poisson])
@pytest.mark.parametrize(
    ("change", "effects", "said"),
    [
        ({"x": np.full(320, 2.0)}, [], "x"),
        ({"x": np.repeat(np.arange(40.0), 8)}, BOTH, "x"),
        ({"x": np.full(320, -np.inf)}, [], "x.* infinite"),
        ({"x": np.full(320, np.nan)}, [], "x.* complete"),
        ({"count": np.full(320, np.nan)}, [], "count.* complete"),
        ({"u": np.arange(320)}, ["u"], "alone"),
    ],
)
def test_what_cannot_be_fitted_is_refused(fit, change, effects, said):
    with pytest.raises(ValueError, match=said):
        fit({**firm_years(9), **change}, "count", ["x"], effects)


@pytest.mark.parametrize("counts", [np.full(320, -1.0), np.zeros(320)])
def test_poisson_needs_counts(counts):
    with pytest.raises(ValueError, match="count"):
        fit_poisson({**firm_years(9), "count": counts}, "count", ["x"])


@pytest.mark.parametrize(
    ("instrumented", "instruments"),
    [(["x", "other"], ["z"]), (["x"], ["firm"]), (["firm"], ["z"]), (["x"], ["still"])],
)
def test_instruments_that_move_nothing_are_refused(instrumented, instruments):
    table = endogenous(2)
    if instruments == ["still"]:
        table = {"firm": [0, 0, 0, 0, 1, 1, 1, 1], "still": [1.0, 1, -1, -1] * 2}
        table |= {"x": [1.0, -1, 1, -1] * 2, "y": [1.0, 2, 3, 4, 5, 6, 7, 9]}
    with pytest.raises(ValueError, match=f"{instruments[0]}.*{instrumented[0]}"):
        fit_instrumented(table, "y", instrumented, instruments, effects=["firm"])


def test_zeros_that_leave_others_zero_or_alone():
    """Without firm 3, which is all zero, the year 2000 is all zero; then firm 1 is alone."""
    table = {
        "firm": [1, 1, 2, 2, 2, 3, 3, 4, 4, 4],
        "year": [2000, 2001, 2000, 2001, 2002, 2000, 2002, 2000, 2001, 2002],
        "x": [3.0, 1.0, 2.0, 5.0, 4.0, 1.0, 0.0, 1.0, 2.0, 6.0],
        "y": [0.0, 2.0, 0.0, 3.0, 1.0, 0.0, 0.0, 0.0, 4.0, 3.0],
    }
    # two firms in two years: the log of the ratio of ratios over the double difference of x
    wanted = np.log((1 / 3) / (3 / 4)) / ((4 - 5) - (6 - 2))
    assert fit_poisson(table, "y", ["x"], BOTH)["x"] == pytest.approx(wanted)


def test_a_regressor_over_zeros_alone_is_separated():
    table = firm_years(7)
    table["ban"] = ((table["firm"] < 5) & (table["year"] > 2005)).astype(float)
    table["count"] = np.where(table["ban"] > 0, 0.0, table["count"] + 1.0)
    fit = fit_poisson(table, "count", ["x", "ban"], BOTH)
    assert np.isnan(fit["ban"])
    without = {name: v[table["ban"] == 0] for name, v in table.items()}
    alone = fit_poisson(without, "count", ["x"], BOTH)
    assert fit["x"] == pytest.approx(alone["x"], rel=1e-9)
    both = {
        "g": np.repeat([0, 1], 6),
        "x": np.array([0.0, 0, 0, 0, 1, -1] * 2),
        "y": np.array([3.0, 4, 5, 2, 0, 0, 6, 7, 4, 2, 0, 0]),
    }
    assert fit_poisson(both, "y", ["x"], ["g"])["x"] == pytest.approx(0.0, abs=1e-6)


def test_effects_alone_may_separate_and_the_rest_is_as_without():
    """Group 1 has zeros alone in the late years, which group 2 has alone: no finite effects."""
    draw = np.random.default_rng(10)
    firm, year = np.repeat(np.arange(8), 6), np.tile(np.arange(6), 8)
    seen, apart = (firm < 4) | (year >= 3), (firm < 4) & (year >= 3)
    x = draw.normal(0, 1, 48)
    y = np.where(apart, 0.0, 1.0 + draw.poisson(np.exp(1 + 0.3 * x)))
    table = {"firm": firm, "year": year, "x": x, "y": y}
    every, rest = (
        fit_poisson({k: v[rows] for k, v in table.items()}, "y", ["x"], BOTH)
        for rows in (seen, seen & ~apart)
    )
    assert every["x"] == pytest.approx(rest["x"], rel=1e-6)


def test_far_regressors_settle():
    """A regressor in yuan, with means that spread over fifteen powers of ten."""
    draw = np.random.default_rng(9)
    firm, x = np.repeat(np.arange(30), 6), draw.normal(0, 1, 180)
    y = np.round(np.exp(3.0 * x + draw.normal(0, 6, 30)[firm]))
    fit = fit_poisson({"firm": firm, "yuan": 1e8 * x, "y": y}, "y", ["yuan"], ["firm"])
    assert fit["yuan"] * 1e8 == pytest.approx(3.0, abs=0.01)


# -- event studies ---------------------------------------------------------------------------------


def decline(k):
    """Losing a partner: -.16 after eight years, by degrees."""
    return -0.02 * min(k, 8)


def test_event_study_of_counts_by_hand():
    """One treated, two controls: logs of ratios to the year before, less those of the controls."""
    table = {
        "unit": ["a"] * 3 + ["b"] * 3 + ["c"] * 3,
        "year": [2000, 2001, 2002] * 3,
        "event": [2001.0] * 3 + [np.nan] * 6,
        "y": [4.0, 6.0, 2.0, 3.0, 3.0, 9.0, 3.0, 3.0, 9.0],
    }
    found = event_study(pd.DataFrame(table), *EVENT, window=(-1, 1), poisson=True)
    np.testing.assert_allclose(found, np.log([6 / 4, (2 / 4) / (9 / 3)]), atol=1e-7)


def test_event_study_is_the_fit_with_dummies_inside_the_window():
    table = events(1, decline)
    found = event_study(table, *EVENT, window=(-3, 4))
    k = table["year"] - table["event"]
    kept = np.isnan(k) | ((k >= -3) & (k <= 4))
    x = np.column_stack([k[kept] == lag for lag in (-3, -2, 0, 1, 2, 3, 4)]).astype(float)
    b = least_squares(table["y"][kept], x, table["unit"][kept], table["year"][kept])
    np.testing.assert_allclose(found, b, rtol=1e-7, atol=1e-9)
    beyond = event_study(table, *EVENT, window=(-4, 9))  # a year that nobody has
    assert np.isnan(beyond["+9"])
    assert np.isfinite(beyond["+5"])


@pytest.mark.parametrize("date", [np.full(480, np.nan), np.full(480, 1900.0), "every"])
def test_years_since_an_event_need_some_with_one_and_some_without(date):
    table = events(6, decline)
    event = 2004.0 + table["unit"] % 3 if isinstance(date, str) else date
    with pytest.raises(ValueError, match=r"effects|complete"):
        event_study({**table, "event": event}, *EVENT, window=(-4, 8))


# -- cohorts ---------------------------------------------------------------------------------------


def differing(g, e):
    """The early cohort gains more with time, the later one loses."""
    return 0.5 + 0.4 * e if g == 2003 else -0.3


def by_loops(table):
    """Cells and the overall effect, one unit after the other."""
    y = {(u, t): v for u, t, v in zip(table["unit"], table["year"], table["y"], strict=True)}
    start = dict(zip(table["unit"], table["cohort"], strict=True))
    years = sorted(set(table["year"].tolist()))
    cells = {}
    for g in sorted({float(s) for s in start.values() if not np.isnan(s)}):
        for t in years:
            change = {u: y[u, t] - y[u, int(g) - 1] for u in start}
            above = [change[u] for u, s in start.items() if s == g]
            last = max(t, g - 1)
            below = [change[u] for u, s in start.items() if np.isnan(s) or (s != g and s > last)]
            if below and t != g - 1:
                cells[int(g), t] = (np.mean(above) - np.mean(below), len(above))
    post = [(v, m) for (g, t), (v, m) in cells.items() if t >= g]
    return cells, sum(v * m for v, m in post) / sum(m for _, m in post)


@pytest.mark.parametrize("sizes", [(12, 10, 8), (0, 10, 8), (5, 3, 9)])
def test_cells_are_those_of_loops(sizes):
    table = cohorts(1, differing, sizes=sizes)
    found = staggered(table, *COHORT)
    cells, overall = by_loops(table)
    assert list(found.index) == [*(f"{g}:{t}" for g, t in cells), "overall"]
    np.testing.assert_allclose(found, [*(v for v, _ in cells.values()), overall])
    order = np.random.default_rng(0).permutation(len(table["y"]))
    mixed = staggered({name: v[order] for name, v in table.items()}, *COHORT)
    assert mixed["overall"] == found["overall"]


def test_units_without_a_year_or_treated_from_the_first_are_left_out():
    table = cohorts(4, differing, starts=(2000, 2006))
    never, first = np.isnan(table["cohort"]), table["cohort"] == 2000
    rest = {name: v[~first] for name, v in table.items()}
    assert staggered(table, *COHORT).to_dict() == staggered(rest, *COHORT).to_dict()
    holed = {**table, "y": np.where(np.arange(len(never)) == 0, np.nan, table["y"])}
    gone = {name: v[~first & (table["unit"] != table["unit"][0])] for name, v in table.items()}
    assert never[0]
    assert staggered(holed, *COHORT).to_dict() == staggered(gone, *COHORT).to_dict()
    late = staggered(cohorts(4, differing, starts=(2003, 2020)), *COHORT)
    assert not any(name.startswith("2020") for name in late.index)


@pytest.mark.parametrize("change", [{"cohort": np.full(270, np.nan)},
                                    {"cohort": np.full(270, 2000.0)},
                                    {"y": np.full(270, np.nan)}])  # fmt: skip
def test_cohorts_need_a_year_before_and_controls(change):
    with pytest.raises(ValueError, match="cohort"):
        staggered({**cohorts(6, differing), **change}, *COHORT)


# -- matching --------------------------------------------------------------------------------------


def grants(seed, effect=0.3, firms=240, years=8, dates=(2003, 2004)):
    """Large firms grow faster and get grants more often; the effect comes at once and stays."""
    draw = np.random.default_rng(seed)
    size, field = draw.normal(0, 1, firms), draw.integers(0, 3, firms)
    chance = 1 / (1 + np.exp(2.0 - 1.5 * size))
    event = np.where(draw.uniform(size=firms) < chance, draw.choice(dates, firms), np.nan)
    firm, t = np.repeat(np.arange(firms), years), np.tile(np.arange(years), firms)
    growth = 0.2 * size + 0.3 * field
    e = event[firm]
    y = 2.0 * draw.normal(0, 1, firms)[firm] + growth[firm] * t + effect * (2000 + t >= e)
    table = {"firm": firm, "year": 2000 + t, "event": e, "field": field[firm], "size": size[firm]}
    return {**table, "y": y + draw.normal(0, 0.2, len(y)), "group": 0 * firm, "number": 1.0 * firm}


def by_hand_table(*more):
    """Treated a and b; controls c, d of their group, e of another."""
    rows = []
    for name, group, x, before, after, event in [
        ("a", 1, 1.0, 10.0, 15.0, 2001.0),
        ("b", 1, 3.0, 20.0, 22.0, 2001.0),
        ("c", 1, 1.2, 0.0, 1.0, np.nan),
        ("d", 1, 9.0, 0.0, 4.0, np.nan),
        ("e", 2, 3.0, 0.0, 50.0, np.nan),
        *more,
    ]:
        rows.append((name, 2000, group, x, before, event))
        rows.append((name, 2001, group, 99.0, after, event))
    return pd.DataFrame(rows, columns=["firm", "year", "group", "x", "y", "event"])


def test_matching_by_hand():
    """Both find c: 5 - 1 and 2 - 1; one control tells no slope."""
    table = by_hand_table()
    assert matched_difference(table, *GRANT, ["x"], **AT_ONCE) == pytest.approx((4 + 1) / 2)
    # one of another group is matched with e; one of a third group with none
    more = by_hand_table(("A", 2, 3.0, 0.0, 10.0, 2001.0), ("z", 7, 1.0, 0.0, 1.0, 2001.0))
    wanted = np.mean([4, 1, 10 - 50])
    assert matched_difference(more, *GRANT, ["x"], **AT_ONCE) == pytest.approx(wanted)
    free = matched_difference(table.assign(group=0), *GRANT, ["x"], **AT_ONCE)
    assert free == pytest.approx((4 + 2 - 50) / 2)
    for gone in ("x", "y"):
        holed = table.assign(**{gone: table[gone].where(table.firm != "a")})
        with pytest.raises(ValueError, match="1 treated"):
            matched_difference(holed, *GRANT, ["x"], **AT_ONCE)


def test_slopes_weigh_controls_by_their_use():
    """Controls at 0, 1 and 2 are used once, once and twice; their changes are no line."""
    x = [0.1, 1.1, 1.9, 2.1, 0.0, 1.0, 2.0, 9.0]
    change = [1.0, 2.0, 3.0, 4.0, 0.0, 3.0, 4.0, 99.0]
    rows = [
        (i, 2000 + t, xi, ci * t, 2001.0 if i < 4 else np.nan, 0)
        for i, (xi, ci) in enumerate(zip(x, change, strict=True))
        for t in (0, 1)
    ]
    table = pd.DataFrame(rows, columns=["firm", "year", "x", "y", "event", "group"])
    used = np.array([0.0, 1.0, 2.0, 2.0])
    moved = np.polyfit(used, [0.0, 3.0, 4.0, 4.0], 1)[0] * (np.array(x[:4]) - used)
    gaps = np.array(change[:4]) - np.array([0.0, 3.0, 4.0, 4.0]) - moved
    found = matched_difference(table, *GRANT, ["x"], **AT_ONCE)
    assert found == pytest.approx(gaps.mean())


def test_covariates_count_by_their_spread():
    """A covariate in yuan does not drown one in shares, and its unit does not matter."""
    table = grants(1)
    table["share"] = np.random.default_rng(1).uniform(size=240)[table["firm"]]
    far = {**table, "size": 1e9 * table["size"] + 7.0}
    one, again = (
        matched_difference(each, *GRANT, ["size", "share"], horizon=3, exact="group")
        for each in (table, far)
    )
    assert again == pytest.approx(one)


def test_controls_are_untreated_to_the_end():
    """Those treated in between are no controls, those treated later are."""
    table = {
        "firm": np.repeat(np.arange(6), 4),
        "year": np.tile([2000, 2001, 2002, 2003], 6),
        "event": np.repeat([2001.0, 2001.0, 2002.0, 2003.0, np.nan, 2001.0], 4),
        "x": np.repeat([1.0, 2.0, 1.0, 1.4, 5.0, 1.0], 4),
        "y": np.zeros(24),
        "group": np.zeros(24),
    }
    table["y"][table["firm"] == 2] = 1000.0 * (table["year"][table["firm"] == 2] - 2000)
    table["y"][table["firm"] == 3] = 1.0 * (table["year"][table["firm"] == 3] - 2000)
    found = matched_difference(table, *GRANT, ["x"], horizon=1, exact="group")
    # three of 2001 against firm 3, one of 2002 against firm 4, one of 2003 lacks 2004
    assert found == pytest.approx((3 * (0 - 2) + 2000) / 4)
    with pytest.raises(ValueError, match="0 treated"):
        matched_difference(table, *GRANT, ["x"], horizon=5, exact="group")


def test_imputation_by_a_formula_and_against_growing_effects():
    """With effects that grow, two-way effects are bent; what is imputed is not."""
    table = pd.DataFrame(cohorts(4, lambda g, e: 0.1 * (e + 1), noise=0.0))
    since = table["year"] - table["cohort"]
    wanted = 0.1 * (since[since >= 0] + 1).mean()
    assert imputed(table, *COHORT) == pytest.approx(wanted, abs=1e-9)
    after = table.assign(x=since >= 0)
    bent = fit_linear(after, "y", ["x"], effects=("unit", "year"))["x"]
    assert abs(bent - wanted) > 0.05
    always = table.assign(cohort=2000.0)
    for bad in (always, table.assign(cohort=np.nan)):
        with pytest.raises(ValueError, match="cohort"):
            imputed(bad, *COHORT)


def test_randomisation_by_hand():
    again = np.linspace(-1.0, 1.0, 41)
    p, low, high = randomised(0.92, again)
    assert p == pytest.approx(2 * (1 + 2) / 42)
    assert (low, high) == (pytest.approx(0.92 - 1.0), pytest.approx(0.92 + 1.0))
    assert randomised(3.0, again)[0] == pytest.approx(2 / 42)
    assert randomised(3.0, again[:38])[1:] == (pytest.approx(math.nan, nan_ok=True),) * 2


@given(st.floats(-3.0, 3.0), st.integers(39, 130), st.integers(0, 99), st.floats(-1.0, 1.0))
def test_randomisation_rejects_zero_where_its_interval_excludes_it(found, draws, seed, centre):
    p, low, high = randomised(found, np.random.default_rng(seed).normal(centre, 1.0, draws))
    assert (p <= 0.05) == (low > 0.0 or high < 0.0)
