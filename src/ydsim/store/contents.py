"""What a folder holds: its manifest, its points and its plan, and what may be added to them.

A run of one scenario is a sweep of one point: ``kind`` in the manifest tells them apart.
The manifest names the files in force and is written last, so that an extension either happened or
did not. Parts that are written stay as they are: an extension only adds.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ydsim.errors import ResultsError
from ydsim.store.columns import normalise, to_parquet
from ydsim.store.files import sha256, write_atomic
from ydsim.store.host import host_facts, utc_now, versions
from ydsim.store.identity import numeric_fingerprint
from ydsim.store.layout import DESIGN, OFFICIAL, PLAN, Store, notes_of, part_path, tables_of
from ydsim.store.manifest import NAME, SCHEMA, read_manifest, seal
from ydsim.store.plan import Plan, check_plan, plan_of
from ydsim.store.points import PointTable, check_points
from ydsim.typing import Columns


@dataclass(frozen=True)
class Contents:
    """Everything about a sweep but its results.

    Attributes
    ----------
    about
        The part of the manifest that does not depend on how far the sweep is: ``name``,
        ``description``, ``spec``, ``record``, ``replicates``, ``version`` and more.
    points, plan
        What is run.
    generation
        0, and one more with every extension.
    """

    about: dict[str, Any]
    points: PointTable
    plan: Plan
    generation: int = 0

    @property
    def kind(self) -> str:
        """`RUN` of a single scenario, or `SWEEP`."""
        return str(self.about["kind"])

    def file(self, kind: str) -> str:
        """Return the name of the file with the design or the plan."""
        return f"{kind}-{self.generation}.parquet" if self.generation else f"{kind}.parquet"


@dataclass(frozen=True)
class State:
    """How far a sweep is, as the manifest says it."""

    complete: bool
    tables: list[str]
    notes: list[str]
    made: dict[str, Any]


def state_of(
    receipts: Mapping[int, Mapping[str, Any]], made: dict[str, Any], *, complete: bool
) -> State:
    """Return how far a sweep is, from the receipts of its parts."""
    return State(complete, tables_of(receipts), notes_of(receipts), made)


def write(store: Store, contents: Contents, official: Columns, state: State) -> None:
    """Write design and plan, then the manifest that puts them in force."""
    fixed = {
        contents.file(DESIGN): to_parquet(normalise(contents.points.columns)),
        contents.file(PLAN): to_parquet(normalise(contents.plan.table())),
        part_path(OFFICIAL, 0): to_parquet(official),
    }
    store.write_fixed(fixed)
    files = {path: sha256(data) for path, data in fixed.items()}
    write_manifest(store, contents, files, state)
    for kind in (DESIGN, PLAN):
        for path in store.folder.glob(f"{kind}*.parquet"):
            if path.name not in files:
                with suppress(OSError):
                    path.unlink()


def write_manifest(
    store: Store, contents: Contents, files: Mapping[str, str], state: State
) -> None:
    """Write the manifest of a sweep whose other files are there."""
    content = manifest_of(contents, files, state)
    write_atomic(store.folder / NAME, seal(content))


def manifest_of(contents: Contents, files: Mapping[str, str], state: State) -> dict[str, Any]:
    """Return the manifest of a sweep in its present state."""
    return {
        **contents.about,
        "schema": SCHEMA,
        "hash": _hash(contents.plan),
        "canary": numeric_fingerprint(),
        "scenario": contents.points.base,
        "worlds": contents.points.worlds,
        "code": contents.points.code,
        "generation": contents.generation,
        "points": len(contents.points),
        "runs": len(contents.plan),
        "parts": len(contents.plan.bounds),
        "files": dict(files),
        "complete": state.complete,
        "tables": state.tables,
        "notes": state.notes,
        "made": state.made,
    }


_OWN = frozenset(
    ("schema", "hash", "canary", "scenario", "worlds", "code", "generation", "points", "runs",
     "parts", "files", "complete", "tables", "notes", "made")
)  # fmt: skip


def read(folder: Path) -> tuple[Contents, dict[str, Any]]:
    """Return what a folder holds, and its manifest.

    Raises
    ------
    ResultsError
        When it holds no results, or a file of it is damaged.
    """
    manifest = read_manifest(folder)
    store = Store(folder)
    generation = manifest["generation"]
    empty = Contents({}, PointTable({}, {}, {}, {}), Plan((), (), ()), generation)
    paths = {kind: folder / empty.file(kind) for kind in (DESIGN, PLAN)}
    points = PointTable(
        _fixed(store, manifest, empty.file(DESIGN), "points"),
        manifest["scenario"],
        manifest["worlds"],
        manifest["code"],
    )
    check_points(points, paths[DESIGN])
    plan = plan_of(_fixed(store, manifest, empty.file(PLAN), PLAN))
    check_plan(plan, set(points.rows), paths[PLAN])
    counts = {"points": len(points), "runs": len(plan), "parts": len(plan.bounds)}
    for key, count in counts.items():
        if manifest[key] != count:
            raise ResultsError(f"{folder / NAME}: {key}: is {manifest[key]}, but there are {count}")
    if manifest["hash"] != _hash(plan):
        raise ResultsError(f"{folder / NAME}: hash: is not that of the plan")
    return replace(empty, about=_about(manifest), points=points, plan=plan), manifest


def _hash(plan: Plan) -> str:
    """Return the digest of all runs: equal ones mean equal results."""
    return sha256("\n".join(plan.runs).encode("ascii"))


def _about(manifest: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in manifest.items() if key not in _OWN}


def _fixed(store: Store, manifest: Mapping[str, Any], path: str, table: str) -> Columns:
    try:
        store.checked(path, manifest["files"][path])
    except ResultsError as error:
        raise ResultsError(
            f"{store.folder / path}: is damaged or missing; the command that began the sweep makes "
            "it again"
        ) from error
    return store.read_fixed(manifest, path, table)


def made(started: str, seconds: float, earlier: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the block ``made``: when, how long and on what."""
    return {
        "started": started,
        "finished": utc_now(),
        "seconds": round(seconds, 3),
        "host": host_facts(),
        "versions": versions(),
        "earlier": earlier,
    }


def earlier_of(manifest: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the blocks ``made`` of all calls so far."""
    made = dict(manifest["made"])
    return [*made.pop("earlier", []), made]
