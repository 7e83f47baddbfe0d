"""Worked examples on the ODD pages are those of the defaults."""

import re
from math import exp, log

import pytest

from tests.support.pages import section, submodels
from ydsim.agents.projects import PILOT
from ydsim.processes.enact import SPEED_KMH
from ydsim.scenario.schema.parameters import Parameters

PAGES = submodels()
P = Parameters()
CHAIN, MATCH = P.chain, P.match
TEAM = CHAIN.efforts[PILOT] / CHAIN.durations[PILOT]
WAGE = 0.003
TO_LAUNCH = sum(CHAIN.efforts[PILOT:])
DEAL = TO_LAUNCH * WAGE / 4 * P.contracts.price
LIKED = MATCH.cognitive + 1 + MATCH.social * log(3)
ABLE = CHAIN.capability_part * 10 / (10 + CHAIN.capability_size * TEAM)
BOND = [1 - exp(-(1 + before) / 2) for before in (0, 2)]


def reached(hours: float) -> float:
    """Return the weight of R&D some hours away."""
    keys = P.explore
    return exp(-hours / keys.near_h) + keys.far * exp(-hours / keys.reach_h)


def met(hours: float) -> float:
    """Return what distance leaves of partners some hours away."""
    return MATCH.far + (1 - MATCH.far) * exp(-hours / MATCH.decay_h)


def chance(hazard: float) -> float:
    """Return the probability of an event in a quarter from its hazard a year."""
    return 1 - exp(-hazard / 4)


def eased(share: float, factor: float) -> float:
    """Return what passes a border after its odds are multiplied."""
    return factor * share / (factor * share + 1 - share)


WORKED: dict[str, dict[str, float]] = {
    "populate": {"-.555": (P.invest.size_elasticity - 1) * log(4), ".57": 4**-0.4},
    "inputs": {"1.25": 100 / 80, "110": 88 * 100 / 80},
    "travel": {"1.7": P.travel.ride * 1.2 + P.travel.access_h, "192": 1.2 * SPEED_KMH},
    "enact": {".5": (0.75 + 0.25) / 2, "1.2": 1 + 0.5 * 0.4},
    "borders": {".273": eased(P.border.joint_work, 1.5)},
    "broker": {"2": P.brokers.per_1000_firms * 4},
    "fund": {
        "4.2": 100 * (1 - P.fund.university_share - P.fund.institute_share) * (1 - P.fund.leakage),
        ".15": P.fund.profit_tax * P.fund.tax_central,
        ".05": P.fund.profit_tax * (1 - P.fund.tax_central) / 2,
    },
    "talent": {
        "7.5": 1000 * chance(P.talent.retirement),
        ".221": chance(P.talent.pay_speed),
        "1.021": 1.1 ** chance(P.talent.pay_speed),
    },
    "invest": {
        ".030": log(1 + P.invest.additionality * 0.1),
        "3.0": 100 * chance(P.invest.adjustment),
        "11.3": 100 * (1 - exp(-P.invest.adjustment)),
    },
    "explore": {".327": P.explore.ideas * 10**P.explore.ideas_exponent, "11": 1 + 10 / CHAIN.span},
    "knowledge": {
        ".329": reached(1),
        ".565": reached(0.5),
        "1.43": 2 - P.explore.nation,
        "1.20": (2 - P.explore.nation) ** P.explore.access,
    },
    "facilities": {
        ".05": MATCH.facility_use * P.talent.recognition,
        ".35": 0.15 + MATCH.facility_gain,
    },
    "consortia": {".6": 12 * 0.05, "16.7": 0.05 / WAGE},
    "seek": {
        ".513": met(1),
        ".103": P.border.joint_work * met(1),
        ".890": 1 - (1 - P.brokers.disclosure) * exp(-2 * P.brokers.offices),
    },
    "match": {"4.099": LIKED, ".989": 1 - exp(-exp(LIKED - MATCH.reserve))},
    "contract": {"45.5": TO_LAUNCH, ".0290": DEAL, "1.04": 100 * DEAL / P.contracts.pieces},
    "contract_market": {
        ".045": 0.1 * P.contracts.market,
        "2.5": 0.1 * P.contracts.market / (P.contracts.size * WAGE),
    },
    "vouchers": {".005": min(P.contracts.pieces * 0.003, 0.5 * 0.01)},
    "learn": {
        ".05": P.learn.rate * 0.5,
        ".951": 1 - chance(MATCH.tie_decay),
        "47": 1 + log(10) * 4 / MATCH.tie_decay // 1,
    },
    "programmes": {
        "3.51": TEAM * CHAIN.capability_part,
        ".0029": TEAM * CHAIN.capability_part * WAGE / 4 / 0.9,
    },
    "advance": {
        "6.77": CHAIN.capability_size * TEAM,
        ".417": ABLE,
        "2.09": TEAM * ABLE,
        "4.9": 100 * chance(CHAIN.failure),
    },
    "partners": {
        ".393": BOND[0],
        ".777": BOND[1],
        ".118": CHAIN.joint_quality * BOND[0],
        ".233": CHAIN.joint_quality * BOND[1],
    },
    "patent": {
        "240": 100 * P.contracts.patents,
        "24": 100 * P.contracts.patents * P.contracts.examination[0] * 0.5,
    },
    "found": {
        ".8": 8 * P.generations.foundings * 0.01,
        ".0375": P.generations.frontier_growth / 0.8,
    },
    "earn": {
        ".0084": P.compete.research_return * log(1.15),
        ".063": P.compete.private_return * (1 - exp(-1)),
        ".0048": P.compete.access * log(1.1),
    },
    "cover": {"1.8": 1 + P.media.awareness * 0.2},
    "adopt": {".0225": (P.adopt.external + P.adopt.internal * 0.1) / 4},
    "nation": {".46": 0.3 / (0.3 + 0.5 * 0.7)},
    "compete": {
        ".005": P.compete.catch_up * 0.2 - P.compete.depreciation,
        ".81": P.compete.transport_region * P.border.goods,
        ".531": (P.compete.transport_region * P.border.goods) ** (P.compete.sigma - 1),
        "2.0": 100 * (exp(P.compete.demand_elasticity * 0.04) - 1),
    },
    "renew": {".1": P.population.exit * 1.25, "2.5": 100 * chance(0.1)},
    "relocate": {".075": 100 * chance(P.relocate.hazard), ".14": exp(-3 / P.travel.decay_h)},
    "certify": {
        ".384": 4 * P.certify.sales_basis * 0.2,
        ".0048": P.certify.thresholds[0] * P.certify.sales_basis * 0.2,
        "7.2": 100 * chance(P.certify.hazard),
    },
}
"""By page: numbers as they are written and as they follow from the defaults."""


@pytest.mark.parametrize("name", list(PAGES))
def test_every_page_works_out_a_number(name):
    text = section(PAGES[name], "Worked example")
    assert re.findall(r"\d", text)
    for written, value in WORKED.get(name[4:-3], {}).items():
        assert re.search(rf"(?<![\d.]){re.escape(written)}(?!\d|\.\d)", text), written
        decimals = len(written.partition(".")[2])
        assert round(value, decimals) == pytest.approx(float(written)), written
