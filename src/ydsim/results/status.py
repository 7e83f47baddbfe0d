"""How far a folder of results is, read while it is written or afterwards."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ydsim.store import contents as on_disk
from ydsim.store.checkpoint import kept_slots
from ydsim.store.layout import Store, find_folder, replicate_parts
from ydsim.store.lock import holder_of
from ydsim.store.manifest import SWEEP, read_any_manifest
from ydsim.store.marker import read_marker


@dataclass(frozen=True)
class Status:
    """How far a run or a sweep is.

    Attributes
    ----------
    folder, kind, name
        Where it is; ``run`` or ``sweep``; its name.
    points, runs, done, failed
        Points; runs (replicates) in all, finished, and failed.
    parts, parts_done
        Files of the store, and how many of them are there.
    complete
        Nothing is missing and nothing failed.
    holder
        Who writes into it now; empty when nobody does.
    """

    folder: str
    kind: str
    name: str
    points: int
    runs: int
    done: int
    failed: int
    parts: int
    parts_done: int
    complete: bool
    holder: str

    def lines(self) -> list[str]:
        """Return it in words."""
        state = "complete" if self.complete else "unfinished"
        left = self.runs - self.done - self.failed
        first = f"{self.name}: {state}; {self.done} of {self.runs} runs done"
        first += f", {self.failed} failed" if self.failed else ""
        first += f", {left} to go" if left else ""
        lines = [first, f"{self.points} points; {self.parts_done} of {self.parts} parts in place"]
        if self.holder:
            lines.append(f"at work: {self.holder}")
        elif not self.complete:
            again = "ydsim resume" if self.kind == SWEEP else "ydsim run, the same as before,"
            lines.append(f"to go on: {again} {self.folder if self.kind == SWEEP else ''}".rstrip())
        return lines


def status_of(path: str | Path) -> Status:
    """Return how far a results folder is; nothing is written and no part is read.

    Raises
    ------
    ResultsError
        When it is not a results folder, or its manifest or a receipt is damaged.
    """
    folder = find_folder(path)
    manifest = read_any_manifest(folder)
    store = Store(folder)
    if manifest.get("kind") == SWEEP:
        return _of_sweep(store)
    parts = replicate_parts(manifest["run_hash"], manifest["replicates"])
    done = len(store.receipts(parts))
    failed = len(store.failures())
    total = len(parts)
    complete = manifest["complete"]
    holder = holder_of(folder)
    return Status(
        str(folder), "run", manifest["name"], 1, total, done, failed, total, done, complete, holder
    )


def _of_sweep(store: Store) -> Status:
    contents, manifest = on_disk.read(store.folder)
    plan = contents.plan
    receipts: dict[int, dict[str, Any]] = store.receipts(plan.identities)
    done = sum(receipt["done"] for receipt in receipts.values())
    failed = sum(len(receipt["failed"]) for receipt in receipts.values())
    holder = holder_of(store.folder)
    for number, rows in plan.bounds.items():
        if number not in receipts:
            aside = [
                kept["done"]
                for slot in kept_slots(store.folder, number)
                for kept in slot.receipts({number: plan.identities[number]}).values()
            ]
            now, _ = read_marker(store.folder, number) if holder else (0, "")
            done += min(max([now, *aside]), rows.stop - rows.start)
    return Status(
        str(store.folder),
        SWEEP,
        manifest["name"],
        len(contents.points),
        len(plan),
        done,
        failed,
        len(plan.bounds),
        len(receipts),
        manifest["complete"],
        holder,
    )
