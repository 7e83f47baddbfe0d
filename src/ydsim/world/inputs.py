"""Exogenous yearly paths of a scenario: official figures first, then a stated extension.

After its last official year a series goes on by the rule of `ydsim.world.trends`. Before that

    GDP of provinces     = gdp_alt, then by the growth of the later vintage gdp
    GDP of the rest      = R&D / R&D intensity of the nation - GDP of provinces, then by the growth
                           of gdp of the nation - that of provinces, or else of provinces alone
    secondary            = sum of cities, then by the growth of the later vintage
    central              = max(government - theta budget, 0), then by its rule      100m_rmb
    government           = central + theta budget                                   100m_rmb
    research             = official R&D funded by firms, then by its rule    100m_rmb
    wage                 = (research + government + R&D from abroad) / personnel
                                                                            100m_rmb per FTE-year
    firms                = official high-technology firms, whose growth is that of all firms, then
                           by its rule; one where there are no figures
    personnel            = official FTE of R&D personnel, then by its rule          FTE
    city                 = share of its province x amount of the province, after the data with
                           shares scaled so that their sum stays as it was

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
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ydsim.errors import InputError
from ydsim.fmt import number
from ydsim.measures.groups import sums
from ydsim.translation import gettext as _t
from ydsim.typing import Floats, Ints
from ydsim.world.official import FIRMS, FIRMS_FROM
from ydsim.world.places import fill_gaps, level_ends
from ydsim.world.priors import university_weights
from ydsim.world.trends import Outlook, city_keys, keys_of, last_known
from ydsim.world.world import World

THETA = 0.45
ENROLMENT = "heis_students"


@dataclass(frozen=True)
class Inputs:
    """Yearly inputs; rows of provinces in the world's order, RoC (rest of China) last."""

    years: Ints  # shape (Y,), consecutive
    gdp: Floats  # shape (P + 1, Y), 100m_rmb, vintage ``gdp_alt``
    # Shape (P + 1, Y), secondary value added in 100m_rmb; RoC's is a fixed share of its GDP.
    secondary: Floats
    # Shape (C, Y), 100m_rmb; their sum over a province keeps its share of the province.
    city_gdp: Floats
    city_secondary: Floats
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


@dataclass(frozen=True)
class Official:
    """Official figures of all inputs on one axis, NaN where unknown, gaps filled in logs."""

    axis: Ints  # shape (Y,), consecutive years
    gdp: Floats  # shape (P + 1, Y)
    # Shape (P, Y), 100m_rmb.
    secondary: Floats
    budget: Floats
    government: Floats
    foreign: Floats
    research: Floats  # shape (P, Y), R&D that firms pay, 100m_rmb
    personnel: Floats  # shape (P, Y), R&D personnel in FTE
    firms: Floats  # shape (P, Y), high-technology firms from `FIRMS_FROM` on, number
    # Shape (C, Y), 100m_rmb.
    city_gdp: Floats
    city_secondary: Floats


def official_inputs(world: World, axis: Ints) -> Official:
    """Return the official figures on an axis that reaches the last of them."""
    n = world.n_provinces
    by_city = _on_axis(world.city_secondary, world.years, axis)
    totals = np.array([by_city[world.city_province == p].sum(axis=0) for p in range(n)])
    _link(totals, _official(world, "value_added_secondary_revised", axis)[:n])
    return Official(
        axis=axis,
        gdp=_gdp(world, axis),
        secondary=totals,
        budget=_official(world, "public_budget_science_technology", axis)[:n],
        government=_official(world, "rd_funds_government", axis)[:n],
        foreign=_official(world, "rd_funds_foreign", axis)[:n],
        research=_official(world, "rd_funds_enterprise", axis)[:n],
        personnel=_official(world, "rd_personnel_fte", axis)[:n],
        firms=np.where(axis < FIRMS_FROM, np.nan, _official(world, FIRMS, axis)[:n]),
        city_gdp=_on_axis(world.city_gdp, world.years, axis),
        city_secondary=by_city,
    )


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

    def carried(group: str, lines: Floats) -> Floats:
        return ahead.carry(group, lines, axis, keys_of(group, world.provinces), gdp[:n])

    names = (*world.provinces, "rest of the nation")
    gdp = ahead.carry("gdp", official.gdp, axis, keys_of("gdp", names))
    totals = carried("secondary", official.secondary)
    budget = carried("science_budget", official.budget)
    with np.errstate(divide="ignore", invalid="ignore"):  # a budget may be 0
        paid = official.government / official.budget
    shares = np.minimum(theta, np.where(np.isnan(paid), np.inf, paid).min(axis=1))
    central = carried("government", np.maximum(official.government - shares[:, None] * budget, 0.0))
    foreign = official.foreign.copy()
    foreign[np.isnan(foreign).all(axis=1)] = 0.0
    foreign = carried("foreign", foreign)
    government = central + shares[:, None] * budget
    personnel = level_ends(carried("personnel", official.personnel))
    result = {
        "gdp": gdp,
        "secondary": np.vstack([totals, roc_secondary_share * gdp[n:]]),
        "city_gdp": _cities(world, ahead, "city_gdp", official.city_gdp, gdp[:n], axis),
        "city_secondary": _cities(
            world, ahead, "city_secondary", official.city_secondary, totals, axis
        ),
        "science_budget": budget,
        "rd_government": government,
        "central": central,
        "rd_foreign": foreign,
        "wage": (carried("research", official.research) + government + foreign) / personnel,
        "personnel": personnel,
        "firms": _firms(carried("firms", official.firms)),
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


def _official(world: World, name: str, axis: Ints) -> Floats:
    """Return a series on the axis (P + 1, Y), gaps interpolated in logs, NaN where unknown."""
    series = world.series.get(name)
    if series is None:
        return np.full((world.n_provinces + 1, len(axis)), np.nan)
    return _on_axis(series.values, series.years, axis)


def _on_axis(values: Floats, years: Ints, axis: Ints) -> Floats:
    out = np.full((len(values), len(axis)), np.nan)
    columns = years - axis[0]
    inside = (columns >= 0) & (columns < len(axis))
    out[:, columns[inside]] = values[:, inside]
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


def _cities(
    world: World, outlook: Outlook, group: str, lines: Floats, totals: Floats, axis: Ints
) -> Floats:
    """Return amounts of cities (C, Y) carried on by their shares of ``totals``, (P, Y)."""
    guide = totals[world.city_province]
    shares = outlook.carry(group, lines / guide, axis, city_keys(world))
    out = lines.copy()
    for p in range(world.n_provinces):
        own = np.flatnonzero(world.city_province == p)
        unknown = np.isnan(lines[own])
        complete = np.flatnonzero(~unknown.any(axis=0))
        if not len(complete):
            continue
        after = slice(int(complete[-1]) + 1, None)
        there = np.where(unknown[:, after], 0.0, shares[own, after]).sum(axis=0)
        made = np.where(unknown[:, after], shares[own, after], 0.0).sum(axis=0)
        left = shares[own, complete[-1]].sum() - there
        scale = np.where((left > 0.0) & (made > 0.0), left / np.where(made > 0.0, made, 1.0), 1.0)
        grown = shares[own, after] * scale * guide[own, after]
        out[own, after] = np.where(unknown[:, after], grown, lines[own, after])
    return out


def _gdp(world: World, axis: Ints) -> Floats:
    """Return GDP (P + 1, Y) as far as official figures go, see the module docstring."""
    n = world.n_provinces
    old = _official(world, "gdp_alt", axis)[:n]
    new = _official(world, "gdp", axis)
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
