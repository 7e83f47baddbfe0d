"""``ydsim world``: a folder for a region of one's own, and what is wrong with it."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from ydsim.world.checking import Report


class Action(StrEnum):
    """What can be done with a world."""

    new = "new"
    check = "check"


def world(
    action: Annotated[Action, typer.Argument(help="Write a new folder, or check one.")],
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
    as_json: Annotated[bool, typer.Option("--json", help="check: print a JSON object.")] = False,
) -> None:
    """Write a folder for a region of your own, or say all that is wrong with one."""
    from ydsim.errors import UsageError

    if action is Action.new:
        if as_json:
            raise UsageError("--json belongs to `ydsim world check`")
        _new(folder, source or "synthetic", provinces, cities)
        return
    given = {"--from": source, "--provinces": provinces, "--cities": cities}
    for name, value in given.items():
        if value is not None:
            raise UsageError(f"{name} belongs to `ydsim world new`")
    _check(folder, as_json)


def _new(folder: str, source: str, provinces: str | None, cities: int | None) -> None:
    from ydsim.cli.errors import printable
    from ydsim.errors import UsageError
    from ydsim.wording import counted
    from ydsim.world.template import new_world

    if cities is not None and source != "synthetic":
        raise UsageError("--cities is for a made-up region; a copy has the cities of its provinces")
    names = () if provinces is None else tuple(name.strip() for name in provinces.split(","))
    files = new_world(folder, source, names, 3 if cities is None else cities)
    shown = printable(folder)
    print(f"{shown}: {counted(len(files), 'file')}; README.md says what each column means")
    print(f"next: ydsim world check {shown}")
    print(f"      ydsim run {shown.rstrip('/')}/scenario.yaml")


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
