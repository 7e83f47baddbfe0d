"""Sobol indices of a sweep with a design of kind ``saltelli``, by SALib.

    S1_j = var(E[y | x_j]) / var y               what factor j explains alone
    ST_j = 1 - var(E[y | x_-j]) / var y          with all interactions that it takes part in
    S2_jk                                        what j and k explain beyond both alone

with intervals of -+ 1.96 sd of 1,000 resamples. The noise of replicates that is left in the means
counts as an interaction of all factors: it is in ST and not in S1. An index has no sign: the
direction is that of Spearman's rank correlation over all points, sure where its interval (Fisher's
transformation, sd 1.03 / sqrt(n - 3) of n independent points, those of the matrices A and B) lacks
zero.

Sources: Saltelli et al. (2010, doi 10.1016/j.cpc.2009.09.018), Saltelli (2002, doi
10.1016/S0010-4655(02)00280-1).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ydsim.analysis.extras import extra
from ydsim.analysis.sensitivity.drivers import UNORDERED, Driver, direction_of, ranked
from ydsim.analysis.sensitivity.finding import RESAMPLES, SEED, Finding
from ydsim.analysis.sensitivity.sample import Sample
from ydsim.analysis.sensitivity.shares import has_order, share_of_range
from ydsim.errors import ResultsError
from ydsim.typing import Columns, Floats

NULL = 0.01
"""Total index below which a factor is not said to move anything."""


@dataclass(frozen=True)
class Indices:
    """Sobol indices with half intervals, in the order of ``names``.

    Attributes
    ----------
    names
        Labels of factors.
    first, first_half, total, total_half
        (d,) each.
    second, second_half
        (d, d), upper triangle; None where the design has no second order.
    base
        Points of each of the two matrices, n.
    """

    names: tuple[str, ...]
    first: Floats
    first_half: Floats
    total: Floats
    total_half: Floats
    second: Floats | None
    second_half: Floats | None
    base: int


def analyse(sample: Sample) -> Finding:
    """Return the drivers of an outcome by total index.

    Raises
    ------
    ResultsError
        When the outcome is the same at all points.
    """
    found = indices(sample)
    cards = {str(factor["label"]): factor for factor in sample.factors}
    drivers = []
    for j, name in enumerate(found.names):
        size, half = float(found.total[j]), float(found.total_half[j])
        low = size - half
        direction = _direction(sample, cards[name], found)
        drivers.append(Driver(name, size, low, size + half, direction, low <= NULL))
    return Finding(
        "sobol",
        sample,
        f"ST, the share of the variance that goes with a factor, n = {found.base}",
        "share",
        ranked(drivers),
        _tables(found),
        _remarks(found, sample),
        found,
    )


def indices(sample: Sample) -> Indices:
    """Return the indices of SALib's analyser of an outcome."""
    analyser = extra("SALib.analyze.sobol", "SALib", "the analysis of a saltelli design")
    means = sample.means
    if float(np.ptp(means)) == 0.0:
        raise ResultsError(f"{sample.outcome} is the same at all points: nothing to explain")
    problem = dict(sample.settings["problem"])
    second = bool(sample.settings["second_order"])
    result = analyser.analyze(
        problem, means, calc_second_order=second, num_resamples=RESAMPLES, seed=SEED
    )
    names = tuple(str(name) for name in problem["names"])
    found = {key: np.asarray(value, dtype=np.float64) for key, value in result.items()}
    return Indices(
        names,
        found["S1"],
        found["S1_conf"],
        found["ST"],
        found["ST_conf"],
        found.get("S2"),
        found.get("S2_conf"),
        len(means) // ((2 if second else 1) * len(names) + 2),
    )


def _direction(sample: Sample, factor: Mapping[str, Any], found: Indices) -> str:
    from scipy.stats import spearmanr

    if not has_order(factor):
        return UNORDERED
    x = share_of_range(factor, sample.columns[str(factor["label"])])
    rho = float(spearmanr(x, sample.means).statistic)
    rho = min(max(rho, -1.0 + 1e-12), 1.0 - 1e-12)
    half = 1.96 * 1.03 / math.sqrt(max(2 * found.base - 3, 1))
    return direction_of(rho, math.tanh(math.atanh(rho) - half), math.tanh(math.atanh(rho) + half))


def _tables(found: Indices) -> dict[str, Columns]:
    table: Columns = {
        "factor": np.array(found.names, dtype=object),
        "first": found.first,
        "first_low": found.first - found.first_half,
        "first_high": found.first + found.first_half,
        "total": found.total,
        "total_low": found.total - found.total_half,
        "total_high": found.total + found.total_half,
    }
    tables = {"sobol": table}
    if found.second is not None and found.second_half is not None:
        rows, columns = np.triu_indices(len(found.names), 1)
        pairs, half = found.second[rows, columns], found.second_half[rows, columns]
        names = np.array(found.names, dtype=object)
        tables["sobol_pairs"] = {
            "factor": names[rows],
            "other": names[columns],
            "second": pairs,
            "second_low": pairs - half,
            "second_high": pairs + half,
        }
    return tables


def _remarks(found: Indices, sample: Sample) -> tuple[str, ...]:
    total = float(found.first.sum())
    said = [
        f"Factors alone explain {total:.0%} of the variance between points; the rest is "
        "interaction, noise and the error of the indices."
    ]
    if found.base < 256:
        said.append(
            f"n = {found.base} is little for Sobol indices: their intervals are wide and some may "
            "lie below 0 or above 1; 256 and more are usual."
        )
    return tuple(said)
