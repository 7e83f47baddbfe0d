"""Reads ``base_run.json`` of a world: JSON of a fixed shape, every fault with file and key.

Keys are those of `ydsim.world.base_run.BaseRun`; ``made`` may be absent. Numbers are finite, log
productivity and shifts lie within +-20. Nothing in the file is run.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from ydsim.outside import one_line
from ydsim.typing import Floats
from ydsim.wording import suggestion
from ydsim.world.base_run import FILE, WHAT, WHEN, BaseRun, Made, Misfit
from ydsim.world.csvfolder import Folder

MOST = 20.0
"""Largest |log A| and |v|: exp of it is finite, and no region differs by so much."""
_ABSENT = object()


def read_base_run(folder: Folder, text: str) -> BaseRun | None:
    """Return what the text of the file says; after a fault, which is noted, None."""
    try:
        content = json.loads(text, object_pairs_hook=_once, parse_constant=_refuse)
    except json.JSONDecodeError as error:
        folder.fault(
            FILE, f"is not JSON: {error.msg[:1].lower()}{error.msg[1:]}", line=error.lineno
        )
        return None
    except _FaultError as error:
        folder.fault(FILE, str(error))
        return None
    except (ValueError, RecursionError):
        folder.fault(FILE, "is not JSON: a number is too long or brackets are too deep")
        return None
    reader = _Reader(folder)
    found = reader.base_run(content)
    return None if reader.broken else found


def check_shape(
    folder: Folder, base: BaseRun, cities: int, industries: int, first_year: int
) -> None:
    """Note what does not suit a world of these numbers, whose runs begin in ``first_year``."""
    outside, shift = base.outside_log_productivity, base.market_shift
    assert outside is not None
    assert shift is not None
    for key, said, found, wanted in (
        ("market_shift", "rows, one a city", len(shift), cities),
        ("outside_log_productivity", "columns, one an industry", outside.shape[1], industries),
        ("first_year", "as the first year of a run", base.first_year, first_year),
    ):
        if found != wanted:
            folder.fault(FILE, f"{found} where the world has {wanted} {said}", column=key)


class _FaultError(ValueError):
    """What is no proper JSON though Python reads it."""


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise _FaultError(f"{one_line(twice, 60)}: appears twice")
    return found


def _refuse(name: str) -> float:
    raise _FaultError(f"'{name}' is not a finite number")


@dataclass
class _Reader:
    """Takes values out of plain data and notes what they are not."""

    folder: Folder
    broken: bool = False

    def fault(self, key: str, message: str) -> None:
        self.broken = True
        self.folder.fault(FILE, message, column=key or None)

    def base_run(self, content: Any) -> BaseRun:
        data = self.record("", content, [f.name for f in fields(BaseRun)], optional=("made",))
        made = data["made"]
        return BaseRun(
            parameters=self.text("parameters", data["parameters"]),
            innovative_share=self.number("innovative_share", data["innovative_share"], 0, 1),
            outside_log_productivity=self.matrix(
                "outside_log_productivity", data["outside_log_productivity"], rows=2
            ),
            market_shift=self.matrix("market_shift", data["market_shift"]),
            first_year=self.whole("first_year", data["first_year"], 1900, 2200),
            world=self.text("world", data["world"]),
            made=None if made is _ABSENT else self.made(made),
        )

    def made(self, content: Any) -> Made:
        data = self.record("made", content, [f.name for f in fields(Made)])

        def whole(name: str, low: int, high: int) -> int:
            return self.whole(f"made.{name}", data[name], low, high)

        first, last = whole("first_year", 1900, 2200), whole("last_year", 1800, 2200)
        remarks = self.list_of("made.not_fitted", data["not_fitted"])
        return Made(
            ydsim=self.text("made.ydsim", data["ydsim"]),
            scenario=self.text("made.scenario", data["scenario"]),
            replicates=whole("replicates", 1, 100_000),
            passes=whole("passes", 1, 1000),
            scale=self.number("made.scale", data["scale"], 0, 1),
            seed=whole("seed", 0, 2**63 - 1),
            first_year=first,
            last_year=last,
            not_fitted=tuple(
                self.text(f"made.not_fitted[{k}]", each, 1000) for k, each in enumerate(remarks)
            ),
            misfit=self.misfit(data["misfit"], max(last - first + 1, 0)),
        )

    def misfit(self, content: Any, years: int) -> Misfit:
        found: Misfit = {}
        for when, kinds in self.record("made.misfit", content, WHEN).items():
            key = f"made.misfit.{when}"
            found[when] = {
                what: self.by_place(f"{key}.{what}", places, years)
                for what, places in self.record(key, kinds, WHAT).items()
            }
        return found

    def by_place(self, key: str, content: Any, years: int) -> dict[str, tuple[float | None, ...]]:
        found = {}
        for place, values in self.record(key, content).items():
            where = f"{key}.{one_line(place, 60)}"
            line = self.list_of(where, values)
            if len(line) != years:
                self.fault(where, f"{len(line)} numbers where {years} years were fitted")
            found[place] = tuple(
                None if each is None else self.number(f"{where}[{k}]", each, -MOST, MOST)
                for k, each in enumerate(line)
            )
        return found

    def record(
        self, key: str, content: Any, names: Sequence[str] = (), optional: Sequence[str] = ()
    ) -> dict[str, Any]:
        """Return an object of the keys ``names``, any keys where there are none.

        What is missing, a fault unless it is ``optional``, is `_ABSENT` in it.
        """
        if not isinstance(content, dict):
            if content is not _ABSENT:
                self.fault(key, "is no object of keys and values")
            return dict.fromkeys(names, _ABSENT)
        inside = f"{key}." if key else ""
        for name in content:
            if names and name not in names:
                shown = one_line(name, 60)
                self.fault(f"{inside}{shown}", f"is no key here{suggestion(shown, names)}")
        for name in names:
            if name not in content and name not in optional:
                self.fault(f"{inside}{name}", "is missing")
        return {name: content.get(name, _ABSENT) for name in names or content}

    def list_of(self, key: str, content: Any) -> list[Any]:
        if isinstance(content, list):
            return content
        if content is not _ABSENT:
            self.fault(key, "is no list")
        return []

    def text(self, key: str, content: Any, longest: int = 200) -> str:
        if isinstance(content, str) and len(content) <= longest:
            return content
        if content is not _ABSENT:
            self.fault(key, f"is no text of at most {longest} characters")
        return ""

    def number(self, key: str, content: Any, low: float, high: float) -> float:
        if type(content) in (int, float) and low <= content <= high:
            return float(content)
        if content is not _ABSENT:
            self.fault(key, f"{_shown(content)} is no number from {low:g} to {high:g}")
        return 0.0

    def whole(self, key: str, content: Any, low: int, high: int) -> int:
        if type(content) is int and low <= content <= high:
            return content
        if content is not _ABSENT:
            self.fault(key, f"{_shown(content)} is no whole number from {low} to {high}")
        return low

    def matrix(self, key: str, content: Any, rows: int = 1) -> Floats:
        """Return a list of lists of numbers as an array of at least so many rows."""
        lines = [
            self.list_of(f"{key}[{k}]", line) for k, line in enumerate(self.list_of(key, content))
        ]
        width = len(lines[0]) if lines else 0
        if (len(lines) < rows or not width) and not self.broken:
            self.fault(key, f"has fewer than {rows} rows of numbers")
        for k, line in enumerate(lines):
            if len(line) != width:
                self.fault(f"{key}[{k}]", f"{len(line)} numbers where the first row has {width}")
            for i, each in enumerate(line):
                self.number(f"{key}[{k}][{i}]", each, -MOST, MOST)
        found = np.zeros((0, 0)) if self.broken else np.array(lines, dtype=np.float64)
        found.setflags(write=False)
        return found


def _shown(content: Any) -> str:
    """Return a value as it is in the file, cut short."""
    if isinstance(content, list | dict):
        return "a list" if isinstance(content, list) else "an object"
    return one_line(json.dumps(content, ensure_ascii=False), 40)
