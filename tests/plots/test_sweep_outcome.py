"""Outcomes at the points of a sweep, and what is found along factors."""

from __future__ import annotations

import json

import numpy as np
import pytest
from scipy import stats

from tests.support.made_sweep import BORDER, RATE, make_sweep, noise
from ydsim.errors import NothingToDrawError
from ydsim.plots.factors import design_of, distinct, level_in_words
from ydsim.plots.messages import unit_beside
from ydsim.plots.sweep_axes import suits_dots, suits_lines, suits_map
from ydsim.plots.sweep_finding import across, along, by_group, sentence
from ydsim.plots.sweep_outcome import beyond_chance, read_outcome, read_paths

LEVELS = [0.1, 0.3, 0.5, 0.7, 0.9]


def value(factors, replicate, years):
    """Launches of 1000 (1 - border / 2), the same luck at every point, 5 per cent more a year."""
    size = 1000.0 * (1.0 - factors.get(BORDER, 0.5) / 2.0)
    own = 2.0 * noise(100 * replicate + int(100 * factors.get(BORDER, 0.5)))
    south = 2.0 if factors["region"] == "South" else 1.0
    return south * (size + 50.0 * noise(replicate) + own) * (1.0 + 0.05 * years)


def line(levels=LEVELS, **options):
    design = {"kind": "grid", "factors": {BORDER: list(levels)}}
    return make_sweep(design, options.pop("value", value), **options)


def title(results, name=BORDER):
    outcome = read_outcome(results)
    factor = outcome.design.factors[name]
    found = along(outcome, outcome.values, factor, int(factor.at[outcome.design.base]))
    return sentence(outcome, found, factor)


def test_the_last_year_of_the_region_is_the_table_of_runs():
    results = line()
    outcome = read_outcome(results)
    assert (outcome.indicator, outcome.year, outcome.region) == ("launches", 2016, "yrd")
    table = results.runs.pivot(index="point", columns="replicate", values="launches")
    np.testing.assert_allclose(outcome.values, table.to_numpy())


def test_another_year_or_region_is_that_of_the_yearly_table():
    results = line()
    table = results.table("province_year").query("region == 'South' and year == 2015")
    wide = table[table.indicator == "launches"].pivot(
        index="point", columns="replicate", values="value"
    )
    found = read_outcome(results, "launches", "South", 2015)
    assert (found.subject, read_outcome(results).subject) == ("launches of South", "launches")
    np.testing.assert_allclose(found.values, wide.to_numpy())
    first, paths = read_paths(results, "launches", "South")
    assert first == 2014
    np.testing.assert_allclose(paths[:, :, 1], wide.to_numpy())
    assert read_paths(results, years=(2015, 2016))[1].shape == (5, 4, 2)


def test_intervals_are_those_of_student_and_of_pairs():
    outcome = read_outcome(line())
    here, base = outcome.values[3], outcome.values[outcome.design.base]
    low, high = stats.t.interval(0.95, 3, here.mean(), stats.sem(here))
    mean = outcome.mean(3)
    assert (mean.estimate, mean.low, mean.high) == pytest.approx((here.mean(), low, high))
    change = outcome.change(here, base)
    ratio = here.mean() / base.mean()
    error = stats.sem(here - ratio * base) / base.mean()
    half = stats.t.ppf(0.975, 3) * error
    wanted = 100.0 * np.array([ratio - 1.0, ratio - 1.0 - half, ratio - 1.0 + half])
    assert (change.estimate, change.low, change.high) == pytest.approx(tuple(wanted))
    assert change.high - change.low < mean.high - mean.low  # what pairs share drops out


def test_changes_of_shares_are_points_and_of_logs_differences():
    results = line()
    share = read_outcome(results, "innovative_sales_share")
    apart = share.values[4] - share.values[2]
    assert share.change(share.values[4], share.values[2]).estimate == pytest.approx(
        100 * apart.mean()
    )
    assert share.size(-3.14) == "3.1 points"
    log = read_outcome(results, "productivity_log")
    apart = log.values[4] - log.values[2]
    assert log.change(log.values[4], log.values[2]).estimate == pytest.approx(apart.mean())
    assert log.size(0.123456) == "0.123 log units"


