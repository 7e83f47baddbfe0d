"""Outcomes as figures and pages call them."""

from __future__ import annotations

from ydsim.plots.messages import say


def outcome_name(name: str) -> str:
    """Return an indicator in words: from the table of messages, or its name with spaces."""
    try:
        return say(f"outcomes.name.{name}")
    except KeyError:
        return name.replace("_", " ")
