"""What the verbs that run share: their options, and what they say at the end."""

from __future__ import annotations

import json
import re
import shlex
import sys
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

import typer

from ydsim.cli.errors import printable
from ydsim.errors import UsageError

if TYPE_CHECKING:
    from ydsim.results.results import Results
    from ydsim.run.progress import Report


class EngineChoice(StrEnum):
    """Where runs are computed."""

    process = "process"
    pool = "pool"
    dask = "dask"


class OnError(StrEnum):
    """What a failed run means for the others."""

    go_on = "continue"
    stop = "stop"


Jobs: TypeAlias = Annotated[
    int, typer.Option("--jobs", help="Processes on this machine, at most one a processor.")
]
EngineOption: TypeAlias = Annotated[
    EngineChoice | None,
    typer.Option("--engine", help="Where runs are computed [a pool when --jobs exceeds 1]."),
]
Scheduler: TypeAlias = Annotated[
    str | None,
    typer.Option("--scheduler", metavar="ADDRESS", help="A Dask scheduler, tls://HOST:PORT."),
]
Shard: TypeAlias = Annotated[
    str | None,
    typer.Option("--shard", metavar="I/N", help="Do the I-th of N shares, for job arrays."),
]
Timeout: TypeAlias = Annotated[
    float | None,
    typer.Option("--timeout-per-run", metavar="SECONDS", help="A run fails that takes longer."),
]
OnErrorOption: TypeAlias = Annotated[
    OnError, typer.Option("--on-error", help="Whether a failed run ends the sweep.")
]
MaxFailures: TypeAlias = Annotated[
    int | None,
    typer.Option("--max-failures", metavar="N", help="End when more than N runs have failed."),
]
WorldOption: TypeAlias = Annotated[
    str | None,
    typer.Option("--world", metavar="FOLDER", help="Where a world of your own is now."),
]
AllowCode: TypeAlias = Annotated[
    bool,
    typer.Option("--allow-code", help="Import policies that no installed package offers."),
]
NoFigures: TypeAlias = Annotated[
    bool, typer.Option("--no-figures", help="Do not draw the figures of a run.")
]
AsJson: TypeAlias = Annotated[
    bool, typer.Option("--json", help="Print one JSON object instead of text.")
]
QuietOption: TypeAlias = Annotated[
    bool, typer.Option("-q", "--quiet", help="No progress and no remarks on stderr.")
]


def tell_capped(jobs: int) -> None:
    """Say so where there are fewer processors than jobs."""
    from ydsim.engines.choice import usable

    if usable(jobs) < jobs:
        say(f"{jobs} jobs on {usable(jobs)} processors: {usable(jobs)} at once")


def parse_shard(text: str | None) -> tuple[int, int] | None:
    """Return ``I/N`` as numbers.

    Raises
    ------
    UsageError
        When it is something else.
    """
    if text is None:
        return None
    if not re.fullmatch(r"[0-9]{1,9}/[0-9]{1,9}", text):
        raise UsageError(f"--shard {text}: expected I/N, as in 2/8")
    i, n = text.split("/")
    return int(i), int(n)


def carry_out(
    call: Callable[[Report], Results],
    folder: Path,
    *,
    quiet: bool,
    as_json: bool,
    figures: bool = True,
) -> None:
    """Run or finish a run or a sweep, show it, and end with the exit code that is due."""
    results, ran = run_through(call, folder, quiet=quiet)
    drawn: list[Path] = []
    if figures and results.contents.kind == "run":
        drawn = _figures(results, folder / "figures", redraw=ran, quiet=quiet)
    _show(results, folder, drawn, ran=ran, quiet=quiet, as_json=as_json)
    end_of(results, folder)


def run_through(
    call: Callable[[Report], Results], folder: Path, *, quiet: bool
) -> tuple[Results, bool]:
    """Run or finish with progress; return the results and whether anything was left to run.

    Raises
    ------
    typer.Exit
        After a signal; what is kept, and how to go on, is said.
    """
    from ydsim.run.progress import show_progress
    from ydsim.run.signals import Stopped

    with show_progress(quiet=quiet) as progress:
        try:
            return call(progress.report), progress.seen
        except KeyboardInterrupt as stopped:
            progress.close()
            how = str(stopped) or "stopped at once"
            say(f"{how}: {_kept(folder)}; go on with: {again(folder)}")
            code = stopped.exit_code if isinstance(stopped, Stopped) else 130
            raise typer.Exit(code) from None
        except Exception:
            progress.close()
            if (folder / "manifest.json").exists() and progress.seen:
                say(f"{_kept(folder)}; go on with: {again(folder)}")
            raise


def end_of(results: Results, folder: Path) -> None:
    """Say what failed and what is to go, and end with exit code 1 where runs failed."""
    failed, total = len(results.failures), len(results.contents.plan)
    if failed:
        where = f"see {folder / 'failures.jsonl'}; try them again with: {again(folder)}"
        say(f"{failed} of {total} runs failed: {where}")
    if results.left:
        say(f"{results.left} of {total} runs are to go: {again(folder)}")
    if failed:
        raise typer.Exit(1)


def again(folder: Path) -> str:
    """Return the command that goes on with a run or a sweep."""
    return f"ydsim resume {shlex.quote(str(folder))}"


def say(message: str) -> None:
    """Print one line on stderr; a terminal that is gone is no reason to fail."""
    try:
        print(printable(message), file=sys.stderr, flush=True)
    except OSError:
        return


def _figures(results: Results, folder: Path, *, redraw: bool, quiet: bool) -> list[Path]:
    """Return the figures in ``folder``, drawn now if anything was run or none are there."""
    from ydsim.store.files import refuse_link

    refuse_link(folder)
    present = sorted(path for path in folder.glob("*.png")) if folder.is_dir() else []
    if not results.done or (present and not redraw):
        return present
    from ydsim.plots.figures import make_figures

    return list(make_figures(results, folder, note=None if quiet else say))


def _show(
    results: Results,
    folder: Path,
    figures: list[Path],
    *,
    ran: bool,
    quiet: bool,
    as_json: bool,
) -> None:
    from ydsim.results.summary import as_text, money, summarise

    if as_json:
        content: dict[str, Any] = {
            "name": results.name,
            "hash": results.manifest["hash"],
            "folder": str(folder),
            "done_already": not ran,
            "complete": results.manifest["complete"],
            "points": len(results.contents.points),
            "replicates": len(results.replicates),
            "runs": len(results.contents.plan),
            "left": results.left,
            "failed": len(results.failures),
            "notes": results.notes,
            "summary": summarise(results),
            "money": money(results),
            "figures": [str(path) for path in figures],
        }
        typer.echo(json.dumps(content, indent=2, allow_nan=False, ensure_ascii=False))
        return
    if text := as_text(results):
        typer.echo(text)
    for note in results.notes:
        typer.echo(f"note: {note}")
    for path in figures:
        typer.echo(str(path))
    typer.echo(str(folder))
    if not quiet and not ran:
        say(f"{folder}: done already, nothing to do")


def _kept(folder: Path) -> str:
    from ydsim.errors import ResultsError
    from ydsim.results.status import status_of

    try:
        status = status_of(folder)
    except ResultsError:
        return f"nothing was finished in {folder}"
    return f"{status.done} of {status.runs} runs are kept in {folder}"
