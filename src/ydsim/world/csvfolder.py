"""A folder of CSV files, read once: typed cells, every fault collected with file, line and column.

Nothing here knows what a world is. Faults never stop the reading, so that a user sees all of them
at once; `Folder.raise_faults` ends it. Numbers are plain ASCII decimals: ``1,000``, ``1_000``,
full-width digits, ``nan`` and ``inf`` are refused.
"""

from __future__ import annotations

import csv
import hashlib
import io
import math
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from ydsim.errors import InputError
from ydsim.outside import OutsideFileError, one_line, read_bytes
from ydsim.wording import hidden_in, suggestion

_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_NOT_FINITE = {"nan", "inf", "+inf", "-inf", "infinity", "-infinity"}
LARGEST = 1e15
"""What no figure of a region exceeds; sums of larger ones would."""

_MAX_BYTES = 50_000_000
_MAX_FAULTS = 20
_MAX_ROWS = 500_000


class Row:
    """One record of a sheet: its line in the file and its cells by column."""

    __slots__ = ("_cells", "_sheet", "line")

    def __init__(self, sheet: Sheet, line: int, cells: list[str]) -> None:
        self._sheet = sheet
        self._cells = cells
        self.line = line

    @property
    def cells(self) -> dict[str, str]:
        """The cells by column, as they are."""
        return dict(zip(self._sheet.columns, self._cells, strict=True))

    def fault(self, column: str, message: str) -> None:
        """Note that the cell in ``column`` is wrong."""
        self._sheet.broken = True
        self._sheet.folder.fault(self._sheet.name, message, line=self.line, column=column)

    def optional(self, column: str) -> str:
        """Return the text of a cell without outer blanks; empty where there is none."""
        at = self._sheet.place.get(column)
        return "" if at is None else self._cells[at].strip()

    def text(self, column: str) -> str:
        """Return the text of a cell that must not be empty."""
        value = self.optional(column)
        if not value:
            self.fault(column, "is empty")
        return value

    def number(
        self,
        column: str,
        *,
        low: float = 0.0,
        high: float = LARGEST,
        above: float = -math.inf,
        gap: bool = False,
    ) -> float:
        """Return the number in a cell, in [low, high] and above ``above``, NaN after a fault.

        With ``gap`` an empty cell is allowed and gives NaN.
        """
        value = self.optional(column)
        if _NUMBER.fullmatch(value):
            return self._bounded(column, value, low, high, above)
        if not value and gap:
            return math.nan
        if not value:
            self.fault(column, "is empty")
        elif value.casefold() in _NOT_FINITE:
            self.fault(column, f"'{value}' is not a finite number")
        else:
            self.fault(column, f"'{value}' is not a number (write 1234.5)")
        return math.nan

    def _bounded(self, column: str, text: str, low: float, high: float, above: float) -> float:
        number = float(text)
        if math.isinf(number):
            self.fault(column, f"'{text}' is not a finite number")
        elif number < 0.0 <= low:
            self.fault(column, f"{text} is negative")
        elif number <= above:
            self.fault(column, f"{text} must be above {above:g}")
        elif not low <= number <= high:
            limit = f"at least {low:g}" if number < low else f"at most {high:g}"
            self.fault(column, f"{text} must be {limit}")
        else:
            return number
        return math.nan

    def integer(self, column: str, *, low: float = 0, high: float = math.inf) -> int:
        """Return a whole number in [low, high], -1 after a fault."""
        number = self.number(column, low=low, high=high)
        if math.isnan(number):
            return -1
        if number != math.floor(number):
            self.fault(column, f"'{self.optional(column)}' is not a whole number")
            return -1
        return int(number)

    def year(self, column: str = "year") -> int:
        """Return a year in 1900-2200, -1 after a fault."""
        return self.integer(column, low=1900, high=2200)

    def one_of(self, column: str, options: dict[str, int], what: str, file: str = "") -> int:
        """Return the index of a name that must be known, -1 after a fault.

        No second fault is noted when ``file``, which lists the names, lost rows itself.
        """
        value = self.text(column)
        index = options.get(value, -1)
        if value and index < 0 and file not in (folder := self._sheet.folder).incomplete:
            near = suggestion(value, options) if folder.shows(self._sheet.name) else ""
            self.fault(column, f"'{value}' is no {what}{near}")
        return index


