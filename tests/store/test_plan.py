"""Runs, their names and the parts that hold them."""

import json
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ydsim.scenario.load import load_scenario, plain_scenario
from ydsim.store.files import sha256
from ydsim.store.points import (
    EMPTY,
    PART_RUNS,
    PART_SECONDS,
    Plan,
    PointTable,
    applied,
    column,
    cost_of,
    extended,
    numeric_fingerprint,
    plan_of,
    point_hash,
    row_between,
    run_id,
)
from ydsim.store.tables import from_parquet, normalise, to_parquet
from ydsim.world.loader import load_world

HASHES = [sha256(bytes([k])) for k in range(40)]
wanted_points = st.dictionaries(st.sampled_from(HASHES), st.integers(0, 7), max_size=12)


COSTS = dict.fromkeys(HASHES, 1.0)


@given(wanted_points, wanted_points, st.one_of(st.none(), st.integers(1, 9)))
def test_an_extension_adds_exactly_what_is_missing(first, more, chunk):
    before = extended(EMPTY, first, COSTS, chunk)
    after = extended(before, more, COSTS, chunk)
    assert after.runs[: len(before)] == before.runs
    assert after.parts[: len(before)] == before.parts
    names = {run_id(of, k) for w in (first, more) for of, n in w.items() for k in range(n)}
    assert set(after.runs) == names
    assert len(after.runs) == len(names)
    assert list(after.parts) == sorted(after.parts)
    assert set(after.parts[len(before) :]).isdisjoint(before.parts)
    sizes = np.bincount(np.array(after.parts, dtype=np.int64)) if len(after) else np.zeros(0)
    assert chunk is None or sizes.max(initial=0) <= chunk


def test_replicates_come_first_by_first():
    plan = extended(EMPTY, {HASHES[1]: 2, HASHES[0]: 3}, COSTS)
    assert plan.hashes == (HASHES[1], HASHES[0], HASHES[1], HASHES[0], HASHES[0])
    assert plan.replicates == (0, 0, 1, 1, 2)
    assert plan.highest == {HASHES[1]: 1, HASHES[0]: 2}


def test_a_part_ends_before_the_run_that_it_has_no_time_for():
    plan = extended(EMPTY, dict.fromkeys(HASHES, 4), dict.fromkeys(HASHES, PART_SECONDS / 3.0))
    assert {rows.stop - rows.start for rows in plan.bounds.values()} == {1, 3}
    plan = extended(EMPTY, dict.fromkeys(HASHES, 4), dict.fromkeys(HASHES, PART_SECONDS / 3.0), 8)
    assert {rows.stop - rows.start for rows in plan.bounds.values()} == {8}


@pytest.mark.parametrize(
    ("runs", "seconds", "largest", "parts"),
    [
        (10, 0.001, 1, 10),
        (320, 0.001, 10, 32),
        (100_000, 0.001, PART_RUNS, 200),
        (100, 15.0, 1, 100),
        (1000, 4.0, int(PART_SECONDS / 4.0), 200),
    ],
)
def test_parts_take_some_seconds_and_are_neither_few_nor_large(runs, seconds, largest, parts):
    plan = extended(EMPTY, {HASHES[0]: runs}, {HASHES[0]: seconds})
    sizes = [rows.stop - rows.start for rows in plan.bounds.values()]
    assert (max(sizes), len(sizes)) == (largest, parts)


def test_a_plan_is_read_as_it_was_written(tmp_path):
    plan = extended(EMPTY, dict.fromkeys(HASHES, 3), COSTS, 7)
    data = to_parquet(normalise(plan.table()))
    assert plan_of(from_parquet(data, tmp_path)) == plan
    rows = plan.bounds[2]
    named = sha256("\n".join(plan.runs[rows]).encode())
    assert plan.identities[2] == {"part": 2, "sweep_part": named}
    assert Plan((), (), ()).identities == {}


