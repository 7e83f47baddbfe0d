"""What the verbs share that run a sweep for one analysis and show it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

import typer

from ydsim.cli.run_options import end_of, run_through, tell_capped

if TYPE_CHECKING:
    from ydsim.design.sweep import Sweep
    from ydsim.pages.shown import Shown
    from ydsim.results.results import Results
    from ydsim.run.progress import Report
    from ydsim.studies.study import Study

Outcomes: TypeAlias = Annotated[
    list[str] | None,
    typer.Option("--outcome", metavar="NAME", help="Indicator of the region; may be repeated."),
]
SetOption: TypeAlias = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Change one key at every point."),
]
SeedOption: TypeAlias = Annotated[
    int | None, typer.Option("--seed", min=0, help="Seed of all draws.")
]
AllJobs: TypeAlias = Annotated[
    int | None, typer.Option("--jobs", min=1, help="Processes [one a processor].")
]
DryRun: TypeAlias = Annotated[
    bool, typer.Option("--dry-run", help="Say what it would take; nothing is written.")
]
StudyFolder: TypeAlias = Annotated[
    Path | None,
    typer.Option("-o", "--out", metavar="FOLDER", help="Results folder [results/NAME]."),
]


def carry_out_study(
    sweep: Sweep,
    show: Callable[[Results], Shown | Study],
    stem: str,
    out: Path | None,
    jobs: int | None,
    *,
    dry_run: bool,
    allow_code: bool,
    as_json: bool,
    quiet: bool,
    page: bool = False,
) -> None:
    """Run what the folder lacks, analyse it, write table, page and figure, and say what was found.

    Parameters
    ----------
    show
        Makes the analysis of the results.
    stem
        Name of its files in the folder, without an ending.
    page
        Print the page and nothing else.
    """
    from ydsim.analysis.study import run_study, study_folder
    from ydsim.cli.run import say_cost
    from ydsim.engines.choice import processors
    from ydsim.studies.study import Study

    number = processors() if jobs is None else jobs
    folder = study_folder(sweep) if out is None else out
    if not quiet:
        tell_capped(number)
    if dry_run:
        say_cost(sweep, folder, number, None, as_json=as_json)
        return

    def call(report: Report) -> Results:
        return run_study(sweep, folder, number, progress=report, allow_code=allow_code)

    results, _ = run_through(call, folder, quiet=quiet)
    shown = show(results)
    files = shown.write(folder) if isinstance(shown, Study) else shown.write(folder, stem)
    if as_json:
        typer.echo(json.dumps(_content(shown, results, folder, files), indent=2,
                              allow_nan=False, ensure_ascii=False))  # fmt: skip
    elif page:
        typer.echo(shown.page, nl=False)
    else:
        typer.echo(shown.text)
        typer.echo()
        for path in files:
            typer.echo(str(path))
    end_of(results, folder)


def _content(
    shown: Shown | Study, results: Results, folder: Path, files: list[Path]
) -> dict[str, Any]:
    """Return what ``--json`` prints; a value that is undefined is null."""
    from ydsim.studies.study import Study

    if isinstance(shown, Study):
        failed = len(results.failures)
        return {**shown.as_dict(), "failed": failed, "files": [str(path) for path in files]}
    rows = shown.table.astype(object).where(shown.table.notna(), None)
    return {
        "name": results.name,
        "folder": str(folder),
        "made_by": shown.made_by,
        "replicates": len(results.replicates),
        "failed": len(results.failures),
        "paragraph": shown.paragraph,
        "table": rows.to_dict(orient="records"),
        "files": [str(path) for path in files],
    }
