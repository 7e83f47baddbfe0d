"""``ydsim verify``: whether every file of a results folder is what was written."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ydsim.cli.errors import printable
from ydsim.cli.run_options import AllowCode, AsJson, WorldOption
from ydsim.fmt import counted

if TYPE_CHECKING:
    from ydsim.run.tasks import Injected

_DAMAGED = 5


def verify(
    results: Annotated[
        str, typer.Argument(metavar="RESULTS", help="A results folder, or its name in results/.")
    ],
    recompute: Annotated[
        int,
        typer.Option("--recompute", min=0, metavar="N", help="Run N runs again and compare."),
    ] = 0,
    world: WorldOption = None,
    allow_code: AllowCode = False,
    as_json: AsJson = False,
) -> None:
    """Check every file against its SHA-256; with --recompute also some numbers."""
    from ydsim.results.opening import verify as problems_of
    from ydsim.results.status import status_of
    from ydsim.run.api import injected_of

    problems = [printable(line) for line in problems_of(results)]
    again: list[dict[str, Any]] = []
    if recompute and not problems:
        again = _recompute(results, recompute, injected_of(world, allow_code=allow_code))
        problems = [
            f"run {each['run']}: is not what it computes: {', '.join(each['differs'])}"
            + (
                f"; fitted data have changed ({', '.join(each['refitted'])})"
                * bool(each["refitted"])
            )
            for each in again
            if each["differs"]
        ]
    if as_json:
        unfinished = "" if problems else status_of(results).unfinished
        content = {
            "ok": not problems, "problems": problems, "unfinished": unfinished, "recomputed": again
        }  # fmt: skip
        typer.echo(json.dumps(content, indent=2, ensure_ascii=False))
    for line in problems if not as_json else ():
        print(f"error: {line}", file=sys.stderr)
    if problems:
        raise typer.Exit(_DAMAGED)
    if not as_json:
        found = status_of(results)
        words = ["ok"] if found.unfinished else ["ok", counted(found.done, "run")]
        words += [f"{counted(len(again), 'run')} computed again and equal"] if again else []
        words += [found.unfinished] if found.unfinished else []
        typer.echo(printable(f"{found.folder}: {', '.join(words)}"))


def _recompute(results: str, most: int, injected: Injected) -> list[dict[str, Any]]:
    from ydsim.run.replay import recompute

    return [
        {"run": each.run, "differs": list(each.differs or ()), "refitted": list(each.refitted)}
        for each in recompute(results, most, injected)
    ]
