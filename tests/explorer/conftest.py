"""Two small models that differ in one policy, run for two years and a half."""

import pytest

from tests.support.explored import choices
from ydsim.explorer.session import Session
from ydsim.explorer.settings import base_of


@pytest.fixture(scope="session")
def base():
    return base_of("baseline")


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
