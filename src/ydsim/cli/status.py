"""``ydsim status``: how far a results folder is."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated

import typer

from ydsim.cli.errors import printable
from ydsim.cli.run_options import AsJson


def status(
    results: Annotated[
        str, typer.Argument(metavar="RESULTS", help="A results folder, or its name in results/.")
    ],
    as_json: AsJson = False,
) -> None:
    """Say how far a run or a sweep is, also while it is at work; nothing is written."""
    from ydsim.results.status import status_of

    found = status_of(results)
    typer.echo(
        json.dumps(asdict(found), indent=2) if as_json else "\n".join(map(printable, found.lines()))
    )
