r"""Exogenous inputs of a scenario: official figures, a stated extension, and anchors, by quarter.

After its last official year a series goes on by its rule, below. Before that

    GDP of provinces     = gdp_alt, then by the growth of the later vintage gdp
    GDP of the rest      = R&D / R&D intensity of the nation - GDP of provinces, then by the growth
                           of gdp of the nation - that of provinces, or else of provinces alone
    secondary            = official value added, then by the growth of the sum of cities
    central              = max(government - theta budget, 0), then by its rule      100m_rmb
    government           = central + theta budget                                   100m_rmb
    research             = official R&D funded by firms, then by its rule    100m_rmb
    wage                 = (research + government + R&D from abroad) / personnel
                                                                            100m_rmb per FTE-year
    firms                = official high-technology firms, whose growth is that of all firms, then
                           by its rule; one where there are no figures
    personnel            = official FTE of R&D personnel, then by its rule          FTE

Between two years with a figure ``gdp`` of a province has the growth of ``gdp_alt``, and the ratio
of the two is interpolated in logs.

Wages are R&D over those who do it, before and after the last figures: researchers whom R&D pays are
those who are there, as long as runs make the R&D of the line ``research``.

Researchers come from where people study: shares of cities in all students of the region,

    study_c = students_p / sum of students  *  w_c / sum of w over the cities of p

Symbols: p the province of c; students official enrolment in higher education, persons; w sum of the
weights of the universities of a city (`ydsim.world.priors.university_weights`). Between two known
years enrolment is interpolated in logs; before the first and after the last it is that one. Where a
world has no enrolment of a province, its sum of w stands in for all of them; where a province has
no university, the cities of it share evenly; where there is no university at all, all cities do.

Outcome series are read from the world, which has cut them after ``until``; nothing later can enter.

**After its last official year** a series goes on by a damped trend, drawn as an ensemble. A line y
with its last figure in year L goes on, k years later, as (in logs; u without unit)

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
the figures to each of some years chose them; every world goes by them. m is 5.

**By quarter**, with the sum of each year kept: within year y a flow follows its own growth,

    x_yk = X_y exp(g_y (k - 2.5) / 4) / sum_k exp(g_y (k - 2.5) / 4),    k = 1..4
    g_y  = log(X_{y+1} / X_{y-1}) / 2, one-sided at the ends, between -1 and 1

A level (a wage) is interpolated in logs between the middles of years; numbers of personnel go on by
their first growth in the half year before the first middle. As a year needs the next,
yearly inputs are made `MARGIN` years beyond the last and cut, so that no year depends on the end.

**Anchors** set a run to the last official figures. R&D of firms is moved so that it meets them:

    R_i      = r_i exp(chi_p(t)) sales_i
    chi_p(t) = piecewise linear between zero at the beginning of the first year and c_p(k) in the
               middle of the years k = L - 6, L - 3, L; minus its value at the start of the run

Symbols: r_i intensity that firm i has come to (`ydsim.processes.invest`); c_p(y) shift with which
runs make official R&D funded by firms of province p in year y, log units, from the fit of the base
run (`ydsim.studies.fit`), zero where there is none; L the last year in which it is known. Three
knots leave to the rules what happens between them (assumed). After L exp chi_p goes on as a ratio
does, by the rule ``research``. What firms want is at rest in the first year, so that chi carries
the rise of R&D over GDP that no rule makes. It is data and explains nothing. The errors of chi
after L are those of the line of R&D from which wages follow: what moves one moves the other.

Market shares of cities have the shift v of the base run, in log units, known for every year to the
last of that run (`ydsim.studies.fit`). After this year L, or the last one that a forecast may know,
all cities go on by their common drift,

    v_c(L + k) = v_c(L) + k g,     g = mean over L - 4, ..., L of the yearly change of sum_c w_c v_c

with w_c the part of city c in official secondary value added of L, without unit. v makes up for
what the model gives the region too much of in its markets, year after year: held, it would let net
sales to the nation grow without a reason (``python -m tools.inputs`` compares ways to go on).

What is recorded of provinces is set to the last official figures by factors:

    recorded_py = k_py made_py
    ln k_py     = ln(official_p / made_p) in the last known year to L
    ln k_py     = ln(official_py / made_py) of technology contracts (`BY_YEAR`), on a straight line
                  between known years; before and after them that of the nearest one

Symbols: made_py what a run makes of an indicator in province p and year y, in its unit; k_py a
constant of the base run, without unit, from the mean over its replicates (`ydsim.studies.fit`), 1
where no figure is known or no base run is stored. An anchor acts on what is recorded alone: no rule
sees it, and it cancels in relative differences between scenarios. Levels of these indicators are
therefore official figures of one year; only their growth, and differences between scenarios, come
from the model. Parts of an anchored indicator have its factor, cities that of their province.
Counts by stage, partner or pair of places are not anchored.

Statistics know registered contracts alone, and which part is registered changed from year to year
and is printed nowhere. Of contracts k_py is that part and what the model lacks in one, by year:
their growth to L is official, after L that of the model with the part of L (assumed).

The anchors of R&D of firms and of the lean of cities to research do change what happens:

    log lean_c = log prior_c + s_c

with s_c, log units, such that the base run makes the last official share of city c in R&D of its
province; 0 where none is known.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from types import MappingProxyType
from typing import Final

import numpy as np

from ydsim.errors import InputError
from ydsim.fmt import number
from ydsim.measures.groups import sums
from ydsim.noise import NoiseSource, identity
from ydsim.translation import gettext as _t
from ydsim.typing import Floats, Ints, Keys
from ydsim.world.base_run import BaseRun, shift_path
from ydsim.world.priors import university_weights
from ydsim.world.tables import FIRMS, FIRMS_FROM, fill_gaps, level_ends, nearest
from ydsim.world.world import World

RATES = 4
"""Last growth rates that bound the first one after the data."""
LONG_RUN = 2030
"""Year in which growth has reached its long run and all other trends have ended."""
MONEY = ("gdp", "secondary", "science_budget", "government", "foreign", "research")
"""Groups of amounts of money at current prices: they grow with prices in the long run."""
NATIONAL = ("propensity", "contract_price", "publication", "outside_mass", "grants")
PEOPLE = ("personnel",)
GROUPS = (*MONEY, *PEOPLE, "firms", *NATIONAL)
SPAN = 10
"""T - L of a world that is known in L."""
_DRAWN_AS = {"science_budget": "public purse", "government": "public purse"}


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


def last_known(values: Floats) -> Ints:
    """Return the last column with a figure in each row (n,), -1 where there is none."""
    known = ~np.isnan(values)
    return np.where(known.any(axis=1), values.shape[1] - 1 - np.argmax(known[:, ::-1], axis=1), -1)


THETA = 0.45
ENROLMENT = "heis_students"
RESEARCH: Final = "rd_funds_enterprise"
"""Official R&D that firms pay."""


@dataclass(frozen=True)
class Inputs:
    """Yearly inputs; rows of provinces in the world's order, RoC (rest of China) last."""

    years: Ints  # shape (Y,), consecutive
    gdp: Floats  # shape (P + 1, Y), 100m_rmb, vintage ``gdp_alt``
    # Shape (P + 1, Y), secondary value added in 100m_rmb; RoC's is a fixed share of its GDP.
    secondary: Floats
    science_budget: Floats  # shape (P, Y), public budget for science and technology in 100m_rmb
    # Shape (P, Y), government-funded R&D in 100m_rmb = central + theta x science_budget.
    rd_government: Floats
    central: Floats  # shape (P, Y), the part of it that central government pays
    theta: Floats  # shape (P,), share of the science budget that is R&D
    rd_foreign: Floats  # shape (P, Y), R&D funded from abroad in 100m_rmb
    wage: Floats  # shape (P, Y), R&D spending per researcher in 100m_rmb per FTE and year
    personnel: Floats  # shape (P, Y), R&D personnel in FTE
    firms: Floats  # shape (P, Y), firms whose growth is that of all firms, number
    # Shape (C, Y), share of each city in those who study, see the module docstring.
    students: Floats


