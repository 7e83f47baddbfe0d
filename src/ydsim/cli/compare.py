"""``ydsim compare``: what policies change, where, and how sure it is."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from ydsim.cli.run_options import (
    AllowCode,
    AsJson,
    EngineOption,
    Jobs,
    QuietOption,
    again,
    say,
    tell_capped,
)


class By(StrEnum):
    """Places of a comparison."""

    province = "province"
    city = "city"
    kind = "kind"
    field = "field"


def compare(
    names: Annotated[
        list[str],
        typer.Argument(
            metavar="BASE OTHER...",
            help="Scenarios, YAML files, folders of results, or points of sweeps, FOLDER:POINT.",
        ),
    ],
    policy: Annotated[
        str | None,
        typer.Option("--policy", metavar="NAME", help="Of one scenario: without it, and with it."),
    ] = None,
    by: Annotated[By, typer.Option("--by", help="Places that are compared.")] = By.province,
    outcomes: Annotated[
        str, typer.Option("--outcomes", metavar="A,B", help="Indicators [the usual ones].")
    ] = "",
    years: Annotated[
        str | None,
        typer.Option(
            "--years", metavar="FROM-TO", help="Years that count [from when policies differ]."
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("-o", "--out", metavar="FOLDER", help="Folder [results/compare-A-B]."),
    ] = None,
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Change one key of every scenario."),
    ] = None,
    seed: Annotated[int | None, typer.Option("--seed", min=0, help="Seed of all draws.")] = None,
    replicates: Annotated[
        int | None,
        typer.Option("--replicates", min=1, help="Pairs [5, or as many as folders have]."),
    ] = None,
    jobs: Jobs = 1,
    engine: EngineOption = None,
    force: Annotated[
        bool, typer.Option("--force", help="Rename an existing results folder and run again.")
    ] = False,
    allow_code: AllowCode = False,
    as_json: AsJson = False,
    quiet: QuietOption = False,
) -> None:
    """Compare policies in pairs of the same draws; runs what is missing, reads what is there."""
    from ydsim.run.progress import show_progress
    from ydsim.run.signals import Stopped
    from ydsim.studies.comparison import compare as compare_settings

    wanted = [name.strip() for name in outcomes.split(",") if name.strip()]
    if not quiet:
        tell_capped(jobs)
    with show_progress(quiet=quiet) as progress:
        try:
            found = compare_settings(
                *names,
                policy=policy,
                overrides=set_,
                by=by.value,
                outcomes=wanted,
                years=years,
                replicates=replicates,
                seed=seed,
                jobs=jobs,
                engine=None if engine is None else engine.value,
                out=out,
                force=force,
                allow_code=allow_code,
                progress=progress.report,
            )
        except KeyboardInterrupt as stopped:
            progress.close()
            say(f"{stopped or 'stopped at once'}: finished runs are kept; the same command goes on")
            raise typer.Exit(stopped.exit_code if isinstance(stopped, Stopped) else 130) from None
    folder = out or found.default_folder
    paths = found.write(folder, force=force)
    if as_json:
        content = {**found.as_dict(), "files": [str(path) for path in paths]}
        typer.echo(json.dumps(content, indent=2, allow_nan=False, ensure_ascii=False))
    else:
        typer.echo(found.text)
        for path in paths:
            typer.echo(str(path))
    if found.failed:
        say(f"{found.failed} runs failed: {again(folder)}")
        raise typer.Exit(1)
