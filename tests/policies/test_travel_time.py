"""Faster travel between cities."""

import numpy as np
import pytest

from tests.support.neutral import neutral
from ydsim.policies.base import Places, Target
from ydsim.policies.fold import fold
from ydsim.policies.places import TravelTime

KM = 130.0 * np.abs(np.arange(4.0)[:, None] - np.arange(4.0)[None, :])
PLACES = Places(
    ("A", "B"), ("a1", "a2", "b1", "b2"), np.array([0, 0, 1, 1]), KM, ("chips",), ("electronics",)
)
BASE = neutral(PLACES.city_province, travel_hours=KM / 100.0 + 0.5)


def folded(year=2020.0, **keys):
    return fold(BASE, {"t": TravelTime(**keys)}, year, PLACES)


@pytest.mark.parametrize("strength", [1.0, 0.3])
@pytest.mark.parametrize("radius", [0.0, 129.0, 130.0, 260.0, 1000.0])
@pytest.mark.parametrize("scale", [0.5, 0.7, 1.0])
def test_the_ride_is_faster_within_the_radius_and_the_way_to_stations_is_not(
    scale, radius, strength
):
    got = folded(scale=scale, radius_km=radius, strength=strength).travel_hours
    for c in range(4):
        for d in range(4):
            ride = KM[c, d] / 100.0
            if KM[c, d] <= radius:
                ride *= 1.0 - strength * (1.0 - scale)
            assert got[c, d] == pytest.approx(0.5 + ride, rel=1e-12)


def test_only_targeted_pairs_are_faster():
    got = folded(radius_km=500.0, target=Target(cities=("a1", "b1"))).travel_hours
    changed = {tuple(pair) for pair in np.argwhere(got != BASE.travel_hours).tolist()}
    assert changed == {(0, 2), (2, 0)}
