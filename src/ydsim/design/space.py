"""Designs that fill a space: Latin hypercube and Sobol sequence.

Both give each point a number in [0, 1) for every factor. A range takes it as a share of its
length, a list gives its values equal parts of [0, 1). The columns of the numbers belong to the
factors sorted by label, so that their order in the file makes no difference.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from typing import Literal

import numpy as np
from pydantic import Field

from ydsim.design.factors import level_at
from ydsim.design.kind import FreeKind, PowerOfTwo, Seed
from ydsim.design.sweep import Factor, Row
from ydsim.typing import Floats


class UnitKind(FreeKind):
    """A design of numbers in [0, 1]."""

    @abstractmethod
    def matrix(self, d: int) -> Floats:
        """Return shape (points, d), the same at each call; a column each in order of label."""

    def rows(self, factors: tuple[Factor, ...]) -> Iterator[Row]:
        """Yield the rows."""
        labels = by_label(factors)
        column = [labels.index(factor.label) for factor in factors]
        for shares in self.matrix(len(factors)):
            yield tuple(
                level_at(factor, float(shares[j]))
                for factor, j in zip(factors, column, strict=True)
            )


class LatinHypercube(UnitKind):
    """Latin hypercube of n points; each of n equal parts of a column holds one of them."""

    kind: Literal["latin_hypercube"]
    n: int = Field(ge=2, le=1_000_000, description="number of points")
    seed: Seed = 0

    def size(self, factors: tuple[Factor, ...]) -> int:
        """Return n."""
        return self.n

    def matrix(self, d: int) -> Floats:
        """Return shape (n, d)."""
        from scipy.stats import qmc

        draws: Floats = qmc.LatinHypercube(d=d, seed=np.random.default_rng(self.seed)).random(
            self.n
        )
        return draws


class Sobol(UnitKind):
    """The first n = 2^k points of a Sobol sequence."""

    kind: Literal["sobol"]
    n: PowerOfTwo
    seed: Seed = 0
    scramble: bool = True

    def size(self, factors: tuple[Factor, ...]) -> int:
        """Return n."""
        return self.n

    def matrix(self, d: int) -> Floats:
        """Return shape (n, d)."""
        from scipy.stats import qmc

        rng = np.random.default_rng(self.seed)
        draws: Floats = qmc.Sobol(d=d, scramble=self.scramble, seed=rng).random(self.n)
        return draws


def by_label(factors: tuple[Factor, ...]) -> list[str]:
    """Return the labels in the order of the columns."""
    return sorted(factor.label for factor in factors)
