"""An ensemble: values of some parameters by replicate, one set of them a member.

Replicate r of a scenario with an ensemble of M members has the parameters of member r mod M, and
its spread is that of chance and of what is not known of the parameters. A scenario holds the values
themselves, in the order of members, so that a run depends on no other file:

    ensemble:
      explore: {ideas: [0.11, 0.14, 0.16]}
      match: {reserve: [2.2, 2.5, 2.6]}

They are written by hand, or taken from a table of members as `ydsim calibrate` writes it
(``members.csv``), by its path or, with the word ``members``, from the world; ``members:12`` are
twelve of these. Members have weights w there, and each row is taken as often as it comes up at

    min {i : w_0 + ... + w_i > (k + 1/2) / N}          k = 0 ... N - 1, sum of w one

with N the number that is asked for, by default that of the rows,

so that all members of a scenario are equally likely. With ``known_in`` the weights are those by
targets to that year, as far as the table has them.
"""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, TypeAlias

from pydantic import ValidationError

from ydsim.fmt import counted
from ydsim.scenario.schema.parameters import Parameters
from ydsim.translation import gettext as _t
from ydsim.translation import mark
from ydsim.untrusted_input import OutsideFileError, one_line, read_bytes
from ydsim.world.loader import members_file

Columns: TypeAlias = Mapping[str, Mapping[str, tuple[float, ...]]]
"""Values of members by section and key of ``parameters``."""

MEMBERS: Final = "members"
"""Says that the members of the world are meant."""
MOST: Final = 10_000
_LARGEST: Final = 10_000_000  # bytes of a table
_WEIGHT: Final = "weight"


def ensemble_of(given: Any, world: str, known_in: int | None) -> Columns:
    """Return the columns of an ensemble from what a scenario says, without keys of no section.

    `ValueError` where the table or the values are no ensemble.
    """
    if isinstance(given, str):
        name, number = _asked(given)
        given = _table(*_file_of(name, world), known_in, number)
    if not isinstance(given, Mapping):
        message = _t("must be a section, a file of members or {name!r}")
        raise ValueError(message.format(name=MEMBERS))
    found: dict[str, Mapping[str, tuple[float, ...]]] = {}
    for section, columns in given.items():
        if not isinstance(columns, Mapping):
            message = _t("{section}: must be a section with lists of numbers")
            raise ValueError(message.format(section=section))
        found[str(section)] = {str(k): _column(section, k, v) for k, v in columns.items()}
    lengths = {f"{s}.{k}": len(v) for s, columns in found.items() for k, v in columns.items()}
    if len({*lengths.values()}) > 1:
        first, *others = lengths
        other = next(name for name in others if lengths[name] != lengths[first])
        message = _t("{other}: {values} where {first} has {n}")
        values = counted(lengths[other], "value")
        raise ValueError(message.format(other=other, values=values, first=first, n=lengths[first]))
    _check(tuple((s, tuple(columns.items())) for s, columns in found.items()))
    return found


def members_in(ensemble: Columns) -> int:
    """Return the number of members M, 0 without an ensemble."""
    return next((len(values) for each in ensemble.values() for values in each.values()), 0)


def groups_in(ensemble: Columns) -> list[int]:
    """Return a number for each member (M), the same for those that have the same values."""
    members = zip(*(values for each in ensemble.values() for values in each.values()), strict=True)
    seen: dict[tuple[float, ...], int] = {}
    return [seen.setdefault(member, len(seen)) for member in members]


def keys_in(ensemble: Columns) -> Iterator[tuple[str, str]]:
    """Yield section and key of each parameter of which members have values."""
    for section, columns in ensemble.items():
        for key in columns:
            yield section, key


def with_member(parameters: Parameters, ensemble: Columns, at: int) -> Parameters:
    """Return parameters with the values of a member; ``at`` is counted round."""
    number = members_in(ensemble)
    sections = {}
    for section in (name for name, columns in ensemble.items() if columns):
        own = getattr(parameters, section)
        member = {key: values[at % number] for key, values in ensemble[section].items()}
        # members are floats, and rules count with whole numbers
        whole = {k: int(v) for k, v in member.items() if type(getattr(own, k)) is int}
        sections[section] = own.model_copy(update=member | whole)
    return parameters.model_copy(update=sections)


def _column(section: object, key: object, values: Any) -> tuple[float, ...]:
    listed = values if isinstance(values, Sequence) and not isinstance(values, str) else ()
    numbers = [v for v in listed if isinstance(v, int | float) and not isinstance(v, bool)]
    if not listed or len(numbers) < len(listed) or len(listed) > MOST:
        message = _t("{section}.{key}: must be a list of 1 to {most:,} numbers")
        raise ValueError(message.format(section=section, key=key, most=MOST))
    return tuple(numbers)


