"""The table of contracts by pair of cities against the tally, quarter by quarter."""

import numpy as np
import pytest

from tests.support.small import after_burn_in
from ydsim.agents.tally import ContractPairCounts

NAMES = ContractPairCounts.names()


@pytest.fixture(scope="module")
def lived():
    """A run of two years, and the sums of its tallies by year."""
    m = after_burn_in(years=2, record={"city_contracts": True})
    found = []
    record = m.recorder.observe

    def observe():
        pairs = m.state.tally.contract_pairs
        found.append(np.array([getattr(pairs, name).copy() for name in NAMES]))
        record()

    m.recorder.observe = observe
    m.run()
    return m, np.array(found).reshape(2, 4, *found[0].shape).sum(axis=1)


@pytest.fixture(scope="module")
def unasked():
    return after_burn_in(years=2).run().recorder.tables()


@pytest.mark.slow
def test_rows_are_sums_of_quarters_of_pairs_with_contracts(lived):
    m, sums = lived
    table = m.recorder.tables()["city_contracts"]
    places = (*m.world.city_names, "outside")
    n = len(places)
    found = np.zeros_like(sums)
    at = (
        table["year"].astype(int) - m.settings.start,
        np.array([places.index(c) for c in table["from_city"]]),
        np.array([places.index(c) for c in table["to_city"]]),
    )
    for k, name in enumerate(NAMES):
        found[at[0], k, at[1], at[2]] = table[name]
    np.testing.assert_allclose(found, sums, atol=1e-6)
    assert len({*zip(*at, strict=True)}) == len(at[0]) <= 2 * (n * n - 1)
    assert ((at[1] == at[2]) & (table["value"] > 0.0)).any()  # own city included


@pytest.mark.slow
def test_the_market_is_a_part_and_nothing_is_kept_unasked(lived, unasked):
    m, _ = lived
    table = m.recorder.tables()["city_contracts"]
    slack = 1e-6
    assert (table["value_market"] <= table["value"] + slack).all()
    assert 0.0 < table["value_market"].sum() < table["value"].sum()
    assert "city_contracts" not in unasked
