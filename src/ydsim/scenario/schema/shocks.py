"""Shocks of an experiment: units drawn by hash are treated, the others are their controls.

Shocks that name the same ``arms`` are cut out of one draw for each unit, in the order in which a
scenario lists them, so that no unit is in two of them; the unit has to be of one kind.

Every key has a row of ``shocks.csv``, as parameters have.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Annotated, ClassVar, Final, Literal, TypeAlias, get_args

import numpy as np
from pydantic import Field, field_validator, model_validator

from ydsim.agents.ledger import FLOWS
from ydsim.parameter import IN_TABLE
from ydsim.policies.base import PLACE_TARGET_KEYS, Target
from ydsim.scenario.schema.parameters import Tabled
from ydsim.translation import gettext as _t

Unit = Literal["project", "organisation", "pair", "city", "city pair", "province pair", "market"]

_NAME = re.compile(r"[^\W\d][\w-]{0,79}")


class Shock(Tabled, section="shocks"):
    """What all shocks have in common."""

    unit_kind: ClassVar[Unit]
    target_keys: ClassVar[tuple[str, ...]] = PLACE_TARGET_KEYS
    """Keys of `target` that make a difference."""
    names: ClassVar[Mapping[str, str]] = {}
    """No other key holds names of the world."""

    name: str = IN_TABLE
    kind: str = IN_TABLE
    year: float = IN_TABLE
    share: float = IN_TABLE
    arms: str = IN_TABLE
    target: Target = Field(default_factory=Target, description="which units are drawn from")

    @field_validator("name", "arms", mode="after")
    @classmethod
    def _named(cls, value: str) -> str:
        if value and not _NAME.fullmatch(value):
            raise ValueError(_t("names of shocks are letters, digits, '_' and '-', a letter first"))
        return value

    @model_validator(mode="after")
    def _aims(self) -> Shock:
        if not self.name:
            raise ValueError(_t("name is empty"))
        self.target.refuse_others(self.target_keys)
        return self

    @property
    def unit_drawn(self) -> str:
        """What is drawn: a `Unit`, of those that a shock has the choice of the one chosen."""
        unit: str = getattr(self, "unit", self.unit_kind)
        return "organisation" if unit == "firm" else unit

    def first(self, start: int) -> int:
        """Return the quarter in which it begins, in a run whose first year is ``start``."""
        return quarter_of(self.year, start)


def quarter_of(year: float, start: int) -> int:
    """Return the first quarter that begins at a decimal year or later."""
    return int(np.ceil(4.0 * (year - start) - 1e-9))


class _Lasting(Shock, section="shocks.lasting"):
    """A shock that holds for some time."""

    years: float = IN_TABLE

    def last(self, start: int) -> int:
        """Return the first quarter in which it no longer holds."""
        return max(quarter_of(self.year + self.years, start), self.first(start) + 1)


class DeleteProjects(Shock, section="shocks.delete_projects"):
    """Live projects end."""

    unit_kind = "project"
    target_keys = (*PLACE_TARGET_KEYS, "kinds", "fields")

    kind: Literal["delete_projects"]
    share: float = IN_TABLE
    number: int = IN_TABLE

    @model_validator(mode="after")
    def _one(self) -> DeleteProjects:
        if self.number and self.share:
            raise ValueError(_t("number and share: give one of the two"))
        if self.number and self.arms:
            raise ValueError(_t("number cannot be an arm of a group; give a share"))
        return self


class DeleteTies(Shock, section="shocks.delete_ties"):
    """Ties are cut, and the two may not work together any more."""

    unit_kind = "organisation"
    target_keys = (*PLACE_TARGET_KEYS, "kinds")

    kind: Literal["delete_ties"]
    unit: Literal["organisation", "pair"] = IN_TABLE


class Grants(_Lasting, section="shocks.grants"):
    """Provinces pay firms a share of their own R&D."""

    unit_kind = "city"
    target_keys = (*PLACE_TARGET_KEYS, "sizes", "industries")

    kind: Literal["grants"]
    unit: Literal["city", "firm"] = IN_TABLE
    rate: float = IN_TABLE
    leakage: float = IN_TABLE

    @model_validator(mode="after")
    def _whose(self) -> Grants:
        if self.unit == "city" and self.target.industries:
            message = _t("target.industries makes no difference where cities are drawn")
            raise ValueError(message)
        return self


class TravelTimes(_Lasting, section="shocks.travel_time"):
    """Travel between cities takes longer or shorter."""

    unit_kind = "city pair"

    kind: Literal["travel_time"]
    years: float = IN_TABLE
    factor: float = IN_TABLE


class Protection(_Lasting, section="shocks.protection"):
    """Provinces drawn in pairs let fewer goods of each other pass."""

    unit_kind = "province pair"

    kind: Literal["protection"]
    target_keys = ("provinces",)
    level: float = IN_TABLE


class VoucherLottery(_Lasting, section="shocks.vouchers"):
    """Firms drawn at random may pay a part of what they buy from science with vouchers."""

    unit_kind = "organisation"
    target_keys = (*PLACE_TARGET_KEYS, "sizes", "industries")

    kind: Literal["vouchers"]
    each: int = IN_TABLE
    face: float = IN_TABLE
    co_pay: float = IN_TABLE
    portable: bool = IN_TABLE
    take_up: float = IN_TABLE


class Demand(_Lasting, section="shocks.demand"):
    """Goods of an industry and province are wanted more."""

    unit_kind = "market"
    target_keys = ("provinces", "industries")

    kind: Literal["demand"]
    rise: float = IN_TABLE


class Meetings(_Lasting, section="shocks.meetings"):
    """Organisations drawn in pairs see one another as possible partners."""

    unit_kind = "pair"
    target_keys = (*PLACE_TARGET_KEYS, "kinds")

    kind: Literal["meetings"]


AnyShock: TypeAlias = Annotated[
    DeleteProjects
    | DeleteTies
    | Grants
    | TravelTimes
    | Protection
    | VoucherLottery
    | Demand
    | Meetings,
    Field(discriminator="kind"),
]

KINDS: Final[dict[str, type[Shock]]] = {
    get_args(one.model_fields["kind"].annotation)[0]: one for one in get_args(get_args(AnyShock)[0])
}
"""By kind, in the order in which they are explained."""


def check_shocks(shocks: Sequence[Shock], taken: Sequence[str], start: int) -> None:
    """Refuse shocks of a scenario that do not go together; `ValueError` names the shock.

    ``taken`` are names of its policies, under which the books have their money, ``start`` is its
    first year.
    """
    seen: dict[str, int] = {}
    groups: dict[str, list[Shock]] = {}
    for k, shock in enumerate(shocks):
        if shock.name in seen:
            message = _t("shocks[{k}] and shocks[{other}] are both {name!r}")
            raise ValueError(message.format(k=k, other=seen[shock.name], name=shock.name))
        if shock.name in taken:
            message = _t("shocks[{k}] is called {name!r} like a policy; rename it")
            raise ValueError(message.format(k=k, name=shock.name))
        if shock.name in FLOWS:
            message = _t("shocks[{k}] is called {name!r} like a flow of the books; rename it")
            raise ValueError(message.format(k=k, name=shock.name))
        if shock.first(start) < 0:
            message = _t("shocks[{k}].year {year:g} lies before {start}, the first year")
            raise ValueError(message.format(k=k, year=shock.year, start=start))
        seen[shock.name] = k
        if shock.arms:
            groups.setdefault(shock.arms, []).append(shock)
    for arms, members in groups.items():
        units = list(dict.fromkeys(shock.unit_drawn for shock in members))
        if len(units) > 1:
            message = _t("shocks of the arms {arms!r} draw different units: {units}")
            raise ValueError(message.format(arms=arms, units=", ".join(units)))
        total = sum(shock.share for shock in members)
        if total > 1.0 + 1e-9:
            message = _t("shocks of the arms {arms!r} have shares of {total:g} together")
            raise ValueError(message.format(arms=arms, total=total))
