"""Money for research of firms, and for joint projects of provinces.

Grants, vouchers and relief from tax; a fund, open bids, consortia, and what provinces share.
"""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import Field, model_validator

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
from ydsim.policies.environment import Alliance, Factor, GrantBudget, JointFund, Scheme, Voucher
from ydsim.policies.environment import CostSharing as Agreement
from ydsim.translation import gettext as _t


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


def b_index(tax: float, deduction: float) -> float:
    """Return B, the user cost of R&D before its other components, see `ydsim.processes.invest`."""
    return (1.0 - tax * (1.0 + deduction)) / (1.0 - tax)


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


# -- joint projects of provinces -------------------------------------------------------------------

KEY_FIELDS = ("integrated circuits", "artificial intelligence", "life and health")
"""Fields of the joint research measures of 2023, as the world of the region calls them."""


class JointRdFund(Budgeted, name="joint_rd_fund"):
    """A fund of the centre and the provinces pays for work on projects that they share.

    Mechanism
        In each quarter the fund holds ``rate`` times the R&D of firms and governments of the
        region, or, where it is given, a quarter of ``amount``, whatever the R&D. It pays projects
        in the targeted fields, before launch, whose members come from at least ``provinces``
        provinces, a firm and a university or institute among them, each for ``horizon`` years at
        most. With K_i the cost of all work that project i can use in the quarter, it receives
        K_i min(1, fund / sum of K). The money pays researchers who work on that project and on
        nothing else; the share ``leakage`` pays nobody. What projects cannot use stays with the
        payers; a run says so where less than half of the money is paid. Owners of projects
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

    title = "Joint R&D fund of the provinces"
    rate_key = "rate"
    target_keys = ("provinces", "fields")

    target: Target = Field(
        default_factory=lambda: Target(fields=KEY_FIELDS),
        description="whom it is for; the default are the three fields of the measures of 2023",
    )
    rate: float | None = IN_TABLE
    amount: float | None = amount_instead("rate")
    provinces: int = IN_TABLE
    horizon: float = IN_TABLE
    central: float = IN_TABLE
    leakage: float = IN_TABLE
    premium: float = IN_TABLE

    def _pays(self, places: Places) -> Iterator[Scheme]:
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


class OpenBids(Policy, name="open_bids"):
    """A part of every joint fund is given by open bid to the best projects that firms need.

    Mechanism
        The part ``share`` of the budget of each joint fund goes to eligible projects that a firm
        leads and that are in pilot or industrialisation, or for whose stage the firm lacks the
        capability: the topics are needs of firms. Projects of one topic race in parallel. The
        best project, by quality, is paid for all work that it can use, then the next, until the
        money is used. The rest of the budget is paid evenly, as without bids. Where no joint
        fund is in force nothing happens.
    Evidence
        Open bids on topics set by firms (*jiebang guashuai*) and parallel races: three-year plan
        of 2024, Decision of the four people's congresses of 2025. No effect size is published.
        Concentrated project grants do better than inclusive ones in one structural estimate
        (preprint).
    """

    title = "Open bids for joint projects"
    writes = ("bid_share",)
    target_keys = ()

    share: float = IN_TABLE

    def _moves(self, year: float, places: Places) -> Moves:
        return {"bid_share": (self.share, 1.0)}


class InnovationConsortia(Budgeted, name="consortia"):
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

    title = "Innovation consortia"
    rate_key = "grant"
    target_keys = ("provinces", "fields")

    number: int = IN_TABLE
    size: int = IN_TABLE
    years: float = IN_TABLE
    provinces: int = IN_TABLE
    tie: float = IN_TABLE
    grant: float | None = IN_TABLE
    amount: float | None = amount_instead("grant")
    central: float = IN_TABLE

    @model_validator(mode="after")
    def _some(self) -> InnovationConsortia:
        if self.amount and self.number == 0:
            raise ValueError(_t("amount needs a `number` of consortia above 0"))
        return self

    def _pays(self, places: Places) -> Iterator[Scheme]:
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


class CostSharing(Budgeted, name="cost_sharing"):
    """Provinces share the cost of joint work and the tax on results that cross their border.

    Mechanism
        *Cost*: each province pays its members of projects that several provinces share the part
        ``cost_share`` of what their work on them costs in the quarter, or, where it is given,
        equal parts of a quarter of ``amount``, at most all of the cost. The money pays
        researchers for these projects, so that members have time for others.

        *Benefit*: of the provincial profit tax on the value of results that are handed over from
        province p to province q, base_pq = profit margin x value of hand-overs x profit tax x
        province's part, province q passes ``tax_share`` on to p. Because p then loses less by
        letting results go, the odds that a hand-over passes the border are multiplied by
        eased_hand_over_pq = 1 + (``hand_over`` - 1) x 2 ``tax_share``, all of it at even shares.

        An agreement of the targeted provinces, of all when none is named.
    Evidence
        Sharing of costs and benefits is named by the Integration Outline of 2019 and the
        Decision of 2025. No effect size is published; how governments respond is assumed.
    """

    title = "Shared costs and taxes of joint projects"
    rate_key = "cost_share"
    writes = ("eased_hand_over",)
    target_keys = ("provinces",)

    cost_share: float | None = IN_TABLE
    amount: float | None = amount_instead("cost_share")
    tax_share: float = IN_TABLE
    hand_over: Factor = IN_TABLE

    def _moves(self, year: float, places: Places) -> Moves:
        factor = 1.0 + (self.hand_over - 1.0) * 2.0 * self.tax_share
        return {"eased_hand_over": (factor, self.target.partner_mask(places))}

    def _pays(self, places: Places) -> Iterator[Scheme]:
        yield Agreement(
            provinces=self.target.province_mask(places),
            share=self.cost_share or 0.0,
            amount=self.amount,
            tax=self.tax_share,
        )
