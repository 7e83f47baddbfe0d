"""``ydsim study NAME``: questions that many runs of a scenario answer, a subcommand each.

Each makes the sweep of its study, runs what the results folder lacks of it, reads the runs, and
writes table, page and figure beside them.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ydsim.cli import options
from ydsim.cli.options import given, jobs_of, names_in
from ydsim.cli.output import print_json
from ydsim.cli.run import end_of, run_through, runs_of, say_cost, tell_capped
from ydsim.errors import UsageError
from ydsim.wording import shorten

if TYPE_CHECKING:
    from ydsim.design.sweep import Sweep
    from ydsim.results.results import Results
    from ydsim.studies.study import Study


def study_bottleneck(
    scenario: options.AnyScenario = "baseline",
    out: Annotated[Path | None, options.output()] = None,
    only: Annotated[
        list[str] | None,
        typer.Option(
            "--only",
            metavar="NAME",
            help="stages, frictions, or a capacity, as in pilot_pace; may be repeated [all].",
        ),
    ] = None,
    step: Annotated[
        float | None,
        typer.Option("--step", metavar="PERCENT", help="By how much each is moved [25]."),
    ] = None,
    outcomes: Annotated[
        list[str] | None, options.outcome("launches, coupling, value_added_secondary")
    ] = None,
    years: Annotated[str | None, options.years("all")] = None,
    replicates: Annotated[int | None, options.replicates("3")] = None,
    set_: options.Set = None,
    seed: options.Seed = None,
    jobs: options.Jobs = None,
    dry_run: options.DryRun = False,
    allow_code: options.AllowCode = False,
    as_json: options.AsJson = False,
    quiet: options.Quiet = False,
) -> None:
    """Move each stage's capacity and each friction alone: what holds the chain back most."""
    from ydsim.studies import bottleneck as study
    from ydsim.studies.study import require_asked

    sweep = study.design(
        scenario,
        set_,
        seed=seed,
        allow_code=allow_code,
        **given(only=only, step=step, replicates=replicates),
    )
    asked: dict[str, Any] = {"outcomes": names_in(outcomes), "years": years}
    require_asked(sweep, **asked)
    carry_out(
        sweep, lambda results: study.read(results, **asked), out, jobs,
        dry_run=dry_run, allow_code=allow_code, as_json=as_json, quiet=quiet,
    )  # fmt: skip


def study_interactions(
    scenario: options.AnyScenario = "six_actor_community",
    out: Annotated[Path | None, options.output()] = None,
    group: Annotated[
        list[str] | None,
        typer.Option(
            "--group",
            metavar="NAME=POLICIES",
            help="A group of policies, as in money=rd_grants,joint_rd_fund; repeated "
            "[the six groups of actors].",
        ),
    ] = None,
    half: Annotated[
        bool, typer.Option("--half", help="Run half of the combinations; see docs/resonance.md.")
    ] = False,
    outcomes: Annotated[
        list[str] | None, options.outcome("launches, joint inventions and more")
    ] = None,
    years: Annotated[
        str | None, options.years("from the start of the first policy of a group on")
    ] = None,
    replicates: Annotated[int | None, options.replicates("3")] = None,
    set_: options.Set = None,
    seed: options.Seed = None,
    jobs: options.Jobs = None,
    dry_run: options.DryRun = False,
    allow_code: options.AllowCode = False,
    as_json: options.AsJson = False,
    quiet: options.Quiet = False,
) -> None:
    """Switch groups of policies on and off in all combinations: what they do alone and together."""
    from ydsim.studies import interactions as study
    from ydsim.studies.study import require_asked

    sweep = study.design(
        scenario,
        set_,
        groups=_groups(group) if group else None,
        half=half,
        seed=seed,
        allow_code=allow_code,
        **given(replicates=replicates),
    )
    asked: dict[str, Any] = {"outcomes": names_in(outcomes), "years": years}
    require_asked(sweep, **asked)
    carry_out(
        sweep, lambda results: study.read(results, **asked), out, jobs,
        dry_run=dry_run, allow_code=allow_code, as_json=as_json, quiet=quiet,
    )  # fmt: skip


def _groups(texts: list[str]) -> dict[str, list[str]]:
    """Return groups of policies as they were written; refuse other forms, and a name twice."""
    groups: dict[str, list[str]] = {}
    for text in texts:
        name, equals, rest = text.partition("=")
        policies = [word.strip() for word in rest.split(",") if word.strip()]
        if not (name.strip() and equals and policies):
            raise UsageError(
                f"--group {shorten(text)}: expected NAME=POLICY,POLICY, as in money=rd_grants"
            )
        if name.strip() in groups:
            raise UsageError(f"--group {shorten(text)}: {name.strip()!r} is named twice")
        groups[name.strip()] = policies
    return groups


