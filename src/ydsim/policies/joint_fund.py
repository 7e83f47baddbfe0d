"""A fund for projects that provinces share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from pydantic import Field, model_validator

from ydsim.parameter import param
from ydsim.policies.base import Places, Policy, Target
from ydsim.policies.budget import amount_instead, one_budget
from ydsim.policies.registry import register
from ydsim.policies.schemes import JointFund, Scheme

KEY_FIELDS = ("integrated circuits", "artificial intelligence", "life and health")
"""Fields of the joint research measures of 2023, as the world of the region calls them."""


RATE = 0.001
"""Rate where neither a rate nor an amount is given."""


def _key_fields() -> Target:
    return Target(fields=KEY_FIELDS)


@register("joint_rd_fund")
class JointRdFund(Policy):
    """A fund of the centre and the provinces pays for work on projects that they share.

    Mechanism
        In each quarter the fund holds ``rate`` times the R&D of firms and governments of the
        region, or, where it is given, a quarter of ``amount``, whatever the R&D. It pays projects
        in the targeted fields, before launch, whose members come from at least ``provinces``
        provinces, a firm and a university or institute among them, each for ``horizon`` years at
        most. With K_i the cost of all work that project i can use in the quarter, it receives
        K_i min(1, fund / sum of K). The money pays researchers who work on that project and on
        nothing else; the share ``leakage`` pays nobody. What projects cannot use stays with the
        payers; a run says so where less than half of the money is taken up. Owners of projects
        seek partners who make a project eligible: their utility rises by ``premium``, and who can
        reach such partners looks for them more often.

        The default target are the three fields of the measures of 2023; a target that names no
        field takes in all of them. Targeted provinces take part, and members elsewhere do not
        count. A world with other names of fields needs a target with its own.
    Evidence
        Joint research measures of 2023 (integrated circuits, artificial intelligence,
        biomedicine; needs that can be met in two to three years and call for work across the
        region; paid by central guidance funds and the four provinces). No effect size is
        published for them. One structural estimate for project grants in general is 4.5 yuan of
        firms' R&D for each yuan (preprint); here the work that is paid for adds to R&D yuan for
        yuan, and firms' own R&D answers by the additionality of grants.
    """

    title: ClassVar[str] = "Joint R&D fund of the provinces"
    target_keys: ClassVar[tuple[str, ...]] = ("provinces", "fields")

    target: Target = Field(
        default_factory=_key_fields,
        description="whom it is for; the default are the three fields of the measures of 2023",
    )
    rate: float | None = param(
        RATE,
        "budget over the R&D of firms and governments of the region; null with `amount`",
        unit="1",
        bounds=(0.0, 0.005),
    )
    amount: float | None = amount_instead("rate")
    provinces: int = param(2, "provinces from which members come at least", unit="1", bounds=(2, 4))
    horizon: float = param(
        3.0,
        "time for which one project is paid at most",
        unit="years",
        mark="prior",
        source="joint research measures of 2023: needs that can be met in 2-3 years",
        bounds=(1.0, 3.0),
    )
    central: float = param(
        0.5,
        "share that the central government pays; provinces pay the rest, each for its members",
        unit="1",
        bounds=(0.0, 1.0),
    )
    leakage: float = param(
        0.1,
        "share of the money that is not spent on the project; 30-53 % of general grants in "
        "2001-11 (Boeing 2016, Boeing and Peters 2021), less where work is checked",
        unit="1",
        bounds=(0.0, 0.53),
    )
    premium: float = param(
        0.5,
        "utility that eligibility adds to a partner, of a taste with unit spread",
        unit="1",
        bounds=(0.0, 2.0),
    )

    @model_validator(mode="after")
    def _one_budget(self) -> JointRdFund:
        one_budget(self, "rate")
        return self

    def schemes(self, year: float, places: Places) -> Iterator[Scheme]:
        """Yield the fund."""
        yield from super().schemes(year, places)
        yield JointFund(
            fields=self.target.field_mask(places),
            provinces=self.target.province_mask(places),
            least=self.provinces,
            mixed=True,
            quarters=round(4.0 * self.horizon),
            central=self.central,
            leakage=self.leakage,
            rate=self.rate or 0.0,
            amount=self.amount or 0.0,
            premium=self.premium,
        )
