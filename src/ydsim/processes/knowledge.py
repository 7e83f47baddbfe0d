"""Knowledge within reach: what is known in a city and near it, by field.

    S'_cf   = S_cf exp(-delta / 4) + sum over organisations i of c of s_i R_i phi_if / (s P)
    G_cf    = sum over cities d of (exp(-t_cd / near_h) + far exp(-t_cd / reach_h)) pass_cd S'_df
    Gbar_f  = sum over cities of w_c G_cf
    known_cf = G_cf / (Gbar0_f X)
    N_i     = sum over f of phi_if known_cf

Symbols: S stock of R&D, 100m_rmb at the prices of the first quarter and scale 1; delta its
depreciation and P the price level, which grows, as in `ydsim.processes.earn`; R own R&D and grants
spent of the quarter, 100m_rmb; phi shares of effort by field; s_i the scale for universities and
institutes, which are kept at full number, and 1 for firms; t hours of travel, ``near_h``, ``far``
and ``reach_h`` of `explore`, pass what a border lets through, 1 inside a province; w_c the share of
city c in R&D of the quarter; Gbar0 the mean of Gbar over the end of the burn-in
(`ydsim.agents.tables`), one for all cities, in the burn-in the quarter's own; X the frontier, real
R&D capital of the rest of the nation over that of the burn-in (`ydsim.processes.nation`). A stock
begins with what its R&D keeps up for ever.

Most of what is known matters where it is: patents cite what is near and spillovers halve within
some tens of kilometres; the rest, what is published and codified, goes far at a part of the weight.
N is the mean of known by the fields on which an organisation works. It raises the number of ideas
(`ydsim.processes.explore`), the progress of research (`ydsim.processes.advance`) and the
productivity that firms catch up with (`ydsim.processes.earn`), so that a city in which more is
known is a better place to do research and to make things. What the nation knows makes what is new
harder to find, so that a region whose stock grows like that of the nation does research no faster.
Beyond that the rest of the nation is left out (assumed: it is the same for all).

Source: R&D stocks as pools of spillovers (Griliches 1979; Bloom, Schankerman and Van Reenen 2013);
the near and the far part: spillovers fall steeply within a day's trip (Jaffe, Trajtenberg and
Henderson 1993; Rosenthal and Strange 2008), citations hardly with hours (Bai et al.); ideas that
get harder to find as research grows (Bloom, Jones, Van Reenen and Webb 2020). Form assumed.
"""

from __future__ import annotations

import numpy as np

from ydsim.agents.organisations import FIRM
from ydsim.agents.state import State
from ydsim.agents.tables import Means
from ydsim.measures.groups import sums
from ydsim.policies.environment import PolicyEnvironment, passing
from ydsim.processes.earn import DECAY, PRICES
from ydsim.scenario.schema.parameters import ExploreParameters
from ydsim.typing import Floats, Ints


def within_reach(
    stock: Floats, hours: Floats, passes: Floats, near_h: float, far: float, reach_h: float
) -> Floats:
    """Return G, shape (C, F), from stocks S (C, F), hours (C, C) and what borders let through."""
    kernel = (np.exp(-hours / near_h) + far * np.exp(-hours / reach_h)) * passes
    reached: Floats = np.einsum("cd,df->cf", kernel, stock)
    return reached


def known_by(weights: Floats, city: Ints, known: Floats) -> Floats:
    """Return N of organisations, (n,), from shares of effort (F, n), cities and known (C, F)."""
    mean: Floats = np.einsum("fn,nf->n", weights, known[city])
    return mean


def learn_what_is_near(
    state: State,
    environment: PolicyEnvironment,
    rows: Ints,
    weights: Floats,
    parameters: ExploreParameters,
    constants: Means | None = None,
) -> None:
    """Add the R&D of the quarter to stocks, and set what is known in cities and organisations.

    Parameters
    ----------
    state, environment, parameters
        As everywhere.
    rows, weights
        Living organisations and their shares of effort by field, (F, n).
    constants
        Means of the burn-in; without them the quarter compares with itself.
    """
    table, n_cities = state.organisations, state.world.n_cities
    city, full = table.city[rows], np.where(table.kind[rows] == FIRM, 1.0, state.scale)
    money = full * (table.rd[rows] + table.grants_spent[rows]) / state.scale
    new = np.stack([sums(city, money * share, n_cities) for share in weights], axis=1)
    new /= np.exp(PRICES * max(state.quarter, 0) / 4.0)
    keep = np.exp(-DECAY / 4.0)
    stock = state.knowledge_stock
    state.knowledge_stock = stock * keep + new if stock.any() else new / (1.0 - keep)
    reached = within_reach(
        state.knowledge_stock,
        environment.travel_hours,
        passing(environment, "knowledge", state.world.city_province),
        parameters.near_h,
        parameters.far,
        parameters.reach_h,
    )
    spent = sums(city, money, n_cities)
    total = float(spent.sum())
    weight = spent / total if total > 0.0 else np.full(n_cities, 1.0 / n_cities)
    state.means.access = (weight[:, None] * reached).sum(axis=0)
    usual = (state.means if constants is None else constants).access * state.nation.frontier
    state.known = np.divide(reached, usual, out=np.ones_like(reached), where=usual > 0.0)
    # where nothing is known its logarithm is that of one in a thousand
    state.known = np.maximum(state.known, 1e-3)
    table.known[:] = 1.0
    table.known[rows] = known_by(weights, city, state.known)
