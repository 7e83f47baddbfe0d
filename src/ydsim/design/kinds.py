"""Kinds of designs but lists of points: their keys in a sweep file, and the rows they make."""

from __future__ import annotations

import itertools
import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from importlib.util import find_spec
from typing import Annotated, Any, Literal, TypeAlias, get_args

import numpy as np
from pydantic import AfterValidator, Discriminator, Field, Tag, model_validator

from ydsim.design.factors import (
    TAKEN,
    Context,
    Form,
    Free,
    Label,
    Listed,
    alike,
    cell_at,
    read_factors,
    unchanged,
)
from ydsim.design.sweep import SCENARIO, Cell, Factor, Level
from ydsim.errors import UsageError
from ydsim.parameter import Closed, known, refuse
from ydsim.scenario.read.node import Node
from ydsim.scenario.schema.parameters import ActorParameters
from ydsim.translation import gettext as _t
from ydsim.translation import mark
from ydsim.typing import Floats
from ydsim.wording import comparable, suggestion

# -- what all kinds have in common ----------------------------------------------------------------


def _power_of_two(n: int) -> int:
    """Return n if it is a power of two; refuse all others."""
    if n & (n - 1):
        below = 1 << (n.bit_length() - 1)
        message = _t("must be a power of two here, found {n}; the nearest are {below} and {above}")
        raise refuse(message.format(n=n, below=below, above=2 * below))
    return n


PowerOfTwo: TypeAlias = Annotated[
    int,
    Field(ge=2, le=2**20, description="number of points, a power of two"),
    AfterValidator(_power_of_two),
]
Seed: TypeAlias = Annotated[int, Field(ge=0, le=2**32 - 1, description="seed of the design")]


@dataclass(frozen=True)
class Draft:
    """A design that was read."""

    factors: tuple[Factor, ...]  # in the order of the file
    size: int  # number of points
    cells: Callable[[], Iterable[Sequence[Cell]]]  # returns what each factor is at all points
    settings: Mapping[str, Any] = field(default_factory=dict)  # what else defines it, as plain data


class Kind(Closed, ABC):
    """A kind of design: the keys of the block ``design``, and the rows that they make."""

    kind: str

    @classmethod
    def hint(cls, name: str) -> str:
        """Return the kinds that have a key which this one has not."""
        names = ", ".join(kind for kind, keys in _keys(Kind) if name in keys)
        return _t(" ({key} is for {kinds})").format(key=name, kinds=names) if names else ""

    @abstractmethod
    def draft(self, ctx: Context, node: Node) -> Draft | None:
        """Return the design of a block; of none, or of a part, what is wrong is noted."""


def _keys(cls: type[Closed]) -> Iterator[tuple[str, set[str]]]:
    """Yield the kinds below a class with their keys."""
    for child in cls.__subclasses__():
        yield from _keys(child)
        for kind in get_args(child.model_fields["kind"].annotation):
            yield kind, set(child.model_fields)


class FactorKind(Kind):
    """A kind of design with factors."""

    factors: Mapping[str, Form]

    def _read(self, ctx: Context, node: Node) -> tuple[Factor, ...]:
        """Return the factors, and note what is wrong with them."""
        return read_factors(ctx, self.factors, node.value["factors"])


class ListedKind(FactorKind):
    """A kind of design over values one by one."""

    factors: dict[str, Listed] = Field(min_length=1, description="keys and their values")


# -- over listed values: all combinations, and each value alone -----------------------------------


class Grid(ListedKind):
    """All combinations of levels; the last factor changes fastest."""

    kind: Literal["grid"]

    def draft(self, ctx: Context, node: Node) -> Draft:
        """Return the combinations of all levels."""
        factors = self._read(ctx, node)
        size = math.prod(len(factor.levels) for factor in factors)
        return Draft(factors, size, partial(_combinations, factors))


def _combinations(factors: Sequence[Factor], *, half: bool = False) -> Iterable[Sequence[Level]]:
    """Return what each factor is in all cells, or in those of which an even number is off."""
    rows = itertools.product(*(factor.levels for factor in factors))
    kept = (row for row in rows if not half or sum(not level.value for level in row) % 2 == 0)
    return zip(*kept, strict=True)


