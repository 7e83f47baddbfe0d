"""Main drivers of the growth of exchange between provinces beyond that of the nation.

Growth g is in logs between two years t and T. What is recorded is a product of ratios, so that its
growth is a sum; of contracts with other provinces and of joint inventions across provinces

    Y = (Y / V) (V / W) (W / N) N
    J = (J / E) (E / I) I
    g(x) = ln(x_T / x_t)

Y recorded value sold to other provinces, V what is sold, recorded or not, 100m_rmb; W, N value and
number of all contracts that the region sells; J, E joint inventions completed, and expected when
partners are chosen; I all inventions; all a year. Y / V is the part that statistics know, and what
the growth of contracts in the model lacks in the official one (`ydsim.world.inputs`). Ratios
before V and E are those of the scenario as it is, later ones those of runs without policies.

Policies act on V and E. Each of K is run alone (g_k) and left out (g_-k), beside all (g_A) and none
(g_0), the same draws in each:

    part_k      = ((g_k - g_0) + (g_A - g_-k)) / 2
    interaction = g_A - g_0 - sum of part_k

No order of the policies enters. A part is Shapley's (1953) where no more than two policies
interact; the interaction is what three or more do together, and one or two policies have none.

Of the nation's technology market ln(value / number) is taken off g(W / N), and ln(number) off g(N).
Of joint inventions no figure of the nation is known, and nothing is taken off. Parts add up to the
growth beyond the nation's in every replicate; intervals are of means (`ydsim.measures.effects`).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import compress, pairwise
from pathlib import Path
from typing import Any, ClassVar, Final, NamedTuple

import numpy as np
import pandas as pd

from ydsim import arguments, fmt
from ydsim.design.sweep import Sweep
from ydsim.errors import UsageError
from ydsim.measures.effects import effect
from ydsim.record.indicators import name_in_words
from ydsim.results.cube import rows_of_runs
from ydsim.results.derived import OUTSIDE, links_inside, world_of
from ydsim.results.results import Results
from ydsim.scenario.changes import in_force
from ydsim.scenario.load import load_scenario, plain_scenario
from ydsim.scenario.read.extend import Overrides
from ydsim.scenario.schema.scenario import Scenario
from ydsim.studies import study
from ydsim.studies.study import Facts, Figure, Section, Study, by_outcome, intervals, with_interval
from ydsim.translation import gettext as _t
from ydsim.typing import Bools, Floats
from ydsim.wording import capital
from ydsim.world.world import World

SCENARIO = "baseline"
SCALE, REPLICATES = 0.05, 10
YEARS: Final = (2012, 2020)

CONTRACTS, JOINT = "contract_value_cross_province", "coinventions_interprovince"
INTERACTION, WHOLE = "interaction", "whole"
NATION: Final = ("tech_market_contract_value_output", "tech_market_contracts_output")
KINDS: Final = {
    "record": "recording",
    "policy": "policies",
    "price": "value of a contract",
    "rest": "the model without policies",
    WHOLE: "whole",
}


class Step(NamedTuple):
    """A quantity of a chain, and the part that its growth beyond that of the next one is."""

    quantity: str
    part: str
    kind: str


CHAINS: Final = {
    CONTRACTS: (
        Step(CONTRACTS, "recorded over sold", "record"),
        Step("value", "share with other provinces", "rest"),
        Step("contract_value_true", "value per contract", "price"),
        Step("contracts_true", "number of contracts", "rest"),
    ),
    JOINT: (
        Step(JOINT, "completed over expected", "record"),
        Step("expected", "share across provinces", "rest"),
        Step("inventions", "number of inventions", "rest"),
    ),
}
"""By outcome the quantities of its chain, the recorded one first."""

CAUTION = (
    "Parts are the main drivers of growth in the model; they do not prove what caused that of the "
    "region. Strengths of policies are assumptions (docs/policies.md). Intervals are not adjusted "
    "for the number of parts: one in twenty excludes zero by chance."
)


@dataclass(frozen=True, repr=False)
class Attribution(Study):
    """Main drivers of growth."""

    table: pd.DataFrame
    """One row a part, of each outcome that of the whole last.

    After the columns of all studies come ``part``, a policy or in words; ``kind``, one of `KINDS`;
    ``growth``, what the part adds to growth in the region, and ``nation``, what is taken off (NaN
    where no figure of the nation is known). ``estimate`` is their difference, in logs between the
    two years. Estimates of an outcome add up to that of the whole.
    """
    kinds: pd.DataFrame  # the same for all parts of a kind together, of which the whole is one
    policies: tuple[str, ...]  # that were switched off and on
    stem: ClassVar = "attribution"
    beside: ClassVar = ("kinds",)
    heading: ClassVar = "Main drivers of growth between provinces"

    @property
    def paragraphs(self) -> list[str]:
        """What was found, one paragraph an outcome, and what to keep in mind."""
        first, last = self.facts.years
        head = (
            f"Scenario {self.facts.base}: growth from {first} to {last}, in logs, of exchange "
            f"between provinces, split into parts that add up. Each of "
            f"{fmt.counted(len(self.policies), 'policy')} was run alone and left out, beside all "
            f"and none of them; {fmt.counted(self.facts.replicates, 'replicate')} of the same "
            "draws; brackets hold 95 % intervals."
        )
        found = [_of_outcome(name, own) for name, own in by_outcome(self.kinds)]
        return [head, *found, " ".join([*self.facts.cautions(), CAUTION])]

    @property
    def sections(self) -> list[Section]:
        """A table of each outcome."""
        found = []
        for name, own in by_outcome(self.table):
            shown = pd.DataFrame(
                {
                    "part": own["part"],
                    "of": own["kind"].map(KINDS),
                    "growth": own["growth"],
                    "nation": own["nation"],
                    "beyond the nation": intervals(own),
                }
            )
            found.append(Section.of(capital(name_in_words(name)), shown))
        return found

    def plot(self) -> Figure:
        """Return the figure: each part begins where the one above it ends."""
        from ydsim.plots.effects import draw_waterfall

        unit, of = _t("growth beyond the nation's, logs, {years}"), _t("growth, logs, {years}")
        heads = {
            name: (
                capital(name_in_words(name)),
                (of if own["nation"].isna().all() else unit).format(years=self.facts.span),
            )
            for name, own in by_outcome(self.table)
        }
        table = self.table.assign(label=self.table["part"], series=self.table["kind"].map(KINDS))
        note = _t("Each part begins where the one above it ends. Lines: {bars}.")
        note = note.format(bars=self.facts.bars)
        foot = self.facts.made_by
        return draw_waterfall(table, heads, title=self.title, note=note, foot=foot)


def _of_outcome(name: str, own: pd.DataFrame) -> str:
    """Say how much an outcome grew, and what of it each kind of part is."""
    rows: list[Any] = list(own.itertuples())
    *parts, whole = rows
    if math.isnan(whole.nation):
        text = _t(
            "{name} grew by a factor of {times}, {beyond} in logs; there is no national figure to "
            "subtract. Parts: {parts}."
        )
    else:
        text = _t(
            "{name} grew by a factor of {times}, {growth} in logs, and contracts of the nation by "
            "{nation}: the difference is {beyond}. Parts: {parts}."
        )
    return text.format(
        name=capital(name_in_words(name)),
        times=fmt.number(math.exp(whole.growth), 3),
        growth=fmt.number(whole.growth, 3, sign=True),
        nation=fmt.number(whole.nation, 3, sign=True),
        beyond=with_interval(whole),
        parts=fmt.listed(f"{row.part} {with_interval(row)}" for row in parts),
    )


def design(
    name_or_path: str | Path = SCENARIO,
    overrides: Overrides | None = None,
    *,
    years: tuple[int, int] | str | None = None,
    replicates: int = REPLICATES,
    seed: int | None = None,
    allow_code: bool = False,
) -> Sweep:
    """Return the checked runs: all policies in force in the years, none, each alone, each left out.

    Runs end with the last of ``years``, by default 2012 and 2020; the scale is .05 if none is
    given. UsageError when no policy of the scenario is in force in these years.
    """
    first, last = _ends(years) or YEARS
    scenario = load_scenario(name_or_path, overrides, allow_code=allow_code)
    study.require_years((first, last), scenario.start, scenario.end)
    policies = policies_in(scenario, first, last)
    if not policies:
        asked = _t(
            "{name}: no policy is in force in {first}-{last}, so that there is none to split"
        )
        raise UsageError(asked.format(name=scenario.name, first=first, last=last))
    points = [
        {"end": last}
        | {_key(name): scenario.policies[name].strength * (name in on) for name in policies}
        for on in _sets(policies)
    ]
    return study.sweep_of_study(
        name_or_path,
        study.left_free(overrides, points[0]),
        name=f"{scenario.name[:60]}-attribution",
        description="Policies alone and left out: main drivers of growth between provinces.",
        design={"kind": "list", "points": points},
        replicates=replicates,
        settings={"scale": SCALE},
        record={"ties": True, "tables": ["contracts"]},
        seed=seed,
        allow_code=allow_code,
    )


def policies_in(scenario: Scenario, first: int, last: int) -> list[str]:
    """Return the policies of a scenario that do something at some time in some years, by name."""
    return [
        name
        for name, one in in_force(plain_scenario(scenario)["policies"]).items()
        if one.get("start", first) < last + 1 and one.get("end", math.inf) > first
    ]


def _key(policy: str) -> str:
    return f"policies.{policy}.strength"


def _sets(policies: Sequence[str]) -> list[frozenset[str]]:
    """Return the sets of policies that are run: all, none, each alone, all but each."""
    every = frozenset(policies)
    alone = [frozenset([name]) for name in policies]
    return list(dict.fromkeys([every, frozenset(), *alone, *(every - one for one in alone)]))


def _ends(years: tuple[int, int] | str | None) -> tuple[int, int] | None:
    """Return the two years that are asked for; UsageError when they are no two years."""
    found = arguments.maybe_years("years", years)
    if found is not None and found[0] == found[1]:
        raise arguments.refuse("years", "two years, as in 2012:2020", years)
    return found


def read(
    results: Results | str | Path, *, years: tuple[int, int] | str | None = None
) -> Attribution:
    """Return what runs of `design` show between two years, by default 2012 and their last one.

    UsageError when a quantity of a chain is zero in a run, as in one of small scale.
    """
    results = study.opened(results)
    policies, on = _policies_on(results)
    of = results.scenario_at(0)
    start, end = int(of["start"]), int(of["end"])
    first, last = _ends(years) or (YEARS[0] if start <= YEARS[0] < end else start, end)
    study.require_years((first, last), start, end)
    world = world_of(results, "attribution")
    values = _values(results, world, (first, last))
    replicates = study.common_replicates(results, values)
    values = values[values.index.isin(replicates, level="replicate")]
    if not (values > 0.0).all(axis=None):
        name = values.columns[~(values > 0.0).all()][0]
        text = _t("{name} is zero in {first} or {last} of a run; take a larger scale")
        raise UsageError(text.format(name=name, first=first, last=last))
    growth = {}
    for name in map(str, values):
        yearly = values[name].unstack("year")
        growth[name] = np.log((yearly[last] / yearly[first]).unstack("replicate").to_numpy())
    region, parts, kinds = str(results.manifest["regions"][-1]), [], []
    for outcome, chain in CHAINS.items():
        nation = _nation(world, outcome, first, last)
        own = list(_parts(chain, growth, policies, on, nation))
        parts += [_row(outcome, region, *each) for each in own]
        for kind in KINDS:
            alike = [each for each in own if each[1] == kind]
            if alike:
                off = math.fsum(each[3] for each in alike)
                summed = np.sum([each[2] for each in alike], axis=0)
                kinds.append(_row(outcome, region, KINDS[kind], kind, summed, off))
    facts = Facts.of(results, (first, last), len(replicates))
    return Attribution(facts, pd.DataFrame(parts), pd.DataFrame(kinds), tuple(policies))


def _row(
    outcome: str, place: str, part: str, kind: str, growth: Floats, nation: float
) -> dict[str, Any]:
    """Return the row of a part, whose growth is by replicate, (R,)."""
    beyond = growth - np.nan_to_num(nation)
    return {
        "outcome": outcome,
        "place": place,
        **effect(np.zeros(len(growth)), beyond).row,
        "part": part,
        "kind": kind,
        "growth": float(growth.mean()),
        "nation": nation,
    }


run = study.runner(design, read)


def _policies_on(results: Results) -> tuple[list[str], Bools]:
    """Return the policies of a design, and which are on at each point, (points, policies)."""
    columns = results.contents.points.columns
    spans = [one.removeprefix("policies.").removesuffix(".strength") for one in columns]
    names = [name for name, key in zip(spans, columns, strict=True) if key == _key(name)]
    on = np.array([columns[_key(name)] for name in names], dtype=np.float64).T > 0.0
    if not names or {frozenset(compress(names, row)) for row in on} != set(_sets(names)):
        raise study.other_runs(results, "study attribution")
    return names, on


def _parts(
    chain: Sequence[Step],
    growth: dict[str, Floats],
    policies: Sequence[str],
    on: Bools,
    nation: dict[str, float],
) -> Iterator[tuple[str, str, Floats, float]]:
    """Yield part, kind, growth by replicate (R,) and what is taken off, the whole last.

    ``growth``: by quantity, (points, R), logs. ``on``: (points, policies).
    """
    every, none = (int(np.flatnonzero((on == full).all(axis=1))[0]) for full in (True, False))
    core = next(at for at, step in enumerate(chain) if step.kind != "record")
    lines = [growth[step.quantity] for step in chain]
    own = [*(line - after for line, after in pairwise(lines)), lines[-1]]
    unknown = math.nan if not nation else 0.0
    for step, line in zip(chain[:core], own, strict=False):
        yield step.part, step.kind, line[every], unknown
    made, left = lines[core], lines[core][every] - lines[core][none]
    for k, policy in enumerate(policies):
        alone, without = (
            int(np.flatnonzero((on == other).all(axis=1))[0])
            for other in (np.arange(len(policies)) == k, np.arange(len(policies)) != k)
        )
        part = (made[alone] - made[none] + made[every] - made[without]) / 2.0
        left = left - part
        yield policy, "policy", part, unknown
    if len(policies) > 2:
        yield INTERACTION, "policy", left, unknown
    for step, line in zip(chain[core:], own[core:], strict=True):
        yield step.part, step.kind, line[none], nation.get(step.quantity, unknown)
    yield WHOLE, WHOLE, lines[0][every], sum(nation.values()) if nation else unknown


def _nation(world: World, outcome: str, first: int, last: int) -> dict[str, float]:
    """Return what is taken off the growth of quantities by name; empty where nothing is known."""
    if outcome != CONTRACTS:
        return {}
    value, number = (
        math.log(series.at(last)[-1] / series.at(first)[-1]) if series is not None else math.nan
        for series in map(world.series.get, NATION)
    )
    known = not math.isnan(value + number)
    return {"contract_value_true": value - number, "contracts_true": number} if known else {}


def _values(results: Results, world: World, years: tuple[int, int]) -> pd.DataFrame:
    """Return quantities of all chains by point, replicate and year, in the two years."""
    keys = ["point", "replicate", "year"]
    recorded = [CONTRACTS, "contract_value_true", "contracts_true", JOINT, "inventions"]
    region = str(results.manifest["regions"][-1])
    frame = results.cube(recorded, places=[region], years=years).droplevel("place")
    contracts = results.table("contracts")
    crossing = contracts["seller"] != contracts["buyer"]
    for end in ("seller", "buyer"):
        crossing &= contracts[end] != OUTSIDE
    sums = contracts[crossing].groupby(keys)[["value"]].sum()
    joint = pd.concat(_joint(results, world, years)).merge(rows_of_runs(results, None), on="run")
    frame = frame.join(sums).join(joint.groupby(keys)["expected"].sum()).fillna(0.0)
    return frame[frame.index.isin(years, level="year")]


def _joint(results: Results, world: World, years: tuple[int, int]) -> Iterator[pd.DataFrame]:
    """Yield expected joint inventions of pairs of cities in two provinces, part by part."""
    wanted = ["year", "channel", "from_city", "to_city", "expected"]
    for at, columns in results.parts("ties", wanted):
        ties = pd.DataFrame({name: columns[name] for name in wanted}).assign(run=at)
        ties = ties[(ties["channel"] == "co-invention") & ties["year"].isin(years)]
        inside, *cities = links_inside(ties, world)
        ends = [world.city_province[each] for each in cities]
        yield inside.loc[ends[0] != ends[1], ["run", "year", "expected"]]
