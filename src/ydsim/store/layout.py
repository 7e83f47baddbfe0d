"""A results folder on disk: parts, receipts, failures, checkpoints, runs at work."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias

from ydsim.errors import ResultsError, UsageError
from ydsim.store.files import (
    CREATE,
    TEMPORARY,
    asking_system,
    make_folder,
    read_bytes,
    refuse_link,
    sha256,
    sync_folder,
    write_atomic,
)
from ydsim.store.manifest import NAME, SCHEMA, Receipt, seal, unseal, validated
from ydsim.store.tables import (
    check_columns,
    check_same_types,
    concatenate,
    from_parquet,
    require_values,
    to_parquet,
)
from ydsim.translation import gettext as _t
from ydsim.typing import Columns, Table
from ydsim.wording import letters_of

# -- a results folder on disk ----------------------------------------------------------------------

# Layout of ``results/<name>/``::
#
#     manifest.json              what is run and how far it is; names the files in force
#     design.parquet             the points (``design-K.parquet`` after the K-th extension)
#     plan.parquet               the runs and the part that holds each (``plan-K.parquet``)
#     official/part-000000.parquet
#     <table>/part-<number>.parquet
#     runs/part-<number>.parquet and .json
#     failures.jsonl             only when something failed
#     figures/
#
# A part holds some runs, that of a single scenario one. It is finished when its receipt (the
# ``.json``, written last) is sound, says that it is of this experiment, and every file it names
# has the SHA-256 that it states. Everything else is a leftover: ignored or written again.

RUNS = "runs"
OFFICIAL = "official"
DESIGN = "design"
FIGURES = "figures"
FAILURES = "failures.jsonl"
PLAN = "plan"

Identity: TypeAlias = Mapping[str, Any]
"""What a receipt must say, besides its files, to be that of a certain part."""

Receipts: TypeAlias = Mapping[int, Mapping[str, Any]]
"""Receipts of parts, by number."""

Parts: TypeAlias = Mapping[int, Identity]
"""The parts that belong into a folder, by number."""

RowCheck: TypeAlias = Callable[[str, int, Columns, Path], object]
"""Refuses the rows of a table in a part of a number, as `ydsim.store.points.Plan.rows_of`."""

_OURS = re.compile(rf"(?s)\.ydsim-.*|.*\{TEMPORARY}|\.DS_Store|Thumbs\.db|desktop\.ini")
"""Names of locks, of what is at work, and of what systems drop."""

WORK = ".ydsim-work"
"""Folder of files that matter only while a sweep is at work.

