r"""Tables for other programs: CSV and Excel that are safe in a spreadsheet, and JSON.

Equal tables give equal bytes: ``\n`` line ends, the shortest digits that name each number, of which
stored numbers have 10 at most, and no time of writing.
"""

from __future__ import annotations

import io
import json
import math
import re
import zipfile
from collections.abc import Mapping
from datetime import datetime
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final

from ydsim.errors import UsageError
from ydsim.translation import gettext as _t
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


def to_csv(columns: Columns) -> str:
    """Return ``columns`` as CSV with a header.

    A text cell that a spreadsheet would take for a formula gets a leading apostrophe; NaN is an
    empty cell; booleans are ``true`` and ``false``.
    """
    import pandas as pd

    say: dict[str, Any] = {"O": guard, "b": lambda yes: str(yes).lower()}
    cells = {
        guard(name): pd.Series(map(say[c.dtype.kind], c.tolist()), dtype=object)
        if c.dtype.kind in say
        else c
        for name, c in columns.items()
    }
    return str(pd.DataFrame(cells).to_csv(index=False, lineterminator="\n"))


def to_json(columns: Columns) -> str:
    """Return ``columns`` as a JSON array with one object, and one line, for each row.

    NaN and infinity are ``null``.
    """
    rows = [json.dumps(row, ensure_ascii=False, allow_nan=False) for row in records(columns)]
    return "[\n" + ",\n".join(rows) + "\n]\n" if rows else "[]\n"


def records(columns: Mapping[Any, Any] | pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a table as plain data, None in the place of what is no number."""
    plain = [
        [None if isinstance(v, float) and not math.isfinite(v) else v for v in column.tolist()]
        for _, column in columns.items()
    ]
    return [dict(zip(map(str, columns), row, strict=True)) for row in zip(*plain, strict=True)]


def require_excel() -> None:
    """Refuse to go on without the package that writes Excel files.

    The message of its UsageError says how to get it.
    """
    if find_spec("openpyxl") is None:
        message = _t("an Excel file needs openpyxl, which is not installed: {command}")
        raise UsageError(message.format(command="pip install 'ydsim[excel]'"))


def to_excel(columns: Columns, name: str) -> bytes:
    """Return ``columns`` as an Excel file (xlsx) with one sheet, called as the table.

    Texts are written as text and guarded as in CSV, so that none is ever a formula; characters that
    XML cannot hold are written out. NaN and infinity are empty cells. Whole numbers of more digits
    than Excel keeps are text.

    UsageError when openpyxl is not installed, or Excel cannot hold so many rows or columns or so
    long a text; names the formats that can.
    """
    require_excel()
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.writer.excel import ExcelWriter

    texts = (text for c in columns.values() if c.dtype.kind == "O" for text in c.tolist())
    message = _t(
        "table {name} has {n:,} {what}, and Excel takes {most:,}; write it as CSV or Parquet"
    )
    for n, most, what in (
        (max(map(len, columns.values()), default=0), EXCEL_ROWS - 1, _t("rows")),
        (len(columns), EXCEL_COLUMNS, _t("columns")),
        (max(map(len, texts), default=0), EXCEL_TEXT - 1, _t("characters in a cell")),
    ):
        if n > most:
            raise UsageError(message.format(name=name, n=n, what=what, most=most))
    book = Workbook(write_only=True)
    sheet = book.create_sheet(name[:31])

    def cell(value: Any) -> Any:
        if isinstance(value, float):
            return value if math.isfinite(value) else None
        if isinstance(value, int) and abs(value) >= _EXACT:
            return str(value)
        if not isinstance(value, str):
            return value
        text = _NOT_IN_XML.sub(lambda found: ascii(found[0])[1:-1], guard(value))
        found = WriteOnlyCell(sheet, text[:EXCEL_TEXT])
        found.data_type = "s"  # whatever it looks like
        return found

    for row in ([*columns], *zip(*(column.tolist() for column in columns.values()), strict=True)):
        sheet.append([cell(value) for value in row])
    book.properties.created = book.properties.modified = datetime(2000, 1, 1)
    made, undated = io.BytesIO(), io.BytesIO()
    ExcelWriter(book, zipfile.ZipFile(made, "w")).save()
    with zipfile.ZipFile(undated, "w", zipfile.ZIP_DEFLATED) as archive:
        for member in zipfile.ZipFile(made).namelist():
            archive.writestr(zipfile.ZipInfo(member), zipfile.ZipFile(made).read(member), 8)
    return undated.getvalue()


def guard(text: str) -> str:
    """Return ``text`` with a leading apostrophe when a spreadsheet would run it as a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text
