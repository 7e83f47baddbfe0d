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
from typing import TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from ydsim.fmt import counted
from ydsim.typing import Bools, Floats, Ints
from ydsim.wording import suggestion

Data: TypeAlias = pd.DataFrame | Mapping[str, ArrayLike]
"""Columns of one length by name."""

Key: TypeAlias = str | tuple[str, ...]
"""A column whose values make groups, or several whose combinations do."""


def name_of(key: Key) -> str:
    """Return a key in words."""
    return key if isinstance(key, str) else " x ".join(key)


def column(table: Data, name: str) -> NDArray[np.generic]:
    """Return a column (n,) as it is; ValueError names the nearest where there is none."""
    names = [str(key) for key in table.keys()]  # noqa: SIM118 - a data frame's keys
    if name not in names:
        raise ValueError(f"unknown column {name!r}{suggestion(name, names, 'columns')}")
    values: NDArray[np.generic] = np.asarray(table[name])
    if values.ndim != 1:
        raise ValueError(f"column {name!r} has the shape {values.shape}, not one value for a row")
    return values


def numbers(table: Data, name: str) -> Floats:
    """Return a column (n,) of finite numbers, NaN where one is missing; ValueError for others."""
    raw = pd.Series(column(table, name))
    values: Floats = pd.to_numeric(raw, errors="coerce").to_numpy(np.float64, na_value=np.nan)
    other = np.flatnonzero(np.isnan(values) & raw.notna().to_numpy())
    if len(other):
        at = int(other[0])
        raise ValueError(f"column {name!r} has no number in row {at}: {raw.tolist()[at]!r}")
    if np.isinf(values).any():
        at = int(np.flatnonzero(np.isinf(values))[0])
        raise ValueError(f"column {name!r} is infinite in row {at}; a log of zero?")
    return values


def codes_of(table: Data, key: Key) -> Ints:
    """Return codes (n,) from 0 on of the groups of a key, in their order; -1 where one misses."""
    if isinstance(key, str):
        return compact(column(table, key))
    parts = [codes_of(table, name) for name in key]
    joint = np.zeros(len(parts[0]), dtype=np.int64)
    for part in parts:
        joint = compact(joint * (int(part.max(initial=0)) + 1) + part)
    return np.where(np.min(parts, axis=0) < 0, -1, joint)


def compact(values: NDArray[np.generic]) -> Ints:
    """Return codes (n,) from 0 on without gaps, in the order of the values; -1 for missing ones."""
    return pd.factorize(values, sort=True)[0].astype(np.int64)


@dataclass(frozen=True)
class Grid:
    """Units by years: codes of units (n,), the years (T,), and which of them each row has (n,)."""

    unit: Ints
    years: Floats
    at: Ints

    def laid(self, values: Floats) -> Floats:
        """Return a column as units by years (N, T), NaN where a unit was not seen."""
        wide = np.full((int(self.unit.max()) + 1, len(self.years)), np.nan)
        wide[self.unit, self.at] = values
        return wide


def grid_of(table: Data, unit: str, time: str) -> Grid:
    """Return the units and years of a table; ValueError where one misses or comes twice."""
    codes, year = codes_of(table, unit), numbers(table, time)
    if len(codes) == 0:
        raise ValueError(f"column {unit!r} is empty")
    if (codes < 0).any() or np.isnan(year).any():
        raise ValueError(f"columns {unit!r} and {time!r} must have no missing value")
    twice = pd.DataFrame({"unit": codes, "year": year}).duplicated().to_numpy()
    if twice.any():
        at = int(twice.argmax())
        raise ValueError(f"{unit} {column(table, unit)[at]} has two rows in {year[at]:.0f}")
    years, where = np.unique(year, return_inverse=True)
    return Grid(codes, years, where.astype(np.int64))


def lagged(table: Data, name: str, unit: str, time: str, years: int = 1) -> Floats:
    """Return what a column (n,) was some years before, NaN where the unit was not seen then.

    A difference over years is a column less its lag. Years below zero lead.

    Raises
    ------
    ValueError
        When a column is unknown or unfit, or a unit has two rows in a year.
    """
    grid = grid_of(table, unit, time)
    year = grid.years[grid.at]
    values = pd.Series(numbers(table, name), [grid.unit, year])
    return np.asarray(values.reindex([grid.unit, year - years]), dtype=np.float64)


