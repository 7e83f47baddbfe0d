"""Basic research is the part of science money that projects leave; expected transfers are links."""

import numpy as np
import pytest

from tests.support.small import after_burn_in, world
from ydsim.agents.organisations import FIRM
from ydsim.agents.tally import EXPECTED


@pytest.mark.slow
def test_basic_research_is_that_of_a_loop():
    m = after_burn_in(years=1)
    m.step()
    table, want = m.state.organisations, np.zeros(world().n_cities)
    for i in np.flatnonzero(table.alive & (table.kind != FIRM)).tolist():
        want[table.city[i]] += (1.0 - m.parameters.chain.project_share) * table.grants[i]
    assert want.min() > 0.0
    np.testing.assert_allclose(m.recorder.series("rd_basic_research", "city")[0], want, rtol=1e-12)
    funds = m.recorder.series("rd_funds_government", "city")[0]
    assert (want < funds).all()


@pytest.mark.slow
def test_expected_transfers_are_the_links_of_patents_by_seller():
    m = after_burn_in(years=1, burn_in=32, scale=0.05)
    want = []
    observe = m.recorder.observe

    def observed():
        links = m.state.tally.links.patent_transfer[EXPECTED]
        want.append([m.parameters.contracts.patents * links[c].sum() for c in range(12)])
        observe()

    m.recorder.observe = observed
    m.run()
    found = m.recorder.series("patents_transferred_expected", "city")
    np.testing.assert_allclose(found, np.array(want), rtol=1e-12)
    assert found.sum() > 0.0
