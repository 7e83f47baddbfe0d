"""The small-world optimum of Cowan and Jonard (2004), by the barter rule of the model.

`python -m tests.model.test_small_world` prints the table of `docs/small_world.md`; a number after
it takes the place of alpha.
"""

import math
import sys

import networkx as nx
import numpy as np
import pytest

from tests.support import scalar_learn
from ydsim.noise import NoiseSource, identity
from ydsim.processes.learn import barter

SEED = 1
RUNS = 64
AGENTS, NEIGHBOURS, TYPES = 500, 10, 5
HIGHEST, EXPERTS, EXPERT_LEVEL = 10.0, 50, 30.0
ALPHA, TOLERANCE = 0.5, 0.01
REWIRED = (0.0, 0.1, 0.2, 0.5, 1.0)
RANDOM = "random"
QUOTED_MEAN = {0.0: 18.42, 0.1: 21.74, 0.2: 22.12, 0.5: 21.78, 1.0: 21.29, RANDOM: 20.98}
QUOTED_CV = {0.0: 0.404, 0.2: 0.374, 1.0: 0.384}
QUOTED_VARIANCE = {0.0: 55.4, 0.06: 69.3, 1.0: 66.6, RANDOM: 69.8}
QUOTED_RUNS, QUOTED_SE = 16, 0.15  # the upper end of .10-.15, of means


def graph(p, run, agents=AGENTS, neighbours=NEIGHBOURS):
    seed = SEED * 1000 + run
    if p == RANDOM:
        return nx.gnm_random_graph(agents, agents * neighbours // 2, seed=seed)
    return nx.watts_strogatz_graph(agents, neighbours, p, seed=seed)


def endowment(run, agents=AGENTS, experts=EXPERTS):
    """v ~ U(0, 10), but experts know 30 of one type, shape (TYPES, agents)."""
    noise = NoiseSource(SEED, 0).phase("endowment", run)
    who = identity("agent", np.arange(agents))
    level = HIGHEST * np.stack([noise.uniform(who, c) for c in range(TYPES)])
    first = np.argsort(noise.bits(who, TYPES), kind="stable")[:experts]
    kind = (noise.uniform(who[first], TYPES + 1) * TYPES).astype(np.int64)
    level[kind, first] = EXPERT_LEVEL
    return level


def neighbour_lists(graphs):
    """Neighbours of all agents one after another and where each agent's begin.

    Graphs are islands of a larger one. Who has no neighbour meets himself and does not trade.
    """
    lists, start = [], 0
    for one in graphs:
        lists += [[start + j for j in sorted(one[i]) or [i]] for i in range(len(one))]
        start += len(one)
    return np.concatenate(lists), np.cumsum([0] + [len(row) for row in lists])


def meetings(who, ends, starts, step):
    """Pairs of one step in their order, and their bits: each agent meets a random neighbour."""
    noise = NoiseSource(SEED, 0).phase("meetings", step)
    pick = noise.uniform(who, TYPES) * np.diff(starts)
    met = ends[starts[:-1] + pick.astype(np.int64)]
    order = np.argsort(noise.bits(who, TYPES + 1), kind="stable")
    return order, met[order], np.stack([noise.bits(who, c) for c in range(TYPES)])[:, order]


def batches(a, b, n):
    """Split ordered pairs: no agent is twice in a batch, or in one before an earlier pair's."""
    left = np.arange(len(a))
    first = np.empty(n, dtype=np.int64)
    while len(left):
        first[:] = len(a)
        np.minimum.at(first, a[left], left)
        np.minimum.at(first, b[left], left)
        now = (first[a[left]] == left) & (first[b[left]] == left)
        yield left[now]
        left = left[~now]


def meet(level, a, b, bits, alpha):
    """Let ordered pairs trade one after another, in place; return what each agent gained."""
    gained = np.zeros(level.shape[1])
    for batch in batches(a, b, level.shape[1]):
        m = len(batch)
        both = np.concatenate([a[batch], b[batch]])
        one, ones = np.arange(m), np.ones(2 * m)
        gains = barter(
            level[:, both], one, one + m, ones[:m], ones, alpha, bits[:, batch], TOLERANCE,
            relative=True,
        )  # fmt: skip
        level[:, both] += gains
        gained[both] += gains.sum(axis=0)
    return gained


def simulate(kinds, runs=RUNS, alpha=ALPHA):
    """Return final levels, (TYPES, kinds, runs, agents), and steps, (kinds, runs).

    A run ends with the first step without a trade. Runs of one number share endowments and draws
    over all kinds of graph, so that differences between kinds are paired.
    """
    number = len(kinds) * runs
    ends, starts = neighbour_lists([graph(kind, run) for kind in kinds for run in range(runs)])
    level = np.tile(np.concatenate([endowment(run) for run in range(runs)], axis=1), len(kinds))
    who = np.tile(identity("agent", np.arange(runs * AGENTS)), len(kinds))
    island = np.repeat(np.arange(number), AGENTS)
    steps, live = np.zeros(number, dtype=np.int64), np.ones(number, dtype=bool)
    while live.any():
        a, b, bits = meetings(who, ends, starts, int(steps.max()))
        going = live[island[a]]
        gained = meet(level, a[going], b[going], bits[:, going], alpha)
        steps += live
        live &= np.bincount(island, weights=gained, minlength=number) > 0.0
    return level.reshape(TYPES, len(kinds), runs, AGENTS), steps.reshape(len(kinds), runs)


def figures(level):
    """Mean, coefficient of variation and variance over agents of v_i, the mean over types."""
    own = level.mean(axis=0)
    mean, sd = own.mean(axis=-1), own.std(axis=-1)
    return mean, sd / mean, sd**2


def standard_error(values, runs=None):
    return values.std(ddof=1) / math.sqrt(runs or len(values))


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


def table(alpha=ALPHA):
    kinds = (0.0, 0.06, *REWIRED[1:], RANDOM)
    level, steps = simulate(kinds, alpha=alpha)
    lines = [
        "| rewired share p | mean | quoted | CV | quoted | variance | quoted | steps |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    columns = [(2, QUOTED_MEAN), (3, QUOTED_CV), (1, QUOTED_VARIANCE)]
    for kind, row, length in zip(kinds, zip(*figures(level), strict=True), steps, strict=True):
        cells = [str(kind)]
        for values, (digits, quoted) in zip(row, columns, strict=True):
            cells.append(f"{values.mean():.{digits}f} ({standard_error(values):.{digits}f})")
            cells.append(str(quoted[kind]) if kind in quoted and alpha == ALPHA else "")
        lines.append(" | ".join(["", *cells, f"{length.mean():.0f}", ""]).strip())
    return "\n".join(lines)


if __name__ == "__main__":
    print(table(*map(float, sys.argv[1:])))
