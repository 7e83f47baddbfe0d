"""Means: what a quarter was like, for the rules that compare with it."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from typing import Self

import numpy as np

from ydsim.typing import Floats


@dataclass(slots=True)
class Means:
    """What rules found on average in a quarter; the path of a twin is the zero of a run.

    Attributes
    ----------
    effort
        (F,) mean effort of an organisation in each field, researcher-quarters.
    drift
        (F,) d_f, what keeps the mean of knowledge in each field at zero, log.
    access
        (C, F) knowledge within reach of each city, researchers.
    launches
        Launches of the last four quarters at scale 1.
    founder_quality
        Expected quality of founders, mean over industries.
    returns
        Faded launches of firms over what their size lets expect, lambda.
    """

    effort: Floats
    drift: Floats
    access: Floats
    launches: float = 0.0
    founder_quality: float = 1.0
    returns: float = 0.0

    @classmethod
    def none(cls, n_cities: int, n_fields: int) -> Self:
        """Return the means of a quarter in which nothing has been found yet."""
        return cls(np.zeros(n_fields), np.zeros(n_fields), np.zeros((n_cities, n_fields)))

    def copy(self) -> Means:
        """Return means that do not change any more."""
        return deepcopy(self)
