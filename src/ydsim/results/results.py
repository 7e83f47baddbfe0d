r"""Results of runs as tidy tables that are read when asked for, and how far and sound they are.

For other programs they are written as CSV and Excel, which are safe in a spreadsheet, and as JSON.
Equal tables give equal bytes: ``\n`` line ends, the shortest digits that name each number, of which
stored numbers have 10 at most, and no time of writing.
"""

from __future__ import annotations

import io
import json
import math
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from ydsim import arguments
from ydsim.design.sweep import KEPT_WITH, OTHER_TABLES, ROW
from ydsim.errors import ResultsError, UsageError
from ydsim.fmt import counted, facts_as_html
from ydsim.frozen import frozen_tree, plain_tree
from ydsim.results.cube import cube, long
from ydsim.results.derived import DERIVED, SUMMARY, WHOLE_YEARS, make, medians
from ydsim.scenario.changes import label_of, name_of_scenario
from ydsim.scenario.schema.scenario import LATER
from ydsim.store import contents as on_disk
from ydsim.store import layout
from ydsim.store.contents import failures_of, how_to_go_on, receipts_in
from ydsim.store.files import holder_of
from ydsim.store.manifest import RUN, is_table_name, stored_scenario
from ydsim.store.tables import described, expand
from ydsim.translation import gettext as _t
from ydsim.typing import Columns, Ints, Table
from ydsim.untrusted_input import one_line
from ydsim.wording import nearest, short, shorten

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from ydsim.scenario.schema.scenario import Scenario
    from ydsim.store.contents import Contents
    from ydsim.store.layout import MemoryStore


SERIES = "series"
CITY_SERIES = "city_series"
PROVINCE_YEAR = "province_year"
CITY_YEAR = "city_year"
YEARLY = {PROVINCE_YEAR: SERIES, CITY_YEAR: CITY_SERIES}
"""Series of which yearly tables are made."""

FAILED = "failures"
"""Name of the table of runs that failed."""


