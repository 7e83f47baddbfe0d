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
from ydsim.typing import Floats, Ints
from ydsim.wording import suggestion

Data: TypeAlias = pd.DataFrame | Mapping[str, ArrayLike]
"""Columns of one length by name."""

Key: TypeAlias = str | tuple[str, ...]
"""A column whose values make groups, or several whose combinations do."""


def parts_of(key: Key) -> list[str]:
    """Return the columns of a key."""
    return [key] if isinstance(key, str) else list(key)


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
    frame = pd.DataFrame({name: column(table, name) for name in parts_of(key)})
    return np.asarray(frame.groupby(parts_of(key)).ngroup().fillna(-1), dtype=np.int64)


def dated(table: Data, event: str, unit: str, time: str, *, once: bool = False) -> pd.DataFrame:
    """Return a table's ``unit`` (codes), ``year`` and ``date``, that of its event, NaN for none.

    ValueError where a unit or year misses, a year or date is not whole, or a unit has two dates or,
    with ``once``, two rows in a year.
    """
    raw = pd.Series(column(table, event)).replace([np.inf, -np.inf], np.nan)
    year, date = numbers(table, time), numbers({event: raw}, event)
    for name, values in ((time, year), (event, date[~np.isnan(date)])):
        if not (values == np.round(values)).all():
            raise ValueError(f"column {name!r} must hold whole years, none missing")
    frame = pd.DataFrame({"unit": codes_of(table, unit), "year": year, "date": date})
    if frame.empty or (frame["unit"] < 0).any():
        raise ValueError(f"column {unit!r} must have rows and no missing value")
    several = frame.groupby("unit")["date"].transform("nunique", dropna=False) > 1
    twice = once & frame.duplicated(["unit", "year"])
    for wrong, what in ((several, f"two dates of {event}"), (twice, "two rows in a year")):
        if wrong.any():
            at = int(wrong.argmax())
            raise ValueError(f"{unit} {column(table, unit)[at]} has {what} ({year[at]:.0f})")
    return frame


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

    def keep(self, kept: pd.Series, why: str) -> Sample:
        """Return the rows ``kept``; ``why`` the others go is said where there are any."""
        if kept.all():
            return self
        dropped = (*self.dropped, f"{counted(int((~kept).sum()), 'row')} {why}")
        return replace(self, values=self.values[kept], groups=self.groups[kept], dropped=dropped)

    def telling(self, outcome: str | None = None) -> Sample:
        """Return the rows that are not alone in a group of an effect; ValueError for none.

        With ``outcome`` rows of groups in which all of it is zero are left out, too.
        """
        sample, before = self, -1
        while before != len(sample.values):
            before = len(sample.values)
            for name in self.effects:
                if outcome:
                    group = sample.groups[name]
                    some = sample.values[outcome].groupby(group).transform("sum") > 0.0
                    zero = group[~some].nunique()
                    why = f"in {zero} of {name} where all of {outcome} is zero"
                    sample = sample.keep(some, why)
                group = sample.groups[name]
                size = group.groupby(group).transform("size")
                sample = sample.keep(size > 1, f"alone in their group of {name}")
        if sample.values.empty:
            why = ", ".join(sample.dropped)
            raise ValueError(f"every row is alone in a group of the fixed effects: {why}")
        return sample


def sample_of(
    table: Data, names: Sequence[str], effects: Sequence[Key] = (), cluster: Key | None = None
) -> Sample:
    """Return the rows in which all columns, effects and the cluster are there."""
    twice = [name for at, name in enumerate(names) if name in names[:at]]
    if twice:
        raise ValueError(f"column {twice[0]!r} is named twice")
    keys = {" x ".join(parts_of(key)): key for key in effects}
    of_cluster = {} if cluster is None else {" x ".join(parts_of(cluster)): cluster}
    values = {name: numbers(table, name) for name in names}
    groups = {name: codes_of(table, key) for name, key in {**keys, **of_cluster}.items()}
    n = len(values[names[0]])
    for name, each in [*values.items(), *groups.items()]:
        if len(each) != n:
            raise ValueError(f"column {name!r} has {len(each)} rows, {names[0]!r} has {n}")
    frame = pd.DataFrame(groups, index=range(n))
    sample = Sample(pd.DataFrame(values), frame, tuple(keys), next(iter(of_cluster), None))
    for name in names:
        sample = sample.keep(sample.values[name].notna(), f"without {name}")
    for name in groups:
        sample = sample.keep(sample.groups[name] >= 0, f"without {name}")
    if sample.values.empty:
        raise ValueError(f"no row is complete: {', '.join(sample.dropped) or 'the table is empty'}")
    return sample
