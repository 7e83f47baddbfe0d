"""The column table behind firms, universities and institutes."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from ydsim.agents.table import Table
from ydsim.typing import Bools, Floats, Ints, Keys

FIRM: Final = 0
UNIVERSITY: Final = 1
INSTITUTE: Final = 2

MEMORY: Final = 12
"""Quarters over which recent adoptions and launches count as innovative sales."""

NEVER: Final = 2**31
"""Quarter of death of the living."""

NO_CERTIFICATE: Final = -(2**31)
"""Last quarter of the certificate of a firm that has none."""


class Organisations(Table):
    """One row per organisation that ever lived; the dead stay as rows.

    Money is in 100 million yuan a quarter at current prices, researchers in full-time
    equivalents. Columns that only firms use are zero elsewhere.
    """

    layout = "F"  # rules read one field or quarter of many organisations

    key: Keys  # identity for draws
    kind: NDArray[np.int8]  # FIRM, UNIVERSITY or INSTITUTE
    city: Ints
    province: Ints
    industry: Ints  # -1 for science organisations
    born: Ints  # quarter, negative before the first recorded one
    died: Ints  # quarter, NEVER while alive
    alive: Bools
    weight: Floats  # relative size among universities or institutes
    researchers: Floats  # FTE at work this quarter; also effort in researcher-quarters
    knowledge: Floats  # (n, F), log scale relative to the regional mean
    absorptive: Floats  # absorptive capacity, 1 on average
    share: Floats  # of the sales of its industry in its province
    value_added: Floats  # industrial value added of the quarter
    sales: Floats  # value-added basis, services included
    rd: Floats  # own R&D of the quarter
    grants: Floats  # received in the quarter, leakage included
    grants_spent: Floats  # part of the grants that is spent on R&D
    cash: Floats
    profit: Floats  # before tax, of the last quarter
    log_intensity: Floats  # log of R&D over sales, r
    log_effect: Floats  # log firm effect on desired intensity, z
    log_productivity: Floats  # log A
    productivity_effect: Floats  # lasting effect a
    technology: Ints  # generation in use, -1 for none
    recent_gain: NDArray[np.float32]  # (n, MEMORY + 1), gains by quarter, the present one too
    launches: NDArray[np.float32]  # (n, 4), launches of the last four quarters
    inventions: NDArray[np.float32]  # (n, MEMORY), own inventions by quarter, a ring
    reputation: Floats  # decayed successes, at scale 1
    contract_net: Floats  # contracts sold minus bought in the quarter, sampled 100m_rmb
    certified_until: Ints  # last quarter of the certificate, NO_CERTIFICATE without one
    reported_rd: Floats  # R&D of the quarter as reported, relabelled spending included

    def __init__(self, n_fields: int) -> None:
        f8, i8 = np.float64, np.int64
        super().__init__(
            {
                "key": (np.uint64, (), 0),
                "kind": (np.int8, (), FIRM),
                "city": (i8, (), 0),
                "province": (i8, (), 0),
                "industry": (i8, (), -1),
                "born": (i8, (), 0),
                "died": (i8, (), NEVER),
                "alive": (np.bool_, (), True),
                "weight": (f8, (), 0.0),
                "researchers": (f8, (), 0.0),
                "knowledge": (f8, (n_fields,), 0.0),
                "absorptive": (f8, (), 1.0),
                "share": (f8, (), 0.0),
                "value_added": (f8, (), 0.0),
                "sales": (f8, (), 0.0),
                "rd": (f8, (), 0.0),
                "grants": (f8, (), 0.0),
                "grants_spent": (f8, (), 0.0),
                "cash": (f8, (), 0.0),
                "profit": (f8, (), 0.0),
                "log_intensity": (f8, (), 0.0),
                "log_effect": (f8, (), 0.0),
                "log_productivity": (f8, (), 0.0),
                "productivity_effect": (f8, (), 0.0),
                "technology": (i8, (), -1),
                "recent_gain": (np.float32, (MEMORY + 1,), 0.0),
                "launches": (np.float32, (4,), 0.0),
                "inventions": (np.float32, (MEMORY,), 0.0),
                "reputation": (f8, (), 0.0),
                "contract_net": (f8, (), 0.0),
                "certified_until": (i8, (), NO_CERTIFICATE),
                "reported_rd": (f8, (), 0.0),
            }
        )

    def firms(self) -> Ints:
        """Return the rows of the living firms, ascending."""
        return np.flatnonzero(self.alive & (self.kind == FIRM))

    def of_kind(self, kind: int) -> Ints:
        """Return the living rows of one kind, ascending."""
        return np.flatnonzero(self.alive & (self.kind == kind))
