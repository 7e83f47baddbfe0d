"""``ydsim run``: run one scenario, keep the results, and show the headline figures."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ydsim.cli.run_options import AllowCode, say, tell_capped

if TYPE_CHECKING:
    from ydsim.results.results import Results
    from ydsim.results.summary import Figure


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
    no_figures: Annotated[bool, typer.Option("--no-figures", help="Do not draw figures.")] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Rename an existing results folder and run again.")
    ] = False,
    allow_code: AllowCode = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object instead of tables.")
    ] = False,
    quiet: Annotated[
        bool, typer.Option("-q", "--quiet", help="No progress and no remarks on stderr.")
    ] = False,
) -> None:
    """Run a scenario; run the same command again to go on after an interruption."""
    from ydsim.design.load import is_sweep
    from ydsim.engines.choice import engine_of
    from ydsim.errors import UsageError
    from ydsim.results.summary import as_text, summarise
    from ydsim.run.experiment import run_experiment
    from ydsim.run.progress import show_progress
    from ydsim.run.signals import Stopped
    from ydsim.run.simulate import with_options
    from ydsim.scenario.check.check_world import refuse_unknown
    from ydsim.scenario.load import resolve
    from ydsim.store.layout import folder_name
    from ydsim.world.loader import load_world

    if is_sweep(scenario):
        raise UsageError(f"{scenario} is a sweep; run it with: ydsim sweep {scenario}")
    found = resolve(scenario, with_options(set_, seed, replicates), allow_code=allow_code)
    resolved = found.scenario
    refuse_unknown(resolved, load_world(resolved.world), found.origins)
    engine = engine_of(None, jobs) if jobs != 1 else None
    if not quiet:
        tell_capped(jobs)
    folder = out if out is not None else Path("results") / folder_name(resolved.name)
    with show_progress(quiet=quiet) as progress:
        try:
            results = run_experiment(
                resolved, folder, force=force, progress=progress.report, engine=engine
            )
        except KeyboardInterrupt as stopped:
            progress.close()
            say(f"{_stopped(stopped)}: {_kept(folder)}; run the same command again to go on")
            code = stopped.exit_code if isinstance(stopped, Stopped) else 130
            raise typer.Exit(code) from None
    figures = (
        [] if no_figures else _figures(results, folder / "figures", anew=progress.seen, quiet=quiet)
    )
    summary = summarise(results)
    failed = len(results.failures)
    if as_json:
        typer.echo(_as_json(results, folder, progress.seen, summary, figures))
    else:
        _show(results, folder, as_text(summary), figures)
    if not quiet and not as_json and not progress.seen:
        say(f"{folder}: done already, nothing to do")
    if failed:
        total = resolved.replicates
        say(f"{failed} of {total} replicates failed: see {folder / 'failures.jsonl'}")
        raise typer.Exit(1)


def _show(results: Results, folder: Path, table: str, figures: list[Path]) -> None:
    if table:
        typer.echo(table)
    for note in results.notes:
        typer.echo(f"note: {note}")
    for path in figures:
        typer.echo(str(path))
    typer.echo(str(folder))


def _as_json(
    results: Results, folder: Path, ran: bool, summary: list[Figure], figures: list[Path]
) -> str:
    manifest = results.manifest
    content = {
        "name": manifest["name"],
        "hash": manifest["hash"],
        "folder": str(folder),
        "done_already": not ran,
        "complete": manifest["complete"],
        "replicates": len(results.replicates),
        "failed": len(results.failures),
        "notes": results.notes,
        "summary": [asdict(figure) for figure in summary],
        "figures": [str(path) for path in figures],
    }
    return json.dumps(content, indent=2, allow_nan=False, ensure_ascii=False)


def _figures(results: Results, folder: Path, *, anew: bool, quiet: bool) -> list[Path]:
    """Return the figures in ``folder``, drawn now if anything was run or none are there."""
    from ydsim.store.files import refuse_link

    refuse_link(folder)
    present = sorted(path for path in folder.glob("*.png")) if folder.is_dir() else []
    if not results.replicates or (present and not anew):
        return present
    from ydsim.plots.figures import make_figures

    return list(make_figures(results, folder, note=None if quiet else say))


def _stopped(stopped: KeyboardInterrupt) -> str:
    return str(stopped) or "stopped at once"


def _kept(folder: Path) -> str:
    """Say how many replicates an interrupted run has kept."""
    from ydsim.errors import ResultsError
    from ydsim.results.opening import open_results

    try:
        results = open_results(folder)
    except ResultsError:
        return f"nothing was finished in {folder}"
    total = results.manifest["replicates"]
    return f"{len(results.replicates)} of {total} replicates are kept in {folder}"
