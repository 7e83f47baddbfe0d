import numpy as np
import pytest

from tests.support import scalar_society as scalar
from tests.support.certificates import alike, noise, state_with, terms
from tests.support.numbers import SEEDS, close, rng
from ydsim.agents.organisations import MEMORY, NO_CERTIFICATE
from ydsim.processes.certify import (
    asked_rd,
    certify,
    eligibility,
)


def firms_of(state):
    """Living firms as rows of the loop."""
    table = state.organisations
    return [
        {
            "key": int(table.key[i]),
            "city": int(table.city[i]),
            "province": int(table.province[i]),
            "industry": int(table.industry[i]),
            "rd": float(table.rd[i]),
            "sales": float(table.sales[i]),
            "inventions": float(table.inventions[i].sum()),
            "until": None
            if table.certified_until[i] == NO_CERTIFICATE
            else int(table.certified_until[i]),
        }
        for i in table.firms()
    ]


def held(state):
    table = state.organisations
    return table.certified_until[table.firms()] >= state.quarter


# -- rules -----------------------------------------------------------------------------------------


def test_thresholds_go_by_reported_sales_of_a_year():
    """Up to the first limit small, above the second large; sales of a quarter times four."""
    p = terms(sales_basis=2.0)
    sales = np.array([0.0, 0.0624, 0.0625, 0.0626, 0.25, 0.2501, 10.0])
    want = [0.05, 0.05, 0.05, 0.04, 0.04, 0.03, 0.03]
    close(asked_rd(sales, p), np.array(want) * 2.0 * sales)


def test_bands_begin_where_the_law_and_relabelling_say():
    p = terms()
    rd = np.array([0.05, 0.0499, 0.03501, 0.0349, 0.0])
    sales = np.full(5, 1 / 16)  # a power of two: the first is the threshold to the last bit
    shown = eligibility(rd * sales, sales, np.ones(5), p)
    assert shown.outright.tolist() == [True, False, False, False, False]
    assert shown.near.tolist() == [False, True, True, False, False]
    assert shown.eligible.tolist() == [True, True, True, False, False]
    assert not eligibility(rd * sales, sales, np.full(5, 0.99), p).eligible.any()


def test_firms_without_sales_show_nothing():
    p = terms(thresholds=(0.0, 0.0, 0.0), relabelling=1.0)
    shown = eligibility(np.array([0.0, 1.0]), np.zeros(2), np.ones(2), p)
    assert not (shown.outright | shown.near | shown.eligible).any()


# -- the quarter -----------------------------------------------------------------------------------


@pytest.mark.parametrize("scale", [1.0, 0.05])
@pytest.mark.parametrize("seed", SEEDS)
def test_quarters_equal_a_loop_over_firms(seed, scale):
    state = state_with(seed=seed, scale=scale)
    p = terms(hazard=0.8, hazard_before=0.5, lasts=3)
    table, draw = state.organisations, rng(seed + 50)
    firms, seen = table.firms(), 0
    for quarter in range(12):
        state.quarter = quarter
        state.tally.clear()
        table.rd[firms] *= draw.lognormal(0.0, 0.15, len(firms))
        draws = noise(seed, quarter)
        key = table.key[firms]
        u, year = draws.uniform(key, 0).tolist(), 2014.5 + quarter / 4
        want, reported, events = scalar.certify(firms_of(state), u, quarter, year, p)
        certify(state, draws, p, year=year)
        have = table.certified_until[firms].tolist()
        assert have == [NO_CERTIFICATE if w is None else w for w in want]
        close(table.reported_rd[firms], reported)
        tally = {name: values.sum() * scale for name, values in state.tally.city.items()}
        assert tally["certifications"] == pytest.approx(events["certifications"])
        assert tally["certificates_lost"] == pytest.approx(events["certificates_lost"])
        recognised = tally["hitech_enterprises_recognised_in_year"]
        assert recognised == pytest.approx(events["recognised"])
        assert tally["certificate_eligible"] == pytest.approx(events["eligible"])
        assert tally["certified_firms"] == pytest.approx(sum(w is not None for w in want))
        assert tally["relabelled_rd"] == pytest.approx(sum(reported) - table.rd[firms].sum())
        seen += events["certificates_lost"]
    assert seen > 3
    assert tally["relabelled_rd"] > 0.0


