"""Networks of places, exactly, from a symmetric matrix (n, n) of weights off its diagonal.

    density    d = ties / (n (n - 1) / 2)
    clustering c_i = 2 t_i / (k_i (k_i - 1)),   C = mean_i c_i                    (0 where k_i < 2)
    weighted   c_i = sum_jh (w_ij w_ih w_jh)^(1/3) / (w_max k_i (k_i - 1))
    path       L = mean of l_ij over pairs i != j that are joined
    quotient   Q = (C / C_r) / (L / L_r),   C_r = k / (n - 1),   L_r = (ln n - g) / ln k + 1/2
    between    b_v = sum_{i<j} s_ij(v) / s_ij / ((n - 1) (n - 2) / 2),   i, j != v
    modularity M = sum_c (W_c / W - (S_c / 2W)^2)
    polycentr. P = (1 - sd_i(S_i) / (S_max / 2)) d
    E-I        (E - I) / (E + I)

Symbols, all but weights without unit: n places; w_ij weight of the tie of a pair, in any unit, a
tie where it is positive; k_i number of ties of place i, k their mean; t_i triangles at i; l_ij
length of the shortest path in ties and s_ij number of such paths, s_ij(v) of them through v;
g = 0.5772, Euler's constant; W total weight, W_c inside part c; S_i strength of place i, S_c of
part c; E and I weight of ties between groups and inside them.

Sources: Watts and Strogatz (1998, Nature 393: 440); Onnela et al. (2005, Phys. Rev. E 71: 065103)
for weighted clustering; Humphries and Gurney (2008, PLoS ONE 3: e0002051) for the quotient;
Fronczak, Fronczak and Holyst (2004, Phys. Rev. E 70: 056110) for the path length of random graphs;
Freeman (1977, Sociometry 40: 35); Newman (2004, Phys. Rev. E 70: 056131); Green (2007, Urban
Studies 44: 2077), of whose two-node network of strengths 0 and S_max half is the standard
deviation; Krackhardt and Stern (1988, Social Psychology Quarterly 51: 123).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from ydsim.measures.checks import labels, ties
from ydsim.measures.groups import sums
from ydsim.typing import Bools, Floats


def density(weights: ArrayLike) -> float:
    """Return the share of pairs of places that have a tie; NaN for fewer than two places."""
    tie = _ties(weights)
    n = len(tie)
    return int(tie.sum()) / (n * (n - 1)) if n > 1 else float("nan")


def clustering(weights: ArrayLike) -> Floats:
    """Return the clustering c_i (n,) of each place, without regard to weights."""
    tie = _ties(weights).astype(np.float64)
    return _triangles(tie) / _pairs_of_ties(tie)


def weighted_clustering(weights: ArrayLike) -> Floats:
    """Return the weighted clustering c_i (n,) of each place, by geometric means of triangles."""
    w = ties("weights", weights)
    if not w.any():
        return np.zeros(len(w))
    return _triangles(np.cbrt(w / w.max())) / _pairs_of_ties(w > 0.0)


def mean_path(weights: ArrayLike) -> float:
    """Return the mean shortest path L of pairs that are joined; NaN where none is."""
    length = _paths(_ties(weights))[0]
    np.fill_diagonal(length, np.inf)
    joined = np.isfinite(length)
    return float(length[joined].mean()) if joined.any() else float("nan")


def random_path(n: int, mean_degree: float) -> float:
    """Return the mean shortest path L_r of a random graph; NaN for a mean degree of one or less."""
    if n < 2 or not mean_degree > 1.0:
        return float("nan")
    return (math.log(n) - float(np.euler_gamma)) / math.log(mean_degree) + 0.5


def small_world_quotient(weights: ArrayLike) -> float:
    """Return Q against the random graph of the same density; NaN where that has no path length."""
    tie = _ties(weights)
    n, share = len(tie), density(tie)
    reference = random_path(n, share * (n - 1))
    if math.isnan(reference):
        return float("nan")
    return float(clustering(tie).mean()) / share / (mean_path(tie) / reference)


def betweenness(weights: ArrayLike) -> Floats:
    """Return the betweenness b_v (n,) of each place, a share of the pairs of others."""
    length, number = _paths(_ties(weights))
    n = len(length)
    share = np.zeros(n)
    if n < 3:
        return share
    joined = np.isfinite(length) & ~np.eye(n, dtype=np.bool_)
    for v in range(n):
        via = length[:, v, None] + length[None, v, :]
        on = joined & (via == length)
        on[v] = on[:, v] = False
        through = number[:, v, None] * number[None, v, :]
        share[v] = float(np.divide(through, number, out=np.zeros((n, n)), where=on).sum())
    return share / ((n - 1) * (n - 2))


def modularity(weights: ArrayLike, part: ArrayLike, n_parts: int) -> float:
    """Return the modularity M of a given partition, (n,) parts from 0; NaN without ties."""
    w = ties("weights", weights)
    c = labels("part", part, len(w), n_parts)
    total = float(w.sum())
    if total == 0.0:
        return float("nan")
    inside = float(w[c[:, None] == c[None, :]].sum())
    strength = sums(c, w.sum(axis=1), n_parts)
    return inside / total - float(((strength / total) ** 2).sum())


def functional_polycentricity(weights: ArrayLike) -> float:
    """Return P, from 0 (one centre, or no ties) to 1 (all places alike and all joined)."""
    w = ties("weights", weights)
    strength = w.sum(axis=1)
    if not strength.any():
        return 0.0
    spread = float((strength / strength.max()).std()) / 0.5
    return max(1.0 - spread, 0.0) * density(w)


def e_i_index(weights: ArrayLike, group: ArrayLike, n_groups: int) -> float:
    """Return the E-I index: 1 where all ties are between groups, -1 where none is; NaN without.

    ``group`` (n,) is that of each place, such as its province, from 0.
    """
    w = ties("weights", weights)
    g = labels("group", group, len(w), n_groups)
    total = float(w.sum())
    if total == 0.0:
        return float("nan")
    return 1.0 - 2.0 * float(w[g[:, None] == g[None, :]].sum()) / total


def _ties(weights: ArrayLike) -> Bools:
    return ties("weights", weights) > 0.0


def _triangles(a: Floats) -> Floats:
    """Return sum_jh a_ij a_jh a_hi for each i, place by place."""
    return np.array([float((np.einsum("j,jh->h", row, a) * row).sum()) for row in a])


def _pairs_of_ties(tie: Floats | Bools) -> Floats:
    """Return k (k - 1), infinite where there is no pair, so that a quotient of it is zero."""
    degree = tie.sum(axis=1).astype(np.float64)
    return np.where(degree > 1.0, degree * (degree - 1.0), np.inf)


def _paths(tie: Bools) -> tuple[Floats, Floats]:
    """Return lengths and numbers (n, n) of shortest paths, from all places at once."""
    n = len(tie)
    length = np.where(np.eye(n, dtype=np.bool_), 0.0, np.inf)
    number = np.eye(n)
    wave, steps, a = number, 0, tie.astype(np.float64)
    while wave.any():
        steps += 1
        wave = np.einsum("ij,jk->ik", wave, a)
        wave[np.isfinite(length)] = 0.0
        length[wave > 0.0] = steps
        number = number + wave
    return length, number
