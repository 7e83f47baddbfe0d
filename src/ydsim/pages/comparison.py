"""A comparison that a reader sees: `ydsim.compare`, its tables in text and markdown, its files."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ydsim import arguments
from ydsim.analysis.alternatives import Side, require_alike, sides_of, with_and_without
from ydsim.analysis.comparison import compared, require_window, years_of
from ydsim.analysis.comparison_result import Compared
from ydsim.analysis.outcomes import By, chosen
from ydsim.design.load import sweep_of_scenarios
from ydsim.design.sweep import Recorded
from ydsim.engines.choice import EngineName, engine_of
from ydsim.engines.protocol import Engine
from ydsim.errors import ResultsError, UsageError
from ydsim.pages.comparison_page import SIGNED, page, table
from ydsim.plots.effect_words import finding
from ydsim.plots.effects import draw_effects
from ydsim.plots.render import save_bytes
from ydsim.record import indicators
from ydsim.results.text import to_csv
from ydsim.run.api import carry_on, injected_of, run_options_of
from ydsim.run.progress import Report
from ydsim.store.files import (
    asking_system,
    make_folder,
    read_bytes,
    refuse_irregular,
    write_atomic,
)
from ydsim.store.layout import folder_name, set_aside
from ydsim.store.manifest import NAME, SWEEP, cards, read_manifest
from ydsim.typing import Columns
from ydsim.wording import shorten

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ydsim.scenario.read.override import Overrides

REPLICATES = 5
RECORD = Recorded(
    cities=1,
    agents=True,
    tables=("funnel", "knowledge", "generations", "policy_costs", "policy_results"),
)
"""What runs of a comparison keep: enough for every ``by``, so that asking again runs nothing."""

LEVELS: tuple[By, ...] = ("province", "city", "kind", "field")

_FILES = re.compile(r"(effects|compare)(-(city|kind|field))?\.(csv|md|png)")
"""Names of what `Comparison.save` writes."""


class Comparison(Compared):
    """What `ydsim.compare` returns: tables, the finding in words, the figure.

    Attributes
    ----------
    folder
        Where runs are kept; None where nothing was to be run.
    """

    folder: Path | None = None

    @property
    def default_folder(self) -> Path:
        """Where files go unless the user says otherwise: beside the runs, if any were needed."""
        return self.folder or folder_of([self.base, *self.others], "effects")

    @property
    def figure_name(self) -> str:
        """Name of the file of the figure."""
        return "effects.png" if self.by == "province" else f"effects-{self.by}.png"

    @property
    def failed(self) -> int:
        """Number of runs that failed, in all results that are compared."""
        results = {id(one.results): one.results for one in (self.base, *self.others)}
        return sum(len(one.failures) for one in results.values() if one is not None)

    @property
    def finding(self) -> str:
        """What was found, in one sentence."""
        return finding(self)

    def plot(self) -> Figure:
        """Return the figure: effects by place with intervals."""
        return draw_effects(self)

    def as_text(self) -> str:
        """Return the tables as plain text."""
        return "\n".join(page(self, self.finding))

    def as_markdown(self) -> str:
        """Return the page ``compare.md``."""
        return "\n".join(page(self, self.finding, self.figure_name)) + "\n"

    def save(self, folder: str | Path, *, force: bool = False) -> list[Path]:
        """Write ``effects.csv``, ``compare.md`` and ``effects.png`` into a folder.

        By another level than province its name is in theirs, as in ``effects-city.csv``. Beside
        them there may be the runs of this comparison and the files of earlier ones.

        Parameters
        ----------
        folder
            Where to write; made if it is not there.
        force
            Rename a folder with something else in it to ``<name>.bak-N``.

        Raises
        ------
        ResultsError
            When something else is in the folder, or results that are compared.
        ResourceError
            When the system refuses.
        """
        where = arguments.folder("folder", folder)
        if self.folder is None or not _same(where, self.folder):
            self._make_room(where, force=arguments.flag("force", force))
        make_folder(where, parents=True)
        columns: Columns = {str(name): self.effects[name].to_numpy() for name in self.effects}
        content = (
            to_csv(columns).encode("utf-8"),
            self.as_markdown().encode("utf-8"),
            save_bytes(self.plot()),
        )
        level = "" if self.by == "province" else f"-{self.by}"
        paths = [where / f"effects{level}.csv", where / f"compare{level}.md",
                 where / self.figure_name]  # fmt: skip
        for path, data in zip(paths, content, strict=True):
            refuse_irregular(path)
            write_atomic(path, data)
        return paths

    def _make_room(self, folder: Path, *, force: bool) -> None:
        """Refuse a folder that holds something else than comparisons, or rename it."""
        read = [one.results for one in (self.base, *self.others) if one.results is not None]
        paths = [there.path for there in read if there.path is not None]
        if any(_same(folder, path) for path in paths):
            raise ResultsError(f"{folder} is compared: use another folder with --out")
        strange = _strange(folder)
        if not strange:
            return
        if not force:
            raise ResultsError(
                f"{folder} holds {shorten(strange)}, which is of no comparison; nothing was "
                "changed, use another folder with --out or rename it with --force"
            )
        set_aside(folder)

    def __repr__(self) -> str:
        others = ", ".join(side.name for side in self.others)
        return f"<Comparison of {self.base.name} with {others} by {self.by}: {self.finding}>"

    def _repr_html_(self) -> str:
        notes = "".join(f"<li>{html.escape(note)}</li>" for note in self.notes)
        lines = html.escape("\n".join(table(self, markdown=False)))
        return f"<p><b>{html.escape(self.finding)}</b></p><pre>{lines}</pre><ul>{notes}</ul>"


def compare(
    *names: str | Path,
    policy: str | None = None,
    overrides: Overrides | None = None,
    by: By = "province",
    outcomes: Sequence[str] = (),
    years: tuple[int, int] | str | None = None,
    replicates: int | None = None,
    seed: int | None = None,
    jobs: int = 1,
    engine: EngineName | Engine | None = None,
    out: str | Path | None = None,
    force: bool = False,
    allow_code: bool = False,
    progress: Report | None = None,
) -> Comparison:
    """Return what policies change: effects in pairs of the same draws, with intervals.

    The first name is the base. Scenarios are run as far as their runs are not in the folder of the
    comparison already; folders of results are read as they are.

    Parameters
    ----------
    names
        Scenarios, scenario files, folders of runs or sweeps; a point of a sweep is
        ``folder:3``, ``folder:border=0.3`` or ``folder:one_region``.
    policy
        Of one scenario, compare it with itself without this policy, at strength zero.
    overrides
        Laid over every scenario that is run, as for `ydsim.load_scenario`.
    by
        ``"province"``, ``"city"``, ``"kind"`` (of organisations) or ``"field"`` (of technology).
    outcomes
        Names of indicators; by default the usual ones of the level.
    years
        First and last, as ``(2021, 2030)`` or ``"2021-2030"``; by default from the first year in
        which policies differ, or else the last five.
    replicates
        Pairs; by default as many as the folders have, or 5.
    seed, jobs, engine, force, allow_code, progress
        As for `ydsim.sweep`.
    out
        Folder of what is run; by default ``results/compare-A-B``.

    Raises
    ------
    UsageError
        When a name means nothing, or two settings differ in seed, scale, world, first year or
        version.
    ScenarioError, InputError, ResultsError, ResourceError, Stopped
        As for `ydsim.sweep`.
    """
    arguments.one_of("by", by, LEVELS)
    arguments.maybe_callable("progress", progress)
    asked = [arguments.path("names", name, "the name of a scenario or a folder") for name in names]
    wanted = arguments.texts("outcomes", outcomes)
    window = parse_years(years)
    number = arguments.maybe_whole("replicates", replicates, 1, 100_000)
    seed = arguments.maybe_whole("seed", seed)
    folder = None if out is None else arguments.folder("out", out)
    options = run_options_of(engine_of(engine, jobs, None, None), None, "continue", None)
    given = with_seed(overrides, seed)
    if policy is None:
        sides = sides_of(asked, given, allow_code=allow_code)
    else:
        taken = arguments.text("policy", policy, "the name of a policy")
        if len(asked) != 1:
            raise UsageError(f"--policy goes with one scenario, found {len(asked)} names")
        sides = with_and_without(asked[0], taken, given, allow_code=allow_code)
    require_alike(sides)
    if window is not None:
        require_window(window, *years_of(side.scenario for side in sides))
    to_run = [side.to_run for side in sides if side.is_scenario]
    to_run = [point for at, point in enumerate(to_run) if point not in to_run[:at]]
    if to_run:
        chosen(by, wanted, cards(indicators.INDICATORS))
        folder = folder or folder_of(sides)
        name = folder_name(folder.name)
        there = 0 if force else _replicates_in(folder)
        loaded = sweep_of_scenarios(
            name,
            to_run,
            overrides,
            record=RECORD,
            replicates=max(number or 0, there) or _fewest(sides) or REPLICATES,
            seed=seed,
            description=shorten(" against ".join(side.name for side in sides), 200),
            allow_code=allow_code,
        )
        from ydsim.design.points import check_points

        check_points(loaded)
        injected = injected_of(None, allow_code=allow_code)
        results = carry_on(
            loaded, folder, options, force=force, progress=progress, injected=injected
        )
        sides = [
            replace(side, results=results, point=to_run.index(side.to_run))
            if side.is_scenario
            else side
            for side in sides
        ]
    else:
        folder, there = None, 0
    found = compared(sides, by=by, outcomes=wanted, years=window)
    if to_run and number is not None and number < there:
        found.notes.append(f"{folder} holds {there} replicates: all of them are used")
    comparison = Comparison(**vars(found))
    comparison.folder = folder
    return comparison


def folder_of(sides: Sequence[Side], what: str = "compare") -> Path:
    """Return the folder of a comparison: ``results/compare-A-B``."""
    base, *others = (side.name for side in sides)
    if sides[0].without:
        base = str(sides[0].scenario["name"])
    names = [re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-._") for name in (base, *others)]
    return Path("results") / folder_name("-".join([what, *names])[:100])


def _same(one: Path, other: Path) -> bool:
    return one.exists() and other.exists() and one.samefile(other)


def _strange(folder: Path) -> str:
    """Return the name of something in a folder that no comparison wrote, empty without any."""
    if not folder.is_dir():
        return ""
    with asking_system("look into", folder):
        names = sorted(entry.name for entry in folder.iterdir() if not entry.name.startswith("."))
    pages = [name for name in names if _FILES.fullmatch(name) and name.endswith(".md")]
    ours = bool(pages) and all(_signed(folder / name) for name in pages)
    return next((name for name in names if not (ours and _FILES.fullmatch(name))), "")


def _signed(page: Path) -> bool:
    refuse_irregular(page)
    return SIGNED.search(read_bytes(page).decode("utf-8", "replace")) is not None


def _fewest(sides: Sequence[Side]) -> int | None:
    """Return how many replicates the folders have, so that none of a scenario is run in vain."""
    counts = [len(side.results.replicates) for side in sides if side.results is not None]
    return min(counts, default=0) or None


def _replicates_in(folder: Path) -> int:
    """Return how many replicates a folder has of each point already, 0 without a comparison."""
    if not (folder / NAME).is_file():
        return 0
    manifest = read_manifest(folder)
    there = manifest.get("replicates")
    return there if manifest.get("kind") == SWEEP and isinstance(there, int) else 0


def with_seed(overrides: Overrides | None, seed: int | None) -> Overrides | None:
    """Return overrides with a seed on top of them, where one is given."""
    from ydsim.run.simulate import with_options

    return with_options(overrides, seed, None)


def parse_years(years: tuple[int, int] | str | None) -> tuple[int, int] | None:
    """Return first and last year.

    Raises
    ------
    UsageError
        When it is something else than a year, two years, or ``2021-2030``.
    """
    if years is None:
        return None
    expected = "one year or two, as in 2021-2030"
    parts: Sequence[Any] = years.split("-") if isinstance(years, str) else years
    try:
        first, last = (int(part) for part in (parts if len(parts) == 2 else [*parts, *parts]))
    except (TypeError, ValueError):
        raise arguments.refuse("years", expected, years) from None
    if first > last:
        raise arguments.refuse("years", expected, years)
    return first, last
