"""``ydsim counterfactual``: which firms adopted earlier because of a policy."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ydsim.cli.run_options import AllowCode, end_of, run_through

if TYPE_CHECKING:
    from ydsim.results.results import Results
    from ydsim.run.progress import Report


def counterfactual(
    scenario: Annotated[
        str, typer.Argument(metavar="NAME_OR_PATH", help="A shipped scenario, or a YAML file.")
    ],
    policy: Annotated[str, typer.Option("--policy", help="Policy of the scenario to take out.")],
    out: Annotated[
        Path | None,
        typer.Option("-o", "--out", metavar="FOLDER", help="Results folder [results/NAME]."),
    ] = None,
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Change one key; may be repeated."),
    ] = None,
    seed: Annotated[int | None, typer.Option("--seed", min=0, help="Seed of all draws.")] = None,
    replicates: Annotated[
        int, typer.Option("--replicates", min=1, max=10_000, help="Number of paired replicates.")
    ] = 5,
    allow_code: AllowCode = False,
    jobs: Annotated[int, typer.Option("--jobs", min=1, max=1024, help="Processes.")] = 1,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="No progress on stderr.")] = False,
) -> None:
    """Run a scenario with and without one of its policies and compare adoptions firm by firm."""
    from ydsim.studies import firms
    from ydsim.studies.study import folder_of, run_sweep

    sweep = firms.design(
        scenario, policy, set_, replicates=replicates, seed=seed, allow_code=allow_code
    )
    folder = folder_of(sweep) if out is None else out

    def call(report: Report) -> Results:
        return run_sweep(sweep, folder, jobs, progress=report, allow_code=allow_code)

    results, _ = run_through(call, folder, quiet=quiet)
    study = firms.read(results)
    files = study.write(folder)
    typer.echo(study.text)
    typer.echo()
    for path in files:
        typer.echo(str(path))
    end_of(results, folder)
