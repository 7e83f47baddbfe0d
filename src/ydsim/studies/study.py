"""What all studies share: how their runs are made, and their table, words, figure and files.

A study is a module of this room with three functions,

    design(scenario, overrides, ...)   the sweep, checked; nothing is run
    read(results, ...)                 what finished runs of it show
    run(scenario, overrides, ...)      runs what is missing of a design and reads it: `runner`

and one class that is a `Study`: a table whose first columns are `COLUMNS`, paragraphs, sections of
a page, a figure. The page is one Jinja2 template for all. Arguments that have one meaning in all:

    name_or_path, overrides, seed, allow_code
                  as for `ydsim.load_scenario`; the scale is .02 unless ``overrides`` set it
    outcomes      indicators of the region; by default ``OUTCOMES`` of the module
    years         first and last year that count, as a pair or as in ``"2016:2020"``
    replicates    of every point, of the same draws
    out           results folder; by default ``results/<scenario>-<study>``
    jobs          processes; by default one a processor
    progress      as for `ydsim.sweep`
    results       runs of ``design``, or their folder

Errors of ``design`` and ``read`` likewise (`ydsim.errors`):

    UsageError    an argument is wrong or does not fit the scenario, a package is not installed, or
                  the results are those of another design
    InputError, ScenarioError
                  the scenario or sweep is not what it should be
    ResultsError  a file is missing or damaged, or no replicate is finished at every point
"""

from __future__ import annotations

import html
import math
import re
import warnings
from abc import ABC, abstractmethod
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from inspect import signature
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

import numpy as np
import pandas as pd

from ydsim import arguments, fmt
from ydsim.design.load import sweep_of
from ydsim.design.sweep import Sweep
from ydsim.engines import Engine, EngineName, processors
from ydsim.errors import ResultsError, UsageError
from ydsim.measures.effects import ENOUGH_REPLICATES, MIN_REPLICATES
from ydsim.packaged import templates
from ydsim.policies.library import policy_names
from ydsim.record import indicators
from ydsim.record.indicators import outcomes_called
from ydsim.results.compare import few_in_words
from ydsim.results.cube import require_outcomes
from ydsim.results.results import Results, guard, open_results, records
from ydsim.run.api import carry_on
from ydsim.run.progress import Report
from ydsim.run.replicate import context_of
from ydsim.run.scheduler import RunOptions
from ydsim.scenario.load import load_scenario
from ydsim.scenario.read.extend import Overrides, override_tree
from ydsim.scenario.read.node import drop, find, plain
from ydsim.scenario.schema.ensemble import members_in
from ydsim.scenario.schema.scenario import Scenario
from ydsim.store.files import make_folder, refuse_irregular, refuse_link, write_atomic
from ydsim.store.layout import folder_name
from ydsim.store.manifest import cards
from ydsim.translation import gettext as _t
from ydsim.translation import speak_english
from ydsim.typing import Floats, Ints
from ydsim.wording import nearest, suggestion

if TYPE_CHECKING:
    from jinja2 import Template
    from matplotlib.figure import Figure as Figure
else:
    Figure = Any  # Matplotlib is imported where something is drawn

Found = TypeVar("Found")

SCALE = 0.02  # share of organisations that is simulated unless overrides set another

COLUMNS = ("outcome", "place", "estimate", "low", "high", "p", "n")
"""First columns of the table of every study; p is NaN where a study tests nothing."""


