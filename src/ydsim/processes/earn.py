"""Earn: a launch raises the productivity of those who launched it.

    L'_i     = L_i exp(-compete.return_decay / 4) + sum over launches of i of sqrt(q) / members
    lambda   = sum over firms of L' / sum over firms of n^a,      n = max(researchers, 1)
    omega_i  = compete.private_return (1 - exp(-L'_i / (lambda0 n_i^a)))

Symbols: L faded launches of a firm, its own and those in whose consortium it is, each shared among
the members; a ``explore.ideas_exponent``, by which ideas rise with researchers, so that lambda n^a
is what a firm of its size is expected to launch; lambda0 that of the zero, the same quarter of the
twin (`ydsim.twin`), and the run's own in the twin and in the burn-in. omega is added to what the
productivity of the firm catches up with (`ydsim.processes.compete`), so that the return comes late.
It is bounded: a firm that launches as much as its size lets expect has 63 % of the most.

Source: productivity rises by .098 for twice the R&D where tax makes firms spend it (evidence c17);
patents and productivity answer after years (Aghion et al. 2024; Vanino et al. 2019). The form is
assumed.
"""

from __future__ import annotations

import numpy as np

from ydsim.agents.means import Means
from ydsim.agents.organisations import FIRM
from ydsim.agents.state import State
from ydsim.measures.groups import sums
from ydsim.scenario.schema.parameters import CompeteParameters
from ydsim.typing import Floats, Ints


def faded(launches: Floats, new: Floats, decay: float) -> Floats:
    """Return L' from L and the launches of the quarter."""
    left: Floats = launches * np.exp(-decay / 4.0) + new
    return left


def private_return(launches: Floats, expected: Floats, most: float) -> Floats:
    """Return omega from L' and what is expected; the most where nothing is but something came."""
    ratio = np.divide(
        launches, expected, out=np.where(launches > 0.0, np.inf, 0.0), where=expected > 0.0
    )
    omega: Floats = -most * np.expm1(-ratio)
    return omega


def earn(
    state: State, parameters: CompeteParameters, exponent: float, zero: Means | None = None
) -> None:
    """Let the quarter's launches count for their members and set omega of all firms.

    Parameters
    ----------
    state, parameters
        As everywhere.
    exponent
        Elasticity of ideas to researchers, a.
    zero
        Means of the twin in this quarter; without them the run compares with itself.
    """
    table, firms = state.organisations, state.firms
    rows, parts = _parts(state)
    new = sums(rows, parts, len(table))
    table.earning[:] = faded(table.earning, new, parameters.return_decay)
    size = np.maximum(table.researchers[firms], 1.0) ** exponent
    total = float(size.sum())
    own = float(table.earning[firms].sum()) / total if total > 0.0 else 0.0
    state.means.returns = own
    expected = (own if zero is None else zero.returns) * size
    table.advantage[firms] = private_return(
        table.earning[firms], expected, parameters.private_return
    )


def _parts(state: State) -> tuple[Ints, Floats]:
    """Return rows of firms that launched this quarter, and their parts of sqrt(q)."""
    launches, kind = state.launches, state.organisations.kind
    members = np.hstack([launches.owner[:, None], launches.members.astype(np.int64)])
    launch, slot = np.nonzero(members >= 0)
    rows = members[launch, slot]
    part = np.sqrt(launches.quality) / (1.0 + launches.partners)
    firm = kind[rows] == FIRM
    return rows[firm], part[launch][firm]
