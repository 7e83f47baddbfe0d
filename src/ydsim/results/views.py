"""Questions to results in SQL, answered by DuckDB over the files of the store."""

from __future__ import annotations

import re
from collections.abc import Mapping
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np

from ydsim import arguments
from ydsim.errors import UsageError
from ydsim.results.duck import CLOSED, quoted
from ydsim.store.contents import Contents
from ydsim.store.layout import DESIGN, RUNS, Store, part_path
from ydsim.wording import suggestion

if TYPE_CHECKING:
    import duckdb
    import pandas as pd


class Views:
    """The tables of a folder as DuckDB sees them.

    Parameters
    ----------
    store, contents
        The folder, and its points and plan.
    receipts
        Of the parts that are there.
    tables
        Names of the recorded tables.
    """

    def __init__(
        self,
        store: Store,
        contents: Contents,
        receipts: Mapping[int, Mapping[str, Any]],
        tables: list[str],
    ) -> None:
        self._store = store
        self._contents = contents
        self._receipts = receipts
        self._tables = [RUNS, *tables]
        self._verified: set[str] = set()

    def query(self, text: str) -> pd.DataFrame:
        """Return the answer to a query (see `Results.sql`)."""
        import duckdb

        text = arguments.text("text", text, "a query in SQL")
        named = {word.lower() for word in re.findall(r"\w+", text)}
        tables = {table: self._paths(table) for table in self._tables if table.lower() in named}
        files = [str(self._store.folder / path) for paths in tables.values() for path in paths]
        with TemporaryDirectory(prefix="ydsim-") as spill, duckdb.connect() as connection:
            connection.execute("SET temp_directory = ?", [spill])  # by default one that may be read
            connection.execute("SET python_enable_replacements = false")
            connection.execute("SET allowed_paths = ?", [files])
            for name, value in CLOSED.items():
                connection.execute(f"SET {name} = {value}")
            try:
                _require_question(connection, text)
                self._define(connection, tables)
                answer: pd.DataFrame = connection.execute(text).df()
            except duckdb.Error as error:
                said = " ".join(str(error).split())
                if missing := re.search(r"Table with name (\S+) does not exist", said):
                    hint = suggestion(missing[1], [*self._tables, DESIGN], "tables are")
                    raise UsageError(f"there is no table {missing[1]!r}{hint}") from error
                raise UsageError(f"DuckDB refuses the query: {said}") from error
        return answer

    def _define(
        self, connection: duckdb.DuckDBPyConnection, tables: Mapping[str, Mapping[str, str]]
    ) -> None:
        """Make a view of the design and of each table with files; they are checked once."""
        connection.register(DESIGN, self._design())
        connection.register("_places", self._places())
        for table, paths in tables.items():
            if not paths:
                continue
            if table not in self._verified:
                for path, digest in paths.items():
                    self._store.check_file(path, digest)
                self._verified.add(table)
            files = [str(self._store.folder / path) for path in paths]
            view = connection.from_parquet(files)
            if "run" not in view.columns:  # of a single scenario: keyed already
                view.create_view(table)
                continue
            drop = ", ".join({"run", "replicate"} & {*view.columns})
            view.create_view(f"_{table}")
            connection.execute(
                f"CREATE VIEW {quoted(table)} AS SELECT p.point, p.replicate, p.run, t.* EXCLUDE "
                f"({drop}) FROM {quoted(f'_{table}')} t JOIN _places p ON t.run = p.run"
            )

    def _paths(self, table: str) -> dict[str, str]:
        """Return SHA-256 of each file of a table by its path."""
        found = {}
        for number, receipt in self._receipts.items():
            path = part_path(table, number)
            if path in receipt["files"]:
                found[path] = str(receipt["files"][path])
        return found

    def _design(self) -> pd.DataFrame:
        import pandas as pd

        points = self._contents.points
        return pd.DataFrame({n: points.columns[n] for n in ("point", "scenario", *points.factors)})

    def _places(self) -> pd.DataFrame:
        """Return a row for every run and every point that it belongs to."""
        import pandas as pd

        points, plan = self._contents.points.rows, self._contents.plan
        rows = [
            (run, point, replicate)
            for run, of, replicate in zip(plan.runs, plan.hashes, plan.replicates, strict=True)
            for point in points.get(of, [])
        ]
        runs, places, replicates = zip(*rows, strict=True) if rows else ((), (), ())
        return pd.DataFrame(
            {
                "run": np.array(runs, dtype=object),
                "point": np.array(places, dtype=np.int64),
                "replicate": np.array(replicates, dtype=np.int64),
            }
        )


def _require_question(connection: duckdb.DuckDBPyConnection, text: str) -> None:
    """Refuse all but one query: other statements could write over files that may be read."""
    import duckdb

    kinds = [statement.type for statement in connection.extract_statements(text)]
    if kinds != [duckdb.StatementType.SELECT]:
        raise UsageError("results.sql answers one query, such as SELECT ... or FROM ...")
