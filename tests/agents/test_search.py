"""Who is seen, at the edges; all else of a search is a loop in `tests/processes/test_seek.py`."""

from dataclasses import replace

import numpy as np
import pytest

from ydsim.agents.search import (
    BROKERED,
    FORMER,
    GRAVITY,
    Gravity,
    Places,
    Pool,
    Seekers,
    see_candidates,
)
from ydsim.agents.tables import Brokers
from ydsim.agents.ties import Neighbours, Ties
from ydsim.noise import NoiseSource, identity

CITIES, FIELDS, PEOPLE = 5, 3, 60
NUMBERS = (3, 2, 4, 2)
NOISE = NoiseSource(5, 0).phase("match", 2)
KM = 100.0 * np.abs(np.arange(CITIES)[:, None] - np.arange(CITIES)[None, :])
CITY_KEYS = identity("city", np.arange(CITIES))
KEYS = identity("firm", np.arange(PEOPLE))
CITY = np.arange(PEOPLE) % CITIES


def seekers(n=300, seed=0):
    draw = np.random.default_rng(seed)
    row = draw.integers(0, PEOPLE, n)
    return Seekers(
        project=np.arange(n),
        key=identity("project", seed, np.arange(n))[:n],
        row=row,
        city=CITY[row],
        field=draw.integers(0, FIELDS, n),
        stage=np.zeros(n, dtype=int),
        waits=(waits := draw.random(n) < 0.3),
        hand_over=waits,
        effort=np.ones(n),
        piece=draw.uniform(0.0, 2.0, n),
        sample_exposure=np.ones(n),
    )


def pool(seed=1):
    effort = np.random.default_rng(seed).exponential(size=(FIELDS, PEOPLE))
    return Pool(np.arange(PEOPLE), CITY, effort, CITIES)


def places(of, seed=2, outside=0.3):
    """Tables with a kernel of their own for each purpose; `outside` of the pull goes abroad."""
    kernel = np.random.default_rng(seed).uniform(0.2, 1.0, (3, CITIES, CITIES + 1))
    inside = of.mass.sum(axis=1)[:, None]
    mass = np.hstack([of.mass, outside * inside])
    return Places(
        joint=Gravity(mass, kernel[0], np.arange(CITIES + 1)),
        handed=Gravity(mass, kernel[1], np.arange(CITIES + 1)),
        brokered=Gravity(of.mass, kernel[2, :, :-1] * (KM <= 100.0), np.arange(CITIES)),
        anywhere=Gravity(of.mass, np.ones((1, CITIES)), np.arange(CITIES)),
    )


def ties(n=150, seed=3, first=0):
    draw = np.random.default_rng(seed)
    a = draw.integers(first, PEOPLE, n)
    b = draw.integers(first, PEOPLE, n)
    made = Ties()
    made.strengthen(a[a != b], b[a != b], 0)
    return made


def brokers(capacity=2.4, seed=4, n=6):
    draw = np.random.default_rng(seed)
    known = draw.random((n, FIELDS)) < 0.7
    cities = np.arange(n) % CITIES
    key = identity("broker", np.arange(n))[:n]
    return Brokers(key, cities, np.full(n, capacity), np.full(n, 100.0), known)


def see(who, *, numbers=NUMBERS, crowd=None, tables=None, net=None, offices=None):
    crowd = pool() if crowd is None else crowd
    return see_candidates(
        who,
        numbers,
        crowd,
        places(crowd) if tables is None else tables,
        Neighbours(ties() if net is None else net, KEYS),
        brokers() if offices is None else offices,
        KM,
        CITY,
        CITY_KEYS,
        KEYS,
        np.full(CITIES, 1.5),
        NOISE,
    )


