r"""Tables as text for other programs: CSV that is safe in a spreadsheet, and JSON.

Equal tables give equal text: ``\n`` line ends, and the shortest digits that name each number,
of which stored numbers have 10 at most.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ydsim.typing import Columns

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def to_csv(columns: Columns) -> str:
    """Return ``columns`` as CSV with a header.

    A text cell that a spreadsheet would take for a formula gets a leading apostrophe; NaN is an
    empty cell; booleans are ``true`` and ``false``.
    """
    sink = io.StringIO(newline="")
    writer = csv.writer(sink, lineterminator="\n")
    writer.writerow([guard(name) for name in columns])
    writer.writerows(zip(*(_cells(column) for column in columns.values()), strict=True))
    return sink.getvalue()


def to_json(columns: Columns) -> str:
    """Return ``columns`` as a JSON array with one object, and one line, for each row.

    NaN and infinity are ``null``.
    """
    names = list(columns)
    values = [_plain(column) for column in columns.values()]
    rows = [
        json.dumps(dict(zip(names, row, strict=True)), ensure_ascii=False, allow_nan=False)
        for row in zip(*values, strict=True)
    ]
    return "[\n" + ",\n".join(rows) + "\n]\n" if rows else "[]\n"


def guard(text: str) -> str:
    """Return ``text`` with a leading apostrophe when a spreadsheet would run it as a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def _cells(column: NDArray[np.generic]) -> Sequence[str]:
    values = column.tolist()
    kind = column.dtype.kind
    if kind == "O":
        known = {text: guard(text) for text in dict.fromkeys(values)}
        return [known[text] for text in values]
    if kind == "f":
        return ["" if value != value else repr(value) for value in values]
    if kind == "b":
        return ["true" if value else "false" for value in values]
    return [str(value) for value in values]


def _plain(column: NDArray[np.generic]) -> list[Any]:
    values: list[Any] = column.tolist()
    if column.dtype.kind == "f":
        return [value if np.isfinite(value) else None for value in values]
    return values
