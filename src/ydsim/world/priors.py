"""Initial state that no data give: city shares, industry mixes, field profiles, university effort.

Everything here is a prior. Tables that rest on it carry a mark.

City shares of a province's firms and R&D (symbols: V_c secondary value added, G_c GDP, N_c
residents, all of 2011; U_c undergraduate universities, D_c double-first-class universities):

    share_c = softmax over the cities of a province of
              b1 ln V_c + b2 ln(G_c / N_c) + b3 ln(1 + U_c + 3 D_c)

Mixes and profiles are Dirichlet vectors x_k = g_k / sum(g), g_k ~ Gamma(concentration x mean_k),
each g_k by inversion of one counter-based uniform: a function of replicate and identity only.
"""

from __future__ import annotations

import numpy as np

from ydsim.noise import Noise
from ydsim.typing import Floats, Keys
from ydsim.world.places import nearest
from ydsim.world.world import World

CITY_BETAS = (0.74, 0.26, 0.24)
"""b1, b2, b3. Prior with five known points, not an estimate.

Penalised least squares: prior means (1, .3, .1) with sd .3 each; the mean log share of a city in
its province's R&D observed with sd .2. Known are Hangzhou 2013-17 (.305; city inferred by the
source), Ningbo 2014 and 2017 (.196, intensity x GDP), Bengbu 2016-17 (.063), Suzhou 2016 (.208,
intensity x GDP) and Wuxi 2012 (.155, rounded); fitted .264, .205, .048, .221, .132. The prior means
alone give .252, .226, .040, .266, .156. Five points hardly identify three coefficients: the
posterior mostly says that universities weigh more and value added less than assumed. What is left
between fit and figure the base run closes (`ydsim.world.anchors`).
"""

BASE_YEAR = 2011
UNIVERSITY_WEIGHTS = (1.0, 5.0, 40.0)
"""Relative effort of vocational, undergraduate, double-first-class universities (assumed)."""

_TINY = 1e-300
_FIELD_DRAWS = 1024


def city_shares(
    world: World,
    betas: tuple[float, float, float] = CITY_BETAS,
    *,
    year: int = BASE_YEAR,
) -> Floats:
    """Return each city's share in the firms and R&D of its province, shape (C,).

    The shares of a province sum to one. A city without figures in ``year`` uses its nearest year.
    """
    secondary, gdp, people = (
        nearest(values, world.years, year)
        for values in (world.city_secondary, world.city_gdp, world.city_population)
    )
    weights = world.university_degree + 3.0 * world.university_first_class
    campus = np.bincount(world.university_city, weights=weights, minlength=world.n_cities)
    utility = (
        betas[0] * np.log(secondary) + betas[1] * np.log(gdp / people) + betas[2] * np.log1p(campus)
    )
    share = np.empty(world.n_cities)
    for p in range(world.n_provinces):
        own = world.city_province == p
        weight = np.exp(utility[own] - utility[own].max())
        share[own] = weight / weight.sum()
    return share


def industry_mix_mean(world: World) -> Floats:
    """Return the mean industry mix of each city (C, J): profile of its province, lead clusters up.

    A cluster multiplies the share of its industry by its factor; the row then sums to one again.
    """
    mean = world.industry_profile[world.city_province]
    for city, industry, factor in world.clusters:
        mean[city, industry] *= factor
    mean /= mean.sum(axis=1, keepdims=True)
    return mean


def draw_industry_mix(world: World, noise: Noise, concentration: float) -> Floats:
    """Return one draw of the industry mix of all cities (C, J), rows sum to one.

    A city's mix depends on its key and the draws of the replicate only; the larger
    ``concentration``, the sum of the Dirichlet parameters, the closer to the mean.
    """
    return draw_dirichlet(noise, world.city_keys, industry_mix_mean(world), concentration)


