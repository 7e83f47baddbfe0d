"""What a sweep runs: names of runs, the plan of its parts, its points as one table."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field, replace
from functools import cached_property, reduce
from operator import getitem
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ydsim.design.sweep import ROW, SCENARIO, column, scenarios
from ydsim.errors import ResultsError, ScenarioError
from ydsim.memory import refuse_too_large
from ydsim.noise import probe
from ydsim.policies.library import refuse_outside
from ydsim.scenario.load import hash_of_plain, plain_scenario
from ydsim.scenario.schema.scenario import LATER, YOUNGER, laid_over
from ydsim.store.files import sha256
from ydsim.store.layout import RUNS, Parts
from ydsim.store.manifest import StoredScenario, code_of_policies, validated, world_label
from ydsim.store.tables import normalise, require_values, round_significant
from ydsim.translation import gettext as _t
from ydsim.typing import Columns, Ints, Table
from ydsim.world.loader import load_world

if TYPE_CHECKING:
    from ydsim.design.sweep import Sweep
    from ydsim.scenario.schema.scenario import Scenario
    from ydsim.world.world import World


# -- what names a run ------------------------------------------------------------------------------

# A run's hash covers the resolved scenario (without name and description), the content of its
# world, the version of ydsim, the code of your own policies, and what is recorded of it. Together
# with the number of the replicate it is the run's identity: adding, removing or reordering points
# changes no other run, and two points of equal content share their runs.

_DIGITS = 16
"""Hexadecimal digits of the hash in a run's name: 2^64 names."""


def point_hash(
    plain: Mapping[str, Any],
    digest: str,
    version: str,
    code: Mapping[str, str],
    record: Mapping[str, Any],
) -> str:
    """Return the hash that all replicates of a point share.

    It is of the scenario as plain data, but for its number of replicates, of the ``digest`` of the
    world's content, the ``version`` of ydsim, the digest in ``code`` of each module with policies
    that are not shipped, and of what is kept of a run.
    """
    content = [
        hash_of_plain({**plain, "replicates": 1}),
        digest,
        version,
        *(f"{name} {code[name]}" for name in sorted(code)),
        json.dumps(record, sort_keys=True),
    ]
    return sha256(json.dumps(content).encode("utf-8"))


def run_id(of: str, replicate: int) -> str:
    """Return the name of a run: ``3f2a90c1b2d4e5f6-0007``."""
    return f"{of[:_DIGITS]}-{replicate:04d}"


def numeric_fingerprint() -> str:
    """Return a digest of what this machine's numbers rest on: draws and elementary functions.

    Where it differs from the one in a folder, runs added now would not belong to those there.
    """
    return sha256(round_significant(probe()).tobytes())


# -- which runs a sweep has and which part of the store holds each ---------------------------------

# Runs come replicate by replicate, so that a sweep stopped early is balanced, and within a
# replicate in the order of the points; points of equal content share their runs. A part holds
# consecutive runs, as many as take about `PART_SECONDS` by a rough estimate that depends on the
# scenarios alone: neither the number of workers nor the speed of the machine changes a byte. Runs
# of a replicate that differ in policies, shocks and governance alone stay together, some of them,
# because a worker simulates once what they have in common (`ydsim.run.replicate`).

PART_SECONDS = 20.0
PART_RUNS = 500
PARTS_WANTED = 32
"""Parts of a sweep with enough runs, so that workers end at about the same time."""

TOGETHER = 8
"""Runs of one family in a part, however long they take."""

OWN_OF_RUN = ("name", "description", "policies", "shocks", "governance")
"""Keys of a scenario in which runs of one family differ."""

_SECONDS_PER_QUARTER = 0.012
_SECONDS_PER_FIRM = 2.3e-6
_BURN_IN_QUARTERS = 20