_SERIES = {
    "secondary": "value_added_secondary",
    "science_budget": "public_budget_science_technology",
    "government": "rd_funds_government",
    "foreign": "rd_funds_foreign",
    "research": RESEARCH,
    "personnel": "rd_personnel_fte",
    "firms": FIRMS,
}
"""Official series of provinces by group; high-technology firms count from `FIRMS_FROM` on."""


def official_inputs(world: World, axis: Ints) -> dict[str, Floats]:
    """Return official figures by group on an axis that reaches the last of them.

    Rows are provinces and, of GDP, the rest of the nation. In the units of `Inputs`, NaN where
    unknown, gaps filled in logs.
    """
    n = world.n_provinces
    lines = {group: _official(world, name, axis)[:n] for group, name in _SERIES.items()}
    lines["firms"][:, axis < FIRMS_FROM] = np.nan
    return lines | {"gdp": _gdp(world, axis)}


def extend_inputs(
    world: World,
    start: int,
    end: int,
    *,
    outlook: Outlook | None = None,
    roc_secondary_share: float = 0.39,
    theta: float = THETA,
) -> Inputs:
    """Return the inputs of all years from ``start`` to ``end``; no year depends on ``end``.

    Without an ``outlook`` the years after the data follow the central path of the defaults;
    ``roc_secondary_share`` of RoC's GDP is assumed. ``theta`` is the largest share of the
    provincial science budget that is R&D, lowered where official government-funded R&D is less.
    `InputError` when a series has no figure in or before ``start``, or too few to extend it.
    """
    if end < start:
        raise InputError(f"inputs end in {end}, before they start in {start}")
    n = world.n_provinces
    first = int(min(start, world.years[0]))
    last = max(end, *(int(s.years[-1]) for s in world.series.values()), int(world.years[-1]))
    axis = np.arange(first, last + 1, dtype=np.int64)
    official, ahead = official_inputs(world, axis), outlook or Outlook()

    def carried(group: str) -> Floats:
        keys = keys_of(group, world.provinces)
        return ahead.carry(group, official[group], axis, keys, gdp[:n])

    names = (*world.provinces, "rest of the nation")
    gdp = ahead.carry("gdp", official["gdp"], axis, keys_of("gdp", names))
    totals, budget = carried("secondary"), carried("science_budget")
    with np.errstate(divide="ignore", invalid="ignore"):  # a budget may be 0
        paid = official["government"] / official["science_budget"]
    shares = np.minimum(theta, np.where(np.isnan(paid), np.inf, paid).min(axis=1))
    local = shares[:, None] * budget
    official["government"] = np.maximum(official["government"] - local, 0.0)
    central = carried("government")
    official["foreign"][np.isnan(official["foreign"]).all(axis=1)] = 0.0
    foreign, government = carried("foreign"), central + local
    personnel = level_ends(carried("personnel"))
    result = {
        "gdp": gdp,
        "secondary": np.vstack([totals, roc_secondary_share * gdp[n:]]),
        "science_budget": budget,
        "rd_government": government,
        "central": central,
        "rd_foreign": foreign,
        "wage": (carried("research") + government + foreign) / personnel,
        "personnel": personnel,
        "firms": _firms(carried("firms")),
        "students": student_shares(world, axis),
    }
    window = slice(start - first, end - first + 1)
    for name, path in result.items():
        if np.isnan(path[:, window]).any():
            known = axis[~np.isnan(path).any(axis=0)].tolist()
            since = _t(
                "world '{world}' (until {until}) has no {name} for {start}; it is known from "
                "{first} on"
            )
            never = _t(
                "world '{world}' (until {until}) has no {name} for {start}; it is never known"
            )
            facts = {"world": world.name, "until": world.until, "name": name, "start": start}
            message = since if known else never
            raise InputError(message.format(first=next(iter(known), None), **facts))
    cut = {name: path[:, window].copy() for name, path in result.items()}
    inputs = Inputs(years=axis[window].copy(), theta=shares, **cut)
    for array in vars(inputs).values():
        array.setflags(write=False)
    return inputs


