"""Event studies, staggered adoption, matching: by hand, planted effects, placebos."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from tests.support.panels import cohorts, coverage, events, least_squares
from ydsim.studies.estimators import (
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
    assert found["-4"].high < 0.0


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


def test_staggered_by_hand():
    table = {
        "unit": np.repeat([0, 1, 2, 3], 3),
        "year": np.tile([2000, 2001, 2002], 4),
        "cohort": np.repeat([2001.0, 2002.0, np.nan, np.nan], 3),
        "y": np.array([1.0, 4, 6, 2, 3, 9, 0, 1, 2, 5, 5, 5]),
    }
    found = staggered(table, *COHORT)
    by = dict(zip(found.names, found.coefficient.tolist(), strict=True))
    # 2001: 3 against the later cohort's 1 and 1, 0; 2002: 5 against 2, 0
    # placebo: 2000 against 2001; those treated in 2001 are no controls
    wanted = {"2001:2001": 3 - 2 / 3, "2001:2002": 5 - 1, "2002:2002": 6 - 0.5, "2002:2000": -0.5}
    assert by == pytest.approx({**wanted, "overall": (3 - 2 / 3 + 4 + 5.5) / 3})
    assert np.isnan(found["2001:2001"].se)  # one treated unit


@pytest.mark.parametrize("sizes", [(12, 10, 8), (0, 10, 8), (5, 3, 9)])
def test_cells_are_those_of_loops(sizes):
    table = cohorts(1, differing, sizes=sizes)
    found = staggered(table, *COHORT)
    cells, overall = by_loops(table)
    assert found.names == (*(f"{g}:{t}" for g, t in cells), "overall")
    np.testing.assert_allclose(found.coefficient, [*(v for v, _ in cells.values()), overall])
    order = np.random.default_rng(0).permutation(len(table["y"]))
    mixed = staggered({name: v[order] for name, v in table.items()}, *COHORT)
    assert mixed["overall"] == found["overall"]


def test_the_error_of_a_cell_is_welchs():
    table = cohorts(2, differing, sizes=(7, 4, 5))
    found = staggered(table, *COHORT)["2003:2007"]  # when the later cohort is no control
    y, start = table["y"].reshape(-1, 9), table["cohort"].reshape(-1, 9)[:, 0]
    change = y[:, 7] - y[:, 2]
    welch = stats.ttest_ind(change[start == 2003], change[np.isnan(start)], equal_var=False)
    assert found.estimate / found.se == pytest.approx(welch.statistic)


def test_planted_effects_that_differ_are_recovered_where_two_way_effects_fail():
    tables = [cohorts(s, differing, sizes=(12, 14, 12)) for s in range(50)]
    found = [staggered(t, *COHORT) for t in tables]
    cells = [(2003, e) for e in range(6)] * 14 + [(2006, e) for e in range(3)] * 12
    true = np.mean([differing(g, e) for g, e in cells])
    planted = {"overall": true, "2003:2005": 1.3, "2006:2008": -0.3, "2006:2003": 0.0}
    for name, value in planted.items():
        assert coverage([f[name] for f in found], value) >= 0.85, name
    assert coverage([f["overall"] for f in found], 0.0) < 0.05
    naive = []
    for t in tables:
        t["on"] = (t["year"] >= t["cohort"]).astype(float)
        naive.append(fit_linear(t, "y", ["on"], effects=["unit", "year"], cluster="unit")["on"])
    assert coverage(naive, true) < 0.75


def test_the_error_of_shares_by_hand():
    """Effects without noise, 4 of 3 units in two years and 1 of 2 units: shares alone vary."""
    g = np.repeat([2001.0, 2002.0, np.nan], [9, 6, 12])
    unit, year = np.repeat(np.arange(9), 3), np.tile([2000, 2001, 2002], 9)
    y = np.where(year >= g, np.where(g == 2001, 4.0, 1.0), 0.0)
    found = staggered({"unit": unit, "year": year, "cohort": g, "y": y}, *COHORT)["overall"]
    mean = (6 * 4 + 2 * 1) / 8
    error = np.sqrt(3 * (2 * (4 - mean) / 8) ** 2 + 2 * ((1 - mean) / 8) ** 2)
    assert (found.estimate, found.se) == pytest.approx((mean, error))
    assert found.high - mean == pytest.approx(stats.t.ppf(0.975, 8) * error)


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
        overall.append(staggered(table, *COHORT)["overall"])
    spread = np.std([o.estimate for o in overall], ddof=1)
    assert np.mean([o.se for o in overall]) == pytest.approx(spread, rel=0.2)
    assert coverage(overall, 4.0 * 3 / 5) >= 0.88


def test_what_is_left_out_is_said():
    table = cohorts(4, differing, starts=(2000, 2006))
    whole = staggered(table, *COHORT)["overall"]
    assert (whole.n, [text[:16] for text in whole.dropped]) == (20, ["10 units treated"])
    table["y"][0] = np.nan  # of a unit that is never treated
    holed = staggered(table, *COHORT)["overall"]
    assert (holed.n, holed.dropped[0][:10]) == (19, "1 unit not")
    late = staggered(cohorts(4, differing, starts=(2003, 2020)), *COHORT)["overall"]
    assert any(text.startswith("cohort 2020") for text in late.dropped)


GRANT = ("y", "event", "firm", "year")
PLAIN = {"horizon": 0, "exact": "group"}


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
    """Both find c: 5 - 1 and 2 - 1; one control tells no slope."""
    found = matched_difference(by_hand_table(), *GRANT, ["x"], **PLAIN)
    assert found.estimate == pytest.approx((4 + 1) / 2)
    # spread of the two, and c used twice with the variance (1 - 4)^2 / 2
    variance = (((4 - 2.5) ** 2 + (1 - 2.5) ** 2) * 2 + 2 * 4.5) / 4
    assert found.se == pytest.approx(np.sqrt(variance))
    assert (found.n, found.dropped) == (2, ())
    more = pd.DataFrame({"firm": ["A"] * 2, "year": [2000, 2001], "group": [2, 2],
                         "x": [3.0, 0.0], "y": [0.0, 10.0], "event": [2001.0] * 2})  # fmt: skip
    found = matched_difference(pd.concat([by_hand_table(), more]), *GRANT, ["x"], **PLAIN)
    gaps = np.array([4, 1, 10 - 50])  # of another group, matched with e
    assert found.estimate == pytest.approx(gaps.mean())
    assert found.se == pytest.approx(np.sqrt((gaps.var(ddof=1) * 3 + 2 * 4.5) / 9))
    free = matched_difference(by_hand_table(), *GRANT, ["x"], horizon=0)
    assert free.estimate == pytest.approx((4 + 2 - 50) / 2)


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
    # the control used twice differs by one from the next one
    assert found.se == pytest.approx(np.sqrt((gaps.var(ddof=1) * 4 + 2 * 1 / 2) / 16))


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
    found = matched_difference(table, *GRANT, ["x"], horizon=1)
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
        matched_difference(pd.concat([table[table.firm != "a"], lone]), *GRANT, ["x"], **PLAIN)
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


E, C, G = events(6, decline), cohorts(6, differing), by_hand_table()


def study(**changes):
    return event_study({**E, **changes}, *EVENT)


def rollout(**changes):
    return staggered({**C, **changes}, *COHORT)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: event_study(E, *EVENT, window=(0, 3)), "hold -1"),
        (lambda: event_study(E, *EVENT, window=(-1, -1)), "hold -1"),
        (lambda: event_study(E, "y", "evnt", "unit", "year"), r"'evnt'.*'event'"),
        (lambda: study(event=np.full(480, np.nan)), "'event': no unit"),
        (lambda: study(event=np.full(480, 1900.0)), "'event': no unit"),
        (lambda: study(event=np.full(480, 2004.5)), "'event'.* whole"),
        (lambda: study(event=2e3 + np.arange(480)), "unit 0 .*dates"),
        (lambda: study(event=np.where(np.arange(480) == 5, 2006.0, np.nan)), "unit 0 .*dates"),
        (lambda: study(event=2004.0 + E["unit"] % 3), "without an event"),
        (lambda: study(year=np.full(480, np.nan)), "'year'.* whole"),
        (lambda: study(event=["x"] * 480), "'event'.* row 0"),
        (lambda: study(unit=[None] * 480), "'unit'.* missing"),
        (lambda: rollout(cohort=np.full(270, np.nan)), "'cohort': no cohort"),
        (lambda: rollout(cohort=np.full(270, 2000.0)), "'cohort': no cohort.*30 units.* 2000"),
        (lambda: rollout(year=np.full(270, 2000)), "unit 0 .*(2000)"),
        (lambda: rollout(y=np.full(270, np.nan)), "30 units not seen"),
        (lambda: matched_difference(G, *GRANT, []), "covariates"),
        (lambda: matched_difference(G, *GRANT, ["x"], horizon=-1), "horizon"),
        (lambda: matched_difference(G, *GRANT, ["xx"]), "'xx'"),
        (lambda: matched_difference(G, *GRANT, ["x"], exact="grup"), r"'grup'.*'group'"),
        (lambda: matched_difference(G, "y", "event", "group", "year", ["x"]), "group 1 "),
        (lambda: matched_difference(G, *GRANT, ["x"], horizon=5), "0 treated units"),
    ],
)
def test_bad_input_names_what_is_wrong(call, said):
    with pytest.raises(ValueError, match=said):
        call()
