"""Runs in folders of ydsim 0.3 (schema 1), read as sweeps of one point; to go in version 0.5.

Sweeps of schema 1 are laid out as those of today. A run had neither a plan nor a kind, and its
receipts named the replicate.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from ydsim.store.identity import run_id
from ydsim.store.layout import Parts, Store
from ydsim.store.manifest import RUN
from ydsim.store.plan import Plan
from ydsim.store.points import PointTable


@dataclass(frozen=True)
class OldPlan(Plan):
    """The replicates of a run, one part each.

    Attributes
    ----------
    run_hash
        Of scenario, world and version.
    """

    run_hash: str = ""

    @cached_property
    def identities(self) -> Parts:
        """What the receipt of each part must say."""
        return {k: {"run_hash": self.run_hash, "replicate": k} for k in self.replicates}


def run_of_schema_1(manifest: Mapping[str, Any]) -> tuple[dict[str, Any], PointTable, OldPlan]:
    """Return the manifest of a run with the keys of today, its single point and its plan."""
    of, numbers = manifest["run_hash"], tuple(range(manifest["replicates"]))
    columns = {
        "point": np.array([0], dtype=np.int64),
        "scenario": np.array([manifest["name"]], dtype=object),
        "hash": np.array([of], dtype=object),
    }
    world = manifest["world"]
    worlds, code = {world["name"]: world["digest"]}, manifest.get("code", {})
    new = {
        **manifest,
        "kind": RUN,
        "version": manifest["ydsim"],
        "spec": {"kind": RUN},
        "record": {"everything": True},
        "random": "common",
        "worlds": worlds,
        "code": code,
    }
    points = PointTable(columns, manifest["scenario"], worlds, code)
    return new, points, OldPlan((of,) * len(numbers), numbers, numbers, of)


def failures_of_schema_1(store: Store, plan: OldPlan) -> list[dict[str, Any]]:
    """Return the entries of failed replicates with the keys of today."""
    return [
        {**entry, "points": [0], "run": run_id(plan.run_hash, entry["replicate"])}
        for entry in store.failures()
    ]