@dataclass(frozen=True)
class Plan:
    """All runs of a sweep, in order."""

    hashes: tuple[str, ...]
    replicates: tuple[int, ...]
    parts: tuple[int, ...]  # number of the part that holds it; never falling

    def __len__(self) -> int:
        return len(self.hashes)

    @cached_property
    def runs(self) -> tuple[str, ...]:
        """The name of each run."""
        return tuple(map(run_id, self.hashes, self.replicates))

    @cached_property
    def bounds(self) -> dict[int, slice]:
        """Where the runs of each part are."""
        numbers = np.array(self.parts, dtype=np.int64)
        first = np.flatnonzero(np.diff(numbers, prepend=-1))
        last = np.flatnonzero(np.diff(numbers, append=-1)) + 1
        pairs = zip(first.tolist(), last.tolist(), strict=True)
        return {int(numbers[a]): slice(a, b) for a, b in pairs}

    @cached_property
    def identities(self) -> Parts:
        """What the receipt of each part must say."""
        return {
            number: {"part": number, "sweep_part": _hash_of(self.runs[rows])}
            for number, rows in self.bounds.items()
        }

    @property
    def hash(self) -> str:
        """Digest of all runs: equal ones mean equal results."""
        return _hash_of(self.runs)

    def fits(self, number: int, receipt: Mapping[str, Any]) -> bool:
        """Tell whether every run of a part is accounted for once in its receipt."""
        rows = self.bounds[number]
        named = [*(failure["run"] for failure in receipt["failed"]), *receipt["missing"]]
        whole = receipt["done"] + len(named) == rows.stop - rows.start
        return bool(whole) and set(named) <= set(self.runs[rows])

    def rows_of(self, table: str, number: int, columns: Table, path: Path) -> Ints:
        """Return the place in the plan of the run of each row of a part.

        `ResultsError` when rows are not of the part's runs, in their order; names file and column.
        """
        import pandas as pd

        rows = self.bounds[number]
        name = "run" if "run" in columns else "replicate"
        own: Sequence[object] = (self.runs if name == "run" else self.replicates)[rows]
        place = {of: at for at, of in enumerate(own, rows.start)}
        places: Ints = pd.Series(columns[name]).map(place).fillna(-1).to_numpy().astype(np.int64)
        message = _t("has rows of no run of part {number}")
        require_values(path, name, places >= 0, message.format(number=number))
        fine = np.diff(places) >= (table == RUNS)
        require_values(path, name, fine, _t("rows are not in the order of the plan"))
        return places

    @cached_property
    def highest(self) -> dict[str, int]:
        """Highest number of a replicate by hash."""
        found: dict[str, int] = {}
        for of, replicate in zip(self.hashes, self.replicates, strict=True):
            found[of] = max(replicate, found.get(of, -1))
        return found

    def table(self) -> Columns:
        """Return the plan as the table that the store keeps."""
        return {
            "run": np.array(self.runs, dtype=object),
            "hash": np.array(self.hashes, dtype=object),
            "replicate": np.array(self.replicates, dtype=np.int64),
            "part": np.array(self.parts, dtype=np.int64),
        }


def _hash_of(runs: Sequence[str]) -> str:
    return sha256("\n".join(runs).encode("ascii"))


EMPTY = Plan((), (), ())


def plan_of(table: Columns) -> Plan:
    """Return the plan that `Plan.table` made."""
    return Plan(*(tuple(table[name].tolist()) for name in ("hash", "replicate", "part")))


def check_plan(plan: Plan, hashes: Container[str], path: Path) -> None:
    """Refuse a plan that `extended` cannot have made for points of these hashes.

    `ResultsError` names file and column.
    """
    replicates, parts = np.array(plan.replicates), np.array(plan.parts)
    require_values(path, "run", len(plan) > 0, _t("names no run"))
    known = all(of in hashes for of in plan.hashes)
    require_values(path, "hash", known, _t("a run is of no point of the design"))
    fine = (replicates >= 0) & (replicates < len(plan))
    require_values(path, "replicate", fine, _t("must count from 0"))
    require_values(path, "part", parts < 2**63, _t("must be numbers of parts"))
    fine = (parts >= 0) & (np.diff(parts, prepend=0) >= 0)
    require_values(path, "part", fine, _t("must not fall"))
    require_values(path, "run", len(set(plan.runs)) == len(plan), _t("names a run twice"))


