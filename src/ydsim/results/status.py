"""How far a folder of results is, read while it is written or afterwards, and what is wrong."""

from __future__ import annotations

from dataclasses import dataclass
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
        left = self.runs - self.done - self.failed
        state = (
            _t("{name}: complete; {done} of {runs} runs done")
            if self.complete
            else _t("{name}: unfinished; {done} of {runs} runs done")
        )
        parts = _t("{points}; {done} of {parts} parts in place")
        lines = [
            state.format(name=self.name, done=self.done, runs=self.runs)
            + _number(self.failed, _t(", {n} failed"))
            + _number(left, _t(", {n} to go")),
            parts.format(
                points=counted(self.points, "point"), done=self.parts_done, parts=self.parts
            ),
        ]
        if self.holder:
            lines.append(_t("at work: {holder}").format(holder=self.holder))
        elif not self.complete:
            lines.append(_t("to go on: {command}").format(command=self.again))
        return lines

    @property
    def unfinished(self) -> str:
        """How far it is and how to go on; empty when it is complete."""
        said = _t("unfinished: {done} of {runs} runs{failed}; to go on: {command}").format(
            done=self.done,
            runs=self.runs,
            failed=_number(self.failed, _t(", {n} failed")),
            command=self.again,
        )
        return "" if self.complete else said

    @property
    def again(self) -> str:
        """The command that computes what is missing."""
        return how_to_go_on(Path(self.folder))


def _number(n: int, said: str) -> str:
    return said.format(n=n) if n else ""


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
