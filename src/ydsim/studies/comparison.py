"""``ydsim.compare``: what policies change, where, how sure it is, and what it costs in public.

Scenarios are run if their runs are not in the folder of the comparison already; folders of
results are read as they are. The numbers are those of `ydsim.results.compare`.
"""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

import pandas as pd

from ydsim import arguments, fmt
from ydsim.design.sweep import Recorded, Sweep
from ydsim.engines import EngineName
from ydsim.engines.protocol import Engine
from ydsim.errors import NothingToDrawError, ResultsError, UsageError
from ydsim.measures.effects import MIN_REPLICATES
from ydsim.record.indicators import INDICATORS, outcomes_called, unit_in_brief
from ydsim.results.compare import (
    Alternative,
    Compared,
    Pair,
    Row,
    change_of,
    chosen,
    compared,
    few_in_words,
    findings,
    place_in_words,
)
from ydsim.results.cube import BY, LEVELS, By
from ydsim.results.results import Results
from ydsim.results.text import records
from ydsim.run.api import with_options
from ydsim.run.progress import Report
from ydsim.scenario.changes import changes
from ydsim.scenario.read.override import Overrides
from ydsim.store.files import read_bytes, require_own
from ydsim.store.layout import folder_name, set_aside
from ydsim.store.manifest import NAME, SWEEP, cards, read_manifest
from ydsim.studies import study
from ydsim.studies.alternatives import (
    alternative_of,
    alternatives_of,
    require_alike,
    require_different,
    window_of,
    with_and_without,
    with_changes,
    with_distinct_names,
    years_of,
)
from ydsim.studies.money import Money, budgets, money_lines, money_of, ranking
from ydsim.studies.study import Facts, Figure, Section, Study
from ydsim.translation import gettext as _t
from ydsim.translation import mark
from ydsim.wording import letters_of, sentences, shorten

REPLICATES = 5
MOST_CHANGES = 4  # changes that are named in the first lines; all are in the list below

MAX_HEAD = 20  # letters of the name of a base above the column of its values

MOST_PLACES = 6  # places whose gains and losses are counted in words

RECORD = Recorded(
    cities=1,
    agents=True,
    tables=(
        "adoption_curves",
        "funnel",
        "generations",
        "knowledge",
        "policy_costs",
        "policy_results",
    ),
)
"""What runs of a comparison keep: enough for every ``by`` and all figures of several scenarios."""

_MADE = re.compile(r"^\S.*\bydsim \d\S+?[,\uff0c]\s?\w+\W*[0-9a-f]{10}\b", re.MULTILINE)
"""The line by which a page of a comparison says what made it."""


