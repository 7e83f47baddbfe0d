"""What provinces recognise of each other."""

from __future__ import annotations

import numpy as np

from tests.support.labour import CITIES, HERE, LIVELY, PROVINCES, draws, state_of
from tests.support.labour import environment as surroundings
from tests.support.numbers import DECAY_H, close
from ydsim.policies.base import Target
from ydsim.policies.borders import MutualRecognition
from ydsim.policies.fold import fold
from ydsim.processes.talent import move_talent, passage

# -- what it moves ---------------------------------------------------------------------------------


def test_the_weight_of_a_destination_across_a_border_rises_by_the_ratio():
    base = surroundings(1, 10, 4, passes=0.7, recognition=0.4)
    where = fold(base, {"r": MutualRecognition(share=1.0)}, 2012.0, HERE)
    before, after = (passage(PROVINCES, e, 0.5, 1.5) for e in (base, where))
    factor = np.ones((11, 11))
    factor[:10, :10] = np.where(PROVINCES[:, None] == PROVINCES[None, :], 1.0, 1.0 / 0.4)
    close(after, before * factor)


def test_more_recognition_lets_more_researchers_cross():
    def crossed(policy, seed):
        state = state_of(seed, gap=0.05)
        where = surroundings(seed, 10, 4, recognition=0.2)
        where = fold(where, {"r": policy}, 2012.0, HERE)
        move_talent(state, where, draws(), LIVELY, DECAY_H)
        return state.tally.region.talent_cross_province

    shares = (0.2, 0.4, 0.7, 1.0)
    found = [sum(crossed(MutualRecognition(share=s), k) for k in range(5)) for s in shares]
    assert found == sorted(found)
    assert found[3] > 1.5 * found[0]
    nobody = MutualRecognition(target=Target(cities=CITIES[:3]))  # one province alone
    assert sum(crossed(nobody, k) for k in range(5)) == found[0]
