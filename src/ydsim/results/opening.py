"""Results in a folder, whatever made them: a run or a sweep."""

from __future__ import annotations

from pathlib import Path

from ydsim import arguments
from ydsim.errors import ResultsError
from ydsim.results.results import Results, open_run
from ydsim.results.sweep import open_sweep
from ydsim.store import contents as on_disk
from ydsim.store.layout import Parts, find_folder, open_store, receipt_path, replicate_parts
from ydsim.store.manifest import SWEEP


def open_results(path: str | Path, *, allow_code: bool = False) -> Results:
    """Return the results in a folder, of a run or of a sweep (then `SweepResults`).

    Parameters
    ----------
    path
        A results folder, or the bare name of one inside ``results/``.
    allow_code
        Import policies of outside code when `Results.scenario` is asked for; as for
        `ydsim.load_scenario`. Nothing else of results needs it.

    Raises
    ------
    ResultsError
        When it is not a results folder, or its manifest or a receipt is damaged.
    """
    path = arguments.folder("path", path, "a results folder")
    store, manifest = open_store(find_folder(path))
    if manifest.get("kind") == SWEEP:
        return open_sweep(store.folder)
    return open_run(store, manifest, allow_code=allow_code)


def verify(path: str | Path) -> list[str]:
    """Return what is wrong with a results folder, one line each; empty when all is sound.

    What is not finished is sound when all that is there of it is.
    """
    try:
        store, manifest = open_store(find_folder(path))
        if manifest.get("kind") == SWEEP:
            contents, manifest = on_disk.read(store.folder)
            parts: Parts = contents.plan.identities
        else:
            parts = replicate_parts(manifest["run_hash"], manifest["replicates"])
    except ResultsError as error:
        return [str(error)]
    if not manifest["complete"]:
        there = [n for n in parts if (store.folder / receipt_path(n)).exists()]
        parts = {n: parts[n] for n in there}
    return store.problems(manifest["files"], parts)
