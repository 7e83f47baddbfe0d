"""``ydsim compare --by channel``: what each channel of a policy does alone, and all together.

With x_r the outcome of replicate r without the policy, y_kr with channel k of it alone, and y_r
with all of its channels, all under the same draws:

    alone_k     = mean (y_kr - x_r)
    together    = mean (y_r - x_r)
    sum         = mean sum_k (y_kr - x_r)
    interaction = mean (y_r - x_r - sum_k (y_kr - x_r))

Each is a mean over replicates and has the interval of a mean in pairs (`ydsim.measures.effects`).
The interaction is zero where channels add up; above zero all together do more than the sum. What
the policy costs to run is a part of its own, so that parts do not pay it again. Outcomes that are
logarithms add up as such, and their changes in per cent multiply.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import ClassVar, Final

import numpy as np
import pandas as pd

from ydsim import arguments, fmt
from ydsim.design.sweep import Sweep
from ydsim.errors import UsageError
from ydsim.measures.effects import ROUNDING, effect, without_rounding
from ydsim.policies.base import Policy
from ydsim.record.indicators import INDICATORS, outcomes_called, unit_in_brief
from ydsim.results.compare import Row, change_of, chosen, corrected, effect_on
from ydsim.results.cube import REGION, Outcome, place_called
from ydsim.results.results import Results
from ydsim.scenario.changes import changes
from ydsim.scenario.load import load_scenario
from ydsim.scenario.read.extend import Overrides
from ydsim.scenario.schema.scenario import Scenario
from ydsim.studies import study
from ydsim.studies.alternatives import alternative_of, window_of
from ydsim.studies.study import Facts, Figure, Section, Study
from ydsim.typing import Floats
from ydsim.wording import capital
from ydsim.world.loader import load_world

REPLICATES: Final = 5
COST: Final = "cost"  # name of the part that is what the policy costs to run

VARIED: Final = ("strength", "channels", "cost")  # keys of the policy that differ between the runs

TOGETHER, SUM, INTERACTION = "together", "sum", "interaction"
"""Names of the rows beside those of the parts."""

PANELS = 12  # most outcomes that are drawn

NAMES = {
    "exposure": "exposure to adopters",
    "joint_work": "joint work",
    "hand_over": "hand-overs",
    "talent": "moves of researchers",
    "knowledge": "knowledge that spills over",
    "cost": "what it costs to run",
    TOGETHER: "all together",
    SUM: "sum of each alone",
    INTERACTION: "interaction",
}


def in_words(part: str) -> str:
    """Return a part in words; that of a policy of the user's own as it is called."""
    return NAMES.get(part, part.replace("_", " "))


