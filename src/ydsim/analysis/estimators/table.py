"""Columns of a table as arrays, and which rows a fit can use.

A row counts where all that the fit reads is there: a missing value (NaN, None) leaves its row out,
which is said; an infinite one, such as the log of zero, is an error.

A row that is alone in its group of a fixed effect tells nothing of the regressors, but counts as a
cluster and makes errors too small (Correia 2015, "Singletons, cluster-robust standard errors and
fixed effects"). Such rows are left out, again and again until none is left, which is said too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ydsim.typing import Bools, Floats, Ints
from ydsim.wording import counted, suggestion

if TYPE_CHECKING:
    import pandas as pd

Data: TypeAlias = "pd.DataFrame | Mapping[str, ArrayLike]"
"""Columns of one length by name."""

Key: TypeAlias = str | tuple[str, ...]
"""A column whose values make groups, or several whose combinations do."""


@dataclass(frozen=True)
class Sample:
    """The rows that a fit uses.

    Attributes
    ----------
    values
        (n, m) columns of numbers, in the order asked for.
    effects
        For each set of fixed effects (n,) codes of groups.
    cluster
        (n,) codes of clusters; None where each row is its own.
    rows
        (n,) where the rows are in the table.
    dropped
        What was left out, in words.
    """

    values: Floats
    effects: tuple[Ints, ...]
    cluster: Ints | None
    rows: Ints
    dropped: tuple[str, ...] = ()

    def keep(self, kept: Bools, why: str) -> Sample:
        """Return the rows ``kept`` (n,); ``why`` the others go is said where there are any."""
        out = int((~kept).sum())
        if out == 0:
            return self
        return replace(
            self,
            values=self.values[kept],
            effects=tuple(codes[kept] for codes in self.effects),
            cluster=None if self.cluster is None else self.cluster[kept],
            rows=self.rows[kept],
            dropped=(*self.dropped, f"{counted(out, 'row')} {why}"),
        )


def name_of(key: Key) -> str:
    """Return a key in words."""
    return key if isinstance(key, str) else " x ".join(key)


def column(table: Data, name: str) -> NDArray[np.generic]:
    """Return a column (n,) as it is.

    Raises
    ------
    ValueError
        When there is none of this name; names the nearest.
    """
    names = [str(key) for key in table.keys()]  # noqa: SIM118 - a data frame's keys
    if name not in names:
        raise ValueError(f"unknown column {name!r}{suggestion(name, names, 'columns')}")
    values: NDArray[np.generic] = np.asarray(table[name])
    if values.ndim != 1:
        raise ValueError(f"column {name!r} has the shape {values.shape}, not one value for a row")
    return values


def numbers(table: Data, name: str) -> Floats:
    """Return a column (n,) of numbers, NaN where one is missing.

    Raises
    ------
    ValueError
        When it is unknown, holds something else, or an infinite number.
    """
    try:
        values = column(table, name).astype(np.float64)
    except (TypeError, ValueError):
        raw = column(table, name)  # says first when there is no such column
        values = _with_missing(raw, name)
    if np.isinf(values).any():
        at = int(np.flatnonzero(np.isinf(values))[0])
        raise ValueError(f"column {name!r} is infinite in row {at}; a log of zero?")
    return values


def _with_missing(raw: NDArray[np.generic], name: str) -> Floats:
    """Return objects as numbers, where all are numbers or missing."""
    values = np.full(len(raw), np.nan)
    for at, value in enumerate(raw.tolist()):
        if not _missing(value):
            try:
                values[at] = float(value)
            except (TypeError, ValueError):
                raise ValueError(f"column {name!r} has no number in row {at}: {value!r}") from None
    return values


def _missing(value: object) -> bool:
    """Return whether a value is None, NaN, or pandas's own, none of which equals itself."""
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return True
    return isinstance(value, float) and np.isnan(value)


def codes_of(table: Data, key: Key) -> Ints:
    """Return codes (n,) from 0 on of the groups of a key, in their order; -1 where one misses."""
    if not isinstance(key, str):
        parts = [codes_of(table, name) for name in key]
        lost = np.any([part < 0 for part in parts], axis=0)
        joint = np.zeros(len(lost), dtype=np.int64)
        for part in parts:
            joint = compact(joint * (int(part.max(initial=0)) + 2) + part + 1)
        return np.where(lost, -1, joint)
    raw = column(table, key)
    if raw.dtype.kind in "biu":
        return compact(raw)
    if raw.dtype.kind == "f":
        there = ~np.isnan(raw.astype(np.float64))
    else:
        there = np.array([not _missing(value) for value in raw.tolist()], dtype=np.bool_)
    codes = np.full(len(raw), -1, dtype=np.int64)
    try:
        codes[there] = compact(raw[there])
    except TypeError:
        raise ValueError(f"column {key!r} mixes kinds of values that have no order") from None
    return codes


