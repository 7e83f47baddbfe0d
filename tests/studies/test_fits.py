"""Fits with fixed effects: the fit with all dummies, planted effects, coverage, hostile input."""

import re
import textwrap
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from tests.support.panels import coverage, firm_years, least_squares, poisson
from ydsim.measures.gravity import fit_poisson as fit_dense
from ydsim.studies.estimators import fit_instrumented, fit_linear, fit_poisson
from ydsim.studies.estimators.columns import codes_of, numbers
from ydsim.studies.estimators.fits import residuals, split

BOTH = {"effects": ["firm", "year"], "cluster": "firm"}

FEOLS = [0.2673161168278752, 0.21568741576352393], [0.04541392130895343, 0.038129611081742246]
FEPOIS = [0.2472384526850313, 0.1488837072926833], [0.04577217405828175, 0.037693054031154964]
IV = [0.06725153615773047, 0.3757937931010737], [0.20427378879717253, 0.1785408643768836]
"""Coefficients and errors of pyfixest 0.60 (`feols`, `fepois`; vcov CRV1, tolerances 1e-12)."""


def endogenous(seed, effect=0.5, strength=1.0, firms=40, years=6):
    """What moves x moves y too; z moves x alone."""
    draw = np.random.default_rng(seed)
    n = firms * years
    firm, year = np.repeat(np.arange(firms), years), np.tile(np.arange(years), firms)
    a, z, z2, u = draw.normal(0, 1, firms)[firm], *draw.normal(0, 1, (3, n))
    other = 0.5 * z + draw.normal(0, 1, n)
    x = strength * z + 0.5 * strength * z2 + u + a + draw.normal(0, 1, n)
    y = effect * x + 0.3 * other + 1.5 * u + a + draw.normal(0, 0.5, n)
    names = ("firm", "year", "x", "other", "z", "z2", "y")
    return dict(zip(names, (firm, year, x, other, z, z2, y), strict=True))


def pairs(seed, effect=0.28, places=8, years=5):
    """Joint work of city pairs; a line between some from some year on; effects ot, dt, od."""
    draw = np.random.default_rng(seed)
    o, d, t = (a.ravel() for a in np.mgrid[:places, :places, :years])
    apart = o != d
    o, d, t = o[apart], d[apart], t[apart]
    start = draw.integers(1, years + 3, (places, places))
    line = (t >= start[o, d]).astype(float)
    out, into = draw.normal(0, 0.4, (2, places, years))
    pair = draw.normal(0, 0.5, (places, places))
    log = 1.0 + effect * line + out[o, t] + into[d, t] + pair[o, d]
    joint = draw.poisson(np.exp(log)).astype(float)
    return {"o": o, "d": d, "t": t, "line": line, "joint": joint}


def test_by_hand():
    """Two firms, two years: the effect is the mean change of y over that of x."""
    table = {"firm": [1, 1, 2, 2], "x": [0.0, 1.0, 0.0, 3.0], "y": [5.0, 6.0, 1.0, 7.0]}
    fit = fit_linear(table, "y", ["x"], effects=["firm"])
    assert fit["x"].estimate == pytest.approx((1 * 1 + 3 * 6) / (1 + 9))
    # residuals of half differences: (1 - 1.9) / 2 and (6 - 5.7) / 2, each twice; K = 1 + 1 + 1
    scores = 2 * ((0.5 * 0.45) ** 2 + (1.5 * 0.15) ** 2)
    assert fit["x"].se == pytest.approx(np.sqrt(4 / (4 - 3) * scores) / 5.0)
    assert (fit.n, fit.clusters, fit.free) == (4, 4, 1)
    # two groups of two: the log ratio of sums where all groups have the same exposure
    table = {"g": [1, 1, 2, 2], "x": [0, 1, 0, 1], "y": [2.0, 3.0, 4.0, 9.0]}
    assert fit_poisson(table, "y", ["x"], effects=["g"])["x"].estimate == pytest.approx(np.log(2))


