"""``ydsim show``, ``check``, ``explain``, ``list`` and ``world``: what can be run, looked at."""

from __future__ import annotations

import re
import sys
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ydsim.cli import options
from ydsim.cli.output import print_json, printable, say, say_problems
from ydsim.errors import InputError, UsageError, YdsimError
from ydsim.fmt import counted
from ydsim.wording import nearest, shorten

if TYPE_CHECKING:
    from ydsim.scenario.schema.describe import Card
    from ydsim.scenario.schema.key_index import Key

_WIDTH = 96
_COLUMN = 20


def show(
    scenario: options.ScenarioName,
    set_: options.Set = None,
    origin: Annotated[
        bool, typer.Option("--origin", help="Say where each value comes from.")
    ] = False,
    as_json: options.AsJson = False,
    allow_code: options.AllowCode = False,
) -> None:
    """Print the resolved scenario; saved to a file, it is an equal scenario."""
    from ydsim.scenario.load import resolve
    from ydsim.scenario.show import as_json as to_json
    from ydsim.scenario.show import as_yaml

    resolved = resolve(scenario, set_, allow_code=allow_code)
    print(to_json(resolved, origin) if as_json else as_yaml(resolved, origin))


# -- check ----------------------------------------------------------------------------------------


def check(
    files: Annotated[
        list[str] | None,
        typer.Argument(metavar="FILE...", help="Scenario or sweep files, or shipped names."),
    ] = None,
    set_: options.Set = None,
    schema: Annotated[
        bool,
        typer.Option(
            "--schema",
            help="Print the JSON schema of scenario files instead, for editors; with the word "
            "sweep that of sweep files.",
        ),
    ] = False,
    as_json: options.AsJson = False,
    allow_code: options.AllowCode = False,
    quiet: options.Quiet = False,
) -> None:
    """Check scenario or sweep files, every point of a sweep; nothing is run or written."""
    if schema:
        _print_schema(files or ["scenario"])
        return
    if not files:
        raise UsageError("missing argument 'FILE...'; see `ydsim check --help`")
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
                say(f"note: {file}: {remark}")
        reports.append({"file": file, "ok": not problems, "problems": problems, "notes": remarks})
    if as_json:
        print_json(reports)
    if codes:
        raise typer.Exit(max(codes))


def _print_schema(of: Sequence[str]) -> None:
    from ydsim.design.file import sweep_schema
    from ydsim.scenario.schema.jsonschema import json_schema

    makers = {"scenario": json_schema, "sweep": sweep_schema}
    if len(of) != 1 or of[0] not in makers:
        raise UsageError("--schema is of one kind of file: scenario or sweep")
    print_json(makers[of[0]]())


def _check(file: str, overrides: list[str] | None, allow_code: bool) -> list[str]:
    """Return what is remarkable about a file that is right."""
    from ydsim.design.load import is_sweep, load_sweep
    from ydsim.design.points import check_points
    from ydsim.scenario.check.check_world import notes, refuse_unknown
    from ydsim.scenario.load import resolve
    from ydsim.world.loader import load_world

    if is_sweep(file):
        sweep = load_sweep(file, overrides, allow_code=allow_code)
        check_points(sweep)
        rule = sweep.replicates
        each = counted(rule, "replicate") if isinstance(rule, int) else (
            f"{rule.least} to {rule.most} replicates"
        )  # fmt: skip
        return [f"{sweep.kind} of {counted(sweep.size, 'point')}, {each} each", *sweep.notes]
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
        typer.Argument(
            metavar="NAME",
            help="A policy (rd_grants), a key (parameters.match.border), an indicator (launches), "
            "a kind of shock (vouchers), a table (funnel) or a column (funnel.waited).",
        ),
    ],
    allow_code: options.AllowCode = False,
    as_json: options.AsJson = False,
) -> None:
    """Say what a policy does, on what evidence, and what can be set; or what a name means."""
    from ydsim.policies.naming import policy_names
    from ydsim.policies.plain import find_policy
    from ydsim.results.explained import explained
    from ydsim.scenario.schema.describe import card_of

    meanings = explained(name)
    if name not in policy_names():
        keys = _keys(name)
        if keys or meanings:
            _show_meanings(meanings, keys, as_json=as_json)
            return
        if "." not in name:
            raise _unknown(name)
    try:
        card = card_of(name, find_policy(name, allow_code))
    except ValueError as error:
        if name not in policy_names():
            raise _unknown(name, str(error)) from None
        raise UsageError(str(error)) from error
    if as_json:
        print_json(_card(card), default=str)
        return
    print("\n".join(_text_of_policy(card)))
    if meanings:
        print()
        _show_meanings(meanings, [], as_json=False)


