"""``ydsim run``, ``sweep``, ``status``, ``resume``, and what all verbs share that run anything."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from functools import partial
from itertools import count
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from ydsim.cli import options
from ydsim.cli.options import CommonOptions, SweepOptions, argument, jobs_of, option, with_shared
from ydsim.cli.output import print_json, printable, say
from ydsim.errors import ResultsError, UsageError
from ydsim.fmt import counted, duration, number, percent, size
from ydsim.translation import gettext as _t

if TYPE_CHECKING:
    from ydsim.design.sweep import Sweep
    from ydsim.results.results import Results
    from ydsim.run.progress import Report
    from ydsim.run.replicate import RunContext
    from ydsim.scenario.schema.scenario import Scenario
    from ydsim.store.contents import Contents

T = TypeVar("T")


@with_shared()
def run(
    scenario: options.ScenarioName,
    out: options.Output = None,
    replicates: Annotated[int | None, options.replicates("as the scenario says")] = None,
    no_figures: options.NoFigures = False,
    force: options.Force = False,
    *,
    how: CommonOptions,
) -> None:
    """Run a scenario; run the same command again to go on after an interruption."""
    from ydsim.design.load import is_sweep
    from ydsim.run.api import CHUNK, run_scenario, sweep_of_one, with_options
    from ydsim.run.scheduler import RunOptions
    from ydsim.scenario.check import refuse_unknown, remarks
    from ydsim.scenario.load import resolve
    from ydsim.store.contents import OtherRunError
    from ydsim.store.layout import folder_name
    from ydsim.world.loader import load_world

    if is_sweep(scenario):
        message = _t("{name} is a sweep; run it with: {command}")
        raise UsageError(message.format(name=scenario, command=f"ydsim sweep {quote(scenario)}"))
    replicates = how.ensemble if replicates is None else replicates
    changed = with_options(how.overrides, how.seed, replicates)
    found = resolve(scenario, changed, allow_code=how.allow_code)
    resolved = found.scenario
    world = load_world(resolved.world)
    refuse_unknown(resolved, world, found.origins)
    workers = jobs_of(how.jobs, resolved.replicates, resolved.scale)
    for remark in () if how.quiet else remarks(resolved, world):
        say(_t("note: {text}").format(text=remark))
    usual = Path("results") / folder_name(resolved.name)
    for folder in [out] if out is not None else _folders(usual):
        if (force or how.dry_run) and out is None and _holds_another(folder, resolved):
            continue
        if how.dry_run:
            say_cost(sweep_of_one(resolved), folder, workers, CHUNK, as_json=how.as_json)
            return
        try:
            results, ran = run_through(
                lambda progress, folder=folder: run_scenario(
                    resolved, folder, RunOptions(jobs=workers, progress=progress), force=force
                ),
                folder,
                how,
            )
        except OtherRunError:
            if out is not None:
                raise
        else:
            show_results(how, results, folder, ran=ran, figures=not no_figures)
            return


def _folders(usual: Path) -> Iterator[Path]:
    """Yield the folders of earlier runs of a name (NAME, NAME-2, ...), then the next free one."""
    from ydsim.store.manifest import NAME

    ending = re.compile(rf"{re.escape(usual.name)}(?:-([1-9][0-9]*))?")
    there = {}
    for path in usual.parent.iterdir() if usual.parent.is_dir() else ():
        found = ending.fullmatch(path.name)
        if found and found[1] != "1" and (path / NAME).exists():
            there[int(found[1] or 1)] = path
    yield from (there[n] for n in sorted(there))
    free = next(n for n in count(1) if n not in there)
    yield usual if free == 1 else usual.with_name(f"{usual.name}-{free}")


def _holds_another(folder: Path, scenario: Scenario) -> bool:
    """Tell whether a folder holds sound results of another scenario."""
    from ydsim.scenario.load import hash_of_plain, plain_scenario
    from ydsim.store.manifest import read_manifest

    try:
        there = read_manifest(folder)["scenario"]
    except ResultsError:  # nothing, or something damaged
        return False
    hashes = {hash_of_plain({**s, "replicates": 1}) for s in (there, plain_scenario(scenario))}
    return len(hashes) > 1


@with_shared()
def sweep(
    what: Annotated[
        str,
        argument("SWEEP", "A sweep file, a shipped sweep, or with --vary a scenario."),
    ],
    out: options.Output = None,
    vary: Annotated[
        list[str] | None,
        options.vary("FROM:TO:STEPS, FROM:TO:STEPS:log, or a,b,c; repeated, they make a grid."),
    ] = None,
    replicates: Annotated[int | None, options.replicates("as the sweep says")] = None,
    max_runs: Annotated[int, option("--max-runs N", "Refuse more runs.", min=1)] = 100_000,
    chunk: Annotated[int | None, option("--chunk N", "Runs a file [20 s of work].", min=1)] = None,
    force: options.Force = False,
    *,
    how: SweepOptions,
) -> None:
    """Run a sweep; the same command, or `ydsim resume`, goes on after an interruption."""
    from ydsim.design.load import load_sweep
    from ydsim.run.api import carry_on
    from ydsim.run.replicate import context_of
    from ydsim.run.scheduler import RunOptions
    from ydsim.store.layout import folder_name

    jobs = 1 if how.jobs is None else how.jobs
    RunOptions(jobs=jobs, **how.chosen())  # refused before points are
    loaded = how.of(load_sweep, what, replicates=replicates, vary=vary or (), max_runs=max_runs)
    workers = jobs_of(how.jobs, runs_of(loaded), loaded.base.scale, how.engine)
    for remark in () if how.quiet else loaded.notes:
        say(_t("note: {text}").format(text=remark))
    folder = out if out is not None else Path("results") / folder_name(loaded.name)
    if how.dry_run:
        say_cost(loaded, folder, workers, chunk, as_json=how.as_json)
        return
    context = context_of(allow_code=how.allow_code)

    def call(progress: Report) -> Results:
        run_options = RunOptions(jobs=workers, **how.chosen(), progress=progress)
        return carry_on(loaded, folder, run_options, context, force=force, chunk=chunk)

    results, ran = run_through(call, folder, _local(how))
    show_results(how, results, folder, ran=ran, figures=False)


def status(results: options.Folder, as_json: options.AsJson = False) -> None:
    """Show how much of a run or a sweep is done, also while it is running; nothing is written."""
    from ydsim.results.results import status_of

    found = status_of(results)
    if as_json:
        print_json(asdict(found))
    else:
        print("\n".join(map(printable, found.lines())))


@with_shared("set_", "ensemble", "seed")
def resume(
    results: options.Folder,
    world: options.World = None,
    no_figures: options.NoFigures = False,
    *,
    how: SweepOptions,
) -> None:
    """Finish a run or a sweep: run what is missing, try failed runs again, leave the rest."""
    from ydsim.run.api import resume as go_on
    from ydsim.run.replicate import context_of
    from ydsim.run.scheduler import RunOptions
    from ydsim.store.contents import read, require_same_model
    from ydsim.store.layout import find_folder

    folder = find_folder(results)
    contents, manifest = read(folder)
    scale = float(contents.points.base["scale"])
    jobs = jobs_of(how.jobs, len(contents.plan), scale, how.engine)
    if how.dry_run:
        RunOptions(jobs=jobs, **how.chosen())
        require_same_model(folder, manifest)
        context = context_of(world, allow_code=how.allow_code)
        _show_cost(contents, folder, jobs, context, as_json=how.as_json)
        return
    call = partial(go_on, folder, jobs=jobs, world=world, allow_code=how.allow_code, **how.chosen())
    found, ran = run_through(call, folder, _local(how))
    show_results(how, found, folder, ran=ran, figures=not no_figures, force=False)


# -- what all verbs that run anything share -------------------------------------------------------


def runs_of(loaded: Sweep) -> int:
    """Return how many runs a sweep may have."""
    each = loaded.replicates if isinstance(loaded.replicates, int) else loaded.replicates.most
    return loaded.size * each


def _local(how: SweepOptions) -> CommonOptions:
    """Return the options without jobs where a scheduler elsewhere has its own."""
    return how if how.scheduler is None else replace(how, jobs=None)


def run_through(
    call: Callable[..., T], folder: Path, how: CommonOptions, lost: str = ""
) -> tuple[T, bool]:
    """Run with progress; return what was found, and whether anything was left to run.

    After an interruption it says what is kept in the folder, or ``lost``, and exits.
    """
    from ydsim.engines import usable
    from ydsim.run.progress import show_progress

    if not how.quiet and how.jobs is not None and usable(how.jobs) < how.jobs:
        message = _t("{jobs} jobs on {n} processors: {n} run at once")
        say(message.format(jobs=how.jobs, n=usable(how.jobs)))
    try:
        with show_progress(quiet=how.quiet) as progress:
            return call(progress=progress.report), progress.seen
    except KeyboardInterrupt as stopped:
        message = str(stopped) or _t("stopped at once")
        say(f"{message}: {lost or _kept(folder)}")
        raise typer.Exit(getattr(stopped, "exit_code", 130)) from None
    except Exception:
        if progress.seen and (folder / "manifest.json").exists():
            say(_kept(folder))
        raise


def _kept(folder: Path) -> str:
    """Say how many runs are kept in a folder and how to go on."""
    from ydsim.results.results import status_of

    try:
        status = status_of(folder)
    except ResultsError:
        message = _t("no run was finished in {folder}; start again with the same command")
        return message.format(folder=folder)
    message = _t("{n} of {runs} runs are kept in {folder}; go on with: {command}")
    return message.format(n=status.done, runs=status.runs, folder=folder, command=status.again)


def end_of(results: Results, folder: Path) -> None:
    """Say what failed and what is missing, and end with exit code 1 where runs failed."""
    from ydsim.store.contents import how_to_go_on

    failed, total = len(results.failures), len(results.contents.plan)
    if failed:
        message = _t("{n} of {total} runs failed, see {file}; try them again with: {command}")
        file = folder / "failures.jsonl"
        say(message.format(n=failed, total=total, file=file, command=how_to_go_on(folder)))
    if results.left:
        message = _t("{n} of {total} runs are missing; go on with: {command}")
        say(message.format(n=results.left, total=total, command=how_to_go_on(folder)))
    if failed:
        raise typer.Exit(1)


def say_cost(
    loaded: Sweep,
    folder: Path,
    jobs: int,
    chunk: int | None = None,
    times: float = 1,
    *,
    as_json: bool,
) -> None:
    """Say how many points and runs there are, how many are done, and what the rest would cost."""
    from ydsim.run.api import ALLOWED
    from ydsim.run.sweep import prepare

    contents = prepare(loaded, chunk, ALLOWED)
    rule = _t(" (the fewest that its rule asks for)")
    rule = "" if isinstance(loaded.replicates, int) else rule
    _show_cost(contents, folder, jobs, ALLOWED, times, rule, as_json=as_json)


def _show_cost(
    contents: Contents,
    folder: Path,
    jobs: int,
    context: RunContext,
    times: float = 1,
    rule: str = "",
    *,
    as_json: bool,
) -> None:
    """Print what runs would cost."""
    from ydsim.run.api import cost_of

    cost = cost_of(contents, folder, jobs, context, times)
    if as_json:
        print_json(cost)
        return
    once = _t(
        "{share} of all quarters are those of an earlier run, and not simulated again; {burn_in} "
        "are burn-in"
    ).format(share=percent(cost["shared"]), burn_in=percent(cost["burn_in"]))
    lines = [
        _t("{name}: {points}, {runs}{rule} in {parts}, {done} done already").format(
            name=cost["name"],
            points=counted(cost["points"], "point"),
            runs=counted(cost["runs"], "run"),
            rule=rule,
            parts=counted(cost["parts"], "part"),
            done=cost["done"],
        ),
        *([once] if cost["shared"] else ()),
        _t("a test run took {seconds} s; what is missing takes about {time} with {jobs}").format(
            seconds=number(cost["seconds_a_run"], 2),
            time=duration(cost["seconds"]),
            jobs=counted(cost["jobs"], "job"),
        ),
        _t("about {size} in {folder}").format(size=size(cost["bytes"]), folder=cost["folder"]),
    ]
    print("\n".join(lines))


def show_results(
    how: CommonOptions,
    results: Results,
    folder: Path,
    *,
    ran: bool,
    figures: bool,
    force: bool = True,
) -> None:
    """Show what was run, and end with the exit code that is due; tell of ``--force`` or not."""
    from ydsim.record.run_warnings import in_language
    from ydsim.results.summary import as_text, summarise

    drawn: list[Path] = []
    if figures and results.contents.kind == "run":
        drawn = figures_of(results, folder / "figures", redraw=ran, quiet=how.quiet)
    if how.as_json:
        content = {
            "name": results.name,
            "hash": results.manifest["hash"],
            "folder": str(folder),
            "done_already": not ran,
            "complete": results.manifest["complete"],
            "points": len(results.contents.points),
            "replicates": len(results.replicates),
            "runs": len(results.contents.plan),
            "left": results.left,
            "failed": len(results.failures),
            "notes": results.notes,
            **summarise(results),
            "figures": [str(path) for path in drawn],
        }
        print_json(content)
    else:
        notes = [_t("note: {text}").format(text=in_language(note)) for note in results.notes]
        print("\n".join(filter(None, [as_text(results), *notes, *map(str, drawn), str(folder)])))
        if not how.quiet and not ran:
            message = _t("{folder}: already complete; --force runs it again")
            say((message if force else _t("{folder}: already complete")).format(folder=folder))
        if not how.quiet and results.done and results.contents.kind == "run":
            _say_next(how, results, folder)
    end_of(results, folder)


def _say_next(how: CommonOptions, results: Results, folder: Path) -> None:
    """Say two commands that lead on from a run."""
    from ydsim.scenario.read.extend import shipped

    where = quote(str(folder))
    say(_t("next: {command}").format(command=f"ydsim report {where}"))
    other = "fragmented" if results.name == "baseline" else "baseline"
    scenario = results.manifest["scenario"]
    region = scenario["world"] == "yrd" and results.name in shipped()
    plain = region and how.overrides is None and how.seed is None
    compare = f"ydsim compare {results.name} {other}"
    say(_t("next: {command}").format(command=compare if plain else f"ydsim plot {where} --list"))


def figures_of(results: Results, folder: Path, *, redraw: bool, quiet: bool) -> list[Path]:
    """Return the figures in ``folder``, drawn now if anything was run or none are there."""
    from ydsim.store.files import refuse_link

    refuse_link(folder)
    present = sorted(path for path in folder.glob("*.png")) if folder.is_dir() else []
    if not results.done or (present and not redraw):
        return present
    from ydsim.plots.drawing import make_figures

    return list(make_figures(results, folder, note=None if quiet else say))