def study_sensitivity(
    what: Annotated[
        str,
        typer.Argument(metavar="SWEEP", help="A results folder, a sweep file, or a shipped sweep."),
    ],
    out: Annotated[
        Path | None, options.output("Folder of table and figures [results/NAME-sensitivity].")
    ] = None,
    runs: Annotated[
        Path | None,
        typer.Option("--results", metavar="FOLDER", help="Where runs are kept [results/NAME]."),
    ] = None,
    method: Annotated[
        str | None,
        typer.Option("--method", help="morris, sobol, tornado or discovery [as the design asks]."),
    ] = None,
    top: Annotated[
        float | None,
        typer.Option("--top", help="Share of points of interest, for scenario discovery [0.25]."),
    ] = None,
    where: Annotated[
        list[str] | None,
        typer.Option("--where", metavar="'NAME>NUMBER'", help="Points of interest instead."),
    ] = None,
    outcomes: Annotated[list[str] | None, options.outcome("launches")] = None,
    years: Annotated[str | None, options.years("the last year")] = None,
    replicates: Annotated[int | None, options.replicates("as the sweep says")] = None,
    set_: options.Set = None,
    seed: options.Seed = None,
    jobs: options.Jobs = None,
    dry_run: options.DryRun = False,
    allow_code: options.AllowCode = False,
    as_json: options.AsJson = False,
    quiet: options.Quiet = False,
) -> None:
    """Rank what moves an outcome; a sweep file is run first, as far as its runs are missing."""
    from ydsim.results.results import open_results
    from ydsim.store.layout import folder_name
    from ydsim.studies import sensitivity as study

    asked = given(outcomes=names_in(outcomes), method=method, years=years, top=top, where=where)
    of_runs = given(replicates=replicates, seed=seed)

    def place(name: str) -> Path:
        return out or Path("results") / f"{folder_name(name)}-sensitivity"

    folder = _folder_of(what)
    if folder is None:
        sweep = study.design(what, set_, allow_code=allow_code, **asked, **of_runs)
        carry_out(
            sweep, lambda results: study.read(results, **asked), runs, jobs,
            dry_run=dry_run, allow_code=allow_code, as_json=as_json, quiet=quiet,
            files=place(sweep.name),
        )  # fmt: skip
        return
    for name in given(set=set_, results=runs, **of_runs):
        raise UsageError(f"--{name}: {what} is a results folder, which stays as it is")
    opened = open_results(folder)
    show(study.read(opened, **asked), opened, place(opened.name), as_json=as_json)


def _folder_of(what: str) -> Path | None:
    """Return the results folder that is meant; None for a sweep that is to be run."""
    from ydsim.design.load import is_sweep
    from ydsim.store.layout import find_folder

    folder = Path(what)
    if folder.is_dir():
        return folder
    if folder.is_file() or is_sweep(what):
        return None
    found = find_folder(what)
    return found if found.is_dir() else None


class SamplerName(StrEnum):
    """What proposes trials."""

    tpe = "tpe"
    nsga2 = "nsga2"


def study_optimise(
    scenario: options.ScenarioName,
    vary: Annotated[
        list[str] | None,
        options.vary("What may change: FROM:TO, FROM:TO:log or a,b,c; may be repeated."),
    ] = None,
    out: Annotated[Path | None, options.output("Results folder [results/NAME-optimise].")] = None,
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
        int | None,
        typer.Option("--trials", min=2, metavar="N", help="Settings that are tried [40]."),
    ] = None,
    draws: Annotated[
        int | None,
        typer.Option(
            "--draw-inputs",
            min=0,
            metavar="N",
            help="Draws of uncertain inputs under which a trial is judged [0].",
        ),
    ] = None,
    inputs: Annotated[
        str | None,
        typer.Option(
            "--inputs",
            metavar="SWEEP",
            help="Sweep whose ranges they are drawn of [uncertain_parameters].",
        ),
    ] = None,
    risk: Annotated[
        float | None,
        typer.Option("--risk", min=0.0, help="Standard deviations that count against [1]."),
    ] = None,
    quantile: Annotated[
        float | None,
        typer.Option("--quantile", help="Judge by this quantile from the bad end instead."),
    ] = None,
    sampler: Annotated[
        SamplerName | None,
        typer.Option("--sampler", help="tpe for tens of trials, nsga2 for hundreds [tpe]."),
    ] = None,
    batch: Annotated[
        int | None,
        typer.Option("--batch", min=1, metavar="N", help="Trials that are asked for at once [8]."),
    ] = None,
    replicates: Annotated[int | None, options.replicates("4")] = None,
    set_: options.Set = None,
    seed: options.Seed = None,
    jobs: options.Jobs = None,
    allow_code: options.AllowCode = False,
    as_json: options.AsJson = False,
    quiet: options.Quiet = False,
) -> None:
    """Search policies over several objectives; the same command goes on after a break."""
    from ydsim.results.results import open_results
    from ydsim.studies import optimise as study
    from ydsim.studies.study import extra, folder_of

    extra("optuna", "Optuna", "a search of policies")
    aims = [name.strip() for name in objectives.split(",")] if objectives else None
    search = study.design(
        scenario,
        set_,
        vary=vary or (),
        seed=seed,
        allow_code=allow_code,
        **given(
            objectives=aims, replicates=replicates, draws=draws, inputs=inputs, risk=risk,
            quantile=quantile, sampler=sampler and sampler.value, batch=batch,
        ),
    )  # fmt: skip
    folder = folder_of(search.points([])) if out is None else out
    tell_capped(jobs, quiet=quiet)
    found, _ = run_through(
        lambda report: study.run_search(
            search,
            out=folder,
            jobs=jobs_of(jobs),
            allow_code=allow_code,
            progress=report,
            **given(trials=trials),
        ),
        folder,
        quiet=quiet,
        lost=f"finished runs are kept in {folder}; the same command goes on",
    )
    show(found, open_results(folder), folder, as_json=as_json)


