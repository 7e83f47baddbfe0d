"""What names a run: the content that its numbers depend on, and nothing else.

A run's hash covers the resolved scenario (without name and description), the content of its world,
the version of ydsim, the code of your own policies, and what is recorded of it. Together with
the number of the replicate it is the run's identity: adding, removing or reordering points changes
no other run, and two points of equal content share their runs.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from ydsim.noise import probe
from ydsim.scenario.load import hash_of_plain
from ydsim.store.files import sha256
from ydsim.store.rounding import round_significant

_DIGITS = 16
"""Hexadecimal digits of the hash in a run's name: 2^64 names."""


def point_hash(
    plain: Mapping[str, Any],
    digest: str,
    version: str,
    code: Mapping[str, str],
    record: Mapping[str, Any],
) -> str:
    """Return the hash that all replicates of a point share.

    Parameters
    ----------
    plain
        The scenario as plain data; its number of replicates does not matter.
    digest
        Of the world's content.
    version, code
        Of ydsim, and a digest of each module with policies that are not shipped.
    record
        What is kept of a run.
    """
    content = [
        hash_of_plain({**plain, "replicates": 1}),
        digest,
        version,
        *(f"{name} {code[name]}" for name in sorted(code)),
        json.dumps(record, sort_keys=True),
    ]
    return sha256(json.dumps(content).encode("utf-8"))


def run_id(of: str, replicate: int) -> str:
    """Return the name of a run: ``3f2a90c1b2d4e5f6-0007``."""
    return f"{of[:_DIGITS]}-{replicate:04d}"


def part_identity(number: int, runs: Iterable[str]) -> dict[str, Any]:
    """Return what the receipt of a part of a sweep must say."""
    return {"part": number, "sweep_part": sha256("\n".join(runs).encode("utf-8"))}


def numeric_fingerprint() -> str:
    """Return a digest of what this machine's numbers rest on: draws and elementary functions.

    Where it differs from the one in a folder, runs added now would not belong to those there.
    """
    return sha256(round_significant(probe()).tobytes())
