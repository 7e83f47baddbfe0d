import math

import numpy as np
import pytest

from tests.support import scalar_match as scalar
from tests.support import small
from tests.support.neutral import across as between
from tests.support.numbers import close
from tests.support.scalar_match import scene
from tests.support.small import scattered
from tools.sense import fit_gravity
from ydsim.agents.organisations import FIRM
from ydsim.agents.projects import INVENTION, NOBODY, OUTSIDER, PARTNERS
from ydsim.agents.search import BROKERED, CLOSURE, FORMER
from ydsim.processes.contract import sign
from ydsim.processes.match import capacity

CHANNELS = ("co_invention", "contract", "patent_transfer", "co_publication")
CHANGED = ("owner", "members", "outside_kind", "waits", "handed_over", "sold")
DEAL = ("project", "seller", "buyer", "seller_place", "buyer_place", "field", "effort")


def busy(quarters=0, rounds=1, scale=0.01, seed=1, **keys):
    """A scene with many seekers, consortia of earlier rounds, and brokers with much to do.

    Some projects are offered whose consortium could go on as well.
    """
    here = scene(quarters, scale=scale, seed=seed)
    here.state.brokers.capacity[:] = 8.0
    for other in range(1, rounds):
        here.with_match(reserve=0.5, gap_search=0.3).match(other)
        here.state.projects.keep(~here.state.projects.sold)
        here.state.deals = here.state.deals.none()
    here.state.projects.waits[5::11] = True
    here.state.tally.clear()
    here.state.brokers.begin()
    return here.with_match(**{"gap_search": 0.3, **keys})


def tie_dict(ties):
    pairs = zip(ties.a.tolist(), ties.b.tolist(), strict=True)
    return dict(zip(pairs, ties.strength.tolist(), strict=True))


def ample(monkeypatch):
    """Room for everybody."""
    monkeypatch.setattr(
        "ydsim.processes.match.capacity", lambda researchers, firm: np.full(len(firm), 1e6)
    )


def across(here):
    """Mask (C + 1, C + 1) of pairs of cities of different provinces."""
    of = np.append(here.state.world.city_province, -1)
    return (of[:, None] != of[None, :]) & (of[:, None] >= 0) & (of[None, :] >= 0)


def agreements(before, after):
    """Owner, partner and whether it is a hand-over, of all agreements inside and abroad."""
    old, new = before.state.projects, after.state.projects
    found = []
    for i in range(len(old)):
        owner = int(old.owner[i])
        joined = old.members[i].tolist() != new.members[i].tolist()
        if joined:
            size = int((old.members[i] != NOBODY).sum())
            found.append((i, owner, int(new.members[i, size]), False))
        elif new.sold[i] and not old.sold[i]:
            found.append((i, owner, OUTSIDER, True))
        elif int(new.owner[i]) != owner:
            found.append((i, owner, int(new.owner[i]), True))
    return found


# -- against a loop --------------------------------------------------------------------------------

CASES = {
    "default": {},
    "many rivals": {"quarters": 3, "rounds": 5, "reserve": 1.0},
    "everybody agrees": {"quarters": 9, "rounds": 2, "reserve": -1.0},
    "other weights": {
        "quarters": 3,
        "rounds": 3,
        "reserve": 0.8,
        "cognitive": 0.6,
        "social": 0.9,
        "institution": 0.5,
        "search_cost": 0.6,
        "lead": 0.6,
        "decay_h": 2.1,
        "consortium": 3,
        "candidates": (2, 3, 2, 3),
    },
    "eased borders and corridors": {
        "quarters": 3,
        "rounds": 3,
        "reserve": 0.8,
        "search_cost": 1.5,
        "candidates": (3, 3, 4, 3),
    },
}


