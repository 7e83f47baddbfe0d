r"""What the nation sets for the chain: applying, examining, prices, publishing, mass outside.

All are inputs, never tuned to the region. From official series of the nation, by year y:

    psi_y = (applications_y / researchers_y) / (same of 2011)                        1
    m_y   = (contract value_y / R&D_y) / (same of 2012)                              1
    b_y   = (papers_y / researchers_y) / (same of 2011)                              1
    o_y   = (researchers of the nation - of the region) / of the region              1
    phi_y = grants_y / sum of k[l] applications_{t - l} over l and quarters t of y   1

with researchers in FTE. Between the middles of years all five are interpolated in logs, as are
gaps; before its first year a line keeps its first value. After their last year psi, m, b, o and the
nation's grants go on by the rule of `ydsim.world.inputs`: examiners are a capacity, so that it is
grants that have a trend and phi follows from what is due. Applications of the nation are then psi
times its researchers, which are those of the region, carried on, times 1 + o. A figure of zero
counts as unknown. Without series psi = m = b = 1, phi = .45 (assumed), and o is GDP of the rest
over GDP of the region. Within a year with official grants, phi is then scaled by one factor, so
that it gives these grants exactly from quarterly applications (``quarters.spread``); in other years
it is at most 1, as it is a share, and where what is due is not known it is that of the nearest
year. Applications before the first official year are cast back at the mean of the first three known
growth rates, in logs (assumed).

Kernel: an application of age a years, that is 4 a to 4 a + 3 quarters old, a = 2..5, is due with
weight w_a / 4 in each of these quarters:

    k[l] = w_a / 4 for l = 4 a .. 4 a + 3, else 0;    grants_t = phi_t sum_l k[l] applications_{t-l}

Queue of the start year Y: applications filed before Y are due in the first 23 quarters. By
province they are cast back as above and scaled by year: with factors that make grants of Y, Y + 1
and Y + 2 the official ones (in Y + 2 less those out of official applications of Y, not below
zero), later with the factor of Y + 2. These three years are an initialisation and are not scored.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ydsim.typing import Floats, Ints
from ydsim.world.inputs import MARGIN, Outlook, interpolate, keys_of, last_known, spread
from ydsim.world.tables import fill_gaps, level_ends
from ydsim.world.world import World

APPLICATIONS = "invention_patent_applications"
GRANTS = "invention_patents_granted"
IN_FORCE = "invention_patents_in_force"
RESEARCHERS = "rd_personnel_fte"
AGES = (2, 3, 4, 5)
PAST_YEARS = AGES[-1] + 1
EXAMINATION = 0.45
PROPENSITY_BASE, PRICE_BASE = 2011, 2012
INITIAL_YEARS = 3
QUEUE = 23


@dataclass(frozen=True)
class National:
    """National inputs by quarter, T = 4 Y columns as in `quarters.QuarterInputs`."""

    years: Ints  # (Y,) the years
    propensity: Floats  # (T,) psi, applications per invention relative to 2011
    examination: Floats  # (T,) phi, grants per application that is due
    contract_price: Floats  # (T,) m, contract value over R&D relative to 2012
    publication: Floats  # (T,) b, papers per researcher relative to 2011
    outside_mass: Floats  # (T,) o, researchers of the rest of the nation over those of the region
    due: Floats  # (T,) applications of the nation that are due; 1 where they are not known
    grants_known: int  # quarters from the start to the end of the last official year of grants


def kernel(weights: Sequence[float]) -> Floats:
    """Return the share of applications that is due by their age in quarters, (24,)."""
    if len(weights) != len(AGES):
        raise ValueError(f"{len(weights)} weights for the ages {AGES}")
    share = np.zeros((PAST_YEARS, 4))
    share[list(AGES)] = np.asarray(weights, dtype=np.float64)[:, None] / 4.0
    return share.reshape(-1)


def due(applications: Floats, weights: Sequence[float]) -> Floats:
    """Return applications that are due by quarter, (n, T), out of those filed, (n, T).

    Nothing was filed before the first column.
    """
    share = kernel(weights)
    out = np.zeros_like(applications)
    for lag in np.flatnonzero(share):
        out[:, lag:] += share[lag] * applications[:, : max(applications.shape[1] - lag, 0)]
    return out


def national_series(
    world: World,
    start: int,
    end: int,
    weights: Sequence[float],
    gdp: Floats,
    outlook: Outlook | None = None,
) -> National:
    """Return the national inputs of the years from ``start`` to ``end``.

    ``weights``: w_a, share of applications that are due at an age of 2, 3, 4, 5 years. ``gdp``:
    (P + 1, Y) GDP of the provinces and of the rest of the nation from ``start`` on, to ``end`` or
    later; with the years after ``end`` no year depends on it. ``outlook``: what is assumed of the
    years after the data; absent, the central path of the defaults.
    """
    axis, ahead = _axis(world, start, end), outlook or Outlook()
    window = slice(4 * (start - int(axis[0])), 4 * (end + 1 - int(axis[0])))
    known = national_lines(world, axis)
    lines = {name: carry(name, line, axis, ahead) for name, line in known.items()}

    if np.isnan(lines["outside_mass"][0]):
        mass = interpolate((gdp[-1] / gdp[:-1].sum(axis=0))[None, :])[0, : 4 * (end + 1 - start)]
    else:
        mass = interpolate(lines["outside_mass"][None, :])[0, window]
    after_grants = int(last_known(known["grants"][None, :])[0]) + 1
    examination, ripe = _examination(world, lines, axis, ahead, weights)
    national = National(
        years=np.arange(start, end + 1, dtype=np.int64),
        propensity=_index(lines["propensity"], axis, PROPENSITY_BASE)[window],
        examination=examination[window],
        contract_price=_index(lines["contract_price"], axis, PRICE_BASE)[window],
        publication=_index(lines["publication"], axis, PROPENSITY_BASE)[window],
        outside_mass=mass,
        due=ripe.reshape(-1)[window],
        grants_known=max(4 * (after_grants + int(axis[0]) - start), 0),
    )
    for array in vars(national).values():
        if isinstance(array, np.ndarray):
            array.setflags(write=False)
    return national


def national_lines(world: World, axis: Ints) -> dict[str, Floats]:
    """Return four ratios and grants (Y,) of the official years by group of `ydsim.world.inputs`."""
    researchers = _official(world, RESEARCHERS, axis)
    filed, granted, papers, value, spent = (
        _official(world, name, axis)[-1]
        for name in (
            APPLICATIONS,
            GRANTS,
            "sci_papers",
            "tech_market_contract_value_output",
            "rd_expenditure",
        )
    )
    return {
        "propensity": filed / researchers[-1],
        "contract_price": value / spent,
        "publication": papers / researchers[-1],
        "outside_mass": researchers[-1] / researchers[:-1].sum(axis=0) - 1.0,
        "grants": granted,
    }


def _axis(world: World, start: int, end: int) -> Ints:
    """Return years around all series and bases, with the past that the kernel needs in front."""
    series = world.series.values()
    first = min(start, PROPENSITY_BASE, *(int(s.years[0]) for s in series))
    last = max(end + MARGIN, PRICE_BASE, *(int(s.years[-1]) for s in series))
    return np.arange(first - PAST_YEARS, last + 1, dtype=np.int64)


def _official(world: World, name: str, axis: Ints) -> Floats:
    """Return a series (P + 1, Y) on an axis that covers it; NaN where unknown or not positive."""
    out = np.full((world.n_provinces + 1, len(axis)), np.nan)
    series = world.series.get(name)
    if series is not None:
        out[:, series.years - axis[0]] = np.where(series.values > 0.0, series.values, np.nan)
    return out


def _filled(lines: Floats) -> Floats:
    """Return lines (n, Y) with the gaps between two years filled."""
    out = lines.copy()
    for line in out:
        fill_gaps(line)
    return out


def _flow(line: Floats) -> Floats:
    """Return a yearly line (Y,) as a flow by quarter, (4 Y,); NaN where it is unknown."""
    known = ~np.isnan(line)
    out = np.full(4 * len(line), np.nan)
    out[np.repeat(known, 4)] = spread(line[None, known])[0]
    return out


def carry(name: str, line: Floats, axis: Ints, outlook: Outlook) -> Floats:
    """Return a yearly line (Y,) without gaps and ends: see the module docstring; NaN if empty."""
    out = _filled(np.where(line > 0.0, line, np.nan)[None, :])
    return level_ends(outlook.carry(name, out, axis, keys_of(name, ("nation",))))[0]


def cast_back(line: Floats) -> Floats:
    """Return a yearly line (Y,) without gaps that is cast back before its first known year."""
    out = line.copy()
    known = np.flatnonzero(~np.isnan(out))
    if len(known):
        first, steps = int(known[0]), min(len(known) - 1, 3)
        growth = float(np.log(out[first + steps] / out[first])) / max(steps, 1)
        out[:first] = out[first] * np.exp(growth * np.arange(-first, 0))
    return out


def _index(line: Floats, axis: Ints, base: int) -> Floats:
    """Return a line (Y,) relative to a year, by quarter (4 Y,); 1 where nothing is known."""
    if np.isnan(line[0]):
        return np.ones(4 * len(axis))
    return interpolate((line / line[base - int(axis[0])])[None, :])[0]


def _filed(world: World, lines: Mapping[str, Floats], axis: Ints, outlook: Outlook) -> Floats:
    """Return the nation's applications (Y,), after their last year psi times researchers."""
    filed = _filled(_official(world, APPLICATIONS, axis)[-1:])
    people = _filled(_official(world, RESEARCHERS, axis)[:-1])
    people = outlook.carry("personnel", people, axis, keys_of("personnel", world.provinces))
    nation = people.sum(axis=0) * (1.0 + lines["outside_mass"])
    after = np.arange(len(axis)) > last_known(filed)
    return cast_back(np.where(after, lines["propensity"] * nation, filed[0]))