def extended(
    before: Plan,
    wanted: Mapping[str, int],
    costs: Mapping[str, float],
    chunk: int | None = None,
    family: Callable[[str], str] = str,
) -> Plan:
    """Return ``before`` and, behind it, what it lacks of ``wanted``.

    ``wanted`` are numbers of replicates by hash, in the order of the points, ``costs`` estimated
    seconds of a run by hash, ``chunk`` the most runs of a part, instead of the estimate,
    ``family`` is `PointTable.family`, by default a family for each hash.
    """
    have = set(before.runs)
    new = [
        (of, replicate)
        for replicate in range(max(wanted.values(), default=0))
        for of in wanted
        if replicate < wanted[of] and run_id(of, replicate) not in have
    ]
    if not new:
        return before
    hashes, replicates = zip(*new, strict=True)
    first = before.parts[-1] + 1 if before.parts else 0
    families = {of: family(of) for of in wanted}
    kin = [(replicate, families[of]) for of, replicate in new]
    parts = _parts([costs[of] for of in hashes], kin, chunk)
    return Plan(
        (*before.hashes, *hashes),
        (*before.replicates, *replicates),
        (*before.parts, *(first + part for part in parts)),
    )


def _parts(
    costs: Sequence[float], kin: Sequence[tuple[int, str]], chunk: int | None
) -> Iterator[int]:
    """Yield the number of the part of each run, from 0, from their costs and their families."""
    most = chunk or min(PART_RUNS, -(-len(costs) // PARTS_WANTED))
    seconds = np.inf if chunk else PART_SECONDS
    part, runs, spent = 0, 0, 0.0
    for at, cost in enumerate(costs):
        full = runs + 1 > most or spent + cost > seconds
        related = not chunk and runs < TOGETHER and kin[at] == kin[at - 1]
        if runs and full and not related:
            part, runs, spent = part + 1, 0, 0.0
        runs, spent = runs + 1, spent + cost
        yield part


def cost_of(scenario: Scenario, world: World) -> float:
    """Return a rough number of seconds for one run on one core of a machine of 2026.

    Only its proportions matter: for the size of parts and the time left.
    """
    firms = scenario.scale * float(world.firms.sum())
    quarters = scenario.quarters + _BURN_IN_QUARTERS
    return quarters * (_SECONDS_PER_QUARTER + _SECONDS_PER_FIRM * firms)


# -- the points of a sweep as one table ------------------------------------------------------------

# A scenario is kept as a flat row of what it has otherwise than the base of the sweep, so that the
# folder alone can go on with the sweep, whatever the defaults of a later version are, the table
# stays small, and `Scenario.with_` makes the same of it.

_HASH = re.compile(r"[0-9a-f]{64}")
OLD_SET = "changes"
"""What the column of rows was called up to version 0.16, which had paths with values in it."""

OF_THE_SWEEP = ("record", "replicates")
"""Keys of a scenario that say nothing of what is simulated."""

_OWN = ("point", "scenario", "hash", "seconds")
"""Columns beside rows and factors; a factor ``scenario`` is the one that is there already."""


@dataclass(frozen=True)
class PointTable:
    """All points of a sweep."""

    # ``point, scenario`` (its name), the factors, ``hash`` (shared by all replicates), ``set`` (its
    # row as JSON, against ``base``) and ``seconds`` (estimate of a run).
    columns: Columns
    base: dict[str, Any]  # the scenario that the points change, as plain data
    worlds: dict[str, str]  # digest of the content of each world by its name
    code: dict[str, str]  # digest of each module with policies that are not shipped
    # Where your own worlds are, by name; empty when read from a folder of results, which names no
    # place of a machine.
    paths: dict[str, str] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.columns["point"])

    @property
    def factors(self) -> list[str]:
        """Names of the columns that vary by design."""
        return [name for name in self.columns if name not in (*_OWN, self._set)]

    @property
    def _set(self) -> str:
        """The name of the column of rows."""
        return OLD_SET if OLD_SET in self.columns else ROW

    def alone(self, point: int) -> PointTable:
        """Return the table of one point, as number 0 and without factors."""
        columns = {name: self.columns[name][[point]] for name in (*_OWN, self._set)}
        return replace(self, columns={**columns, "point": np.zeros(1, dtype=np.int64)})

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

    def family(self, of: str) -> str:
        """Return what a hash has in common with others but for `OWN_OF_RUN`.

        Equal texts mean one family: such runs of a replicate are one until they differ.
        """
        row = self.row(self.rows[of][0])
        return json.dumps({k: v for k, v in row.items() if k.partition(".")[0] not in OWN_OF_RUN})

    def row(self, point: int) -> dict[str, Any]:
        """Return what a point has otherwise than the base, by dotted key.

        `ResultsError` when the table says something else.
        """
        with _fitting(point, self._set):
            stored: dict[str, Any] = json.loads(self.columns[self._set][point])
            if self._set == OLD_SET:
                return row_between(self.base, _applied_as_of_old(self.base, stored))
            if not isinstance(stored, dict) or not all(all(key.split(".")) for key in stored):
                raise ValueError("is no row, or a key is none")
        return stored

    def row_of_run(self, point: int) -> dict[str, Any]:
        """Return `row` without what says nothing of what is simulated."""
        row = self.row(point)
        return {k: v for k, v in row.items() if k.partition(".")[0] not in OF_THE_SWEEP}

    def scenario(self, of: str) -> dict[str, Any]:
        """Return the scenario of a hash as plain data.

        `ResultsError` when what the table says does not fit the base, or names another world.
        """
        point = self.rows[of][0]
        row = self.row(point)
        with _fitting(point, self._set):
            plain = applied(self.base, row)
        validated(StoredScenario, plain, f"design: point {point}")
        if plain["world"] not in self.worlds:
            message = _t("design: point {row}: its world is none of the manifest's worlds")
            raise ResultsError(message.format(row=point))
        return plain


def tabulate(sweep: Sweep, **identity: Any) -> PointTable:
    """Return the table of the points of a sweep, all of them checked.

    ``version`` of ydsim and ``record`` enter the hash of every point. Errors as of
    `ydsim.design.sweep.scenarios`. `ScenarioError` also when two worlds of the sweep have one
    name. `ResourceError` when a point does not fit into the memory of this machine.
    """
    base = plain_scenario(sweep.base)
    base["world"] = world_label(base["world"])
    worlds: dict[str, str] = {}
    paths: dict[str, str] = {}
    code: dict[str, str] = {}
    found: dict[str, list[Any]] = {name: [] for name in ("scenario", "hash", ROW, "seconds")}
    for number, scenario in enumerate(scenarios(sweep)):
        world = load_world(scenario.world)
        refuse_too_large(scenario.scale, int(world.firms.sum()))
        plain = plain_scenario(scenario)
        plain["world"] = world_label(plain["world"])
        if worlds.setdefault(plain["world"], world.digest) != world.digest:
            message = _t(
                "point {number}: two worlds are called {name!r} and differ; rename the folder of "
                "one"
            )
            raise ScenarioError(message.format(number=number, name=plain["world"]))
        if plain["world"] != scenario.world:
            paths[plain["world"]] = scenario.world
        own = code_of_policies(scenario.policies)
        code.update(own)
        found["scenario"].append(scenario.name)
        found["hash"].append(point_hash(plain, world.digest, code=own, **identity))
        found[ROW].append(json.dumps(row_between(base, plain), sort_keys=True))
        found["seconds"].append(cost_of(scenario, world))
    factors = sweep.points.drop(columns=[ROW, SCENARIO], errors="ignore")
    columns: Columns = {"point": np.arange(sweep.size), "scenario": column(found["scenario"])}
    columns |= {str(name): values.to_numpy() for name, values in factors.items()}
    columns |= {name: column(found[name]) for name in ("hash", ROW, "seconds")}
    return PointTable(normalise(columns), base, worlds, code, paths)


def check_points(table: PointTable, path: Path) -> None:
    """Refuse a table that `tabulate` cannot have made; `ResultsError` names file and column."""
    point, seconds = table.columns["point"], table.columns["seconds"]
    in_order = np.array_equal(point, np.arange(len(point)))
    require_values(path, "point", in_order, _t("must count from 0"))
    hashes = all(_HASH.fullmatch(of) for of in table.rows)
    require_values(path, "hash", hashes, _t("must be a SHA-256 in hexadecimal"))
    fine = np.isfinite(seconds) & (seconds > 0)  # type: ignore[operator]
    require_values(path, "seconds", fine, _t("must be positive"))
    for name in table.factors:
        values = table.columns[name]
        finite = values.dtype.kind != "f" or np.isfinite(values)
        require_values(path, name, finite, _t("must be finite"))


def refuse_outside_code(table: PointTable, where: str) -> None:
    """Refuse a sweep whose points name policies that no installed package offers.

    `ScenarioError` with one line for each policy.
    """
    refuse_outside(table.base.get("policies"), where)
    for of, rows in table.rows.items():
        if any(key.startswith("policies.") for key in table.row(rows[0])):
            refuse_outside(table.scenario(of).get("policies"), where)


def check_worlds(table: PointTable, paths: Mapping[str, str]) -> None:
    """Refuse to go on where a world is gone or its content not the one that the sweep began with.

    ``paths`` say where your own worlds are now, by name.
    """
    for name, digest in table.worlds.items():
        now = load_world(paths.get(name, name)).digest
        if now != digest:
            message = _t(
                "the world {name!r} has changed since the sweep began: {before} -> {now}; nothing "
                "was changed"
            )
            raise ResultsError(message.format(name=name, before=digest[:12], now=now[:12]))


@contextmanager
def _fitting(point: int, column: str) -> Iterator[None]:
    """Refuse what a file says of a point and the store cannot have written."""
    try:
        yield
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        message = _t(
            "design: point {row}: column {column!r} does not fit the scenario in the manifest"
        )
        raise ResultsError(message.format(row=point, column=column)) from error


# -- rows between two scenarios that are plain data ------------------------------------------------

_SECTIONS = ("parameters", "governance")
_EMPTY: dict[str, Any] = {"shocks": [], "known_in": None, "ensemble": {}}
"""Values of keys that plain data leave out where they say nothing."""


def row_between(base: Mapping[str, Any], plain: Mapping[str, Any]) -> dict[str, Any]:
    """Return the row that makes ``plain`` out of ``base``; `applied` is its inverse.

    Values that are lists or mappings without keys of their own in a schema are replaced whole, and
    so is a mapping that lacks a key of the one in the base. A policy that is gone is ``"off"``.
    """
    row: dict[str, Any] = {}
    for key in sorted(base.keys() | plain.keys()):
        old, new = (each.get(key, _EMPTY.get(key)) for each in (base, plain))
        if key == "policies":
            for name in sorted(old.keys() | new.keys()):
                one, other = old.get(name, {}), new.get(name, "off")
                alike = one and other != "off" and one.get("policy") == other.get("policy")
                row |= _between(f"policies.{name}", one if alike else None, other)
        elif key == "record":
            later = dict.fromkeys(LATER, False)
            row |= _between(key, {**later, **old}, {**later, **new})
        elif key in _SECTIONS or old != new or type(old) is not type(new):
            row |= _between(key, old if key in _SECTIONS else _ABSENT, new)
    return row


def _between(key: str, old: Any, new: Any) -> dict[str, Any]:
    if old == new and repr(old) == repr(new):  # 1 and 1.0 are not the same
        return {}
    if not (isinstance(old, dict) and isinstance(new, dict)):
        return {key: new}
    if old.keys() - new.keys() or any("." in name for name in new):
        return {key: new}
    return {
        path: value
        for name in sorted(new)
        for path, value in _between(f"{key}.{name}", old.get(name, _ABSENT), new[name]).items()
    }


_ABSENT = object()


def applied(base: Mapping[str, Any], row: Mapping[str, Any]) -> dict[str, Any]:
    """Return plain data with a row that `row_between` returned laid over it."""
    plain = laid_over(base, row)
    for key, value in row.items():
        head, _, name = key.rpartition(".")
        silent = head in ("", "record") and name in (*YOUNGER, *LATER) and not value
        if silent or (head == "policies" and value == "off"):  # plain data leave it out
            del (plain[head] if head else plain)[name]
    return plain


def _applied_as_of_old(base: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return the plain data that results of before version 0.17 mean: paths set, and dropped."""
    plain = deepcopy(dict(base))
    for *path, last, value in changes["set"]:
        reduce(getitem, path, plain)[last] = value
    for *path, last in changes["drop"]:
        del reduce(getitem, path, plain)[last]
    return plain
