"""Certify: firms apply for the certificate of a high-technology enterprise and keep or lose it.

    y_i      = 4 certify.sales_basis sales_i                        reported sales a year, 100m_rmb
    tau_i    = certify.thresholds: small (y <= small_sales), large (y > large_sales), medium else;
               of small firms certify.small_before before the year certify.reform
    asked_i  = tau_i y_i / 4                                        100m_rmb a quarter
    outright : sales_i > 0 and R_i >= asked_i
    near     : sales_i > 0 and (1 - certify.relabelling) asked_i <= R_i < asked_i
    n_i      = inventions that it owns or has part in, of the last 12 quarters with the present one
    eligible : (outright or near) and n_i >= certify.inventions
    h_0      = certify.hazard_before + (certify.hazard - certify.hazard_before) m(t)   1/year
    m(t)     = (t - certify.reform) / certify.spread, at least 0 and at most 1        t in years
    h_i      = h_0 (1 + certify.own n_i) (1 + certify.peers m_cj)                    1/year
    applies  with probability 1 - exp(-h_i / 4), if eligible and without a certificate
    shown_i  = asked_i if near and certified in the quarter (old or new); else R_i
    reported R&D_i = max(shown_i, R_i user cost_c^(-rho_c e))    e invest.tax_elasticity, rho invest

Symbols: sales of the quarter and R own R&D of the quarter, 100m_rmb; n inventions of the last 12
quarters, the present one included (items); m_cj certified share of the living firms of city c and
industry j at the begin of the phase; user cost^(-rho e) reported over real R&D where tax relief is
relabelled for in city c, 1 without (`ydsim.measures.user_cost`): spending that is relabelled serves
both ends, so the larger of the two counts; examiners look at R. Sizes, their thresholds and the
three years follow the administrative measures of 2016, which asked less of small firms than those
of 2008; relabelling follows Chen, Liu, Suarez Serrato and Xu 2021 (doi 10.1257/aer.20191758); the
form of the hazard is assumed, and so is that it changed with the measures, which made other
conditions easier, too (staff, intellectual property). Official lists of a year count the
certificates that are granted and renewed in it.

A certificate granted at the end of quarter t holds in the ``lasts`` quarters that follow, through
t + lasts. At the end of its last quarter an eligible firm renews it for ``lasts`` more with
probability ``renewal``; else it is lost, and the firm may apply again from the next quarter on. A
firm below both bands keeps its certificate until then. Eligibility in between is not checked
(assumed).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ydsim.agents.firm_size import reported_sales, size_class
from ydsim.agents.organisations import NO_CERTIFICATE, Organisations
from ydsim.agents.state import State
from ydsim.measures.groups import rank_within, row_sums, sums, systematic
from ydsim.noise import Noise, identity
from ydsim.scenario.schema.parameters import CertifyParameters
from ydsim.typing import Bools, Floats, Ints


def asked_rd(sales: Floats, parameters: CertifyParameters) -> Floats:
    """Return the R&D that firms must report in the quarter, 100m_rmb."""
    reported = reported_sales(sales, parameters.sales_basis)
    size = size_class(reported, parameters.small_sales, parameters.large_sales)
    asked: Floats = np.array(parameters.thresholds)[size] * reported / 4.0
    return asked


@dataclass(frozen=True)
class Eligibility:
    """What firms show to the examiners: asked R&D, and which of the bands they are in."""

    asked: Floats
    outright: Bools
    near: Bools
    eligible: Bools


def terms_at(parameters: CertifyParameters, year: float) -> CertifyParameters:
    """Return the terms in force in a decimal year: hazard and what is asked of small firms."""
    passed = year - parameters.reform
    if passed >= parameters.spread:
        return parameters
    small, medium, large = parameters.thresholds
    part = passed / parameters.spread if passed > 0.0 else 0.0
    return parameters.model_copy(
        update={
            "thresholds": (small if passed >= 0.0 else parameters.small_before, medium, large),
            "hazard": parameters.hazard_before
            + part * (parameters.hazard - parameters.hazard_before),
        }
    )


def eligibility(
    rd: Floats, sales: Floats, inventions: Floats, parameters: CertifyParameters
) -> Eligibility:
    """Return what firms show to the examiners; see the module docstring."""
    asked, sells = asked_rd(sales, parameters), sales > 0.0
    outright = sells & (rd >= asked)
    near = sells & ~outright & (rd >= (1.0 - parameters.relabelling) * asked)
    eligible = (outright | near) & (inventions >= parameters.inventions)
    return Eligibility(asked, outright, near, eligible)


def peer_share(cell: Ints, holds: Bools, n_cells: int) -> Floats:
    """Return the certified share among the firms of each firm's cell."""
    size = np.bincount(cell, minlength=n_cells)
    share: Floats = (sums(cell, holds.astype(np.float64), n_cells) / np.maximum(size, 1))[cell]
    return share


