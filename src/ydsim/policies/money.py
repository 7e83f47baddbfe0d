"""Money for the research of firms: grants, vouchers and relief from tax."""

from __future__ import annotations

from collections.abc import Iterator

from ydsim.measures.user_cost import b_index
from ydsim.parameter import IN_TABLE
from ydsim.policies.base import (
    PLACE_TARGET_KEYS,
    Budgeted,
    Moves,
    Places,
    Policy,
    Target,
    amount_instead,
)
from ydsim.policies.schemes import GrantBudget, Scheme, Voucher


class RdGrants(Budgeted, name="rd_grants"):
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

    title = "R&D grants to firms"
    rate_key = "rate"
    writes = ("grant_rate", "programme_leak")
    target_keys = (*PLACE_TARGET_KEYS, "sizes")

    rate: float | None = IN_TABLE
    amount: float | None = amount_instead("rate")
    leakage: float = IN_TABLE

    def _moves(self, year: float, places: Places) -> Moves:
        if self.rate is None:
            return {}
        where = self.target.city_mask(places)[:, None] * self.target.size_mask()
        return {
            "grant_rate": (self.rate, where),
            "programme_leak": (self.rate * self.leakage, where),
        }

    def _pays(self, places: Places) -> Iterator[Scheme]:
        if self.amount is not None:
            yield GrantBudget(
                amount=self.amount,
                leakage=self.leakage,
                cities=self.target.city_mask(places),
                sizes=self.target.size_mask(),
            )


YUAN_10K = 1e-4
"""100 million yuan in 10,000 yuan."""


class InnovationVoucher(Budgeted, name="innovation_voucher"):
    """Innovation vouchers: the province pays a part of what small firms buy from science.

    Mechanism
        A deal is eligible if a firm in a targeted city buys work on a joint project, or a project
        itself, from a university or institute of the region, in a targeted field. The firm is of a
        targeted size (small unless `target.sizes` names others). The seller is of the firm's own
        province unless the voucher is ``portable``. In a share ``take_up`` of these the province
        of the buyer pays

            n min(face value, (1 - co_pay) price / n)

        with n the contracts of one deal (`contracts.pieces`), each of which takes a voucher
        (assumed). Firms foresee the mean of it: of the price of an eligible partner or project, one
        unit of utility, take_up x (what vouchers pay / price) is spared.

        Where ``amount`` is given, vouchers are for all eligible deals, by lot while a quarter of
        it lasts, and firms expect of them the share that was paid in the quarter before of what
        was asked for (all of it at first).
    Evidence
        Listed small firms with vouchers buy more knowledge-intensive services, patent more and
        perform better, most of all those short of information (study of 1,274 firms,
        Sustainability 13: 11176, 2021). In Shanghai many applied and few used them. Of vouchers
        that other provinces recognise no effect is published; face value and co-payment differ
        between cities.
    """

    title = "Innovation vouchers"
    rate_key = "take_up"
    target_keys = (*PLACE_TARGET_KEYS, "fields", "sizes")

    face: float = IN_TABLE
    co_pay: float = IN_TABLE
    portable: bool = IN_TABLE
    take_up: float | None = IN_TABLE
    amount: float | None = amount_instead("take_up")

    def _pays(self, places: Places) -> Iterator[Scheme]:
        sizes = self.target.sizes or ("small",)
        yield Voucher(
            face=self.face * YUAN_10K,
            co_pay=self.co_pay,
            take_up=self.take_up or 0.0,
            amount=self.amount,
            portable=self.portable,
            cities=self.target.city_mask(places),
            sizes=Target(sizes=sizes).size_mask(),
            fields=self.target.field_mask(places),
        )


class SuperDeduction(Policy, name="super_deduction"):
    """Super-deduction: firms may deduct more from taxable profit than their R&D cost.

    Mechanism
        With the profit tax tau and a deduction of 1 + d yuan for each yuan of R&D the user cost
        is B(d) = (1 - tau (1 + d)) / (1 - tau); relative to the deduction in force before,

            user cost = B(deduction) / B(before)

        In the long run reported R&D moves by cost^(-e), e the elasticity of the invest rule;
        the share ``relabelled`` of that response is other spending under a new name, from the
        quarter of the relief on, and only the rest is R&D, which follows slowly. Firms get
        tau (deduction - before) back for each yuan of R&D reported in the quarter before, at most
        the tax they pay; central, provincial and municipal governments forgo it in the
        proportions in which they share the tax. One rate tau for all firms (assumed): the
        certified, who pay less, answer to the same user cost.
    Evidence
        Studies of the deduction of 50 % find elasticities of reported R&D of 1.58 in 2013 and
        2.05 in 2016, larger for manufacturing and small firms; around the tax cut for
        high-technology enterprises .34-.50 in an early version of Chen, Liu, Suarez Serrato and
        Xu (2018), who find that 30 % of the rise is relabelling (2021). The deduction was 50 %
        from 2008, 75 % later and 100 % now; the dates differ by kind of firm. Nothing is
        published about how fast relabelling comes.
    """

    title = "Super-deduction of R&D"
    writes = ("user_cost", "tax_relief", "relabelled")

    deduction: float = IN_TABLE
    before: float = IN_TABLE
    tax_rate: float = IN_TABLE
    relabelled: float = IN_TABLE

    def _moves(self, year: float, places: Places) -> Moves:
        where = self.target.city_mask(places)
        cost = b_index(self.tax_rate, self.deduction) / b_index(self.tax_rate, self.before)
        return {
            "user_cost": (cost, where),
            "tax_relief": (self.tax_rate * (self.deduction - self.before), where),
            "relabelled": (self.relabelled, where),
        }
