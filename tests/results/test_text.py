import csv
import io
import json
import zipfile

import numpy as np
import pytest

from ydsim.errors import UsageError
from ydsim.results import results as module
from ydsim.results.results import guard, to_csv, to_excel, to_json
from ydsim.store.tables import normalise

COLUMNS = normalise(
    {
        "name": np.array(["=1+1", 'a,"b"', "上海"]),
        "@value": np.array([-1 / 3, np.nan, 12345678901.0]),
        "key": np.array([2**64 - 1, 0, 1], dtype=np.uint64),
        "yes": np.array([True, False, True]),
    }
)


def test_csv():
    assert to_csv(COLUMNS) == (
        "name,'@value,key,yes\n"
        "'=1+1,-0.3333333333,18446744073709551615,true\n"
        '"a,""b""",,0,false\n'
        "上海,12345678900.0,1,true\n"
    )


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_text_that_a_spreadsheet_would_run_is_guarded(start):
    text = to_csv(normalise({"t": np.array([f"{start}cmd|' /C calc'!A0"])}))
    assert next(csv.reader(io.StringIO(text.split("\n", 1)[1], newline="")))[0][0] == "'"
    assert guard(f"a{start}") == f"a{start}"


def test_json():
    rows = json.loads(to_json(COLUMNS))
    assert rows[0] == {"name": "=1+1", "@value": -0.3333333333, "key": 2**64 - 1, "yes": True}
    assert rows[1]["@value"] is None
    assert to_json(COLUMNS).count("\n") == 5
    assert to_json({"a": np.zeros(0)}) == "[]\n"


def sheet(data):
    from openpyxl import load_workbook

    rows = load_workbook(io.BytesIO(data)).active.iter_rows()
    return [[(cell.value, cell.data_type) for cell in row] for row in rows]


def test_excel():
    cells = sheet(to_excel(COLUMNS, "runs"))
    assert [value for value, _ in cells[0]] == ["name", "'@value", "key", "yes"]
    assert cells[1] == [
        ("'=1+1", "s"), (-0.3333333333, "n"), ("18446744073709551615", "s"), (True, "b"),
    ]  # fmt: skip
    assert cells[2] == [('a,"b"', "s"), (None, "n"), (0, "n"), (False, "b")]
    assert cells[3][:2] == [("上海", "s"), (12345678900.0, "n")]


def test_equal_texts_stay_beside_other_cells_in_excel():
    column = np.array(["a", "#N/A", "a", "#N/A"], dtype=object)
    found = sheet(to_excel({"x": column, "k": np.arange(4), "y": column[::-1]}, "runs"))
    assert [[value for value, _ in row] for row in found[1:]] == [
        ["a", 0, "#N/A"], ["#N/A", 1, "a"], ["a", 2, "#N/A"], ["#N/A", 3, "a"],
    ]  # fmt: skip


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_text_is_a_formula_in_excel(start):
    column = np.array([f"{start}cmd|' /C calc'!A0", "#N/A", "#REF!", "TRUE", "1", "2020-01-01"])
    found = sheet(to_excel(normalise({start: column}), "runs"))
    assert {kind for row in found for _, kind in row} == {"s"}
    assert found[0][0][0] == f"'{start}".replace("\r", "\n")  # which XML does to a line end
    assert found[1][0][0][:2] == found[0][0][0]
    assert [row[0][0] for row in found[2:]] == column[1:].tolist()


def test_characters_that_xml_cannot_hold_are_written_out():
    column = np.array(["a\x1b[31m", "\ud800", "\uffff", "a\nb", " both "], dtype=object)
    found = sheet(to_excel({"t": column}, "runs"))
    written = [row[0][0] for row in found[1:]]
    assert written == ["a\\x1b[31m", "\\ud800", "\\uffff", "a\nb", " both "]


def test_equal_tables_are_equal_bytes_in_excel(monkeypatch):
    first = to_excel(COLUMNS, "runs")
    monkeypatch.setattr("time.time", lambda: 2e9)
    assert to_excel(COLUMNS, "runs") == first
    archive = zipfile.ZipFile(io.BytesIO(first))
    assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert b"2000-01-01T00:00:00" in archive.read("docProps/core.xml")


def test_what_excel_cannot_hold_is_refused(monkeypatch):
    with pytest.raises(UsageError, match=r"1,048,576 rows.* 1,048,575; .*CSV"):
        to_excel({"a": np.zeros(1_048_576)}, "series")
    with pytest.raises(UsageError, match="16,385 columns"):
        to_excel({str(k): np.zeros(1) for k in range(16_385)}, "series")
    with pytest.raises(UsageError, match=r"32,767 characters.*Parquet"):
        to_excel({"a": np.array(["x" * 32_767], dtype=object)}, "series")
    long = np.array(["\x00" + "x" * 32_760, "=" + "y" * 32_765], dtype=object)
    found = sheet(to_excel({"a": long}, "series"))
    assert [len(row[0][0]) for row in found[1:]] == [32_764, 32_767]
    monkeypatch.setattr(module, "EXCEL_ROWS", 4)
    assert len(sheet(to_excel(COLUMNS, "series"))) == 4
    monkeypatch.setattr(module, "EXCEL_ROWS", 3)
    with pytest.raises(UsageError):
        to_excel(COLUMNS, "series")
