"""Tables keyed by run: taken apart, and turned into tables keyed by point and replicate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from ydsim.errors import ResultsError
from ydsim.typing import Columns, Ints


def expand(
    table: Columns,
    runs: Sequence[str],
    points: Mapping[str, list[int]],
    hashes: Sequence[str],
    replicates: Sequence[int],
) -> Columns:
    """Return a table with ``point, replicate`` in front, sorted by them.

    The rows of a run appear once for each point that it belongs to, in the order in which they
    were recorded. A table of a single scenario has these columns already and is only checked.

    Parameters
    ----------
    table
        Rows run by run, all of runs of the plan.
    runs
        Names of all runs, in the order of the plan.
    points
        Points of each hash.
    hashes, replicates
        Of each run.

    Raises
    ------
    ResultsError
        When rows of a single scenario are of another point, or rows of several name no run.
    """
    import pandas as pd

    if "run" not in table:
        if len(points) > 1 or np.any(table["point"] != 0):
            raise ResultsError("the results hold rows that name no run of their plan")
        return table
    index = {run: at for at, run in enumerate(runs)}
    codes, names = pd.factorize(table["run"])
    at = np.array([index[str(name)] for name in names], dtype=np.int64)[codes]
    spread = [points.get(of, []) for of in hashes]
    times = np.array([len(each) for each in spread], dtype=np.int64)[at]
    row = np.repeat(np.arange(len(at)), times)
    point = _points(spread, at, times)
    replicate = np.asarray(replicates, dtype=np.int64)[at[row]]
    order = np.lexsort((row, replicate, point))
    kept = {name: column[row[order]] for name, column in table.items() if name != "replicate"}
    return {"point": point[order], "replicate": replicate[order], **kept}


def _points(spread: Sequence[Sequence[int]], at: Ints, times: Ints) -> Ints:
    """Return the point of every expanded row."""
    flat = np.array([point for each in spread for point in each], dtype=np.int64)
    first = np.cumsum([0, *map(len, spread)])[at]
    start = np.repeat(np.cumsum(times) - times, times)
    inside = np.arange(int(times.sum())) - start
    found: Ints = flat[np.repeat(first, times) + inside]
    return found


def split(columns: Columns, names: Mapping[int, str]) -> dict[str, Columns]:
    """Return the rows of a table by run; those of a run are together.

    Parameters
    ----------
    names
        Name of the run by replicate, for tables of a single scenario, which have no column ``run``.
    """
    runs = columns["run"] if "run" in columns else columns["replicate"]
    if not len(runs):
        return {}
    first = np.flatnonzero(np.r_[True, runs[1:] != runs[:-1]])
    ends = np.r_[first[1:], len(runs)]
    labels = [names.get(label, str(label)) for label in runs[first].tolist()]
    return {
        label: {name: column[a:b] for name, column in columns.items()}
        for label, a, b in zip(labels, first.tolist(), ends.tolist(), strict=True)
    }
