"""Fewer and larger files: the parts of a finished sweep, put together."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from ydsim.errors import ResultsError
from ydsim.store import contents as on_disk
from ydsim.store.contents import receipts_in, utc_now
from ydsim.store.layout import OFFICIAL, RUNS, Store, find_folder, part_path
from ydsim.store.lock import FolderLock
from ydsim.store.points import Plan

RUNS_A_PART = 5000
BYTES_A_PART = 256 * 2**20

MANY = 200
"""A finished folder of more parts than these is compacted by whoever finishes it."""


def compact(path: str | Path) -> None:
    """Merge the parts of a finished sweep into fewer; every row stays, and its place.

    New parts are written beside the old ones, the manifest puts them in force, and only then are
    the old ones removed. `ResultsError` when the sweep is unfinished or damaged, or in use.
    """
    folder = find_folder(path)
    with FolderLock(folder):
        contents, manifest = on_disk.read(folder)
        if not manifest["complete"]:
            raise ResultsError(f"{folder}: is unfinished; finish it first: ydsim resume {folder}")
        store = Store(folder)
        old = contents.plan
        receipts = receipts_in(store, manifest, contents)
        wrong = store.problems(manifest["files"], old.identities)
        if wrong:
            raise ResultsError(wrong[0])
        store.drop_parts_but(old.bounds)  # of a compaction that was broken off
        groups = _groups(store, old, receipts)
        if len(groups) == len(old.bounds):
            return
        first = old.parts[-1] + 1
        into = {number: first + k for k, group in enumerate(groups) for number in group}
        plan = replace(old, parts=tuple(into[number] for number in old.parts))
        merged = _merge(store, plan, groups, receipts)
        new = replace(contents, plan=plan, generation=contents.generation + 1)
        made = on_disk.made(utc_now(), 0.0, on_disk.earlier_of(manifest))
        state = on_disk.state_of(merged, made, complete=True)
        official = store.read_fixed(manifest, part_path(OFFICIAL, 0), OFFICIAL)
        on_disk.write(store, new, official, state)
        for number, receipt in receipts.items():
            store.remove_part(number, receipt)


def tidy(path: str | Path) -> None:
    """Compact a finished folder of many parts, and finish a compaction that was broken off.

    A folder of few parts is only read. `ResultsError` or `ResourceError` as of `compact`; nothing
    is lost.
    """
    folder = find_folder(path)
    contents, manifest = on_disk.read(folder)
    bounds = contents.plan.bounds
    if manifest["complete"] and len(bounds) > MANY:
        compact(folder)
    elif manifest["complete"] and len(list((folder / RUNS).glob("part-*.json"))) > len(bounds):
        with FolderLock(folder):
            Store(folder).drop_parts_but(bounds)


def _groups(store: Store, plan: Plan, receipts: dict[int, dict[str, Any]]) -> list[list[int]]:
    """Return the parts that become one, in order."""
    groups: list[list[int]] = [[]]
    runs, size = 0, 0
    for number, rows in plan.bounds.items():
        more = sum((store.folder / path).stat().st_size for path in receipts[number]["files"])
        count = rows.stop - rows.start
        if groups[-1] and (runs + count > RUNS_A_PART or size + more > BYTES_A_PART):
            groups.append([])
            runs, size = 0, 0
        groups[-1].append(number)
        runs, size = runs + count, size + more
    return groups


def _merge(
    store: Store,
    plan: Plan,
    groups: list[list[int]],
    receipts: dict[int, dict[str, Any]],
) -> dict[int, dict[str, Any]]:
    merged = {}
    for number, group in zip(plan.bounds, groups, strict=True):
        of = {n: receipts[n] for n in group}
        names = dict.fromkeys(path.split("/")[0] for r in of.values() for path in r["files"])
        tables = {name: store.read_table(of, name) for name in names}
        content = {
            "done": sum(receipt["done"] for receipt in of.values()),
            "failed": [],
            "missing": [],
            "notes": sorted({note for receipt in of.values() for note in receipt["notes"]}),
        }
        merged[number] = store.write_part(number, plan.identities[number], tables, content)
    return merged
