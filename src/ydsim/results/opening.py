"""Results in a folder, whatever made them: a run or a sweep."""

from __future__ import annotations

from pathlib import Path

from ydsim import arguments
from ydsim.errors import ResultsError
from ydsim.results.results import Results
from ydsim.store import contents as on_disk
from ydsim.store.contents import failures_of, receipts_in
from ydsim.store.layout import Store, find_folder, receipt_path


def open_results(path: str | Path, *, allow_code: bool = False) -> Results:
    """Return the results in a folder, of a run or a sweep, finished or not.

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
        When it is not a results folder, its manifest or a receipt is damaged, or it says that it
        is complete and is not.
    """
    path = arguments.folder("path", path, "a results folder")
    store = Store(find_folder(path))
    contents, manifest = on_disk.read(store.folder)
    receipts = receipts_in(store, manifest, contents)
    failures = failures_of(receipts, contents)
    return Results(store, contents, manifest, receipts, failures, allow_code=allow_code)


def verify(path: str | Path) -> list[str]:
    """Return what is wrong with a results folder, one line each; empty when all is sound.

    What is not finished is sound when all that is there of it is.
    """
    store = Store(find_folder(path))
    try:
        contents, manifest = on_disk.read(store.folder)
    except ResultsError as error:
        return [str(error)]
    parts = contents.plan.identities
    if not manifest["complete"]:
        parts = {n: of for n, of in parts.items() if (store.folder / receipt_path(n)).exists()}
    return store.problems(manifest["files"], parts)
