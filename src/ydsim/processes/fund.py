"""Fund and certify: money from and to governments, and certificates of high technology.

**Fund**: taxes come in, science money goes out, every flow through the ledger.

    tax_i        = rate_i * max(profit_i, 0)                       profit of the quarter before
    rate_i       = certify.profit_tax for certified firms, else fund.profit_tax
    split        : fund.tax_central to the centre, the rest in halves to province and city
    back_i       = min(tax_relief_c * reported R&D_i, tax_i) if tax_i > 0, else 0     split likewise
    G_p          = government R&D of the quarter (input)
    university k : grants_k = fund.university_share * G_p * w_k / sum w
    institute k  : grants_k = fund.institute_share * G_p * w_k / sum w
    firm i       : grants_i = (rest of s G_p) * R_i / sum_p R + rate_cz * R_i
                   the first part is general, the second programme grants
                   the second also of a shock to single firms (`ydsim.shocks.kinds`)
    rate_k       = min(strength * s * amount / 4 / sum of R, 1)      of a programme k with an amount
    spent_i      = grants_i - leakage_c * general grants_i - programme leak_cz * R_i
    researchers_k = 4 * grants_k / (wage_p theta_c)

Symbols: G_p government R&D, shared between universities, institutes and grants to firms (the rest);
R_i the firm's own R&D of the quarter before; z the size of the firm by reported sales of the
quarter before; w weight of the organisation; theta_c wage factor of the quarter before. The money
that taxes bring is split between central, provincial and municipal governments, and so is what they
give back on last quarter's reported R&D; provinces pay the grants that are not central. Programme
grants and tax given back are in the books under the names of the policies that they are of, in
proportion to what each adds to the rate. Governments spend what remains on other things in the same
quarter, or borrow what programmes cost beyond taxes (assumed). The sum of R is over the firms that
a programme is for, in targeted cities and of targeted sizes; nobody is granted more than its own
R&D by one programme (assumed). What is left of an amount stays with provinces.
A province without universities or without institutes hands their part to the firms. Those that are
switched off go with the money that they are paid: it is not raised, G_p is less by their share.
Where governments are switched off they fund no science and grant nothing; tax rules hold.

**Certify**: firms apply for the certificate of a high-technology enterprise and keep or lose it.

    y_i      = 4 certify.sales_basis sales_i                        reported sales a year, 100m_rmb
    tau_i    = certify.thresholds: small (y <= small_sales), large (y > large_sales), medium else
    asked_i  = tau_i y_i / 4                                        100m_rmb a quarter
    outright : sales_i > 0 and R_i >= asked_i
    near     : sales_i > 0 and (1 - certify.relabelling) asked_i <= R_i < asked_i
    n_i      = inventions that it owns or has part in, of the last 12 quarters with the present one
    eligible : (outright or near) and n_i >= 1
    h        = certify.hazard from the year 2016 on, certify.hazard_before until then    1/year
    applies  with probability 1 - exp(-h / 4), if eligible and without a certificate
    shown_i  = asked_i if near and certified in the quarter (old or new); else R_i
    reported R&D_i = max(shown_i, R_i user cost_c^(-rho_c e))    e invest.tax_elasticity, rho invest

Symbols: sales of the quarter and R own R&D of the quarter, 100m_rmb; n inventions of the last 12
quarters, the present one included (items); user cost^(-rho e) reported over real R&D where tax
relief is relabelled for in city c, 1 without (`ydsim.processes.invest`): spending that is
relabelled serves both ends, so the larger of the two counts; examiners look at R. Sizes, their
thresholds and the three years follow the administrative measures of 2016; relabelling follows Chen,
Liu, Suarez Serrato and Xu 2021 (doi 10.1257/aer.20191758). That the hazard alone stands for what
the measures of 2016 made easier is assumed. Official lists of a year count the certificates that
are granted and renewed in it.

A certificate granted at the end of quarter t holds in the ``lasts`` quarters that follow, through
t + lasts. At the end of its last quarter an eligible firm renews it for ``lasts`` more; else it is
lost, and the firm may apply again from the next quarter on. A firm below both bands keeps its
certificate until then. Eligibility in between is not checked (assumed). Firms begin the run with
the certificates that they were granted in the burn-in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from ydsim.agents.ledger import (
    GOVERNMENTS,
    SECTOR_OF,
    Flow,
    Government,
    note_budget,
    of_quarter,
    takes_part,
)
from ydsim.agents.organisations import (
    INSTITUTE,
    NO_CERTIFICATE,
    UNIVERSITY,
    reported_sales,
    size_class,
)
from ydsim.agents.state import State
from ydsim.measures.groups import quotient, row_sums, sums
from ydsim.noise import Noise
from ydsim.policies.environment import FirmGrants, GrantBudget, PolicyEnvironment
from ydsim.scenario.schema.parameters import CertifyParameters, FundParameters, Parameters
from ydsim.typing import Bools, Floats, Ints

PROGRAMMES: Final = "grant programmes"
"""Flow of programme grants where no policy is known behind them."""

MATCHED: Final = 1.0
"""Most that a programme with an amount grants over a firm's own R&D."""


