"""The results of a sweep, read when asked for, while it runs or afterwards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ydsim import arguments
from ydsim.errors import UsageError
from ydsim.results.results import CITY_YEAR, PROVINCE_YEAR, SERIES, Results
from ydsim.results.views import Views
from ydsim.store import contents as on_disk
from ydsim.store.failures import failures_of
from ydsim.store.layout import (
    DESIGN,
    OFFICIAL,
    RUNS,
    Store,
    find_folder,
    notes_of,
    part_path,
    tables_of,
)
from ydsim.store.receipts import receipts_of_sweep
from ydsim.store.rows import expand
from ydsim.typing import Columns

if TYPE_CHECKING:
    import pandas as pd

    from ydsim.store.contents import Contents


FAILED = "failures"
"""Name of the table of runs that failed."""


class SweepResults(Results):
    """What a sweep gave so far.

    Tables are as in `Results`, with a row for every point that a run belongs to; nothing is read
    before it is asked for, and what was read is not kept.

    Attributes
    ----------
    contents
        The points and the plan (see `ydsim.store.contents`).
    receipts
        Of the parts that are there, by number.
    """

    def __init__(self, folder: Path, contents: Contents, manifest: dict[str, Any]) -> None:
        self.contents = contents
        self.store = Store(folder)
        self.receipts = receipts_of_sweep(self.store, manifest, contents)
        if not manifest["complete"]:
            manifest["tables"] = tables_of(self.receipts)
            manifest["notes"] = notes_of(self.receipts)
        super().__init__(
            manifest,
            self._raw,
            replicates=tuple(range(max(contents.plan.highest.values(), default=-1) + 1)),
            failures=tuple(failures_of(self.receipts, contents)),
            path=folder,
        )
        self._views = Views(self.store, contents, self.receipts, self.manifest["tables"])

    def __repr__(self) -> str:
        done = sum(receipt["done"] for receipt in self.receipts.values())
        points, runs = len(self.contents.points), len(self.contents.plan)
        return f"<SweepResults {self.name}: {points} points, {done} of {runs} runs, {self.path}>"

    @property
    def design(self) -> pd.DataFrame:
        """One row for each point: number, name of the scenario, and the factors."""
        return self.table(DESIGN)

    @property
    def runs(self) -> pd.DataFrame:
        """One row for each point and replicate: factors, seed, and the region's last year.

        Columns ``point, scenario``, the factors, ``replicate, run, seed, quarters,
        numeric_warnings``, then every indicator of the region (unit: see ``manifest``).
        """
        return self.table(RUNS)

    @property
    def problem(self) -> dict[str, Any]:
        """What SALib's analysers call the problem, of a Saltelli or Morris design.

        Raises
        ------
        UsageError
            When the design is another one.
        """
        settings = self.manifest["spec"].get("settings", {})
        if "problem" not in settings:
            kind = self.manifest["spec"]["kind"]
            raise UsageError(f"a design of kind {kind} has no problem for SALib")
        problem: dict[str, Any] = settings["problem"]
        return problem

    @property
    def tables(self) -> list[str]:
        """Names that `table` knows; a yearly table only where every quarter was kept."""
        thinned = self._thinned()
        return [name for name in [*super().tables, FAILED] if name not in thinned]

    def columns(self, name: str) -> Columns:
        """Return the same as `table`, as plain named columns."""
        name = arguments.text("name", name, "the name of a table")
        if name == FAILED:
            return _failed(self.failures)
        if name not in (DESIGN, RUNS):
            return super().columns(name)
        points = self.contents.points.columns
        shown = ("point", "scenario", *self.contents.points.factors)
        if name == DESIGN:
            return {column: points[column] for column in shown}
        runs = self.raw(RUNS)
        at = runs["point"] if runs else points["point"][:0]
        return {**{column: points[column][at] for column in shown}, **runs, "point": at}

    def _thinned(self) -> dict[str, int]:
        """Return the yearly tables that cannot be formed, with how many quarters make one row."""
        record = self.manifest["record"]
        every = {PROVINCE_YEAR: record[SERIES], CITY_YEAR: record["cities"]}
        return {name: quarters for name, quarters in every.items() if quarters > 1}

    def _unknown(self, name: str) -> str:
        if name in self._thinned():
            return (
                f"there is no table {name} in these results: of {self._thinned()[name]} quarters "
                "one was kept, and a year needs all four"
            )
        return super()._unknown(name)

    def sql(self, text: str) -> pd.DataFrame:
        """Return the answer of DuckDB to a query over the tables as they were recorded.

        Tables are ``design``, ``runs``, and what was recorded (``series``, ...), each with
        ``point`` and ``replicate``; nothing is loaded that the query does not need. Files are
        checked against their SHA-256 the first time that a query names their table.

        Raises
        ------
        UsageError
            When DuckDB refuses the query.
        ResultsError
            When a file is damaged or missing.
        """
        return self._views.query(text)

    def _scenarios(self, table: Columns) -> NDArray[np.generic]:
        names = self.contents.points.columns["scenario"]
        return names[table["point"]] if table else names[:0]

    def _raw(self, name: str) -> Columns:
        if name == OFFICIAL:
            return self.store.read_fixed(self.manifest, part_path(OFFICIAL, 0), OFFICIAL)
        if name == DESIGN:
            return self.columns(DESIGN)
        table = self.store.read_table(self.receipts, name)
        plan = self.contents.plan
        places = self.contents.points.rows, plan.hashes, plan.replicates
        return expand(table, plan.runs, *places) if table else {}


def open_sweep(path: str | Path) -> SweepResults:
    """Return the results of a sweep in a folder, finished or not.

    Raises
    ------
    ResultsError
        When it is not the folder of a sweep, or its manifest or a receipt is damaged.
    """
    folder = find_folder(path)
    contents, manifest = on_disk.read(folder)
    return SweepResults(folder, contents, manifest)


def _failed(failures: Sequence[Mapping[str, Any]]) -> Columns:
    """Return a row for every run that failed and every point that it belongs to."""
    rows = [(point, failure) for failure in failures for point in failure["points"]]
    texts = ("run", "exception", "message", "repro")
    return {
        "point": np.array([point for point, _ in rows], dtype=np.int64),
        "replicate": np.array([failure["replicate"] for _, failure in rows], dtype=np.int64),
        "quarter": np.array(
            [np.nan if failure["quarter"] is None else failure["quarter"] for _, failure in rows],
            dtype=np.float64,
        ),
        **{key: np.array([failure[key] for _, failure in rows], dtype=object) for key in texts},
    }
