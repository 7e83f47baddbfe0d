"""Places compared: inequality, its parts within and between groups, convergence, and networks.

    CV   = sqrt(mean_i (y_i - mean y)^2) / mean y
    T    = sum_i s_i ln(s_i / f_i) = sum_g S_g ln(S_g / F_g) + sum_g S_g T_g       Theil
    G    = sum_i sum_r |y_i - y_r| / (2 n^2 mean y)                                Gini
    G_jh = sum_{i in j} sum_{r in h} |y_i - y_r| / (n_j n_h (m_j + m_h))
    D_jh = |m_j - m_h| / (mean_{i in j, r in h} |y_i - y_r|)
    G    = sum_j G_jj p_j q_j                                                      within
         + sum_{j<h} G_jh (p_j q_h + p_h q_j) D_jh                                 between
         + sum_{j<h} G_jh (p_j q_h + p_h q_j) (1 - D_jh)                           overlap

Symbols: y_i value of place i, in any unit, not negative; f_i share of place i in the weights,
such as population, 1 / n unless given; s_i share of place i in the weighted total of y; S_g and
F_g sums over group g of these shares, T_g index inside the group; n places, n_j of them in group
j, with mean m_j, share of places p_j = n_j / n and share of the total q_j. All indices are without
unit: CV from 0 to sqrt(n - 1), T from 0 to ln(1 / min f), G from 0 to 1 - 1 / n.

Sources: Theil (1967, Economics and Information Theory); Dagum (1997, Empirical Economics 22:
515-531, doi 10.1007/BF01205777), who calls the overlap transvariation.

Places converge where they become more alike (sigma), and where the poor grow faster (beta):

    sigma_t = sqrt(mean_i (ln y_it - m_t)^2)
    (1 / T) ln(y_iT / y_i0) = a + b ln y_i0 + e_i,   lambda = -ln(1 + b T) / T

Symbols: y_it value of place i at time t, in any unit, positive; m_t mean of the logs, or of those
of its group where groups are given; T years between the ends; b slope a year, by least squares,
with one constant a for each group where groups are given; e_i residual; lambda speed of
convergence a year. b < 0 is convergence. The error of b is that of least squares.

Source: Barro and Sala-i-Martin (1992, Journal of Political Economy 100(2): 223-251).

**Networks** of places, exactly, from a symmetric matrix (n, n) of weights off its diagonal.

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
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from ydsim.measures.groups import labels, numbers, quotient, sums, ties
from ydsim.typing import Floats, Ints


@dataclass(frozen=True)
class Theil:
    """Theil's index and its parts."""

    # T and its two parts, a sum of which it is.
    total: float
    within: float
    between: float


@dataclass(frozen=True)
class Dagum:
    """The Gini coefficient and its parts."""

    # G and its three parts, a sum of which it is.
    total: float
    within: float
    between: float
    overlap: float


def coefficient_of_variation(values: ArrayLike) -> float:
    """Return the standard deviation over all places by their mean; NaN where the mean is zero."""
    y = _relative(values)
    return float(y.std() / y.mean()) if y.any() else float("nan")


def theil(
    values: ArrayLike, group: ArrayLike, n_groups: int, weights: ArrayLike | None = None
) -> Theil:
    """Return Theil's index of places and its parts within and between groups.

    ``values`` (n,), such as output per head, are not negative; ``group`` (n,) is that of each
    place, from 0; ``weights`` (n,), such as heads, are positive, equal unless given. NaN throughout
    where all values are zero.
    """
    y = _relative(values)
    g = labels("group", group, len(y), n_groups)
    f = np.ones(len(y)) if weights is None else numbers("weights", weights, low=0.0)
    if f.shape != y.shape or (f <= 0.0).any():
        raise ValueError(f"weights must be {len(y)} positive numbers")
    if not y.any():
        nothing = float("nan")
        return Theil(nothing, nothing, nothing)
    f = f / f.sum()
    s = f * y / (f * y).sum()
    group_s = sums(g, s, n_groups)
    apart = _entropy(group_s, sums(g, f, n_groups))
    between = float(apart.sum())
    inside = sums(g, _entropy(s, f), n_groups) - apart
    within = float(inside.sum())
    return Theil(within + between, within, between)