@pytest.mark.parametrize(
    "case",
    [name if name == "default" else pytest.param(name, marks=pytest.mark.slow) for name in CASES],
)
def test_a_quarter_equals_a_loop_over_seekers_and_candidates(case):
    here = busy(**CASES[case])
    if case == "other weights":
        inside = np.eye(here.state.world.n_provinces)
        here = here.within(
            joint_work=np.maximum(inside, 0.5),
            hand_over=np.maximum(inside, 0.7),
            recognition=np.maximum(inside, 0.4),
            broker_uplift=np.linspace(1.0, 2.0, here.state.world.n_cities),
        )
    if case == "eased borders and corridors":
        here = scalar.eased(here)
    want = scalar.outcome(here.state, here.environment, here.draws(), here.lasting, here.parameters)
    search, state = here.match(), here.state
    assert len(want["made"]) > 5
    assert search.seekers.project.tolist() == [s["project"] for s in want["seekers"]]
    for name in CHANGED:
        assert getattr(state.projects, name).tolist() == want[name], name
    close(state.projects.outside_size, want["outside_size"])
    close(state.projects.covers, want["covers"], rtol=1e-6)
    close(state.projects.bond, want["bond"], rtol=1e-6)
    assert tie_dict(state.ties).keys() == want["ties"].keys()
    close(list(tie_dict(state.ties).values()), [want["ties"][k] for k in tie_dict(state.ties)])
    same_deals(state.deals, want["deals"])
    for channel in CHANNELS:
        tallied = np.zeros_like(here.expected(channel))
        for pair, weight in want["links"][channel].items():
            tallied[pair] += weight
        close(here.expected(channel), tallied, rtol=1e-10, atol=1e-10)
    close(state.tally.city.university_licences, want["licences"])
    assert state.brokers.introductions.tolist() == want["introductions"]


def same_deals(deals, want):
    assert len(deals) == len(want) > 5
    for name in (*DEAL, "invented", "hand_over", "broker"):
        got, expected = getattr(deals, name).tolist(), [d[name] for d in want]
        if name == "effort":
            close(got, expected)
        else:
            assert got == expected, name


@pytest.mark.slow
def test_the_cases_hold_everything_that_can_happen():
    kinds, ways, sizes, brokered, bought = set(), set(), set(), 0, 0
    for case in CASES.values():
        here = busy(**case)
        before = here.copy()
        here.match()
        made, deals = agreements(before, here), here.state.deals
        kinds |= {int(here.state.organisations.kind[owner]) for _, owner, _, _ in made}
        ways |= {(partner == OUTSIDER, handed) for _, _, partner, handed in made}
        sizes |= set((before.state.projects.members != NOBODY).sum(axis=1).tolist())
        brokered += (deals.broker >= 0).sum()
        bought += (deals.buyer == OUTSIDER).sum()
    assert kinds == {0, 1, 2}
    assert len(ways) == 4
    assert sizes >= {0, 1, 2}
    assert brokered > 0
    assert bought > 50


@pytest.mark.parametrize("firm", [True, False])
def test_capacity_equals_the_scalar_rule(firm):
    researchers = np.array([0.0, 0.4, 5.0, 50.0, 1234.0])
    want = [scalar.capacity(r, firm) for r in researchers.tolist()]
    close(capacity(researchers, np.full(5, firm)), want)


# -- what always holds -----------------------------------------------------------------------------


def test_consortia_stop_at_their_largest_size():
    here = busy(reserve=-3.0, consortium=2)
    here.state.projects.members[:, 1:] = NOBODY
    for other in range(1, 6):
        here.match(other)
        here.state.projects.keep(~here.state.projects.sold)
    size = 1 + (here.state.projects.members != NOBODY).sum(axis=1)
    assert size.max() == 2


def test_what_no_firm_can_do_is_not_handed_over():
    here = busy(reserve=-3.0)
    chain = here.parameters.chain.model_copy(
        # a firm has .7 in invention, 1 in industrialisation; .8 is asked for
        update={"capability_size": 0.0}
    )
    here = here.having(chain=chain)
    projects = here.state.projects
    projects.waits[:], projects.difficulty[:] = True, 1.6 / chain.capability_part
    projects.stage[::2], projects.stage[1::2] = 1, 3
    before = here.copy()
    here.match()
    handed = {int(before.state.projects.stage[i]) for i, *_, h in agreements(before, here) if h}
    joined = {int(before.state.projects.stage[i]) for i, *_, h in agreements(before, here) if not h}
    assert handed == {3}
    assert joined == {1, 3}  # a university or institute can, in invention


@pytest.mark.slow
def test_nobody_dead_is_met():
    here = busy(3, rounds=3, reserve=-2.0)
    table = here.state.organisations
    dead = here.state.firms[::3]
    table.alive[dead] = False
    before = here.copy()
    here.match()
    for _, owner, partner, _ in agreements(before, here):
        assert owner not in dead
        assert partner not in dead
    assert not np.isin(here.state.deals.seller[here.state.deals.buyer >= 0], dead).any()