class Results:
    """What the runs of a scenario or a sweep gave so far.

    Nothing is read before it is asked for, and what was read is not kept. Tables and columns are
    the caller's own; manifest, receipts and failures are read-only.

    Attributes
    ----------
    store
        The folder, or its substitute in memory.
    contents
        The points and the plan (see `ydsim.store.contents`).
    manifest
        What was run, with units and notes (see `ydsim.store.manifest`).
    receipts
        Of the parts that are there, by number.
    failures
        One entry for each run that failed: ``points, run, replicate, seed, exception, message,
        traceback, repro`` and more.
    """

    def __init__(
        self,
        store: layout.Store | MemoryStore,
        contents: Contents,
        manifest: dict[str, Any],
        receipts: dict[int, dict[str, Any]],
        failures: Sequence[dict[str, Any]] = (),
        *,
        allow_code: bool = False,
    ) -> None:
        self.store = store
        self.contents = contents
        for column in contents.points.columns.values():
            column.setflags(write=False)
        self.receipts: dict[int, dict[str, Any]] = frozen_tree(receipts)
        self.failures: tuple[dict[str, Any], ...] = tuple(map(frozen_tree, failures))
        if not manifest["complete"]:
            manifest = {**manifest, **layout.summary_of(receipts)}
        self.manifest: dict[str, Any] = frozen_tree(manifest)
        self._allow_code = allow_code
        self._scenario: Scenario | None = None

    def __repr__(self) -> str:
        where = "in memory" if self.path is None else str(self.path)
        points, runs = len(self.contents.points), len(self.contents.plan)
        return f"<Results {self.name}: points: {points}, {self.done} of {runs} runs, {where}>"

    def _repr_html_(self) -> str:
        return _metadata(self)

    @property
    def _single(self) -> bool:
        return self.contents.kind == RUN

    @property
    def path(self) -> Path | None:
        """The results folder; None when the results are in memory only."""
        return self.store.folder

    @property
    def name(self) -> str:
        """Name of the scenario or the sweep."""
        return str(self.manifest["name"])

    @property
    def label(self) -> str:
        """What people read for it: the name in words, of a point of a sweep as `label_at`."""
        return str(self.manifest.get("label") or name_of_scenario(self.name))

    @property
    def hash(self) -> str:
        """Hash of what was run: of a point of a sweep that of its own scenario."""
        points = self.contents.points
        alone = not self._single and len(points) == 1
        return str(points.columns["hash"][0] if alone else self.manifest["hash"])

    @property
    def done(self) -> int:
        """Number of finished runs."""
        return sum(int(receipt["done"]) for receipt in self.receipts.values())

    @property
    def left(self) -> int:
        """Number of runs that are neither finished nor failed."""
        return len(self.contents.plan) - self.done - len(self.failures)

    @property
    def replicates(self) -> tuple[int, ...]:
        """Numbers of replicates of which a run is finished, in order."""
        plan, rows = self.contents.plan, self.contents.points.rows
        lost = {run for r in self.receipts.values() for run in r["missing"]}
        lost |= {failure["run"] for failure in self.failures}
        there = (at for number in self.receipts for at in range(len(plan))[plan.bounds[number]])
        if not self._single:  # of one point of a sweep its own runs
            there = (at for at in there if plan.hashes[at] in rows)
        return tuple(sorted({plan.replicates[at] for at in there if plan.runs[at] not in lost}))

    @property
    def scenario(self) -> Scenario:
        """The resolved scenario that was run, of a sweep the one that its points change.

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
    def design(self) -> pd.DataFrame:
        """One row for each point: number, name of the scenario, the factors, and ``set``.

        ``set`` is what the point has otherwise than `scenario`, as JSON: values by dotted key, as
        ``scenario.with_`` takes them. ``ydsim.sweep(results.scenario.name, design=rows)`` runs rows
        of this table again.
        """
        return self.table(layout.DESIGN)

    @property
    def runs(self) -> pd.DataFrame:
        """One row for each point and replicate: factors, seed, and the region's last year.

        Columns ``point, scenario``, the factors, ``replicate, run, seed, quarters,
        numeric_warnings``, then every indicator of the region (unit: see ``manifest``).
        """
        return self.table(layout.RUNS)

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
            message = _t("a design of kind {kind} has no problem for SALib")
            raise UsageError(message.format(kind=self.manifest["spec"]["kind"]))
        return plain_tree(settings["problem"])

    @property
    def tables(self) -> list[str]:
        """Names that `table` knows, yearly tables first, where every quarter was kept."""
        raw = list(self.manifest["tables"])
        names = [name for name, series in YEARLY.items() if series in raw]
        thinned, names = (
            self._thinned(),
            [*names, layout.OFFICIAL, *raw, layout.RUNS, layout.DESIGN, FAILED],
        )
        made = (name for name in DERIVED if not self._lacks(name))
        found = [*(name for name in names if name not in thinned), *made]
        return found if PROVINCE_YEAR not in found else [*found, SUMMARY]

    def _lacks(self, derived: str) -> str:
        """Say what a derived table is made from and is not there; empty when all is."""
        thinned = [YEARLY[name] for name in self._thinned()]
        for need in described()[derived].needs:
            if need not in self.manifest["tables"]:
                message = _t("made from {table}, which was not recorded{hint}")
                return message.format(table=need, hint=self._record_entry(need))
            if derived in WHOLE_YEARS and need in thinned:
                message = _t("made from {table}, of which not every quarter was kept")
                return message.format(table=need)
        for name in WHOLE_YEARS.get(derived, ()):
            if name not in self.manifest["indicators"]:
                message = _t("made from the indicator {name}, which these results do not have")
                return message.format(name=name)
        return ""

    def table(self, name: str) -> pd.DataFrame:
        """Return one tidy table.

        ``province_year`` and ``city_year`` have ``scenario, point, replicate, region, year,
        indicator, value, unit`` (flows summed over quarters, stocks at year end, ratios of these
        sums), ``series`` and ``city_series`` a ``quarter`` as well; in the tables of cities
        ``region`` is the city, and ``province`` and ``prior`` (the figure rests on a prior) follow.
        ``official`` has ``region, year, indicator, value, unit``. Other tables are as recorded.

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
        """Return the same as `table`, as plain named columns, which may be written to."""
        name = arguments.text("name", name, "the name of a table")
        if name not in self.tables:
            raise self._unknown(name)
        if name == FAILED:
            table = _failed_runs(self.failures)
        elif name == layout.OFFICIAL:
            table = self.raw(name)
        elif name in (layout.DESIGN, layout.RUNS):
            table = self._by_point(name)
            table = {"scenario": table["scenario"], **table} if self._single else table
        elif (series := YEARLY.get(name, name)) in (SERIES, CITY_SERIES):
            table = self._with_scenario(self._long(series, yearly=name in YEARLY))
        else:
            table = medians(self) if name == SUMMARY else {}
            table = table or (make(self, name) if name in DERIVED else self.raw(name))
            table = self._with_scenario(table)
        return {n: c if c.flags.writeable else c.copy() for n, c in table.items()}

    def _with_scenario(self, columns: Columns) -> Columns:
        """Return a table with the name of the scenario, or of the point, of each row in front."""
        names = self._called
        scenario = names[columns["point"]] if columns else names[:0]
        return {"scenario": scenario, **{n: c for n, c in columns.items() if n != "scenario"}}

    @property
    def _called(self) -> NDArray[np.generic]:
        """The name that each point was given, or that of its scenario, (points,)."""
        names = self.contents.points.columns["scenario"]
        given = self.manifest["spec"].get("settings", {}).get("names") or []
        if len(given) != len(names):  # none has one, or these are results of one point
            return names
        return np.array([own or name for own, name in zip(given, names, strict=True)], dtype=object)

    def raw(self, name: str) -> Columns:
        """Return a table as the model recorded it, with ``point, replicate`` in front.

        Raises
        ------
        UsageError
            When no such table was recorded.
        """
        name = arguments.text("name", name, "the name of a table")
        if name not in (*self.manifest["tables"], layout.OFFICIAL, layout.RUNS, layout.DESIGN):
            raise self._unknown(name)
        if name == layout.OFFICIAL:
            return self.store.read_fixed(self.manifest, layout.part_path(layout.OFFICIAL, 0))
        if name == layout.DESIGN:
            return self._by_point(layout.DESIGN)
        plan = self.contents.plan
        table = self.store.read_table(self.receipts, name, plan.rows_of)
        rows = len(next(iter(table.values()))) if table else 0
        if name == layout.RUNS and rows != self.done:
            message = _t("{path}: table runs has {n} rows of {runs} runs")
            raise ResultsError(message.format(path=self.path, n=rows, runs=self.done))
        places = self.contents.points.rows, plan.hashes, plan.replicates
        return expand(table, plan.runs, *places) if table else {}

    cube = cube

    def parts(self, table: str, names: Sequence[str] | None = None) -> Iterator[tuple[Ints, Table]]:
        """Yield the rows of a recorded table part by part, with the place in the plan of each row.

        Parameters
        ----------
        names
            Some of the columns, as far as they are there; all by default.
        """
        table = arguments.text("table", table, "the name of a table")
        if table != layout.RUNS and not is_table_name(table):
            raise self._unknown(table)
        plan = self.contents.plan
        wanted = None if names is None else [*arguments.texts("names", names), "run", "replicate"]
        where = (self.path or Path(self.name)) / table
        for number, columns in self.store.read_parts(self.receipts, table, names=wanted):
            if len(columns["run" if "run" in columns else "replicate"]):
                path = where / f"part-{number:06d}.parquet"
                yield plan.rows_of(table, number, columns, path), columns

    def scenario_at(self, point: int) -> dict[str, Any]:
        """Return the scenario of a point as plain data."""
        point = arguments.whole("point", point, 0, len(self.contents.points) - 1)
        if self._single:
            return dict(self.manifest["scenario"])
        points = self.contents.points
        return points.scenario(str(points.columns["hash"][point]))

    def name_at(self, point: int) -> str:
        """Return what a point is called: its scenario, and the values that it sets."""
        given, scenario, values = self._set_at(point)
        varied = ", ".join(f"{short(name)} {value}" for name, value in values.items())
        return given or ", ".join(filter(None, [scenario, varied]))

    def label_at(self, point: int) -> str:
        """Return the same in words: "Exchange passing borders, odds doubled from 2012"."""
        given, scenario, values = self._set_at(point)
        if given:
            return self.label if len(self.contents.points) == 1 else given
        policies = self.scenario_at(point).get("policies", {})
        varied = label_of(values, policies) if values else ""
        return _t("; ").join(filter(None, [name_of_scenario(scenario), varied]))

    def _set_at(self, point: int) -> tuple[str, str, dict[str, str]]:
        """Return the name that a point was given, its scenario where it tells, and its values."""
        points, spec = self.contents.points, self.manifest["spec"]
        point = arguments.whole("point", point, 0, len(points) - 1)
        if len(points) == 1:
            return self.name, "", {}
        scenario = str(points.columns["scenario"][point])
        # of a list of points some set what others leave as it is: such columns are texts
        mixed = spec["kind"] == "list"
        every = [(name, points.columns[name].tolist()[point]) for name in points.factors]
        values = {
            name: in_brief(value, mixed)
            for name, value in every
            if value is not None and not (mixed and value in ("none", "unchanged"))
        }
        several = len(set(points.columns["scenario"].tolist())) > 1
        names = spec.get("settings", {}).get("names") or [""] * len(points)
        return str(names[point]), scenario if several or not values else "", values

    def at(self, point: int) -> Results:
        """Return one point of a sweep as results of its own; a run is its only point.

        Its runs are numbered as point 0, and its name is that of the point.
        """
        scenario = self.scenario_at(point)
        if self._single:
            return self
        return Results(
            self.store,
            replace(self.contents, points=self.contents.points.alone(point)),
            {
                **self.manifest,
                "scenario": scenario,
                "name": self.name_at(point),
                "label": self.label_at(point),
            },
            self.receipts,
            [failure for failure in self.failures if point in failure["points"]],
            allow_code=self._allow_code,
        )

    def plot(self, kind: str, **options: Any) -> Figure:
        """Return a figure of a kind, as ``ydsim.plot`` draws it.

        Parameters
        ----------
        kind
            One of ``ydsim.plot.kinds()``, or a beginning that only one of them has.
        options
            Those of the kind, such as ``indicator="launches"``.

        Raises
        ------
        UsageError
            When there is no such kind or option, or the kind does not fit these results.
        NothingToDrawError
            When the results lack what the figure needs.
        """
        import ydsim  # figures are drawn above this room, and the front door leads there

        return ydsim.plot.draw(kind, self, **options)

    def _by_point(self, name: str) -> Columns:
        """Return the points, or the runs with the factors of their points."""
        points = {**self.contents.points.columns, "scenario": self._called}
        shown = ("point", "scenario", *self.contents.points.factors)
        if name == layout.DESIGN:
            rows = map(self.contents.points.row_of_run, range(len(self.contents.points)))
            texts = [json.dumps(row, sort_keys=True) for row in rows]
            columns = {column: points[column].copy() for column in shown}
            return {**columns, ROW: np.array(texts, dtype=object)}
        runs = self.raw(layout.RUNS)
        at = runs["point"] if runs else points["point"][:0]
        return {**{column: points[column][at] for column in shown}, **runs, "point": at}

    def _thinned(self) -> dict[str, int]:
        """Return the yearly tables that cannot be formed, with how many quarters make one row."""
        record = self.manifest["record"]
        every = {PROVINCE_YEAR: record.get(SERIES, 1), CITY_YEAR: record.get("cities", 1)}
        return {name: quarters for name, quarters in every.items() if quarters > 1}

    def _long(self, table: str, *, yearly: bool) -> Columns:
        """Return the tidy form of a recorded series of regions or cities."""
        wide = self.raw(table)
        whole, cards = table == SERIES, self.manifest["indicators"]
        places, place = (self.manifest["regions"], "region") if whole else ((), "city")
        try:
            return long(wide, places, place, cards, yearly=yearly) if wide else {}
        except ValueError as error:
            message = _t("{path}: table {table}: {error}")
            raise ResultsError(message.format(path=self.path, table=table, error=error)) from error

    def _record_entry(self, name: str) -> str:
        """Say which entry of ``record`` would have kept a table; empty where none would."""
        name = {**YEARLY, **KEPT_WITH}.get(name, name)
        if self._single:
            key = {CITY_SERIES: "cities", "adoption": "adoption_events"}.get(name, name)
            known = key in LATER or key in self.manifest["scenario"].get("record", {})
            entry = f"--set record.{key}=true" if known else ""
            message = _t("; it is kept with {entry}, and --output another folder")
        else:
            entries = {SERIES: "series: 1", CITY_SERIES: "cities: 1"}
            entries |= {whole: f"{whole}: true" for whole in ("adoption", "ties", "agents")}
            entries |= {other: f"tables: [{other}]" for other in OTHER_TABLES}
            entry = f"`record: {{{entries[name]}}}`" if name in entries else ""
            message = _t(
                "; it is kept where the sweep file says {entry}, and --output another folder"
            )
        return message.format(entry=entry) if entry else ""

    def _unknown(self, name: str) -> ResultsError | UsageError:
        """Say why there is no such table."""
        if not self.done and (name in YEARLY or name in described()):
            message = _t("{where}: no run is finished; to go on: {command}")
            where = self.path or self.name
            again = how_to_go_on(self.path) if self.path else _t("run it again")
            return ResultsError(message.format(where=where, command=again))
        if name in DERIVED:
            message = _t("table {table} is {why}")
            return UsageError(message.format(table=name, why=self._lacks(name)))
        if quarters := self._thinned().get(name):
            message = _t(": of {n} quarters one was kept, and a year needs all four")
            hint = message.format(n=quarters)
        elif not (hint := self._record_entry(name)):
            near, known = nearest(name, self.tables), ", ".join(self.tables)
            message = _t("; did you mean {name}?") if near else _t("; known: {names}")
            hint = message.format(name=near, names=known)
        message = _t("there is no table {name} in these results{hint}")
        return UsageError(message.format(name=one_line(name, 60), hint=hint))