@dataclass(frozen=True)
class Facts:
    """What a study was made of."""

    name: str
    base: str
    """Of the sweep, and of the scenario that it varies."""
    made_by: str  # scenario, points, replicates, seed, scale, hash and version, in one line
    path: Path | None  # the results folder; None in memory
    years: tuple[int, int]  # first and last year that count
    replicates: int
    left_out: int
    """How many replicates count, and how many do not, as a run of them failed or is to go."""
    points: int  # number of points

    @staticmethod
    def of(results: Results, years: tuple[int, int], replicates: int) -> Facts:
        """Return the facts of the results of a sweep."""
        manifest, points = results.manifest, len(results.contents.points)
        base = Path(str(manifest["spec"]["base"])).stem
        members = members_in(manifest["scenario"].get("ensemble") or {})
        made_by = (
            _t("scenario {names}").format(names=base),
            fmt.counted(points, "point"),
            fmt.counted(replicates, "replicate"),
            *([fmt.counted(min(members, replicates), "member")] if members else []),
            _t("seed {seed}").format(seed=manifest["seed"]),
            _t("scale {scale}").format(scale=f"{manifest['scenario']['scale']:g}"),
            f"hash {str(manifest['hash'])[:10]}",
            f"ydsim {manifest['ydsim']}",
        )
        left_out = len(set(results.contents.plan.replicates)) - replicates
        text = " \u00b7 ".join(made_by)
        return Facts(results.name, base, text, results.path, years, replicates, left_out, points)

    def cautions(self) -> Iterator[str]:
        """Say what is left out, and that few replicates tell little of chance."""
        if self.left_out:
            message = _t("{replicates} not finished at every point left out.")
            yield message.format(replicates=fmt.counted(self.left_out, "replicate"))
        if few := few_in_words(self.replicates):
            yield few

    @property
    def span(self) -> str:
        """The years that count, as text."""
        return span(self.years)

    @property
    def bars(self) -> str:
        """What bars of a figure are."""
        if self.replicates < MIN_REPLICATES:
            return "none, fewer than three replicates"
        wide = ", fewer than five: they are wide" if self.replicates < ENOUGH_REPLICATES else ""
        return f"95 % intervals, n = {self.replicates} replicates of the same draws{wide}"


@dataclass(frozen=True)
class Section:
    """A part of a page: heading, table and note; each of the last two may be empty."""

    title: str
    head: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()  # cells of the table as text
    right: Sequence[int] = ()  # numbers of the columns that are set right
    note: str = ""
    grouped: int = 0
    """How many first columns are headings of the rows below them in plain text."""

    @staticmethod
    def of(title: str, table: pd.DataFrame, note: str = "", digits: int = 3) -> Section:
        """Return a part with a table as it is, its numbers with so many digits."""

        def cell(value: Any) -> str:
            if isinstance(value, bool):
                return "yes" if value else "no"
            return fmt.number(value, digits) if isinstance(value, float) else str(value)

        right = [at for at, kind in enumerate(table.dtypes) if kind.kind in "iuf"]
        rows = [[cell(value) for value in row] for row in table.itertuples(index=False, name=None)]
        return Section(title, [str(name) for name in table], rows, right, note)

    @staticmethod
    def of_columns(
        title: str,
        columns: Mapping[str, Sequence[str]],
        *,
        numbers: Container[str],
        note: str = "",
        grouped: int = 0,
    ) -> Section:
        """Return a part with columns of text by head, those of ``numbers`` set right.

        Columns without cells are left out; ``grouped`` of those that are left are headings.
        """
        kept = {head: cells for head, cells in columns.items() if cells}
        rows = [list(row) for row in zip(*kept.values(), strict=True)]
        right = [at for at, head in enumerate(kept) if head in numbers]
        return Section(title, list(kept), rows, right, note, grouped)

    @property
    def markdown(self) -> str:
        """The table in Markdown."""
        return "\n".join(fmt.markdown_table(self.head, self.rows, right=self.right))

    @property
    def plain(self) -> str:
        """Heading, table and note as plain text, as wide as a terminal."""
        n, rows = self.grouped, []
        above: Sequence[str] = ()
        for row in self.rows:
            for at in range(n):
                if row[: at + 1] != above[: at + 1]:
                    rows.append([f"{'  ' * at}{row[at]}"])
            rows.append([f"{'  ' * n}{row[n]}", *row[n + 1 :]])
            above = row
        right = [at - n for at in self.right]
        table = fmt.text_table(self.head[n:], rows, right=right, width=fmt.WIDTH) if rows else []
        return "\n".join([self.title, *table, *lines_of(self.note)])


def lines_of(text: str) -> Iterator[str]:
    """Yield the lines of a text as wide as a terminal, those of lists behind their hyphens."""
    for line in text.splitlines():
        words = line.lstrip()
        indent = " " * (len(line) - len(words))
        hang = "  " if words.startswith("- ") else ""
        yield from fmt.wrapped(words, indent, indent + hang, width=fmt.WIDTH) or [""]


