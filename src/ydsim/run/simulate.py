"""A scenario in one call from Python: ``ydsim.simulate(...)``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from ydsim import arguments
from ydsim.errors import UsageError
from ydsim.results.results import Results
from ydsim.run.scheduler import RunOptions
from ydsim.run.single import run_scenario

if TYPE_CHECKING:
    from ydsim.scenario.read.override import Overrides


MOST_REPLICATES = 100_000


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

    Raises
    ------
    UsageError
        When an argument is not what it should be; errors of `ydsim.load_scenario` as well.
    """
    from ydsim.engines.choice import engine_of
    from ydsim.scenario.load import load_scenario

    seed = arguments.maybe_whole("seed", seed)
    replicates = arguments.maybe_whole("replicates", replicates, 1, MOST_REPLICATES)
    jobs = arguments.whole("jobs", jobs, 1)
    folder = None if out is None else arguments.folder("out", out)
    if jobs != 1 and out is None:
        raise UsageError("several jobs write into a folder; name one with out")

    given = with_options(overrides, seed, replicates)
    scenario = load_scenario(name_or_path, given, allow_code=allow_code)
    return run_scenario(scenario, folder, RunOptions(engine_of(None, jobs)))


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
    if not isinstance(overrides, Iterable):
        return overrides  # refused where it is read
    texts = [overrides] if isinstance(overrides, (str, bytes)) else list(overrides)
    return [*texts, *(f"{key}={value}" for key, value in given.items())]
