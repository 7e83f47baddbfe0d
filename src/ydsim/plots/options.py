"""Options of figures, each declared once: the command line and Python read them alike.

A kind of figure names those that it takes (`FigureKind.options`). An option is a parameter of the
kind's function, a keyword in Python, and an option (`Option.flag`) of ``ydsim plot``. Nothing heavy
is imported.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ydsim import arguments
from ydsim.errors import UsageError
from ydsim.outside import one_line
from ydsim.wording import suggestion

if TYPE_CHECKING:
    from ydsim.results.results import Results

WHOLE_REGION = "region"
"""How an option names the whole region, whatever the world."""


@dataclass(frozen=True)
class Option:
    """An option of figures.

    Attributes
    ----------
    name
        Of the keyword; of the command line see `flag`.
    meaning
        One line of help.
    read
        Takes the option's name, what was given (a text from the command line, or what a caller
        passed) and the results; returns the checked value.

    Raises
    ------
    UsageError
        By ``read``: says what is wrong and what would be right.
    """

    name: str
    meaning: str
    read: Callable[[str, Any, Sequence[Results]], Any]

    @property
    def flag(self) -> str:
        """What the command line calls it."""
        return "--place" if self.name == "region" else f"--{self.name}"


def _indicator(name: str, given: Any, results: Sequence[Results]) -> str:
    found = arguments.text(name, given, "the name of an indicator")
    for one in results:
        known = list(one.manifest["indicators"])
        if found not in known:
            raise _unknown("indicator", found, known)
    return found


def _region(name: str, given: Any, results: Sequence[Results]) -> str:
    """Return the name as the tables have it."""
    found = arguments.text(name, given, "a province, or `region` for all of them")
    for one in results:
        known = [str(each) for each in one.manifest["regions"]]
        if found == WHOLE_REGION:
            found = known[-1]
        if found not in known:
            raise _unknown("region", found, [WHOLE_REGION, *known[:-1]])
    return found


def _year(name: str, given: Any, results: Sequence[Results]) -> int:
    if isinstance(given, str) and re.fullmatch(r"[0-9]{1,6}", given):
        given = int(given)
    year = arguments.whole(name, given, 0, 999_999)
    for one in results:
        scenario = one.manifest["scenario"]  # of a sweep the base, which points may leave
        first, last = int(scenario["start"]), int(scenario["end"])
        if len(one.contents.points) == 1 and not first <= year <= last:
            raise UsageError(f"{name}: {one.name} has the years {first} to {last}, not {year}")
    return year


def _years(name: str, given: Any, results: Sequence[Results]) -> tuple[int, int]:
    expected = "two years, as 2015:2020 on the command line or (2015, 2020) in Python"
    if isinstance(given, str):
        found = re.fullmatch(r"([0-9]{1,6})(?:[:-]([0-9]{1,6}))?", given.strip())
        if found is None:
            raise arguments.refuse(name, expected, given)
        given = (found[1], found[2] or found[1])
    if not isinstance(given, Sequence) or len(given) != 2:
        raise arguments.refuse(name, expected, given)
    first, last = (_year(name, year, results) for year in given)
    if first > last:
        raise UsageError(f"{name}: {first} comes after {last}")
    return first, last


def _factor(name: str, given: Any, results: Sequence[Results]) -> str:
    """Return the column of a factor; the end of a key is enough where no other ends so."""
    found = arguments.text(name, given, "the name of a factor")
    for one in results:
        known = factors_of(one)
        ends = [each for each in known if each.endswith(f".{found}")]
        if found not in known and len(ends) == 1:
            found = ends[0]
        if found not in known:
            raise _unknown("factor", found, known)
    return found


def _channel(name: str, given: Any, results: Sequence[Results]) -> str:
    from ydsim.agents.tally import LINKS

    found = arguments.text(name, given, "the name of a channel")
    if found not in LINKS:
        raise _unknown("channel", found, list(LINKS))
    return found


def _one_of(*words: str) -> Callable[[str, Any, Sequence[Results]], str]:
    def read(name: str, given: Any, results: Sequence[Results]) -> str:
        found = arguments.text(name, given, " or ".join(words))
        if found not in words:
            raise UsageError(
                f"{name}: {one_line(found, 40)} is not known{suggestion(found, words, 'known')}"
            )
        return found

    return read


def factors_of(results: Results) -> list[str]:
    """Return the columns that tell the points of a sweep apart."""
    points = results.contents.points
    several = len(set(points.columns["scenario"].tolist())) > 1
    return [*(["scenario"] if several else []), *points.factors]


def _unknown(what: str, found: str, known: Sequence[str]) -> UsageError:
    near = suggestion(found, sorted(known), "known")
    return UsageError(f"there is no {what} {one_line(found, 60)} in these results{near}")


_OPTIONS = (
    Option("indicator", "What is shown, for example launches.", _indicator),
    Option("region", "A province instead of the whole region.", _region),
    Option("year", "A year instead of the last one.", _year),
    Option("years", "Only these years, as in 2015:2020.", _years),
    Option("channel", "Channel of links, for example contract.", _channel),
    Option("x", "Factor of the horizontal axis.", _factor),
    Option("y", "Factor of the vertical axis.", _factor),
    Option("colour", "Factor of the colours.", _factor),
    Option("panels", "Factor of the panels.", _factor),
    Option("show", "value, or change from the base point in per cent.", _one_of("value", "change")),
)

OPTIONS = {option.name: option for option in _OPTIONS}
"""Every option of a figure, by name."""