def compact(values: NDArray[np.generic]) -> Ints:
    """Return codes (n,) from 0 on without gaps, in the order of the values."""
    codes: Ints = np.unique(values, return_inverse=True)[1].astype(np.int64).reshape(-1)
    return codes


def grid_of(table: Data, unit: str, time: str) -> tuple[Ints, Floats, Ints]:
    """Return codes of units (n,), the years (T,) that are there, and which each row has (n,).

    Raises
    ------
    ValueError
        When a unit or a year is missing, or a unit has two rows in a year.
    """
    codes, year = codes_of(table, unit), numbers(table, time)
    if len(codes) == 0:
        raise ValueError(f"column {unit!r} is empty")
    if (codes < 0).any() or np.isnan(year).any():
        raise ValueError(f"columns {unit!r} and {time!r} must have no missing value")
    years, where = np.unique(year, return_inverse=True)
    at = where.astype(np.int64)
    twice = np.flatnonzero(np.bincount(codes * len(years) + at) > 1)
    if len(twice):
        who, when = divmod(int(twice[0]), len(years))
        name = column(table, unit)[codes == who][0]
        raise ValueError(f"{unit} {name} has two rows in {years[when]:.0f}")
    return codes, years, at


def lagged(table: Data, name: str, unit: str, time: str, years: int = 1) -> Floats:
    """Return what a column (n,) was some years before, NaN where the unit was not seen then.

    A difference over years is a column less its lag. Years below zero lead.

    Raises
    ------
    ValueError
        When a column is unknown or unfit, or a unit has two rows in a year.
    """
    codes, times, at = grid_of(table, unit, time)
    wide = np.full((int(codes.max()) + 1, len(times)), np.nan)
    wide[codes, at] = numbers(table, name)
    before = np.searchsorted(times, times - years)
    there = (before < len(times)) & (times[np.minimum(before, len(times) - 1)] == times - years)
    found: Floats = np.where(there[at], wide[codes, np.minimum(before, len(times) - 1)[at]], np.nan)
    return found


def sample_of(
    table: Data,
    names: Sequence[str],
    effects: Sequence[Key] = (),
    cluster: Key | None = None,
) -> Sample:
    """Return the rows in which all columns, effects and the cluster are there.

    Raises
    ------
    ValueError
        When a column is unknown or unfit, is named twice, differs in length, or no row is left.
    """
    twice = [name for at, name in enumerate(names) if name in names[:at]]
    if twice:
        raise ValueError(f"column {twice[0]!r} is named twice")
    parts = [numbers(table, name) for name in names]
    groups = [codes_of(table, key) for key in effects]
    clusters = None if cluster is None else codes_of(table, cluster)
    n = len(parts[0])
    for what, values in [
        *zip(names, parts, strict=True),
        *((name_of(key), codes) for key, codes in zip(effects, groups, strict=True)),
        *([] if clusters is None or cluster is None else [(name_of(cluster), clusters)]),
    ]:
        if len(values) != n:
            raise ValueError(f"column {what!r} has {len(values)} rows, {names[0]!r} has {n}")
    sample = Sample(np.stack(parts, axis=1), tuple(groups), clusters, np.arange(n))
    for name in names:
        at = list(names).index(name)
        sample = sample.keep(~np.isnan(sample.values[:, at]), f"without {name}")
    for at, key in enumerate(effects):
        sample = sample.keep(sample.effects[at] >= 0, f"without {name_of(key)}")
    if sample.cluster is not None and cluster is not None:
        sample = sample.keep(sample.cluster >= 0, f"without {name_of(cluster)}")
    if len(sample.rows) == 0:
        raise ValueError(f"no row is complete: {', '.join(sample.dropped) or 'the table is empty'}")
    return sample


def without_lone_rows(sample: Sample, effects: Sequence[Key]) -> Sample:
    """Return the rows that are not alone in a group of any effect.

    Raises
    ------
    ValueError
        When none is left.
    """
    n = len(sample.rows)
    kept = np.ones(n, dtype=np.bool_)
    first: dict[str, int] = {}
    while True:
        before = int(kept.sum())
        for key, codes in zip(effects, sample.effects, strict=True):
            size = np.bincount(codes[kept], minlength=int(codes.max(initial=0)) + 1)
            lone = kept & (size[codes] == 1)
            if lone.any():
                first[name_of(key)] = first.get(name_of(key), 0) + int(lone.sum())
                kept &= ~lone
        if int(kept.sum()) == before:
            break
    why = ", ".join(f"{number} of {name}" for name, number in first.items())
    if not kept.any():
        raise ValueError(f"every row is alone in a group of the fixed effects: {why}")
    return sample.keep(kept, f"alone in their group ({why})")