def shared(total: Floats, weight: Floats, group: Ints) -> Floats:
    """Return each member's part of its group's total, proportional to ``weight``."""
    rate = quotient(total, sums(group, weight, len(total)))
    return weight * rate[group]


def grants(base: Floats, own_rd: Floats, province: Ints, rate: Floats) -> tuple[Floats, Floats]:
    """Return base and programme grants of each firm; ``rate`` is that of each."""
    return shared(base, own_rd, province), rate * own_rd


def fund(state: State, environment: PolicyEnvironment, parameters: Parameters) -> None:
    """Collect taxes and, unless governments fund nothing, pay out the quarter's science money."""
    keys, certify, actors = parameters.fund, parameters.certify, parameters.actors
    funds = actors.funding
    tax = _collect_taxes(state, keys, certify.profit_tax)
    _give_back(state, environment, keys, tax)
    inputs, now, scale = state.inputs, state.input_column, state.scale
    central = funds * inputs.central[:, now]
    local = funds * inputs.government[:, now] - central
    raised = 1.0 - keys.university_share * (not actors.universities)
    raised -= keys.institute_share * (not actors.institutes)
    # the general revenue that pays for official science money
    state.books.central += float((scale * raised * central).sum())
    state.books.provinces += scale * raised * local
    state.ledger.post("economy", "central", Flow.GENERAL_REVENUE, scale * raised * central)
    state.ledger.post("economy", "provinces", Flow.GENERAL_REVENUE, scale * raised * local)
    to_university = keys.university_share * _has(state, UNIVERSITY)
    to_institute = keys.institute_share * _has(state, INSTITUTE)
    to_firms = raised - to_university - to_institute
    for kind, part in ((UNIVERSITY, to_university), (INSTITUTE, to_institute)):
        _fund_science(state, kind, part, central, local)
    table, firms = state.organisations, state.firms
    city, size = table.city[firms], size_of(table.sales[firms], certify)
    rate = funds * environment.grant_rate[city, size]
    leak = environment.grant_leakage[city]
    programme_leak = funds * environment.programme_leak[city, size]
    lost = environment.parts("programme_leak", PROGRAMMES)
    programmes = {
        name: (funds * part[city, size], funds * lost.get(name, 0.0 * part)[city, size])
        for name, part in environment.parts("grant_rate", PROGRAMMES).items()
    }
    given: list[tuple[GrantBudget | FirmGrants, Floats]] = [
        (budget, _from_budget(state, budget, city, size))
        for budget in environment.of(GrantBudget)
        if funds
    ]
    for scheme in environment.of(FirmGrants):
        paid = scheme.paid(table.key[firms]).astype(np.float64)
        given.append((scheme, funds * scheme.strength * scheme.rate * paid))
    for one, own in given:
        programmes[one.policy] = own, one.leakage * own
        rate, programme_leak = rate + own, programme_leak + one.leakage * own
    _grant(state, rate, (leak, programme_leak), programmes, to_firms, central, local)


def _from_budget(state: State, scheme: GrantBudget, city: Ints, size: Ints) -> Floats:
    """Return the grant over own R&D of each firm from a programme with an amount."""
    table, firms, world = state.organisations, state.firms, state.world
    cities = np.zeros(world.n_cities) + scheme.cities
    weight = cities[city] * (np.ones(3) * scheme.sizes)[size]
    most = MATCHED * weight * table.rd[firms]  # what firms can be granted
    budget = of_quarter(scheme.amount, scheme.strength, state.scale)
    asked = state.by_province(firms, most)
    part = min(budget / float(asked.sum()), 1.0) if asked.any() else 0.0
    where = takes_part(state, cities)
    note_budget(state, scheme.policy, {"provinces": 1.0}, budget, asked, part * asked, where)
    return part * MATCHED * weight


def _has(state: State, kind: int) -> Floats:
    rows = state.organisations.of_kind(kind)
    count = np.bincount(state.organisations.province[rows], minlength=state.world.n_provinces)
    return (count > 0).astype(np.float64)


