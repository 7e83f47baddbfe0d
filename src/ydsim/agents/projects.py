"""The column table of live projects; finished ones are compacted away."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ydsim.agents.table import Table
from ydsim.typing import Floats, Ints, Keys


class Projects(Table):
    """One row per live project, ordered by birth."""

    key: Keys
    owner: Ints  # row of the organisation
    field: Ints
    quality: Floats  # relative to 1
    radical: NDArray[np.bool_]
    stage: Ints
    done: Floats  # researcher-quarters spent in the present stage
    born: Ints  # quarter

    def __init__(self) -> None:
        super().__init__(
            {
                "key": (np.uint64, (), 0),
                "owner": (np.int64, (), 0),
                "field": (np.int64, (), 0),
                "quality": (np.float64, (), 1.0),
                "radical": (np.bool_, (), False),
                "stage": (np.int64, (), 0),
                "done": (np.float64, (), 0.0),
                "born": (np.int64, (), 0),
            }
        )
