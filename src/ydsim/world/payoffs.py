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
from ydsim.translation import gettext as _t
from ydsim.translation import mark
from ydsim.typing import Floats, Ints
from ydsim.untrusted_input import OutsideFileError, one_line, read_bytes, reason

NONE = "none"
_LARGEST = 50_000_000


def read_payoffs(path: str | Path, provinces: Sequence[str]) -> Floats:
    """Return the mean payoffs over replicates, (cells, provinces), in the order of ``provinces``.

    `InputError` when the file is not there, or is no such table of exactly these provinces.
    """
    cells, values = _rows(path, provinces)
    total, count = np.zeros((2 ** len(provinces), len(provinces))), np.bincount(cells)
    np.add.at(total, cells, values)
    return total / count[:, None]


def _rows(path: str | Path, provinces: Sequence[str]) -> tuple[Ints, Floats]:
    """Return cell and payoffs of every row."""
    shown = one_line(str(path))
    try:
        text = read_bytes(path, _LARGEST, mark("table of payoffs")).decode("utf-8-sig")
        rows = list(csv.DictReader(io.StringIO(text, newline=""), strict=True))
    except (OutsideFileError, OSError, UnicodeDecodeError, csv.Error) as error:
        message = reason(error) if isinstance(error, OSError) else str(error)
        line = _t("{file}: cannot be read as a table of payoffs: {why}")
        raise InputError(line.format(file=shown, why=message)) from None
    n = len(provinces)
    if not rows or set(rows[0]) != {"closed", "replicate", *provinces}:
        message = _t(
            "{file}: expected the columns closed, replicate, {provinces}, as `ydsim study "
            "border-game` writes them"
        )
        raise InputError(message.format(file=shown, provinces=", ".join(provinces)))
    found = []
    for number, row in enumerate(rows, start=2):
        names = [] if row["closed"] == NONE else str(row["closed"]).split("+")
        if not set(names) <= set(provinces):
            message = _t("{file}:{line}: {names!r} are not names of provinces")
            raise InputError(message.format(file=shown, line=number, names=row["closed"]))
        cell = cell_of(np.array([name in names for name in provinces]))
        try:
            values = np.array([float(row[name]) for name in provinces])
        except (TypeError, ValueError):
            values = np.full(n, np.nan)
        if not np.isfinite(values).all():
            message = _t("{file}:{line}: every province needs a number")
            raise InputError(message.format(file=shown, line=number))
        found.append((cell, values))
    cells, payoffs = zip(*found, strict=True)
    missing = 2**n - len(set(cells))
    if missing:
        message = _t("{file}: {n} of {all} cells have no row")
        raise InputError(message.format(file=shown, n=missing, all=2**n))
    return np.array(cells), np.array(payoffs)
