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
    key : 64-bit integer; -; static
        Identity for draws.
    level : integer; -; static
        Regional 0, provincial 1, municipal 2.
    province : integer; -; static
        Province, -1 for the regional outlet.
    city : integer; -; static
        Seat, -1 for the regional outlet.
    stories : integer; stories/quarter; static
        Stories that it prints at most without a policy.
    audience : boolean, by city; -; static
        Cities that it reaches.
    covered : integer; stories; dynamic
        Stories of the quarter.
    """

    key: Keys
    level: Ints
    province: Ints
    city: Ints
    stories: Ints
    audience: Bools
    covered: Ints
