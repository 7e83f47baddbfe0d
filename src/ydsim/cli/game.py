"""``ydsim game``: what provinces gain by opening and closing, all against all."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from ydsim.cli.run_options import AllowCode, say


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
    from ydsim.analysis import game as play
    from ydsim.analysis.paired import run_jobs, version_line
    from ydsim.engines.choice import processors
    from ydsim.pages.game import as_markdown
    from ydsim.plots.gamematrix import draw_game_matrix
    from ydsim.plots.payoffs import draw_payoffs
    from ydsim.plots.render import save_bytes
    from ydsim.results.game import FILE, PAYOFFS, write_game
    from ydsim.scenario.load import load_scenario
    from ydsim.scenario.read.override import parse_assignments
    from ydsim.store.files import make_folder, refuse_irregular, require_own, write_atomic
    from ydsim.store.layout import folder_name

    changes = {**parse_assignments(set_ or ()), "scale": scale}
    if seed is not None:
        changes["seed"] = seed
    setting = play.setting(
        scenario,
        changes,
        first=first,
        horizon=horizon,
        replicates=replicates,
        allow_code=allow_code,
    )
    name = load_scenario(scenario, changes, allow_code=allow_code).name
    folder = out if out is not None else Path("results") / f"{folder_name(name)}-game"
    require_own(folder, "runs.jsonl", "a game")
    make_folder(folder, parents=True)
    for made in ("runs.jsonl", FILE, PAYOFFS, "payoffs.png", "matrix.png"):
        refuse_irregular(folder / made)
    todo = play.jobs(setting)
    keep = folder / "runs.jsonl"
    workers = jobs if jobs is not None else processors()
    try:
        found = run_jobs(play.measure, todo, workers=workers, keep=keep)
    except KeyboardInterrupt:
        say(f"stopped: finished runs are kept in {keep}; run the same command again to go on")
        raise typer.Exit(130) from None
    payoff = play.payoffs(setting, found)
    outcome = play.outcome(setting.provinces, payoff)
    version = version_line(scenario, changes, allow_code=allow_code)
    page = as_markdown(setting, outcome, version)
    write_atomic(folder / "game.md", page.encode("utf-8"))
    played = write_game(folder, payoff, setting.provinces, play.about(setting))
    for file, draw in (("payoffs.png", draw_payoffs), ("matrix.png", draw_game_matrix)):
        write_atomic(folder / file, save_bytes(draw(played), dpi=200))
    if as_json:
        content = {"scenario": name, "folder": str(folder), "version": version,
                   "years": list(setting.years), "replicates": replicates,
                   **play.as_data(outcome)}  # fmt: skip
        typer.echo(json.dumps(content, indent=2, allow_nan=False, ensure_ascii=False))
    else:
        typer.echo(page)
        typer.echo(str(folder))