It is made before anything else of a sweep: where it is, files of a sweep that lack a manifest
are those of a beginning that was broken off.
"""

_BEGUN = re.compile(rf"({DESIGN}|{PLAN})\.parquet|{OFFICIAL}")
"""What a sweep writes before its manifest."""

LARGEST_PART = 4 * 2**30
"""Bytes of a table in one file: compaction stops at a sixteenth, one run at scale 1 has less."""

_FILE = re.compile(r"[a-z][a-z0-9_]*/part-[0-9]{6,}\.(parquet|json)|[a-z]+(-[0-9]+)?\.parquet")
_PART = re.compile(r"part-([0-9]{6,})\.json")
_DEVICES = {"con", "prn", "aux", "nul"} | {f"{d}{n}" for d in ("com", "lpt") for n in range(10)}


def folder_name(name: str) -> str:
    """Return a folder name for an experiment: ``name`` itself where it is safe on any system.

    Of other names the letters and digits stay, with a short hash, so that two of them never share a
    folder. It has at most 120 bytes before the hash, of which Chinese letters take three each.
    """
    safe = letters_of(name).strip("-._")[:60].encode()[:120].decode(errors="ignore").rstrip("-._")
    if safe and safe == name and name.split(".")[0].lower() not in _DEVICES:
        return name
    return f"{safe or 'run'}-{hashlib.sha256(name.encode('utf-8', 'replace')).hexdigest()[:8]}"


def part_path(table: str, number: int) -> str:
    """Return the path of a part inside its folder, with forward slashes."""
    return f"{table}/part-{number:06d}.parquet"


def receipt_path(number: int) -> str:
    """Return the path of a receipt inside its folder."""
    return f"{RUNS}/part-{number:06d}.json"


def refuse_own_file(path: Path) -> None:
    """Refuse a file of which a results folder consists, to be written over by something else.

    `UsageError` names the folder.
    """
    path = Path(os.path.realpath(path))
    for folder in (path.parent, path.parent.parent):
        name = path.relative_to(folder).as_posix()
        ours = name in (NAME, FAILURES) or _FILE.fullmatch(name)
        if ours and (folder / NAME).exists():
            message = _t("{path} is for the results in {folder}; give another name with -o")
            raise UsageError(message.format(path=path, folder=folder))


def require_free_or_ours(folder: Path) -> None:
    """Refuse a folder that holds something which ydsim did not write.

    `ResultsError` also when a neighbour's name differs in case only.
    """
    with asking_system("look into", folder):
        if folder.is_dir():
            entries = {entry.name for entry in folder.iterdir()}
            foreign = {name for name in entries if not _OURS.fullmatch(name)}
            if WORK in entries:
                foreign -= {name for name in entries if _BEGUN.fullmatch(name)}
            if foreign and NAME not in entries:
                message = _t(
                    "{folder} exists and is not a results folder of ydsim (no {file}); nothing was "
                    "changed, use another folder with --output"
                )
                raise ResultsError(message.format(folder=folder, file=NAME))
        elif folder.exists() or folder.is_symlink():
            what = _t("a file") if folder.exists() else _t("a link to nothing")
            message = _t("{folder} is {what}, not a folder; use another name with --output")
            raise ResultsError(message.format(folder=folder, what=what))
        elif folder.parent.is_dir():
            for other in folder.parent.iterdir():
                if other.name.lower() == folder.name.lower() and other.name != folder.name:
                    message = _t(
                        "{folder} differs from {other} in upper and lower case only, which some "
                        "systems cannot tell apart; use another name with --output"
                    )
                    raise ResultsError(message.format(folder=folder, other=other))


def set_aside(folder: Path) -> Path:
    """Rename ``folder`` to ``<name>.bak-N`` with the first free N, and return the new path.

    `ResultsError` of ``.`` and ``..``, which a process stays in when they are renamed.
    """
    if folder.name in ("", ".."):
        message = _t(
            "{folder} cannot be renamed from inside; go to another folder, or give its name"
        )
        raise ResultsError(message.format(folder=folder))
    n = 1
    while (backup := folder.with_name(f"{folder.name}.bak-{n}")).exists():
        n += 1
    with asking_system("rename", folder):
        folder.rename(backup)
    return backup


class Store:
    """One results folder. Reading needs nothing; writing needs the folder's lock."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write_part(
        self, number: int, tables: Mapping[str, Table], content: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Write all tables of a part, then its receipt: ``content`` and the files; return that."""
        files = {}
        for table in sorted(tables):
            path = part_path(table, number)
            files[path] = self.write(path, to_parquet(tables[table]))
        sealed = {**content, "schema": SCHEMA, "files": files}
        self.write(receipt_path(number), seal(sealed))
        return sealed

    def withdraw(self, number: int) -> None:
        """Take back the receipt of a part whose files are about to be replaced.

        The part counts as not there until its new receipt is there, never as damaged.
        """
        path = self._path(receipt_path(number))
        with asking_system("remove", path):
            path.unlink(missing_ok=True)
            sync_folder(path.parent)

    def write_failures(self, failures: list[dict[str, Any]]) -> None:
        """Write ``failures.jsonl``, or remove it when nothing failed."""
        path = self.folder / FAILURES
        if failures:
            lines = [json.dumps(f, sort_keys=True, allow_nan=False) + "\n" for f in failures]
            write_atomic(path, "".join(lines).encode("utf-8"))
        else:
            with asking_system("remove", path):
                path.unlink(missing_ok=True)

    def receipt(self, number: int, identity: Identity) -> dict[str, Any]:
        """Return the receipt of a part; `ResultsError` when missing, damaged, wrong or foreign."""
        path = self._path(receipt_path(number))
        receipt = unseal(read_bytes(path), path)
        validated(Receipt, receipt, path)
        if receipt["part"] != number:
            message = _t("{path}: is the receipt of part {number}")
            raise ResultsError(message.format(path=path, number=receipt["part"]))
        if any(receipt.get(key) != value for key, value in identity.items()):
            raise ResultsError(_t("{path}: belongs to another experiment").format(path=path))
        return receipt

    def receipts(self, parts: Parts) -> dict[int, dict[str, Any]]:
        """Return the receipts that exist, by number; `ResultsError` when one is damaged."""
        return {
            number: self.receipt(number, identity)
            for number, identity in parts.items()
            if (self.folder / receipt_path(number)).exists()
        }

    def readable(self, parts: Parts) -> dict[int, dict[str, Any]]:
        """Return the receipts that are there, sound and of these parts, by number."""
        found = {}
        for number, identity in parts.items():
            with suppress(ResultsError):
                found[number] = self.receipt(number, identity)
        return found

    def drop_parts_but(self, numbers: Container[int]) -> None:
        """Remove parts of ours that no plan names any more, by what their receipts say."""
        for path in sorted((self.folder / RUNS).glob("part-*.json")):
            name = _PART.fullmatch(path.name)
            if name is None or int(name[1]) in numbers:
                continue
            with suppress(ResultsError):
                receipt = self.receipt(int(name[1]), {})
                if "sweep_part" in receipt:
                    self.remove_part(int(name[1]), receipt)

    def remove_part(self, number: int, receipt: Mapping[str, Any]) -> None:
        """Remove a receipt and the files that it names; what the system refuses stays."""
        for path in (receipt_path(number), *receipt["files"]):
            with suppress(OSError):
                self._path(path).unlink()

    def finished(self, number: int, identity: Identity) -> dict[str, Any] | None:
        """Return the receipt of a part when it and all its files are sound."""
        receipt = self.readable({number: identity}).get(number)
        return None if receipt is None or self._damaged(receipt["files"]) else receipt

    def problems(self, files: Mapping[str, str], parts: Parts) -> list[str]:
        """Return one line for each missing or damaged file, in a fixed order."""
        found = self._damaged(files)
        for number, identity in parts.items():
            try:
                found += self._damaged(self.receipt(number, identity)["files"])
            except ResultsError as error:
                found.append(str(error))
        return found

    def _damaged(self, files: Mapping[str, str]) -> list[str]:
        """Say what is wrong with files: another SHA-256, or no table of ours; rows are not read."""
        found = []
        for path, digest in sorted(files.items()):
            try:
                self._read(path, digest, rows=False)
            except ResultsError as error:
                found.append(str(error))
        return found

    def read_fixed(self, manifest: Mapping[str, Any], path: str) -> Columns:
        """Return a table that does not depend on replicates."""
        columns = self._read(path, manifest["files"][path])
        if path == part_path(OFFICIAL, 0):
            keys = (columns[name] for name in ("indicator", "region", "year"))
            once = len({*zip(*keys, strict=True)}) == len(columns["year"])
            require_values(self.folder / path, "year", once, _t("has a year of a figure twice"))
        return columns

    def _read(
        self, path: str, digest: str, *, rows: bool = True, names: Sequence[str] | None = None
    ) -> Columns:
        where = self.folder / path
        columns = from_parquet(self.checked(path, digest), where, rows=rows, names=names)
        check_columns(re.split(r"[/.-]", path)[0], columns, where, names)
        return columns

    def read_table(self, receipts: Receipts, table: str, check: RowCheck | None = None) -> Columns:
        """Return the rows of a table over the parts with a receipt, in their order."""
        parts = []
        for number, columns in self.read_parts(receipts, table):
            if check is not None:
                check(table, number, columns, self.folder / part_path(table, number))
            parts.append(columns)
        check_same_types(parts, self.folder / table)
        return concatenate(parts)

    def read_parts(
        self, receipts: Receipts, table: str, names: Sequence[str] | None = None
    ) -> Iterator[tuple[int, Columns]]:
        """Yield number and rows of a table of each part with a receipt, in their order.

        ``names`` are some of the columns, as far as they are there; all by default.
        """
        for number, receipt in receipts.items():
            path = part_path(table, number)
            if not receipt["files"]:
                continue  # every run of the part failed
            if path not in receipt["files"]:
                message = _t("{path}: the part has no table {table}")
                raise ResultsError(message.format(path=self.folder / path, table=table))
            yield number, self._read(path, receipt["files"][path], names=names)

    def clean(self) -> None:
        """Remove unfinished files of a killed writer."""
        inside = [path for path in self.folder.iterdir() if path.name != FIGURES]
        for folder in (self.folder, *(path for path in inside if not path.is_symlink())):
            for path in folder.glob(f".*{TEMPORARY}"):
                with suppress(OSError):
                    path.unlink()

    def write(self, path: str, data: bytes) -> str:
        """Write one file and return its SHA-256."""
        target = self._path(path)
        if target.parent != self.folder:
            make_folder(target.parent)
        return write_atomic(target, data)

    def _path(self, path: str) -> Path:
        """Return where a file of the store is, strictly below the real folder."""
        if not _FILE.fullmatch(path):
            message = _t("{path}: is not a file of results")
            raise ResultsError(message.format(path=self.folder / path))
        target = self.folder / path
        if target.parent != self.folder:
            refuse_link(target.parent)
        return target

    def checked(self, path: str, digest: str) -> bytes:
        """Return the content of a file; `ResultsError` unless it has this SHA-256."""
        data = read_bytes(self._path(path), LARGEST_PART)
        if sha256(data) != digest:
            message = _t(
                "{path}: is damaged: its SHA-256 is not the one written with it; run the same "
                "command again to make it again"
            )
            raise ResultsError(message.format(path=self.folder / path))
        return data


def summary_of(receipts: Receipts) -> dict[str, list[str]]:
    """Return the ``tables`` that were recorded and the ``notes`` of all runs, each once."""
    names = {path.split("/")[0] for receipt in receipts.values() for path in receipt["files"]}
    notes = dict.fromkeys(note for receipt in receipts.values() for note in receipt["notes"])
    return {"tables": sorted(names - {RUNS}), "notes": list(notes)}


def find_folder(path: str | Path) -> Path:
    """Return the folder that ``path`` means: itself, or ``results/<path>`` for a bare name."""
    folder = Path(path)
    inside = Path("results") / folder
    bare = folder.name == str(path) and not os.path.exists(folder)
    return inside if bare and os.path.exists(inside) else folder


# -- a small file that says which run of a part is at work and how far it is -----------------------

# Whoever finds the worker dead reads the run, whoever waits reads the share.

_BYTES = 4096


class Marker:
    """The file of one part, as a context; without it nothing but the word about a death is lost.

    It is a new one, so that nothing is written through a link that has its name.
    """

    def __init__(self, folder: Path | None, number: int) -> None:
        self.path = None if folder is None else marker_path(folder, number)
        self._handle = -1

    def __enter__(self) -> Marker:
        if self.path is not None:
            with suppress(OSError):
                self.path.parent.mkdir(exist_ok=True)
                self.path.unlink(missing_ok=True)
                self._handle = os.open(self.path, CREATE, 0o666)
        return self

    def __exit__(self, *unused: object) -> None:
        with suppress(OSError):
            os.close(self._handle)
        if self.path is not None:
            with suppress(OSError):
                self.path.unlink()

    def at(self, done: int, run: str, share: float) -> None:
        """Say that ``done`` runs of the part are settled and of ``run`` this share of quarters."""
        with suppress(OSError):
            os.lseek(self._handle, 0, os.SEEK_SET)
            os.write(self._handle, f"{done:08d} {share:.4f} {run}\n".encode("ascii"))


def marker_path(folder: Path, number: int) -> Path:
    """Return where the worker of a part says what it is at."""
    return folder / WORK / f"part-{number}"


@dataclass(frozen=True)
class Mark:
    """Where a worker is: runs settled, the run at work and the share of it that is done."""

    done: int = 0
    run: str = ""
    share: float = 0.0


def read_marker(folder: Path, number: int) -> Mark:
    """Return what the worker of a part says; nothing done where it says nothing."""
    try:
        text = read_bytes(marker_path(folder, number), _BYTES).decode("ascii")
        done, share, run = text.split()
        return Mark(int(done), run, float(share))
    except (ResultsError, ValueError):
        return Mark()


# -- where what is done of unfinished parts is kept, in two slots by turns -------------------------

KEPT = ".ydsim-kept"
"""Folder of what is done of unfinished parts."""

SLOTS = ("a", "b")


def kept_path(folder: Path, number: int) -> Path:
    """Return where what is done of an unfinished part is kept; a link is refused."""
    kept = folder / KEPT / f"part-{number:06d}"
    refuse_link(kept.parent)
    refuse_link(kept)
    return kept


def kept_slots(folder: Path, number: int) -> list[Store]:
    """Return the two places where an unfinished part is kept by turns; links are refused."""
    places = [kept_path(folder, number) / slot for slot in SLOTS]
    for place in places:
        refuse_link(place)
    return [Store(place) for place in places]


def latest(folder: Path, number: int, identity: Identity) -> tuple[Store, dict[str, Any]] | None:
    """Return the store with the most finished runs of a part, and its receipt."""
    found = [
        (store, receipt)
        for store in (Store(folder), *kept_slots(folder, number))
        if (receipt := store.finished(number, identity)) is not None
    ]
    return max(found, key=lambda each: each[1]["done"]) if found else None


# -- the store of a call without a folder ----------------------------------------------------------


class MemoryStore:
    """Writes and reads as `Store` does and keeps nothing but ``official``, the official figures."""

    folder: Final = None

    def __init__(self, official: Columns | None = None) -> None:
        self._official = official or {}

    def write_part(
        self, number: int, tables: Mapping[str, Table], content: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Return the receipt of a part with its tables."""
        files = {part_path(table, number): "" for table in sorted(tables)}
        for table in tables.values():
            for column in table.values() if isinstance(table, dict) else ():
                column.setflags(write=False)
        return {**content, "files": files, "tables": dict(tables)}

    def read_table(self, receipts: Receipts, table: str, check: RowCheck | None = None) -> Columns:
        """Return the rows of a table over all parts that have any, in their order, unchecked."""
        return concatenate([columns for _, columns in self.read_parts(receipts, table)])

    def read_parts(
        self, receipts: Receipts, table: str, names: Sequence[str] | None = None
    ) -> Iterator[tuple[int, Table]]:
        """Yield number and rows of a table of each part that has any, in their order, unchecked."""
        for number, receipt in receipts.items():
            if not receipt["files"]:
                continue
            if table not in receipt["tables"]:
                message = _t("part {number} has no table {table}")
                raise ResultsError(message.format(number=number, table=table))
            yield number, receipt["tables"][table]

    def read_fixed(self, manifest: Mapping[str, Any], path: str) -> Columns:
        """Return the official figures, the one table that does not depend on runs."""
        return {name: column.copy() for name, column in self._official.items()}
