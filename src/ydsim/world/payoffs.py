"""The table of payoffs of opening and closing, as a file.

One row a replicate and cell: ``closed`` names the closed provinces, joined by ``+``, or says
``none``; ``replicate``; then a column for each province with its payoff, 100m_rmb a year.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ydsim.errors import InputError
from ydsim.measures.game import cell_of
from ydsim.outside import OutsideFileError, one_line, read_bytes, reason
from ydsim.typing import Floats, Ints

NONE = "none"
_LARGEST = 50_000_000
_DIGITS = 9
"""Most digits of the number of a replicate."""


def read_payoffs(path: str | Path, provinces: Sequence[str]) -> Floats:
    """Return the mean payoffs over replicates, (cells, provinces), in the order of ``provinces``.

    Raises
    ------
    InputError
        When the file is not there, or is no such table of exactly these provinces.
    """
    cells, _, values = _rows(path, provinces)
    total, count = np.zeros((2 ** len(provinces), len(provinces))), np.bincount(cells)
    np.add.at(total, cells, values)
    found: Floats = total / count[:, None]
    return found


def read_payoffs_of_runs(path: str | Path, provinces: Sequence[str]) -> Floats:
    """Return all payoffs, (replicates, cells, provinces), in the order of ``provinces``.

    Raises
    ------
    InputError
        As `read_payoffs`; also when not every cell has each replicate, from 0 on, once.
    """
    cells, replicates, values = _rows(path, provinces)
    n, runs = 2 ** len(provinces), int(replicates.max()) + 1
    keys = np.unique(replicates * n + cells)
    if replicates.min() < 0 or not len(keys) == len(values) == runs * n:
        raise InputError(f"{one_line(str(path))}: every cell needs each replicate, from 0 on, once")
    found: Floats = np.empty((runs, n, len(provinces)))
    found[replicates, cells] = values
    return found


def _rows(path: str | Path, provinces: Sequence[str]) -> tuple[Ints, Ints, Floats]:
    """Return cell, replicate (-1 for what is no number) and payoffs of every row."""
    shown = one_line(str(path))
    try:
        text = read_bytes(path, _LARGEST, "table of payoffs").decode("utf-8-sig")
        rows = list(csv.DictReader(io.StringIO(text, newline=""), strict=True))
    except (OutsideFileError, OSError, UnicodeDecodeError, csv.Error) as error:
        said = reason(error) if isinstance(error, OSError) else str(error)
        raise InputError(f"{shown}: cannot be read as a table of payoffs: {said}") from None
    n = len(provinces)
    if not rows or set(rows[0]) != {"closed", "replicate", *provinces}:
        raise InputError(
            f"{shown}: expected the columns closed, replicate, {', '.join(provinces)}, as "
            "`ydsim study border-game` writes them"
        )
    found = []
    for number, row in enumerate(rows, start=2):
        names = [] if row["closed"] == NONE else str(row["closed"]).split("+")
        if not set(names) <= set(provinces):
            raise InputError(f"{shown}:{number}: {row['closed']!r} are not names of provinces")
        cell = cell_of(np.array([name in names for name in provinces]))
        try:
            values = np.array([float(row[name]) for name in provinces])
        except (TypeError, ValueError):
            values = np.full(n, np.nan)
        if not np.isfinite(values).all():
            raise InputError(f"{shown}:{number}: every province needs a number")
        replicate = str(row["replicate"])
        known = replicate.isdecimal() and len(replicate) <= _DIGITS
        found.append((cell, int(replicate) if known else -1, values))
    cells, replicates, payoffs = zip(*found, strict=True)
    missing = 2**n - len(set(cells))
    if missing:
        raise InputError(f"{shown}: {missing} of {2**n} cells have no row")
    return np.array(cells), np.array(replicates), np.array(payoffs)
