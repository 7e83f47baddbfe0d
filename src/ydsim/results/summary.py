"""The end of a run or a sweep in a few lines."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from ydsim.results import beside_official, by_point, policy_money
from ydsim.results.results import Results
from ydsim.store.manifest import RUN


def summarise(results: Results) -> list[dict[str, Any]]:
    """Return the headlines of a run beside official figures, or the points of a sweep."""
    if results.contents.kind == RUN:
        return [asdict(figure) for figure in beside_official.summarise(results)]
    return by_point.summarise(results)


def money(results: Results) -> list[dict[str, Any]]:
    """Return what each policy of a run was asked for, paid, leaked and had left a year."""
    if results.contents.kind != RUN:
        return []
    return [asdict(one) for one in policy_money.summarise(results)]


def as_text(results: Results) -> str:
    """Return the same as aligned columns; empty when no run of a scenario is finished."""
    if results.contents.kind == RUN:
        figures = beside_official.as_text(beside_official.summarise(results))
        blocks = (figures, policy_money.as_text(policy_money.summarise(results)))
        return "\n".join(block for block in blocks if block)
    return by_point.as_text(results)
