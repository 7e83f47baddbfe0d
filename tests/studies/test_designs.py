"""Event studies, staggered adoption, matching, bunching: by hand, planted effects, placebos."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm, ttest_ind

from tests.support.panels import cohorts, coverage, events, least_squares
from ydsim.studies.estimators import (
    bunching,
    event_study,
    fit_linear,
    lead_or_lag,
    matched_difference,
    staggered,
)

EVENT = ("y", "event", "unit", "year")
COHORT = ("y", "cohort", "unit", "year")


def decline(k):
    """Losing a partner: -.16 after eight years, by degrees."""
    return -0.02 * min(k, 8)


def test_event_study_by_hand():
    """One treated, two controls: differences from the year before, less those of the controls."""
    table = {
        "unit": ["a"] * 4 + ["b"] * 4 + ["c"] * 4,
        "year": [2000, 2001, 2002, 2003] * 3,
        "event": [2002.0] * 4 + [np.nan] * 8,
        "y": [1.0, 3.0, 9.0, 12.0, 5.0, 6.0, 7.0, 8.0, 1.0, 2.0, 1.0, 4.0],
    }
    found = event_study(table, *EVENT, window=(-2, 1))
    assert found.names == ("-2", "+0", "+1")
    np.testing.assert_allclose(found.coefficient, [(1 - 3) - (-1), 6 - 0, 9 - 2], atol=1e-9)
    table = {
        "unit": ["a"] * 3 + ["b"] * 3 + ["c"] * 3,
        "year": [2000, 2001, 2002] * 3,
        "event": [2001.0] * 3 + [np.nan] * 6,
        "y": [4.0, 6.0, 2.0, 3.0, 3.0, 9.0, 3.0, 3.0, 9.0],
    }
    found = event_study(table, *EVENT, window=(-1, 1), poisson=True)
    np.testing.assert_allclose(found.coefficient, np.log([6 / 4, (2 / 4) / (9 / 3)]), atol=1e-7)


def test_it_is_the_fit_with_dummies_and_says_what_lies_outside():
    table = events(1, decline)
    found = event_study(table, *EVENT, window=(-3, 4))
    k = table["year"] - table["event"]
    kept = np.isnan(k) | ((k >= -3) & (k <= 4))
    assert found.dropped[0].startswith(f"{int((~kept).sum())} rows outside")
    x = np.column_stack([k[kept] == lag for lag in (-3, -2, 0, 1, 2, 3, 4)]).astype(float)
    unit, year = table["unit"][kept], table["year"][kept]
    b, v = least_squares(table["y"][kept], x, unit, year, cluster=unit, k=7 + 1 + 11)
    np.testing.assert_allclose(found.coefficient, b, rtol=1e-7, atol=1e-9)
    np.testing.assert_allclose(found.covariance, v, rtol=1e-7, atol=1e-12)
    beyond = event_study(table, *EVENT, window=(-4, 9))  # a year that nobody has
    assert np.isnan(beyond["+9"].estimate)
    assert np.isfinite(beyond["+5"].estimate)


@pytest.mark.slow
@pytest.mark.parametrize("counts", [False, True])
def test_planted_profile_and_placebo(counts):
    years = {"years": 14, "counts": counts, "units": 60}
    options = {"window": (-4, 8), "poisson": counts}
    tables = [events(s, decline, date=2005, **years) for s in range(50)]
    found = [event_study(table, *EVENT, **options) for table in tables]
    for k in (-4, -2, 0, 4, 8):
        true = decline(k) if k >= 0 else 0.0
        assert coverage([f[lead_or_lag(k)] for f in found], true) >= 0.84
    means = np.mean([f.coefficient for f in found], axis=0)
    by = dict(zip(found[0].names, means, strict=True))
    assert by["+8"] == pytest.approx(-0.16, abs=0.05)
    assert by["+1"] > by["+8"] + 0.05
    assert by["-3"] == pytest.approx(0.0, abs=0.05)


def test_a_trend_that_foresees_the_event_shows_before_it():
    table = events(2, decline, units=80)
    ahead = np.nan_to_num(table["year"] - table["event"], nan=0.0)
    table["y"] = table["y"] + 0.2 * ahead * np.isfinite(table["event"])
    found = event_study(table, *EVENT, window=(-4, 4))
    assert not found["-4"].holds(0.0)


def test_further_regressors_and_other_effects():
    table = events(3, lambda k: 0.3)
    draw = np.random.default_rng(1)
    table["x"], table["field"] = draw.normal(0, 1, len(table["y"])), table["unit"] % 2
    table["y"] = table["y"] + 0.5 * table["x"]
    options = {"window": (-2, 3), "regressors": ["x"], "effects": ["unit", ("field", "year")]}
    found = event_study(table, *EVENT, **options)
    assert found.names[-1] == "x"
    assert found["x"].holds(0.5)
    assert found["+2"].holds(0.3)


def differing(g, e):
    """The early cohort gains more with time, the later one loses."""
    return 0.5 + 0.4 * e if g == 2003 else -0.3


def by_loops(table, controls="not-yet"):
    """Cells and the overall effect, one unit after the other."""
    y = {(u, t): v for u, t, v in zip(table["unit"], table["year"], table["y"], strict=True)}
    start = dict(zip(table["unit"], table["cohort"], strict=True))
    years = sorted(set(table["year"].tolist()))
    cells = {}
    for g in sorted({float(s) for s in start.values() if not np.isnan(s)}):
        if g - 1 not in years or g <= years[0]:
            continue
        for t in years:
            if t == g - 1:
                continue
            above, below = [], []
            for u, s in start.items():
                change = y[u, t] - y[u, int(g) - 1]
                if s == g:
                    above.append(change)
                elif np.isnan(s) or (controls == "not-yet" and s > t and s > g - 1):
                    below.append(change)
            if below:
                cells[int(g), t] = (np.mean(above) - np.mean(below), len(above))
    post = [(v, m) for (g, t), (v, m) in cells.items() if t >= g]
    return cells, sum(v * m for v, m in post) / sum(m for _, m in post)


def test_staggered_by_hand():
    table = {
        "unit": np.repeat([0, 1, 2, 3], 3),
        "year": np.tile([2000, 2001, 2002], 4),
        "cohort": np.repeat([2001.0, 2002.0, np.nan, np.nan], 3),
        "y": np.array([1.0, 4, 6, 2, 3, 9, 0, 1, 2, 5, 5, 5]),
    }
    found = staggered(table, *COHORT)
    # 2001: 3 against the later cohort's 1 and 1, 0; 2002: 5 against 2, 0
    assert found.cells["2001:2001"].estimate == pytest.approx(3 - 2 / 3)
    assert found.cells["2001:2002"].estimate == pytest.approx(5 - 1)
    assert found.cells["2002:2002"].estimate == pytest.approx(6 - 0.5)
    # placebo: 2000 against 2001; those treated in 2001 are no controls
    assert found.cells["2002:2000"].estimate == pytest.approx(-1 - (-0.5))
    assert found.overall.estimate == pytest.approx((3 - 2 / 3 + 4 + 5.5) / 3)
    assert found.by_years["+0"].estimate == pytest.approx((3 - 2 / 3 + 5.5) / 2)
    assert found.by_cohort["2001"].estimate == pytest.approx((3 - 2 / 3 + 4) / 2)
    assert np.isnan(found.cells["2001:2001"].se)  # one treated unit
    never = staggered(table, *COHORT, controls="never")
    assert never.cells["2001:2001"].estimate == pytest.approx(3 - 0.5)


@pytest.mark.parametrize("controls", ["not-yet", "never"])
@pytest.mark.parametrize("sizes", [(12, 10, 8), (0, 10, 8), (5, 3, 9)])
def test_cells_are_those_of_loops(controls, sizes):
    table = cohorts(1, differing, sizes=sizes)
    if sizes[0] == 0 and controls == "never":
        with pytest.raises(ValueError, match="'cohort': no cohort has"):
            staggered(table, *COHORT, controls=controls)
        return
    found = staggered(table, *COHORT, controls=controls)
    cells, overall = by_loops(table, controls)
    assert list(zip(found.cohort, found.year, strict=True)) == list(cells)
    np.testing.assert_allclose(found.cells.coefficient, [v for v, _ in cells.values()])
    assert found.overall.estimate == pytest.approx(overall)
    order = np.random.default_rng(0).permutation(len(table["y"]))
    mixed = staggered({name: v[order] for name, v in table.items()}, *COHORT, controls=controls)
    assert mixed.overall == found.overall


def test_the_error_of_a_cell_is_welchs():
    table = cohorts(2, differing, sizes=(7, 4, 5))
    found = staggered(table, *COHORT, controls="never").cells["2003:2005"]
    y, start = table["y"].reshape(-1, 9), table["cohort"].reshape(-1, 9)[:, 0]
    change = y[:, 5] - y[:, 2]
    welch = ttest_ind(change[start == 2003], change[np.isnan(start)], equal_var=False)
    assert found.estimate / found.se == pytest.approx(welch.statistic)


def test_planted_effects_that_differ_are_recovered_where_two_way_effects_fail():
    tables = [cohorts(s, differing, sizes=(12, 14, 12)) for s in range(50)]
    found = [staggered(t, *COHORT) for t in tables]
    cells = [(2003, e) for e in range(6)] * 14 + [(2006, e) for e in range(3)] * 12
    true = np.mean([differing(g, e) for g, e in cells])
    assert coverage([f.overall for f in found], true) >= 0.85
    assert coverage([f.by_years["+2"] for f in found], (14 * 1.3 - 12 * 0.3) / 26) >= 0.85
    assert coverage([f.by_cohort["2006"] for f in found], -0.3) >= 0.85
    assert coverage([f.by_years["-3"] for f in found], 0.0) >= 0.85
    assert coverage([f.overall for f in found], 0.0) < 0.05
    naive = []
    for t in tables:
        t["on"] = (t["year"] >= t["cohort"]).astype(float)
        naive.append(fit_linear(t, "y", ["on"], effects=["unit", "year"], cluster="unit")["on"])
    assert coverage(naive, true) < 0.75


@pytest.mark.slow
def test_placebo_holds_zero_and_errors_are_neither_wide_nor_narrow():
    overall = [staggered(cohorts(s, lambda g, e: 0.0), *COHORT).overall for s in range(120)]
    assert 0.88 <= coverage(overall, 0.0) <= 1.0
    spread = np.std([o.estimate for o in overall], ddof=1)
    assert np.mean([o.se for o in overall]) == pytest.approx(spread, rel=0.2)


@pytest.mark.slow
def test_shares_of_cohorts_are_estimated():
    """Cohorts drawn by lottery with effects far apart: the spread of the mean is that of shares."""
    overall = []
    for seed in range(150):
        draw = np.random.default_rng(seed)
        start = draw.choice([2001.0, 2002.0, np.nan], 60)
        unit, year = np.repeat(np.arange(60), 4), np.tile(2000 + np.arange(4), 60)
        g = start[unit]
        true = np.where(year >= g, np.where(g == 2001, 4.0, 0.0), 0.0)
        table = {"unit": unit, "year": year, "cohort": g, "y": true + draw.normal(0, 0.1, 240)}
        overall.append(staggered(table, *COHORT).by_years["+0"])
    spread = np.std([o.estimate for o in overall], ddof=1)
    assert np.mean([o.se for o in overall]) == pytest.approx(spread, rel=0.2)
    assert coverage(overall, 2.0) >= 0.88


def test_clusters_widen_errors_where_shocks_are_shared():
    def share(cluster):
        found = []
        for seed in range(60):
            table = cohorts(seed, lambda g, e: 0.0, sizes=(40, 40), starts=(2004,), years=6)
            table["province"] = table["unit"] // 4
            shock = np.random.default_rng(1000 + seed).normal(0, 1, (20, 6))
            table["y"] = table["y"] + shock[table["province"], table["year"] - 2000]
            found.append(staggered(table, *COHORT, cluster=cluster).overall)
        return coverage(found, 0.0)

    assert share("province") >= 0.87
    assert share(None) < 0.8


def test_what_is_left_out_is_said():
    table = cohorts(4, differing, starts=(2000, 2006))
    whole = staggered(table, *COHORT).overall
    assert (whole.n, [text[:16] for text in whole.dropped]) == (20, ["10 units treated"])
    table["y"][0] = np.nan  # of a unit that is never treated
    holed = staggered(table, *COHORT).overall
    assert (holed.n, holed.dropped[0][:10]) == (19, "1 unit not")
    late = staggered(cohorts(4, differing, starts=(2003, 2020)), *COHORT).overall
    assert any(text.startswith("cohort 2020") for text in late.dropped)


GRANT = ("y", "event", "firm", "year")
PLAIN = {"horizon": 0, "exact": "group", "adjusted": False}


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
    return {**table, "y": y + draw.normal(0, 0.2, len(y))}


def by_hand_table():
    """Treated a and b; controls c, d of their group, e of another."""
    rows = []
    for name, group, x, before, after, event in [
        ("a", 1, 1.0, 10.0, 15.0, 2001.0),
        ("b", 1, 3.0, 20.0, 22.0, 2001.0),
        ("c", 1, 1.2, 0.0, 1.0, np.nan),
        ("d", 1, 9.0, 0.0, 4.0, np.nan),
        ("e", 2, 3.0, 0.0, 50.0, np.nan),
    ]:
        rows.append((name, 2000, group, x, before, event))
        rows.append((name, 2001, group, 99.0, after, event))
    return pd.DataFrame(rows, columns=["firm", "year", "group", "x", "y", "event"])


def test_matching_by_hand():
    found = matched_difference(by_hand_table(), *GRANT, ["x"], **PLAIN)
    # both find c: 5 - 1 and 2 - 1
    assert found.estimate == pytest.approx((4 + 1) / 2)
    # spread of the two, and c used twice with the variance (1 - 4)^2 / 2
    variance = (((4 - 2.5) ** 2 + (1 - 2.5) ** 2) * 2 + 2 * 4.5) / 4
    assert found.se == pytest.approx(np.sqrt(variance))
    assert (found.n, found.dropped) == (2, ())
    both = matched_difference(by_hand_table(), *GRANT, ["x"], **PLAIN, matches=2)
    assert both.estimate == pytest.approx((5 - 2.5 + 2 - 2.5) / 2)
    variance = ((2.5 - 1.0) ** 2 + (-0.5 - 1.0) ** 2) * 2 + (2 * 1 / 4) * (4.5 + 4.5)
    assert both.se == pytest.approx(np.sqrt(variance / 4))
    free = matched_difference(by_hand_table(), *GRANT, ["x"], horizon=0, adjusted=False)
    assert free.estimate == pytest.approx((4 + 2 - 50) / 2)


def test_adjustment_by_hand():
    """Three matches each: the slope among them moves both to the x of a and b."""
    table = by_hand_table()
    more = pd.DataFrame({"firm": ["f"] * 2, "year": [2000, 2001], "group": [1, 1],
                         "x": [5.1, 0.0], "y": [0.0, 2.5], "event": [np.nan] * 2})  # fmt: skip
    options = {**PLAIN, "adjusted": True, "matches": 3}
    found = matched_difference(pd.concat([table, more]), *GRANT, ["x"], **options)
    at = [1 + (x - 1.2) * 3 / 7.8 for x in (1.0, 3.0)]
    assert found.estimate == pytest.approx((5 - at[0] + 2 - at[1]) / 2)


def test_slopes_weigh_controls_by_their_use():
    """Controls at 0, 1 and 2 are used once, once and twice; their changes are no line."""
    x = [0.1, 1.1, 1.9, 2.1, 0.0, 1.0, 2.0, 9.0]
    change = [1.0, 2.0, 3.0, 4.0, 0.0, 3.0, 4.0, 99.0]
    rows = [
        (i, 2000 + t, xi, ci * t, 2001.0 if i < 4 else np.nan)
        for i, (xi, ci) in enumerate(zip(x, change, strict=True))
        for t in (0, 1)
    ]
    table = pd.DataFrame(rows, columns=["firm", "year", "x", "y", "event"])
    found = matched_difference(table, *GRANT, ["x"], horizon=0)
    used = np.array([0.0, 1.0, 2.0, 2.0])
    moved = np.polyfit(used, [0.0, 3.0, 4.0, 4.0], 1)[0] * (np.array(x[:4]) - used)
    gaps = np.array(change[:4]) - np.array([0.0, 3.0, 4.0, 4.0]) - moved
    assert found.estimate == pytest.approx(gaps.mean())


def test_covariates_count_by_their_spread():
    """A covariate in yuan does not drown one in shares, and its unit does not matter."""
    table = grants(1)
    table["share"] = np.random.default_rng(1).uniform(size=240)[table["firm"]]
    one = matched_difference(table, *GRANT, ["size", "share"])
    table["size"] = 1e9 * table["size"] + 7.0
    again = matched_difference(table, *GRANT, ["size", "share"])
    assert again.estimate == pytest.approx(one.estimate)


@pytest.mark.slow
def test_planted_effect_is_covered_and_a_plain_comparison_fails():
    options = {"exact": "field", "horizon": 2}
    found = [matched_difference(grants(s), *GRANT, ["size"], **options) for s in range(60)]
    assert coverage(found, 0.3) >= 0.85
    assert np.mean([f.estimate for f in found]) == pytest.approx(0.3, abs=0.02)
    spread = np.std([f.estimate for f in found], ddof=1)
    assert np.mean([f.se for f in found]) == pytest.approx(spread, rel=0.3)
    rough = [matched_difference(grants(s), *GRANT, ["size"], adjusted=False, **options).estimate
             for s in range(30)]  # fmt: skip
    assert np.mean(rough) > 0.33
    blind = [matched_difference(grants(s), *GRANT, ["firm"], horizon=2) for s in range(30)]
    assert coverage(blind, 0.3) < 0.3
    none = [matched_difference(grants(s, 0.0), *GRANT, ["size"], exact="field") for s in range(60)]
    assert coverage(none, 0.0) >= 0.85


def test_controls_are_untreated_to_the_end():
    """Those treated in between are no controls, those treated later are."""
    table = {
        "firm": np.repeat(np.arange(6), 4),
        "year": np.tile([2000, 2001, 2002, 2003], 6),
        "event": np.repeat([2001.0, 2001.0, 2002.0, 2003.0, np.nan, 2001.0], 4),
        "x": np.repeat([1.0, 2.0, 1.0, 1.4, 5.0, 1.0], 4),
        "y": np.zeros(24),
    }
    table["y"][table["firm"] == 2] = 1000.0 * (table["year"][table["firm"] == 2] - 2000)
    table["y"][table["firm"] == 3] = 1.0 * (table["year"][table["firm"] == 3] - 2000)
    found = matched_difference(table, *GRANT, ["x"], horizon=1, adjusted=False)
    # three of 2001 against firm 3, one of 2002 against firm 4, one of 2003 lacks 2004
    assert found.estimate == pytest.approx((3 * (0 - 2) + 2000) / 4)
    assert [text[:17] for text in found.dropped] == ["1 treated unit wi"]


def test_what_finds_no_match_is_said():
    table = by_hand_table()
    lone = pd.DataFrame({"firm": ["z"] * 2, "year": [2000, 2001], "group": [7, 7],
                         "x": [1.0, 1.0], "y": [0.0, 1.0], "event": [2001.0] * 2})  # fmt: skip
    found = matched_difference(pd.concat([table, lone]), *GRANT, ["x"], **PLAIN)
    assert (found.estimate, found.dropped) == (2.5, ("1 treated unit without a match",))
    with pytest.raises(ValueError, match=r"1 treated units are matched.* without a match"):
        matched_difference(table, *GRANT, ["x"], **PLAIN, caliper=0.1)
    for column in ("x", "y"):
        holed = table.assign(**{column: table[column].where(table.firm != "a")})
        with pytest.raises(ValueError, match="1 treated unit without a year or a value"):
            matched_difference(holed, *GRANT, ["x"], **PLAIN)
        none = table.assign(**{column: table[column].where(~table.firm.isin(["a", "b"]))})
        with pytest.raises(ValueError, match="2 treated units without a year or a value"):
            matched_difference(none, *GRANT, ["x"], **PLAIN)
    # a lone control used twice gives no error
    alone = matched_difference(table[table.firm != "d"], *GRANT, ["x"], **PLAIN)
    assert alone.estimate == pytest.approx(2.5)
    assert np.isnan(alone.se)


WINDOW = {"width": 0.002, "below": 5, "above": 3}
SPREAD = norm(0.06, 0.03)


def intensities(seed, moved=0.5, n=20_000):
    """Research over sales; of those up to .01 below .05 a part moves to just above it."""
    draw = np.random.default_rng(seed)
    values = SPREAD.rvs(n, random_state=draw)
    moves = (values >= 0.04) & (values < 0.05) & (draw.uniform(size=n) < moved)
    values[moves] = 0.05 + draw.uniform(0.0, 0.006, int(moves.sum()))
    return values


def test_bunching_by_hand():
    """Ten values in each bin, but 4 below the threshold and 22 above: a flat counterfactual."""
    counts = np.array([10] * 8 + [4, 22] + [10] * 8)
    values = np.repeat(np.arange(-9, 9) + 0.5, counts)
    found = bunching(values, 0.0, width=1.0, below=1, above=1, bins=9, order=0)
    assert found.excess.estimate == pytest.approx(12.0)
    assert found.missing.estimate == pytest.approx(6.0)
    assert found.relative.estimate == pytest.approx(1.2)
    np.testing.assert_allclose(found.counterfactual, 10.0)
    assert found.excluded.sum() == 2
    # 22 counts and the mean of 16 bins of ten
    assert found.excess.se == pytest.approx(np.sqrt(22 + 10 / 16), rel=0.15)
    assert found.missing.se == pytest.approx(np.sqrt(4 + 10 / 16), rel=0.15)


def test_a_polynomial_is_followed_exactly():
    j = np.arange(-10, 10)
    counts = 100 + 3 * j + j**2
    values = np.repeat(0.5 + j, counts)
    found = bunching(values, 0.0, width=1.0, below=2, above=2, bins=10, order=2)
    np.testing.assert_allclose(found.counterfactual, counts)
    assert found.excess.estimate == pytest.approx(0.0, abs=1e-8)
    worse = bunching(values, 0.0, width=1.0, below=2, above=2, bins=10, order=1)
    assert abs(worse.excess.estimate) > 1.0


def test_values_at_edges_belong_above():
    """Multiples of a width are not kept out of their bin by rounding."""
    values = np.concatenate([np.full(50, 0.05), np.linspace(0.0005, 0.0995, 100)])
    found = bunching(values, 0.05, width=0.001, below=2, above=1, bins=50, order=1)
    assert found.excess.estimate == pytest.approx(50.0, abs=1.0)
    grid = np.arange(-20, 20) * 0.1 + 0.3
    flat = bunching(grid, 0.3, width=0.1, below=1, above=1, bins=20, order=0)
    np.testing.assert_array_equal(flat.count, 1.0)


def test_planted_mass_is_covered_and_placebos_hold_zero():
    found = [bunching(intensities(s), 0.05, **WINDOW, draws=100) for s in range(50)]
    moved = 0.5 * 20_000 * (SPREAD.cdf(0.05) - SPREAD.cdf(0.04))
    height = 20_000 * (SPREAD.cdf(0.056) - SPREAD.cdf(0.05)) / 3
    assert coverage([f.excess for f in found], moved) >= 0.85
    assert coverage([f.missing for f in found], moved) >= 0.85
    assert coverage([f.relative for f in found], moved / height) >= 0.85
    assert np.mean([f.excess.estimate for f in found]) == pytest.approx(moved, rel=0.02)
    spread = np.std([f.excess.estimate for f in found], ddof=1)
    assert np.mean([f.excess.se for f in found]) == pytest.approx(spread, rel=0.3)
    none = [bunching(intensities(s, 0.0), 0.05, **WINDOW, draws=100) for s in range(50)]
    assert coverage([f.excess for f in none], 0.0) >= 0.85
    elsewhere = bunching(intensities(1, 0.8), 0.08, **WINDOW, bins=12, order=3)
    assert elsewhere.excess.holds(0.0)


def test_misfit_says_where_the_polynomial_does_not_follow():
    """A steep rise from zero, by a parabola and by an order of nine."""
    values = np.random.default_rng(1).gamma(2.0, 0.02, 200_000)
    poor = bunching(values, 0.05, **WINDOW, order=2)
    good = bunching(values, 0.05, **WINDOW, order=9)
    assert poor.misfit > 20.0 > 3.0 > good.misfit
    assert good.excess.holds(0.0)
    # errors are widened by its root
    assert poor.excess.se > 3.0 * np.sqrt(poor.counterfactual[25:28].sum())


def test_the_same_draws_others_and_out_of_range():
    values = np.concatenate([intensities(3), [5.0, -3.0]])
    one, two, other = (bunching(values, 0.05, **WINDOW, seed=seed).excess for seed in (0, 0, 1))
    assert one == two
    assert other.estimate == one.estimate
    assert other.se != one.se
    assert other.se == pytest.approx(one.se, rel=0.2)
    lost = int(((values < 0.0) | (values >= 0.1)).sum())
    assert one.n == len(values) - lost
    assert one.dropped[0].startswith(f"{lost} values")


E, C, G, B = events(6, decline), cohorts(6, differing), by_hand_table(), np.array([0.05])


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: event_study(E, *EVENT, window=(0, 3)), "hold -1"),
        (lambda: event_study(E, *EVENT, window=(-1, -1)), "hold -1"),
        (lambda: event_study(E, "y", "evnt", "unit", "year"), r"'evnt'.*'event'"),
        (lambda: event_study({**E, "event": np.full(480, np.nan)}, *EVENT), "'event': no unit"),
        (lambda: event_study({**E, "event": np.full(480, 1900.0)}, *EVENT), "'event': no unit"),
        (lambda: event_study({**E, "event": np.full(480, 2004.5)}, *EVENT), "'event'.* whole"),
        (lambda: event_study({**E, "event": 2e3 + np.arange(480)}, *EVENT), "dates for unit 0"),
        (lambda: event_study({**E, "event": np.where(np.arange(480) == 5, 2006.0, np.nan)}, *EVENT),
         "dates for unit 0"),
        (lambda: event_study({**E, "event": 2004.0 + E["unit"] % 3}, *EVENT), "without an event"),
        (lambda: event_study({**E, "year": np.full(480, np.nan)}, *EVENT), "'year'.* whole"),
        (lambda: event_study({**E, "event": ["x"] * 480}, *EVENT), "'event'.* row 0"),
        (lambda: staggered(C, *COHORT, controls="none"), "not-yet, never"),
        (lambda: staggered({**C, "cohort": np.full(270, np.nan)}, *COHORT), "'cohort': no cohort"),
        (lambda: staggered({**C, "cohort": np.full(270, 2000.0)}, *COHORT), "30 units.* 2000"),
        (lambda: staggered({**C, "cohort": np.arange(270.0)}, *COHORT), "'cohort'.* unit 0"),
        (lambda: staggered({**C, "year": np.full(270, 2000)}, *COHORT), "unit 0 .* 2000"),
        (lambda: staggered({**C, "p": np.zeros(270)}, *COHORT, cluster="p"), "'p' has one cluster"),
        (lambda: staggered({**C, "p": np.arange(270)}, *COHORT, cluster="p"), "'p' .*each unit"),
        (lambda: staggered({**C, "y": np.full(270, np.nan)}, *COHORT), "30 units not seen"),
        (lambda: matched_difference(G, *GRANT, []), "covariates"),
        (lambda: matched_difference(G, *GRANT, ["x"], horizon=-1), "horizon"),
        (lambda: matched_difference(G, *GRANT, ["xx"]), "'xx'"),
        (lambda: matched_difference(G, *GRANT, ["x"], exact="grup"), r"'grup'.*'group'"),
        (lambda: matched_difference(G, "y", "event", "group", "year", ["x"]), "group 1 .* 2000"),
        (lambda: matched_difference(G, *GRANT, ["x"], horizon=5), "0 treated units"),
        (lambda: bunching(np.array([np.nan]), 0.05, **WINDOW), "finite"),
        (lambda: bunching(B, 0.05, **{**WINDOW, "width": 0.0}), "width"),
        (lambda: bunching(B, 0.05, **{**WINDOW, "above": 0}), "above"),
        (lambda: bunching(B, 0.05, **WINDOW, bins=6), "4 bins .* order 5"),
        (lambda: bunching(B, 0.05, **WINDOW), "no value"),
        (lambda: bunching(B[:0], 0.05, **WINDOW), "no value"),
    ],
)  # fmt: skip
def test_bad_input_names_what_is_wrong(call, said):
    with pytest.raises(ValueError, match=said):
        call()