@lru_cache(maxsize=64)
def _check(columns: tuple[tuple[str, tuple[tuple[str, tuple[float, ...]], ...]], ...]) -> None:
    """Refuse values that a scenario may not have under ``parameters``."""
    number = max((len(values) for _, each in columns for _, values in each), default=0)
    for at in range(number):
        # a scenario holds floats, so that the whole numbers of one that is read again are 3.0
        tree = {
            section: {k: int(v[at]) if float(v[at]).is_integer() else v[at] for k, v in each}
            for section, each in columns
        }
        try:
            Parameters.model_validate(tree)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            where = ".".join(map(str, first["loc"]))
            raise ValueError(
                f"{one_line(where, 100)}: member {at}: {first['msg'][:1].lower()}{first['msg'][1:]}"
            ) from None


# -- a table of members ----------------------------------------------------------------------------


def _asked(given: str) -> tuple[str, int | None]:
    """Return the name of a table, and how many members of the world are asked for."""
    found = re.fullmatch(f"({MEMBERS}):([1-9][0-9]{{0,4}})", given)
    return (found[1], int(found[2])) if found else (given, None)


def _file_of(given: str, world: str) -> tuple[Path, str]:
    """Return the file of a table and what messages call it."""
    if given != MEMBERS:
        return Path(given), one_line(given)
    path = members_file(world)
    if not path.is_file():
        message = _t("no members are known of the world {world!r}")
        raise ValueError(message.format(world=one_line(world)))
    return path, path.name


def _table(path: Path, shown: str, known_in: int | None, number: int | None) -> Columns:
    """Return the columns of a table, so many rows or all taken by their weights."""
    try:
        text = read_bytes(path, _LARGEST, mark("table of members")).decode("utf-8-sig")
        header, *rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    except FileNotFoundError:
        hint = _t("; the members of the world are {name!r}").format(name=MEMBERS)
        raise ValueError(_t("{name}: no such file{hint}").format(name=shown, hint=hint)) from None
    except OutsideFileError as error:
        raise ValueError(f"{shown} {error}") from None
    except (ValueError, csv.Error):  # another encoding, or not even one row
        raise ValueError(_t("{file}: is no CSV file in UTF-8").format(file=shown)) from None
    keys = [name for name in header if name.count(".") == 2 and name.startswith("parameters.")]
    if not keys or len({*header}) < len(header):
        message = _t("{file}:1: needs columns 'parameters.SECTION.KEY', each once")
        raise ValueError(message.format(file=shown))
    by = weight_column(header, known_in)
    columns = dict[str, list[float]]({name: [] for name in [by, *keys]})
    for line, row in enumerate(rows[:MOST], start=2):
        cells = dict(zip(header, row, strict=False))
        for name, values in columns.items():
            values.append(_number(cells.get(name, "")))
            if math.isnan(values[-1]) or (name == by and values[-1] < 0.0):
                message = _t("{text!r} cannot be a value").format(
                    text=one_line(cells.get(name, ""), 40)
                )
                raise ValueError(f"{shown}:{line}: {one_line(name, 60)}: {message}")
    if number is not None and number > len(rows):
        message = _t("{file}: has {n} members, asked for {number}")
        raise ValueError(message.format(file=shown, n=len(rows), number=number))
    taken = drawn(columns[by], number)
    if not taken:
        message = _t("{file}: {column}: no member has a weight above 0")
        raise ValueError(message.format(file=shown, column=by))
    found: dict[str, dict[str, tuple[float, ...]]] = {}
    for name in keys:
        _, section, key = name.split(".")
        found.setdefault(section, {})[key] = tuple(columns[name][at] for at in taken)
    return found


def weight_column(header: Sequence[str], known_in: int | None) -> str:
    """Return the column of weights by targets to a year, ``weight`` without one.

    `ValueError` where there is none.
    """
    ending = {name: name.removeprefix(f"{_WEIGHT}_") for name in header}
    years = {name: int(text) for name, text in ending.items() if re.fullmatch("[0-9]{4}", text)}
    known = [name for name in years if known_in is None or years[name] <= known_in]
    if known_in is None and _WEIGHT in header:
        return _WEIGHT
    if known_in is None or not known:
        by = _WEIGHT if known_in is None else f"{_WEIGHT}_YEAR to {known_in}"
        raise ValueError(_t("the table of members has no column {column}").format(column=by))
    return max(known, key=lambda name: years[name])


def drawn(weights: Sequence[float], number: int | None = None) -> list[int]:
    """Return so many rows, by default one a weight, each as often as its weight says, ascending."""
    n, whole = len(weights), math.fsum(weights)
    number = n if number is None else number
    found, below, row = [], 0.0, -1
    for k in range(number if whole > 0.0 else 0):
        while row + 1 < n and below <= (k + 0.5) / number * whole:
            row += 1
            below += weights[row]
        found.append(row)
    return found


def _number(text: str) -> float:
    """Return a number, a whole one where it is written so; NaN where it is none."""
    try:
        found = int(text) if re.fullmatch("[+-]?[0-9]{1,18}", text.strip()) else float(text)
    except ValueError:
        return math.nan
    return found if math.isfinite(found) else math.nan
