"""How far a folder of results is, read while it is written or afterwards, and what is wrong."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

from ydsim.errors import ResultsError
from ydsim.fmt import counted
from ydsim.store import contents as on_disk
from ydsim.store.contents import failures_of, how_to_go_on, receipts_in
from ydsim.store.layout import Store, find_folder, kept_slots, read_marker, receipt_path
from ydsim.store.lock import holder_of
from ydsim.translation import gettext as _t


@dataclass(frozen=True)
class Status:
    """How far a run or a sweep is.

    Points; runs (replicates) in all, finished, and failed; files of the store, and how many of them
    are there. It is complete when nothing is missing and nothing failed; ``holder`` is who writes
    into it now, empty when nobody does.
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
        head = _t("{name}: unfinished; {done} of {runs} runs done")
        if self.complete:
            head = _t("{name}: complete; {done} of {runs} runs done")
        left = self.runs - self.done - self.failed
        head += _t(", {failed} failed") * bool(self.failed) + _t(", {left} to go") * bool(left)
        lines = [head, _t("{counted}; {parts_done} of {parts} parts in place")]
        if self.holder or not self.complete:
            lines.append(_t("at work: {holder}") if self.holder else _t("to go on: {again}"))
        more = {"left": left, "counted": counted(self.points, "point"), "again": self.again}
        return [line.format(**asdict(self), **more) for line in lines]

    @property
    def unfinished(self) -> str:
        """How far it is and how to go on; empty when it is complete."""
        said = _t("unfinished: {done} of {runs} runs") + _t(", {failed} failed") * bool(self.failed)
        said += _t("; to go on: {again}")
        return "" if self.complete else said.format(**asdict(self), again=self.again)

    @property
    def again(self) -> str:
        """The command that computes what is missing."""
        return how_to_go_on(Path(self.folder))


def status_of(path: str | Path) -> Status:
    """Return how far a results folder is; nothing is written and no part is read.

    Raises
    ------
    ResultsError
        When it is not a results folder, its manifest or a receipt is damaged, or it says that it
        is complete and is not.
    """
    folder = find_folder(path)
    contents, manifest = on_disk.read(folder)
    plan = contents.plan
    holder = holder_of(folder)
    strict = manifest["complete"] and not holder  # who is at work may be at what is missing
    receipts = receipts_in(Store(folder), {**manifest, "complete": strict}, contents)
    done = sum(receipt["done"] for receipt in receipts.values())
    failed = len(failures_of(receipts, contents))
    for number, rows in plan.bounds.items():
        if number not in receipts:
            aside = [
                kept["done"]
                for slot in kept_slots(folder, number)
                for kept in slot.receipts({number: plan.identities[number]}).values()
            ]
            now = read_marker(folder, number).done if holder else 0
            done += min(max([now, *aside]), rows.stop - rows.start)
    return Status(
        str(folder),
        contents.kind,
        manifest["name"],
        len(contents.points),
        len(plan),
        done,
        failed,
        len(plan.bounds),
        len(receipts),
        manifest["complete"] and len(receipts) == len(plan.bounds),
        holder,
    )


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
