"""``ydsim counterfactual``: which firms adopted earlier because of a policy."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ydsim.cli.run_options import AllowCode


def counterfactual(
    scenario: Annotated[
        str, typer.Argument(metavar="NAME_OR_PATH", help="A shipped scenario, or a YAML file.")
    ],
    policy: Annotated[str, typer.Option("--policy", help="Policy of the scenario to take out.")],
    out: Annotated[
        Path | None,
        typer.Option("-o", "--out", metavar="FILE", help="CSV file with a row for each firm."),
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
    from ydsim.analysis.counterfactual import as_markdown, firms_csv, run_pairs, without
    from ydsim.errors import UsageError
    from ydsim.run.progress import show_progress
    from ydsim.scenario.read.override import parse_assignments
    from ydsim.store.files import write_atomic

    if out is not None and out.is_dir():
        raise UsageError(f"{out} is a folder; give the name of a file with -o")
    changes = parse_assignments(set_ or ())
    if seed is not None:
        changes["seed"] = seed
    settings = without(scenario, policy, changes, allow_code=allow_code)
    with show_progress(quiet=quiet) as progress:
        pairs, outcomes = run_pairs(settings, replicates, workers=jobs, progress=progress.report)
    typer.echo(as_markdown(pairs, outcomes, settings[1], policy), nl=False)
    if out is not None:
        write_atomic(out, firms_csv(pairs, settings[1].world).encode("utf-8"))
        typer.echo(f"\n{out}")
