"""``ydsim world``: a folder for a region of your own, what is wrong with it, its fit."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ydsim.cli.run_options import AllowCode, QuietOption, say, tell_capped

if TYPE_CHECKING:
    from ydsim.world.checking import Report
    from ydsim.world.fit import WorldFit


class Action(StrEnum):
    """What can be done with a world."""

    new = "new"
    check = "check"
    fit = "fit"


def world(
    action: Annotated[Action, typer.Argument(help="Write a new folder, check or fit one.")],
    folder: Annotated[str, typer.Argument(metavar="FOLDER", help="The folder of the world.")],
    source: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="WORLD",
            help="new: begin with synthetic, made up, or with a copy of yrd or ten_firms "
            "[synthetic].",
        ),
    ] = None,
    provinces: Annotated[
        str | None,
        typer.Option(
            "--provinces",
            metavar="A,B,...",
            help="new: names of the provinces, or those of a copy to keep [North,South; all].",
        ),
    ] = None,
    cities: Annotated[
        int | None,
        typer.Option("--cities", metavar="N", help="new: cities of each made-up province [3]."),
    ] = None,
    replicates: Annotated[
        int | None,
        typer.Option("--replicates", min=1, max=10_000, help="fit: runs of each pass [5]."),
    ] = None,
    passes: Annotated[
        int | None,
        typer.Option("--passes", min=1, max=1000, help="fit: how often it is repeated [4]."),
    ] = None,
    scale: Annotated[
        float | None,
        typer.Option(
            "--scale",
            min=0.002,
            max=1.0,
            help="fit: share of the firms that is drawn [the scenario's].",
        ),
    ] = None,
    scenario: Annotated[
        str | None,
        typer.Option(
            "--scenario",
            metavar="NAME_OR_PATH",
            help="fit: whose parameters and policies hold [scenario.yaml of the folder].",
        ),
    ] = None,
    jobs: Annotated[
        int | None, typer.Option("--jobs", min=1, help="fit: processes on this machine [1].")
    ] = None,
    allow_code: AllowCode = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="check, fit: print a JSON object.")
    ] = False,
    quiet: QuietOption = False,
) -> None:
    """Write a folder for a region of your own, say what is wrong with it, or fit it to its data."""
    from ydsim.errors import UsageError

    given: dict[Action, dict[str, Any]] = {
        Action.new: {"--from": source, "--provinces": provinces, "--cities": cities},
        Action.fit: {
            "--replicates": replicates,
            "--passes": passes,
            "--scale": scale,
            "--scenario": scenario,
            "--jobs": jobs,
            "--allow-code": allow_code or None,
            "--quiet": quiet or None,
        },
    }
    for owner, options in given.items():
        for name, value in options.items():
            if value is not None and owner is not action:
                raise UsageError(f"{name} belongs to `ydsim world {owner.value}`")
    if action is Action.new:
        if as_json:
            raise UsageError("--json belongs to `ydsim world check` and `ydsim world fit`")
        _new(folder, source or "synthetic", provinces, cities)
    elif action is Action.check:
        _check(folder, as_json)
    else:
        numbers = {"replicates": replicates, "passes": passes, "jobs": jobs}
        options = {name: value for name, value in numbers.items() if value is not None}
        overrides = {} if scale is None else {"scale": scale}
        options |= {"scenario": scenario, "overrides": overrides, "allow_code": allow_code}
        _fit(folder, options, as_json, quiet)


def _new(folder: str, source: str, provinces: str | None, cities: int | None) -> None:
    from ydsim.cli.errors import printable
    from ydsim.errors import UsageError
    from ydsim.fmt import counted
    from ydsim.world.template import new_world

    if cities is not None and source != "synthetic":
        raise UsageError("--cities is for a made-up region; a copy has the cities of its provinces")
    names = () if provinces is None else tuple(name.strip() for name in provinces.split(","))
    files = new_world(folder, source, names, 3 if cities is None else cities)
    shown = printable(folder)
    print(f"{shown}: {counted(len(files), 'file')}; README.md says what each column means")
    print(f"next: ydsim world check {shown}")
    print(f"      ydsim run {shown.rstrip('/')}/scenario.yaml")


def _fit(folder: str, options: dict[str, Any], as_json: bool, quiet: bool) -> None:
    from ydsim.cli.errors import printable
    from ydsim.run.progress import show_progress
    from ydsim.run.signals import Stopped
    from ydsim.world.fit import fit_world

    if not quiet:
        tell_capped(options.get("jobs", 1))
    with show_progress(quiet=quiet) as progress:
        try:
            found = fit_world(folder, progress=progress.report, **options)
        except KeyboardInterrupt as stopped:
            progress.close()
            say(f"{str(stopped) or 'stopped at once'}: nothing was written in {folder}")
            code = stopped.exit_code if isinstance(stopped, Stopped) else 130
            raise typer.Exit(code) from None
    if as_json:
        content = json.dumps(_fit_plain(folder, found), indent=2, ensure_ascii=False)
        print(content)
        return
    print(found.text)
    print(printable(str(found.path)))
    if found.noisy and not quiet:
        say(f"note: {found.noisy}")


def _fit_plain(folder: str, found: WorldFit) -> dict[str, object]:
    from dataclasses import asdict

    from ydsim.world.base_run import WHAT, WHEN

    rmse = {when: {what: found.rmse(what, when) for what in WHAT} for when in WHEN}
    return {
        "folder": folder,
        "file": str(found.path),
        "rmse": rmse,
        "notes": [found.noisy] if found.noisy else [],
        "made": asdict(found.made),
    }


def _check(folder: str, as_json: bool) -> None:
    from pathlib import Path

    from ydsim.cli.errors import printable, say_problems
    from ydsim.errors import InputError, UsageError
    from ydsim.world.checking import Report, check_folder
    from ydsim.world.loader import PACKAGED, folder_of

    if folder in PACKAGED and not Path(folder).exists():
        raise UsageError(
            f"{folder!r} comes with ydsim; check a folder, as `ydsim world new FOLDER --from "
            f"{folder}` writes one"
        )
    try:
        report = check_folder(folder_of(folder))
    except InputError as error:
        report = Report(problems=tuple(error.problems))
    if as_json:
        print(json.dumps(_plain(folder, report), indent=2, ensure_ascii=False))
    elif report.problems:
        say_problems(InputError(*report.problems))
    else:
        _say(printable(folder), report)
    if report.problems:
        raise typer.Exit(InputError.exit_code)


def _plain(folder: str, report: Report) -> dict[str, object]:
    from ydsim.cli.errors import printable

    return {
        "folder": folder,
        "ok": not report.problems,
        "problems": [printable(line) for line in report.problems],
        "notes": [*report.notes],
        "holds": report.holds,
        "priors": report.priors,
    }


def _say(shown: str, report: Report) -> None:
    import sys

    from ydsim.cli.errors import printable

    print(f"{shown}: ok")
    for name, value in report.holds.items():
        text = ", ".join(value) if isinstance(value, list) else f"{value}"
        text = {"True": "yes", "False": "no"}.get(text, text)
        print(f"  {name:<22}{printable(text[:12] if name == 'content' else text)}")
    if report.priors:
        print("rests on priors (docs/own_region.md):")
        for name, said in report.priors.items():
            print(f"  {name:<22}{printable(said)}")
    for note in report.notes:
        print(f"note: {printable(note)}", file=sys.stderr)
