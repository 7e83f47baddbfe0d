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
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from ydsim.measures.groups import labels, quotient, sums, ties
from ydsim.typing import Floats, Ints


class Network:
    """Places and their ties.

    ``weights`` (n, n) are symmetric and not negative; the diagonal is not read. ValueError when
    they are not.
    """

    def __init__(self, weights: ArrayLike) -> None:
        self.weights = ties("weights", weights)
        self.n = len(self.weights)
        self._tie = (self.weights > 0.0).astype(np.float64)
        self._degree = self._tie.sum(axis=1)

    @property
    def density(self) -> float:
        """The share of pairs of places that have a tie; NaN for fewer than two places."""
        n = self.n
        return int(self._degree.sum()) / (n * (n - 1)) if n > 1 else float("nan")

    @cached_property
    def clustering(self) -> Floats:
        """The clustering c_i (n,) of each place, without regard to weights."""
        return self._clustered(self._tie)

    @property
    def weighted_clustering(self) -> Floats:
        """The weighted clustering c_i (n,) of each place, by geometric means of triangles."""
        return self._clustered(np.cbrt(self.weights / (self.weights.max(initial=0.0) or 1.0)))

    def _clustered(self, a: Floats) -> Floats:
        """Return sum_jh a_ij a_jh a_hi over k_i (k_i - 1) for each i, place by place."""
        triangles = np.array([float((np.einsum("j,jh->h", row, a) * row).sum()) for row in a])
        return quotient(triangles, self._degree * (self._degree - 1.0))

    @cached_property
    def _paths(self) -> tuple[Floats, Floats]:
        """Lengths and numbers (n, n) of shortest paths, from all places at once."""
        n = self.n
        length = np.where(np.eye(n, dtype=np.bool_), 0.0, np.inf)
        number = np.eye(n)
        wave, steps = number, 0
        while wave.any():
            steps += 1
            wave = np.einsum("ij,jk->ik", wave, self._tie)
            wave[np.isfinite(length)] = 0.0
            length[wave > 0.0] = steps
            number = number + wave
        return length, number

    @property
    def mean_path(self) -> float:
        """The mean shortest path L of pairs that are joined; NaN where none is."""
        length = self._paths[0]
        joined = np.isfinite(length) & (length > 0.0)
        return float(length[joined].mean()) if joined.any() else float("nan")

    @property
    def small_world_quotient(self) -> float:
        """Q against the random graph of the same density; NaN where that has no path length."""
        n, degree = self.n, self.density * (self.n - 1)
        if n < 2 or not degree > 1.0:
            return float("nan")
        random = (math.log(n) - float(np.euler_gamma)) / math.log(degree) + 0.5
        return float(self.clustering.mean()) / self.density / (self.mean_path / random)

    @property
    def betweenness(self) -> Floats:
        """The betweenness b_v (n,) of each place, a share of the pairs of others."""
        (length, number), n = self._paths, self.n
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

    @property
    def functional_polycentricity(self) -> float:
        """P, from 0 (one centre, or no ties) to 1 (all places alike and all joined)."""
        strength = self.weights.sum(axis=1)
        if not strength.any():
            return 0.0
        spread = float((strength / strength.max()).std()) / 0.5
        return max(1.0 - spread, 0.0) * self.density

    def modularity(self, part: ArrayLike, n_parts: int) -> float:
        """Return the modularity M of a given partition, (n,) parts from 0; NaN without ties."""
        inside, total, c = self._inside(part, n_parts)
        strength = sums(c, self.weights.sum(axis=1), n_parts)
        return inside / total - float(((strength / total) ** 2).sum())

    def e_i_index(self, group: ArrayLike, n_groups: int) -> float:
        """Return the E-I index: 1 where all ties are between groups, -1 where none is; NaN without.

        ``group`` (n,) is that of each place, such as its province, from 0.
        """
        inside, total, _ = self._inside(group, n_groups)
        return 1.0 - 2.0 * inside / total

    def _inside(self, group: ArrayLike, n_groups: int) -> tuple[float, float, Ints]:
        """Return the weight of ties inside groups and of all, NaN without any, and the groups."""
        g = labels("group", group, self.n, n_groups)
        inside = float(self.weights[g[:, None] == g[None, :]].sum())
        return inside, float(self.weights.sum()) or float("nan"), g
