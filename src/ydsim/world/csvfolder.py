"""A folder of CSV files, read once: typed columns, every fault with file, line and column.

``columns.csv`` has every column of every file, its unit, bounds and words. Its column ``cells``
says what the cells of a column hold: a text, a year, a number or a whole number, with a question
mark where they may be empty, then the bounds, as in ``number? >0..100``. Faults never stop the
reading, so that a user sees all of them at once; `Folder.raise_faults` ends it. Numbers are plain
ASCII decimals: ``1,000``, ``1_000``, full-width digits, ``nan`` and ``inf`` are refused.
"""

from __future__ import annotations

import csv
import hashlib
import io
import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ydsim.errors import InputError
from ydsim.packaged import rows_of
from ydsim.translation import gettext as _t
from ydsim.translation import mark
from ydsim.untrusted_input import OutsideFileError, one_line, read_bytes
from ydsim.wording import hidden_in, suggestion

LARGEST = 1e15
"""What no figure of a region exceeds; sums of larger ones would."""


class Cells(NamedTuple):
    """What the cells of a column hold."""

    kind: str = "text"  # text, number, whole or year
    low: float = 0.0
    high: float = LARGEST
    above_low: bool = False  # ``low`` itself is not allowed
    empty: bool = False  # a cell may be empty
    needed: bool = True  # the column may not be absent


YEAR = Cells("year", 1900.0, 2200.0)


class Names(NamedTuple):
    """Names of which a cell holds one."""

    what: str  # what they are, in messages
    known: Mapping[str, int]  # the number of each
    shown: tuple[str, ...]  # what they are called in messages
    file: str = ""  # which lists them
    kind: str = "name"

    @classmethod
    def of(
        cls, what: str, names: tuple[str, ...], file: str = "", shown: tuple[str, ...] = ()
    ) -> Names:
        """Return names in their order."""
        return cls(what, {name: k for k, name in enumerate(names)}, shown or names, file)


class File(NamedTuple):
    """One file: what it holds, what holds without it (empty: it is needed), rows of its columns."""

    holds: str
    without: str
    columns: list[dict[str, str]]


def _files() -> dict[str, File]:
    files: dict[str, File] = {}
    for row in rows_of("ydsim.world", "columns.csv"):
        if row["column"]:
            files[row["file"]].columns.append(row)
        else:
            files[row["file"]] = File(row["meaning"], row["without"], [])
    return files


def cells_of(row: Mapping[str, str]) -> Cells:
    """Return what the cells of a column hold, from its row of ``columns.csv``."""
    kind, _, bounds = row["cells"].partition(" ")
    low, _, high = bounds.partition("..")
    if kind == "year":
        return YEAR
    return Cells(
        kind.removesuffix("?"),
        float(low.removeprefix(">") or 0.0),
        float(high or LARGEST),
        above_low=low.startswith(">"),
        empty=kind.endswith("?"),
        needed=row["needed"] == "yes",
    )


FILES = _files()
OTHER_FILES = {
    "base_run.json": "constants fitted to the tables by `ydsim world fit`; not for editing, "
    "and not used once a table changes",
    "outline.geojson": "outlines of provinces, coast, rivers and lakes, for maps alone",
    "sources.csv": "where each figure is from; for people, not read by the model",
}


_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_NOT_FINITE = {"nan", "inf", "+inf", "-inf", "infinity", "-infinity"}
_MAX_BYTES = 50_000_000
_MAX_FAULTS = 20
_MAX_ROWS = 500_000
_ABSENT: Final[dict[str, tuple[Any, Any]]] = {
    "text": ("", np.object_),
    "number": (math.nan, np.float64),
}
"""What stands for a cell that is not there, and the type of its column; else -1."""

Form = Cells | Names


