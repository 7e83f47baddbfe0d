"""``ydsim sensitivity``: what moves an outcome of a sweep, by the method of its design."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ydsim.cli.run_options import AllowCode, Jobs, QuietOption, run_through, tell_capped

if TYPE_CHECKING:
    from ydsim.results.results import Results
    from ydsim.run.progress import Report


def sensitivity(
    what: Annotated[
        str,
        typer.Argument(metavar="SWEEP", help="A results folder, a sweep file, or a shipped sweep."),
    ],
    outcome: Annotated[
        list[str] | None,
        typer.Option("--outcome", metavar="NAME", help="An indicator [launches]; may be repeated."),
    ] = None,
    years: Annotated[
        str | None,
        typer.Option("--years", metavar="FROM:TO", help="Mean over years [the last year]."),
    ] = None,
    method: Annotated[
        str | None,
        typer.Option("--method", help="morris, sobol, tornado or discovery [as the design asks]."),
    ] = None,
    top: Annotated[
        float, typer.Option("--top", help="Share of points of interest, for scenario discovery.")
    ] = 0.25,
    where: Annotated[
        list[str] | None,
        typer.Option("--where", metavar="'NAME>NUMBER'", help="Points of interest instead."),
    ] = None,
    results: Annotated[
        Path | None,
        typer.Option("--results", metavar="FOLDER", help="Where runs are kept [results/NAME]."),
    ] = None,
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Change one key at every point."),
    ] = None,
    seed: Annotated[int | None, typer.Option("--seed", min=0, help="Seed of all draws.")] = None,
    replicates: Annotated[
        int | None, typer.Option("--replicates", min=1, help="Replicates of every point.")
    ] = None,
    jobs: Jobs = 1,
    out: Annotated[
        Path | None,
        typer.Option("-o", "--out", metavar="FOLDER", help="Folder [results/NAME-sensitivity]."),
    ] = None,
    allow_code: AllowCode = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object instead of the page.")
    ] = False,
    quiet: QuietOption = False,
) -> None:
    """Rank what moves an outcome; a sweep file is run first, as far as its runs are missing."""
    from ydsim.errors import UsageError
    from ydsim.results.opening import open_results
    from ydsim.store.layout import folder_name
    from ydsim.studies import sensitivity as study
    from ydsim.studies.study import folder_of, run_sweep

    asked = {"method": method, "years": years, "top": top, "where": where or ()}
    names = outcome or study.OUTCOMES
    folder = _folder_of(what)
    if folder is not None:
        given = {"--set": set_, "--seed": seed, "--replicates": replicates, "--results": results}
        for name, value in given.items():
            if value is not None:
                raise UsageError(f"{name}: {what} is a results folder, which stays as it is")
        opened = open_results(folder)
    else:
        sweep = study.design(
            what,
            set_,
            names,
            replicates=replicates,
            seed=seed,
            allow_code=allow_code,
            **asked,  # type: ignore[arg-type]
        )
        place = folder_of(sweep) if results is None else results
        if not quiet:
            tell_capped(jobs)

        def call(report: Report) -> Results:
            return run_sweep(sweep, place, jobs, progress=report, allow_code=allow_code)

        opened, _ = run_through(call, place, quiet=quiet)
    found = study.read(opened, names, **asked)  # type: ignore[arg-type]
    target = out if out is not None else Path("results") / f"{folder_name(opened.name)}-sensitivity"
    files = found.write(target)
    if as_json:
        content = {**found.as_dict(), "failed": 0, "files": [str(path) for path in files]}
        typer.echo(json.dumps(content, indent=2, allow_nan=False, ensure_ascii=False))
        return
    typer.echo(found.page)
    for path in files:
        typer.echo(str(path))


def _folder_of(what: str) -> Path | None:
    """Return the results folder that is meant; None for a sweep that is to be run."""
    from ydsim.design.load import is_sweep
    from ydsim.store.layout import find_folder

    folder = Path(what)
    if folder.is_dir():
        return folder
    if folder.is_file() or is_sweep(what):
        return None
    found = find_folder(what)
    return found if found.is_dir() else None
