"""Yearly values of quarters, and tidy tables: one row for each value of a wide quarterly table.

A flow of a year is the sum of its four quarters, a mean their mean, a stock its value in the last
quarter. A ratio is not recorded but formed here out of two flows of the same year or quarter, so
that it is a ratio of sums. Rows come by point, replicate, indicator (in the order of the recorded
columns, then ratios), place, year and quarter; values that a level does not have are left out, and
so is a ratio to zero.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ydsim.store.tables import round_significant
from ydsim.typing import Columns, Floats

if TYPE_CHECKING:
    import pandas as pd

Indicators = Mapping[str, Mapping[str, Any]]
"""Indicators as in the manifest: ``unit``, ``kind``, ``prior``, ``of`` and more by name."""

_KEYS: Final = ("point", "replicate", "region", "year", "quarter")


def year_of(quarters: Floats, kind: str) -> Floats:
    """Return the value of a year of its quarters (..., 4), before it is rounded."""
    if kind not in ("flow", "mean"):
        return quarters[..., 3]
    total: Floats = quarters.sum(axis=-1)
    return total if kind == "flow" else total / 4.0


def ratio(above: Floats, below: Floats) -> Floats:
    """Return a ratio, NaN where what it is of is not above zero."""
    found = np.full(above.shape, np.nan)
    np.divide(above, below, out=found, where=below > 0.0)
    return found


def years_of(quarters: Mapping[str, Floats], indicators: Indicators) -> dict[str, Floats]:
    """Return yearly values of recorded indicators, (..., 4) each, and ratios behind them."""
    if not quarters:
        return {}
    years = [year_of(values, indicators[name]["kind"]) for name, values in quarters.items()]
    rounded = round_significant(np.stack(years))  # one call: it costs as much as one column
    return _with_ratios(dict(zip(quarters, rounded, strict=True)), indicators)


def recorded(columns: Mapping[str, Any], indicators: Indicators) -> list[str]:
    """Return the columns that are indicators, in the order in which they were recorded."""
    return [n for n in columns if n in indicators and indicators[n]["kind"] != "ratio"]


def long(
    columns: Columns, places: Sequence[str], place: str, indicators: Indicators, *, yearly: bool
) -> Columns:
    """Return a wide quarterly table as ``point, replicate, region, year, ...`` rows.

    Parameters
    ----------
    places
        Places in their order; others come behind them in order of first appearance.
    place
        Column of the place: ``region``, or ``city``, whose rows have their province and whether
        the indicator rests on a prior.
    yearly
        One row a year and not a quarter.

    Raises
    ------
    ValueError
        When a place and year lacks one of its four quarters.
    """
    import pandas as pd

    names = recorded(columns, indicators)
    order = list(dict.fromkeys([*places, *columns[place].tolist()]))
    wide = pd.DataFrame({n: columns[n] for n in (*_KEYS, *names) if n != "region"})
    wide = wide.assign(region=pd.Categorical(columns[place], order).codes)
    wide = wide.sort_values([*_KEYS], kind="stable")
    values = {name: wide[name].to_numpy(np.float64) for name in names}
    if yearly:
        _require_whole_years(wide)
        by_year = {name: value.reshape(-1, 4) for name, value in values.items()}
        wide, values = wide.iloc[::4], years_of(by_year, indicators)
    else:
        values = _with_ratios(values, indicators)
    if not values:
        return {}
    keys = wide[[*_KEYS[: 4 if yearly else 5]]]
    pieces = [
        keys.assign(indicator=number, value=value)[~np.isnan(value)]
        for number, value in enumerate(values.values())
    ]
    rows = pd.concat(pieces).sort_values(["point", "replicate"], kind="stable")
    found = {str(name): column.to_numpy() for name, column in rows.items()}
    of, where = found["indicator"], found["region"]
    cards = [indicators[name] for name in values]
    found["region"] = np.array(order, dtype=object)[where]
    found["indicator"] = np.array(list(values), dtype=object)[of]
    found["unit"] = np.array([card["unit"] for card in cards], dtype=object)[of]
    if place == "city":
        home = dict(zip(columns["city"].tolist(), columns["province"].tolist(), strict=True))
        found["province"] = np.array([home[city] for city in order], dtype=object)[where]
        found["prior"] = np.array([bool(card["prior"]) for card in cards])[of]
    return found


def _require_whole_years(wide: pd.DataFrame) -> None:
    cells = wide[[*_KEYS]].to_numpy()
    whole = len(cells) % 4 == 0
    if whole:
        years = cells.reshape(-1, 4, len(_KEYS))
        step = np.arange(4)[:, None] * (np.array(_KEYS) == "quarter")
        whole = bool((years[:, 0, -1] == 1).all() and (years == years[:, :1] + step).all())
    if not whole:
        raise ValueError("a year in a recorded series lacks a quarter or has one twice")


def _with_ratios(values: dict[str, Floats], indicators: Indicators) -> dict[str, Floats]:
    """Return values and, behind them by name, the ratios of which both parts are there."""
    found = dict(values)
    for name in sorted(name for name in indicators if indicators[name]["kind"] == "ratio"):
        above, below = indicators[name]["of"]
        if above in values and below in values:
            found[name] = round_significant(ratio(values[above], values[below]))
    return found
