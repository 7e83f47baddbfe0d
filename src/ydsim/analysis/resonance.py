"""``ydsim resonance``: groups of actors on and off in all combinations, through the sweep engine.

The sweep is a factorial of groups of policies; a group that is off has its policies at strength 0.
What is computed of its runs is in `ydsim.analysis.joint`, the words and the page are in
`ydsim.pages.resonance`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ydsim import arguments
from ydsim.analysis.cells import LEAST_FOR_HALF, cells_of
from ydsim.analysis.joint import Joint, Moving, effects, joints, moving
from ydsim.analysis.study import Study, row
from ydsim.analysis.sweep_values import recorded, require_outcomes, yearly
from ydsim.design.load import load_sweep, sweep_of
from ydsim.errors import UsageError
from ydsim.measures.effects import Interval
from ydsim.results.results import Results
from ydsim.scenario.load import load_scenario
from ydsim.wording import suggestion

if TYPE_CHECKING:
    import pandas as pd

    from ydsim.design.sweep import Sweep
    from ydsim.scenario.read.override import Overrides
    from ydsim.scenario.schema.scenario import Scenario

SHIPPED = "actor_groups"
"""The sweep whose groups are taken where none are given."""

SCENARIO = "six_actor_community"
SCALE, REPLICATES = 0.02, 3
OUTCOMES = (
    "launches",
    "rd_funds_enterprise",
    "coinventions_interprovince",
    "contract_value_cross_province",
    "value_added_secondary",
)
MOVE = ("value_added_secondary", "launches")
"""Indicators whose growth may move together."""


@dataclass(frozen=True)
class Finding(Study):
    """What groups do alone and together.

    Attributes
    ----------
    groups
        Policies by group.
    half
        Half of the cells was run.
    joints
        By outcome, all readings of it; the definition's first.
    effects
        By outcome, effects of groups and interactions of two, over all cells.
    moving
        How the provinces' growth moves together.
    """

    groups: dict[str, tuple[str, ...]]
    half: bool
    joints: dict[str, list[Joint]]
    effects: dict[str, dict[tuple[str, ...], Interval]]
    moving: list[Moving]

    @property
    def table(self) -> pd.DataFrame:
        """One row a quantity.

        Columns ``outcome, unit, scale, cells, quantity, group, value, low, high``, then ``n``
        (replicates) and ``first, last`` (years that count).
        Quantities: ``none`` and ``all`` (means); ``single`` (a group alone), ``alone`` (their sum),
        ``together``, ``excess``, ``s``, ``lack``, ``part``, ``share`` (see
        `ydsim.analysis.joint.Joint`); ``effect`` and ``pair`` (over all cells); ``co_movement``,
        ``phase_order`` and their gains over no group. Unit ``1`` for ratios; of ``log`` it is
        ``log``. A value that is undefined is NaN.
        """
        import pandas as pd

        first, last = self.years
        return pd.DataFrame(self._rows()).assign(n=self.replicates, first=first, last=last)

    def _rows(self) -> list[dict[str, Any]]:
        rows = []
        for name, unit in self.units.items():
            for which, mean in zip(("none", "all"), self.means[name], strict=True):
                rows.append(row(name, unit, "raw", "run", which, "", mean))
            for one in self.joints[name]:
                head = (name, unit if one.scale == "raw" else "log", one.scale, one.cells)
                ratio = (name, "1", one.scale, one.cells)
                rows += [row(*head, "single", k, v) for k, v in one.single.items()]
                rows.append(row(*head, "alone", "", one.alone))
                rows.append(row(*head, "together", "", one.together))
                rows.append(row(*head, "excess", "", one.excess))
                rows.append(row(*ratio, "s", "", one.s))
                rows.append(row(*head, "lack", "", one.lack))
                rows += [row(*head, "part", k, v) for k, v in one.parts.items()]
                rows += [row(*ratio, "share", k, v) for k, v in one.shares.items()]
            for names, found in self.effects[name].items():
                which = "effect" if len(names) == 1 else "pair"
                rows.append(row(name, unit, "raw", "all cells", which, " x ".join(names), found))
        for move in self.moving:
            growth = (move.outcome, "1", "growth", "run")
            rows.append(row(*growth, "co_movement", "all on", move.correlation))
            rows.append(row(*growth, "co_movement", "all on less none", move.correlation_gain))
            rows.append(row(*growth, "phase_order", "all on", move.order))
            rows.append(row(*growth, "phase_order", "all on less none", move.order_gain))
        return rows


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
    """Return the checked factorial; arguments as for `ydsim.resonance`."""
    text = arguments.path("name_or_path", name_or_path, "the name or path of a scenario")
    replicates = arguments.whole("replicates", replicates, 1, 10_000)
    half = arguments.flag("half", half)
    scenario = load_scenario(text, overrides, allow_code=allow_code)
    chosen = dict(groups) if groups is not None else shipped_groups(scenario)
    for group, names in chosen.items():
        for name in names:
            if name not in scenario.policies:
                hint = suggestion(name, sorted(scenario.policies), "its policies are")
                raise UsageError(f"group {group}: {scenario.name} has no policy {name!r}{hint}")
    if groups is not None and len(chosen) < 2:
        raise UsageError("a single group has nobody to resonate with: name another with --group")
    if len(chosen) < 2:
        raise UsageError(
            f"{scenario.name}: has policies of {len(chosen)} of the six groups of actors, and two "
            "are needed; name your own with --group NAME=POLICY,POLICY, or take "
            f"{SCENARIO}"
        )
    if half and (len(chosen) <= LEAST_FOR_HALF or len(chosen) % 2):
        raise UsageError(
            "half of the combinations needs an even number of groups, 6 or more, not "
            f"{len(chosen)}: others mix pairs, or lack that with no group on; take all"
        )
    for group, names in chosen.items():
        starts = [scenario.policies[name].start or 0.0 for name in names]
        if min(starts, default=0.0) >= scenario.end + 1:
            raise UsageError(
                f"group {group}: its policies start in {min(starts):.0f}, and the run ends in "
                f"{scenario.end}"
            )
    content = {
        "name": f"{scenario.name[:60]}-resonance",
        "description": "Groups of policies on and off: what they do alone and together.",
        "base": text,
        "set": {"scale": SCALE},
        "design": {
            "kind": "factorial",
            "fraction": "half" if half else "full",
            "groups": {group: list(names) for group, names in chosen.items()},
        },
        "replicates": replicates,
    }
    return sweep_of(content, overrides, seed=seed, allow_code=allow_code)


def shipped_groups(scenario: Scenario) -> dict[str, tuple[str, ...]]:
    """Return the six groups of actors with those of their policies that the scenario has."""
    found = {}
    for factor in load_sweep(SHIPPED).factors:
        names = tuple(n for n in _policies_of(factor.plain()) if n in scenario.policies)
        if names:
            found[factor.label] = names
    return found


def finding_of(
    results: Results, *, outcomes: Sequence[str] | None = None, first: int | None = None
) -> Finding:
    """Return what a factorial of groups shows; arguments as for `ydsim.resonance`.

    Raises
    ------
    UsageError
        When the results are those of another design.
    ResultsError
        When a table is missing, or no replicate is finished at every point.
    """
    names, design = cells_of(results)
    outcomes = recorded(results, OUTCOMES) if outcomes is None else outcomes
    require_outcomes(outcomes)
    groups = {one["label"]: _policies_of(one) for one in results.manifest["spec"]["factors"]}
    since = first if first is not None else _first_year(results, groups)
    move = recorded(results, MOVE)
    kept = yearly(results, list(dict.fromkeys([*outcomes, *move])), since)
    none, every = (int((design.sum(axis=1) == k).argmax()) for k in (0, len(names)))
    y = {name: kept.outcome(name) for name in outcomes}
    return Finding(
        **Study.facts(results, kept.ends, len(kept.replicates), kept.left_out),
        units={name: results.manifest["indicators"][name]["unit"] for name in outcomes},
        means={name: (float(v[none].mean()), float(v[every].mean())) for name, v in y.items()},
        groups=groups,
        half=len(design) < 1 << len(names),
        joints={name: joints(name, names, design, v) for name, v in y.items()},
        effects={name: effects(names, design, v) for name, v in y.items()},
        moving=[
            moving(name, kept.of_provinces(name)[every], kept.of_provinces(name)[none])
            for name in move
        ],
    )


def _policies_of(factor: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the policies of a group from its factor as plain data; none for a switch."""
    off = factor["levels"][0].get("set", {})
    return tuple(off.get("policies", ()))


def _first_year(results: Results, groups: Mapping[str, Sequence[str]]) -> int:
    """Return the year in which the first policy of a group starts, the run's own at the least."""
    scenario = results.manifest["scenario"]
    start, end = int(scenario["start"]), int(scenario["end"])
    starts = []
    for name in (name for names in groups.values() for name in names):
        settings = scenario["policies"].get(name) or {}
        starts.append(start if settings.get("start") is None else math.floor(settings["start"]))
    return min(max(start, min(starts, default=start)), end)
