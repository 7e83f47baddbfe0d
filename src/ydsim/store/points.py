"""The points of a sweep as one table: factors, hash, and how each differs from the base.

A scenario is kept as what it changes in the base of the sweep, as plain data, so that the folder
alone can go on with the sweep and the table stays small.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ydsim.errors import ResultsError, ScenarioError
from ydsim.policies.plain import refuse_outside
from ydsim.scenario.check.memory import refuse_too_large
from ydsim.scenario.load import plain_scenario
from ydsim.store.columns import normalise
from ydsim.store.identity import point_hash
from ydsim.store.manifest import code_of_policies, world_label
from ydsim.store.plan import cost_of
from ydsim.store.tables import require_values
from ydsim.typing import Columns
from ydsim.world.loader import load_world

if TYPE_CHECKING:
    from ydsim.design.sweep import Point

_HASH = re.compile(r"[0-9a-f]{64}")
_NOT_OF_TWINS = (
    *(("name",), ("description",), ("seed",), ("replicates",), ("record",)),
    *(("policies",), ("governance",), ("shocks",)),
    *(("parameters", "actors"), ("parameters", "inputs", "uncertainty")),
)
"""Keys of a scenario on which its twin (`ydsim.twin.twin_settings`) does not depend, and the seed,
with which few sweeps vary more than the draws."""
OWN = ("point", "scenario", "hash", "changes", "seconds")
"""Columns beside the factors; a factor called ``scenario`` is the one that is there already."""


@dataclass(frozen=True)
class PointTable:
    """All points of a sweep.

    Attributes
    ----------
    columns
        ``point, scenario`` (its name), the factors, ``hash`` (shared by all replicates),
        ``changes`` (JSON, against ``base``) and ``seconds`` (estimate of a run).
    base
        The scenario that the points change, as plain data.
    worlds
        Digest of the content of each world by its name.
    code
        Digest of each module with policies that are not shipped.
    paths
        Where your own worlds are, by name; empty when read from a folder of
        results, which names no place of a machine.
    """

    columns: Columns
    base: dict[str, Any]
    worlds: dict[str, str]
    code: dict[str, str]
    paths: dict[str, str] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.columns["point"])

    @property
    def factors(self) -> list[str]:
        """Names of the columns that vary by design."""
        return [name for name in self.columns if name not in OWN]

    @cached_property
    def rows(self) -> dict[str, list[int]]:
        """Rows of the points of each hash, in order."""
        found: dict[str, list[int]] = {}
        for row, of in enumerate(self.columns["hash"].tolist()):
            found.setdefault(of, []).append(row)
        return found

    @cached_property
    def costs(self) -> dict[str, float]:
        """Estimated seconds of a run by hash."""
        seconds = self.columns["seconds"].tolist()
        return {of: seconds[rows[0]] for of, rows in self.rows.items()}

    @cached_property
    def twins(self) -> dict[str, str]:
        """What the twin of a run depends on, by hash: runs of equal texts share one."""
        found = {}
        for of, (row, *_) in self.rows.items():
            with _fitting(row):
                found[of] = _of_twin(json.loads(self.columns["changes"][row]))
        return found

    def scenario(self, of: str) -> dict[str, Any]:
        """Return the scenario of a hash as plain data.

        Raises
        ------
        ResultsError
            When what the table says does not fit the base, or names another world.
        """
        row = self.rows[of][0]
        with _fitting(row):
            plain = _apply(self.base, json.loads(self.columns["changes"][row]))
            known = plain["world"] in self.worlds
        if not known:
            raise ResultsError(f"design: point {row}: its world is none of the manifest's worlds")
        return plain


def tabulate(points: Iterable[Point], base: Mapping[str, Any], **identity: Any) -> PointTable:
    """Return the table of points that `ydsim.design.points.check_points` has passed.

    Parameters
    ----------
    base
        The scenario of the sweep as plain data.
    identity
        ``version`` of ydsim and ``record``, which enter the hash of every point.

    Raises
    ------
    ScenarioError
        When two worlds of the sweep have one name.
    ResourceError
        When a point does not fit into the memory of this machine.
    """
    plain_base = {**base, "world": world_label(base["world"])}
    worlds: dict[str, str] = {}
    paths: dict[str, str] = {}
    code: dict[str, str] = {}
    values: dict[str, list[Any]] = {}
    rows: dict[str, list[Any]] = {name: [] for name in OWN}
    for point in points:
        scenario = point.scenario
        world = load_world(scenario.world)
        refuse_too_large(scenario, world)
        plain = plain_scenario(scenario)
        plain["world"] = world_label(plain["world"])
        if worlds.setdefault(plain["world"], world.digest) != world.digest:
            raise ScenarioError(
                f"point {point.number}: two worlds are called {plain['world']!r} and differ; "
                "rename the folder of one"
            )
        if plain["world"] != scenario.world:
            paths[plain["world"]] = scenario.world
        own = code_of_policies(scenario.policies)
        code.update(own)
        rows["point"].append(point.number)
        rows["scenario"].append(scenario.name)
        rows["hash"].append(point_hash(plain, world.digest, code=own, **identity))
        rows["changes"].append(json.dumps(_changes(plain_base, plain), sort_keys=True))
        rows["seconds"].append(cost_of(scenario, world))
        for name, value in point.values.items():
            values.setdefault(name, []).append(value)
    factors = {name: column(of) for name, of in values.items() if name not in OWN}
    kept = {name: column(of) for name, of in rows.items()}
    columns = {
        "point": kept.pop("point"), "scenario": kept.pop("scenario"), **factors, **kept
    }  # fmt: skip
    return PointTable(normalise(columns), plain_base, worlds, code, paths)


def check_points(table: PointTable, path: Path) -> None:
    """Refuse a table that `tabulate` cannot have made.

    Raises
    ------
    ResultsError
        Names file and column.
    """
    point, seconds = table.columns["point"], table.columns["seconds"]
    in_order = np.array_equal(point, np.arange(len(point)))
    require_values(path, "point", in_order, "must count from 0")
    hashes = all(_HASH.fullmatch(of) for of in table.rows)
    require_values(path, "hash", hashes, "must be a SHA-256 in hexadecimal")
    fine = np.isfinite(seconds) & (seconds > 0)  # type: ignore[operator]
    require_values(path, "seconds", fine, "must be positive")


def column(values: list[Any]) -> NDArray[np.generic]:
    """Return values as a column: all whole numbers, all numbers, all truth values, or as text."""
    kinds = {type(value) for value in values}
    if kinds == {bool}:
        return np.array(values, dtype=np.bool_)
    if kinds == {int}:
        return np.array(values, dtype=np.int64)
    if kinds <= {int, float}:
        return np.array(values, dtype=np.float64)
    texts = [value if isinstance(value, str) else json.dumps(value) for value in values]
    return np.array(texts, dtype=object)


def refuse_outside_code(table: PointTable, where: str) -> None:
    """Refuse a sweep whose points name policies that no installed package offers.

    Raises
    ------
    ScenarioError
        With one line for each policy.
    """
    refuse_outside(table.base.get("policies"), where)
    for of, rows in table.rows.items():
        if '"policy"' in table.columns["changes"][rows[0]]:
            refuse_outside(table.scenario(of).get("policies"), where)


def check_worlds(table: PointTable, paths: Mapping[str, str]) -> None:
    """Refuse to go on where a world is gone or has another content.

    Parameters
    ----------
    paths
        Where your own worlds are now, by name.

    Raises
    ------
    ResultsError
        When a world's content is not the one that the sweep began with.
    """
    for name, digest in table.worlds.items():
        now = load_world(paths.get(name, name)).digest
        if now != digest:
            raise ResultsError(
                f"the world {name!r} has changed since the sweep began: "
                f"{digest[:12]} -> {now[:12]}; nothing was changed"
            )


def _changes(base: Mapping[str, Any], plain: Mapping[str, Any]) -> dict[str, Any]:
    """Return what makes ``plain`` out of ``base``: paths with values to set, and paths to drop."""
    found = list(_differences(base, plain))
    return {
        "set": [[*path, value] for path, value in found if value is not _GONE],
        "drop": [list(path) for path, value in found if value is _GONE],
    }


def _of_twin(changes: Mapping[str, Any]) -> str:
    """Return the changes on which the twin depends, as text."""
    values = [[*path, value] for *path, value in changes["set"] if not _is_aside(path)]
    return json.dumps([values, [path for path in changes["drop"] if not _is_aside(path)]])


def _is_aside(path: Sequence[str]) -> bool:
    return any(tuple(path[: len(key)]) == key for key in _NOT_OF_TWINS)


@contextmanager
def _fitting(row: int) -> Iterator[None]:
    """Refuse changes of a point, read from a file, that the store cannot have written."""
    try:
        yield
    except (ValueError, LookupError, TypeError, RecursionError) as error:
        raise ResultsError(
            f"design: point {row}: column 'changes' does not fit the scenario in the manifest"
        ) from error


_GONE = object()


def _differences(
    base: Mapping[str, Any], plain: Mapping[str, Any], path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], Any]]:
    for key in sorted(base.keys() | plain.keys()):
        here = (*path, key)
        old, new = base.get(key, _GONE), plain.get(key, _GONE)
        if isinstance(old, dict) and isinstance(new, dict):
            yield from _differences(old, new, here)
        elif old != new or type(old) is not type(new):
            yield here, new


def _apply(base: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    plain = _copy(base)
    for *path, last, value in changes["set"]:
        _at(plain, path)[last] = value
    for *path, last in changes["drop"]:
        del _at(plain, path)[last]
    return plain


def _at(tree: dict[str, Any], path: Iterable[str]) -> dict[str, Any]:
    for key in path:
        tree = tree[key]
    return tree


def _copy(tree: Mapping[str, Any]) -> dict[str, Any]:
    return {k: _copy(v) if isinstance(v, dict) else v for k, v in tree.items()}