def test_tallies_are_by_city_at_scale_one():
    state = alike(120, city=np.arange(120) % 12, scale=0.05)
    certify(state, noise(), terms(hazard=1e6))
    for name in ("certified_firms", "certifications", "certificate_eligible"):
        close(getattr(state.tally.city, name), np.full(12, 10 / 0.05))
    assert not state.tally.city.certificates_lost.any()


def test_no_inventions_no_certificates():
    state = state_with(400, inventions=np.zeros((400, MEMORY)))
    certify(state, noise(), terms(hazard=1e9))
    assert not held(state).any()


def test_inventions_of_three_years_count_whatever_their_quarter():
    ring = np.zeros((24, MEMORY))
    ring[np.arange(12), np.arange(12)] = 1.0
    state = state_with(24, sales=np.full(24, 0.1), rd=np.full(24, 0.02), inventions=ring)
    certify(state, noise(), terms(hazard=1e9))
    assert held(state).tolist() == [True] * 12 + [False] * 12


def test_a_constant_hazard_fills_exponentially():
    n, p = 20_000, terms(hazard=0.4)
    state = alike(n)
    for quarter in range(12):
        state.quarter = quarter
        certify(state, noise(0, quarter), p)
        share = 1.0 - np.exp(-0.4 * (quarter + 1) / 4.0)
        assert abs(held(state).mean() - share) < 4.0 * np.sqrt(share * (1.0 - share) / n)


# -- the life of a certificate ---------------------------------------------------------------------


def test_an_eligible_firm_renews_and_any_other_loses_its_certificate_in_the_last_quarter():
    state, p = alike(50), terms(hazard=1e9, lasts=4)
    stock, lost, granted = [], [], []
    for quarter in range(7):
        state.quarter = quarter
        state.organisations.rd[:20] = 0.0 if quarter in (4, 5) else 0.02
        state.tally.clear()
        certify(state, noise(0, quarter), p)
        stock.append(state.tally.city.certified_firms.sum())
        lost.append(state.tally.city.certificates_lost.sum())
        granted.append(state.tally.city.certifications.sum())
    assert stock == [50, 50, 50, 50, 30, 30, 50]
    assert lost == [0, 0, 0, 0, 20, 0, 0]
    assert granted == [50, 0, 0, 0, 0, 0, 20]


def test_the_hazard_is_another_from_the_reform_on():
    for year, granted in ((2011.0, 0), (2015.75, 0), (2016.0, 50), (2031.5, 50)):
        state = alike(50)
        certify(state, noise(), terms(hazard=1e9, hazard_before=0.0), year=year)
        assert held(state).sum() == granted


def test_who_is_not_eligible_any_more_keeps_the_certificate_to_its_end():
    state, p = alike(50), terms(hazard=1e9, lasts=5)
    certify(state, noise(), p)
    table = state.organisations
    table.rd[:50] = 0.0
    have = []
    for quarter in range(1, 7):
        state.quarter = quarter
        certify(state, noise(0, quarter), p)
        have.append(held(state).all() or held(state).any())
        assert (table.reported_rd[:50] == 0.0).all()
    assert have == [True, True, True, True, False, False]


@pytest.mark.parametrize("lasts", [1, 4, 12])
def test_a_certificate_holds_in_as_many_quarters_as_it_lasts(lasts):
    """Certificates are granted at the end of a quarter, and taxes are due at the begin of one."""
    state, p = alike(50), terms(hazard=1e9, lasts=lasts)
    certify(state, noise(), p)
    state.organisations.rd[:50] = 0.0
    begins = []
    for quarter in range(1, lasts + 3):
        state.quarter = quarter
        begins.append(int(held(state).sum()))
        certify(state, noise(0, quarter), p)
    assert begins == [50] * lasts + [0, 0]
