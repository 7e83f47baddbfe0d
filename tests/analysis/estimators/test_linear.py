"""Linear panels: the fit with all dummies, planted effects, coverage, instruments, bad input."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from tests.support.panels import coverage, firm_years, least_squares
from ydsim.analysis.estimators.absorb import residuals, split
from ydsim.analysis.estimators.linear import fit_instrumented, fit_linear

BOTH = {"effects": ["firm", "year"], "cluster": "firm"}


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


def test_by_hand():
    """Two firms, two years: the effect is the mean change of y over that of x."""
    table = {"firm": [1, 1, 2, 2], "x": [0.0, 1.0, 0.0, 3.0], "y": [5.0, 6.0, 1.0, 7.0]}
    fit = fit_linear(table, "y", ["x"], effects=["firm"])
    assert fit["x"].estimate == pytest.approx((1 * 1 + 3 * 6) / (1 + 9))
    # residuals of half differences: (1 - 1.9) / 2 and (6 - 5.7) / 2, each twice; K = 1 + 1 + 1
    scores = 2 * ((0.5 * 0.45) ** 2 + (1.5 * 0.15) ** 2)
    assert fit["x"].se == pytest.approx(np.sqrt(4 / (4 - 3) * scores) / 5.0)
    assert (fit.n, fit.clusters, fit.free) == (4, 4, 1)


@pytest.mark.parametrize("gaps", [0.0, 0.3])
def test_it_is_the_fit_with_all_dummies(gaps):
    table = firm_years(1, gaps=gaps)
    x = np.column_stack([table["x"], table["other"]])
    years = len(np.unique(table["year"]))
    fit = fit_linear(table, "y", ["x", "other"], **BOTH)
    # effects of firms lie inside the clusters and are not counted
    b, v = least_squares(
        table["y"], x, table["firm"], table["year"], cluster=table["firm"], k=2 + 1 + years - 1
    )
    np.testing.assert_allclose(fit.coefficient, b, rtol=1e-9)
    np.testing.assert_allclose(fit.covariance, v, rtol=1e-8)
    plain = fit_linear(table, "y", ["x", "other"], effects=["firm", "year"])
    b, v = least_squares(table["y"], x, table["firm"], table["year"])
    np.testing.assert_allclose(plain.coefficient, b, rtol=1e-9)
    np.testing.assert_allclose(plain.covariance, v, rtol=1e-8)


def test_clusters_above_the_effects_are_nested_and_across_are_counted():
    table = firm_years(2)
    x = table["x"][:, None]
    by_city = fit_linear(table, "y", ["x"], effects=["firm", "year"], cluster="city")
    _, v = least_squares(table["y"], x, table["firm"], table["year"], cluster=table["city"], k=9)
    np.testing.assert_allclose(by_city.covariance, v, rtol=1e-8)
    assert by_city.clusters == 10
    assert by_city.free == 9
    by_year = fit_linear(table, "y", ["x"], effects=["firm"], cluster="year")
    _, v = least_squares(table["y"], x, table["firm"], cluster=table["year"])
    np.testing.assert_allclose(by_year.covariance, v, rtol=1e-8)


def test_three_sets_of_effects_and_combinations():
    table = firm_years(3, gaps=0.2)
    table["field"] = np.random.default_rng(0).integers(0, 3, len(table["y"]))
    fit = fit_linear(table, "y", ["x"], effects=["firm", ("city", "year"), "field"])
    city_year = table["city"] * 10_000 + table["year"]
    b, _ = least_squares(table["y"], table["x"][:, None], table["firm"], city_year, table["field"])
    np.testing.assert_allclose(fit.coefficient, b, rtol=1e-8)


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


@pytest.mark.slow
def test_statsmodels_agrees():
    api = pytest.importorskip("statsmodels.api")
    table = firm_years(4, gaps=0.2)
    columns = np.column_stack(
        [table["x"], table["other"], pd.get_dummies(table["year"]).to_numpy(float)]
    )
    ours = fit_linear(table, "y", ["x", "other"], effects=["year"], cluster="city")
    theirs = api.OLS(table["y"], columns).fit(
        cov_type="cluster", cov_kwds={"groups": table["city"]}
    )
    np.testing.assert_allclose(ours.coefficient, theirs.params[:2], rtol=1e-9)
    np.testing.assert_allclose(np.sqrt(np.diag(ours.covariance)), theirs.bse[:2], rtol=1e-8)


def test_planted_effects_are_covered():
    fits = [fit_linear(firm_years(s, firms=20), "y", ["x", "other"], **BOTH) for s in range(60)]
    assert coverage([f["x"] for f in fits], 0.3) >= 0.85
    assert np.mean([f["x"].estimate for f in fits]) == pytest.approx(0.3, abs=0.02)
    # leaving effects out would not do
    naive = [fit_linear(firm_years(s, firms=20), "y", ["x", "other"]) for s in range(20)]
    assert coverage([f["x"] for f in naive], 0.3) < 0.3


def test_placebo_holds_zero():
    fits = [
        fit_linear(firm_years(s, 0.0, firms=20), "y", ["x", "other"], **BOTH) for s in range(60)
    ]
    assert coverage([f["x"] for f in fits], 0.0) >= 0.85


def test_errors_allow_for_clusters():
    """Lasting shocks of cities and a regressor of cities: by rows errors are far too small."""

    def fits(cluster):
        found = []
        for seed in range(50):
            draw = np.random.default_rng(seed)
            city = np.repeat(np.arange(25), 12)
            x, u = draw.normal(0, 1, 25)[city], draw.normal(0, 1, 25)[city]
            table = {"city": city, "x": x, "y": u + draw.normal(0, 0.3, 300)}
            found.append(fit_linear(table, "y", ["x"], cluster=cluster)["x"])
        return coverage(found, 0.0)

    assert fits("city") >= 0.84
    assert fits(None) < 0.6


def test_frames_strings_order_and_scale():
    table = firm_years(6)
    plain = fit_linear(table, "y", ["x"], **BOTH)
    frame = pd.DataFrame(table).assign(firm=[f"firm {i}" for i in table["firm"]])
    mixed = frame.sample(frac=1.0, random_state=1)
    for other in (frame, mixed):
        fit = fit_linear(other, "y", ["x"], **BOTH)
        np.testing.assert_allclose(fit.coefficient, plain.coefficient, rtol=1e-10)
        np.testing.assert_allclose(fit.covariance, plain.covariance, rtol=1e-9)
    scaled = fit_linear({**table, "x": 1e6 * table["x"] + 1e7}, "y", ["x"], **BOTH)
    assert scaled["x"].estimate * 1e6 == pytest.approx(plain["x"].estimate, rel=1e-8)
    again = fit_linear(table, "y", ["x"], **BOTH)
    assert again.coefficient.tobytes() == plain.coefficient.tobytes()


def test_what_is_missing_or_alone_is_said():
    table = {name: values.astype(float) for name, values in firm_years(7, firms=12).items()}
    table["x"][:3] = np.nan
    for name, value in (("firm", 99.0), ("year", 2001.0), ("city", 1.0), ("x", 1.0), ("y", 50.0)):
        table[name] = np.append(table[name], value)
    table["other"] = np.append(table["other"], 0.0)
    fit = fit_linear(table, "y", ["x"], **BOTH)
    assert fit.dropped == ("3 rows without x", "1 row alone in their group (1 of firm)")
    kept = {name: values[3:-1] for name, values in table.items()}
    assert fit["x"] == type(fit["x"])(
        **{**vars(fit_linear(kept, "y", ["x"], **BOTH)["x"]), "dropped": fit.dropped}
    )


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
    assert fit.dropped == ("3 rows alone in their group (2 of year, 1 of firm)",)
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
    alone = fit_linear(table, "y", ["x", "other"], **BOTH)
    assert fit["x"].estimate == pytest.approx(alone["x"].estimate)
    assert fit["x"].se == pytest.approx(alone["x"].se)
    assert np.isnan(fit.sum_of({"x": 1.0, "double": 1.0}).estimate)


@pytest.mark.parametrize(
    ("change", "regressors", "options", "message"),
    [
        ({}, ["othr"], {}, "unknown column 'othr'; did you mean 'other'?"),
        ({}, ["x"], {"effects": ["frim"]}, "unknown column 'frim'; did you mean 'firm'?"),
        ({}, ["x"], {"cluster": "citty"}, "unknown column 'citty'; did you mean 'city'?"),
        ({}, ["x", "x"], {}, "column 'x' is named twice"),
        ({}, [], {}, "there is no regressor"),
        ({"x": np.full(320, 2.0)}, ["x"], {}, "column 'x': the constant and the columns before"),
        ({"x": np.repeat(np.arange(40.0), 8)}, ["x"], BOTH, "column 'x': firm, year and the"),
        ({"z": np.zeros(320)}, ["x"], {"cluster": "z"}, "column 'z' has one cluster"),
        ({"x": np.full(320, -np.inf)}, ["x"], {},
         "column 'x' is infinite in row 0; a log of zero?"),
        ({"x": ["a"] * 320}, ["x"], {}, "column 'x' has no number in row 0: 'a'"),
        ({"x": np.zeros(3)}, ["x"], {}, "column 'x' has 3 rows, 'y' has 320"),
        ({"x": np.full(320, np.nan)}, ["x"], {}, "no row is complete: 320 rows without x"),
        ({"u": np.arange(320)}, ["x"], {"effects": ["u"]}, "every row is alone in a group"),
    ],
)  # fmt: skip
def test_bad_input_gets_one_line(change, regressors, options, message):
    with pytest.raises(ValueError, match=r"^[^\n]*$") as caught:
        fit_linear({**firm_years(9), **change}, "y", regressors, **options)
    assert str(caught.value).startswith(message)


def test_combinations_and_ratios():
    fit = fit_linear(firm_years(10), "y", ["x", "other"], **BOTH)
    (a, b), v = fit.coefficient, fit.covariance
    total = fit.sum_of({"x": 2.0, "other": 1.0})
    assert total.estimate == pytest.approx(2 * a + b)
    assert total.se == pytest.approx(np.sqrt(4 * v[0, 0] + v[1, 1] + 4 * v[0, 1]))
    ratio = fit.ratio({"x": 1.0, "other": 1.0}, {"x": 1.0})
    assert ratio.estimate == pytest.approx(1 + b / a)
    h = np.array([-b / a**2, 1 / a])
    assert ratio.se == pytest.approx(np.sqrt(h @ v @ h))
    with pytest.raises(ValueError, match="no coefficient 'othre'; did you mean 'other'"):
        fit.sum_of({"othre": 1.0})


def test_intervals_are_students():
    """Four clusters have three degrees of freedom; rows alone all but the coefficients."""
    table = firm_years(12)
    table["four"] = table["firm"] % 4
    for cluster, free in (("four", 3), (None, 320 - 2)):
        found = fit_linear(table, "y", ["x"], cluster=cluster)["x"]
        half = stats.t.ppf(0.975, free) * found.se
        assert (found.low, found.high) == pytest.approx(
            (found.estimate - half, found.estimate + half)
        )


def test_joint_tests():
    fit = fit_linear(firm_years(14), "y", ["x", "other"], **BOTH)
    one = fit["other"]
    p = 2 * stats.t.sf(abs(one.estimate / one.se), fit.free)
    assert fit.jointly_zero(["other"]) == pytest.approx(p)
    b, v = fit.coefficient, fit.covariance
    value = b @ np.linalg.solve(v, b) / 2
    assert fit.jointly_zero(["x", "other"]) == pytest.approx(stats.f.sf(value, 2, fit.free))
    with pytest.raises(ValueError, match="no coefficient is named"):
        fit.jointly_zero([])
    table = firm_years(14)
    lost = fit_linear({**table, "twice": 2 * table["x"]}, "y", ["x", "twice"], **BOTH)
    assert np.isnan(lost.jointly_zero(["x", "twice"]))


def test_joint_placebos_are_uniform():
    p = []
    for seed in range(100):
        table = firm_years(seed, 0.0, firms=30)
        table["noise"] = np.random.default_rng(500 + seed).normal(size=len(table["y"]))
        table["y"] = table["y"] - 0.2 * table["other"]
        p.append(fit_linear(table, "y", ["x", "noise"], **BOTH).jointly_zero(["x", "noise"]))
    assert np.mean(np.array(p) < 0.05) <= 0.12
    assert np.mean(p) == pytest.approx(0.5, abs=0.1)


def test_a_constant_with_rounding_is_a_constant():
    table = firm_years(13)
    table["flat"] = np.where(table["firm"] % 2 == 0, 0.3, 0.1 + 0.2)
    assert len(np.unique(table["flat"])) == 2
    assert np.isnan(fit_linear(table, "y", ["flat", "x"])["flat"].estimate)


def test_selection_shows_in_owner_effects():
    """Good owners do joint work more often, which adds nothing itself: raw above, within zero."""
    raw, own = [], []
    for seed in range(40):
        draw = np.random.default_rng(seed)
        owner = np.repeat(np.arange(60), 8)
        good = draw.normal(0, 0.5, 60)[owner]
        joint = (draw.uniform(size=480) < 1 / (1 + np.exp(-2 * good))).astype(float)
        table = {"owner": owner, "joint": joint, "q": good + draw.normal(0, 0.5, 480)}
        raw.append(fit_linear(table, "q", ["joint"], cluster="owner")["joint"])
        own.append(fit_linear(table, "q", ["joint"], effects=["owner"], cluster="owner")["joint"])
    assert coverage(raw, 0.0) < 0.1
    assert coverage(own, 0.0) >= 0.85


@pytest.mark.parametrize("instruments", [["z"], ["z", "z2"]])
def test_instruments_by_all_dummies(instruments):
    table = endogenous(1)
    fit = fit_instrumented(
        table, "y", ["x"], instruments, ["other"], effects=["firm", "year"], cluster="firm"
    )
    x = np.column_stack([table["x"], table["other"]])
    h = np.column_stack([table["other"], *(table[z] for z in instruments)])
    ends = {"cluster": table["firm"], "k": 2 + 1 + 5}
    b, v = least_squares(table["y"], x, table["firm"], table["year"], instruments=h, **ends)
    np.testing.assert_allclose(fit.fit.coefficient, b, rtol=1e-9)
    np.testing.assert_allclose(fit.fit.covariance, v, rtol=1e-8)
    ends["k"] = h.shape[1] + 1 + 5
    first, first_v = least_squares(table["x"], h, table["firm"], table["year"], **ends)
    q = first[1:] @ np.linalg.solve(first_v[1:, 1:], first[1:]) / len(instruments)
    assert fit.strength == {"x": pytest.approx(q)}


def test_an_instrument_of_itself_is_least_squares():
    table = firm_years(11)
    table["z"] = 3.0 * table["x"]
    two = fit_instrumented(table, "y", ["x"], ["z"], ["other"], **BOTH).fit
    one = fit_linear(table, "y", ["x", "other"], **BOTH)
    np.testing.assert_allclose(two.covariance, one.covariance, rtol=1e-8)


def test_instruments_recover_what_least_squares_does_not():
    options = {"effects": ["firm", "year"], "cluster": "firm"}
    tables = [endogenous(seed) for seed in range(50)]
    two = [
        fit_instrumented(table, "y", ["x"], ["z", "z2"], ["other"], **options) for table in tables
    ]
    one = [fit_linear(table, "y", ["x", "other"], **options)["x"] for table in tables]
    assert coverage([f.fit["x"] for f in two], 0.5) >= 0.85
    assert coverage(one, 0.5) < 0.2
    assert min(f.strength["x"] for f in two) > 10.0


def test_weak_instruments_show():
    weak = [
        fit_instrumented(endogenous(s, strength=0.0), "y", ["x"], ["z"], effects=["firm"])
        for s in range(10)
    ]
    assert np.median([f.strength["x"] for f in weak]) < 5.0


@pytest.mark.parametrize(
    ("instrumented", "instruments", "message"),
    [
        (["x", "other"], ["z"], "1 instruments for 2 regressors"),
        ([], ["z"], "1 instruments for 0"),
        (["x"], ["z", "firm"], "column 'firm': firm and the columns before it"),
        (["x"], ["zz"], "unknown column 'zz'"),
        (["firm"], ["z"], "column 'firm': firm and the"),
    ],
)
def test_bad_instruments(instrumented, instruments, message):
    with pytest.raises(ValueError, match=message):
        fit_instrumented(endogenous(2), "y", instrumented, instruments, effects=["firm"])


def test_an_instrument_that_moves_nothing_is_an_error():
    table = {"g": [0, 0, 0, 0, 1, 1, 1, 1], "z": [1.0, 1, -1, -1] * 2, "x": [1.0, -1, 1, -1] * 2}
    table["y"] = [1.0, 2, 3, 4, 5, 6, 7, 9]
    with pytest.raises(ValueError, match="column 'x': the instruments z do not move it"):
        fit_instrumented(table, "y", ["x"], ["z"], effects=["g"])
