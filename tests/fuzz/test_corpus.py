"""What was once found beside `scenario/test_faults.py`: bad files, their exit codes and lines."""

import os
import shutil
import socket
from pathlib import Path
from typing import Any

import pytest

import ydsim
from tests.support.refusals import check, limited
from ydsim.errors import InputError, YdsimError

CORPUS = Path(__file__).parent / "corpus"
SAID = {
    "byte_order_mark": (3, ":1:7: seed: expected a whole number, found text 'x'"),
    "deep_mappings": (3, ":1:200: nested deeper than 50 levels"),
    "extends_300_letters": (4, ":1:10: extends: no scenario is called 'xxx"),
    "extends_300_letters_path": (4, ": cannot be read: file name too long"),
    "extends_device": (4, ":1:10: extends: /dev/zero: is not a regular file"),
    "extends_newline": (4, r":1:10: extends: no scenario is called 'a\nb'"),
    "extends_nul": (3, ":1:10: character U+0000 (control character) is not allowed"),
    "extends_raw_nul": (3, ":1:11: character U+0000 (control character) is not allowed"),
    "extends_stdin": (4, ":1:10: extends: /dev/tty: is not a regular file"),
    "policy_name": (3, r":2:3: policies.a\nb: names of policies are letters"),
    "surrogate": (3, ":1:14: character U+D800"),
    "sweep_base_300_letters": (4, ":1:7: base: no scenario is called 'xxx"),
    "sweep_base_device": (4, ":1:7: base: /dev/zero: is not a regular file"),
    "sweep_huge_grid": (3, "intensity.steps: must be between 2 and 100000, found 999999999999"),
    "sweep_huge_sobol": (3, "design.n: must be between 2 and 1048576, found 1099511627776"),
    "sweep_points_300_letters": (4, ": cannot be read: file name too long"),
    "sweep_points_device": (4, ":2:28: design.file: device.parquet: no such file"),
    "sweep_points_many_columns": (4, "many_columns.csv:1: has more than 1,000,000 rows or 1,000 c"),
    "sweep_points_no_parquet": (4, ":2:28: design.file: no.parquet: is not a Parquet file"),
    "sweep_points_nul": (3, ":2:28: character U+0000"),
    "utf16": (3, ":1:7: seed: expected a whole number, found text 'x'"),
    "utf16_without_mark": (3, ":1:2: character U+0000 (control character) is not allowed"),
    "world_300_letters": (4, ":2: world: world 'xxx"),
    "world_device": (4, ":2: world: world '/dev/zero' is a file"),
    "world_empty": (4, ":2: world: world '' is neither a packaged world"),
    "world_newline": (4, r":2: world: world 'a\nb' is neither a packaged world"),
}


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    for file in CORPUS.iterdir():
        shutil.copy(file, tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_every_file_has_its_line():
    assert {path.stem for path in CORPUS.glob("*.yaml")} == set(SAID)


@pytest.mark.slow
@pytest.mark.parametrize("name", SAID)
def test_past_findings(name, capsys):
    code, said = SAID[name]
    with limited(name):
        found, lines = check(f"{name}.yaml", capsys, name)
    assert found == code
    assert said in lines[0]
    assert name in lines[0] or name == "sweep_points_many_columns"
    assert len(lines) == 1 or name == "utf16_without_mark"
    call: Any = ydsim.sweep if name.startswith("sweep") else ydsim.simulate
    with pytest.raises(YdsimError) as caught:
        call(f"{name}.yaml", out="out")
    assert not isinstance(caught.value, OSError)
    assert str(caught.value).splitlines()[0].isprintable()
    assert not Path("out").exists()


def _fifo(path: Path) -> None:
    os.mkfifo(path)


def _socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(path.name)


def _device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def _folder(path: Path) -> None:
    path.mkdir()


PLACES = {
    "x.yaml": "x.yaml",
    "extended.yaml": "extends: extended.yaml\n",
    "base.yaml": "base: base.yaml\ndesign: {kind: grid, factors: {end: [2011, 2012]}}\n",
    "p.csv": "base: ten_firms\ndesign: {kind: list, file: p.csv}\n",
    "p.parquet": "base: ten_firms\ndesign: {kind: list, file: p.parquet}\n",
    "payoffs.csv": "extends: ten_firms\n"
    "governance: {mode: tournament, beliefs: table, table: payoffs.csv}\n",
    "w/cities.csv": "extends: ten_firms\nworld: ./w\n",
}


@pytest.mark.timeout(60)
@pytest.mark.parametrize("make", [_fifo, _socket, _device, _folder])
@pytest.mark.parametrize("place", PLACES)
def test_only_regular_files_are_read(place, make, capsys, monkeypatch):
    Path("w").mkdir()
    if place != "x.yaml":
        Path("x.yaml").write_text(PLACES[place], encoding="utf-8")
    file = Path(place).absolute()
    with monkeypatch.context() as there:
        there.chdir(file.parent)
        make(file)
    code, lines = check("x.yaml", capsys, place)
    expected = "is a folder, not a " if make is _folder else "is not a regular file"
    assert code in (3, 4)
    assert any(file.name in line and expected in line for line in lines), lines


def test_a_file_that_turns_into_a_pipe(monkeypatch):
    """Between the look at it and the opening."""
    Path("real.yaml").write_text("seed: 1\n", encoding="utf-8")
    os.mkfifo("pipe.yaml")
    real, asked = os.stat, []

    def stat(path: Any, *args: Any, **options: Any) -> os.stat_result:
        asked.append(path)
        return real("real.yaml" if str(path) == "pipe.yaml" else path, *args, **options)

    monkeypatch.setattr(os, "stat", stat)
    with pytest.raises(InputError, match=r"pipe.yaml: is not a regular file"):
        ydsim.load_scenario("pipe.yaml")
    assert asked


def test_a_parquet_file_of_many_rows_is_not_decoded(capsys, monkeypatch):
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq

    equal = pa.array(np.full(1_000_001, 2012, dtype=np.int16))
    pq.write_table(pa.table({"end": equal}), "p.parquet")
    assert Path("p.parquet").stat().st_size < 10_000
    Path("x.yaml").write_text(PLACES["p.parquet"], encoding="utf-8")
    monkeypatch.setattr(pq, "read_table", lambda *_, **__: pytest.fail("decoded"))
    code, (line,) = check("x.yaml", capsys, "rows")
    assert (code, line) == (
        4,
        "x.yaml:2:28: design.file: p.parquet: has more than 1,000,000 rows or 1,000 columns, which "
        "no table of points has",
    )


def test_one_long_text_in_every_row_is_not_written_out(capsys):
    import pyarrow as pa
    import pyarrow.parquet as pq

    texts = pa.DictionaryArray.from_arrays(pa.array([0] * 5000, pa.int32()), ["x" * 100_000])
    pq.write_table(pa.table({"description": texts}), "p.parquet")
    Path("x.yaml").write_text(PLACES["p.parquet"], encoding="utf-8")
    code, (line,) = check("x.yaml", capsys, "texts")
    assert (code, line) == (
        4, "x.yaml:2:28: design.file: p.parquet: has a text longer than 10,000 bytes"
    )  # fmt: skip
