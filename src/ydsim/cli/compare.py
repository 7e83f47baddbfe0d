"""``ydsim compare``: what policies change, where, and how sure it is."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from ydsim.cli import options
from ydsim.cli.options import names_in
from ydsim.cli.output import print_json, say
from ydsim.cli.run import again, run_through, tell_capped


class By(StrEnum):
    """What is compared with one another."""

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
    outcomes: Annotated[list[str] | None, options.outcome("the usual ones")] = None,
    years: Annotated[str | None, options.years("from when policies differ")] = None,
    out: Annotated[Path | None, options.output("Folder [results/compare-A-B].")] = None,
    set_: options.Set = None,
    seed: options.Seed = None,
    replicates: Annotated[int | None, options.replicates("5, or as folders have")] = None,
    jobs: options.Jobs = None,
    engine: options.EngineName = None,
    force: options.Force = False,
    allow_code: options.AllowCode = False,
    as_json: options.AsJson = False,
    quiet: options.Quiet = False,
) -> None:
    """Compare policies in pairs of the same draws; runs what is missing, reads what is there."""
    import ydsim

    tell_capped(jobs, quiet=quiet)
    found, _ = run_through(
        lambda report: ydsim.compare(
            *names,
            policy=policy,
            overrides=set_,
            by=by.value,
            outcomes=names_in(outcomes) or (),
            years=years,
            replicates=replicates,
            seed=seed,
            jobs=options.jobs_of(jobs, engine=engine),
            engine=None if engine is None else engine.value,
            out=out,
            force=force,
            allow_code=allow_code,
            progress=report,
        ),
        out,
        quiet=quiet,
        lost="finished runs are kept; the same command goes on",
    )
    folder = out or found.default_folder
    paths = found.write(folder, force=force)
    if as_json:
        print_json({**found.as_dict(), "files": [str(path) for path in paths]})
    else:
        print("\n".join([found.text, *map(str, paths)]))
    if found.failed:
        say(f"{found.failed} runs failed: {again(folder)}")
        raise typer.Exit(1)
