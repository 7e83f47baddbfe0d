"""From the name of a kind, results and options to a figure and its file: one way for all who ask.

The command line, a run, `ydsim.plot` and `Results.plot` come here, so that all of them know the
same kinds, options and refusals, and equal figures become equal bytes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from ydsim import arguments
from ydsim.errors import NothingToDrawError, ResultsError, UsageError, YdsimError
from ydsim.plots.canvas import (
    DPI,
    FORMATS,
    Canvas,
    house_style,
    language_of_figures,
    save_bytes,
    wide,
)
from ydsim.plots.catalogue import KINDS, OF, OPTIONS, FigureKind, require_province
from ydsim.results.results import Results
from ydsim.store.files import asking_system, make_folder, refuse_link, write_atomic
from ydsim.translation import gettext as _t
from ydsim.untrusted_input import one_line
from ydsim.wording import shorten, suggestion

LIST, MOST = "list", 24
"""Design of a sweep whose points are alternatives, as a comparison makes it, and most of these."""

_ENDING = re.compile("[a-z][a-z0-9]{1,4}")
"""What a file ends in, unlike the end of a folder such as ``figures-0.15``."""

LEAST_DPI, MOST_DPI = 36, 1200
LEAST_WIDTH, MOST_WIDTH = 2.6, 40.0
"""Inches."""


def draw(kind: str, *results: Results, width: float | None = None, **options: Any) -> Figure:
    """Return a figure of results.

    Parameters
    ----------
    kind
        Name of a kind of figure (`ydsim list figures`), or a beginning that only one of them has.
    results
        One results object, or several for the kinds that put scenarios on one axis.
    width
        Of the page in inches, from 2.6 to 40 [7.2]. Texts keep their size, and the panels of a
        narrow page stand one below the other.
    options
        Those that the kind declares; None means the default.

    Raises
    ------
    UsageError
        When there is no such kind or option, or the kind does not fit the results.
    NothingToDrawError
        When the results lack what the figure needs.
    """
    for each in results:
        if not isinstance(each, Results):
            raise arguments.refuse(str(kind), "results, as from ydsim.open_results", each)
    found = kind_of(kind)
    require_fit(found, results)
    given = {name: value for name, value in options.items() if value is not None}
    for name in given:
        if name not in found.options:
            takes = ", ".join(found.options) or "none"
            raise UsageError(
                f"{found.name} takes no option {one_line(name, 40)}; it takes: {takes}"
            )
    checked = {name: OPTIONS[name].read(name, value, results) for name, value in given.items()}
    if "region" in checked:
        require_province(checked["region"], found, results)
    drawn = results if found.of == "sweep" else alternatives(results)
    page = nullcontext() if width is None else wide(checked_width(width))
    with house_style(), language_of_figures(), page:
        try:
            figure = found.target(*drawn, **checked)
        except UsageError as error:  # of a study: runs of another design have nothing to draw
            if found.function.startswith("studies"):
                raise NothingToDrawError(str(error)) from None
            raise
        if not isinstance(figure, Figure):
            figure = figure.plot()
        return figure.finish() if isinstance(figure, Canvas) else figure


# -- which kinds -----------------------------------------------------------------------------------


def kind_of(name: str) -> FigureKind:
    """Return the kind of a name, or of a beginning that only one has.

    Any other name is refused with a `UsageError` that says the nearest one.
    """
    if not isinstance(name, str):
        raise arguments.refuse("kind", "the name of a kind of figure", name)
    begun = [kind for kind in KINDS if name and kind.startswith(name)]
    if name in begun or len(begun) == 1:
        return KINDS[name if name in begun else begun[0]]
    near = suggestion(name, begun or list(KINDS), _t("known"))
    message = _t("there is no kind of figure {name!r}{hint}")
    raise UsageError(message.format(name=shorten(name), hint=near))


def require_fit(kind: FigureKind, results: Sequence[Results]) -> None:
    """Raise a `UsageError` of results that a kind is not drawn of; it names the kinds that fit."""
    if not results:
        raise UsageError(f"{kind.name}: give results to draw, {OF[kind.of]}")
    if kind not in _of_shape(results):
        names = ", ".join(each.name for each in fitting(results)) or "none"
        here = f"here {'is' if len(results) == 1 else 'are'} {_in_words(results)}"
        raise UsageError(f"{kind.name} shows {OF[kind.of]}, and {here}; what fits: {names}")


def fitting(results: Sequence[Results]) -> list[FigureKind]:
    """Return the kinds that can be drawn of results as they are, in the order of lists.

    Each kind's own rule is asked: design and points of a sweep, years of a run, runs of a study.
    What is told only by the data, such as tables that were not recorded, is not looked up.
    """
    from ydsim.plots.sweeps import grid_kinds

    grids = grid_kinds(results[0]) if len(results) == 1 and _sweeps(results) else []
    several = alternatives(results)
    return [
        kind
        for kind in _of_shape(results)
        if kind.name in grids or kind.suits(*(results if kind.of == "sweep" else several))
    ]


def _of_shape(results: Sequence[Results]) -> list[FigureKind]:
    """Return the kinds that are drawn of so many runs or sweeps."""
    of: set[str] = set()
    if len(results) == 1:
        of = {"sweep"} if _sweeps(results) else {"run", "several"}
    if len(alternatives(results)) > 1 and (len(results) == 1 or not _sweeps(results)):
        of |= {"several", "two"}
    return [kind for kind in KINDS.values() if kind.of in of]


def alternatives(results: Sequence[Results]) -> Sequence[Results]:
    """Return points of the folder of a comparison as results of their own, all else as it is."""
    if len(results) != 1:
        return results
    (one,) = results
    number = len(one.contents.points)
    if not 1 < number <= MOST or one.manifest["spec"].get("kind") != LIST:
        return results
    return [one.at(point) for point in range(number)]


def listed(results: Sequence[Results]) -> list[FigureKind]:
    """Return the kinds that can be drawn as `fitting` does; where none can, raise `UsageError`."""
    if found := fitting(results):
        return found
    raise UsageError(f"no kind of figure is drawn of {_in_words(results)} together")


def unasked(results: Sequence[Results], options: Mapping[str, Any]) -> list[FigureKind]:
    """Return the kinds that are drawn where none is named.

    Of a run those that a run draws, of several runs those that take several, of a sweep those that
    fit its factors; with options, the kinds that take all of them. Where there is none it raises
    a `UsageError`.
    """
    given = {name for name, value in options.items() if value is not None}
    fit = _of_shape(results)
    several = len(alternatives(results)) > 1
    usual = [
        kind
        for kind in fit
        if (kind.suits(results[0]) if kind.of == "sweep" else several or kind.after_run)
    ]
    for kinds in (usual, fit if given else []):
        if found := [kind for kind in kinds if given <= set(kind.options)]:
            return found
    asked = " with " + " ".join(f"--{name}" for name in sorted(given)) if given else ""
    names = ", ".join(kind.name for kind in fitting(results)) or "none"
    raise UsageError(f"no figure suits {_in_words(results)}{asked}; name one of: {names}")


def _sweeps(results: Sequence[Results]) -> int:
    return sum(len(each.contents.points) > 1 for each in results)


def _in_words(results: Sequence[Results]) -> str:
    n, sweeps = len(results), _sweeps(results)
    if n == 1:
        return "a sweep" if sweeps else "a run"
    return f"{n} results, {sweeps} of them of sweeps" if sweeps else f"{n} runs"


# -- files -----------------------------------------------------------------------------------------


def make_figures(
    results: Results, folder: Path, *, note: Callable[[str], None] | None = None
) -> list[Path]:
    """Draw every figure that a run leaves as a PNG and return the files, in a fixed order.

    A file of an earlier run whose figure can no longer be drawn is removed.

    ``folder``: where the files go; made if needed. ``note``: called with one line for each figure
    that is left out, saying why. ResourceError when the system refuses to write.
    """
    make_folder(folder, parents=True)
    paths = []
    for kind in (each for each in KINDS.values() if each.after_run):
        path = folder / f"{kind.name}.png"
        try:
            data = save_bytes(draw(kind.name, results))
        except NothingToDrawError as nothing:
            with asking_system("remove", path):
                path.unlink(missing_ok=True)
            if note is not None:
                note(nothing_drawn(kind, nothing))
            continue
        write_atomic(path, data)
        paths.append(path)
    return paths


def nothing_drawn(kind: FigureKind, why: YdsimError) -> str:
    """Say that a figure is left out, and why, in one line."""
    return _t("{kind} is left out: {why}").format(kind=kind.name, why=why)


def save(figure: Figure, path: str | Path, *, dpi: int | None = None) -> Path:
    """Write a figure to a file and return its path; the ending says the format.

    Parameters
    ----------
    path
        A file that ends in ``.png``, ``.svg`` or ``.pdf``; its folder is made if needed.
    dpi
        Dots an inch of a PNG, from 36 to 1200 [150].

    Raises
    ------
    UsageError
        When it is no figure, the ending is another one, or a value is out of its limits.
    ResourceError
        When the system refuses to write.
    """
    if not isinstance(figure, Figure):
        raise arguments.refuse("figure", "what a function of ydsim.plot returns", figure)
    target = Path(arguments.path("path", path, "a file"))
    format = format_of(target)
    if format is None:
        raise UsageError(f"{target}: expected a file that ends in .png, .svg or .pdf")
    data = save_bytes(figure, format, dpi=checked_dpi(format, dpi))
    make_folder(target.parent, parents=True)
    write_atomic(target, data)
    return target


def checked_dpi(format: str, dpi: Any) -> int:
    """Return dots an inch, 150 where none are given.

    Raises a `UsageError` for a number out of its limits, and for a format without dots.
    """
    dots = arguments.maybe_whole("dpi", dpi, LEAST_DPI, MOST_DPI)
    if dots is not None and format != "png":
        raise UsageError(f"dpi is of PNG figures; {format.upper()} has no dots")
    return DPI if dots is None else dots


def checked_width(width: Any) -> float:
    """Return the width of a page in inches; raise a `UsageError` if it is out of its limits."""
    expected = f"a width in inches from {LEAST_WIDTH:g} to {MOST_WIDTH:g}"
    inches = arguments.number("width", width, expected)
    if not LEAST_WIDTH <= inches <= MOST_WIDTH:
        raise arguments.refuse("width", expected, width)
    return inches


def format_of(path: Path) -> str | None:
    """Return the format that a file's ending says, None for a folder.

    Raises a `UsageError` for the ending of another kind of file; a folder of such a name is taken
    where it exists.
    """
    ending = path.suffix.lower().lstrip(".")
    if ending in FORMATS and not path.is_dir():
        return ending
    if _ENDING.fullmatch(ending) and not path.is_dir():
        message = _t("{path}: figures are written as {formats}, not as {ending}")
        raise UsageError(message.format(path=path, formats=", ".join(FORMATS), ending=ending))
    return None


def place_of(output: Path | None, results: Sequence[Path], count: int) -> tuple[Path, bool]:
    """Return where figures go, and whether that is a single file.

    ``output``: as the user gave it; None where nothing was given. ``results``: the results folders
    that are drawn. ``count``: how many figures there are; several do not go into one file.
    UsageError when several figures should go into one file, or several results name no place.
    ResultsError when a file is where a folder is needed.
    """
    if output is None:
        if len(results) != 1:
            raise UsageError("several results have no folder in common; give a file or folder: -o")
        folder = results[0] / "figures"
        refuse_link(folder)  # a results folder may come from a stranger
        return folder, False
    if format_of(output) is None:
        if output.exists() and not output.is_dir():
            raise ResultsError(f"{output} is a file, not a folder; use another name with -o")
        return output, False
    if count != 1:
        raise UsageError(f"{count} figures do not go into one file; give a folder with -o")
    return output, True