def _official(world: World, name: str, axis: Ints, guide: Floats | None = None) -> Floats:
    """Return a series on the axis (P + 1, Y), gaps interpolated in logs, NaN where unknown.

    In gaps of the first rows the ratio to those of ``guide`` (n, Y) is interpolated where it is
    known.
    """
    out = np.full((world.n_provinces + 1, len(axis)), np.nan)
    series = world.series.get(name)
    if series is not None:
        columns = series.years - axis[0]
        inside = (columns >= 0) & (columns < len(axis))
        out[:, columns[inside]] = series.values[:, inside]
    for line, of in zip(out, () if guide is None else guide, strict=False):
        ratio = line / of
        fill_gaps(ratio)
        line[:] = np.where(np.isnan(line), ratio * of, line)
    for line in out:
        if not (line <= 0.0).any():
            fill_gaps(line)
    return out


def _firms(lines: Floats) -> Floats:
    """Return numbers of firms (P, Y) as many before the first figure, one without any."""
    lines = level_ends(lines)
    lines[np.isnan(lines).all(axis=1)] = 1.0
    return lines


def _link(values: Floats, other: Floats) -> None:
    """Carry ``values`` on by the growth of ``other`` beyond their last figure, in place."""
    ends = np.minimum(last_known(other), values.shape[1] - 1)
    for line, guide, last, until in zip(values, other, last_known(values), ends, strict=True):
        if 0 <= last < until and not np.isnan(guide[last]):
            line[last + 1 : until + 1] = line[last] * guide[last + 1 : until + 1] / guide[last]


