"""The game of opening and closing, played out by the model: ``ydsim game``.

Every cell is the scenario with the policy ``closure`` on a subset of the provinces from a year on;
all cells share seed and replicates. The payoff of a province is its mean yearly secondary value
added over the horizon. Differences are paired by replicate, with 95 per cent t intervals; the price
of anarchy is a ratio of means with the interval of `ydsim.analysis.paired`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

import ydsim
from ydsim.analysis.paired import Job, Sums, code_digest, resolved
from ydsim.errors import UsageError
from ydsim.measures.effects import Interval, difference, ratio
from ydsim.measures.game import MOST as MOST_PROVINCES
from ydsim.measures.game import (
    Action,
    Payments,
    best_cell,
    closed_in,
    dominant,
    equilibria,
    gains,
    payments,
    worst_equilibrium,
)
from ydsim.model import Model
from ydsim.scenario.load import load_scenario, plain_scenario, scenario_hash
from ydsim.scenario.schema.scenario import Scenario
from ydsim.typing import Floats
from ydsim.world.loader import load_world
from ydsim.world.payoffs import cell_name

POLICY = "closure_of_the_game"
"""Name of the policy that closes the provinces of a cell."""


@dataclass(frozen=True)
class Setting:
    """What is played.

    Attributes
    ----------
    scenario
        Name or path.
    changes
        Values by dotted key laid over it.
    first, horizon
        Year of the decision and number of years that count from it on.
    replicates
        Replicates of every cell.
    provinces
        Names.
    """

    scenario: str
    changes: dict[str, object]
    first: int
    horizon: int
    replicates: int
    provinces: tuple[str, ...]
    allow_code: bool = False

    @property
    def years(self) -> range:
        """The years that count."""
        return range(self.first, self.first + self.horizon)


def setting(
    scenario: str,
    changes: Mapping[str, object],
    *,
    first: int | None = None,
    horizon: int = 10,
    replicates: int = 10,
    allow_code: bool = False,
) -> Setting:
    """Return a game that can be played; ``first`` is by default the scenario's own decision year.

    ``allow_code`` is as for `ydsim.load_scenario`.

    Raises
    ------
    UsageError
        When the years do not lie in the run or there are too many provinces.
    """
    resolved = load_scenario(scenario, changes, allow_code=allow_code)
    provinces = load_world(resolved.world).provinces
    if len(provinces) > MOST_PROVINCES:
        raise UsageError(
            f"a game of {len(provinces)} provinces has {2 ** len(provinces)} cells; at most "
            f"{MOST_PROVINCES} provinces can play"
        )
    first = resolved.governance.start if first is None else first
    game = Setting(scenario, dict(changes), first, horizon, replicates, provinces, allow_code)
    if first < resolved.start or game.years[-1] > resolved.end:
        raise UsageError(
            f"the years {first}-{game.years[-1]} do not lie in the run, "
            f"{resolved.start}-{resolved.end}; see --from and --horizon"
        )
    return game


def _scenario(game: Setting) -> Scenario:
    """Return the scenario that is played, all open."""
    return load_scenario(game.scenario, game.changes, allow_code=game.allow_code)


def cells(game: Setting) -> list[dict[str, object]]:
    """Return what is laid over the scenario in each cell; all open adds no policy at all."""
    resolved = _scenario(game).governance
    common = {**game.changes, "governance.mode": "fixed", "end": game.years[-1]}
    closure = {
        "policy": "closure",
        "level": resolved.level,
        "protection": resolved.protection,
        "start": float(game.first),
    }
    laid_over = []
    for row in closed_in(len(game.provinces)):
        names = [name for name, shut in zip(game.provinces, row, strict=True) if shut]
        policy = {f"policies.{POLICY}": {**closure, "target": {"provinces": names}}}
        laid_over.append({**common, **(policy if names else {})})
    return laid_over


def jobs(game: Setting) -> list[Job]:
    """Return the runs of all cells, replicate by replicate."""
    resolved = _scenario(game)
    # what a file or a folder says may change under its name
    made = f"{scenario_hash(resolved)[:12]} {load_world(resolved.world).digest[:12]}"
    every = list(enumerate(cells(game)))
    return [
        Job(
            f"{cell} {made}",
            game.scenario,
            tuple(changes.items()),
            replicate,
            allow_code=game.allow_code,
        )
        for replicate in range(game.replicates)
        for cell, changes in every
    ]


def about(game: Setting) -> dict[str, Any]:
    """Return what made the payoffs of a game, for `ydsim.results.game.write_game`.

    The scenario is the one that is played, with all open.
    """
    found = resolved(game.scenario, game.changes, allow_code=game.allow_code)
    return {
        "name": found.name,
        "hash": scenario_hash(found),
        "seed": found.seed,
        "first": game.first,
        "horizon": game.horizon,
        "scenario": plain_scenario(found),
        "ydsim": ydsim.__version__,
        "code": code_digest(),
        "world": load_world(found.world).digest,
    }


def measure(model: Model, sums: Sums) -> dict[str, float]:
    """Return secondary value added of each province and year, 100m_rmb."""
    series = model.recorder.series("value_added_secondary", "province")
    output = series.reshape(-1, 4, model.world.n_provinces).sum(axis=1)
    return {
        f"{province} {model.settings.start + year}": float(output[year, p])
        for p, province in enumerate(model.world.provinces)
        for year in range(len(output))
    }


def payoffs(game: Setting, runs: Sequence[Mapping[str, float]]) -> Floats:
    """Return payoffs, (replicates, cells, provinces), from the results of the runs of `jobs`."""
    values = [
        [np.mean([run[f"{name} {year}"] for year in game.years]) for name in game.provinces]
        for run in runs
    ]
    n = len(game.provinces)
    return np.array(values).reshape(game.replicates, 2**n, n)


@dataclass(frozen=True)
class Outcome:
    """What a matrix of payoffs says.

    Attributes
    ----------
    provinces
        Names.
    mean
        (N, P) payoffs, 100m_rmb a year.
    to_open
        [cell][p] difference to all open; the region is last.
    closing
        [p] list of (cell in which p is open, gain of p by closing there).
    equilibria, certain
        Cells of pure equilibria of the means, and those among all cells in which every province
        loses by acting otherwise, each by an interval.
    dominance, dominance_told
        Action that is better whatever others do, by the means; whether all intervals say so.
    best, worst
        Best cell, and worst equilibrium or None.
    price
        Price of anarchy or None.
    payments
        What makes all open an equilibrium.
    """

    provinces: tuple[str, ...]
    mean: Floats
    to_open: list[list[Interval]]
    closing: list[list[tuple[int, Interval]]]
    equilibria: list[int]
    certain: list[int]
    dominance: list[Action | None]
    dominance_told: list[bool]
    best: int
    worst: int | None
    price: Interval | None
    payments: Payments

    def name(self, cell: int) -> str:
        """Return who is closed in a cell, in words."""
        n = len(self.provinces)
        if cell in (0, 2**n - 1):
            return "none" if cell == 0 else "all"
        return cell_name(closed_in(n)[cell].tolist(), self.provinces).replace("+", ", ")


def gap(plain: Floats, changed: Floats) -> Interval:
    """Return the paired difference; with one replicate its interval is without bounds."""
    if len(plain) < 2:
        return Interval(float((changed - plain).mean()), -np.inf, np.inf)
    return difference(plain, changed)


def excludes_zero(interval: Interval) -> bool:
    """Return whether an interval excludes zero."""
    return interval.low > 0.0 or interval.high < 0.0


def outcome(provinces: Sequence[str], payoff: Floats) -> Outcome:
    """Return what payoffs of shape (replicates, cells, provinces) say."""
    n = len(provinces)
    closed, mean = closed_in(n), payoff.mean(axis=0)
    whole = np.concatenate([payoff, payoff.sum(axis=2, keepdims=True)], axis=2)
    gain = np.array([gains(one) for one in payoff])
    zero = np.zeros(len(payoff))
    certain = [
        cell
        for cell in range(2**n)
        if all(gap(zero, gain[:, cell, p]).high < 0.0 for p in range(n))
    ]
    closing = [
        [(int(c), gap(zero, gain[:, c, p])) for c in np.flatnonzero(~closed[:, p])]
        for p in range(n)
    ]
    best, worst = best_cell(mean), worst_equilibrium(mean)
    return Outcome(
        provinces=tuple(provinces),
        mean=mean,
        to_open=[
            [gap(whole[:, 0, p], whole[:, cell, p]) for p in range(n + 1)] for cell in range(2**n)
        ],
        closing=closing,
        equilibria=equilibria(mean),
        certain=certain,
        dominance=dominant(mean),
        dominance_told=[all(excludes_zero(interval) for _, interval in rows) for rows in closing],
        best=best,
        worst=worst,
        price=None if worst is None else _price(whole[:, worst, n], whole[:, best, n]),
        payments=payments(mean),
    )


def _price(worst: Floats, best: Floats) -> Interval:
    """Return the ratio of mean totals with its interval."""
    if len(worst) < 2:
        return Interval(float(best.mean() / worst.mean()), -np.inf, np.inf)
    value, _ = ratio(worst, best)
    # the interval of the linear part: best - value worst has mean zero
    linear = difference(np.zeros(len(worst)), (best - value * worst) / worst.mean())
    return Interval(value, value + linear.low, value + linear.high)


def as_data(result: Outcome) -> dict[str, Any]:
    """Return an outcome as plain data for JSON; bounds that are not known are null."""

    def interval(one: Interval) -> dict[str, float | None]:
        values = {"value": one.estimate, "low": one.low, "high": one.high}
        return {key: value if np.isfinite(value) else None for key, value in values.items()}

    def numbers(values: Floats) -> dict[str, float | None]:
        pairs = zip(result.provinces, values.tolist(), strict=True)
        return {name: value if np.isfinite(value) else None for name, value in pairs}

    due = result.payments
    return {
        "unit": "100m_rmb a year",
        "payoffs": [
            {
                "closed": result.name(cell),
                "mean": numbers(result.mean[cell]),
                "difference_to_all_open": {
                    name: interval(one)
                    for name, one in zip((*result.provinces, "region"), row, strict=True)
                },
            }
            for cell, row in enumerate(result.to_open)
        ],
        "closing": [
            {"province": name, "others_closed": result.name(cell), "gain": interval(one),
             "told_apart": excludes_zero(one)}
            for name, rows in zip(result.provinces, result.closing, strict=True)
            for cell, one in rows
        ],
        "equilibria": [result.name(cell) for cell in result.equilibria],
        "equilibria_by_intervals": [result.name(cell) for cell in result.certain],
        "dominant": dict(zip(result.provinces, result.dominance, strict=True)),
        "dominance_told": dict(zip(result.provinces, result.dominance_told, strict=True)),
        "best": result.name(result.best),
        "worst_equilibrium": None if result.worst is None else result.name(result.worst),
        "price_of_anarchy": None if result.price is None else interval(result.price),
        "payments": {
            "needed": numbers(due.needed),
            "levy": numbers(due.levy),
            "surplus": numbers(due.surplus),
            "suffices": due.suffices,
        },
    }  # fmt: skip
