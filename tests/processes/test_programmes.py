"""Programmes as a loop over projects, money that is conserved, and what the money does."""

import copy
from dataclasses import replace

import numpy as np
import pytest

from tests.support import scalar_programmes as scalar
from tests.support.deals import flows
from tests.support.numbers import close, rng, seeded
from tests.support.scalar_match import scene as met
from tests.support.small import arrived, columns_of
from ydsim.agents.ledger import MOST_POLICIES, count_launches, credit
from ydsim.agents.organisations import FIRM
from ydsim.agents.projects import INDUSTRIALISATION, NOBODY, OUTSIDER, PARTNERS, Projects
from ydsim.fmt import number
from ydsim.noise import NoiseSource, identity
from ydsim.policies.environment import CostSharing, JointFund
from ydsim.processes.advance import advance, plan
from ydsim.processes.match import _terms, valid_pairs
from ydsim.processes.programmes import eligible, foreseen, run_programmes
from ydsim.record.run_warnings import named, take_up_remark

SEEDS = seeded(4)


def scene(seed=0, n=300):
    """A small model in the middle of a quarter with random joint projects of all kinds."""
    m = arrived()
    state = m.state
    draw, table = rng(seed), state.organisations
    state.talent.wage[:] = draw.uniform(0.5, 2.0, state.world.n_cities)
    rows = np.concatenate([table.of_kind(1), table.of_kind(2), state.firms[:60]])
    gone = draw.choice(rows, 6, replace=False)
    table.died[gone], table.researchers[gone] = 0, 0.0
    state.firms = state.firms[table.alive[state.firms]]
    members = np.full((n, PARTNERS), NOBODY)
    owner = draw.choice(rows, n)
    for i in np.flatnonzero(draw.random(n) < 0.9):
        number = draw.integers(1, PARTNERS + 1)
        members[i, :number] = draw.choice(rows[rows != owner[i]], number, replace=False)
        if draw.random() < 0.3:
            members[i, draw.integers(0, number)] = OUTSIDER
    state.projects = Projects()
    state.projects.append(
        n,
        key=identity("joint", np.arange(n)),
        owner=owner,
        members=members,
        outside_kind=np.where((members == OUTSIDER).any(axis=1), draw.integers(0, 3, n), -1),
        field=draw.integers(0, len(state.world.fields), n),
        quality=np.round(draw.exponential(1.0, n), 1),
        stage=draw.integers(0, 5, n),
        paid_quarters=draw.integers(0, 12, n),
        sold=draw.random(n) < 0.05,
    )
    return m


def scheme_of(seed, kind=JointFund, **keys):
    """A scheme with random conditions."""
    draw = rng(seed)
    given = {
        "policy": "fund",
        "fields": (draw.random(10) < 0.6).astype(float),
        "provinces": np.array([1.0, 1.0, 1.0, float(seed % 2)]),
        "least": 2 + seed % 2,
        "mixed": seed % 3 != 1,
        "quarters": 8,
        "central": 0.4,
        "leakage": 0.2,
    }
    if kind is JointFund:
        given["rate"] = 0.002
    return kind(**{**given, **keys})


def run(m, *schemes, bid_share=0.0, parameters=None):
    """Pay and return the work; the model's parameters unless others are given."""
    environment = replace(m.baseline, schemes=schemes, bid_share=np.array(bid_share))
    parameters = parameters or m.parameters
    work = plan(m.state, parameters.chain, parameters.match)
    run_programmes(m.state, environment, work, parameters)
    return work


def paces(m):
    return plan(m.state, m.parameters.chain, m.parameters.match).pace


# -- the fund --------------------------------------------------------------------------------------


