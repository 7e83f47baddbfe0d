"""``ydsim game``: what provinces gain by opening and closing, all against all."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ydsim.cli.run_options import AllowCode, end_of, run_through

if TYPE_CHECKING:
    from ydsim.results.results import Results
    from ydsim.run.progress import Report


def game(
    scenario: Annotated[
        str, typer.Argument(metavar="[SCENARIO]", help="A shipped scenario, or a YAML file.")
    ] = "baseline",
    first: Annotated[
        int | None,
        typer.Option("--from", help="Year of the decision [governance.start of the scenario]."),
    ] = None,
    horizon: Annotated[
        int, typer.Option("--horizon", min=1, help="Years that count from then on.")
    ] = 10,
    replicates: Annotated[
        int, typer.Option("--replicates", min=1, help="Replicates of every cell.")
    ] = 10,
    scale: Annotated[float, typer.Option("--scale", help="Share of firms simulated.")] = 0.05,
    seed: Annotated[int | None, typer.Option("--seed", min=0, help="Seed of all draws.")] = None,
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Change one key; may be repeated."),
    ] = None,
    jobs: Annotated[
        int | None, typer.Option("--jobs", min=1, help="Processes [one a processor].")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("-o", "--out", metavar="FOLDER", help="Folder [results/NAME-game]."),
    ] = None,
    allow_code: AllowCode = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object instead of the page.")
    ] = False,
) -> None:
    """Play opening and closing: every set of closed provinces is run; go on after a break."""
    from ydsim.scenario.load import load_scenario
    from ydsim.studies import border_game
    from ydsim.studies.study import folder_of, run_sweep

    overrides = [*(set_ or ()), f"scale={scale}"]
    start = first
    if start is None:
        start = load_scenario(scenario, overrides, allow_code=allow_code).governance.start
    sweep = border_game.design(
        scenario,
        overrides,
        years=(start, start + horizon - 1),
        replicates=replicates,
        seed=seed,
        allow_code=allow_code,
    )
    folder = folder_of(sweep) if out is None else out

    def call(report: Report) -> Results:
        return run_sweep(sweep, folder, jobs, progress=report, allow_code=allow_code)

    results, _ = run_through(call, folder, quiet=False)
    study = border_game.read(results)
    files = study.write(folder)
    if as_json:
        content = {**study.as_dict(), "files": [str(path) for path in files]}
        typer.echo(json.dumps(content, indent=2, allow_nan=False, ensure_ascii=False))
    else:
        typer.echo(study.text)
        typer.echo(str(folder))
    end_of(results, folder)
