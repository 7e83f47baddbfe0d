"""Whether groups of policies achieve more together than the sum of what each achieves alone.

Groups are on and off in all combinations; a group that is off has its policies at strength 0.

    excess = E[Y_all - Y_0] - sum_k E[Y_k - Y_0],   S = excess / sum_k E[Y_k - Y_0]

with the parts of the groups in the effect of all by Shapley; equations, symbols, errors and the
rule when S (resonance) is undefined are in `ydsim.measures.designs`. The interval of a difference
or a share is the wider one of Student's t over replicates and of the error pooled over all cells,
that of S the wider one of two bootstraps.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, astuple, dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from ydsim import arguments, fmt
from ydsim.design.load import load_sweep
from ydsim.design.sweep import Sweep
from ydsim.errors import UsageError
from ydsim.measures.designs import CellError, effect_weights, own_weights, shapley
from ydsim.measures.effects import MIN_REPLICATES, Interval
from ydsim.record.indicators import name_in_words
from ydsim.results.results import Results
from ydsim.scenario.load import load_scenario
from ydsim.scenario.read.extend import Overrides
from ydsim.scenario.schema.scenario import Scenario
from ydsim.studies import study
from ydsim.studies.study import COLUMNS, Figure, Section, Study, with_interval
from ydsim.typing import Bools, Floats, Ints
from ydsim.wording import capital, suggestion

SHIPPED = "actor_groups"  # the sweep whose groups are taken where none are given

SCENARIO = "six_actor_community"
REPLICATES = 3
OUTCOMES = (
    "launches",
    "rd_funds_enterprise",
    "coinventions_interprovince",
    "contract_value_cross_province",
    "value_added_secondary",
)
RESAMPLES = 4000
KEY = 20_11  # key of the generator of the bootstrap, the same at each call

MOST_GROUPS = 10  # groups up to which all combinations are run

CAUTION = (
    "Intervals are not adjusted for their number: one in twenty excludes zero by chance. Strengths "
    "of the policies are assumptions, and S changes with them. Effects that multiply exceed their "
    "sum."
)
SUMS = {"alone": "sum of groups alone", "together": "all together", "excess": "excess", "s": "S"}


@dataclass(frozen=True, repr=False)
class Interactions(Study):
    """What groups do alone and together."""

    table: pd.DataFrame
    """One row a quantity.

    After the columns of all studies come ``unit, quantity, group``. Quantities: ``none`` and
    ``all`` (means); ``single`` (effect of a group alone), ``alone`` (their sum), ``together``
    (effect of all groups at once), ``excess`` (the second less the first), ``s`` (excess over the
    sum), ``part`` and ``share`` (Shapley's, in the effect of all); ``effect`` and ``pair`` (over
    all cells). Unit ``1`` for ratios. A value that is undefined is NaN.
    """
    groups: dict[str, tuple[str, ...]]  # policies by group
    stem: ClassVar = "interactions"
    heading: ClassVar = "Alone and together"

    @property
    def outcomes(self) -> list[str]:
        """Outcomes in their order."""
        return [str(name) for name in self.table["outcome"].unique()]

    @cached_property
    def _values(self) -> dict[tuple[str, str, str], Interval]:
        rows = self.table[["outcome", "quantity", "group", "estimate", "low", "high"]]
        return {(k, q, g): Interval(*ends) for k, q, g, *ends in rows.itertuples(index=False)}

    def of(self, outcome: str, quantity: str, group: str = "") -> Interval:
        """Return a value of the table."""
        return self._values[outcome, quantity, group]

    def in_per_cent(self, outcome: str, value: Interval) -> Interval:
        """Return a difference in per cent of the outcome with no group on."""
        none = self.of(outcome, "none").estimate
        return value.times(100.0 / abs(none)) if none else value

    @property
    def paragraphs(self) -> list[str]:
        """What was found, one paragraph an outcome, and what to keep in mind."""
        return [
            self._head(),
            f"In short: {self._finding()}.",
            *map(self._of_outcome, self.outcomes),
            " ".join([*self.facts.cautions(), CAUTION]),
        ]

    @property
    def sections(self) -> list[Section]:
        """Sums of the groups with all together, the groups' parts, and effects over all cells."""
        names, head = self.outcomes, list(map(name_in_words, self.outcomes))
        sums = [
            [word, with_interval(self.of(name, "none"), sign=False)]
            + [with_interval(self.of(name, quantity)) for quantity in SUMS]
            for name, word in zip(names, head, strict=True)
        ]
        parts = [
            [group, ", ".join(policies), *(self._cell(name, "part", group) for name in names)]
            for group, policies in self.groups.items()
        ]
        terms = [key[1:] for key in self._values if key[1] in ("effect", "pair")]
        effects = [
            [term, *(self._cell(name, quantity, term) for name in names)]
            for quantity, term in dict.fromkeys(terms)
        ]
        unit = "In per cent of the outcome with no group on, with 95 % intervals"
        return [
            Section(
                "Sum of the groups and all together",
                ["outcome", "none", *SUMS.values()],
                sums,
                (1,),
                "In the unit of the outcome (money in 100 million yuan). Excess: all together less "
                "the sum of the groups alone; S: excess over that sum, undefined where the sum is "
                "within two standard errors of zero. Intervals: the wider one of Student's t over "
                "replicates and of the error pooled over all cells; of S, of two bootstraps.",
            ),
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
        rows = [
            {
                "outcome": name,
                "label": group or "sum of the groups",
                "series": series,
                "block": int(not group),
                **asdict(self.in_per_cent(name, self.of(name, quantity, group))),
            }
            for name in self.outcomes
            for group in (*self.groups, "")
            for series, quantity in (
                ("part in the effect of all", "part" if group else "together"),
                ("effect of the group alone", "single" if group else "alone"),
            )
        ]
        heads = {name: (capital(name_in_words(name)), self._s(name)) for name in self.outcomes}
        note = (
            f"{len(self.groups)} groups of policies on and off in all combinations: the effect of "
            "each alone, and its part in the effect of all (Shapley). Per cent of the outcome with "
            f"no group on. Bars: {self.facts.bars}. Filled: distinguished from zero."
        )
        return self.forest(pd.DataFrame(rows), heads, note, columns=2)

    def _s(self, outcome: str) -> str:
        s = self.of(outcome, "s")
        return f"S = {with_interval(s)}" if math.isfinite(s.estimate) else "S undefined"

    def _finding(self) -> str:
        """Say for which outcomes groups together do more or less than the sum, in one sentence."""
        if self.facts.replicates < MIN_REPLICATES:
            return "Whether groups resonate cannot be distinguished from chance"
        told = []
        for way, more in ((1, "more"), (-1, "less")):
            names = [n for n in self.outcomes if verdict(self.of(n, "excess")) == way]
            if names:
                message = fmt.listed(map(name_in_words, names))
                told.append(f"{more} than the sum for {message}")
        if told:
            return f"All groups together do {'; '.join(told)}"
        return "No resonance shown: all together differ from the sum by no more than chance"

    def _pct(self, outcome: str, value: Interval) -> str:
        return with_interval(self.in_per_cent(outcome, value), "%")

    def _cell(self, outcome: str, quantity: str, group: str) -> str:
        found = self.of(outcome, quantity, group)
        text = with_interval(self.in_per_cent(outcome, found))
        if quantity == "part":
            share = self.of(outcome, "share", group).estimate
            return text if math.isnan(share) else f"{text}; {fmt.percent(share, 3)}"
        return f"{text} **null**" if found.includes_zero else text

    def _head(self) -> str:
        facts = self.facts
        return (
            f"Scenario {facts.base}: the policies of {len(self.groups)} groups of actors "
            f"({', '.join(self.groups)}) were switched on and off in all {facts.points} "
            f"combinations, {fmt.counted(facts.replicates, 'replicate')} each of the same draws. "
            f"Outcomes are of the whole region, {facts.span}, in per cent of "
            "what they are with no group on; brackets hold 95 % intervals."
        )

    def _of_outcome(self, name: str) -> str:
        excess = self.of(name, "excess")
        meaning = {
            1: "they reinforce each other (resonance)",
            -1: "they stand in each other's way",
            0: "this cannot be distinguished from zero, and no resonance is shown",
        }[verdict(excess)]
        return (
            f"{capital(name_in_words(name))}: all groups together make a difference of "
            f"{self._pct(name, self.of(name, 'together'))}; what each does alone adds up to "
            f"{self._pct(name, self.of(name, 'alone'))}. The difference of the two is "
            f"{self._pct(name, excess)}: {meaning}. In proportion to the sum, {self._s(name)}."
        )


def verdict(found: Interval) -> int:
    """Return 1 for a value known to be above zero, -1 below, 0 where that is not known."""
    return 1 if found.low > 0.0 else -1 if found.high < 0.0 else 0


def design(
    name_or_path: str | Path = SCENARIO,
    overrides: Overrides | None = None,
    *,
    groups: Mapping[str, Sequence[str]] | None = None,
    replicates: int = REPLICATES,
    seed: int | None = None,
    allow_code: bool = False,
) -> Sweep:
    """Return the checked factorial.

    ``groups``: names of policies by group; by default the six groups of actors, as far as the
    scenario has their policies. A policy in no group is on in all cells.
    """
    scenario = load_scenario(name_or_path, overrides, allow_code=allow_code)
    if groups is None:
        chosen = shipped_groups(scenario)
    elif isinstance(groups, Mapping):
        named = {arguments.text("groups", name): of for name, of in groups.items()}
        chosen = {name: tuple(arguments.texts("groups", of)) for name, of in named.items()}
    else:
        raise arguments.refuse("groups", "names of policies by group", groups)
    _require_groups(chosen, scenario, arguments.whole("replicates", replicates, 1))
    return study.sweep_of_study(
        name_or_path,
        overrides,
        name=f"{scenario.name[:60]}-interactions",
        description="Groups of policies on and off: what they do alone and together.",
        design={
            "kind": "factorial",
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
    flat = [key.split(".")[1] for key in off if key.startswith("policies.")]
    return tuple(dict.fromkeys([*flat, *off.get("policies", ())]))  # nested up to version 0.16


def _require_groups(
    chosen: Mapping[str, Sequence[str]], scenario: Scenario, replicates: int
) -> None:
    """Refuse groups that do not fit the scenario, too few of them and too many."""
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
    if len(chosen) > MOST_GROUPS:
        raise UsageError(
            f"{len(chosen)} groups are {replicates * 2 ** len(chosen)} runs in all combinations; "
            f"take at most {MOST_GROUPS} groups"
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
    """
    results = study.opened(results)
    on = _groups_on(results)
    groups = {one["label"]: _policies_of(one) for one in results.manifest["spec"]["factors"]}
    window = arguments.maybe_years("years", years) or _years_of(results, groups)
    facts, values = study.values_of(results, outcomes, window, OUTCOMES)
    table = pd.DataFrame(
        [
            (name, quantity, group, *astuple(found))
            for name, y in values.items()
            for quantity, group, found in _rows_of(list(groups), on, y)
        ],
        columns=["outcome", "quantity", "group", "estimate", "low", "high"],
    )
    units = {k: str(card["unit"]) for k, card in results.manifest["indicators"].items()}
    table = table.assign(
        place=str(results.manifest["regions"][-1]),
        p=math.nan,
        n=facts.replicates,
        unit=table["outcome"].map(units).mask(table["quantity"].isin(["s", "share"]), "1"),
    )
    return Interactions(facts, table[[*COLUMNS, "unit", "quantity", "group"]], groups)


require = study.require_asked
run = study.runner(design, read, require)


def _groups_on(results: Results) -> Bools:
    """Return which groups are on at each point of a factorial, (points, groups)."""
    kind, points = results.manifest["spec"].get("kind"), results.contents.points
    if kind != "factorial":
        raise UsageError(
            f"{results.name}: resonance needs a factorial of groups, and this is a {kind}; "
            "make one with `ydsim study interactions SCENARIO`"
        )
    on = np.array([points.columns[name] for name in points.factors], dtype=np.bool_).T
    if len(on) < 1 << on.shape[1]:
        raise UsageError(
            f"{results.name}: has {len(on)} of the {1 << on.shape[1]} combinations of its groups; "
            "resonance needs all"
        )
    return on


suits = partial(study.accepts, _groups_on)  # whether results are runs of `design`


def _years_of(results: Results, groups: Mapping[str, Sequence[str]]) -> tuple[int, int]:
    """Return the years from the start of the first policy of a group on."""
    scenario = results.manifest["scenario"]
    first, last = int(scenario["start"]), int(scenario["end"])
    settings = [scenario["policies"].get(n) or {} for names in groups.values() for n in names]
    starts = [first if one.get("start") is None else math.floor(one["start"]) for one in settings]
    return min(max(first, min(starts, default=first)), last), last


def _rows_of(groups: Sequence[str], on: Bools, y: Floats) -> Iterator[tuple[str, str, Interval]]:
    """Yield all quantities of one outcome (2^K, R), each with its group; ``on`` is (2^K, K)."""
    error, table = CellError.of(y), own_weights(on)
    single = table[[1 << k for k in range(len(groups))]] - table[0]
    alone, together, parts = single.sum(axis=0), table[-1] - table[0], shapley(table)
    for quantity, cell in (("none", ~on.any(axis=1)), ("all", on.all(axis=1))):
        yield quantity, "", Interval(float(y[cell].mean()), math.nan, math.nan)
    for name, weights in zip(groups, single, strict=True):
        yield "single", name, error.of_sum(weights)
    yield "alone", "", error.of_sum(alone)
    yield "together", "", error.of_sum(together)
    yield "excess", "", error.of_sum(together - alone)
    yield "s", "", error.bootstrap_ratio(together - alone, alone, *_draws(*y.shape))
    for name, weights in zip(groups, parts, strict=True):
        yield "part", name, error.of_sum(weights)
    for name, weights in zip(groups, parts, strict=True):
        yield "share", name, error.of_ratio(weights, together)
    for term, weights in effect_weights(on).items():
        names = " x ".join(groups[k] for k in term)
        yield "effect" if len(term) == 1 else "pair", names, error.of_sum(weights)


def _draws(cells: int, replicates: int) -> tuple[Floats, Ints]:
    """Return even draws (B, R), and which residuals are drawn again (B, n, R): always the same."""
    even: Floats = np.random.Generator(np.random.Philox(key=KEY)).random((RESAMPLES, replicates))
    generator = np.random.Generator(np.random.Philox(key=KEY + 1))
    u = generator.random((RESAMPLES, cells, replicates), dtype=np.float32)
    count = cells * replicates
    return even, np.minimum((u * count).astype(np.int64), count - 1)