@dataclass(frozen=True, repr=False)
class Channels(Study):
    """What the channels of a policy do."""

    policy: str  # its name in the scenario
    parts: tuple[str, ...]  # names of its channels, and ``cost`` where it costs something to run
    place: str  # where; ``region`` or a province
    why_years: str  # why these years
    outcomes: tuple[Outcome, ...]  # in their order
    rows: tuple[Row, ...]
    """By outcome: a row a part, then ``together``, ``sum`` and ``interaction``."""

    stem: ClassVar = "channels"

    def of(self, outcome: str) -> dict[str, Row]:
        """Return the rows of an outcome by part."""
        return {row.alternative: row for row in self.rows if row.outcome.name == outcome}

    @property
    def tests(self) -> int:
        """Number of tests over which Holm and false discovery correct."""
        return sum(not np.isnan(row.p_holm) for row in self.rows)

    @property
    def table(self) -> pd.DataFrame:
        """One row a part of an outcome, as those of `ydsim.compare`; ``alternative`` is the part.

        ``mean`` is that with the part; of ``sum`` and ``interaction`` the base with them on top.
        NaN where there is none: no per cent of shares, no p by Holm of the sum.
        """
        return pd.DataFrame([{**row.as_dict(), "policy": self.policy} for row in self.rows])

    @property
    def title(self) -> str:
        """The policy and the scenario."""
        return f"Channels of {self.policy} in {self.facts.base}"

    @property
    def paragraphs(self) -> list[str]:
        """What was run, and what to keep in mind."""
        head = (
            f"{self._where()} ({self.why_years}): {fmt.counted(len(self.parts), 'part')} "
            f"({fmt.listed(map(in_words, self.parts))}), "
            f"{fmt.counted(self.facts.replicates, 'replicate')} of the same draws."
        )
        return [head, " ".join(self.facts.cautions())]

    @property
    def sections(self) -> list[Section]:
        """The table: a row a part of an outcome."""
        rows = [
            [
                f"{outcome.label} [{unit_in_brief(outcome.unit, outcome.name)}]",
                fmt.number(row.effect.plain),
                in_words(part),
                change_of(row),
                fmt.p_value(row.p_holm),
            ]
            for outcome in self.outcomes
            for part, row in self.of(outcome.name).items()
        ]
        head = ["outcome", "without", "part", "change", "Holm p"]
        note = (
            "Change in per cent of the run without the policy, of shares in percentage points, of "
            "stocks in the last year, in pairs of the same draws; in brackets 95 % intervals. (*) "
            f"the interval excludes zero; * it also does when all {self.tests} tests are counted "
            "(Holm). Interaction: all together less the sum of each alone."
        )
        return [Section("Parts", head, rows, (1, 4), note)]

    def plot(self) -> Figure:
        """Return the figure: a panel an outcome, a mark a part."""
        rows = [
            {
                "outcome": row.outcome.name,
                "label": in_words(row.alternative),
                "block": row.alternative in (TOGETHER, SUM, INTERACTION),
                **asdict(row.shown[0]),
                "sure": row.significant,
            }
            for row in self.rows
        ]
        heads = {
            one.name: (capital(one.label), f"change, {self.of(one.name)[TOGETHER].shown[1]}")
            for one in self.outcomes[:PANELS]
        }
        note = (
            f"{self._where()}. Change by each part alone, against the run without the policy; then "
            "all together, the sum of each alone, and their difference. Bars: "
            f"{self.facts.bars}. Filled: distinguishable from zero in {self.tests} tests (Holm)."
        )
        return self.forest(pd.DataFrame(rows), heads, note)

    def _where(self) -> str:
        where = "the region" if self.place == REGION else self.place
        return f"{self.policy} in {self.facts.base}, {where}, {self.facts.span}"


def design(
    name_or_path: str | Path,
    policy: str,
    overrides: Overrides | None = None,
    *,
    replicates: int = REPLICATES,
    seed: int | None = None,
    allow_code: bool = False,
) -> Sweep:
    """Return the checked runs.

    ``policy``: one of the scenario that has `channels`; those that it names are run one by one. The
    first point has the policy at strength zero, the next ones have a part of it each, the last one
    is the scenario as it is.
    """
    policy = arguments.text("policy", policy, "the name of a policy")
    scenario = load_scenario(name_or_path, overrides, allow_code=allow_code)
    study.require_policy(scenario, policy)
    one = scenario.policies[policy]
    every = {"channels": list(_channels(one)), "cost": one.cost}
    alone = [
        {**every, "channels": []} if part == COST else {"channels": [part], "cost": 0.0}
        for part in _parts_of(scenario, policy)
    ]
    values = [{"strength": 0.0, **every}]
    values += [{"strength": one.strength, **each} for each in (*alone, every)]
    points = [{f"policies.{policy}.{k}": value for k, value in each.items()} for each in values]
    return study.sweep_of_study(
        name_or_path,
        study.left_free(overrides, points[0]),
        name=f"{scenario.name[:50]}-channels-{policy[:30]}",
        description=f"Channels of the policy {policy} one by one, and all together.",
        design={"kind": "list", "points": points},
        replicates=replicates,
        settings={},
        seed=seed,
        allow_code=allow_code,
    )


def require(
    sweep: Sweep,
    outcomes: Sequence[str] | None = None,
    years: tuple[int, int] | str | None = None,
    place: str = REGION,
) -> None:
    """Refuse what the runs of `design` will not have; arguments and errors as for `read`."""
    study.require_asked(sweep, outcomes, years)
    if place_called(place, REGION, load_world(sweep.base.world).provinces)[1] == REGION:
        return
    for name in outcomes_called(outcomes or []):
        if "province" not in INDICATORS[name].levels:
            raise UsageError(f"outcome {name!r} is recorded for the region only, not for {place}")


def _parts_of(scenario: Scenario, name: str) -> tuple[str, ...]:
    """Return the parts of a policy that do something: channels, and what it costs to run."""
    policy = scenario.policies[name]
    if not policy.channel_names:
        able = [n for n, other in scenario.policies.items() if other.channel_names]
        hint = f"; those of {scenario.name} that have are {', '.join(able)}" if able else ""
        raise UsageError(f"policy {name!r} has no channels to compare{hint}")
    parts = [
        channel
        for channel in _channels(policy)
        if policy.model_copy(update={"channels": (channel,)}).written()
    ]
    parts += [COST] * (policy.cost > 0.0)
    if len(parts) < 2:
        acts = f"in {parts[0]} alone" if parts else "in no channel"
        raise UsageError(
            f"policy {name!r} of {scenario.name} acts {acts}: compare it with ydsim compare "
            f"--policy, or set another of its keys, as with --set policies.{name}.level=0.3"
        )
    return tuple(parts)


