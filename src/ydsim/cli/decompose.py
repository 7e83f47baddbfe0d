"""``ydsim decompose``: what each channel of a policy does alone and together."""

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
    from ydsim.studies.channels import Channels


def decompose(
    scenario: Annotated[
        str, typer.Argument(metavar="SCENARIO", help="A shipped scenario, or a YAML file.")
    ],
    policy: Annotated[
        str,
        typer.Option("--policy", metavar="NAME", help="The policy that is taken apart."),
    ],
    out: StudyFolder = None,
    outcomes: Outcomes = None,
    years: Annotated[
        str | None,
        typer.Option(
            "--years", metavar="FROM-TO", help="Years that count [from when the policy starts]."
        ),
    ] = None,
    place: Annotated[
        str, typer.Option("--place", metavar="NAME", help="The region, or a province.")
    ] = "region",
    replicates: Annotated[
        int, typer.Option("--replicates", min=1, help="Replicates of every run.")
    ] = 5,
    set_: SetOption = None,
    seed: SeedOption = None,
    jobs: AllJobs = None,
    dry_run: DryRun = False,
    allow_code: AllowCode = False,
    as_json: AsJson = False,
    quiet: QuietOption = False,
) -> None:
    """Run each channel of a policy alone and all together; go on after a break."""
    from ydsim.studies.channels import design, read, require
    from ydsim.studies.study import parse_years

    window = parse_years(years)
    sweep = design(scenario, policy, set_, replicates=replicates, seed=seed, allow_code=allow_code)
    require(sweep, outcomes, window, place)

    def show(results: Results) -> Channels:
        return read(results, outcomes=outcomes, years=window, place=place)

    carry_out_study(
        sweep,
        show,
        "decompose",
        out,
        jobs,
        dry_run=dry_run,
        allow_code=allow_code,
        as_json=as_json,
        quiet=quiet,
    )