@pytest.mark.parametrize("gaps", [0.0, 0.3])
@pytest.mark.parametrize(
    ("cluster", "effects", "k"),
    [
        ("firm", ["firm", "year"], 2 + 1 + 7),  # effects of firms lie inside the clusters
        ("city", ["firm", "year"], 2 + 1 + 7),
        ("year", ["firm"], 2 + 1 + 39),
        (None, ["firm", "year"], 2 + 1 + 39 + 7),
    ],
)
def test_it_is_the_fit_with_all_dummies(cluster, effects, k, gaps):
    table = firm_years(1, gaps=gaps)
    x = np.column_stack([table["x"], table["other"]])
    codes, groups = [table[name] for name in effects], table.get(cluster)
    fit = fit_linear(table, "y", ["x", "other"], effects=effects, cluster=cluster)
    b, v = least_squares(table["y"], x, *codes, cluster=groups, k=k)
    np.testing.assert_allclose(fit.coefficient, b, rtol=1e-9)
    np.testing.assert_allclose(fit.covariance, v, rtol=1e-8)
    assert fit.free == (len(x) - k if cluster is None else len(np.unique(groups)) - 1)


@pytest.mark.slow
@pytest.mark.parametrize("gaps", [0.0, 0.3])
def test_poisson_is_the_fit_with_all_dummies(gaps):
    table = firm_years(1, gaps=gaps)
    table["count"] += 1.0 * (table["year"] < 2004)
    fit = fit_poisson(table, "count", ["x", "other"], **BOTH)
    assert fit.dropped == ()
    x = np.column_stack([table["x"], table["other"]])
    b, v = poisson(table["count"], x, table["firm"], table["year"], cluster=table["firm"], k=10)
    np.testing.assert_allclose(fit.coefficient, b, rtol=1e-8)
    np.testing.assert_allclose(fit.covariance, v, rtol=1e-7)


def test_three_sets_of_effects_and_combinations():
    table = firm_years(3, gaps=0.2)
    table["field"] = np.random.default_rng(0).integers(0, 3, len(table["y"]))
    fit = fit_linear(table, "y", ["x"], effects=["firm", ("city", "year"), "field"])
    city_year = table["city"] * 10_000 + table["year"]
    b, _ = least_squares(table["y"], table["x"][:, None], table["firm"], city_year, table["field"])
    np.testing.assert_allclose(fit.coefficient, b, rtol=1e-8)


def test_pyfixest_gave_the_same():
    table = firm_years(1, gaps=0.3)
    more = {**table, "count": table["count"] + 1.0 * (table["year"] < 2004)}
    two = fit_instrumented(endogenous(1), "y", ["x"], ["z", "z2"], ["other"], **BOTH)
    linear = fit_linear(table, "y", ["x", "other"], **BOTH)
    counts = fit_poisson(more, "count", ["x", "other"], **BOTH)
    for fit, (coefficient, error) in ((linear, FEOLS), (counts, FEPOIS), (two, IV)):
        np.testing.assert_allclose(fit.coefficient, coefficient, rtol=1e-9)
        np.testing.assert_allclose(np.sqrt(np.diag(fit.covariance)), error, rtol=1e-9)
    assert two.strength["x"] == pytest.approx(27.034187729348075)


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


def test_planted_effects_are_covered_and_placebos_hold_zero():
    fits = [fit_linear(firm_years(s, firms=20), "y", ["x", "other"], **BOTH) for s in range(60)]
    assert coverage([f["x"] for f in fits], 0.3) >= 0.85
    assert np.mean([f["x"].estimate for f in fits]) == pytest.approx(0.3, abs=0.02)
    # leaving effects out would not do
    naive = [fit_linear(firm_years(s, firms=20), "y", ["x", "other"]) for s in range(20)]
    assert coverage([f["x"] for f in naive], 0.3) < 0.3
    none = [firm_years(s, 0.0, firms=20) for s in range(60)]
    fits = [fit_linear(table, "y", ["x", "other"], **BOTH) for table in none]
    assert coverage([f["x"] for f in fits], 0.0) >= 0.85