def study_border_game(
    scenario: options.AnyScenario = "baseline",
    out: Annotated[Path | None, options.output("Results folder [results/NAME-game].")] = None,
    years: Annotated[
        str | None, options.years("ten years from governance.start of the scenario on")
    ] = None,
    replicates: Annotated[int | None, options.replicates("10")] = None,
    set_: options.Set = None,
    seed: options.Seed = None,
    jobs: options.Jobs = None,
    dry_run: options.DryRun = False,
    allow_code: options.AllowCode = False,
    as_json: options.AsJson = False,
    quiet: options.Quiet = False,
) -> None:
    """Play opening and closing of provinces: every set of closed ones is run.

    Borders close in the first of the years, and runs end with the last.
    """
    from ydsim.studies import border_game as study

    sweep = study.design(
        scenario,
        set_,
        years=years,
        seed=seed,
        allow_code=allow_code,
        **given(replicates=replicates),
    )
    carry_out(
        sweep, study.read, out, jobs,
        dry_run=dry_run, allow_code=allow_code, as_json=as_json, quiet=quiet,
    )  # fmt: skip


def study_literature(
    scenario: options.AnyScenario = "membership_replay",
    out: Annotated[Path | None, options.output()] = None,
    page: Annotated[
        bool, typer.Option("--page", help="Print the whole page, as in docs/effects.md.")
    ] = False,
    replicates: Annotated[int | None, options.replicates("20")] = None,
    set_: options.Set = None,
    seed: options.Seed = None,
    jobs: options.Jobs = None,
    dry_run: options.DryRun = False,
    allow_code: options.AllowCode = False,
    as_json: options.AsJson = False,
    quiet: options.Quiet = False,
) -> None:
    """Simulate randomised shocks and compare estimated effects with published ones."""
    from ydsim.studies import literature as study

    if page and (as_json or dry_run):
        raise UsageError("--page prints a page: leave out --json and --dry-run")
    sweep = study.design(
        scenario, set_, seed=seed, allow_code=allow_code, **given(replicates=replicates)
    )
    carry_out(
        sweep, study.read, out, jobs, page=page,
        dry_run=dry_run, allow_code=allow_code, as_json=as_json, quiet=quiet,
    )  # fmt: skip


# -- what all studies share ------------------------------------------------------------------------


def carry_out(
    sweep: Sweep,
    read: Callable[[Results], Study],
    out: Path | None,
    jobs: int | None,
    *,
    dry_run: bool,
    allow_code: bool,
    as_json: bool,
    quiet: bool,
    files: Path | None = None,
    page: bool = False,
) -> None:
    """Run what a folder lacks of a sweep, read it, and show what was found.

    Parameters
    ----------
    read
        Makes the study of finished runs.
    out
        The results folder; by default the usual one of the sweep.
    files
        Where table, page and figure go; by default into the results folder.
    page
        Print the page and nothing else.
    """
    from ydsim.studies.study import folder_of, run_sweep

    folder = folder_of(sweep) if out is None else out
    workers = jobs_of(jobs, runs_of(sweep), sweep.base.scale)
    tell_capped(jobs, quiet=quiet)
    if dry_run:
        say_cost(sweep, folder, workers, as_json=as_json)
        return
    results, _ = run_through(
        lambda report: run_sweep(sweep, folder, workers, progress=report, allow_code=allow_code),
        folder,
        quiet=quiet,
    )
    show(read(results), results, files or folder, as_json=as_json, page=page)
    end_of(results, folder)


def show(
    study: Study, results: Results, folder: Path, *, as_json: bool, page: bool = False
) -> None:
    """Write the files of a study into a folder, and print what was found and their paths."""
    files = [str(path) for path in study.write(folder)]
    if as_json:
        content: dict[str, Any] = study.as_dict()
        print_json({**content, "failed": len(results.failures), "files": files})
    elif page:
        print(study.page, end="")
    else:
        print("\n".join([study.text.rstrip("\n"), "", *files]))
