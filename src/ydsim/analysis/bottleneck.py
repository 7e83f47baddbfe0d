"""``ydsim bottleneck``: what launches and other outcomes gain from one per cent of each capacity.

Each capacity (`ydsim.analysis.capacities`) is moved up and down alone, in the whole run, and all
points have the same replicates; elasticities and ranks are in `ydsim.analysis.capacity_gains`.

Of the unmoved runs come what each stage lets pass, of all projects that leave it, and how long they
stay: projects in the stage over projects that leave it in a year (Little 1961).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ydsim import arguments
from ydsim.agents.projects import STAGES
from ydsim.analysis.capacities import Capacity, capacities_of, factor_of, level_of
from ydsim.analysis.capacity_gains import LESS, MORE, Gain, gains_of
from ydsim.analysis.joint import mean_of
from ydsim.analysis.obstacles import NEEDED, obstacles
from ydsim.analysis.study import Study
from ydsim.analysis.sweep_values import recorded, require_outcomes, yearly
from ydsim.design.load import sweep_of
from ydsim.errors import UsageError
from ydsim.measures.bottleneck import pass_rates
from ydsim.measures.effects import Interval
from ydsim.record.indicators import INDICATORS
from ydsim.results.results import Results
from ydsim.scenario.load import load_scenario, plain_scenario
from ydsim.wording import suggestion
from ydsim.world.loader import load_world

if TYPE_CHECKING:
    import pandas as pd

    from ydsim.design.sweep import Sweep
    from ydsim.scenario.read.override import Overrides

SCENARIO = "baseline"
SCALE, REPLICATES, STEP = 0.02, 3, 25.0
OUTCOMES = tuple(
    name for name in ("launches", "coupling", "value_added_secondary") if name in INDICATORS
)
LEAVING = ("completed", "failed", "died_waiting", "owner_left", "sold_outside")
"""Columns of the table ``funnel`` that count projects which leave a stage."""


@dataclass(frozen=True)
class Stage:
    """What becomes of projects in a stage of the unmoved runs.

    Attributes
    ----------
    name
        Of the stage.
    passes
        Share of the projects that leave the stage which go on.
    quarters
        Mean time that they stay, waiting included.
    """

    name: str
    passes: Interval
    quarters: Interval


@dataclass(frozen=True)
class Finding(Study):
    """What holds the chain back.

    Attributes
    ----------
    step
        By how many per cent capacities were moved.
    gains
        By outcome, of all capacities, the largest elasticity first.
    ties
        By outcome, names of capacities of one kind that are not distinguished from the first of it.
    stages
        In the order of the chain; none where the table ``funnel`` was not kept.
    obstacles
        By indicator of coupling, its share in what the region lacks in the last year of the
        unmoved runs; none where they were not recorded.
    unmoved
        Capacities that the scenario has no room to move.
    """

    step: float
    gains: dict[str, list[Gain]]
    ties: dict[str, dict[str, tuple[str, ...]]]
    stages: list[Stage]
    obstacles: dict[str, Interval]
    unmoved: tuple[str, ...]

    @property
    def table(self) -> pd.DataFrame:
        """One row an outcome and capacity.

        Columns ``outcome, rank, capacity, kind, title, stage, elasticity, low, high, best_rank,
        worst_rank, down, up, tightening, relaxing``, then ``n`` (replicates) and ``first, last``
        (years that count).
        """
        import pandas as pd

        return pd.DataFrame(
            [
                {
                    "outcome": outcome,
                    "rank": gain.rank,
                    "capacity": gain.capacity.name,
                    "kind": gain.capacity.kind,
                    "title": gain.capacity.title,
                    "stage": gain.capacity.stage,
                    "elasticity": gain.elasticity.estimate,
                    "low": gain.elasticity.low,
                    "high": gain.elasticity.high,
                    "best_rank": gain.best,
                    "worst_rank": gain.worst,
                    "down": gain.down,
                    "up": gain.up,
                    "tightening": gain.tightening,
                    "relaxing": gain.relaxing,
                    "n": self.replicates,
                    "first": self.years[0],
                    "last": self.years[1],
                }
                for outcome, gains in self.gains.items()
                for gain in gains
            ]
        )

    @property
    def stage_table(self) -> pd.DataFrame:
        """One row a stage and quantity: ``stage, quantity, value, low, high, n``.

        Quantities ``passes`` and ``quarters`` are of stages, ``obstacle`` of indicators.
        """
        import pandas as pd

        rows = [
            {
                "stage": one.name,
                "quantity": name,
                "value": value.estimate,
                "low": value.low,
                "high": value.high,
                "n": self.replicates,
            }
            for one in self.stages
            for name, value in (("passes", one.passes), ("quarters", one.quarters))
        ]
        rows += [
            {
                "stage": name,
                "quantity": "obstacle",
                "value": value.estimate,
                "low": value.low,
                "high": value.high,
                "n": self.replicates,
            }
            for name, value in self.obstacles.items()
        ]
        return pd.DataFrame(rows, columns=["stage", "quantity", "value", "low", "high", "n"])


def design(
    name_or_path: str = SCENARIO,
    overrides: Overrides | None = None,
    *,
    only: Sequence[str] = (),
    step: float = STEP,
    replicates: int = REPLICATES,
    seed: int | None = None,
    allow_code: bool = False,
) -> Sweep:
    """Return the checked one-at-a-time design; arguments as for `ydsim.bottleneck`.

    Raises
    ------
    UsageError
        When there is no such capacity, or the step is no per cent.
    """
    text = arguments.path("name_or_path", name_or_path, "the name or path of a scenario")
    replicates = arguments.whole("replicates", replicates, 1, 10_000)
    expected = "per cent, above 0 and at most 200"
    step = arguments.number("step", step, expected)
    if not 0.0 < step <= 200.0:
        raise arguments.refuse("step", expected, step)
    scenario = load_scenario(text, overrides, allow_code=allow_code)
    factors: dict[str, Any] = {}
    plain, factor = plain_scenario(scenario), 1.0 + step / 100.0
    for capacity in _chosen(capacities_of(plain), arguments.texts("only", only)):
        ends = {LESS: level_of(capacity, plain, 1.0 / factor)}
        ends[MORE] = level_of(capacity, plain, factor)
        choices = {name: {"set": one.keys} for name, one in ends.items() if one is not None}
        if choices:
            factors[capacity.name] = {"choices": choices}
    if not factors:
        raise UsageError(f"{scenario.name}: has no room to move {', '.join(only)}")
    content = {
        "name": f"{scenario.name[:60]}-bottleneck",
        "description": f"Each capacity and friction {step:g} per cent up and down, one at a time.",
        "base": text,
        "set": {"scale": SCALE},
        "design": {"kind": "one_at_a_time", "factors": factors},
        "replicates": replicates,
        "record": {"tables": ["funnel"]},
    }
    return sweep_of(content, overrides, seed=seed, allow_code=allow_code)


def _chosen(known: Sequence[Capacity], only: Sequence[str]) -> list[Capacity]:
    """Return the capacities that are asked for, by name or by kind; all where none are."""
    found: list[Capacity] = []
    for name in only:
        picked = [c for c in known if name in (c.name, f"{c.kind}s")]
        if not picked:
            names = ["stages", "frictions", *(c.name for c in known)]
            raise UsageError(
                f"no capacity is called {name!r}{suggestion(name, names, 'capacities are')}"
            )
        found += [c for c in picked if c not in found]
    return found if only else list(known)


def finding_of(
    results: Results, *, outcomes: Sequence[str] | None = None, first: int | None = None
) -> Finding:
    """Return what the runs of `design` show; arguments as for `ydsim.bottleneck`.

    Raises
    ------
    UsageError
        When the results are those of another design.
    ResultsError
        When a table is missing, or no replicate is finished at every point.
    """
    ends = ends_of(results)
    outcomes = recorded(results, OUTCOMES) if outcomes is None else outcomes
    require_outcomes(outcomes)
    scenario = results.manifest["scenario"]
    moved = {c.name: c for c in capacities_of(scenario)}
    unknown = [name for name in ends if name not in moved]
    if unknown:
        raise UsageError(f"{results.name}: {unknown[0]!r} is no capacity of `ydsim bottleneck`")
    since = first if first is not None else int(scenario["start"])
    kept = yearly(results, outcomes, since)
    levels = {
        one["label"]: {
            level["value"]: factor_of(moved[one["label"]], scenario, level["set"])
            for level in one["levels"]
            if level["value"] != "base"
        }
        for one in results.manifest["spec"]["factors"]
    }
    gains, ties = {}, {}
    for name in outcomes:
        gains[name], ties[name] = gains_of(
            kept.outcome(name), {k: moved[k] for k in ends}, ends, levels
        )
    means = {name: float(kept.outcome(name)[0].mean()) for name in outcomes}
    return Finding(
        **Study.facts(results, kept.ends, len(kept.replicates), kept.left_out),
        units={name: results.manifest["indicators"][name]["unit"] for name in outcomes},
        means={name: (mean, mean) for name, mean in means.items()},
        step=_step(levels),
        gains=gains,
        ties=ties,
        stages=_stages(results, kept.replicates, since),
        obstacles=_obstacles(results, since),
        unmoved=tuple(name for name in moved if name not in ends),
    )


def ends_of(results: Results) -> dict[str, dict[str, int]]:
    """Return the points at which there is less and more of each capacity."""
    spec, points = results.manifest["spec"], results.contents.points
    factors = [one["label"] for one in spec.get("factors", ())]
    known = spec.get("kind") == "one_at_a_time" and all(
        {level["value"] for level in one["levels"]} <= {"base", LESS, MORE}
        for one in spec.get("factors", ())
    )
    if not known:
        raise UsageError(
            f"{results.name}: these are no runs of `ydsim bottleneck`, which moves capacities less "
            "and more, one at a time"
        )
    found: dict[str, dict[str, int]] = {name: {} for name in factors}
    for name in factors:
        for point, value in enumerate(points.columns[name].tolist()):
            if value != "base":
                found[name][str(value)] = point
    return found


def _step(levels: dict[str, dict[str, float]]) -> float:
    """Return by how many per cent capacities were moved upwards."""
    return 100.0 * (
        max(max(one.get(MORE, 1.0), 1.0 / one.get(LESS, 1.0)) for one in levels.values()) - 1.0
    )


def _stages(results: Results, replicates: Sequence[int], first: int) -> list[Stage]:
    """Return what becomes of projects in each stage of the unmoved runs."""
    if "funnel" not in results.tables:
        return []
    table = results.raw("funnel")
    wanted = (table["point"] == 0) & (table["year"].astype(np.int64) >= first)
    counts = {
        name: np.zeros((len(replicates), len(STAGES))) for name in (*LEAVING, "shelved", "live")
    }
    at = {number: row for row, number in enumerate(replicates)}
    rows = np.flatnonzero(wanted & np.isin(table["replicate"], replicates))
    row = np.array([at[r] for r in table["replicate"][rows].tolist()], dtype=np.int64)
    stage = np.array([STAGES.index(s) for s in table["stage"][rows].tolist()], dtype=np.int64)
    for name, sums in counts.items():
        np.add.at(sums, (row, stage), table[name][rows].astype(np.float64))
    leave = np.sum([counts[name] for name in LEAVING], axis=0)
    on = counts["completed"] - counts["shelved"]
    passes = np.array([pass_rates(a, b) for a, b in zip(leave, on, strict=True)])
    # live ones are those at the end of each year; of Little's law, in quarters
    stay = np.divide(4.0 * counts["live"], leave, out=np.full(leave.shape, np.nan), where=leave > 0)
    return [
        Stage(name, _within(mean_of(passes[:, s])), mean_of(stay[:, s]))
        for s, name in enumerate(STAGES)
    ]


def _obstacles(results: Results, first: int) -> dict[str, Interval]:
    """Return what the region lacks in the last year of the unmoved runs, by indicator."""
    if "coupling" not in results.manifest["indicators"]:
        return {}
    kept = yearly(results, NEEDED, first)
    values = {name: kept.values[name][0, :, -1, -1] for name in NEEDED}
    world = load_world(results.manifest["scenario"]["world"])
    found = obstacles(values, world, int(kept.years[-1]))
    return {name: _within(mean_of(degree)) for name, degree in found.items()}


def _within(share: Interval) -> Interval:
    """Return a share whose interval does not leave 0 to 1."""
    if math.isnan(share.low):
        return share
    return Interval(share.estimate, max(share.low, 0.0), min(share.high, 1.0))