def draw_field_profile(
    world: World, noise: Noise, ids: Keys, mean: Floats, concentration: float
) -> Floats:
    """Return one draw of the field profile of organisations ``ids`` (n,), (n, F), rows sum to one.

    ``mean`` has shape (n, F) or (F,), and rows that sum to one.
    """
    wide = np.broadcast_to(mean, (len(ids), len(world.fields)))
    return draw_dirichlet(noise, ids, wide, concentration, first=_FIELD_DRAWS)


def draw_dirichlet(
    noise: Noise, ids: Keys, mean: Floats, concentration: float, *, first: int = 0
) -> Floats:
    """Return Dirichlet draws (n, K) with the given means; component k uses draw ``first`` + k."""
    from scipy.special import gammaincinv

    gamma = np.empty(mean.shape)
    for k in range(mean.shape[1]):
        gamma[:, k] = gammaincinv(concentration * mean[:, k], noise.uniform(ids, first + k))
    np.maximum(gamma, _TINY, out=gamma)
    gamma /= gamma.sum(axis=1, keepdims=True)
    return gamma


def university_weights(world: World) -> Floats:
    """Return the relative effort of each university (U,): 1 vocational, 5 undergraduate, 40 first.

    A double-first-class university counts as such whatever its level.
    """
    plain, undergraduate, first = UNIVERSITY_WEIGHTS
    other = np.where(world.university_degree, undergraduate, plain)
    return np.where(world.university_first_class, first, other)


# -- official value added of cities as parts of their provinces, spliced where statistics break ----

#     y_c(t)  = V_c(t) / sum of V over the cities of the province
#     u_c(t)  = u_c(t - 1) y_c(t) / y_c(t - 1)     u_c(t - 1) in a year in which the vintage changes
#     part_c  = u_c / sum of u over the cities of the province
#
# Where the figures of a city change their vintage from one year to the next (column
# ``value_added_vintage`` of the panel), the change between these two years says nothing of the
# city: its part is taken not to have moved in that year. The first year keeps its official figure;
# the figures of years after a change are carried on by their growth.


def official_parts(world: World) -> Floats:
    """Return the part of each city in the secondary value added of its province, (C, Y).

    Aligned with ``world.years``; a province in which the figure of a city is missing is NaN in
    that year.
    """
    raw = _within(world.city_secondary, world)
    if world.city_breaks is None or not world.city_breaks.any():
        return raw
    step = np.zeros_like(raw)
    np.divide(raw[:, 1:], raw[:, :-1], out=step[:, 1:])
    step = np.log(step, out=np.zeros_like(raw), where=step > 0.0)
    known = ~np.isnan(raw)
    joined = np.where(world.city_breaks | ~known, 0.0, np.nan_to_num(step))
    first = np.argmax(known, axis=1)
    level = raw[np.arange(len(raw)), first][:, None] * np.exp(np.cumsum(joined, axis=1))
    return _within(np.where(known, level, np.nan), world)


def city_parts(world: World, year: int) -> Floats:
    """Return `official_parts` of one year, (C,), the nearest that is known in each province.

    Even parts where a province has none.
    """
    official = official_parts(world)
    part = nearest(official, world.years, year)
    even = 1.0 / np.bincount(world.city_province)[world.city_province]
    return np.where(np.isnan(part), even, part)


def research_lean(world: World, year: int) -> Floats:
    """Return R&D of each city over what its value added alone would let it have, (C,).

    Its prior part in the R&D of its province (`city_shares`) over its official part in value
    added: a factor on the R&D intensity of its firms, so that R&D of cities rests on its prior
    whatever value added is. One in a world that lists its firms.
    """
    if world.listed is not None:
        return np.ones(world.n_cities)
    return city_shares(world) / city_parts(world, year)


def _within(values: Floats, world: World) -> Floats:
    total = np.stack(
        [values[world.city_province == p].sum(axis=0) for p in range(world.n_provinces)]
    )
    return values / total[world.city_province]
