"""All kinds of figures, by name, and the options that they take.

A new kind is a function that returns a figure of results, and a line of ``kinds.csv``. Options are
declared once: each is a parameter of a kind's function, a keyword in Python, and an option of
``ydsim plot``. Nothing heavy is imported before something is drawn.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

from ydsim import arguments
from ydsim.errors import UsageError
from ydsim.packaged import rows_of
from ydsim.record.indicators import indicator_called, named_by_word
from ydsim.translation import gettext
from ydsim.untrusted_input import one_line
from ydsim.wording import canonical, years_in

if TYPE_CHECKING:
    from ydsim.results.results import Results

OF = {
    "run": "one run of a scenario",
    "several": "one or more runs",
    "two": "two or more runs",
    "sweep": "one sweep",
}
"""What a kind of figure is drawn of, in words."""


@dataclass(frozen=True)
class FigureKind:
    """A kind of figure: a line of ``kinds.csv``.

    ``of`` is what it is drawn of, a key of `OF`; scenarios of ``"several"`` or ``"two"`` share an
    axis. ``words`` say what it shows in one line of English. ``function`` is module below `ydsim`
    and name of what draws it, as in ``plots.stages:draw_funnel``: it takes `Results` (of
    ``"several"`` any number of them) and options, and returns the figure, or a study that draws
    itself; it raises `NothingToDrawError` when the data are too few. ``options`` are of `OPTIONS`.
    ``after_run`` tells whether a run draws it by itself. ``fits`` are the kinds of design, or the
    function ``module:name`` that tells whether results suit it, or names the kind of figure that
    does; empty: always.
    """

    name: str
    of: str
    words: str
    function: str
    options: tuple[str, ...]
    after_run: bool
    fits: str

    @property
    def shows(self) -> str:
        """What it shows, in one line."""
        return gettext(self.words)

    @property
    def shows_cities(self) -> bool:
        """Whether its place may be a city."""
        return self.function.startswith("studies.sensitivity:")

    @property
    def target(self) -> Callable[..., Any]:
        """The function that draws it, or reads the study that draws itself."""
        return _function(self.function)

    def suits(self, *results: Results) -> bool:
        """Tell whether such results have what it needs; a grid has one kind that suits it best."""
        if ":" in self.fits:
            return _function(self.fits)(*results) in (True, self.name)
        return not self.fits or results[0].manifest["spec"]["kind"] in self.fits.split()


def _function(path: str) -> Callable[..., Any]:
    """Return a function, importing its module."""
    module, _, name = path.partition(":")
    return getattr(import_module(f"ydsim.{module}"), name)


KINDS = {
    name: FigureKind(name, of, words, function, tuple(options.split()), after == "yes", fits)
    for name, of, words, function, options, after, fits in map(
        dict.values, rows_of("ydsim.plots", "kinds.csv")
    )
}
"""Every kind of figure, by name, in the order of lists."""

# -- options ---------------------------------------------------------------------------------------


def require_known(what: str, found: str, known: Collection[str]) -> None:
    """Raise a `UsageError` with the nearest name if results lack what was named."""
    if found not in known:
        near = named_by_word(found, known, "known")
        raise UsageError(f"there is no {what} {one_line(found, 60)} in these results{near}")


def _name(name: str, given: Any, results: Sequence[Results]) -> str:
    """Return a name that results have; ``region`` is all of it, and of a factor the end does."""
    from ydsim.results.cube import place_in

    what = name if name in ("indicator", "region", "channel") else "factor"
    found = arguments.text(name, given, f"the name of {'an' if what[0] == 'i' else 'a'} {what}")
    found = indicator_called(found) if what == "indicator" else found
    for one in results:
        known = _names(what, one)
        found = canonical(found, {each: each for each in known} if what != "region" else {})
        ends = [each for each in known if each.endswith(f".{found}")]
        if what == "region":
            level, found = place_in(one, found)
            known = [found] if level == "city" else known
        elif found not in known and len(ends) == 1:
            found = ends[0]
        require_known(what, found, known)
    return found


def _names(what: str, results: Results) -> list[str]:
    from ydsim.agents.tally import LINKS

    if what == "factor":
        return factors_of(results)
    return [*(LINKS if what == "channel" else map(str, results.manifest[f"{what}s"]))]


def require_province(place: str, kind: FigureKind, results: Sequence[Results]) -> None:
    """Refuse a city with a `UsageError` unless the kind shows cities."""
    for one in results:
        known = _names("region", one)
        if place not in known and not kind.shows_cities:
            message = gettext("{kind} shows no cities such as {place}; --place is one of: {names}")
            names = ", ".join(map(gettext, known))
            raise UsageError(message.format(kind=kind.name, place=gettext(place), names=names))


def _show(name: str, given: Any, results: Sequence[Results]) -> str:
    return arguments.one_of(name, given, ("value", "change"))


def _year(name: str, given: Any, results: Sequence[Results]) -> int:
    if isinstance(given, str) and re.fullmatch(r"[0-9]{1,6}", given):
        given = int(given)
    elif isinstance(given, str) and len(meant := years_in(given)) == 1:
        raise arguments.refuse(name, gettext("a year"), given, str(int(meant[0])))
    year = arguments.whole(name, given, 0, 999_999)
    for one in results:
        scenario = one.manifest["scenario"]  # of a sweep the base, which points may leave
        first, last = int(scenario["start"]), int(scenario["end"])
        if len(one.contents.points) == 1 and not first <= year <= last:
            message = gettext("{option}: {name} has the years {first} to {last}, not {year}")
            where = {"option": name, "name": one.name, "first": first, "last": last}
            raise UsageError(message.format(year=year, **where))
    return year


def _years(name: str, given: Any, results: Sequence[Results]) -> tuple[int, int]:
    first, last = arguments.years(name, given)
    return _year(name, first, results), _year(name, last, results)


def factors_of(results: Results) -> list[str]:
    """Return the columns that tell the points of a sweep apart."""
    points = results.contents.points
    several = len(set(points.columns["scenario"].tolist())) > 1
    return [*(["scenario"] if several else []), *points.factors]


@dataclass(frozen=True)
class Option:
    """An option of figures: its line of help, and how it is read."""

    meaning: str
    read: Callable[[str, Any, Sequence[Results]], Any]


OPTIONS = {
    "indicator": Option("What is shown, for example launches.", _name),
    "region": Option(
        "A province instead of the whole region; for tornado, sobol and morris also a city, if "
        "cities are recorded.",
        _name,
    ),
    "year": Option("A year instead of the last one.", _year),
    "years": Option("Only these years, as in 2015:2020.", _years),
    "channel": Option("Channel of links, for example contract.", _name),
    "x": Option("Factor of the horizontal axis.", _name),
    "y": Option("Factor of the vertical axis.", _name),
    "colour": Option("Factor of the colours.", _name),
    "panels": Option("Factor of the panels.", _name),
    "show": Option("value, or change from the base point in per cent.", _show),
}
"""Every option of a figure, by its keyword."""


def flag_of(option: str) -> str:
    """Return what the command line calls an option."""
    return "--place" if option == "region" else f"--{option}"