def in_brief(value: Any, mixed: bool = False) -> str:
    """Return a value of a factor as text; numbers as short as they are, also among texts."""
    if mixed and re.fullmatch(r"-?\d+\.0", str(value)):
        return str(value).removesuffix(".0")
    return f"{value:g}" if isinstance(value, float) else one_line(str(value), 40)


def _failed_runs(failures: Sequence[Mapping[str, Any]]) -> Columns:
    """Return a row for every run that failed and every point that it belongs to."""
    types: dict[str, type] = {"point": np.int64, "replicate": np.int64, "quarter": np.float64}
    types |= dict.fromkeys(("run", "exception", "message", "repro"), object)
    rows = [{**failure, "point": point} for failure in failures for point in failure["points"]]
    return {name: np.array([row.get(name) for row in rows], kind) for name, kind in types.items()}


def open_results(path: str | Path, *, allow_code: bool = False) -> Results:
    """Return the results in a folder, of a run or a sweep, finished or not.

    Parameters
    ----------
    path
        A results folder, or the bare name of one inside ``results/``.
    allow_code
        Import policies of outside code when `Results.scenario` is asked for; as for
        `ydsim.load_scenario`. Nothing else of results needs it.

    Raises
    ------
    ResultsError
        When it is not a results folder, its manifest or a receipt is damaged, or it says that it
        is complete and is not.
    """
    path = arguments.folder("path", path, "a results folder")
    store = layout.Store(layout.find_folder(path))
    contents, manifest = on_disk.read(store.folder)
    receipts = receipts_in(store, manifest, contents)
    failures = failures_of(receipts, contents)
    return Results(store, contents, manifest, receipts, failures, allow_code=allow_code)


