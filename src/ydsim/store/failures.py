"""The entries of failed runs, as ``failures.jsonl`` and results have them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ydsim.store.contents import Contents


def failures_of(
    receipts: Mapping[int, Mapping[str, Any]], contents: Contents
) -> list[dict[str, Any]]:
    """Return the entries of all failed runs, with their points and how to repeat them."""
    hashes = dict(zip(contents.plan.runs, contents.plan.hashes, strict=True))
    return [
        {
            "points": [int(contents.points.columns["point"][row]) for row in rows],
            **failure,
            "repro": f"in this folder: ydsim verify . --rerun {failure['run']}",
        }
        for receipt in receipts.values()
        for failure in receipt["failed"]
        for rows in (contents.points.rows.get(hashes[failure["run"]], []),)
    ]
