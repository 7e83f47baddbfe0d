"""The row of a run in the table ``runs``: its seed, and where the region was in the last year."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ydsim.results import tidy
from ydsim.results.results import SERIES
from ydsim.store.layout import RUNS
from ydsim.typing import Columns, Table


def run_row(
    tables: Mapping[str, Table], run: str, replicate: int, indicators: tidy.Indicators
) -> Columns:
    """Return the row of a run.

    Columns ``run, replicate, seed, quarters, numeric_warnings``, then every indicator of the whole
    region in its last simulated year, formed as in the table ``province_year``; NaN where the
    region has no such value. ``indicators`` are as in the manifest.
    """
    row: Columns = {
        "run": np.array([run], dtype=object),
        "replicate": np.array([replicate], dtype=np.int64),
        **{name: tables[RUNS][name] for name in ("seed", "quarters", "numeric_warnings")},
    }
    values = last_year(tables[SERIES], indicators) if SERIES in tables else {}
    known = [name for name, card in indicators.items() if "region" in card["levels"]]
    recorded = [name for name in tables.get(SERIES, {}) if name in known]
    for name in [*recorded, *sorted(set(known) - set(recorded))]:
        row[name] = np.array([values.get(name, np.nan)])
    return row


def last_year(series: Table, indicators: tidy.Indicators) -> dict[str, float]:
    """Return every indicator of the whole region in the last year of a wide quarterly table."""
    region = series["level"] == "region"
    whole = str(series["region"][region][0])
    last = series["year"] == series["year"].max()
    rows = np.flatnonzero(region & last)
    wide: Columns = {
        "point": np.zeros(len(rows), dtype=np.int64),
        "replicate": np.zeros(len(rows), dtype=np.int64),
        **{n: column[rows] for n, column in series.items() if n not in ("run", "point")},
    }
    long = tidy.yearly(wide, [whole], "region", indicators)
    names, values = long["indicator"].tolist(), long["value"].tolist()
    return dict(zip(names, values, strict=True))
