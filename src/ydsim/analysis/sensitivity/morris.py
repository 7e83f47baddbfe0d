"""Elementary effects after Morris, of a sweep with a design of kind ``morris``.

    e_jt = (y(x + delta 1_j) - y(x)) / delta        effect of factor j in trajectory t, per range
    mu_j = mean_t e_jt,   mu*_j = mean_t |e_jt|,   sigma_j = sd_t e_jt

with interval mu* -+ 1.96 sd of 1,000 resamples of trajectories (SALib), and mu -+ t sd / sqrt(T).
Noise alone would give a factor without any effect

    floor = sqrt(2 / pi) sqrt(2 v) / delta

of mu*, the mean absolute value of a normal variable, where v is the variance that noise leaves in
the mean of a point: a factor within it whose mu is not sure in sign is not shown to have an effect.

Sources: Morris (1991, doi 10.1080/00401706.1991.10484804); Campolongo, Cariboni and Saltelli (2007,
doi 10.1016/j.envsoft.2006.10.004).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import stdtrit

from ydsim.analysis.extras import extra
from ydsim.analysis.sensitivity.drivers import UNSURE, Driver, direction_of, ranked
from ydsim.analysis.sensitivity.finding import RESAMPLES, SEED, Finding
from ydsim.analysis.sensitivity.sample import Sample
from ydsim.analysis.sensitivity.shares import share_of_range
from ydsim.analysis.sensitivity.words import number
from ydsim.typing import Floats


@dataclass(frozen=True)
class Effects:
    """Statistics of elementary effects, in the order of ``names``.

    Attributes
    ----------
    names
        Labels of factors.
    mu, mu_half
        Mean effect and half of its interval.
    mu_star, mu_star_half
        Mean size of an effect and half of its interval.
    sigma
        Standard deviation of effects between trajectories.
    floor
        mu* that noise alone would give; NaN for one replicate.
    trajectories
        Their number.
    """

    names: tuple[str, ...]
    mu: Floats
    mu_half: Floats
    mu_star: Floats
    mu_star_half: Floats
    sigma: Floats
    floor: float
    trajectories: int


def analyse(sample: Sample) -> Finding:
    """Return the drivers of an outcome by mu*."""
    found = effects(sample)
    drivers = []
    for j, name in enumerate(found.names):
        mu, half = float(found.mu[j]), float(found.mu_half[j])
        size, spread = float(found.mu_star[j]), float(found.mu_star_half[j])
        low = max(size - spread, 0.0)
        direction = direction_of(mu, mu - half, mu + half)
        within = low <= found.floor if not math.isnan(found.floor) else size == 0.0
        null = within and direction == UNSURE
        drivers.append(Driver(name, size, low, size + spread, direction, null))
    table = {
        "factor": np.array(found.names, dtype=object),
        "mu_star": found.mu_star,
        "mu_star_low": np.maximum(found.mu_star - found.mu_star_half, 0.0),
        "mu_star_high": found.mu_star + found.mu_star_half,
        "mu": found.mu,
        "mu_low": found.mu - found.mu_half,
        "mu_high": found.mu + found.mu_half,
        "sigma": found.sigma,
        "noise_floor": np.full(len(found.names), found.floor),
    }
    return Finding(
        "morris",
        sample,
        f"mu*, the mean size of the change over a factor's range, {found.trajectories} "
        "trajectories",
        sample.unit,
        ranked(drivers),
        {"morris": table},
        _remarks(found, sample, sum(one.null for one in drivers)),
        found,
    )


def effects(sample: Sample) -> Effects:
    """Return the statistics of SALib's analyser of an outcome."""
    analyser = extra("SALib.analyze.morris", "SALib", "the analysis of a morris design")
    problem = dict(sample.settings["problem"])
    names = [str(name) for name in problem["names"]]
    cards = {str(factor["label"]): factor for factor in sample.factors}
    x = np.column_stack([share_of_range(cards[name], sample.columns[name]) for name in names])
    levels = int(sample.settings["levels"])
    # steps are of one length in the design; on lists and whole numbers only their sign is seen
    result = analyser.analyze(
        problem, x, sample.means, num_levels=levels, num_resamples=RESAMPLES, seed=SEED
    )
    trajectories = len(x) // (len(names) + 1)
    mu, sigma = _plain(result["mu"]), _plain(result["sigma"])
    t = float(stdtrit(trajectories - 1, 0.975))
    delta = levels / (2.0 * (levels - 1))
    return Effects(
        tuple(names),
        mu,
        t * sigma / math.sqrt(trajectories),
        _plain(result["mu_star"]),
        _plain(result["mu_star_conf"]),
        sigma,
        math.sqrt(2.0 / math.pi) * math.sqrt(2.0 * sample.noise_of_means) / delta,
        trajectories,
    )


def _plain(values: object) -> Floats:
    return np.ma.filled(np.ma.asarray(values, dtype=np.float64), np.nan).astype(np.float64)


def _remarks(found: Effects, sample: Sample, below: int) -> tuple[str, ...]:
    if math.isnan(found.floor):
        return ("With one replicate a point nothing says how much of mu* is noise.",)
    return (
        f"A factor without any effect would show a mu* of about {number(found.floor)} "
        f"{sample.unit} from noise alone; {below} of {len(found.names)} factors are neither shown "
        "to exceed it nor sure in sign.",
    )
