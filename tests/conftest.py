"""No test depends on speed: nothing is taken to hang early, and examples may take their time."""

from __future__ import annotations

import gc

import pytest
from hypothesis import HealthCheck, settings

from ydsim import twin

settings.register_profile("steady", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("steady")

SLOW_SECONDS = 1500

twin.MOST_KEPT = 60  # tests of one world and one set of parameters share what they compare with


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.get_closest_marker("slow") or item.get_closest_marker("fault"):
            item.add_marker(pytest.mark.timeout(SLOW_SECONDS))


def pytest_collection_finish() -> None:
    """Modules and tests stay to the end: let no collection of garbage walk them again."""
    gc.collect()
    gc.freeze()
