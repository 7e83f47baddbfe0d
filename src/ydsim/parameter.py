"""How a parameter is declared: default, unit, bounds, mark and source in one place.

The marks: ``data`` is fixed by official series, ``prior`` comes from literature and is passed
through as an ensemble, ``calibrated`` is fitted here, ``assumed`` has no source. ``control`` marks
settings of the experiment (seed, scale, dates) that are not properties of the region.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

from ydsim import packaged
from ydsim.frozen import Unchanging
from ydsim.translation import gettext as _t
from ydsim.wording import suggestion

Mark = Literal["data", "prior", "calibrated", "assumed", "control"]


class Section(Unchanging, BaseModel):
    """A group of keys in a scenario: frozen, strict, and closed to unknown keys."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, allow_inf_nan=False, validate_default=True
    )


class Closed(Section):
    """A group of keys of another file than a scenario, with hints of its own."""

    @classmethod
    def hint(cls, name: str) -> str:
        """Return what may be meant by a key that is not known here, as the end of a message."""
        return ""


def refuse(message: str) -> PydanticCustomError:
    """Return an error of a single value, its message as the user reads it."""
    return PydanticCustomError("refused", "{message}", {"message": message})


def known(message: str, names: Sequence[str]) -> Callable[[str], str]:
    """Return a check that a text is one of some names; what is ``said`` offers the nearest."""

    def check(value: str) -> str:
        if value not in names:
            hint = suggestion(value, list(names), _t("valid are"))
            raise refuse(_t(message).format(name=value, hint=hint))
        return value

    return check


def param(
    default: Any,
    meaning: str,
    *,
    unit: str = "1",
    mark: Mark = "assumed",
    source: str = "assumed",
    bounds: tuple[float | None, float | None] = (None, None),
    ge: float | None = None,
    gt: float | None = None,
    le: float | None = None,
    lt: float | None = None,
) -> Any:
    """Declare one parameter of a `Section`.

    ``default``: value when a scenario says nothing. ``meaning``: first line of its documentation,
    with the symbol of the rule where it has one. ``unit``: by default that of pure numbers and
    shares. ``mark``: where the value comes from, see the module docstring; assumed where nothing
    is said. ``source``: reference for ``data``, ``prior`` and ``calibrated`` marks, else the word
    "assumed". ``bounds``: the lowest and the highest value, which every number has; ``ge``, ``gt``,
    ``le`` and ``lt`` are the same one by one, where one of them is excluded.
    """
    low, high = bounds
    return Field(
        default=default,
        description=meaning,
        ge=low if ge is None else ge,
        gt=gt,
        le=high if le is None else le,
        lt=lt,
        json_schema_extra={"unit": unit, "mark": mark, "source": source},
    )


def control(default: Any, meaning: str) -> Any:
    """Declare a setting of the experiment that is no number; as `param`."""
    return param(default, meaning, unit="-", mark="control")


# -- declared in a table ---------------------------------------------------------------------------

Rows: TypeAlias = Mapping[str, Mapping[str, str]]

IN_TABLE: Any = object()
"""Stands in a class for what the row of a parameter declares."""


def rows_of(package: str, table: str) -> dict[str, dict[str, str]]:
    """Return the rows of a CSV file of a package by ``parameter``.

    They have default, unit, bounds, mark, meaning and source, nothing where it is assumed; a
    default of ``...`` must be given, and a bound behind ``>`` is excluded.
    """
    return {row["parameter"]: row for row in packaged.rows_of(package, table)}


def declare(cls: type[BaseModel], rows: Rows, section: str) -> None:
    """Declare each parameter of a new class that is `IN_TABLE` by its row in a section."""
    for name in [key for key, value in vars(cls).items() if value is IN_TABLE]:
        setattr(cls, name, declared(rows[f"{section}.{name}"]))


def declared(row: Mapping[str, str]) -> Any:
    """Declare the parameter of a row."""
    low, high = (json.loads(row[end].lstrip(">") or "null") for end in ("low", "high"))
    is_open = row["low"].startswith(">")
    mark: Any = row["mark"]
    return param(
        ... if row["default"] == "..." else _value(row["default"]),
        row["meaning"],
        unit=row["unit"],
        bounds=(None if is_open else low, high),
        gt=low if is_open else None,
        mark=mark,
        source=row["source"] or "assumed",
    )


def _value(text: str) -> Any:
    """Return a default: a number, true, false or null, a list as a tuple, or a text."""
    try:
        value = json.loads(text)
    except ValueError:
        return text
    return tuple(value) if isinstance(value, list) else value
