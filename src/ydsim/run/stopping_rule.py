r"""Replicates until the mean of an outcome is known well enough, decided in fixed batches.

After each batch the half-width of the confidence interval of the mean of a point with n finished
replicates, sample standard deviation s and mean m is

.. math:: h = t_{n-1,\,(1+\gamma)/2}\, s / \sqrt{n}

and the point is finished when :math:`h \le w` (or :math:`h \le w\,|m|` for a relative width), or
when n has reached the cap. Looking after every batch makes the true coverage a little smaller than
:math:`\gamma`, the less so the larger the floor and the batch. The rule sees results only, so the
same sweep asks for the same replicates however often it was interrupted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import stdtrit

from ydsim.store.points import run_id
from ydsim.typing import Columns, Floats

if TYPE_CHECKING:
    from ydsim.design.sweep import ReplicateRule
    from ydsim.store.points import Plan


def more_replicates(rule: ReplicateRule, plan: Plan, runs: Columns) -> dict[str, int]:
    """Return the number of replicates that each point should have, by hash.

    Parameters
    ----------
    runs
        The table of finished runs.

    Returns
    -------
    dict of str to int
        Empty when no point needs more. A point with a failed run, or without a value of the
        outcome, is left as it is.
    """
    if "run" not in runs or rule.outcome not in runs:
        return {}
    values = dict(zip(runs["run"].tolist(), runs[rule.outcome].tolist(), strict=True))
    wanted = {}
    asked = False
    for of, last in plan.highest.items():
        found = np.array([values.get(run_id(of, k), np.nan) for k in range(last + 1)])
        n = len(found)
        if (
            not np.isnan(found).any()
            and n < rule.most
            and half_width(found, rule) > target(found, rule)
        ):
            n, asked = min(n + rule.batch, rule.most), True
        wanted[of] = n
    return wanted if asked else {}


def half_width(values: Floats, rule: ReplicateRule) -> float:
    """Return half the width of the confidence interval of the mean; infinite for one value."""
    n = len(values)
    if n < 2:
        return float("inf")
    t = float(stdtrit(n - 1, 0.5 * (1.0 + rule.level)))
    return t * float(values.std(ddof=1)) / float(np.sqrt(n))


def target(values: Floats, rule: ReplicateRule) -> float:
    """Return the half-width that is small enough."""
    return rule.half_width * abs(float(values.mean())) if rule.relative else rule.half_width
