"""The same world with its provinces in another order."""

import dataclasses
from dataclasses import replace
from typing import Any

import numpy as np

from ydsim.world.world import freeze


def relabel_provinces(world, order):
    """Return the same world with its provinces, and their cities, listed in another order.

    Codes, keys and all figures travel with the places: a rule that treats provinces alike gives
    the same result for each of them.
    """
    if sorted(order) != list(range(world.n_provinces)):
        raise ValueError(f"{order} is not an order of {world.n_provinces} provinces")
    place = np.empty(len(order), dtype=np.int64)
    place[list(order)] = np.arange(len(order))
    cities = np.argsort(place[world.city_province], kind="stable")
    seat = np.argsort(cities, kind="stable")
    schools = np.argsort(seat[world.university_city], kind="stable")
    labs = np.argsort(seat[world.institute_city], kind="stable")
    rows = [*order, len(order)]
    moved: dict[str, Any] = {
        "provinces": tuple(world.provinces[p] for p in order),
        "city_province": place[world.city_province][cities],
        "distance_km": world.distance_km[np.ix_(cities, cities)],
        "rail_hours": None
        if world.rail_hours is None
        else world.rail_hours[:, cities][:, :, cities],
        "clusters": tuple(sorted((int(seat[c]), j, f) for c, j, f in world.clusters)),
        "known_city_rd": tuple(sorted((int(seat[c]), y, v) for c, y, v in world.known_city_rd)),
        "university_city": seat[world.university_city][schools],
        "institute_city": seat[world.institute_city][labs],
        "listed": world.listed and replace(world.listed, city=seat[world.listed.city]),
        "series": {k: replace(s, values=s.values[rows]) for k, s in world.series.items()},
    }
    by_group: dict[str, Any] = {
        "city_": cities,
        "latitude": cities,
        "longitude": cities,
        "university_": schools,
        "institute_": labs,
        "firms": list(order),
        "outside_": list(order),
        "industry_profile": list(order),
    }
    for field in dataclasses.fields(world):
        for prefix, index in by_group.items():
            if field.name.startswith(prefix) and field.name not in moved:
                value = getattr(world, field.name)
                if value is None:
                    continue
                moved[field.name] = (
                    tuple(value[i] for i in index) if isinstance(value, tuple) else value[index]
                )
    return freeze(replace(world, **moved))
