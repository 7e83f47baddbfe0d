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
    """One row per consortium; the lead comes first among the members, NOBODY fills up.

    Attributes
    ----------
    key : 64-bit integer; -; static
        Identity for draws.
    policy : 64-bit integer; -; static
        Identity of the name of its policy.
    field : integer; -; static
        Technology field for which members were drawn.
    ends : integer; quarter; static
        Quarter in which it has ended.
    tie : real; projects; static
        Strength below which ties of its members do not fall.
    members : integer, 20; -; dynamic
        Rows of members, the lead first, -1 nobody; follows firms that move.
    """

    key: Keys
    policy: Keys
    field: Ints
    ends: Ints
    tie: Floats
    members: Ints

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