class OneAtATime(ListedKind):
    """The base, and then every level of every factor while the others are as in the base."""

    kind: Literal["one_at_a_time"]

    def draft(self, ctx: Context, node: Node) -> Draft:
        """Return the factors, the level of the base in front of the others."""
        found = []
        nodes = node.value["factors"].value
        for factor in self._read(ctx, node):
            key = factor.key or factor.label
            usual = unchanged(ctx, factor.key) if factor.key else Level("base")
            if factor.key == SCENARIO:
                usual = Level(usual.value)
            if any(same(usual, level) for level in factor.levels):
                message = _t("{value!r} is what the base has, and the first point is the base")
                message = message.format(value=usual.value)
                ctx.note(nodes[key], ("design", "factors", key), message, at_key=True)
            levels = tuple(alike([usual, *factor.levels]))
            found.append(Factor(factor.label, factor.key, levels))
        size = 1 + sum(len(factor.levels) - 1 for factor in found)
        return Draft(tuple(found), size, partial(_one_at_a_time, found))


def _one_at_a_time(factors: Sequence[Factor]) -> Iterator[Sequence[Level]]:
    others = [len(factor.levels) - 1 for factor in factors]
    for j, factor in enumerate(factors):
        base, *levels = factor.levels
        yield [*[base] * (1 + sum(others[:j])), *levels, *[base] * sum(others[j + 1 :])]


def same(one: Level, other: Level) -> bool:
    """Tell whether two levels show the same value; 1 and 1.0 do, 1 and true do not."""
    a, b = one.value, other.value
    return a == b and isinstance(a, bool) == isinstance(b, bool)


# -- filling a space: Latin hypercube and Sobol sequence ------------------------------------------

# Both give each point a number in [0, 1) for every factor. A range takes it as a share of its
# length, a list gives its values equal parts of [0, 1). The columns of the numbers belong to the
# factors sorted by label, so that their order in the file makes no difference.


class UnitKind(FactorKind):
    """A design of numbers in [0, 1]."""

    factors: dict[str, Free] = Field(min_length=1, description="keys and their values")

    def draft(self, ctx: Context, node: Node) -> Draft:
        """Return the levels at the shares of the design."""
        factors = self._read(ctx, node)
        cells = partial(self._cells, factors)  # the same ones at each call
        return Draft(factors, self._size(len(factors)), cells, self._settings(factors))

    @abstractmethod
    def _size(self, d: int) -> int:
        """Return the number of points."""

    @abstractmethod
    def _matrix(self, d: int) -> Floats:
        """Return shape (points, d), the same at each call; a column each in order of label."""

    def _cells(self, factors: tuple[Factor, ...]) -> Iterator[Sequence[Cell]]:
        labels, matrix = by_label(factors), self._matrix(len(factors))
        for factor in factors:
            shares = matrix[:, labels.index(factor.label)].tolist()
            yield [cell_at(factor, share) for share in shares]

    def _settings(self, factors: tuple[Factor, ...]) -> dict[str, Any]:
        """Return what defines the design beside its factors, as plain data."""
        return self.model_dump(exclude={"kind", "factors"})


class LatinHypercube(UnitKind):
    """Latin hypercube of n points; each of n equal parts of a column holds one of them."""

    kind: Literal["latin_hypercube"]
    n: int = Field(ge=2, le=1_000_000, description="number of points")
    seed: Seed = 0

    def _size(self, d: int) -> int:
        return self.n

    def _matrix(self, d: int) -> Floats:
        from scipy.stats import qmc

        rng = np.random.default_rng(self.seed)
        return np.asarray(qmc.LatinHypercube(d=d, seed=rng).random(self.n))


class Sobol(UnitKind):
    """The first n = 2^k points of a Sobol sequence."""

    kind: Literal["sobol"]
    n: PowerOfTwo
    seed: Seed = 0
    scramble: bool = True

    def _size(self, d: int) -> int:
        return self.n

    def _matrix(self, d: int) -> Floats:
        from scipy.stats import qmc

        rng = np.random.default_rng(self.seed)
        return np.asarray(qmc.Sobol(d=d, scramble=self.scramble, seed=rng).random(self.n))


