"""Ties by distance and border under the policies that move them, exactly and by regression.

Expected ties are those of the tables from which seekers draw places: a city's seekers are as many
as its effort in a field.
"""

import math

import numpy as np
import pytest

from tests.support.scalar_match import scene
from tests.support.small import scattered
from ydsim.measures.gravity import fit_gravity
from ydsim.policies.base import Target
from ydsim.policies.border import BorderFriction
from ydsim.policies.corridor import Corridor
from ydsim.policies.fold import fold
from ydsim.policies.membership import Membership
from ydsim.policies.travel_time import TravelTime
from ydsim.processes.enact import places_of
from ydsim.world.loader import load_world

TABLES = ("joint", "handed")


def under(here, year=2020.0, **policies):
    """The scene with policies in force."""
    places = places_of(here.state.world)
    environment = fold(here.environment, policies, year, places)
    return here.within(**{name: getattr(environment, name) for name in vars(environment)})


def ties(here, table="joint"):
    """Expected ties of each city with each other (C, C) as shares of all, the outside left out."""
    share = getattr(here.tables(), table).share[:, :, :-1]
    state, rows = here.state, here.state.active
    effort = state.field_share * (state.organisations.researchers * state.sample_exposure)[rows]
    city = state.organisations.city[rows]
    seekers = np.stack([np.bincount(city, e, minlength=len(share)) for e in effort], axis=1)
    return np.einsum("cf,cfd->cd", seekers / seekers.sum(), share)


@pytest.fixture(scope="module")
def region():
    return scene(0, place=load_world("yrd"), scale=0.01)


def bands(here):
    """Pairs of different cities up to 250 km apart, and those further apart."""
    km = here.state.world.distance_km
    return (km > 0.0) & (km <= 250.0), km > 250.0


def across(here):
    of = here.state.world.city_province
    return of[:, None] != of[None, :]


# -- travel ----------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("table", TABLES)
def test_faster_lines_raise_ties_within_their_radius_and_not_beyond(region, table):
    near, far = bands(region)
    before = ties(region, table)
    effect = []
    for scale in (1.0, 0.85, 0.7, 0.5):
        after = ties(under(region, t=TravelTime(scale=scale)), table)
        effect.append([after[mask].sum() / before[mask].sum() - 1.0 for mask in (near, far)])
    within, beyond = np.array(effect).T
    assert within[0] == pytest.approx(0.0, abs=1e-12)
    assert (np.diff(within) > 0.01).all()
    assert (np.diff(beyond) < -0.01).all()  # seekers see as many candidates as before
    assert within[2] > 0.03 > 0.0 > beyond[2]


@pytest.mark.slow
@pytest.mark.parametrize("scale", [0.95, 0.85, 0.7])
def test_where_all_travel_is_faster_a_pair_of_cities_gains_more_when_it_is_near(region, scale):
    """What does not fall with distance gains nothing by speed: far pairs about keep theirs."""
    near, far = bands(region)
    before = ties(region)
    after = ties(under(region, t=TravelTime(scale=scale, radius_km=2000.0)))
    rise = after - before
    assert rise[near].mean() > 5.0 * abs(rise[far].mean())
    relative = [after[mask].sum() / before[mask].sum() for mask in (near, far)]
    assert relative[0] > 1.0
    assert abs(relative[1] - 1.0) < (relative[0] - 1.0) / 2.0
    # without such a part the far gain more in proportion
    steep = region.with_match(far=0.0)
    before, after = ties(steep), ties(under(steep, t=TravelTime(scale=scale, radius_km=2000.0)))
    relative = [after[mask].sum() / before[mask].sum() for mask in (near, far)]
    assert relative[1] > relative[0] > 1.0


# -- borders ---------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("table", TABLES)
def test_lower_friction_raises_ties_across_at_every_distance(region, table):
    cross, km = across(region), region.state.world.distance_km
    last = ties(under(region, border_friction=BorderFriction(level=0.9)), table)
    for level in (0.6, 0.3, 0.0):
        now = ties(under(region, border_friction=BorderFriction(level=level)), table)
        assert (now[cross] > last[cross]).all()
        assert (now[~cross] < last[~cross]).all()
        for low in (0.0, 100.0, 200.0, 300.0):
            band = cross & (km > low) & (km <= low + 100.0)
            assert band.any()
            assert now[band].sum() > 1.1 * last[band].sum()
        last = now


