r"""Exogenous yearly paths of a scenario: official figures first, then a stated extension.

After its last official year L a nominal series grows at

    g(t) = g_0 + (g_T - g_0) (t - L) / (T - L)   for L < t <= T,    g(t) = g_T   for t > T,

in logs, with g_0 its mean growth over the last five official years, T ``fade_until`` and
g_T = ln(1 + ``growth_2030``); a series that ends in T or later grows at g_T at once. Outcome
series are read from the world, which has cut them after ``until``; nothing later can enter.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ydsim.errors import InputError
from ydsim.typing import Floats, Ints
from ydsim.world.places import fill_gaps
from ydsim.world.world import World

GROWTH_YEARS = 5
FOREIGN_YEARS = 3
WAGE_YEARS = (2011, 2017)
THETA = 0.45


@dataclass(frozen=True)
class Inputs:
    """Yearly inputs; rows of provinces in the world's order, RoC (rest of China) last.

    Attributes
    ----------
    years
        Shape (Y,), consecutive.
    gdp
        Shape (P + 1, Y), 100m_rmb, vintage ``gdp_alt``.
    secondary
        Shape (P + 1, Y), secondary value added in 100m_rmb; RoC's is a fixed share of its GDP.
    city_gdp, city_secondary
        Shape (C, Y), 100m_rmb; after the last official year a city keeps its share.
    science_budget
        Shape (P, Y), public budget for science and technology in 100m_rmb.
    rd_government
        Shape (P, Y), government-funded R&D in 100m_rmb = central + theta x science_budget.
    central
        Shape (P, Y), the part of it that central government pays.
    theta
        Shape (P,), share of the science budget that is R&D.
    rd_foreign
        Shape (P, Y), R&D funded from abroad in 100m_rmb.
    wage
        Shape (P, Y), R&D spending per researcher in 100m_rmb per FTE and year.
    """

    years: Ints
    gdp: Floats
    secondary: Floats
    city_gdp: Floats
    city_secondary: Floats
    science_budget: Floats
    rd_government: Floats
    central: Floats
    theta: Floats
    rd_foreign: Floats
    wage: Floats


def extend_inputs(
    world: World,
    start: int,
    end: int,
    *,
    growth_2030: float = 0.04,
    fade_until: int = 2030,
    roc_secondary_share: float = 0.39,
    theta: Floats | float = THETA,
) -> Inputs:
    """Return the inputs of all years from ``start`` to ``end``.

    Parameters
    ----------
    growth_2030, fade_until
        Nominal growth a year from ``fade_until`` on, and that year.
    roc_secondary_share
        Secondary share of RoC's GDP (assumed).
    theta
        Share of the provincial science budget that is R&D: a number is the most it can be, and is
        lowered where official government-funded R&D is less than that; an array (P,) is taken as
        it is.

    Raises
    ------
    InputError
        When a series has no figure in or before ``start``, or too few to extend it.
    """
    if end < start:
        raise InputError(f"inputs end in {end}, before they start in {start}")
    n = world.n_provinces
    first = int(min(start, world.years[0]))
    last = max(end, *(int(s.years[-1]) for s in world.series.values()), int(world.years[-1]))
    axis = np.arange(first, last + 1, dtype=np.int64)
    fade = _Fade(axis, float(np.log1p(growth_2030)), fade_until)

    gdp = fade.extend(_gdp(world, axis, fade))
    by_city = _on_axis(world.city_secondary, world.years, axis)
    totals = np.array([by_city[world.city_province == p].sum(axis=0) for p in range(n)])
    _link(totals, _official(world, "value_added_secondary_revised", axis)[:n])
    totals = fade.extend(totals)
    city_secondary = _follow(by_city, totals[world.city_province])
    city_gdp = _follow(_on_axis(world.city_gdp, world.years, axis), gdp[world.city_province])
    budget = fade.extend(_official(world, "public_budget_science_technology", axis)[:n])
    government = _official(world, "rd_funds_government", axis)[:n]
    shares = (
        _checked(theta, n)
        if isinstance(theta, np.ndarray)
        else _theta(government, budget, float(theta))
    )
    central = _follow(np.maximum(government - shares[:, None] * budget, 0.0), gdp[:n])
    wage = _wage(world, axis, fade, _last_known(_official(world, "gdp_alt", axis)[:n]))
    result = {
        "gdp": gdp,
        "secondary": np.vstack([totals, roc_secondary_share * gdp[n:]]),
        "city_gdp": city_gdp,
        "city_secondary": city_secondary,
        "science_budget": budget,
        "rd_government": central + shares[:, None] * budget,
        "central": central,
        "rd_foreign": _foreign(world, axis, gdp[:n]),
        "wage": wage,
    }
    window = slice(start - first, end - first + 1)
    for name, path in result.items():
        if np.isnan(path[:, window]).any():
            known = axis[~np.isnan(path).any(axis=0)]
            since = f"it is known from {known[0]} on" if len(known) else "it is never known"
            raise InputError(
                f"world '{world.name}' (until {world.until}) has no {name} for {start}; {since}"
            )
    cut = {name: path[:, window].copy() for name, path in result.items()}
    inputs = Inputs(years=axis[window].copy(), theta=shares, **cut)
    for array in vars(inputs).values():
        array.setflags(write=False)
    return inputs


def _official(world: World, name: str, axis: Ints) -> Floats:
    """Return a series on the axis (P + 1, Y), gaps interpolated in logs, NaN where unknown."""
    series = world.series.get(name)
    if series is None:
        return np.full((world.n_provinces + 1, len(axis)), np.nan)
    return _on_axis(series.values, series.years, axis)


def _on_axis(values: Floats, years: Ints, axis: Ints) -> Floats:
    out = np.full((len(values), len(axis)), np.nan)
    columns = years - axis[0]
    inside = columns >= 0
    out[:, columns[inside]] = values[:, inside]
    for line in out:
        if not (line <= 0.0).any():
            fill_gaps(line)
    return out


def _last_known(values: Floats) -> Ints:
    """Return the last column with a figure in each row, -1 where there is none."""
    known = ~np.isnan(values)
    last: Ints = np.where(
        known.any(axis=1), values.shape[1] - 1 - np.argmax(known[:, ::-1], axis=1), -1
    )
    return last


def _link(values: Floats, other: Floats) -> None:
    """Carry ``values`` on by the growth of ``other`` beyond their last figure, in place."""
    ends = np.minimum(_last_known(other), values.shape[1] - 1)
    for line, guide, last, until in zip(values, other, _last_known(values), ends, strict=True):
        if 0 <= last < until and not np.isnan(guide[last]):
            line[last + 1 : until + 1] = line[last] * guide[last + 1 : until + 1] / guide[last]


def _follow(values: Floats, guide: Floats) -> Floats:
    """Return ``values`` carried on in proportion to ``guide``, row by row."""
    out = values.copy()
    for line, path, last in zip(out, guide, _last_known(values), strict=True):
        if last >= 0:
            line[last + 1 :] = line[last] * path[last + 1 :] / path[last]
    return out


@dataclass(frozen=True)
class _Fade:
    """The growth rule of the module docstring."""

    axis: Ints
    target: float
    until: int

    def factors(self, growth: float, last: int) -> Floats:
        """Return levels relative to column ``last`` for the columns after it."""
        years = self.axis[last + 1 :]
        span = self.until - int(self.axis[last])
        passed = (years - self.axis[last]) / span if span > 0 else np.ones(len(years))
        rates = growth + (self.target - growth) * np.minimum(passed, 1.0)
        levels: Floats = np.exp(np.cumsum(rates))
        return levels

    def extend(self, values: Floats) -> Floats:
        """Return ``values`` (rows, Y) with everything after the last figure filled."""
        out = values.copy()
        for line, last in zip(out, _last_known(values), strict=True):
            if last < 0:
                continue
            begin = max(last - GROWTH_YEARS, int(np.argmax(~np.isnan(line))))
            growth = self.target
            if begin < last and line[begin] > 0.0 and line[last] > 0.0:
                growth = float(np.log(line[last] / line[begin])) / (last - begin)
            line[last + 1 :] = line[last] * self.factors(growth, last)
        return out


def _gdp(world: World, axis: Ints, fade: _Fade) -> Floats:
    """Return GDP (P + 1, Y) as far as official figures go.

    RoC is China's R&D over its R&D intensity minus the provinces, then grows like China's ``gdp``
    minus theirs; where that is not known, like the provinces together.
    """
    n = world.n_provinces
    old = _official(world, "gdp_alt", axis)[:n]
    new = _official(world, "gdp", axis)
    spent = _official(world, "rd_expenditure", axis)[n]
    intensity = _official(world, "rd_intensity", axis)[n]
    rest = (spent / (intensity / 100.0) - old.sum(axis=0))[None, :]
    if np.isnan(rest).all() or not (rest[~np.isnan(rest)] > 0.0).all():
        raise InputError(
            f"world '{world.name}' (until {world.until}): the nation's rd_expenditure over "
            "rd_intensity does not exceed gdp_alt of the provinces"
        )
    _link(old, new[:n])
    outside = new[n] - new[:n].sum(axis=0)
    known = np.flatnonzero(~np.isnan(outside))
    last = int(_last_known(rest)[0])
    if len(known) and last < known[0]:
        gap = old.sum(axis=0)[last : known[0] + 1]
        rest[0, last : known[0] + 1] = rest[0, last] * gap / gap[0]
    _link(rest, outside[None, :])
    return np.vstack([old, rest])


def _theta(government: Floats, budget: Floats, most: float) -> Floats:
    """Return the largest shares up to ``most`` that leave central money non-negative."""
    ratio = government / budget
    theta: Floats = np.minimum(most, np.where(np.isnan(ratio), np.inf, ratio).min(axis=1))
    return theta


def _checked(theta: Floats, provinces: int) -> Floats:
    given = np.array(theta, dtype=np.float64)
    if given.shape != (provinces,) or not ((given >= 0.0) & (given <= 1.0)).all():
        raise InputError(f"theta must be {provinces} numbers in 0-1, not {given.tolist()}")
    return given


def _foreign(world: World, axis: Ints, gdp: Floats) -> Floats:
    """Return R&D funded from abroad: official, then the mean of the last three years over GDP."""
    official = _official(world, "rd_funds_foreign", axis)[: len(gdp)]
    official[np.isnan(official).all(axis=1)] = 0.0
    for line, base, last in zip(official, gdp, _last_known(official), strict=True):
        recent = slice(max(last - FOREIGN_YEARS + 1, 0), last + 1)
        line[last + 1 :] = np.nanmean(line[recent] / base[recent]) * base[last + 1 :]
    return official


def _wage(world: World, axis: Ints, fade: _Fade, last: Ints) -> Floats:
    """Return the log-linear trend of R&D per FTE fitted on 2011-17.

    The trend runs to the last official year of GDP; its growth then fades like all others.
    """
    n = world.n_provinces
    ratio = (_official(world, "rd_expenditure", axis) / _official(world, "rd_personnel_fte", axis))[
        :n
    ]
    fitted = (axis >= WAGE_YEARS[0]) & (axis <= WAGE_YEARS[1])
    wage = np.empty_like(ratio)
    for p in range(n):
        use = fitted & ~np.isnan(ratio[p])
        if use.sum() < 2:
            raise InputError(
                f"world '{world.name}' (until {world.until}) has rd_expenditure and "
                f"rd_personnel_fte of {world.provinces[p]} in fewer than two years of "
                f"{WAGE_YEARS[0]}-{WAGE_YEARS[1]}: no trend of wages"
            )
        year, log = axis[use] - axis[use].mean(), np.log(ratio[p, use])
        slope = float((year * (log - log.mean())).sum() / (year * year).sum())
        wage[p] = np.exp(log.mean() + slope * (axis - axis[use].mean()))
        end = int(last[p])
        wage[p, end + 1 :] = wage[p, end] * fade.factors(slope, end)
    return wage
