"""Dates of policies: which are drawn, where, and that no name covers another."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ydsim.plots.generations import draw_generations
from ydsim.plots.indicator import draw_lines
from ydsim.plots.innovation import draw_innovation

from tests.support.made import make_results
from ydsim.plots.ensemble import Yearly
from ydsim.plots.policy_dates import (
    MOST_ROWS,
    PolicyDate,
    _extent,
    assign_rows,
    explain,
    in_force,
    listed,
    policy_dates,
)
from ydsim.results.results import Results


def with_policies(policies: dict[str, dict[str, Any]], **options: Any) -> Results:
    results = make_results(**options)
    results.manifest["scenario"]["policies"] = policies
    return results


def dates_of(policies: dict[str, dict[str, Any]], *more: Results) -> list[tuple[float, str]]:
    results = [with_policies(policies), *more]
    return [(date.year, date.name) for date in policy_dates(results, 2018, 2023)]


def test_what_begins_and_ends_in_the_years_drawn_has_a_date() -> None:
    found = dates_of(
        {
            "g60_corridor": {"start": 2018.75, "end": None},
            "always": {"start": None, "end": 2020.0},
            "before": {"start": 2018.0},
            "after": {"start": 2024.0},
            "last": {"start": 2023.25},
            "too_late": {"start": 2023.75},
            "early": {"start": 2018.25},
            "without": {"start": 2020.5, "strength": 0.0},
        }
    )
    assert found == [(2018.75, "G60 corridor"), (2020.0, "end of always"), (2023.25, "last")]


def test_a_policy_that_another_of_its_kind_replaces_has_no_end() -> None:
    found = dates_of(
        {
            "tax_2018": {"policy": "tax", "start": 2018.5, "end": 2021.0},
            "tax_2021": {"policy": "tax", "start": 2021.0, "end": None},
        }
    )
    assert found == [(2018.5, "tax 2018"), (2021.0, "tax 2021")]


def test_dates_of_one_day_are_one_and_say_who_has_them() -> None:
    first = with_policies({"a": {"start": 2020.0}, "b": {"start": 2020.0}})
    second = with_policies({"a": {"start": 2020.0}, "c": {"start": 2020.0}})
    dates = policy_dates([first, second], 2018, 2023)
    assert dates == [
        PolicyDate(2020.0, "a", (0, 1)),
        PolicyDate(2020.0, "b", (0,)),
        PolicyDate(2020.0, "c", (1,)),
    ]
    both = with_policies({"a": {"start": 2020.0}, "b": {"start": 2020.0}})
    assert policy_dates([both], 2018, 2023) == [PolicyDate(2020.0, "a, b", (0,))]


def test_borders_that_governments_set_have_a_date() -> None:
    results = with_policies({})
    results.manifest["scenario"]["governance"] = {"mode": "equilibrium", "start": 2019}
    assert policy_dates([results], 2018, 2023) == [PolicyDate(2019.0, "borders: equilibrium", (0,))]
    results.manifest["scenario"]["governance"] = {"mode": "fixed", "start": 2019}
    assert policy_dates([results], 2018, 2023) == []


@pytest.mark.parametrize("odd", [None, [], "x", {"a": 1}, {"a": {"start": "2019"}}, {"a": {}}])
def test_odd_policies_of_strangers_have_no_dates(odd: Any) -> None:
    results = make_results()
    results.manifest["scenario"]["policies"] = odd
    assert policy_dates([results], 2018, 2023) == []


def test_policies_in_force_at_the_end_of_a_year() -> None:
    results = with_policies(
        {
            "always_there": {"start": None, "end": None},
            "begun": {"start": 2020.75},
            "later": {"start": 2021.0},
            "ended": {"end": 2020.5},
            "ends": {"end": 2021.0},
            "wanjiang_transfer": {},
            "g60_corridor": {},
        }
    )
    words = ["always there", "begun", "ends", "G60 corridor", "Wanjiang transfer"]
    assert in_force(results, 2020) == words


def test_a_line_lies_half_a_year_before_the_mark_of_its_year() -> None:
    figure = draw_lines(with_policies({"a": {"start": 2020.5}}))
    (line,) = [line for line in figure.axes[0].lines if line.get_gid() == "policy"]
    assert list(line.get_xdata()) == [2020.0, 2020.0]
    (name,) = [text for text in figure.axes[0].texts if text.get_gid() == "policy name"]
    assert name.get_text() == "a 2020"


def test_small_panels_have_lines_and_the_text_lists_them() -> None:
    figure = draw_innovation(with_policies({"one": {"start": 2019.0}, "two": {"start": 2020.25}}))
    for axes in figure.axes:
        lines = [line for line in axes.lines if line.get_gid() == "policy"]
        assert [line.get_xdata()[0] for line in lines] == [2018.5, 2019.75]
    words = " ".join(text.get_text() for text in figure.texts)
    assert "Dotted lines: policies begin (one 2019, two 2020); the value of a year" in words


def test_quarters_and_years_have_policies_at_the_same_place() -> None:
    quarterly, yearly = draw_generations(with_policies({"one": {"start": 2020.5}})).axes
    for axes in (quarterly, yearly):
        (line,) = [line for line in axes.lines if line.get_gid() == "policy"]
        assert list(line.get_xdata()) == [2020.0, 2020.0]
        assert axes.get_xlim() == (2017.5, 2023.5)
    # the first quarter of 2018 ends at 2018.25, the middle of that year is drawn at 2018
    assert quarterly.lines[0].get_xdata()[[0, -1]].tolist() == [2017.75, 2023.5]
    assert yearly.lines[0].get_xdata()[[0, -1]].tolist() == [2018, 2023]


def test_no_policy_is_not_mentioned() -> None:
    assert listed([]) == explain([], (2011.0, 2030.0), 5.0) == ""


names = st.text("abc xyz", min_size=1, max_size=40)
some_dates = st.lists(st.tuples(st.floats(2011.1, 2030.9), names), max_size=16)


@pytest.mark.slow
@given(some_dates, st.floats(2.0, 6.0))
def test_no_name_covers_another_or_leaves_the_page(
    found: list[tuple[float, str]], width: float
) -> None:
    dates = [PolicyDate(year, name, (0,)) for year, name in sorted(found)]
    limits = (2010.7, 2030.3)
    rows = assign_rows(dates, limits, width)
    boxes = [
        (row, *_extent(date, limits, width))
        for date, row in zip(dates, rows, strict=True)
        if row is not None
    ]
    assert all(row < MOST_ROWS and right <= width + 1e-9 for row, _, right in boxes)
    for (a, left, right), (b, begin, end) in itertools.combinations(boxes, 2):
        assert a != b or right < begin or end < left
    if any(row is None for row in rows):
        assert f"{rows.count(None)} dates have no room" in explain(dates, limits, width)


def test_yearly_values_are_those_of_all_years() -> None:
    assert list(Yearly(with_policies({})).years) == list(np.arange(2018, 2024))
