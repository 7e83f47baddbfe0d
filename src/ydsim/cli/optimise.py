"""``ydsim optimise``: policies that are the best compromises between objectives."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from ydsim.cli.run_options import AllowCode, Jobs, QuietOption, say, tell_capped


class SamplerChoice(StrEnum):
    """What proposes trials."""

    tpe = "tpe"
    nsga2 = "nsga2"


def optimise(
    scenario: Annotated[
        str, typer.Argument(metavar="NAME_OR_PATH", help="A shipped scenario, or a YAML file.")
    ],
    vary: Annotated[
        list[str] | None,
        typer.Option(
            "--vary",
            metavar="KEY=FROM:TO",
            help="What may change: FROM:TO, FROM:TO:log or a,b,c; may be repeated.",
        ),
    ] = None,
    objectives: Annotated[
        str | None,
        typer.Option(
            "--objectives",
            metavar="A,B,...",
            help="Of launches, inventions, coupling, balance, balance_output, public_cost "
            "[launches,balance,public_cost].",
        ),
    ] = None,
    trials: Annotated[
        int, typer.Option("--trials", min=2, max=100_000, help="Settings that are tried.")
    ] = 40,
    replicates: Annotated[
        int, typer.Option("--replicates", min=1, max=10_000, help="Replicates of every trial.")
    ] = 4,
    draws: Annotated[
        int,
        typer.Option(
            "--draw-inputs",
            min=0,
            max=10_000,
            metavar="N",
            help="Draws of uncertain inputs under which a trial is judged.",
        ),
    ] = 0,
    inputs: Annotated[
        str, typer.Option("--inputs", metavar="SWEEP", help="Sweep whose ranges they are drawn of.")
    ] = "uncertain_parameters",
    risk: Annotated[
        float, typer.Option("--risk", min=0.0, help="Standard deviations that count against.")
    ] = 1.0,
    quantile: Annotated[
        float | None,
        typer.Option("--quantile", help="Judge by this quantile from the bad end instead."),
    ] = None,
    sampler: Annotated[
        SamplerChoice, typer.Option("--sampler", help="tpe for tens of trials, nsga2 for hundreds.")
    ] = SamplerChoice.tpe,
    batch: Annotated[
        int, typer.Option("--batch", min=1, max=10_000, help="Trials that are asked for at once.")
    ] = 8,
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Change one key of the scenario."),
    ] = None,
    seed: Annotated[int | None, typer.Option("--seed", min=0, help="Seed of all draws.")] = None,
    jobs: Jobs = 1,
    out: Annotated[
        Path | None,
        typer.Option("-o", "--out", metavar="FOLDER", help="Folder [results/NAME-optimise]."),
    ] = None,
    allow_code: AllowCode = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object instead of the page.")
    ] = False,
    quiet: QuietOption = False,
) -> None:
    """Search policies over several objectives; the same command goes on after a break."""
    from ydsim.engines.choice import usable
    from ydsim.run.progress import show_progress
    from ydsim.studies import optimise as study
    from ydsim.studies.search import USUAL
    from ydsim.studies.study import extra, folder_of

    extra("optuna", "Optuna", "a search of policies")
    search = study.design(
        scenario,
        set_,
        vary=vary or (),
        objectives=[n.strip() for n in objectives.split(",")] if objectives else USUAL,
        replicates=replicates,
        draws=draws,
        inputs=inputs,
        risk=risk,
        quantile=quantile,
        sampler=sampler.value,
        batch=batch,
        seed=seed,
        allow_code=allow_code,
    )
    folder = folder_of(search.points([])) if out is None else out
    if not quiet:
        tell_capped(jobs)
    with show_progress(quiet=quiet) as progress:
        try:
            found = study.run_search(
                search,
                trials=trials,
                out=folder,
                jobs=usable(jobs),
                allow_code=allow_code,
                progress=progress.report,
            )
        except KeyboardInterrupt:
            progress.close()
            say(f"stopped: finished runs are kept in {folder}; run the same command again to go on")
            raise typer.Exit(130) from None
    files = found.write(folder)
    if as_json:
        content = {**found.as_dict(), "failed": 0, "files": [str(path) for path in files]}
        typer.echo(json.dumps(content, indent=2, allow_nan=False, ensure_ascii=False))
        return
    typer.echo(found.page)
    for path in files:
        typer.echo(str(path))
