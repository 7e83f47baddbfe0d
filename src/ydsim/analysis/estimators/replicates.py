"""One estimate from those of several replicates of a run.

    mean = 1/R sum_r b_r,   interval = mean -+ t sd(b_r) / sqrt(R)
    paired difference = mean of b_r - a_r, with the interval of these

Symbols: b_r, a_r estimates in replicate r under two settings with the same draws; t the .975
quantile with R - 1 degrees of freedom. The interval is over replicates: it holds what an estimate
means in the model, and the errors inside a replicate are part of the spread already. Replicates in
which there is no estimate (NaN) are left out, which is said.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ydsim.analysis.estimators.estimate import Estimate
from ydsim.measures.effects import around, standard_error
from ydsim.typing import Bools, Floats
from ydsim.wording import counted


def combine(estimates: Sequence[Estimate]) -> Estimate:
    """Return the mean over replicates; one replicate alone has no interval.

    Raises
    ------
    ValueError
        When no replicate has an estimate.
    """
    values = _values(estimates)
    return _mean(values, ~np.isnan(values))


def paired(plain: Sequence[Estimate], changed: Sequence[Estimate]) -> Estimate:
    """Return the mean paired difference, changed less plain, of replicates at the same places.

    Raises
    ------
    ValueError
        When the two differ in length, or no pair has both estimates.
    """
    if len(plain) != len(changed):
        raise ValueError(f"{len(plain)} plain replicates and {len(changed)} changed ones")
    apart = _values(changed) - _values(plain)
    return _mean(apart, ~np.isnan(apart))


def _values(estimates: Sequence[Estimate]) -> Floats:
    return np.array([one.estimate for one in estimates], dtype=np.float64)


def _mean(values: Floats, there: Bools) -> Estimate:
    n, lost = int(there.sum()), int((~there).sum())
    if n == 0:
        raise ValueError("no replicate has an estimate")
    dropped = (f"{counted(lost, 'replicate')} without an estimate",) if lost else ()
    mean = float(values[there].mean())
    if n == 1:
        none = float("nan")
        return Estimate(mean, none, none, none, 1, 1, dropped)
    se = standard_error(values[there])
    interval = around(mean, se, n)
    return Estimate(mean, se, interval.low, interval.high, n, n, dropped)
