"""Sharing of instruments: open across borders, cheaper to use, and what users save is paid."""

import numpy as np
import pytest

from tests.support.scalar_match import scene
from tests.support.small import after_burn_in, fork, live
from ydsim.policies.schemes import FacilityAccess
from ydsim.processes.facilities import share_facilities

CHANNEL = "shared_facility"


# -- use -------------------------------------------------------------------------------------------


def used(price=1.0, use=0.2, schemes=()):
    """A scene after facilities were shared: who was helped, and links realised and expected."""
    here = scene(scale=0.02).with_match(facility_use=use)
    cities = here.state.world.n_cities
    here = here.within(facility_price=np.full(cities, price), schemes=tuple(schemes))
    share_facilities(
        here.state, here.environment, here.source.phase("facilities", 0), here.parameters.match
    )
    return here, getattr(here.state.tally.links, CHANNEL)


@pytest.mark.slow
@pytest.mark.parametrize("price", [0.4, 0.7, 2.0])
def test_use_is_in_inverse_proportion_to_its_cost(price):
    (usual, links), (here, more) = used(), used(price)
    assert more[1] == pytest.approx(links[1] / price, rel=1e-12)
    helped, before = here.state.projects.helped, usual.state.projects.helped
    assert (helped >= before).all() if price < 1.0 else (helped <= before).all()
    assert helped.sum() != before.sum()


@pytest.mark.slow
def test_at_most_all_research_uses_facilities():
    (_, links), (_, most) = used(use=1.0), used(price=0.1, use=0.2)
    assert most[1] == pytest.approx(links[1], rel=1e-12)
    assert (most[0] == links[0]).all()


@pytest.mark.slow
def test_the_provinces_of_the_facilities_pay_what_users_save():
    users = np.zeros(12)
    users[[0, 1, 5]] = 1.0
    scheme = FacilityAccess("platform", 0.5, saved=0.002, where=users)
    here, links = used(use=0.5, schemes=[scheme])
    of = here.state.world.city_province
    uses = links[0][:-1, :-1] * here.state.scale  # of sampled firms
    want = np.zeros(4)
    for c in (0, 1, 5):
        for d in range(12):
            want[of[d]] += 0.5 * 0.002 * uses[c, d]
    (paid,) = (e for e in here.state.ledger.entries if e.flow == "platform")
    assert (paid.payer, paid.receiver) == ("provinces", "economy")
    assert paid.amount == pytest.approx(want, rel=1e-9)
    assert (want > 0.0).sum() > 1
    assert here.state.books.provinces.sum() == pytest.approx(-want.sum())
    other, unpaid = used(use=0.5)
    assert (other.state.projects.helped == here.state.projects.helped).all()
    assert (unpaid == links).all()


# -- in a model ------------------------------------------------------------------------------------


@pytest.mark.slow
def test_what_it_costs_is_in_the_books_by_the_uses_of_a_run():
    settings = {"access_cut": 0.4, "fee": 0.01, "cost": 3.0, "strength": 0.5}
    m = after_burn_in(scale=0.05, burn_in=12, years=1, policies={"instrument_sharing": settings})
    uses = 0.0
    while m.running:
        m.step()
        uses += getattr(m.state.tally.links, CHANNEL)[0].sum()
        assert m.state.ledger.imbalance() < 1e-9
        owed = m.state.books.provinces.sum()  # paid after the quarter's other spending
        assert m.state.ledger.balance["provinces"] == pytest.approx(owed, rel=1e-9)
        assert owed < 0.0
    paid = [e for e in m.state.ledger.entries if e.flow == "instrument_sharing"]
    assert {(e.payer, e.receiver) for e in paid} == {("provinces", "economy")}
    total = sum(e.amount.sum() for e in paid) / m.state.scale
    assert uses > 0.0
    assert total == pytest.approx(0.5 * (3.0 + 0.01 * 0.4 * uses), rel=1e-9)


@pytest.mark.slow
def test_a_platform_helps_more_projects_and_a_cheaper_one_still_more():
    """Projects helped in a quarter, with the platform and without, from one burn-in."""
    plain = after_burn_in(burn_in=16, scale=0.05)
    helped = []
    for policies in ({}, {"instrument_sharing": {}}, {"instrument_sharing": {"access_cut": 0.6}}):
        m = live(fork(plain, scale=0.05, policies=policies), until="_match")
        helped.append(m.state.projects.helped.sum())
    assert helped[0] < helped[1] < helped[2]
