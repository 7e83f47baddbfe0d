"""The stored rules of inputs are what the backtest finds, and it finds what was planted."""

import json
import math
from pathlib import Path

import numpy as np
import pytest

from tools import inputs as backtest
from tools import inputs as page
from tools.inputs import Lines, Rule
from ydsim.world.loader import load_world
from ydsim.world.trends import CITIES, GROUPS, load_rules, trend_file

ROOT = Path(__file__).parents[2]
AXIS = np.arange(2011, 2021)


def grown(rates, rows=1):
    return Lines(
        np.exp(np.cumsum([[1.0, *rates]] * rows, axis=1)), np.arange(2011, 2012 + len(rates))
    )


def best(group, lines):
    plain = backtest.last_kept(lines)
    tried = [
        (backtest.score(backtest.log_errors(group, lines, rule), plain), rule)
        for rule in backtest.candidates(group)
    ]
    return backtest.chosen(tried)[1]


@pytest.mark.slow
def test_the_stored_rules_are_not_stale():
    world = load_world("yrd")
    made = backtest.dump(backtest.backtest(world), world)
    stored = trend_file().read_text(encoding="utf-8")
    message = "choose anew with: python -m tools.inputs --write"
    assert made == stored, message


def test_the_page_shows_what_is_stored():
    text = (ROOT / "docs" / "inputs.md").read_text(encoding="utf-8")
    assert text.count("<!-- end -->") == 2
    assert page.filled(text) == text, "make: python -m tools.inputs"
    assert all(name in text for name in page.NAMES.values())
    stored = json.loads(trend_file().read_text(encoding="utf-8"))
    assert f"scores {stored['government_as_sum']:.2f} inside 2011-20" in text


def test_every_group_has_a_rule_of_its_candidates():
    for name in GROUPS:
        rule = load_rules()[name]
        plain = Rule(rule.kind, rule.of_gdp, rule.years, rule.damping)
        assert plain in list(backtest.candidates(name)), name
        assert rule.step > 0.0, name
    data = json.loads(trend_file().read_text(encoding="utf-8"))
    assert list(data["groups"]) == list(GROUPS)
    for name, found in data["groups"].items():
        assert found["score"]["chosen"] <= backtest.ALIKE * min(found["score"].values()) + 1e-9, (
            name
        )
        assert found["last"] == (2018 if name in ("foreign", *CITIES) else 2020)
        assert (found["check"] is None) == (found["last"] < 2020)


@pytest.mark.slow
def test_no_figure_after_the_window_is_read():
    """Errors come from the window alone: origins from the third figure, 1 to 3 years ahead."""
    groups = backtest.groups_of(load_world("yrd"))
    for name, lines in groups.items():
        assert lines.axis[0] == 2011
        assert lines.axis[-1] == backtest.LAST[name]
        errors = backtest.log_errors(name, lines, Rule(damping=0.9))
        assert errors.shape == (len(lines.values), len(lines.axis) - 3, 3)
        assert np.isnan(errors[:, -1, 1:]).all()
    early = load_world("yrd", until=2018)
    for name, lines in backtest.groups_of(early).items():
        if backtest.LAST[name] == 2018:
            np.testing.assert_array_equal(lines.values, groups[name].values)


def test_the_check_knows_no_figure_after_2017():
    """Later figures move its errors, and neither its rule nor the size that it states."""
    rng = np.random.default_rng(7)
    log = np.cumsum(rng.normal(0.08, 0.03, (3, len(AXIS))), axis=1)
    other = log.copy()
    other[:, AXIS > backtest.CHECKED_FROM] += 0.5
    found, moved = (backtest.checked("wage", Lines(np.exp(v), AXIS)) for v in (log, other))
    assert moved.rule == found.rule
    assert all(late > early + 0.2 for late, early in zip(moved.errors, found.errors, strict=True))
    again, changed = (backtest.choice("wage", Lines(np.exp(v), AXIS))[1] for v in (log, other))
    assert changed.step > 2.0 * again.step


def test_steady_growth_is_carried_on_and_a_constant_kept():
    assert best("publication", grown([0.1] * 6)).damping == 1.0
    flat = grown([0.05, -0.05, 0.05, -0.05, 0.05, -0.05])
    assert best("publication", flat) in (Rule("mean", years=3), Rule(years=3))


def test_a_dying_growth_finds_its_damping():
    rates = [0.3 * 0.6**k for k in range(9)]
    rule = best("publication", grown(rates))
    assert rule.kind == "damped"
    assert 0.5 <= rule.damping <= 0.8
    assert rule.years == 3


def test_a_ratio_to_gdp_is_found():
    rng = np.random.default_rng(4)
    gdp = np.exp(np.cumsum(rng.normal(0.08, 0.08, (4, 10)), axis=1))
    near = 0.02 * gdp * np.exp(rng.normal(0.0, 0.005, gdp.shape))
    assert best("government", Lines(near, AXIS, gdp)).of_gdp
    steady = 0.02 * np.exp(0.09 * np.arange(10) + rng.normal(0.0, 0.005, gdp.shape))
    assert not best("government", Lines(steady, AXIS, gdp)).of_gdp


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


def test_of_like_scores_the_stronger_damping_and_the_longer_mean():
    strong, weak = Rule(damping=0.5), Rule(damping=0.9)
    short = Rule(damping=0.5, years=3)
    assert backtest.chosen([(1.0, weak), (1.019, strong)])[1] is strong
    assert backtest.chosen([(1.0, weak), (1.03, strong)])[1] is weak
    assert backtest.chosen([(1.0, short), (1.01, strong)])[1] is strong
