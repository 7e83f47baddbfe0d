"""Fit of the base run: the constants that all scenarios are measured against.

    python -m ydsim.analysis.fit_base_run [--replicates 5] [--passes 4] [--jobs 1] [--write]

Each pass runs the replicates of a scenario, ``baseline`` for the packaged region, and then

1. takes x_bar as its mean of the first three years, 2011-13,
2. sets log A of the rest of the nation to the region's mean log A by industry and quarter,
3. solves the shift v of each city in the middle of each year, until the mean of the replicates
   makes official secondary value added of cities to the last year in which it is known
   (`ydsim.analysis.market_shift`).

Productivity hardly depends on v, so a few passes suffice. What was met is read from runs: those of
the first pass, which has no fit, those of the same draws under the result, and those of as many
other draws (`ydsim.world.base_run.Misfit`). The file carries a hash of everything that it was made
under; a test fails when that of the package is stale.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

import ydsim
from ydsim.analysis.fit_target import Target, known_years
from ydsim.analysis.market_shift import REFERENCE_YEARS, Trace, TracedModel
from ydsim.engines.choice import engine_of
from ydsim.engines.inline import InlineEngine
from ydsim.engines.protocol import Engine
from ydsim.run.measure import Measured, measure_runs
from ydsim.run.progress import Progress, Report, show_progress
from ydsim.scenario.load import load_scenario, scenario_hash
from ydsim.scenario.schema.scenario import Record, Scenario
from ydsim.store.files import write_atomic
from ydsim.world.base_run import WHEN, BaseRun, Made, Misfit, base_run_file
from ydsim.world.loader import FIRST_YEAR, load_world
from ydsim.world.world import World

REPLICATES, PASSES = 5, 4

AfterPass = Callable[[int, BaseRun], None]


def fingerprint(scenario: Scenario, world: World) -> str:
    """Return the hash of parameters, policies and tables under which a base run is made."""
    plain = replace_controls(scenario)
    return scenario_hash(plain) + ":" + world.tables


def replace_controls(scenario: Scenario) -> Scenario:
    """Return the scenario with the settings that do not change the base run at their defaults."""
    inputs = scenario.parameters.inputs.model_copy(update={"uncertainty": 1.0})
    parameters = scenario.parameters.model_copy(update={"inputs": inputs})
    return Scenario(parameters=parameters, policies=scenario.policies)


def fit_settings(scenario: Scenario, world: World) -> Scenario:
    """Return the scenario of the runs of a fit, from that which is asked for.

    It begins with the first year of a run and ends after all years that are fitted, without shocks
    and deciding governments. The fit is to official figures, and what comes after them goes on by
    its central path.
    """
    first = max(FIRST_YEAR, int(world.years[0]))
    years, _ = known_years(world, first)
    inputs = scenario.parameters.inputs.model_copy(update={"uncertainty": 0.0})
    return Scenario(
        name=scenario.name,
        world=scenario.world,
        start=first,
        end=max(scenario.end, first + REFERENCE_YEARS - 1, first + len(years) - 1),
        scale=scenario.scale,
        seed=scenario.seed,
        record=Record(adoption_events=False, cities=False, ties=False, agents=False),
        parameters=scenario.parameters.model_copy(update={"inputs": inputs}),
        policies=scenario.policies,
    )


class _Watch:
    """Takes the trace of a finished run."""

    def after_quarter(self, model: TracedModel) -> None:
        """Do nothing: the model keeps its quarters itself."""

    def found(self, model: TracedModel) -> Trace:
        return model.trace()


def traces_of(
    scenario: Scenario,
    base: BaseRun,
    replicates: Sequence[int],
    engine: Engine | None = None,
    report: Report | None = None,
) -> list[Trace]:
    """Return the traces of runs under ``base``, in the order of ``replicates``."""
    make = partial(TracedModel, base=base)
    runs = [Measured(scenario, r, _Watch, make_model=make) for r in replicates]
    found: dict[int, Trace] = {}
    measure_runs(runs, engine or InlineEngine(), take=found.__setitem__, report=report)
    return [found[at] for at in range(len(runs))]


def fit_base_run(
    scenario: Scenario,
    world: World,
    *,
    replicates: int = REPLICATES,
    passes: int = PASSES,
    engine: Engine | None = None,
    report: Report | None = None,
    after_pass: AfterPass = lambda number, base: None,
) -> BaseRun:
    """Return the base run of a world, with where it comes from.

    Parameters
    ----------
    scenario
        Parameters and policies, scale and seed; its ``world`` is where `world` is loaded from.
    replicates, passes
        Of the module docstring; replicates r of the fit are 0, 1, ..., the other draws follow.
    engine
        Where runs are computed; this process where it is None. It changes no result.
    report
        Called with how far the whole fit is.
    after_pass
        Called with the number of each pass and what it gave.

    Raises
    ------
    Stopped
        After a signal.
    ReplicateFailedError, YdsimError
        When a run failed, or the world changed meanwhile.
    """
    settings = fit_settings(scenario, world)
    target, own = Target.of(settings, world), range(replicates)
    short = settings.model_copy(update={"end": max(target.years.stop - 1, settings.start)})
    parts = [settings] * passes + ([short] * 2 if target.years else [])
    costs = [one.quarters * replicates for one in parts]

    def run(number: int, base: BaseRun, draws: Sequence[int]) -> list[Trace]:
        told = None if report is None else _part_of(report, number, costs, replicates)
        return traces_of(parts[number], base, draws, engine, told)

    base, misfit, makes = BaseRun(), Misfit(), target.known[:0]
    for number in range(passes):
        traces = run(number, base, own)
        if not number:
            misfit[WHEN[0]] = target.misfit(traces)
        base, makes = target.following(traces)
        after_pass(number + 1, base)
    for number, (when, draws) in enumerate(
        ((WHEN[1], own), (WHEN[2], range(replicates, 2 * replicates))), start=passes
    ):
        traces = run(number, base, draws) if target.years else traces
        misfit[when] = target.misfit(traces)
    made = Made(
        ydsim=ydsim.__version__,
        scenario=scenario.name,
        replicates=replicates,
        passes=passes,
        scale=settings.scale,
        seed=settings.seed,
        first_year=settings.start,
        last_year=target.years.stop - 1,
        not_fitted=target.not_fitted(makes),
        misfit=misfit,
    )
    return replace(base, parameters=fingerprint(settings, world), made=made)


def _part_of(report: Report, number: int, costs: Sequence[int], runs: int) -> Report:
    """Return what tells ``report`` of one of several batches of ``runs`` runs as of the whole."""
    before, total = sum(costs[:number]), sum(costs)

    def told(now: Progress) -> None:
        share = (before + now.share * costs[number]) / total
        done = number * runs + now.done
        report(replace(now, done=done, total=len(costs) * runs, share=share))

    return told


def dump(base: BaseRun) -> str:
    """Return the file of a base run as JSON."""
    assert base.outside_log_productivity is not None
    assert base.market_shift is not None
    data: dict[str, Any] = {
        "parameters": base.parameters,
        "world": base.world,
        "first_year": base.first_year,
        "innovative_share": round(base.innovative_share or 0.0, 6),
        "outside_log_productivity": base.outside_log_productivity.tolist(),
        "market_shift": base.market_shift.tolist(),
    }
    made: Mapping[str, Any] = {} if base.made is None else {"made": asdict(base.made)}
    return json.dumps({**data, **made}, indent=1, ensure_ascii=False) + "\n"


def main() -> None:
    """Fit, print what each pass gave, and store with ``--write``."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--scenario", default="baseline")
    parser.add_argument("--replicates", type=int, default=REPLICATES)
    parser.add_argument("--passes", type=int, default=PASSES)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--write", action="store_true", help="store the result in the package")
    options = parser.parse_args()
    scenario = load_scenario(options.scenario)
    world = load_world(scenario.world)

    def say(number: int, base: BaseRun) -> None:
        assert base.market_shift is not None
        assert base.outside_log_productivity is not None
        print(
            f"pass {number}: x_bar {base.innovative_share:.4f}, "
            f"largest |v| {np.abs(base.market_shift).max():.3f}, log A outside in the last quarter "
            f"{base.outside_log_productivity[-1].mean():.4f}",
            flush=True,
        )

    with show_progress(quiet=False) as progress:
        base = fit_base_run(
            scenario,
            world,
            replicates=options.replicates,
            passes=options.passes,
            engine=engine_of(None, options.jobs),
            report=progress.report,
            after_pass=say,
        )
    if options.write:
        write_atomic(Path(str(base_run_file(world.name))), dump(base).encode())


if __name__ == "__main__":
    main()