def by_label(factors: tuple[Factor, ...]) -> list[str]:
    """Return the labels in the order of the columns."""
    return sorted(factor.label for factor in factors)


# -- for SALib: Saltelli's for Sobol indices, Morris's for screening ------------------------------

# The samples are SALib's own over the unit cube; ``problem`` in the plain data of the sweep is what
# its analysers ask for, with the names in the order of the columns. Factors with listed values have
# equal parts of [0, 1]: fit for Sobol indices, which know no order, and refused by Morris, whose
# elementary effects do, unless there are two.


class SalibKind(UnitKind):
    """A design of SALib's."""

    def _settings(self, factors: tuple[Factor, ...]) -> dict[str, Any]:
        """Return the settings, and the problem that SALib's analysers ask for."""
        return super()._settings(factors) | {"problem": unit_problem(by_label(factors))}

    def _read(self, ctx: Context, node: Node) -> tuple[Factor, ...]:
        """Return the factors where SALib is there."""
        found = super()._read(ctx, node)
        if not ctx.problems and find_spec("SALib") is None:
            message = _t("a {kind} design needs SALib, which is not installed: pip install SALib")
            raise UsageError(message.format(kind=self.kind))
        return found


class Saltelli(SalibKind):
    """Saltelli's extension of a Sobol sequence: n (2 d + 2) points, or n (d + 2)."""

    kind: Literal["saltelli"]
    n: PowerOfTwo
    seed: Seed = 0
    second_order: bool = True

    def _size(self, d: int) -> int:
        return self.n * ((2 if self.second_order else 1) * d + 2)

    def _matrix(self, d: int) -> Floats:
        from SALib.sample import sobol

        problem = unit_problem([f"x{j}" for j in range(d)])
        second = self.second_order
        return np.asarray(sobol.sample(problem, self.n, calc_second_order=second, seed=self.seed))


def _even(levels: int) -> int:
    if levels % 2:
        raise refuse(_t("must be even, so that steps have one length, found {n}").format(n=levels))
    return levels


class Morris(SalibKind):
    """Trajectories of d + 1 points on a grid of levels, each step changing one factor."""

    kind: Literal["morris"]
    trajectories: int = Field(ge=2, le=100_000)
    levels: Annotated[int, AfterValidator(_even)] = Field(4, ge=2, le=100)
    seed: Seed = 0

    def _read(self, ctx: Context, node: Node) -> tuple[Factor, ...]:
        """Return the factors: ranges, or lists of two."""
        found = super()._read(ctx, node)
        for factor in found:
            key = factor.key or factor.label
            if len(factor.levels) not in (0, 2):
                message = _t(
                    "lists values, and elementary effects need a range or exactly two of them; "
                    "write {example}, or use grid, factorial, latin_hypercube or saltelli"
                )
                message = message.format(example="{from: , to: }")
                child = node.value["factors"].value[key]
                ctx.note(child, ("design", "factors", key), message, at_key=True)
        return found

    def _size(self, d: int) -> int:
        return self.trajectories * (d + 1)

    def _matrix(self, d: int) -> Floats:
        from SALib.sample import morris

        problem = unit_problem([f"x{j}" for j in range(d)])
        sample = morris.sample(problem, self.trajectories, num_levels=self.levels, seed=self.seed)
        return np.asarray(sample, dtype=np.float64)


def unit_problem(names: list[str]) -> dict[str, Any]:
    """Return the problem of SALib: every factor is a share in [0, 1] of its range or list."""
    return {"num_vars": len(names), "names": names, "bounds": [[0.0, 1.0] for _ in names]}


# -- groups of actors or policies on and off, in all combinations or in half of them --------------

