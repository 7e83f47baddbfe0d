"""Which columns the tables of the store have, checked when a file is read.

A right checksum does not make a part one of ours. What readers rest on must be there and of its
kind; columns that are not listed are of a model's own and may be of any stored type.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ydsim.errors import ResultsError
from ydsim.typing import Columns

_DTYPES = {"text": "O", "whole": "iu", "number": "iuf"}
_WORDS = {"text": "text", "whole": "whole numbers", "number": "numbers"}


def _kinds(text: str = "", whole: str = "", number: str = "") -> dict[str, str]:
    named = {"text": text, "whole": whole, "number": number}
    return {name: kind for kind, names in named.items() for name in names.split()}


_NEEDED = {
    "series": _kinds("region", "year quarter"),
    "city_series": _kinds("city province", "year quarter"),
    "runs": _kinds(whole="seed quarters numeric_warnings"),
    "official": _kinds("region indicator unit", "year", "value"),
    "design": _kinds("scenario", "point"),
    "points": _kinds("scenario hash changes", "point", "seconds"),
    "plan": _kinds("run hash", "replicate part"),
}
"""Columns without which a table cannot be read."""

_KNOWN = {
    "series": _kinds("level"),
    "generations": _kinds("origin", "generation founded_year founded_quarter"),
    "adoption_curves": _kinds(whole="generation year quarter"),
    "contracts": _kinds(
        "seller buyer",
        "year",
        "number value number_registered value_registered value_from_science value_handed_over",
    ),
    "city_contracts": _kinds(
        "from_city to_city",
        "year",
        "number value number_registered value_registered value_market market_registered",
    ),
    "funnel": _kinds(
        "stage lead partnership",
        "year",
        "completed failed died_waiting shelved owner_left sold_outside live waiting effort waited",
    ),
    "knowledge": _kinds("province field", "year", "knowledge effort"),
    "holders": _kinds("province kind size", "year", "inventions in_force in_use"),
    "ledger": _kinds("payer receiver flow province", "year", "amount"),
    "passports": _kinds("stage city province kind", "generation year quarter"),
    "projects": _kinds(
        "lead city field industry stage outcome partner_kind",
        "project partner born_year born_quarter year quarter owner invention_holder launch_holder",
        "distance complement tie quality_born quality effort",
    ),
    "firm_ties": _kinds("", "year firm other", "strength"),
    "organisation_ties": _kinds("kind other_kind city other_city", "year", "strength"),
    "firms": _kinds(
        "city province industry size",
        "firm year born_year partners consortia",
        "rd grants researchers sales value_added inventions inventions_quality inventions_part "
        "launches log_productivity knowledge cash",
    ),
    "shocks": _kinds("shock kind unit place other_place", "year quarter key other"),
    "ties": _kinds("channel from_city to_city", "year", "realised expected"),
}
"""Columns that have a kind where they are there."""

_OF_NUMBERS = ("series", "city_series", "runs", "adoption_curves")
"""Tables whose other columns are all numbers."""

FIXED = ("official", "design", "points", "plan")
"""Tables that are not in parts; ``points`` is the design of a sweep."""

_KEYED = _kinds(whole="point replicate")
"""Keys of the tables of a single scenario; those of a sweep have ``run``."""

_LIMITS = {"year": (1, 9999), "quarter": (1, 4)}


def check_columns(
    table: str, columns: Columns, path: Path, names: Sequence[str] | None = None
) -> None:
    """Refuse a table that lacks a column that readers need, or has one of another kind.

    Of a table of which some ``names`` were read, these and the keys are looked at.

    Raises
    ------
    ResultsError
        Names file and column.
    """
    keys = {} if table in FIXED else _kinds("run") if "run" in columns else _KEYED
    needed = _NEEDED.get(table, {}) | keys
    if names is not None:
        keys = keys if "run" in columns else _kinds(whole="replicate")
        needed = {n: kind for n, kind in needed.items() if n in names} | keys
    known = _KNOWN.get(table, {})
    if table in _OF_NUMBERS:
        known = dict.fromkeys(columns, "number") | known
    _check(columns, needed, known, path)


def check_same_types(parts: Iterable[Columns], where: Path) -> None:
    """Refuse parts of one table whose columns of a name are of several types."""
    types: dict[str, np.dtype[np.generic]] = {}
    for part in parts:
        for name, column in part.items():
            if types.setdefault(name, column.dtype) != column.dtype:
                raise ResultsError(f"{where}: column {name!r} is of another type in some parts")


def require_values(path: Path, name: str, fine: NDArray[np.bool_] | bool, what: str) -> None:
    """Refuse a column unless all its values are ``fine``."""
    if not np.all(fine):
        raise ResultsError(f"{path}: column {name!r}: {what}")


def _check(
    columns: Columns, needed: Mapping[str, str], known: Mapping[str, str], path: Path
) -> None:
    for name in needed:
        if name not in columns:
            raise ResultsError(f"{path}: has no column {name!r}")
    for name, kind in {**known, **needed}.items():
        if name in columns and columns[name].dtype.kind not in _DTYPES[kind]:
            raise ResultsError(f"{path}: column {name!r} must hold {_WORDS[kind]}")
    for name, (low, high) in _LIMITS.items():
        if name in columns and needed.get(name, known.get(name)) == "whole":
            column = columns[name]
            fine = (column >= low) & (column <= high)  # type: ignore[operator]
            require_values(path, name, fine, f"must lie between {low} and {high}")
