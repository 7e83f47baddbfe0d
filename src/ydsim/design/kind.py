"""What all kinds of designs have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, TypeAlias, get_args

from pydantic import AfterValidator, Field

from ydsim.design.context import Context
from ydsim.design.factors import read_factors
from ydsim.design.forms import Form, Free, Listed, refuse
from ydsim.design.sweep import Factor, Row, Rows
from ydsim.parameter import Closed
from ydsim.scenario.read.node import Node


def _power_of_two(n: int) -> int:
    """Return n if it is a power of two; refuse all others."""
    if n & (n - 1):
        below = 1 << (n.bit_length() - 1)
        raise refuse(
            f"must be a power of two here, found {n}; the nearest are {below} and {2 * below}"
        )
    return n


PowerOfTwo: TypeAlias = Annotated[
    int,
    Field(ge=2, le=2**20, description="number of points, a power of two"),
    AfterValidator(_power_of_two),
]
Seed: TypeAlias = Annotated[int, Field(ge=0, le=2**32 - 1, description="seed of the design")]


@dataclass(frozen=True)
class Draft:
    """A design that was read.

    Attributes
    ----------
    factors
        In the order of the file.
    size
        Number of points.
    rows
        Yields the points.
    settings
        What else defines it, as plain data.
    """

    factors: tuple[Factor, ...]
    size: int
    rows: Rows
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class DesignRows:
    """The rows of a design, the same ones at each call."""

    design: RowKind
    factors: tuple[Factor, ...]

    def __call__(self) -> Iterator[Row]:
        """Yield the rows."""
        return self.design.rows(self.factors)


class Kind(Closed, ABC):
    """A kind of design: the keys of the block ``design``, and the rows that they make."""

    kind: str

    @classmethod
    def hint(cls, name: str) -> str:
        """Return the kinds that have a key which this one has not."""
        names = ", ".join(kind for kind, keys in _keys(Kind) if name in keys)
        return f" ({name} is for {names})" if names else ""

    @abstractmethod
    def draft(self, ctx: Context, node: Node) -> Draft | None:
        """Return the design; None where something is wrong, which is noted.

        Parameters
        ----------
        ctx
            The sweep file at work.
        node
            The block ``design``.
        """


class RowKind(Kind):
    """A kind of design whose rows are made of the levels of factors."""

    def draft(self, ctx: Context, node: Node) -> Draft | None:
        """Return the factors and how their levels make rows."""
        before = len(ctx.problems)
        factors = self.factors_of(ctx, node)
        if len(ctx.problems) > before:
            return None
        return Draft(factors, self.size(factors), DesignRows(self, factors), self.settings(factors))

    @abstractmethod
    def factors_of(self, ctx: Context, node: Node) -> tuple[Factor, ...]:
        """Return the factors, and note what is wrong with them."""

    @abstractmethod
    def size(self, factors: tuple[Factor, ...]) -> int:
        """Return the number of points."""

    @abstractmethod
    def rows(self, factors: tuple[Factor, ...]) -> Iterator[Row]:
        """Yield the rows."""

    def settings(self, factors: tuple[Factor, ...]) -> dict[str, Any]:
        """Return what defines the design beside its factors, as plain data."""
        return self.model_dump(exclude={"kind", "factors"})


def _keys(cls: type[Closed]) -> Iterator[tuple[str, set[str]]]:
    """Yield the kinds below a class with their keys."""
    for child in cls.__subclasses__():
        yield from _keys(child)
        for kind in get_args(child.model_fields["kind"].annotation):
            yield kind, set(child.model_fields)


class FactorKind(RowKind):
    """A kind of design with factors."""

    factors: Mapping[str, Form]

    def factors_of(self, ctx: Context, node: Node) -> tuple[Factor, ...]:
        """Return the factors of the block."""
        return read_factors(ctx, self.factors, node.value["factors"])


class ListedKind(FactorKind):
    """A kind of design over values one by one."""

    factors: dict[str, Listed] = Field(min_length=1, description="keys and their values")


class FreeKind(FactorKind):
    """A kind of design that takes numbers from all of a range."""

    factors: dict[str, Free] = Field(min_length=1, description="keys and their values")
