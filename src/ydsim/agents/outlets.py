"""Media as columns: outlets, which print stories on launches."""

from __future__ import annotations

from dataclasses import dataclass

from ydsim.typing import Ints, Keys


@dataclass
class Outlets:
    """Media: an outlet for each province.

    Attributes
    ----------
    key : 64-bit integer; -; static
        Identity for draws.
    city : integer; -; static
        Seat.
    stories : integer; stories/quarter; static
        Stories that it prints at most without a policy.
    covered : integer; stories; dynamic
        Stories of the quarter.
    """

    key: Keys
    city: Ints
    stories: Ints
    covered: Ints