def _gdp(world: World, axis: Ints) -> Floats:
    """Return GDP (P + 1, Y) as far as official figures go, see the module docstring."""
    n = world.n_provinces
    old = _official(world, "gdp_alt", axis)[:n]
    new = _official(world, "gdp", axis, old)
    spent = _official(world, "rd_expenditure", axis)[n]
    intensity = _official(world, "rd_intensity", axis)[n]
    rest = (spent / (intensity / 100.0) - old.sum(axis=0))[None, :]
    short = np.flatnonzero(rest[0] <= 0.0)
    if len(short) or np.isnan(rest).all():
        message = _t(
            "world '{world}' (until {until}): provinces.csv: the nation's rd_expenditure over "
            "rd_intensity does not exceed gdp_alt of the provinces{more}"
        )
        more = ""
        if len(short):
            k = int(short[0])
            nation, all_ = number(100.0 * spent[k] / intensity[k]), number(old[:, k].sum())
            more = _t(" in {year}: {nation} against {provinces} (100m_rmb)")
            more = more.format(year=axis[k], nation=nation, provinces=all_)
        raise InputError(message.format(world=world.name, until=world.until, more=more))
    _link(old, new[:n])
    outside = new[n] - new[:n].sum(axis=0)
    known = np.flatnonzero(~np.isnan(outside))
    last = int(last_known(rest)[0])
    if len(known) and last < known[0]:
        gap = old.sum(axis=0)[last : known[0] + 1]
        rest[0, last : known[0] + 1] = rest[0, last] * gap / gap[0]
    _link(rest, outside[None, :])
    return np.vstack([old, rest])


def student_shares(world: World, axis: Ints) -> Floats:
    """Return study, shape (C, Y), of consecutive years ``axis``; each year sums to one."""
    n = world.n_provinces
    weight = sums(world.university_city, university_weights(world), world.n_cities)
    whole = sums(world.city_province, weight, n)
    none = whole[world.city_province] <= 0.0
    cities = sums(world.city_province, np.ones(world.n_cities), n)
    safe = np.where(none, cities[world.city_province], whole[world.city_province])
    within = np.where(none, 1.0, weight) / safe
    students = enrolment(world, axis)
    if students is None:
        total = whole.sum()
        students = np.repeat((whole if total > 0.0 else cities)[:, None], len(axis), axis=1)
    return (students / students.sum(axis=0))[world.city_province] * within[:, None]


def enrolment(world: World, axis: Ints) -> Floats | None:
    """Return students of provinces, (P, Y) persons; None where one of them is unknown."""
    lines = level_ends(_official(world, ENROLMENT, axis)[:-1])
    return lines if (lines > 0.0).all() else None


MARGIN = 2
"""Years beyond the last that inputs are made for."""


@dataclass(frozen=True)
class QuarterInputs:
    """Inputs by quarter, T = 4 Y columns; flows are per quarter, 100m_rmb, nominal."""

    years: Ints  # (Y,) the years
    # (P + 1, T), the rest of the nation last.
    gdp: Floats
    secondary: Floats
    # (P, T) R&D funded by the central government, by all governments, from abroad.
    central: Floats
    government: Floats
    foreign: Floats
    wage: Floats  # (P, T) R&D per researcher and year, 100m_rmb per FTE-year
    personnel: Floats  # (P, T) R&D personnel, FTE
    students: Floats  # (C, T) share of each city in those who study
    # (P, T) anchor chi of R&D of firms, in log units (`ydsim.world.inputs`).
    rd_shift: Floats
    firm_growth: Floats  # (P, T) growth of the number of firms, 1/year


def spread(yearly: Floats) -> Floats:
    """Return shape (n, 4 Y) of flows by quarter from shape (n, Y) of yearly ones."""
    safe = np.maximum(yearly, 1e-300)
    log = np.log(safe)
    growth = np.gradient(log, axis=1) if yearly.shape[1] > 1 else np.zeros_like(yearly)
    growth = np.where(yearly > 0.0, np.clip(growth, -1.0, 1.0), 0.0)
    step = (np.arange(4) - 1.5) / 4.0
    profile = np.exp(growth[:, :, None] * step)
    profile /= profile.sum(axis=2, keepdims=True)
    return (yearly[:, :, None] * profile).reshape(len(yearly), -1)


