"""Counter-based random draws: every number is a pure function of what it is for.

A draw is ``hash(seed, replicate, phase, quarter, identity, k)``. It does not depend on how many
other draws were made, on the order of agents, or on the number of workers, so that the same firm
under two policies differs only through the policy (common random numbers).

The mixer is the finaliser of SplitMix64 (Steele, Lea and Flood 2014, doi 10.1145/2660193.2660195)
applied to a running state; it is exact integer arithmetic, the same on every machine.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ydsim.typing import Floats, Ints, Keys

_GAMMA = np.uint64(0x9E3779B97F4A7C15)
_MIX1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX2 = np.uint64(0x94D049BB133111EB)
_S30, _S27, _S31, _S12 = (np.uint64(s) for s in (30, 27, 31, 12))
_TWO52 = 2.0**-52
_POISSON_SPLIT = 100.0
_NEGLIGIBLE = 1e-18
_NEARLY_ONE = 1.0 - 1e-9


def mix(state: NDArray[np.uint64]) -> Keys:
    """Return the SplitMix64 finaliser of ``state``, a bijection of 64-bit integers."""
    z = state + _GAMMA
    z ^= z >> _S30
    z *= _MIX1
    z ^= z >> _S27
    z *= _MIX2
    z ^= z >> _S31
    return z


_WORD = 2**64 - 1
_GAMMA_INT, _MIX1_INT, _MIX2_INT = int(_GAMMA), int(_MIX1), int(_MIX2)


def mix_one(state: int) -> int:
    """Return `mix` of one number, ten times as soon as of an array with one element."""
    z = (state + _GAMMA_INT) & _WORD
    z = ((z ^ (z >> 30)) * _MIX1_INT) & _WORD
    z = ((z ^ (z >> 27)) * _MIX2_INT) & _WORD
    return z ^ (z >> 31)


@cache
def _digest(text: str) -> int:
    """Return the first 64 bits of the SHA-256 of a text."""
    return int.from_bytes(hashlib.sha256(text.encode("utf-8")).digest()[:8], "little")


def identity(*parts: object) -> Keys:
    """Return identities from parts: text, integers or integer arrays that broadcast together.

    ``identity("firm", city_keys, ordinal)`` hashes its arguments from left to right; text enters
    through its SHA-256 so that Python's own string hash is never used.
    """
    state = np.zeros(1, dtype=np.uint64)
    for part in parts:
        state = mix(state ^ _as_uint64(part))
    return state


def _as_uint64(part: object) -> NDArray[np.uint64]:
    if isinstance(part, str):
        return np.array([_digest(part)], dtype=np.uint64)
    array = np.atleast_1d(np.asarray(part))
    if array.dtype.kind not in "iu":
        raise TypeError(f"an identity is made of text and integers, not {array.dtype}")
    return (
        array.astype(np.int64, copy=False).view(np.uint64)
        if array.dtype.kind == "i"
        else (array.astype(np.uint64, copy=False))
    )


@dataclass(frozen=True)
class Noise:
    """The draws of one phase in one quarter of one run."""

    key: np.uint64
    """Hash of seed, replicate, phase and quarter."""

    def bits(self, ids: Keys, k: int = 0) -> Keys:
        """Return 64 random bits for each identity; ``k`` tells draws of one phase apart."""
        return mix(ids ^ np.uint64(mix_one(mix_one(int(k)) ^ int(self.key))))

    def uniform(self, ids: Keys, k: int = 0) -> Floats:
        """Return uniforms in the open interval (0, 1), one for each identity."""
        u: Floats = (self.bits(ids, k) >> _S12).astype(np.float64)
        u += 0.5
        u *= _TWO52
        return u

    def normal(self, ids: Keys, k: int = 0) -> Floats:
        """Return standard normal draws by inversion."""
        from scipy.special import ndtri  # late: what only reads a scenario needs no SciPy

        return ndtri(self.uniform(ids, k))

    def exponential(self, ids: Keys, k: int = 0) -> Floats:
        """Return exponential draws with mean one by inversion."""
        return -np.log(self.uniform(ids, k))

    def poisson(self, rate: Floats, ids: Keys, k: int = 0) -> Ints:
        """Return Poisson draws by inversion of the cumulative probability.

        Monotone in ``rate`` at a fixed identity, so a policy that raises a rate never lowers a
        count.
        """
        u = self.uniform(ids, k)
        return poisson_quantile(u, rate)


def poisson_quantile(u: Floats, rate: Floats) -> Ints:
    """Return the smallest n with P(Poisson(rate) <= n) >= u, for arrays of one shape."""
    counts = np.zeros(len(u), dtype=np.int64)
    # close to one the sum of probabilities is lost in rounding
    large = (rate > _POISSON_SPLIT) | ((rate > 0.0) & (u > _NEARLY_ONE))
    if large.any():
        counts[large] = _large_quantile(u[large], rate[large])
    active: Ints = np.flatnonzero((rate > 0.0) & ~large)
    pmf: Floats = np.exp(-rate[active])
    cdf = pmf.copy()
    lam, target = rate[active], u[active]
    n = 0
    while len(active):
        # what lies so far out adds nothing any more to the cumulative probability
        more = np.flatnonzero((cdf < target) & ((pmf > _NEGLIGIBLE) | (n < lam)))
        active, pmf, cdf = active[more], pmf[more], cdf[more]
        lam, target = lam[more], target[more]
        n += 1
        counts[active] = n
        pmf = pmf * lam / n
        cdf = cdf + pmf
    return counts


def _large_quantile(u: Floats, rate: Floats) -> Ints:
    """Return the same by the inverse of the incomplete gamma function."""
    from scipy.special import pdtr, pdtrik

    n = np.maximum(np.ceil(pdtrik(u, rate)), 0.0)
    below = np.maximum(n - 1.0, 0.0)
    n = np.where(pdtr(below, rate) >= u, below, n)
    return n.astype(np.int64)


Phase = Literal[
    "adopt",
    "advance",
    "capacity",
    "certify",
    "consortia",
    "contract",
    "cover",
    "enter",
    "explore",
    "facilities",
    "found",
    "industry mix",
    "inputs",
    "leave",
    "match",
    "populate",
    "probe",
    "relocate",
    "shocks",
    "talent",
]
"""Phases and other occasions of the model that draw; two never share a name."""


@dataclass(frozen=True)
class NoiseSource:
    """All draws of one run: hands out a `Noise` for a phase and a quarter."""

    seed: int
    replicate: int

    def phase(self, name: Phase, quarter: int) -> Noise:
        """Return the draws of phase ``name`` in ``quarter`` (quarters count from the start)."""
        key = 0  # the `identity` of these parts
        for part in (self.seed % 2**63, self.replicate, _digest(name), quarter):
            key = mix_one(key ^ (int(part) & _WORD))
        return Noise(np.uint64(key))


def probe() -> Floats:
    """Return 64 numbers that two machines agree on when they draw and compute alike.

    They rest on the mixer, on the normal quantile, and on the exponential and the logarithm.
    """
    noise = NoiseSource(1, 2).phase("probe", 3)
    keys = np.arange(64, dtype=np.uint64)
    return np.exp(noise.normal(keys)) + np.log1p(noise.uniform(keys))