@dataclass(frozen=True, repr=False)
class Comparison(Study):
    """What `ydsim.compare` returns: tables, the finding in words, the figure."""

    found: Compared  # effects, what was compared, and notes
    money: Money  # public money of the alternatives
    every: bool = False  # whether the text has all places; else the region and what is aimed at

    stem: ClassVar = "compare"

    @property
    def default_folder(self) -> Path:
        """Where files go unless the user says otherwise: beside the runs, if any were needed."""
        return self.facts.path or folder_of([self.found.base, *self.found.others], "effects")

    @property
    def failed(self) -> int:
        """Number of runs that failed, in all results that are compared."""
        every = (self.found.base, *self.found.others)
        results = {id(one.results): one.run for one in every}
        return sum(len(one.failures) for one in results.values())

    @property
    def title(self) -> str:
        """What was found, a sentence an alternative, at most three of them."""
        told = findings(self.found)
        if len(told) > 3:
            told[2:] = [_t("{n} more alternatives").format(n=len(told) - 2)]
        return "; ".join(told)

    @property
    def table(self) -> pd.DataFrame:
        """One row an effect; columns are those of ``effects.csv`` (docs/compare.md)."""
        return self.found.table

    @property
    def paragraphs(self) -> list[str]:
        """What changes for whom, a paragraph an alternative, and how sure it is."""
        found, told = self.found, []
        for pair in found.pairs:
            lines = [subject(pair), *follows(found, pair), *for_whom(found, pair)]
            lead = [_t("{name}:").format(name=pair.alternative.label)] * (len(found.pairs) > 1)
            told.append("\n".join([*lead, *(f"- {line}" for line in lines)]))
        return [*told, how_sure(found.replicates, found.base.members)]

    @property
    def sections(self) -> list[Section]:
        """Effects, public money, what was changed, notes."""
        return self._parts()

    def _parts(self, *, brief: bool = False) -> list[Section]:
        """Return the sections of the page, or of a terminal in brief."""
        found = self.found
        main = found.first.outcome.name if brief else ""
        costs = money_lines(found, self.money, brief=brief)
        effects = self.effects(found.rows)
        if brief and not self.every:
            effects = self.effects(found.main_rows, pairing=False)
            if left := len(found.rows) - len(effects.rows):
                text = _t("{n} more rows, of other places: --by place, or effects.csv")
                effects = replace(effects, note=f"{text.format(n=left)}\n{effects.note}")
        parts = [
            Section(_t("Public money"), note="\n".join(costs)),
            ranking(found, self.money, main),
            budgets(found, self.money, brief=brief),
            Section(_t("What was changed"), note="\n".join(_changed(found))),
            Section(_t("Notes"), note="\n".join(f"- {note}" for note in found.notes)),
        ]
        return [effects, *(part for part in parts if part.note)]

    def effects(self, rows: Sequence[Row], *, pairing: bool = True) -> Section:
        """Return a table of effects; without places where all are in the whole region."""
        found = self.found
        base = _t("base") if len(found.base.label) > MAX_HEAD else found.base.label
        several = len(found.pairs) > 1
        places = [_t("region") if row.level == "region" else _place(row) for row in rows]
        one_place = all(row.level == "region" for row in rows)
        columns = {
            _t("policy"): [row.named for row in rows] if several else [],
            _t("outcome"): [_outcome(row) for row in rows],
            _t(BY[found.by]): [] if one_place else places,
            base: [fmt.number(row.effect.plain) for row in rows],
            _t("change"): [change_of(row) for row in rows],
            _t("80 % of pairs"): [_over(row) for row in rows] if found.base.members else [],
            _t("Holm p"): [fmt.p_value(row.p_holm) for row in rows],
            _t("pairing"): [_pairing(row) for row in rows] if pairing else [],
        }
        numbers = base, _t("Holm p"), _t("pairing")
        note = _reading(found, pairing=pairing)
        grouped = several + (pairing and not one_place)
        return Section.of_columns(
            _t("Effects"), columns, numbers=numbers, note=note, grouped=grouped
        )

    @property
    def text(self) -> str:
        """The findings, what is compared, and the sections as plain text."""
        words = "\n\n".join(["\n".join(findings(self.found)), self.paragraph])
        parts = (part.plain for part in self._parts(brief=True))
        return "\n\n".join(["\n".join(study.lines_of(words)), *parts])

    @property
    def page_name(self) -> str:
        """``compare``, with the level where it is not that of provinces."""
        return f"compare{self._level}"

    @property
    def page_figure(self) -> str:
        """Name of the file of the figure."""
        return f"effects{self._level}.png"

    @property
    def _level(self) -> str:
        return "" if self.found.by == "province" else f"-{self.found.by}"

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """The effects, by name of the file."""
        return {f"effects{self._level}": self.table}

    @property
    def figures(self) -> dict[str, Figure]:
        """The figures, by name of the file."""
        from ydsim.plots.effects import draw_by_place

        figures = {f"effects{self._level}": self.plot()}
        with suppress(NothingToDrawError):  # no base is positive
            figures[f"effects_by_place{self._level}"] = draw_by_place(self.found)
        return figures

    @property
    def more(self) -> dict[str, Any]:
        """What was compared, tests, notes, and tables of money."""
        found = self.found
        return {
            "finding": self.title,
            "base": found.base.name,
            "alternatives": [
                {
                    "name": pair.alternative.name,
                    "label": pair.alternative.label,
                    "title": pair.alternative.title,
                    "replicates": len(pair.replicates),
                    "changes": [change.text for change in pair.changes],
                }
                for pair in found.pairs
            ],
            "by": found.by,
            "why_years": found.why_years,
            "tests": found.tests,
            "notes": list(found.notes),
            "made": found.made,
            "cost": records(self.money.cost),
            "effect_per_money": records(self.money.per_money),
            "take_up": records(self.money.take_up),
        }

    def plot(self) -> Figure:
        """Return the figure: an outcome over the years, and its differences with intervals."""
        from ydsim.plots.effects import draw_effects

        return draw_effects(self.found)

    def write(self, folder: str | Path, *, force: bool = False) -> list[Path]:
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
            When something else is in the folder, when it is compared or lies in a folder that is,
            or with ``force`` when it holds one.
        ResourceError
            When the system refuses.
        """
        where, again = arguments.folder("folder", folder), arguments.flag("force", force)
        if self.facts.path is not None and where.resolve() == self.facts.path.resolve():
            return super().write(where)
        every = (self.found.base, *self.found.others)
        _require_apart(where, [one.run for one in every], force=again)
        try:
            pages = sorted(where.glob("compare*.md"))
            ours = all(_MADE.search(read_bytes(page).decode("utf-8", "replace")) for page in pages)
            require_own(where, pages[0].name if pages and ours else "", mark("a comparison"))
        except ResultsError:
            if not again:
                raise
            set_aside(where)
        return super().write(where)


def compare(
    *names: str | Path,
    policy: str | None = None,
    changes: Mapping[str, Mapping[str, object]] | None = None,
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

    The first name is the base. Scenarios are run if their runs are not in the folder of the
    comparison already; folders of results are read as they are.

    Parameters
    ----------
    names
        Scenarios, scenario files, folders of runs or sweeps; a point of a sweep is
        ``folder:3``, ``folder:border=0.3`` or ``folder:one_region``.
    policy
        Of one scenario, compare it with itself without this policy, at strength zero.
    changes
        Of one scenario, compare it with itself with other values: by name of the alternative (may
        be empty of one), values by dotted key, as ``{"open": {"policies.border_friction.passes":
        "x2"}}``.
    overrides
        Laid over every scenario that is run, as for `ydsim.load_scenario`.
    by
        ``"province"``, ``"city"``, ``"kind"`` (of organisations) or ``"field"`` (of technology).
    outcomes
        Names of indicators; by default the usual ones of the level.
    years
        First and last, as ``(2021, 2030)`` or ``"2021:2030"``; by default from the first year in
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
        When a name means nothing, or two alternatives differ in seed, scale, world, first year or
        version.
    ScenarioError, InputError, ResultsError, ResourceError, Stopped
        As for `ydsim.sweep`.
    """
    plan = planned(
        *names,
        policy=policy,
        changes=changes,
        overrides=overrides,
        by=by,
        outcomes=outcomes,
        years=years,
        replicates=replicates,
        seed=seed,
        out=out,
        force=force,
        allow_code=allow_code,
    )
    return carried_out(
        plan, jobs=jobs, engine=engine, force=force, allow_code=allow_code, progress=progress
    )