def interpolate(yearly: Floats) -> Floats:
    """Return shape (n, 4 Y) of levels, log-linear between middles of years, flat at the ends."""
    n_years = yearly.shape[1]
    middle = np.arange(n_years) + 0.5
    midpoints = (np.arange(4 * n_years) + 0.5) / 4.0
    return np.array([np.exp(np.interp(midpoints, middle, np.log(row))) for row in yearly])


def from_the_start(levels: Floats) -> Floats:
    """Return levels (n, 4 Y) by quarter with the growth of the third quarter before it too."""
    if levels.shape[1] < 8:
        return levels
    growth = levels[:, 3:4] / levels[:, 2:3]
    early = levels[:, 2:3] * growth ** np.array([-2.0, -1.0])
    return np.hstack([early, levels[:, 2:]])


def growth(levels: Floats) -> Floats:
    """Return the growth (n, T) of levels (n, T) by quarter, 1/year; before the first one none."""
    return 4.0 * np.diff(np.log(levels), axis=1, prepend=np.log(levels[:, :1]))


def by_quarter(inputs: Inputs, margin: int = 0) -> QuarterInputs:
    """Spread all yearly inputs of a scenario; the last ``margin`` years are read and left out."""
    years = len(inputs.years) - margin
    quarters = slice(4 * years)
    return QuarterInputs(
        years=inputs.years[:years],
        gdp=spread(inputs.gdp)[:, quarters],
        secondary=spread(inputs.secondary)[:, quarters],
        central=spread(inputs.central)[:, quarters],
        government=spread(inputs.rd_government)[:, quarters],
        foreign=spread(inputs.rd_foreign)[:, quarters],
        wage=interpolate(inputs.wage)[:, quarters],
        personnel=from_the_start(interpolate(inputs.personnel))[:, quarters],
        students=np.repeat(inputs.students, 4, axis=1)[:, quarters],
        rd_shift=np.zeros((len(inputs.wage), 4 * years)),
        firm_growth=growth(interpolate(inputs.firms))[:, quarters],
    )


# -- anchors ---------------------------------------------------------------------------------------

STEP, KNOTS = 3, 3
"""Years between knots of chi, and their number."""


def knots_of(shift: Floats) -> Floats:
    """Return chi in the middle of each year (P, Y) from c (P, Y), by its knots."""
    years = shift.shape[1]
    at = np.arange(years - 1, -1, -STEP)[:KNOTS][::-1]
    middles = np.concatenate([[-0.5], at])
    values = np.hstack([np.zeros((len(shift), 1)), shift[:, at]])
    return np.stack([np.interp(np.arange(years), middles, line) for line in values])


def official_rd(world: World, start: int) -> Floats | None:
    """Return official R&D funded by firms from ``start`` on, (P, Y) 100m_rmb; None without any."""
    series = world.series.get(RESEARCH)
    if series is None or series.years[-1] < start:
        return None
    return np.stack([series.at(year)[:-1] for year in range(start, int(series.years[-1]) + 1)], 1)


def rd_shift(base: BaseRun, world: World, start: int, end: int, outlook: Outlook) -> Floats:
    """Return chi by quarter (P, T) of a run of the years ``start`` to ``end``.

    A year is interpolated to the middle of the next one, so that none depends on ``end``.
    """
    known = _known(base, world, start)
    first = base.first_year if base.rd_shift is not None else start
    axis = np.arange(first, max(end + 1, first + known.shape[1] - 1) + 1, dtype=np.int64)
    lines = np.full((len(known), len(axis)), np.nan)
    lines[:, : known.shape[1]] = np.exp(known)
    keys, ratio = keys_of("research", world.provinces), np.ones(lines.shape)
    yearly = np.log(outlook.carry("research", lines, axis, keys, ratio))
    path, skipped = shift_path(yearly), 4 * (start - first)
    quarters = slice(skipped + 1, skipped + 1 + 4 * (end - start + 1))
    return (path[quarters] - path[skipped]).T