def test_a_change_from_zero_is_a_difference():
    outcome = read_outcome(line([0.5, 0.9], value=lambda f, r, t: 10.0 * (f[BORDER] - 0.5) + 0 * t))
    change = outcome.change(outcome.values[1], outcome.values[0])
    assert change.estimate == pytest.approx(4.0)
    assert (outcome.size(change.estimate), outcome.change_unit) == ("4 number", "number")


def test_the_base_point_is_where_the_scenario_is_as_it_is():
    design = design_of(line())
    assert (design.base, design.is_base) == (LEVELS.index(0.5), True)
    design = design_of(line([0.1, 0.9]))
    assert (design.base, design.is_base) == (0, False)


def test_other_factors_are_held_at_the_base_point():
    factors = {BORDER: [0.3, 0.5], RATE: [0.02, 0.05, 0.1, 0.2]}
    results = make_sweep({"kind": "grid", "factors": factors}, value)
    design = design_of(results)
    held = {design.factors[RATE].levels[level] for level in design.held([BORDER]).values()}
    base = results.manifest["scenario"]["parameters"]["learn"]["rate"]
    assert held == {base}
    points = design.slice([BORDER])
    assert results.design[RATE][points].unique().tolist() == [base]
    assert design.cells([BORDER]).tolist() == points.tolist()


def test_the_finding_names_ends_size_and_where_nothing_is_gained():
    assert title(line()).startswith("Launches up 26\u00a0% from adopt border 0.5 to 0.1")

    def level(factors, replicate, years):
        return value({**factors, BORDER: max(factors[BORDER], 0.5)}, replicate, years)

    flat = title(line([0.1, 0.3, 0.5, 0.7, 0.9], value=level))
    assert flat == "Launches down 26\u00a0% from adopt border 0.5 to 0.9"

    def plateau(factors, replicate, years):
        luck = 2.0 * noise(7 * replicate + int(100 * factors[BORDER]))
        return 1000.0 + 400.0 * min(factors[BORDER], 0.5) + luck + 0.0 * years

    found = title(line([0.1, 0.2, 0.3, 0.6, 0.7, 0.8], value=plateau, replicates=6))
    assert found == (
        "Launches up 15\u00a0% from adopt border 0.1 to 0.8; above 0.6 no further change shows"
    )


def test_an_outcome_that_turns_is_said_to():
    def hill(factors, replicate, years):
        luck = 2.0 * noise(7 * replicate + int(100 * factors[BORDER]))
        return 1000.0 - 2000.0 * (factors[BORDER] - 0.6) ** 2 + luck + 0.0 * years

    found = title(line([0.1, 0.2, 0.4, 0.6, 0.9], value=hill, replicates=6))
    assert found == "Launches up 100\u00a0% from adopt border 0.1 to 0.6; it turns at 0.6"


def test_chance_and_equal_values_and_one_replicate_are_not_findings():
    def luck(factors, replicate, years):
        return 1000.0 + 50.0 * noise(9 * replicate + int(100 * factors[BORDER])) + 0.0 * years

    assert title(line(value=luck)) == "Launches: no change with adopt border beyond chance"
    same = title(line(value=lambda f, r, t: 5.0 + 0.0 * t))
    assert same == "Launches: the same at every adopt border"
    one = title(line(replicates=1))
    assert one.startswith("One replicate: launches down ")
    assert one.endswith(", or it is chance")


def test_what_is_beyond_chance_counts_all_tests():
    draw = np.random.Generator(np.random.Philox(key=5))
    base = draw.normal(size=5)
    rows = base + np.array([[0.0], [0.6]]) + 0.35 * draw.normal(size=(2, 5))
    p = stats.ttest_rel(rows[1], base).pvalue
    assert 0.01 < p < 0.05
    assert beyond_chance(rows[1:], base).tolist() == [True]
    assert beyond_chance(np.repeat(rows[1:], 9, axis=0), base).tolist() == [False] * 9
    assert not beyond_chance(rows[:, :1] + 9.0, base[:1]).any()