def carried_out(
    plan: Planned,
    *,
    jobs: int = 1,
    engine: EngineName | Engine | None = None,
    force: bool = False,
    allow_code: bool = False,
    progress: Report | None = None,
) -> Comparison:
    """Return the comparison of a plan; what it lacks is run. Arguments and errors as `compare`."""
    alternatives, asked = plan.alternatives, plan.asked
    if plan.sweep is None or plan.folder is None:
        return comparison_of(alternatives, **asked)
    results = study.run_sweep(
        plan.sweep, plan.folder, jobs, engine=engine, force=force, progress=progress,
        allow_code=allow_code,
    )  # fmt: skip
    alternatives = [
        replace(one, results=results, point=plan.points.index(one.to_run))
        if one.is_scenario
        else one
        for one in alternatives
    ]
    found = comparison_of(alternatives, **asked, folder=plan.folder)
    if plan.replicates is None or plan.replicates >= plan.there:
        return found
    message = _t("{folder} holds {n} replicates: all of them are used")
    note = message.format(folder=plan.folder, n=plan.there)
    return replace(found, found=replace(found.found, notes=(*found.found.notes, note)))


@dataclass(frozen=True)
class Planned:
    """What a comparison is between, and what is to be run for it."""

    alternatives: Sequence[Alternative]  # the base first; those of scenarios have no results yet
    asked: Mapping[str, Any]  # ``by``, ``outcomes`` and ``years``, checked
    replicates: int | None = None  # as asked for
    points: Sequence[Mapping[str, object]] = ()  # those that are to be run, as points of a sweep
    sweep: Sweep | None = None
    folder: Path | None = None
    """That sweep and its folder; None where all results are there."""
    there: int = 0  # replicates in the folder


