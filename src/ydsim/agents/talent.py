"""Researchers by city: how many there are, are asked for, what they earn, and who moved."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ydsim.typing import Floats, Ints

LEAST_FOUND = 1e-6
"""Where nobody is there money does next to nothing."""


@dataclass
class Talent:
    """Researchers at scale 1.

    Attributes
    ----------
    stock : integer, (C + 1,); FTE; dynamic
        Researchers by city at scale 1, the rest of the nation last.
    demand : real, (C + 1,); FTE; dynamic
        Researchers asked for at the wage of the province.
    wage : real, (C,); 1; dynamic; city
        Wage factor theta: wage of the city over that of its province.
    moves : integer, (C + 1, C + 1); FTE; dynamic; place and place
        Moves of the quarter from row to column; zero on the diagonal.
    found : real, (C,); 1; dynamic; city
        Part phi of the researchers whom organisations can pay that is there.
    start : integer; FTE; static
        Researchers of all cities when the run began.
    """

    stock: Ints
    demand: Floats
    wage: Floats
    moves: Ints
    found: Floats
    start: int

    @property
    def cost(self) -> Floats:
        """Money for a researcher who works over the wage of the province, (C,).

        Where posts stay open, theirs is spent and does no work.
        """
        return self.wage / np.maximum(self.found, LEAST_FOUND)
