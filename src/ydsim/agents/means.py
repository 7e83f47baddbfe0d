"""Means of a quarter, and the constants of a run that rules compare with.

    c = mean of m over the last `QUARTERS` quarters of the burn-in

A rule that compares with the mean of the present would delete what all of a run gain together:
knowledge that rises everywhere would rise nowhere. One that compares with another run in the same
quarter would delete all growth that both have. So a recorded quarter compares with constants of the
run's own burn-in, in which nothing is to grow; the quarters of the burn-in compare with themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass, fields
from typing import Final, Self

import numpy as np

from ydsim.typing import Floats

QUARTERS: Final = 8
"""Last quarters of the burn-in that make the constants (assumed: two years)."""


@dataclass(slots=True)
class Means:
    """What rules found on average in a quarter.

    Attributes
    ----------
    effort
        (F,) mean effort of an organisation in each field, researcher-quarters.
    drift
        (F,) d_f, what keeps the mean of knowledge in each field at zero, log.
    access
        (F,) Gbar, knowledge within reach, mean over cities, 100m_rmb.
    research
        (J,) mean log of R&D capital over value added in each industry, log years.
    returned
        (J, P) launches of firms over what their size lets expect, by industry and province.
    outside_research
        Log of R&D capital over GDP of the rest of the nation, log years.
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
    research: Floats
    returned: Floats
    outside_research: float = 0.0
    launches: float = 0.0
    founder_quality: float = 1.0
    returns: float = 0.0

    @classmethod
    def none(cls, n_fields: int, n_industries: int, n_provinces: int) -> Self:
        """Return the means of a quarter in which nothing has been found yet."""
        by_field = np.zeros(n_fields)
        returned = np.ones((n_industries, n_provinces))
        by_industry = np.zeros(n_industries)
        return cls(by_field, by_field.copy(), by_field.copy(), by_industry, returned)

    @classmethod
    def over(cls, quarters: Sequence[Self]) -> Self:
        """Return the means over some quarters, in this order."""
        mean = quarters[-1].copy()
        for name in (each.name for each in fields(cls)):
            setattr(mean, name, np.mean([getattr(one, name) for one in quarters], axis=0))
        return mean

    def copy(self) -> Self:
        """Return means that do not change any more."""
        return deepcopy(self)
