import dataclasses
from collections.abc import Collection
from itertools import permutations

import numpy as np
import pytest

from tests.support.relabelled import relabel_provinces
from ydsim.world.inputs import extend_inputs
from ydsim.world.loader import load_world, synthetic_world
from ydsim.world.priors import city_shares, industry_mix_mean, university_weights
from ydsim.world.world import World

LABELS = {
    "provinces", "city_names", "city_codes", "city_names_local", "city_keys", "latitude",
    "longitude", "university_names", "university_keys", "institute_keys",
}  # fmt: skip


def assert_same(a: World, b: World, ignore: Collection[str] = ()) -> None:
    for field in dataclasses.fields(World):
        if field.name in ignore:
            continue
        x, y = getattr(a, field.name), getattr(b, field.name)
        if field.name == "series":
            assert list(x) == list(y)
            for name in x:
                np.testing.assert_array_equal(x[name].values, y[name].values)
        elif isinstance(x, np.ndarray):
            np.testing.assert_array_equal(x, y, err_msg=field.name)
        else:
            assert x == y, field.name


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_nothing_but_labels_tells_provinces_apart(order):
    world = synthetic_world()
    assert_same(relabel_provinces(world, order), world, LABELS)


def test_relabelling_carries_labels_and_can_be_undone():
    for world in (synthetic_world(), load_world("yrd")):
        moved = relabel_provinces(world, (2, 0, 3, 1))
        assert moved.provinces == tuple(world.provinces[p] for p in (2, 0, 3, 1))
        for c, key in enumerate(moved.city_keys):
            old = world.city_keys.tolist().index(int(key))
            assert moved.city_codes[c] == world.city_codes[old]
            before = world.provinces[world.city_province[old]]
            assert moved.provinces[moved.city_province[c]] == before
            np.testing.assert_array_equal(moved.city_gdp[c], world.city_gdp[old])
        assert set(zip(moved.university_names, moved.university_keys.tolist(), strict=True)) == set(
            zip(world.university_names, world.university_keys.tolist(), strict=True)
        )
        assert_same(relabel_provinces(moved, (1, 3, 0, 2)), world)


def test_relabelling_moves_an_asymmetric_world():
    world = load_world("yrd")
    moved = relabel_provinces(world, (1, 0, 2, 3))
    assert moved.city_province[0] == 0
    assert moved.city_names[13] == "Shanghai"
    assert moved.firms.tolist() == [54_000, 33_000, 39_000, 24_000]
    assert (moved.series["gdp_alt"].values[:2] == world.series["gdp_alt"].values[[1, 0]]).all()
    with pytest.raises(ValueError, match="is not an order"):
        relabel_provinces(world, (0, 0, 1, 2))


def test_shape_and_constancy():
    world = load_world("synthetic")
    assert (world.n_provinces, world.n_cities) == (4, 12)
    together = world.city_province[:, None] == world.city_province
    across = ~together
    assert set(world.distance_km[across].tolist()) == {250.0}
    inside = together & ~np.eye(12, dtype=bool)
    assert set(world.distance_km[inside].tolist()) == {80.0}
    assert world.years.tolist() == list(range(2005, 2041))
    for name, series in world.series.items():
        assert np.ptp(series.values, axis=1).max() == 0.0, name
        assert np.ptp(series.values[:-1]) == 0.0, name
        assert series.years[-1] == (2040 if series.kind == "input" else 2020)
    assert len(set(world.city_keys.tolist())) == 12
    assert len(set(world.university_keys.tolist())) == len(world.university_names) == 60
    assert len(set(world.institute_keys.tolist())) == 24


def test_priors_and_inputs_are_symmetric():
    world = synthetic_world(provinces=3, cities=2)
    np.testing.assert_array_equal(city_shares(world), 0.5)
    np.testing.assert_array_equal(industry_mix_mean(world), 0.1)
    effort = np.bincount(world.university_city, weights=university_weights(world))
    assert effort.tolist() == [52.0] * 6
    inputs = extend_inputs(world, 2011, 2060)
    for field in dataclasses.fields(inputs):
        value = getattr(inputs, field.name)
        if value.ndim == 2:
            assert np.ptp(value[:3], axis=0).max() == 0.0, field.name
    assert np.ptp(inputs.gdp[:, : 2040 - 2011 + 1], axis=1).max() < 1e-6
    # in 2041 growth is still that of the years before
    assert inputs.gdp[0, -1] == pytest.approx(40_000.0 * 1.04**19)


def test_until_and_digest():
    assert synthetic_world(until=2012).series["rd_expenditure"].years[-1] == 2012
    assert "rd_expenditure" not in synthetic_world(until=2004).series
    worlds = [synthetic_world(), synthetic_world(until=2019), synthetic_world(cities=4)]
    assert len({world.digest for world in worlds}) == 3
    assert synthetic_world().digest == load_world("synthetic").digest


@pytest.mark.parametrize("bad", [{"provinces": 1}, {"cities": 0}, {"firms": 0}])
def test_impossible_sizes(bad):
    with pytest.raises(ValueError, match="no world with"):
        synthetic_world(**bad)
