"""Programmes: public money that is directed to the work of projects which provinces share.

    budget     = strength * (rate * (own R&D of firms + s * government R&D) + s * amount / 4)
    K_i        = (pace_i - directed_i) * mean of wage_p theta_c / 4 over members / (1 - leakage)
    by bid     : of bid_share * budget, K_i to the best, then to the next, until it is used
    evenly     : (K_i - money by bid) min(1, (1 - bid_share) budget / sum of K_i - money by bid)
    paid back  = strength * cost_share * min(available, left)    of members' work; with an amount
                 evenly, of strength * s * amount / 4
    tax passed = strength * tax_share * fund.profit_margin * fund.profit_tax
                 * (1 - fund.tax_central) / 2 * value of hand-overs from p to q, from q to p
    directed   = min(directed + money (1 - leakage) / (wage / 4), pace)    researcher-quarters

K_i is what projects ask for, the budget what is offered, and their money what is taken up; all
three are in the books (`ydsim.agents.ledger.Ledger.offers`). A joint fund has a rate or an amount,
which is in 100m_rmb a year at scale 1; s is the scale.

Joint funds pay first, in the order of the names of their policies, then agreements on costs, which
pay back a part of the work that members' own time does. Bids are of projects that a firm leads and
that are in pilot or industrialisation, or for whose stage the firm lacks the capability; the best
receives K_i, then the next, until the money is used. The work that is paid for comes in equal parts
from all members that count, at the wage of the city of each. It is done by researchers who are
there for the project only: they add to the researchers and the grants of the member in the quarter
and to no other project; the members' own time goes to what is left of the pace
(`ydsim.processes.advance`). The centre pays its part of everything; each province pays the rest for
its own members. Money that projects cannot use stays with the payers. Where governments are
switched off nothing is paid.

The tax is that on the value of results that were handed over in the quarter, at once (assumed).

A project is eligible if it is in a field that is paid for, before launch, has not been paid for
too long, and its living members inside the region come from enough provinces that take part,
a firm and a university or institute among them where the programme asks for both.

Who seeks foresees premiums, so that search answers to partners who make it eligible:

    Acc_i / Acc_c = 1 + sum over joint funds that are open to project i of
                    (exp(strength premium) - 1) * share of Acc_c in places d that count

d counts if its province and that of c are not the same and both take part; if a fund asks for a
firm and science, of organisations of the other kind than the owner. Only funds that two provinces
are enough for have such partners. In a choice by odds a premium makes each place exp(premium)
places.
"""

from __future__ import annotations

import numpy as np

from ydsim.agents.capability import Work, capability, capability_needed
from ydsim.agents.ledger import SECTOR_OF, Flow, credit, note_budget, of_quarter
from ydsim.agents.organisations import FIRM
from ydsim.agents.projects import LAUNCH, NOBODY, PILOT
from ydsim.agents.search import Seekers
from ydsim.agents.state import State
from ydsim.measures.groups import cross_sums, quotient, sums
from ydsim.policies.environment import CostSharing, JointFund, JointWork, PolicyEnvironment
from ydsim.scenario.schema.parameters import ChainParameters, FundParameters, Parameters
from ydsim.typing import Bools, Floats, Ints, Keys


def best_first(cost: Floats, quality: Floats, key: Keys, money: float) -> Floats:
    """Return what projects receive if the best is paid in full, then the next, while money lasts.

    Projects of equal quality are in the order of their keys.
    """
    order = np.lexsort((key, -quality))
    before = np.cumsum(cost[order]) - cost[order]
    given = np.empty_like(cost)
    given[order] = np.clip(money - before, 0.0, cost[order])
    return given


def evenly(cost: Floats, money: float) -> Floats:
    """Return what projects receive if all are paid the same part of their cost, at most all."""
    total = float(cost.sum())
    return cost * min(1.0, money / total) if total > 0.0 else np.zeros_like(cost)


