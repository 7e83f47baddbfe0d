"""What is drawn from: organisations, cities, provinces and industries, with their identities."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ydsim.agents.firm_size import reported_sales, size_class
from ydsim.agents.organisations import FIRM
from ydsim.agents.state import State
from ydsim.noise import identity
from ydsim.policies.base import Places, Target
from ydsim.scenario.schema.parameters import CertifyParameters
from ydsim.typing import Bools, Ints, Keys


@dataclass(frozen=True)
class Scene:
    """What a shock finds.

    Attributes
    ----------
    state
        At the beginning of the quarter.
    places
        Names of the world, for targets.
    certify
        Classes of the sizes of firms.
    start
        First year of the run.
    """

    state: State
    places: Places
    certify: CertifyParameters
    start: int

    def cities(self, target: Target) -> Bools:
        """Return which cities are targeted, (C,)."""
        return target.city_mask(self.places) > 0.0

    def organisations(self, target: Target) -> Bools:
        """Return which organisations live and are targeted by place and kind, (n,)."""
        table = self.state.organisations
        found: Bools = table.alive & self.cities(target)[table.city]
        return found & (target.kind_mask() > 0.0)[table.kind]

    def firms(self, target: Target) -> Ints:
        """Return the rows of living firms that are targeted by place, industry and size."""
        table = self.state.organisations
        rows = np.flatnonzero(self.organisations(target) & (table.kind == FIRM))
        keys = self.certify
        reported = reported_sales(table.sales[rows], keys.sales_basis)
        size = size_class(reported, keys.small_sales, keys.large_sales)
        fits = (target.size_mask() > 0.0)[size]
        fits &= (target.industry_mask(self.places) > 0.0)[table.industry[rows]]
        chosen: Ints = rows[fits]
        return chosen


def keys_of_names(kind: str, names: tuple[str, ...]) -> Keys:
    """Return the identity of each province or industry by its name."""
    return np.concatenate([np.empty(0, np.uint64), *(identity(kind, name) for name in names)])
