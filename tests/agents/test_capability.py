"""What organisations can do, and who lacks it; the best of members is in `test_advance.py`."""

import numpy as np

from tests.support.scalar_society import stub
from ydsim.agents.capability import capability, note_who_lacks, of_size
from ydsim.agents.organisations import FIRM
from ydsim.agents.projects import INDUSTRIALISATION, PILOT, Projects
from ydsim.scenario.schema.parameters import ChainParameters
from ydsim.world.loader import synthetic_world

P = ChainParameters()


def firms(*researchers):
    """Firms that know nothing special."""
    state = stub(synthetic_world(2, 3), projects=Projects())
    state.organisations.append(len(researchers), kind=FIRM, researchers=researchers)
    return state


def test_the_largest_small_firm_is_just_able():
    """The default is where the prior puts it: 5.9 researchers, the mean of 3.4 and 8.3."""
    table, rows = firms(3.4, 5.0, 7.0, 8.3).organisations, np.arange(4)
    for stage in (PILOT, INDUSTRIALISATION):
        able = capability(table, rows, 0 * rows + stage, 0 * rows, P)
        assert (able < P.capability_needed).tolist() == [True, True, False, False]


def test_the_share_of_nobody_is_one_without_size():
    assert of_size(np.zeros(2), np.zeros(2)).tolist() == [1.0, 1.0]
    assert of_size(np.zeros(1), np.ones(1)).tolist() == [0.0]


def test_who_lacks_is_seen_with_the_people_of_today():
    state = firms(0.0)
    state.projects.append(1, owner=0, stage=PILOT, field=0)
    for researchers, lacks in ((1e6, False), (1e-6, True), (1e6, False)):
        state.organisations.researchers[0] = researchers
        note_who_lacks(state.projects, state.organisations, P)
        assert state.projects.waits.tolist() == [lacks]