def _collect_taxes(state: State, parameters: FundParameters, certified_tax: float) -> Floats:
    """Take the tax on last quarter's profit and return it by firm."""
    table, firms, books = state.organisations, state.firms, state.books
    rate = np.where(
        table.certified_until[firms] >= state.quarter, certified_tax, parameters.profit_tax
    )
    tax = rate * np.maximum(table.profit[firms], 0.0)
    by_province = state.by_province(firms, tax)
    by_city = state.by_city(firms, tax)
    central = parameters.tax_central
    local = (1.0 - central) / 2.0
    books.central += central * float(by_province.sum())
    books.provinces += local * by_province
    books.cities += local * by_city
    state.ledger.post("firms", "central", Flow.PROFIT_TAX, central * by_province)
    state.ledger.post("firms", "provinces", Flow.PROFIT_TAX, local * by_province)
    state.ledger.post("firms", "cities", Flow.PROFIT_TAX, local * by_province)
    state.tally.city.profit_tax = by_city / state.scale
    return tax


def _give_back(
    state: State, environment: PolicyEnvironment, parameters: FundParameters, tax: Floats
) -> None:
    """Give tax back on reported R&D, or take more where a policy lowers the deduction."""
    if not environment.tax_relief.any():
        return
    table, firms, books = state.organisations, state.firms, state.books
    city, reported = table.city[firms], table.reported_rd[firms]
    asked = environment.tax_relief[city] * reported
    returned = np.where(tax > 0.0, np.minimum(asked, tax), 0.0)
    given = np.divide(returned, asked, out=np.zeros(len(firms)), where=asked != 0.0)
    relabelled = quotient(reported - table.rd[firms], reported)
    central = parameters.tax_central
    local = (1.0 - central) / 2.0
    for name, part in environment.parts("tax_relief", "tax relief").items():
        money = given * part[city] * reported
        by_province, by_city = state.by_province(firms, money), state.by_city(firms, money)
        lost = state.by_province(firms, np.maximum(money, 0.0) * relabelled)
        books.central -= central * float(by_province.sum())
        books.provinces -= local * by_province
        books.cities -= local * by_city
        shares = dict(zip(GOVERNMENTS, (central, local, local), strict=True))
        if by_province.sum() > 0.0:
            wanted = state.by_province(firms, np.maximum(part[city] * reported, 0.0))
            state.ledger.offer(name, shares, np.maximum(wanted, by_province), by_province)
        for payer, share in shares.items():
            if by_province.sum() >= 0.0:
                state.ledger.post(payer, "firms", name, share * by_province, share * lost)
            else:
                state.ledger.post("firms", payer, name, -share * by_province)


def _fund_science(state: State, kind: int, part: Floats, central: Floats, local: Floats) -> None:
    table = state.organisations
    rows, sector = table.of_kind(kind), SECTOR_OF[kind]
    money = shared(part * (central + local), table.weight[rows], table.province[rows])
    table.grants[rows] = money
    table.grants_spent[rows] = money
    table.researchers[rows] = money / (state.wage[table.city[rows]] / 4.0)
    state.tally.city.science_money += state.by_city(rows, money)
    state.books.central -= float((state.scale * part * central).sum())
    state.books.provinces -= state.scale * part * local
    state.ledger.post("central", sector, Flow.SCIENCE_BUDGET, state.scale * part * central)
    state.ledger.post("provinces", sector, Flow.SCIENCE_BUDGET, state.scale * part * local)
    spent = state.scale * state.by_province(rows, money)
    state.ledger.post(sector, "economy", Flow.WAGES, spent)


def _grant(
    state: State,
    rate: Floats,
    leaks: tuple[Floats, Floats],
    programmes: Mapping[str, tuple[Floats, Floats]],
    part: Floats,
    central: Floats,
    local: Floats,
) -> None:
    """Pay grants; by firm the rates of programmes, what leaks, and both of each programme."""
    table, firms, books, scale = state.organisations, state.firms, state.books, state.scale
    pool = scale * part * (central + local)
    base, programme = grants(pool, table.rd[firms], table.province[firms], rate)
    received = base + programme
    leaked = leaks[0] * base + leaks[1] * table.rd[firms]
    table.grants[firms] = received
    table.grants_spent[firms] = received - leaked
    base_paid = state.by_province(firms, base)
    from_central = quotient(central, central + local)
    programme_paid = state.by_province(firms, programme)
    local_paid = base_paid * (1.0 - from_central)
    lost = state.by_province(firms, leaks[0] * base)
    local_lost = lost * (1.0 - from_central)
    books.central -= float((base_paid * from_central).sum())
    books.provinces -= local_paid + programme_paid
    post = state.ledger.post
    post("central", "firms", Flow.GRANTS, base_paid * from_central, lost * from_central)
    post("provinces", "firms", Flow.GRANTS, local_paid, local_lost)
    for name, rates in programmes.items():
        paid, gone = (state.by_province(firms, each * table.rd[firms]) for each in rates)
        post("provinces", "firms", name, paid, gone)
    tally = state.tally.city
    tally.rd_grants = state.by_city(firms, received) / scale
    tally.rd_grants_programme = state.by_city(firms, programme) / scale
    tally.rd_grants_leaked = state.by_city(firms, leaked) / scale


