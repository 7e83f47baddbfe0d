"""What analyses of one sweep share: running it, and who made it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ydsim import arguments
from ydsim.engines.choice import engine_of, processors
from ydsim.measures.effects import Interval
from ydsim.results.made_by import made_by
from ydsim.results.results import Results
from ydsim.run.api import carry_on, injected_of, run_options_of
from ydsim.store.layout import folder_name

if TYPE_CHECKING:
    from ydsim.design.sweep import Sweep
    from ydsim.run.progress import Report


@dataclass(frozen=True)
class Study:
    """What a sweep was made for, and who made it.

    Attributes
    ----------
    name, base
        Of the sweep, and of the scenario that it varies.
    made_by
        Scenario, points, replicates, seed, scale, hash and version, in one line.
    path
        The results folder; None in memory.
    years
        First and last year that count.
    replicates, left_out
        How many replicates count, and how many do not, as a run of them failed or is to go.
    points
        Number of points.
    units
        Of the outcomes, by name, in their order.
    means
        Mean outcomes of the two points that everything is held against.
    """

    name: str
    base: str
    made_by: str
    path: Path | None
    years: tuple[int, int]
    replicates: int
    left_out: int
    points: int
    units: dict[str, str]
    means: dict[str, tuple[float, float]]

    @staticmethod
    def facts(
        results: Results, years: tuple[int, int], replicates: int, left_out: int
    ) -> dict[str, Any]:
        """Return the fields that do not depend on outcomes."""
        base = str(results.manifest["spec"]["base"])
        return {
            "name": results.name,
            "base": Path(base).stem,
            "made_by": made_by(results, replicates),
            "path": results.path,
            "years": years,
            "replicates": replicates,
            "left_out": left_out,
            "points": len(results.contents.points),
        }


def row(
    outcome: str, unit: str, scale: str, cells: str, quantity: str, group: str,
    value: Interval | float,
) -> dict[str, Any]:  # fmt: skip
    """Return a row of a table of quantities."""
    nothing = float("nan")
    found = value if isinstance(value, Interval) else Interval(float(value), nothing, nothing)
    return {
        "outcome": outcome,
        "unit": unit,
        "scale": scale,
        "cells": cells,
        "quantity": quantity,
        "group": group,
        "value": found.estimate,
        "low": found.low,
        "high": found.high,
    }


def run_study(
    sweep: Sweep,
    out: str | Path | None,
    jobs: int | None,
    *,
    progress: Report | None = None,
    allow_code: bool = False,
) -> Results:
    """Run a sweep, or go on with it, and return its results; errors as of `ydsim.sweep`."""
    from ydsim.design.points import check_points

    jobs = processors() if jobs is None else arguments.whole("jobs", jobs, 1)
    arguments.maybe_callable("progress", progress)
    folder = study_folder(sweep) if out is None else arguments.folder("out", out)
    check_points(sweep)
    return carry_on(
        sweep,
        folder,
        run_options_of(engine_of(None, jobs), None, "continue", None),
        progress=progress,
        injected=injected_of(None, allow_code=allow_code),
    )


def study_folder(sweep: Sweep) -> Path:
    """Return the usual folder of a sweep."""
    return Path("results") / folder_name(sweep.name)
