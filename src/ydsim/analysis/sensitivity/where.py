"""Which points are of interest: ``launches > 100``, or the top of an outcome."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ydsim.analysis.sensitivity.sample import Sample
from ydsim.errors import UsageError
from ydsim.outside import one_line
from ydsim.typing import Bools, Floats

_FORM = re.compile(r"\s*([A-Za-z_]\w*)\s*(<=|>=|<|>)\s*([^\s<>=]+)\s*")


@dataclass(frozen=True)
class Condition:
    """A comparison of an indicator with a number."""

    name: str
    sign: str
    number: float

    def holds(self, values: Floats) -> Bools:
        """Return where it holds."""
        compare = {
            "<": np.less, "<=": np.less_equal, ">": np.greater, ">=": np.greater_equal,
        }[self.sign]  # fmt: skip
        found: Bools = compare(values, self.number)
        return found

    def __str__(self) -> str:
        return f"{self.name} {self.sign} {self.number:g}"


def parse_condition(text: str) -> Condition:
    """Return a comparison that is written as text; nothing is evaluated.

    Raises
    ------
    UsageError
        When it has another form.
    """
    found = _FORM.fullmatch(text)
    number = math.nan
    if found:
        try:
            number = float(found[3])
        except ValueError:
            number = math.nan
    if found is None or not math.isfinite(number):
        raise UsageError(
            f"--where {one_line(text, 60)}: expected NAME < NUMBER (or <=, >, >=), as in "
            "'launches > 100'"
        )
    return Condition(found[1], found[2], number)


def of_interest(
    sample: Sample, top: float, conditions: Sequence[tuple[Condition, Sample]]
) -> tuple[Bools, str]:
    """Return which points are of interest, and the rule in words.

    Parameters
    ----------
    top
        Share of points with the largest means, where no conditions are given.
    conditions
        Each with the sample of the indicator that it names; all must hold.

    Raises
    ------
    UsageError
        When all points are of interest, or none.
    """
    if conditions:
        rule = " and ".join(str(condition) for condition, _ in conditions)
        chosen = np.all([c.holds(of.means) for c, of in conditions], axis=0)
    else:
        cut = float(np.quantile(sample.means, 1.0 - top))
        chosen = sample.means >= cut
        rule = f"the top {100.0 * top:g} % of points, {sample.outcome} >= {cut:.5g}"
    number = int(chosen.sum())
    if number in (0, len(chosen)):
        which = "no point" if number == 0 else "every point"
        span = f"{sample.outcome} runs from {sample.means.min():.5g} to {sample.means.max():.5g}"
        raise UsageError(f"{rule}: holds at {which}, so that nothing sets them apart; {span}")
    return chosen, rule