@pytest.mark.quick(2)
@pytest.mark.parametrize("bid_share", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("seed", SEEDS)
def test_a_fund_equals_a_loop_over_projects(seed, bid_share):
    m, scheme = scene(seed), scheme_of(seed)
    before = copy.deepcopy(m.state.organisations)
    quarters = m.state.projects.paid_quarters.copy()
    pace = paces(m)
    want = scalar.fund(m.state, scheme, bid_share, pace.tolist(), m.parameters.chain)
    members = scalar.eligible(m.state, scheme)
    paid, spent, by_member = scalar.payments(m.state, scheme, want, members)
    books = m.state.books.central, m.state.books.provinces.copy()
    work = run(m, scheme, bid_share=bid_share)
    got = dict(zip(members, work.directed[list(members)].tolist(), strict=True))
    close(list(got.values()), list(want.values()), rtol=1e-9, atol=1e-12)
    assert sum(want.values()) > 0.0
    # nothing for others, and nobody more than can be used
    others = np.setdiff1d(np.arange(len(pace)), list(members))
    assert not work.directed[others].any()
    assert (work.directed <= pace).all()
    used = np.array([want.get(at, 0.0) > 0.0 for at in range(len(pace))])
    assert m.state.projects.paid_quarters.tolist() == (quarters + used).tolist()
    # money by sector, province and payer
    found, table = flows(m.state), m.state.organisations
    for kind, sector in enumerate(("firms", "universities", "institutes")):
        amount = np.array([paid.get((kind, q), 0.0) for q in range(4)])
        wages = np.array([spent.get((kind, q), 0.0) for q in range(4)])
        close(found["central", sector, "fund: joint projects"], 0.4 * amount, 1e-9)
        close(found["provinces", sector, "fund: joint projects"], 0.6 * amount, 1e-9)
        close(found[sector, "economy", "research wages"], wages, 1e-9)
        close(found[sector, "economy", "misused grants"], amount - wages, 1e-9, 1e-12)
    by_province = np.array([sum(paid.get((k, q), 0.0) for k in range(3)) for q in range(4)])
    close(m.state.books.central - books[0], -0.4 * by_province.sum(), 1e-9)
    close(m.state.books.provinces - books[1], -0.6 * by_province, 1e-9)
    assert m.state.ledger.imbalance() < 1e-9
    # people and money of members
    for row in range(len(table)):
        effort, cost = by_member.get(row, (0.0, 0.0))
        whole = 1.0 if table.kind[row] == FIRM else 1.0 / m.state.scale
        close(table.researchers[row] - before.researchers[row], whole * effort, 1e-6, 1e-9)
        close(table.grants_spent[row] - before.grants_spent[row], whole * cost, 1e-6, 1e-9)
        close(table.grants[row] - before.grants[row], whole * cost / 0.8, 1e-6, 1e-9)
    total = sum(paid.values())
    close(m.state.returns["fund"], [total / m.state.scale, 0.0], 1e-9)
    assert ((m.state.projects.paid_by == 1) == used).all()


@pytest.mark.parametrize("bid_share", [0.0, 0.5])
def test_a_fund_with_an_amount_equals_a_loop_over_projects(bid_share):
    m, scheme = scene(2), scheme_of(2, rate=0.0, amount=0.4)
    want = scalar.fund(m.state, scheme, bid_share, paces(m).tolist(), m.parameters.chain)
    work = run(m, scheme, bid_share=bid_share)
    close(work.directed[list(want)], list(want.values()), rtol=1e-9, atol=1e-12)
    assert sum(want.values()) > 0.0


def test_the_books_hold_what_is_asked_for_offered_and_taken_up():
    m, scheme = scene(), scheme_of(0, rate=0.0, amount=0.2)
    pace = paces(m)
    members = scalar.eligible(m.state, scheme)
    cost = sum(pace[i] * scalar.unit_cost(m.state, rows) for i, rows in members.items())
    asked = cost / (1.0 - scheme.leakage) / m.state.scale
    run(m, scheme)
    close(m.state.ledger.budgets(m.state.scale)["fund"], [asked, 0.05, 0.05], 1e-9)
    m = scene()
    run(m, replace(scheme, amount=1e4))
    budgets = m.state.ledger.budgets(m.state.scale)
    close(budgets["fund"], [asked, 2500.0, asked], 1e-9)
    (line,) = take_up_remark(budgets)
    assert line.startswith("fund: ")
    assert f"{number(asked)} of 2,500 (100m_rmb) offered was paid" in line
    assert m.state.ledger.imbalance() < 1e-9


def test_little_is_said_of_where_half_is_taken_up():
    offers = {"b": (9.0, 10.0, 5.0), "a": (9.0, 10.0, 4.9)}
    (line,) = take_up_remark(offers)
    assert line == "a: 4.9 of 10 (100m_rmb) offered was paid (budget used 49 %); 9 was claimed"
    assert take_up_remark({"a": (0.0, 0.0, 0.0)}) == []
    (third,) = take_up_remark(offers, replicate=2)
    assert third == line.replace("a: 4.9", "a: replicate 2: 4.9")
    assert named([line, "of all"], "f-0001") == [f"f-0001: {line}", "of all"]


def test_what_leaks_of_a_fund_is_beside_what_it_pays():
    m = scene()
    run(m, scheme_of(0, rate=1e-4, leakage=0.4))
    entries = [e for e in m.state.ledger.entries if e.flow == "fund: joint projects"]
    assert sum(e.amount.sum() for e in entries) > 0.0
    for entry in entries:
        close(entry.leaked, 0.4 * entry.amount, 1e-9)


def test_a_second_fund_pays_what_the_first_leaves():
    m = scene()
    one = scheme_of(0, rate=1e-4, fields=np.ones(10), provinces=np.ones(4), least=2, mixed=False)
    two = replace(one, policy="other", rate=10.0)
    work = run(m, one, two)
    at, _ = eligible(scene().state, one)
    close(work.directed[at], work.pace[at])
    assert (work.directed <= work.pace).all()
    members = scalar.eligible(scene().state, one)
    cost = sum(work.pace[i] * scalar.unit_cost(m.state, rows) for i, rows in members.items())
    both = sum(found[0] for found in m.state.returns.values()) * m.state.scale
    assert both == pytest.approx(cost / 0.8, rel=1e-9)  # not a yuan more than there is work
    assert list(m.state.returns) == ["fund", "other"]
    assert set(m.state.projects.paid_by[at[work.pace[at] > 0.0]].tolist()) == {3}
    assert m.state.projects.paid_quarters.max() <= scene().state.projects.paid_quarters.max() + 1


def test_governments_that_are_switched_off_pay_nothing():
    m = scene()
    off = m.parameters.actors.model_copy(update={"funding": False})
    parameters = m.parameters.model_copy(update={"actors": off})
    work = run(m, scheme_of(0), scheme_of(0, CostSharing, share=0.5), parameters=parameters)
    assert not work.directed.any()
    assert m.state.ledger.entries == []


# -- open bids -------------------------------------------------------------------------------------


def test_a_firm_that_lacks_the_capability_may_bid_in_an_early_stage():
    m = scene(1)
    m.state.projects.difficulty[:] = 2.1  # more than a firm can do up to the pilot
    work = run(m, scheme_of(0, rate=10.0), bid_share=1.0)
    assert set(m.state.projects.stage[work.directed > 0.0].tolist()) == {0, 1, 3}


# -- shared costs and taxes ------------------------------------------------------------------------


@pytest.mark.parametrize("seed", SEEDS)
def test_the_share_of_costs_is_exact(seed):
    m = scene(seed)
    scheme = scheme_of(seed, CostSharing, share=0.3, strength=0.5, central=0.0, leakage=0.0)
    work = plan(m.state, m.parameters.chain, m.parameters.match)
    own = scalar.own_work(
        m.state,
        work.time.tolist(),
        work.pace.tolist(),
        work.aside.tolist(),
    )
    members = scalar.eligible(m.state, scheme)
    want = {at: 0.15 * own[at] for at in members}
    paid, _, _ = scalar.payments(m.state, scheme, want, members)
    books = m.state.books.provinces.copy()
    work = run(m, scheme)
    close(work.directed[list(members)], list(want.values()), 1e-9)
    assert work.directed.sum() == pytest.approx(sum(want.values()))
    by_province = np.array([sum(paid.get((k, q), 0.0) for k in range(3)) for q in range(4)])
    close(books - m.state.books.provinces, by_province, 1e-9)
    assert m.state.books.central == scene(seed).state.books.central
    assert not (m.state.projects.paid_quarters - scene(seed).state.projects.paid_quarters).any()


def test_costs_are_shared_of_what_a_fund_has_left():
    m = scene()
    everything = {"fields": np.ones(10), "least": 2, "mixed": False, "provinces": np.ones(4)}
    fund = scheme_of(0, rate=10.0, **everything)
    run(m, fund, scheme_of(0, CostSharing, policy="costs", share=0.5, quarters=99, **everything))
    at, _ = eligible(scene().state, fund)
    assert not (m.state.projects.paid_by[at] & 2).any()


def test_the_share_of_taxes_is_exact_and_only_moves_money_between_provinces():
    m = scene()
    handed = rng(5).uniform(0.0, 10.0, (5, 5))
    m.state.tally.contracts.value_handed_over = handed
    before = m.state.books.provinces.copy()
    part = np.array([1.0, 1.0, 0.0, 1.0])
    run(m, CostSharing(policy="deal", strength=0.5, tax=0.4, provinces=part))
    keys = m.parameters.fund
    local = (1.0 - keys.tax_central) / 2.0
    rate = 0.5 * 0.4 * keys.profit_margin * keys.profit_tax * local * m.state.scale
    want = np.zeros(4)
    for p in (0, 1, 3):
        for q in (0, 1, 3):
            if p != q:
                want[p] += rate * handed[p, q]
                want[q] -= rate * handed[p, q]
    close(m.state.books.provinces - before, want, 1e-9, 1e-12)
    assert abs(want.sum()) < 1e-12
    assert np.abs(want).max() > 0.0
    (entry,) = m.state.ledger.entries
    assert (entry.payer, entry.receiver, entry.flow) == (
        "provinces",
        "provinces",
        "deal: tax passed on",
    )
    close(entry.amount, want, 1e-9, 1e-12)


# -- what the money does ---------------------------------------------------------------------------

SAFE = {"failure": 0.0, "selection": 10.0}


def test_paid_work_is_done_on_top_of_what_members_have_time_for():
    m = scene(3)
    p = m.state.projects
    p.sold[:], p.stage[:] = False, INDUSTRIALISATION
    keys = m.parameters.chain.model_copy(update=SAFE)
    draws = NoiseSource(1, 0).phase("advance", 0)
    work = plan(m.state, keys, m.parameters.match)
    alone = copy.deepcopy(m.state.projects)
    state = copy.copy(m.state)
    state.projects = alone
    advance(state, draws, keys, m.parameters.match)
    run_programmes(
        m.state,
        replace(m.baseline, schemes=(scheme_of(0, rate=1e-3, quarters=99),)),
        work,
        m.parameters,
    )
    directed, pace = work.directed.copy(), work.pace.copy()
    own = scalar.own_work(
        m.state,
        work.time.tolist(),
        (pace - directed).tolist(),
        work.aside.tolist(),
    )
    before = p.done.copy()
    public = work.public[p.owner]
    keys_before = p.key.copy()
    advance(m.state, draws, keys, m.parameters.match, work)
    stay = np.isin(keys_before, p.key)
    assert p.key.tolist() == alone.key.tolist() == keys_before[stay].tolist()
    want = np.minimum(before + directed + own, before + pace)[stay]
    still = p.stage == INDUSTRIALISATION
    close(p.done[still], want[still], 1e-9)
    spent = (directed + np.array(own))[stay]
    close(p.effort, spent, 1e-9, 1e-12)
    close(p.public, (directed + np.array(own) * public)[stay], 1e-9, 1e-12)
    assert (p.public <= p.effort * (1.0 + 1e-12)).all()
    # nobody has less time for anything else
    assert (p.effort >= alone.effort * (1.0 - 1e-12)).all()
    assert (p.effort > alone.effort * (1.0 + 1e-6))[directed[stay] > 0.0].any()


def test_without_money_the_chain_is_as_it_was():
    m, other = scene(1), scene(1)
    draws = NoiseSource(1, 0).phase("advance", 0)
    advance(m.state, draws, m.parameters.chain, m.parameters.match)
    work = run(other)
    assert not work.directed.any()
    advance(other.state, draws, m.parameters.chain, m.parameters.match, work)
    one, two = columns_of(m.state), columns_of(other.state)
    assert one.keys() == two.keys()
    assert [name for name in one if one[name].tobytes() != two[name].tobytes()] == []


def test_launches_count_for_the_policies_that_have_paid():
    m = scene()
    p = m.state.projects
    credit(m.state, "a", 3.0, np.array([0, 1, 2]))
    credit(m.state, "b", 1.0, np.array([2, 3]))
    credit(m.state, "a", 2.0, np.array([2]))
    launched = np.zeros(len(p), dtype=np.bool_)
    launched[[1, 2, 3, 7]] = True
    count_launches(m.state, launched)
    s = m.state.scale
    close(m.state.returns["a"], [5.0 / s, 2.0 / s])
    close(m.state.returns["b"], [1.0 / s, 2.0 / s])
    count_launches(m.state, launched)
    close(m.state.returns["a"], [5.0 / s, 4.0 / s])
    assert p.paid_by[:4].tolist() == [1, 1, 3, 2]


def test_more_policies_than_a_project_remembers_are_refused():
    m = scene()
    for k in range(MOST_POLICIES):
        credit(m.state, f"p{k}", 1.0, np.array([0]))
    assert int(m.state.projects.paid_by[0]) == 2**MOST_POLICIES - 1
    with pytest.raises(ValueError, match=r"policies\.more: more than 32 policies"):
        credit(m.state, "more", 1.0, np.array([0]))


# -- the search for partners -----------------------------------------------------------------------


def premiums(seed, *funds):
    """Terms of the pairs of one search with funds and without, and what the scalar rule adds."""
    here = met(2, scale=0.05, seed=seed).with_match(gap_search=0.5)
    state = here.state
    # projects that are offered have partners, too
    offered = np.flatnonzero(state.projects.waits)
    state.projects.members[offered, 0] = rng(seed).choice(state.firms, len(offered))
    science = np.flatnonzero(state.organisations.kind != FIRM)
    state.projects.members[offered[::2], 1] = rng(seed).choice(science, len(offered[::2]))
    state.projects.paid_quarters[::3] = 5
    search = here.seek()
    room = np.full(len(state.organisations), 9)
    valid = valid_pairs(state, search, room, here.parameters.chain)
    terms = []
    for schemes in ((), funds):
        environment = replace(here.environment, schemes=schemes)
        terms.append(_terms(state, environment, search, valid, here.parameters))
    off, on = terms
    s, want = search.seekers, []
    for i, row, place in zip(on.seeker.tolist(), on.row.tolist(), on.place.tolist(), strict=True):
        at, total = int(s.project[i]), 0.0
        rows = [row for row in state.projects.members[at].tolist() if row >= 0]
        if not s.hand_over[i]:
            rows.append(int(s.row[i]))
        if place != state.world.n_cities:
            rows.append(row)
        for fund in funds:
            if scalar.may(state, fund, at) and scalar.right(state, fund, rows):
                total += fund.strength * fund.premium
        want.append(total)
    return off, on, np.array(want), s


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
def test_owners_see_more_in_partners_who_make_a_project_eligible(seed):
    everywhere = {"fields": np.ones(10), "provinces": np.ones(4)}
    one = JointFund("a", 0.5, mixed=True, quarters=5, premium=0.8, **everywhere)
    part = {"fields": (np.arange(10) < 5) * 1.0, "provinces": np.array([1.0, 1.0, 1.0, 0.0])}
    two = JointFund("b", mixed=False, quarters=5, premium=0.25, **part)
    off, on, want, seekers = premiums(seed, one, two)
    close(on.adds - off.adds, want)
    assert {0.0, 0.4} < set(np.round(want, 9).tolist())
    assert (want[seekers.hand_over[on.seeker]] > 0.0).any()
    assert (want[~seekers.hand_over[on.seeker]] > 0.0).any()
    for name in ("gains", "tie", "unlike", "way", "distance"):
        assert getattr(on, name).tobytes() == getattr(off, name).tobytes(), name


# -- what programmes do beside the work ------------------------------------------------------------


@pytest.mark.parametrize("amount", [0.01, 1e4])
def test_shared_costs_with_an_amount_are_paid_evenly(amount):
    m = scene()
    scheme = CostSharing("share", 0.5, provinces=np.ones(4), least=2, amount=amount)
    whole = scene()
    run(whole, replace(scheme, strength=1.0, amount=None, share=1.0))
    run(m, scheme)
    name = "share: joint projects"
    paid, most = (
        sum(e.amount.sum() for e in one.state.ledger.entries if e.flow == name)
        for one in (m, whole)
    )
    assert paid == pytest.approx(min(0.5 * m.state.scale * amount / 4.0, most), rel=1e-9)
    asked, offered, taken = m.state.ledger.budgets(1.0)["share"]
    assert asked == pytest.approx(most, rel=1e-9)
    assert offered == pytest.approx(0.5 * m.state.scale * amount / 4.0, rel=1e-9)
    assert taken == pytest.approx(paid, rel=1e-9)


@pytest.mark.slow
@pytest.mark.parametrize("mixed", [True, False])
def test_foreseen_premiums_equal_a_loop_over_places(mixed):
    here = met(2, scale=0.05, seed=1)
    state = here.state
    world, table, projects = state.world, state.organisations, state.projects
    provinces = np.array([1.0, 1.0, 1.0, 0.0])
    one = JointFund("a", 0.5, fields=(np.arange(10) < 5) * 1.0, provinces=provinces, mixed=mixed,
                    quarters=5, premium=0.8)  # fmt: skip
    three = replace(one, policy="b", least=3)
    draw = rng(0)
    pull = draw.uniform(0.1, 1.0, (world.n_cities, world.n_cities + 1))
    environment = replace(here.environment, schemes=(one, three))
    got = foreseen(state, environment, pull)
    effort = {}
    for row in state.active.tolist():
        weight = 1.0 if table.kind[row] == FIRM else state.scale
        share = float(state.field_share[:, state.position[row]].sum())
        at = int(table.city[row]), bool(table.kind[row] == FIRM)
        effort[at] = effort.get(at, 0.0) + weight * float(table.researchers[row]) * share
    abroad = float(state.national.outside_mass[state.input_column]) * sum(effort.values())
    gain = np.exp(0.5 * 0.8) - 1.0
    of = world.city_province.tolist()
    for i in range(len(projects)):
        owner = int(projects.owner[i])
        city, firm = int(table.city[owner]), bool(table.kind[owner] == FIRM)
        total, good = abroad * pull[city, -1], 0.0
        for (place, firms), mass in effort.items():
            total += mass * pull[city, place]
            takes = provinces[of[city]] > 0.0 and provinces[of[place]] > 0.0
            if takes and of[city] != of[place] and (not mixed or firms is not firm):
                good += mass * pull[city, place]
        want = gain * good / total if scalar.may(state, one, i) else 0.0
        assert got[i] == pytest.approx(want, rel=1e-9, abs=1e-15)
    assert (got > 0.0).any()
    assert (got == 0.0).any()