@dataclass(frozen=True, repr=False)
class Study(ABC):
    """What the runs of a study show."""

    facts: Facts  # what it was made of

    stem: ClassVar[str]  # name of its files, without an ending

    if TYPE_CHECKING:  # a field of some studies

        @property
        def table(self) -> pd.DataFrame:
            """One row an estimate; first columns `COLUMNS`, then those of the study."""

    heading: ClassVar[str] = ""  # begins the heading of its page
    translated: ClassVar[bool] = False
    """Whether its words are in the language in use: those of most studies are English alone."""

    def _speaking(self) -> AbstractContextManager[None]:
        """Speak the language of its words, so that no sentence is half in another."""
        return nullcontext() if self.translated else speak_english()

    @property
    def title(self) -> str:
        """Heading of the page."""
        return f"{self.heading}: {self.facts.base}"

    @property
    @abstractmethod
    def paragraphs(self) -> list[str]:
        """What was found, in words."""

    @property
    def sections(self) -> list[Section]:
        """Tables of the page."""
        return []

    @abstractmethod
    def plot(self) -> Figure:
        """Return the figure; NothingToDrawError when there is nothing to draw."""

    def forest(
        self, table: pd.DataFrame, heads: Mapping[str, tuple[str, str]], note: str, **options: Any
    ) -> Figure:
        """Return the forest plot of rows; filled where the interval lacks zero, or as ``sure``."""
        from ydsim.plots.effects import draw_forest

        if "sure" not in table:
            table = table.assign(sure=(table["low"] > 0.0) | (table["high"] < 0.0))
        foot = self.facts.made_by
        return draw_forest(table, heads, title=self.title, note=note, foot=foot, **options)

    @property
    def paragraph(self) -> str:
        """What was found, in one text with blank lines between paragraphs."""
        with self._speaking():
            return "\n\n".join(part for part in self.paragraphs if part)

    @property
    def text(self) -> str:
        """What a terminal shows: words and tables."""
        with self._speaking():
            return "\n\n".join([self.paragraph, *(section.plain for section in self.sections)])

    @property
    def page(self) -> str:
        """Words, tables and what made them, in Markdown."""
        with self._speaking():
            return re.sub(r"<(?=[A-Za-z/!?])", "&lt;", _page().render(study=self))

    @property
    def page_name(self) -> str:
        """Name of the file of the page, without ending."""
        return self.stem

    @property
    def page_figure(self) -> str:
        """Name of the file of the figure that the page shows; empty for none."""
        return ""

    beside: ClassVar[tuple[str, ...]] = ()
    """Names of tables beside the first, which are written and part of ``--json``."""

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """Tables that are written, by name of the file without ending."""
        return {
            self.stem: self.table,
            **{f"{self.stem}_{n}": getattr(self, n) for n in self.beside},
        }

    @property
    def figures(self) -> dict[str, Figure]:
        """Figures that are written, by name of the file without ending."""
        return {self.stem: self.plot()}

    @property
    def more(self) -> dict[str, Any]:
        """What ``--json`` has beside the table, as plain data."""
        return {name: records(getattr(self, name)) for name in self.beside}

    def __repr__(self) -> str:
        """Return what made it."""
        return f"<{type(self).__name__}: {self.facts.made_by}>"

    def _repr_html_(self) -> str:
        """Return title, paragraphs and table for a notebook."""
        with self._speaking():
            words = "".join(f"<p>{html.escape(part)}</p>" for part in self.paragraphs if part)
        made = f"<p><small>{html.escape(self.facts.made_by)}</small></p>"
        head = f"<p><b>{html.escape(self.title)}</b></p>"
        return f"{head}{words}{self.table.to_html(index=False)}{made}"

    def as_dict(self) -> dict[str, Any]:
        """Return what ``--json`` prints; a value that is undefined is None."""
        return {
            "study": self.stem,
            "name": self.facts.name,
            "folder": None if self.facts.path is None else str(self.facts.path),
            "made_by": self.facts.made_by,
            "years": list(self.facts.years),
            "replicates": self.facts.replicates,
            "left_out": self.facts.left_out,
            "paragraph": self.paragraph,
            "table": records(self.table),
            **self.more,
        }

    def write(self, folder: Path) -> list[Path]:
        """Write tables (CSV), page (Markdown) and figures (PNG), and return their paths.

        ResultsError when a link or something else than a file is there under one of the names.
        ResourceError when the system refuses.
        """
        from ydsim.plots.canvas import save_bytes

        refuse_link(folder)
        make_folder(folder, parents=True)
        files = {folder / f"{name}.csv": csv_of(table) for name, table in self.tables.items()}
        files[folder / f"{self.page_name}.md"] = self.page.encode("utf-8")
        files |= {folder / f"{n}.png": save_bytes(each) for n, each in self.figures.items()}
        for path in files:
            refuse_irregular(path)
        for path, data in files.items():
            write_atomic(path, data)
        return list(files)


