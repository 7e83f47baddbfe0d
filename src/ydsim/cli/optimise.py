"""``ydsim optimise``: policies that are the best compromises between objectives."""

from __future__ import annotations

import json
import math
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
    from ydsim.analysis.extras import extra
    from ydsim.analysis.optimise.objectives import USUAL, objectives_of
    from ydsim.analysis.optimise.output import as_data, as_markdown, write_study
    from ydsim.analysis.optimise.search import Risk
    from ydsim.analysis.optimise.space import read_space
    from ydsim.analysis.optimise.study import run_study
    from ydsim.engines.choice import usable
    from ydsim.errors import UsageError
    from ydsim.plots.pareto import write_pareto
    from ydsim.store.layout import folder_name

    if quantile is not None and not 0.0 <= quantile <= 0.5:
        raise UsageError(f"--quantile {quantile:g}: expected 0 (the worst case) to 0.5")
    if not math.isfinite(risk):
        raise UsageError(f"--risk {risk:g}: expected a number of standard deviations, 0 or more")
    aims = objectives_of([n.strip() for n in objectives.split(",")] if objectives else list(USUAL))
    extra("optuna", "Optuna", "a search of policies")
    space = read_space(
        scenario,
        vary or (),
        set_,
        seed=seed,
        draws=draws,
        inputs=inputs,
        allow_code=allow_code,
    )
    name = folder_name(space.sweep.base.name)
    folder = out if out is not None else Path("results") / f"{name}-optimise"
    if not quiet:
        tell_capped(jobs)
    try:
        study = run_study(
            space,
            aims,
            folder,
            trials=trials,
            replicates=replicates,
            batch=batch,
            sampler=sampler.value,
            risk=Risk(risk, quantile),
            jobs=usable(jobs),
            allow_code=allow_code,
            quiet=quiet,
        )
    except KeyboardInterrupt:
        say(f"stopped: finished runs are kept in {folder}; run the same command again to go on")
        raise typer.Exit(130) from None
    files = [*write_study(study, folder), *write_pareto(study, folder)]
    if as_json:
        content = {**as_data(study), "folder": str(folder)}
        typer.echo(json.dumps(content, indent=2, allow_nan=False, ensure_ascii=False))
        return
    typer.echo(as_markdown(study))
    for path in files:
        typer.echo(str(path))