def test_two_factors_in_one_sentence():
    def both(factors, replicate, years):
        luck = noise(7 * replicate + int(100 * factors[BORDER]) + int(1e4 * factors[RATE]))
        return 1000.0 - 100.0 * factors[BORDER] + 2000.0 * factors[RATE] + luck + 0.0 * years

    factors = {BORDER: [0.5, 0.9], RATE: [0.1, 0.2]}
    outcome = read_outcome(make_sweep({"kind": "grid", "factors": factors}, both))
    border, rate = outcome.design.factors.values()
    table = outcome.values.reshape(2, 2, -1)
    said = across(outcome, table, (border, rate), (0, 0))
    assert said == (
        "Launches up 18\u00a0% from learn rate 0.1 to 0.2; "
        "down 3.2\u00a0% from adopt border 0.5 to 0.9"
    )
    grouped = by_group(outcome, table.swapaxes(0, 1), rate, border, 0, [0, 1])
    assert grouped.startswith(
        "Launches up 18\u00a0% from learn rate 0.1 to 0.2 at adopt border 0.9, "
    )


def test_missing_and_failed_runs_are_counted():
    results = line(without=[(0, r) for r in range(4)] + [(1, 2)], failed=[(3, r) for r in range(4)])
    outcome = read_outcome(results)
    assert outcome.known().tolist() == [False, True, True, False, True]
    assert outcome.counts(np.arange(5)).tolist() == [0, 3, 4, 0, 4]
    assert outcome.failed.tolist() == [0, 0, 0, 4, 0]
    assert outcome.planned.tolist() == [4] * 5


@pytest.mark.parametrize(
    ("options", "ask", "said"),
    [
        ({"levels": [0.5]}, {}, "all points have the same factors"),
        (
            {"without": [(p, r) for p in range(5) for r in range(4)]},
            {},
            "no run of the sweep is finished",
        ),
        ({}, {"year": 2040}, "there is no year 2040, only 2014 to 2016"),
        ({}, {"indicator": "inventions"}, "inventions was not recorded for yrd"),
        ({}, {"indicator": "inventions", "region": "North"}, "inventions was not recorded for N"),
        ({"record": {"series": 0}}, {"year": 2015}, "the yearly series were not kept"),
    ],
)
def test_what_is_not_there_is_said(options, ask, said):
    with pytest.raises(NothingToDrawError, match=said):
        read_outcome(line(**options), **ask)


def test_which_figure_suits_a_sweep():
    def suits(design):
        results = make_sweep(design, value, replicates=1)
        return [suits_map(results), suits_lines(results), suits_dots(results)]

    grid = {BORDER: LEVELS, RATE: [0.1, 0.15, 0.2]}
    policies = {"policies.rd_grants": ["off", {"rate": 0.1}]}
    assert suits({"kind": "grid", "factors": grid}) == [True, False, False]
    assert suits({"kind": "grid", "factors": {BORDER: LEVELS} | policies}) == [False, True, False]
    assert suits({"kind": "grid", "factors": policies}) == [False, False, True]
    alone = {"kind": "one_at_a_time", "factors": {RATE: [0.05, 0.2]}}
    assert suits(alone) == [False, True, False]
    alone["factors"] |= {"policies.rd_grants": [{"rate": 0.1}]}
    assert suits(alone) == [False, False, False], "one axis would show one of the factors only"
    ranges = {name: {"from": 0.1, "to": 0.2} for name in (BORDER, RATE)}
    sampled = {"kind": "latin_hypercube", "n": 10, "seed": 1, "factors": ranges}
    assert suits(sampled) == [False, False, False]


def test_a_unit_does_not_repeat_the_name_beside_it():
    assert unit_beside("certified high-tech firms", "firms") == "number"
    assert unit_beside("Firms founded", "firms", "flow") == "number a year"
    assert unit_beside("spin-offs of universities", "firms", "flow") == "firms a year"
    assert unit_beside("researchers moving in", "fte", "flow") == "full-time equivalents a year"
    assert unit_beside("share of innovative sales", "share") == "as a fraction"
    assert unit_beside("R&D", "100m_rmb", "flow") == "100 million RMB a year, current prices"
    assert unit_beside("firms", "strange unit") == "strange unit"


def test_words_of_levels_and_numbers():
    assert level_in_words(json.dumps({"start": 2010, "rate": 0.1})) == "start 2010, rate 0.1"
    assert level_in_words(json.dumps(["a", "b"])) == "a b"
    assert level_in_words(np.bool_(False)) == "off"
    assert level_in_words("{broken") == "{broken"
    assert distinct([0.1625, 0.2]) == ["0.1625", "0.2"]
    assert distinct([0.123451, 0.123452]) == ["0.123451", "0.123452"]
    assert distinct([-1.0, 2.0])[0] == "\u22121"