def csv_of(table: pd.DataFrame) -> bytes:
    """Return a table as CSV with ten digits, safe in a spreadsheet."""
    safe = table.map(lambda value: guard(value) if isinstance(value, str) else value)
    written = safe.to_csv(index=False, lineterminator="\n", float_format="%.10g")
    return str(written).encode("utf-8")


@cache
def _page() -> Template:
    # Markdown, whose cells `fmt.markdown_table` escapes
    return templates("ydsim.studies").get_template("study.md.j2")


def sweep_of_study(
    base: str | Path,
    overrides: Overrides | None,
    *,
    name: str,
    description: str,
    design: Mapping[str, Any],
    replicates: int,
    settings: Mapping[str, Any] | None = None,
    record: Mapping[str, Any] | None = None,
    **more: Any,
) -> Sweep:
    """Return the checked sweep of a study.

    ``base`` is a scenario; ``name, description, design, record`` are as in a sweep file,
    ``settings`` what is set where ``overrides`` do not, by default the scale. ``more`` and errors
    are those of `ydsim.design.load.sweep_of`.
    """
    content = {
        "name": name,
        "description": description,
        "base": arguments.path("name_or_path", base, "the name or path of a scenario"),
        "set": {"scale": SCALE} if settings is None else settings,
        "design": design,
        "replicates": arguments.whole("replicates", replicates, 1, 100_000),
        "record": record or {},
    }
    return sweep_of(content, overrides, **more)


def to_2020(
    what: str, description: str, require: Callable[[Scenario], object], record: Mapping[str, Any]
) -> Callable[..., Sweep]:
    """Return the function ``design`` of a study of a scenario as it is, to 2020.

    ``what`` ends the name of the sweep; ``require`` refuses scenarios that cannot be read.
    """

    def design(
        scenario: str | Path = "baseline",
        overrides: Overrides | None = None,
        *,
        replicates: int = 10,
        seed: int | None = None,
        allow_code: bool = False,
    ) -> Sweep:
        """Return the checked runs, which end in 2020 or before; scale .05 if none is given."""
        base = load_scenario(scenario, overrides, allow_code=allow_code)
        require(base)
        return sweep_of_study(
            scenario,
            left_free(overrides, ["end"]),
            name=f"{base.name[:50]}-{what}",
            description=description,
            design={"kind": "list", "points": [{"end": min(base.end, 2020)}]},
            replicates=replicates,
            seed=seed,
            allow_code=allow_code,
            settings={"scale": 0.05},
            record=record,
        )

    return design


def left_free(overrides: Overrides | None, keys: Iterable[str]) -> Overrides:
    """Return overrides without the dotted keys that the points of a sweep set as these say."""
    tree = override_tree(overrides or {})
    for path in (tuple(key.split(".")) for key in keys):
        if len(find(tree, path)[1]) == len(path):
            tree = drop(tree, path)
    return plain(tree)


def accepts(check: Callable[[Results], object], results: Results) -> bool:
    """Tell whether a check lets results pass, as runs of the design that it asks for."""
    try:
        check(results)
    except (UsageError, ResultsError):
        return False
    return True