@pytest.mark.slow
def test_planted_effect_of_a_line_is_covered():
    keys = {"effects": [("o", "t"), ("d", "t"), ("o", "d")], "cluster": ("o", "d")}
    fits = [fit_poisson(pairs(s), "joint", ["line"], **keys)["line"] for s in range(50)]
    assert coverage(fits, 0.28) >= 0.85
    assert np.mean([f.estimate for f in fits]) == pytest.approx(0.28, abs=0.06)
    null = [fit_poisson(pairs(s, 0.0), "joint", ["line"], **keys)["line"] for s in range(50)]
    assert coverage(null, 0.0) >= 0.85
    assert coverage(fits, 0.0) < 0.8


@pytest.mark.slow
def test_errors_allow_for_clusters():
    """Lasting shocks of cities and a regressor of cities: by rows errors are far too small."""

    def covered(cluster):
        found = []
        for seed in range(50):
            draw = np.random.default_rng(seed)
            city = np.repeat(np.arange(25), 12)
            x, u = draw.normal(0, 1, 25)[city], draw.normal(0, 1, 25)[city]
            table = {"city": city, "x": x, "y": u + draw.normal(0, 0.3, 300)}
            found.append(fit_linear(table, "y", ["x"], cluster=cluster)["x"])
        return coverage(found, 0.0)

    assert covered("city") >= 0.84
    assert covered(None) < 0.6


@pytest.mark.slow
def test_variance_need_not_be_poisson():
    """Amounts that spread far more than counts do: robust errors still cover."""
    fits = []
    for seed in range(60):
        draw = np.random.default_rng(seed)
        firm = np.repeat(np.arange(60), 5)
        x = draw.normal(0, 1, 300)
        y = np.exp(1.0 + 0.3 * x + draw.normal(0, 0.5, 60)[firm]) * draw.gamma(1.0, 1.0, 300)
        table = {"firm": firm, "x": x, "y": y}
        fits.append(fit_poisson(table, "y", ["x"], effects=["firm"], cluster="firm")["x"])
    assert coverage(fits, 0.3) >= 0.85


def test_frames_strings_order_and_scale():
    table = firm_years(6)
    plain = fit_linear(table, "y", ["x"], **BOTH)
    frame = pd.DataFrame(table).assign(firm=[f"firm {i}" for i in table["firm"]])
    for other in (frame, frame.sample(frac=1.0, random_state=1)):
        fit = fit_linear(other, "y", ["x"], **BOTH)
        np.testing.assert_allclose(fit.coefficient, plain.coefficient, rtol=1e-10)
        np.testing.assert_allclose(fit.covariance, plain.covariance, rtol=1e-9)
    scaled = fit_linear({**table, "x": 1e6 * table["x"] + 1e7}, "y", ["x"], **BOTH)
    assert scaled["x"].estimate * 1e6 == pytest.approx(plain["x"].estimate, rel=1e-8)
    again = fit_linear(table, "y", ["x"], **BOTH)
    assert again.coefficient.tobytes() == plain.coefficient.tobytes()
    one = fit_poisson(table, "count", ["x"], **BOTH)["x"]
    many = fit_poisson({**table, "count": 1e6 * table["count"]}, "count", ["x"], **BOTH)["x"]
    assert (many.estimate, many.se) == pytest.approx((one.estimate, one.se), rel=1e-8)


def test_what_is_missing_or_alone_is_left_out_and_said():
    table = {name: values.astype(float) for name, values in firm_years(7, firms=12).items()}
    lone = {"firm": 99.0, "year": 2001.0, "city": 1.0, "x": 1.0, "y": 50.0, "other": 0.0}
    table = {name: np.append(value, table[name]) for name, value in lone.items()}
    table["x"][1:4] = table["firm"][4] = np.nan
    fit = fit_linear(table, "y", ["x"], **BOTH)
    assert [text.split()[0] for text in fit.dropped] == ["3", "1", "1"]
    kept = fit_linear({name: v[5:] for name, v in table.items()}, "y", ["x"], **BOTH)
    assert fit["x"] == replace(kept["x"], dropped=fit.dropped)