def _metadata(results: Results) -> str:
    """Return the facts of results as HTML."""
    manifest, points = results.manifest, results.contents.points
    scenario, single = manifest["scenario"], results.contents.kind == RUN
    done = f"{results.done:,} of {counted(len(results.contents.plan), 'run')}"
    lost = f", {len(results.failures):,} failed" if results.failures else ""
    facts = [
        ("question", str(manifest.get("description", ""))),
        ("years", f"{scenario['start']} to {scenario['end']}"),
        ("points", "" if single else f"{len(points):,}"),
        ("varied", "" if single else shorten(", ".join(points.factors or ["scenario"]), 200)),
        ("finished", done + lost),
        ("seed, scale", f"{manifest['seed']}, {scenario['scale']:g}"),
        ("hash, version", f"{str(manifest['hash'])[:10]}, ydsim {manifest['ydsim']}"),
        ("folder", str(results.path or "in memory")),
        ("tables", shorten(", ".join(results.tables), 200)),
    ]
    then = [("results.table('province_year')", "a pandas.DataFrame")]
    then.append(("results.plot(kind), ydsim.plot.kinds()", "a figure, all kinds of figures"))
    title = f"Results of the {'run' if single else 'sweep'} {shorten(results.name)}"
    return facts_as_html(title, facts, then)


