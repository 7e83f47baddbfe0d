"""Each kind of shock against a loop over its units, and what must follow from it."""

import functools
import operator

import numpy as np
import pytest

from tests.support import scalar_shocks as scalar
from tests.support.numbers import close
from tests.support.small import after_burn_in, tilted, world
from ydsim.agents.organisations import FIRM
from ydsim.agents.projects import NOBODY
from ydsim.noise import identity
from ydsim.policies.environment import Winners
from ydsim.processes.contract import vouchers_in_force
from ydsim.processes.seek import seek
from ydsim.shocks.kinds import separate

SCALE = 0.02
UNEVEN = tilted(world())


def struck(kind, *, name="a", quarters=0, scale=SCALE, policies=None, **keys):
    """A model in the quarter in which a shock has just struck, and the shock's assignment."""
    shock = {"name": name, "kind": kind, "year": 2011.0 + quarters / 4.0, **keys}
    m = after_burn_in(scale=scale, years=4, shocks=[shock], policies=policies)
    for _ in range(quarters):
        m.step()
    m.state.begin(m.state.quarter)
    m._enact()
    return m, m.shocks.assignments[-1]


def plain(**keys):
    """The same without the shock."""
    m = after_burn_in(scale=SCALE, years=4, **keys)
    m.state.begin(m.state.quarter)
    return m


# -- projects --------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("how", [{"share": 0.3}, {"number": 7}])
def test_projects_that_end_equal_a_loop(how):
    state = plain().state
    owned = state.organisations.alive[state.projects.owner]
    units = state.projects.key[owned].tolist()
    m, drawn = struck("delete_projects", **how)
    gone = scalar.ends(m, "a", units, **how)
    assert set(drawn.key[drawn.treated].tolist()) == gone
    assert 0 < len(gone) < len(units)
    left = [key for key in state.projects.key.tolist() if key not in gone]
    assert m.state.projects.key.tolist() == left
    assert "number" not in how or len(gone) == how["number"]
    assert drawn.key.tolist() == units


@pytest.mark.slow
def test_projects_outside_the_target_live_on():
    target = {"provinces": ["Province 2"], "kinds": ["university"], "fields": ["field 3"]}
    before = plain()
    m, drawn = struck("delete_projects", share=1.0, target=target)
    table, projects = before.state.organisations, before.state.projects
    aimed = table.alive[projects.owner] & (
        (table.province[projects.owner] == 1)
        & (table.kind[projects.owner] == 1)
        & (projects.field == 2)
    )
    assert 0 < aimed.sum() < len(projects)
    assert set(drawn.key.tolist()) == set(projects.key[aimed].tolist())
    assert m.state.projects.key.tolist() == projects.key[~aimed].tolist()


# -- ties ------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_lost_partners_equal_a_loop():
    before = plain()
    m, drawn = struck("delete_ties", share=0.4)
    lost = scalar.lost(before, "a")
    row = {key: i for i, key in enumerate(before.state.organisations.key.tolist())}
    pairs = list(zip(drawn.key.tolist(), drawn.other.tolist(), strict=True))
    assert {row[i]: row[j] for i, j in pairs} == lost
    hit = [scalar.treated(before, "a", key, 0.0, 0.4) for key in drawn.key]
    np.testing.assert_array_equal(drawn.treated, hit)
    cut = {frozenset((row[i], row[j])) for (i, j), yes in zip(pairs, hit, strict=True) if yes}
    old = [
        frozenset(p)
        for p in zip(before.state.ties.a.tolist(), before.state.ties.b.tolist(), strict=False)
    ]
    new = [
        frozenset(p) for p in zip(m.state.ties.a.tolist(), m.state.ties.b.tolist(), strict=False)
    ]
    assert new == [p for p in old if p not in cut]
    assert len(new) < len(old)


