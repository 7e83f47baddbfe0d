"""Programmes that pay grants on firms' R&D."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from pydantic import model_validator

from ydsim.parameter import param
from ydsim.policies.base import PLACE_TARGET_KEYS, Contribution, Places, Policy
from ydsim.policies.budget import amount_instead, one_budget
from ydsim.policies.environment import PolicyEnvironment
from ydsim.policies.registry import register
from ydsim.policies.schemes import GrantBudget, Scheme


@register("rd_grants")
class RdGrants(Policy):
    """A grant programme: provinces pay firms a share of their own R&D.

    Mechanism
        Firms of the targeted sizes in the targeted cities receive ``rate`` times their own R&D of
        the quarter before, or, where ``amount`` is given, parts of a quarter of it in proportion to
        that R&D, at most as much as it (assumed: firms match what they are granted). The
        provincial government pays; the share ``leakage`` is not spent
        on R&D. What is left raises desired R&D r* through the additionality m of the invest rule
        (`parameters.invest.additionality`),

            r* ~ max(1 + m (1 - leakage) grant / R&D, .1)

        so that with m above zero less is added the more leaks, and with m below zero, crowding
        out, less is lost. A programme for all sizes is inclusive, one for some is targeted. Each
        programme is in the books under its own name, with what leaks of it.
    Evidence
        Grants of 2001-06 crowded R&D out at first and were neutral later; in 2006 firms spent .5
        yuan of their own less for each public yuan, and none less among repeated grantees and
        high-technology firms (Boeing 2016). Grants of 2007-11 raised own R&D of large and medium
        private firms by 4 to 9 million yuan on a base of 5 to 9 million (Economics of Transition
        27: 497-518, 2019). A structural study finds 4.51 units of R&D for one unit, with a net
        social benefit of .98, and more from few large grants than from many small ones (Liu and
        Xu 2024, a preprint). 42 % of grantees misused 53 % of the money of 2001-11, which more
        than halved its effect (Boeing and Peters 2021). Hence a prior of -.5 to +4.5.
    """

    title: ClassVar[str] = "R&D grants to firms"
    writes: ClassVar[tuple[str, ...]] = ("grant_rate", "programme_leak")
    target_keys: ClassVar[tuple[str, ...]] = (*PLACE_TARGET_KEYS, "sizes")

    rate: float | None = param(
        0.05,
        "grant per yuan of own R&D; null with `amount`",
        unit="1",
        bounds=(0.0, 0.3),
    )
    amount: float | None = amount_instead("rate")
    leakage: float = param(
        0.3,
        "share of the grant that is not spent on R&D",
        unit="1",
        mark="prior",
        source="Boeing 2016; Boeing and Peters 2021: 30-53 %",
        bounds=(0.0, 0.53),
    )

    @model_validator(mode="after")
    def _one_budget(self) -> RdGrants:
        one_budget(self, "rate")
        return self

    def contributions(
        self, year: float, baseline: PolicyEnvironment, places: Places
    ) -> Iterator[Contribution]:
        """Add the programme's grants and what leaks of them in the targeted cities."""
        if self.rate is None:
            return
        mask = self.target.city_mask(places)[:, None] * self.target.size_mask()
        yield Contribution("grant_rate", baseline.grant_rate + self.rate, mask)
        leaked = baseline.programme_leak + self.rate * self.leakage
        yield Contribution("programme_leak", leaked, mask)

    def written(self) -> tuple[str, ...]:
        """Return the fields that it moves: none with a budget in money."""
        return () if self.rate is None else self.writes

    def schemes(self, year: float, places: Places) -> Iterator[Scheme]:
        """Yield the running cost and, with an amount, the budget."""
        yield from super().schemes(year, places)
        if self.amount is not None:
            yield GrantBudget(
                amount=self.amount,
                leakage=self.leakage,
                cities=self.target.city_mask(places),
                sizes=self.target.size_mask(),
            )