def run_sweep(
    sweep: Sweep,
    out: str | Path | None = None,
    jobs: int | None = None,
    *,
    engine: EngineName | Engine | None = None,
    force: bool = False,
    progress: Report | None = None,
    allow_code: bool = False,
) -> Results:
    """Run a sweep, or go on with it, and return its results; errors as of `ydsim.sweep`."""
    jobs = processors() if jobs is None else arguments.whole("jobs", jobs, 1)
    folder = folder_of(sweep) if out is None else arguments.folder("out", out)
    return carry_on(
        sweep,
        folder,
        RunOptions(jobs=jobs, engine=engine, progress=progress),
        context_of(allow_code=allow_code),
        force=force,
    )


def runner(
    design: Callable[..., Sweep],
    read: Callable[..., Found],
    require: Callable[..., object] | None = None,
) -> Callable[..., Found]:
    """Return the function ``run`` of a study.

    ``design`` and ``read``: those of the study. Arguments and options of ``run`` are theirs, and
    ``out, jobs, progress, allow_code``; errors are theirs and those of `ydsim.sweep`. ``require``:
    takes the sweep and the options of ``read``, and refuses what the runs will not have.
    """

    def run(
        *args: Any,
        out: str | Path | None = None,
        jobs: int | None = None,
        progress: Report | None = None,
        allow_code: bool = False,
        **options: Any,
    ) -> Found:
        """Run what is missing of a design and read it; see `ydsim.studies.study`."""
        of_design, of_read = signature(design), signature(read).parameters
        own = {k: v for k, v in options.items() if k in of_design.parameters or k not in of_read}
        made = of_design.bind(*args, allow_code=allow_code, **own)
        asked = {k: v for k, v in {**made.arguments, **options}.items() if k in of_read}
        sweep = design(*made.args, **made.kwargs)
        if require is not None:
            require(sweep, **asked)
        results = run_sweep(sweep, out, jobs, progress=progress, allow_code=allow_code)
        return read(results, **asked)

    return run


def folder_of(sweep: Sweep) -> Path:
    """Return the usual folder of a sweep."""
    return Path("results") / folder_name(sweep.name)


def opened(results: Results | str | Path) -> Results:
    """Return results, or those of a folder; errors as of `ydsim.open_results`."""
    found: Any = results
    return found if hasattr(found, "contents") else open_results(found)


def common_replicates(results: Results, frame: pd.DataFrame) -> Ints:
    """Return the replicates of a cube of results that every point has, ascending.

    ResultsError when there is none.
    """
    points, where = len(results.contents.points), results.path or results.name
    runs = frame.groupby(level=["point", "replicate"]).size().groupby(level="replicate").size()
    common: Ints = runs.index[runs == points].to_numpy(dtype=np.int64)
    if not len(common):
        raise ResultsError(
            f"{where}: no replicate is finished at all {points} points; go on with ydsim resume"
        )
    return common


def values_of(
    results: Results,
    outcomes: Sequence[str] | None,
    years: tuple[int, int] | None = None,
    usual: Sequence[str] = (),
) -> tuple[Facts, dict[str, Floats]]:
    """Return outcomes of the region in the replicates that every point has, and their facts.

    For None they are the ``usual`` ones that results have. They are by name, (points, replicates):
    a flow is its total over the years, anything else its mean over them; what is recorded for
    provinces alone is their mean. UsageError when there is no such outcome or year, or yearly
    values were not kept. ResultsError when no replicate is finished at every point, or an outcome
    lacks values.
    """
    of = results.contents.points.base
    if years is not None:
        require_years(years, int(of["start"]), int(of["end"]))
    there = [name for name in usual if name in results.manifest["indicators"]]
    asked = there if outcomes is None else outcomes_called(outcomes)
    frame = results.cube(asked, years=years)
    replicates = common_replicates(results, frame)
    frame = frame[frame.index.isin(replicates, level="replicate")]
    span = frame.index.get_level_values("year")
    ends = int(span.min()), int(span.max())
    place, found = str(results.manifest["regions"][-1]), {}
    for name in map(str, frame):
        places = frame[name].unstack("place")
        region = places.pop(place)
        if region.isna().all():
            region = places.mean(axis=1, skipna=False)
        yearly = region.unstack("year")
        if yearly.isna().any(axis=None):
            raise ResultsError(f"{results.path or results.name}: {name} lacks values")
        flow = results.manifest["indicators"][name]["kind"] == "flow"
        whole = yearly.sum(axis=1) if flow else yearly.mean(axis=1)
        found[name] = whole.unstack("replicate").to_numpy(dtype=np.float64)
    return Facts.of(results, ends, len(replicates)), found


