"""The scorecard: statuses of signs, rows of studies, what changed, and the page of this version."""

import re

import pandas as pd
import pytest

import ydsim
from tests.support.forecasts import planted
from tests.support.pages import DOCS, page
from tools import scorecard as tool
from ydsim.measures.effects import Interval
from ydsim.studies import scorecard
from ydsim.studies.flows import DIFFERS
from ydsim.studies.literature import INSIDE, OPEN, OUTSIDE


@pytest.mark.parametrize(
    ("expected", "low", "high", "status"),
    [
        ("up", 0.1, 0.3, INSIDE), ("up", -0.1, 0.3, OPEN), ("up", -0.3, -0.1, OUTSIDE),
        ("down", -0.3, -0.1, INSIDE), ("down", -0.3, 0.1, OPEN), ("down", 0.1, 0.3, OUTSIDE),
        ("little", -1.0, 1.9, INSIDE), ("little", 1.0, 2.1, OPEN), ("little", 2.1, 3.0, OUTSIDE),
    ],
)  # fmt: skip
def test_a_sign_shows_where_all_of_its_interval_has_it(expected, low, high, status):
    assert tool.status_of(expected, Interval((low + high) / 2.0, low, high)) == status


@pytest.mark.parametrize(("held", "n"), [(0.0, 12), (0.8, 60), (1.0, 12)])
def test_the_interval_of_a_share_solves_the_equation_of_wilson(held, n):
    found = scorecard.wilson(held, n)
    for end in (found.low, found.high):
        spread = (max(end * (1.0 - end), 0.0) / n) ** 0.5
        assert abs(held - end) == pytest.approx(1.959964 * spread, abs=1e-7)


def test_forecasts_are_held_against_the_share_that_intervals_should_hold():
    rows = list(scorecard._of_forecasts(planted(error=0.05, seed=7)))
    held = [row for row in rows if row["row"].startswith("held by")]
    assert len(held) == 11
    assert all(-1e-9 <= row["low"] <= row["estimate"] <= row["high"] <= 1.0 + 1e-9 for row in held)
    assert all(row["published"] == "0.6 to 0.95" for row in held)
    assert sum(row["row"].startswith("CRPS of") for row in rows) == 3


def table(*rows):
    named = [dict(zip(scorecard.COLUMNS, row, strict=True)) for row in rows]
    return pd.DataFrame(named, columns=list(scorecard.COLUMNS))


def test_a_row_keeps_what_it_was_in_the_version_before_and_says_when_it_changed():
    old = table(
        ("flows", "a", "0 to 1", 0.5, 0.4, 0.6, INSIDE, "", "1.0"),
        ("flows", "gone", "0 to 1", 0.5, 0.4, 0.6, INSIDE, "", "1.0"),
        ("signs", "b", "up", 0.5, 0.4, 0.6, INSIDE, OPEN, "1.0"),
    )
    new = table(
        ("flows", "a", "0 to 1", 2.0, 1.9, 2.1, OUTSIDE, "", "1.1"),
        ("flows", "new", "", 2.0, 1.9, 2.1, DIFFERS, "", "1.1"),
    )
    found = tool.taken_in(old, new.to_dict("records"))
    assert found["row"].tolist() == ["b", "a", "new"]
    assert found["before"].tolist() == [OPEN, INSIDE, ""]
    assert scorecard.changed(found) == ["signs: b", "flows: a"]
    again = tool.taken_in(found, new.to_dict("records"))
    assert again["before"].tolist() == [OPEN, INSIDE, ""], "the same version does not count twice"
    counts = scorecard.counts(found)
    assert counts.loc["all", "rows"] == 3
    assert counts.loc["flows", [OUTSIDE, DIFFERS]].tolist() == [1, 1]


def test_the_page_is_that_of_the_stored_table():
    stored = scorecard.shipped()
    assert page("scorecard.md") == tool.as_markdown(stored)
    assert set(stored["status"]) <= set(scorecard.STATUS)
    assert not stored.duplicated(["part", "row"]).any()
    signs, made = stored[stored["part"] == "signs"], pd.DataFrame(tool.of_signs())
    assert signs["row"].tolist() == made["row"].tolist()
    assert signs["status"].tolist() == made["status"].tolist()


def test_the_changelog_of_a_version_names_the_rows_that_changed():
    text = (DOCS.parent / "CHANGELOG.md").read_text("utf-8")
    newest = re.split("^## ", text, flags=re.MULTILINE)[1]
    assert newest.startswith(".".join(ydsim.__version__.split(".")[:2]))
    moved = scorecard.changed(scorecard.shipped())
    assert [one for one in moved if one.partition(": ")[2] not in newest] == []