def test_cut_pairs_equal_a_loop():
    before = plain()
    m, drawn = struck("delete_ties", share=0.4, unit="pair")
    key, alive, ties = before.state.organisations.key, before.state.organisations.alive, []
    ends = zip(before.state.ties.a.tolist(), before.state.ties.b.tolist(), strict=True)
    for a, b in ends:
        yes = scalar.treated(before, "a", scalar.pair(key[a], key[b]), 0.0, 0.4)
        ties.append(alive[a] and alive[b] and yes)
    assert m.state.ties.key.tolist() == before.state.ties.key[~np.array(ties)].tolist()
    assert drawn.treated.sum() == sum(ties) > 0


def apart_of(state):
    barred = state.ties.barred
    return {frozenset((int(k >> 32), int(k & 0xFFFFFFFF))) for k in barred}


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_partners_who_part_leave_projects_as_in_a_loop(seed):
    m = after_burn_in(scale=SCALE)
    state, draw = m.state, np.random.default_rng(seed)
    projects, alive = state.projects, np.flatnonzero(m.state.organisations.alive)
    rows = draw.permutation(len(projects))[:40]
    few = draw.choice(alive, 6, replace=False)
    for r in rows:  # consortia of six organisations and the rest of the nation
        size = int(draw.integers(1, 5))
        projects.owner[r] = draw.choice(few)
        others = draw.permutation([i for i in few if i != projects.owner[r]])[:size]
        projects.members[r] = NOBODY
        projects.members[r, :size] = np.where(draw.random(size) < 0.2, -2, others)
    before = projects.members.copy()
    one, other = draw.choice(few, 5), draw.choice(few, 5)
    one, other = one[one != other], other[one != other]
    separate(state, one, other)
    apart = apart_of(state)
    assert apart == {frozenset(p) for p in zip(one.tolist(), other.tolist(), strict=True)}
    for r in range(len(projects)):
        stay = scalar.parted(int(projects.owner[r]), before[r].tolist(), apart)
        assert projects.members[r].tolist() == [*stay, *[NOBODY] * (4 - len(stay))]
    assert (projects.members != before).any()


@pytest.mark.slow
def test_the_parted_are_hidden_as_in_a_loop():
    m, _ = struck("delete_ties", share=1.0)
    live_to_search(m)
    state, search = m.state, found_search(m)
    rows, seen = search.seekers.row, search.seen
    inside = (seen.row >= 0) & (seen.place < state.world.n_cities)
    i, slot = np.nonzero(inside)
    separate(state, rows[i[::5]], seen.row[i[::5], slot[::5]])  # some of those who see each other
    # and partners of seekers from others whom these see
    there = np.flatnonzero((state.projects.members[search.seekers.project, 0] == NOBODY)[i])[1::9]
    i, slot = i[there], slot[there]
    partner = np.roll(seen.row[i, slot], 1)
    state.projects.members[search.seekers.project[i], 1] = partner
    state.projects.members[search.seekers.project[i], 0] = -2
    separate(state, partner, seen.row[i, slot])
    before, apart = seen.row.copy(), apart_of(state)
    expected = scalar.hidden(state, search, apart)
    m.shocks.introduce(state, search)
    found = {tuple(cell) for cell in np.argwhere(seen.row != before).tolist()}
    assert found == expected
    assert len(found) > 20
    assert (seen.row[tuple(np.array(sorted(found)).T)] == -1).all()


def live_to_search(m):
    for phase in ("_fund", "_move_talent", "_invest", "_explore"):
        getattr(m, phase)()


def found_search(m):
    return seek(m.state, m.environment, m._draws("match"), m.parameters, m.environment)


