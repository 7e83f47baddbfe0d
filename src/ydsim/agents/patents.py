"""Patents by city: applications filed, grants due, and patents in force."""

from __future__ import annotations

from dataclasses import dataclass

from ydsim.typing import Floats


@dataclass
class Patents:
    """Patents at scale 1 by city.

    Attributes
    ----------
    applications : real, (C, 24); items; dynamic
        Applications by quarter, a ring, at scale 1.
    due : real, (C, T); items; static
        Grants out of applications filed before the run, by quarter; T is 23, 0 without official
        figures.
    in_force : real, (C,); items; dynamic
        Invention patents in force.
    university : real, (C,); items; dynamic
        Inventions of universities that have not lapsed.
    """

    applications: Floats
    due: Floats
    in_force: Floats
    university: Floats