def dates(table: Data, event: str, unit: str) -> Floats:
    """Return the whole date of each row's unit (n,), NaN for none; infinite dates are none too."""
    raw = pd.Series(column(table, event)).replace([np.inf, -np.inf], np.nan)
    date = numbers({event: raw}, event)
    if not (np.isnan(date) | (date == np.round(date))).all():
        raise ValueError(f"column {event!r} must hold whole years, or none")
    codes = codes_of(table, unit)
    if (codes < 0).any() or len(codes) == 0:
        raise ValueError(f"column {unit!r} must have rows and no missing value")
    several = pd.Series(date).groupby(codes).transform("nunique", dropna=False) > 1
    if several.any():
        name = column(table, unit)[int(several.argmax())]
        raise ValueError(f"column {event!r} has two dates for {unit} {name}")
    return date


@dataclass(frozen=True)
class Sample:
    """The rows that a fit uses.

    Attributes
    ----------
    values
        Columns of numbers, in the order asked for; the index is where rows are in the table.
    groups
        Codes of groups, a column for each set of fixed effects and for clusters.
    effects, cluster
        Names of these columns; no cluster where each row is its own.
    dropped
        What was left out, in words.
    """

    values: pd.DataFrame
    groups: pd.DataFrame
    effects: tuple[str, ...]
    cluster: str | None
    dropped: tuple[str, ...] = ()

    @property
    def matrix(self) -> Floats:
        """The columns of numbers (n, m)."""
        return np.ascontiguousarray(self.values, dtype=np.float64)

    @property
    def codes(self) -> list[Ints]:
        """For each set of fixed effects (n,) codes of groups."""
        return [self.groups[name].to_numpy() for name in self.effects]

    def keep(self, kept: Bools, why: str) -> Sample:
        """Return the rows ``kept`` (n,); ``why`` the others go is said where there are any."""
        out = int((~kept).sum())
        if not out:
            return self
        dropped = (*self.dropped, f"{counted(out, 'row')} {why}")
        return replace(self, values=self.values[kept], groups=self.groups[kept], dropped=dropped)

    def without_lone_rows(self) -> Sample:
        """Return the rows that are not alone in a group of any effect; ValueError for none."""
        kept = np.ones(len(self.values), dtype=np.bool_)
        lone: dict[str, int] = {}
        before = -1
        while before != kept.sum():
            before = int(kept.sum())
            for name, codes in zip(self.effects, self.codes, strict=True):
                size = np.bincount(codes[kept], minlength=int(codes.max(initial=0)) + 1)
                alone = kept & (size[codes] == 1)
                if alone.any():
                    lone[name] = lone.get(name, 0) + int(alone.sum())
                    kept &= ~alone
        why = ", ".join(f"{number} of {name}" for name, number in lone.items())
        if not kept.any():
            raise ValueError(f"every row is alone in a group of the fixed effects: {why}")
        return self.keep(kept, f"alone in their group ({why})")


def sample_of(
    table: Data, names: Sequence[str], effects: Sequence[Key] = (), cluster: Key | None = None
) -> Sample:
    """Return the rows in which all columns, effects and the cluster are there."""
    twice = [name for at, name in enumerate(names) if name in names[:at]]
    if twice:
        raise ValueError(f"column {twice[0]!r} is named twice")
    keys = [*effects] if cluster is None else [*effects, cluster]
    values = {name: numbers(table, name) for name in names}
    groups = {name_of(key): codes_of(table, key) for key in keys}
    n = len(values[names[0]])
    for name, each in [*values.items(), *groups.items()]:
        if len(each) != n:
            raise ValueError(f"column {name!r} has {len(each)} rows, {names[0]!r} has {n}")
    sample = Sample(
        pd.DataFrame(values),
        pd.DataFrame(groups, index=range(n)),
        tuple(map(name_of, effects)),
        None if cluster is None else name_of(cluster),
    )
    for name in names:
        sample = sample.keep(sample.values[name].notna().to_numpy(), f"without {name}")
    for name in groups:
        sample = sample.keep(sample.groups[name].to_numpy() >= 0, f"without {name}")
    if sample.values.empty:
        raise ValueError(f"no row is complete: {', '.join(sample.dropped) or 'the table is empty'}")
    return sample
