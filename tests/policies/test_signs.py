"""The sign of what each lever does, where studies agree on one, and both where they do not.

The table is `tools/signs.py`, its runs are those of `tests/support/sign_runs.py`.
"""

import re
from pathlib import Path

import pytest

from tests.support.sign_runs import OUTCOMES, pair
from tools.signs import MODULES, NONE, ROWS, SOURCES, UNASKED, VERDICTS, page, seen_pairs
from ydsim.policies.library import shipped
from ydsim.scenario.schema.key_index import scenario_keys

PAGE = Path(__file__).parents[2] / "docs" / "signs.md"
RATES = {("super_deduction", "before"), ("super_deduction", "deduction")}
"""Settings that are the lowest and highest in force so far, and not ends of a range."""


@pytest.mark.slow
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name.replace(" ", "_"))
def test_runs_give_again_what_the_table_was_made_from(row):
    """One replicate: what is kept is equal to the last digit or out of date."""
    off, on = seen_pairs()[row.name]
    made = "renew with: python -m tests.support.sign_runs --accept"
    assert pair(row, 0) == pytest.approx((off[0], on[0]), rel=1e-9), made


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_the_published_sign_shows_unless_it_is_a_known_miss(row):
    """A miss that shows is a surprise as well."""
    assert row.shows is not bool(row.miss), row.seen


def test_the_table_keeps_every_replicate_of_every_row():
    kept = {name: (len(off), len(on)) for name, (off, on) in seen_pairs().items()}
    assert kept == {row.name: (row.size.replicates,) * 2 for row in ROWS}


def test_every_lever_has_a_verdict_and_rows_that_go_with_it():
    assert set(VERDICTS) == set(shipped())
    for policy, verdict in VERDICTS.items():
        rows = [row for row in ROWS if row.policy == policy]
        assert bool(rows) is (verdict not in (NONE, UNASKED)), policy
        if verdict.startswith("contested"):
            both = {(row.outcome, row.expected) for row in rows}
            assert any({(name, "up"), (name, "down")} <= both for name in OUTCOMES), policy
            assert any(not row.miss for row in rows), policy
    assert set(MODULES) <= {
        policy for policy, verdict in VERDICTS.items() if verdict in (NONE, UNASKED)
    }
    assert all((Path(__file__).parent / name).exists() for name in MODULES.values())


def test_rows_are_told_apart_and_cite_what_is_listed():
    assert len({row.name for row in ROWS}) == len(ROWS)
    cited = {source for row in ROWS for source in row.sources.split(", ")}
    assert cited == set(SOURCES)
    for policy, verdict in VERDICTS.items():
        used = {s for row in ROWS if row.policy == policy for s in row.sources.split(", ")}
        assert used == set(re.findall(r"\bc\d+\b|\b\d\.\d\b", verdict)), policy


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_numbers_stand_at_the_strong_end_of_their_range(row):
    bounds = {key.path[-1]: key.bounds for key in scenario_keys() if key.path[1:2] == (row.policy,)}
    for name, value in row.settings.items():
        if isinstance(value, float | int):
            ends = (bounds[name].low, bounds[name].high)
            assert value in ends or (row.policy, name) in RATES, name


def test_the_page_is_made_from_the_table():
    made = "renew with: python -m tools.signs > docs/signs.md"
    assert PAGE.read_text(encoding="utf-8") == page(), made