def test_rows_left_alone_go_one_after_the_other():
    """The only row of 2003 goes, then firm 3, left with 2004, then the other row of 2004."""
    table = {
        "firm": [1, 1, 1, 2, 2, 2, 3, 3, 2],
        "year": [2000, 2001, 2002, 2000, 2001, 2002, 2003, 2004, 2004],
        "x": [0.0, 1.0, 5.0, 2.0, 7.0, 3.0, 4.0, 1.0, 9.0],
        "y": [1.0, 2.0, 7.0, 3.0, 4.0, 6.0, 50.0, 90.0, -30.0],
    }
    fit = fit_linear(table, "y", ["x"], effects=["firm", "year"])
    assert fit.n == 6
    assert [(text[:5], text.split()[-1]) for text in fit.dropped] == [
        ("1 row", "year"), ("1 row", "firm"), ("1 row", "year"),
    ]  # fmt: skip
    first = {name: values[:6] for name, values in table.items()}
    alone = fit_linear(first, "y", ["x"], effects=["firm", "year"])
    assert fit["x"].estimate == pytest.approx(alone["x"].estimate)


def test_collinear_regressors_have_no_coefficient():
    table = firm_years(8)
    table["double"], table["of_firm"] = 2.0 * table["x"] + 1.0, table["firm"] * 0.1
    fit = fit_linear(table, "y", ["of_firm", "x", "double", "other"], **BOTH)
    assert np.isnan(fit.coefficient).tolist() == [True, False, True, False]
    assert [text.split(":")[0] for text in fit.dropped] == ["of_firm", "double"]
    assert np.isnan(fit["double"].se)
    alone = fit_linear(table, "y", ["x", "other"], **BOTH)["x"]
    assert (fit["x"].estimate, fit["x"].se) == pytest.approx((alone.estimate, alone.se))
    assert np.isnan(fit.sum_of({"x": 1.0, "double": 1.0}).estimate)
    # a constant with rounding is a constant
    table["flat"] = np.where(table["firm"] % 2 == 0, 0.3, 0.1 + 0.2)
    assert len(np.unique(table["flat"])) == 2
    assert np.isnan(fit_linear(table, "y", ["flat", "x"])["flat"].estimate)


@pytest.mark.parametrize("fit", [fit_linear, fit_poisson])
@pytest.mark.parametrize(
    ("change", "regressors", "options", "said"),
    [
        ({}, ["othr"], {}, ["othr", "other"]),
        ({}, ["x"], {"effects": ["frim"]}, ["frim", "firm"]),
        ({}, ["x"], {"cluster": "citty"}, ["citty", "city"]),
        ({}, ["x", "x"], {}, ["x", "twice"]),
        ({}, [], {}, ["no regressor"]),
        ({"x": np.full(320, 2.0)}, ["x"], {}, ["x", "constant"]),
        ({"x": np.repeat(np.arange(40.0), 8)}, ["x"], BOTH, ["x", "firm", "year"]),
        ({"z": np.zeros(320)}, ["x"], {"cluster": "z"}, ["z", "one cluster"]),
        ({"x": np.full(320, -np.inf)}, ["x"], {}, ["x", "infinite", "row 0"]),
        ({"x": ["a"] * 320}, ["x"], {}, ["x", "row 0", "a"]),
        ({"x": np.ones((320, 2))}, ["x"], {}, ["x", "(320, 2)"]),
        ({"x": np.zeros(3)}, ["x"], {}, ["x", "3", "320"]),
        ({"x": np.full(320, np.nan)}, ["x"], {}, ["320 rows", "x"]),
        ({"u": np.arange(320)}, ["x"], {"effects": ["u"]}, ["alone", "of u"]),
        ({"count": np.full(320, np.nan)}, ["x"], {}, ["320 rows", "count"]),
    ],
)
def test_bad_input_gets_one_line(fit, change, regressors, options, said):
    with pytest.raises(ValueError, match=r"^[^\n]*$") as caught:
        fit({**firm_years(9), **change}, "count", regressors, **options)
    assert all(part in str(caught.value) for part in said), str(caught.value)


