"""Researchers by city: how many there are, are asked for, what they earn, and who moved."""

from __future__ import annotations

from dataclasses import dataclass

from ydsim.typing import Floats, Ints


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
    """

    stock: Ints
    demand: Floats
    wage: Floats
    moves: Ints
