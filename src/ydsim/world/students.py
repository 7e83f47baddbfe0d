"""Where those study who may become researchers: shares of cities in all students of the region.

    study_c = students_p / sum of students  *  w_c / sum of w over the cities of p

Symbols: p the province of c; students official enrolment in higher education, persons; w sum of the
weights of the universities of a city (`ydsim.world.priors.university_weights`). Between two known
years enrolment is interpolated in logs; before the first and after the last it is that one. Where a
world has no enrolment of a province, its sum of w stands in for all of them; where a province has
no university, the cities of it share evenly; where there is no university at all, all cities do.
"""

from __future__ import annotations

import numpy as np

from ydsim.measures.groups import sums
from ydsim.typing import Floats, Ints
from ydsim.world.places import fill_gaps
from ydsim.world.priors import university_weights
from ydsim.world.world import World

ENROLMENT = "heis_students"


def student_shares(world: World, axis: Ints) -> Floats:
    """Return study, shape (C, Y), of consecutive years ``axis``; each year sums to one."""
    n = world.n_provinces
    weight = sums(world.university_city, university_weights(world), world.n_cities)
    whole = sums(world.city_province, weight, n)
    none = whole[world.city_province] <= 0.0
    cities = sums(world.city_province, np.ones(world.n_cities), n)
    safe = np.where(none, cities[world.city_province], whole[world.city_province])
    within = np.where(none, 1.0, weight) / safe
    students = enrolment(world, axis)
    if students is None:
        total = whole.sum()
        students = np.repeat((whole if total > 0.0 else cities)[:, None], len(axis), axis=1)
    shares: Floats = (students / students.sum(axis=0))[world.city_province] * within[:, None]
    return shares


def enrolment(world: World, axis: Ints) -> Floats | None:
    """Return students of provinces, (P, Y) persons; None where one of them is unknown."""
    series = world.series.get(ENROLMENT)
    if series is None:
        return None
    out = np.full((world.n_provinces, len(axis)), np.nan)
    column = series.years - int(axis[0])
    inside = (column >= 0) & (column < len(axis))
    out[:, column[inside]] = series.values[:-1, inside]
    for line in out:
        known = np.flatnonzero(~np.isnan(line))
        if not len(known) or not (line[known] > 0.0).all():
            return None
        fill_gaps(line)
        line[: known[0]], line[known[-1] + 1 :] = line[known[0]], line[known[-1]]
    return out