@pytest.mark.parametrize(
    ("counts", "said"), [(np.full(320, -1.0), "negative in row 0"), (np.zeros(320), "zero every")]
)
def test_poisson_needs_counts(counts, said):
    with pytest.raises(ValueError, match=f"'count' is {said}"):
        fit_poisson({**firm_years(9), "count": counts}, "count", ["x"])


def test_sums_of_coefficients():
    fit = fit_linear(firm_years(10), "y", ["x", "other"], **BOTH)
    (a, b), v = fit.coefficient, fit.covariance
    total = fit.sum_of({"x": 2.0, "other": -1.0})
    assert total.estimate == pytest.approx(2 * a - b)
    assert total.se == pytest.approx(np.sqrt(4 * v[0, 0] + v[1, 1] - 4 * v[0, 1]))
    with pytest.raises(ValueError, match=r"'othre'.*'other'"):
        fit.sum_of({"othre": 1.0})


def test_intervals_are_students():
    """Four clusters have three degrees of freedom; rows alone all but the coefficients."""
    table = firm_years(12)
    table["four"] = table["firm"] % 4
    for cluster, free in (("four", 3), (None, 320 - 2)):
        found = fit_linear(table, "y", ["x"], cluster=cluster)["x"]
        half = stats.t.ppf(0.975, free) * found.se
        ends = found.estimate - half, found.estimate + half
        assert (found.low, found.high) == pytest.approx(ends)


@pytest.mark.parametrize("instruments", [["z"], ["z", "z2"]])
def test_instruments_are_the_two_stages_with_all_dummies(instruments):
    table = endogenous(1)
    fit = fit_instrumented(table, "y", ["x"], instruments, ["other"], **BOTH)
    x = np.column_stack([table["x"], table["other"]])
    h = np.column_stack([table["other"], *(table[z] for z in instruments)])
    ends = {"cluster": table["firm"], "k": 2 + 1 + 5}
    b, v = least_squares(table["y"], x, table["firm"], table["year"], instruments=h, **ends)
    np.testing.assert_allclose(fit.coefficient, b, rtol=1e-9)
    np.testing.assert_allclose(fit.covariance, v, rtol=1e-8)
    ends["k"] = h.shape[1] + 1 + 5
    first, first_v = least_squares(table["x"], h, table["firm"], table["year"], **ends)
    q = first[1:] @ np.linalg.solve(first_v[1:, 1:], first[1:]) / len(instruments)
    assert fit.strength == {"x": pytest.approx(q)}


def test_instruments_recover_what_least_squares_does_not():
    tables = [endogenous(seed) for seed in range(50)]
    two = [fit_instrumented(table, "y", ["x"], ["z", "z2"], ["other"], **BOTH) for table in tables]
    one = [fit_linear(table, "y", ["x", "other"], **BOTH)["x"] for table in tables]
    assert coverage([f["x"] for f in two], 0.5) >= 0.85
    assert coverage(one, 0.5) < 0.2
    assert min(f.strength["x"] for f in two) > 10.0
    weak = [
        fit_instrumented(endogenous(s, strength=0.0), "y", ["x"], ["z"], effects=["firm"])
        for s in range(10)
    ]
    assert np.median([f.strength["x"] for f in weak]) < 5.0


@pytest.mark.parametrize(
    ("instrumented", "instruments", "said"),
    [
        (["x", "other"], ["z"], "1 instruments for 2 regressors"),
        ([], ["z"], "1 instruments for 0"),
        (["x"], ["z", "firm"], "column 'firm'"),
        (["x"], ["zz"], "unknown column 'zz'"),
        (["firm"], ["z"], "column 'firm'"),
        (["x"], ["still"], "column 'x': the instruments still do not move it"),
    ],
)
def test_bad_instruments(instrumented, instruments, said):
    table = endogenous(2)
    if instruments == ["still"]:
        table = {"firm": [0, 0, 0, 0, 1, 1, 1, 1], "still": [1.0, 1, -1, -1] * 2}
        table |= {"x": [1.0, -1, 1, -1] * 2, "y": [1.0, 2, 3, 4, 5, 6, 7, 9]}
    with pytest.raises(ValueError, match=said):
        fit_instrumented(table, "y", instrumented, instruments, effects=["firm"])