def require_policy(scenario: Scenario, policy: str) -> None:
    """Refuse a policy that a scenario does not have, or has at strength zero.

    UsageError names the nearest of its policies.
    """
    if policy not in scenario.policies:
        known = sorted(scenario.policies)
        message = _t("the scenario has no policy {name!r}{hint}")
        hint = suggestion(policy, known, _t("its policies are"))
        meant = nearest(policy, [*known, *policy_names()])
        if meant is not None and meant not in known:
            hint = _t("; to see what it adds: {option}")
            hint = hint.format(option=f"--with policies.{meant}.strength=1")
        raise UsageError(message.format(name=policy, hint=hint))
    if scenario.policies[policy].strength == 0.0:
        message = _t("policy {name!r} has strength 0 in this scenario: nothing to compare")
        raise UsageError(message.format(name=policy))


def require_years(years: tuple[int, int], first: int, last: int) -> None:
    """Refuse years, first and last, that do not lie in those of the runs.

    UsageError with the years that runs have.
    """
    if not first <= years[0] <= years[1] <= last:
        message = _t("years {years}: the runs have {first}-{last}")
        asked = f"{years[0]}-{years[1]}"
        raise UsageError(message.format(years=asked, first=first, last=last))


def require_asked(
    sweep: Sweep, outcomes: Sequence[str] | None = None, years: tuple[int, int] | str | None = None
) -> None:
    """Refuse outcomes and years that the runs of a sweep will not have, before anything is run.

    UsageError when there is no such indicator or year.
    """
    if outcomes is not None:
        known = cards(indicators.INDICATORS)
        require_outcomes(outcomes_called(outcomes), "province", known)
    asked = arguments.maybe_years("years", years)
    if asked is not None:
        require_years(asked, sweep.base.start, sweep.base.end)


def by_outcome(table: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    """Return the outcomes of a table in their order, each with its rows."""
    return [(str(name), own) for name, own in table.groupby("outcome", sort=False)]


def span(years: tuple[int, int]) -> str:
    """Return first and last year as text, one that is both alone."""
    first, last = years
    return f"{first}" if first == last else f"{first}-{last}"


def intervals(table: pd.DataFrame) -> list[str]:
    """Return estimates of a table with their intervals as text."""
    return [with_interval(row) for row in table.itertuples()]


def accepted(value: float, low: float, high: float, *, digits: int = 4) -> str:
    """Return what was published in words: a value with its range, or an open range."""
    known = math.isfinite(low), math.isfinite(high)
    if not math.isnan(value) and known[0] == known[1]:
        return fmt.interval(value, low, high)
    first, last = (fmt.number(end, digits) for end in (low, high))
    words = f"{first} to {last}" if all(known) else f"above {first}" if known[0] else fmt.MISSING
    words = f"below {last}" if known == (False, True) else words
    return words if math.isnan(value) else f"{fmt.number(value, digits)}, {words}"


def other_runs(results: Results, command: str) -> UsageError:
    """Return the refusal of results that are no runs of a command of ydsim."""
    message = _t("{name}: these are no runs of ydsim {command}")
    return UsageError(message.format(name=results.name, command=command))


def with_interval(effect: Any, unit: str = "", *, sign: bool = True) -> str:
    """Return what has ``estimate, low, high`` as text."""
    return fmt.interval(effect.estimate, effect.low, effect.high, unit, sign=sign)


def extra(module: str, package: str, what: str) -> Any:
    """Return a module of an optional package, imported now.

    ``module`` is a dotted name, as in ``SALib.analyze.morris``; ``package``, and ``what`` needs it,
    are for the line of the UsageError, which says how to install it.
    """
    if find_spec(module.partition(".")[0]) is None:
        raise UsageError(
            f"{what} needs {package}, which is not installed: "
            f"pip install {package.lower().replace(' ', '-')}"
        )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of packages that the package imports in turn
        return import_module(module)
