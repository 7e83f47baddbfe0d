"""Effects of factors one at a time, of a sweep with a design of kind ``one_at_a_time``.

    e_jl = mean_r (y_jl,r - y_0,r)      value l of factor j against the base, by replicate r

with Student's interval over replicates; where draws are not common to points, the difference of
means with Welch's. The size of a factor is that of its largest effect.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ydsim.analysis.sensitivity.drivers import Driver, direction_of, ranked
from ydsim.analysis.sensitivity.finding import Finding
from ydsim.analysis.sensitivity.sample import Sample
from ydsim.results.interval import interval
from ydsim.typing import Floats


@dataclass(frozen=True)
class Bar:
    """One value of one factor against the base.

    Attributes
    ----------
    factor, base, value
        Label; value in the base; value here; as text.
    effect, low, high
        Difference to the base and its interval, NaN for one replicate.
    n
        Replicates, of pairs where points share their draws.
    """

    factor: str
    base: str
    value: str
    effect: float
    low: float
    high: float
    n: int

    @property
    def null(self) -> bool:
        """Whether nothing shows an effect: the interval holds zero, or there is none and no gap."""
        if math.isnan(self.low):
            return self.effect == 0.0
        return self.low <= 0.0 <= self.high


def analyse(sample: Sample) -> Finding:
    """Return the drivers of an outcome by their largest effect."""
    bars = effects(sample)
    drivers = []
    for label in sample.labels:
        own = [bar for bar in bars if bar.factor == label]
        top = max(own, key=lambda bar: abs(bar.effect))
        low, high = _size(top)
        direction = direction_of(top.effect, top.low, top.high)
        step = f"{top.base} -> {top.value}"
        drivers.append(Driver(label, abs(top.effect), low, high, direction, top.null, at=step))
    table = {
        "factor": np.array([bar.factor for bar in bars], dtype=object),
        "base": np.array([bar.base for bar in bars], dtype=object),
        "value": np.array([bar.value for bar in bars], dtype=object),
        "effect": np.array([bar.effect for bar in bars]),
        "low": np.array([bar.low for bar in bars]),
        "high": np.array([bar.high for bar in bars]),
        "n": np.array([bar.n for bar in bars], dtype=np.int64),
    }
    how = "paired by replicate" if sample.paired else "independent draws"
    return Finding(
        "tornado",
        sample,
        f"the largest change against the base, one factor at a time, {how}",
        sample.unit,
        ranked(drivers),
        {"tornado": table},
        _remarks(sample),
        bars,
    )


def effects(sample: Sample) -> tuple[Bar, ...]:
    """Return every value of every factor against the base, in the order of the design."""
    bars = []
    point = 0
    base = sample.values[0]
    for factor in sample.factors:
        usual, *others = [str(level["value"]) for level in factor["levels"]]
        for value in others:
            point += 1
            effect, low, high, n = _difference(sample.values[point], base, paired=sample.paired)
            bars.append(Bar(str(factor["label"]), usual, value, effect, low, high, n))
    assert point + 1 == len(sample.values)
    return tuple(bars)


def _difference(here: Floats, base: Floats, *, paired: bool) -> tuple[float, float, float, int]:
    from scipy.stats import ttest_ind

    nothing = float("nan")
    if paired:
        gaps = here - base
        n, mean, low, high = interval(gaps[~np.isnan(gaps)])
        return mean, nothing if low is None else low, nothing if high is None else high, n
    one, other = here[~np.isnan(here)], base[~np.isnan(base)]
    effect = float(one.mean() - other.mean())
    n = min(len(one), len(other))
    if n < 2 or (np.ptp(one) == 0.0 and np.ptp(other) == 0.0):
        return effect, nothing, nothing, n
    found = ttest_ind(one, other, equal_var=False).confidence_interval(0.95)
    return effect, float(found.low), float(found.high), n


def _size(bar: Bar) -> tuple[float, float]:
    """Return the interval of the size of an effect."""
    if math.isnan(bar.low):
        return bar.low, bar.high
    low, high = sorted((abs(bar.low), abs(bar.high)))
    return (0.0 if bar.low <= 0.0 <= bar.high else low), high


def _remarks(sample: Sample) -> tuple[str, ...]:
    said = ["One factor at a time says nothing of interactions."]
    if sample.replicates[0] < 2:
        said.append("One replicate gives no interval: run the sweep with --replicates 4 or more.")
    return tuple(said)