def market_shifts(base: BaseRun, start: int, end: int, world: World) -> Floats:
    """Return v by quarter of a run of the years ``start`` to ``end``, shape (T + 1, C).

    Row 0 holds at the end of the burn-in, row t + 1 in quarter t. Zeros where nothing is stored. A
    year is interpolated to the middle of the next one, so that none depends on ``end``.
    """
    if base.market_shift is None:
        return np.zeros((4 * (end - start + 1) + 1, world.n_cities))
    last = base.first_year + base.market_shift.shape[1] - 1
    weight = output_weights(world, last)
    path = shift_path(carried_on(base.market_shift, weight, max(end + 1 - last, 0)))
    path = path[4 * (start - base.first_year) :][: 4 * (end - start + 1) + 1]
    return path - path[0]


DRIFT_YEARS: Final = 5
"""Years whose mean change of v goes on."""


def output_weights(world: World, year: int) -> Floats:
    """Return the part of each city in official secondary value added of a year, (C,).

    Even parts where nothing is known.
    """
    values = np.nan_to_num(nearest(world.city_secondary, world.years, year))
    return values / values.sum() if values.any() else np.full(len(values), 1.0 / len(values))


def carried_on(shift: Floats, weight: Floats, years: int) -> Floats:
    """Return v in mid-year, (C, Y), with ``years`` more columns by the common drift g."""
    whole = (weight[:, None] * shift).sum(axis=0)
    recent = np.diff(whole)[-DRIFT_YEARS:]
    drift = recent.mean() if len(recent) else 0.0
    return np.hstack([shift, shift[:, -1:] + drift * np.arange(1, years + 1)])


def _known(base: BaseRun, world: World, start: int) -> Floats:
    """Return chi in the middle of the years to the last known one, zeros without a base run."""
    if base.rd_shift is not None:
        return knots_of(base.rd_shift)
    series = world.series.get(RESEARCH)
    last = start if series is None else max(start, int(series.years[-1]))
    return np.zeros((world.n_provinces, last - start + 1))


PARTS: Final[dict[str, tuple[str, ...]]] = {
    "rd_expenditure": (),
    "rd_basic_research": (),
    "sci_papers": (),
    "invention_patent_applications": (
        "invention_applications_service_enterprise",
        "invention_applications_service_university",
        "invention_applications_service_research_institute",
    ),
    "invention_patents_granted": (),
    "invention_patents_in_force": (),
    "tech_market_contracts_output": (),
    "tech_market_contracts_inflow": (),
    "tech_market_contract_value_output": (
        "contract_value_cross_province",
        "contract_value_sold_outside",
    ),
    "tech_market_contract_value_inflow": ("contract_value_bought_outside",),
    "hitech_industry_new_product_sales": (),
    "hitech_enterprises_valid_stock_derived": (),
}
"""Anchored indicators, and the parts of each that have its factor."""

BY_YEAR: Final = frozenset(name for name in PARTS if name.startswith("tech_market_"))
"""Those with a factor of each year."""


def factors(base: BaseRun, years: range) -> dict[str, Floats]:
    """Return k (Y, P) of anchored indicators and their parts in the years of a run."""
    ratios: dict[str, Floats] = {}
    for name, parts in PARTS.items():
        if base.anchors is not None and name in base.anchors:
            lines = base.anchors[name]
            if name in BY_YEAR:
                log_k = _in_years(lines, np.array(years) - base.first_year)
            else:
                log_k = np.tile(_last(lines), (len(years), 1))
            ratios |= dict.fromkeys((name, *parts), np.exp(log_k))
    return ratios


def _in_years(lines: Floats, at: Ints) -> Floats:
    """Return the rows of ``lines`` in columns ``at``, (Y, P), zero for a row without a figure."""
    values = np.zeros((len(at), len(lines)))
    for p, line in enumerate(lines):
        known = np.flatnonzero(~np.isnan(line))
        if len(known):
            values[:, p] = np.interp(at, known, line[known])
    return values


def anchored_in(base: BaseRun, name: str) -> int | None:
    """Return the last year of the figures to which an indicator is anchored, None without any."""
    if base.anchors is None or name not in base.anchors:
        return None
    known = np.flatnonzero(~np.isnan(base.anchors[name]).all(axis=0))
    return base.first_year + int(known[-1]) if len(known) else None


def lean_shift(base: BaseRun, world: World) -> Floats:
    """Return s of cities (C,)."""
    if base.city_lean is None:
        return np.zeros(world.n_cities)
    return _last(base.city_lean)


def _last(lines: Floats) -> Floats:
    """Return the last known number of each row, zero where there is none."""
    last = last_known(lines)
    return np.where(last < 0, 0.0, lines[np.arange(len(lines)), last])