def spend_rest(state: State) -> None:
    """Spend what governments have left on other things, or borrow what they lack."""
    books, provinces = state.books, state.world.n_provinces
    even = np.full(provinces, 1.0 / provinces)
    left: dict[Government, Floats] = {
        "central": books.central * even,
        "provinces": books.provinces,
        "cities": sums(state.world.city_province, books.cities, provinces),
    }
    for government, rest in left.items():
        spent = np.maximum(rest, 0.0)
        state.ledger.post(government, "economy", Flow.OTHER_SPENDING, spent)
        borrowed = spent - rest
        if borrowed.any():
            state.ledger.post("economy", government, Flow.BORROWING, borrowed)
    books.central = 0.0
    books.provinces = np.zeros(provinces)
    books.cities = np.zeros(state.world.n_cities)


# -- certificates ----------------------------------------------------------------------------------

REFORM: Final = 2016
"""First year of the administrative measures that replaced those of 2008."""


def size_of(sales: Floats, parameters: CertifyParameters) -> Ints:
    """Return the size class of firms with ``sales`` in the quarter."""
    reported = reported_sales(sales, parameters.sales_basis)
    return size_class(reported, parameters.small_sales, parameters.large_sales)


def asked_rd(sales: Floats, parameters: CertifyParameters) -> Floats:
    """Return the R&D that firms must report in the quarter, 100m_rmb."""
    share = np.array(parameters.thresholds)[size_of(sales, parameters)]
    return share * reported_sales(sales, parameters.sales_basis) / 4.0


@dataclass(frozen=True)
class Eligibility:
    """What firms show to the examiners: asked R&D, and which of the bands they are in."""

    asked: Floats
    outright: Bools
    near: Bools
    eligible: Bools


def eligibility(
    rd: Floats, sales: Floats, inventions: Floats, parameters: CertifyParameters
) -> Eligibility:
    """Return what firms show to the examiners; see the module docstring."""
    asked, sells = asked_rd(sales, parameters), sales > 0.0
    outright = sells & (rd >= asked)
    near = sells & ~outright & (rd >= (1.0 - parameters.relabelling) * asked)
    eligible = (outright | near) & (inventions >= 1.0)
    return Eligibility(asked, outright, near, eligible)


def certify(
    state: State,
    noise: Noise,
    parameters: CertifyParameters,
    over_real: Floats | None = None,
    year: float = np.inf,
) -> None:
    """Renew, lose and grant certificates, and report R&D.

    ``over_real`` is f_c by city, (C,): reported over real R&D because of tax relief; ``year``
    is the decimal year of the quarter.
    """
    table, firms, quarter = state.organisations, state.organisations.firms(), state.quarter
    until, key = table.certified_until[firms], table.key[firms]
    inventions = row_sums(table.inventions, firms)
    shown = eligibility(table.rd[firms], table.sales[firms], inventions, parameters)
    held = until > NO_CERTIFICATE

    due = held & (until <= quarter)
    renews = due & shown.eligible
    hazard = parameters.hazard if year >= REFORM else parameters.hazard_before
    chance = -np.expm1(-hazard / 4.0)
    granted = ~held & shown.eligible & (noise.uniform(key, 0) < chance)
    until[renews] += parameters.lasts
    until[due & ~renews] = NO_CERTIFICATE
    until[granted] = quarter + parameters.lasts
    table.certified_until[firms] = until

    rd = table.rd[firms]
    reported = np.where(shown.near & (held | granted), shown.asked, rd)
    if over_real is not None:
        reported = np.maximum(reported, over_real[table.city[firms]] * rd)
    table.reported_rd[:] = table.rd
    table.reported_rd[firms] = reported

    def count(flag: Bools) -> Floats:
        return state.by_city(firms, flag.astype(np.float64)) / state.scale

    tally = state.tally.city
    tally.certifications = count(granted)
    tally.hitech_enterprises_recognised_in_year = count(granted | renews)
    tally.certificates_lost = count(due & ~renews)
    tally.certificate_eligible = count(shown.eligible)
    tally.certified_firms = count(until >= quarter)
    tally.relabelled_rd = state.by_city(firms, reported - rd) / state.scale
