"""``ydsim show``, ``check``, ``explain``, ``list`` and ``world``: what can be run, looked at."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import asdict
from functools import partial
from pathlib import Path
from shlex import quote
from typing import Annotated, Any, Literal, TypeAlias

import typer

from ydsim.cli import options
from ydsim.cli.options import CommonOptions, argument, given, option, with_shared
from ydsim.cli.output import end_with, lined, print_json, printable, problems_of, say
from ydsim.errors import InputError, UsageError, YdsimError
from ydsim.fmt import counted
from ydsim.translation import gettext as _t
from ydsim.wording import shorten


def show(
    scenario: options.ScenarioName,
    set_: options.Set = None,
    origin: Annotated[bool, option("--origin", "Say where each value comes from.")] = False,
    as_json: options.AsJson = False,
    allow_code: options.AllowCode = False,
) -> None:
    """Print the resolved scenario; saved to a file, it is an equal scenario."""
    from ydsim.scenario.load import as_json as json_of
    from ydsim.scenario.load import as_yaml, resolve

    resolved = resolve(scenario, set_, allow_code=allow_code)
    print((json_of if as_json else as_yaml)(resolved, origin))


# -- check ----------------------------------------------------------------------------------------


def check(
    files: Annotated[
        list[str] | None,
        argument("FILE...", "Scenario or sweep files, or shipped names."),
    ] = None,
    set_: options.Set = None,
    schema: Annotated[
        bool,
        option(
            "--schema",
            "Print the JSON schema of scenario files instead, for editors; with the word "
            "sweep that of sweep files.",
        ),
    ] = False,
    as_json: options.AsJson = False,
    allow_code: options.AllowCode = False,
    quiet: options.Quiet = False,
) -> None:
    """Check scenario or sweep files, with every point of a sweep; nothing is run or written."""
    if schema:
        from ydsim.design.load import sweep_schema
        from ydsim.scenario.load import json_schema

        makers = {("scenario",): json_schema, ("sweep",): sweep_schema}
        if (of := tuple(files or ["scenario"])) not in makers:
            raise UsageError(_t("--schema is of one kind of file: scenario or sweep"))
        print_json(makers[of]())
        return
    if not files:
        raise UsageError(_t("missing argument 'FILE...'; see `ydsim check --help`"))
    reports = []
    code = 0
    for file in files:
        problems, remarks = list[str](), list[str]()
        try:
            remarks = _check(file, set_, allow_code)
        except YdsimError as error:
            problems, code = problems_of(error), max(code, error.exit_code)
        reports.append({"file": file, "ok": not problems, "problems": problems, "notes": remarks})
        if as_json:
            continue
        for line in problems:
            say(f"error: {line}")
        if not problems and not quiet:
            print(_t("{file}: ok").format(file=printable(file)))
        for remark in () if quiet else remarks:
            say(_t("note: {text}").format(text=f"{file}: {remark}"))
    if as_json:
        print_json(reports)
    if code:
        raise typer.Exit(code)


def _check(file: str, overrides: list[str] | None, allow_code: bool) -> list[str]:
    """Return what is remarkable about a file that is right."""
    from ydsim.design.load import is_sweep, load_sweep
    from ydsim.design.sweep import check_points
    from ydsim.scenario.check import notes, refuse_unknown
    from ydsim.scenario.load import resolve
    from ydsim.world.loader import load_world

    if is_sweep(file):
        sweep = load_sweep(file, overrides, allow_code=allow_code)
        check_points(sweep)
        rule = sweep.replicates
        each = counted(rule, "replicate") if isinstance(rule, int) else (
            _t("{least} to {most} replicates").format(least=rule.least, most=rule.most)
        )  # fmt: skip
        message = _t("{kind} of {points}, {replicates} each")
        points = counted(sweep.size, "point")
        return [message.format(kind=sweep.kind, points=points, replicates=each), *sweep.notes]
    resolved = resolve(file, overrides, allow_code=allow_code)
    try:
        world = load_world(resolved.scenario.world)
    except InputError as error:
        origin = resolved.origins["world"]
        raise InputError(*(f"{origin}: world: {line}" for line in error.problems)) from error
    refuse_unknown(resolved.scenario, world, resolved.origins)
    return notes(resolved.scenario, world)


# -- explain --------------------------------------------------------------------------------------


def explain(
    name: Annotated[
        str,
        argument(
            "NAME",
            "A policy (rd_grants), a key (parameters.border.joint_work), an indicator (launches), "
            "a kind of shock (vouchers), a table (funnel) or a column (funnel.waited).",
        ),
    ],
    allow_code: options.AllowCode = False,
    as_json: options.AsJson = False,
) -> None:
    """Explain a policy, its evidence and its settings, or the meaning of a name."""
    from ydsim.explain import explained

    found = explained(name, allow_code=allow_code)
    if as_json:
        print_json(found.content, default=str)
    else:
        print(found.text)


# -- list -----------------------------------------------------------------------------------------


What: TypeAlias = Literal[
    "scenarios", "sweeps", "policies", "worlds", "tables", "figures", "indicators"
]
"""What can be listed."""


def list_(
    what: Annotated[What, typer.Argument(help="What to list.")] = "scenarios",
    word: Annotated[str, typer.Argument(help="Only lines with this word in them.")] = "",
    as_json: options.AsJson = False,
) -> None:
    """List scenarios, sweeps, policies, worlds, tables, indicators or figures, a line each."""
    wanted, every = word.lower().replace("_", " "), listed(what)
    shown = {name: _in_words(what, name, line) for name, line in every.items()}
    lines = {
        name: f"{name} {line} {shown[name]}".lower().replace("_", " ")
        for name, line in every.items()
    }
    found = {name: every[name] for name, line in lines.items() if wanted in line}
    if not found:
        message = _t("no line of {what} has {word!r} in it")
        raise UsageError(message.format(what=what, word=shorten(word)))
    if as_json:
        print_json(found)
    else:
        print(lined({name: shown[name] for name in found}), end="")


def _in_words(what: What, name: str, line: str) -> str:
    """Return the line of a name in the language in use; of indicators their name and unit."""
    from ydsim.record.indicators import INDICATORS, ROWS, name_in_words, unit_in_words

    if what == "indicators" and name_in_words(name) != ROWS[name]["name"]:
        return f"{name_in_words(name)} [{unit_in_words(INDICATORS[name].unit, name=name)}]"
    if what == "tables" and line.endswith(" (derived)"):
        return _t(line.removesuffix(" (derived)")) + _t(" (derived)")
    return _t(line)


def _worlds() -> Iterator[tuple[str, str]]:
    """Yield each packaged world with what it is: places, years, fit, what is assumed, version."""
    from ydsim.world.loader import data_versions, load_world

    meaning = {
        "yrd": _t("the Yangtze River Delta"),
        "jjj": _t("Beijing, Tianjin and Hebei; industries, firms and institutes by priors"),
        "synthetic": _t("a small made-up region, provinces alike"),
        "ten_firms": _t("a made-up region of ten firms that are listed by name, for teaching"),
    }
    worlds = {name: load_world(name) for name in meaning}
    versions = data_versions({name: world.digest for name, world in worlds.items()})
    for name, world in worlds.items():
        facts = _t("{text}: {provinces}, {cities}, {first}-{last}, {fit}; data version {version}")
        yield (
            name,
            facts.format(
                text=meaning[name],
                provinces=counted(world.n_provinces, "province"),
                cities=counted(world.n_cities, "city"),
                first=int(world.years[0]),
                last=int(world.years[-1]),
                fit=_t("not fitted") if world.base_run is None else _t("fitted"),
                version=versions[name],
            ),
        )


def listed(what: What) -> dict[str, str]:
    """Return names with a line each."""
    if what in ("scenarios", "sweeps"):
        from ydsim.scenario.read.extend import described, shipped, shipped_sweeps

        files = shipped() if what == "scenarios" else shipped_sweeps()
        return {name: described(file) for name, file in files.items()}
    if what == "policies":
        from ydsim.policies.library import broken, policies, title_of

        titles = {name: title_of(cls) for name, cls in policies().items()}
        bad = {name: _t("broken: {why}").format(why=line) for name, line in broken().items()}
        return dict(sorted((titles | bad).items()))
    if what == "worlds":
        return dict(_worlds())
    if what == "figures":
        from ydsim.plots.catalogue import KINDS

        return {kind.name: kind.shows for kind in KINDS.values()}
    if what == "indicators":
        from ydsim.record.indicators import INDICATORS

        return {name: f"{one.meaning} [{one.unit}]" for name, one in INDICATORS.items()}
    from ydsim.store.tables import described as of_tables

    return {name: one.line + " (derived)" * bool(one.needs) for name, one in of_tables().items()}


# -- world ----------------------------------------------------------------------------------------


def world_new(
    folder: options.WorldFolder,
    source: Annotated[
        str | None,
        option(
            "--from WORLD",
            "Begin with synthetic, made up; with national, provinces of China and their figures; "
            "or with a copy of another world [national where the names are of such provinces, "
            "else synthetic].",
        ),
    ] = None,
    provinces: Annotated[
        str | None,
        option(
            "--provinces A,B,...",
            "Names of the provinces, or those of a copy to keep [North,South; all].",
        ),
    ] = None,
    cities: Annotated[int | None, option("--cities N", "Cities per made-up province [3].")] = None,
) -> None:
    """Write a folder for a region of your own."""
    from ydsim.world import nation
    from ydsim.world.folders import new_world

    names = () if provinces is None else tuple(name.strip() for name in provinces.split(","))
    if source is None:
        of_nation = bool(names) and set(names) <= {*nation.names()}
        source = nation.NATIONAL if of_nation else "synthetic"
    if cities is not None and source != "synthetic":
        message = _t("--cities is for a made-up region; a copy has the cities of its provinces")
        raise UsageError(message)
    files = new_world(folder, source, names, 3 if cities is None else cities)
    shown = printable(folder)
    message = _t("{folder}: {files}; README.md says what each column means")
    print(message.format(folder=shown, files=counted(len(files), "file")))
    scenario = quote(f"{Path(folder)}/scenario.yaml")
    for command in (f"world check {quote(folder)}", f"run {scenario}"):
        print(_t("next: {command}").format(command=printable(f"ydsim {command}")))


def world_check(folder: options.WorldFolder, as_json: options.AsJson = False) -> None:
    """List the errors in the folder of a world, what looks wrong, and the data that are priors."""
    from ydsim.world.folders import Report, check_folder
    from ydsim.world.loader import PACKAGED, folder_of

    if folder in PACKAGED and not Path(folder).exists():
        message = _t(
            "{name} comes with ydsim; check a folder, as `ydsim world new FOLDER` writes one"
        )
        raise UsageError(message.format(name=repr(folder)))
    try:
        report = check_folder(folder_of(folder))
    except InputError as error:
        report = Report(problems=tuple(error.problems))
    problems = report.problems
    if as_json:
        print_json({"folder": folder, "ok": not problems, **asdict(report)})
    elif not problems:
        print(f"{printable(folder)}: ok")
        holds = {name: _held(name, value) for name, value in report.holds.items()}
        print(lined(holds, "  "), end="")
        if report.priors:
            priors = {name: printable(message) for name, message in report.priors.items()}
            print(_t("rests on priors (docs/own_region.md):"))
            print(lined(priors, "  "), end="")
        sys.stdout.flush()
        for note in report.notes:
            say(f"note: {note}")
    end_with(problems, InputError.exit_code, quiet=as_json)


def _held(name: str, value: Any) -> str:
    """Return what a world holds under a name, in a line; of a checksum its beginning."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = ", ".join(value) if isinstance(value, list) else str(value)
    return printable(text[:12] if name == "content" else text)


