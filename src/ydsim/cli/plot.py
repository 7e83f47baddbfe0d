"""``ydsim plot``: figures of results that are there, without running anything."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ydsim.cli.run_options import QuietOption, say
from ydsim.errors import NothingToDrawError, UsageError
from ydsim.plots.options import OPTIONS

if TYPE_CHECKING:
    from ydsim.plots.saving import Look
    from ydsim.results.results import Results


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
        Path | None,
        typer.Option(
            "-o", "--output", metavar="FILE|FOLDER", help="Where to write [RESULTS/figures]."
        ),
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
    indicator: Annotated[
        str | None, typer.Option("--indicator", help=OPTIONS["indicator"].meaning)
    ] = None,
    region: Annotated[str | None, typer.Option("--region", help=OPTIONS["region"].meaning)] = None,
    year: Annotated[str | None, typer.Option("--year", help=OPTIONS["year"].meaning)] = None,
    years: Annotated[
        str | None, typer.Option("--years", metavar="FROM-TO", help=OPTIONS["years"].meaning)
    ] = None,
    channel: Annotated[
        str | None, typer.Option("--channel", help=OPTIONS["channel"].meaning)
    ] = None,
    x: Annotated[str | None, typer.Option("--x", help=OPTIONS["x"].meaning)] = None,
    y: Annotated[str | None, typer.Option("--y", help=OPTIONS["y"].meaning)] = None,
    colour: Annotated[str | None, typer.Option("--colour", help=OPTIONS["colour"].meaning)] = None,
    panels: Annotated[str | None, typer.Option("--panels", help=OPTIONS["panels"].meaning)] = None,
    show: Annotated[str | None, typer.Option("--show", help=OPTIONS["show"].meaning)] = None,
    list_: Annotated[
        bool, typer.Option("--list", help="List the kinds of figures that fit, and draw none.")
    ] = False,
    quiet: QuietOption = False,
) -> None:
    """Draw figures of one or more results folders; nothing is run."""
    options = {
        "indicator": indicator, "region": region, "year": year, "years": years,
        "channel": channel, "x": x, "y": y,
        "colour": colour, "panels": panels, "show": show,
    }  # fmt: skip
    from ydsim.plots.catalogue import KINDS
    from ydsim.plots.drawing import kind_of, require_fit
    from ydsim.plots.saving import format_of, look_of, place_of
    from ydsim.results.opening import open_results

    ending = None if output is None else format_of(output)
    if ending is not None and format not in (None, ending):
        raise UsageError(f"--format {format} and a file that ends in .{ending}; leave one out")
    look = look_of(format or ending, dpi, width)
    opened = [open_results(name) for name in results or ()]
    if list_:
        _list(opened)
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
    made = _drawn(opened, named, options, look, quiet=quiet)
    _write(made, *place_of(output, folders, len(made)), look.format)
    if any(name not in made for name in named):
        raise typer.Exit(1)


def _drawn(
    results: list[Results], named: list[str], options: dict[str, Any], look: Look, *, quiet: bool
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
        _refuse_untaken(kinds, options)
    else:
        kinds = drawing.unasked(results, options)
    moving = look.format == "gif"
    if moving and not named:
        raise UsageError("a gif is one animation; name it with --kind")
    figures = {}
    reasons = []
    for kind in kinds:
        given = {name: value for name, value in options.items() if name in kind.options}
        try:
            if moving:
                frames = drawing.frames(kind.name, *results, **given)
                figures[kind.name] = frames_to_bytes(frames, look)
            else:
                figures[kind.name] = to_bytes(drawing.draw(kind.name, *results, **given), look)
        except NothingToDrawError as nothing:
            reasons.append(drawing.nothing_drawn(kind, nothing))
    if not figures:
        raise NothingToDrawError("; ".join(reasons))
    if named or not quiet:
        for reason in reasons:
            say(reason)
    return figures


def _refuse_untaken(kinds: list[Any], options: dict[str, Any]) -> None:
    taken = {name for kind in kinds for name in kind.options}
    for name, value in options.items():
        if value is not None and name not in taken:
            names = " and ".join(kind.name for kind in kinds)
            takes = ", ".join(f"--{each}" for each in OPTIONS if each in taken) or "none"
            raise UsageError(f"--{name} is no option of {names}; options: {takes}")


def _write(made: dict[str, bytes], place: Path, single: bool, ending: str) -> None:
    """Write every figure and print its path."""
    from ydsim.store.files import make_folder, write_atomic

    make_folder(place.parent if single else place, parents=True)
    for name, content in made.items():
        path = place if single else place / f"{name}.{ending}"
        write_atomic(path, content)
        typer.echo(str(path))


def _list(results: list[Results]) -> None:
    from ydsim.plots.catalogue import KINDS
    from ydsim.plots.drawing import fitting

    kinds = fitting(results) if results else list(KINDS.values())
    width = max((len(kind.name) for kind in kinds), default=0) + 2
    for kind in kinds:
        typer.echo(f"{kind.name:<{width}}{kind.shows}")


def _say_unfinished(results: list[Results]) -> None:
    """Say of which results runs are missing, and how to go on."""
    from ydsim.results.status import status_of

    for each in results:
        if each.path is not None and (how := status_of(each.path).unfinished):
            say(f"{each.path}: {how}")
