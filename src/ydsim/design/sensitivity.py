"""Designs whose results SALib analyses: Saltelli's for Sobol indices, Morris's for screening.

The samples are SALib's own over the unit cube; ``problem`` in the plain data of the sweep is what
its analysers ask for, with the names in the order of the columns. Factors with listed values have
equal parts of [0, 1]: fit for Sobol indices, which know no order, and refused by Morris, whose
elementary effects do, unless there are two.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ydsim.design.context import Context
from ydsim.design.draft import LARGEST_SEED, Draft, power_of_two, whole_setting
from ydsim.design.factors import read_factors
from ydsim.design.space import UnitRows, by_label
from ydsim.design.sweep import Factor
from ydsim.errors import UsageError
from ydsim.scenario.read.node import Node
from ydsim.typing import Floats

SALTELLI_KEYS = ("kind", "factors", "n", "second_order", "seed")
MORRIS_KEYS = ("kind", "factors", "trajectories", "levels", "seed")


@dataclass(frozen=True)
class Saltelli:
    """Saltelli's extension of a Sobol sequence: n (2 d + 2) points, or n (d + 2)."""

    n: int
    seed: int
    second_order: bool

    def matrix(self, d: int) -> Floats:
        """Return shape (points, d)."""
        _require_salib("saltelli")
        from SALib.sample import sobol

        sample: Floats = sobol.sample(
            unit_problem([f"x{j}" for j in range(d)]),
            self.n,
            calc_second_order=self.second_order,
            seed=self.seed,
        )
        return sample


@dataclass(frozen=True)
class Morris:
    """Trajectories of d + 1 points on a grid of levels, each step changing one factor."""

    trajectories: int
    levels: int
    seed: int

    def matrix(self, d: int) -> Floats:
        """Return shape (trajectories (d + 1), d)."""
        _require_salib("morris")
        from SALib.sample import morris

        sample: Floats = morris.sample(
            unit_problem([f"x{j}" for j in range(d)]),
            self.trajectories,
            num_levels=self.levels,
            seed=self.seed,
        )
        return np.asarray(sample, dtype=np.float64)


def unit_problem(names: list[str]) -> dict[str, Any]:
    """Return the problem of SALib: every factor is a share in [0, 1] of its range or list."""
    return {"num_vars": len(names), "names": names, "bounds": [[0.0, 1.0] for _ in names]}


def read_saltelli(ctx: Context, node: Node) -> Draft | None:
    """Return the design for Sobol indices."""
    factors = read_factors(ctx, node.value.get("factors"), node, free=True)
    n = power_of_two(ctx, node)
    seed = whole_setting(ctx, node, "seed", low=0, high=LARGEST_SEED, usual=0)
    second = ctx.flag(node.value.get("second_order"), ("design", "second_order"), usual=True)
    if n is None or seed is None or not factors:
        return None
    _require_salib("saltelli")
    size = n * ((2 if second else 1) * len(factors) + 2)
    settings: dict[str, Any] = {"n": n, "seed": seed, "second_order": second}
    return Draft(
        factors,
        size,
        UnitRows(factors, Saltelli(n, seed, second)),
        settings | _problem(factors),
    )


def read_morris(ctx: Context, node: Node) -> Draft | None:
    """Return the design for elementary effects."""
    factors = read_factors(ctx, node.value.get("factors"), node, free=True)
    trajectories = whole_setting(ctx, node, "trajectories", low=2, high=100_000)
    levels = whole_setting(ctx, node, "levels", low=2, high=100, usual=4)
    seed = whole_setting(ctx, node, "seed", low=0, high=LARGEST_SEED, usual=0)
    if levels is not None and levels % 2:
        message = f"must be even, so that steps have one length, found {levels}"
        ctx.note(node.value["levels"], ("design", "levels"), message)
        return None
    for factor in factors:
        if len(factor.levels) not in (0, 2):
            message = (
                "lists values, and elementary effects need a range or exactly two of them; "
                "write {from: , to: }, or use grid, factorial, latin_hypercube or saltelli"
            )
            key = factor.key or factor.label
            child = node.value["factors"].value[key]
            ctx.note(child, ("design", "factors", key), message, at_key=True)
    if trajectories is None or levels is None or seed is None or not factors:
        return None
    _require_salib("morris")
    settings: dict[str, Any] = {"trajectories": trajectories, "levels": levels, "seed": seed}
    rows = UnitRows(factors, Morris(trajectories, levels, seed))
    return Draft(factors, trajectories * (len(factors) + 1), rows, settings | _problem(factors))


def _problem(factors: tuple[Factor, ...]) -> dict[str, Any]:
    return {"problem": unit_problem(by_label(factors))}


def _require_salib(kind: str) -> None:
    from importlib.util import find_spec

    if find_spec("SALib") is None:
        raise UsageError(
            f"a {kind} design needs SALib, which is not installed: pip install 'ydsim[analysis]'"
        )
