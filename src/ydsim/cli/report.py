"""``ydsim report``: one page on results, for a policy analyst; nothing is run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ydsim.cli.run_options import QuietOption, say


def report(
    results: Annotated[
        list[str],
        typer.Argument(
            metavar="RESULTS...",
            help="Results folders, or points of sweeps, FOLDER:POINT; the first is the base, and "
            "folders of bottleneck and resonance add a section.",
        ),
    ],
    out: Annotated[
        Path | None,
        typer.Option("-o", "--out", metavar="FILE", help="The page [RESULTS/report.html]."),
    ] = None,
    title: Annotated[
        str | None, typer.Option("--title", help="Title [the finding, or the question].")
    ] = None,
    quiet: QuietOption = False,
) -> None:
    """Write one self-contained page: finding, numbers, figures, who gains, fit, limits."""
    from ydsim import arguments
    from ydsim.report.gather import gather
    from ydsim.report.summary import missing
    from ydsim.report.write import refuse_folder, write

    refuse_folder(out)
    head = "" if title is None else arguments.text("title", title)
    gathered = gather(results)
    if not quiet:
        for line in missing(gathered):
            say(line)
    typer.echo(str(write(gathered, out, head)))