@pytest.mark.slow
def test_lower_friction_raises_expected_links_across_at_every_distance():
    """The same in what projects agree on, with draws in common."""
    here = scene(4, place=load_world("yrd"), scale=0.01).with_match(gap_search=0.3)
    cross, km = across(here), here.state.world.distance_km
    found = []
    for level in (0.9, 0.6, 0.3):
        links = np.zeros(km.shape)
        for other in range(4):
            now = under(here.copy(), border_friction=BorderFriction(level=level))
            now.match(other)
            links += now.expected()[:-1, :-1]
        found.append([links[cross & (km > a) & (km <= a + 150.0)].sum() for a in (0, 150, 300)])
    assert (np.diff(found, axis=0) > 0.1 * np.array(found)[:-1]).all()


@pytest.mark.slow
def test_membership_opens_what_lies_between_members_only(region):
    """Ties of two members across rise in year after year of entries, all others across fall."""
    cross, before = across(region), ties(region)
    shares = []
    for year in (2011.0, 2014.0, 2020.0):
        there = under(region, year, m=Membership(growth=0.0))
        lifted = there.environment.relief[0] > 0.0
        after = ties(there)
        entered = lifted.any(axis=1)
        assert (after[cross & lifted].sum() / before[cross & lifted].sum()) > 1.4
        others = cross & ~lifted & entered[:, None]
        assert (after[others] < before[others]).all()
        assert (after[~entered] == before[~entered]).all()
        shares.append(after[cross].sum())
    assert before[cross].sum() < shares[0] < shares[1] < shares[2]


# -- regression ------------------------------------------------------------------------------------

CHOSEN = {"level": 0.6, "relief": 0.35, "factor": 1.8, "decay_h": 1.3}


def framed(here):
    """A scene with borders, members and a corridor, and the masks of both."""
    here = here.with_match(decay_h=CHOSEN["decay_h"], far=0.0)
    places = places_of(here.state.world)
    names = places.cities
    members = names[:2] + names[4:8] + names[9:11]
    aimed = Target(cities=(*names[1:5], *names[10:12]))
    schedule = dict.fromkeys(members, 2000.0)
    here = under(
        here,
        border_friction=BorderFriction(level=CHOSEN["level"]),
        corridor=Corridor(tie_factor=CHOSEN["factor"], target=aimed),
        membership=Membership(relief=CHOSEN["relief"], schedule=schedule),
    )
    both = Target(cities=members).pair_mask(places) > 0.0
    return here, both & across(here), aimed.pair_mask(places) > 0.0


def regressors(here, members, corridor, fields):
    """Columns hours, border, members, corridor, and the two ends, by city, field and city."""
    n = here.state.world.n_cities
    a, f, b = (part.ravel() for part in np.indices((n, fields, n)))
    columns = (here.environment.travel_hours, across(here), members, corridor)
    x = np.column_stack([column[a, b].astype(float) for column in columns])
    return x, (a * fields + f, b * fields + f)


def implied():
    level, relief = CHOSEN["level"], CHOSEN["relief"]
    passes, eased = 1.0 - level, 1.0 - level * (1.0 - relief)
    wanted = -1.0 / CHOSEN["decay_h"], math.log(passes), math.log(eased / passes)
    return np.array([*wanted, math.log(CHOSEN["factor"])])


@pytest.mark.slow
@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("place", [None, scattered(4, 3)], ids=["even", "scattered"])
def test_gravity_regression_recovers_frictions_exactly_from_shares(place, table):
    here, members, corridor = framed(scene(2, place=place))
    fields = 3
    x, ends = regressors(here, members, corridor, fields)
    y = getattr(here.tables(), table).share[:, :fields, :-1].ravel()
    fit = fit_gravity(y, x, ends)
    np.testing.assert_allclose(fit.coefficient, implied(), rtol=1e-7)
    np.testing.assert_allclose(fit.fitted, y, rtol=1e-6)


@pytest.mark.slow
def test_gravity_regression_recovers_frictions_from_drawn_places():
    here, members, corridor = framed(scene(2, place=scattered(4, 3)))
    fields, each, draw = 2, 3000, np.random.default_rng(5)
    x, ends = regressors(here, members, corridor, fields)
    n = here.state.world.n_cities
    city, field = (np.repeat(part.ravel(), each) for part in np.indices((n, fields)))
    place = here.tables().joint.draw(city, field, draw.random(len(city)))
    y = np.bincount((city * fields + field) * (n + 1) + place, minlength=n * fields * (n + 1))
    fit = fit_gravity(y.reshape(n, fields, n + 1)[:, :, :-1].ravel().astype(float), x, ends)
    z = (fit.coefficient - implied()) / fit.error
    assert np.abs(z).max() < 4.0
    assert (fit.error < 0.1).all()