def run_programmes(
    state: State, environment: PolicyEnvironment, work: Work, parameters: Parameters
) -> None:
    """Pay for work on joint projects, note it in ``work.directed``, and pass taxes on."""
    if not environment.of(JointWork) or not parameters.actors.funding:
        return
    paid = np.zeros(len(state.projects), dtype=np.bool_)
    for fund in environment.of(JointFund):
        paid[_fund(state, fund, float(environment.bid_share), work, parameters.chain)] = True
    state.projects.paid_quarters += paid
    for agreement in environment.of(CostSharing):
        _pay_back(state, agreement, work)
        _share_tax(state, agreement, parameters.fund)


def _fund(
    state: State, fund: JointFund, bid_share: float, work: Work, chain: ChainParameters
) -> Ints:
    """Pay out a joint fund and return the projects that it has paid for."""
    projects = state.projects
    project, rows = eligible(state, fund)
    each = _unit_cost(state, rows) / (1.0 - fund.leakage)
    left = work.pace[project] - work.directed[project]
    cost = each * left
    own = float(state.organisations.rd[state.firms].sum())
    public = state.scale * float(state.inputs.government[:, state.input_column].sum())
    budget = fund.strength * fund.rate * (own + public)
    budget += of_quarter(fund.amount, fund.strength, state.scale)
    given = np.zeros(len(project))
    bids = (
        np.flatnonzero(_needed(state, project, chain)) if bid_share > 0.0 else np.empty(0, np.int64)
    )
    given[bids] = best_first(
        cost[bids], projects.quality[project[bids]], projects.key[project[bids]], bid_share * budget
    )
    given += evenly(cost - given, (1.0 - bid_share) * budget)
    _note(state, fund, budget, cost, given, rows)
    part = quotient(given, cost)
    _pay(state, fund, work, project, rows, part * left)
    return project[given > 0.0]


def _note(
    state: State, scheme: JointWork, budget: float, cost: Floats, given: Floats, rows: Ints
) -> None:
    """Note what projects ask for and are given, in the provinces of their members."""
    wage = np.where(rows >= 0, _wage(state, np.maximum(rows, 0)), 0.0)
    part = np.divide(wage, wage.sum(axis=1, keepdims=True), out=wage, where=rows >= 0)
    which, slot = np.nonzero(rows >= 0)
    province, n_p = state.organisations.province[rows[which, slot]], state.world.n_provinces
    asked, taken = (sums(province, (part * m[:, None])[which, slot], n_p) for m in (cost, given))
    where = scheme.takes_part(n_p)
    note_budget(state, scheme.policy, scheme.payers, budget, asked, taken, where)


def _needed(state: State, project: Ints, chain: ChainParameters) -> Bools:
    """Return which projects are what a firm needs: it leads, and is near the market or stuck."""
    stage = state.projects.stage[project]
    table, owner = state.organisations, state.projects.owner[project]
    able = capability(table, owner, stage, state.projects.field[project], chain)
    stuck = able < capability_needed(state.projects, chain, project)
    return (table.kind[owner] == FIRM) & ((stage >= PILOT) | stuck)


def _pay_back(state: State, agreement: CostSharing, work: Work) -> None:
    """Pay back a part of the work that members would do in their own time."""
    if agreement.share == 0.0 and agreement.amount is None:
        return
    project, rows = eligible(state, agreement)
    left = work.pace - work.directed
    own = work.available(state, left)
    done = np.minimum(own[project], left[project])
    share = agreement.strength * agreement.share
    if agreement.amount is not None:
        cost = done * _unit_cost(state, rows)
        budget = of_quarter(agreement.amount, agreement.strength, state.scale)
        given = evenly(cost, budget)
        _note(state, agreement, budget, cost, given, rows)
        share = float(given.sum() / cost.sum()) if cost.any() else 0.0
    _pay(state, agreement, work, project, rows, share * done)


def _wage(state: State, rows: Ints) -> Floats:
    """Return the quarterly wage of a researcher of each organisation, 100m_rmb."""
    return state.cost[state.organisations.city[rows]] / 4.0


def _unit_cost(state: State, rows: Ints) -> Floats:
    """Return the mean wage of the members of each project, (k,)."""
    inside = rows >= 0
    wage = np.where(inside, _wage(state, np.maximum(rows, 0)), 0.0)
    return wage.sum(axis=1) / np.maximum(inside.sum(axis=1), 1)