def application_hazard(inventions: Floats, peers: Floats, parameters: CertifyParameters) -> Floats:
    """Return the hazard of applying, 1/year."""
    hazard: Floats = (
        parameters.hazard * (1.0 + parameters.own * inventions) * (1.0 + parameters.peers * peers)
    )
    return hazard


def certify(
    state: State,
    noise: Noise,
    parameters: CertifyParameters,
    over_real: Floats | None = None,
    year: float = np.inf,
) -> None:
    """Renew, lose and grant certificates, and report R&D.

    ``over_real`` is f_c by city, (C,): reported over real R&D because of tax relief; ``year``
    is the decimal year of the quarter.
    """
    parameters = terms_at(parameters, year)
    table, firms, quarter = state.organisations, state.organisations.firms(), state.quarter
    until, key = table.certified_until[firms], table.key[firms]
    inventions = _inventions(table, firms)
    shown = eligibility(table.rd[firms], table.sales[firms], inventions, parameters)
    held = until > NO_CERTIFICATE
    n_j = len(state.world.industries)
    cell = table.city[firms] * n_j + table.industry[firms]
    peers = peer_share(cell, held, state.world.n_cities * n_j)

    due = held & (until <= quarter)
    renews = due & shown.eligible & (noise.uniform(key, 1) < parameters.renewal)
    chance = -np.expm1(-application_hazard(inventions, peers, parameters) / 4.0)
    granted = ~held & shown.eligible & (noise.uniform(key, 0) < chance)
    until[renews] += parameters.lasts
    until[due & ~renews] = NO_CERTIFICATE
    until[granted] = quarter + parameters.lasts
    table.certified_until[firms] = until

    _report(table, firms, shown, held | granted)
    if over_real is not None:
        paper = over_real[table.city[firms]] * table.rd[firms]
        table.reported_rd[firms] = np.maximum(table.reported_rd[firms], paper)

    def count(flag: Bools) -> Floats:
        return state.by_city(firms, flag.astype(np.float64)) / state.scale

    tally = state.tally.city
    tally.certifications = count(granted)
    tally.hitech_enterprises_recognised_in_year = count(granted | renews)
    tally.certificates_lost = count(due & ~renews)
    tally.certificate_outright = count(shown.outright)
    tally.certificate_eligible = count(shown.eligible)
    tally.certified_firms = count(until >= quarter)
    relabelled = state.by_city(firms, table.reported_rd[firms] - table.rd[firms])
    tally.relabelled_rd = relabelled / state.scale


def certify_start(
    state: State, noise: Noise, parameters: CertifyParameters, year: float = np.inf
) -> None:
    """Certify ``start_share`` of the firms, with the rest of their certificates' lives.

    Each province has its part of the number, up to its eligible firms; those of the smallest
    exponential over 1 + h_1 n are taken. ``year`` is the first year of the run.
    """
    parameters = terms_at(parameters, year)
    table, firms = state.organisations, state.organisations.firms()
    inventions, key = _inventions(table, firms), table.key[firms]
    shown = eligibility(table.rd[firms], table.sales[firms], inventions, parameters)
    number = _numbers(state, firms, noise, parameters.start_share)
    score = noise.exponential(key, 2) / (1.0 + parameters.own * inventions)
    order = np.lexsort((key, score))
    order = order[shown.eligible[order]]
    province = table.province[firms[order]]
    chosen = order[rank_within(province) < number[province]]
    life = np.floor(noise.uniform(key[chosen], 3) * parameters.lasts).astype(np.int64)
    table.certified_until[:] = NO_CERTIFICATE
    last = state.quarter + np.minimum(life, parameters.lasts - 1)
    table.certified_until[firms[chosen]] = last
    holds = np.zeros(len(firms), dtype=np.bool_)
    holds[chosen] = True
    _report(table, firms, shown, holds)


def _inventions(table: Organisations, firms: Ints) -> Floats:
    """Return own inventions of three years."""
    return row_sums(table.inventions, firms)


def _numbers(state: State, firms: Ints, noise: Noise, share: float) -> Ints:
    """Return the number of certificates at the start by province, shape (P,)."""
    world = state.world
    by_key = np.argsort(world.city_keys, kind="stable")
    # along the identities of cities: no matter in which order a world lists its provinces
    first = np.unique(world.city_province[by_key], return_index=True)[1]
    order = np.argsort(first, kind="stable")
    size = np.bincount(state.organisations.province[firms], minlength=world.n_provinces)
    total = int(np.floor(share * len(firms) + 0.5))
    u = float(noise.uniform(identity("certificates"), 4)[0])
    number = np.empty(world.n_provinces, dtype=np.int64)
    number[order] = systematic(size[order].astype(np.float64), total, u)
    return number


def _report(table: Organisations, firms: Ints, shown: Eligibility, holds: Bools) -> None:
    """Write the R&D that is reported."""
    table.reported_rd[:] = table.rd
    table.reported_rd[firms] = np.where(shown.near & holds, shown.asked, table.rd[firms])
