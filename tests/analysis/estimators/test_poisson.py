"""Poisson panels: the fit with all dummies, gravity, zeros, planted effects, bad input."""

import re
import textwrap
from pathlib import Path

import numpy as np
import pytest

from tests.support.panels import coverage, firm_years, poisson
from ydsim.analysis.estimators.poisson import fit_poisson
from ydsim.measures.gravity import fit_gravity
from ydsim.measures.gravity import fit_poisson as fit_dense

BOTH = {"effects": ["firm", "year"], "cluster": "firm"}


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
    """Two groups of two: the log ratio of sums where all groups have the same exposure."""
    table = {"g": [1, 1, 2, 2], "x": [0, 1, 0, 1], "y": [2.0, 3.0, 4.0, 9.0]}
    fit = fit_poisson(table, "y", ["x"], effects=["g"])
    assert fit["x"].estimate == pytest.approx(np.log(12.0 / 6.0))


@pytest.mark.slow
@pytest.mark.parametrize("gaps", [0.0, 0.3])
def test_it_is_the_fit_with_all_dummies(gaps):
    table = firm_years(1, gaps=gaps)
    table["count"] += 1.0 * (table["year"] < 2004)
    fit = fit_poisson(table, "count", ["x", "other"], **BOTH)
    assert fit.dropped == ()
    x = np.column_stack([table["x"], table["other"]])
    b, v = poisson(table["count"], x, table["firm"], table["year"], cluster=table["firm"], k=10)
    np.testing.assert_allclose(fit.coefficient, b, rtol=1e-8)
    np.testing.assert_allclose(fit.covariance, v, rtol=1e-7)


@pytest.mark.slow
def test_three_sets_of_pairs():
    table = pairs(1)
    keys = [("o", "t"), ("d", "t"), ("o", "d")]
    fit = fit_poisson(table, "joint", ["line"], effects=keys, cluster=("o", "d"))
    codes = [table[a] * 100 + table[b] for a, b in keys]
    kept = np.ones(len(table["o"]), bool)
    kept &= np.bincount(codes[2], weights=table["joint"])[codes[2]] > 0
    assert kept.all()
    b, v = poisson(
        table["joint"], table["line"][:, None], *codes, cluster=codes[2], k=1 + 1 + 2 * (40 - 1)
    )
    np.testing.assert_allclose(fit.coefficient, b, rtol=1e-8)
    np.testing.assert_allclose(fit.covariance, v, rtol=1e-7)
    assert fit.clusters == 56


def test_gravity_agrees():
    table = pairs(2, years=1)
    x = np.random.default_rng(3).normal(0, 1, (len(table["o"]), 2))
    ours = fit_poisson(
        {**table, "x0": x[:, 0], "x1": x[:, 1]}, "joint", ["x0", "x1"], effects=["o", "d"]
    )
    theirs = fit_gravity(table["joint"], x, (table["o"], table["d"]))
    np.testing.assert_allclose(ours.coefficient, theirs.coefficient, rtol=1e-7)
    np.testing.assert_allclose(np.sqrt(np.diag(ours.covariance)), theirs.error, rtol=1e-6)


@pytest.mark.slow
def test_statsmodels_agrees():
    api = pytest.importorskip("statsmodels.api")
    table = firm_years(4)
    years = (table["year"][:, None] == np.unique(table["year"])).astype(float)
    theirs = api.GLM(
        table["count"],
        np.column_stack([table["x"], years]),
        family=api.families.Poisson(),
    ).fit(cov_type="cluster", cov_kwds={"groups": table["city"]}, tol=1e-12)
    ours = fit_poisson(table, "count", ["x"], effects=["year"], cluster="city")
    assert ours["x"].estimate == pytest.approx(theirs.params[0], rel=1e-8)
    assert ours["x"].se == pytest.approx(theirs.bse[0], rel=1e-6)


def test_all_zero_groups_are_left_out_and_said():
    table = firm_years(5)
    table["count"] += 1.0 * (table["year"] < 2004)
    table["count"] = np.where(np.isin(table["firm"], [3, 7]), 0.0, table["count"])
    fit = fit_poisson(table, "count", ["x"], **BOTH)
    assert fit.dropped == ("16 rows in 2 of firm where all of count is zero",)
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
    assert fit.dropped == (
        "2 rows in 1 of firm where all of y is zero",
        "3 rows in 1 of year where all of y is zero",
        "1 row alone in their group (1 of firm)",
    )
    # two firms in two years: the log of the ratio of ratios over the double difference of x
    assert fit["x"].estimate == pytest.approx(np.log((1 / 3) / (3 / 4)) / ((4 - 5) - (6 - 2)))


