"""``ydsim bottleneck``: which stage and which friction hold the chain back most."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from ydsim.cli.run_options import AllowCode, AsJson, QuietOption
from ydsim.cli.study import (
    AllJobs,
    DryRun,
    Outcomes,
    SeedOption,
    SetOption,
    StudyFolder,
    carry_out_study,
)

if TYPE_CHECKING:
    from ydsim.results.results import Results
    from ydsim.studies.bottleneck import Bottleneck


def bottleneck(
    scenario: Annotated[
        str, typer.Argument(metavar="[SCENARIO]", help="A shipped scenario, or a YAML file.")
    ] = "baseline",
    out: StudyFolder = None,
    only: Annotated[
        list[str] | None,
        typer.Option(
            "--only",
            metavar="NAME",
            help="stages, frictions, or a capacity, as in pilot_pace; may be repeated [all].",
        ),
    ] = None,
    outcomes: Outcomes = None,
    first: Annotated[
        int | None,
        typer.Option("--from", help="First year that counts [that of the scenario]."),
    ] = None,
    step: Annotated[
        float, typer.Option("--step", metavar="PERCENT", help="By how much each is moved.")
    ] = 25.0,
    replicates: Annotated[
        int, typer.Option("--replicates", min=1, help="Replicates of every point.")
    ] = 3,
    set_: SetOption = None,
    seed: SeedOption = None,
    jobs: AllJobs = None,
    dry_run: DryRun = False,
    allow_code: AllowCode = False,
    as_json: AsJson = False,
    quiet: QuietOption = False,
) -> None:
    """Move each stage's capacity and each friction alone; go on after a break."""
    from ydsim.studies.bottleneck import design, read
    from ydsim.studies.study import require_asked

    sweep = design(
        scenario,
        set_,
        only=only or (),
        step=step,
        replicates=replicates,
        seed=seed,
        allow_code=allow_code,
    )
    chosen, years = outcomes or None, None if first is None else (first, sweep.base.end)
    require_asked(sweep, chosen, years)

    def show(results: Results) -> Bottleneck:
        return read(results, outcomes=chosen, years=years)

    carry_out_study(
        sweep,
        show,
        "bottleneck",
        out,
        jobs,
        dry_run=dry_run,
        allow_code=allow_code,
        as_json=as_json,
        quiet=quiet,
    )
