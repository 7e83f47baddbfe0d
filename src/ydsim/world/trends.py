r"""How yearly series go on after their last official year: damped trends, drawn as an ensemble.

A line y with its last figure in year L goes on, k years later, as (in logs; u without unit)

    r_1 = a + (g - a) w_1, not below the least and not above the largest of its last four rates
    r_k = a + (g - a) w_k,        w_k = phi^k max(0, 1 - k / (T - L))        k = 2, 3, ...
    ln y_{L+k} = ln y_L + r_1 + ... + r_k + u e_k
    e_k = rho e_{k-1} + s (sqrt(c) F_{L+k} + sqrt(1 - c) z_{L+k}),   e_0 = 0

with g the mean growth of its last m years (1/year), phi the damping (Gardner and McKenzie 1985,
doi 10.1287/mnsc.31.10.1237: ln y_{L+h} = ln y_L + sum phi^k g), a the growth in the long run (ln of
1 + ``inputs.growth_2030`` for amounts of money, 0 for ratios), and T 2030 (`LONG_RUN`): the
weight w falls from its start to zero in T without a step, so that trends have ended by then. The
bound on r_1 holds where four rates are known: then nothing kinks at the seam. A rule of the ratio
to GDP is applied to y / GDP, and GDP then multiplies it.

e is the error: F is drawn for all rows of a group, z for each, both standard normal by seed,
replicate, year and identity of the series; s is its size after one year, rho its persistence (1: a
random walk), c the common part; u is ``inputs.uncertainty``. A year depends on no later one.

One phi for all groups of a kind, and s, rho and c of each group, were found by rolling origin
(``python -m tools.inputs``) on the packaged region and are stored as data in ``trends.json``, as
the figures to each of some years chose them; every world goes by them. m is 5, of shares of cities
3.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from types import MappingProxyType

import numpy as np

from ydsim.noise import NoiseSource, identity
from ydsim.typing import Floats, Ints, Keys
from ydsim.world.world import World

RATES = 4
"""Last growth rates that bound the first one after the data."""
LONG_RUN = 2030
"""Year in which growth has reached its long run and all other trends have ended."""
MONEY = ("gdp", "secondary", "science_budget", "government", "foreign", "research")
"""Groups of amounts of money at current prices: they grow with prices in the long run."""
NATIONAL = ("propensity", "contract_price", "publication", "outside_mass", "grants")
CITIES = ("city_gdp", "city_secondary")
PEOPLE = ("personnel",)
GROUPS = (*MONEY, *CITIES, *PEOPLE, "firms", *NATIONAL)
SPAN = 10
"""T - L of a world that is known in L."""
_DRAWN_AS = {"science_budget": "public purse", "government": "public purse"} | dict.fromkeys(
    CITIES, "city share"
)


@dataclass(frozen=True)
class Rule:
    """How the lines of one group go on, see the module docstring."""

    of_gdp: bool = False  # the rule is for the ratio to GDP
    years: int = 5  # m, years of the mean growth
    damping: float = 0.0  # phi, 0 to 1
    # s (log points), rho (1 a year) and c (share of the variance) of the error.
    step: float = 0.0
    persistence: float = 1.0
    common: float = 0.0


def trend_file() -> Traversable:
    """Return where the rules are stored."""
    return resources.files("ydsim.world").joinpath("data", "yrd", "trends.json")


@cache
def load_rules(known_in: int | None = None) -> Mapping[str, Rule]:
    """Return the stored rule of each group, as the figures to a year chose it.

    That is the last year of which rules are stored, not after ``known_in``; the first one where
    all are later.
    """
    origins = json.loads(trend_file().read_text(encoding="utf-8"))["origins"]
    years = sorted(map(int, origins))
    last = years[-1] if known_in is None else max(known_in, years[0])
    chosen = origins[str(max(year for year in years if year <= last))]
    return MappingProxyType({name: Rule(**chosen[name]["rule"]) for name in GROUPS})


@dataclass(frozen=True)
class Outlook:
    """What is assumed of the years after the data, and the draws of one replicate."""

    # Nominal growth a year in the long run, and the year T in which trends have ended.
    growth: float = 0.04
    until: int = 2030
    uncertainty: float = 0.0  # u; 0 gives the central path exactly
    noise: NoiseSource | None = None  # the draws of the run; None gives the central path
    rules: Mapping[str, Rule] = field(default_factory=load_rules)  # rule of each group

    def carry(
        self, group: str, lines: Floats, axis: Ints, keys: Keys, gdp: Floats | None = None
    ) -> Floats:
        """Return lines (n, Y) of a group of `GROUPS` with everything after the last figure filled.

        Known figures come back as they are; ``axis`` (Y,) are consecutive years, ``keys`` (n,)
        identities as of `keys_of`, ``gdp`` (n, Y) is known in all years, for rules of the ratio to
        it.
        """
        rule = self.rules[group]
        ratio = rule.of_gdp and gdp is not None
        base = gdp if ratio and gdp is not None else np.ones_like(lines)
        target = float(np.log1p(self.growth)) if group in MONEY and not ratio else 0.0
        last = last_known(lines)
        error = self.errors(group, axis, keys, last)
        out = lines.copy()
        for line, scale, end, drawn in zip(out, base, last.tolist(), error, strict=True):
            after = slice(end + 1, None)
            if end < 0 or end + 1 == len(axis):
                continue
            known = line[: end + 1] / scale[: end + 1]
            rates = self.rates(rule, known, axis[after] - axis[end], int(axis[end]), target)
            line[after] = known[-1] * np.exp(np.cumsum(rates) + drawn[after]) * scale[after]
        return out

    def rates(self, rule: Rule, known: Floats, ahead: Ints, end: int, target: float) -> Floats:
        """Return r of the years ``ahead`` = 1, 2, ... after ``end``, from figures up to it."""
        with np.errstate(divide="ignore", invalid="ignore"):
            seen = np.diff(np.log(np.where(known > 0.0, known, np.nan)))
        recent = seen[-rule.years :]
        recent = recent[~np.isnan(recent)]
        growth = float(recent.mean()) if len(recent) else target
        left = np.maximum(1.0 - ahead / (self.until - end), 0.0) if self.until > end else 0.0
        rates = np.asarray(target + (growth - target) * rule.damping**ahead * left)
        bound = seen[-RATES:]
        if len(bound) == RATES and not np.isnan(bound).any():
            rates[0] = min(max(rates[0], bound.min()), bound.max())
        return rates

    def errors(self, group: str, axis: Ints, keys: Keys, last: Ints) -> Floats:
        """Return u e (n, Y) of lines whose last figure is in column ``last``; zero up to it."""
        out = np.zeros((len(keys), len(axis)))
        rule = self.rules[group]
        if self.noise is None or self.uncertainty * rule.step == 0.0 or not len(keys):
            return out
        common = identity(_DRAWN_AS.get(group, group), "common")
        error: Floats = np.zeros(len(keys))
        for column in range(int(last.min()) + 1, len(axis)):
            draws = self.noise.phase("inputs", int(axis[column]))
            z = np.sqrt(rule.common) * draws.normal(common)
            z = z + np.sqrt(1.0 - rule.common) * draws.normal(keys)
            error = np.where(column > last, rule.persistence * error + rule.step * z, 0.0)
            out[:, column] = self.uncertainty * error
        return out


def keys_of(group: str, names: Sequence[str]) -> Keys:
    """Return the identities (n,) of the lines of a group by name.

    Science budget and government R&D of a province share their draws z, as one pays the other.
    """
    return np.concatenate([identity(_DRAWN_AS.get(group, group), name) for name in names])


def city_keys(world: World) -> Keys:
    """Return the identities (C,) of cities: GDP and secondary value added share their draws z."""
    return identity("city share", world.city_keys)


def last_known(values: Floats) -> Ints:
    """Return the last column with a figure in each row (n,), -1 where there is none."""
    known = ~np.isnan(values)
    return np.where(known.any(axis=1), values.shape[1] - 1 - np.argmax(known[:, ::-1], axis=1), -1)