def test_all_zero_groups_are_left_out_and_said():
    table = firm_years(5)
    table["count"] += 1.0 * (table["year"] < 2004)
    table["count"] = np.where(np.isin(table["firm"], [3, 7]), 0.0, table["count"])
    fit = fit_poisson(table, "count", ["x"], **BOTH)
    assert re.findall(r"\d+ rows|\d+ of \w+", fit.dropped[0]) == ["16 rows", "2 of firm"]
    kept = {name: v[~np.isin(table["firm"], [3, 7])] for name, v in table.items()}
    other = fit_poisson(kept, "count", ["x"], **BOTH)
    np.testing.assert_allclose(fit.coefficient, other.coefficient, rtol=1e-12)
    np.testing.assert_allclose(fit.covariance, other.covariance, rtol=1e-11)
    assert fit.clusters == 38


def test_zeros_that_leave_others_zero_or_alone():
    """Without firm 3, which is all zero, the year 2000 is all zero; then firm 1 is alone."""
    table = {
        "firm": [1, 1, 2, 2, 2, 3, 3, 4, 4, 4],
        "year": [2000, 2001, 2000, 2001, 2002, 2000, 2002, 2000, 2001, 2002],
        "x": [3.0, 1.0, 2.0, 5.0, 4.0, 1.0, 0.0, 1.0, 2.0, 6.0],
        "y": [0.0, 2.0, 0.0, 3.0, 1.0, 0.0, 0.0, 0.0, 4.0, 3.0],
    }
    fit = fit_poisson(table, "y", ["x"], effects=["firm", "year"], cluster="firm")
    assert [text.split()[0] for text in fit.dropped] == ["2", "3", "1"]
    # two firms in two years: the log of the ratio of ratios over the double difference of x
    assert fit["x"].estimate == pytest.approx(np.log((1 / 3) / (3 / 4)) / ((4 - 5) - (6 - 2)))


def test_a_regressor_over_zeros_alone_is_separated():
    table = firm_years(7)
    table["ban"] = ((table["firm"] < 5) & (table["year"] > 2005)).astype(float)
    table["count"] = np.where(table["ban"] > 0, 0.0, table["count"] + 1.0)
    fit = fit_poisson(table, "count", ["x", "ban"], **BOTH)
    assert np.isnan(fit["ban"].estimate)
    assert fit.dropped[0].startswith("10 rows separated")
    without = {name: v[table["ban"] == 0] for name, v in table.items()}
    alone = fit_poisson(without, "count", ["x"], **BOTH)
    assert fit["x"].estimate == pytest.approx(alone["x"].estimate, rel=1e-9)


def test_a_regressor_of_both_signs_over_zeros_is_not_separated():
    table = {
        "g": np.repeat([0, 1], 6),
        "x": np.array([0.0, 0, 0, 0, 1, -1] * 2),
        "y": np.array([3.0, 4, 5, 2, 0, 0, 6, 7, 4, 2, 0, 0]),
    }
    fit = fit_poisson(table, "y", ["x"], effects=["g"])
    assert fit["x"].estimate == pytest.approx(0.0, abs=1e-6)
    assert (fit.n, fit.dropped) == (12, ())


def test_effects_alone_may_separate_and_the_rest_is_as_without():
    """Group 1 has zeros alone in the late years, which group 2 has alone: no finite effects."""
    draw = np.random.default_rng(10)
    firm, year = np.repeat(np.arange(8), 6), np.tile(np.arange(6), 8)
    seen, apart = (firm < 4) | (year >= 3), (firm < 4) & (year >= 3)
    x = draw.normal(0, 1, 48)
    y = np.where(apart, 0.0, 1.0 + draw.poisson(np.exp(1 + 0.3 * x)))
    table = {"firm": firm, "year": year, "x": x, "y": y}
    every, rest = (
        fit_poisson({k: v[rows] for k, v in table.items()}, "y", ["x"], effects=["firm", "year"])
        for rows in (seen, seen & ~apart)
    )
    assert every["x"].estimate == pytest.approx(rest["x"].estimate, rel=1e-6)


