"""A scenario in one call from Python: ``ydsim.simulate(...)``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from ydsim.errors import UsageError
from ydsim.results.results import Results
from ydsim.run.experiment import run_experiment

if TYPE_CHECKING:
    from ydsim.scenario.read.override import Overrides


def simulate(
    name_or_path: str | Path,
    overrides: Overrides | None = None,
    *,
    seed: int | None = None,
    replicates: int | None = None,
    out: str | Path | None = None,
    jobs: int = 1,
    allow_code: bool = False,
) -> Results:
    """Run a scenario and return its results; without ``out`` nothing is written.

    Parameters
    ----------
    name_or_path, overrides
        As for `ydsim.load_scenario`.
    seed, replicates
        Replace those of the scenario.
    out
        Results folder to write or to go on with.
    jobs
        Replicates at once, each in a process of its own; needs ``out``.
    allow_code
        As for `ydsim.load_scenario`.
    """
    from ydsim.engines.choice import engine_of
    from ydsim.scenario.load import load_scenario

    if jobs != 1 and out is None:
        raise UsageError("several jobs write into a folder; name one with out")

    given = with_options(overrides, seed, replicates)
    scenario = load_scenario(name_or_path, given, allow_code=allow_code)
    engine = engine_of(None, jobs) if jobs != 1 else None
    return run_experiment(scenario, None if out is None else Path(out), engine=engine)


def with_options(
    overrides: Overrides | None, seed: int | None, replicates: int | None
) -> Overrides | None:
    """Return ``overrides`` with seed and number of replicates, where given, on top of them."""
    options = {"seed": seed, "replicates": replicates}
    given = {key: value for key, value in options.items() if value is not None}
    if not given:
        return overrides
    if overrides is None or isinstance(overrides, Mapping):
        return {**(overrides or {}), **given}
    texts = [overrides] if isinstance(overrides, str) else list(overrides)
    return [*texts, *(f"{key}={value}" for key, value in given.items())]