@with_shared("ensemble", "seed", "dry_run")
def world_fit(
    folder: options.WorldFolder,
    scenario: Annotated[
        str | None,
        option(
            "--scenario NAME_OR_PATH",
            "Whose parameters and policies hold [scenario.yaml of the folder].",
        ),
    ] = None,
    replicates: Annotated[int | None, options.replicates("5")] = None,
    passes: Annotated[int | None, option("--passes N", "Repetitions [4].", min=1, max=1000)] = None,
    *,
    how: CommonOptions,
) -> None:
    """Fit the region of a folder to its data and write ``base_run.json`` into it."""
    from ydsim.cli.run import run_through
    from ydsim.scenario.read.extend import parse_assignments
    from ydsim.studies.fit import fit_world
    from ydsim.world.base_run import WHAT, WHEN

    call = partial(
        fit_world,
        folder,
        scenario=scenario,
        overrides=parse_assignments(how.set_ or ()),
        jobs=options.jobs_of(how.jobs),
        allow_code=how.allow_code,
        **given(replicates=replicates, passes=passes),
    )
    lost = _t("nothing was written in {folder}").format(folder=folder)
    found, _ = run_through(call, Path(folder), how, lost=lost)
    if how.as_json:
        rmse = {when: {what: found.rmse(what, when) for what in WHAT} for when in WHEN}
        notes = [found.noisy] if found.noisy else []
        print_json({"folder": folder, "file": str(found.path), "rmse": rmse, "notes": notes,
                    "made": found.made.model_dump()})  # fmt: skip
        return
    print(found.text)
    print(printable(str(found.path)))
    if found.noisy and not how.quiet:
        say(f"note: {found.noisy}")
