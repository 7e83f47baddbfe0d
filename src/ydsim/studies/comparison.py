"""``ydsim.compare``: what policies change, where, how sure it is, and what it costs in public.

Scenarios are run if their runs are not in the folder of the comparison already; folders of
results are read as they are. The numbers are those of `ydsim.results.compare`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import astuple, dataclass, replace
from pathlib import Path
from typing import Any, ClassVar, Final

import numpy as np
import pandas as pd

from ydsim import arguments, fmt
from ydsim.engines import Engine, EngineName
from ydsim.errors import NothingToDrawError, ResultsError
from ydsim.measures.effects import (
    MIN_REPLICATES,
    NO_INTERVAL,
    Interval,
    columns_of,
    effect,
    fieller,
    without_rounding,
)
from ydsim.record.indicators import name_in_words, unit_in_brief
from ydsim.results.compare import (
    FEW_MEMBERS,
    Alternative,
    Compared,
    Pair,
    Row,
    by_members,
    change_of,
    few_in_words,
    findings,
    place_in_words,
)
from ydsim.results.cube import BY, By
from ydsim.results.results import records
from ydsim.results.summary import MONEY_WORDS, policy_money
from ydsim.run.progress import Report
from ydsim.scenario.read.extend import Overrides
from ydsim.store.files import read_bytes, require_own
from ydsim.store.layout import set_aside
from ydsim.studies import study
from ydsim.studies.alternatives import Planned, folder_of, planned, read, require_apart
from ydsim.studies.study import Facts, Figure, Section, Study
from ydsim.translation import gettext as _t
from ydsim.translation import mark
from ydsim.typing import Floats, Ints
from ydsim.wording import sentences

MAX_CHANGES = 4  # changes that are named in the first lines; all are in the list below
MAX_HEAD = 20  # letters of the name of a base above the column of its values
MAX_PLACES = 6  # places whose gains and losses are counted in words

_MADE = re.compile(r"^\S.*\bydsim \d\S+?[,\uff0c]\s?\w+\W*[0-9a-f]{10}\b", re.MULTILINE)
"""The line by which a page of a comparison says what made it."""


@dataclass(frozen=True, repr=False)
class Comparison(Study):
    """What `ydsim.compare` returns: tables, the finding in words, the figure."""

    found: Compared  # effects, what was compared, and notes
    money: Money  # public money of the alternatives
    every: bool = False  # whether the text has all places; else the region and what is aimed at

    stem: ClassVar = "compare"
    translated: ClassVar = True

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
        outcomes = [row.outcome for row in rows]
        columns = {
            _t("policy"): [row.named for row in rows] if several else [],
            _t("outcome"): [f"{o.label} [{unit_in_brief(o.unit, o.name)}]" for o in outcomes],
            _t(BY[found.by]): [] if one_place else places,
            base: [fmt.number(row.effect.plain) for row in rows],
            _t("change"): [change_of(row) for row in rows],
            _t("80 % of members"): over if any(over := [by_members(row) for row in rows]) else [],
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
        require_apart(where, [one.run for one in every], force=again)
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
    how: dict[str, Any] = {"force": force, "allow_code": allow_code}
    plan = planned(
        names, policy, changes, overrides, by, outcomes, years, replicates, seed, out, **how
    )
    return carried_out(plan, jobs=jobs, engine=engine, progress=progress, **how)


def carried_out(plan: Planned, **how: Any) -> Comparison:
    """Return the comparison of a plan; what it lacks is run, ``how`` as `study.run_sweep` says."""
    alternatives, asked = plan.alternatives, plan.asked
    if plan.sweep is None or plan.folder is None:
        return comparison_of(alternatives, **asked)
    results = study.run_sweep(plan.sweep, plan.folder, **how)
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


def _reading(found: Compared, *, pairing: bool) -> str:
    """Say how the table is read."""
    text = _t("Mean of {years} ({why}), of stocks the last year.")
    parts = [text.format(years=study.span(found.years), why=_t(found.why_years))]
    if found.most_replicates >= MIN_REPLICATES:
        text = _t(
            "[95 % interval]; (*) it excludes zero, * also when all {tests} are counted (Holm)."
        )
        parts.append(text.format(tests=fmt.counted(found.tests, "test")))
    if pairing:
        parts.append(_t("Pairing: share of variance that common draws remove."))
    return sentences(*parts)


def _pairing(row: Row) -> str:
    removed = row.effect.removed
    share = fmt.with_unit(fmt.fixed(100.0 * removed, 0), "%")
    return fmt.MISSING if math.isnan(removed) else share


def _place(row: Row) -> str:
    place = _t(row.place)
    return _t("{place} (prior)").format(place=place) if row.outcome.prior else place


def subject(pair: Pair) -> str:
    """Say what an alternative changes, in short."""
    subjects = [change.subject for change in pair.changes[:MAX_CHANGES]]
    if len(pair.changes) > MAX_CHANGES:
        subjects.append(_t("{n} more, see below").format(n=len(pair.changes) - MAX_CHANGES))
    return _t("changed: {what}").format(what=_t("; ").join(subjects) or _t("nothing"))


def follows(found: Compared, pair: Pair, most: int | None = None) -> Iterator[str]:
    """Yield what changes where the alternative aims and in the whole region, and what does not.

    ``most``: changes that are told at most of a place.
    """
    rows = found.rows_of(pair)
    for place in dict.fromkeys(row.place for row in rows if row.aimed or row.level == "region"):
        own = [row for row in rows if row.place == place]
        seen = sorted((row for row in own if row.seen), key=lambda row: row.own)
        told = [_change_told(row) for row in seen[:most]]
        if len(told) < len(seen):
            told.append(_t("{n} more below").format(n=len(seen) - len(told)))
        where = _t("the region") if own[0].level == "region" else place_in_words(own[0])
        if told:
            yield _t("in {place}: {changes}").format(place=where, changes=_t("; ").join(told))
        unseen = [row.outcome.label for row in own if row.unseen]
        if unseen and len(pair.replicates) >= MIN_REPLICATES:
            text = _t("no change that can be seen in {place}: {names}")
            yield text.format(place=where, names=_t(", ").join(unseen))


def _change_told(row: Row) -> str:
    """Return an outcome with its change, and with that by members."""
    text = f"{row.outcome.label} {change_of(row).rstrip(' *')}"
    over = by_members(row)
    return _t("{change}, by members {ends}").format(change=text, ends=over) if over else text


def for_whom(found: Compared, pair: Pair) -> Iterator[str]:
    """Yield how many outcomes rise and how many fall significantly in each place."""
    rows = found.rows_of(pair)
    rises: dict[str, list[bool]] = {}
    for row in rows:
        if row.significant and row.level != "region":
            rises.setdefault(place_in_words(row), []).append(row.rises)
    n = len({row.outcome.name for row in rows})
    message = _t("{place}: of {n} outcomes {up} rise and {down} fall")
    told = [
        message.format(place=place, n=n, up=sum(up), down=len(up) - sum(up))
        for place, up in sorted(rises.items(), key=lambda each: -len(each[1]))
    ]
    if len(told) > MAX_PLACES:
        told[MAX_PLACES:] = [_t("{n} more").format(n=len(told) - MAX_PLACES)]
    if told:
        yield _t("; ").join(told)
    elif len(pair.replicates) >= MIN_REPLICATES:
        yield _t("no outcome of any {level} changes significantly").format(level=_t(BY[found.by]))


def how_sure(n: int, members: int = 0, *, effects: bool = True) -> str:
    """Say what intervals of ``n`` replicates cover, and that few have none or wide ones.

    ``members``: of the ensemble from which replicates have parameters. ``effects``: they are of
    effects, of which `by_members` says how they spread.
    """
    if n < MIN_REPLICATES:
        return sentences(few_in_words(n), _t("Run again with --replicates 5 or more."))
    if members:
        members = min(n, members)
        parts = [
            _t(
                "{n} replicates with the parameters of {m} members: intervals in brackets are of "
                "the mean over chance and parameters."
            )
        ]
        if effects and members >= FEW_MEMBERS:
            parts.append(
                _t(
                    "By members: between these ends lie 80 % of the effects that published figures "
                    "leave open, without chance; other rules are not covered."
                )
                if n > members
                else _t(
                    "By members: between these ends lie 80 % of the members, each of one "
                    "replicate, so that chance is in it; other rules are not covered."
                )
            )
        return sentences(*parts).format(n=n, m=members)
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


# -- public money --------------------------------------------------------------------------------
# What governments pay under the names of policies (table ``policy_costs``), yearly means in 100
# million yuan at scale 1. Effect for public money is the difference in an outcome over the
# difference in money, with Fieller's interval. Budget used and claims met are those of
# `ydsim.results.summary.policy_money`, here of the years and replicates of the comparison.

COSTS: Final = "policy_costs"
ALL: Final = "all policies"
ON_DEMAND: Final = mark("no budget: paid as it falls due")
NO_COST: Final = mark("no cost counted")

_PAID = ("point", "year", "replicate", "instrument", "region", "amount", "leaked", "asked",
         "left_over")  # fmt: skip
_COST = ("alternative", "instrument", "place", "base_mean", "mean", *columns_of(), "leaked_share")
_PER_MONEY = ("alternative", "outcome", "unit", *columns_of("effect"), *columns_of("money"),
              *columns_of(), "why_not", "uncounted")  # fmt: skip
_TAKE_UP = ("alternative", "instrument", "first", "last", "claimed", "spent", "offered",
            *columns_of(), "why_not", *columns_of("claims_met"))  # fmt: skip


@dataclass(frozen=True)
class Money:
    """Public money of alternatives beside the base; without rows where it was not recorded."""

    cost: pd.DataFrame
    """A year, of all policies for the region and each province, then of each policy: ``alternative,
    instrument, place, base_mean, mean, estimate, low, high, leaked_share``. The last is the share
    of money that is not spent on what it is paid for."""
    per_money: pd.DataFrame
    """For each 100 million yuan: ``alternative, outcome, unit, effect, effect_low, effect_high,
    money, money_low, money_high, estimate, low, high, why_not, uncounted``, of each outcome of the
    region the largest estimate first and those without one last. ``effect`` and ``money`` are
    differences a year; ``uncounted`` names what is changed without a public cost that the model
    counts."""
    take_up: pd.DataFrame
    """Of each policy with claims or a budget, a year from the ``first`` to the ``last`` of the
    compared years in which it has any: ``alternative, instrument, first, last, claimed, spent,
    offered, estimate, low, high, why_not, claims_met, claims_met_low, claims_met_high``. The
    estimate is the budget used; intervals of both shares end at 0 and 1."""
    uncounted: dict[str, tuple[str, ...]]
    """Names of what each alternative changes without any public cost that the model counts."""


def money_of(compared: Compared) -> Money:
    """Return public money of the alternatives of a comparison."""
    uncounted, cost, per_money, take_up = {}, [], [], []
    *provinces, whole = map(str, compared.base.run.manifest["regions"])
    for pair in compared.pairs:
        other, both = pair.alternative, (compared.base, pair.alternative)
        if any(COSTS not in one.run.manifest["tables"] for one in both):
            continue
        paid = [_Paid(one, compared.years, pair.replicates) for one in both]
        policies = list(compared.base.policies | other.policies)
        changed = dict.fromkeys(change.name for change in pair.changes)
        without = tuple(name for name in changed if not any(one.has(name) for one in paid))
        uncounted[other.name] = without
        free = bool(changed) and len(without) == len(changed)
        totals = [each.sum("amount", policies, provinces) / each.years for each in paid]
        prices = _per_money(compared, other.name, totals, free=free)
        own = {"alternative": other.name}
        cost += [own | row for row in _costs(paid, policies, provinces, whole)]
        per_money += [own | row | {"uncounted": ", ".join(without)} for row in prices]
        take_up += [own | row for row in _take_up(compared, pair, paid[1], provinces)]
    return Money(
        cost=pd.DataFrame(cost, columns=[*_COST]),
        per_money=_ranked(pd.DataFrame(per_money, columns=[*_PER_MONEY]), compared),
        take_up=pd.DataFrame(take_up, columns=[*_TAKE_UP]),
        uncounted=uncounted,
    )


def _ranked(table: pd.DataFrame, compared: Compared) -> pd.DataFrame:
    """Return rows by outcome, the largest estimate first."""
    order = {outcome.name: at for at, outcome in enumerate(compared.outcomes)}
    table = table.sort_values("estimate", ascending=False, kind="stable", na_position="last")
    table = table.sort_values("outcome", key=lambda names: names.map(order), kind="stable")
    return table.reset_index(drop=True)


class _Paid:
    """Rows of ``policy_costs`` of one alternative, years and replicates."""

    def __init__(self, alternative: Alternative, years: tuple[int, int], replicates: Ints) -> None:
        every = pd.DataFrame(alternative.run.columns(COSTS), columns=list(_PAID))
        every = every.astype({"asked": float, "left_over": float})  # not in old tables
        mine = (every["point"] == alternative.point) & every["year"].between(*years)
        self.table = every[mine & every["replicate"].isin(replicates)]
        self.years = years[1] - years[0] + 1
        self.replicates = replicates

    def has(self, name: str) -> bool:
        """Tell whether anything is paid, claimed or unspent under a name."""
        mine = self.table[self.table["instrument"] == name]
        return bool((mine[["amount", "asked", "left_over"]].fillna(0.0) != 0.0).any(axis=None))

    def sum(self, what: str, policies: Sequence[str], places: Sequence[str]) -> Floats:
        """Return a column added up over policies, places and years, by replicate."""
        rows = self.table
        mine = rows[rows["instrument"].isin(policies) & rows["region"].isin(places)]
        sums = mine.groupby("replicate")[what].sum().reindex(self.replicates, fill_value=0.0)
        return sums.to_numpy(np.float64)


def _costs(
    paid: Sequence[_Paid], policies: Sequence[str], provinces: Sequence[str], whole: str
) -> Iterator[dict[str, Any]]:
    groups = [(ALL, policies, whole, provinces)]
    groups += [(ALL, policies, place, [place]) for place in provinces]
    groups += [(name, [name], whole, provinces) for name in policies]
    for label, names, place, places in groups:
        x, y = (each.sum("amount", names, places) for each in paid)
        years, leaked, total = paid[1].years, paid[1].sum("leaked", names, places), y.sum()
        interval = effect(x / years, without_rounding(x, y) / years)
        if label == ALL or interval.plain or interval.changed:
            yield {
                "instrument": label,
                "place": place,
                "base_mean": interval.plain,
                "mean": interval.changed,
                **interval.difference.columns(),
                "leaked_share": leaked.sum() / total if total > 0.0 else np.nan,
            }


def _per_money(
    compared: Compared, name: str, money: Sequence[Floats], *, free: bool
) -> Iterator[dict[str, Any]]:
    """Yield effects of an alternative on the region for each 100 million yuan.

    ``free``: the model counts no cost of what is changed.
    """
    extra = effect(money[0], without_rounding(money[0], money[1]))
    paid, why = extra.difference, ""
    if free:
        why = NO_COST
    elif paid.estimate == 0.0:
        why = mark("public money is the same")
    elif extra.n < MIN_REPLICATES:
        why = mark("fewer than three replicates")
    elif paid.high < 0.0:
        why = mark("less public money is paid")
    elif paid.low <= 0.0:
        why = mark("public money may be the same")
    for row in compared.rows:
        if (row.alternative, row.level) == (name, "region"):
            plain, changed = row.values
            price = NO_INTERVAL if why else fieller(changed - plain, money[1] - money[0])
            yield {
                "outcome": row.outcome.name,
                "unit": row.outcome.shown_unit,
                **row.effect.difference.columns("effect"),
                **paid.columns("money"),
                **price.columns(),
                "why_not": why,
            }


def _take_up(
    compared: Compared, pair: Pair, paid: _Paid, provinces: Sequence[str]
) -> Iterator[dict[str, Any]]:
    """Yield money, budget used and claims met of each policy of an alternative that has any."""
    other = pair.alternative
    money = policy_money(other.run, other.point, years=compared.years, replicates=pair.replicates)
    money = money[money[["asked", "taken", "left"]].any(axis=1)].set_index("policy")
    every: Any = money.loc[[name for name in other.policies if name in money.index]]
    for one in every.itertuples():
        claims, spent, left = (
            paid.sum(what, [one.Index], provinces) for what in ("asked", "amount", "left_over")
        )
        free = math.isnan(one.budget_used)
        used = NO_INTERVAL if free else _share(spent, spent + left)
        yield {
            "instrument": one.Index,
            "first": one.first,
            "last": one.last,
            "claimed": one.asked,
            "spent": one.taken,
            "offered": one.taken / used.estimate if one.taken else one.left,
            **used.columns(),
            "why_not": ON_DEMAND if free and one.taken else "",
            **(_share(spent, claims) if claims.any() else NO_INTERVAL).columns("claims_met"),
        }


def _share(spent: Floats, of: Floats) -> Interval:
    """Return a share of money; an interval reaches no further than from nothing to all."""
    share, low, high = (1.0 + end for end in astuple(effect(of, spent, amount=True).ratio))
    return Interval(share, float(np.maximum(low, 0.0)), float(np.minimum(high, max(share, 1.0))))


def budgets(compared: Compared, money: Money, *, brief: bool = False) -> Section:
    """Return budget used and claims met of policies as a part of a page.

    In brief only of those that an alternative changes.
    """
    labels = {each.name: each.label for each in compared.others}
    changed = {(p.alternative.name, change.name) for p in compared.pairs for change in p.changes}
    every: Any = money.take_up.itertuples(index=False)
    rows = [one for one in every if not brief or (one.alternative, one.instrument) in changed]
    columns = {
        _t("alternative"): [labels[x.alternative] for x in rows] if len(compared.pairs) > 1 else [],
        _t("policy"): [x.instrument for x in rows],
        _t("years"): [f"{x.first:.0f}-{x.last:.0f}" for x in rows],
        _t("claimed"): [fmt.number(x.claimed) for x in rows],
        _t("paid"): [fmt.number(x.spent) for x in rows],
        _t("budget used"): [_t("no budget") if x.why_not else _told(x, share=True) for x in rows],
        _t("claims met"): [_told(x, "claims_met", share=True) for x in rows],
    }
    title = _t("Budgets and claims of policies (100 million RMB a year)")
    return Section.of_columns(
        title, columns, numbers=[*columns][2:], note=_t(MONEY_WORDS) if rows else ""
    )


def money_lines(compared: Compared, money: Money, *, brief: bool = False) -> Iterator[str]:
    """Yield what policies cost more than in the base, in all and each, one line each.

    In brief of several alternatives only in all.
    """
    several = len(compared.pairs) > 1
    for pair in compared.pairs:
        first, *rest = _lines(pair, money)
        for line in (first, *([] if brief and several else rest)):
            text = _t("{what}: {said}").format(what=pair.alternative.label, said=line)
            yield f"- {text if several else line}"


def _lines(pair: Pair, money: Money) -> Iterator[str]:
    mine = money.cost[money.cost["alternative"] == pair.alternative.name]
    cost: list[Any] = [*mine.itertuples(index=False)]
    if not cost:
        yield _t("not recorded in these results (table {table})").format(table=COSTS)
        return
    whole, *rest = cost
    names = set(money.uncounted.get(pair.alternative.name, ()))
    titles = fmt.listed(dict.fromkeys(_t(one.title) for one in pair.changes if one.name in names))
    uncounted = _t("no public cost is counted for {what}").format(what=titles)
    if whole.estimate != 0.0:
        text = _t(
            "policies cost {amount} a year instead of {base}, {gap} (100 million RMB)"
        ).format(amount=fmt.number(whole.mean), base=fmt.number(whole.base_mean), gap=_told(whole))
        if names:
            text = _t("; ").join([text, uncounted])
        yield text
        for one in rest:
            if one.place == whole.place and one.estimate != 0.0:
                yield _t("{policy}: {gap} a year").format(policy=one.instrument, gap=_told(one))
    elif names:
        yield uncounted
    else:
        text = _t("no difference in public money: {amount} a year")
        yield text.format(amount=fmt.number(whole.base_mean))


def ranking(compared: Compared, money: Money, outcome: str = "") -> Section:
    """Return effects for each 100 million RMB as a part of a page, the largest first.

    Of one ``outcome`` of the region, or of all; alternatives without a price come last. Empty where
    no cost of any is counted.
    """
    labels = {each.name: each.label for each in compared.others}
    every: Any = money.per_money.itertuples(index=False)
    rows = [one for one in every if outcome in ("", one.outcome)]
    if all(one.why_not == NO_COST for one in rows):
        return Section("")
    names = [f"{name_in_words(one.outcome)} [{unit_in_brief(one.unit)}]" for one in rows]
    columns = {
        _t("outcome"): [] if outcome else names,
        _t("alternative"): [labels[x.alternative] for x in rows] if len(compared.pairs) > 1 else [],
        _t("effect a year"): [_told(one, "effect") for one in rows],
        _t("public money"): [fmt.number(one.money, sign=True) for one in rows],
        _t("effect per 100 million RMB"): [
            _t(one.why_not) if one.why_not else _told(one) + " *" * bool(one.uncounted)
            for one in rows
        ],
    }
    title = _t("Effect for public money, of the whole region")
    if outcome:
        title = _t("Effect for public money: {outcome}, of the whole region")
    note = _t(
        "Differences to the base, means of {first}-{last} [95 % interval]; public money in 100 "
        "million RMB a year."
    ).format(first=compared.years[0], last=compared.years[1])
    if any(one.uncounted and not one.why_not for one in rows):
        note += " " + _t("* The cost of only some of the changes is counted.")
    title = title.format(outcome=names[0])
    return Section.of_columns(title, columns, numbers=[*columns][2:], note=note)


def _told(row: Any, name: str = "", *, share: bool = False) -> str:
    """Return an estimate with its interval, alone where that has no width; a share in per cent."""
    times = 100.0 if share else 1.0
    estimate, low, high = (times * getattr(row, end) for end in columns_of(name))
    if high - low <= 1e-9 * abs(estimate):
        low = high = math.nan
    return fmt.interval(estimate, low, high, "%" if share else "", sign=not share)