def _show_meanings(found: dict[str, Any], keys: Sequence[Key], *, as_json: bool) -> None:
    """Show what a name means in results, and the keys of scenarios that have it."""
    plain = [_plain(key) for key in keys]
    if as_json:
        print_json({**found, **({"keys": plain} if keys else {})} if found else plain, default=str)
        return
    of_keys = "\n".join(line for key in keys for line in _text_of_key(key))
    if not found:
        print(of_keys)
        return
    parts = []
    if "indicator" in found:
        parts.append("\n".join(_text_of_indicator(found["indicator"])))
    if "table" in found:
        parts.append("\n".join(_text_of_table(found["table"])))
    if "columns" in found:
        lines = [f"{found['columns'][0]['column']}: a column of"]
        for one in found["columns"]:
            facts = "" if one["unit"] == "-" else f", unit {one['unit']}"
            lines += _entry(one["table"], f"{one['meaning']} ({one['type']}{facts})")
        parts.append("\n".join(lines))
    if keys:
        parts.append(f"as a key of scenarios\n{of_keys}")
    # the texts are those of a page
    print(re.sub(r"\[([^]]+)\]\([^)]+\)|`", lambda m: m[1] or "", "\n\n".join(parts)))


def _keys(name: str) -> list[Key]:
    """Return the key of this name, or all below it, or the one key that ends so.

    A kind of shock has its keys below its name, with or without ``shocks.`` before it.
    """
    from ydsim.scenario.read.node import dotted
    from ydsim.scenario.schema.key_index import keys_of, scenario_keys
    from ydsim.scenario.schema.sections.shocks import KINDS

    keys = {dotted(key.path): key for key in scenario_keys()}
    kind = name.removeprefix("shocks.").partition(".")[0]
    if kind in KINDS and (name == kind or name.startswith("shocks.")):
        keys = {dotted(key.path): key for key in keys_of(KINDS[kind], ("shocks", kind))}
        name = name if name.startswith("shocks.") else f"shocks.{name}"
    below = [key for path, key in keys.items() if path == name or path.startswith(f"{name}.")]
    ends = [key for path, key in keys.items() if path.endswith(f".{name}")]
    return below or (ends if len(ends) == 1 else [])


def _unknown(name: str, said: str = "") -> UsageError:
    """Return the refusal of a name that means nothing, with the nearest that does."""
    from ydsim.policies.naming import policy_names
    from ydsim.results.explained import names
    from ydsim.scenario.read.node import dotted
    from ydsim.scenario.schema.key_index import scenario_keys
    from ydsim.scenario.schema.sections.shocks import KINDS

    paths = [dotted(key.path) for key in scenario_keys()]
    many = [path for path in paths if path.endswith(f".{name}")]
    known = (policy_names(), paths, names(), KINDS)
    close = next((near for group in known if (near := nearest(name, list(group)))), "")
    if not many and name.rpartition(".")[2][:1].isupper():
        close = ""  # meant as a class, whatever key looks like it
    if many:
        hint = f"several keys end so: {', '.join(many[:4])}{', ...' * (len(many) > 4)}"
    elif close:
        hint = f"did you mean {close!r}?"
    else:
        hint = said or "see `ydsim list policies` and `ydsim show baseline`"
    what = "policy, key, indicator, table or column"
    return UsageError(f"no {what} is called {shorten(name)!r}; {hint}")


def _text_of_policy(card: Card) -> Iterator[str]:
    from ydsim.scenario.schema.describe import COMBINED, shared_keys

    yield from (f"{card.name}: {card.title}", f"({card.home})")
    if card.summary:
        yield from ("", card.summary)
    for heading, text in card.sections.items():
        yield from ("", heading, textwrap.indent(text, "  "))
    yield from ("", "Writes")
    for item in card.writes:
        yield from _entry(item.field, f"{item.meaning}; {COMBINED[item.rule]}")
    if card.scheme:
        yield from _entry(
            "a scheme", "rules or money under conditions of its own, see its mechanism"
        )
    yield from ("", "Target")
    for key, meaning in card.target_keys.items():
        yield from _entry(key, meaning)
    for heading, keys in (("Parameters", card.parameters), ("As all policies", shared_keys())):
        yield from ("", heading)
        for parameter in keys:
            yield from _text_of_key(parameter)
    yield from ("", "Example", textwrap.indent(card.example, "  "))


def _text_of_indicator(one: dict[str, Any]) -> Iterator[str]:
    official = one["official"]
    figures = "none of the same name and unit"
    if official is not None:
        figures = f"{official['first']}-{official['last']}: {', '.join(official['regions'])}"
    prior = ", for single cities on a prior" if one["prior"] else ""
    prior = ", for single cities fitted to official figures" if one["fitted"] else prior
    yield from (f"{one['name']}: an indicator, unit {one['unit']}", "")
    yield from (*_wrapped(one["meaning"]), "")
    yield from _entry("these or this", one["follows"]) if one["follows"] else ()
    yield from _entry("formula", one["formula"]) if one["formula"] else ()
    yield from _entry("of a year", f"{one['kind']}: {one['year']}")
    yield from _entry("levels", ", ".join(one["levels"]) + prior)
    yield from _entry("official", figures)
    yield from _entry("tables", ", ".join(one["tables"]))


