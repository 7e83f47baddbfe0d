"""The column table behind firms, universities and institutes, and size classes of firms.

    y_i = 4 b S_i     reported sales a year, 100m_rmb; S sales of the quarter on a value-added basis
    small y <= y_1, medium y_1 < y <= y_2, large y > y_2

Classes and bounds are those of the certificate of high-technology enterprises (2016 measures).
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from ydsim.agents.columns import NEVER, Table
from ydsim.typing import Bools, Floats, Ints, Keys

FIRM: Final = 0
UNIVERSITY: Final = 1
INSTITUTE: Final = 2

MEMORY: Final = 12
"""Quarters over which recent adoptions and launches count as innovative sales."""

NO_CERTIFICATE: Final = -(2**31)
"""Last quarter of the certificate of a firm that has none."""

EMPTIED: Final = (
    "share",
    "value_added",
    "sales",
    "rd",
    "reported_rd",
    "researchers",
    "profit",
    "grants",
    "grants_spent",
    "contract_net",
)
"""Columns that a closed row does not keep."""


class Organisations(Table):
    """One row per organisation; the dead keep theirs for some quarters (`ydsim.agents.state`).

    Money is in 100 million yuan a quarter at current prices, researchers in full-time
    equivalents. Columns that only firms use are zero elsewhere.
    """

    layout = "F"  # rules read one field or quarter of many organisations

    key: Keys
    """64-bit integer; -; static. Identity for draws."""
    kind: NDArray[np.int8]
    """integer; -; static. Firm 0, university 1, institute 2."""
    city: Ints
    """integer; -; static. City."""
    province: Ints
    """integer; -; static. Province of the city."""
    industry: Ints
    """integer; -; static; firm. Industry; -1 for science."""
    born: Ints
    """integer; quarter; static. Quarter of birth, negative before the first recorded one."""
    died: Ints
    """integer; quarter; dynamic; firm. Quarter of exit or of the move that closed the row, 2^31
    while alive."""
    weight: Floats
    """real; 1; static; science. Size relative to others of its kind."""
    researchers: Floats
    """real; FTE; dynamic. Researchers of the quarter, also effort in researcher-quarters."""
    knowledge: Floats
    """real, by field; log; dynamic. Knowledge of the field; zero is the mean of the burn-in."""
    absorptive: Floats
    """real; 1; static. Absorptive capacity, 1 on average over firms, 1 for science."""
    share: Floats
    """real; 1; dynamic; firm. Share in the output of its industry and province, within the
    sample."""
    value_added: Floats
    """real; 100m_rmb/quarter; dynamic; firm. Value added."""
    sales: Floats
    """real; 100m_rmb/quarter; dynamic; firm. Sales on a value-added basis, services included."""
    rd: Floats
    """real; 100m_rmb/quarter; dynamic; firm. Own R&D."""
    grants: Floats
    """real; 100m_rmb/quarter; dynamic. Public money received."""
    grants_spent: Floats
    """real; 100m_rmb/quarter; dynamic. Part of it spent on R&D."""
    profit: Floats
    """real; 100m_rmb/quarter; dynamic; firm. Profit after own R&D and technology contracts, before
    tax."""
    log_intensity: Floats
    """real; log; dynamic; firm. Log of R&D over sales, log r."""
    log_effect: Floats
    """real; log; static; firm. Effect on desired intensity, log z; normalised twice (element 5)."""
    log_productivity: Floats
    """real; log; dynamic; firm. Log A."""
    productivity_effect: Floats
    """real; log; static; firm. Lasting effect a."""
    technology: Ints
    """integer; -; dynamic; firm. Generation in use, -1 for none."""
    recent_gain: NDArray[np.float32]
    """real, 13 quarters; gains; dynamic. Gains of adoptions and launches by quarter, a ring of the
    present quarter and the 12 before; read for firms only."""
    launches: NDArray[np.float32]
    """real, 4 quarters; items; dynamic. Launches by quarter, a ring."""
    inventions: NDArray[np.float32]
    """real, 12 quarters; items; dynamic. Inventions that it owns or has part in, by quarter, a
    ring; read for firms only."""
    contract_net: Floats
    """real; 100m_rmb/quarter, sampled; dynamic. Technology contracts sold less bought in the
    quarter."""
    skill: Floats
    """real; log; static. Lasting part of the log quality of its ideas, u."""
    known: Floats
    """real; 1; dynamic. Knowledge within reach in the fields on which it works, over the mean of
    the burn-in, N."""
    partner: Ints
    """integer; -; dynamic. Row of the other side of its last joint invention, until its next idea;
    -1 for none."""
    earning: Floats
    """real; launches; dynamic; firm. Launches of its consortia, each shared among the members and
    weighted by sqrt(q), faded."""
    rd_capital: Floats
    """real; 100m_rmb; dynamic; firm. R&D capital K at the prices of the quarter."""
    gained: Floats
    """real; log; dynamic; firm. What own R&D, launches and knowledge within reach add to the
    productivity that it catches up with, rho + omega + near."""
    certified_until: Ints
    """integer; quarter; dynamic; firm. Last quarter of its certificate, -2^31 without one."""
    reported_rd: Floats
    """real; 100m_rmb/quarter; dynamic; firm. Own R&D as reported, relabelled spending included."""

    def __init__(self, n_fields: int) -> None:
        super().__init__(
            width={
                "knowledge": n_fields,
                "recent_gain": MEMORY + 1,
                "launches": 4,
                "inventions": MEMORY,
            },
            default={
                "industry": -1,
                "died": NEVER,
                "absorptive": 1.0,
                "technology": -1,
                "known": 1.0,
                "partner": -1,
                "certified_until": NO_CERTIFICATE,
            },
        )

    @property
    def alive(self) -> Bools:
        """Whether each organisation exists."""
        return self.died == NEVER

    def firms(self) -> Ints:
        """Return the rows of the living firms, ascending."""
        return self.of_kind(FIRM)

    def of_kind(self, kind: int) -> Ints:
        """Return the living rows of one kind, ascending."""
        return np.flatnonzero(self.alive & (self.kind == kind))

    def close(self, rows: Ints, quarter: int) -> None:
        """Let what the rows hold end in a quarter; what follows from being alive is zero then."""
        self.died[rows] = quarter
        self.certified_until[rows] = NO_CERTIFICATE
        for name in EMPTIED:
            getattr(self, name)[rows] = 0.0


def reported_sales(sales: Floats, basis: float) -> Floats:
    """Return reported sales a year from sales of a quarter."""
    return 4.0 * basis * sales


def size_class(reported: Floats, small: float, large: float) -> Ints:
    """Return 0, 1 or 2 for small, medium and large firms."""
    return (reported > small).astype(np.int64) + (reported > large)


def capacity(researchers: Floats, firm: Bools) -> Floats:
    """Return the number of joint projects that an organisation can hold: in science, its groups."""
    return np.where(firm, 1.0 + np.log1p(researchers / 5.0), 1.0 + researchers / 5.0)
