"""The small-world optimum of Cowan and Jonard (2004), by the barter rule of the model."""

import math

import numpy as np
import pytest

from tests.support import scalar_learn
from tools.small_world import (
    ALPHA,
    EXPERT_LEVEL,
    QUOTED_CV,
    QUOTED_MEAN,
    QUOTED_RUNS,
    QUOTED_SE,
    REWIRED,
    TOLERANCE,
    endowment,
    figures,
    graph,
    meet,
    meetings,
    neighbour_lists,
    simulate,
    standard_error,
)
from ydsim.noise import identity


def test_batches_give_what_one_meeting_after_another_gives():
    agents, runs, steps = 30, 2, 12
    ends, starts = neighbour_lists([graph(0.2, run, agents, 4) for run in range(runs)])
    level = np.concatenate([endowment(run, agents, 3) for run in range(runs)], axis=1)
    plain = level.tolist()
    who = identity("agent", np.arange(agents * runs))
    for step in range(steps):
        a, b, bits = meetings(who, ends, starts, step)
        assert sorted(a.tolist()) == list(range(agents * runs))
        meet(level, a, b, bits, ALPHA)
        for i, j, order in zip(a.tolist(), b.tolist(), bits.T.tolist(), strict=True):
            one, other = [row[i] for row in plain], [row[j] for row in plain]
            gives, takes = scalar_learn.swapped(one, other, order, TOLERANCE, True)
            for f in gives:
                plain[f][j] += ALPHA * (one[f] - other[f])
            for f in takes:
                plain[f][i] += ALPHA * (other[f] - one[f])
    assert level.tolist() == plain


@pytest.mark.slow
def test_the_small_world_is_best():
    level, _ = simulate(REWIRED)
    means, cvs, _ = figures(level)
    mean, cv = dict(zip(REWIRED, means, strict=True)), dict(zip(REWIRED, cvs, strict=True))
    best = 0.2
    for p in REWIRED:
        if p != best:
            gap = mean[best] - mean[p]
            assert gap.mean() > 3.0 * standard_error(gap), p
            gap = cv[p] - cv[best]
            assert gap.mean() > (2.0 * standard_error(gap) if p != 0.5 else 0.0), p
        error = math.hypot(standard_error(mean[p]), QUOTED_SE)
        assert mean[p].mean() == pytest.approx(QUOTED_MEAN[p], abs=4.0 * error), p
    for p, quoted in QUOTED_CV.items():
        error = math.hypot(standard_error(cv[p]), standard_error(cv[p], QUOTED_RUNS))
        assert cv[p].mean() == pytest.approx(quoted, abs=4.0 * error), p
    # what everyone could know bounds what anyone knows
    assert level.max() <= EXPERT_LEVEL
