import numpy as np
import pytest

from tests.support import scalar_society as scalar
from tests.support.certificates import WORLD, alike, noise, state_with, terms
from tests.support.numbers import SEEDS, close, rng
from tests.support.relabelled import relabel_provinces
from ydsim.agents.organisations import MEMORY, NO_CERTIFICATE
from ydsim.processes.certify import (
    application_hazard,
    asked_rd,
    certify,
    certify_start,
    eligibility,
    peer_share,
    terms_at,
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
    p = terms(thresholds=(0.0, 0.0, 0.0), relabelling=1.0, inventions=0.0)
    shown = eligibility(np.array([0.0, 1.0]), np.zeros(2), np.ones(2), p)
    assert not (shown.outright | shown.near | shown.eligible).any()


def test_peers_are_counted_in_the_cell():
    cell = np.array([0, 0, 0, 0, 2, 2, 3])
    holds = np.array([True, False, False, False, True, True, False])
    close(peer_share(cell, holds, 5), [0.25, 0.25, 0.25, 0.25, 1.0, 1.0, 0.0])


def test_hazard_rises_with_own_inventions_and_peers():
    p = terms(hazard=0.1, own=0.5, peers=2.0)
    hazard = application_hazard(np.array([0.0, 4.0, 4.0]), np.array([0.0, 0.0, 0.25]), p)
    close(hazard, [0.1, 0.3, 0.45])


def test_the_reform_asks_less_and_the_hazard_rises_after_it():
    p = terms(hazard=0.5, hazard_before=0.1, reform=2016, spread=4.0, small_before=0.06)
    for year in (2011.0, 2015.75, 2016.0, 2017.25, 2019.75, 2020.0, 2031.5):
        now = terms_at(p, year)
        close([now.hazard, now.thresholds[0]], scalar.terms_at(year, p))
        assert now.thresholds[1:] == p.thresholds[1:]
    for year in (2015.75, 2016.0):
        assert terms_at(p.model_copy(update={"spread": 0.0}), year).hazard == (
            0.1 if year < 2016 else 0.5
        )
    same = terms(hazard=0.3, hazard_before=0.3, small_before=0.05)
    assert {terms_at(same, y).hazard for y in (2011.0, 2016.0, 2018.3)} == {0.3}


def test_what_small_firms_show_before_the_reform():
    """At 5.5 % a firm is eligible at once after it, by relabelling before."""
    p = terms(small_before=0.06, relabelling=0.0)
    rd, sales, some = np.array([0.0055]), np.array([0.1]), np.ones(1)
    assert not eligibility(rd, sales, some, terms_at(p, 2015.75)).eligible[0]
    assert eligibility(rd, sales, some, terms_at(p, 2016.0)).outright[0]


# -- the quarter -----------------------------------------------------------------------------------


@pytest.mark.parametrize("scale", [1.0, 0.05])
@pytest.mark.parametrize("seed", SEEDS)
def test_quarters_equal_a_loop_over_firms(seed, scale):
    state = state_with(seed=seed, scale=scale)
    p = terms(hazard=0.8, lasts=3, renewal=0.7)
    table, draw = state.organisations, rng(seed + 50)
    firms, seen = table.firms(), 0
    for quarter in range(12):
        state.quarter = quarter
        state.tally.clear()
        table.rd[firms] *= draw.lognormal(0.0, 0.15, len(firms))
        draws = noise(seed, quarter)
        key = table.key[firms]
        u = draws.uniform(key, 0).tolist(), draws.uniform(key, 1).tolist()
        want, reported, events = scalar.certify(firms_of(state), *u, quarter, p)
        certify(state, draws, p)
        have = table.certified_until[firms].tolist()
        assert have == [NO_CERTIFICATE if w is None else w for w in want]
        close(table.reported_rd[firms], reported)
        tally = {name: values.sum() * scale for name, values in state.tally.city.items()}
        assert tally["certifications"] == pytest.approx(events["certifications"])
        assert tally["certificates_lost"] == pytest.approx(events["certificates_lost"])
        recognised = tally["hitech_enterprises_recognised_in_year"]
        assert recognised == pytest.approx(events["recognised"])
        assert tally["certificate_eligible"] == pytest.approx(events["eligible"])
        assert tally["certificate_outright"] == pytest.approx(events["outright"])
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
    certify(state, noise(), terms(hazard=1e9, inventions=0.0))
    assert held(state).any()


def test_inventions_of_three_years_count_whatever_their_quarter():
    ring = np.zeros((24, MEMORY))
    ring[np.arange(12), np.arange(12)] = 1.0
    state = state_with(24, sales=np.full(24, 0.1), rd=np.full(24, 0.02), inventions=ring)
    certify(state, noise(), terms(hazard=1e9))
    assert held(state).tolist() == [True] * 12 + [False] * 12


def test_a_constant_hazard_fills_exponentially():
    n, p = 20_000, terms(hazard=0.4, own=0.0, peers=0.0, renewal=1.0)
    state = alike(n)
    for quarter in range(12):
        state.quarter = quarter
        certify(state, noise(0, quarter), p)
        share = 1.0 - np.exp(-0.4 * (quarter + 1) / 4.0)
        assert abs(held(state).mean() - share) < 4.0 * np.sqrt(share * (1.0 - share) / n)


# -- the life of a certificate ---------------------------------------------------------------------


def test_a_certificate_that_is_not_renewed_is_lost_in_its_last_quarter():
    state, p = alike(50), terms(hazard=1e9, renewal=0.0, lasts=4)
    stock, lost = [], []
    for quarter in range(7):
        state.quarter = quarter
        state.tally.clear()
        certify(state, noise(0, quarter), p)
        stock.append(state.tally.city.certified_firms.sum())
        lost.append(state.tally.city.certificates_lost.sum())
    # and applied for again from the next quarter on
    assert stock == [50, 50, 50, 50, 0, 50, 50]
    assert lost == [0, 0, 0, 0, 50, 0, 0]


def test_who_is_not_eligible_any_more_keeps_the_certificate_to_its_end():
    state, p = alike(50), terms(hazard=1e9, renewal=1.0, lasts=5)
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
    state, p = alike(50), terms(hazard=1e9, renewal=0.0, lasts=lasts)
    certify(state, noise(), p)
    p, begins = terms(hazard=0.0, renewal=0.0, lasts=lasts), []
    for quarter in range(1, lasts + 3):
        state.quarter = quarter
        begins.append(int(held(state).sum()))
        certify(state, noise(0, quarter), p)
    assert begins == [50] * lasts + [0, 0]


# -- the start -------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", SEEDS)
def test_the_start_equals_a_loop_over_firms(seed):
    state, p = state_with(400, seed), terms(start_share=0.15)
    table, firms = state.organisations, state.organisations.firms()
    draws = noise(seed)
    certify_start(state, draws, p)
    chosen = np.flatnonzero(held(state))
    number = np.bincount(table.province[firms[chosen]], minlength=4)
    exponential = draws.exponential(table.key[firms], 2).tolist()
    assert scalar.start(firms_of(state), exponential, number.tolist(), p) == chosen.tolist()
    assert number.sum() == 60
    expected = 0.15 * np.bincount(table.province[firms], minlength=4)
    assert (np.abs(number - expected) < 1.0 + 0.15).all()
    assert (table.certified_until[-2:] == NO_CERTIFICATE).all()
    near = table.reported_rd[firms] > table.rd[firms]
    assert near.any()
    assert near[chosen].sum() == near.sum()


def test_no_more_are_certified_than_may_be():
    ring = np.zeros((400, MEMORY))
    ring[:7] = 1.0
    state = alike(400, inventions=ring)
    certify_start(state, noise(), terms(start_share=0.5))
    assert held(state).sum() == 7
    certify_start(state, noise(), terms(start_share=0.0))
    assert not held(state).any()


@pytest.mark.parametrize("lasts", [1, 12])
def test_lives_at_the_start_are_spread_evenly(lasts):
    state = alike(12_000, quarter=0)
    certify_start(state, noise(), terms(start_share=1.0, lasts=lasts))
    counts = np.bincount(state.organisations.certified_until[:12_000], minlength=lasts)
    assert len(counts) == lasts
    mean = 12_000 / lasts
    assert (np.abs(counts - mean) < 4.5 * np.sqrt(mean)).all()


def test_the_start_is_the_same_in_every_order_of_provinces():
    city = rng(5).choice([0, 1, 3, 7, 8, 11], 400, p=[0.4, 0.2, 0.2, 0.1, 0.05, 0.05])

    def rows(world, seed):
        state = alike(400)
        table = state.organisations
        state.world = world
        table.city[:400] = [world.city_codes.index(WORLD.city_codes[c]) for c in city]
        table.province[:] = world.city_province[table.city]
        certify_start(state, noise(seed), terms(start_share=0.09))
        return held(state).tolist()

    other = relabel_provinces(WORLD, (3, 1, 0, 2))
    for seed in range(12):
        assert rows(other, seed) == rows(WORLD, seed)