# The half fraction 2^(k-1) takes the cells of which an even number of groups is off. Its defining
# relation is I = ABC...K, the product of all k groups, and its resolution is k: the effect of a
# group is mixed with the interaction of the k - 1 others alone, an interaction of two with that of
# the k - 2 others. With the six groups main effects are clear of interactions of up to four groups,
# and interactions of two of those of up to three.

GROUPS = tuple(ActorParameters.model_fields)
"""The switches of actors."""


Group: TypeAlias = Annotated[
    str,
    AfterValidator(known(mark("no group is called {name!r}{hint}"), GROUPS)),
    Field(json_schema_extra={"enum": list(GROUPS)}),
]


def _form(value: Any) -> str:
    return "<names>" if isinstance(value, list) else "<all>" if isinstance(value, str) else "<own>"


class Factorial(Kind):
    """Cells, none on first and all on last; half of them leaves out an odd number off."""

    kind: Literal["factorial"]
    groups: Annotated[
        Annotated[Literal["all"], Tag("<all>")]
        | Annotated[list[Group], Field(min_length=1), Tag("<names>")]
        | Annotated[
            dict[Label, Annotated[list[str], Field(min_length=1)]],
            Field(min_length=1, max_length=20),
            Tag("<own>"),
        ],
        Discriminator(_form),
    ] = Field("all", description="all, some groups of actors, or groups of policies of the base")
    fraction: Literal["full", "half"] = "full"

    @model_validator(mode="after")
    def _enough(self) -> Factorial:
        names = GROUPS if self.groups == "all" else self.groups
        if self.fraction == "half" and len(names) < 3:
            message = _t(
                "fraction half of {n} groups mixes their effects; take at least 3, or `full`"
            )
            raise ValueError(message.format(n=len(names)))
        return self

    def draft(self, ctx: Context, node: Node) -> Draft:
        """Return a factor for each group, off and on, and the cells."""
        half = self.fraction == "half"
        factors = self._read(ctx, node)
        relation = {"relation": "I = " + " x ".join(factor.label for factor in factors)}
        settings = {"fraction": self.fraction} | (relation if half else {})
        cells = partial(_combinations, factors, half=half)
        return Draft(factors, 1 << (len(factors) - half), cells, settings)

    def _read(self, ctx: Context, node: Node) -> tuple[Factor, ...]:
        """Return a factor for each group, off and on."""
        if isinstance(self.groups, dict):
            return self._of_policies(ctx, node.value["groups"])
        names = GROUPS if self.groups == "all" else self.groups
        for i, name in enumerate(names):
            if name in names[:i]:
                item = node.value["groups"].value[i]
                message = _t("group {name!r} appears twice").format(name=name)
                ctx.note(item, ("design", "groups", i), message)
        return tuple(_switch(name) for name in names)

    def _of_policies(self, ctx: Context, node: Node) -> tuple[Factor, ...]:
        """Return groups of policies; one that is off has them at strength 0."""
        policies = sorted(ctx.bases.of().scenario.policies)
        factors = []
        owners: dict[str, str] = {}
        for group, names in self.groups.items() if isinstance(self.groups, dict) else ():
            here = ("design", "groups", group)
            if comparable(group) in TAKEN:
                message = _t("{name!r} is a column of a table of results; give it another name")
                message = message.format(name=group)
                ctx.note(node.value[group], here, message, at_key=True)
            for i, name in enumerate(names):
                item = node.value[group].value[i]
                if name not in policies:
                    hint = suggestion(name, policies, _t("its policies are"))
                    message = _t("the base has no policy {name!r}{hint}")
                    ctx.note(item, (*here, i), message.format(name=name, hint=hint))
                elif name in owners:
                    message = _t("policy {name!r} is in {group!r} already")
                    ctx.note(item, (*here, i), message.format(name=name, group=owners[name]))
                owners.setdefault(name, group)
            off = {f"policies.{name}.strength": 0.0 for name in names}
            levels = (Level(False, off), Level(True))
            factors.append(Factor(group, "", levels))
        return tuple(factors)


def _switch(name: str) -> Factor:
    key = f"parameters.actors.{name}"
    return Factor(name, key, tuple(Level(on, {key: on}) for on in (False, True)))
