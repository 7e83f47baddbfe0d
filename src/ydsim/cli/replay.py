"""``ydsim replay``: run one run of a results folder again."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from ydsim.cli.errors import printable
from ydsim.cli.run_options import AllowCode, AsJson, WorldOption

if TYPE_CHECKING:
    from ydsim.run.replay import Replayed
    from ydsim.run.replicate import ReplicateFailedError


def replay(
    folder: Annotated[
        str, typer.Argument(metavar="RESULTS", help="A results folder, or its name in results/.")
    ],
    run: Annotated[
        str | None,
        typer.Option("--run", metavar="ID", help="Name of a run, as in tables and failures."),
    ] = None,
    replicate: Annotated[
        int | None,
        typer.Option("--replicate", metavar="K", min=0, help="Replicate of a single scenario."),
    ] = None,
    world: WorldOption = None,
    allow_code: AllowCode = False,
    as_json: AsJson = False,
) -> None:
    """Run one run again, in memory: compare it with what is stored, or see it fail."""
    from ydsim.run.api import injected_of
    from ydsim.run.replay import replay as again
    from ydsim.run.replicate import ReplicateFailedError

    try:
        injected = injected_of(world, allow_code=allow_code)
        found = again(folder, run, injected, replicate=replicate)
    except ReplicateFailedError as failed:
        _show_failure(run or f"of replicate {replicate}", failed)
        raise typer.Exit(1) from None
    if as_json:
        content = {
            "run": found.run,
            "replicate": found.replicate,
            "points": list(found.points),
            "as_stored": None if found.differs is None else not found.differs,
            "differs": list(found.differs or ()),
            "refitted": list(found.refitted),
            "scenario": found.scenario,
            "outcomes": {k: v if v == v else None for k, v in found.headline().items()},
        }
        typer.echo(json.dumps(content, indent=2, allow_nan=False, ensure_ascii=False))
    else:
        _show(found, folder)
    if found.differs:
        print(f"error: {found.run}: not as stored: {', '.join(found.differs)}", file=sys.stderr)
        raise typer.Exit(5)


def _show(found: Replayed, folder: str) -> None:
    points = ", ".join(map(str, found.points))
    typer.echo(f"run {found.run}: point {points}, replicate {found.replicate}, the last year:")
    for name, value in found.headline().items():
        if value == value:
            typer.echo(f"  {name:<42}{value:>16.8g}")
    for note in found.notes:
        typer.echo(f"note: {note}")
    if found.refitted:
        files = ", ".join(found.refitted)
        typer.echo(f"note: fitted data have changed since then ({files}); what differs may be this")
    if found.differs is None:
        typer.echo(f"not stored in {folder}")
    elif not found.differs:
        typer.echo("every table is as stored")


def _show_failure(run: str, failed: ReplicateFailedError) -> None:
    entry = failed.entry
    for line in entry["traceback"]:
        print(f"  {printable(line)}", file=sys.stderr)
    where = f"in quarter {entry['quarter']}"
    what = printable(f"{entry['exception']}: {entry['message']}")
    print(f"error: run {run} failed {where}: {what}", file=sys.stderr)