def planned(
    *names: str | Path,
    policy: str | None = None,
    changes: Mapping[str, Mapping[str, object]] | None = None,
    overrides: Overrides | None = None,
    by: By = "province",
    outcomes: Sequence[str] = (),
    years: tuple[int, int] | str | None = None,
    replicates: int | None = None,
    seed: int | None = None,
    out: str | Path | None = None,
    force: bool = False,
    allow_code: bool = False,
) -> Planned:
    """Return what a comparison would run, all checked; arguments and errors as of `compare`."""
    arguments.one_of("by", by, LEVELS)
    expected = "the name of a scenario, a folder, or a point of it as FOLDER:POINT"
    asked = [arguments.path("names", name, expected) for name in names]
    wanted = outcomes_called(outcomes)
    window = arguments.maybe_years("years", years)
    number = arguments.maybe_whole("replicates", replicates, 1, 100_000)
    seed = arguments.maybe_whole("seed", seed)
    folder = None if out is None else arguments.folder("out", out)
    given = overrides if seed is None else with_options(overrides, seed, None)
    if changes is not None and policy is not None:
        raise UsageError(_t("--with and --policy are two questions: ask one of them"))
    option = "--with" if changes is not None else "--policy" if policy is not None else ""
    if option and len(asked) != 1:
        message = _t("{option} goes with one scenario, found {n} names")
        raise UsageError(message.format(option=option, n=len(asked)))
    if changes is not None:
        alternatives = with_changes(asked[0], changes, given, allow_code=allow_code)
    elif policy is not None:
        taken = arguments.text("policy", policy, "the name of a policy")
        alternatives = with_and_without(asked[0], taken, given, allow_code=allow_code)
    else:
        alternatives = alternatives_of(asked, given, allow_code=allow_code)
    require_different(alternatives)
    require_alike(alternatives)
    if window is not None:
        study.require_years(window, *years_of(one.scenario for one in alternatives))
    of = {"by": by, "outcomes": wanted, "years": window}
    points = [one.to_run for one in alternatives if one.is_scenario]
    called = [one.name if one.given else "" for one in alternatives if one.is_scenario]
    if not points:
        if given or number is not None:
            message = _t(
                "nothing is to be run: folders are read as they are, and --set, --seed and "
                "--replicates are of scenarios"
            )
            raise UsageError(message)
        return Planned(alternatives, of)
    chosen(by, wanted, cards(INDICATORS))
    folder = folder or folder_of(alternatives)
    folders = [one.results for one in alternatives if one.results is not None]
    _require_apart(folder, folders, force=force)
    # of folders all have as many, so that none of a scenario is run in vain
    counts = [len(results.replicates) for results in folders]
    there = 0 if force else _replicates_in(folder)
    members = max(one.members for one in alternatives)
    name = folder_name(folder.name)
    loaded = study.sweep_of_study(
        str(points[0]["scenario"]),
        overrides,
        name=name,
        description=shorten(" against ".join(one.name for one in alternatives), 200),
        design={"kind": "list", "points": points, **({"names": called} if any(called) else {})},
        replicates=max(number or 0, there) or min(counts, default=0) or members or REPLICATES,
        settings={},
        record=RECORD.plain(),
        called=name,
        seed=seed,
        max_runs=sys.maxsize,
        allow_code=allow_code,
    )
    return Planned(alternatives, of, number, points, loaded, folder, there)


def read(
    alternatives: Sequence[Alternative],
    *,
    by: By = "province",
    outcomes: Sequence[str] = (),
    years: tuple[int, int] | None = None,
) -> Compared:
    """Return how alternatives differ from the first of them; all have results.

    Years are by default those from which policies differ, or the last five.

    UsageError when they are not of one model and draws, or an outcome or year is not there.
    ResultsError when no run of one is finished, or no replicate is common.
    """
    base, *others = alternatives
    require_alike(alternatives)
    differing = [changes(base.scenario, one.scenario) for one in others]
    window, why = window_of(years, alternatives, differing)
    return compared(
        base, others, by=by, outcomes=outcomes, years=window, why_years=why, changes=differing
    )


def comparison_of(
    alternatives: Sequence[Alternative], *, folder: Path | None = None, **asked: Any
) -> Comparison:
    """Return the same as `read` with public money, words and figure; ``folder`` has the runs."""
    found = read(alternatives, **asked)
    made, points = found.made, len(alternatives)
    made_by = _t(
        "Seed {seed}, scale {scale:g}, {start}-{end}, world {world} ({digest}), ydsim {version}, "
        "runs {hash}."
    ).format(**made)
    name = " against ".join(one.name for one in alternatives)
    n = found.replicates
    facts = Facts(name, found.base.name, made_by, folder, found.years, n, 0, points)
    return Comparison(facts, found, money_of(found))


