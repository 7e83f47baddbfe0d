"""Figures of results, from Python: one function for each kind, ``ydsim.plot.KIND(results)``.

>>> import ydsim
>>> a = ydsim.open_results("baseline")  # doctest: +SKIP
>>> ydsim.plot.funnel(a)  # doctest: +SKIP
>>> ydsim.plot.kinds()  # doctest: +SKIP

Every function takes results (of a run, of several runs or of a sweep, as the kind says) and the
options of its kind by name, and returns a Matplotlib figure, which a notebook shows. ``save``
writes it: equal results give equal bytes. ``results.plot("funnel")`` is the same for one results
object.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from matplotlib.figure import Figure

from ydsim.plots.catalogue import KINDS, OF, OPTIONS
from ydsim.plots.drawing import draw, save
from ydsim.results.results import Results
from ydsim.wording import suggestion

__all__ = ["draw", "kinds", "save"]


def kinds() -> dict[str, str]:
    """Return what each kind of figure shows, by its name."""
    return {kind.name: kind.shows for kind in KINDS.values()}


@cache
def _function(name: str) -> Callable[..., Figure]:
    """Return the function of a kind, named and documented as the kind is."""
    kind = KINDS[name]

    def plot(*results: Results, **options: Any) -> Figure:
        return draw(name, *results, **options)

    plot.__name__ = plot.__qualname__ = name
    lines = [f"{kind.shows[:1].upper()}{kind.shows[1:]}.", "", f"Draws {OF[kind.of]}."]
    if kind.options:
        lines += ["", "Parameters", "----------"]
        for option in kind.options:
            lines += [option, f"    {OPTIONS[option].meaning}"]
    plot.__doc__ = "\n".join(lines)
    return plot


def __getattr__(name: str) -> Callable[..., Figure]:
    if name in KINDS:
        return _function(name)
    near = suggestion(name, list(KINDS), "known")
    raise AttributeError(f"module {__name__!r} has no figure {name!r}{near}")


def __dir__() -> list[str]:
    return [*__all__, *KINDS]
