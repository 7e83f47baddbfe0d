"""``ydsim run``: run one scenario, keep the results, and show the headline figures."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ydsim.cli.run_options import (
    AllowCode,
    AsJson,
    NoFigures,
    QuietOption,
    carry_out,
    say,
    tell_capped,
)

if TYPE_CHECKING:
    from ydsim.results.results import Results
    from ydsim.run.progress import Report


def run(
    scenario: Annotated[
        str, typer.Argument(metavar="NAME_OR_PATH", help="A shipped scenario, or a YAML file.")
    ],
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
        int | None, typer.Option("--replicates", min=1, help="Number of independent replicates.")
    ] = None,
    jobs: Annotated[
        int, typer.Option("--jobs", help="Replicates at once, at most one a processor.")
    ] = 1,
    no_figures: NoFigures = False,
    force: Annotated[
        bool, typer.Option("--force", help="Rename an existing results folder and run again.")
    ] = False,
    allow_code: AllowCode = False,
    as_json: AsJson = False,
    quiet: QuietOption = False,
) -> None:
    """Run a scenario; run the same command again to go on after an interruption."""
    from ydsim.design.load import is_sweep
    from ydsim.engines.choice import engine_of
    from ydsim.errors import UsageError
    from ydsim.run.scheduler import RunOptions
    from ydsim.run.simulate import with_options
    from ydsim.run.single import run_scenario
    from ydsim.scenario.check.check_world import idle, refuse_unknown
    from ydsim.scenario.load import resolve
    from ydsim.store.layout import folder_name
    from ydsim.world.loader import load_world

    if is_sweep(scenario):
        raise UsageError(f"{scenario} is a sweep; run it with: ydsim sweep {scenario}")
    found = resolve(scenario, with_options(set_, seed, replicates), allow_code=allow_code)
    resolved = found.scenario
    refuse_unknown(resolved, load_world(resolved.world), found.origins)
    run_options = RunOptions(engine_of(None, jobs))
    if not quiet:
        tell_capped(jobs)
        for remark in idle(resolved):
            say(f"note: {remark}")
    folder = out if out is not None else Path("results") / folder_name(resolved.name)

    def call(report: Report) -> Results:
        return run_scenario(resolved, folder, run_options, force=force, progress=report)

    carry_out(call, folder, quiet=quiet, as_json=as_json, figures=not no_figures)