def _pay(
    state: State, scheme: JointWork, work: Work, project: Ints, rows: Ints, effort: Floats
) -> None:
    """Pay for ``effort`` (k,) researcher-quarters on projects and enter it everywhere."""
    if not effort.any():
        return
    table, books, n_p = state.organisations, state.books, state.world.n_provinces
    work.directed[project] = np.minimum(work.directed[project] + effort, work.pace[project])
    which, slot = np.nonzero(rows >= 0)
    member, number = rows[which, slot], np.bincount(which, minlength=len(project))
    part = (effort / np.maximum(number, 1))[which]
    spent = part * _wage(state, member)
    paid = spent / (1.0 - scheme.leakage)
    # science is kept at full number and works at the scale s: it has 1 / s of what the sample sees
    whole = 1.0 / np.where(table.kind[member] == FIRM, 1.0, state.scale)
    n = len(table)
    table.researchers += sums(member, part * whole, n)
    table.grants += sums(member, paid * whole, n)
    table.grants_spent += sums(member, spent * whole, n)
    for kind, sector in SECTOR_OF.items():
        ours = table.kind[member] == kind
        province = table.province[member[ours]]
        amount, wages = sums(province, paid[ours], n_p), sums(province, spent[ours], n_p)
        name = f"{scheme.policy}: joint projects"
        rest, leaked = 1.0 - scheme.central, amount - wages
        state.ledger.post("central", sector, name, scheme.central * amount, scheme.central * leaked)
        state.ledger.post("provinces", sector, name, rest * amount, rest * leaked)
        state.ledger.post(sector, "economy", Flow.WAGES, wages)
        state.ledger.post(sector, "economy", Flow.MISUSED_GRANTS, amount - wages)
    by_province = sums(table.province[member], paid, n_p)
    books.central -= scheme.central * float(by_province.sum())
    books.provinces -= (1.0 - scheme.central) * by_province
    firm = table.kind[member] == FIRM
    received = state.by_city(member[firm], paid[firm]) / state.scale
    state.tally.city.rd_grants += received
    state.tally.city.rd_grants_programme += received
    leaked = state.by_city(member[firm], (paid - spent)[firm]) / state.scale
    state.tally.city.rd_grants_leaked += leaked
    credit(state, scheme.policy, float(paid.sum()), project[effort > 0.0])


def _share_tax(state: State, agreement: CostSharing, fund: FundParameters) -> None:
    """Pass a part of the tax on results handed over on to the provinces of the sellers."""
    handed = state.tally.contracts.value_handed_over
    if agreement.tax == 0.0:
        return
    takes = np.broadcast_to(agreement.provinces, state.world.n_provinces)
    cross = takes[:, None] * takes[None, :] * (1.0 - np.eye(len(takes)))
    rate = fund.profit_margin * fund.profit_tax * (1.0 - fund.tax_central) / 2.0
    owed = state.scale * agreement.strength * agreement.tax * rate * cross * handed[:-1, :-1]
    net = owed.sum(axis=1) - owed.sum(axis=0)
    state.books.provinces += net
    state.ledger.post("provinces", "provinces", f"{agreement.policy}: tax passed on", net)


def counted(state: State, scheme: JointWork, rows: Ints) -> Ints:
    """Return ``rows`` with NOBODY instead of the dead, outsiders, and who takes no part."""
    table, safe_rows = state.organisations, np.maximum(rows, 0)
    takes = scheme.takes_part(state.world.n_provinces)[table.province[safe_rows]]
    return np.where((rows >= 0) & table.alive[safe_rows] & takes, rows, NOBODY)


def joint(state: State, scheme: JointWork, rows: Ints) -> Bools:
    """Return which groups of members, (n, k) from `counted`, are those that are asked for."""
    table, (which, slot) = state.organisations, np.nonzero(rows >= 0)
    row = rows[which, slot]
    seen = np.zeros((len(rows), state.world.n_provinces), dtype=np.bool_)
    seen[which, table.province[row]] = True
    enough: Bools = seen.sum(axis=1) >= scheme.least
    if scheme.mixed:
        firm, science = np.zeros((2, len(rows)), dtype=np.bool_)
        firm[which[table.kind[row] == FIRM]] = True
        science[which[table.kind[row] != FIRM]] = True
        enough &= firm & science
    return enough


