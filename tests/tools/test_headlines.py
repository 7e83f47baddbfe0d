"""Headline effects: what is drawn, what is found in it, and the page."""

import numpy as np
import pandas as pd
import pytest

from tools import headlines as page
from ydsim.scenario.load import load_scenario


def test_every_treatment_with_every_member_is_a_scenario():
    drawn = page.members()
    assert len(drawn) == 40
    settings = page.over_members(drawn.iloc[:2])
    assert len(settings) == 2 * (1 + len(page.HEADLINES))
    for name, keys in settings.items():
        scenario = load_scenario(page.BASELINE, keys)
        at = int(name.rpartition(" | ")[2])
        assert scenario.parameters.match.reserve == drawn["match.reserve"][at]


def test_the_share_of_a_parameter_is_that_of_the_variance():
    """Of 3 x + y + e, all of one variance, 9 in 11 are of x and 1 of y."""
    draw = np.random.default_rng(0)
    drawn = pd.DataFrame(draw.normal(0.0, [1.0, 0.1, 5.0], (4000, 3)), columns=["x", "y", "z"])
    effect = 3.0 * drawn["x"] + 10.0 * drawn["y"] + draw.normal(0.0, 1.0, 4000)
    got = page.shares(effect.to_numpy(), drawn)
    assert got == pytest.approx({"x": 9 / 11, "y": 1 / 11}, abs=0.02)
    assert not page.shares(np.zeros(4000), drawn)


def test_a_parameter_that_only_goes_along_with_another_has_no_share():
    """Few points of many parameters are correlated by chance; nothing hangs on none of them."""
    draw = np.random.default_rng(1)
    drawn = pd.DataFrame(draw.normal(size=(60, 8)), columns=list("abcdefgh"))
    drawn["b"] = 0.6 * drawn["a"] + 0.8 * drawn["b"]
    alone = page.shares(drawn["a"].to_numpy() + draw.normal(0.0, 0.3, 60), drawn)
    assert list(alone) == ["a"]
    assert not page.shares(draw.normal(size=60), drawn)
    both = page.shares(drawn["a"].to_numpy() + drawn["c"].to_numpy(), drawn)
    assert sum(both.values()) == pytest.approx(1.0)
    assert set(both) == {"a", "c"}


def test_effects_at_draws_are_those_of_their_drivers():
    """Effects of members that are linear in a parameter are so anywhere; others are left out."""
    draw = np.random.default_rng(2)
    places, at = draw.random((40, 3)), draw.random((7, 3))
    drawn = pd.DataFrame(places, columns=["x", "y", "z"])
    by_member = pd.DataFrame({"a": 1.0 + 2.0 * places[:, 1], "b": draw.normal(size=40)})
    found = page.driven(by_member, drawn, places, at)
    assert list(found) == ["a"]
    assert found["a"].to_numpy() == pytest.approx(1.0 + 2.0 * at[:, 1])


def made(number):
    """Values in which each treatment adds a tenth, at a point more the larger it is."""
    one = {name: np.array([100.0]) for name in page.OUTCOMES} | {page.PRODUCTIVITY: np.array([0.5])}
    values = {}
    for at in range(number):
        values[f"{page.BASELINE} | {at}"] = one
        for h in page.HEADLINES:
            grown = {name: v * (1.1 + 0.01 * at) for name, v in one.items()}
            values[f"{h.name} | {at}"] = grown | {page.PRODUCTIVITY: one[page.PRODUCTIVITY] + 0.1}
    return values


def test_effects_are_in_per_cent_and_logs_in_hundredths():
    found = page.effects(made(3), 3)
    for h in page.HEADLINES:
        want = [10.0] * 3 if h.outcome == page.PRODUCTIVITY else [10.0, 11.0, 12.0]
        assert found[h.name].tolist() == pytest.approx(want), h.name
