"""``ydsim plot``, ``report``, ``export`` and ``verify``: what is done with finished results."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ydsim.cli import options
from ydsim.cli.output import print_json, printable, say
from ydsim.errors import NothingToDrawError, ResultsError, UsageError
from ydsim.fmt import counted
from ydsim.plots.options import OPTIONS

if TYPE_CHECKING:
    from ydsim.plots.catalogue import FigureKind
    from ydsim.plots.saving import Look
    from ydsim.results.results import Results
    from ydsim.run.replay import Replayed
    from ydsim.run.replicate import Injected


def _of_figures(name: str) -> Any:
    """Return an option of figures, as the room of figures declares it."""
    return typer.Option(f"--{name}", metavar=name.upper(), help=OPTIONS[name].meaning)


def plot(
    results: Annotated[
        list[str] | None,
        typer.Argument(metavar="RESULTS...", help="Results folders, or names in results/."),
    ] = None,
    kind: Annotated[
        list[str] | None,
        typer.Option("--kind", metavar="NAME", help="Which figure; may be repeated [what fits]."),
    ] = None,
    output: Annotated[
        Path | None, options.output("File, or folder for several [RESULTS/figures].")
    ] = None,
    format: Annotated[
        str | None,
        typer.Option("--format", help="png, svg, pdf, or gif for years [by -o, else png]."),
    ] = None,
    dpi: Annotated[
        int | None, typer.Option("--dpi", help="Dots an inch of a PNG, 36 to 1200 [150].")
    ] = None,
    width: Annotated[
        float | None,
        typer.Option("--width", help="Width in inches of a PNG or SVG, 2 to 40 [7.2]."),
    ] = None,
    indicator: Annotated[str | None, _of_figures("indicator")] = None,
    region: Annotated[str | None, options.place(OPTIONS["region"].meaning)] = None,
    year: Annotated[str | None, _of_figures("year")] = None,
    years: Annotated[str | None, options.years("all")] = None,
    channel: Annotated[str | None, _of_figures("channel")] = None,
    x: Annotated[str | None, _of_figures("x")] = None,
    y: Annotated[str | None, _of_figures("y")] = None,
    colour: Annotated[str | None, _of_figures("colour")] = None,
    panels: Annotated[str | None, _of_figures("panels")] = None,
    show: Annotated[str | None, _of_figures("show")] = None,
    list_: Annotated[
        bool, typer.Option("--list", help="List the kinds of figures that fit, and draw none.")
    ] = False,
    quiet: options.Quiet = False,
) -> None:
    """Draw figures of one or more results folders; nothing is run."""
    given = {
        "indicator": indicator, "region": region, "year": year, "years": years,
        "channel": channel, "x": x, "y": y,
        "colour": colour, "panels": panels, "show": show,
    }  # fmt: skip
    from ydsim.plots.catalogue import KINDS
    from ydsim.plots.drawing import fitting, kind_of, require_fit
    from ydsim.plots.saving import format_of, look_of, place_of
    from ydsim.results.results import open_results
    from ydsim.store.files import make_folder, write_atomic

    ending = None if output is None else format_of(output)
    if ending is not None and format not in (None, ending):
        raise UsageError(f"--format {format} and a file that ends in .{ending}; leave one out")
    look = look_of(format or ending, dpi, width)
    opened = [open_results(name) for name in results or ()]
    if list_:
        kinds = fitting(opened) if opened else list(KINDS.values())
        longest = max((len(kind.name) for kind in kinds), default=0) + 2
        for each in kinds:
            print(f"{each.name:<{longest}}{each.shows}")
        return
    if not opened:
        raise UsageError("give a results folder to draw, or --list")
    if not quiet:
        _say_unfinished(opened)
    named = [kind_of(name).name for name in kind or ()]
    for name in named:
        require_fit(KINDS[name], opened)
    folders = [each.path for each in opened if each.path is not None]
    place_of(output, folders, 1)  # refuses before anything is drawn
    made = _drawn(opened, named, given, look, quiet=quiet)
    place, single = place_of(output, folders, len(made))
    make_folder(place.parent if single else place, parents=True)
    for name, content in made.items():
        path = place if single else place / f"{name}.{look.format}"
        write_atomic(path, content)
        print(path)
    if any(name not in made for name in named):
        raise typer.Exit(1)


def _drawn(
    results: list[Results], named: list[str], given: dict[str, Any], look: Look, *, quiet: bool
) -> dict[str, bytes]:
    """Return figures as bytes by the name of their kind; those without data are left out and said.

    Raises
    ------
    NothingToDrawError
        When there is none.
    """
    from ydsim.plots import drawing
    from ydsim.plots.catalogue import KINDS
    from ydsim.plots.saving import frames_to_bytes, to_bytes

    kinds = [KINDS[name] for name in dict.fromkeys(named)]
    if kinds:
        _refuse_untaken(kinds, given)
    else:
        kinds = drawing.unasked(results, given)
    moving = look.format == "gif"
    if moving and not named:
        raise UsageError("a gif is one animation; name it with --kind")
    figures = {}
    reasons = []
    for kind in kinds:
        taken = {name: value for name, value in given.items() if name in kind.options}
        try:
            if moving:
                frames = drawing.frames(kind.name, *results, **taken)
                figures[kind.name] = frames_to_bytes(frames, look)
            else:
                figures[kind.name] = to_bytes(drawing.draw(kind.name, *results, **taken), look)
        except NothingToDrawError as nothing:
            reasons.append(drawing.nothing_drawn(kind, nothing))
    if not figures:
        raise NothingToDrawError("; ".join(reasons))
    for reason in reasons if named or not quiet else ():
        say(reason)
    return figures


def _refuse_untaken(kinds: Sequence[FigureKind], given: dict[str, Any]) -> None:
    taken = {name for kind in kinds for name in kind.options}
    for name, value in given.items():
        if value is not None and name not in taken:
            names = " and ".join(kind.name for kind in kinds)
            takes = ", ".join(OPTIONS[each].flag for each in OPTIONS if each in taken) or "none"
            raise UsageError(f"{OPTIONS[name].flag} is no option of {names}; options: {takes}")


def _say_unfinished(results: list[Results]) -> None:
    """Say of which results runs are missing, and how to go on."""
    from ydsim.results.status import status_of

    for each in results:
        if each.path is not None and (how := status_of(each.path).unfinished):
            say(f"{each.path}: {how}")


def report(
    results: Annotated[
        list[str],
        typer.Argument(
            metavar="RESULTS...",
            help="Results folders, or points of sweeps, FOLDER:POINT; the first is the base, and "
            "folders of the studies bottleneck and interactions add a section.",
        ),
    ],
    out: Annotated[Path | None, options.output("The page [RESULTS/report.html].")] = None,
    title: Annotated[
        str | None, typer.Option("--title", help="Title [the finding, or the question].")
    ] = None,
    quiet: options.Quiet = False,
) -> None:
    """Write one self-contained page: finding, numbers, figures, who gains, fit, limits."""
    from ydsim import arguments
    from ydsim.report.gather import gather
    from ydsim.report.summary import missing
    from ydsim.report.write import refuse_folder, write

    refuse_folder(out)
    head = "" if title is None else arguments.text("title", title)
    gathered = gather(results)
    for line in () if quiet else missing(gathered):
        say(line)
    print(write(gathered, out, head))


class Format(StrEnum):
    """Formats of an exported table."""

    csv = "csv"
    parquet = "parquet"
    json = "json"
    xlsx = "xlsx"


def export(
    results: options.Folder,
    table: Annotated[
        str | None,
        typer.Option(
            "--table",
            help="Which table, for example runs, funnel, ties or agents [province_year].",
        ),
    ] = None,
    format: Annotated[
        Format | None,
        typer.Option("--format", help="Format; by default from the ending of -o, else csv."),
    ] = None,
    output: Annotated[Path | None, options.output("File to write instead of stdout.")] = None,
) -> None:
    """Write one tidy table of results, to stdout unless -o is given."""
    from ydsim.results.results import open_results
    from ydsim.results.text import require_excel, to_csv, to_excel, to_json
    from ydsim.store.files import write_atomic
    from ydsim.store.tables import to_parquet

    chosen = format or _from_ending(output)
    if output is None and chosen in (Format.parquet, Format.xlsx) and sys.stdout.isatty():
        raise UsageError(f"a {chosen} file cannot be shown on a terminal; give a file with -o")
    if output is not None and output.is_dir():
        raise UsageError(f"{output} is a folder; give the name of a file with -o")
    if chosen is Format.xlsx:
        require_excel()
    name = table or "province_year"
    columns = open_results(results).columns(name)
    if chosen is Format.parquet:
        data = to_parquet(columns)
    elif chosen is Format.xlsx:
        data = to_excel(columns, name)
    else:
        data = (to_csv if chosen is Format.csv else to_json)(columns).encode("utf-8")
    if output is not None:
        write_atomic(output, data)
    else:
        _to_stdout(data)


def _from_ending(output: Path | None) -> Format:
    ending = "" if output is None else output.suffix.lower().lstrip(".")
    if ending == "duckdb":
        raise UsageError(
            f"{output}: no DuckDB file is written any more; DuckDB reads the Parquet files of the "
            "folder as they are (docs/results.md)"
        )
    return Format(ending) if ending in tuple(Format) else Format.csv


def _to_stdout(data: bytes) -> None:
    """Write all bytes to stdout, which takes only a part at a time when it is unbuffered.

    A terminal gets them as text without hidden characters.
    """
    sys.stdout.flush()
    if sys.stdout.isatty():
        sys.stdout.write(data.decode("utf-8"))
        return
    rest = memoryview(data)
    while rest:
        rest = rest[sys.stdout.buffer.write(rest) :]
    sys.stdout.buffer.flush()


def verify(
    results: options.Folder,
    recompute: Annotated[
        int,
        typer.Option("--recompute", min=0, metavar="N", help="Run N runs again and compare."),
    ] = 0,
    rerun: Annotated[
        str | None,
        typer.Option(
            "--rerun",
            metavar="RUN",
            help="Run this one again and show it: its name in tables and failures, or of a single "
            "scenario the number of a replicate.",
        ),
    ] = None,
    world: options.World = None,
    allow_code: options.AllowCode = False,
    as_json: options.AsJson = False,
) -> None:
    """Check every file against its SHA-256; with --recompute or --rerun run some of it again."""
    from ydsim.results.status import status_of
    from ydsim.results.status import verify as problems_of
    from ydsim.run.api import injected_of

    injected = injected_of(world, allow_code=allow_code)
    if rerun is not None:
        if recompute:
            raise UsageError("--rerun runs one run again; leave out --recompute")
        _rerun(results, rerun, injected, as_json=as_json)
        return
    problems = [printable(line) for line in problems_of(results)]
    again = _recomputed(results, recompute, injected) if recompute and not problems else []
    problems += [_differing(each) for each in again if each["differs"]]
    found = None if problems else status_of(results)
    if as_json:
        unfinished = "" if found is None else found.unfinished
        print_json({"ok": not problems, "problems": problems, "unfinished": unfinished,
                    "recomputed": again})  # fmt: skip
    elif found is not None:
        words = ["ok"] if found.unfinished else ["ok", counted(found.done, "run")]
        words += [f"{counted(len(again), 'run')} computed again and equal"] if again else []
        words += [found.unfinished] if found.unfinished else []
        print(printable(f"{found.folder}: {', '.join(words)}"))
    for line in problems if not as_json else ():
        say(f"error: {line}")
    if problems:
        raise typer.Exit(ResultsError.exit_code)


def _recomputed(results: str, most: int, injected: Injected) -> list[dict[str, Any]]:
    from ydsim.run.replay import recompute

    return [
        {"run": each.run, "differs": list(each.differs or ()), "refitted": list(each.refitted)}
        for each in recompute(results, most, injected)
    ]


def _differing(found: dict[str, Any]) -> str:
    changed = f"; fitted data have changed ({', '.join(found['refitted'])})"
    said = f"run {found['run']}: is not what it computes: {', '.join(found['differs'])}"
    return said + changed * bool(found["refitted"])


def _rerun(folder: str, name: str, injected: Injected, *, as_json: bool) -> None:
    """Run one run again, in memory: compare it with what is stored, or see it fail."""
    from ydsim.run.replay import replay
    from ydsim.run.replicate import ReplicateFailedError

    by = {"replicate": int(name)} if name.isdecimal() else {"run": name}
    try:
        found = replay(folder, injected=injected, **by)
    except ReplicateFailedError as failed:
        entry = failed.entry
        for line in entry["traceback"]:
            say(f"  {line}")
        what = f"{entry['exception']}: {entry['message']}"
        say(f"error: run {name} failed in quarter {entry['quarter']}: {what}")
        raise typer.Exit(1) from None
    if as_json:
        print_json(
            {
                "run": found.run,
                "replicate": found.replicate,
                "points": list(found.points),
                "as_stored": None if found.differs is None else not found.differs,
                "differs": list(found.differs or ()),
                "refitted": list(found.refitted),
                "scenario": found.scenario,
                "outcomes": {k: v if v == v else None for k, v in found.headline().items()},
            }
        )
    else:
        print("\n".join(text_of_run(found, folder)))
    if found.differs:
        say(f"error: {found.run}: not as stored: {', '.join(found.differs)}")
        raise typer.Exit(ResultsError.exit_code)


def text_of_run(found: Replayed, folder: str) -> list[str]:
    """Return what is said of a run that was run again."""
    points = ", ".join(map(str, found.points))
    lines = [f"run {found.run}: point {points}, replicate {found.replicate}, the last year:"]
    for name, value in found.headline().items():
        lines += [f"  {name:<42}{value:>16.8g}"] if value == value else []
    lines += [f"note: {note}" for note in found.notes]
    if found.refitted:
        files = ", ".join(found.refitted)
        lines.append(
            f"note: fitted data have changed since then ({files}); what differs may be this"
        )
    if found.differs is None:
        lines.append(f"not stored in {folder}")
    elif not found.differs:
        lines.append("every table is as stored")
    return lines
