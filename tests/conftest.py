"""Slow tests have more time than the others before they are taken to hang."""

from __future__ import annotations

import pytest

SLOW_SECONDS = 1500


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.get_closest_marker("slow") or item.get_closest_marker("fault"):
            item.add_marker(pytest.mark.timeout(SLOW_SECONDS))
