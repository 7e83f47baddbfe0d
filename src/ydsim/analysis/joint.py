"""Whether groups of actors achieve more together than the sum of what each achieves alone.

    excess = E[Y_all - Y_0] - sum_k E[Y_k - Y_0],   S = excess / sum_k E[Y_k - Y_0]

with the parts of the groups in the effect of all by Shapley; equations, symbols and the rule when S
is undefined are in `ydsim.measures.resonance`. Each outcome is looked at twice: as it is (``raw``),
where an excess says more than the sum, and in logarithms (``log``), where it says more than the
product. And each from two readings of the cells: ``run`` takes Y_all, Y_0 and Y_k from their own
cells, as the definition says; ``pairs`` from an account of all cells that leaves out interactions
of three groups and more (`ydsim.analysis.cells`), whose noise is several times smaller. Half of
the cells has no cell of a group alone, so that there is ``pairs`` only.

Intervals are of `ydsim.analysis.cell_error`: of a difference or a share the wider one of Student's
t over replicates and of the error pooled over all cells, of S the wider one of two bootstraps.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from ydsim.analysis.cell_error import CellError
from ydsim.analysis.cells import by_set, of_pairs, terms
from ydsim.measures.comovement import co_movement, phase_order
from ydsim.measures.effects import Interval, interval
from ydsim.measures.resonance import shapley
from ydsim.typing import Bools, Floats

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
        return bool(np.isfinite(self.s.estimate))


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


def mean_of(values: Floats) -> Interval:
    """Return the mean of values over replicates with its interval; NaN bounds for one."""
    _, mean, low, high = interval(values)
    return Interval(mean, np.nan if low is None else low, np.nan if high is None else high)


def joint(
    outcome: str,
    groups: Sequence[str],
    table: Floats,
    ends: tuple[int, int],
    error: CellError,
    scale: Scale,
    cells: Cells,
) -> Joint:
    """Return what groups do alone and together.

    Parameters
    ----------
    table
        (2^K, n) weights of the n cells in the outcome of each set, in the order of
        `ydsim.analysis.cells.sets`.
    ends
        The cells with no group and with all.
    error
        Outcomes of the cells, or their logarithms.
    """
    single = np.array([table[1 << k] - table[0] for k in range(len(groups))])
    alone, together = single.sum(axis=0), table[-1] - table[0]
    seen = np.zeros(table.shape[1])
    seen[list(ends)] = -1.0, 1.0
    parts = shapley(table)
    return Joint(
        outcome,
        scale,
        cells,
        {name: error.of_sum(row) for name, row in zip(groups, single, strict=True)},
        error.of_sum(alone),
        error.of_sum(together),
        error.of_sum(together - alone),
        error.bootstrap_ratio(together - alone, alone),
        error.of_sum(seen - together),
        {name: error.of_sum(row) for name, row in zip(groups, parts, strict=True)},
        {name: error.of_ratio(row, together) for name, row in zip(groups, parts, strict=True)},
    )


def joints(outcome: str, groups: Sequence[str], design: Bools, y: Floats) -> list[Joint]:
    """Return all readings of one outcome, those of the definition first.

    Parameters
    ----------
    design
        (n, K) which groups are on in each cell.
    y
        (n, R) outcomes. There are no logarithms where one is not positive.
    """
    each = np.eye(len(design))
    tables: dict[Cells, Floats] = {}
    if len(design) == 1 << len(groups):
        tables["run"] = by_set(design, each)
    tables["pairs"] = of_pairs(design, each)
    none, every = (int((design.sum(axis=1) == k).argmax()) for k in (0, len(groups)))
    scales: dict[Scale, CellError] = {"raw": CellError.of(y)}
    if (y > 0.0).all():
        scales["log"] = CellError.of(np.log(y), logarithms=True)
    return [
        joint(outcome, groups, table, (none, every), error, scale, cells)
        for scale, error in scales.items()
        for cells, table in tables.items()
    ]


def effects(groups: Sequence[str], design: Bools, y: Floats) -> dict[tuple[str, ...], Interval]:
    """Return effects of groups and interactions of two, in the unit of ``y``."""
    error, n = CellError.of(y), len(design)
    return {names: error.of_sum(2.0 / n * signs) for names, signs in terms(groups, design)}


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
        _within(mean_of(correlation), -1.0),
        mean_of(correlation - correlation_off),
        _within(mean_of(order), 0.0),
        mean_of(order - order_off),
    )


def _within(found: Interval, least: float) -> Interval:
    """Return a value whose interval does not go beyond ``least`` and one."""
    if np.isnan(found.low):
        return found
    return Interval(found.estimate, max(found.low, least), min(found.high, 1.0))


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
    return correlation, np.array([one[inner].mean() if len(one) else np.nan for one in orders])