class Sheet:
    """The rows of one file; ``place`` is the number of each of its columns.

    Once something in it was faulty it is ``broken``: checks for completeness are then left out.
    """

    def __init__(self, folder: Folder, name: str) -> None:
        self.folder = folder
        self.name = name
        self.columns: tuple[str, ...] = ()
        self.place: dict[str, int] = {}
        self.broken = False
        self._rows: list[Row] = []

    def __iter__(self) -> Iterator[Row]:
        return iter(self._rows)

    def fault(self, message: str) -> None:
        """Note a fault of the file as a whole."""
        self.broken = True
        self.folder.fault(self.name, message)

    def lose(self, message: str, line: int | None = None) -> None:
        """Note a fault that costs rows: other files may then name what seems unknown."""
        self.broken = True
        self.folder.incomplete.add(self.name)
        self.folder.fault(self.name, message, line=line)

    def parse(self, content: str, required: tuple[str, ...]) -> None:
        """Fill the sheet from the text of the file and check its shape."""
        reader = csv.reader(io.StringIO(content, newline=""), strict=True)
        start = 0
        try:
            for cells in reader:
                line, start = start + 1, reader.line_num
                if not cells or cells == [""]:
                    continue
                if not self.columns:
                    self.columns = tuple(cell.strip() for cell in cells)
                    self.place = {name: at for at, name in enumerate(self.columns)}
                    self._check_header(required)
                elif len(cells) != len(self.columns):
                    short = " (the row is cut short)" if len(cells) < len(self.columns) else ""
                    number = f"{len(cells)} cells where the header has {len(self.columns)}"
                    self.lose(number + short, line)
                elif len(self._rows) == _MAX_ROWS:
                    self.lose(f"has more than {_MAX_ROWS:,} rows, which no file of a world has")
                    self._rows = []
                    break
                else:
                    self._rows.append(Row(self, line, cells))
        except csv.Error as error:
            self.lose(f"is not valid CSV: {error}", reader.line_num)
        if not self.columns:
            self.lose("is empty")
        elif not self._rows and not self.broken:
            self.lose("has a header but no rows")
        if len(set(self.columns)) < len(self.columns) or not set(required) <= set(self.columns):
            self._rows = []

    def _check_header(self, required: tuple[str, ...]) -> None:
        for sign, said in {";": "semicolons", "\t": "tabs"}.items():
            if len(self.columns) == 1 and sign in self.columns[0]:
                self.lose(
                    f"has {said} between its cells; save it with commas and decimal points", 1
                )
                return
        for column in dict.fromkeys(self.columns):
            if self.columns.count(column) > 1:
                self.lose(f"column '{column}' appears twice", 1)
        spare = [column for column in self.columns if column not in required]
        for column in required:
            if column not in self.columns:
                self.lose(f"column '{column}' is missing{suggestion(column, spare)}", 1)


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
        said = f"{place}: {column}: {message}" if column else f"{place}: {message}"
        self._faults.setdefault(name, []).append(said)

    def shows(self, name: str) -> bool:
        """Tell whether one more fault of a file is shown, not only counted."""
        return len(self._faults.get(name, ())) < _MAX_FAULTS

    def raise_faults(self) -> None:
        """Raise `InputError` with all faults, at most 20 a file, if there is any."""
        lines: list[str] = []
        for name, faults in self._faults.items():
            lines += faults
            if more := self._unsaid[name]:
                lines.append(f"{one_line(str(self.root / name))}: ... and {more} more")
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

    def supply(self, name: str, content: str, said: str) -> None:
        """Let ``content`` be read where a file is missing; ``said`` is what it is, in words."""
        self.supplied[name] = content
        self.stood_in[name] = said

    def supply_more(self, name: str, content: str, said: str) -> None:
        """Let ``content``, rows without a header, be read behind those of a file."""
        self._more[name] = content
        self.stood_in[name] = said

    def peek(self, name: str) -> list[dict[str, str]]:
        """Return the rows of a file as they are, none where it cannot be read; notes no fault."""
        silent = Folder(self.root)
        sheet = silent.read(name)
        return [] if silent.incomplete else [row.cells for row in sheet]

    def read(self, name: str, *required: str, optional: bool = False) -> Sheet:
        """Return a file as a sheet that has the ``required`` columns.

        A file that is missing, unreadable or shapeless gives a sheet without rows, and a fault
        unless it is ``optional`` and missing.
        """
        sheet = Sheet(self, name)
        content = self._content(sheet, optional)
        if content is not None:
            sheet.parse(content, required)
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
            self.fault(name, f"is not UTF-8 (at byte {error.start})")
        return None

    def _content(self, sheet: Sheet, optional: bool) -> str | None:
        try:
            raw = read_bytes(self.root / sheet.name, _MAX_BYTES, "CSV")
        except FileNotFoundError:
            if sheet.name in self.supplied:
                return self._decoded(sheet, self.supplied[sheet.name].encode("utf-8"))
            if not optional:
                sheet.lose(f"is missing{self._near_file(sheet.name)}")
            return None
        except OutsideFileError as error:
            sheet.lose(str(error))
            return None
        return self._decoded(sheet, raw)

    def _near_file(self, name: str) -> str:
        return suggestion(name, sorted(p.name for p in self.root.iterdir() if p.suffix == ".csv"))

    def _decoded(self, sheet: Sheet, raw: bytes) -> str | None:
        if raw.startswith(b"PK\x03\x04"):
            sheet.lose("is an .xlsx or zip file, not CSV; save it as CSV in UTF-8")
            return None
        try:
            content = raw.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            sheet.lose(
                f"is not UTF-8 (byte 0x{raw[error.start]:02x} at offset {error.start}"
                f"{_encoding_hint(raw)}); save it as UTF-8"
            )
            return None
        content = content.replace("\r\n", "\n").replace("\r", "\n")
        if hidden := hidden_in(content):
            sheet.lose(f"character {hidden[1]} is not allowed; delete it", hidden[0])
            return None
        if sheet.name in self._more:
            content = content.rstrip("\n") + "\n" + self._more[sheet.name]
        self._bytes[sheet.name] = content.encode("utf-8")
        return content


def _encoding_hint(raw: bytes) -> str:
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return ", looks like UTF-16"
    try:
        raw.decode("gb18030")
    except UnicodeDecodeError:
        return ""
    return ", looks like GB18030"
