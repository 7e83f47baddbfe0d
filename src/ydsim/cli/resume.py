"""``ydsim resume``: finish a run or a sweep from its folder alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from ydsim.cli.run_options import (
    AllowCode,
    AsJson,
    EngineOption,
    Jobs,
    MaxFailures,
    NoFigures,
    OnError,
    OnErrorOption,
    QuietOption,
    Scheduler,
    Shard,
    Timeout,
    WorldOption,
    carry_out,
    parse_shard,
    tell_capped,
)

if TYPE_CHECKING:
    from ydsim.results.results import Results
    from ydsim.run.progress import Report


def resume(
    results: Annotated[
        str, typer.Argument(metavar="RESULTS", help="A results folder, or its name in results/.")
    ],
    jobs: Jobs = 1,
    engine: EngineOption = None,
    scheduler: Scheduler = None,
    shard: Shard = None,
    timeout: Timeout = None,
    on_error: OnErrorOption = OnError.go_on,
    max_failures: MaxFailures = None,
    world: WorldOption = None,
    allow_code: AllowCode = False,
    no_figures: NoFigures = False,
    as_json: AsJson = False,
    quiet: QuietOption = False,
) -> None:
    """Finish a run or a sweep: run what is missing, try failed runs again, leave the rest."""
    from ydsim.run.api import resume as go_on
    from ydsim.store.layout import find_folder

    share = parse_shard(shard)
    if not quiet and scheduler is None:
        tell_capped(jobs)

    def call(report: Report) -> Results:
        return go_on(
            results,
            jobs=jobs,
            engine=None if engine is None else engine.value,
            scheduler=scheduler,
            shard=share,
            timeout_per_run=timeout,
            on_error=on_error.value,
            max_failures=max_failures,
            world=world,
            allow_code=allow_code,
            progress=report,
        )

    folder = find_folder(results)
    carry_out(call, folder, quiet=quiet, as_json=as_json, figures=not no_figures)
