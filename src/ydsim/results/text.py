r"""Tables for other programs: CSV and Excel that are safe in a spreadsheet, and JSON.

Equal tables give equal bytes: ``\n`` line ends, the shortest digits that name each number, of which
stored numbers have 10 at most, and no time of writing.
"""

from __future__ import annotations

import csv
import io
import json
import math
import re
import shutil
import zipfile
from collections.abc import Sequence
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from ydsim.errors import UsageError
from ydsim.typing import Columns

if TYPE_CHECKING:
    import pandas as pd

_FORMULA = ("=", "+", "-", "@", "\t", "\r")

EXCEL_ROWS: Final = 1_048_576
EXCEL_COLUMNS: Final = 16_384
EXCEL_TEXT: Final = 32_767
"""Most rows and columns of a sheet, and characters of a cell."""

_EXACT = 10**15
"""Excel keeps 15 digits of a number."""

_NOT_IN_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_WRITTEN = datetime(2000, 1, 1)


def to_csv(columns: Columns) -> str:
    """Return ``columns`` as CSV with a header.

    A text cell that a spreadsheet would take for a formula gets a leading apostrophe; NaN is an
    empty cell; booleans are ``true`` and ``false``.
    """
    sink = io.StringIO(newline="")
    writer = csv.writer(sink, lineterminator="\n")
    writer.writerow([guard(name) for name in columns])
    writer.writerows(zip(*(_cells(column) for column in columns.values()), strict=True))
    return sink.getvalue()


def to_json(columns: Columns) -> str:
    """Return ``columns`` as a JSON array with one object, and one line, for each row.

    NaN and infinity are ``null``.
    """
    names = list(columns)
    values = [_plain(column) for column in columns.values()]
    rows = [
        json.dumps(dict(zip(names, row, strict=True)), ensure_ascii=False, allow_nan=False)
        for row in zip(*values, strict=True)
    ]
    return "[\n" + ",\n".join(rows) + "\n]\n" if rows else "[]\n"


def require_excel() -> None:
    """Refuse to go on without the package that writes Excel files.

    Raises
    ------
    UsageError
        Says how to get it.
    """
    if find_spec("openpyxl") is None:
        raise UsageError(
            "an Excel file needs openpyxl, which is not installed: pip install 'ydsim[excel]'"
        )


def to_excel(columns: Columns, name: str) -> bytes:
    """Return ``columns`` as an Excel file (xlsx) with one sheet, called as the table.

    Texts are written as text and guarded as in CSV, so that none is ever a formula; characters that
    XML cannot hold are written out. NaN and infinity are empty cells. Whole numbers of more digits
    than Excel keeps are text.

    Raises
    ------
    UsageError
        When openpyxl is not installed, or Excel cannot hold so many rows or columns or so long a
        text; names the formats that can.
    """
    require_excel()
    from openpyxl import Workbook
    from openpyxl.writer.excel import ExcelWriter

    _require_room(columns, name)
    book = Workbook(write_only=True)
    sheet = book.create_sheet(name[:31])
    sheet.append(_excel_texts(sheet, list(columns)))
    for row in zip(*(_excel_cells(sheet, column) for column in columns.values()), strict=True):
        sheet.append(row)
    book.properties.created = book.properties.modified = _WRITTEN
    sink = io.BytesIO()
    ExcelWriter(book, _Undated(sink, "w", zipfile.ZIP_DEFLATED)).save()
    return sink.getvalue()


class _Undated(zipfile.ZipFile):
    """An archive whose members are all of the same time."""

    def writestr(
        self,
        zinfo_or_arcname: Any,
        data: Any,
        compress_type: int | None = None,
        compresslevel: int | None = None,
    ) -> None:
        super().writestr(zipfile.ZipInfo(zinfo_or_arcname), data, self.compression)

    def write(
        self,
        filename: Any,
        arcname: Any = None,
        compress_type: int | None = None,
        compresslevel: int | None = None,
    ) -> None:
        member = zipfile.ZipInfo(arcname)
        member.compress_type, member.file_size = self.compression, Path(filename).stat().st_size
        with open(filename, "rb") as source, self.open(member, "w") as sink:
            shutil.copyfileobj(source, sink)


def _require_room(columns: Columns, name: str) -> None:
    rows = max(map(len, columns.values()), default=0)
    longest = max(
        (len(text) for c in columns.values() if c.dtype.kind == "O" for text in set(c.tolist())),
        default=0,
    )
    for number, most, what in (
        (rows, EXCEL_ROWS - 1, "rows"),
        (len(columns), EXCEL_COLUMNS, "columns"),
        (longest, EXCEL_TEXT - 1, "characters in a cell"),
    ):
        if number > most:
            raise UsageError(
                f"table {name} has {number:,} {what}, and Excel takes {most:,}; write it as CSV or "
                "Parquet"
            )


def _excel_cells(sheet: Any, column: NDArray[np.generic]) -> list[Any]:
    values: list[Any] = column.tolist()
    kind = column.dtype.kind
    if kind == "O":
        return _excel_texts(sheet, values)
    if kind == "f":
        return [value if np.isfinite(value) else None for value in values]
    if kind in "iu":
        return [value if abs(value) < _EXACT else str(value) for value in values]
    return values


def _excel_texts(sheet: Any, texts: Sequence[str]) -> list[Any]:
    """Return cells that are text, whatever they look like."""
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.cell.cell import ERROR_CODES

    def as_text(error: str) -> Any:  # a cell for each place: the writer puts other values into it
        cell = WriteOnlyCell(sheet, error)
        cell.data_type = "s"
        return cell

    known = {
        text: _NOT_IN_XML.sub(lambda found: ascii(found[0])[1:-1], guard(text))[:EXCEL_TEXT]
        for text in dict.fromkeys(texts)
    }
    return [as_text(text) if text in ERROR_CODES else known[text] for text in texts]


def records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a table as plain data, None in the place of what is no number."""

    def plain(value: Any) -> Any:
        value = value.item() if hasattr(value, "item") else value
        return None if isinstance(value, float) and not math.isfinite(value) else value

    return [
        {str(key): plain(value) for key, value in row.items()}
        for row in table.astype(object).to_dict(orient="records")
    ]


def guard(text: str) -> str:
    """Return ``text`` with a leading apostrophe when a spreadsheet would run it as a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def _cells(column: NDArray[np.generic]) -> Sequence[str]:
    values = column.tolist()
    kind = column.dtype.kind
    if kind == "O":
        known = {text: guard(text) for text in dict.fromkeys(values)}
        return [known[text] for text in values]
    if kind == "f":
        return ["" if value != value else repr(value) for value in values]
    if kind == "b":
        return ["true" if value else "false" for value in values]
    return [str(value) for value in values]


def _plain(column: NDArray[np.generic]) -> list[Any]:
    values: list[Any] = column.tolist()
    if column.dtype.kind == "f":
        return [value if np.isfinite(value) else None for value in values]
    return values