def test_a_stranger_may_be_like_a_member(monkeypatch):
    ample(monkeypatch)
    here = busy(reserve=-9.0, candidates=(0, 0, 1, 0))
    here.state.brokers.capacity[:] = 0.0
    here.state.national.outside_mass[:] = 1e9
    here.state.projects.waits[:] = False
    found = here.seek()
    stand_in = found.seen.row[:, 0]
    assert (found.seen.place == here.state.world.n_cities).all()
    here.state.projects.members[found.seekers.project, 0] = stand_in
    here.match()
    joined = here.state.projects.members[found.seekers.project, 1] == OUTSIDER
    assert joined.sum() > 100
    np.testing.assert_array_equal(joined, stand_in != found.seekers.row)


def test_without_candidates_nothing_happens():
    here = busy(candidates=(0, 0, 0, 0), reserve=-5.0)
    before = here.copy()
    here.match()
    assert agreements(before, here) == []
    assert len(here.state.deals) == 0
    assert not here.expected().any()
    assert not here.state.brokers.introductions.any()


def test_without_seekers_nothing_happens():
    here = busy()
    here.state.projects.keep(np.zeros(len(here.state.projects), dtype=bool))
    here.match()
    assert len(here.state.deals) == 0
    assert not here.expected().any()


# -- expected links --------------------------------------------------------------------------------


def folded(links):
    return links + links.T - np.diag(np.diag(links))


@pytest.mark.slow
def test_expected_links_are_the_mean_of_realised_ones(monkeypatch):
    ample(monkeypatch)
    here = busy(3, rounds=2, reserve=1.6)
    projects = here.state.projects
    projects.stage_end[projects.stage > INVENTION, INVENTION] = here.state.quarter - 14
    n = here.state.world.n_cities + 1
    sums = {name: np.zeros((2, n, n)) for name in ("contract", "patent_transfer")}
    bought = 0
    for other in range(1, 121):
        now = here.copy()
        now.match(other)
        bought += (now.state.deals.buyer == OUTSIDER).sum()
        sign(now.state, now.source.phase("contract", other), now.parameters)
        for name, total in sums.items():
            total += getattr(now.state.tally.links, name)
    assert bought > 200
    for total in sums.values():
        count, mean = (folded(part) * here.state.scale for part in total)
        assert count.sum() > 60
        away = np.zeros((n, n), dtype=bool)
        away[:, -1] = True
        for mask in (across(here), away, ~across(here) & ~away & ~away.T):
            assert abs(count[mask].sum() - mean[mask].sum()) < 4.0 * np.sqrt(2.0 * mean[mask].sum())
        z = ((count - mean) / np.sqrt(np.maximum(mean, 1e-9)))[mean > 3.0]
        assert len(z) > 0
        assert np.abs(z).max() < 5.0


# -- distance and borders --------------------------------------------------------------------------


def test_each_border_has_its_channel():
    for joint, handed_over in ((0.0, 1.0), (1.0, 0.0)):
        here = busy(3, rounds=3, reserve=0.5, gap_search=0.6)
        here.state.brokers.capacity[:] = 0.0
        here.state.projects.waits[::3] = True
        passes = between(joint, 4), between(handed_over, 4)
        here = here.within(joint_work=passes[0], hand_over=passes[1])
        province, crossing = here.state.organisations.province, {True: 0, False: 0}
        for other in range(1, 5):
            now = here.copy()
            now.match(other)
            for _, owner, partner, handed in agreements(here, now):
                if partner != OUTSIDER:
                    crossing[handed] += province[owner] != province[partner]
        assert crossing[True] == 0 or handed_over == 1.0
        assert crossing[False] == 0 or joint == 1.0
        assert crossing[handed_over == 1.0] > 0


def test_partners_are_sought_at_home_where_travel_costs_everything():
    here = busy(3, rounds=1, reserve=1.0, gap_search=0.6, decay_h=0.05, far=0.0).letting(1.0)
    here.state.brokers.capacity[:] = 0.0
    before = here.copy()
    here.match()
    city = here.state.organisations.city
    made = agreements(before, here)
    assert len(made) > 20
    assert all(city[owner] == city[partner] for _, owner, partner, _ in made)
    links = here.expected()
    assert np.trace(links) > 0.999 * links.sum()


def test_speed_brings_the_far_near():
    far = []
    for hours in (0.3, 1.0, 3.0):
        here = busy(3, reserve=1.5, far=0.0)
        travel = here.environment.travel_hours
        here = here.within(travel_hours=hours * travel)
        here.match()
        far.append(here.expected()[across(here)].sum() / here.expected().sum())
    assert far[0] > 1.2 * far[1] > 1.5 * far[2]


# -- the same at every size ------------------------------------------------------------------------