class Sheet:
    """The columns of one file, and the faults of its rows.

    A column of texts has them without outer blanks, of numbers NaN where there is none or a fault,
    of whole numbers and of names -1, of names else their number. An absent column that may be
    absent is empty. Rows of which a name or the year is wrong are left out. Once something was
    faulty the sheet is ``broken``: checks for completeness are then left out.
    """

    def __init__(self, folder: Folder, name: str) -> None:
        self.folder = folder
        self.name = name
        self.header: tuple[str, ...] = ()
        self.records: list[tuple[int, list[str]]] = []
        self.broken = False
        self._lines = np.empty(0, dtype=np.int64)
        self.forms: Mapping[str, Form] = {}
        self._values: dict[str, NDArray[Any]] = {}

    def __len__(self) -> int:
        return len(self._lines)

    def __getitem__(self, column: str) -> NDArray[Any]:
        return self._values[column]

    def fault(self, message: str, row: int | None = None, column: str | None = None) -> None:
        """Note that a row is wrong, or the file as a whole."""
        self._note(message, None if row is None else int(self._lines[row]), column)

    def _note(self, message: str, line: int | None, column: str | None) -> None:
        self.broken = True
        self.folder.fault(self.name, message, line=line, column=column)

    def lose(self, message: str, line: int | None = None) -> None:
        """Note a fault that costs rows: other files may then name what seems unknown."""
        self.folder.incomplete.add(self.name)
        self._note(message, line, None)

    def once(self, *key: str, message: str = mark("'{cell}' appears twice")) -> None:
        """Leave out rows whose key stands above, a fault.

        ``message`` takes the cells of the key in words, by column; ``cell`` is the last of them.
        """
        seen: set[tuple[Any, ...]] = set()
        kept = np.ones(len(self), dtype=np.bool_)
        for k, cells in enumerate(zip(*(self.words(name) for name in key), strict=True)):
            if cells in seen and "" not in cells:
                words = dict(zip(key, cells, strict=True))
                self.fault(_t(message).format(cell=cells[-1], **words), k, key[-1])
                kept[k] = False
            seen.add(cells)
        self.keep(kept)

    def words(self, column: str) -> list[Any]:
        """Return the cells of a column for messages, names in the place of their numbers."""
        form = self.forms[column]
        cells: list[Any] = self[column].tolist()
        if not isinstance(form, Names):
            return cells
        return [form.shown[cell] for cell in cells]

    def keep(self, kept: NDArray[Any]) -> None:
        """Leave out all rows but those of a mask, or put them into an order."""
        self._lines = self._lines[kept]
        self._values = {name: values[kept] for name, values in self._values.items()}

    def require(self, column: str) -> None:
        """Note a fault for each of the names of a column that has no row."""
        form = self.forms[column]
        assert isinstance(form, Names)
        there = set(self[column].tolist())
        missing = [name for name, number in form.known.items() if number not in there]
        for name in () if self.broken else missing:
            self.fault(_t("no row for {column} '{name}'").format(column=column, name=name))

    def read(self, forms: Mapping[str, Form]) -> None:
        """Fill the columns from the records, each as its form says."""
        self.forms = forms
        at = {name: self.header.index(name) for name in forms if name in self.header}
        rows = [
            {name: self._value(cells[k].strip(), forms[name], line, name) for name, k in at.items()}
            for line, cells in self.records
        ]
        self._lines = np.array([line for line, _ in self.records], dtype=np.int64)
        for name, form in forms.items():
            none, dtype = _ABSENT.get(form.kind, (-1, np.int64))
            self._values[name] = np.array([row.get(name, none) for row in rows], dtype=dtype)
        known = np.ones(len(rows), dtype=np.bool_)
        for name in at:
            if forms[name].kind in ("name", "year"):
                known &= self[name] >= 0
        self.broken |= not known.all()
        self.keep(known)

    def _value(self, text: str, form: Form, line: int, column: str) -> Any:
        if isinstance(form, Names):
            return self._one_of(text, form, line, column)
        if form.kind == "text":
            if not text and not form.empty:
                self._note(_t("is empty"), line, column)
            return text
        number = float(text) if _NUMBER.fullmatch(text) else math.nan
        wrong = "" if form.empty and not text else _wrong(text, number, form)
        if wrong:
            self._note(wrong, line, column)
        if form.kind == "number":
            return math.nan if wrong else number
        return -1 if wrong or not text else int(number)

    def _one_of(self, text: str, names: Names, line: int, column: str) -> int:
        """Return the number of a name; no second fault where the file of the names lost rows."""
        number = names.known.get(text, -1)
        if not text:
            self._note(_t("is empty"), line, column)
        elif number < 0 and names.file not in self.folder.incomplete:
            near = suggestion(text, names.known) if self.folder.shows(self.name) else ""
            message = _t("'{name}' is no {what}{hint}")
            message = message.format(name=text, what=_t(names.what), hint=near)
            self._note(message, line, column)
        return number

    def parse(self, content: str, needed: Sequence[str]) -> None:
        """Fill the records from the text of the file and check its shape."""
        reader = csv.reader(io.StringIO(content, newline=""), strict=True)
        start = 0
        try:
            for cells in reader:
                line, start = start + 1, reader.line_num
                if not cells or cells == [""]:
                    continue
                if not self.header:
                    self.header = tuple(cell.strip() for cell in cells)
                    self._check_header(needed)
                elif len(cells) != len(self.header):
                    short = _t(" (the row is cut short)") if len(cells) < len(self.header) else ""
                    message = _t("{n} cells where the header has {columns}{short}")
                    message = message.format(n=len(cells), columns=len(self.header), short=short)
                    self.lose(message, line)
                elif len(self.records) == _MAX_ROWS:
                    message = _t("has more than {n:,} rows, which no file of a world has")
                    self.lose(message.format(n=_MAX_ROWS))
                    self.records = []
                    break
                else:
                    self.records.append((line, cells))
        except csv.Error as error:
            self.lose(_t("is not valid CSV: {error}").format(error=error), reader.line_num)
        if not self.header:
            self.lose(_t("is empty"))
        elif not self.records and not self.broken:
            self.lose(_t("has a header but no rows"))
        if len(set(self.header)) < len(self.header) or not set(needed) <= set(self.header):
            self.records = []

    def _check_header(self, needed: Sequence[str]) -> None:
        for sign, message in _SIGNS.items():
            if len(self.header) == 1 and sign in self.header[0]:
                self.lose(_t(message), 1)
                return
        for column in dict.fromkeys(self.header):
            if self.header.count(column) > 1:
                self.lose(_t("column '{name}' appears twice").format(name=column), 1)
        spare = [column for column in self.header if column not in needed]
        for column in needed:
            if column not in self.header:
                message = _t("column '{name}' is missing{hint}")
                self.lose(message.format(name=column, hint=suggestion(column, spare)), 1)


