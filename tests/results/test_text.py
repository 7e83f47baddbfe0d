import csv
import io
import json

import numpy as np
import pytest

from ydsim.results.text import guard, to_csv, to_json
from ydsim.store.columns import normalise

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