def dagum(values: ArrayLike, group: ArrayLike, n_groups: int) -> Dagum:
    """Return the Gini coefficient of places and its parts within and between groups, and overlap.

    ``values`` (n,) are not negative, ``group`` (n,) is that of each place, from 0. NaN throughout
    where all values are zero.
    """
    y = _relative(values)
    g = labels("group", group, len(y), n_groups)
    if not y.any():
        nothing = float("nan")
        return Dagum(nothing, nothing, nothing, nothing)
    parts = [y[g == j] for j in range(n_groups)]
    within = between = overlap = 0.0
    for j, own in enumerate(parts):
        for h, other in enumerate(parts[: j + 1]):
            if not (own.any() or other.any()) or not (len(own) and len(other)):
                continue
            gap = _mean_gap(own, other)
            # G_jh (p_j q_h + p_h q_j), in which the sum of the means cancels
            part = gap * len(own) * len(other) / (len(y) * float(y.sum()))
            if j == h:
                within += part / 2.0
                continue
            apart = abs(float(own.mean() - other.mean()))
            distance = min(apart / gap, 1.0) if gap > 0.0 else 0.0
            between += part * distance
            overlap += part * (1.0 - distance)
    return Dagum(within + between + overlap, within, between, overlap)


def _relative(values: ArrayLike) -> Floats:
    """Return values by the power of two above the largest: exact, and no sum is out of range."""
    y = numbers("values", values, low=0.0)
    return np.ldexp(y, -np.frexp(y.max(initial=0.0))[1])


def _entropy(s: Floats, f: Floats) -> Floats:
    """Return s ln(s / f), 0 where s is."""
    some = s > 0.0
    return np.where(some, s * np.log(np.where(some, s, 1.0) / np.where(some, f, 1.0)), 0.0)


def _mean_gap(a: Floats, b: Floats) -> float:
    """Return the mean absolute difference between entries of two arrays, at the cost of a sort."""
    origin = a[0]
    a, b = a - origin, np.sort(b - origin, kind="stable")
    below = np.searchsorted(b, a)
    total = np.concatenate([[0.0], np.cumsum(b)])
    gaps = a * (2 * below - len(b)) + total[-1] - 2.0 * total[below]
    return max(float(gaps.mean()), 0.0) / len(b)


# -- convergence -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Beta:
    """A regression of growth on the beginning."""

    # b and its standard error, a year; NaN without differences or without residuals to spare.
    slope: float
    error: float
    speed: float  # lambda, a year; NaN where 1 + b T is not positive


def sigma(values: ArrayLike, group: ArrayLike | None = None, n_groups: int = 1) -> float:
    """Return the standard deviation of logs over places, or about the means of their groups.

    ``values`` (n,) are positive; ``group`` (n,) is that of each place, from 0, one for all unless
    given. NaN without places.
    """
    y = _positive("values", values)
    g = np.zeros(len(y), dtype=np.int64) if group is None else group
    centred = _centred(np.log(y)[None, :], labels("group", g, len(y), n_groups), n_groups)
    return float(np.sqrt((centred**2).mean())) if len(y) else float("nan")


def beta(
    first: ArrayLike,
    last: ArrayLike,
    years: float,
    group: ArrayLike | None = None,
    n_groups: int = 1,
) -> Beta:
    """Return the regression of yearly growth on the logs of the beginning.

    ``first`` and ``last`` (n,) are values of places at both ends, positive, ``years`` apart;
    ``group`` (n,) is that of each place, from 0, with its own constant, one for all unless given.
    """
    y0, y1 = _positive("first", first), _positive("last", last)
    if y0.shape != y1.shape or not (math.isfinite(years) and years > 0.0):
        raise ValueError("first and last need the same places, and years must be positive")
    g = np.zeros(len(y0), dtype=np.int64) if group is None else group
    g = labels("group", g, len(y0), n_groups)
    logs = np.log(y0)
    x, growth = _centred(np.stack([logs, (np.log(y1) - logs) / years]), g, n_groups)
    squares, nothing = float((x**2).sum()), float("nan")
    if squares <= 1e-24 * float((1.0 + logs**2).sum()):
        return Beta(nothing, nothing, nothing)
    slope = float((x * growth).sum()) / squares
    spare = len(y0) - len(np.unique(g)) - 1
    residual = float(((growth - slope * x) ** 2).sum())
    error = math.sqrt(residual / spare / squares) if spare > 0 else nothing
    left = 1.0 + slope * years
    return Beta(slope, error, -math.log(left) / years if left > 0.0 else nothing)


def _positive(name: str, values: ArrayLike) -> Floats:
    y = numbers(name, values)
    if (y <= 0.0).any():
        raise ValueError(f"{name} must be positive")
    return y


def _centred(rows: Floats, group: Ints, n_groups: int) -> Floats:
    """Return rows (r, n) less the means of the groups of their columns."""
    number = np.maximum(np.bincount(group, minlength=n_groups), 1)
    means = [sums(group, row, n_groups) / number for row in rows]
    return rows - np.array(means).reshape(len(rows), n_groups)[:, group]


# -- networks of places ----------------------------------------------------------------------------


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
