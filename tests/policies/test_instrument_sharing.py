"""Sharing of instruments: open across borders, cheaper to use, and what users save is paid."""

import numpy as np
import pytest

from tests.support.scalar_match import scene
from ydsim.policies.environment import FacilityAccess
from ydsim.processes.collaboration import share_facilities

CHANNEL = "shared_facility"


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
