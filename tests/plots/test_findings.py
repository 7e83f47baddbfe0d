"""Findings in words, worked by hand."""

from __future__ import annotations

import pytest

from tests.support.made import make_results
from ydsim.plots.findings import amount, change, compared, name_of, unit_in_words
from ydsim.plots.scenarios import Together, together


@pytest.mark.parametrize(
    ("first", "last", "text"),
    [
        (10.0, 47.0, "grows 4.7-fold"),
        (10.0, 20.0, "grows 2-fold"),
        (10.0, 13.5, "grows by 35\u00a0%"),
        (10.0, 8.0, "falls by 20\u00a0%"),
        (10.0, 10.01, "stays the same"),
        (0.0, 3.0, "goes from 0 to 3"),
        (-2.0, 3.0, "goes from \u22122 to 3"),
        (float("nan"), 3.0, "goes from - to 3"),
    ],
)
def test_changes(first: float, last: float, text: str) -> None:
    assert change(first, last) == text


def test_changes_behind_a_colon() -> None:
    assert change(10.0, 47.0, "plain") == "up 4.7-fold"
    assert change(10.0, 8.0, "plain") == "down 20\u00a0%"
    assert change(10.0, 10.0, "plain") == "unchanged"


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (12_345.6, "", "12,346"),
        (123.4, "", "123"),
        (12.34, "", "12.3"),
        (1.234, "", "1.23"),
        (51.0, "", "51"),
        (0.256, "share", "25.6\u00a0%"),
        (2.5, "pct", "2.5\u00a0%"),
    ],
)
def test_amounts(value: float, unit: str, text: str) -> None:
    assert amount(value, unit) == text


@pytest.fixture(scope="module")
def drawn() -> Together:
    return together([make_results(name="a"), make_results(name="b")], "x")


def test_differences_of_amounts_are_relative(drawn: Together) -> None:
    # +10 %, +20 %, +30 %: mean 20, standard error 10 / sqrt 3, t = 4.303
    text = compared(drawn, {0: 10.0, 1: 100.0, 2: 1.0}, {0: 11.0, 1: 120.0, 2: 1.3})
    assert text == "no difference beyond chance"
    # +19 %, +20 %, +21 %: half a width of 4.303 / sqrt 3 = 2.48
    text = compared(drawn, {0: 100.0, 1: 100.0, 2: 100.0}, {0: 119.0, 1: 120.0, 2: 121.0})
    assert text == "+20.0\u00a0% [+17.5,\u00a0+22.5]"


def test_differences_of_levels_are_absolute(drawn: Together) -> None:
    text = compared(drawn, {0: 0.2, 1: 0.2}, {0: 0.3, 1: 0.3}, "share")
    assert text == "+10.0 points [+10.0,\u00a0+10.0]"
    assert compared(drawn, {0: 1.0}, {0: 0.5}, "log") == "\u22120.5 in one replicate"


def test_only_common_replicates_are_pairs(drawn: Together) -> None:
    assert compared(drawn, {0: 1.0}, {1: 2.0}) == "no replicate in common"
    assert compared(drawn, {0: 1.0, 1: 5.0}, {1: 10.0, 2: 3.0}) == "+100\u00a0% in one replicate"


def test_names_and_units_of_indicators() -> None:
    results = make_results()
    assert name_of("rd_expenditure") == "R&D"
    assert name_of("launches") == "Launches"
    assert unit_in_words(results, "launches") == "number a year"
    assert unit_in_words(results, "productivity_log") == "log units"
    results.manifest["indicators"]["launches"] |= {"unit": "wide $ unit", "kind": "stock"}
    assert unit_in_words(results, "launches") == r"wide \$ unit"
