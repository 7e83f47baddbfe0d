"""The stored rules of inputs are what the backtest finds, and it finds what was planted."""

import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tools import inputs as backtest
from tools.inputs import KINDS, Lines, Rule, Tried
from ydsim.world.inputs import GROUPS, load_rules, trend_file
from ydsim.world.loader import load_world

ROOT = Path(__file__).parents[2]
AXIS = np.arange(2011, 2021)


def grown(rates, rows=1):
    return Lines(
        np.exp(np.cumsum([[1.0, *rates]] * rows, axis=1)), np.arange(2011, 2012 + len(rates))
    )


def best(group, lines):
    return backtest.chosen(backtest.tried({group: lines})).damping


@pytest.mark.slow
def test_the_stored_rules_are_not_stale():
    stored = trend_file().read_text(encoding="utf-8")
    message = "choose anew with: python -m tools.inputs --write"
    assert backtest.dump(load_world("yrd")) == stored, message


def test_the_page_shows_what_is_stored():
    text = (ROOT / "docs" / "inputs.md").read_text(encoding="utf-8")
    assert text.count("<!-- end -->") == len(backtest.TABLES)
    assert backtest.filled(text) == text, "make: python -m tools.inputs"
    assert all(name in text for name in backtest.NAMES.values())
    stored = json.loads(trend_file().read_text(encoding="utf-8"))
    assert f"scores {stored['government_as_sum']:.2f} inside 2011-20" in text


@pytest.mark.parametrize("origin", backtest.ORIGINS)
def test_every_group_has_a_rule_with_the_damping_of_its_kind(origin):
    assert sorted(name for names in KINDS.values() for name in names) == sorted(GROUPS)
    rules = load_rules(origin)
    for names in KINDS.values():
        (damping,) = {rules[name].damping for name in names}
        assert damping in backtest.DAMPING
    for name, rule in rules.items():
        assert rule.step > 0.0, name
        plain = replace(rule, step=0.0, persistence=1.0, common=0.0)
        assert plain == backtest.rule_of(name, rule.damping)
        assert 0.0 <= rule.common <= 1.0


def test_rules_are_those_of_the_last_origin_that_was_known():
    assert load_rules() == load_rules(2020) == load_rules(2050)
    assert load_rules(2012) == load_rules(2014) != load_rules(2017)
    data = json.loads(trend_file().read_text(encoding="utf-8"))["origins"]
    for origin, groups in data.items():
        for name, found in groups.items():
            assert found["last"] == min(int(origin), 2018 if name == "foreign" else 2020)
            assert bool(found["after"]) == (int(origin) + 3 <= backtest.LAST[name])


@pytest.mark.slow
def test_an_origin_reads_no_later_figure():
    """Spoilt figures after 2016 leave what that origin chooses, and change the later ones."""
    groups = backtest.groups_of(load_world("yrd"))
    spoilt = {
        name: replace(lines, values=np.where(lines.axis > 2016, 7.0 * lines.values, lines.values))
        for name, lines in groups.items()
    }
    for name, found in backtest.choice(spoilt, 2016).items():
        assert replace(found, after=()) == replace(backtest.choice(groups, 2016)[name], after=())
    assert backtest.choice(spoilt, 2017) != backtest.choice(groups, 2017)


def test_a_planted_drift_of_the_region_is_found_and_a_held_shift_misses_it():
    world = load_world("yrd")
    shift = np.tile(0.1 * np.arange(10.0), (world.n_cities, 1))
    for way in backtest.WAYS:
        errors, region = backtest.drift_errors(shift, world, 2011, way, 1.0)
        assert np.abs(errors).max() < 1e-12
        assert abs(region) < 1e-12
    errors, region = backtest.drift_errors(shift, world, 2011, "", 0.0)
    np.testing.assert_allclose(errors, [0.1, 0.2, 0.3])
    assert 0.1 < region < 0.3


def test_steady_growth_is_carried_on_and_a_constant_kept():
    assert best("publication", grown([0.1] * 6)) == 1.0
    assert best("publication", grown([0.05, -0.05, 0.05, -0.05, 0.05, -0.05])) == 0.0
    assert best("propensity", grown([0.1] * 6)) == 0.0  # has no trend whatever the figures say


def test_a_dying_growth_finds_its_damping():
    rates = [0.3 * 0.6**k for k in range(9)]
    assert 0.5 <= best("publication", grown(rates)) <= 0.6


def test_a_ratio_to_gdp_follows_gdp():
    gdp = np.exp(np.cumsum(np.random.default_rng(4).normal(0.08, 0.08, (4, 10)), axis=1))
    errors = backtest.log_errors("government", Lines(0.02 * gdp, AXIS, gdp), Rule(True, 5, 0.0))
    assert np.nanmax(np.abs(errors)) < 1e-12


def test_errors_of_a_known_line():
    lines = grown([0.1, 0.1, 0.4])
    errors = backtest.log_errors("publication", lines, Rule(years=3, damping=1.0))
    span = 1.0 - 1.0 / backtest.SPAN
    assert errors[0, 0, 0] == pytest.approx(0.4 - 0.1 * span)
    assert math.isnan(errors[0, 0, 1])
    assert backtest.last_kept(lines)[0, 0, 0] == pytest.approx(0.4)


@pytest.mark.parametrize("rho", [0.0, 0.5, 1.0])
def test_size_and_persistence_of_planted_errors_come_back(rho):
    rng = np.random.default_rng(5)
    z = rng.normal(0.0, 0.2, (4000, 6, 3))
    errors = np.empty_like(z)
    error = np.zeros(z.shape[:2])
    for h in range(3):
        error = rho * error + z[:, :, h]
        errors[:, :, h] = error
    assert backtest.persistence_of(errors, 1.0) == pytest.approx(rho, abs=0.051)
    assert backtest.step_of(errors, rho) == pytest.approx(0.2, rel=0.03)
    assert backtest.persistence_of(errors, 0.3) <= 0.3 + 1e-9


@pytest.mark.parametrize("common", [0.0, 0.4, 0.9])
def test_a_planted_common_part_comes_back(common):
    rng = np.random.default_rng(6)
    shared, own = rng.normal(size=(1, 3000, 3)), rng.normal(size=(4, 3000, 3))
    errors = math.sqrt(common) * shared + math.sqrt(1.0 - common) * own
    assert backtest.common_share(errors) == pytest.approx(common, abs=0.05)
    assert backtest.common_share(errors[:1]) == 0.0


def test_of_like_scores_the_least_bias_and_then_the_strongest_damping():
    first = Tried(0.5, 1.0, 0.04)
    assert backtest.chosen([first, Tried(0.9, 1.019, -0.01)]).damping == 0.9
    assert backtest.chosen([first, Tried(0.9, 1.03, -0.01)]) is first
    assert backtest.chosen([Tried(0.9, 1.01, -0.04), first]) is first


def test_few_errors_are_sized_by_those_of_their_kind():
    rng = np.random.default_rng(8)
    noisy = Lines(np.exp(np.cumsum(rng.normal(0.0, 0.3, (1, 10)), axis=1)), AXIS)
    calm = Lines(np.exp(np.cumsum(rng.normal(0.0, 0.01, (4, 10)), axis=1)), AXIS)
    alone = backtest.sized({"publication": calm}, 0.0)["publication"].step
    both = backtest.sized({"publication": calm, "grants": noisy}, 0.0)
    assert alone < both["publication"].step < 1.5 * alone
    assert both["grants"].step > 10.0 * both["publication"].step
