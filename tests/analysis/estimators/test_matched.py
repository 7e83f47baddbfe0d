"""Matching: hand-worked pairs, selection undone, errors by their spread, what finds no match."""

import numpy as np
import pandas as pd
import pytest

from tests.support.panels import coverage
from ydsim.analysis.estimators.matched import matched_difference

NAMES = ("y", "event", "firm", "year")
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


def test_by_hand():
    found = matched_difference(by_hand_table(), *NAMES, ["x"], **PLAIN)
    # both find c: 5 - 1 and 2 - 1
    assert found.estimate == pytest.approx((4 + 1) / 2)
    # spread of the two, and c used twice with the variance (1 - 4)^2 / 2
    variance = (((4 - 2.5) ** 2 + (1 - 2.5) ** 2) * 2 + 2 * 4.5) / 4
    assert found.se == pytest.approx(np.sqrt(variance))
    assert (found.n, found.dropped) == (2, ())
    both = matched_difference(by_hand_table(), *NAMES, ["x"], **PLAIN, matches=2)
    assert both.estimate == pytest.approx((5 - 2.5 + 2 - 2.5) / 2)
    variance = ((2.5 - 1.0) ** 2 + (-0.5 - 1.0) ** 2) * 2 + (2 * 1 / 4) * (4.5 + 4.5)
    assert both.se == pytest.approx(np.sqrt(variance / 4))
    free = matched_difference(by_hand_table(), *NAMES, ["x"], horizon=0, adjusted=False)
    assert free.estimate == pytest.approx((4 + 2 - 50) / 2)


def test_adjustment_by_hand():
    """Two matches each: c and d have the slope 3 / 7.8, which moves both to the x of a and b."""
    options = {**PLAIN, "adjusted": True}
    table = by_hand_table()
    more = pd.DataFrame({"firm": ["f"] * 2, "year": [2000, 2001], "group": [1, 1],
                         "x": [5.1, 0.0], "y": [0.0, 2.5], "event": [np.nan] * 2})  # fmt: skip
    found = matched_difference(pd.concat([table, more]), *NAMES, ["x"], matches=3, **options)
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
    found = matched_difference(table, *NAMES, ["x"], horizon=0)
    used = np.array([0.0, 1.0, 2.0, 2.0])
    moved = np.polyfit(used, [0.0, 3.0, 4.0, 4.0], 1)[0] * (np.array(x[:4]) - used)
    gaps = np.array(change[:4]) - np.array([0.0, 3.0, 4.0, 4.0]) - moved
    assert found.estimate == pytest.approx(gaps.mean())


def test_adjustment_takes_out_what_matching_leaves():
    options = {"exact": "field", "horizon": 2}
    plain, adjusted = (
        np.mean(
            [
                matched_difference(grants(s), *NAMES, ["size"], adjusted=on, **options).estimate
                for s in range(30)
            ]
        )
        for on in (False, True)
    )
    assert plain > 0.33
    assert adjusted == pytest.approx(0.3, abs=0.02)


def test_covariates_count_by_their_spread():
    """A covariate in yuan does not drown one in shares, and its unit does not matter."""
    table = grants(1)
    table["share"] = np.random.default_rng(1).uniform(size=240)[table["firm"]]
    one = matched_difference(table, *NAMES, ["size", "share"])
    table["size"] = 1e9 * table["size"] + 7.0
    assert matched_difference(table, *NAMES, ["size", "share"]).estimate == pytest.approx(
        one.estimate
    )


def test_planted_effect_is_covered_and_a_plain_comparison_fails():
    options = {"exact": "field", "horizon": 2}
    found = [matched_difference(grants(s), *NAMES, ["size"], **options) for s in range(60)]
    assert coverage(found, 0.3) >= 0.85
    assert np.mean([f.estimate for f in found]) == pytest.approx(0.3, abs=0.02)
    spread = np.std([f.estimate for f in found], ddof=1)
    assert np.mean([f.se for f in found]) == pytest.approx(spread, rel=0.3)
    blind = [matched_difference(grants(s), *NAMES, ["firm"], horizon=2) for s in range(30)]
    assert coverage(blind, 0.3) < 0.3


def test_placebo_holds_zero():
    found = [matched_difference(grants(s, 0.0), *NAMES, ["size"], exact="field") for s in range(60)]
    assert coverage(found, 0.0) >= 0.85


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
    found = matched_difference(table, *NAMES, ["x"], horizon=1, adjusted=False)
    # three of 2001 against firm 3, one of 2002 against firm 4, one of 2003 lacks 2004
    assert found.estimate == pytest.approx((3 * (0 - 2) + 2000) / 4)
    assert found.dropped == ("1 treated unit without a year or a value",)


def test_what_finds_no_match_is_said():
    table = by_hand_table()
    lone = pd.DataFrame({"firm": ["z"] * 2, "year": [2000, 2001], "group": [7, 7],
                         "x": [1.0, 1.0], "y": [0.0, 1.0], "event": [2001.0] * 2})  # fmt: skip
    found = matched_difference(pd.concat([table, lone]), *NAMES, ["x"], **PLAIN)
    assert found.estimate == pytest.approx(2.5)
    assert found.dropped == ("1 treated unit without a match",)
    with pytest.raises(ValueError, match="1 treated units are matched, two are needed: 1 treated"):
        matched_difference(table, *NAMES, ["x"], **PLAIN, caliper=0.1)
    holed = table.assign(x=table.x.where(table.firm != "a"))
    with pytest.raises(ValueError, match="1 treated unit without a year or a value"):
        matched_difference(holed, *NAMES, ["x"], **PLAIN)


def test_a_lone_control_used_twice_gives_no_error():
    table = by_hand_table()
    found = matched_difference(table[table.firm != "d"], *NAMES, ["x"], **PLAIN)
    assert found.estimate == pytest.approx(2.5)
    assert np.isnan(found.se)


@pytest.mark.parametrize(
    ("names", "covariates", "options", "message"),
    [
        (NAMES, [], {}, "covariates, matches and caliper must be positive"),
        (NAMES, ["x"], {"horizon": -1}, "covariates, matches and caliper must be positive"),
        (NAMES, ["xx"], {}, "unknown column 'xx'"),
        (NAMES, ["x"], {"exact": "grup"}, "unknown column 'grup'; did you mean 'group'"),
        (("y", "event", "group", "year"), ["x"], {}, "group 1 has two rows in 2000"),
        (NAMES, ["x"], {"horizon": 5}, "0 treated units are matched"),
    ],
)
def test_bad_input_gets_one_line(names, covariates, options, message):
    with pytest.raises(ValueError, match=message):
        matched_difference(by_hand_table(), *names, covariates, **options)