@pytest.mark.slow
def test_the_parted_never_meet_again():
    keys = {"name": "a", "kind": "delete_ties", "year": 2011.5, "share": 1.0}
    moves = {"relocate.hazard": 0.5}
    m = after_burn_in(place=UNEVEN, scale=0.03, years=4, parameters=moves, shocks=[keys])
    while m.running:
        m.step()
        ties = m.state.ties
        assert not ties.apart(ties.a, ties.b).any()
        projects = m.state.projects
        for k in range(4):
            there = np.flatnonzero(projects.members[:, k] >= 0)
            member = projects.members[there, k].astype(np.int64)
            assert not ties.apart(projects.owner[there], member).any()
    (drawn,) = m.shocks.assignments
    table = m.state.organisations
    rows = np.concatenate([ties.barred >> 32, ties.barred & 0xFFFFFFFF])
    moved = table.key[rows]
    # of those who are both still in the table: the rows of the dead are cleared
    there = set(table.key.tolist())
    parted = zip(drawn.key.tolist(), drawn.other.tolist(), strict=True)
    want = {frozenset(pair) for pair in parted if there.issuperset(pair)}
    assert {frozenset(pair) for pair in moved.reshape(2, -1).T.tolist()} == want
    assert len(want) > 20
    last = {key: row for row, key in enumerate(table.key.tolist())}
    assert [last[key] for key in moved.tolist()] == rows.tolist()  # firms that moved, too
    assert len(np.unique(table.key)) < len(table)  # some moved


# -- money -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("unit", ["city", "firm"])
def test_grants_equal_a_loop_over_firms(unit):
    keys = {"rate": 0.2, "leakage": 0.25, "unit": unit}
    m, drawn = struck("grants", share=0.4, **keys)
    bare = plain()
    bare._enact()
    table = m.state.organisations
    hit = {key for key, yes in zip(drawn.key.tolist(), drawn.treated, strict=True) if yes}
    own = table.rd.copy()
    m._fund(), bare._fund()
    paid = np.zeros(m.world.n_provinces)
    for i in m.state.firms:
        city = int(m.world.city_keys[table.city[i]])
        treated = (city if unit == "city" else int(table.key[i])) in hit
        more = 0.2 * own[i] * treated
        paid[table.province[i]] += more
        close(table.grants[i] - bare.state.organisations.grants[i], more, 1e-9, 1e-12)
        spent = table.grants_spent[i] - bare.state.organisations.grants_spent[i]
        close(spent, 0.75 * more, 1e-9, 1e-12)
    (entry,) = [e for e in m.state.ledger.entries if e.flow == "a"]
    assert (entry.payer, entry.receiver) == ("provinces", "firms")
    close(entry.amount, paid)
    close(entry.leaked, 0.25 * paid)
    assert paid.sum() > 0.0
    assert abs(m.state.ledger.imbalance()) < 1e-12


def test_grants_to_cities_leave_what_policies_add_to_other_fields():
    policies = {"rd_grants": {"rate": 0.1}, "super_deduction": {}}
    m, _ = struck("grants", share=1.0, rate=0.2, policies=policies)
    added = m.environment.added
    assert set(added["grant_rate"]) == {"a", "rd_grants"}
    assert set(added["tax_relief"]) == {"super_deduction"}
    for field in ("grant_rate", "programme_leak"):
        total = sum(added[field].values())
        close(getattr(m.environment, field), getattr(m.baseline, field) + total)


@pytest.mark.slow
@pytest.mark.parametrize("unit", ["city", "firm"])
def test_grants_end(unit):
    keys = {"name": "a", "kind": "grants", "year": 2011.25, "share": 1.0, "unit": unit}
    m = after_burn_in(scale=SCALE, years=1, shocks=[{**keys, "years": 0.5}]).run()
    paid = {e.quarter for e in m.state.ledger.entries if e.flow == "a" and e.amount.any()}
    assert paid == {1, 2}


def test_only_firms_of_the_target_are_drawn():
    target = {"cities": ["City 1.1"], "industries": ["industry 2"]}
    m, drawn = struck("vouchers", share=0.5, target=target)
    table = m.state.organisations
    fits = (table.kind == FIRM) & table.alive & (table.industry == 1) & (table.city == 0)
    assert set(drawn.key.tolist()) == set(table.key[fits].tolist())
    assert len(drawn.key) > 1
    assert set(drawn.place) == {"City 1.1"}