# -- how far a folder is, and what is wrong with it ------------------------------------------------


@dataclass(frozen=True)
class Status:
    """How far a run or a sweep is.

    Points; runs (replicates) in all, finished, and failed; files of the store, and how many of them
    are there. It is complete when nothing is missing and nothing failed; ``holder`` is who writes
    into it now, empty when nobody does.
    """

    folder: str
    kind: str
    name: str
    points: int
    runs: int
    done: int
    failed: int
    parts: int
    parts_done: int
    complete: bool
    holder: str

    def lines(self) -> list[str]:
        """Return it in words."""
        head = _t("{name}: unfinished; {done} of {runs} runs done")
        if self.complete:
            head = _t("{name}: complete; {done} of {runs} runs done")
        left = self.runs - self.done - self.failed
        head += _t(", {failed} failed") * bool(self.failed) + _t(", {left} to go") * bool(left)
        lines = [head, _t("{counted}; {parts_done} of {parts} parts in place")]
        if self.holder or not self.complete:
            lines.append(_t("at work: {holder}") if self.holder else _t("to go on: {again}"))
        more = {"left": left, "counted": counted(self.points, "point"), "again": self.again}
        return [line.format(**asdict(self), **more) for line in lines]

    @property
    def unfinished(self) -> str:
        """How far it is and how to go on; empty when it is complete."""
        message = _t("unfinished: {done} of {runs} runs") + _t(", {failed} failed") * bool(
            self.failed
        )
        message += _t("; to go on: {again}")
        return "" if self.complete else message.format(**asdict(self), again=self.again)

    @property
    def again(self) -> str:
        """The command that computes what is missing."""
        return how_to_go_on(Path(self.folder))


