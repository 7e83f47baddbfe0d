"""Shocks in a run: nothing without treated units, the record of who was treated, and order."""

import numpy as np
import pytest

from tests.support.small import after_burn_in, columns_of, differing, scenario, world
from ydsim.scenario.schema.shocks import KINDS

EVERY = [
    {"name": f"a_{kind}", "kind": kind, "year": 2011.25, "share": 0.5}
    | ({"years": 0.75} if "years" in cls.model_fields else {})
    for kind, cls in KINDS.items()
]


def lived(shocks, **keys):
    return after_burn_in(scale=0.02, years=1, shocks=shocks, **keys).run()


@pytest.fixture(scope="module")
def bare():
    return lived([])


@pytest.fixture(scope="module")
def struck():
    return lived(EVERY)


@pytest.mark.slow
def test_shocks_of_share_zero_leave_a_run_as_it_is_to_the_last_bit(bare):
    m = lived([{**shock, "share": 0.0} for shock in EVERY])
    tables = m.recorder.tables()
    assert not tables.pop("shocks")["treated"].any()
    assert differing(bare.recorder.tables(), tables) == []
    one, other = columns_of(bare.state), columns_of(m.state)
    assert list(one) == list(other)
    assert all(one[name].tobytes() == other[name].tobytes() for name in one)


@pytest.mark.slow
@pytest.mark.parametrize("shock", EVERY, ids=lambda shock: shock["kind"])
def test_each_kind_changes_a_run(bare, shock):
    """So that the test above is about shocks that do something."""
    tables = lived([{**shock, "share": 1.0}]).recorder.tables()
    tables.pop("shocks")
    assert differing(bare.recorder.tables(), tables)


@pytest.mark.slow
def test_without_shocks_there_is_no_table_and_no_key(bare):
    assert "shocks" not in bare.recorder.tables()
    assert "shocks" not in bare.settings.model_dump()
    assert "projects" not in bare.settings.record.model_dump()


@pytest.mark.slow
@pytest.mark.parametrize("shock", EVERY, ids=lambda shock: shock["kind"])
def test_the_record_does_not_move_when_other_shocks_are_added(struck, shock):
    """What is drawn first is as alone; later shocks of a quarter see what the first have done."""
    (alone,) = lived([shock]).shocks.assignments
    (drawn,) = (a for a in struck.shocks.assignments if a.shock.name == shock["name"])
    here = dict(zip(zip(alone.key, alone.other, strict=True), alone.treated, strict=True))
    there = dict(zip(zip(drawn.key, drawn.other, strict=True), drawn.treated, strict=True))
    assert set(there) <= set(here)
    assert all(here[unit] == yes for unit, yes in there.items())
    assert len(there) > 3


@pytest.mark.slow
def test_the_table_of_shocks_is_what_was_drawn(struck):
    table = struck.recorder.tables()["shocks"]
    first = 0
    for drawn in struck.shocks.assignments:
        rows = slice(first, first + len(drawn.key))
        assert set(table["shock"][rows]) == {drawn.shock.name}
        assert set(table["kind"][rows]) == {drawn.shock.kind}
        np.testing.assert_array_equal(table["treated"][rows], drawn.treated)
        np.testing.assert_array_equal(table["key"][rows], drawn.key)
        assert set(zip(table["year"][rows], table["quarter"][rows], strict=True)) == {(2011, 2)}
        first = rows.stop
    assert first == len(table["shock"])
    places = {*world().city_names, *world().provinces}
    assert set(table["place"]) <= places


def test_a_table_is_there_before_anything_has_struck():
    m = after_burn_in(scale=0.01, burn_in=4, shocks=[{**EVERY[0], "year": 2012.75}])
    m.step()
    table = m.recorder.tables()["shocks"]
    assert {len(column) for column in table.values()} == {0}
    assert [c.dtype.kind for c in table.values()] == list("OOOOuuOObii")


@pytest.mark.slow
def test_the_books_close_under_every_shock(struck):
    assert struck.state.ledger.imbalance() < 1e-9
    flows = {e.flow for e in struck.state.ledger.entries}
    assert {"a_grants", "a_vouchers"} <= flows


@pytest.mark.parametrize(
    ("year", "start", "quarter"), [(2011.0, 2011, 0), (2011.3, 2011, 2), (2013.25, 2011, 9)]
)
def test_a_shock_begins_in_the_first_quarter_from_its_date(year, start, quarter):
    (shock,) = scenario(years=5, shocks=[{**EVERY[0], "year": year}]).shocks
    assert shock.first(start) == quarter
