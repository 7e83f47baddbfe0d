"""Yearly values of quarters, and tidy tables: one row for each value of a wide quarterly table.

A flow of a year is the sum of its four quarters, a mean their mean, a stock its value in the last
quarter. A ratio is not recorded but formed here out of two flows of the same year or quarter, so
that it is a ratio of sums. Rows come by point, replicate, indicator (in the order of the recorded
columns, then ratios), place, year and quarter; values that a level does not have are left out, and
so is a ratio to zero.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from ydsim.store.tables import round_significant
from ydsim.typing import Columns, Floats

Indicators = Mapping[str, Mapping[str, Any]]
"""Indicators as in the manifest: ``unit``, ``kind``, ``prior``, ``of`` and more by name."""


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


def recorded(columns: Iterable[str], indicators: Indicators) -> list[str]:
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

    keys = ["point", "replicate", "region", "year", "quarter"]
    of_city = ["province"] if place == "city" else []
    names = recorded(columns, indicators)
    order = list(dict.fromkeys([*places, *columns[place].tolist()]))
    wide = pd.DataFrame({n: c for n, c in columns.items() if n in (*keys, *of_city, *names)})
    wide = wide.assign(region=pd.Categorical(columns[place], order))
    wide = wide.sort_values(keys, kind="stable")
    values = {name: wide[name].to_numpy(np.float64) for name in names}
    if yearly:
        first, last = (wide.iloc[at::4][keys[:4]].to_numpy() for at in (0, 3))
        quarters = wide["quarter"].to_numpy()
        whole = len(quarters) % 4 == 0 and (quarters.reshape(-1, 4) == [1, 2, 3, 4]).all()
        if not whole or (first != last).any():
            raise ValueError("a year in a recorded series lacks a quarter or has one twice")
        keys, wide = keys[:4], wide.iloc[::4]
        values = years_of({name: of.reshape(-1, 4) for name, of in values.items()}, indicators)
    else:
        values = _with_ratios(values, indicators)
    rows = pd.DataFrame(values, index=wide.index)
    rows = pd.concat([wide[[*keys, *of_city]].astype({"region": object}), rows], axis=1)
    rows = rows.melt([*keys, *of_city], var_name="indicator").dropna(subset="value")
    rows = rows.sort_values(["point", "replicate"], kind="stable")
    cards = {name: indicators[name] for name in values}
    rows["unit"] = rows["indicator"].map({name: card["unit"] for name, card in cards.items()})
    if of_city:
        rows["prior"] = rows["indicator"].map({name: card["prior"] for name, card in cards.items()})
    shown = [*keys, "indicator", "value", "unit", *of_city, *(["prior"] if of_city else [])]
    return {name: rows[name].to_numpy() for name in shown} if values else {}


def _with_ratios(values: dict[str, Floats], indicators: Indicators) -> dict[str, Floats]:
    """Return values and, behind them by name, the ratios of which both parts are there."""
    found = dict(values)
    for name in sorted(name for name in indicators if indicators[name]["kind"] == "ratio"):
        above, below = indicators[name]["of"]
        if above in values and below in values:
            found[name] = round_significant(ratio(values[above], values[below]))
    return found