def status_of(path: str | Path) -> Status:
    """Return how far a results folder is; nothing is written and no part is read.

    ResultsError when it is not a results folder, its manifest or a receipt is damaged, or it says
    that it is complete and is not.
    """
    folder = layout.find_folder(path)
    contents, manifest = on_disk.read(folder)
    plan = contents.plan
    holder = holder_of(folder)
    strict = manifest["complete"] and not holder  # who is at work may be at what is missing
    receipts = receipts_in(layout.Store(folder), {**manifest, "complete": strict}, contents)
    done = sum(receipt["done"] for receipt in receipts.values())
    failed = len(failures_of(receipts, contents))
    for number, rows in plan.bounds.items():
        if number not in receipts:
            aside = [
                kept["done"]
                for slot in layout.kept_slots(folder, number)
                for kept in slot.receipts({number: plan.identities[number]}).values()
            ]
            now = layout.read_marker(folder, number).done if holder else 0
            done += min(max([now, *aside]), rows.stop - rows.start)
    return Status(
        str(folder),
        contents.kind,
        manifest["name"],
        len(contents.points),
        len(plan),
        done,
        failed,
        len(plan.bounds),
        len(receipts),
        manifest["complete"] and len(receipts) == len(plan.bounds),
        holder,
    )


def verify(path: str | Path) -> list[str]:
    """Return what is wrong with a results folder, one line each; empty when all is sound.

    What is not finished is sound when all that is there of it is.
    """
    store = layout.Store(layout.find_folder(path))
    try:
        contents, manifest = on_disk.read(store.folder)
    except ResultsError as error:
        return [str(error)]
    parts = contents.plan.identities
    if not manifest["complete"]:
        parts = {
            n: of for n, of in parts.items() if (store.folder / layout.receipt_path(n)).exists()
        }
    return store.problems(manifest["files"], parts)


# -- tables for other programs ---------------------------------------------------------------------

_FORMULA = ("=", "+", "-", "@", "\t", "\r")

EXCEL_ROWS: Final = 1_048_576
EXCEL_COLUMNS: Final = 16_384
EXCEL_TEXT: Final = 32_767
"""Most rows and columns of a sheet, and characters of a cell."""