def open_to(state: State, scheme: JointWork, project: Ints) -> Bools:
    """Return which of the projects ``project`` may be paid for if their members are right."""
    projects = state.projects
    fields = np.broadcast_to(scheme.fields, len(state.world.fields)) > 0.0
    return (
        fields[projects.field[project]]
        & (projects.stage[project] < LAUNCH)
        & (projects.paid_quarters[project] < scheme.quarters)
        & ~projects.sold[project]
    )


def eligible(state: State, scheme: JointWork) -> tuple[Ints, Ints]:
    """Return positions (k,) of eligible projects and their members that count, (k, PARTNERS + 1).

    The owner is in the first column; the projects of a dead owner are over.
    """
    projects = state.projects
    project = np.flatnonzero(projects.shared)
    project = project[
        open_to(state, scheme, project) & state.organisations.alive[projects.owner[project]]
    ]
    rows = np.column_stack([projects.owner[project], projects.members[project].astype(np.int64)])
    rows = counted(state, scheme, rows)
    right = joint(state, scheme, rows)
    return project[right], rows[right]


def fund_premium(
    state: State,
    environment: PolicyEnvironment,
    seekers: Seekers,
    which: Ints,
    row: Ints,
    abroad: Bools,
) -> Floats:
    """Return what joint funds add to the owner's utility of pairs, (M,).

    A fund adds its premium where the project would be eligible with the candidate: as one more
    member of a joint project, or as the owner of a project that is handed over.

    ``seekers``: projects that seek a partner. ``which``, ``row`` and ``abroad``: (M,) seeker and
    candidate of each pair, and whether it is of the rest of the nation.
    """
    added = np.zeros(len(which))
    for fund in environment.of(JointFund):
        may = np.flatnonzero(open_to(state, fund, seekers.project)[which])
        seeker, candidate = which[may], np.where(abroad[may], NOBODY, row[may])
        owner = np.where(seekers.hand_over[seeker], NOBODY, seekers.row[seeker])
        partners = state.projects.members[seekers.project[seeker]].astype(np.int64)
        rows = counted(state, fund, np.column_stack([owner, candidate, partners]))
        added[may] += fund.strength * fund.premium * joint(state, fund, rows)
    return added


def foreseen(state: State, environment: PolicyEnvironment, pull: Floats) -> Floats:
    """Return what premiums add to whom owners can reach, over the same without, by project.

    ``pull``: (C, C + 1) kernel times pass and factor of joint projects, the rest of the nation
    last.
    """
    table, projects, world = state.organisations, state.projects, state.world
    added = np.zeros(len(projects))
    funds = [fund for fund in environment.of(JointFund) if fund.least == 2]
    if not funds:
        return added
    rows, province = state.active, world.city_province
    science = (table.kind != FIRM).astype(np.int64)
    effort = (table.researchers * state.sample_exposure)[rows] * state.field_share.sum(axis=0)
    mass = cross_sums(science[rows], table.city[rows], effort, (2, world.n_cities))
    abroad = state.national.outside_mass[state.input_column] * mass.sum()
    total = np.einsum("cd,d->c", pull, np.append(mass.sum(axis=0), abroad))
    owner = projects.owner
    for fund in funds:
        gain = np.expm1(fund.strength * fund.premium)
        takes = fund.takes_part(world.n_provinces)[province]
        counts = takes[:, None] & takes[None, :] & (province[:, None] != province[None, :])
        may = np.flatnonzero(open_to(state, fund, np.arange(len(projects))))
        for kind in (0, 1):
            other = mass[1 - kind] if fund.mixed else mass.sum(axis=0)
            near = np.einsum("cd,d->c", counts * pull[:, :-1], other)
            share = quotient(near, total)
            mine = may[science[owner[may]] == kind]
            added[mine] += gain * share[table.city[owner[mine]]]
    return added
