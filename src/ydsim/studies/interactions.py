"""Whether groups of policies achieve more together than the sum of what each achieves alone.

Groups are on and off in all combinations, or half of them; a group that is off has its policies at
strength 0.

    excess = E[Y_all - Y_0] - sum_k E[Y_k - Y_0],   S = excess / sum_k E[Y_k - Y_0]

with the parts of the groups in the effect of all by Shapley; equations, symbols and the rule when S
(resonance) is undefined are in `ydsim.measures.resonance`. Each outcome is looked at twice: as it
is (``raw``), where an excess says more than the sum, and in logarithms (``log``), where it says
more than the product. And each from two readings of the cells: ``run`` takes Y_all, Y_0 and Y_k
from their own cells, as the definition says; ``pairs`` from an account of all cells that leaves out
interactions of three groups and more (`ydsim.measures.factorial`), whose noise is several times
smaller. Half of the cells has no cell of a group alone, so that there is ``pairs`` only.

Intervals are of `ydsim.measures.factorial`: of a difference or a share the wider one of Student's t
over replicates and of the error pooled over all cells, of S the wider one of two bootstraps.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, astuple, dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from ydsim import arguments, fmt
from ydsim.design.load import load_sweep
from ydsim.errors import UsageError
from ydsim.measures.comovement import co_movement, phase_order
from ydsim.measures.effects import Interval, mean_of, without_rounding
from ydsim.measures.factorial import (
    LEAST_FOR_HALF,
    CellError,
    effect_weights,
    own_weights,
    pair_weights,
)
from ydsim.measures.resonance import shapley
from ydsim.record.details import name_in_words
from ydsim.results.results import Results
from ydsim.scenario.load import load_scenario
from ydsim.studies.study import (
    COLUMNS,
    Facts,
    Section,
    Study,
    accepts,
    more_or_less,
    opened,
    outcomes_of,
    parse_years,
    recorded,
    require_asked,
    runner,
    said,
    sweep_of_study,
    values_of,
)
from ydsim.typing import Bools, Floats, Ints
from ydsim.wording import capital, suggestion

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from ydsim.design.sweep import Sweep
    from ydsim.scenario.read.override import Overrides
    from ydsim.scenario.schema.scenario import Scenario

SHIPPED = "actor_groups"
"""The sweep whose groups are taken where none are given."""

SCENARIO = "six_actor_community"
REPLICATES = 3
OUTCOMES = (
    "launches",
    "rd_funds_enterprise",
    "coinventions_interprovince",
    "contract_value_cross_province",
    "value_added_secondary",
)
MOVE = ("value_added_secondary", "launches")
"""Indicators whose growth may move together."""

RESAMPLES = 4000
KEY = 20_11
"""Key of the generator of the bootstrap, the same at each call."""

KEYS = ["scale", "cells", "quantity", "group"]
ALL_CELLS = "all cells"
MOVING, ALL_ON, GAIN = ("co_movement", "phase_order"), "all on", "all on less none"
READ = ("alone", "together", "excess", "s")
SUMS = ["outcome", "scale", "cells", "none", "sum of groups alone", "all together", "excess", "S"]


@dataclass(frozen=True, repr=False)
class Interactions(Study):
    """What groups do alone and together.

    Attributes
    ----------
    quantities
        The table.
    groups
        Policies by group.
    half
        Half of the cells was run.
    """

    quantities: pd.DataFrame
    groups: dict[str, tuple[str, ...]]
    half: bool
    stem: ClassVar = "interactions"

    @property
    def table(self) -> pd.DataFrame:
        """One row a quantity.

        After the columns of all studies come ``unit, scale, cells, quantity, group``. Quantities:
        ``none`` and ``all`` (means); ``single`` (effect of a group alone), ``alone`` (their sum),
        ``together`` (effect of all groups at once), ``excess`` (the second less the first), ``s``
        (excess over the sum), ``lack`` (effect of all as their own cells show it, less
        ``together``: what ``pairs`` leave out), ``part`` and ``share`` (Shapley's, in the effect of
        all); ``effect`` and ``pair`` (over all cells); ``co_movement`` and ``phase_order`` (of the
        provinces' yearly growth) with all groups, and their gains over no group. Unit ``1`` for
        ratios; of ``log`` it is ``log``. A value that is undefined is NaN.
        """
        return self.quantities

    @property
    def title(self) -> str:
        """Heading of the page."""
        return f"Alone and together: {self.facts.base}"

    @property
    def outcomes(self) -> list[str]:
        """Outcomes in their order."""
        own = self.quantities["outcome"][self.quantities["quantity"] == "none"]
        return [str(name) for name in own]

    @property
    def cells(self) -> str:
        """The reading that decides: that of the definition where its cells were run."""
        return "pairs" if self.half else "run"

    @cached_property
    def _values(self) -> dict[tuple[str, ...], Interval]:
        keys = self.quantities[["outcome", *KEYS]].itertuples(index=False, name=None)
        ends = self.quantities[["estimate", "low", "high"]].itertuples(index=False, name=None)
        return {key: Interval(*each) for key, each in zip(keys, ends, strict=True)}

    def of(
        self, outcome: str, quantity: str, group: str = "", *, scale: str = "raw", cells: str = ""
    ) -> Interval:
        """Return a value of the table; of the reading that decides where no cells are named."""
        return self._values[outcome, scale, cells or self.cells, quantity, group]

    def in_per_cent(self, outcome: str, value: Interval) -> Interval:
        """Return a difference in per cent of the outcome with no group on."""
        none = self.of(outcome, "none", cells="run").estimate
        return value.times(100.0 / abs(none)) if none else value

    def _all_of(self, outcome: str, quantity: str, cells: str = "") -> dict[str, Interval]:
        """Return values of the same quantity by group."""
        head = (outcome, "raw", cells or self.cells, quantity)
        return {key[4]: found for key, found in self._values.items() if key[:4] == head}

    @property
    def paragraphs(self) -> list[str]:
        """What was found, one paragraph an outcome, and what to keep in mind."""
        growth = self.quantities[self.quantities["quantity"] == MOVING[0]]
        return [
            self._head(),
            f"In short: {self._finding()}.",
            *(" ".join(self._of_outcome(name)) for name in self.outcomes),
            " ".join(map(self._moves, growth.dropna(subset="estimate")["outcome"].unique())),
            " ".join(self._cautions()),
        ]

    @property
    def sections(self) -> list[Section]:
        """Sums of the groups with all together, the groups' parts, and effects over all cells."""
        names, keys = self.outcomes, list(self._values)
        sums = [
            [
                name_in_words(name),
                scale,
                cells,
                fmt.number(self.of(name, "none", cells="run").estimate, 5),
                *(said(self.of(name, q, scale=scale, cells=cells)) for q in READ),
            ]
            for name, scale, cells, quantity, _ in keys
            if quantity == "together"
        ]
        parts = [
            [group, ", ".join(policies), *(self._part(name, group) for name in names)]
            for group, policies in self.groups.items()
        ]
        terms = [key[3:] for key in keys if key[0] == names[0] and key[2] == ALL_CELLS]
        effects = [[term[1], *(self._effect(name, *term) for name in names)] for term in terms]
        head = list(map(name_in_words, names))
        unit = "In per cent of the outcome with no group on, with 95 % intervals"
        return [
            Section("Sum of the groups and all together", SUMS, sums, (3,), self._reading()),
            Section(
                "Parts of the groups in the effect of all (Shapley)",
                ["group", "policies", *head],
                parts,
                note=f"{unit}; then the share of the effect of all, where that is not near zero.",
            ),
            Section(
                "Effects and interactions over all cells",
                ["effect", *head],
                effects,
                note=f"{unit}; **null** where the interval holds zero.",
            ),
        ]

    def plot(self) -> Figure:
        """Return the figure: parts of the groups in the effect of all, and each group alone."""
        import pandas as pd

        from ydsim.plots.forest import draw_forest

        marks = [
            (name, group, series, self.in_per_cent(name, self.of(name, quantity, group)))
            for name in self.outcomes
            for group in (*self.groups, "")
            for series, quantity in (
                ("part in the effect of all", "part" if group else "together"),
                ("effect of the group alone", "single" if group else "alone"),
            )
        ]
        rows = [
            {
                "outcome": name,
                "label": group or "sum of the groups",
                "series": series,
                "block": int(not group),
                **asdict(value),
                "sure": bool(verdict(value)),
            }
            for name, group, series, value in marks
        ]
        heads = {name: (capital(name_in_words(name)), self._s(name)) for name in self.outcomes}
        cells = "half of all combinations" if self.half else "all combinations"
        return draw_forest(
            pd.DataFrame(rows),
            heads,
            title=self._finding(),
            explanation=(
                f"{len(self.groups)} groups of policies on and off in {cells}: the effect of each "
                "alone, and its part in the effect of all by Shapley's rule; the sum of the parts "
                "is what all do together. Per cent of the outcome with no group on; the difference "
                f"is all together less the sum of each alone. Bars: {self.facts.bars}. "
                "Filled: distinguished from zero."
            ),
            foot=self.facts.made_by,
            columns=2,
        )

    def _s(self, outcome: str) -> str:
        """Return S for the head of a panel, or the excess where it is undefined."""
        s = self.of(outcome, "s")
        if math.isfinite(s.estimate):
            return f"S = {said(s)}"
        return f"S undefined; difference {self._pct(outcome, self.of(outcome, 'excess'))}"

    def _finding(self) -> str:
        """Say for which outcomes groups together do more or less than the sum, in one sentence."""
        if self.facts.replicates == 1:
            return "One replicate: whether groups resonate cannot be distinguished from chance"
        ways: dict[int, list[str]] = {1: [], -1: [], 0: []}
        for name in self.outcomes:
            ways[verdict(self.of(name, "excess"))].append(name_in_words(name))
        if sums := more_or_less(ways):
            return f"All groups together do {sums}"
        return "No resonance shown: all together differ from the sum by no more than chance"

    def _pct(self, outcome: str, value: Interval) -> str:
        return said(self.in_per_cent(outcome, value), "%")

    def _part(self, outcome: str, group: str) -> str:
        text = said(self.in_per_cent(outcome, self.of(outcome, "part", group)))
        share = self.of(outcome, "share", group).estimate
        return text if math.isnan(share) else f"{text}; {fmt.percent(share, 3)}"

    def _effect(self, outcome: str, quantity: str, term: str) -> str:
        found = self.of(outcome, quantity, term, cells=ALL_CELLS)
        text = said(self.in_per_cent(outcome, found))
        return f"{text} **null**" if found.includes_zero else text

    def _head(self) -> str:
        facts = self.facts
        cells = f"all {facts.points} combinations"
        if self.half:
            cells = f"{cells[4:]} (half of all, those with an even number of groups off)"
        return (
            f"Scenario {facts.base}: the policies of {len(self.groups)} groups of actors "
            f"({', '.join(self.groups)}) were switched on and off in {cells}, "
            f"{fmt.counted(facts.replicates, 'replicate')} each of the same draws. Outcomes are of "
            f"the whole region, {facts.years[0]}-{facts.years[1]}, in per cent of what they are "
            "with no group on; brackets hold 95 % intervals."
        )

    def _of_outcome(self, name: str) -> Iterator[str]:
        excess, s = self.of(name, "excess"), self.of(name, "s")
        yield (
            f"{capital(name_in_words(name))}: all groups together make a difference of "
            f"{self._pct(name, self.of(name, 'together'))}; what each does alone adds up to "
            f"{self._pct(name, self.of(name, 'alone'))}."
        )
        meaning = {
            1: "so that they reinforce each other (resonance)",
            -1: "so that they stand in each other's way",
            0: "which cannot be distinguished from zero: no resonance is shown",
        }[verdict(excess)]
        yield f"The difference of the two is {self._pct(name, excess)}, {meaning}."
        if math.isfinite(s.estimate):
            yield f"In proportion to the sum, S = {said(s)}."
        else:
            yield (
                "S, this difference in proportion to the sum, is undefined, as the sum itself is "
                "not known to be two standard errors from zero."
            )
        if self.facts.replicates > 1:
            yield from self._second(name)
            yield from self._parts(name)

    def _second(self, name: str) -> Iterator[str]:
        """Say what the other reading of the cells and the other scale show."""
        lack = self.of(name, "lack", cells="pairs")
        if not self.half:
            pairs = self._pct(name, self.of(name, "excess", cells="pairs"))
            yield f"In an account of all cells by groups and pairs, which is less noisy: {pairs}."
        if verdict(lack):
            yield (
                f"It misses part of the effect of all, by {self._pct(name, lack)}: three groups or "
                "more interact."
            )
        if (name, "log", self.cells, "excess", "") in self._values:
            log = self.of(name, "excess", scale="log")
            how = {1: "more than", -1: "less than", 0: "not distinguished from"}[verdict(log)]
            yield (
                f"As factors that multiply, all together is {how} the product of the single ones "
                f"({said(log.in_per_cent, '%')})."
            )

    def _parts(self, name: str) -> Iterator[str]:
        """Say who has which part in the effect of all, and which pairs do more than their sum."""
        shares, told = self._all_of(name, "share"), _told(self._all_of(name, "part"))
        if told and not self.of(name, "together").includes_zero:
            each = [f"{k} {said(shares[k].times(100.0), '%', sign=False)}" for k in told]
            rest = " (other parts cannot be distinguished from zero)" * (len(told) < len(shares))
            yield f"Of the effect of all, by Shapley's rule, {fmt.listed(each)}{rest}."
        else:
            yield "The effect of all, or every part in it, cannot be distinguished from zero."
        pairs = self._all_of(name, "pair", ALL_CELLS)
        most = [f"{k} ({self._pct(name, pairs[k].times(2.0))})" for k in _told(pairs)[:3]]
        if most:
            yield (
                f"Pairs whose joint effect differs from the sum of the two: {fmt.listed(most)}; of "
                f"{len(pairs)} pairs about {max(1, round(len(pairs) / 20))} would by chance."
            )

    def _moves(self, name: str) -> str:
        """Say how growth of the provinces moves together with all groups and with none."""
        correlation, gain, order, order_gain = (
            self.of(name, quantity, group, scale="growth", cells="run")
            for quantity in MOVING
            for group in (ALL_ON, GAIN)
        )
        return (
            f"Growth of {name_in_words(name)}: with all groups the provinces' yearly rates "
            f"correlate by {said(correlation, sign=False)}, {said(gain)} against no group; the "
            f"order of their phases, 1 for all in step, is {said(order, sign=False)} "
            f"({said(order_gain)})."
        )

    def _cautions(self) -> Iterator[str]:
        yield from self.facts.cautions()
        if self.facts.replicates > 1:
            yield (
                "Every interval is for itself: of many, one in twenty lacks zero by chance. "
                "Strengths of the policies are assumptions; other strengths have another S."
            )
        if self.half:
            yield (
                "With half of the combinations no group was run alone: single effects and S are of "
                "an account in which no three groups interact."
            )

    def _reading(self) -> str:
        own = "" if self.half else " Cells `run`: those of the definition;"
        return (
            "Raw values are in the unit of the outcome (money in 100 million yuan), log values "
            "differences of its natural logarithm. Excess: all together less the sum of the groups "
            f"alone; S: excess over that sum.{own} `pairs`: an account of all cells in which no "
            "three groups interact. Intervals: the wider one of Student's t over replicates and of "
            "the error pooled over all cells; of S, of two bootstraps."
        )


def verdict(found: Interval) -> int:
    """Return 1 for a value known to be above zero, -1 below, 0 where that is not known."""
    return 1 if found.low > 0.0 else -1 if found.high < 0.0 else 0


def _told(values: Mapping[str, Interval]) -> list[str]:
    """Return the names of values that are known not to be zero, the largest first."""
    told = [name for name, found in values.items() if verdict(found)]
    return sorted(told, key=lambda name: -abs(values[name].estimate))


def design(
    name_or_path: str | Path = SCENARIO,
    overrides: Overrides | None = None,
    *,
    groups: Mapping[str, Sequence[str]] | None = None,
    replicates: int = REPLICATES,
    half: bool = False,
    seed: int | None = None,
    allow_code: bool = False,
) -> Sweep:
    """Return the checked factorial.

    Arguments that all studies share are explained in `ydsim.studies.study`.

    Parameters
    ----------
    groups
        Names of policies by group; by default the six groups of actors, as far as the scenario has
        their policies. A policy in no group is on in all cells.
    half
        Run half of the cells, those with an even number of groups off. Interactions of three
        groups and more are then left out.

    Raises
    ------
    UsageError
        When groups do not fit the scenario.
    """
    half = arguments.flag("half", half)
    scenario = load_scenario(name_or_path, overrides, allow_code=allow_code)
    if groups is None:
        chosen = shipped_groups(scenario)
    elif isinstance(groups, Mapping):
        named = {arguments.text("groups", name): of for name, of in groups.items()}
        chosen = {name: tuple(arguments.texts("groups", of)) for name, of in named.items()}
    else:
        raise arguments.refuse("groups", "names of policies by group", groups)
    _require_groups(chosen, scenario, half=half)
    return sweep_of_study(
        name_or_path,
        overrides,
        name=f"{scenario.name[:60]}-interactions",
        description="Groups of policies on and off: what they do alone and together.",
        design={
            "kind": "factorial",
            "fraction": "half" if half else "full",
            "groups": {group: list(names) for group, names in chosen.items()},
        },
        replicates=replicates,
        seed=seed,
        allow_code=allow_code,
    )


def shipped_groups(scenario: Scenario) -> dict[str, tuple[str, ...]]:
    """Return the six groups of actors with those of their policies that the scenario has."""
    factors = {one.label: _policies_of(one.plain()) for one in load_sweep(SHIPPED).factors}
    found = {k: tuple(n for n in names if n in scenario.policies) for k, names in factors.items()}
    return {group: names for group, names in found.items() if names}


def _policies_of(factor: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the policies of a group from its factor as plain data; none for a switch."""
    off = factor["levels"][0].get("set", {})
    return tuple(off.get("policies", ()))


def _require_groups(chosen: Mapping[str, Sequence[str]], scenario: Scenario, *, half: bool) -> None:
    """Refuse groups that do not fit the scenario, too few of them, and half of an odd number."""
    for group, names in chosen.items():
        for name in names:
            if name not in scenario.policies:
                hint = suggestion(name, sorted(scenario.policies), "its policies are")
                raise UsageError(f"group {group}: {scenario.name} has no policy {name!r}{hint}")
    if len(chosen) < 2:
        raise UsageError(
            f"{scenario.name}: policies of two groups are needed, not {len(chosen)}; name your own "
            f"with --group NAME=POLICY,POLICY, or take {SCENARIO}"
        )
    if half and (len(chosen) <= LEAST_FOR_HALF or len(chosen) % 2):
        raise UsageError(
            "half of the combinations needs an even number of groups, 6 or more, not "
            f"{len(chosen)}: others mix pairs, or lack that with no group on; take all"
        )
    for group, names in chosen.items():
        start = min((scenario.policies[name].start or 0.0 for name in names), default=0.0)
        if start >= scenario.end + 1:
            raise UsageError(
                f"group {group}: its policies start in {start:.0f}, and the run ends in "
                f"{scenario.end}"
            )


def read(
    results: Results | str | Path,
    *,
    outcomes: Sequence[str] | None = None,
    years: tuple[int, int] | str | None = None,
) -> Interactions:
    """Return what a factorial of groups shows; ``outcomes`` as in all studies.

    Years are by default those from the start of the first policy of a group on.

    Raises
    ------
    UsageError
        When the results are those of another design.
    ResultsError
        When a table is missing, or no replicate is finished at every point.
    """
    import pandas as pd

    results = opened(results)
    on = groups_on(results)
    names = outcomes_of(results, outcomes, OUTCOMES)
    groups = {one["label"]: _policies_of(one) for one in results.manifest["spec"]["factors"]}
    moving = recorded(results, MOVE)
    span = parse_years(years) or _years_of(results, groups)
    values = values_of(results, list(dict.fromkeys([*names, *moving])), span)
    rows = [(k, *row) for k in names for row in rows_of(list(groups), on, values.outcome(k))]
    for name in moving:
        none, every = (values.of_provinces(name)[cell] for cell in _ends(on))
        rows += [(name, *row) for row in growth(every, none)]
    table = pd.DataFrame(
        [(*key, *astuple(found)) for *key, found in rows],
        columns=["outcome", *KEYS, "estimate", "low", "high"],
    )
    units = {k: str(card["unit"]) for k, card in results.manifest["indicators"].items()}
    ratio = table["quantity"].isin(["s", "share"]) | (table["scale"] == "growth")
    table = table.assign(
        place=values.places[0],
        p=math.nan,
        n=len(values.replicates),
        unit=table["outcome"].map(units).mask(table["scale"] == "log", "log").mask(ratio, "1"),
    )
    return Interactions(
        Facts.of(results, values.years, len(values.replicates)),
        table[[*COLUMNS, "unit", *KEYS]],
        groups,
        len(on) < 1 << len(groups),
    )


run = runner(design, read, require_asked)


def suits(results: Results) -> bool:
    """Tell whether results are runs of `design`, or of another factorial of groups."""
    return accepts(groups_on, results)


def groups_on(results: Results) -> Bools:
    """Return which groups are on at each point of a factorial, (points, groups).

    Raises
    ------
    UsageError
        When the results are those of another design.
    """
    kind, points = results.manifest["spec"].get("kind"), results.contents.points
    if kind != "factorial":
        raise UsageError(
            f"{results.name}: resonance needs a factorial of groups, and this is a {kind}; "
            "make one with `ydsim study interactions SCENARIO`"
        )
    on = np.array([points.columns[name] for name in points.factors], dtype=np.bool_).T
    if not ((~on).all(axis=1).any() and on.all(axis=1).any()):
        raise UsageError(
            f"{results.name}: has no combination in which no group is on, or none with all; half "
            "of an odd number of groups lacks one"
        )
    n_groups = on.shape[1]
    if len(on) < 1 << n_groups and n_groups < LEAST_FOR_HALF:
        raise UsageError(
            f"{results.name}: half of the cells of {n_groups} groups mixes their pairs; take all "
            f"cells, or {LEAST_FOR_HALF} groups"
        )
    return on


def _ends(on: Bools) -> tuple[int, int]:
    """Return the cells with no group and with all."""
    return int((~on).all(axis=1).argmax()), int(on.all(axis=1).argmax())


def _years_of(results: Results, groups: Mapping[str, Sequence[str]]) -> tuple[int, int]:
    """Return the years from the start of the first policy of a group on."""
    scenario = results.manifest["scenario"]
    first, last = int(scenario["start"]), int(scenario["end"])
    settings = [scenario["policies"].get(n) or {} for names in groups.values() for n in names]
    starts = [first if one.get("start") is None else math.floor(one["start"]) for one in settings]
    return min(max(first, min(starts, default=first)), last), last


Row = tuple[str, str, str, str, Interval]
"""Scale, cells, quantity and group of a value."""


def rows_of(groups: Sequence[str], on: Bools, y: Floats) -> Iterator[Row]:
    """Yield all quantities of one outcome.

    Parameters
    ----------
    on
        (n, K) which groups are on in each cell.
    y
        (n, R) outcomes. There are no logarithms where one is not positive.
    """
    for which, cell in zip(("none", "all"), _ends(on), strict=True):
        yield "raw", "run", which, "", Interval(float(y[cell].mean()), math.nan, math.nan)
    tables = {"run": own_weights(on)} if len(on) == 1 << len(groups) else {}
    tables["pairs"] = pair_weights(on)
    errors = {"raw": CellError.of(y)}
    if (y > 0.0).all():
        errors["log"] = CellError.of(np.log(y), logarithms=True)
    for scale, error in errors.items():
        for cells, table in tables.items():
            for row in _reading(groups, table, _ends(on), error):
                yield scale, cells, *row
    for term, weights in effect_weights(on).items():
        names = " x ".join(groups[k] for k in term)
        found = errors["raw"].of_sum(weights)
        yield "raw", ALL_CELLS, "effect" if len(term) == 1 else "pair", names, found


def _reading(
    groups: Sequence[str], table: Floats, ends: tuple[int, int], error: CellError
) -> Iterator[tuple[str, str, Interval]]:
    """Yield quantities of one outcome from weights (2^K, n) of cells in each set of groups."""
    single = table[[1 << k for k in range(len(groups))]] - table[0]
    alone, together, parts = single.sum(axis=0), table[-1] - table[0], shapley(table)
    seen = np.zeros(table.shape[1])
    seen[list(ends)] = -1.0, 1.0
    draws, picks = _draws(error.y.shape[1]), _picks(*error.y.shape)
    for name, weights in zip(groups, single, strict=True):
        yield "single", name, error.of_sum(weights)
    yield "alone", "", error.of_sum(alone)
    yield "together", "", error.of_sum(together)
    yield "excess", "", error.of_sum(together - alone)
    yield "s", "", error.bootstrap_ratio(together - alone, alone, draws, picks)
    yield "lack", "", error.of_sum(seen - together)
    for name, weights in zip(groups, parts, strict=True):
        yield "part", name, error.of_sum(weights)
    for name, weights in zip(groups, parts, strict=True):
        yield "share", name, error.of_ratio(weights, together)


def growth(with_all: Floats, with_none: Floats) -> Iterator[Row]:
    """Yield how yearly values (R, G, T) of provinces move together, with all groups and none."""
    measures = zip(_together(with_all), _together(with_none), strict=True)
    for quantity, least, (own, off) in zip(MOVING, (-1.0, 0.0), measures, strict=True):
        found, gain = mean_of(own), mean_of(without_rounding(off, own) - off)
        low, high = np.clip([found.low, found.high], least, 1.0).tolist()
        yield "growth", "run", quantity, ALL_ON, Interval(found.estimate, low, high)
        yield "growth", "run", quantity, GAIN, gain


def _together(values: Floats) -> tuple[Floats, Floats]:
    """Return the mean correlation and order of phases of growth of each replicate, (R,).

    The first and last year, where phases are least certain, are left out where others are there.
    """
    if not (values > 0.0).all():
        nothing = np.full(len(values), np.nan)
        return nothing, nothing
    logs = np.log(values)
    orders = [phase_order(one) for one in logs]
    inner = slice(1, -1) if len(orders[0]) > 2 else slice(None)
    correlation = np.array([co_movement(one) for one in logs])
    return correlation, np.array([one[inner].mean() if len(one) else np.nan for one in orders])


@lru_cache(maxsize=8)
def _draws(replicates: int) -> Floats:
    """Return even draws (B, R), the same ones at each call."""
    drawn: Floats = np.random.Generator(np.random.Philox(key=KEY)).random((RESAMPLES, replicates))
    return drawn


@lru_cache(maxsize=2)
def _picks(cells: int, replicates: int) -> Ints:
    """Return which residuals are drawn again, (B, n, R), the same ones at each call."""
    generator = np.random.Generator(np.random.Philox(key=KEY + 1))
    u = generator.random((RESAMPLES, cells, replicates), dtype=np.float32)
    count = cells * replicates
    picked: Ints = np.minimum((u * count).astype(np.int64), count - 1)
    return picked
