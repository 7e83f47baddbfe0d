"""The table of runs that failed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ydsim.typing import Columns


def failed_runs(failures: Sequence[Mapping[str, Any]]) -> Columns:
    """Return a row for every run that failed and every point that it belongs to."""
    rows = [(point, failure) for failure in failures for point in failure["points"]]
    texts = ("run", "exception", "message", "repro")
    return {
        "point": np.array([point for point, _ in rows], dtype=np.int64),
        "replicate": np.array([failure["replicate"] for _, failure in rows], dtype=np.int64),
        "quarter": np.array(
            [np.nan if failure["quarter"] is None else failure["quarter"] for _, failure in rows],
            dtype=np.float64,
        ),
        **{key: np.array([failure[key] for _, failure in rows], dtype=object) for key in texts},
    }
