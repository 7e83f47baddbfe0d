"""Staggered designs: hand-worked cells, Welch's variance, planted effects that differ, placebos."""

import numpy as np
import pytest
from scipy.stats import ttest_ind

from tests.support.panels import cohorts, coverage
from ydsim.analysis.estimators.linear import fit_linear
from ydsim.analysis.estimators.staggered import staggered

NAMES = ("y", "cohort", "unit", "year")


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


def test_by_hand():
    table = {
        "unit": np.repeat([0, 1, 2, 3], 3),
        "year": np.tile([2000, 2001, 2002], 4),
        "cohort": np.repeat([2001.0, 2002.0, np.nan, np.nan], 3),
        "y": np.array([1.0, 4, 6, 2, 3, 9, 0, 1, 2, 5, 5, 5]),
    }
    found = staggered(table, *NAMES)
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
    never = staggered(table, *NAMES, controls="never")
    assert never.cells["2001:2001"].estimate == pytest.approx(3 - 0.5)


@pytest.mark.parametrize("controls", ["not-yet", "never"])
@pytest.mark.parametrize("sizes", [(12, 10, 8), (0, 10, 8), (5, 3, 9)])
def test_cells_are_those_of_loops(controls, sizes):
    table = cohorts(1, differing, sizes=sizes)
    if sizes[0] == 0 and controls == "never":
        with pytest.raises(ValueError, match="column 'cohort': no cohort has"):
            staggered(table, *NAMES, controls=controls)
        return
    found = staggered(table, *NAMES, controls=controls)
    cells, overall = by_loops(table, controls)
    assert list(zip(found.cohort, found.year, strict=True)) == list(cells)
    np.testing.assert_allclose(found.cells.coefficient, [v for v, _ in cells.values()])
    assert found.overall.estimate == pytest.approx(overall)


def test_the_error_of_a_cell_is_welchs():
    table = cohorts(2, differing, sizes=(7, 4, 5))
    found = staggered(table, *NAMES, controls="never").cells["2003:2005"]
    y, start = table["y"].reshape(-1, 9), table["cohort"].reshape(-1, 9)[:, 0]
    change = y[:, 5] - y[:, 2]
    welch = ttest_ind(change[start == 2003], change[np.isnan(start)], equal_var=False)
    assert found.estimate / found.se == pytest.approx(welch.statistic)


def test_two_groups_and_two_years_are_the_interaction():
    """One cohort, one year before and after: least squares with both effects."""
    table = cohorts(3, lambda g, e: 1.0, sizes=(9, 6), starts=(2001,), years=2)
    found = staggered(table, *NAMES)
    table["on"] = (table["year"] >= table["cohort"]).astype(float)
    other = fit_linear(table, "y", ["on"], effects=["unit", "year"])
    assert found.overall.estimate == pytest.approx(other["on"].estimate)


def test_planted_effects_that_differ_are_recovered_where_two_way_effects_fail():
    sizes, samples = (12, 14, 12), range(50)
    tables = [cohorts(s, differing, sizes=sizes) for s in samples]
    found = [staggered(t, *NAMES) for t in tables]
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


def test_placebo_holds_zero_and_errors_are_neither_wide_nor_narrow():
    tables = [cohorts(s, lambda g, e: 0.0) for s in range(120)]
    overall = [staggered(t, *NAMES).overall for t in tables]
    assert 0.88 <= coverage(overall, 0.0) <= 1.0
    spread = np.std([o.estimate for o in overall], ddof=1)
    assert np.mean([o.se for o in overall]) == pytest.approx(spread, rel=0.2)


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
        overall.append(staggered(table, *NAMES).by_years["+0"])
    spread = np.std([o.estimate for o in overall], ddof=1)
    assert np.mean([o.se for o in overall]) == pytest.approx(spread, rel=0.2)
    assert coverage(overall, 2.0) >= 0.88


def test_clusters_widen_errors_where_shocks_are_shared():
    def share(cluster):
        found = []
        for seed in range(60):
            table = cohorts(seed, lambda g, e: 0.0, sizes=(40, 40), starts=(2004,), years=6)
            draw = np.random.default_rng(1000 + seed)
            table["province"] = table["unit"] // 4
            shock = draw.normal(0, 1, (20, 6))
            table["y"] = table["y"] + shock[table["province"], table["year"] - 2000]
            found.append(staggered(table, *NAMES, cluster=cluster).overall)
        return coverage(found, 0.0)

    assert share("province") >= 0.87
    assert share(None) < 0.8


def test_what_is_left_out_is_said():
    table = cohorts(4, differing, starts=(2000, 2006))
    whole = staggered(table, *NAMES)
    assert whole.overall.dropped == ("10 units treated in 2000 or before",)
    assert whole.overall.n == 20
    table["y"][0] = np.nan  # of a unit that is never treated
    holed = staggered(table, *NAMES)
    assert holed.overall.dropped[0] == "1 unit not seen in every year"
    assert holed.overall.n == 19
    late = cohorts(4, differing, starts=(2003, 2020))
    assert "cohort 2020: no year before it in the table" in staggered(late, *NAMES).overall.dropped


def test_order_of_rows_does_not_matter():
    table = cohorts(5, differing)
    order = np.random.default_rng(0).permutation(len(table["y"]))
    mixed = staggered({name: v[order] for name, v in table.items()}, *NAMES)
    assert mixed.overall == staggered(table, *NAMES).overall


@pytest.mark.parametrize(
    ("change", "options", "message"),
    [
        ({}, {"controls": "none"}, "controls must be one of not-yet, never, not 'none'"),
        ({"cohort": np.full(270, np.nan)}, {}, "column 'cohort': no cohort has"),
        ({"cohort": np.full(270, 2000.0)}, {}, "no unit is left: 30 units treated in 2000"),
        ({"cohort": np.arange(270.0)}, {}, "column 'cohort' has two dates for unit 0"),
        ({"year": np.full(270, 2000)}, {}, "unit 0 has two rows in 2000"),
        ({"p": np.zeros(270)}, {"cluster": "p"}, "column 'p' has one cluster"),
        ({"p": np.arange(270)}, {"cluster": "p"}, "column 'p' must have one value for each unit"),
        ({"y": np.full(270, np.nan)}, {}, "no unit is left: 30 units not seen"),
    ],
)
def test_bad_input_gets_one_line(change, options, message):
    with pytest.raises(ValueError, match=message):
        staggered({**cohorts(6, differing), **change}, *NAMES, **options)
