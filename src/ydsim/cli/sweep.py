"""``ydsim sweep``: run many scenarios, keep every run, go on after any interruption."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ydsim.cli.run_options import (
    AllowCode,
    AsJson,
    EngineOption,
    Jobs,
    MaxFailures,
    OnError,
    OnErrorOption,
    QuietOption,
    Scheduler,
    Shard,
    Timeout,
    carry_out,
    parse_shard,
    say,
    tell_capped,
)
from ydsim.fmt import counted, duration, number, size

if TYPE_CHECKING:
    from ydsim.design.sweep import Sweep
    from ydsim.results.results import Results
    from ydsim.run.progress import Report

_MANY = 5000
"""Points whose checking takes seconds."""


def sweep(
    what: Annotated[
        str,
        typer.Argument(
            metavar="SWEEP", help="A sweep file, a shipped sweep, or with --vary a scenario."
        ),
    ],
    out: Annotated[
        Path | None,
        typer.Option("-o", "--out", metavar="FOLDER", help="Results folder [results/NAME]."),
    ] = None,
    vary: Annotated[
        list[str] | None,
        typer.Option(
            "--vary",
            metavar="KEY=VALUES",
            help="FROM:TO:STEPS, FROM:TO:STEPS:log, or a,b,c; repeated, they make a grid.",
        ),
    ] = None,
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Change one key at every point."),
    ] = None,
    seed: Annotated[int | None, typer.Option("--seed", min=0, help="Seed of all draws.")] = None,
    replicates: Annotated[
        int | None, typer.Option("--replicates", min=1, help="Replicates of every point.")
    ] = None,
    jobs: Jobs = 1,
    engine: EngineOption = None,
    scheduler: Scheduler = None,
    shard: Shard = None,
    timeout: Timeout = None,
    on_error: OnErrorOption = OnError.go_on,
    max_failures: MaxFailures = None,
    max_runs: Annotated[
        int, typer.Option("--max-runs", min=1, help="Refuse sweeps of more runs.")
    ] = 100_000,
    chunk: Annotated[
        int | None,
        typer.Option("--chunk", min=1, metavar="N", help="Runs a file [about 20 s of work]."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what it would take; nothing is written.")
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Rename an existing results folder and run again.")
    ] = False,
    allow_code: AllowCode = False,
    as_json: AsJson = False,
    quiet: QuietOption = False,
) -> None:
    """Run a sweep; the same command, or `ydsim resume`, goes on after an interruption."""
    from ydsim.design.load import load_sweep
    from ydsim.design.points import check_points
    from ydsim.engines.choice import engine_of
    from ydsim.run.api import carry_on, checked_shard, injected_of, run_options_of
    from ydsim.store.layout import folder_name

    share = checked_shard(parse_shard(shard))
    name = None if engine is None else engine.value
    run_options = run_options_of(
        engine_of(name, jobs, scheduler, timeout), timeout, on_error.value, max_failures
    )
    loaded = load_sweep(
        what,
        set_,
        replicates=replicates,
        seed=seed,
        vary=vary or (),
        max_runs=max_runs,
        allow_code=allow_code,
    )
    if loaded.size > _MANY and not quiet:
        say(f"checking {counted(loaded.size, 'point')}")
    check_points(loaded)
    for remark in () if quiet else loaded.notes:
        say(f"note: {remark}")
    folder = out if out is not None else Path("results") / folder_name(loaded.name)
    if not quiet and scheduler is None:
        tell_capped(jobs)
    if dry_run:
        say_cost(loaded, folder, jobs, chunk, as_json=as_json)
        return

    def call(report: Report) -> Results:
        return carry_on(
            loaded,
            folder,
            run_options,
            force=force,
            chunk=chunk,
            progress=report,
            shard=share,
            injected=injected_of(None, allow_code=allow_code),
        )

    carry_out(call, folder, quiet=quiet, as_json=as_json)


def say_cost(loaded: Sweep, folder: Path, jobs: int, chunk: int | None, *, as_json: bool) -> None:
    """Say how many points and runs there are, how many are done, and what the rest would cost."""
    from ydsim.design.points import points
    from ydsim.engines.choice import usable
    from ydsim.run.api import runs_there
    from ydsim.run.pilot import pilot, seconds_of
    from ydsim.run.sweep import prepare
    from ydsim.run.tasks import Injected

    contents = prepare(loaded, points(loaded), chunk, Injected())
    plan, costs = contents.plan, contents.points.costs
    done = runs_there(folder, plan)
    first = next(points(loaded)).scenario
    estimate = pilot(first, loaded.record)
    share = 1.0 - done / len(plan)
    seconds = seconds_of(plan, costs, plan.hashes[0], estimate) * share / usable(jobs)
    content: dict[str, Any] = {
        "name": loaded.name,
        "folder": str(folder),
        "points": len(contents.points),
        "different_points": len(contents.points.rows),
        "runs": len(plan),
        "done": done,
        "parts": len(plan.bounds),
        "seconds_a_run": round(estimate.seconds, 3),
        "jobs": usable(jobs),
        "seconds": round(seconds, 1),
        "bytes": round(estimate.size * (len(plan) - done)),
    }
    if as_json:
        typer.echo(json.dumps(content, indent=2))
        return
    rule = "" if isinstance(loaded.replicates, int) else " (the fewest that its rule asks for)"
    typer.echo(
        f"{loaded.name}: {counted(len(contents.points), 'point')}, "
        f"{counted(len(plan), 'run')}{rule} in "
        f"{counted(len(plan.bounds), 'part')}, {done} done already\n"
        f"a run takes {number(estimate.seconds, 2)} s by a timed pilot, the rest about "
        f"{duration(seconds)} with {counted(usable(jobs), 'job')}\n"
        f"about {size(content['bytes'])} in {folder}"
    )