_EXACT = 10**15
"""Excel keeps 15 digits of a number."""

_NOT_IN_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def to_csv(columns: Columns) -> str:
    """Return ``columns`` as CSV with a header.

    A text cell that a spreadsheet would take for a formula gets a leading apostrophe; NaN is an
    empty cell; booleans are ``true`` and ``false``.
    """
    import pandas as pd

    say: dict[str, Any] = {"O": guard, "b": lambda yes: str(yes).lower()}
    cells = {
        guard(name): pd.Series(map(say[c.dtype.kind], c.tolist()), dtype=object)
        if c.dtype.kind in say
        else c
        for name, c in columns.items()
    }
    return str(pd.DataFrame(cells).to_csv(index=False, lineterminator="\n"))


def to_json(columns: Columns) -> str:
    """Return ``columns`` as a JSON array with one object, and one line, for each row.

    NaN and infinity are ``null``.
    """
    rows = [json.dumps(row, ensure_ascii=False, allow_nan=False) for row in records(columns)]
    return "[\n" + ",\n".join(rows) + "\n]\n" if rows else "[]\n"


def records(columns: Mapping[Any, Any] | pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a table as plain data, None in the place of what is no number."""
    plain = [
        [None if isinstance(v, float) and not math.isfinite(v) else v for v in column.tolist()]
        for _, column in columns.items()
    ]
    return [dict(zip(map(str, columns), row, strict=True)) for row in zip(*plain, strict=True)]


def require_excel() -> None:
    """Refuse to go on without the package that writes Excel files.

    The message of its UsageError says how to get it.
    """
    if find_spec("openpyxl") is None:
        message = _t("an Excel file needs openpyxl, which is not installed: {command}")
        raise UsageError(message.format(command="pip install 'ydsim[excel]'"))


def to_excel(columns: Columns, name: str) -> bytes:
    """Return ``columns`` as an Excel file (xlsx) with one sheet, called as the table.

    Texts are written as text and guarded as in CSV, so that none is ever a formula; characters that
    XML cannot hold are written out. NaN and infinity are empty cells. Whole numbers of more digits
    than Excel keeps are text.

    UsageError when openpyxl is not installed, or Excel cannot hold so many rows or columns or so
    long a text; names the formats that can.
    """
    require_excel()
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.writer.excel import ExcelWriter

    texts = (text for c in columns.values() if c.dtype.kind == "O" for text in c.tolist())
    message = _t(
        "table {name} has {n:,} {what}, and Excel takes {most:,}; write it as CSV or Parquet"
    )
    for n, most, what in (
        (max(map(len, columns.values()), default=0), EXCEL_ROWS - 1, _t("rows")),
        (len(columns), EXCEL_COLUMNS, _t("columns")),
        (max(map(len, texts), default=0), EXCEL_TEXT - 1, _t("characters in a cell")),
    ):
        if n > most:
            raise UsageError(message.format(name=name, n=n, what=what, most=most))
    book = Workbook(write_only=True)
    sheet = book.create_sheet(name[:31])

    def cell(value: Any) -> Any:
        if isinstance(value, float):
            return value if math.isfinite(value) else None
        if isinstance(value, int) and abs(value) >= _EXACT:
            return str(value)
        if not isinstance(value, str):
            return value
        text = _NOT_IN_XML.sub(lambda found: ascii(found[0])[1:-1], guard(value))
        found = WriteOnlyCell(sheet, text[:EXCEL_TEXT])
        found.data_type = "s"  # whatever it looks like
        return found

    for row in ([*columns], *zip(*(column.tolist() for column in columns.values()), strict=True)):
        sheet.append([cell(value) for value in row])
    book.properties.created = book.properties.modified = datetime(2000, 1, 1)
    made, undated = io.BytesIO(), io.BytesIO()
    ExcelWriter(book, zipfile.ZipFile(made, "w")).save()
    with zipfile.ZipFile(undated, "w", zipfile.ZIP_DEFLATED) as archive:
        for member in zipfile.ZipFile(made).namelist():
            archive.writestr(zipfile.ZipInfo(member), zipfile.ZipFile(made).read(member), 8)
    return undated.getvalue()


def guard(text: str) -> str:
    """Return ``text`` with a leading apostrophe when a spreadsheet would run it as a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text
