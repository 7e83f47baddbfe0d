"""``ydsim effects``: estimators of published studies on simulated panels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from ydsim.cli.old_study import AllJobs, DryRun, SeedOption, SetOption, StudyFolder, carry_out_study
from ydsim.cli.run_options import AllowCode, AsJson, QuietOption

if TYPE_CHECKING:
    from ydsim.results.results import Results
    from ydsim.studies.literature import Effects


def effects(
    scenario: Annotated[
        str, typer.Argument(metavar="[SCENARIO]", help="A shipped scenario, or a YAML file.")
    ] = "membership_replay",
    out: StudyFolder = None,
    replicates: Annotated[
        int, typer.Option("--replicates", min=1, help="Replicates of every run.")
    ] = 20,
    page: Annotated[
        bool, typer.Option("--page", help="Print the whole page, as in docs/effects.md.")
    ] = False,
    set_: SetOption = None,
    seed: SeedOption = None,
    jobs: AllJobs = None,
    dry_run: DryRun = False,
    allow_code: AllowCode = False,
    as_json: AsJson = False,
    quiet: QuietOption = False,
) -> None:
    """Run shocks by lot and set what estimators find beside what studies found."""
    from ydsim.errors import UsageError
    from ydsim.studies import literature

    if page and (as_json or dry_run):
        raise UsageError("--page prints a page: leave out --json and --dry-run")
    sweep = literature.design(
        scenario, set_, replicates=replicates, seed=seed, allow_code=allow_code
    )

    def show(results: Results) -> Effects:
        return literature.read(results)

    carry_out_study(
        sweep,
        show,
        "effects",
        out,
        jobs,
        dry_run=dry_run,
        allow_code=allow_code,
        as_json=as_json,
        quiet=quiet,
        page=page,
    )
