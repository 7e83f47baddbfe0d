"""Whether groups of actors achieve more together than the sum of what each achieves alone.

    excess = E[Y_all - Y_0] - sum_k E[Y_k - Y_0],   S = excess / sum_k E[Y_k - Y_0]

with the parts of the groups in the effect of all by Shapley; equations, symbols and the rule when S
is undefined are in `ydsim.measures.resonance`. Each outcome is looked at twice: as it is (``raw``),
where an excess says more than the sum, and in logarithms (``log``), where it says more than the
product. And each from two readings of the cells: ``run`` takes Y_all, Y_0 and Y_k from their own
cells, as the definition says; ``pairs`` from an account of all cells that leaves out interactions
of three groups and more (`ydsim.analysis.cells`), whose noise is several times smaller. Half of
the cells has no cell of a group alone, so that there is ``pairs`` only.

Intervals are those of Student's t over replicates, of the same draws in all cells: of a difference,
and of a share by the linear part of the ratio. That of S is of percentiles over replicates drawn
again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from ydsim.analysis.cells import by_set, contrast, of_pairs, terms
from ydsim.measures.comovement import co_movement, phase_order
from ydsim.measures.effects import Interval, relative, standard_error
from ydsim.measures.resonance import TOO_NEAR, interaction, shapley
from ydsim.results.interval import interval
from ydsim.typing import Bools, Floats

RESAMPLES = 4000
KEY = 20_11
"""Key of the generator of the bootstrap, the same at each call."""

Scale = Literal["raw", "log"]
Cells = Literal["run", "pairs"]


@dataclass(frozen=True)
class Joint:
    """What the groups do alone and together for one outcome.

    All in the unit of the outcome, or as a difference of its logarithm; bounds are NaN for one
    replicate.

    Attributes
    ----------
    outcome, scale, cells
        Indicator; ``raw`` or ``log``; ``run`` or ``pairs``.
    single
        Effect of each group alone, by group.
    alone, together, excess
        Sum of these, effect of all groups at once, and the second less the first.
    s
        Excess over the sum; NaN where it is undefined.
    lack
        Effect of all groups at once as their own cells show it, less ``together``: what ``pairs``
        leave out; zero for ``run``.
    parts, shares
        Shapley's parts of the effect of all, and as shares of it; shares are NaN where that effect
        is within two standard errors of zero.
    """

    outcome: str
    scale: Scale
    cells: Cells
    single: dict[str, Interval]
    alone: Interval
    together: Interval
    excess: Interval
    s: Interval
    lack: Interval
    parts: dict[str, Interval]
    shares: dict[str, Interval]

    @property
    def defined(self) -> bool:
        """Whether S has a value."""
        return bool(np.isfinite(self.s.gap))


@dataclass(frozen=True)
class Moving:
    """How provinces move together in one indicator, with all groups and with none.

    Attributes
    ----------
    outcome
        Indicator whose yearly growth is taken.
    correlation, order
        With all groups: mean correlation of the provinces' growth, and mean order of phases.
    correlation_gain, order_gain
        The same less that with none, of the same draws.
    """

    outcome: str
    correlation: Interval
    correlation_gain: Interval
    order: Interval
    order_gain: Interval


def draws_for(replicates: int) -> Floats:
    """Return the even draws (B, R) of the bootstrap, the same ones at each call."""
    drawn: Floats = np.random.Generator(np.random.Philox(key=KEY)).random((RESAMPLES, replicates))
    return drawn


def mean_of(values: Floats) -> Interval:
    """Return the mean of values over replicates with its interval; NaN bounds for one."""
    _, mean, low, high = interval(values)
    return Interval(mean, np.nan if low is None else low, np.nan if high is None else high)


def joint(
    outcome: str, groups: Sequence[str], table: Floats, seen: Floats, scale: Scale, cells: Cells
) -> Joint:
    """Return what groups do alone and together.

    Parameters
    ----------
    table
        (2^K, R) outcomes, or their logarithms, of all sets in the order of
        `ydsim.analysis.cells.sets`.
    seen
        (2, R) those of the cells with no group and with all, as they were run.
    """
    base, every = table[0], table[-1]
    single = np.array([table[1 << k] - base for k in range(len(groups))])
    alone, together = single.sum(axis=0), every - base
    draws = draws_for(table.shape[1])
    found = interaction(every, base, single + base, draws)
    parts = shapley(table)
    return Joint(
        outcome,
        scale,
        cells,
        {name: mean_of(row) for name, row in zip(groups, single, strict=True)},
        mean_of(alone),
        mean_of(together),
        mean_of(together - alone),
        Interval(*found.value),
        mean_of(seen[1] - seen[0] - together),
        {name: mean_of(row) for name, row in zip(groups, parts, strict=True)},
        {name: share_of(row, together) for name, row in zip(groups, parts, strict=True)},
    )


def share_of(part: Floats, whole: Floats) -> Interval:
    """Return the mean of a part over that of the whole, (R,) each, with its interval.

    NaN where the whole is within two standard errors of zero, or one replicate gives no error.
    """
    nothing = float("nan")
    if len(whole) < 2 or not abs(float(whole.mean())) > TOO_NEAR * standard_error(whole):
        return Interval(nothing, nothing, nothing)
    found = relative(whole, part)
    return Interval(found.gap + 1.0, found.low + 1.0, found.high + 1.0)


def joints(outcome: str, groups: Sequence[str], design: Bools, y: Floats) -> list[Joint]:
    """Return all readings of one outcome, those of the definition first.

    Parameters
    ----------
    design
        (n, K) which groups are on in each cell.
    y
        (n, R) outcomes. There are no logarithms where one is not positive.
    """
    full = len(design) == 1 << len(groups)
    ends = [int(np.flatnonzero(~design.any(axis=1))[0]), int(np.flatnonzero(design.all(axis=1))[0])]
    scales: dict[Scale, Floats] = {"raw": y}
    if (y > 0.0).all():
        scales["log"] = np.log(y)
    found = []
    for scale, values in scales.items():
        seen = values[ends]
        if full:
            found.append(joint(outcome, groups, by_set(design, values), seen, scale, "run"))
        found.append(joint(outcome, groups, of_pairs(design, values), seen, scale, "pairs"))
    return found


def effects(groups: Sequence[str], design: Bools, y: Floats) -> dict[tuple[str, ...], Interval]:
    """Return effects of groups and interactions of two, in the unit of ``y``."""
    return {names: mean_of(contrast(signs, y)) for names, signs in terms(groups, design)}


def moving(outcome: str, on: Floats, off: Floats) -> Moving:
    """Return how provinces move together.

    Parameters
    ----------
    on, off
        (R, G, T) yearly values of the provinces with all groups and with none.
    """
    correlation, order = _together(on)
    correlation_off, order_off = _together(off)
    return Moving(
        outcome,
        mean_of(correlation),
        mean_of(correlation - correlation_off),
        mean_of(order),
        mean_of(order - order_off),
    )


def _together(values: Floats) -> tuple[Floats, Floats]:
    """Return the mean correlation and order of phases of growth of each replicate, (R,).

    The first and last year, where phases are least certain, are left out where others are there.
    """
    if not (values > 0.0).all():
        nothing = np.full(len(values), np.nan)
        return nothing, nothing
    logs = np.log(values)
    orders = [phase_order(one) for one in logs]
    inner = slice(1, -1) if len(orders[0]) > 2 else slice(None)
    correlation = np.array([co_movement(one) for one in logs])
    return correlation, np.array([one[inner].mean() for one in orders])