def test_sizes_of_the_target_part_the_firms():
    found = [
        struck("vouchers", share=0.5, target={"sizes": [size]})[1].key.tolist()
        for size in ("small", "medium", "large")
    ]
    m, drawn = struck("vouchers", share=0.5)
    assert sorted(functools.reduce(operator.iadd, found, [])) == sorted(drawn.key.tolist())
    assert sum(bool(keys) for keys in found) > 1
    table, basis = m.state.organisations, m.parameters.certify.sales_basis
    sales = dict(zip(table.key.tolist(), table.sales.tolist(), strict=True))
    assert all(4.0 * sales[key] * basis <= 0.5 for key in found[0])
    assert all(4.0 * sales[key] * basis > 2.0 for key in found[2])


@pytest.mark.parametrize("seed", range(4))
def test_used_vouchers_equal_a_loop(seed):
    draw = np.random.default_rng(seed)
    firms = np.sort(draw.choice(1000, 12, replace=False)).astype(np.uint64)
    left = draw.integers(0, 3, 12)
    winners = Winners(firms, left.copy())
    buyers = draw.choice(np.append(firms, [5000, 6000]), 30).astype(np.uint64)
    wants = draw.random(30) < 0.6
    hold = winners.hold(buyers)
    books = dict(zip(firms.tolist(), left.tolist(), strict=True))
    assert hold.tolist() == [books.get(b, 0) > 0 for b in buyers.tolist()]
    got, after = scalar.used(books, buyers.tolist(), wants.tolist())
    assert winners.use(buyers, wants).tolist() == got
    assert winners.left.tolist() == list(after.values())
    assert any(got)


@pytest.mark.slow
def test_only_winners_with_vouchers_left_foresee_them():
    m, drawn = struck("vouchers", share=0.5, each=1)
    live_to_search(m)
    search, vouchers = found_search(m), vouchers_in_force(m.state, m.environment, m.parameters)
    table, seekers = m.state.organisations, search.seekers
    holds = set(drawn.key[drawn.treated][::2].tolist())  # the others have used theirs
    (scheme,) = vouchers.schemes
    scheme.winners.left[~np.isin(scheme.winners.firms, list(holds))] = 0
    i, slot = np.nonzero(search.seen.row >= 0)
    row, place = search.seen.row[i, slot], search.seen.place[i, slot]
    adds, gains = np.zeros(len(i)), np.zeros(len(i))
    vouchers.add_savings(m.state, seekers, i, row, place, adds, gains)
    for k in range(len(i)):
        mine, theirs = seekers.row[i[k]], row[k]
        inside = place[k] < m.world.n_cities
        asks = table.kind[mine] == FIRM != table.kind[theirs] and table.key[mine] in holds
        answers = table.kind[theirs] == FIRM != table.kind[mine] and table.key[theirs] in holds
        assert (adds[k] > 0.0) == (inside and asks)
        assert (gains[k] > 0.0) == (inside and answers)
    assert (adds > 0.0).sum() + (gains > 0.0).sum() > 10


# -- places ----------------------------------------------------------------------------------------


def test_hours_of_treated_pairs_are_multiplied():
    target = {"provinces": ["Province 1", "Province 3"]}
    m, drawn = struck("travel_time", share=0.4, factor=0.25, target=target)
    hours, before, world = m.environment.travel_hours, m.baseline.travel_hours, m.world
    aimed = [c for c in range(world.n_cities) if world.city_province[c] in (0, 2)]
    hit = 0
    for c in range(world.n_cities):
        for d in range(world.n_cities):
            unit = scalar.pair(world.city_keys[c], world.city_keys[d])
            yes = c != d and c in aimed and d in aimed and scalar.treated(m, "a", unit, 0.0, 0.4)
            assert hours[c, d] == before[c, d] * (0.25 if yes else 1.0)
            hit += yes
    assert hit == 2 * drawn.treated.sum() > 0
    assert len(drawn.key) == 15


