"""The folder of a sweep: its manifest, its points and its plan, and what may be added to them.

Beside the layout of `ydsim.store.layout`::

    design.parquet             the points (``design-K.parquet`` after the K-th extension)
    plan.parquet               the runs and the part that holds each (``plan-K.parquet``)
    .ydsim-work/               what is at work now; of no value afterwards

The manifest names the files in force and is written last, so that an extension either happened or
did not. Parts that are written stay as they are: an extension only adds.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ydsim.errors import ResultsError
from ydsim.store.columns import normalise, to_parquet
from ydsim.store.files import sha256, write_atomic
from ydsim.store.host import host_facts, moved, utc_now, versions
from ydsim.store.identity import canary
from ydsim.store.layout import DESIGN, OFFICIAL, PLAN, Store, notes_of, part_path, tables_of
from ydsim.store.lock import FolderLock
from ydsim.store.manifest import NAME, SCHEMA, SWEEP, read_manifest, seal
from ydsim.store.plan import Plan, check_plan, plan_of
from ydsim.store.points import PointTable, check_points
from ydsim.typing import Columns

_SHOWN = 8


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
    content = {
        **contents.about,
        "schema": SCHEMA,
        "kind": SWEEP,
        "canary": canary(),
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
    write_atomic(store.folder / NAME, seal(content))


_OWN = frozenset(
    ("schema", "kind", "canary", "scenario", "worlds", "code", "generation", "points", "runs",
     "parts", "files", "complete", "tables", "notes", "made")
)  # fmt: skip


def read(folder: Path) -> tuple[Contents, dict[str, Any]]:
    """Return what a folder holds, and its manifest.

    Raises
    ------
    ResultsError
        When it is no sweep, or a file of it is damaged.
    """
    manifest = read_manifest(folder, SWEEP)
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
    about = {key: value for key, value in manifest.items() if key not in _OWN}
    return replace(empty, about=about, points=points, plan=plan), manifest


def _fixed(store: Store, manifest: Mapping[str, Any], path: str, table: str) -> Columns:
    try:
        store.checked(path, manifest["files"][path])
    except ResultsError as error:
        raise ResultsError(
            f"{store.folder / path}: is damaged or missing; the command that began the sweep makes "
            "it anew"
        ) from error
    return store.read_fixed(manifest, path, table)


def mend(folder: Path, new: Contents) -> None:
    """Write design and plan anew where they are damaged and ``new`` is what they held.

    Raises
    ------
    ResultsError
        When they held something else, or another process writes into the folder.
    """
    store, manifest = Store(folder), read_manifest(folder, SWEEP)
    old = replace(new, generation=manifest["generation"])
    tables = {old.file(DESIGN): new.points.columns, old.file(PLAN): new.plan.table()}
    for path, columns in tables.items():
        digest = manifest["files"][path]
        try:
            store.checked(path, digest)
        except ResultsError as error:
            data = to_parquet(normalise(columns))
            if sha256(data) != digest:
                raise ResultsError(
                    f"{folder / path}: is damaged or missing, and this command did not write it; "
                    "nothing was changed, restore it from a copy or use another folder with --out"
                ) from error
            with FolderLock(folder):
                store.write_fixed({path: data})


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


def alike(old: Contents, new: Contents) -> bool:
    """Tell whether two sweeps have the same points, numbered and named alike, and settings."""
    return (
        new.about == old.about
        and new.points.base == old.points.base
        and list(new.points.columns) == list(old.points.columns)
        and all(
            new.points.columns[name].tolist() == column.tolist()
            for name, column in old.points.columns.items()
        )
    )


def require_extension(folder: Path, old: Contents, new: Contents) -> None:
    """Refuse ``new`` unless it has every run of ``old``.

    Raises
    ------
    ResultsError
        Says what differs.
    """
    lost = [of for of in old.plan.highest if of not in new.points.rows]
    fewer = [
        of for of, k in old.plan.highest.items() if k > new.plan.highest.get(of, -1)
    ] if not lost else []  # fmt: skip
    if not lost and (not fewer or isinstance(new.about["replicates"], dict)):
        return
    lines = _differences(_card(old), _card(new))
    shown = [" ".join(line.split()) for line in lines[:_SHOWN]]
    if len(lines) > _SHOWN:
        shown.append(f"and {len(lines) - _SHOWN} more")
    what = (
        f"{len(lost)} of the {len(old.points.rows)} different points that it holds are not in this"
        if lost
        else "it holds more replicates than this"
    )
    raise ResultsError(
        f"{folder} holds another sweep: {what}; nothing was changed, use another folder with "
        "--out or rename the old one with --force: " + "; ".join(shown)
    )


def require_same_model(folder: Path, manifest: Mapping[str, Any], version: str) -> list[str]:
    """Refuse to add runs to those of another model; return remarks on what moved otherwise.

    Raises
    ------
    ResultsError
        When ydsim has another version, or this machine gives other numbers.
    """
    if manifest["version"] != version:
        raise ResultsError(
            f"{folder}: begun with ydsim {manifest['version']}, this is {version}; its runs would "
            "not belong together: nothing was changed, use that version or another folder"
        )
    changed = moved(manifest["made"]["versions"])
    if manifest["canary"] != canary():
        raise ResultsError(
            f"{folder}: this machine draws or computes other numbers than the one it was begun on "
            f"({', '.join(changed) or 'same versions'}); nothing was changed, use another folder"
        )
    if changed:
        return ["begun with other versions, last digits may differ: " + ", ".join(changed)]
    return []


def _card(contents: Contents) -> dict[str, Any]:
    about = contents.about
    return {
        "base": {k: v for k, v in contents.points.base.items() if k not in ("name", "description")},
        "design": about["spec"],
        "record": about["record"],
        "replicates": about["replicates"],
        "worlds": {name: digest[:12] for name, digest in contents.points.worlds.items()},
        "code": {name: digest[:12] for name, digest in contents.points.code.items()},
        "ydsim": about["version"],
    }


def _differences(old: Any, new: Any, path: str = "") -> list[str]:
    if isinstance(old, dict) and isinstance(new, dict):
        lines = []
        for key in sorted(old.keys() | new.keys()):
            lines += _differences(
                old.get(key, _ABSENT), new.get(key, _ABSENT), f"{path}.{key}" if path else str(key)
            )
        return lines
    if isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        pairs = enumerate(zip(old, new, strict=True))
        return [line for k, (a, b) in pairs for line in _differences(a, b, f"{path}[{k}]")]
    return [] if old == new else [f"{path}: {_show(old)} -> {_show(new)}"]


_ABSENT = object()


def _show(value: Any) -> str:
    if value is _ABSENT:
        return "(absent)"
    text = json.dumps(value, ensure_ascii=False, sort_keys=True)
    return text if len(text) <= 60 else text[:57] + "..."