def draw(*results: Results, indicator: str | None = None) -> Figure:
    """Return an outcome over the years of results, and what differs from the first of them.

    ``indicator`` is the outcome, instead of the first of the usual ones. NothingToDrawError when
    there is nothing beside the base, the results share no draws, or nothing has a value.
    """
    from ydsim.plots.effects import draw_effects

    return draw_effects(_read(results, indicator, None))


def draw_by_place(
    *results: Results, indicator: str | None = None, years: tuple[int, int] | None = None
) -> Figure:
    """Return changes from the first of some results by province; errors as of `draw`.

    ``indicator`` is the one outcome that is drawn, instead of the usual ones; ``years`` are first
    and last, instead of those from which policies differ.
    """
    from ydsim.plots.effects import draw_by_place

    return draw_by_place(_read(results, indicator, years))


def draw_difference_map(
    *results: Results, indicator: str = "rd_expenditure", year: int | None = None
) -> Figure:
    """Return the map of what the second of two results has more or less than the first.

    ``year`` is by default the last that both have. NothingToDrawError when there are not two
    results, they share no draws, or nothing has a value.
    """
    from ydsim.plots.maps import draw_differences

    if len(results) != 2:
        raise NothingToDrawError(f"a difference needs two results, not {len(results)}")
    last = min(int(each.manifest["scenario"]["end"]) for each in results)
    when = last if year is None else year
    return draw_differences(_read(results, indicator, (when, when), by="city"))


def _read(
    results: Sequence[Results],
    indicator: str | None,
    years: tuple[int, int] | None,
    by: By = "province",
) -> Compared:
    if len(results) < 2:
        raise NothingToDrawError("effects ask for a base and something to compare with it")
    alternatives = with_distinct_names([alternative_of(each) for each in results])
    return read(alternatives, by=by, outcomes=[indicator] if indicator else (), years=years)


def folder_of(alternatives: Sequence[Alternative], what: str = "compare") -> Path:
    """Return the folder of a comparison: ``results/compare-A-B``."""
    base, *others = (one.name for one in alternatives)
    if alternatives[0].changed:  # the scenario without one of its policies
        base = str(alternatives[0].scenario["name"])
    names = [letters_of(name).strip("-._") for name in (base, *others)]
    return Path("results") / folder_name("-".join([what, *names])[:100])


def _require_apart(folder: Path, compared: Sequence[Results], *, force: bool) -> None:
    """Refuse to write into results that are compared, or to rename them with what holds them."""
    where = folder.resolve()
    for path in (results.path for results in compared):
        own = None if path is None else path.resolve()
        if own and (where.is_relative_to(own) or (force and own.is_relative_to(where))):
            message = _t(
                "{path} is compared and stays as it is: use another folder than {folder} with "
                "--output"
            )
            raise ResultsError(message.format(path=path, folder=folder))


def _replicates_in(folder: Path) -> int:
    """Return how many replicates a folder has of each point already, 0 without a comparison."""
    if not (folder / NAME).is_file():
        return 0
    manifest = read_manifest(folder)
    there = manifest.get("replicates")
    return there if manifest.get("kind") == SWEEP and isinstance(there, int) else 0


def _reading(found: Compared, *, pairing: bool) -> str:
    """Say how the table is read."""
    first, last = found.years
    window = f"{first}" if first == last else f"{first}-{last}"
    text = _t("Mean of {years} ({why}), of stocks the last year.")
    parts = [text.format(years=window, why=_t(found.why_years))]
    if found.most_replicates >= MIN_REPLICATES:
        text = _t(
            "[95 % interval]; (*) it excludes zero, * also when all {tests} are counted (Holm)."
        )
        parts.append(text.format(tests=fmt.counted(found.tests, "test")))
    if pairing:
        parts.append(_t("Pairing: share of variance that common draws remove."))
    return sentences(*parts)


def _outcome(row: Row) -> str:
    return f"{row.outcome.label} [{unit_in_brief(row.outcome.unit, row.outcome.name)}]"


def _over(row: Row) -> str:
    low, high = (fmt.number(end, 2, sign=True) for end in (row.over_pairs.low, row.over_pairs.high))
    return _t("{low} to {high}").format(low=low, high=high)


