"""Networks of many organisations, from samples of an array of ties.

    C = a mean_s [the two drawn neighbours of s are joined],   SE = a sqrt(m (1 - m) / r)
    L = sum_s sum_j l_sj / sum_s r_s
    SE = sqrt(r / (r - 1) sum_s (sum_j l_sj - L r_s)^2) / sum_s r_s
    Q = (C / density) / (L / L_r),   M = sum_p (e_pp / E - (d_p / (2 E))^2)
    EI = 1 - 2 sum_p e_pp / E

Symbols, all without unit: C mean clustering of all N organisations, zero where one has fewer than
two ties; a share of the organisations that have two; s of r sampled ones, for C with two of its
neighbours, drawn evenly among its pairs; m the mean in C; L mean shortest path in ties over pairs
that are joined; l_sj length of the path from s to j; r_s number of organisations that s reaches.
Both are estimates without bias, the second in large samples, and r_s differs only where the
network is in pieces; the errors are of sampling, with replacement. Q small-world quotient with L_r
of a random graph as dense (`ydsim.measures.network`), M modularity of parts p such as provinces and
EI index, both exact: E number of ties, e_pp of those inside p, d_p sum of the degrees of p.

Sources: Schank and Wagner (2005, J. Graph Algorithms and Applications 9: 265) for clustering;
Cochran (1977, Sampling Techniques, chapter 6) for the error of a ratio.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ydsim.measures.checks import labels, numbers
from ydsim.measures.groups import ranges
from ydsim.measures.network import random_path
from ydsim.typing import Bools, Floats, Ints


@dataclass(frozen=True)
class Estimate:
    """An estimate from a sample, and its standard error (NaN where the sample gives none)."""

    value: float
    error: float


@dataclass(frozen=True)
class Graph:
    """Ties by organisation.

    Attributes
    ----------
    start
        (N + 1,) where the neighbours of each organisation begin.
    neighbour
        (2 E,) neighbours of all organisations in turn, increasing for each.
    """

    start: Ints
    neighbour: Ints

    @property
    def degree(self) -> Ints:
        """The number of ties of each organisation, (N,)."""
        number: Ints = np.diff(self.start)
        return number


def graph(a: ArrayLike, b: ArrayLike, n: int) -> Graph:
    """Return ties between ``n`` organisations by organisation.

    Parameters
    ----------
    a, b
        (E,) the two ends of each tie, from 0. A pair that is there twice, either way round, is one
        tie; an organisation has none with itself.
    n
        The number of organisations.
    """
    first = labels("a", a, len(np.atleast_1d(a)), n)
    second = labels("b", b, len(first), n)
    apart = first != second
    first, second = first[apart], second[apart]
    key = np.sort(np.concatenate([first * n + second, second * n + first]), kind="stable")
    key = key[np.diff(key, prepend=-1) > 0]
    start = np.searchsorted(key, np.arange(n + 1, dtype=np.int64) * n)
    return Graph(start.astype(np.int64), key % max(n, 1))


def sampled_clustering(of: Graph, draws: ArrayLike) -> Estimate:
    """Return the mean clustering C and its standard error.

    Parameters
    ----------
    of
        The ties.
    draws
        (r, 3) even draws from 0 to below 1, r at least 1: for the organisation and two neighbours.
    """
    u = _draws(draws, 2)
    if u.shape[1] != 3:
        raise ValueError("draws must have three columns")
    n, degree = len(of.degree), of.degree
    able = np.flatnonzero(degree > 1)
    if len(able) == 0:
        return Estimate(0.0 if n else float("nan"), 0.0 if n else float("nan"))
    who = able[_pick(u[:, 0], len(able))]
    one = _pick(u[:, 1], degree[who])
    two = _pick(u[:, 2], degree[who] - 1)
    two += two >= one
    left, right = (of.neighbour[of.start[who] + k] for k in (one, two))
    closed = float(_joined(of, left, right).mean())
    share = len(able) / n
    return Estimate(share * closed, share * float(np.sqrt(closed * (1.0 - closed) / len(u))))


def sampled_path(of: Graph, draws: ArrayLike) -> Estimate:
    """Return the mean shortest path L and its standard error.

    Parameters
    ----------
    of
        The ties.
    draws
        (r,) even draws from 0 to below 1, r at least 1: one for each organisation to start from,
        of those that have ties. Each costs one walk through all ties.
    """
    u = _draws(draws, 1)
    linked = np.flatnonzero(of.degree > 0)
    if len(linked) == 0:
        return Estimate(float("nan"), float("nan"))
    total, reached = np.array([_walk(of, int(s)) for s in linked[_pick(u, len(linked))]]).T
    value = float(total.sum() / reached.sum())
    if len(u) < 2:
        return Estimate(value, float("nan"))
    miss = float(((total - value * reached) ** 2).sum()) * len(u) / (len(u) - 1)
    return Estimate(value, float(np.sqrt(miss) / reached.sum()))


def small_world(of: Graph, clustering: float, path: float) -> float:
    """Return the small-world quotient Q; NaN where a random graph as dense has no path length.

    Parameters
    ----------
    of
        The ties.
    clustering, path
        The mean clustering C and the mean shortest path L.
    """
    n, ends = len(of.degree), len(of.neighbour)
    reference = random_path(n, ends / max(n, 1))
    if math.isnan(reference) or not path > 0.0:
        return float("nan")
    return clustering / (ends / (n * (n - 1))) / (path / reference)


def parted(of: Graph, part: ArrayLike, n_parts: int) -> tuple[float, float]:
    """Return modularity M and E-I index of given parts; NaN without ties.

    Parameters
    ----------
    of
        The ties.
    part
        (N,) part of each organisation, such as its province, from 0.
    n_parts
        The number of parts.
    """
    c = labels("part", part, len(of.degree), n_parts)
    ends = len(of.neighbour)
    if ends == 0:
        return float("nan"), float("nan")
    inside = float((np.repeat(c, of.degree) == c[of.neighbour]).sum()) / ends
    degree = np.bincount(c, weights=of.degree.astype(np.float64), minlength=n_parts)
    return inside - float(((degree / ends) ** 2).sum()), 1.0 - 2.0 * inside


def _draws(draws: ArrayLike, ndim: int) -> Floats:
    u = numbers("draws", draws, ndim=ndim, low=0.0)
    if len(u) == 0 or (u >= 1.0).any():
        raise ValueError("draws must be below 1, and at least one")
    return u


def _pick(u: Floats, number: Ints | int) -> Ints:
    """Return even draws as whole numbers from 0 to ``number - 1``."""
    picked: Ints = np.minimum((u * number).astype(np.int64), np.asarray(number) - 1)
    return picked


def _joined(of: Graph, left: Ints, right: Ints) -> Bools:
    """Return which pairs have a tie, by bisection among the neighbours of ``left``."""
    low, high = of.start[left], of.start[left + 1]
    end = high.copy()
    while (low < high).any():
        middle = (low + high) // 2
        # where low has met high, neither moves
        less = (low < high) & (of.neighbour[np.minimum(middle, len(of.neighbour) - 1)] < right)
        low, high = np.where(less, middle + 1, low), np.where(less, high, np.minimum(middle, high))
    found = of.neighbour[np.minimum(low, len(of.neighbour) - 1)] == right
    joined: Bools = found & (low < end)
    return joined


def _walk(of: Graph, source: int) -> tuple[int, int]:
    """Return the sum of path lengths from an organisation, and how many others it reaches."""
    seen = np.zeros(len(of.start) - 1, dtype=np.bool_)
    seen[source] = True
    front = np.array([source], dtype=np.int64)
    total = reached = steps = 0
    while len(front):
        steps += 1
        nearby = of.neighbour[ranges(of.start[front], of.degree[front])]
        fresh = np.zeros(len(seen), dtype=np.bool_)
        fresh[nearby] = True
        fresh &= ~seen
        seen |= fresh
        front = np.flatnonzero(fresh)
        total, reached = total + steps * len(front), reached + len(front)
    return total, reached
