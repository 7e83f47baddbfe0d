"""From the name of a kind, results and options to a figure: the one way for all who ask.

The command line, `ydsim.plot` and `Results.plot` come here, so that all of them know the same
kinds, options and refusals.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.figure import Figure

from ydsim import arguments
from ydsim.errors import UsageError, YdsimError
from ydsim.outside import one_line
from ydsim.plots.canvas import Canvas
from ydsim.plots.catalogue import GONE, KINDS, FigureKind
from ydsim.plots.options import OPTIONS
from ydsim.plots.style import house_style
from ydsim.results.results import Results
from ydsim.wording import suggestion

OF = {
    "run": "one run of a scenario",
    "several": "one or more runs",
    "sweep": "one sweep",
}
"""What a kind of figure is drawn of, in words."""

LIST, MOST = "list", 24
"""Design of a sweep whose points are alternatives, as a comparison makes it, and most of these."""


def shown_of(kind: FigureKind) -> str:
    """Say what a kind is drawn of."""
    return "two or more runs" if kind.least > 1 else OF[kind.of]


def draw(kind: str, *results: Results, **options: Any) -> Figure:
    """Return a figure of results.

    Parameters
    ----------
    kind
        Name of a kind of figure (`ydsim list figures`), or a beginning that only one of them has.
    results
        One results object, or several for the kinds that put scenarios on one axis.
    options
        Those that the kind declares; None means the default.

    Raises
    ------
    UsageError
        When there is no such kind or option, or the kind does not fit the results.
    NothingToDrawError
        When the results lack what the figure needs.
    """
    found, checked = _checked(kind, results, options)
    drawn = results if found.of == "sweep" else alternatives(results)
    with house_style():
        figure = found.draw(*drawn, **checked)
        return figure.finish() if isinstance(figure, Canvas) else figure


def _checked(
    kind: str, results: Sequence[Results], options: Mapping[str, Any]
) -> tuple[FigureKind, dict[str, Any]]:
    """Return the kind and its options, all checked."""
    for each in results:
        if not isinstance(each, Results):
            raise arguments.refuse(str(kind), "results, as from ydsim.open_results", each)
    found = kind_of(kind)
    require_fit(found, results)
    return found, read_options(found, results, options)


def kind_of(name: str) -> FigureKind:
    """Return the kind of a name, or of a beginning that only one kind has.

    Raises
    ------
    UsageError
        When there is none, naming the nearest, or it is no text.
    """
    if not isinstance(name, str):
        raise arguments.refuse("kind", "the name of a kind of figure", name)
    if name in KINDS:
        return KINDS[name]
    begun = [kind for kind in KINDS if name and kind.startswith(name)]
    if len(begun) == 1:
        return KINDS[begun[0]]
    if name in GONE:
        raise UsageError(f"the figure {name} is gone: draw {GONE[name]}")
    near = suggestion(name, begun or list(KINDS), "known")
    raise UsageError(f"there is no kind of figure {one_line(name, 60)!r}{near}")


def require_fit(kind: FigureKind, results: Sequence[Results]) -> None:
    """Refuse results that a kind does not draw.

    Raises
    ------
    UsageError
        Names the kinds that do.
    """
    if not results:
        raise UsageError(f"{kind.name}: give results to draw, {shown_of(kind)}")
    if kind not in fitting(results):
        names = ", ".join(each.name for each in fitting(results)) or "none"
        raise UsageError(
            f"{kind.name} shows {shown_of(kind)}, and here is {_in_words(results)}; "
            f"what fits: {names}"
        )


def fitting(results: Sequence[Results]) -> list[FigureKind]:
    """Return the kinds that such results can have, in the order of lists."""
    allowed, number = what_of(results), len(alternatives(results))
    return [
        kind
        for kind in KINDS.values()
        if kind.of in allowed and (kind.of == "sweep" or kind.least <= number)
    ]


def what_of(results: Sequence[Results]) -> tuple[str, ...]:
    """Return which kinds fit results by what they are of."""
    if any(len(each.contents.points) > 1 for each in results):
        of_points = ("several",) if len(alternatives(results)) > 1 else ()
        return ("sweep", *of_points) if len(results) == 1 else ()
    return ("run", "several") if len(results) == 1 else ("several",)


def alternatives(results: Sequence[Results]) -> Sequence[Results]:
    """Return points of the folder of a comparison as results of their own, all else as it is."""
    if len(results) != 1:
        return results
    (one,) = results
    number = len(one.contents.points)
    if not 1 < number <= MOST or one.manifest["spec"].get("kind") != LIST:
        return results
    return [one.at(point) for point in range(number)]


def unasked(results: Sequence[Results], options: Mapping[str, Any]) -> list[FigureKind]:
    """Return the kinds that are drawn where none is named.

    Of a run those that a run draws, of several runs those that take several, of a sweep those that
    fit its factors. With options, the kinds that take all of them.

    Raises
    ------
    UsageError
        When no kind fits the results, or takes the options.
    """
    given = {name for name, value in options.items() if value is not None}
    fit = fitting(results)
    if not fit:
        raise UsageError(f"no kind of figure shows {_in_words(results)}")
    usual = [kind for kind in fit if _usual(kind, results)]
    for kinds in (usual, fit) if given else (usual,):
        if found := [kind for kind in kinds if given <= set(kind.options)]:
            return found
    if not given:
        names = ", ".join(kind.name for kind in fit)
        raise UsageError(f"no figure suits the factors of this sweep; name one of: {names}")
    names = " ".join(f"--{name}" for name in sorted(given))
    raise UsageError(f"no figure of {_in_words(results)} takes {names}")


def read_options(
    kind: FigureKind, results: Sequence[Results], options: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the options that are given, checked.

    Raises
    ------
    UsageError
        When the kind does not take one, or its value is wrong.
    """
    given = {name: value for name, value in options.items() if value is not None}
    for name in given:
        if name not in kind.options:
            takes = ", ".join(kind.options) or "none"
            raise UsageError(f"{kind.name} takes no option {one_line(name, 40)}; it takes: {takes}")
    return {name: OPTIONS[name].read(name, value, results) for name, value in given.items()}


def nothing_drawn(kind: FigureKind, why: YdsimError) -> str:
    """Say that a figure is left out, and why, in one line."""
    return f"{kind.name} is left out: {why}"


def _usual(kind: FigureKind, results: Sequence[Results]) -> bool:
    if kind.of == "sweep":
        return kind.suits(results[0])
    return len(alternatives(results)) > 1 or kind.after_run


def _in_words(results: Sequence[Results]) -> str:
    sweeps = sum(len(each.contents.points) > 1 for each in results)
    if len(results) == 1:
        return "a sweep" if sweeps else "a run"
    if sweeps:
        return f"{len(results)} results, {sweeps} of them of sweeps"
    return f"{len(results)} runs"
