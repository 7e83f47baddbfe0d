"""Tables that an analysis wrote beside the runs that it is of."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ydsim.plots.ensemble import NothingToDrawError
from ydsim.store.files import read_bytes

if TYPE_CHECKING:
    import pandas as pd

    from ydsim.results.results import Results

LARGEST = 16 * 2**20
"""Bytes that such a table may have."""

NUMBERS = ("value", "elasticity", "low", "high", "up", "n", "first", "last")
"""Columns that hold numbers, in whichever table they are."""


def table_beside(results: Results, file: str, columns: Sequence[str], missing: str) -> pd.DataFrame:
    """Return a table in the folder of results.

    Parameters
    ----------
    file
        Its name.
    columns
        What it must have.
    missing
        What to say where it is not there, or is something else.

    Raises
    ------
    NothingToDrawError
        When it is not there, has no rows, or lacks a column.
    ResultsError
        When it is no regular file, or too large.
    """
    import pandas as pd

    path = None if results.path is None else results.path / file
    if path is None or not path.exists():
        raise NothingToDrawError(missing)
    try:
        table = pd.read_csv(io.BytesIO(read_bytes(path, LARGEST)))
        for name in table.columns.intersection(list(NUMBERS)):
            table[name] = pd.to_numeric(table[name])
    except ValueError:  # no text, no table, or words for numbers
        raise NothingToDrawError(missing) from None
    if not len(table) or not set(columns) <= set(table.columns):
        raise NothingToDrawError(missing)
    return table
