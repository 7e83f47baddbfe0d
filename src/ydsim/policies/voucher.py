"""Innovation vouchers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from pydantic import model_validator

from ydsim.parameter import param
from ydsim.policies.base import PLACE_TARGET_KEYS, Places, Policy, Target
from ydsim.policies.budget import amount_instead, one_budget
from ydsim.policies.registry import register
from ydsim.policies.schemes import Scheme, Voucher

YUAN_10K = 1e-4
"""100 million yuan in 10,000 yuan."""


@register("innovation_voucher")
class InnovationVoucher(Policy):
    """Innovation vouchers: the province pays a part of what small firms buy from science.

    Mechanism
        A deal is eligible if a firm in a targeted city buys work on a joint project, or a project
        itself, from a university or institute of the region, in a targeted field. The firm is of a
        targeted size (small unless `target.sizes` names others). The seller is of the firm's own
        province unless the voucher is ``portable``. In a share ``take_up`` of these the province
        of the buyer pays

            n min(face value, (1 - co_pay) price / n)

        with n the contracts of one deal (`contracts.pieces`), each of which takes a voucher
        (assumed). Firms foresee the mean of it: the utility of an eligible partner or project to
        the firm rises by ``worth`` x take_up x (what vouchers pay / price).

        Where ``amount`` is given, vouchers are for all eligible deals, by lot while a quarter of
        it lasts, and firms expect of them the share that was paid in the quarter before of what
        was asked for (all of it at first).
    Evidence
        Listed small firms with vouchers buy more knowledge-intensive services, patent more and
        perform better, most of all those short of information (study of 1,274 firms,
        Sustainability 13: 11176, 2021). In Shanghai many applied and few used them. No effect
        size that could set ``worth`` is published, none at all for vouchers that other provinces
        recognise; face value and co-payment differ between cities.
    """

    title: ClassVar[str] = "Innovation vouchers"
    target_keys: ClassVar[tuple[str, ...]] = (*PLACE_TARGET_KEYS, "fields", "sizes")

    face: float = param(
        30.0,
        "face value: most that a voucher pays for one contract",
        unit="10k_yuan",
        bounds=(0.0, 500.0),
    )
    co_pay: float = param(
        0.5,
        "share of the price that the buyer bears in any case",
        unit="1",
        bounds=(0.0, 0.7),
    )
    portable: bool = param(True, "good for services from other provinces of the region", unit="-")
    take_up: float | None = param(
        0.3,
        "share of eligible deals in which vouchers are used; null with `amount`",
        unit="1",
        mark="prior",
        source="vouchers in Shanghai: many apply, few use; below .3 assumed",
        bounds=(0.0, 1.0),
    )
    amount: float | None = amount_instead("take_up")
    worth: float = param(
        1.0,
        "utility of a service that costs nothing over that of the same at full price; "
        "that of a missing capability is 1",
        unit="utility",
        bounds=(0.0, 5.0),
    )

    @model_validator(mode="after")
    def _one_budget(self) -> InnovationVoucher:
        one_budget(self, "take_up")
        return self

    def schemes(self, year: float, places: Places) -> Iterator[Scheme]:
        """Hand over the running cost and the voucher."""
        yield from super().schemes(year, places)
        sizes = self.target.sizes or ("small",)
        yield Voucher(
            face=self.face * YUAN_10K,
            co_pay=self.co_pay,
            take_up=self.take_up or 0.0,
            amount=self.amount,
            portable=self.portable,
            worth=self.worth,
            cities=self.target.city_mask(places),
            sizes=Target(sizes=sizes).size_mask(),
            fields=self.target.field_mask(places),
        )