def rough(seed):
    """Few rows, regressors and outcomes over many powers of ten, many zeros."""
    draw = np.random.default_rng(seed)
    n = int(draw.integers(6, 16))
    g = draw.integers(0, 2, n)
    x = np.sign(draw.normal(size=n)) * np.exp(draw.normal(0, 3, n))
    y = np.where(draw.uniform(size=n) < 0.4, 0.0, np.exp(draw.normal(0, 4, n)))
    return {"g": g, "x": x, "x2": draw.normal(size=n) ** 3, "y": y}


@pytest.mark.parametrize("seed", [0, 6, 20, 36, 41, 44, 82, 83, 104, 137, 201, 246])
def test_rough_samples_find_the_maximum(seed):
    """Whole steps from the start would miss it, and weights over fifty powers of ten."""
    table = rough(seed)
    ours = fit_poisson(table, "y", ["x", "x2"], effects=["g"])
    columns = [table["g"] == 0, table["g"] == 1, table["x"], table["x2"]]
    theirs = fit_dense(table["y"], np.column_stack(columns).astype(float))
    np.testing.assert_allclose(ours.coefficient, theirs.coefficient[2:], rtol=1e-4)


def test_far_regressors_settle():
    """A regressor in yuan, with means that spread over fifteen powers of ten."""
    draw = np.random.default_rng(9)
    firm, x = np.repeat(np.arange(30), 6), draw.normal(0, 1, 180)
    y = np.round(np.exp(3.0 * x + draw.normal(0, 6, 30)[firm]))
    table = {"firm": firm, "yuan": 1e8 * x, "y": y}
    fit = fit_poisson(table, "y", ["yuan"], effects=["firm"], cluster="firm")
    assert fit["yuan"].estimate * 1e8 == pytest.approx(3.0, abs=0.01)


def test_the_example_of_the_page_runs(capsys):
    page = (Path(__file__).parents[2] / "docs" / "contents.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    code = next(block for block in blocks if "estimators" in block)
    table = pairs(1)
    exec(textwrap.dedent(code), {"pairs": {**table, "year": table["t"], "rail": table["line"]}})
    assert capsys.readouterr().out.startswith("Estimate(estimate=0.")


def test_codes_of_keys():
    table = {"a": ["y", "x", None, "y"], "b": [1.0, 1.0, 2.0, np.nan], "c": [2, 1, 1, 2]}
    assert codes_of(table, "a").tolist() == [1, 0, -1, 1]
    assert codes_of(table, "b").tolist() == [0, 0, 1, -1]
    assert codes_of(table, ("a", "b")).tolist()[2:] == [-1, -1]
    assert len(set(codes_of(table, ("a", "b"))[:2].tolist())) == 2
    many = {"a": [0, 0, 1, 1, 0], "b": [0, 1, 0, 1, 0], "c": [5, 5, 5, 5, 6]}
    assert len(np.unique(codes_of(many, ("a", "b", "c")))) == 5
    assert codes_of(many, ("a", "b"))[0] == codes_of(many, ("a", "b"))[4]


def test_numbers_of_all_kinds():
    whole = {"whole": pd.array([1, None, 3], dtype="Int64"), "flag": [True, False, True]}
    frame = pd.DataFrame({**whole, "mixed": np.array([1, None, 2.5], dtype=object)})
    np.testing.assert_array_equal(numbers(frame, "whole"), [1.0, np.nan, 3.0])
    np.testing.assert_array_equal(numbers(frame, "flag"), [1.0, 0.0, 1.0])
    np.testing.assert_array_equal(numbers(frame, "mixed"), [1.0, np.nan, 2.5])
