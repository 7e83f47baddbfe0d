"""Groups of actors on and off, in all combinations or in half of them.

The half fraction 2^(k-1) takes the cells of which an even number of groups is off. Its defining
relation is I = ABC...K, the product of all k groups, and its resolution is k: the effect of a group
is mixed with the interaction of the k - 1 others alone, an interaction of two with that of the
k - 2 others. With the six groups main effects are clear of interactions of up to four groups, and
interactions of two of those of up to three.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import AfterValidator, Discriminator, Field, Tag, model_validator

from ydsim.design.change import Change
from ydsim.design.context import Context
from ydsim.design.forms import Label, known
from ydsim.design.kind import RowKind
from ydsim.design.levels import TAKEN, overlaid
from ydsim.design.sweep import Factor, Level, Row
from ydsim.scenario.read.node import Node
from ydsim.scenario.schema.sections.society import ActorParameters
from ydsim.wording import suggestion

GROUPS = tuple(ActorParameters.model_fields)
"""The switches of actors."""


Group: TypeAlias = Annotated[
    str,
    AfterValidator(known("group", GROUPS)),
    Field(json_schema_extra={"enum": list(GROUPS)}),
]


def _form(value: Any) -> str:
    return "<names>" if isinstance(value, list) else "<all>" if isinstance(value, str) else "<own>"


class Factorial(RowKind):
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
            raise ValueError(
                f"fraction half of {len(names)} groups mixes their effects; "
                "take at least 3, or `full`"
            )
        return self

    def factors_of(self, ctx: Context, node: Node) -> tuple[Factor, ...]:
        """Return a factor for each group, off and on."""
        if isinstance(self.groups, dict):
            return self._of_policies(ctx, node.value["groups"])
        names = GROUPS if self.groups == "all" else self.groups
        for i, name in enumerate(names):
            if name in names[:i]:
                item = node.value["groups"].value[i]
                ctx.note(item, ("design", "groups", i), f"group {name!r} appears twice")
        return tuple(_switch(name) for name in names)

    def _of_policies(self, ctx: Context, node: Node) -> tuple[Factor, ...]:
        """Return groups of policies; one that is off has them at strength 0."""
        policies = sorted(ctx.bases.of().scenario.policies)
        factors = []
        owners: dict[str, str] = {}
        for group, names in self.groups.items() if isinstance(self.groups, dict) else ():
            here = ("design", "groups", group)
            if group in TAKEN:
                message = f"{group!r} is a column of every table; give it another name"
                ctx.note(node.value[group], here, message, at_key=True)
            for i, name in enumerate(names):
                item = node.value[group].value[i]
                if name not in policies:
                    hint = suggestion(name, policies, "its policies are")
                    ctx.note(item, (*here, i), f"the base has no policy {name!r}{hint}")
                elif name in owners:
                    ctx.note(item, (*here, i), f"policy {name!r} is in {owners[name]!r} already")
                owners.setdefault(name, group)
            off: dict[str, Any] = {name: {"strength": 0.0} for name in names}
            levels = (Level(False, Change({"policies": off})), Level(True))
            factors.append(Factor(group, "", levels))
        return tuple(factors)

    def size(self, factors: tuple[Factor, ...]) -> int:
        """Return the number of cells."""
        return 1 << (len(factors) - (self.fraction == "half"))

    def rows(self, factors: tuple[Factor, ...]) -> Iterator[Row]:
        """Yield the rows."""
        for row in itertools.product(*(factor.levels for factor in factors)):
            if self.fraction == "full" or sum(not level.value for level in row) % 2 == 0:
                yield row

    def settings(self, factors: tuple[Factor, ...]) -> dict[str, Any]:
        """Return the fraction, and the defining relation of a half."""
        half = {"relation": "I = " + " x ".join(factor.label for factor in factors)}
        return {"fraction": self.fraction} | (half if self.fraction == "half" else {})


def _switch(name: str) -> Factor:
    key = f"parameters.actors.{name}"
    return Factor(name, key, tuple(Level(on, overlaid(key, on)) for on in (False, True)))
