"""``ydsim sensitivity``: what moves an outcome of a sweep, by the method of its design."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ydsim.cli.run_options import AllowCode, Jobs, QuietOption, again, say, tell_capped

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ydsim.results.results import Results


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
    from ydsim.analysis.sensitivity.methods import METHODS, analyse, method_of
    from ydsim.analysis.sensitivity.output import as_data, write_findings
    from ydsim.analysis.sensitivity.words import as_markdown
    from ydsim.errors import UsageError
    from ydsim.plots.sensitivity import write_figures
    from ydsim.store.layout import folder_name

    span = parse_years(years)
    if method is not None and method not in METHODS:
        method_of("", method)
    folder = _folder_of(what)
    if folder is not None:
        given = {"--set": set_, "--seed": seed, "--replicates": replicates, "--results": results}
        for name, value in given.items():
            if value is not None:
                raise UsageError(f"{name}: {what} is a results folder, which stays as it is")
        from ydsim.results.opening import open_results

        opened = open_results(folder)
    else:
        opened = _run(
            what, set_, seed, replicates, jobs, results, method, outcome, span, top, where or (),
            allow_code=allow_code, quiet=quiet,
        )  # fmt: skip
    findings = analyse(
        opened,
        outcome or ["launches"],
        method=method,
        years=span,
        top=top,
        where=where or (),
    )
    target = out if out is not None else Path("results") / f"{folder_name(opened.name)}-sensitivity"
    files = write_findings(findings, opened, target)
    files += write_figures(findings, opened, target)
    if as_json:
        content = {**as_data(findings, opened), "folder": str(target)}
        typer.echo(json.dumps(content, indent=2, allow_nan=False, ensure_ascii=False))
        return
    typer.echo(as_markdown(findings, opened))
    for path in files:
        typer.echo(str(path))


def parse_years(text: str | None) -> tuple[int, int] | None:
    """Return ``FROM:TO`` as two years, the first not after the last.

    Raises
    ------
    UsageError
        When it is something else.
    """
    from ydsim.errors import UsageError

    if text is None:
        return None
    first, colon, last = text.partition(":")
    if colon and first.isdecimal() and last.isdecimal() and len(text) <= 11:
        years = int(first), int(last)
        if years[0] <= years[1]:
            return years
    raise UsageError(f"--years {text}: expected FROM:TO, as in 2016:2020")


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


def _run(
    what: str,
    set_: list[str] | None,
    seed: int | None,
    replicates: int | None,
    jobs: int,
    folder: Path | None,
    method: str | None,
    outcomes: list[str] | None,
    years: tuple[int, int] | None,
    top: float,
    where: Sequence[str],
    *,
    allow_code: bool,
    quiet: bool,
) -> Results:
    """Run what is missing of a sweep and return its results.

    What the analysis would refuse is refused here: before an hour of runs rather than after.
    """
    from ydsim.analysis.sensitivity.methods import conditions_of, method_of
    from ydsim.analysis.sweep_values import require_outcomes
    from ydsim.design.load import load_sweep
    from ydsim.design.points import check_points
    from ydsim.engines.choice import engine_of
    from ydsim.run.api import carry_on, injected_of, run_options_of
    from ydsim.run.progress import show_progress
    from ydsim.run.signals import Stopped
    from ydsim.store.layout import folder_name
    from ydsim.studies.study import require_years

    loaded = load_sweep(what, set_, replicates=replicates, seed=seed, allow_code=allow_code)
    conditions = conditions_of(method_of(loaded.kind, method), top, where)
    if named := dict.fromkeys([*(outcomes or ()), *(one.name for one in conditions)]):
        require_outcomes(list(named))
    moved = any(one.key in ("start", "end", "") for one in loaded.factors)
    if years is not None and not moved:
        require_years(years, loaded.base.start, loaded.base.end)
    check_points(loaded)
    place = folder if folder is not None else Path("results") / folder_name(loaded.name)
    if not quiet:
        tell_capped(jobs)
    options = run_options_of(engine_of(None, jobs), None, "continue", None)
    with show_progress(quiet=quiet) as progress:
        try:
            return carry_on(
                loaded,
                place,
                options,
                progress=progress.report,
                injected=injected_of(None, allow_code=allow_code),
            )
        except KeyboardInterrupt as stopped:
            progress.close()
            say(f"{stopped or 'stopped at once'}: go on with the same command, or: {again(place)}")
            code = stopped.exit_code if isinstance(stopped, Stopped) else 130
            raise typer.Exit(code) from None