_SIGNS = {
    ";": mark("has semicolons between its cells; save it with commas and decimal points"),
    "\t": mark("has tabs between its cells; save it with commas and decimal points"),
}


def _wrong(text: str, number: float, form: Cells) -> str:
    """Return what is wrong with a cell that should be a number, empty where nothing is."""
    if form.low < number <= form.high and form.kind == "number":
        return ""
    message = ""
    if not text:
        message = _t("is empty")
    elif text.casefold() in _NOT_FINITE or math.isinf(number):
        message = _t("'{text}' is not a finite number")
    elif math.isnan(number):
        message = _t("'{text}' is not a number (write 1234.5)")
    elif number < 0.0 <= form.low:
        message = _t("{text} is negative")
    elif form.above_low and number <= form.low:
        message = _t("{text} must be above {low:g}")
    elif number < form.low:
        message = _t("{text} must be at least {low:g}")
    elif number > form.high:
        message = _t("{text} must be at most {high:g}")
    elif form.kind != "number" and number != math.floor(number):
        message = _t("'{text}' is not a whole number")
    return message.format(text=text, low=form.low, high=form.high)


class Folder:
    """The files of one folder as they were read, and the faults found in them.

    ``incomplete`` are files of which rows were lost, ``stray`` those that have no name of their
    own, if somebody has looked. ``stood_in`` says what stands in for missing files, whose texts are
    ``supplied``, or for rows of files.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.incomplete: set[str] = set()
        self.stray: tuple[str, ...] = ()
        self.stood_in: dict[str, str] = {}
        self._faults: dict[str, list[str]] = {}
        self._unsaid: Counter[str] = Counter()
        self._bytes: dict[str, bytes] = {}
        self.supplied: dict[str, str] = {}
        self._more: dict[str, str] = {}

    def fault(
        self, name: str, message: str, *, line: int | None = None, column: str | None = None
    ) -> None:
        """Note one fault; it becomes one line ``folder/file:line: column: message``."""
        if not self.shows(name):
            self._unsaid[name] += 1
            return
        place = one_line(str(self.root / name)) + (f":{line}" if line else "")
        text = f"{place}: {column}: {message}" if column else f"{place}: {message}"
        self._faults.setdefault(name, []).append(text)

    def shows(self, name: str) -> bool:
        """Tell whether one more fault of a file is shown, not only counted."""
        return len(self._faults.get(name, ())) < _MAX_FAULTS

    def raise_faults(self) -> None:
        """Raise `InputError` with all faults, at most 20 a file, if there is any."""
        lines: list[str] = []
        for name, faults in self._faults.items():
            lines += faults
            if more := self._unsaid[name]:
                message = _t("{name}: ... and {n} more")
                lines.append(message.format(name=one_line(str(self.root / name)), n=more))
        if lines:
            raise InputError(*lines)

    def digest(self, *extra: object) -> str:
        """Return the SHA-256 of all files read, line ends normalised, and of ``extra``."""
        total = hashlib.sha256()
        for name in sorted(self._bytes):
            content = self._bytes[name]
            total.update(f"{name}\0{len(content)}\0".encode())
            total.update(content)
        total.update(repr(extra).encode())
        return total.hexdigest()

    @property
    def name(self) -> str:
        """Name of the folder, also where it was named as ``.``."""
        return self.root.name or self.root.absolute().name

    def has(self, name: str) -> bool:
        """Tell whether there is something of this name."""
        return (self.root / name).exists()

    def lacks(self, name: str) -> bool:
        """Tell whether a file is missing and no stray one seems to be it under another name."""
        if self.has(name):
            return False
        near = self._near_file(name)
        return not any(f"'{stray}'" in near for stray in self.stray)

    def supply(self, name: str, content: str, message: str) -> None:
        """Let ``content`` be read where a file is missing; ``said`` is what it is, in words."""
        self.supplied[name] = content
        self.stood_in[name] = message

    def supply_more(self, name: str, content: str, message: str) -> None:
        """Let ``content``, rows without a header, be read behind those of a file."""
        self._more[name] = content
        self.stood_in[name] = message

    def peek(self, name: str) -> tuple[tuple[str, ...], list[dict[str, str]]]:
        """Return header and rows of a file as they are; notes no fault.

        No rows where it cannot be read.
        """
        silent = Folder(self.root)
        sheet = silent._parsed(name, (), optional=False)
        records = [] if silent.incomplete else sheet.records
        return sheet.header, [dict(zip(sheet.header, cells, strict=True)) for _, cells in records]

    def read(
        self,
        name: str,
        forms: Mapping[str, Form] | None = None,
        *,
        each: Sequence[str] = (),
        optional: bool = False,
    ) -> Sheet:
        """Return a file as a sheet of its columns.

        ``forms`` adds to what is declared of them; a column as ``<field>`` is one for ``each``. A
        file that is missing, unreadable or shapeless gives a sheet without rows, and a fault unless
        it is ``optional`` and missing.
        """
        known: dict[str, Form] = {}
        for row in FILES[name].columns if name in FILES else ():
            begin, placeholder, _ = row["column"].partition("<")
            columns = [f"{begin}{one}" for one in each] if placeholder else [row["column"]]
            known |= dict.fromkeys(columns, cells_of(row))
        known |= forms or {}
        needed = [n for n, form in known.items() if isinstance(form, Names) or form.needed]
        sheet = self._parsed(name, needed, optional=optional)
        sheet.read(known)
        return sheet

    def _parsed(self, name: str, needed: Sequence[str], *, optional: bool) -> Sheet:
        sheet = Sheet(self, name)
        content = self._content(sheet, optional)
        if content is not None:
            sheet.parse(content, needed)
        return sheet

    def text(self, name: str, what: str) -> str | None:
        """Return the text of a file of another kind, None where it is not there or unreadable.

        The latter is a fault. ``what`` is its kind, in messages.
        """
        try:
            raw = read_bytes(self.root / name, _MAX_BYTES, what)
            return raw.decode("utf-8-sig").replace("\r\n", "\n")
        except FileNotFoundError:
            return None
        except OutsideFileError as error:
            self.fault(name, str(error))
        except UnicodeDecodeError as error:
            self.fault(name, _t("is not UTF-8 (at byte {byte})").format(byte=error.start))
        return None

    def _content(self, sheet: Sheet, optional: bool) -> str | None:
        try:
            raw = read_bytes(self.root / sheet.name, _MAX_BYTES, "CSV")
        except FileNotFoundError:
            if sheet.name in self.supplied:
                return self._decoded(sheet, self.supplied[sheet.name].encode("utf-8"))
            if not optional:
                sheet.lose(_t("is missing{hint}").format(hint=self._near_file(sheet.name)))
            return None
        except OutsideFileError as error:
            sheet.lose(str(error))
            return None
        return self._decoded(sheet, raw)

    def _near_file(self, name: str) -> str:
        return suggestion(name, sorted(p.name for p in self.root.iterdir() if p.suffix == ".csv"))

    def _decoded(self, sheet: Sheet, raw: bytes) -> str | None:
        if raw.startswith(b"PK\x03\x04"):
            sheet.lose(_t("is an .xlsx or zip file, not CSV; save it as CSV in UTF-8"))
            return None
        try:
            content = raw.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            message = _t("is not UTF-8 (byte 0x{byte:02x} at offset {at}{hint}); save it as UTF-8")
            facts = {"byte": raw[error.start], "at": error.start}
            sheet.lose(message.format(hint=_encoding_hint(raw), **facts))
            return None
        content = content.replace("\r\n", "\n").replace("\r", "\n")
        if hidden := hidden_in(content):
            message = _t("character {char} is not allowed; delete it")
            sheet.lose(message.format(char=hidden[1]), hidden[0])
            return None
        if sheet.name in self._more:
            content = content.rstrip("\n") + "\n" + self._more[sheet.name]
        self._bytes[sheet.name] = content.encode("utf-8")
        return content


def _encoding_hint(raw: bytes) -> str:
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _t(", looks like UTF-16")
    try:
        raw.decode("gb18030")
    except UnicodeDecodeError:
        return ""
    return _t(", looks like GB18030")
