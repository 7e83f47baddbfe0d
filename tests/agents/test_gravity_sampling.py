import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ydsim.agents import search
from ydsim.agents.search import Gravity, Pool, pull

EDGES = [2.0**-53, 1.0 - 2.0**-53]


def made(seed=0, n=60, cities=5, fields=3, idle=0.2):
    """Organisations with rows of their own, some without effort in a field; city 3 is empty."""
    draw = np.random.default_rng(seed)
    rows = np.sort(draw.choice(500, n, replace=False))
    city = draw.choice([c for c in range(cities) if c != 3], n)
    effort = draw.exponential(size=(fields, n)) * (draw.random((fields, n)) > idle)
    return rows, city, effort


# -- organisations ---------------------------------------------------------------------------------


def test_the_draw_is_the_inverse_of_cumulative_effort():
    pool = Pool(np.array([7, 2, 9, 4]), np.array([1, 0, 1, 1]), np.array([[1.0, 5.0, 2.0, 1.0]]), 2)
    u = np.array([0.0, 0.2, 0.25, 0.74, 0.75, 0.99])
    found = pool.draw(np.ones(6, dtype=int), np.zeros(6, dtype=int), u)
    assert found.tolist() == [7, 7, 9, 9, 4, 4]


def test_mass_is_effort_by_field_and_city():
    rows, city, effort = made()
    pool = Pool(rows, city, effort, 5)
    want = [[effort[f, city == c].sum() for c in range(5)] for f in range(3)]
    np.testing.assert_allclose(pool.mass, want, rtol=1e-12, atol=1e-12)


@given(st.randoms(use_true_random=False))
def test_draws_depend_on_the_order_inside_a_city_only(random):
    rows, city, effort = made(seed=3)
    place = list(range(5))
    random.shuffle(place)
    # cities in another order, organisations inside them as they were
    mixed = np.argsort(np.array(place)[city], kind="stable")
    asked = np.random.default_rng(2)
    c, f, u = asked.choice([0, 1, 2, 4], 200), asked.integers(0, 3, 200), asked.random(200)
    one = Pool(rows, city, effort, 5).draw(c, f, u)
    other = Pool(rows[mixed], city[mixed], effort[:, mixed], 5).draw(c, f, u)
    assert one.tolist() == other.tolist()


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


# -- places ----------------------------------------------------------------------------------------


def test_shares_are_mass_times_kernel_normalised():
    draw = np.random.default_rng(7)
    mass, kernel = draw.random((3, 5)), draw.random((4, 5))
    mass[1, 2] = kernel[3, 0] = 0.0
    share = Gravity(mass, kernel, np.arange(mass.shape[1])).share
    for c in range(4):
        for f in range(3):
            weights = [mass[f, d] * kernel[c, d] for d in range(5)]
            np.testing.assert_allclose(share[c, f], np.array(weights) / sum(weights), rtol=1e-12)


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


def test_the_order_in_which_places_are_listed_is_no_matter():
    draw = np.random.default_rng(10)
    mass, kernel = draw.random((2, 6)), draw.random((3, 6))
    order, u = draw.permutation(6), draw.random(500)
    c, f = draw.integers(0, 3, 500), draw.integers(0, 2, 500)
    listed = draw.permutation(6)  # another list: its place i is place listed[i] of the first
    back = np.argsort(listed)
    one = Gravity(mass, kernel, order).draw(c, f, u)
    other = Gravity(mass[:, listed], kernel[:, listed], back[order]).draw(c, f, u)
    assert one.tolist() == listed[other].tolist()
    along = np.argsort(order)[Gravity(mass, kernel, order).draw(c[:1], f[:1], np.sort(u))]
    assert (np.diff(along) >= 0).all()


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


def test_pull_falls_with_time_and_at_borders():
    hours = np.array([[0.5, 2.0], [2.0, 0.5]])
    passes = np.array([[1.0, 0.3], [0.3, 1.0]])
    k = pull(hours, np.array([4.0, 6.0]), 2.0, passes)
    away, near, far = np.exp(-0.25), 0.3 * np.exp(-1.0), np.exp([-2.0, -3.0])
    np.testing.assert_allclose(k, [[away, near, far[0]], [near, away, far[1]]], rtol=1e-14)
