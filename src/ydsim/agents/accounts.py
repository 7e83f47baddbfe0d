"""Accounts: what is due to cells and has not come, so that whole things come when they are due."""

from __future__ import annotations

import numpy as np

from ydsim.noise import Noise, identity
from ydsim.typing import Floats, Keys


def first_entries(noise: Noise, city_keys: Keys, n_industries: int) -> Floats:
    """Return entrants due to each city and industry at the beginning, (C, J), uniform."""
    cells = identity("account", city_keys[:, None], np.arange(n_industries))
    return noise.uniform(cells.ravel(), 8).reshape(len(city_keys), n_industries)


def first_foundings(noise: Noise, n_industries: int, n_fields: int) -> Floats:
    """Return foundings due to each industry and field at the beginning, (J, F), uniform."""
    cells = identity("account", np.arange(n_industries * n_fields))
    return noise.uniform(cells, 9).reshape(n_industries, n_fields)