def _pairing(row: Row) -> str:
    removed = row.effect.removed
    share = fmt.with_unit(fmt.fixed(100.0 * removed, 0), "%")
    return fmt.MISSING if math.isnan(removed) else share


def _place(row: Row) -> str:
    place = _t(row.place)
    return _t("{place} (prior)").format(place=place) if row.outcome.prior else place


def subject(pair: Pair) -> str:
    """Say what an alternative changes, in short."""
    told = [change.subject for change in pair.changes[:MOST_CHANGES]]
    if len(pair.changes) > MOST_CHANGES:
        told.append(_t("{n} more, see below").format(n=len(pair.changes) - MOST_CHANGES))
    return _t("changed: {what}").format(what=_t("; ").join(told) or _t("nothing"))


def follows(found: Compared, pair: Pair, most: int | None = None) -> Iterator[str]:
    """Yield what changes where the alternative aims and in the whole region, and what does not.

    ``most``: changes that are told at most of a place.
    """
    rows = found.rows_of(pair)
    for place in dict.fromkeys(row.place for row in rows if row.aimed or row.level == "region"):
        own = [row for row in rows if row.place == place]
        seen = sorted((row for row in own if row.seen), key=lambda row: row.own)
        told = [f"{row.outcome.label} {change_of(row).rstrip(' *')}" for row in seen[:most]]
        if len(told) < len(seen):
            told.append(_t("{n} more below").format(n=len(seen) - len(told)))
        where = _t("the region") if own[0].level == "region" else place_in_words(own[0])
        if told:
            yield _t("in {place}: {changes}").format(place=where, changes=_t("; ").join(told))
        unseen = [row.outcome.label for row in own if row.unseen]
        if unseen and len(pair.replicates) >= MIN_REPLICATES:
            text = _t("no change that can be seen in {place}: {names}")
            yield text.format(place=where, names=_t(", ").join(unseen))


def for_whom(found: Compared, pair: Pair) -> Iterator[str]:
    """Yield how many outcomes rise and how many fall significantly in each place."""
    rows = found.rows_of(pair)
    rises: dict[str, list[bool]] = {}
    for row in rows:
        if row.significant and row.level != "region":
            rises.setdefault(place_in_words(row), []).append(row.rises)
    n, message = (
        len({row.outcome.name for row in rows}),
        _t("{place}: of {n} outcomes {up} rise and {down} fall"),
    )
    told = [
        message.format(place=place, n=n, up=sum(up), down=len(up) - sum(up))
        for place, up in sorted(rises.items(), key=lambda each: -len(each[1]))
    ]
    if len(told) > MOST_PLACES:
        told[MOST_PLACES:] = [_t("{n} more").format(n=len(told) - MOST_PLACES)]
    if told:
        yield _t("; ").join(told)
    elif len(pair.replicates) >= MIN_REPLICATES:
        yield _t("no outcome of any {level} changes significantly").format(level=_t(BY[found.by]))


def how_sure(n: int, members: int = 0) -> str:
    """Say what intervals of ``n`` replicates cover, and that few have none or wide ones.

    ``members``: of the ensemble from which replicates have parameters.
    """
    if n < MIN_REPLICATES:
        return sentences(few_in_words(n), _t("Run again with --replicates 5 or more."))
    if members:
        return _t(
            "{n} replicates with the parameters of {m} members of an ensemble: intervals in "
            "brackets are of the mean over chance and parameters, and between the two numbers "
            "behind them lie 80 % of the pairs. Other rules are not covered."
        ).format(n=n, m=min(n, members))
    text = _t(
        "{n} replicates: intervals cover chance between replicates only, not what parameters and "
        "rules leave open."
    )
    return sentences(text.format(n=n), few_in_words(n))


def _changed(found: Compared) -> Iterator[str]:
    text = _t("{what}: {said}")
    base, *others = (
        text.format(what=one.label, said=_t(one.title).rstrip(". 。")) if one.title else one.label
        for one in (found.base, *found.others)
    )
    yield _t("- base: {name}").format(name=base)
    for pair, name in zip(found.pairs, others, strict=True):
        yield _t("- with: {name}; n = {n}").format(name=name, n=len(pair.replicates))
        yield from (f"  - {change.text}" for change in pair.changes)
        if not pair.changes:
            yield "  - " + _t("nothing differs")
