"""Bunching at a threshold: too many just above it, too few just below.

    c_j     = sum_(k <= order) p_k P_k(x_j) + e_j,   fitted on bins j outside the excluded window
    excess  = sum_(j in above) (c_j - c^_j),   relative = excess / mean c^ of these bins
    missing = sum_(j in below) (c^_j - c_j)

Symbols: c_j number of values in bin j; x_j its centre, P_k Legendre polynomials on the range; c^
counterfactual; above and below: bins from the threshold up, and down, inside the excluded window.
For a notch, such as the research intensity that certification asks for, values bunch at and above
it (Kleven and Waseem 2013, doi 10.1093/qje/qjt004; Chen et al. 2021, doi 10.1257/aer.20191758).
Errors by a bootstrap, values drawn again with replacement from a fixed seed, whose deviations are
widened by the root of the misfit where that is above one; the interval from the .025 and .975
quantiles.

    misfit = sum_j (c_j - c^_j)^2 / c^_j / (J - order - 1)   over the J bins of the fit

A misfit far above one says that the polynomial does not follow the distribution; its bias at the
threshold is then not in the interval, and other orders or fewer bins are to be compared.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ydsim.analysis.estimators.estimate import Estimate
from ydsim.measures.gravity import swept
from ydsim.typing import Bools, Floats


@dataclass(frozen=True)
class Bunching:
    """What gathers at a threshold.

    Attributes
    ----------
    excess, missing
        Values too many from the threshold up, and too few below it.
    relative
        Excess in units of the counterfactual number in a bin.
    misfit
        Spread of the counts of the fit around it, one where it is by chance alone.
    centre, count, counterfactual
        (J,) bins.
    excluded
        (J,) whether a bin is left out of the fit.
    """

    excess: Estimate
    missing: Estimate
    relative: Estimate
    misfit: float
    centre: Floats
    count: Floats
    counterfactual: Floats
    excluded: Bools


def bunching(
    values: Floats,
    threshold: float,
    *,
    width: float,
    below: int,
    above: int,
    bins: int = 25,
    order: int = 5,
    draws: int = 400,
    seed: int = 0,
) -> Bunching:
    """Return the excess mass at a threshold.

    Parameters
    ----------
    values
        (n,) such as research over sales. Those further off than ``bins`` are left out.
    threshold
        Which is a lower edge of a bin.
    width
        Of a bin, in the unit of values.
    below, above
        Bins of the excluded window on either side; ``above`` at least one.
    bins
        Bins on either side.
    order
        Of the polynomial.
    draws, seed
        Of the bootstrap; the seed is the key of its generator.

    Raises
    ------
    ValueError
        When a value is not finite, the window leaves too few bins, or no value is in range.
    """
    if not np.isfinite(values).all():
        raise ValueError("values must be finite")
    if width <= 0.0 or below < 0 or above < 1 or order < 0 or draws < 2:
        raise ValueError("width, above and draws must be positive, below and order not negative")
    at = np.floor((values - threshold) / width + _EDGE).astype(np.int64)
    inside = (at >= -bins) & (at < bins)
    count = np.bincount(at[inside] + bins, minlength=2 * bins).astype(np.float64)
    number = np.arange(-bins, bins)
    up, down = (number >= 0) & (number < above), (number < 0) & (number >= -below)
    excluded = up | down
    if int((~excluded).sum()) < order + 2:
        raise ValueError(
            f"{int((~excluded).sum())} bins outside the window do not fix order {order}"
        )
    if not count[~excluded].any():
        raise ValueError("no value lies outside the window and in range")
    basis = np.polynomial.legendre.legvander((number + 0.5) / bins, order)
    used = basis[~excluded]
    inverse, _ = swept(np.einsum("ok,ol->kl", used, used))
    smooth = np.einsum("jk,kl,ol->jo", basis, inverse, used)

    def measured(c: Floats) -> tuple[Floats, Floats]:
        """Return excess, missing and relative (..., 3) of counts (..., J), and counterfactuals."""
        expected: Floats = np.einsum("jo,...o->...j", smooth, c[..., ~excluded])
        apart = c - expected
        excess = apart[..., up].sum(axis=-1)
        height = expected[..., up].mean(axis=-1)
        relative = excess / np.where(height > 0.0, height, np.nan)
        return np.stack([excess, -apart[..., down].sum(axis=-1), relative], axis=-1), expected

    found, expected = measured(count)
    again, _ = measured(_resampled(count, draws, seed))
    off, height = count[~excluded] - expected[~excluded], np.maximum(expected[~excluded], 1.0)
    misfit = float((off**2 / height).sum()) / (len(off) - order - 1)
    again = found + np.sqrt(max(misfit, 1.0)) * (again - found)
    lost = int((~inside).sum())
    dropped = (f"{lost} values out of range",) if lost else ()
    excess, missing, relative = (
        _estimate(float(value), draw, int(inside.sum()), dropped)
        for value, draw in zip(found, again.T, strict=True)
    )
    centre = threshold + (number.astype(np.float64) + 0.5) * width
    return Bunching(excess, missing, relative, misfit, centre, count, expected, excluded)


_EDGE = 1e-9
"""Part of a bin by which rounding may put a value below the edge that it is at."""


def _resampled(count: Floats, draws: int, seed: int) -> Floats:
    """Return (draws, J) counts of values drawn again, with replacement."""
    generator = np.random.Generator(np.random.Philox(key=seed))
    number = int(count.sum())
    return generator.multinomial(number, count / number, draws).astype(np.float64)


def _estimate(value: float, draws: Floats, n: int, dropped: tuple[str, ...]) -> Estimate:
    low, high = (float(end) for end in np.quantile(draws, [0.025, 0.975]))
    return Estimate(value, float(draws.std(ddof=1)), low, high, n, n, dropped)
