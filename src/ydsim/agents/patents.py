"""Patents by city: applications filed, grants due, and patents in force."""

from __future__ import annotations

from dataclasses import dataclass

from ydsim.typing import Floats


@dataclass
class Patents:
    """Patents at scale 1 by city.

    Attributes
    ----------
    applications
        (C, 24) applications by quarter, a ring: column q % 24.
    due
        (C, T) grants out of applications filed before the run, by quarter from its start.
    in_force
        (C,) patents in force.
    university
        (C,) inventions of universities whose patents are in force.
    """

    applications: Floats
    due: Floats
    in_force: Floats
    university: Floats
