"""Designs that fill a space: Latin hypercube and Sobol sequence.

Both give each point a number in [0, 1) for every factor. A range takes it as a share of its
length, a list gives its values equal parts of [0, 1). The columns of the numbers belong to the
factors sorted by label, so that their order in the file makes no difference.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from ydsim.design.context import Context
from ydsim.design.draft import LARGEST_SEED, Draft, power_of_two, whole_setting
from ydsim.design.factors import level_at, read_factors
from ydsim.design.sweep import Factor, Row
from ydsim.scenario.read.node import Node
from ydsim.typing import Floats

LATIN_KEYS = ("kind", "factors", "n", "seed")
SOBOL_KEYS = ("kind", "factors", "n", "seed", "scramble")


class Sampler(Protocol):
    """Makes the numbers of a design."""

    def matrix(self, d: int) -> Floats:
        """Return shape (points, d), the same at each call."""
        ...


@dataclass(frozen=True)
class Latin:
    """Latin hypercube of n points; each of n equal parts of a column holds one of them."""

    n: int
    seed: int

    def matrix(self, d: int) -> Floats:
        """Return shape (n, d)."""
        from scipy.stats import qmc

        draws: Floats = qmc.LatinHypercube(d=d, seed=np.random.default_rng(self.seed)).random(
            self.n
        )
        return draws


@dataclass(frozen=True)
class Sobol:
    """The first n = 2^k points of a Sobol sequence."""

    n: int
    seed: int
    scramble: bool

    def matrix(self, d: int) -> Floats:
        """Return shape (n, d)."""
        from scipy.stats import qmc

        rng = np.random.default_rng(self.seed)
        draws: Floats = qmc.Sobol(d=d, scramble=self.scramble, seed=rng).random(self.n)
        return draws


@dataclass(frozen=True)
class UnitRows:
    """Rows from numbers in [0, 1]."""

    factors: tuple[Factor, ...]
    sampler: Sampler

    def matrix(self) -> Floats:
        """Return shape (points, factors): the numbers, a column each in order of label."""
        return self.sampler.matrix(len(self.factors))

    def __call__(self) -> Iterator[Row]:
        """Yield the rows."""
        labels = by_label(self.factors)
        column = [labels.index(factor.label) for factor in self.factors]
        for shares in self.matrix():
            yield tuple(
                level_at(factor, float(shares[j]))
                for factor, j in zip(self.factors, column, strict=True)
            )


def by_label(factors: tuple[Factor, ...]) -> list[str]:
    """Return the labels in the order of the columns."""
    return sorted(factor.label for factor in factors)


def read_latin_hypercube(ctx: Context, node: Node) -> Draft | None:
    """Return n points, one in each of n equal parts of every factor."""
    factors = read_factors(ctx, node.value.get("factors"), node, free=True)
    n = whole_setting(ctx, node, "n", low=2, high=1_000_000)
    seed = whole_setting(ctx, node, "seed", low=0, high=LARGEST_SEED, usual=0)
    if n is None or seed is None or not factors:
        return None
    return Draft(factors, n, UnitRows(factors, Latin(n, seed)), {"n": n, "seed": seed})


def read_sobol(ctx: Context, node: Node) -> Draft | None:
    """Return the first n points of a Sobol sequence."""
    factors = read_factors(ctx, node.value.get("factors"), node, free=True)
    n = power_of_two(ctx, node)
    seed = whole_setting(ctx, node, "seed", low=0, high=LARGEST_SEED, usual=0)
    scramble = ctx.flag(node.value.get("scramble"), ("design", "scramble"), usual=True)
    if n is None or seed is None or not factors:
        return None
    rows = UnitRows(factors, Sobol(n, seed, scramble))
    return Draft(factors, n, rows, {"n": n, "seed": seed, "scramble": scramble})
