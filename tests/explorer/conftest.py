"""Two small models that differ in one policy, run for two years and a half."""

import pytest

from ydsim.explorer.session import Session
from ydsim.explorer.settings import Choice

SMALL = {
    "end": 2014,
    "scale": 0.01,
    "parameters.population.burn_in": 12,
    "policies.rd_grants.rate": 0.05,
}


def choices():
    a = Choice("synthetic", SMALL)
    return a, a.over({"policies.rd_grants.rate": 0.25})


@pytest.fixture(scope="session")
def session():
    """A session after ten quarters, without a thread of its own."""
    one = Session(lambda: None)
    one._begin(tuple(choice.resolved().scenario for choice in choices()))
    for watch in one.watches:
        for _ in range(10):
            watch.step()
    yield one
    one.close()
