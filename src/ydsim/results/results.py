"""Results of an experiment, in memory or in a folder, as tidy tables."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ydsim import arguments
from ydsim.errors import ResultsError, UsageError
from ydsim.outside import one_line
from ydsim.results import tidy
from ydsim.store.columns import concatenate
from ydsim.store.layout import (
    DESIGN,
    OFFICIAL,
    RUNS,
    Store,
    notes_of,
    part_path,
    tables_of,
)
from ydsim.store.receipts import receipts_of_run
from ydsim.store.schema import stored_scenario
from ydsim.typing import Columns, Table

if TYPE_CHECKING:
    import pandas as pd

    from ydsim.scenario.schema.scenario import Scenario

SERIES = "series"
CITY_SERIES = "city_series"
PROVINCE_YEAR = "province_year"
CITY_YEAR = "city_year"


class Results:
    """What an experiment gave.

    Attributes
    ----------
    manifest
        What was run, with units and notes (see `ydsim.store.manifest`).
    path
        The results folder; None when the results are in memory only.
    failures
        One entry for each replicate that failed: ``replicate, seed, exception, message,
        traceback, repro`` and more.
    replicates
        Numbers of the finished replicates, in order.
    """

    def __init__(
        self,
        manifest: dict[str, Any],
        read: Callable[[str], Columns],
        *,
        replicates: tuple[int, ...],
        failures: tuple[dict[str, Any], ...] = (),
        path: Path | None = None,
        allow_code: bool = False,
    ) -> None:
        self.manifest = manifest
        self.path = path
        self.failures = failures
        self.replicates = replicates
        self._read = read
        self._allow_code = allow_code
        self._scenario: Scenario | None = None

    def __repr__(self) -> str:
        where = "in memory" if self.path is None else str(self.path)
        return f"<Results {self.name}: {len(self.replicates)} replicates, {where}>"

    @property
    def name(self) -> str:
        """Name of the scenario."""
        return str(self.manifest["name"])

    @property
    def scenario(self) -> Scenario:
        """The resolved scenario that was run.

        Raises
        ------
        ScenarioError
            When it names policies of outside code and results were opened without permission.
        ResultsError
            When it is none that this version can run.
        """
        if self._scenario is None:
            text, where = json.dumps(self.manifest["scenario"]), str(self.path or self.name)
            self._scenario = stored_scenario(text, where, allow_code=self._allow_code)
        return self._scenario

    def made_from(self, scenario: Scenario) -> None:
        """Take the scenario from who ran it, whose classes need no import."""
        self._scenario = scenario

    @property
    def notes(self) -> list[str]:
        """One-line remarks of the runs."""
        return list(self.manifest["notes"])

    @property
    def tables(self) -> list[str]:
        """Names that `table` knows, yearly tables first."""
        raw = list(self.manifest["tables"])
        names = [PROVINCE_YEAR] if SERIES in raw else []
        names += [CITY_YEAR] if CITY_SERIES in raw else []
        return [*names, OFFICIAL, *raw, RUNS, DESIGN]

    def table(self, name: str) -> pd.DataFrame:
        """Return one tidy table.

        ``province_year`` and ``city_year`` have ``scenario, point, replicate, region, year,
        indicator, value, unit`` (flows summed over quarters, stocks at year end, ratios of these
        sums), ``series`` and
        ``city_series`` a ``quarter`` as well; in the tables of cities ``region`` is the city, and
        ``province`` and ``prior`` (the figure rests on a prior) follow. ``official`` has
        ``region, year, indicator, value, unit``. Other tables are as recorded.

        Raises
        ------
        UsageError
            When there is no such table.
        ResultsError
            When a file of it is damaged or missing.
        """
        import pandas as pd

        return pd.DataFrame(self.columns(name))

    def columns(self, name: str) -> Columns:
        """Return the same as `table`, as plain named columns."""
        name = arguments.text("name", name, "the name of a table")
        if name not in self.tables:
            raise UsageError(self._unknown(name))
        if name in (PROVINCE_YEAR, SERIES):
            long = self._long(SERIES, "region", yearly=name == PROVINCE_YEAR)
        elif name in (CITY_YEAR, CITY_SERIES):
            long = self._cities(yearly=name == CITY_YEAR)
        elif name == OFFICIAL:
            return self.raw(name)
        else:
            long = self.raw(name)
        rest = {key: values for key, values in long.items() if key != "scenario"}
        return {"scenario": self._scenarios(long), **rest}

    def raw(self, name: str) -> Columns:
        """Return a table as the model recorded it, all replicates below each other.

        Raises
        ------
        UsageError
            When no such table was recorded.
        """
        name = arguments.text("name", name, "the name of a table")
        if name not in (*self.manifest["tables"], OFFICIAL, RUNS, DESIGN):
            raise UsageError(self._unknown(name))
        return self._read(name)

    def _scenarios(self, table: Columns) -> NDArray[np.generic]:
        """Return the name of the scenario of each row."""
        return np.full(len(next(iter(table.values()))) if table else 0, self.name, dtype=object)

    def _long(self, table: str, place: str, *, yearly: bool) -> Columns:
        wide = self.raw(table)
        make = tidy.yearly if yearly else tidy.quarterly
        indicators: Mapping[str, Any] = self.manifest["indicators"]
        places = self.manifest["regions"] if place == "region" else ()
        try:
            return make(wide, places, place, indicators) if wide else {}
        except ValueError as error:
            raise ResultsError(f"{self.path}: table {table}: {error}") from error

    def _cities(self, *, yearly: bool) -> Columns:
        long = self._long(CITY_SERIES, "city", yearly=yearly)
        if not long:
            return {}
        wide = self.raw(CITY_SERIES)
        home = dict(zip(wide["city"].tolist(), wide["province"].tolist(), strict=True))
        indicators = self.manifest["indicators"]
        prior = [bool(indicators[name]["prior"]) for name in long["indicator"].tolist()]
        renamed = {"region" if key == "city" else key: value for key, value in long.items()}
        return {
            **renamed,
            "province": np.array([home[city] for city in long["city"].tolist()], dtype=object),
            "prior": np.array(prior, dtype=np.bool_),
        }

    def _unknown(self, name: str) -> str:
        near = get_close_matches(name, self.tables, n=1)
        hint = f"did you mean {near[0]}?" if near else "known: " + ", ".join(self.tables)
        return f"there is no table {one_line(name, 60)} in these results; {hint}"


def open_run(store: Store, manifest: dict[str, Any], *, allow_code: bool = False) -> Results:
    """Return the results of a run in a folder; ``allow_code`` as for `open_results`.

    Raises
    ------
    ResultsError
        When a receipt is damaged, or missing although the manifest says that the run is complete.
    """
    receipts = receipts_of_run(store, manifest)

    def read(name: str) -> Columns:
        if name == OFFICIAL:
            return store.read_fixed(manifest, part_path(OFFICIAL, 0), OFFICIAL)
        if name == DESIGN:
            return store.read_fixed(manifest, f"{DESIGN}.parquet", DESIGN)
        return store.read_table(receipts, name)

    if not manifest["complete"]:
        manifest["tables"] = tables_of(receipts)
        manifest["notes"] = notes_of(receipts)
    return Results(
        manifest,
        read,
        replicates=tuple(receipts),
        failures=tuple(store.failures()),
        path=store.folder,
        allow_code=allow_code,
    )


def results_in_memory(
    manifest: dict[str, Any],
    parts: Mapping[str, list[Table]],
    replicates: tuple[int, ...],
    failures: tuple[dict[str, Any], ...],
) -> Results:
    """Return results that were never written; ``parts`` holds each table by replicate."""
    return Results(
        manifest,
        lambda name: concatenate(parts.get(name, [])),
        replicates=replicates,
        failures=failures,
    )
