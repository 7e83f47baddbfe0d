"""Certify: firms apply for the certificate of a high-technology enterprise and keep or lose it.

    y_i      = 4 certify.sales_basis sales_i                        reported sales a year, 100m_rmb
    tau_i    = certify.thresholds: small (y <= small_sales), large (y > large_sales), medium else
    asked_i  = tau_i y_i / 4                                        100m_rmb a quarter
    outright : sales_i > 0 and R_i >= asked_i
    near     : sales_i > 0 and (1 - certify.relabelling) asked_i <= R_i < asked_i
    n_i      = inventions that it owns or has part in, of the last 12 quarters with the present one
    eligible : (outright or near) and n_i >= 1
    h        = certify.hazard from the year 2016 on, certify.hazard_before until then    1/year
    applies  with probability 1 - exp(-h / 4), if eligible and without a certificate
    shown_i  = asked_i if near and certified in the quarter (old or new); else R_i
    reported R&D_i = max(shown_i, R_i user cost_c^(-rho_c e))    e invest.tax_elasticity, rho invest

Symbols: sales of the quarter and R own R&D of the quarter, 100m_rmb; n inventions of the last 12
quarters, the present one included (items); user cost^(-rho e) reported over real R&D where tax
relief is relabelled for in city c, 1 without (`ydsim.processes.invest`): spending that is
relabelled serves both ends, so the larger of the two counts; examiners look at R. Sizes, their
thresholds and the three years follow the administrative measures of 2016; relabelling follows Chen,
Liu, Suarez Serrato and Xu 2021 (doi 10.1257/aer.20191758). That the hazard alone stands for what
the measures of 2016 made easier is assumed. Official lists of a year count the certificates that
are granted and renewed in it.

A certificate granted at the end of quarter t holds in the ``lasts`` quarters that follow, through
t + lasts. At the end of its last quarter an eligible firm renews it for ``lasts`` more; else it is
lost, and the firm may apply again from the next quarter on. A firm below both bands keeps its
certificate until then. Eligibility in between is not checked (assumed). Firms begin the run with
the certificates that they were granted in the burn-in.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from ydsim.agents.organisations import NO_CERTIFICATE, reported_sales, size_class
from ydsim.agents.state import State
from ydsim.measures.groups import row_sums
from ydsim.noise import Noise
from ydsim.scenario.schema.parameters import CertifyParameters
from ydsim.typing import Bools, Floats, Ints

REFORM: Final = 2016
"""First year of the administrative measures that replaced those of 2008."""


def size_of(sales: Floats, parameters: CertifyParameters) -> Ints:
    """Return the size class of firms with ``sales`` in the quarter."""
    reported = reported_sales(sales, parameters.sales_basis)
    return size_class(reported, parameters.small_sales, parameters.large_sales)


def asked_rd(sales: Floats, parameters: CertifyParameters) -> Floats:
    """Return the R&D that firms must report in the quarter, 100m_rmb."""
    share = np.array(parameters.thresholds)[size_of(sales, parameters)]
    return share * reported_sales(sales, parameters.sales_basis) / 4.0


@dataclass(frozen=True)
class Eligibility:
    """What firms show to the examiners: asked R&D, and which of the bands they are in."""

    asked: Floats
    outright: Bools
    near: Bools
    eligible: Bools


def eligibility(
    rd: Floats, sales: Floats, inventions: Floats, parameters: CertifyParameters
) -> Eligibility:
    """Return what firms show to the examiners; see the module docstring."""
    asked, sells = asked_rd(sales, parameters), sales > 0.0
    outright = sells & (rd >= asked)
    near = sells & ~outright & (rd >= (1.0 - parameters.relabelling) * asked)
    eligible = (outright | near) & (inventions >= 1.0)
    return Eligibility(asked, outright, near, eligible)


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
    table, firms, quarter = state.organisations, state.organisations.firms(), state.quarter
    until, key = table.certified_until[firms], table.key[firms]
    inventions = row_sums(table.inventions, firms)
    shown = eligibility(table.rd[firms], table.sales[firms], inventions, parameters)
    held = until > NO_CERTIFICATE

    due = held & (until <= quarter)
    renews = due & shown.eligible
    hazard = parameters.hazard if year >= REFORM else parameters.hazard_before
    chance = -np.expm1(-hazard / 4.0)
    granted = ~held & shown.eligible & (noise.uniform(key, 0) < chance)
    until[renews] += parameters.lasts
    until[due & ~renews] = NO_CERTIFICATE
    until[granted] = quarter + parameters.lasts
    table.certified_until[firms] = until

    rd = table.rd[firms]
    reported = np.where(shown.near & (held | granted), shown.asked, rd)
    if over_real is not None:
        reported = np.maximum(reported, over_real[table.city[firms]] * rd)
    table.reported_rd[:] = table.rd
    table.reported_rd[firms] = reported

    def count(flag: Bools) -> Floats:
        return state.by_city(firms, flag.astype(np.float64)) / state.scale

    tally = state.tally.city
    tally.certifications = count(granted)
    tally.hitech_enterprises_recognised_in_year = count(granted | renews)
    tally.certificates_lost = count(due & ~renews)
    tally.certificate_eligible = count(shown.eligible)
    tally.certified_firms = count(until >= quarter)
    tally.relabelled_rd = state.by_city(firms, reported - rd) / state.scale