def sampled(scale, seeds):
    """Expected contracts, co-inventions and share across provinces, by seed."""
    place, found = small.world(4, 3, firms=12_000), []
    for seed in range(seeds):
        here = scene(scale=scale, place=place, seed=seed).with_match(gap_search=0.2)
        here.state.brokers.capacity[:] = 0.0
        here.state.ties.keep(np.zeros(len(here.state.ties), dtype=bool))
        links = []
        for other in range(1, 4):
            now = here.copy()
            now.match(other)
            total = now.expected().sum()
            crossing = now.expected()[across(now)].sum() / total
            links.append([total, now.expected("co_invention").sum(), 1e4 * crossing])
        found.append(np.mean(links, axis=0))
    return np.array(found)


@pytest.mark.slow
def test_expected_links_do_not_hang_on_the_scale(monkeypatch):
    ample(monkeypatch)
    few, many = sampled(0.01, 6), sampled(0.04, 3)
    error = np.hypot(*(x.std(axis=0, ddof=1) / math.sqrt(len(x)) for x in (few, many)))
    gap = np.abs(few.mean(axis=0) - many.mean(axis=0))
    # what is left: organisations are few in a city
    assert (gap < 4.0 * error + 0.08 * many.mean(axis=0)).all()
    assert (error < 0.1 * many.mean(axis=0)).all()


# -- gravity ---------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("clean", [True, False])
def test_gravity_is_recovered_by_poisson_regression(clean):
    here = scene(2, place=scattered(), scale=0.03).with_match(gap_search=0.4, far=0.0)
    world, table = here.state.world, here.state.organisations
    if clean:
        # gravity alone, and nothing in the taste for partners that knows of provinces
        here = here.with_match(candidates=(0, 0, 5, 0), gap_search=0.4)
        here = here.within(recognition=np.ones((3, 3)))
    links = 0.0
    for other in range(1, 9):
        now = here.copy()
        now.match(other)
        links = links + now.expected()
    n, effort = world.n_cities, table.researchers * here.state.sample_exposure * table.alive
    mass = np.log(np.bincount(table.city, weights=effort, minlength=n))
    a, b = np.nonzero(~np.eye(n, dtype=bool))
    crosses = world.city_province[a] != world.city_province[b]
    hours = here.environment.travel_hours[a, b]
    origin = a[:, None] == np.arange(n)
    y = links[a, b] / links[a, b].mean()
    x = np.column_stack([origin, mass[b], hours, crosses]).astype(float)
    coefficient, error = (each[-3:] for each in fit_gravity(y, x))
    z = coefficient / error
    assert (z[[1, 2]] < -4.0).all()
    assert z[0] > 2.5
    passes = here.environment.joint_work[0, 1]
    if clean:
        wanted = np.array([-1.0 / here.parameters.match.decay_h, math.log(passes)])
        np.testing.assert_allclose(coefficient[1:], wanted, rtol=0.25)
    else:
        assert coefficient[2] < math.log(passes)
        assert -2.0 < coefficient[1] < -0.6


# -- alignment of draws ----------------------------------------------------------------------------


def test_brokered_and_social_candidates_bear_no_cost_of_search():
    shares = []
    for cost in (0.0, 6.0):
        here = busy(3, rounds=3, reserve=1.0, search_cost=cost)
        found = here.seek()
        before = here.copy()
        here.match()
        source = []
        for i, _, partner, _ in agreements(before, here):
            seen = np.flatnonzero(found.seekers.project == i)[0]
            slots = np.flatnonzero(found.seen.row[seen] == partner)
            source += found.seen.source[seen, slots].tolist()
        shares.append(np.isin(source, [FORMER, CLOSURE, BROKERED]).mean())
    assert shares[1] > max(0.8, shares[0] + 0.2)


def test_partners_fill_the_first_free_place():
    here = busy(reserve=-3.0)
    projects = here.state.projects
    for size in range(PARTNERS):
        projects.members[size::8, :size] = OUTSIDER
    projects.outside_kind[projects.members[:, 0] == OUTSIDER] = FIRM
    before = here.copy()
    here.match()
    grown = (here.state.projects.members != NOBODY).sum(axis=1)
    was = (before.state.projects.members != NOBODY).sum(axis=1)
    for size in range(PARTNERS):
        assert (grown[was == size] == size + 1).any()
    np.testing.assert_array_equal(
        np.sort(here.state.projects.members == NOBODY, axis=1),
        here.state.projects.members == NOBODY,
    )
