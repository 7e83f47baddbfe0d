"""``ydsim resume``: finish a sweep from its folder alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

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
    WorldOption,
    carry_out,
    parse_shard,
    tell_capped,
)

if TYPE_CHECKING:
    from ydsim.results.sweep import SweepResults
    from ydsim.run.scheduler import Report


def resume(
    results: Annotated[
        str, typer.Argument(metavar="RESULTS", help="Folder of a sweep, or its name in results/.")
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
    as_json: AsJson = False,
    quiet: QuietOption = False,
) -> None:
    """Finish a sweep: what is missing is run, failed runs are tried again, the rest stays."""
    from ydsim.run.api import resume as go_on
    from ydsim.store.layout import find_folder

    share = parse_shard(shard)
    if not quiet and scheduler is None:
        tell_capped(jobs)

    def call(report: Report) -> SweepResults:
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

    carry_out(call, find_folder(results), quiet=quiet, as_json=as_json)
