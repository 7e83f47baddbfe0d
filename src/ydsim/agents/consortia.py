"""The column table of innovation consortia that live."""

from __future__ import annotations

from typing import Final

import numpy as np

from ydsim.agents.projects import NOBODY
from ydsim.agents.table import Table
from ydsim.typing import Floats, Ints, Keys

MOST: Final = 20
"""Most members of a consortium, its lead included."""


class Consortia(Table):
    """One row per consortium; the lead comes first among the members, NOBODY fills up."""

    key: Keys  # identity for draws
    policy: Keys  # identity of the name of its policy
    field: Ints  # technology field for which members were drawn
    ends: Ints  # quarter in which it has ended
    tie: Floats  # strength below which ties of its members do not fall
    members: Ints  # (n, MOST) rows of organisations

    def __init__(self) -> None:
        super().__init__(
            {
                "key": (np.uint64, (), 0),
                "policy": (np.uint64, (), 0),
                "field": (np.int64, (), 0),
                "ends": (np.int64, (), 0),
                "tie": (np.float64, (), 0.0),
                "members": (np.int64, (MOST,), NOBODY),
            }
        )

    @property
    def lead(self) -> Ints:
        """Row of the leading firm of each consortium."""
        first: Ints = self.members[:, 0]
        return first

    def pairs(self) -> tuple[Ints, Ints, Floats]:
        """Return both ends of all pairs of members and the strength that their tie keeps."""
        i, j = np.triu_indices(MOST, 1)
        a, b = self.members[:, i], self.members[:, j]
        both = (a >= 0) & (b >= 0)
        return a[both], b[both], np.broadcast_to(self.tie[:, None], both.shape)[both]
