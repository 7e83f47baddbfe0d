"""Draws of places and organisations, and who is seen, at the edges.

All else of a search is a loop in `tests/processes/test_seek.py`.
"""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from ydsim.agents import search
from ydsim.agents.search import Gravity, Places, Pool, Seekers, see_candidates
from ydsim.agents.tables import Brokers
from ydsim.agents.ties import Ties
from ydsim.noise import NoiseSource, identity

CITIES, FIELDS, PEOPLE = 5, 3, 60
NUMBER = 3
NOISE = NoiseSource(5, 0).phase("match", 2)
KM = 100.0 * np.abs(np.arange(CITIES)[:, None] - np.arange(CITIES)[None, :])
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
        of,
        of,
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


def brokers(capacity=2.4, n=6):
    cities = np.arange(n) % CITIES
    key = identity("broker", np.arange(n))[:n]
    return Brokers(key, cities, np.full(n, capacity), np.full(n, 100.0))


def see(who, *, number=NUMBER, crowd=None, tables=None, net=None, offices=None, firms=None):
    crowd = pool() if crowd is None else crowd
    state = SimpleNamespace(
        ties=ties() if net is None else net,
        brokers=brokers() if offices is None else offices,
        organisations=SimpleNamespace(key=KEYS, city=CITY),
        world=SimpleNamespace(distance_km=KM, n_cities=CITIES),
    )
    tables = places(crowd) if tables is None else tables
    tables = tables if firms is None else replace(tables, firms=firms)
    return see_candidates(state, who, number, tables, np.full(CITIES, 1.5), NOISE)


def test_former_partners_outside_the_sample_are_replaced_by_firms_of_the_city_or_by_nobody():
    who, rows = seekers(), np.flatnonzero((np.arange(PEOPLE) % 2 == 0) & (CITY != 2))
    who.sample_exposure[:] = 0.0
    firms = Pool(rows, CITY[rows], np.ones((FIELDS, len(rows))), CITIES)
    seen = see(who, net=Ties(), firms=firms)
    former = seen.source == search.FORMER
    assert former[:, :NUMBER].all()
    found = seen.row[:, :NUMBER]
    assert (found[who.city == 2] == -1).all()
    some = found >= 0
    assert some[who.city != 2].any(axis=1).all()
    assert np.isin(found[some], rows).all()
    assert (CITY[found] == who.city[:, None])[some].all()


def test_a_deal_of_the_largest_size_is_brokered_still():
    who, offices = seekers(2000), brokers(500.0)
    who.piece[:1000], who.piece[1000:] = 1.5, np.nextafter(1.5, 2.0)
    served = (see(who, offices=offices).broker >= 0).any(axis=1)
    assert served[:1000].all()
    assert not served[1000:].any()


def test_a_broker_serves_to_the_end_of_its_reach():
    who, offices = seekers(), brokers(500.0, n=1)
    who.piece[:] = 0.0
    served = (see(who, offices=offices).broker >= 0).any(axis=1)
    assert served.tolist() == (KM[who.city, 0] <= 100.0).tolist()


EDGES = [2.0**-53, 1.0 - 2.0**-53]


def made(seed=0, n=60, cities=5, fields=3, idle=0.2):
    """Organisations with rows of their own, some without effort in a field; city 3 is empty."""
    draw = np.random.default_rng(seed)
    rows = np.sort(draw.choice(500, n, replace=False))
    city = draw.choice([c for c in range(cities) if c != 3], n)
    effort = draw.exponential(size=(fields, n)) * (draw.random((fields, n)) > idle)
    return rows, city, effort


def test_the_draw_is_the_inverse_of_cumulative_effort():
    pool = Pool(np.array([7, 2, 9, 4]), np.array([1, 0, 1, 1]), np.array([[1.0, 5.0, 2.0, 1.0]]), 2)
    u = np.array([0.0, 0.2, 0.25, 0.74, 0.75, 0.99])
    found = pool.draw(np.ones(6, dtype=int), np.zeros(6, dtype=int), u)
    assert found.tolist() == [7, 7, 9, 9, 4, 4]


@pytest.mark.parametrize("many", [1, 7, 300])
def test_draws_do_not_depend_on_how_many_are_made_at_once(monkeypatch, many):
    rows, city, effort = made(seed=4)
    pool = Pool(rows, city, effort, 5)
    asked = np.random.default_rng(3)
    c, f, u = asked.integers(0, 5, 300), asked.integers(0, 3, 300), asked.random(300)
    whole = pool.draw(c, f, u)
    monkeypatch.setattr(search, "MANY", many)
    assert pool.draw(c, f, u).tolist() == whole.tolist()


@pytest.mark.parametrize("u", EDGES)
def test_nobody_is_drawn_where_nobody_works(u):
    rows, city, effort = made()
    effort[1, city == 0] = 0.0
    pool = Pool(rows, city, effort, 5)
    places, fields = (x.ravel() for x in np.indices((5, 3)))
    found = pool.draw(places, fields, np.full(15, u))
    none = (places == 3) | ((places == 0) & (fields == 1))
    assert (found[none] == -1).all()
    city_of = dict(zip(rows.tolist(), city.tolist(), strict=True))
    assert [city_of[row] for row in found[~none].tolist()] == places[~none].tolist()


def test_an_empty_pool_draws_nobody():
    pool = Pool(np.array([], dtype=int), np.array([], dtype=int), np.zeros((2, 0)), 3)
    assert pool.draw(np.array([0, 2]), np.array([0, 1]), np.array([0.3, 0.9])).tolist() == [-1, -1]
    assert not pool.mass.any()


def test_places_are_drawn_by_share():
    draw = np.random.default_rng(8)
    mass, kernel = draw.random((2, 4)), draw.random((3, 4))
    kernel[1, 1] = mass[0, 3] = 0.0
    places = Gravity(mass, kernel, np.arange(mass.shape[1]))
    n = 40_000
    u = (np.arange(n) + 0.5) / n
    for c in range(3):
        for f in range(2):
            found = places.draw(np.full(n, c), np.full(n, f), u)
            count = np.bincount(found, minlength=4)
            np.testing.assert_allclose(count, places.share[c, f] * n, atol=1.01)
            assert (np.diff(found) >= 0).all()
            assert not count[places.share[c, f] == 0.0].any()


@pytest.mark.parametrize("u", EDGES)
def test_draws_at_the_edges_stay_in_their_row(u):
    draw = np.random.default_rng(9)
    mass, kernel = draw.random((10, 42)), draw.random((41, 42))
    places = Gravity(mass, kernel, np.arange(mass.shape[1]))
    c, f = (x.ravel() for x in np.indices((41, 10)))
    found = places.draw(c, f, np.full(410, u))
    assert set(found.tolist()) == {0 if u < 0.5 else 41}


@pytest.mark.parametrize("u", [1e-9, 0.5, 1.0 - 1e-9])
def test_no_place_is_drawn_where_nothing_pulls(u):
    mass, kernel = np.ones((2, 3)), np.ones((2, 3))
    mass[1], kernel[1, 1:] = [0.0, 4.0, 4.0], 0.0
    places = Gravity(mass, kernel, np.arange(mass.shape[1]))
    c, f = np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1])
    found = places.draw(c, f, np.full(4, u))
    assert found[3] == -1
    assert found[2] == 0
    assert (found[:2] >= 0).all()
    assert not places.share[1, 1].any()
