"""Ties by distance and border under the policies that move them.

Expected ties are those of the tables from which seekers draw places: a city's seekers are as many
as its effort in a field.
"""

import numpy as np
import pytest

from tests.support.scalar_match import scene
from ydsim.policies.borders import Membership
from ydsim.policies.fold import fold
from ydsim.policies.links import TravelTime
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
    assert (np.diff(within) > 0.005).all()
    assert (np.diff(beyond) < -0.01).all()  # seekers see as many candidates as before
    assert within[2] > 0.015 > 0.0 > beyond[2]


@pytest.mark.slow
def test_membership_opens_what_lies_between_members_only(region):
    """Ties of two members across rise in year after year of entries, all others across fall."""
    cross, before = across(region), ties(region)
    shares = []
    for year in (2011.0, 2014.0, 2020.0):
        there = under(region, year, m=Membership(growth=0.0, passes=2.0))
        lifted = there.environment.eased[0] > 1.0
        after = ties(there)
        entered = lifted.any(axis=1)
        assert (after[cross & lifted].sum() / before[cross & lifted].sum()) > 1.4
        others = cross & ~lifted & entered[:, None]
        assert (after[others] < before[others]).all()
        assert (after[~entered] == before[~entered]).all()
        shares.append(after[cross].sum())
    assert before[cross].sum() < shares[0] < shares[1] < shares[2]