def test_a_hash_is_of_content_only():
    plain = plain_scenario(load_scenario("ten_firms"))
    same = {"version": "1", "code": {"a": "x", "b": "y"}, "record": {"series": 1}}

    def of(changes: dict | None = None, digest: str = "w", **other: object) -> str:
        return point_hash({**plain, **(changes or {})}, digest, **{**same, **other})

    reference = of()
    assert of({"name": "n", "description": "d", "replicates": 9}) == reference
    assert of(code={"b": "y", "a": "x"}) == reference
    others = [
        of({"seed": 5}), of({"scale": 0.5}), of(digest="v"), of(version="2"),
        of(code={"a": "x", "b": "z"}), of(code={}), of(record={"series": 2}),
    ]  # fmt: skip
    assert len({reference, *others}) == 8
    assert run_id(reference, 12) == reference[:16] + "-0012"


def test_the_fingerprint_is_the_same_everywhere_and_sees_a_digit(monkeypatch):
    known = "8f65e7784f9934f3e02bac03f9e0577060b92020af8e7d9cbf7534c21bf3296e"
    assert numeric_fingerprint() == known
    monkeypatch.setattr("numpy.log1p", lambda x: np.log(1.0 + x) * (1.0 + 1e-9))
    assert numeric_fingerprint() != known


NAMES = ["history", "closed_borders", "ten_firms", "tournament", "community_plan_2025"]


@pytest.mark.parametrize("name", NAMES)
def test_a_scenario_survives_the_table(name):
    base, other = load_scenario("baseline"), load_scenario(name)
    for one, two in ((base, other), (other, base)):
        before = json.dumps(plain_scenario(one))
        row = json.dumps(row_between(plain_scenario(one), plain_scenario(two)))
        table = PointTable(
            {"hash": np.array(["h"], dtype=object), "set": np.array([row], dtype=object)},
            plain_scenario(one), {two.world: "0" * 64}, {},
        )  # fmt: skip
        assert table.scenario("h") == plain_scenario(two)
        assert json.dumps(table.base) == before
        assert one.with_(json.loads(row)) == load_scenario(two.name)


def test_what_says_nothing_is_in_rows():
    plain = plain_scenario(load_scenario("baseline"))
    more = {
        **plain, "known_in": 2016, "record": {**plain["record"], "firms": True},
        "shocks": [{"kind": "delete_ties", "name": "cut", "year": 2015, "share": 0.1}],
    }  # fmt: skip
    row = row_between(more, plain)
    assert row == {"known_in": None, "record.firms": False, "shocks": []}
    assert applied(more, row) == plain


def test_rows_of_up_to_0_16():
    """Paths with values, and paths that are dropped."""
    base = plain_scenario(load_scenario("community_plan_2025"))
    target = ["policies", "science_centres", "target"]
    old = {
        "set": [
            ["policies", "rd_grants", {"start": 2015}], ["scale", 0.1],
            [*target, "cities", ["Hefei"]],
        ],
        "drop": [["policies", "membership"], [*target, "kinds"]],
    }  # fmt: skip
    columns = {"hash": np.array(["h"]), "changes": np.array([json.dumps(old)], dtype=object)}
    table = PointTable(columns, base, {"yrd": ""}, {})
    row = table.row(0)
    whole = {k: v for k, v in base["policies"]["science_centres"]["target"].items() if k != "kinds"}
    assert row == {
        "policies.membership": "off", "policies.rd_grants": {"start": 2015}, "scale": 0.1,
        "policies.science_centres.target": {**whole, "cities": ["Hefei"]},
    }  # fmt: skip
    assert "membership" not in applied(base, row)["policies"]
    assert table.factors == []


@pytest.mark.parametrize(
    ("values", "kind"),
    [([1, 2], "i"), ([1, 2.5], "f"), ([True, False], "b"), (["a", "b"], "O"), ([1, "a"], "O"),
     ([True, 1], "O")],
    ids=str,
)  # fmt: skip
def test_a_column_has_one_type(values, kind):
    assert column(values).dtype.kind == kind


def test_costs_follow_quarters_and_firms():
    small, large = (load_scenario("baseline", {"scale": s}) for s in (0.01, 1.0))
    world = load_world(small.world)
    assert 1.0 < cost_of(small, world) < 5.0
    assert 25.0 < cost_of(large, world) < 80.0
    empty = SimpleNamespace(scale=1.0, quarters=80)
    assert cost_of(empty, SimpleNamespace(firms=np.zeros(3))) < 5.0