def test_empty_sources_are_filled_by_gravity():
    who = seekers()
    seen = see(who, net=Ties(), offices=brokers(n=0))
    assert (seen.source == GRAVITY).all()
    assert (seen.broker == -1).all()
    assert (seen.place >= 0).all()
    # what gravity finds in a slot does not depend on why it is asked
    other = see(who, net=Ties(), offices=brokers(n=0), numbers=(0, 0, 11, 0))
    np.testing.assert_array_equal(seen.row, other.row)


def test_a_deal_of_the_largest_size_is_brokered_still():
    who, offices = seekers(2000), brokers(500.0)
    offices.fields[:] = True
    who.piece[:1000], who.piece[1000:] = 1.5, np.nextafter(1.5, 2.0)
    served = (see(who, offices=offices).broker >= 0).any(axis=1)
    assert served[:1000].all()
    assert not served[1000:].any()


def test_a_broker_serves_to_the_end_of_its_reach():
    who, offices = seekers(), brokers(500.0, n=1)
    offices.fields[:] = True
    who.piece[:] = 0.0
    served = (see(who, offices=offices).broker >= 0).any(axis=1)
    assert served.tolist() == (KM[who.city, 0] <= 100.0).tolist()


def test_a_partner_who_stands_in_an_earlier_slot_stands_for_one_only():
    """One partner in all slots: at half the partners in the sample he keeps half of the others."""
    who = seekers(3_000)
    net = Ties()
    net.strengthen(np.arange(0, PEOPLE - 1, 2), np.arange(1, PEOPLE, 2), 0)  # in pairs
    friend = np.arange(PEOPLE) ^ 1
    mine = friend[who.row] < PEOPLE
    seen = see(replace(who, sample_exposure=np.full(3_000, 0.5)), net=net, numbers=(3, 0, 0, 0))
    row, place = seen.row[mine], seen.place[mine]
    first, others = row[:, 0], place[:, 1:]
    assert (first == friend[who.row[mine]]).all()
    assert (seen.source[mine] == FORMER).all()
    # kept repeats count once and are nobody; the others are whoever works in the own city
    local = np.broadcast_to(who.city[mine, None], others.shape)
    away = CITY[friend[who.row[mine]]] != who.city[mine]
    assert 0.45 < (others[away] == local[away]).mean() < 0.55
    kept = others[away] != local[away]
    assert (row[away][:, 1:][kept] == -1).all()


def test_brokers_without_anybody_in_reach_bring_nobody():
    crowd = pool()
    none = Gravity(np.zeros((FIELDS, CITIES)), np.ones((CITIES, CITIES)), np.arange(CITIES))
    seen = see(seekers(), tables=replace(places(crowd), brokered=none), offices=brokers(50.0))
    assert (seen.broker == -1).all()
    assert (seen.source != BROKERED).all()
    assert (seen.place >= 0).all()


def test_nobody_is_not_taken_for_the_last_organisation():
    crowd = pool()
    empty = Pool(np.array([PEOPLE - 1]), np.array([4]), np.ones((FIELDS, 1)), CITIES)
    kernel = np.tile([1.0, 0, 0, 0, 1.0, 0], (CITIES, 1))
    where = Gravity(np.ones((FIELDS, CITIES + 1)), kernel, np.arange(CITIES + 1))
    tables = replace(places(crowd), joint=where, handed=where)
    who = seekers(400)
    seen = see(who, numbers=(0, 0, 6, 0), crowd=empty, tables=tables)
    assert {0, 4} == set(seen.place.ravel().tolist())
    found = (seen.place == 4).any(axis=1)
    assert found.any()
    assert ((seen.row == PEOPLE - 1).sum(axis=1) == found).all()


@pytest.mark.parametrize("numbers", [(0, 0, 0, 0), (1, 0, 0, 0), (0, 0, 0, 3)])
@pytest.mark.parametrize("n", [0, 5])
def test_few_seekers_and_few_slots(numbers, n):
    seen = see(seekers(n), numbers=numbers)
    assert seen.row.shape == seen.key.shape == (n, sum(numbers))