def test_a_regressor_over_zeros_alone_is_separated():
    table = firm_years(7)
    table["ban"] = ((table["firm"] < 5) & (table["year"] > 2005)).astype(float)
    table["count"] = np.where(table["ban"] > 0, 0.0, table["count"] + 1.0)
    fit = fit_poisson(table, "count", ["x", "ban"], **BOTH)
    assert np.isnan(fit["ban"].estimate)
    assert fit.dropped[0] == "10 rows separated: a regressor varies over zeros of count alone"
    without = {name: v[table["ban"] == 0] for name, v in table.items()}
    assert fit["x"].estimate == pytest.approx(
        fit_poisson(without, "count", ["x"], **BOTH)["x"].estimate, rel=1e-9
    )


def test_effects_alone_may_separate_and_the_rest_is_as_without():
    """Group 1 has zeros alone in the late years, which group 2 has alone: no finite effects."""
    draw = np.random.default_rng(10)
    firm, year = np.repeat(np.arange(8), 6), np.tile(np.arange(6), 8)
    seen = (firm < 4) | (year >= 3)
    apart = (firm < 4) & (year >= 3)
    x = draw.normal(0, 1, 48)
    y = np.where(apart, 0.0, 1.0 + draw.poisson(np.exp(1 + 0.3 * x)))
    table = {"firm": firm, "year": year, "x": x, "y": y}
    fit = fit_poisson({k: v[seen] for k, v in table.items()}, "y", ["x"], effects=["firm", "year"])
    rest = {k: v[seen & ~apart] for k, v in table.items()}
    without = fit_poisson(rest, "y", ["x"], effects=["firm", "year"])
    assert fit["x"].estimate == pytest.approx(without["x"].estimate, rel=1e-6)


def test_a_regressor_of_both_signs_over_zeros_is_not_separated():
    table = {
        "g": np.repeat([0, 1], 6),
        "x": np.array([0.0, 0, 0, 0, 1, -1] * 2),
        "y": np.array([3.0, 4, 5, 2, 0, 0, 6, 7, 4, 2, 0, 0]),
    }
    fit = fit_poisson(table, "y", ["x"], effects=["g"])
    assert fit["x"].estimate == pytest.approx(0.0, abs=1e-6)
    assert fit.dropped == ()
    assert fit.n == 12


@pytest.mark.slow
def test_planted_effect_of_a_line_is_covered():
    keys = {"effects": [("o", "t"), ("d", "t"), ("o", "d")], "cluster": ("o", "d")}
    fits = [fit_poisson(pairs(s), "joint", ["line"], **keys)["line"] for s in range(50)]
    assert coverage(fits, 0.28) >= 0.85
    assert np.mean([f.estimate for f in fits]) == pytest.approx(0.28, abs=0.06)
    null = [fit_poisson(pairs(s, 0.0), "joint", ["line"], **keys)["line"] for s in range(50)]
    assert coverage(null, 0.0) >= 0.85
    assert coverage(fits, 0.0) < 0.8


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


def test_scale_shifts_effects_alone():
    table = firm_years(8)
    one = fit_poisson(table, "count", ["x"], **BOTH)
    many = fit_poisson({**table, "count": 1e6 * table["count"]}, "count", ["x"], **BOTH)
    assert many["x"].estimate == pytest.approx(one["x"].estimate, rel=1e-9)
    assert many["x"].se == pytest.approx(one["x"].se, rel=1e-8)


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


@pytest.mark.parametrize(
    ("change", "regressors", "message"),
    [
        ({"count": np.full(320, -1.0)}, ["x"], "column 'count' is negative in row 0"),
        ({"count": np.zeros(320)}, ["x"], "column 'count' is zero everywhere"),
        ({}, ["x", "yeer"], "unknown column 'yeer'; did you mean 'year'?"),
        ({}, [], "there is no regressor"),
        ({"x": np.repeat(np.arange(40.0), 8)}, ["x"], "column 'x': firm, year and the columns"),
        ({"firm": np.arange(320)}, ["x"], "every row is alone in a group"),
    ],
)
def test_bad_input_gets_one_line(change, regressors, message):
    with pytest.raises(ValueError, match=r"^[^\n]*$") as caught:
        fit_poisson({**firm_years(9), **change}, "count", regressors, effects=["firm", "year"])
    assert str(caught.value).startswith(message)


def test_the_example_of_the_page_runs(capsys):
    page = (Path(__file__).parents[3] / "docs" / "contents.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    code = next(block for block in blocks if "estimators" in block)
    table = pairs(1)
    exec(textwrap.dedent(code), {"pairs": {**table, "year": table["t"], "rail": table["line"]}})
    assert capsys.readouterr().out.startswith("Estimate(estimate=0.")


def test_one_cluster_is_an_error():
    table = {**firm_years(9), "one": np.zeros(320)}
    with pytest.raises(ValueError, match="column 'one' has one cluster"):
        fit_poisson(table, "count", ["x"], effects=["firm"], cluster="one")
