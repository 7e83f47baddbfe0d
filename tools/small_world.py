"""The small-world optimum of Cowan and Jonard (2004), by the barter rule of the model.

python -m tools.small_world          # prints the table of `docs/small_world.md`
python -m tools.small_world 0.1      # the same with another alpha
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator, Sequence
from typing import Final, TypeAlias, cast

import networkx as nx
import numpy as np

from ydsim.fmt import markdown_table
from ydsim.noise import Noise, NoiseSource, Phase, identity
from ydsim.processes.learn import barter
from ydsim.typing import Floats, Ints, Keys

Kind: TypeAlias = float | str
"""A share of rewired links, or `RANDOM`."""

SEED: Final = 1
RUNS: Final = 64
AGENTS, NEIGHBOURS, TYPES = 500, 10, 5
HIGHEST, EXPERTS, EXPERT_LEVEL = 10.0, 50, 30.0
ALPHA, TOLERANCE = 0.5, 0.01
REWIRED: Final = (0.0, 0.1, 0.2, 0.5, 1.0)
RANDOM: Final = "random"
QUOTED_MEAN: Final[dict[Kind, float]] = {
    0.0: 18.42,
    0.1: 21.74,
    0.2: 22.12,
    0.5: 21.78,
    1.0: 21.29,
    RANDOM: 20.98,
}
QUOTED_CV: Final[dict[Kind, float]] = {0.0: 0.404, 0.2: 0.374, 1.0: 0.384}
QUOTED_VARIANCE: Final[dict[Kind, float]] = {0.0: 55.4, 0.06: 69.3, 1.0: 66.6, RANDOM: 69.8}
QUOTED_RUNS, QUOTED_SE = 16, 0.15  # the upper end of .10-.15, of means


def graph(p: Kind, run: int, agents: int = AGENTS, neighbours: int = NEIGHBOURS) -> nx.Graph[int]:
    """Return the graph of a run."""
    seed = SEED * 1000 + run
    return (
        nx.gnm_random_graph(agents, agents * neighbours // 2, seed=seed)
        if isinstance(p, str)
        else nx.watts_strogatz_graph(agents, neighbours, p, seed=seed)
    )


def draws(of: str, number: int) -> Noise:
    """Return draws of a phase that the model does not have."""
    return NoiseSource(SEED, 0).phase(cast("Phase", of), number)


def endowment(run: int, agents: int = AGENTS, experts: int = EXPERTS) -> Floats:
    """Return v ~ U(0, 10), but experts know 30 of one type, shape (TYPES, agents)."""
    noise = draws("endowment", run)
    who = identity("agent", np.arange(agents))
    level = HIGHEST * np.stack([noise.uniform(who, c) for c in range(TYPES)])
    first = np.argsort(noise.bits(who, TYPES), kind="stable")[:experts]
    kind = (noise.uniform(who[first], TYPES + 1) * TYPES).astype(np.int64)
    level[kind, first] = EXPERT_LEVEL
    return level


def neighbour_lists(graphs: Sequence[nx.Graph[int]]) -> tuple[Ints, Ints]:
    """Return neighbours of all agents one after another, and where each agent's begin.

    Graphs are islands of a larger one. Who has no neighbour meets himself and does not trade.
    """
    lists: list[list[int]] = []
    start = 0
    for one in graphs:
        lists += [[start + j for j in sorted(one[i]) or [i]] for i in range(len(one))]
        start += len(one)
    return np.concatenate(lists), np.cumsum([0] + [len(row) for row in lists])


def meetings(who: Keys, ends: Ints, starts: Ints, step: int) -> tuple[Ints, Ints, Keys]:
    """Return pairs of a step in their order, with bits: each agent meets a random neighbour."""
    noise = draws("meetings", step)
    pick = noise.uniform(who, TYPES) * np.diff(starts)
    met = ends[starts[:-1] + pick.astype(np.int64)]
    order = np.argsort(noise.bits(who, TYPES + 1), kind="stable")
    return order, met[order], np.stack([noise.bits(who, c) for c in range(TYPES)])[:, order]


def batches(a: Ints, b: Ints, n: int) -> Iterator[Ints]:
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


def meet(level: Floats, a: Ints, b: Ints, bits: Keys, alpha: float) -> Floats:
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


def simulate(kinds: Sequence[Kind], runs: int = RUNS, alpha: float = ALPHA) -> tuple[Floats, Ints]:
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


def figures(level: Floats) -> tuple[Floats, Floats, Floats]:
    """Return mean, coefficient of variation and variance over agents of their means over types."""
    own = level.mean(axis=0)
    mean, sd = own.mean(axis=-1), own.std(axis=-1)
    return mean, sd / mean, sd**2


def standard_error(values: Floats, runs: int | None = None) -> float:
    """Return the standard error of a mean, also of as many runs as are given."""
    return float(values.std(ddof=1)) / math.sqrt(runs or len(values))


def table(alpha: float = ALPHA) -> str:
    """Return the table of the page."""
    kinds: tuple[Kind, ...] = (0.0, 0.06, *REWIRED[1:], RANDOM)
    level, steps = simulate(kinds, alpha=alpha)
    columns = [(2, QUOTED_MEAN), (3, QUOTED_CV), (1, QUOTED_VARIANCE)]
    rows = []
    for kind, row, length in zip(kinds, zip(*figures(level), strict=True), steps, strict=True):
        cells = [str(kind)]
        for values, (digits, quoted) in zip(row, columns, strict=True):
            cells.append(f"{values.mean():.{digits}f} ({standard_error(values):.{digits}f})")
            cells.append(str(quoted[kind]) if kind in quoted and alpha == ALPHA else "")
        rows.append([*cells, f"{length.mean():.0f}"])
    head = "rewired share p", "mean", "quoted", "CV", "quoted", "variance", "quoted", "steps"
    return "\n".join(markdown_table(head, rows))


if __name__ == "__main__":
    print(table(*map(float, sys.argv[1:])))
