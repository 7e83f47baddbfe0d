"""Designs whose results SALib analyses: Saltelli's for Sobol indices, Morris's for screening.

The samples are SALib's own over the unit cube; ``problem`` in the plain data of the sweep is what
its analysers ask for, with the names in the order of the columns. Factors with listed values have
equal parts of [0, 1]: fit for Sobol indices, which know no order, and refused by Morris, whose
elementary effects do, unless there are two.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import numpy as np
from pydantic import AfterValidator, Field

from ydsim.design.context import Context
from ydsim.design.forms import refuse
from ydsim.design.kind import PowerOfTwo, Seed
from ydsim.design.space import UnitKind, by_label
from ydsim.design.sweep import Factor
from ydsim.errors import UsageError
from ydsim.scenario.read.node import Node
from ydsim.typing import Floats


class SalibKind(UnitKind):
    """A design of SALib's."""

    def settings(self, factors: tuple[Factor, ...]) -> dict[str, Any]:
        """Return the settings, and the problem that SALib's analysers ask for."""
        return super().settings(factors) | {"problem": unit_problem(by_label(factors))}

    def factors_of(self, ctx: Context, node: Node) -> tuple[Factor, ...]:
        """Return the factors where SALib is there."""
        found = super().factors_of(ctx, node)
        if not ctx.problems:
            _require_salib(self.kind)
        return found


class Saltelli(SalibKind):
    """Saltelli's extension of a Sobol sequence: n (2 d + 2) points, or n (d + 2)."""

    kind: Literal["saltelli"]
    n: PowerOfTwo
    seed: Seed = 0
    second_order: bool = True

    def size(self, factors: tuple[Factor, ...]) -> int:
        """Return n (2 d + 2), or n (d + 2)."""
        return self.n * ((2 if self.second_order else 1) * len(factors) + 2)

    def matrix(self, d: int) -> Floats:
        """Return shape (points, d)."""
        _require_salib(self.kind)
        from SALib.sample import sobol

        sample: Floats = sobol.sample(
            unit_problem([f"x{j}" for j in range(d)]),
            self.n,
            calc_second_order=self.second_order,
            seed=self.seed,
        )
        return sample


def _even(levels: int) -> int:
    if levels % 2:
        raise refuse(f"must be even, so that steps have one length, found {levels}")
    return levels


class Morris(SalibKind):
    """Trajectories of d + 1 points on a grid of levels, each step changing one factor."""

    kind: Literal["morris"]
    trajectories: int = Field(ge=2, le=100_000)
    levels: Annotated[int, AfterValidator(_even)] = Field(4, ge=2, le=100)
    seed: Seed = 0

    def factors_of(self, ctx: Context, node: Node) -> tuple[Factor, ...]:
        """Return the factors: ranges, or lists of two."""
        found = super().factors_of(ctx, node)
        for factor in found:
            key = factor.key or factor.label
            if len(factor.levels) not in (0, 2):
                message = (
                    "lists values, and elementary effects need a range or exactly two of them; "
                    "write {from: , to: }, or use grid, factorial, latin_hypercube or saltelli"
                )
                child = node.value["factors"].value[key]
                ctx.note(child, ("design", "factors", key), message, at_key=True)
        return found

    def size(self, factors: tuple[Factor, ...]) -> int:
        """Return trajectories (d + 1)."""
        return self.trajectories * (len(factors) + 1)

    def matrix(self, d: int) -> Floats:
        """Return shape (trajectories (d + 1), d)."""
        _require_salib(self.kind)
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


def _require_salib(kind: str) -> None:
    from importlib.util import find_spec

    if find_spec("SALib") is None:
        raise UsageError(f"a {kind} design needs SALib, which is not installed: pip install SALib")