def _channels(policy: Policy) -> tuple[str, ...]:
    """Return the channels of a policy, in the order in which it can name them."""
    named = getattr(policy, "channels", policy.channel_names)
    return tuple(name for name in policy.channel_names if name in named)


def _points_of(results: Results) -> tuple[str, tuple[str, ...]]:
    """Return the policy whose channels were run one by one, and its parts in their order."""
    points = results.contents.points
    keys = [key for key in points.factors if key.startswith("policies.")]
    names = {key.split(".")[1] for key in keys}
    wanted = [f"policies.{name}.{key}" for name in names for key in VARIED]
    try:
        if len(names) != 1 or set(points.factors) != set(wanted) or len(points) < 4:
            raise ValueError
        strength, texts, _ = (points.columns[key].tolist() for key in wanted)
        channels = [json.loads(text) for text in texts]
        parts = tuple(COST if not of else str(of[0]) for of in channels[1:-1])
        alone = all(len(of) <= 1 for of in channels[1:-1])
        if strength[0] != 0.0 or 0.0 in strength[1:] or not alone or channels[0] != channels[-1]:
            raise ValueError
    except (TypeError, ValueError, IndexError):
        raise study.other_runs(results, "compare --by channel") from None
    return names.pop(), parts


suits = partial(study.accepts, _points_of)  # whether results are runs of `design`


def read(
    results: Results | str | Path,
    *,
    outcomes: Sequence[str] | None = None,
    years: tuple[int, int] | str | None = None,
    place: str = REGION,
) -> Channels:
    """Return what the runs of `design` show.

    ``outcomes`` and ``years`` are by default those of `ydsim.compare` by province; ``place`` is
    ``"region"``, or a province.
    """
    results = study.opened(results)
    policy, parts = _points_of(results)
    base, whole = (alternative_of(results, point) for point in (0, len(parts) + 1))
    names = outcomes_called(outcomes or [])
    wanted = chosen("province", names, results.manifest["indicators"])
    differing = changes(base.scenario, whole.scenario)
    window, why = window_of(arguments.maybe_years("years", years), [base, whole], [differing])
    *provinces, region = map(str, results.manifest["regions"])
    _, where = place_called(place, region, provinces)
    asked_for = [one.name for one in wanted]
    cube = results.cube(asked_for, places=[where], years=window, reduce="period")
    common = study.common_replicates(results, cube)
    level = REGION if where == region else "province"
    rows: list[Row] = []
    for outcome in wanted:
        by_point = cube[outcome.name].droplevel("place").unstack("point").loc[common]
        found = list(outcome.factor * by_point.to_numpy().T)
        if np.isfinite(found).all():
            for part, changed in _parts_and_rest(found, parts).items():
                if part in (SUM, INTERACTION):  # made of differences, no pair of runs
                    gap = effect(found[0], changed, counted=outcome.counted)
                else:
                    gap = effect_on(outcome, found[0], changed)
                rows.append(Row(part, outcome, where, level, gap))
    if not rows:
        raise UsageError(f"{', '.join(asked_for)}: no values in {window[0]}-{window[1]}")
    there = tuple(dict.fromkeys(row.outcome for row in rows))
    facts = Facts.of(results, window, len(common))
    return Channels(facts, policy, parts, place, why, there, tuple(corrected(rows, apart=SUM)))


run = study.runner(design, read, require)


def _parts_and_rest(found: Sequence[Floats], parts: Sequence[str]) -> dict[str, Floats]:
    """Return values (n,) of parts and of what is made of them, from base, each part and all."""
    base = found[0]
    alone = [without_rounding(base, one) for one in found[1:-1]]
    together = without_rounding(base, found[-1])
    added: Floats = np.sum([one - base for one in alone], axis=0)
    return {
        **dict(zip(parts, alone, strict=True)),
        TOGETHER: together,
        SUM: without_rounding(base, base + added),
        INTERACTION: np.where(
            np.abs(together - added - base) <= len(found) * ROUNDING * np.abs(base),
            base,  # each of the values is rounded
            together - added,
        ),
    }
