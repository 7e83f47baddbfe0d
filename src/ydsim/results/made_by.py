"""What made an analysis of a sweep, in one line."""

from __future__ import annotations

from pathlib import Path

from ydsim.fmt import counted
from ydsim.results.results import Results


def made_by(results: Results, replicates: int) -> str:
    """Return scenario, points, replicates, seed, scale, hash and version, in one line."""
    manifest = results.manifest
    return " \u00b7 ".join(
        (
            f"scenario {Path(str(manifest['spec']['base'])).stem}",
            f"{len(results.contents.points)} points",
            counted(replicates, "replicate"),
            f"seed {manifest['seed']}",
            f"scale {manifest['scenario']['scale']:g}",
            f"hash {str(manifest['hash'])[:10]}",
            f"ydsim {manifest['ydsim']}",
        )
    )
