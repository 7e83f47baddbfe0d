"""``ydsim check``: everything that is wrong with scenario files and sweep files."""

from __future__ import annotations

import json
import sys
from typing import Annotated, Any

import typer

from ydsim.cli.errors import printable, say_problems
from ydsim.cli.run_options import AllowCode
from ydsim.errors import YdsimError
from ydsim.fmt import counted


def check(
    files: Annotated[
        list[str],
        typer.Argument(metavar="FILE...", help="Scenario or sweep files, or shipped names."),
    ],
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Change one key; may be repeated."),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON list with an object for each file.")
    ] = False,
    allow_code: AllowCode = False,
    quiet: Annotated[
        bool, typer.Option("-q", "--quiet", help="Say nothing about files that are right.")
    ] = False,
) -> None:
    """Check scenario or sweep files, every point of a sweep; nothing is run or written."""
    reports = []
    codes = []
    for file in files:
        problems: list[str] = []
        remarks: list[str] = []
        try:
            remarks = _check(file, set_, allow_code)
        except YdsimError as error:
            problems = [printable(line) for line in getattr(error, "problems", (str(error),))]
            codes.append(error.exit_code)
            if not as_json:
                say_problems(error)
        if not as_json and not quiet:
            if not problems:
                print(f"{printable(file)}: ok")
            for remark in remarks:
                print(f"note: {printable(file)}: {remark}", file=sys.stderr)
        reports.append({"file": file, "ok": not problems, "problems": problems, "notes": remarks})
    if as_json:
        print(_json(reports))
    if codes:
        raise typer.Exit(max(codes))


def _check(file: str, overrides: list[str] | None, allow_code: bool) -> list[str]:
    from ydsim.design.load import is_sweep
    from ydsim.errors import InputError
    from ydsim.scenario.check.check_world import notes, refuse_unknown
    from ydsim.scenario.load import resolve
    from ydsim.world.loader import load_world

    if is_sweep(file):
        return _check_sweep(file, overrides, allow_code)
    resolved = resolve(file, overrides, allow_code=allow_code)
    try:
        world = load_world(resolved.scenario.world)
    except InputError as error:
        origin = resolved.origins["world"]
        raise InputError(*(f"{origin}: world: {line}" for line in error.problems)) from error
    refuse_unknown(resolved.scenario, world, resolved.origins)
    return notes(resolved.scenario, world)


def _check_sweep(file: str, overrides: list[str] | None, allow_code: bool) -> list[str]:
    from ydsim.design.load import load_sweep
    from ydsim.design.points import check_points
    from ydsim.design.sweep import ReplicateRule

    sweep = load_sweep(file, overrides, allow_code=allow_code)
    check_points(sweep)
    rule = sweep.replicates
    if isinstance(rule, ReplicateRule):
        number = f"{rule.least} to {rule.most} replicates"
    else:
        number = counted(rule, "replicate")
    return [f"{sweep.kind} of {counted(sweep.size, 'point')}, {number} each", *sweep.notes]


def _json(reports: list[dict[str, Any]]) -> str:
    return json.dumps(reports, indent=2, ensure_ascii=False)
