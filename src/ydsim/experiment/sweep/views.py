"""Questions to a sweep in SQL, answered by DuckDB over the files of the store."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np

from ydsim.errors import UsageError
from ydsim.experiment.store import DESIGN, RUNS, part_path

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

    from ydsim.experiment.sweep.results import SweepResults


def query(results: SweepResults, text: str, verified: set[str]) -> pd.DataFrame:
    """Return the answer to a query (see `SweepResults.sql`); ``verified`` tables are trusted."""
    import duckdb

    with duckdb.connect() as connection:
        define(connection, results, text, verified)
        try:
            answer: pd.DataFrame = connection.execute(text).df()
        except duckdb.Error as error:
            said = " ".join(str(error).split())
            raise UsageError(f"DuckDB refuses the query: {said}") from error
        return answer


def define(
    connection: duckdb.DuckDBPyConnection,
    results: SweepResults,
    text: str,
    verified: set[str],
) -> list[str]:
    """Make a view of each table that ``text`` names, and return their names."""
    tables = [RUNS, *(t for t in results.manifest["tables"] if t != RUNS)]
    named = [t for t in tables if re.search(rf"\b{t}\b", text, re.IGNORECASE)]
    connection.register("_design", _design(results))
    connection.register("_places", _places(results))
    connection.execute(f"CREATE VIEW {DESIGN} AS SELECT * EXCLUDE (hash, changes, seconds) "
                       "FROM _design")  # fmt: skip
    for table in named:
        if table not in verified:
            results.check(table)
            verified.add(table)
        files = [
            str(results.store.folder / part_path(table, number))
            for number, receipt in results.receipts.items()
            if receipt["files"]
        ]
        if files:
            drop = "run, replicate" if table == RUNS else "run"
            connection.from_parquet(files).create_view(f"_{table}")
            connection.execute(
                f"CREATE VIEW {table} AS SELECT p.point, p.replicate, p.run, "
                f"t.* EXCLUDE ({drop}) FROM _{table} t JOIN _places p ON t.run = p.run"
            )
    return named


def _design(results: SweepResults) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(results.contents.points.columns)


def _places(results: SweepResults) -> pd.DataFrame:
    import pandas as pd

    points, plan = results.contents.points.rows, results.contents.plan
    rows: dict[str, list[Any]] = {"run": [], "point": [], "replicate": []}
    for run, of, replicate in zip(plan.runs, plan.hashes, plan.replicates, strict=True):
        for point in points.get(of, []):
            rows["run"].append(run)
            rows["point"].append(point)
            rows["replicate"].append(replicate)
    return pd.DataFrame(
        {
            "run": np.array(rows["run"], dtype=object),
            "point": np.array(rows["point"], dtype=np.int64),
            "replicate": np.array(rows["replicate"], dtype=np.int64),
        }
    )
