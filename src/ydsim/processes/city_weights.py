"""The weights of cities in their provinces, with which markets at rest make official city output.

    h_jc = g_c A_jc^(1 - sigma)
    g'_c = g_c V_c / sum over j of Y_jp g_c m_jc / (sum of g_d m_jd over the cities d of p)

Symbols: V value added that city c has to make, all industries together; Y value added of industry j
in its province p; m shares of firms in their industry and province, summed over the city; A mean
productivity of the city. The weights take the A of the start up, as w does for provinces, so that
firms start with value added in proportion to g_c share_i, whatever their city's A.

The steps are those of proportional fitting, until V is met within `TOLERANCE`. A city without a
firm makes nothing: what it had to make is spread over the other cities of its province in
proportion. Where firms are placed so that V cannot be met (one firm makes an industry, and is in a
city whose V is less than that), g stays within `LIMIT` of one, and cities come as near as the firms
let them; output of provinces by industry is met in any case.
"""

from __future__ import annotations

import numpy as np

from ydsim.measures.groups import over_provinces, parts_within
from ydsim.typing import Floats, Ints

TOLERANCE = 1e-12
STEPS = 2000
LIMIT = 1e3


def fit_city_weights(
    target: Floats, mass: Floats, a: Floats, province_of: Ints, n_provinces: int, sigma: float
) -> Floats:
    """Return h, shape (J, C).

    Parameters
    ----------
    target
        (J, C) value added by industry and city; only its sums by city, and by industry and
        province, are met.
    mass, a
        (J, C) m and A.
    province_of, n_provinces
        The province of each city, (C,), and their number.
    sigma
        Elasticity of substitution.
    """
    where = (province_of, n_provinces)
    whole = over_provinces(target, *where)[:, province_of]
    wanted = target.sum(axis=0) * (mass > 0.0).any(axis=0)
    left = over_provinces(wanted[None, :], *where)[0, province_of]
    asked = over_provinces(target.sum(axis=0)[None, :], *where)[0, province_of]
    wanted = np.divide(wanted * asked, left, out=np.zeros_like(wanted), where=left > 0.0)
    factor = np.ones(len(wanted))
    for _ in range(STEPS):
        made = (whole * parts_within(factor * mass, *where)).sum(axis=0)
        ratio = np.divide(wanted, made, out=np.ones_like(made), where=(made > 0.0) & (wanted > 0.0))
        if np.abs(ratio - 1.0).max() < TOLERANCE:
            break
        factor = np.clip(factor * ratio, 1.0 / LIMIT, LIMIT)
    weight: Floats = factor * a ** (1.0 - sigma)
    return weight