def _text_of_table(one: dict[str, Any]) -> Iterator[str]:
    made = f", made on demand from {', '.join(one['made_from'])}" if "made_from" in one else ""
    yield from (f"{one['name']}: a table{made}", "", *_wrapped(one["meaning"]), "", "Columns")
    for column in one["columns"]:
        facts = column["type"] if column["unit"] == "-" else f"{column['type']}, {column['unit']}"
        yield from _entry(column["column"], f"{column['meaning']} ({facts})")


def _text_of_key(key: Key) -> Iterator[str]:
    from ydsim.scenario.read.node import dotted
    from ydsim.scenario.schema.key_index import Bounds, written

    facts = [
        "required" if key.required else f"default {written(key.default)}",
        "" if key.unit == "-" else f"unit {key.unit}",
        key.kind if key.bounds == Bounds() else str(key.bounds),
        key.mark,
    ]
    text = ", ".join(fact for fact in facts if fact)
    yield from _entry(
        dotted(key.path), text if key.source in ("", "assumed") else f"{text}: {key.source}"
    )
    yield from _entry("", key.meaning)


def _wrapped(text: str, width: int = _WIDTH) -> list[str]:
    return textwrap.wrap(text, width, break_long_words=False)


def _entry(name: str, text: str) -> Iterator[str]:
    """Yield a name with text beside it, or below it when the name is long."""
    lines = _wrapped(text, _WIDTH - _COLUMN) or [""]
    start = f"  {name:<{_COLUMN - 2}}"
    if len(name) > _COLUMN - 3:
        yield start
        start = " " * _COLUMN
    yield f"{start}{lines[0]}".rstrip()
    yield from (f"{' ' * _COLUMN}{line}" for line in lines[1:])


def _card(card: Card) -> dict[str, Any]:
    from ydsim.scenario.schema.describe import shared_keys

    return {
        "name": card.name,
        "title": card.title,
        "class": card.home,
        "summary": card.summary,
        "sections": card.sections,
        "writes": [asdict(item) for item in card.writes],
        "scheme": card.scheme,
        "target": card.target_keys,
        "parameters": [_plain(key) for key in card.parameters],
        "shared": [_plain(key) for key in shared_keys()],
        "example": card.example,
    }


def _plain(key: Key) -> dict[str, Any]:
    from ydsim.scenario.read.node import dotted

    return {
        "key": dotted(key.path),
        "type": key.kind,
        "required": key.required,
        "default": key.default,
        "unit": key.unit,
        "low": key.bounds.low,
        "high": key.bounds.high,
        "mark": key.mark,
        "source": key.source,
        "meaning": key.meaning,
    }


# -- list -----------------------------------------------------------------------------------------


class What(StrEnum):
    """What can be listed."""

    scenarios = "scenarios"
    sweeps = "sweeps"
    policies = "policies"
    worlds = "worlds"
    tables = "tables"
    figures = "figures"
    indicators = "indicators"


def list_(
    what: Annotated[What, typer.Argument(help="What to list.")] = What.scenarios,
    as_json: options.AsJson = False,
) -> None:
    """List scenarios, sweeps, policies, worlds, tables, indicators or figures, a line each."""
    found = listed(what)
    if as_json:
        print_json(found)
        return
    width = max(map(len, found), default=0) + 2
    for name, line in found.items():
        print(f"{name:<{width}}{line}")


def listed(what: What) -> dict[str, str]:
    """Return names with a line each."""
    if what is What.scenarios:
        from ydsim.scenario.load import load_scenario
        from ydsim.scenario.read.extend import shipped

        return {name: load_scenario(name).description for name in shipped()}
    if what is What.sweeps:
        from ydsim.design.load import described
        from ydsim.scenario.read.extend import shipped_sweeps

        return {name: described(name) for name in shipped_sweeps()}
    if what is What.policies:
        from ydsim.policies.installed import broken
        from ydsim.policies.library import policies
        from ydsim.policies.naming import title_of

        titles = {name: title_of(cls) for name, cls in policies().items()}
        bad = {name: f"broken: {line}" for name, line in broken().items()}
        return dict(sorted((titles | bad).items()))
    if what is What.worlds:
        return {
            "yrd": "the Yangtze River Delta: four provinces, 41 cities",
            "synthetic": "a small made-up region",
            "ten_firms": "a made-up region of ten firms that are listed by name, for teaching",
        }
    if what is What.figures:
        from ydsim.plots.catalogue import KINDS

        return {kind.name: kind.shows for kind in KINDS.values()}
    if what is What.indicators:
        from ydsim.record.indicators import INDICATORS

        return {name: f"{one.meaning} [{one.unit}]" for name, one in INDICATORS.items()}
    from ydsim.results.derived import DERIVED
    from ydsim.store import tables

    return {
        name: f"{card.line} (derived)" if name in DERIVED else card.line
        for name, card in tables.described().items()
    }


