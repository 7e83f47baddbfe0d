"""Media as columns: outlets, which print stories on launches."""

from __future__ import annotations

from dataclasses import dataclass

from ydsim.typing import Bools, Ints, Keys

REGIONAL, PROVINCIAL, MUNICIPAL = 0, 1, 2


@dataclass
class Outlets:
    """Media: M outlets.

    Attributes
    ----------
    key
        Identities for draws.
    level
        REGIONAL, PROVINCIAL or MUNICIPAL.
    province, city
        Place of provincial and municipal outlets, -1 otherwise.
    stories
        Stories a quarter.
    audience
        (M, C) cities that each reaches.
    covered
        Stories printed in the quarter.
    """

    key: Keys
    level: Ints
    province: Ints
    city: Ints
    stories: Ints
    audience: Bools
    covered: Ints
