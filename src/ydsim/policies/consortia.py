"""Innovation consortia that last."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from pydantic import model_validator

from ydsim.parameter import param
from ydsim.policies.base import Places, Policy
from ydsim.policies.budget import amount_instead, one_budget
from ydsim.policies.registry import register
from ydsim.policies.schemes import Alliance, Scheme


@register("consortia")
class InnovationConsortia(Policy):
    """Governments set up consortia of firms, universities and institutes for some years.

    Mechanism
        Strength times ``number`` consortia live at a time, each with ``size`` members from at
        least ``provinces`` provinces. Each is led by a firm, drawn by its researchers in the
        targeted fields, and has a university and an institute among its members; these are drawn
        by gravity around the lead and by their effort in its field. For ``years`` the ties of
        all its members do not fall below ``tie``, as if they had worked together lately: members
        and their partners are met more often in the search for partners, and are more welcome.
        Then ties fade like all others, and a new consortium takes the place of the old. The lead
        receives ``grant`` a year, or an equal part of ``amount`` where that is given, and spends
        it on researchers; the parts of consortia that do not live are left over. A consortium
        ends with its lead, and with its policy.
    Evidence
        The first twelve consortia were named in December 2024; the guideline of 2025 asks for a
        lead firm, firms of its chain, universities and institutes. In networks of the region
        closure and organisational proximity raise cooperation (signs only). No effect size of
        consortia is published.
    """

    title: ClassVar[str] = "Innovation consortia"
    target_keys: ClassVar[tuple[str, ...]] = ("provinces", "fields")

    number: int = param(
        12,
        "consortia in the region at a time",
        unit="1",
        mark="prior",
        source="first twelve consortia of December 2024",
        bounds=(0, 60),
    )
    size: int = param(8, "members, the lead included", unit="1", bounds=(5, 20))
    years: float = param(4.0, "life of a consortium", unit="years", bounds=(3.0, 5.0))
    provinces: int = param(2, "provinces from which members come at least", unit="1", bounds=(2, 4))
    tie: float = param(
        1.0,
        "strength below which ties of members do not fall",
        unit="joint projects",
        bounds=(0.0, 5.0),
    )
    grant: float | None = param(
        0.05,
        "support of the lead; null with `amount`",
        unit="100m_rmb/year",
        bounds=(0.0, 10.0),
    )
    amount: float | None = amount_instead("grant")
    central: float = param(
        0.5,
        "share of the support that the central government pays; the lead's province pays the rest",
        unit="1",
        bounds=(0.0, 1.0),
    )

    @model_validator(mode="after")
    def _one_budget(self) -> InnovationConsortia:
        one_budget(self, "grant")
        if self.amount and self.number == 0:
            raise ValueError("amount needs a `number` of consortia above 0")
        return self

    def schemes(self, year: float, places: Places) -> Iterator[Scheme]:
        """Yield the consortia that are wanted."""
        yield from super().schemes(year, places)
        yield Alliance(
            number=self.number,
            size=self.size,
            quarters=round(4.0 * self.years),
            least=self.provinces,
            tie=self.tie,
            grant=self.grant or 0.0,
            amount=self.amount,
            central=self.central,
            fields=self.target.field_mask(places),
            provinces=self.target.province_mask(places),
        )
