"""``ydsim plot``, ``report``, ``export``, ``verify`` and ``explore``: results, looked at."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import partial
from inspect import Parameter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias, get_args

import typer

from ydsim.cli import options
from ydsim.cli.options import argument, option
from ydsim.cli.output import end_with, lined, print_json, printable, say
from ydsim.errors import NothingToDrawError, ResultsError, UsageError
from ydsim.fmt import counted
from ydsim.plots.catalogue import KINDS, OPTIONS, FigureKind, flag_of
from ydsim.translation import gettext as _t

if TYPE_CHECKING:
    from ydsim.results.results import Results
    from ydsim.run.replicate import RunContext


_TAKES = {"region": "NAME", "years": "FROM:TO"}

_OF_FIGURES = [
    Parameter(
        name,
        Parameter.KEYWORD_ONLY,
        default=None,
        annotation=Annotated[
            str | None,
            option(f"{flag_of(name)} {_TAKES.get(name, name.upper())}", one.meaning),
        ],
    )
    for name, one in OPTIONS.items()
]
"""Options of figures, as their kinds declare them."""


@options.with_more("given", dict, _OF_FIGURES)
def plot(
    results: Annotated[
        list[str] | None,
        argument(
            "RESULTS...", "Results folders, names in results/, or points of sweeps, FOLDER:POINT."
        ),
    ] = None,
    kind: Annotated[
        list[str] | None, option("--kind NAME", "Which figure; may be repeated [what fits].")
    ] = None,
    output: Annotated[Path | None, options.output("File, or folder [RESULTS/figures].")] = None,
    format: Annotated[
        Literal["png", "svg", "pdf"] | None, option("--format", "Format [by -o, else png].")
    ] = None,
    dpi: Annotated[int | None, option("--dpi", "Dots an inch of a PNG, 36 to 1200 [150].")] = None,
    width: Annotated[float | None, option("--width", "Width of the page in inches [7.2].")] = None,
    list_: Annotated[bool, option("--list", "List the kinds that fit, and draw none.")] = False,
    quiet: options.Quiet = False,
    *,
    given: dict[str, Any],
) -> None:
    """Draw figures of one or more results folders; nothing is run."""
    from ydsim.plots import drawing
    from ydsim.plots.canvas import save_bytes
    from ydsim.results.results import status_of
    from ydsim.store.files import make_folder, require_place, write_atomic

    ending = None if output is None else drawing.format_of(output)
    if ending is not None and format not in (None, ending):
        raise _two_formats(format, ending)
    chosen = format or ending or "png"
    dots = drawing.checked_dpi(chosen, dpi)
    inches = None if width is None else drawing.checked_width(width)
    opened = [one for name in results or () for one in _opened(name)]
    if list_:
        fit = drawing.listed(opened) if opened else KINDS.values()
        print(lined({one.name: one.shows for one in fit}), end="")
        return
    if not opened:
        raise UsageError(_t("give a results folder to draw, or --list"))
    folders = [each.path for each in opened if each.path is not None]
    for folder in () if quiet else folders:
        if how := status_of(folder).unfinished:
            say(f"{folder}: {how}")
    kinds = list(dict.fromkeys(drawing.kind_of(name) for name in kind or ()))
    for one in kinds:
        drawing.require_fit(one, opened)
    place, single = drawing.place_of(output, folders, 1)  # refuses before anything is drawn
    if output is not None:  # a results folder is left alone until there is something to write
        require_place(place.parent if single else place)
    if kinds:
        _refuse_untaken(kinds, given)
    figures, reasons, lacking = {}, [], []
    wanted = kinds or drawing.unasked(opened, given)
    for one in wanted:
        try:
            taken = {name: value for name, value in given.items() if name in one.options}
            figure = drawing.draw(one.name, *opened, width=inches, **taken)
            figures[one.name] = save_bytes(figure, chosen, dpi=dots)
        except (NothingToDrawError, ResultsError) as why:
            if kinds and isinstance(why, ResultsError):
                raise
            reasons.append(drawing.nothing_drawn(one, why))
            lacking += [why] if isinstance(why, ResultsError) else []
    if not figures:
        raise lacking[0] if lacking else NothingToDrawError("; ".join(reasons))
    for reason in reasons if kinds or lacking or not quiet else ():
        say(reason)
    place, single = drawing.place_of(output, folders, len(figures))
    make_folder(place.parent if single else place, parents=True)
    for name, content in figures.items():
        path = place if single else place / f"{name}.{chosen}"
        write_atomic(path, content)
        print(path)
    others = [one.name for one in drawing.fitting(opened) if one not in wanted]
    if others and len(opened) == 1 and not (kinds or quiet or any(given.values()) or lacking):
        message = _t("these kinds fit too: {kinds}; draw one with --kind NAME")
        say(message.format(kinds=", ".join(others)))
    if lacking or (kinds and reasons):
        raise typer.Exit(1)


def _opened(name: str) -> list[Results]:
    """Return the results of a folder, or those of points of it, as ``folder:3`` names them."""
    from ydsim.results.results import open_results
    from ydsim.studies.alternatives import points_named, results_named

    if ":" not in name:
        return [open_results(name)]
    results, which = results_named(name, {})
    return [results.at(at) for at in points_named(results, which, name)] if which else [results]


def _refuse_untaken(kinds: Sequence[FigureKind], given: dict[str, Any]) -> None:
    taken = {name for kind in kinds for name in kind.options}
    for name, value in given.items():
        if value is not None and name not in taken:
            names = " and ".join(kind.name for kind in kinds)
            takes = ", ".join(flag_of(each) for each in OPTIONS if each in taken) or "none"
            message = _t("{option} is no option of {names}; options: {takes}")
            raise UsageError(message.format(option=flag_of(name), names=names, takes=takes))


def report(
    results: Annotated[
        list[str],
        argument(
            "RESULTS...",
            "Results folders, or points of sweeps, FOLDER:POINT; the first is the base, and "
            "folders of the studies bottleneck and interactions add a section.",
        ),
    ],
    out: Annotated[Path | None, options.output("The page [RESULTS/report.html].")] = None,
    title: Annotated[str | None, option("--title", "Title [A compared with B].")] = None,
    quiet: options.Quiet = False,
) -> None:
    """Write one self-contained page: results, figures, who gains, fit, limits."""
    from ydsim import arguments
    from ydsim.report import gather, missing, refuse_folder, write

    refuse_folder(out)
    head = "" if title is None else arguments.text("title", title)
    gathered = gather(results)
    for line in () if quiet else missing(gathered):
        say(line)
    print(write(gathered, out, head))


Format: TypeAlias = Literal["csv", "parquet", "json", "xlsx"]
"""Formats of an exported table."""


def export(
    results: options.Folder,
    table: Annotated[
        str | None,
        option(
            "--table",
            "Which table, for example summary (a row a year), runs, ties or agents "
            "[province_year].",
        ),
    ] = None,
    format: Annotated[Format | None, option("--format", "Format [by -o, else csv].")] = None,
    output: Annotated[Path | None, options.output("File to write instead of stdout.")] = None,
) -> None:
    """Write one table of results, to stdout unless -o is given."""
    from ydsim.results.derived import SUMMARY
    from ydsim.results.results import open_results, require_excel, to_csv, to_excel, to_json
    from ydsim.store.files import write_atomic
    from ydsim.store.layout import refuse_own_file
    from ydsim.store.tables import to_parquet

    chosen = _format_of(format, output)
    if output is None and chosen in ("parquet", "xlsx") and sys.stdout.isatty():
        message = _t("a {format} file cannot be shown on a terminal; give a file with -o")
        raise UsageError(message.format(format=chosen))
    if output is not None:
        if output.is_dir():
            message = _t("{path} is a folder; give the name of a file with -o")
            raise UsageError(message.format(path=output))
        refuse_own_file(output)
    if chosen == "xlsx":
        require_excel()
    name = "province_year" if table is None else table
    as_sheet = partial(to_excel, name=name)
    write: Any = {"csv": to_csv, "json": to_json, "parquet": to_parquet, "xlsx": as_sheet}
    opened = open_results(results)
    columns = opened.columns(name)
    if name == SUMMARY and chosen in ("csv", "xlsx"):  # of which many are read by people
        cards = opened.manifest["indicators"]
        units = {n: f"{n} [{cards[n]['unit']}]" for n in columns if n in cards}
        columns = {units.get(n, n): column for n, column in columns.items()}
    made: str | bytes = write[chosen](columns)
    data = made.encode("utf-8") if isinstance(made, str) else made
    if output is not None:
        write_atomic(output, data)
    else:
        _to_stdout(data)


def _format_of(format: Format | None, output: Path | None) -> str:
    ending = "" if output is None else output.suffix.lower().lstrip(".")
    known = get_args(Format)
    if format is not None:
        if ending in known and ending != format:
            raise _two_formats(format, ending)
        return format
    if ending and ending not in known:
        message = _t("{path}: ends in none of {endings}; or say --format")
        raise UsageError(message.format(path=output, endings=f".{', .'.join(known)}"))
    return ending or "csv"


def _two_formats(format: str | None, ending: str) -> UsageError:
    message = _t("--format {format} and a file that ends in .{ending}; leave one out")
    return UsageError(message.format(format=format, ending=ending))


def _to_stdout(data: bytes) -> None:
    """Write all bytes to stdout, of which some at a time are taken when it is unbuffered."""
    sys.stdout.flush()
    if sys.stdout.isatty():  # as text without hidden characters
        sys.stdout.write(data.decode("utf-8"))
        return
    rest = memoryview(data)
    while rest:
        rest = rest[sys.stdout.buffer.write(rest) :]
    sys.stdout.buffer.flush()


def verify(
    results: options.Folder,
    recompute: Annotated[int, option("--recompute N", "Run N runs again and compare.", min=0)] = 0,
    rerun: Annotated[
        str | None,
        option(
            "--rerun RUN",
            "Run this one again and show it: its name in tables and failures, or of a single "
            "scenario the number of a replicate.",
        ),
    ] = None,
    world: options.World = None,
    allow_code: options.AllowCode = False,
    as_json: options.AsJson = False,
) -> None:
    """Check every file against its SHA-256; --recompute and --rerun repeat runs."""
    from ydsim.results.results import status_of
    from ydsim.results.results import verify as problems_of
    from ydsim.run.api import recompute as again
    from ydsim.run.replicate import context_of

    context = context_of(world, allow_code=allow_code)
    if rerun is not None:
        if recompute:
            raise UsageError(_t("--rerun runs one run again; leave out --recompute"))
        _rerun(results, rerun, context, as_json=as_json)
        return
    problems = problems_of(results)
    redone = list(again(results, recompute, context)) if recompute and not problems else []
    for each in redone:
        if each.differs:
            message = _t("run {run}: is not what it computes: {tables}")
            changed = _t("; fitted data have changed ({files})").format(
                files=", ".join(each.refitted)
            )
            message = message.format(run=each.run, tables=", ".join(each.differs))
            problems.append(message + changed * bool(each.refitted))
    found = None if problems else status_of(results)
    unfinished = "" if found is None else found.unfinished
    if as_json:
        recomputed = [
            {"run": each.run, "differs": list(each.differs or ()), "refitted": list(each.refitted)}
            for each in redone
        ]
        print_json({"ok": not problems, "problems": problems, "unfinished": unfinished,
                    "recomputed": recomputed})  # fmt: skip
    elif found is not None:
        again_equal = _t("{runs} computed again and equal")
        words = ["ok", "" if unfinished else counted(found.done, "run"),
                 again_equal.format(runs=counted(len(redone), "run")) if redone else "",
                 unfinished]  # fmt: skip
        print(printable(f"{found.folder}: {', '.join(filter(None, words))}"))
    end_with(problems, ResultsError.exit_code, quiet=as_json)


_LONGEST_NUMBER = 20
"""Digits of more than any number of a replicate has, and of less than Python refuses to read."""


def _rerun(folder: str, name: str, context: RunContext, *, as_json: bool) -> None:
    """Run one run again, in memory: compare it with what is stored, or see it fail."""
    from ydsim.run.api import replay
    from ydsim.run.replicate import ReplicateFailedError

    is_number = name.isascii() and name.isdecimal() and len(name) < _LONGEST_NUMBER
    by: Any = {"replicate": int(name)} if is_number else {"run": name}
    try:
        replayed = replay(folder, context=context, **by)
    except ReplicateFailedError as failed:
        entry = failed.entry
        for line in entry["traceback"]:
            say(f"  {line}")
        message = _t("run {run} failed in quarter {quarter}: {exception}: {message}")
        end_with([message.format(**{**entry, "run": name})], 1)
        return
    if as_json:
        print_json(replayed.as_dict())
    else:
        print("\n".join(replayed.lines(folder)))
    message = _t("run {run}: other values than stored in {tables}")
    tables = ", ".join(replayed.differs or ())
    problems = [message.format(run=replayed.run, tables=tables)] if tables else []
    end_with(problems, ResultsError.exit_code)


# -- explore --------------------------------------------------------------------------------------


def explore(
    what: Annotated[
        str,
        typer.Argument(
            metavar="[SCENARIO | RESULTS]",
            help="A shipped scenario, a YAML file, or a results folder, which is read only.",
        ),
    ] = "baseline",
    port: Annotated[
        int | None,
        option("--port N", "Port of this machine, 0 for any [8521, or any].", min=0, max=65535),
    ] = None,
    browser: Annotated[
        bool, typer.Option("--browser/--no-browser", help="Whether to open the page in a browser.")
    ] = True,
) -> None:
    """Open a live page of a scenario: settings, animated charts, two scenarios side by side."""
    from ydsim.explorer import serve

    serve.require_extra()
    if is_results(what):
        from ydsim.results.results import open_results

        open_results(what)  # refused before anything is served
        kind = "results"
    else:
        from ydsim.scenario.check import refuse_unknown
        from ydsim.scenario.load import resolve
        from ydsim.world.loader import load_world

        found = resolve(what)
        refuse_unknown(found.scenario, load_world(found.scenario.world), found.origins)
        kind = "scenario"
    serve.serve(port=port, browser=browser, **{kind: what})


def is_results(what: str) -> bool:
    """Tell whether a folder of results is meant, rather than a scenario by name or file."""
    from ydsim.scenario.read.extend import SUFFIXES, shipped
    from ydsim.store.manifest import NAME

    if what in shipped() or what.lower().endswith(SUFFIXES):
        return False
    return any((folder / NAME).exists() for folder in (Path(what), Path("results") / what))