def test_protection_lets_fewer_goods_pass_both_ways_while_it_lasts():
    shock = {"name": "a", "kind": "protection", "year": 2011.25, "share": 0.5, "years": 0.5}
    m = after_burn_in(scale=0.01, years=4, burn_in=4, shocks=[{**shock, "level": 0.2}])
    passes = []
    for _ in range(4):
        m.step()
        passes.append(m.environment.goods.copy())
    key = [identity("province", name)[0] for name in m.world.provinces]
    factor = np.ones((4, 4))
    for p in range(4):
        for q in range(p + 1, 4):
            if scalar.treated(m, "a", scalar.pair(key[p], key[q]), 0.0, 0.5):
                factor[p, q] = factor[q, p] = 0.8
    (drawn,) = m.shocks.assignments
    assert 2 * drawn.treated.sum() == (factor < 1.0).sum() > 0
    assert (drawn.quarter, len(drawn.key)) == (1, 6)
    before = m.baseline.goods
    wanted = [before, before * factor, before * factor, before]
    np.testing.assert_array_equal(passes, wanted)


@pytest.mark.slow
def test_goods_of_treated_markets_sell_more_and_the_rest_less():
    keys = {"target": {"provinces": ["Province 1", "Province 2"]}, "rise": 0.5}
    m, drawn = struck("demand", share=0.5, **keys)
    bare = plain()
    for one in (m, bare):
        if one is bare:
            one._enact()
        for phase in ("_fund", "_move_talent", "_invest", "_explore", "_match", "_learn"):
            getattr(one, phase)()
        for phase in ("_advance", "_found", "_cover", "_adopt", "_compete"):
            getattr(one, phase)()
    world = m.world
    hit = np.zeros((len(world.industries), world.n_provinces), dtype=bool)
    for place, industry, yes in zip(drawn.place, drawn.other_place, drawn.treated, strict=True):
        hit[world.industries.index(industry), world.provinces.index(place)] = yes
    sold, before = m.state.market.output, bare.state.market.output
    close(sold.sum(), before.sum(), 1e-12)
    close(m.state.market.lagged, bare.state.market.lagged)
    for j in range(len(world.industries)):
        for q in range(world.n_provinces + 1):
            origin = np.append(world.city_province, world.n_provinces)
            rise = np.where(np.append(hit[j], False)[origin], 1.5, 1.0)
            weight = bare.state.market.share[j, :, q] * rise
            close(m.state.market.share[j, :, q], weight / weight.sum())
        for c, o in enumerate(world.city_province.tolist()):
            if hit[j, o] and before[j, c] > 0.0:
                assert sold[j, c] > before[j, c]
            elif hit[j].any() and before[j, c] > 0.0:
                assert sold[j, c] < before[j, c]
    assert hit.any()
    assert not hit.all()


# -- meetings --------------------------------------------------------------------------------------


def test_pairs_that_meet_equal_a_loop():
    m, drawn = struck("meetings", share=0.5, target={"kinds": ["university", "firm"]})
    table = m.state.organisations
    rows = [i for i in range(len(table)) if table.alive[i] and table.kind[i] in (0, 1)]
    pairs = scalar.met(m, "a", rows)
    keys = [(int(table.key[i]), int(table.key[j])) for i, j in pairs]
    assert list(zip(drawn.key.tolist(), drawn.other.tolist(), strict=True)) == keys
    hit = [scalar.treated(m, "a", scalar.pair(i, j), 0.0, 0.5) for i, j in keys]
    np.testing.assert_array_equal(drawn.treated, hit)
    live_to_search(m)
    search, bare = found_search(m), found_search(m)
    m.shocks.introduce(m.state, search)
    partner = {i: j for (i, j), yes in zip(pairs, hit, strict=True) if yes}
    partner |= {j: i for i, j in partner.items()}
    np.testing.assert_array_equal(search.seen.row[:, :-1], bare.seen.row)
    new = 0
    for k, i in enumerate(search.seekers.row.tolist()):
        seen = [
            r
            for r, p in zip(bare.seen.row[k], bare.seen.place[k], strict=False)
            if p < m.world.n_cities
        ]
        expected = partner.get(i, -1)
        expected = -1 if expected in seen else expected
        assert search.seen.row[k, -1] == expected
        new += expected >= 0
    assert new > 10