def _examination(
    world: World,
    lines: Mapping[str, Floats],
    axis: Ints,
    outlook: Outlook,
    weights: Sequence[float],
) -> tuple[Floats, Floats]:
    """Return phi by quarter, (4 Y,), from the lines of `national_lines`, and what is due."""
    filed = _filed(world, lines, axis, outlook)
    ripe: Floats = due(_flow(filed)[None, :], weights).reshape(-1, 4)
    official = _official(world, GRANTS, axis)[-1]
    # before the first official grants phi is not known
    seen = np.where(np.cumsum(~np.isnan(official)) > 0, lines["grants"], np.nan)
    yearly = level_ends((seen / ripe.sum(axis=1))[None, :])[0]
    if np.isnan(yearly[0]):
        return np.full(4 * len(axis), EXAMINATION), np.ones(4 * len(axis))
    share = np.where(np.isnan(official), np.minimum(yearly, 1.0), yearly)
    phi = interpolate(share[None, :]).reshape(-1, 4)
    exact = official / (phi * ripe).sum(axis=1)
    scaled: Floats = phi * np.where(np.isnan(exact), 1.0, exact)[:, None]
    return scaled.reshape(-1), ripe


def initial_queue(
    world: World,
    start: int,
    weights: Sequence[float],
    national: National,
) -> Floats | None:
    """Return grants by quarter out of applications filed before ``start``, (P, `QUEUE`).

    None where official applications or grants of a province are unknown in ``start``; where those
    of the next two years are, the last known factor is used. ``national`` begins in ``start``.
    """
    axis = _axis(world, start, start + INITIAL_YEARS)
    first = start - int(axis[0])
    filed = _filled(_official(world, APPLICATIONS, axis)[:-1])
    granted = _filled(_official(world, GRANTS, axis)[:-1])
    if np.isnan(filed[:, first]).any() or np.isnan(granted[:, first]).any():
        return None
    old = np.array([_flow(cast_back(line))[4 * (first - PAST_YEARS) : 4 * first] for line in filed])
    new = np.array([_flow(line) for line in filed[:, first : first + INITIAL_YEARS]])
    last = len(national.examination) - 1
    phi = national.examination[np.minimum(np.arange(QUEUE), last)]
    filings = np.concatenate([old, np.zeros((len(old), len(phi)))], axis=1)
    shape = due(filings, weights)[:, old.shape[1] :] * phi
    young = due(new, weights) * phi[: new.shape[1]]
    factor = _factors(granted[:, first : first + INITIAL_YEARS], _by_year(young), _by_year(shape))
    year = np.minimum(np.arange(QUEUE) // 4, INITIAL_YEARS - 1)
    return shape * factor[:, year]


def _factors(official: Floats, young: Floats, shape: Floats) -> Floats:
    """Return what makes ``shape`` the official grants less ``young`` ones; all (P, 3 years)."""
    factor: Floats = np.maximum(official - young, 0.0) / shape
    for year in range(1, factor.shape[1]):
        unknown = np.isnan(factor[:, year])
        factor[unknown, year] = factor[unknown, year - 1]
    return factor


def _by_year(flow: Floats) -> Floats:
    """Return sums (n, 3) of the first three years."""
    return flow[:, : 4 * INITIAL_YEARS].reshape(len(flow), INITIAL_YEARS, 4).sum(axis=2)


def initial_in_force(world: World, start: int) -> Floats | None:
    """Return official invention patents in force at the end of the year before, (P,), or None."""
    axis = _axis(world, start, start)
    lines = _filled(_official(world, IN_FORCE, axis)[:-1])
    known = lines[:, start - 1 - int(axis[0])].copy()
    return None if np.isnan(known).any() else known