# -- world ----------------------------------------------------------------------------------------


def world_new(
    folder: options.WorldFolder,
    source: Annotated[
        str,
        typer.Option(
            "--from",
            metavar="WORLD",
            help="Begin with synthetic, made up, or with a copy of yrd or ten_firms.",
        ),
    ] = "synthetic",
    provinces: Annotated[
        str | None,
        typer.Option(
            "--provinces",
            metavar="A,B,...",
            help="Names of the provinces, or those of a copy to keep [North,South; all].",
        ),
    ] = None,
    cities: Annotated[
        int | None,
        typer.Option("--cities", metavar="N", help="Cities of each made-up province [3]."),
    ] = None,
) -> None:
    """Write a folder for a region of your own."""
    from ydsim.world.template import new_world

    if cities is not None and source != "synthetic":
        raise UsageError("--cities is for a made-up region; a copy has the cities of its provinces")
    names = () if provinces is None else tuple(name.strip() for name in provinces.split(","))
    files = new_world(folder, source, names, 3 if cities is None else cities)
    shown = printable(folder)
    print(f"{shown}: {counted(len(files), 'file')}; README.md says what each column means")
    print(f"next: ydsim world check {shown}")
    print(f"      ydsim run {shown.rstrip('/')}/scenario.yaml")


def world_check(folder: options.WorldFolder, as_json: options.AsJson = False) -> None:
    """Say what is wrong with the folder of a world, what looks so, and what rests on priors."""
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
    problems = [printable(line) for line in report.problems]
    if as_json:
        print_json(
            {
                "folder": folder,
                "ok": not problems,
                "problems": problems,
                "notes": report.notes,
                "holds": report.holds,
                "priors": report.priors,
            }
        )
    elif problems:
        say_problems(InputError(*problems))
    else:
        print(f"{printable(folder)}: ok")
        for name, value in report.holds.items():
            text = ", ".join(value) if isinstance(value, list) else f"{value}"
            text = {"True": "yes", "False": "no"}.get(text, text)
            print(f"  {name:<22}{printable(text[:12] if name == 'content' else text)}")
        print("rests on priors (docs/own_region.md):\n" if report.priors else "", end="")
        for name, said in report.priors.items():
            print(f"  {name:<22}{printable(said)}")
        sys.stdout.flush()
        for note in report.notes:
            say(f"note: {note}")
    if problems:
        raise typer.Exit(InputError.exit_code)


def world_fit(
    folder: options.WorldFolder,
    scenario: Annotated[
        str | None,
        typer.Option(
            "--scenario",
            metavar="NAME_OR_PATH",
            help="Whose parameters and policies hold [scenario.yaml of the folder].",
        ),
    ] = None,
    set_: options.Set = None,
    replicates: Annotated[int | None, options.replicates("5")] = None,
    passes: Annotated[
        int | None,
        typer.Option(
            "--passes", min=1, max=1000, metavar="N", help="How often it is repeated [4]."
        ),
    ] = None,
    jobs: options.Jobs = None,
    allow_code: options.AllowCode = False,
    as_json: options.AsJson = False,
    quiet: options.Quiet = False,
) -> None:
    """Fit the region of a folder to its data and write ``base_run.json`` into it."""
    from ydsim.cli.run import run_through, tell_capped
    from ydsim.scenario.read.override import parse_assignments
    from ydsim.world.base_run import WHAT, WHEN
    from ydsim.world.fit import fit_world

    tell_capped(jobs, quiet=quiet)
    given = {"replicates": replicates, "passes": passes}
    found, _ = run_through(
        lambda report: fit_world(
            folder,
            scenario=scenario,
            overrides=parse_assignments(set_ or ()),
            jobs=options.jobs_of(jobs),
            allow_code=allow_code,
            progress=report,
            **{name: value for name, value in given.items() if value is not None},
        ),
        Path(folder),
        quiet=quiet,
        lost=f"nothing was written in {folder}",
    )
    if as_json:
        rmse = {when: {what: found.rmse(what, when) for what in WHAT} for when in WHEN}
        notes = [found.noisy] if found.noisy else []
        print_json({"folder": folder, "file": str(found.path), "rmse": rmse, "notes": notes,
                    "made": asdict(found.made)})  # fmt: skip
        return
    print(found.text)
    print(printable(str(found.path)))
    if found.noisy and not quiet:
        say(f"note: {found.noisy}")
