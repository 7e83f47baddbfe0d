"""``ydsim decompose``: what each channel of a policy does alone, all together, and what is left.

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
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ydsim import arguments
from ydsim.analysis.alternatives import side_of
from ydsim.analysis.comparison import require_window, window_of
from ydsim.analysis.comparison_result import Row
from ydsim.analysis.counterfactual import require_policy
from ydsim.analysis.outcomes import Outcome, chosen
from ydsim.analysis.place_values import Reader
from ydsim.analysis.policy_changes import changes
from ydsim.analysis.study import Study
from ydsim.analysis.sweep_values import require_outcomes
from ydsim.design.load import sweep_of
from ydsim.errors import ResultsError, UsageError
from ydsim.measures.effects import (
    ROUNDING,
    Interval,
    effect,
    false_discovery,
    holm,
    without_rounding,
)
from ydsim.record.indicators import INDICATORS
from ydsim.results.results import Results
from ydsim.scenario.load import load_scenario
from ydsim.scenario.read.node import SET, Node, drop, find, plain
from ydsim.scenario.read.override import override_tree
from ydsim.typing import Floats
from ydsim.wording import suggestion
from ydsim.world.loader import load_world

if TYPE_CHECKING:
    import pandas as pd

    from ydsim.design.sweep import Sweep
    from ydsim.policies.base import Policy
    from ydsim.scenario.read.override import Overrides
    from ydsim.scenario.schema.scenario import Scenario

REPLICATES: Final = 5
REGION: Final = "region"
COST: Final = "cost"
"""Name of the part that is what the policy costs to run."""

VARIED: Final = ("strength", "channels", "cost")
"""Keys of the policy that differ between the runs."""

TOGETHER, SUM, INTERACTION = "together", "sum", "interaction"
"""Names of the rows beside those of the parts."""


@dataclass(frozen=True)
class Finding(Study):
    """What the channels of a policy do.

    Attributes
    ----------
    policy
        Its name in the scenario.
    parts
        Names of its channels, and ``cost`` where it costs something to run.
    place
        Where; ``region`` or a province.
    why_years
        Why these years.
    outcomes
        In their order.
    rows
        By outcome: a row a part, then ``together``, ``sum`` and ``interaction``.
    """

    policy: str
    parts: tuple[str, ...]
    place: str
    why_years: str
    outcomes: tuple[Outcome, ...]
    rows: tuple[Row, ...]

    def of(self, outcome: str) -> dict[str, Row]:
        """Return the rows of an outcome by part."""
        return {row.other: row for row in self.rows if row.outcome.name == outcome}

    @property
    def tests(self) -> int:
        """Number of tests over which Holm and false discovery correct."""
        return sum(not np.isnan(row.p_holm) for row in self.rows)

    @property
    def table(self) -> pd.DataFrame:
        """One row a part of an outcome.

        Columns ``policy, place, outcome, label, unit, part, n, base_mean, mean``, then ``effect``
        and ``per_cent`` each with ``_low`` and ``_high``, ``p, p_holm, q_fdr, significant``.
        ``mean`` is that with the part; of ``sum`` and ``interaction`` the base with them on top.
        NaN where there is none: no per cent of shares, no p by Holm of the sum.
        """
        import pandas as pd

        return pd.DataFrame([self._plain(row) for row in self.rows])

    def _plain(self, row: Row) -> dict[str, Any]:
        found = row.effect
        return {
            "policy": self.policy,
            "place": row.place,
            "outcome": row.outcome.name,
            "label": row.outcome.label,
            "unit": row.outcome.shown_unit,
            "part": row.other,
            "n": found.n,
            "base_mean": found.plain,
            "mean": found.changed,
            **_ends("effect", found.difference),
            **_ends("per_cent", row.per_cent),
            "p": found.p,
            "p_holm": row.p_holm,
            "q_fdr": row.q,
            "significant": row.significant,
        }


def _ends(name: str, interval: Interval) -> dict[str, float]:
    return {name: interval.estimate, f"{name}_low": interval.low, f"{name}_high": interval.high}


def design(
    name_or_path: str | Path,
    policy: str,
    overrides: Overrides | None = None,
    *,
    replicates: int = REPLICATES,
    seed: int | None = None,
    allow_code: bool = False,
) -> Sweep:
    """Return the checked runs; arguments as for `ydsim.decompose`.

    The first point has the policy at strength zero, the next ones have a part of it each, the last
    one is the scenario as it is.
    """
    text = arguments.path("name_or_path", name_or_path, "the name or path of a scenario")
    name = arguments.text("policy", policy, "the name of a policy")
    replicates = arguments.whole("replicates", replicates, 1, 100_000)
    tree = Node({}, SET, SET) if overrides is None else override_tree(overrides)
    scenario = load_scenario(text, plain(tree), allow_code=allow_code)
    require_policy(scenario, name)
    one = scenario.policies[name]
    every = list(_channels(one))
    points = [{"strength": 0.0, "channels": every, "cost": one.cost}]
    for part in parts_of(scenario, name):
        alone = {"channels": [], "cost": one.cost} if part == COST else {"channels": [part]}
        points.append({"strength": one.strength, "cost": 0.0, **alone})
    points.append({"strength": one.strength, "channels": every, "cost": one.cost})
    content = {
        "name": f"{scenario.name[:50]}-decompose-{name[:30]}",
        "description": f"Channels of the policy {name} one by one, and all together.",
        "base": text,
        "design": {
            "kind": "list",
            "points": [
                {f"policies.{name}.{key}": value for key, value in point.items()}
                for point in points
            ],
        },
        "replicates": replicates,
    }
    for key in VARIED:  # which the points have as the overrides say
        if len(find(tree, path := ("policies", name, key))[1]) == len(path):
            tree = drop(tree, path)
    return sweep_of(content, plain(tree), seed=seed, allow_code=allow_code)


def require(
    sweep: Sweep, outcomes: Sequence[str] | None, years: tuple[int, int] | None, place: str
) -> None:
    """Refuse what the runs of `design` will not have; arguments as for `ydsim.decompose`.

    Raises
    ------
    UsageError
        When there is no such outcome, year or place.
    """
    if outcomes is not None:
        require_outcomes(outcomes)
    if years is not None:
        require_window(years, sweep.base.start, sweep.base.end)
    if place != REGION:
        names = load_world(sweep.base.world).provinces
        _place(place, (*names, REGION), ("province",) * len(names) + (REGION,))
        for name in outcomes or ():
            if "province" not in INDICATORS[name].levels:
                raise UsageError(
                    f"outcome {name!r} is recorded for the region only, not for {place}"
                )


def parts_of(scenario: Scenario, name: str) -> tuple[str, ...]:
    """Return the parts of a policy that do something: channels, and what it costs to run.

    Raises
    ------
    UsageError
        When the policy has no channels, or acts in fewer than two parts.
    """
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
        way = f"set another of its keys, as with --set policies.{name}.level=0.3"
        if parts:
            way = "its effect is that of ydsim compare --policy"
        raise UsageError(f"policy {name!r} of {scenario.name} acts {acts}: {way}")
    return tuple(parts)


def _channels(policy: Policy) -> tuple[str, ...]:
    """Return the channels of a policy, in the order in which it can name them."""
    named = getattr(policy, "channels", policy.channel_names)
    return tuple(name for name in policy.channel_names if name in named)


def points_of(results: Results) -> tuple[str, tuple[str, ...]]:
    """Return the policy that runs of `ydsim decompose` take apart, and its parts in their order.

    Raises
    ------
    UsageError
        When the results are those of another design.
    """
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
        where = results.path or results.name
        raise UsageError(f"{where}: holds no runs of ydsim decompose") from None
    return names.pop(), parts


def finding_of(
    results: Results,
    *,
    outcomes: Sequence[str] | None = None,
    years: tuple[int, int] | None = None,
    place: str = REGION,
) -> Finding:
    """Return what the runs of `design` show; arguments as for `ydsim.decompose`.

    Raises
    ------
    UsageError
        When the results are those of another design, or an outcome, year or place is not there.
    ResultsError
        When no replicate is finished at every point.
    """
    policy, parts = points_of(results)
    last = len(parts) + 1
    base, every = side_of(results, 0), side_of(results, last)
    wanted = chosen("province", outcomes or (), results.manifest["indicators"])
    window, why = window_of(years, [base, every], [changes(base.scenario, every.scenario)])
    reader = Reader()
    values = [reader.values(results, point, "province", wanted) for point in range(last + 1)]
    common = values[0].replicates
    for one in values[1:]:
        common = np.intersect1d(common, one.replicates)
    if not len(common):
        raise ResultsError(f"{results.path or results.name}: no replicate is finished everywhere")
    at = _place(place, values[0].places, values[0].levels)
    rows: list[Row] = []
    for outcome in wanted:
        found = [one.over(outcome, *window, common)[:, at] for one in values]
        if all(np.isfinite(one).all() for one in found):
            rows += [
                Row(name, outcome, values[0].places[at], values[0].levels[at],
                    effect(found[0], changed, counted=outcome.counted))
                for name, changed in settings(found, parts).items()
            ]  # fmt: skip
    if not rows:
        names = ", ".join(one.name for one in wanted)
        raise UsageError(f"{names}: no values in {window[0]}-{window[1]}")
    there = tuple(one for one in wanted if any(row.outcome is one for row in rows))
    made = [[row for row in rows if row.outcome is one] for one in there]
    return Finding(
        **Study.facts(results, window, len(common), len(results.replicates) - len(common)),
        units={one.name: one.unit for one in there},
        means={
            one.name: (of[0].effect.plain, of[len(parts)].effect.changed)
            for one, of in zip(there, made, strict=True)
        },
        policy=policy,
        parts=parts,
        place=place,
        why_years=why,
        outcomes=there,
        rows=tuple(tested(rows)),
    )


def settings(found: Sequence[Floats], parts: Sequence[str]) -> dict[str, Floats]:
    """Return the values that are held against the base, by part and by what is made of all parts.

    Parameters
    ----------
    found
        (n,) values of the base, of each part, and of all together.
    parts
        Their names.
    """
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


def tested(rows: Sequence[Row]) -> list[Row]:
    """Return rows corrected for the number of tests; the sum of parts is no test of its own."""
    p = [float("nan") if row.other == SUM else row.effect.p for row in rows]
    corrected = zip(rows, holm(p).tolist(), false_discovery(p).tolist(), strict=True)
    return [
        Row(row.other, row.outcome, row.place, row.level, row.effect, p_holm, q)
        for row, p_holm, q in corrected
    ]


def _place(name: str, places: Sequence[str], levels: Sequence[str]) -> int:
    """Return the number of a place; ``region`` is the whole."""
    if name == REGION and REGION in levels:
        return list(levels).index(REGION)
    if name not in places:
        known = [REGION, *(p for p, level in zip(places, levels, strict=True) if level != REGION)]
        hint = suggestion(name, known, "places are")
        raise UsageError(f"no place of these runs is called {name!r}{hint}")
    return list(places).index(name)
