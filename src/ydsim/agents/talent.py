"""Researchers by city: how many there are, are asked for, what they earn, and who moved."""

from __future__ import annotations

from dataclasses import dataclass

from ydsim.typing import Floats, Ints


@dataclass
class Talent:
    """Researchers at scale 1.

    Attributes
    ----------
    stock
        (C + 1,) full-time equivalents by city, the rest of the nation last: whole numbers.
    demand
        (C + 1,) of these, asked for at the wage of the province.
    wage
        (C,) wage of the city over that of its province.
    moves
        (C + 1, C + 1) moves of the quarter from place to place.
    """

    stock: Ints
    demand: Floats
    wage: Floats
    moves: Ints
